"""The assets of a slice: stock that survives, bounds handed on from later slices, yearly costs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from meishan_model.components.assets import AssetBounds, Assets
from meishan_model.components.efficiency_measure import measure_asset
from meishan_model.components.station import SUPPLY_LINE, TRANSFORMER
from meishan_model.errors import Fault, InputError
from meishan_model.planning.bounds import backward_bounds, hand_on, target_bounds
from meishan_model.planning.chain import lifetime_in_steps, step_budget
from meishan_model.planning.eligibility import bridge_allowed, bridge_years, kept
from meishan_model.sheets.buses import zone_of_bus
from meishan_model.sheets.costs import capital_recovery_factor
from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.sheets.park_rows import PlantRow
from meishan_model.sheets.records import FLEXIBLE, Measure, SliceInputs, Technology
from meishan_model.sheets.survival import stock_by_asset

NOT_BRIDGED = ("battery_energy", "battery_power", "shore_power", "pv", "wind")
"""Parts that the target keeps: what an earlier slice needs of them has to be part of the way."""


@dataclass(frozen=True)
class Candidate:
    """An asset with what the chain needs of every slice, in ascending order of years."""

    asset: str
    technology: str
    zone: str
    unit: str
    lifetime: float
    build_rate: float
    potential: tuple[float, ...]
    stock: tuple[float, ...]
    phase_out: bool
    last_new_build: int | None
    bridged: bool
    sold: tuple[float, ...] = ()
    """Part of the stock whose power is sold to the grid company."""


def slice_assets(
    slices: Mapping[int, SliceInputs], year: int, later: Mapping[int, Mapping[str, float]]
) -> Assets:
    """Bounds and costs of every asset in one slice.

    Parameters
    ----------
    slices
        Inputs of every slice of the pathway, by year.
    year
        The slice to be solved.
    later
        New build of every asset in each slice after it, as those were solved [unit].

    Raises
    ------
    InputError
        If an asset has no potential, or stock of a technology has no lifetime.
    """
    years = tuple(sorted(slices))
    inputs = slices[year]
    return Assets({c.asset: _bounds(c, years, inputs, later) for c in chain_inputs(slices)})


def chain_inputs(slices: Mapping[int, SliceInputs]) -> tuple[Candidate, ...]:
    """All assets with what bounds their chains: stock, potential, build rate, lifetime.

    Parameters
    ----------
    slices
        Inputs of every slice of the pathway, by year.
    """
    years = tuple(sorted(slices))
    return (*_equipment(slices, years), *_measures(slices, years))


def _equipment(slices: Mapping[int, SliceInputs], years: tuple[int, ...]) -> list[Candidate]:
    last = slices[years[-1]]
    limits = {y: {(a.technology, a.zone): a for a in slices[y].assets} for y in years}
    stock = _stock(slices, years)
    sold = _plant_stock([p for p in last.plants if p.offtake == "grid"], last, years)
    found = []
    for technology in last.technologies.values():
        if technology.part in (*FLEXIBLE, "auxiliary_engine"):
            continue
        zones = [a.zone for a in last.assets if a.technology == technology.technology]
        zones += [z for t, z in stock if t == technology.technology and z not in zones]
        for zone in zones:
            key = (technology.technology, zone)
            rows = [limits[y].get(key) for y in years]
            standing = tuple(stock.get(key, {}).get(y, 0.0) for y in years)
            rates = [r.build_rate for r in rows if r is not None and r.build_rate is not None]
            found.append(
                Candidate(
                    asset="_".join(key),
                    technology=technology.technology,
                    zone=zone,
                    unit=technology.unit,
                    lifetime=_lifetime(technology),
                    build_rate=min(rates, default=math.inf),
                    # What no row of assets.csv names is stock that nobody adds to.
                    potential=tuple(
                        _potential(key, r.potential) if r is not None else s
                        for r, s in zip(rows, standing, strict=True)
                    ),
                    stock=standing,
                    phase_out=technology.phase_out,
                    last_new_build=rows[-1].last_new_build if rows[-1] is not None else None,
                    bridged=technology.part not in NOT_BRIDGED and rows[-1] is not None,
                    sold=tuple(sold[key][y] for y in years) if key in sold else (),
                )
            )
    return found


def _stock(
    slices: Mapping[int, SliceInputs], years: tuple[int, ...]
) -> dict[tuple[str, str], dict[int, float]]:
    """s_y by technology and zone, then by year; transformers and lines stand in the network."""
    last = slices[years[-1]]
    stock = _plant_stock(last.plants, last, years)
    for element in last.network:
        if element.kind in (TRANSFORMER, SUPPLY_LINE):
            # The grid company renews its stations in place: their capacity does not retire.
            zone = zone_of_bus(element.to_bus)
            stock[element.kind, zone] = dict.fromkeys(years, element.capacity)
    return stock


def _plant_stock(
    rows: Iterable[PlantRow], inputs: SliceInputs, years: tuple[int, ...]
) -> dict[tuple[str, str], dict[int, float]]:
    """What survives of some plants by technology and zone, then by year."""
    plants = pd.DataFrame(
        [(p.technology, p.zone, p.commissioned_from, p.commissioned_to, p.value) for p in rows],
        columns=["technology", "zone", "commissioned_from", "commissioned_to", "value"],
    )
    names = plants["technology"].unique()
    lifetime = {name: _lifetime(inputs.technologies[name]) for name in names}
    stock: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for year in years:
        for key, capacity in stock_by_asset(plants, lifetime, year).items():
            stock[key][year] = float(capacity)  # type: ignore[index]
    return stock


def standing_stock(inputs: SliceInputs) -> dict[tuple[str, str], float]:
    """What stands in the year of a slice before anything is built, by technology and zone [unit].

    Parameters
    ----------
    inputs
        The slice; its cost sheet gives the lifetimes.

    Raises
    ------
    InputError
        If stock of a technology has no lifetime.
    """
    year = inputs.year
    return {key: by_year[year] for key, by_year in _stock({year: inputs}, (year,)).items()}


def _lifetime(technology: Technology) -> float:
    if technology.cost is None:
        message = f"stock of {technology.technology} has no lifetime"
        remedy = "map the technology in the manifest of the cost sheet"
        raise InputError([Fault("existing_plants.csv", message, remedy=remedy)])
    return technology.cost.lifetime


def _potential(key: tuple[str, str], potential: float | None) -> float:
    if potential is None:
        message = f"{' in '.join(key)} has no row potential"
        raise InputError([Fault("assets.csv", message, remedy="add the row")])
    return potential


def _measures(slices: Mapping[int, SliceInputs], years: tuple[int, ...]) -> list[Candidate]:
    last = slices[years[-1]]
    energy = {y: {(load.load, load.zone): load.energy for load in slices[y].loads} for y in years}
    return [
        Candidate(
            asset=measure_asset(m),
            technology=m.measure,
            zone=m.zone,
            unit="MW",
            lifetime=m.lifetime,
            build_rate=math.inf,
            potential=tuple(
                m.potential * energy[y].get((m.load, m.zone), 0.0) / HOURS_OF_YEAR for y in years
            ),
            stock=(0.0,) * len(years),
            phase_out=False,
            last_new_build=None,
            bridged=False,
        )
        for m in last.measures
    ]


def _bounds(
    candidate: Candidate,
    years: tuple[int, ...],
    inputs: SliceInputs,
    later: Mapping[int, Mapping[str, float]],
) -> AssetBounds:
    year, target = inputs.year, years[-1]
    place = years.index(year)
    stock, potential = candidate.stock[place], candidate.potential[place]
    lower, upper, reason = _new_build(candidate, years, inputs, later)
    bridge = 0.0
    if candidate.bridged and bridge_allowed(
        candidate.phase_out, candidate.last_new_build, year, target, years[0]
    ):
        # A bridge has to be built too: new build and bridges together are at most what the
        # build rate lets stand after k steps.
        steps = min(place, lifetime_in_steps(candidate.lifetime, years[1] - years[0], place))
        most = steps * step_budget(candidate.build_rate, candidate.lifetime, years[1] - years[0])
        bridge = max(0.0, min(potential - stock, float(most)) - upper)
        reason += f" Bridges: at most {bridge:g} {candidate.unit} beside it."
    fixed_om, annuity, bridge_annuity = _costs(candidate, inputs, target)
    return AssetBounds(
        asset=candidate.asset,
        technology=candidate.technology,
        zone=candidate.zone,
        unit=candidate.unit,
        existing=stock,
        lower=lower,
        upper=upper,
        bridge_upper=bridge,
        annuity=annuity,
        bridge_annuity=bridge_annuity,
        fixed_om=fixed_om,
        reason=reason,
        sold=candidate.sold[place] if candidate.sold else 0.0,
    )


def _new_build(
    candidate: Candidate,
    years: tuple[int, ...],
    inputs: SliceInputs,
    later: Mapping[int, Mapping[str, float]],
) -> tuple[float, float, str]:
    """Walk the chain from the target down to this slice, with what the later slices built."""
    if len(years) == 1:
        return 0.0, 0.0, f"{inputs.year}: the only slice, it holds existing stock."
    opened = target_bounds(
        years,
        candidate.lifetime,
        build_rate=candidate.build_rate,
        potential=candidate.potential,
        stock=candidate.stock,
        phase_out=candidate.phase_out,
        unit=candidate.unit,
    )
    state = opened.state
    for earlier in sorted((y for y in years if y > inputs.year), reverse=True):
        built = later[earlier][candidate.asset]
        if earlier == years[-1] and not _is_kept(candidate, built, inputs):
            built = 0.0
        state = hand_on(state, built)
    bound = backward_bounds(state)
    return bound.lower, bound.upper, bound.reason


def _is_kept(candidate: Candidate, built: float, inputs: SliceInputs) -> bool:
    total, potential = candidate.stock[-1] + built, candidate.potential[-1]
    minimum, share = (inputs.parameters[p] for p in ("minimum_asset", "minimum_asset_share"))
    return bool(kept(total, potential, minimum, share))


def _costs(candidate: Candidate, inputs: SliceInputs, target: int) -> tuple[float, float, float]:
    """Fixed O&M, annuity and bridge annuity of one unit [CNY/a]."""
    rate = inputs.parameters["discount_rate"]
    technology = inputs.technologies.get(candidate.technology)
    if technology is not None and technology.cost is not None:
        investment = technology.cost.investment
        fixed_om = technology.cost.annual_fixed_om
    else:
        measure = _measure(inputs, candidate.asset)
        investment = measure.investment * HOURS_OF_YEAR
        fixed_om = investment * measure.fixed_om
    annuity = investment * capital_recovery_factor(rate, candidate.lifetime)
    span = candidate.lifetime
    if inputs.year < target:
        span = bridge_years(candidate.lifetime, inputs.year, target)
    # The premium also decides between a bridge and new build where both would cost the same.
    premium = 1.0 + inputs.parameters["bridge_premium"]
    return fixed_om, annuity, premium * investment * capital_recovery_factor(rate, span)


def _measure(inputs: SliceInputs, asset: str) -> Measure:
    return next(m for m in inputs.measures if measure_asset(m) == asset)
