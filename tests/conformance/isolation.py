"""Run a function on a copy of this process: what it changes or breaks stays there."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

import highspy

Answer = TypeVar("Answer")
NOT_ENDED = "not ended in time"
"""Error of a function that was ended."""


@dataclass(frozen=True)
class Isolated(Generic[Answer]):
    """What a function returned, or how it ended instead.

    Attributes
    ----------
    answer
        What it returned; ``None`` if it ended otherwise.
    error
        Class and message of the exception that it raised, or why it was ended; empty if neither.
    where
        The end of the traceback.
    """

    answer: Answer | None
    error: str = ""
    where: str = ""


def isolated(work: Callable[[], Answer], limit: float) -> Isolated[Answer]:
    """Run a function on a copy of this process.

    Parameters
    ----------
    work
        The function; what it returns must be picklable.
    limit
        After how many seconds it is ended, with all processes that it started.
    """
    # The threads of HiGHS do not live on in a copy; it would wait for them.
    highspy.Highs.resetGlobalScheduler(True)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, sender))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a process with threads is copied
        process.start()
    sender.close()
    try:
        if not receiver.poll(limit):
            return Isolated(None, NOT_ENDED)
        found: Isolated[Answer] = receiver.recv()
        return found
    except EOFError:
        process.join()
        return Isolated(None, f"ProcessError: ended with code {process.exitcode}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
        receiver.close()


def _work(work: Callable[[], Answer], sender: Connection) -> None:
    os.setpgid(0, 0)  # so that all processes that it starts can be ended together
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = Isolated(work())
    except BaseException as error:
        found = Isolated(None, f"{type(error).__name__}: {error}", traceback.format_exc()[-4000:])
    sender.send(found)
    # Nothing of the copied program is to run in here, neither its exit handlers.
    os._exit(0)
