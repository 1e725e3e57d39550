"""Cost sheets: annuities by hand, overlays, interpolation, and every kind of bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cost_sheets import HEADER, ROWS, changed, faults_of, write
from pydantic import ValidationError

from meishan_model.errors import InputError
from meishan_model.finance import capital_recovery_factor
from meishan_model.sheets.costs import CostSheet, load_costs


def test_a_row_arrives_in_project_units(tmp_path: Path) -> None:
    """400 CNY/kW is 400 000 CNY/MW; 3 %/year of it is 12 000 CNY/(MW*a); 92 % is 0.92."""
    boiler = load_costs(write(tmp_path / "s"), 2030).technologies["gas_boiler"]
    assert boiler.capacity_unit == "MW"
    assert boiler.investment == 400_000
    assert boiler.annual_fixed_om == pytest.approx(12_000)
    assert boiler.efficiency == pytest.approx(0.92)
    assert (boiler.technical_lifetime, boiler.variable_om) == (20, 0)
    origin = boiler.provenance["FOM"]
    assert (origin.row, origin.source, origin.confidence) == (4, "b", "published")
    assert boiler.provenance["VOM"].row is None


def test_annuity_by_hand() -> None:
    """At 8 % over 20 years the factor of the tables is 0.101852; at 0 % it is 1/20."""
    assert capital_recovery_factor(0.08, 20) == pytest.approx(0.1018522, rel=1e-6)
    assert capital_recovery_factor(0.0, 20) == pytest.approx(1 / 20)


BAD_ROWS = [
    (0, "boiler,investment,400,CNY/kA,a,assumption: x,2020", "column unit, 'CNY/kA'"),
    (0, "boiler,investment,400,GBP/kW,a,assumption: x,2020", "column unit, 'GBP/kW'"),
    (0, "boiler,investment,400,EUR/kW,a,assumption: x,2020", "wrong unit; allowed: CNY/MW,"),
    (0, "boiler,investment,-4,CNY/kW,a,assumption: x,2020", "out of range; allowed: 0 to 1e+12"),
    (0, 'boiler,investment,"1,5",CNY/kW,a,assumption: x,2020', "a decimal point is '.'"),
    (0, "boiler,investment,nan,CNY/kW,a,assumption: x,2020", "column value, 'nan'"),
    (0, "boiler,investment,,CNY/kW,a,assumption: x,2020", "column value, ''"),
    (0, "boiler,investment,400,CNY/kW,,assumption: x,2020", "column source, ''"),
    (0, "boiler,investment,400,CNY/kW,a,guess: x,2020", "expected: begins with 'published: '"),
    (0, "boiler,investment,400,CNY/kW,a,assumption:,2020", "column further description"),
    (0, "boiler,investment,400,CNY/kW,a,assumption: x,2015", "mix of price years"),
    (0, "boiler,investment,400,CNY/kW,a,assumption: x,", "mix of price years"),
    (0, "boiler,invest,400,CNY/kW,a,assumption: x,2020", "column parameter, 'invest'"),
    (0, "kettle,investment,400,CNY/kW,a,assumption: x,2020", "no such technology of the sheet"),
    (0, "boiler,investment,1,5,CNY/kW,a,assumption: x,2020", "has 8 cells, the header has 7"),
    (2, "boiler,FOM,300,%/year,a,assumption: x,2020", "allowed: 0 to 100 %/year"),
    (2, "boiler,FOM,3,1/a,a,assumption: x,2020", "allowed: 0 to 100 %/year"),
    (3, "boiler,lifetime,0,years,a,assumption: x,2020", "out of range; allowed: 0.1 to 500 a"),
    (3, "boiler,lifetime,20,weeks,a,assumption: x,2020", "column unit, 'weeks'"),
    (3, "boiler,FOM,3,%/year,b,published: x,2020", "says the same as row 4"),
]


@pytest.mark.parametrize(("place", "row", "said"), BAD_ROWS)
def test_a_bad_row_is_named_with_file_and_line(
    tmp_path: Path, place: int, row: str, said: str
) -> None:
    """Each kind of bad row gives one fault that names the file, the line and the remedy."""
    folder = write(tmp_path / "s", changed(ROWS[place], row))
    told = [fault for fault in faults_of(folder) if said in fault]
    assert len(told) == 1
    assert told[0].startswith(str(folder / "costs_2030.csv"))
    assert f"row {place + 2}" in told[0]
    assert "; " in told[0]


def test_one_fault_of_many_rows_is_one_line(tmp_path: Path) -> None:
    """Nine empty explanations: the first row and all others, and what an explanation is."""
    rows = tuple(row.replace(row.split(",")[5], "") for row in ROWS)
    folder = write(tmp_path / "s", rows)
    assert faults_of(folder) == [
        f"{folder / 'costs_2030.csv'}, row 2, column further description, '': is empty; "
        "so have rows 3 to 10; expected: begins with 'published: ', 'derived: ' or "
        "'assumption: ' and explains"
    ]
    # What differs in its value, column or remedy is told for itself.
    mixed = (rows[0], *changed(ROWS[1], ROWS[1].replace("derived: x", "guess"))[1:-1], rows[-1])
    assert [
        fault.split(", ", 1)[1].partition("; expected")[0]
        for fault in faults_of(write(tmp_path / "s", mixed))
    ] == [
        "row 2, column further description, '': is empty; so have row 10",
        "row 3, column further description, 'guess': has another form than asked for",
    ]


def test_all_faults_of_a_sheet_come_in_one_error(tmp_path: Path) -> None:
    """A row with three faults and one with another give four, in the order of the lines."""
    rows = changed(ROWS[0], "boiler,invest,400,CNY/kW,,x,2020")
    rows = (*rows[:-1], "battery,lifetime,-1,years,a,assumption: x,2020")
    faults = faults_of(write(tmp_path / "s", rows))
    told = [fault for fault in faults if "row 2," in fault or "row 10," in fault]
    assert ["row 2," in fault for fault in told] == [True, True, True, False]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xef\xbb\xbf" + HEADER.encode(), "byte-order mark; save the file as UTF-8"),
        (HEADER.encode("utf-16"), "byte-order mark"),
        (HEADER.encode() + b"\n\xb2", "row 2, '0xb2': is not UTF-8"),
        (b"", "is empty"),
        (HEADER.replace(",source", "").encode(), "column source: missing column"),
        (HEADER.replace("source", "unit").encode(), "column unit: duplicate column"),
        (HEADER.replace(",", ";").encode(), "not separated by commas"),
        (HEADER.encode(), "'investment': boiler has no row investment"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """Encoding, header and emptiness are faults of the file, not crashes."""
    folder = write(tmp_path / "s")
    (folder / "costs_2030.csv").write_bytes(content)
    assert any(said in fault for fault in faults_of(folder))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (0, "'investment': boiler has no row investment"),
        (3, "'lifetime': boiler has no row lifetime"),
    ],
)
def test_a_missing_parameter_is_never_filled_in(tmp_path: Path, place: int, said: str) -> None:
    """Only what the manifest gives a meaning to may be absent."""
    rows = ROWS[:place] + ROWS[place + 1 :]
    faults = faults_of(write(tmp_path / "s", rows))
    assert len(faults) == 1
    assert said in faults[0]


def test_absent_rows_are_zero_where_the_manifest_says_so(tmp_path: Path) -> None:
    """The boiler has a row FOM; the heat pump has none, which is zero, or else a fault."""
    sheet = load_costs(write(tmp_path / "s"), 2030)
    assert sheet.technologies["heat_pump"].annual_fixed_om == 0.0
    assert sheet.technologies["gas_boiler"].annual_fixed_om == pytest.approx(12_000)
    faults = faults_of(write(tmp_path / "s", absent_is_zero=["VOM"]))
    assert len(faults) == 2
    assert all("has no row FOM" in fault for fault in faults)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"price_year": 2015}, "column price_conversion: is needed: the project counts in money"),
        ({"price_conversion": {"value": 0.9, "source": "x"}}, "has nothing to convert"),
        ({"currency": "EUR"}, "column exchange_rate: is needed"),
        ({"currency": "GBP"}, "column currency, 'GBP'"),
        ({"currency": "EUR", "exchange_rate": {"value": 7.9}}, "exchange_rate.source"),
        ({"surprise": 1}, "column surprise"),
        ({"technologies": {"a": "x", "b": "x"}}, "x of the park is named twice"),
        ({"absent_is_zero": ["lifetime"]}, "absent_is_zero.0, 'lifetime'"),
    ],
)
def test_a_bad_manifest_is_refused(tmp_path: Path, keys: dict[str, Any], said: str) -> None:
    """The fault names manifest.yaml and the key."""
    faults = faults_of(write(tmp_path / "s", **keys))
    assert any("manifest.yaml" in fault and said in fault for fault in faults)


def test_a_sheet_without_manifest_says_which_there_are(tmp_path: Path) -> None:
    """A mistyped sheet is told together with the ones that exist."""
    write(tmp_path / "good")
    faults = faults_of(tmp_path / "god")
    assert "there are the cost sheets: good" in faults[0]


def test_interpolation_is_linear_and_recorded(tmp_path: Path) -> None:
    """2033 lies 3/5 between 2030 and 2035: 400 and 300 CNY/kW give 340, 20 and 25 a give 23."""
    later = changed(ROWS[0], "boiler,investment,300,CNY/kW,c,derived: x,2020")
    later = tuple(row.replace("lifetime,20", "lifetime,25") for row in later)
    folder = write(tmp_path / "s", year=2030)
    write(folder, later, 2035)
    sheet = load_costs(folder, 2033)
    boiler = sheet.technologies["gas_boiler"]
    assert boiler.investment == pytest.approx(340_000)
    assert boiler.technical_lifetime == pytest.approx(23)
    assert boiler.provenance["investment"].confidence == "assumption"
    assert boiler.provenance["efficiency"].confidence == "derived"


def test_a_sheet_of_one_year_says_what_to_add(tmp_path: Path) -> None:
    """There is nothing between one year; without any file there is no year to name."""
    folder = write(tmp_path / "s", year=2030)
    for year, end in ((2025, "an earlier"), (2035, "a later")):
        (told,) = faults_of(folder, year)
        assert told == (
            f"{folder / f'costs_{year}.csv'}: no such file; "
            f"the sheet has 2030 only; add a file of {year} or {end} year"
        )
    (folder / "costs_2030.csv").unlink()
    assert faults_of(folder) == [f"{folder / 'costs_2030.csv'}: no such file; add the file"]


def test_nothing_is_extrapolated(tmp_path: Path) -> None:
    """Between two files there is a number, beyond them there is none."""
    folder = write(tmp_path / "s", year=2030)
    write(folder, year=2040)
    assert load_costs(folder, 2035).technologies["gas_boiler"].technical_lifetime == 20
    assert "costs_2045.csv: no such file" in faults_of(folder, 2045)[0]
    assert "choose from the years 2030, 2040" in faults_of(folder, 2020)[0]


def test_files_that_say_different_things_are_not_interpolated(tmp_path: Path) -> None:
    """A row or a kind of unit that only one of the two files has is a fault."""
    folder = write(tmp_path / "s", year=2030)
    rows = tuple(row.replace("650,CNY/kWh", "650,CNY/kW") for row in ROWS if "92" not in row)
    write(folder, rows, 2040)
    faults = faults_of(folder, 2035)
    assert len(faults) == 2
    assert any("gas_boiler has efficiency in one of two files" in fault for fault in faults)
    assert any("battery_energy is paid per MWh, and in costs_2040" in fault for fault in faults)


def test_an_overlay_changes_its_rows_and_inherits_the_rest(tmp_path: Path) -> None:
    """The battery becomes cheaper and keeps its lifetime; the provenance says which is whose."""
    reference = write(tmp_path / "reference")
    rows = ("battery,investment,300,CNY/kWh,c,assumption: x,2020",)
    keys = {"technologies": {"battery": "battery_energy"}, "absent_is_zero": []}
    overlay = write(tmp_path / "cheap", rows, inherits="reference", **keys)
    base, sheet = load_costs(reference, 2030), load_costs(overlay, 2030)
    battery = sheet.technologies["battery_energy"]
    assert (battery.investment, battery.technical_lifetime) == (300_000, 15)
    assert sheet.technologies["gas_boiler"] == base.technologies["gas_boiler"]
    own = {n for n, o in battery.provenance.items() if Path(o.file).is_relative_to(overlay)}
    assert own == {"investment"}


NEW_ROWS = (
    "wheel,investment,900,CNY/kWh,c,assumption: x,2020",
    "wheel,lifetime,25,years,c,assumption: x,2020",
)
NEW: dict[str, Any] = {"inherits": "reference", "technologies": {"wheel": "flywheel"}}


def test_an_overlay_brings_equipment(tmp_path: Path) -> None:
    """What the reference lacks comes whole from the overlay, between two of its years too."""
    write(tmp_path / "reference", year=2030)
    write(tmp_path / "reference", year=2040)
    overlay = write(tmp_path / "o", NEW_ROWS, **NEW)
    write(overlay, tuple(row.replace("900", "500") for row in NEW_ROWS), 2040, **NEW)
    sheet = load_costs(overlay, 2035, of_park={"flywheel"})
    wheel = sheet.technologies["flywheel"]
    assert (wheel.investment, wheel.technical_lifetime) == (700_000, 25)
    assert (wheel.capacity_unit, wheel.annual_fixed_om, wheel.efficiency) == ("MWh", 0.0, None)
    assert sheet.technologies.keys() == {"flywheel", "gas_boiler", "heat_pump", "battery_energy"}


def test_what_an_overlay_brings_is_complete(tmp_path: Path) -> None:
    """A part of a technology is enough where the reference has the rest, and only there."""
    write(tmp_path / "reference")
    (told,) = faults_of(write(tmp_path / "o", NEW_ROWS[:1], **NEW))
    assert told.endswith("'lifetime': wheel has no row lifetime; add the row")
    faults = faults_of(write(tmp_path / "o", NEW_ROWS, **NEW, absent_is_zero=["FOM"]))
    assert [fault.partition(": ")[2] for fault in faults] == ["wheel has no row VOM; add the row"]


def test_zero_of_an_overlay_is_that_of_what_it_brings(tmp_path: Path) -> None:
    """The boiler keeps the fixed cost of the reference, of which the overlay says nothing."""
    reference = write(tmp_path / "reference")
    keys: dict[str, Any] = {**NEW, "technologies": {"wheel": "flywheel", "boiler": "gas_boiler"}}
    overlay = write(tmp_path / "o", (*NEW_ROWS, ROWS[0].replace("400", "300")), **keys)
    boiler = load_costs(overlay, 2030).technologies["gas_boiler"]
    base = load_costs(reference, 2030).technologies["gas_boiler"]
    assert boiler.investment == 300_000
    assert boiler.fixed_om_share == base.fixed_om_share == pytest.approx(0.03)


def test_a_typo_of_an_overlay_is_told_once(tmp_path: Path) -> None:
    """Neither the reference nor the park knows it; what it lacks is then no fault of its own."""
    write(tmp_path / "reference")
    rows = ("battery,investment,300,CNY/kWh,c,assumption: x,2020",)
    keys: dict[str, Any] = {"inherits": "reference", "technologies": {"battery": "batery_energy"}}
    overlay = write(tmp_path / "o", rows, **keys)
    with pytest.raises(InputError) as caught:
        load_costs(overlay, 2030, of_park={"electrolyser"})
    assert str(caught.value) == (
        f"{overlay / 'manifest.yaml'}, column technologies, 'batery_energy': neither the sheet "
        "reference nor technologies.csv of the park has it; perhaps battery_energy; "
        "known: battery_energy, electrolyser, gas_boiler, heat_pump"
    )


def test_an_overlay_that_does_not_fit_its_reference_is_refused(tmp_path: Path) -> None:
    """No reference, and one that is an overlay: both faults."""
    reference = write(tmp_path / "reference")
    rows = ("battery,investment,300,CNY/kWh,c,assumption: x,2020",)
    keys: dict[str, Any] = {"inherits": "reference", "technologies": {"battery": "flywheel"}}
    overlay = write(tmp_path / "o", rows, **keys)
    assert (
        "there are the cost sheets: o, reference"
        in faults_of(write(tmp_path / "o", rows, **{**keys, "inherits": "nowhere"}))[0]
    )
    write(overlay, rows, **keys)
    write(reference, inherits="o")
    assert "'reference': is an overlay itself" in faults_of(overlay)[0]


def test_faults_of_overlay_and_reference_come_together(tmp_path: Path) -> None:
    """Both files are read before the error is raised."""
    bad = changed(ROWS[3], "boiler,lifetime,0,years,a,assumption: x,2020")
    write(tmp_path / "reference", bad)
    rows = ("battery,investment,-1,CNY/kWh,c,assumption: x,2020",)
    overlay = write(
        tmp_path / "o", rows, inherits="reference", technologies={"battery": "battery_energy"}
    )
    faults = faults_of(overlay)
    assert [str(overlay) in fault for fault in faults] == [True, False]


def test_a_sheet_cannot_be_changed(tmp_path: Path) -> None:
    """Loaded costs are frozen and refuse keys they do not know."""
    sheet = load_costs(write(tmp_path / "s"), 2030)
    with pytest.raises(ValidationError, match="frozen"):
        sheet.technologies["gas_boiler"].investment = 0.0  # type: ignore[misc]
    with pytest.raises(ValidationError, match="extra"):
        CostSheet.model_validate({**sheet.model_dump(), "surprise": 1})
