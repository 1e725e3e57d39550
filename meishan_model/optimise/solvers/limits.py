"""What a solver may use, and a watch on the memory of the process."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError

WORTH_A_PROCESS = 20_000
"""Columns from which on a problem is solved by an interior point method in its own process."""
LOOKS_EVERY = 0.2
"""Seconds between two looks at a limit; a simplex iteration is far shorter."""
_MEMORY = "/proc/{process}/statm"


@dataclass(frozen=True)
class SolverLimits:
    """Limits of each attempt to solve.

    A problem with integers that comes to its limit of time ends with the best that was found, and
    its gap; any other ends with an error.

    Attributes
    ----------
    time
        Seconds.
    memory
        Largest memory of the process [GB]; ``None`` for no limit.
    gap
        Relative distance from the best bound at which a problem with integers may end [-].

    Raises
    ------
    ModelError
        If a limit is not positive.
    """

    time: float = 3600.0
    memory: float | None = None
    gap: float = 1e-9

    def __post_init__(self) -> None:
        for name, limit in (("time", self.time), ("memory", self.memory), ("gap", self.gap)):
            if limit is not None and not limit > 0:
                raise ModelError(
                    f"{name} limit, '{limit:g}': is no limit; give a number above zero"
                )


NO_LIMITS = SolverLimits()
"""An hour for each attempt, and whatever memory there is."""


def memory_in_use(process: int | None = None) -> float:
    """Memory that a process holds [GB], this one if none is given.

    Where the system does not tell, it is the peak of this process, and nothing of another one.
    """
    path = Path(_MEMORY.format(process=process or "self"))
    try:
        pages = int(path.read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):  # the process may have ended, and there may be no such files
        pages = 0
    if pages or process is not None:
        return pages * resource.getpagesize() / 1e9
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def memory_watch(limit: float) -> Callable[[], bool]:
    """A function that says whether the memory is above a limit, and looks rarely.

    Parameters
    ----------
    limit
        Largest memory of the process [GB].
    """
    next_look, above = 0.0, False

    def is_above() -> bool:
        nonlocal next_look, above
        now = time.monotonic()
        if now >= next_look:
            next_look, above = now + LOOKS_EVERY, memory_in_use() > limit
        return above

    return is_above
