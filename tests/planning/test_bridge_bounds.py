"""Bounds on bridges: what is built in a slice and abandoned before the target."""

from __future__ import annotations

import pytest
from hand_terms import hand_table
from one_asset import built

from meishan_model.errors import InputError
from meishan_model.planning.bounds import bounds

YEARS = (2020, 2025, 2030, 2035, 2040, 2045, 2050)


def bridges(year: int, later: float = 0.0, **limits: float) -> float:
    """Largest bridge of an asset in a slice, where nothing or so much is built in later ones."""
    table = hand_table(YEARS, 20.0, bridged=True, **limits)
    for solved in (y for y in YEARS[::-1] if y > year):
        table = built(table, solved, later)
    found = bounds(table, year)
    told = [term.amount for term in found.terms[0] if term.kind == "bridge"]
    assert told == [found.bridge[0]] or (told, found.bridge[0]) == ([], 0.0)
    return float(found.bridge[0])


@pytest.mark.parametrize(
    ("year", "allowed"), [(2020, False), (2025, True), (2030, True), (2035, False), (2050, False)]
)
def test_phase_out_ends_with_its_last_new_build(year: int, allowed: bool) -> None:
    """A diesel truck may be replaced until 2030, not in the status quo, never in the target."""
    found = bridges(year, phase_out=True, last_new_build=2030.0, potential=8.0, stock=3.0)
    assert found == (5.0 if allowed else 0.0)


def test_other_bridges_end_at_the_target() -> None:
    """Demand that peaks before the target may be bridged in any slice but the target."""
    assert bridges(2045, potential=8.0) == 8.0
    assert bridges(2050, potential=8.0) == 0.0
    abandoned = {"phase_out": True, "last_new_build": 2050.0, "potential": 8.0}
    assert (bridges(2045, **abandoned), bridges(2050, **abandoned)) == (8.0, 0.0)


def test_a_bridge_has_to_be_built_beside_the_new_build() -> None:
    """2 MW/a: 10 MW after one step, 40 after four and not more, 30 of them new build at most."""
    assert bridges(2025, build_rate=2.0) == 10.0
    assert bridges(2045, build_rate=2.0) == 40.0
    assert bridges(2045, later=30.0, build_rate=2.0) == 10.0
    assert bridges(2045, later=40.0, build_rate=2.0) == 0.0


def test_phase_out_without_a_last_year_is_a_gap() -> None:
    """No silent default: the row is asked for."""
    with pytest.raises(InputError, match="last_new_build"):
        hand_table(YEARS, 20.0, phase_out=True, bridged=True)
