"""A scenario: one short YAML file that names its park and says how it is planned."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, create_model, field_validator

from meishan_model.errors import Fault, InputError
from meishan_model.plugins import Plugin, plugins
from meishan_model.sheets.files import read_yaml, row_of, validate
from meishan_model.sheets.kinds import Kinds
from meishan_model.sheets.rows import Frozen, not_before

logger = logging.getLogger(__name__)
Matching = Literal["hourly", "hourly_settled", "monthly", "yearly"]
MATCHINGS: tuple[Matching, ...] = ("yearly", "monthly", "hourly_settled", "hourly")
"""From the loosest to the strictest."""
Account = Literal["ledger", "published"]
"""Whose account of the baseline year gives E_0, the start of the caps."""
Side = Literal["free", "as_usual"]
"""``free``: the optimum decides; ``as_usual``: as in the status quo, grown with the demand."""
_LEVER = "lever"
Lever = Annotated[bool, _LEVER]
"""Switches a lever of the plan on and off; studies ask what each is worth."""
Stem = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
TRAJECTORIES: Mapping[str, tuple[str, str]] = {
    "milestones": ("caps by milestones", "排放上限：里程碑年份"),
    "cumulative_budget": ("caps by a cumulative budget", "排放上限：累计预算"),
    "theta": ("caps by an exponent", "排放上限：指数路径"),
}
"""Keys that give the caps, with their titles in English and Chinese.

