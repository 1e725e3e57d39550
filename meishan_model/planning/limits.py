"""What keeps a slice from emitting less: limits that are used up, levers that are not pulled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from meishan_model.components.catalogue import kinds
from meishan_model.components.selection import power_of
from meishan_model.results.wording import Finding
from meishan_model.series.market import export_course
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.records import Contract, SliceInputs
from meishan_model.sheets.units import HOURS_OF_YEAR

HOLDING = (
    *("held_contract", "held_share", "held_potential", "held_in_zones"),
    *("held_offers", "held_instruments", "held_demand", "held_supply"),
)
"""Kinds of the findings that are made here."""
USED_UP = 0.999
"""Share of a limit from which on it counts as used up [-]."""


def binding_limits(ds: xr.Dataset, inputs: SliceInputs, profiles: Profiles) -> tuple[Finding, ...]:
    """Limits that keep a slice from emitting less.

    Parameters
    ----------
    ds
        The slice by the result contract.
    inputs
        Its inputs.
    profiles
        Its hourly series.
    """
    return (
        *_contracts(ds, inputs, profiles),
        *_offsets(ds, inputs),
        *_potentials(ds, inputs),
        *_levers(inputs),
    )


def _contracts(ds: xr.Dataset, inputs: SliceInputs, profiles: Profiles) -> Iterator[Finding]:
    for contract in inputs.contracts:
        most, unit = contract_limit(contract)
        used = contract_use(ds, contract, profiles)
        if most > 0.0 and used >= USED_UP * most:
            values = {"instrument": contract.kind.name, "contract": contract.contract}
            yield Finding("held_contract", {**values, "amount": most, "unit": unit})


def contract_limit(contract: Contract) -> tuple[float, str]:
    """What is on offer of a contract at most, and the unit that it is counted in."""
    if contract.volumes and not contract.kind.is_sold:
        return sum(contract.volumes.values()), "MWh/a"
    return contract.parameters[contract.kind.limit], contract.kind.unit


def contract_use(ds: xr.Dataset, contract: Contract, profiles: Profiles) -> float:
    """What is used of a contract, in the unit of its limit; 0 where the slice has none of it.

    Parameters
    ----------
    ds
        The slice by the result contract.
    contract
        A contract of its inputs.
    profiles
        Its hourly series.
    """
    kind = contract.kind
    used = power_of(ds, role=kind.role, contract=contract.contract, may_be_empty=True)
    flow = used.sum(axis=0)
    if contract.volumes and not kind.is_sold:
        return float(flow.mean()) * HOURS_OF_YEAR / contract.delivered_share
    if kind.follows_plant:
        output = profiles.green_power[contract.profile]
        expected = export_course(contract, output, profiles.month).sum()
        return float(flow.sum() / expected) if expected > 0.0 else 0.0
    return float(flow.mean()) * (HOURS_OF_YEAR if kind.counted == "year" else 1.0)


def _offsets(ds: xr.Dataset, inputs: SliceInputs) -> Iterator[Finding]:
    """Certificates and credits: their share of the baseline, or that there are none."""
    share = inputs.scenario.offset_share
    names = {c.contract for c in inputs.contracts if c.kind.is_offset}
    if not names:
        yield Finding("held_offers", {})
    elif share is not None:
        # Both stand in the emission table under their own names, negative.
        mine = np.isin(ds["emission_carrier"].to_numpy(), sorted(names))
        used = -float(ds["emissions"].to_numpy()[mine].sum())
        if used >= USED_UP * (most := share * inputs.baseline_emissions):
            yield Finding("held_share", {"amount": most, "share": f"{share:.0%}"})


def _potentials(ds: xr.Dataset, inputs: SliceInputs) -> Iterator[Finding]:
    """Local plants: technologies whose potential is used up everywhere, or in some zones."""
    rooms = {
        (a.technology, a.zone): a.potential
        for a in inputs.assets
        if a.potential is not None and a.potential > 0.0
    }
    places = zip(ds["asset_technology"].to_numpy(), ds["asset_zone"].to_numpy(), strict=True)
    standing = dict(zip(places, ds["capacity"].to_numpy(), strict=True))
    for technology in inputs.renewables:
        name = technology.technology
        limits = {place: most for place, most in rooms.items() if place[0] == name}
        full = [p for p, most in limits.items() if standing.get(p, 0.0) >= USED_UP * most]
        total, zones = sum(limits[place] for place in full), [zone for _, zone in full]
        if full and len(full) == len(limits):
            yield Finding("held_potential", {"technology": name, "amount": total})
        elif full:
            yield Finding("held_in_zones", {"technology": name, "amount": total, "zones": zones})


def _levers(inputs: SliceInputs) -> Iterator[Finding]:
    scenario = inputs.scenario
    if scenario.demand_side == "as_usual":
        yield Finding("held_demand", {})
    if scenario.supply_side == "as_usual":
        yield Finding("held_supply", {})
    if missing := [kind for kind in kinds().instruments if kind not in scenario.instruments]:
        yield Finding("held_instruments", {"instruments": missing})
