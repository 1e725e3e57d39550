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
(:mod:`meishan_model.accounts.finance`), :math:`NPV = \sum_t d_t (B_t - I_t) + d_T S`, and the
internal rate of return is the rate that makes it zero.

The *abatement cost* is the carbon value at which the measure would just pay:

.. math:: (\sum_t d_t c_t A_t - NPV) / \sum_t d_t A_t

with the carbon value :math:`c` that is in the prices (shadow value, price and dual of the cap) and
the emissions avoided :math:`A`, location-based. Electricity avoids the grid's factor of the year;
heat, service and berth power avoid what the equipment of the first slice would have emitted for
them. Local generation counts as far as it is fed in and used at home.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.accounts import finance
from meishan_model.components.efficiency_measure import measure_asset
from meishan_model.components.export import EXPORT
from meishan_model.components.renewable_plant import LOCAL_GREEN
from meishan_model.sheets.buses import BUSBAR_ENDING, zone_of_bus
from meishan_model.sheets.model_year import HOURS_OF_YEAR, weight_of_hour
from meishan_model.sheets.records import WITH_VARIABLE_COST, SliceInputs, Technology

EQUIPMENT = ("boiler", "heat_pump", "drivetrain")
"""Parts whose stock in use is a node of its own."""
NO_PRICE = "the solver gave no prices"
UNKNOWN_REFERENCE = "the first slice does not show what it replaces"


