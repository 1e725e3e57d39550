"""Cost sheets: annuities by hand, overlays, interpolation, and every kind of bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cost_sheets import HEADER, MANIFEST, ROWS, changed, faults_of, write
from pydantic import ValidationError

from meishan_model.finance import capital_recovery_factor
from meishan_model.sheets.costs import CostSheet, load_costs


def test_a_row_arrives_in_project_units(tmp_path: Path) -> None:
    """400 CNY/kW is 400 000 CNY/MW; 3 %/year of it is 12 000 CNY/(MW*a); 92 % is 0.92."""
    boiler = load_costs(write(tmp_path / "s"), 2030).technologies["gas_boiler"]
    assert boiler.capacity_unit == "MW"
    assert boiler.investment == 400_000
    assert boiler.annual_fixed_om == pytest.approx(12_000)
    assert boiler.efficiency == pytest.approx(0.92)
    assert (boiler.lifetime, boiler.variable_om) == (20, 0)
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
    (0, "boiler,investment,400,EUR/kW,a,assumption: x,2020", "no exchange rate for EUR"),
    (0, "boiler,investment,-4,CNY/kW,a,assumption: x,2020", "must not be negative"),
    (0, 'boiler,investment,"1,5",CNY/kW,a,assumption: x,2020', "write a decimal point"),
    (0, "boiler,investment,nan,CNY/kW,a,assumption: x,2020", "column value, 'nan'"),
    (0, "boiler,investment,,CNY/kW,a,assumption: x,2020", "the value is missing"),
    (0, "boiler,investment,400,CNY/kW,,assumption: x,2020", "column source, '': no source"),
    (0, "boiler,investment,400,CNY/kW,a,guess: x,2020", "no confidence stated; begin with"),
    (0, "boiler,investment,400,CNY/kW,a,assumption:,2020", "no confidence stated"),
    (0, "boiler,investment,400,CNY/kW,a,assumption: x,2015", "mix of price years"),
    (0, "boiler,investment,400,CNY/kW,a,assumption: x,", "mix of price years"),
    (0, "boiler,invest,400,CNY/kW,a,assumption: x,2020", "unknown parameter"),
    (0, "kettle,investment,400,CNY/kW,a,assumption: x,2020", "not a technology of the manifest"),
    (0, "boiler,investment,1,5,CNY/kW,a,assumption: x,2020", "has 8 cells, the header has 7"),
    (1, "boiler,efficiency,96,per unit,a,assumption: x,2020", "write 0.96 per unit or 96 %"),
    (1, "boiler,efficiency,1.04,per unit,a,assumption: x,2020", "at most 1"),
    (1, "boiler,efficiency,0,per unit,a,assumption: x,2020", "above 0"),
    (2, "boiler,FOM,300,%/year,a,assumption: x,2020", "more than the investment every year"),
    (3, "boiler,lifetime,0,years,a,assumption: x,2020", "a lifetime must be above 0"),
    (3, "boiler,lifetime,20,weeks,a,assumption: x,2020", "column unit, 'weeks'"),
    (5, "pump,efficiency,3.4,per unit,a,assumption: x,2020", "nothing reads the efficiency"),
    (
        3,
        "boiler,FOM,3,%/year,b,published: x,2020",
        "the same technology and parameter as in row 4",
    ),
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


def test_all_faults_of_a_sheet_come_in_one_error(tmp_path: Path) -> None:
    """A row with three faults and one with another give four, in the order of the lines."""
    rows = changed(ROWS[0], "boiler,invest,400,CNY/kW,,x,2020")
    rows = (*rows[:-1], "battery,lifetime,-1,years,a,assumption: x,2020")
    faults = faults_of(write(tmp_path / "s", rows))
    assert ["row 2" in fault for fault in faults] == [True, True, True, False]
    assert "row 10" in faults[3]


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
        (HEADER.encode(), "'boiler': a technology of the manifest has no rows"),
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
        (0, "missing parameter investment of gas_boiler"),
        (1, "missing parameter efficiency of gas_boiler"),
        (3, "missing parameter lifetime of gas_boiler"),
    ],
)
def test_a_missing_parameter_is_never_filled_in(tmp_path: Path, place: int, said: str) -> None:
    """Only what the manifest gives a meaning to may be absent."""
    rows = ROWS[:place] + ROWS[place + 1 :]
    faults = faults_of(write(tmp_path / "s", rows))
    assert len(faults) == 1
    assert said in faults[0]


def test_absent_rows_mean_what_the_manifest_says_and_no_more(tmp_path: Path) -> None:
    """With a meaning of 2 %/year the heat pump costs 60 000 CNY/a; without one it is a fault."""
    meaning = {**MANIFEST["absent_means"], "FOM": {"value": 2, "unit": "%/year"}}
    sheet = load_costs(write(tmp_path / "s", absent_means=meaning), 2030)
    assert sheet.technologies["heat_pump"].annual_fixed_om == pytest.approx(60_000)
    assert sheet.technologies["gas_boiler"].annual_fixed_om == pytest.approx(12_000)
    del meaning["FOM"]
    faults = faults_of(write(tmp_path / "s", absent_means=meaning))
    assert len(faults) == 2
    assert all("missing parameter FOM" in fault for fault in faults)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"price_year": 2015}, "the project counts in money of 2020"),
        ({"price_conversion": {"value": 0.9, "source": "x"}}, "nothing to convert"),
        ({"currency": "EUR"}, "no exchange rate"),
        ({"currency": "GBP"}, "column currency, 'GBP'"),
        ({"exchange_rates": {"EUR": {"value": 7.9}}}, "exchange_rates.EUR.source"),
        ({"surprise": 1}, "column surprise"),
        ({"technologies": {"a": "x", "b": "x"}}, "'x': named twice"),
        ({"absent_means": {"VOM": {"value": 0, "unit": "CNY"}}}, "absent_means.VOM, 'CNY'"),
        ({"absent_means": {"FOM": {"value": -1, "unit": "%"}}}, "must not be negative"),
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


def test_interpolation_is_linear_allowed_and_recorded(tmp_path: Path) -> None:
    """2033 lies 3/5 between 2030 and 2035: 400 and 300 CNY/kW give 340, 20 and 25 a give 23."""
    later = changed(ROWS[0], "boiler,investment,300,CNY/kW,c,derived: x,2020")
    later = tuple(row.replace("lifetime,20", "lifetime,25") for row in later)
    folder = write(tmp_path / "s", year=2030)
    write(folder, later, 2035, interpolate=True)
    sheet = load_costs(folder, 2033)
    boiler = sheet.technologies["gas_boiler"]
    assert boiler.investment == pytest.approx(340_000)
    assert boiler.lifetime == pytest.approx(23)
    assert boiler.provenance["investment"].confidence == "assumption"
    assert boiler.provenance["efficiency"].confidence == "derived"


def test_no_year_is_guessed(tmp_path: Path) -> None:
    """Without leave there is no interpolation, and beyond the files nothing in any case."""
    folder = write(tmp_path / "s", year=2030)
    write(folder, year=2040)
    faults = faults_of(folder, 2035)
    assert "costs_2035.csv: no such file" in faults[0]
    assert "2030, 2040, or set interpolate: true" in faults[0]
    write(folder, year=2040, interpolate=True)
    assert "choose from the years 2030, 2040" in faults_of(folder, 2045)[0]


def test_files_that_say_different_things_are_not_interpolated(tmp_path: Path) -> None:
    """A row or a kind of unit that only one of the two files has is a fault."""
    folder = write(tmp_path / "s", year=2030)
    rows = tuple(row.replace("650,CNY/kWh", "650,CNY/kW") for row in ROWS if "92" not in row)
    write(folder, rows, 2040, interpolate=True)
    faults = faults_of(folder, 2035)
    assert len(faults) == 2
    assert any("gas_boiler has no efficiency" in fault for fault in faults)
    assert any("battery_energy is paid per MW" in fault for fault in faults)


def test_an_overlay_changes_its_rows_and_inherits_the_rest(tmp_path: Path) -> None:
    """The battery becomes cheaper and keeps its lifetime; the provenance says which is whose."""
    reference = write(tmp_path / "reference")
    rows = ("battery,investment,300,CNY/kWh,c,assumption: x,2020",)
    keys = {"technologies": {"battery": "battery_energy"}, "absent_means": {}}
    overlay = write(tmp_path / "cheap", rows, inherits="reference", **keys)
    base, sheet = load_costs(reference, 2030), load_costs(overlay, 2030, reference)
    battery = sheet.technologies["battery_energy"]
    assert (battery.investment, battery.lifetime) == (300_000, 15)
    assert sheet.technologies["gas_boiler"] == base.technologies["gas_boiler"]
    own = {n for n, o in battery.provenance.items() if Path(o.file).is_relative_to(overlay)}
    assert own == {"investment"}


def test_an_overlay_that_does_not_fit_its_reference_is_refused(tmp_path: Path) -> None:
    """No reference, a wrong one, another kind of unit, an unknown technology: all faults."""
    reference = write(tmp_path / "reference")
    rows = ("battery,investment,300,CNY/kW,c,assumption: x,2020",)
    keys: dict[str, Any] = {"inherits": "reference", "absent_means": {}}
    battery = {"battery": "battery_energy"}
    overlay = write(tmp_path / "o", rows, technologies=battery, **keys)
    assert "inherits from reference, but nothing was given" in faults_of(overlay)[0]
    assert "but o was given" in faults_of(overlay, 2030, overlay)[0]
    assert "paid per MW, in the reference per MWh" in faults_of(overlay, 2030, reference)[0]
    write(overlay, rows, technologies={"battery": "flywheel"}, **keys)
    assert "not a technology of the reference" in faults_of(overlay, 2030, reference)[0]
    write(reference, inherits="o")
    assert "the reference is an overlay itself" in faults_of(overlay, 2030, reference)[0]


def test_faults_of_overlay_and_reference_come_together(tmp_path: Path) -> None:
    """Both files are read before the error is raised."""
    bad = changed(ROWS[3], "boiler,lifetime,0,years,a,assumption: x,2020")
    reference = write(tmp_path / "reference", bad)
    rows = ("battery,investment,-1,CNY/kWh,c,assumption: x,2020",)
    overlay = write(
        tmp_path / "o", rows, inherits="reference", technologies={"battery": "battery_energy"}
    )
    faults = faults_of(overlay, 2030, reference)
    assert [str(overlay) in fault for fault in faults] == [True, False]


def test_a_sheet_cannot_be_changed(tmp_path: Path) -> None:
    """Loaded costs are frozen and refuse keys they do not know."""
    sheet = load_costs(write(tmp_path / "s"), 2030)
    with pytest.raises(ValidationError, match="frozen"):
        sheet.technologies["gas_boiler"].investment = 0.0  # type: ignore[misc]
    with pytest.raises(ValidationError, match="extra"):
        CostSheet.model_validate({**sheet.model_dump(), "surprise": 1})


def test_another_unit_is_told(tmp_path: Path) -> None:
    """A park that counts batteries in MW does not fit the sheet."""
    sheet = load_costs(write(tmp_path / "s"), 2030)
    assert sheet.faults_against({"gas_boiler": "MW", "battery_energy": "MWh"}) == []
    (fault,) = sheet.faults_against({"gas_boiler": "MW", "battery_energy": "MW"})
    assert "paid per MWh" in str(fault)
