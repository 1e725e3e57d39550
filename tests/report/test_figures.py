"""The figure of a week: what is drawn as supply and use, recomputed by hand, and the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hand_made import HOURS, dataset

from meishan_model.report.figures import save_dispatch_figure
from meishan_model.report.hourly import dispatch
from meishan_model.sheets.views import CARRIERS, GROUPS


def means(zone: str = "", by: str = "", **wanted: str) -> dict[str, float]:
    """Mean of every series of the week [MW]."""
    table = dispatch(dataset(), wanted | ({"zone": zone} if zone else {}), by)
    assert len(table) == HOURS
    return {str(name): float(value) for name, value in table.mean().items()}


def test_the_whole_park_by_hand() -> None:
    """Wind at 110 kV and in the port add up, PV is apart; a supercapacitor is a store.

    Feed-in 21 + 8: all of the 21 is wind, of the 8 in the port 6 are PV; that wind is curtailed
    at 110 kV takes nothing from the PV in the port.
    """
    found = means("")
    assert found["purchase (supply)"] == pytest.approx(60)
    assert found["green power (supply)"] == pytest.approx(40)
    assert found["pv (supply)"] == pytest.approx(6)
    assert found["wind (supply)"] == pytest.approx(23)
    assert found["storage (supply)"] == pytest.approx(8)
    assert found["storage (use)"] == pytest.approx(-9)
    assert found["flexible loads (supply)"] == pytest.approx(2)
    assert found["efficiency measures (supply)"] == pytest.approx(1)
    assert found["loads (use)"] == pytest.approx(-120)
    assert found["electric equipment (use)"] == pytest.approx(-6)
    supply = sum(v for k, v in found.items() if k.endswith("(supply)"))
    use = sum(v for k, v in found.items() if k.endswith("(use)"))
    assert supply + use == pytest.approx(3.0), "what is left over is lost in the grid"


def test_a_zone_by_hand() -> None:
    """In the zone the transformer and the tie are exchange; the sum of all bands is zero."""
    found = means("port")
    assert found["grid and ties (supply)"] == pytest.approx(79)
    assert found["grid and ties (use)"] == pytest.approx(-10)
    assert found["pv (supply)"] == pytest.approx(6)
    assert found["wind (supply)"] == pytest.approx(2)
    assert sum(found.values()) == pytest.approx(0.0, abs=1e-9)
    assert sum(means("new_port").values()) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("zone", ["", "port", "new_port"])
def test_every_band_has_a_colour(zone: str) -> None:
    """A band without a place in the palette would not be drawn at all."""
    bands = {name.removesuffix(" (use)").removesuffix(" (supply)") for name in means(zone)}
    assert bands <= set(GROUPS)


def test_any_flows_by_hand() -> None:
    """What flows into a bus is positive; components go by their names, a bus sums to zero."""
    assert means(role="load") == {"cranes_port": -70.0, "works_new_port": -50.0}
    assert means(role="load", zone="port", by="customer") == {"cranes": -70.0}
    assert means("port", by="role", technology="supercapacitor") == {
        "charge": -9.0,
        "discharge": 8.0,
    }
    at_bus = means(bus="port_20kv")
    assert at_bus["capacitor_port"] == pytest.approx(-1.0), "what it loses"
    assert sum(at_bus.values()) == pytest.approx(0.0, abs=1e-9)
    both = dispatch(dataset(), {"role": ["load", "shift"]}, ["role", "zone"]).mean()
    assert both.to_dict() == {
        ("load", "new_port"): -50.0,
        ("load", "port"): -70.0,
        ("shift", "new_port"): 0.0,
    }
    two = dispatch(dataset(), {"zone": ["port", "new_port"]}).mean()
    assert two["loads (use)"] == pytest.approx(-120.0)
    assert two.sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("name", "magic"), [("a.png", b"\x89PNG\r\n"), ("a.svg", b"<?xml")])
def test_the_file_is_a_picture(tmp_path: Path, name: str, magic: bytes) -> None:
    """PNG and SVG begin as such files begin and are no empty canvas."""
    save_dispatch_figure(dataset(), {"zone": "port"}, 1, tmp_path / name, "")
    content = (tmp_path / name).read_bytes()
    assert content.startswith(magic)
    assert len(content) > 10_000


def test_the_picture_shows_the_stores_of_its_zone_only(tmp_path: Path) -> None:
    """The port has a store of 3 MWh; ``new_port`` ends like ``port`` and has put-off load."""
    for zone, inside, outside in (
        ("port", "batteries", "put-off load"),
        ("new_port", "put-off load", "batteries"),
    ):
        path = tmp_path / f"{zone}.svg"
        save_dispatch_figure(dataset(), {"zone": zone}, 1, path, "")
        text = path.read_text(encoding="utf-8")
        assert f">{inside}<" in text
        assert f">{outside}<" not in text


def test_a_figure_of_chosen_flows_tells_them_apart(tmp_path: Path) -> None:
    """Loads by their names, each in a colour of its own."""
    path = tmp_path / "loads.svg"
    save_dispatch_figure(dataset(), {"role": "load"}, 1, path, "customer")
    text = path.read_text(encoding="utf-8")
    assert ">cranes (use)<" in text
    assert ">works (use)<" in text
    assert {colour.lower() in text.lower() for colour in CARRIERS[:2]} == {True}