The first that is there counts: who says one gives up the base's other. What the caps of each are
says :func:`meishan_model.planning.trajectory.trajectory`.
"""


class Scenario(Frozen, strict=True):
    """What distinguishes one plan of a park from another.

    A file with ``base`` holds only what it changes; every other key is that of the base.
    """

    # Strict: a theta of "yes" is no number, and an offset_share of "no" is not zero.
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    """stem of the YAML file"""
    title: str = Field(min_length=1)
    """one line for people"""
    base: Stem | None = None
    """stem of another scenario whose keys this file overrides"""
    reference: Stem | None = "business_as_usual"
    """stem of the scenario that abatement is counted from; null: none"""
    park: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    """folder below configs/"""
    cost_sheet: str = Field(default="reference", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    """folder below configs/costs/"""
    first_year: int = Field(ge=2000, le=2100)
    """year of the status quo"""
    target_year: Annotated[int, not_before("first_year")] = Field(ge=2000, le=2100)
    """year of neutrality"""
    step: int = Field(default=5, ge=1, le=20, validate_default=True)
    """years between slices [a]"""
    stock_year: int | None = None
    """last year whose stock is given: slices up to it build nothing; null: the first year"""
    stock_case: Stem | None = None
    """which of the cases of existing_plants.csv stands; null: rows without a case alone"""
    neutrality: bool = True
    """false: no cap on emissions at all, business as usual"""
    baseline_account: Account = "ledger"
    """E_0: by the rules of the ledger, or as the park has published it"""
    theta: float = Field(default=1.0, gt=0, le=20)
    """exponent of the emission trajectory [-]; or give cumulative_budget"""
    cumulative_budget: float | None = Field(default=None, gt=0)
    """emissions from the first year to the target [tCO2]; fixes theta"""
    milestones: dict[int, Annotated[float, Field(ge=0, le=1)]] | None = Field(
        default=None,
        description="caps as shares of the baseline's emissions by year, {2030: 0.6, 2040: 0.2}; "
        "straight lines from 1 in the first year to 0 in the target year",
        min_length=1,
    )
    demand_side: Side = "free"
    """as_usual: no efficiency measures, every duty keeps its technology mix"""
    supply_side: Side = "free"
    """as_usual: no new local generation and storage"""
    instruments: tuple[str, ...]
    """kinds of contracts on offer"""
    industrial_restructuring: Lever = True
    """false: loads of loads_unrestructured.csv where it has any"""
    rural_pv: Lever = True
    """false: without the whole-county programme of rural PV"""
    export: Lever = True
    """false: no clean power to the city around the park"""
    offset_share: float | None = Field(default=0.1, ge=0, le=1)
    """unbundled certificates and credits at most, share of E_0 [-]; null: no limit"""
    location_factor: Stem | None = None
    """convention of the grid's factor for scope 2 by location; null: rows that name none"""
    market_factor: Stem | None = None
    """convention of the factor of what no contract covers, scope 2 by market"""
    matching: Matching = "hourly"
    """in what time green power must be generated for the power it covers"""
    weather_year: int | None = Field(default=None, ge=1, le=2100)
    """which weather_<n>.nc is used, a measured year or a seed; null: as park.yaml says"""
    grid_factor: Literal["flat", "hourly"] = "flat"
    """location-based scope 2: one factor, or by grid_factor_periods.csv"""
    sink_rate: Literal["central", "conservative"] = "central"
    """uptake of sinks: the rate, or the low end of its range"""
    backend: Literal["linopy", "pyomo"] = "linopy"
    """how the problem is stated; pyomo is the reference"""
    shadow_carbon: bool = True
    """whether the shadow carbon value steers the optimum"""
    commitment: Literal["none", "binary"] = "none"
    """binary: equipment with a minimum_load is on or off; none: that is ignored"""
    tie_break: bool = False
    """of capacities that cost the same, build the first by name: two solves"""

    @field_validator("step")
    @classmethod
    def _whole_steps(cls, step: int, info: ValidationInfo) -> int:
        years = info.data.get("target_year", 0) - info.data.get("first_year", 0)
        if {"first_year", "target_year"} <= info.data.keys() and years % step:
            raise ValueError(f"{years} years from first_year to target_year are no whole steps")
        return step

    @field_validator("stock_year")
    @classmethod
    def _stock_before_the_target(cls, given: int | None, info: ValidationInfo) -> int | None:
        first, target = (info.data.get(key) for key in ("first_year", "target_year"))
        if given is None or first is None or target is None:
            return given
        if not first <= given < target:
            raise ValueError(f"does not lie from {first} on and before {target}")
        return given

    @field_validator("cumulative_budget", "milestones")
    @classmethod
    def _needs_a_cap(cls, given: Any, info: ValidationInfo) -> Any:
        if given is not None and info.data.get("neutrality") is False:
            raise ValueError("is kept by nothing where neutrality is false")
        return given

    @field_validator("milestones")
    @classmethod
    def _milestones_fall(
        cls, given: dict[int, float] | None, info: ValidationInfo
    ) -> dict[int, float] | None:
        first, target = (info.data.get(key) for key in ("first_year", "target_year"))
        if given is None or first is None or target is None:
            return given
        found = dict(sorted(given.items()))
        if not all(first < year < target for year in found):
            raise ValueError(f"has years that do not lie between {first} and {target}")
        if [*found.values()] != sorted(found.values(), reverse=True):
            raise ValueError("rises from one year to a later one")
        return found

    @field_validator("instruments")
    @classmethod
    def _each_instrument_once(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(given)) < len(given):
            raise ValueError("names an instrument twice")
        return tuple(kind for kind in cls.model_fields["instruments"].default if kind in given)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it by its keys; its class is made of the plug-ins that there are."""
        return _restored, (type(self).model_fields["instruments"].default, dict(self))

    @property
    def observed_until(self) -> int:
        """Last year of operation: slices up to it have the stock they are given."""
        return self.first_year if self.stock_year is None else self.stock_year

    @property
    def asked_sheets(self) -> dict[str, str]:
        """Why the scenario needs a sheet that a park may do without, by stem."""
        asked = {}
        if self.neutrality and self.first_year < self.target_year:
            asked["baseline"] = f"the caps of {self.name} start from its emissions"
        if self.grid_factor == "hourly":
            asked["grid_factor_periods"] = f"{self.name} takes the factor of the grid by the hour"
        return asked


def plan_title(scenario: str, park: str, years: str) -> str:
    """Title of a plan; park and years are not said again where the scenario's title has them.

    The year of a slice is always said.

    >>> plan_title("Balanced", "Meishan", "2035"), plan_title("Works to 2040", "Works", "2040")
    ('Balanced: Meishan, 2035', 'Works to 2040: 2040')
    >>> plan_title("Works, 2025 to 2040", "Works", "2025 to 2040")
    'Works, 2025 to 2040'
    """
    further = [told for told in (park, years) if told not in scenario or told.isdecimal()]
    return f"{scenario}: {', '.join(further)}" if further else scenario


def scenario_model(kinds: Kinds) -> type[Scenario]:
    """The model of a scenario with the keys of all plug-ins and the instruments that there are."""
    return _model(kinds.plugins, kinds.instruments)


@cache
def _model(plugins: tuple[Plugin, ...], instruments: tuple[str, ...]) -> type[Scenario]:
    extended = [model for plugin in plugins if (model := plugin.scenario()) is not None]
    offered = Field(
        default=instruments,
        description=f"kinds of contracts on offer, out of {', '.join(instruments)}",
        strict=False,  # YAML has lists, not tuples
    )
    known: Any = Literal[instruments]
    keys: dict[str, Any] = {"instruments": (tuple[known, ...], offered)}
    return create_model("Scenario", __base__=(*extended, Scenario), **keys)


def _restored(instruments: tuple[str, ...], content: dict[str, Any]) -> Scenario:
    return _model(plugins(), instruments).model_construct(**content)


def levers(kinds: Kinds) -> tuple[str, ...]:
    """Keys of a scenario that switch a lever of the plan on and off."""
    keys = scenario_model(kinds).model_fields.items()
    return tuple(name for name, key in keys if _LEVER in key.metadata)


def read_scenario(path: Path, kinds: Kinds) -> Scenario:
    """Read and validate a scenario, with all that it takes over from its base.

    Parameters
    ----------
    path
        The YAML file; its stem is the scenario's name.
    kinds
        What there is; a scenario may have some of the contracts on offer.

    Raises
    ------
    InputError
        If the file or its base is missing, is no YAML mapping or says something that is not
        allowed, if a base rests on itself, or if a file gives two trajectories; every fault is
        listed.
    """
    return validate(scenario_model(kinds), {"name": path.stem, **_content(path, (), kinds)}, path)


def _content(path: Path, above: tuple[str, ...], kinds: Kinds) -> dict[str, Any]:
    """Keys of a scenario over those of its base; ``above`` are the files that rest on it."""
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in path.parent.glob("*.yaml"))) or "none"
        fault = Fault(str(path), "there is no such scenario", remedy=f"there are: {there}")
        raise InputError([fault])
    own = read_yaml(path)
    if "name" in own:
        raise _fault(path, "the stem of the file is the name", "name", None, "delete the key")
    rules = [key for key in reversed([*TRAJECTORIES]) if own.get(key) is not None]
    if len(rules) > 1:
        message, last = f"{' and '.join(rules)} each fix the trajectory", rules[-1]
        raise _fault(path, message, last, str(own[last]), "give one of them")
    base = own.get("base")
    if not isinstance(base, str):
        return own
    chain = (*above, path.stem)
    if base in chain:
        message = f"rests on itself: {' -> '.join((*chain, base))}"
        raise _fault(path, message, "base", base, "choose another base")
    others = sorted(p.stem for p in path.parent.glob("*.yaml") if p.stem != path.stem)
    if base not in others:
        remedy = f"there are: {', '.join(others) or 'none'}"
        raise _fault(path, "there is no such scenario", "base", base, remedy)
    file = path.with_name(f"{base}.yaml")
    inherited = _content(file, chain, kinds)
    # A base is a scenario in itself, so that its faults carry its own name.
    validate(scenario_model(kinds), {"name": base, **inherited}, file)
    replaced = TRAJECTORIES if own.keys() & {*TRAJECTORIES} else ()
    return {k: v for k, v in inherited.items() if k not in replaced} | own


def _fault(path: Path, message: str, key: str, value: str | None, remedy: str) -> InputError:
    return InputError([Fault(str(path), message, row_of(path, key), key, value, remedy)])


def scenarios_of(root: Path, park: str, kinds: Kinds) -> Iterator[Scenario]:
    """Scenarios of a park by name; one that is wrong in itself is left out and told in the log.

    Parameters
    ----------
    root
        Folder with ``configs/``.
    park
        The park.
    kinds
        Kinds of equipment and contracts that there are.
    """
    for path in sorted((root / "configs" / "scenarios").glob("*.yaml")):
        try:
            scenario = read_scenario(path, kinds)
        except InputError as error:
            logger.warning("%s is left out: %s", path.name, error)
            continue
        if scenario.park == park:
            yield scenario
