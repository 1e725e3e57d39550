"""The command line without a process of its own: quick proof that commands run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Said = Callable[..., tuple[int, str, str]]

REPOSITORY = Path(__file__).parents[2]


def test_check_of_the_campus(said: Said) -> None:
    """Exit code 0, the campus's 11.94 kt, and not a word on standard error."""
    code, out, err = said("check", "--scenario", "yizhuang", "--root", REPOSITORY)
    assert (code, err) == (0, "")
    assert "11.94" in out
    assert "Versions: meishan_model" in out


def test_dispatch_without_a_result_names_the_command(
    said: Said,
) -> None:
    """Who draws before solving is told what to type, and gets code 2."""
    words = ("dispatch", "2020", "--scenario", "yizhuang", "--hours", "504")
    code, out, err = said(*words, "--root", REPOSITORY)
    assert (code, out) == (2, "")
    assert "make it with: meishan solve 2020 -s yizhuang --hours 504" in err


def test_a_pathway_of_one_slice_is_refused(said: Said) -> None:
    """The campus has the year 2020 alone: one line, code 2, and the command that serves it."""
    words = ("pathway", "--scenario", "yizhuang", "--hours", "168")
    code, out, err = said(*words, "--root", REPOSITORY)
    assert (code, out) == (2, "")
    assert "has a single slice" in err
    assert "meishan solve 2020" in err


HELP = """
import sys
from meishan_model import cli
sys.argv = ["meishan", "--help"]
try:
    cli.main()
except SystemExit as ended:
    assert not ended.code
print("imported:", *sorted({"numpy", "oemof", "pandas", "xarray"} & set(sys.modules)))
"""


def test_the_help_begins_at_once() -> None:
    """All commands are listed without a library that takes seconds to be imported."""
    told = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "imported:"
    listed = [line.split()[1] for line in told.stdout.splitlines() if line.startswith("│ ")]
    known = {"check", "solve", "pathway", "report", "compare", "front", "diff", "sheets"}
    assert known <= set(listed)


def test_the_scenario_may_be_left_out_where_there_is_one(tmp_path: Path, said: Said) -> None:
    """Of several, none of them balanced, the fault lists them; of none it says how to begin."""
    code, _, err = said("tariff", "2026-07-15", "--root", tmp_path)
    assert code == 2
    assert "--scenario: must be given; begin with meishan new NAME" in err
    assert said("new", "one", "--root", tmp_path)[0] == 0
    code, out, err = said("tariff", "2026-07-15", "--root", tmp_path)
    assert code == 0, err
    assert "No levies" in out
    assert said("new", "two", "--template", "factory_heat", "--root", tmp_path)[0] == 0
    code, _, err = said("tariff", "2026-07-15", "--root", tmp_path)
    assert code == 2
    assert "there are: one, two" in err
