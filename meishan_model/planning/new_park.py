"""A park to begin with: the files of a template, all rows of which are the owner's to replace.

The templates lie in ``sheets/templates``: what they share beside each other, what one of them has
of its own in its folder. The reference cost sheet and the climate of the weather year are files of
this repository's own project; the link ``reference_data`` puts them into the package.
"""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from string import Template

import pandas as pd

from meishan_model import sheets
from meishan_model.errors import Fault, InputError, refuse
from meishan_model.planning.cost_files import REFERENCE_DATA, ensure_cost_sheet
from meishan_model.series.climate import read_climate
from meishan_model.series.measured import ENERGY, POWER, read_measured
from meishan_model.series.meter_files import number_columns, read_column
from meishan_model.series.solar import location_of
from meishan_model.series.synthetic_weather import synthetic_weather
from meishan_model.series.weather import SYNTHETIC_FILE, save_weather
from meishan_model.sheets.files import read_sheet
from meishan_model.sheets.park_folder import read_site

TEMPLATES = Path(sheets.__file__).parent / "templates"
PLACE = (29.9, 121.9, "province: Zhejiang  # a tariff of another province is refused")
"""Latitude, longitude [deg] and province of the templates, where the climate comes from."""
NO_PROVINCE = "# province: name yours, and a tariff of another one is refused"
FIRST_YEAR, STEP = 2025, 5
"""Year of the park as it is found, and years between slices."""
BASELINE = f"baseline_year: {FIRST_YEAR}  # of baseline.csv, from which the caps fall to zero\n"
OFFSETS = """offset_share: 1  # of the baseline may be offset by certificates and credits: all is
# bought where that is cheaper; less makes the park do more itself
"""
"""What a park and a scenario say beside the rest where they plan for neutrality."""
RESERVED = ("costs", "scenarios")
"""Folders of ``configs/`` that are no parks."""


@dataclass(frozen=True)
class ParkTemplate:
    """A template by its name, with titles, who pays value added tax, and what it holds."""

    template: str
    title: str
    title_zh: str
    vat: str
    sentence: str


@dataclass(frozen=True)
class Meter:
    """A file of measured load, and the column that holds it; empty: the only one of numbers."""

    file: Path
    column: str = ""


def park_templates() -> dict[str, ParkTemplate]:
    """The templates that there are, by name."""
    rows, faults = read_sheet(TEMPLATES / "templates.csv")
    assert not faults, faults
    found = [ParkTemplate(*row) for row in rows.itertuples(index=False)]
    return {template.template: template for template in found}


def new_park(
    root: Path,
    name: str,
    template: str = "factory",
    meter: Meter | None = None,
    place: tuple[float, float] | None = None,
    neutral: int | None = None,
    connection: float | None = None,
) -> list[Path]:
    """Write the sheets of a park that solves, its scenario and its weather year.

    Parameters
    ----------
    root
        Folder of the project; ``configs`` and ``timeseries`` are made where they are missing,
        and so is the reference cost sheet.
    name
        Name of park and scenario.
    template
        Name of a template.
    meter
        Measured load, which takes the place of the template's.
    place
        Latitude and longitude [deg]; without them those of the template.
    neutral
        Year of carbon neutrality; with it the park has a baseline, certificates and credits.
    connection
        Contracted capacity of the connection [MW]; without it the package's default.

    Returns
    -------
    list of pathlib.Path
        The files of the park; weather, cost sheet and the copy of the meter file are not of it.

    Raises
    ------
    InputError
        If the name is none or taken, the template or a column of the meter is not known, or the
        climate that comes along does not fit the place; nothing is written then.
    """
    found = park_templates().get(template)
    if found is None:
        remedy = f"there are: {', '.join(park_templates())}"
        raise InputError([Fault("--template", "there is no such", value=template, remedy=remedy)])
    places = {
        "park": root / "configs" / name,
        "scenario": root / "configs" / "scenarios" / f"{name}.yaml",
        "time series": root / "timeseries" / name,
    }
    _refuse_name(name, places)
    texts = _texts(found, name, place, neutral)
    if connection is not None:
        sheet = (TEMPLATES / "connection" / "network.csv").read_text(encoding="utf-8")
        texts["network.csv"] = Template(sheet).substitute(capacity=f"{connection:g}")
    if meter is not None:
        profile = f"{meter.file.name}:{_meter_column(meter)}"
        texts["loads.csv"] = _measured_load(texts["loads.csv"], name, profile)
    written = []
    try:
        for file, text in texts.items():
            path = places["scenario"] if file == "scenario.yaml" else places["park"] / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
        if neutral is not None:
            written += _neutral_sheets(places["park"], meter)
        _write_weather(places["park"], places["time series"])
    except InputError:
        shutil.rmtree(places["park"])
        places["scenario"].unlink()
        raise
    if meter is not None:
        shutil.copy(meter.file, places["time series"])
    ensure_cost_sheet(root, "reference")
    return written


