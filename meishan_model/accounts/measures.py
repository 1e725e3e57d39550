r"""What each measure is worth: net present value, internal rate of return, abatement cost.

A slice is a linear programme, so what a unit delivers is worth its quantities times the duals of
the buses that it serves and draws from. The new build of an asset in slice :math:`y` earns

.. math:: B_y = \sum_t w \left(\sum_{out} p_{b,t} P_t - \sum_{in} p_{b,t} P_t\right)
          - v_y E_y - f_y n_y

with the hourly price :math:`p` [CNY/MWh], the hours of the year :math:`w` that an hour stands
for, the variable and fixed cost :math:`v, f` and the new build :math:`n_y`. The prices hold all
that the optimum counts: purchase, billed demand, the shadow carbon value and the dual of the cap.
By duality :math:`B_y` covers the annuity of the slice wherever the slice is free to build less;
it may be less only where a later slice holds the asset at its lower bound.

Over the pathway, with investment spread over the steps and linear salvage
(:mod:`meishan_model.finance`), :math:`NPV = \sum_t d_t (B_t - I_t) + d_T S`, and the
internal rate of return is the rate that makes it zero.

The *abatement cost* is the carbon value at which the measure would just pay:

.. math:: (\sum_t d_t c_t A_t - NPV) / \sum_t d_t A_t

with the carbon value :math:`c` that is in the prices (shadow value, price and dual of the cap) and
the emissions avoided :math:`A`, location-based. Electricity avoids the grid's factor of the year;
heat and service avoid what the equipment of the first slice would have emitted for
them. Local generation counts as far as it is fed in and used at home.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model import finance
from meishan_model.components.flows import LOCAL_GREEN
from meishan_model.components.selection import at_markets, flows_of_slice, select
from meishan_model.sheets.equipment import Technology
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.units import HOURS_OF_YEAR, weight_of_step

WORKING = ("generation", "conversion", "saving", "discharge", "capacity")
"""Roles in which an asset gives to a bus what it is there for."""


def flow_table(ds: xr.Dataset) -> pd.DataFrame:
    """Yearly energy and value of every flow between a node and a bus.

    Parameters
    ----------
    ds
        A solved slice.

    Returns
    -------
    pandas.DataFrame
        That of :func:`~.selection.flows_of_slice`, and node (label of the end that is no bus;
        several that work as one asset, such as the corners of an operating region, are one),
        sign (+1 where the node delivers to the bus) and worth [CNY/a], signed; not a number where
        the bus has no price.
    """
    table = flows_of_slice(ds)
    delivers = table["way"] == "in"
    table["node"] = _nodes(table)
    table["sign"] = np.where(delivers, 1.0, -1.0)
    table["worth"] = np.nan
    if "price" in ds:
        power, weight = ds["power"].to_numpy(), weight_of_step(ds.sizes["time"])
        bus = table["target"].where(delivers, table["source"])
        price = pd.DataFrame(ds["price"].to_pandas()).reindex(bus).to_numpy()
        table["worth"] = np.einsum("ft,ft->f", price, power) * weight * table["sign"]
    return table


def _nodes(flows: pd.DataFrame) -> pd.Series[str]:
    """The end of each flow that is no bus; of several that work as one asset the first."""
    delivers = flows["way"] == "in"
    own = flows[delivers & flows["role"].isin(WORKING) & (flows["asset"] != "")]
    first = own.groupby(["asset", "stage"])["source"].transform("first")
    ends = flows["source"].where(delivers, flows["target"])
    return ends.replace(dict(zip(own["source"], first, strict=True)))


def burns_fuel(technology: Technology, inputs: SliceInputs) -> bool:
    """Whether a technology runs on a fuel that emits; such a technology is no measure."""
    return inputs.factors.scope1.get(technology.carrier_in, 0.0) > 0.0


def carbon_value(inputs: SliceInputs, ds: xr.Dataset) -> float:
    """Value of one tonne that is in the prices of a slice [CNY/tCO2].

    Shadow carbon value + carbon price + dual of the cap.
    """
    shadow = inputs.parameters["shadow_carbon_value"] if inputs.scenario.shadow_carbon else 0.0
    paid = inputs.prices.get("carbon_price", 0.0)
    return shadow + paid + float(ds.attrs.get("carbon_value", 0.0))


def duty_intensity(flows: pd.DataFrame, inputs: SliceInputs, grid: float) -> pd.Series[float]:
    """Emissions per unit of every duty, by the equipment that serves it in a slice.

    ``sum of input x factor / sum of output`` over the equipment that delivers to the bus; what it
    gives of a carrier with a factor, such as power beside heat, is taken off.

    Parameters
    ----------
    flows
        Table of :func:`flow_table` of the slice.
    inputs
        Inputs of the same slice.
    grid
        Factor of power [tCO2/MWh].

    Returns
    -------
    pandas.Series
        By bus [tCO2 per unit of its flow]; only buses that anything was delivered to.
    """
    factors = pd.Series({**inputs.located_factors, inputs.power_carrier: grid})
    equipment = select(flows, role="conversion", may_be_empty=True)
    out = select(equipment, way="in", may_be_empty=True)
    emitted = -equipment["sign"] * equipment["energy"] * equipment["carrier"].map(factors)
    emitted = emitted.groupby(equipment["node"]).sum()
    delivered = out["energy"].groupby(out["bus"]).sum()
    total = out["node"].map(emitted).astype(float).groupby(out["bus"]).sum()
    return (total / delivered)[delivered > 0.0]


def _used_at_home(flows: pd.DataFrame, power: str) -> pd.Series[float]:
    """Share of every busbar's generation that is fed in and neither exported nor sold, by bus."""
    made = select(flows, role="generation", may_be_empty=True)
    if made.empty:  # a park may have no plants, and export nothing
        return pd.Series(dtype=float)
    fed = select(flows, role="feed_in", way="out")
    share = fed.groupby("bus")["energy"].sum() / made.groupby("bus")["energy"].sum()
    total = select(flows, role="issue", carrier=LOCAL_GREEN)["energy"].sum()
    sold = select(flows, role="delivered", carrier=LOCAL_GREEN, may_be_empty=True)
    exported = sold["energy"].sum() + at_markets(flows, "export", power)["energy"].sum()
    return share * (max(1.0 - exported / total, 0.0) if total > 0.0 else 1.0)


