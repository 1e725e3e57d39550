"""What becomes of every attribute of oemof.solph: stated, ignored or refused.

The refusals and the checks of values are read from these tables, and the page
``docs/engine-attributes.md`` shows them, so that the three cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from .corrections import CORRECTIONS

Status: TypeAlias = Literal["stated", "differs", "ignored", "refused", "fails", "pyomo"]
MEANING: Mapping[Status, str] = {
    "stated": "as in `solph.Model`, by both backends",
    "differs": "stated, but not in every case as in `solph.Model`; the note says when",
    "ignored": "without effect in `solph.Model` of an energy system of one period, so here too",
    "refused": "the linopy backend refuses it by name; the pyomo backend states it",
    "fails": "refused by both backends; no solver of linear problems takes `solph.Model` with it",
    "pyomo": "works on the `solph.Model` in `Model(..., backend='pyomo').pyomo` only",
}
Reads: TypeAlias = Literal["number", "steps", "original steps", "points", "first"]
READS: Mapping[Reads, str] = {
    "number": "a number",
    "steps": "a number, or one for each time step",
    "original steps": "a number, or one for each time step, of aggregated time series for each "
    "original one",
    "points": "a number, or one for each time point, which are one more than time steps; of "
    "aggregated time series one for each original step",
    "first": "a number; of several the first, which is that of the only period",
}


@dataclass(frozen=True)
class Attribute:
    """What becomes of one attribute.

    Attributes
    ----------
    status
        One of :data:`MEANING`.
    note
        What there is to say beyond that.
    reads
        What values count, for attributes that are numbers; ``None`` for all others.
    held_as
        Name under which solph's object holds it, where that is not its own.
    """

    status: Status
    note: str = ""
    reads: Reads | None = None
    held_as: str | None = None


def _stated(note: str = "", reads: Reads | None = None, held_as: str | None = None) -> Attribute:
    return Attribute("stated", note, reads, held_as)


def _old(name: str) -> Attribute:
    return Attribute("stated", f"old name of `{name}`")


def _all(status: Status, *names: str, note: str = "") -> dict[str, Attribute]:
    return dict.fromkeys(names, Attribute(status, note))


PERIODS = "means something with several periods only"
NODE = {
    "label": _stated("two labels that read the same are refused"),
    "parent_node": Attribute("ignored", "a sub-node is stated like any other node"),
    "custom_properties": Attribute("ignored", "those of nodes"),
}
ENDS = {"inputs": _stated(), "outputs": _stated()}
BOTH_ENDS = "refused where an input and an output are of one bus, since solph ties one at most"
NOT_AGGREGATED = "refused with aggregated time series, where `solph.Model` fails as well"
OWN_PROPERTIES = Attribute("ignored", "but by `additional_investment_flow_limit`")

CLASSES: Mapping[str, Mapping[str, Attribute]] = {
    "EnergySystem": {
        "timeindex": _stated("dates, or ascending numbers"),
        "timeincrement": _stated(),
        "infer_last_interval": _stated(),
        "periods": Attribute("refused", "the pyomo backend names new capacities by period"),
        "tsa_parameters": _stated(
            "of one period; typical periods 0, 1, … in their order; solutions have no contents of "
            "storages, but `inter_storage_content`"
        ),
        "use_remaining_value": Attribute("ignored", PERIODS),
        "groupings": Attribute(
            "refused", "if one has a group of constraints of its own; others are ignored"
        ),
    },
    "Bus": {**NODE, **ENDS, "balanced": _stated("by its truth value")},
    "Flow": {
        "nominal_capacity": _stated("a number or an `Investment`", "number"),
        "nominal_value": _old("nominal_capacity"),
        "variable_costs": _stated("", "steps"),
        "minimum": Attribute(
            "differs",
            "refused with an `Investment` where it is zero in some steps, since solph then "
            "ignores it in all, and without capacity; below zero the flow may go backwards",
            "steps",
        ),
        "min": _old("minimum"),
        "maximum": Attribute(
            "differs",
            "refused without capacity where solph ignores it: a series that begins with 1",
            "steps",
        ),
        "max": _old("maximum"),
        "fix": _stated("", "steps"),
        "positive_gradient_limit": Attribute(
            "differs",
            "refused below zero and without a capacity that is a number, where `solph.Model` "
            "fails as well; by the correction `gradient` also of an `Investment`",
            "steps",
        ),
        "negative_gradient_limit": Attribute("differs", "like `positive_gradient_limit`", "steps"),
        "full_load_time_max": _stated("", "number"),
        "full_load_time_min": _stated("", "number"),
        "integer": _stated("by its truth value"),
        "bidirectional": _stated(
            "old way of a `minimum` of -1; refused with `fix` and `Investment`"
        ),
        "nonconvex": _stated("a `NonConvex`; needs a `nominal_capacity`"),
        "lifetime": Attribute("ignored", PERIODS),
        "age": Attribute("ignored", PERIODS),
        "fixed_costs": Attribute("ignored", PERIODS),
        "custom_attributes": _old("custom_properties"),
        "custom_properties": _stated(
            "those that are limited count, a number or one for each time step"
        ),
    },
    "Investment": {
        "maximum": _stated("", "first"),
        "minimum": _stated("", "first"),
        "ep_costs": _stated("", "first"),
        "existing": _stated("", "number"),
        "nonconvex": _stated("`True` or `False`, as solph demands"),
        "offset": _stated("", "first"),
        "overall_maximum": Attribute("ignored", PERIODS),
        "overall_minimum": Attribute("ignored", PERIODS),
        "lifetime": Attribute("ignored", PERIODS),
        "age": Attribute("ignored", PERIODS),
        "fixed_costs": Attribute("ignored", PERIODS),
        "custom_attributes": OWN_PROPERTIES,
        "custom_properties": OWN_PROPERTIES,
    },
    "NonConvex": {
        "initial_status": Attribute(
            "differs",
            "0 or 1; holds for the minimum time of its state, but not of a flow with an "
            "investment; `None` is refused where the first step is compared with it",
            "number",
        ),
        "minimum_uptime": _stated("whole numbers; no start that would last longer", "steps"),
        "minimum_downtime": _stated("whole numbers", "steps"),
        "maximum_startups": _stated("", "number"),
        "maximum_shutdowns": _stated("", "number"),
        "startup_costs": _stated("", "steps"),
        "shutdown_costs": _stated("", "steps"),
        "activity_costs": _stated("", "steps"),
        "inactivity_costs": _stated("", "steps"),
        **_all("ignored", "custom_attributes", "custom_properties"),
        **dict.fromkeys(
            ("negative_gradient_limit", "positive_gradient_limit"),
            Attribute(
                "fails",
                "a product of flow and status in `solph.Model`; those of the `Flow` are stated, "
                "and by the correction `gradient` these too",
                "steps",
            ),
        ),
    },
    "Source": {**NODE, "outputs": _stated()},
    "Sink": {**NODE, "inputs": _stated()},
    "Converter": {
        **NODE,
        **ENDS,
        "conversion_factors": _stated("each a number, or one for each time step"),
    },
    "Link": {
        **NODE,
        **ENDS,
        "conversion_factors": _stated(
            "each a number, or one for each time step; refused between nodes that the link does "
            "not connect, where `solph.Model` fails as well"
        ),
    },
    "GenericStorage": {
        **NODE,
        "inputs": Attribute("differs", "a storage without one is stated; `solph.Model` fails"),
        "outputs": Attribute("differs", "a storage without one is stated; `solph.Model` fails"),
        "nominal_capacity": _stated(
            "a number or an `Investment`; refused without, where `solph.Model` fails as well",
            *("number", "nominal_storage_capacity"),
        ),
        "nominal_storage_capacity": _old("nominal_capacity"),
        "initial_storage_level": Attribute(
            "differs",
            "refused with an `Investment` and aggregated time series, where solph leaves nothing "
            "to build",
            "number",
        ),
        "invest_relation_input_output": _stated("", "first"),
        "invest_relation_input_capacity": _stated("", "first"),
        "invest_relation_output_capacity": _stated("", "first"),
        "min_storage_level": Attribute(
            "differs",
            "refused with an `Investment` where those before the last point add up to nothing, "
            "since solph then ignores the last one too",
            "points",
        ),
        "max_storage_level": _stated("", "points"),
        "balanced": Attribute(
            "differs",
            "what is true but not `True`, such as 1 or `numpy.True_`, is refused, since solph "
            "takes it for `False`; without effect with an `Investment` and aggregated time "
            "series, as in solph",
        ),
        "loss_rate": _stated("", "original steps"),
        "fixed_losses_relative": _stated("", "steps"),
        "fixed_losses_absolute": _stated("", "steps"),
        "inflow_conversion_factor": _stated("", "steps"),
        "outflow_conversion_factor": _stated("zero is refused", "steps"),
        "constant_soc_until": _stated(
            f"needs `fraction_saturation_charging`; {NOT_AGGREGATED}", "number"
        ),
        "fraction_saturation_charging": _stated(
            "without effect where `constant_soc_until` is not given", "number"
        ),
        "fixed_costs": _stated("a constant; ignored with an `Investment`", "first"),
        "storage_costs": _stated(NOT_AGGREGATED, "steps"),
        "lifetime_inflow": Attribute("ignored", PERIODS),
        "lifetime_outflow": Attribute("ignored", PERIODS),
    },
    "OffsetConverter": {
        **NODE,
        "inputs": Attribute("differs", BOTH_ENDS),
        "outputs": Attribute("differs", BOTH_ENDS),
        "conversion_factors": _stated("each a number, or one for each time step"),
        "normed_offsets": _stated("each a number, or one for each time step"),
    },
    "GenericCHP": {
        **NODE,
        "fuel_input": Attribute(
            "differs",
            "one flow; refused with a custom property `H_L_FG_share_min`, which solph ignores "
            "unless it is also an attribute, as `custom_attributes` make it",
        ),
        "electrical_output": Attribute("differs", "one flow, not of the bus of `heat_output`"),
        "heat_output": Attribute("differs", "one flow"),
        "beta": _stated("", "steps"),
        "back_pressure": Attribute(
            "differs", "what is true but not `True` is refused, since solph takes it for `False`"
        ),
    },
    "ExtractionTurbineCHP": {
        **NODE,
        "inputs": _stated("one flow"),
        "outputs": Attribute("differs", "two flows; solph lets a third one be whatever it likes"),
        "conversion_factors": _stated("each a number, or one for each time step"),
        "conversion_factor_full_condensation": Attribute(
            "differs", "of one bus, whose output is the main one; solph ignores all others"
        ),
    },
    "GenericCAES": {
        **NODE,
        "electrical_input": Attribute("differs", "one flow, not of the bus of `fuel_input`"),
        "fuel_input": Attribute("differs", "one flow"),
        "electrical_output": Attribute("differs", "one flow"),
        "params": _stated("each a number; `tes_eta_temp` has no effect, as in `solph.Model`"),
    },
    "PiecewiseLinearConverter": {
        **_all(
            *("refused", "label", "inputs", "outputs", "parent_node", "conversion_function"),
            *("in_breakpoints", "custom_properties"),
        ),
        "pw_repn": Attribute("refused", "`SOS2` and `BIGM_SOS1` by both backends"),
    },
}
"""Parameters of every class of solph that a user constructs."""

FLOWS = "each by its ends, as nodes or labels"
EXPRESSION = "an expression such as `model.flow(a, b)[3]`"
FUNCTIONS: Mapping[str, Mapping[str, Attribute]] = {
    "generic_integral_limit": {
        "om": _stated("of one period"),
        "keyword": _stated("or as key of the argument `integral_limits` of `Model`"),
        "flows": _stated(f"{FLOWS}; of a dictionary the keys count"),
        "upper_limit": _stated(),
        "lower_limit": _stated(),
        "limit": _old("upper_limit"),
        "limit_name": _stated(),
    },
    "emission_limit": {
        **_all("stated", "om", "limit"),
        "flows": _stated(f"{FLOWS}; of a dictionary the keys count"),
    },
    "generic_periodical_integral_limit": _all(
        "pyomo", "om", "keyword", "flows", "limit", note=PERIODS
    ),
    "emission_limit_per_period": _all("pyomo", "om", "flows", "limit", note=PERIODS),
    "investment_limit": _all("stated", "model", "limit"),
    "investment_limit_per_period": _all("pyomo", "model", "limit", note=PERIODS),
    "additional_investment_flow_limit": {
        **_all("stated", "model", "limit"),
        "keyword": _stated("refused if a flow with `NonConvex` has it, where solph fails as well"),
    },
    "equate_flows": {
        **_all("stated", "model", "factor1", "name"),
        **_all("stated", "flows1", "flows2", note=FLOWS),
    },
    "equate_flows_by_keyword": {
        **_all("stated", "model", "factor1", "name"),
        **_all("differs", "keyword1", "keyword2", note="refused if no flow has it, not zero"),
    },
    "equate_variables": {
        **_all("stated", "model", "factor1"),
        **_all("stated", "var1", "var2", note=EXPRESSION),
        "name": Attribute("differs", "`equate_variables` by default"),
    },
    "shared_limit": {
        **_all("stated", "model", "limit_name", "components", "lower_limit", "upper_limit"),
        "quantity": _stated(
            "a method of `Model`, such as `model.content`, which is not there "
            "with aggregated time series"
        ),
        "weights": Attribute("differs", "refused if they are not as many as components"),
    },
    "limit_active_flow_count": {
        **_all("stated", "model", "constraint_name", "lower_limit", "upper_limit"),
        "flows": Attribute("differs", f"{FLOWS}; refused without `NonConvex`, not ignored"),
    },
    "limit_active_flow_count_by_keyword": _all(
        "stated", "model", "keyword", "lower_limit", "upper_limit"
    ),
    "storage_level_constraint": {
        "model": _stated(NOT_AGGREGATED),
        **_all("stated", "name", "storage_component", "multiplexer_bus"),
        **_all("stated", "input_levels", "output_levels"),
    },
}
"""Parameters of every function of ``solph.constraints``."""


def numbers(kind: str) -> dict[str, tuple[str, Reads]]:
    """By name, where a class holds each attribute that is a number, and what values count."""
    return {
        name: (attribute.held_as or name, attribute.reads)
        for name, attribute in CLASSES[kind].items()
        if attribute.reads is not None
    }


def is_refused(kind: str) -> bool:
    """Whether a class is refused whatever its attributes are."""
    return all(a.status in ("refused", "fails") for a in CLASSES[kind].values())


def tables_text() -> str:
    """All tables as text in Markdown, one for each class and function."""
    parts = ["| Status | Meaning |\n|---|---|"]
    parts[0] += "".join(f"\n| {status} | {MEANING[status]} |" for status in get_args(Status))
    rows = [f"| `{n}` | {solph} | {right} |" for n, (solph, right) in CORRECTIONS.items()]
    head = "| Correction | What the installed solph does | What is stated instead |\n|---|---|---|"
    parts.append("\n".join(["## Corrections\n", head, *rows]))
    for title, group in (("Classes", CLASSES), ("Functions of `solph.constraints`", FUNCTIONS)):
        parts.append(f"## {title}")
        for name, attributes in group.items():
            rows = [f"| `{n}` | {a.status} | {_told(a)} |" for n, a in attributes.items()]
            table = "\n".join(["| Attribute | Status | Note |", "|---|---|---|", *rows])
            parts.append(f"### {name}\n\n{table}")
    return "\n\n".join(parts) + "\n"


def _told(attribute: Attribute) -> str:
    read = READS[attribute.reads] if attribute.reads else ""
    if attribute.reads == "number":
        read = ""
    return "; ".join(text for text in (read, attribute.note) if text)
