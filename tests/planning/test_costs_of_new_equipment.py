"""Equipment of a park that the reference does not price, in a cost sheet laid over it."""

from __future__ import annotations

from pathlib import Path

import converter_park
import pytest
from mini_park import mini

from meishan_model.errors import InputError
from meishan_model.planning.check_sheets import check_sheets

COSTS = Path("configs/costs")
NAME = "gas_engine"
MANIFEST = f"""title: A gas engine over the reference
currency: CNY
price_year: 2020
inherits: reference
absent_is_zero: [FOM]
technologies:
  {NAME}: {NAME}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Root of a park with a gas engine, whose rows of costs stand in an overlay alone."""
    root = converter_park.make_root(tmp_path)
    overlay = root / COSTS / "engine"
    overlay.mkdir()
    (overlay / "manifest.yaml").write_text(MANIFEST, encoding="utf-8")
    for path in (root / COSTS / "reference").iterdir():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        moved = [line for line in lines if line.strip().startswith((f"{NAME},", f"{NAME}:"))]
        assert moved, path
        path.write_text("".join(x for x in lines if x not in moved), encoding="utf-8")
        if path.suffix == ".csv":
            (overlay / path.name).write_text("".join([lines[0], *moved]), encoding="utf-8")
    return root


def test_the_reference_alone_does_not_price_it(root: Path) -> None:
    """The remedy leads to a sheet that is read."""
    with pytest.raises(InputError) as caught:
        _ = mini(root).slices
    assert {fault.value for fault in caught.value.faults} == {NAME}
    assert str(caught.value.faults[0]).endswith(
        "has no costs in the cost sheet reference; "
        "give its rows and map it in manifest.yaml, here or in a sheet over this"
    )


def test_an_overlay_prices_it(root: Path) -> None:
    """In all slices, beside what the reference says; the check of sheets reads it too."""
    slices = mini(root, sheet="engine").slices
    for inputs in slices.values():
        cost = inputs.technologies[NAME].own_cost
        assert (cost.investment, cost.efficiency, cost.fixed_om_share) == (6e6, 0.4, 0.0)
        assert inputs.technologies["turbine"].own_cost.investment == 7e6
    with pytest.raises(InputError, match="no costs in the cost sheet reference"):
        # The scenario's own sheet is checked beside it.
        check_sheets(root, "mini", "engine")
    scenario = root / "configs" / "scenarios" / "mini.yaml"
    scenario.write_text(scenario.read_text("utf-8") + "cost_sheet: engine\n", "utf-8")
    check_sheets(root, "mini", "engine")


def test_what_its_kind_needs_is_asked_for_there(root: Path) -> None:
    """A converter has an efficiency; the file of the overlay is the one to correct."""
    for path in (root / COSTS / "engine").glob("costs_*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(x for x in lines if ",efficiency," not in x), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        _ = mini(root, sheet="engine").slices
    told = str(caught.value.faults[0])
    assert "engine/costs_2020.csv, column parameter, 'efficiency': gas_engine, a " in told
    assert "has no row efficiency from MW to MW; add the row" in told
