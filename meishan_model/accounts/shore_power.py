"""What a ship saves that takes shore power instead of running its auxiliary engines."""

from __future__ import annotations

from typing import NamedTuple


class ShorePowerSaving(NamedTuple):
    """Fuel [t] and CO2 [t] that are saved: at the ship, and less what the grid emits for it."""

    fuel: float
    gross_emissions: float
    net_emissions: float


def shore_power_saving(
    energy: float, fuel_per_energy: float, emission_per_fuel: float, grid_factor: float
) -> ShorePowerSaving:
    """Saving of a call at berth with shore power.

    Parameters
    ----------
    energy
        Electricity the ship took [MWh].
    fuel_per_energy
        Fuel its engines would have burnt for it [t/MWh].
    emission_per_fuel
        Emission of that fuel [tCO2/t].
    grid_factor
        Emission of the electricity delivered [tCO2/MWh].

    Examples
    --------
    >>> shore_power_saving(10.0, 0.2, 3.0, 0.5)
    ShorePowerSaving(fuel=2.0, gross_emissions=6.0, net_emissions=1.0)
    """
    fuel = energy * fuel_per_energy
    gross = fuel * emission_per_fuel
    return ShorePowerSaving(fuel, gross, gross - energy * grid_factor)
