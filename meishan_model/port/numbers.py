"""Numbers of a port that can be put beside published ones (``docs/validation.md``)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from meishan_model.errors import InputError
from meishan_model.planning.model_numbers import Asked, ModelNumber
from meishan_model.port.calls import PortSchedule
from meishan_model.port.closures import WorkingTime, draw_events
from meishan_model.port.report import final_energy_shares
from meishan_model.port.ships import berth_series
from meishan_model.port.year import NAME, BerthGroup, berths_of, engine_of


def _groups(asked: Asked) -> tuple[BerthGroup, ...]:
    groups = berths_of(asked.inputs)
    if not groups:
        remedy = "give berths.csv, or leave the row out"
        raise InputError(
            [asked.row.fault("measure", "is one of a port, and there is none", remedy)]
        )
    return groups


def _calls(asked: Asked) -> Mapping[str, pd.DataFrame]:
    """Calls of ships by group of berths; none in a park without a port is refused."""
    schedule: PortSchedule | None = asked.model.context(asked.year).schedules[NAME]
    return schedule.calls if schedule is not None and _groups(asked) else {}


def _energy(asked: Asked, name: str) -> float:
    """Sum of a series of all ships [MWh/a]."""
    series = berth_series(asked.inputs, _calls(asked)).values()
    return sum(float(getattr(of_ships, name).sum()) for of_ships in series)


def throughput(asked: Asked) -> float:
    """Containers handled in the year, or those of the groups of berths named."""
    whole = asked.inputs.drivers["throughput"]
    if not asked.row.names:
        return whole
    shares = {group.berth_group: group.throughput_share for group in _groups(asked)}
    return whole * sum(shares[name] for name in asked.named(shares))


def final_energy_share(asked: Asked) -> float:
    """Share of carriers in the final energy of the port in the baseline year."""
    shares = final_energy_shares(asked.park, asked.model.project.baseline)
    return sum(shares[name] for name in asked.named(shares))


def closed_hours(asked: Asked) -> float:
    """Hours of the year in which the weather closes the berths, or that of the kinds named."""
    events = draw_events(_groups(asked)[0].closures)
    if asked.row.names:
        events = events[events["closure"].isin(asked.named(events["closure"].unique()))]
    return WorkingTime.of(events).closed


def hotel_energy(asked: Asked) -> float:
    """Electricity that ships need at berth, from whatever source."""
    return _energy(asked, "hotel_load")


def shore_power(asked: Asked) -> float:
    """Electricity that shore power can give to the ships that connect."""
    return _energy(asked, "connectable")


def shore_power_share(asked: Asked) -> float:
    """Part of the electricity of ships at berth that shore power can give."""
    return shore_power(asked) / hotel_energy(asked)


def hotel_power(asked: Asked) -> float:
    """Mean power of a ship at berth."""
    hours = (float((c["departure"] - c["berthing"]).sum()) for c in _calls(asked).values())
    return hotel_energy(asked) / sum(hours)


def engine_carbon(asked: Asked) -> float:
    """CO2 of a kWh from the ships' own engines."""
    _groups(asked)
    engine = engine_of(asked.inputs)
    factor = asked.inputs.factors.scope1[engine.carrier_in]
    return factor / engine.parameters["engine_efficiency"]


NUMBERS: Mapping[str, ModelNumber] = {
    "throughput": ModelNumber("TEU/a|million TEU/a", throughput),
    "final_energy_share": ModelNumber("1|%", final_energy_share),
    "closed_hours": ModelNumber("h", closed_hours),
    "hotel_energy": ModelNumber("MWh/a|GWh/a", hotel_energy),
    "shore_power": ModelNumber("MWh/a|GWh/a", shore_power),
    "shore_power_share": ModelNumber("1|%", shore_power_share),
    "hotel_power": ModelNumber("MW|kW", hotel_power),
    "engine_carbon": ModelNumber("tCO2/MWh|kgCO2/kWh", engine_carbon),
}
"""Numbers by the name of the measure."""