def avoided_emissions(
    flows: pd.DataFrame, first: pd.DataFrame, inputs: SliceInputs, first_inputs: SliceInputs
) -> pd.Series[float]:
    """Location-based emissions that every node avoids, less what it causes, by node [tCO2/a].

    Parameters
    ----------
    flows, first
        Tables of :func:`flow_table` of the slice and of the first slice.
    inputs, first_inputs
        Inputs of both.

    Returns
    -------
    pandas.Series
        By node; not a number where the first slice does not show what it replaces.
    """
    grid = inputs.factors.grid_location
    factors = pd.Series(inputs.located_factors)
    duties = flows["bus"].map(duty_intensity(first, first_inputs, grid)).astype(float)
    serves = flows["role"].isin(["conversion", "saving"])
    intensity = flows["carrier"].map(factors)
    intensity = intensity.where(intensity.notna(), duties.where(serves, 0.0))
    home = flows["bus"].map(_used_at_home(flows, inputs.power_carrier)).astype(float).fillna(1.0)
    avoided = flows["sign"] * flows["energy"] * intensity * home
    return avoided.groupby(flows["node"]).agg(lambda x: x.sum(skipna=False))


def asset_nodes(
    ds: xr.Dataset, inputs: SliceInputs, sold: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Node of every asset, and which share of what the node does is new build.

    Parameters
    ----------
    ds
        A solved slice.
    inputs
        Its inputs.
    sold
        Stock by asset whose power is sold to the grid company: it has no part in the node
        [unit].

    Returns
    -------
    pandas.DataFrame
        Index asset; group (technology or measure), kind, node (missing where there is none), share
        [-]. An energy part of a store stands for the whole store; transformers and their lines
        have the node of their capacity.
    """
    assets = ds["asset"].to_index()
    flows = flows_of_slice(ds)
    flows["node"] = _nodes(flows)
    # A park that is found without equipment has none in its first slice.
    wanted = {"way": "in", "stage": ("", "new"), "asset": [*assets]}
    own = select(flows, may_be_empty=True, role=WORKING, **wanted)
    gives = own["role"] == "discharge"
    # What gives heat beside power is one node.
    nodes = own[~gives].drop_duplicates(["asset", "node"]).set_index("asset")["node"]
    stores = own[gives].set_index(["technology", "zone"])["node"]
    table = pd.DataFrame({"group": group_of_assets(ds, inputs)})
    measures = [m.measure for m in inputs.measures]
    table["kind"] = np.where(table["group"].isin(measures), "efficiency", "technology")
    places = pd.MultiIndex.from_arrays([table["group"], ds["asset_zone"].to_numpy()])
    whole = pd.Series(stores.reindex(places).to_numpy(dtype=object), assets)
    table["node"] = nodes.astype(object).reindex(assets).combine_first(whole)
    new = ds["capacity_new"].to_series()
    all_of_it = new + ds["capacity_existing"].to_series()
    all_of_it -= pd.Series(sold or {}, dtype=float).reindex(assets, fill_value=0.0)
    share = (new / all_of_it).where(all_of_it > 0.0, 0.0)
    # The stock of equipment is a node of its own, as is that of a measure.
    alone = own.loc[own["stage"] == "new", "asset"]
    table["share"] = share.where(~assets.isin(alone), 1.0)
    # The power of a store has no row: the store is valued whole.
    powers = [t.technology for t in inputs.technologies.values() if t.kind.store == "power"]
    return table[~ds["asset_technology"].isin(powers).to_numpy()]


def _variable_cost(flows: pd.DataFrame, nodes: pd.DataFrame, inputs: SliceInputs) -> pd.Series:
    """Variable cost of the main output of every asset's node [CNY/a]."""
    stores = inputs.stores
    prices = {
        stores.get(name, name): technology.cost.variable_om
        for name, technology in inputs.technologies.items()
        if technology.cost is not None and technology.kind.reads_variable_cost
    }
    beside = [(name, c.carrier) for name, t in inputs.technologies.items() for c in t.conversions]
    is_main = ~pd.MultiIndex.from_frame(flows[["technology", "carrier"]]).isin(beside)
    # A capacity that a flow carries is no output.
    is_main &= (flows["role"] != "capacity").to_numpy()
    output = flows[(flows["sign"] > 0) & is_main].groupby("node")["energy"].sum()
    energy = nodes["node"].map(output).astype(float).fillna(0.0)
    return energy * nodes["group"].map(prices).astype(float).fillna(0.0)


def earnings(
    ds: xr.Dataset,
    inputs: SliceInputs,
    first: xr.Dataset,
    first_inputs: SliceInputs,
    sold: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """What the new build of every measure and technology earns and avoids in one slice.

    Parameters
    ----------
    ds, inputs
        The slice and its inputs.
    first, first_inputs
        The first slice of the pathway and its inputs.
    sold
        As in :func:`asset_nodes`.

    Returns
    -------
    pandas.DataFrame
        Index group; kind, benefit ``B_y`` [CNY/a], avoided ``A_y`` [tCO2/a], carbon ``c_y A_y``
        [CNY/a].
    """
    flows = flow_table(ds)
    nodes = asset_nodes(ds, inputs, sold)
    built = nodes["node"].notna() & (nodes["share"] > 0.0)
    worth = flows.groupby("node")["worth"].agg(lambda x: x.sum(skipna=False))
    avoided = avoided_emissions(flows, flow_table(first), inputs, first_inputs)
    gross = (nodes["node"].map(worth) - _variable_cost(flows, nodes, inputs)) * nodes["share"]
    table = nodes[["group", "kind"]].assign(
        benefit=gross.where(built, 0.0),
        avoided=(nodes["node"].map(avoided) * nodes["share"]).where(built, 0.0),
    )
    sums = table.groupby("group").agg(
        kind=("kind", "first"),
        benefit=("benefit", lambda x: x.sum(skipna=False)),
        avoided=("avoided", lambda x: x.sum(skipna=False)),
    )
    fixed = fixed_cost(ds, inputs)
    sums["benefit"] -= fixed.groupby(group_of_assets(ds, inputs)).sum().reindex(sums.index)
    sums["carbon"] = carbon_value(inputs, ds) * sums["avoided"]
    return sums


def group_of_assets(ds: xr.Dataset, inputs: SliceInputs) -> pd.Series[str]:
    """Measure or technology of every asset; the two parts of a store are one."""
    return ds["asset_technology"].to_series().replace(inputs.stores)


def fixed_cost(ds: xr.Dataset, inputs: SliceInputs) -> pd.Series[float]:
    """Fixed cost of the new build of every asset [CNY/a]."""
    rates = {
        n: t.cost.annual_fixed_om for n, t in inputs.technologies.items() if t.cost is not None
    }
    per_unit = ds["asset_technology"].to_series().map(rates).astype(float)
    for measure in inputs.measures:
        name, numbers = measure.asset, measure.numbers
        if name in per_unit.index:
            per_unit[name] = numbers["investment"] * HOURS_OF_YEAR * numbers["fixed_om"]
    return ds["capacity_new"].to_series() * per_unit.fillna(0.0)


def earnings_by_year(
    slices: Mapping[int, xr.Dataset],
    inputs: Mapping[int, SliceInputs],
    sold: Mapping[int, Mapping[str, float]] | None = None,
) -> dict[int, pd.DataFrame]:
    """Table of :func:`earnings` of every slice, by year; ``sold`` is by year and asset."""
    first = min(slices)
    base = slices[first], inputs[first]
    return {
        year: earnings(slices[year], inputs[year], *base, (sold or {}).get(year))
        for year in sorted(slices)
    }


def measure_table(
    by_year: Mapping[int, pd.DataFrame],
    groups: pd.Series[str],
    investment: pd.DataFrame,
    salvage: pd.Series[float],
    rate: float,
) -> pd.DataFrame:
    """Net present value, internal rate of return and abatement cost of every measure.

    Parameters
    ----------
    by_year
        Tables of :func:`earnings` by year.
    groups
        Measure or technology of every asset, see :func:`group_of_assets`; assets without one
        are left out, as those that burn a fuel should be.
    investment
        Overnight cost of what each step adds of the new build, slices x assets [CNY].
    salvage
        Its value in the target by asset [CNY].
    rate
        Real discount rate [1/a].

    Returns
    -------
    pandas.DataFrame
        Index measure; kind, investment [CNY], npv [CNY], irr [1/a], abatement [tCO2],
        abatement_cost [CNY/tCO2], note: kinds of
        :func:`~meishan_model.results.wording.note`. Only what anything was invested in.
    """
    spent = investment.T.groupby(groups).sum().T
    left = salvage.groupby(groups).sum()
    rows = {}
    for group in spent.columns[spent.sum() > 1.0]:
        series = pd.DataFrame({y: by_year[y].loc[group] for y in sorted(by_year)}).T
        money = series[["benefit", "avoided", "carbon"]].astype(float)
        rows[group] = {"kind": series["kind"].iloc[0], "investment": float(spent[group].sum())}
        rows[group] |= _economics(money, spent[group], float(left[group]), rate)
    columns = ["kind", "investment", "npv", "irr", "abatement", "abatement_cost", "note"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("measure")


def _economics(
    money: pd.DataFrame, spent: pd.Series[float], salvage: float, rate: float
) -> dict[str, float | str]:
    """Numbers of one measure from its yearly benefit, avoided emissions and investment."""
    length = np.diff(spent.index.to_numpy(), prepend=spent.index[0] - 1)
    flows = finance.yearly_values(money["benefit"]) - finance.yearly_spending(spent / length)
    flows.iloc[-1] += salvage
    npv = finance.net_present_value(flows, rate)
    internal = finance.internal_rate_of_return(flows)
    avoided = finance.yearly_values(money["avoided"])
    worth = finance.net_present_value(finance.yearly_values(money["carbon"]), rate)
    discounted = finance.net_present_value(avoided, rate)
    cost = (worth - npv) / discounted if discounted > 1e-6 else float("nan")
    notes = [] if np.isfinite(npv) else ["no_price"]
    notes += [internal.note] if internal.note and np.isfinite(npv) else []
    if not np.isfinite(discounted):
        notes.append("no_reference")
    elif discounted <= 1e-6:
        notes.append("avoids_nothing")
    return {
        "npv": npv,
        "irr": internal.rate,
        "abatement": finance.accumulate(money["avoided"]),
        "abatement_cost": cost,
        "note": " ".join(notes),
    }
