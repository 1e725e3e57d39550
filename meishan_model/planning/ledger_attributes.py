"""What a slice tells its ledger beside its flows: a factor, and power that is not the park's."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from meishan_model.series.build import Profiles
from meishan_model.sheets.records import SliceInputs
from meishan_model.sheets.survival import surviving_capacity


def ledger_attributes(inputs: SliceInputs, profiles: Profiles) -> Mapping[str, str | float]:
    """Attributes that the ledger reads from a slice's file.

    Parameters
    ----------
    inputs, profiles
        Inputs and series of the slice.

    Returns
    -------
    Mapping
        ``grid_market_factor`` [tCO2/MWh], of power that no contract covers;
        ``generation_sold_to_grid``, a JSON text {plant: {month: MWh}} of the plants whose power
        belongs to the grid company; ``contract_plants``, a JSON text {contract: plant} of the
        contracts on one of these; ``credit_vintages``, a JSON text {credit: [vintage, last year
        in which that may be used]}.
    """
    plants = {plant.contract: plant.plant for plant in inputs.contracts if plant.plant}
    vintages = {c.contract: c.vintage(inputs.year) for c in inputs.contracts if c.kind.has_vintage}
    return {
        "grid_market_factor": inputs.factors.grid_market,
        "generation_sold_to_grid": json.dumps(_generation_sold(inputs, profiles)),
        "contract_plants": json.dumps(plants),
        "credit_vintages": json.dumps(vintages),
    }


def _generation_sold(inputs: SliceInputs, profiles: Profiles) -> dict[str, dict[int, float]]:
    """Energy of each month [MWh] of what still stands of every plant with the offtake grid."""
    sold = {}
    for plant in inputs.plants:
        cost = inputs.technologies[plant.technology].cost
        if plant.offtake != "grid" or cost is None:
            continue
        span = plant.commissioned_from, plant.commissioned_to
        standing = surviving_capacity(*span, plant.value, cost.lifetime, inputs.year)
        energy = profiles.capacity_factor[plant.technology] * float(standing) * profiles.weight
        by_month = np.bincount(profiles.month, weights=energy)
        months = np.unique(profiles.month)
        sold[plant.plant] = {int(month): float(by_month[month]) for month in months}
    return sold
