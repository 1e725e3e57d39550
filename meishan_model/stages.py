"""One line in the log for each stage of a run: what it was about and how long it took.

The lines are ``key=value`` pairs in a fixed order, so that ``grep stage=solve`` and a spreadsheet
can read them.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

logger = logging.getLogger(__name__)

_ABOUT: ContextVar[tuple[tuple[str, object], ...]] = ContextVar("about", default=())


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Say in all stages inside what they are about.

    Parameters
    ----------
    facts
        Scenario, year, hours.
    """
    token = _ABOUT.set((*_ABOUT.get(), *facts.items()))
    try:
        yield
    finally:
        _ABOUT.reset(token)


@contextmanager
def stage(name: str, **facts: object) -> Iterator[dict[str, object]]:
    """Log a stage when it ends, also where it fails.

    Parameters
    ----------
    name
        Name of the stage.
    facts
        What is known before it begins.

    Yields
    ------
    dict
        To be filled with what is known when it ends.
    """
    found = dict(facts)
    began = time.perf_counter()
    outcome = "done"
    try:
        yield found
    except BaseException as error:
        outcome = type(error).__name__
        raise
    finally:
        seconds = time.perf_counter() - began
        whole = {"stage": name, **dict(_ABOUT.get()), **found}
        logger.info(pairs({**whole, "seconds": round(seconds, 3), "outcome": outcome}))


def pairs(facts: Mapping[str, object]) -> str:
    """Write facts as ``key=value``; what has a space or a quote stands in quotes.

    Parameters
    ----------
    facts
        Values by key.

    Examples
    --------
    >>> pairs({"stage": "solve", "columns": 12, "solver": "HiGHS 1.15"})
    'stage=solve columns=12 solver="HiGHS 1.15"'
    """
    return " ".join(f"{key}={_plain(str(value))}" for key, value in facts.items())


def _plain(text: str) -> str:
    awkward = not text or not text.isprintable() or any(c in ' "=' for c in text)
    # What would end a line is written as an escape, Chinese as it is.
    return json.dumps(text, ensure_ascii=not text.isprintable()) if awkward else text
