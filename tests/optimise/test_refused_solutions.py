"""Solutions that fail their checks: the next method is tried, and the last refusal is told."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
import xarray as xr
from tiny_park import Recipe, park

from meishan_model.accounts import checks
from meishan_model.errors import CheckError, ContractError
from meishan_model.optimise.solution import Solution
from meishan_model.planning import solve_slice as solving


def test_a_solution_that_fails_its_checks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What the simplex found is refused: the next method solves, and the result says both.

    The check is made to refuse the simplex's solution by its name; the others pass the real check.
    """
    real = checks.check_slice

    def strict(graph: object, solution: Solution, accounts: object) -> None:
        if solution.method == "simplex":
            raise CheckError("a bus does not balance")
        real(graph, solution, accounts)  # type: ignore[arg-type]

    task = park(Recipe(load=(10.0, 8.0))).task()
    expected = solving.solve_slice(task)
    monkeypatch.setattr(checks, "check_slice", strict)
    with caplog.at_level(logging.WARNING):
        found = solving.solve_slice(task)
    assert "a bus does not balance" in caplog.text
    assert "simplex refused: a bus does not balance" in found.attrs["solver_history"]
    assert found.attrs["solver"].split()[-1] in ("0.7.0", "hipo", "hipo_rescaled", "ipx")
    xr.testing.assert_allclose(found["cost"], expected["cost"])


def test_no_solution_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the solutions of all methods are refused, the last refusal is the error, code 4."""

    def never(graph: object, solution: Solution, accounts: object) -> None:
        raise CheckError(f"{solution.method} is wrong")

    monkeypatch.setattr(checks, "check_slice", never)
    for solver, last in (("highs", "ipx"), ("cbc", "")):
        with pytest.raises(CheckError, match=f"{last} is wrong") as raised:
            solving.solve_slice(park(Recipe(load=(10.0, 8.0))).task(solver))  # type: ignore[arg-type]
        assert raised.value.exit_code == 4


def test_a_broken_contract_is_no_fault_of_the_solver() -> None:
    """The problem is stated and solved once, and the error says that the program is wrong."""
    task = replace(park(Recipe(load=(10.0, 8.0))).task(), inputs_sha256="no hash", cost_sheet="")
    stages: list[str] = []
    with pytest.raises(ContractError, match="the program is wrong, not the input") as raised:
        solving.solve_slice(task, stages.append)
    assert stages.count("stating the problem") == stages.count("checking the solution") == 1
    assert raised.value.violations == (
        "attribute cost_sheet is empty",
        "attribute inputs_sha256 is 'no hash', not 64 hexadecimal digits",
    )
    assert raised.value.exit_code == 4