def _refuse_name(name: str, places: dict[str, Path]) -> None:
    """Refuse what is no name of a park, and a park that is there."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in RESERVED:
        remedy = f"small letters, digits and _, a letter first; not {' or '.join(RESERVED)}"
        raise InputError([Fault("NAME", "is no name of a park", value=name, remedy=remedy)])
    refuse(
        Fault(str(path), f"the {what} is there already", remedy="choose another name")
        for what, path in places.items()
        if path.exists()
    )


def _texts(
    template: ParkTemplate, name: str, place: tuple[float, float] | None, neutral: int | None
) -> dict[str, str]:
    """Content of the files by name."""
    if neutral is not None and (neutral <= FIRST_YEAR or (neutral - FIRST_YEAR) % STEP):
        some = f"{FIRST_YEAR + STEP}, {FIRST_YEAR + 2 * STEP}, ..."
        remedy = f"{some}: a plan has slices of {STEP} a"
        raise InputError([Fault("--neutral", "is no slice", value=str(neutral), remedy=remedy)])
    latitude, longitude, province = PLACE if place is None else (*place, NO_PROVINCE)
    words = {"latitude": f"{latitude:g}", "longitude": f"{longitude:g}", "province": province}
    words |= {**vars(template), "name": name, "first": str(FIRST_YEAR)}
    if neutral is None:
        words |= {"target": str(FIRST_YEAR + 2 * STEP), "aim": "At least cost"}
        words |= {"neutrality": "false", "baseline": "", "offsets": ""}
    else:
        words |= {"target": str(neutral), "aim": f"Neutral in {neutral} at least cost"}
        words |= {"neutrality": "true", "baseline": BASELINE, "offsets": OFFSETS}
    shared = [path for path in TEMPLATES.iterdir() if path.is_file()]
    files = {path.name: path for path in shared if path.name != "templates.csv"}
    files |= {path.name: path for path in (TEMPLATES / template.template).iterdir()}
    return {
        file: Template(path.read_text(encoding="utf-8")).substitute(words)
        for file, path in sorted(files.items())
    }


def _measured_load(text: str, name: str, profile: str) -> str:
    """The sheet of loads with the first row of the template, measured, in place of its carrier."""
    header, first, *others = csv.reader(text.splitlines())
    told = {"profile": profile, "value": "", "source": f"meter of {name}", "note": ""}
    told |= {"confidence": "published"}
    row = {**dict(zip(header, first, strict=True)), **told}
    carrier = header.index("carrier")
    kept = [dict(zip(header, x, strict=True)) for x in others if x[carrier] != first[carrier]]
    return pd.DataFrame([row, *kept], columns=header).to_csv(index=False, lineterminator="\n")


def _meter_column(meter: Meter) -> str:
    """The column of a meter file that is asked for, or the only one of power or energy."""
    if meter.column:
        read_column(meter.file, meter.column)
        return meter.column
    remedy = "say by --column which it is"
    try:
        numbers = number_columns(meter.file)
    except InputError as error:
        raise _meter_fault(meter, f"cannot be read as a CSV file: {error}", remedy) from error
    of_power = [name for name, unit in numbers.items() if unit in (*POWER, *ENERGY)]
    found = [*numbers] if len(numbers) == 1 else of_power
    if len(found) != 1:
        many = f"has {len(numbers)} columns of numbers: {', '.join(numbers) or 'none'}"
        raise _meter_fault(meter, many, remedy)
    return found[0]


def _meter_fault(meter: Meter, message: str, remedy: str) -> InputError:
    return InputError([Fault("--load", message, value=str(meter.file), remedy=remedy)])


def _neutral_sheets(folder: Path, meter: Meter | None) -> list[Path]:
    """Write the baseline of a park, as much as its loads use, and what offsets its emissions."""
    loads = pd.read_csv(folder / "loads.csv")
    is_power = loads["carrier"] == "electricity"
    given = loads["value"].fillna(0.0)
    power, heat = float(given[is_power].sum()), float(given[~is_power].sum())
    if meter is not None:
        profile = str(loads["profile"][is_power].iloc[0])
        power += read_measured(meter.file.parent, profile, None, read_site(folder)).energy / 1e3
    words = {"power": f"{power:.7g}", "heat": f"{heat:.7g}"}
    words["most"] = f"{2e3 * (power + heat):.0f}"
    written = []
    for path in sorted((TEMPLATES / "neutral").iterdir()):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if heat or "$heat" not in line)
        written.append(folder / path.name)
        written[-1].write_text(Template(kept).substitute(words), encoding="utf-8")
    return written


def _write_weather(park_folder: Path, folder: Path) -> None:
    """Make the weather year of the climate of the package at the place of a park."""
    site = read_site(park_folder)
    climate = read_climate(REFERENCE_DATA / "meishan" / "climate.csv")
    try:
        weather = synthetic_weather(climate, location_of(site))
    except InputError as error:
        message = "the climate of the package is that of Dinghai (30.0 N), with more sun than here"
        remedy = "begin without a place; then correct park.yaml and give a measured year by "
        remedy += "meishan weather FILE"
        told = Fault("--latitude", message, value=f"{site.latitude:g}", remedy=remedy)
        raise InputError([told]) from error
    told_source = f"placeholder: the climate of Dinghai, Zhejiang; {weather.attrs['source']}"
    folder.mkdir(parents=True)
    save_weather(weather.assign_attrs(source=told_source), folder / SYNTHETIC_FILE)
