"""Solvers in processes of their own end when the process that started them does.

Whoever is killed, by a signal or for want of memory, cleans nothing up: a solver that it started
would go on without limits of time and memory. This file is also a small program that stands
between the two: it asks Linux to be killed with its parent, sets the limit of memory, and becomes
the solver, which inherits both. Elsewhere only the limit is set. Nothing is imported that would
delay it, and nothing runs between fork and exec, which is not safe where there are threads.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

CANNOT_RUN = 126
"""Exit code if there is no such program, or it is none; a shell has the same."""
_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


def with_this_process(command: list[str], memory_limit: float | None = None) -> list[str]:
    """A command that runs another one as long as this process lives.

    The thread that starts it must wait for its end: Linux takes the thread for the parent.

    Parameters
    ----------
    command
        Path of a program and its arguments.
    memory_limit
        Largest memory of the program [GB]; ``None`` for no limit.
    """
    most = -1 if memory_limit is None else int(memory_limit * 1e9)
    # Isolated and without site-packages: it starts in some hundredths of a second.
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(most), *command]


def end_with(parent: int) -> None:
    """Let Linux kill this process when its parent ends; leave if that has happened already.

    Parameters
    ----------
    parent
        Number of the process that has started this one, as it knows it itself: once it is gone,
        another process is the parent of this one.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)


def limit_memory(most: int) -> None:
    """Limit the memory of this process and of what it becomes.

    Parameters
    ----------
    most
        Bytes; negative for no limit.
    """
    if most < 0:
        return
    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    if allowed != resource.RLIM_INFINITY:
        most = min(most, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> None:
    """Read ``parent memory program arguments``, and become the program."""
    parent, most, *command = sys.argv[1:]
    end_with(int(parent))
    # Python ignores these, and what is ignored would stay so.
    for name in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(name, signal.SIG_DFL)
    limit_memory(int(most))
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(CANNOT_RUN)


if __name__ == "__main__":
    main()
