"""A small park that is solved once for all tests of the report."""

from __future__ import annotations

import pytest
import solved_mini


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> solved_mini.Solved:
    return solved_mini.solve(tmp_path_factory.mktemp("report"))
