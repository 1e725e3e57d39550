"""Run a program and watch what memory it and all that it starts hold together."""

from __future__ import annotations

import contextlib
import subprocess
import threading

import psutil

LOOKS_EVERY = 0.1
"""Seconds between two looks."""


def run_watched(command: list[str], time_limit: float = 7200.0) -> tuple[str, float]:
    """Output of a program, and the peak of the memory of its processes together [GB].

    The peaks that the system keeps do not do: a process inherits that of its parent, and those of
    two processes need not be at the same time.

    Parameters
    ----------
    command
        The program with its arguments.
    time_limit
        After so many seconds it is ended with all that it started.

    Raises
    ------
    TimeoutError
        If it does not end in time.
    RuntimeError
        If it fails; with the end of what it wrote.
    """
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        peak, ended = [0.0], threading.Event()
        watch = threading.Thread(target=_watch, args=(process.pid, peak, ended))
        watch.start()
        try:
            written, complaints = process.communicate(timeout=time_limit)
        except subprocess.TimeoutExpired:
            for one in _family(process.pid):
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            raise TimeoutError(f"{' '.join(command)} did not end in {time_limit:g} s") from None
        finally:
            ended.set()
            watch.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {complaints[-2000:]}")
    return written, peak[0]


def _family(process: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(process)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _watch(process: int, peak: list[float], ended: threading.Event) -> None:
    while not ended.wait(LOOKS_EVERY):
        held = 0.0
        for one in _family(process):
            with contextlib.suppress(psutil.NoSuchProcess):
                held += one.memory_info().rss / 1e9
        peak[0] = max(peak[0], held)
