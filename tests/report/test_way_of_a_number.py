"""The picture of the way of a number is what the package does now."""

from __future__ import annotations

import importlib
import re

import way_of_a_number


def texts(svg: str) -> list[str]:
    """All texts of a picture."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_the_picture_is_up_to_date() -> None:
    """Drawn anew it has the same boxes with the same words and numbers."""
    made = way_of_a_number.stages()
    assert all(stage.lines for stage in made)
    kept = way_of_a_number.PICTURE.read_text(encoding="utf-8")
    assert texts(way_of_a_number.drawn(made)) == texts(kept)


def test_its_places_are_there() -> None:
    """Every function that the architecture's picture names can be imported."""
    kept = way_of_a_number.PICTURE.read_text(encoding="utf-8")
    places = re.findall(r'class="place">([a-z_/]+)\.([A-Za-z_.]+)<', kept)
    assert len(places) >= 4
    for module, name in places:
        found = importlib.import_module(f"meishan_model.{module.replace('/', '.')}")
        for part in name.split("."):
            found = getattr(found, part)
