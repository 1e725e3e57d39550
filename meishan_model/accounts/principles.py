r"""The five principles of RMI 2023, each measured by indicators with a unit.

Each principle is also a rule of the optimisation, so that no indicator is a mere label:

=========================  =====================================================================
principle                  rule in the model
=========================  =====================================================================
development                every slice serves the demand that its projects, industries and fleets
                           ask for; what it does not serve costs the value of lost load, the
                           product of a MWh, so that no saving of cost or carbon is bought with it
economy                    every slice minimises its cost under the cap; unbundled certificates and
                           credits are held to the share kappa of E_0, so that the cheapest paper
                           does not stand for reduction
efficiency first           measures compete with supply hour by hour: a MWh saved is worth the dual
                           of its bus in that hour, so that a measure is taken before supply that
                           costs more
least cumulative           the exponent theta of the caps, or the budget that fixes it, and the
emissions                  shadow value on location-based emissions, which reduces at the source in
                           every slice and not only in the target
most local renewables      build rates and potentials are open to local plants from the first step;
                           the shadow value counts contracted power as the grid's, local power as
                           clean; what the park cannot use may be exported, from local plants alone
=========================  =====================================================================

Sums over the pathway are trapezoids over the slices (:func:`~meishan_model.finance.accumulate`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model import finance
from meishan_model.accounts.electricity import local_share
from meishan_model.accounts.measures import burns_fuel
from meishan_model.accounts.tables import Inputs, Slices, cumulated, totals_by_year
from meishan_model.components.selection import energy_of, flows_of_slice, power_of, select
from meishan_model.finance import capital_recovery_factor
from meishan_model.results.wording import Finding, Value
from meishan_model.sheets.records import Load, Measure, SliceInputs
from meishan_model.sheets.units import HOURS_OF_YEAR, weight_of_step

UNTAKEN = 1e-3
"""Share of a potential, or MW, below which a measure counts as taken."""


class Indicator(NamedTuple):
    """A value that measures a principle, with its unit."""

    indicator: str
    unit: str
    value: float


class Reference(NamedTuple):
    """The pathway that others are measured against: cost [CNY], emissions [tCO2], its file."""

    name: str
    net_present_cost: float
    cumulative_emissions: float
    sha256: str = ""


def principle_table(
    slices: Slices,
    inputs: Inputs,
    avoided: pd.DataFrame,
    potential: float,
    reference: Reference | None = None,
) -> pd.DataFrame:
    """All indicators of a pathway.

    Parameters
    ----------
    slices, inputs
        Solved slices and their inputs by year.
    avoided
        Emissions avoided by the new build of every measure and technology, slices x groups
        [tCO2/a], as :func:`~.measures.earnings` counts them.
    potential
        PV and wind that the place offers in the target year, whatever the scenario uses [MW].
    reference
        Business as usual, where it is known.

    Returns
    -------
    pandas.DataFrame
        Index indicator; principle_name, unit, value. An indicator that a park has no numbers
        for is left out.
    """
    found = {
        "development": development(slices, inputs),
        "economy": economy(slices, inputs, reference),
        "efficiency first": efficiency_first(slices, inputs, avoided),
        "least cumulative emissions": least_cumulative_emissions(slices),
        "most local renewables": most_local_renewables(slices, inputs, potential),
    }
    tables = {name: pd.DataFrame(of).set_index("indicator") for name, of in found.items()}
    return pd.concat(tables, names=["principle_name"]).reset_index("principle_name")


def net_present_cost(slices: Slices, inputs: Inputs) -> float:
    """Money paid, discounted to the first year, trapezoid over the slices [CNY].

    ``sum of w_y (1 + r)**-(y - y_0) c_y``.
    """
    rate = inputs[max(inputs)].parameters["discount_rate"]
    return finance.present_value(totals_by_year(slices)["paid_cost"], rate)


def development(slices: Slices, inputs: Inputs) -> Iterator[Indicator]:
    """Development: demand and product that are served, and what energy costs of the product.

    - ``demand_served`` [1] = 1 - U / D with the demand not served U and the demand D, both summed
      over the pathway. D is the final energy, in which what networks shed is counted, and the
      duties that were not served;
    - ``gdp_served`` [billion CNY/a] = GDP of the target year times the share served in it;
    - ``energy_cost_per_gdp`` [1] = money paid over GDP, both summed over the pathway.
    """
    years = sorted(slices)
    unserved = pd.Series({y: unserved_energy(slices[y], inputs[y]) for y in years})
    demand = pd.Series({y: _demand(slices[y], inputs[y], unserved[y]) for y in years})
    share = 1.0 - finance.accumulate(unserved) / finance.accumulate(demand)
    yield Indicator("demand_served", "1", share)
    if all("gdp" in inputs[year].drivers for year in slices):
        gdp = pd.Series({y: inputs[y].drivers["gdp"] for y in years})
        served = gdp * (1.0 - unserved / demand)
        yield Indicator("gdp_served", "billion CNY/a", float(served.iloc[-1]))
        paid = totals_by_year(slices)["paid_cost"]
        cost = finance.accumulate(paid) / (finance.accumulate(gdp) * 1e9)
        yield Indicator("energy_cost_per_gdp", "1", cost)


def unserved_energy(ds: xr.Dataset, inputs: SliceInputs) -> float:
    """Demand that is not served, from networks and what stands for duties [MWh/a].

    Duties are not measured in MWh: theirs is the cost of shedding over the value of lost load,
    which is their whole price. What a network does not serve costs the demand charge beside it,
    and that of one in tonnes or cubic metres is no energy.
    """
    buses = [bus.bus for bus in inputs.demand_buses]
    lost_load = inputs.parameters["value_of_lost_load"]
    of_networks = energy_of(ds, role="shedding", bus=buses) * (lost_load + inputs.demand_charge)
    cost = float(ds["cost"].where(ds["category"] == "shedding").sum())
    return _shed_by_networks(ds, inputs) + max(cost - of_networks, 0.0) / lost_load


def _shed_by_networks(ds: xr.Dataset, inputs: SliceInputs) -> float:
    buses = [bus.bus for bus in inputs.demand_buses]
    return energy_of(ds, role="shedding", bus=buses, unit="MW", may_be_empty=True)


def _demand(ds: xr.Dataset, inputs: SliceInputs, unserved: float) -> float:
    return float(ds["energy_mwh"].sum()) + unserved - _shed_by_networks(ds, inputs)


def economy(
    slices: Slices, inputs: Inputs, reference: Reference | None = None
) -> Iterator[Indicator]:
    """Economy: what the pathway costs, and a tonne avoided by it.

    - ``net_present_cost`` [billion CNY], see :func:`net_present_cost`;
    - ``cost_per_tonne_below_baseline`` [CNY/tCO2] = net present cost over ``E_0 (T - y_0)`` less
      the cumulative emissions: the whole energy bill for each tonne below a constant baseline;
    - ``abatement_cost`` [CNY/tCO2] = cost above business as usual over emissions below it; only
      where the reference is known and emits more.
    """
    cost = net_present_cost(slices, inputs)
    emitted = finance.accumulate(totals_by_year(slices)["net_emissions"])
    yield Indicator("net_present_cost", "billion CNY", cost / 1e9)
    constant = inputs[min(inputs)].baseline_emissions * (max(slices) - min(slices))
    if constant > emitted:
        ratio = cost / (constant - emitted)
        yield Indicator("cost_per_tonne_below_baseline", "CNY/tCO2", ratio)
    if reference is not None and reference.cumulative_emissions > emitted:
        ratio = (cost - reference.net_present_cost) / (reference.cumulative_emissions - emitted)
        yield Indicator("abatement_cost", "CNY/tCO2", ratio)


def efficiency_first(slices: Slices, inputs: Inputs, avoided: pd.DataFrame) -> Iterator[Indicator]:
    """Efficiency first: what is saved before it has to be supplied.

    - ``saving_share`` [1] = energy saved by the measures over final energy without them, summed
      over the pathway;
    - ``demand_share_of_abatement`` [1] = emissions avoided by measures and by the equipment of
      users, over these and those avoided by local plants;
    - ``measures_not_taken`` [1] = number of measures and slices in which a measure is cheaper
      than the supply that it saves and yet not taken, see :func:`untaken_measures`.
    """
    years = sorted(slices)
    # A park may have no measures.
    saved = pd.Series({y: energy_of(slices[y], role="saving", may_be_empty=True) for y in years})
    final = pd.Series({y: float(slices[y]["energy_mwh"].sum()) for y in years})
    share = finance.accumulate(saved) / finance.accumulate(final + saved)
    yield Indicator("saving_share", "1", share)
    last = inputs[years[-1]]
    clean = {n: t.kind for n, t in last.technologies.items() if not burns_fuel(t, last)}
    users = {n for n, kind in clean.items() if kind.lever in ("duty", "stock")}
    users |= {m.measure for m in last.measures}
    plants = {n for n, kind in clean.items() if kind.resource}
    total = pd.Series({n: finance.accumulate(of) for n, of in avoided.items()}, dtype=float)
    demand = float(total[total.index.isin(users)].sum(skipna=False))
    supply = float(total[total.index.isin(plants)].sum(skipna=False))
    if np.isfinite(demand + supply) and demand + supply > 0.0:
        yield Indicator("demand_share_of_abatement", "1", demand / (demand + supply))
    count = sum(len(untaken_measures(slices[y], inputs[y])) for y in years)
    yield Indicator("measures_not_taken", "1", float(count))


def cost_of_saved_energy(measure: Measure, rate: float) -> float:
    """Yearly cost of a measure per MWh that it saves, ``I (CRF(r, L) + f)`` [CNY/MWh].

    A. Meier, J. Wright, A. H. Rosenfeld, Supplying Energy through Greater Efficiency (1983).
    """
    numbers = measure.numbers
    annuity = float(capital_recovery_factor(rate, numbers["lifetime"]))
    return numbers["investment"] * (annuity + numbers["fixed_om"])


def cost_of_supply(ds: xr.Dataset, load: Load) -> float:
    """Mean price of what a load takes, weighted with the load: ``sum p P / sum P`` [CNY/MWh].

    That of heat is the price of its whole duty. Not a number where the slice has no prices, or
    the load takes nothing in its hours.
    """
    # A duty has no customer; the weeks of a trial may need no heat.
    mine = select(
        flows_of_slice(ds),
        role=("load", "duty"),
        carrier=load.carrier,
        zone=load.zone,
        customer=("", load.load),
        may_be_empty=True,
    )
    if "price" not in ds or mine.empty or not mine["source"].isin(ds["bus"].to_numpy()).all():
        return float("nan")
    power = ds["power"].to_numpy()[mine.index]
    price = ds["price"].sel(bus=mine["source"].to_numpy()).to_numpy()
    return float((price * power).sum() / power.sum()) if power.sum() > 0.0 else float("nan")


def untaken_measures(ds: xr.Dataset, inputs: SliceInputs) -> list[dict[str, Any]]:
    """Measures whose cost of saved energy lies below the cost of supply, but that are not taken.

    An optimum takes such a measure up to its bound; so what is found here is held down by a
    bound that the slices after it have set, for instance where their load is smaller.

    Parameters
    ----------
    ds
        A solved slice; one whose stock is given builds nothing, so that nothing is found in it.
    inputs
        Its inputs.

    Returns
    -------
    list of dict
        ``saving`` and ``supply`` are costs [CNY/MWh]; ``taken`` and ``potential`` mean savings
        [MW]; ``held`` says that the measure stands at its upper bound.
    """
    if inputs.year <= inputs.scenario.observed_until:
        return []
    rate = inputs.parameters["discount_rate"]
    loads = {(load.load, load.zone): load for load in inputs.loads}
    new, upper = ds["capacity_new"].to_series(), ds["capacity_upper"].to_series()
    found = []
    for measure in inputs.measures:
        load, asset = loads.get((measure.load, measure.zone)), measure.asset
        if load is None or asset not in new.index:
            continue
        taken = float(new[asset])
        open_to = measure.numbers["potential"] * load.energy / HOURS_OF_YEAR
        saving, supply = cost_of_saved_energy(measure, rate), cost_of_supply(ds, load)
        missing = open_to - taken > UNTAKEN * max(1.0, open_to)
        if missing and saving < supply * (1.0 - UNTAKEN):
            held = taken >= float(upper[asset]) - UNTAKEN
            row = {"asset": asset, "saving": saving, "supply": supply, "years": inputs.year}
            found.append(row | {"taken": taken, "potential": open_to, "held": held})
    return found


def untaken_findings(slices: Slices, inputs: Inputs) -> Iterator[Finding]:
    """A finding for each measure of :func:`untaken_measures`, over all slices."""
    found = [m for y in sorted(slices) for m in untaken_measures(slices[y], inputs[y])]
    for asset in dict.fromkeys(m["asset"] for m in found):
        mine = pd.DataFrame([m for m in found if m["asset"] == asset])
        values: dict[str, Value] = {"asset": asset, "saving": mine["saving"].iloc[0].item()}
        values |= {n: mine[n].tolist() for n in ("supply", "taken", "potential", "years")}
        yield Finding("untaken_held" if mine["held"].all() else "untaken", values)


def least_cumulative_emissions(slices: Slices) -> Iterator[Indicator]:
    """Least cumulative emissions: from the first year to the target [Mt CO2].

    - ``cumulative_emissions``: net, with market-based scope 2;
    - ``cumulative_emissions_location``: net, with location-based scope 2.
    """
    for name, emitted in cumulated(totals_by_year(slices) / 1e6).items():
        yield Indicator(name, "MtCO2", emitted)


def most_local_renewables(slices: Slices, inputs: Inputs, potential: float) -> Iterator[Indicator]:
    """Most local renewables: how much of what the place offers is used, at home and outside.

    - ``potential_used`` [1] = PV and wind that stand in the target over their potential, in MW;
    - ``local_share_of_demand`` [1] = local green power used at home over all electricity that the
      park uses, that of converters and losses included, in the target year
      (:func:`~.electricity.local_share`);
    - ``clean_export`` [GWh] = local green power delivered to the outside, summed over the pathway;
    - ``export_beside_discharge`` [GWh] = what of it leaves while stores give as much.
    """
    last = max(slices)
    ds, sheet = slices[last], inputs[last]
    plants = {t.technology for t in sheet.renewables}
    standing = float(ds["capacity"].where(ds["asset_technology"].isin(list(plants))).sum())
    if potential > 0.0:
        yield Indicator("potential_used", "1", standing / potential)
    if np.isfinite(share := local_share(ds)):
        yield Indicator("local_share_of_demand", "1", share)
    sold = {y: exported_energy(d) for y, d in sorted(slices.items())}
    yield Indicator("clean_export", "GWh", finance.accumulate(pd.Series(sold)) / 1e3)
    beside = {y: sold_beside_discharge(d) for y, d in sorted(slices.items())}
    yield Indicator("export_beside_discharge", "GWh", finance.accumulate(pd.Series(beside)) / 1e3)


def renewable_potential(inputs: SliceInputs) -> float:
    """PV and wind that the place offers in a year [MW]."""
    plants = {t.technology for t in inputs.renewables}
    return sum(a.potential or 0.0 for a in inputs.assets if a.technology in plants)


def exported_energy(ds: xr.Dataset) -> float:
    """Local green power sold to the outside [MWh/a]."""
    return energy_of(ds, role="export", asset="", may_be_empty=True)


def sold_beside_discharge(ds: xr.Dataset) -> float:
    """Export that is no more than what stores give in the same hour [MWh/a].

    Export comes from local plants alone. But in an hour in which stores feed the park, power that
    was bought in a cheap hour may take the place of local power that is sold: at the meter of the
    park the sale is local, over the day it is in part grid power that went through a store.
    Batteries are stores here. Load that is put off is not, nor are vehicles, whose flow back is in
    part charging that waits.
    """
    given, sold = (
        power_of(ds, **wanted, may_be_empty=True).sum(axis=0)
        for wanted in (
            {"role": "discharge", "carrier": ds.attrs["power_carrier"]},
            {"role": "export", "asset": ""},
        )
    )
    return float(np.minimum(given, sold).sum()) * weight_of_step(ds.sizes["time"])
