"""Slices without optimum and without time, through the backcast: what is said and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from mini_park import SHEETS, Silence, make_root, mini, swap

from meishan_model.optimise.conflicts.wording import ConflictError
from meishan_model.optimise.errors import SolverError
from meishan_model.optimise.solvers.limits import SolverLimits, memory_in_use
from meishan_model.planning.backcast import backcast

HEAT = "heating,campus,buildings,building_heat,process_heat,"
REST = "GWh/a,assumption of this test,assumption,\n"
WEEK = ("--scenario", "mini", "--hours", "168")


def dipping_heat(root: Path) -> Path:
    """The mini park with hardly any heat in 2025, which heat pumps may not leave so fast.

    They are built by 0.2 MW a year at most, so that 2025 has all but 1 MW of what 2030 has; but
    equipment of a duty delivers its share of the duty and no more.
    """
    make_root(root)
    loads = root / SHEETS / "loads.csv"
    kept = [
        line
        for line in loads.read_text(encoding="utf-8").splitlines(keepends=True)
        if not line.startswith(HEAT)
    ]
    by_year = [f"{HEAT}{y},{e},{REST}" for y, e in ((2020, 27.19), (2025, 0.5), (2030, 27.19))]
    loads.write_text("".join([*kept, *by_year]), encoding="utf-8")
    assets = root / SHEETS / "assets.csv"
    swap(
        assets,
        "heat_pump_building,campus,build_rate,,2,",
        "heat_pump_building,campus,build_rate,,0.2,",
    )
    return root


def rows_about(sheet: Path, start: str, inside: str = "") -> str:
    """Lines of a sheet that begin and go on in some way, read by themselves: they are a block."""
    lines = sheet.read_text(encoding="utf-8").splitlines()
    found = [n for n, line in enumerate(lines, 1) if line.startswith(start) and inside in line]
    assert found == list(range(found[0], found[-1] + 1))
    return f"rows {found[0]} to {found[-1]}"


@pytest.mark.slow
def test_a_duty_that_shrinks_faster_than_its_equipment(
    tmp_path: Path, said: Callable[..., tuple[int, str, str]]
) -> None:
    """2025 holds 1 of the 2 MW of 2030 for 0.06 MW of heat: told by asset, sheet and row.

    0.2 MW a year make 2 MW in ten years, so that 2025 has exactly 1 MW. At the peak of the duty it
    delivers all of that; what is too much is that less the demand. The slice of 2030 stays. The
    command line then ends with code 3 and tells the shortage and its sheet row under the word
    ``infeasible``, without a summary.
    """
    root = dipping_heat(tmp_path)
    project = mini(root)
    with pytest.raises(ConflictError) as raised:
        backcast(project, 2025, "highs", Silence())
    text = str(raised.value)
    assert text.startswith("slice 2025: the problem is infeasible\n")
    assert "new build of heat_pump_building_campus is exactly 1 MW" in text
    sheets = root / "configs" / "mini"
    rows = rows_about(sheets / "assets.csv", "heat_pump_building,campus,")
    held = "heat_pump_building in campus: 2025: at least 1 MW, the 2 of 2030"
    assert f"assets.csv {rows}, {held}" in text
    assert "MW too much at campus_building_heat" in text
    rows = rows_about(sheets / "loads.csv", "", ",building_heat,")
    assert f"loads.csv {rows}, heating in campus" in text
    worst = raised.value.conflict.shortages[0]
    fixed = {b.place.names[0]: b.value for b in raised.value.conflict.fixed}
    demand = fixed["campus_building_heat", "campus_building_heat_demand"]
    assert worst.amount == pytest.approx(demand - 1.0, abs=1e-3)
    assert project.result_path(2030).is_file()
    assert not project.result_path(2025).exists()
    log = (project.result_path(2025).parent / "logs" / "run.log").read_text(encoding="utf-8")
    assert "stage=solve scenario=mini year=2025" in log
    assert log.splitlines()[-1].endswith("outcome=ConflictError")
    code, out, err = said("solve", "2025", *WEEK, "--root", root)
    assert (code, out) == (3, "")
    assert "infeasible  slice 2025: the problem is infeasible" in err
    assert "heat_pump_building in campus" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (
            ("--time-limit", "1e-9"),
            4,
            "solver  HiGHS found no optimum: simplex: Time limit reached",
        ),
        (("--memory-limit", "0.01"), 4, "simplex: Memory limit reached"),
        (("--memory-limit", "0.01", "--solver", "cbc"), 4, "solver  CBC"),
        (("--time-limit", "0"), 2, "input  time limit, '0': is no limit"),
    ],
)
def test_the_command_line_keeps_its_limits(
    tmp_path: Path,
    said: Callable[..., tuple[int, str, str]],
    words: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    """No time or no memory is code 4, no limit at all code 2; no result, but the solver's log."""
    root = make_root(tmp_path)
    found, out, err = said("solve", "2030", *WEEK, *words, "--root", root)
    assert (found, out) == (code, "")
    assert told in err
    assert not list(root.rglob("2030.nc"))
    assert bool(list(root.rglob("logs/2030_*.log"))) == (code == 4)


def test_limits_of_a_project(tmp_path: Path) -> None:
    """A slice without time or memory ends with an error; the solver's log lies by its year."""
    project = mini(make_root(tmp_path))
    scarce = SolverLimits(time=1e-9), SolverLimits(memory=memory_in_use() / 2)
    for limits, said in zip(scarce, ("Time limit reached", "Memory limit reached"), strict=True):
        with pytest.raises(SolverError, match=f"simplex: {said}.*hipo: .*ipx: {said}"):
            backcast(replace(project, limits=limits), 2030, "highs", Silence())
    assert not project.result_path(2030).exists()
    log = project.result_path(2030).parent / "logs" / "2030_highs.log"
    assert log.read_text(encoding="utf-8").count("Running HiGHS") >= 2 * 4
