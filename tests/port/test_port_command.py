"""``meishan port``: what it says of the real park, and the list of calls that it writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from meishan_model.planning.project import open_project
from meishan_model.port.call_list import read_call_list
from meishan_model.port.year import berths_of

Said = Callable[..., tuple[int, str, str]]

REPOSITORY = Path(__file__).parents[2]


def test_it_tells_berths_ships_and_lamps_and_lists_the_calls(said: Said, tmp_path: Path) -> None:
    """Groups and classes by their names, 338 tce of its lamps, and a list with all TEU."""
    path = tmp_path / "calls.csv"
    code, out, err = said("port", "2035", "--calls", path, "--root", REPOSITORY)
    assert (code, err) == (0, "")
    for name in ("berths_1_5", "teu_above_14k5", "ship_to_shore_cranes", "338 tce"):
        assert name in out.replace("\n", " ")
    inputs = open_project("balanced", REPOSITORY).slices[2035]
    throughput = inputs.drivers["throughput"]
    calls = pd.concat(read_call_list(path, 2035, berths_of(inputs), throughput).values())
    assert calls["teu"].sum() == pytest.approx(throughput, rel=1e-9)
    assert set(calls["ship_class"]) == {s.ship_class for g in berths_of(inputs) for s in g.ships}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("2033",), "2033"),
        (("2020", "--scenario", "yizhuang"), "the park has no berths"),
        (("2035", "--calls", "/nowhere/calls.csv"), "cannot be written"),
    ],
)
def test_what_cannot_be_told_ends_in_one_line(
    said: Said, words: tuple[str, ...], told: str
) -> None:
    """No such slice, a park without a port, no such folder: exit code 2 and one message."""
    code, _, err = said("port", *words, "--root", REPOSITORY)
    assert code == 2
    assert told in err
    assert len(err.strip().splitlines()) == 1
