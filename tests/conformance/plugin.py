"""Plug-in of pytest: every model of the tests that run is judged.

Systems are named ``file::test#number``; those that a fixture of a class or the import of a module
builds are named after the class or the module.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from .following import follower_of_environment

RECORDER = follower_of_environment()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """Name what modules build as they are imported."""
    with RECORDER.at(collector.nodeid):
        return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are not asked for."""
    left_out = [item for item in items if RECORDER.only not in item.nodeid.lower()]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, Any, Any]:
    """Name what a fixture builds after the test, class or module that it is for."""
    with RECORDER.at(request.node.nodeid):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Name what a test builds, and judge what it has not solved."""
    try:
        with RECORDER.at(item.nodeid):
            return (yield)
    finally:
        RECORDER.finish(item.nodeid)


def pytest_sessionfinish() -> None:
    """Judge what is left."""
    RECORDER.finish()