def flow_table(ds: xr.Dataset) -> pd.DataFrame:
    """Yearly energy and value of every flow between a node and a bus.

    Parameters
    ----------
    ds
        A solved slice.

    Returns
    -------
    pandas.DataFrame
        Index flow; source, target, carrier, bus, node, sign (+1 where the node delivers to the
        bus), energy [MWh/a, or unit of the flow x h/a] and worth [CNY/a], signed; not a number
        where the bus has no price.
    """
    names = ("source", "target", "carrier")
    table = pd.DataFrame({name: ds[name].to_series() for name in names})
    buses = ds["node"].to_numpy()[ds["kind"].to_numpy() == "bus"]
    delivers = table["target"].isin(buses)
    table["bus"] = table["target"].where(delivers, table["source"])
    table["node"] = table["source"].where(delivers, table["target"])
    table["sign"] = np.where(delivers, 1.0, -1.0)
    weight = weight_of_hour(ds.sizes["time"])
    power = ds["power"].to_numpy()
    table["energy"] = power.sum(axis=1) * weight
    table["worth"] = np.nan
    if "price" in ds:
        price = pd.DataFrame(ds["price"].to_pandas()).reindex(table["bus"]).to_numpy()
        table["worth"] = np.einsum("ft,ft->f", price, power) * weight * table["sign"]
    return table


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

    ``sum of input x factor / sum of output`` over the nodes that deliver to the bus.

    Parameters
    ----------
    flows
        Table of :func:`flow_table` of the slice.
    inputs
        Inputs of the same slice.
    grid
        Factor of electricity [tCO2/MWh].

    Returns
    -------
    pandas.Series
        By bus [tCO2 per unit of its flow]; only buses that anything was delivered to.
    """
    factors = pd.Series({**inputs.factors.scope1, "electricity": grid})
    into = flows[flows["sign"] < 0]
    emitted = (into["energy"] * into["carrier"].map(factors)).groupby(into["node"]).sum()
    out = flows[(flows["sign"] > 0) & ~flows["carrier"].isin(factors.index)]
    out = out[out["node"].isin(into["node"])]
    delivered = out["energy"].groupby(out["bus"]).sum()
    total = out["node"].map(emitted).astype(float).groupby(out["bus"]).sum()
    return (total / delivered)[delivered > 0.0]


def _used_at_home(flows: pd.DataFrame) -> pd.Series[float]:
    """Share of every busbar's generation that is fed in and not exported, by bus."""
    bars = flows[flows["bus"].str.endswith(BUSBAR_ENDING)]
    made = bars[bars["sign"] > 0].groupby("bus")["energy"].sum()
    fed = bars[(bars["sign"] < 0) & bars["node"].str.endswith("_feed_in")]
    share = fed.groupby("bus")["energy"].sum() / made
    green = flows[flows["bus"] == LOCAL_GREEN]
    total = green.loc[green["sign"] > 0, "energy"].sum()
    exported = green.loc[green["node"] == EXPORT, "energy"].sum()
    return share * (1.0 - exported / total if total > 0.0 else 1.0)


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
    factors = pd.Series({**inputs.factors.scope1, "electricity": grid})
    intensity = flows["carrier"].map(factors)
    duties = flows["bus"].map(duty_intensity(first, first_inputs, grid)).astype(float)
    heats = {t.carrier_out for t in inputs.part("boiler", "heat_pump")}
    emitting = flows["carrier"].isin([*heats, "berth_power"])
    emitting |= flows["carrier"].str.endswith("_service")
    intensity = intensity.where(~emitting, duties).where(emitting | intensity.notna(), 0.0)
    home = flows["bus"].map(_used_at_home(flows)).astype(float).fillna(1.0)
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
        Index asset; group (technology or measure), kind, node, share [-]. An energy part of a
        store stands for the whole store; transformers and their lines have the node of their
        capacity.
    """
    measures = {measure_asset(m) for m in inputs.measures}
    network = {(e.kind, zone_of_bus(e.to_bus)): e.element for e in inputs.network}
    rows = {}
    for asset, technology, zone in zip(
        ds["asset"].to_numpy(),
        ds["asset_technology"].to_numpy(),
        ds["asset_zone"].to_numpy(),
        strict=True,
    ):
        part = "measure" if asset in measures else inputs.technologies[technology].part
        stem = str(technology).removesuffix("_energy")
        node = {
            "battery_energy": f"{stem}_{zone}",
            "transformer": network.get(("transformer", zone), ""),
            "supply_line": network.get(("supply_line", zone), ""),
        }.get(part, asset)
        new = float(ds["capacity_new"].sel(asset=asset))
        stock = float(ds["capacity_existing"].sel(asset=asset)) - (sold or {}).get(asset, 0.0)
        alone = part in EQUIPMENT or part == "measure"
        share = 1.0 if alone else new / (new + stock) if new + stock > 0.0 else 0.0
        if part != "battery_power":  # the store is valued whole
            kind = "efficiency" if part == "measure" else "technology"
            rows[asset] = (stem if part == "battery_energy" else technology, kind, node, share)
    columns = ["group", "kind", "node", "share"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("asset")


def _variable_cost(flows: pd.DataFrame, nodes: pd.DataFrame, inputs: SliceInputs) -> pd.Series:
    """Variable cost of the output of every asset's node [CNY/a]."""
    prices = {}
    for name, technology in inputs.technologies.items():
        if technology.cost is not None and technology.part in WITH_VARIABLE_COST:
            group = name.removesuffix("_power") if technology.part == "battery_power" else name
            prices[group] = technology.cost.variable_om
    output = flows[flows["sign"] > 0].groupby("node")["energy"].sum()
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
    built = nodes["node"].isin(flows["node"]) & (nodes["share"] > 0.0)
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
    groups = ds["asset_technology"].to_series()
    parts = groups.map({n: t.part for n, t in inputs.technologies.items()})
    stems = groups.str.removesuffix("_energy").str.removesuffix("_power")
    return groups.where(~parts.isin(["battery_energy", "battery_power"]), stems)


def fixed_cost(ds: xr.Dataset, inputs: SliceInputs) -> pd.Series[float]:
    """Fixed cost of the new build of every asset [CNY/a]."""
    rates = {
        n: t.cost.annual_fixed_om for n, t in inputs.technologies.items() if t.cost is not None
    }
    per_unit = ds["asset_technology"].to_series().map(rates).astype(float)
    for measure in inputs.measures:
        name = measure_asset(measure)
        if name in per_unit.index:
            per_unit[name] = measure.investment * HOURS_OF_YEAR * measure.fixed_om
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
        abatement_cost [CNY/tCO2], note. Only what anything was invested in.
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
    notes = [] if np.isfinite(npv) else [NO_PRICE]
    notes += [internal.note] if internal.note and np.isfinite(npv) else []
    if not np.isfinite(discounted):
        notes.append(UNKNOWN_REFERENCE)
    elif discounted <= 1e-6:
        notes.append("it avoids no emissions by itself")
    return {
        "npv": npv,
        "irr": internal.rate,
        "abatement": finance.accumulate(money["avoided"]),
        "abatement_cost": cost,
        "note": "; ".join(notes),
    }
