"""The sheets of a park as a scenario takes them: which weather year, which case of the stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault
from meishan_model.series.net_meters import measured_series
from meishan_model.sheets.park import Park
from meishan_model.sheets.park_folder import park_and_faults
from meishan_model.sheets.scenario import Scenario


def read_sheets_of(
    root: Path,
    name: str,
    asked: Mapping[str, str] | None = None,
    scenario: Scenario | None = None,
) -> tuple[Park | None, tuple[Fault, ...]]:
    """A park and its faults, see :func:`~meishan_model.sheets.park_folder.park_and_faults`.

    Parameters
    ----------
    root
        Folder with ``configs/`` and ``timeseries/``.
    name
        The park.
    asked
        Why a scenario needs sheets that a park may do without, by stem.
    scenario
        Which measured year and which case of the stock are taken; ``None``: the park as it is.
    """

    def chosen(park: Park) -> Park:
        if scenario is None:
            return park
        year = scenario.weather_year or park.site.weather_year
        site = park.site.model_copy(update={"weather_year": year})
        return replace(park.in_case(scenario.stock_case), site=site)

    def measured(park: Park, series: str) -> tuple[float, str]:
        found = measured_series(root / "timeseries" / name, chosen(park), series)
        return found.energy, found.unit

    park, faults = park_and_faults(root / "configs" / name, kinds(), asked, measured)
    if park is None or scenario is None:
        return park, faults
    cases = sorted({p.case for p in park.existing_plants} - {""})
    if scenario.stock_case and scenario.stock_case not in cases:
        message, case = "no row of existing_plants.csv is of this case", scenario.stock_case
        remedy = f"name one of {', '.join(cases)}" if cases else "leave the key out"
        file = str(root / "configs" / "scenarios" / f"{scenario.name}.yaml")
        faults += (Fault(file, message, None, "stock_case", case, remedy),)
    return chosen(park), faults
