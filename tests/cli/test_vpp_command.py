"""``meishan vpp``: what is refused before anything is solved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import mini_park
import pytest

from meishan_model.components.catalogue import kinds

Said = Callable[..., tuple[int, str, str]]

EVENT = "event,parameter,value,unit,source,confidence,note\n" + "".join(
    f"call,{name},{value},{unit},assumption of this test,assumption,\n"
    for name, value, unit in (
        ("power", 0.2, "MW"),
        ("start_hour", 14, "h"),
        ("duration", 2, "h"),
        ("payment", 3000, "CNY/MWh"),
    )
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The mini park."""
    return mini_park.make_root(tmp_path)


WORDS = ("vpp", "2030", "--scenario", "mini", "--hours", "168")


def test_a_park_without_events_is_refused(said: Said, root: Path) -> None:
    """Exit code 2 and the sheet that lacks them, before anything is solved."""
    code, _, err = said(*WORDS, "--root", root)
    assert code == 2
    assert "events.csv" in err
    assert not (root / "results").exists()


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("call,payment", "other,payment", "call has no row payment"),
        ("call,power,0.2,MW", "call,reduction,5,%", ""),
        (
            "call,start_hour",
            "call,power,1,MW,x,assumption,\ncall,start_hour",
            "another value",
        ),
        ("call,power,0.2,MW", "call,reduction,5,kW", "wrong unit"),
    ],
)
def test_events_are_checked(root: Path, old: str, new: str, text: str) -> None:
    """What an event lacks is named; a reduction in place of a power is as good."""
    from whole_park import read_park

    from meishan_model.errors import InputError
    from meishan_model.sheets.resolve import events

    folder = root / "configs" / "mini"
    (folder / "events.csv").write_text(EVENT.replace(old, new), encoding="utf-8")
    if not text:
        assert [e.reduction for e in events(read_park(folder, kinds()))] == [0.05]
        return
    with pytest.raises(InputError, match=text):
        events(read_park(folder, kinds()))


def test_an_event_may_be_in_kilowatts(root: Path) -> None:
    """A call of 200 kW is one of 0.2 MW."""
    from whole_park import read_park

    from meishan_model.sheets.resolve import events

    folder = root / "configs" / "mini"
    small = EVENT.replace("call,power,0.2,MW", "call,power,200,kW")
    (folder / "events.csv").write_text(small, encoding="utf-8")
    assert [event.power for event in events(read_park(folder, kinds()))] == [0.2]
