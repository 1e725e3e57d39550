"""Variants of a study solved one after the other, or in processes beside each other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias

from meishan_model.optimise.errors import SolverError
from meishan_model.optimise.solvers.tied_process import end_with

if TYPE_CHECKING:
    from meishan_model.studies.study import Row, Study, Tell, Variant

LOOK_EVERY = 0.5
"""Seconds after which a run looks at what its processes say."""
Variants: TypeAlias = "Sequence[Variant[Any]]"
Solved: TypeAlias = "Iterator[tuple[Variant[Any], Iterable[Row]]]"
"""Variants with their rows, as they are solved."""


def unheard(_: str) -> None:
    """Tell nobody."""


def one_by_one(study: Study[Any], missing: Variants, tell: Tell) -> Solved:
    """Solve variants in this process, one after the other; parameters as below."""
    for position, variant in enumerate(missing, start=1):
        tell(position, len(missing), variant.name)
        study.say = partial(_tell_more, tell, position, len(missing), variant.name)
        yield variant, study.measure(variant.given)


def _tell_more(tell: Tell, position: int, count: int, name: str, text: str) -> None:
    """Tell what is being done for a variant."""
    tell(position, count, f"{name}: {text}")


def beside_each_other(study: Study[Any], missing: Variants, tell: Tell, jobs: int) -> Solved:
    """Solve variants in processes beside each other; they come in the order in which they end.

    Parameters
    ----------
    study
        The study.
    missing
        Its variants that are not solved yet.
    tell
        Who is told how far it is.
    jobs
        Number of processes.

    Raises
    ------
    SolverError
        If a process ended without a word; else the error of the first variant that has one.
    """
    context, waiting = get_context("spawn"), dict(enumerate(missing, start=1))
    said: SimpleQueue[tuple[int, str]] = context.SimpleQueue()
    running: dict[Future[list[Row]], int] = {}
    failures: dict[int, BaseException] = {}
    fresh = replace(study, say=unheard)
    with ProcessPoolExecutor(jobs, context, _begin, (fresh, said, os.getpid())) as pool:
        while waiting or running:
            unsolved = {missing[p - 1].name for p in (*waiting, *running.values())}
            ready = [p for p, variant in waiting.items() if variant.after not in unsolved]
            # What others wait for goes first, then what takes long: none is left alone at the end.
            awaited = {variant.after for variant in waiting.values()}
            ready.sort(key=lambda p: (waiting[p].name not in awaited, -waiting[p].weight))
            # Nobody waits for a variant that waits for itself.
            for position in (ready if ready or running else [*waiting])[: jobs - len(running)]:
                variant = waiting.pop(position)
                tell(position, len(missing), variant.name)
                running[pool.submit(_measure, position, variant.given)] = position
            done, _ = wait(running, LOOK_EVERY, FIRST_COMPLETED)
            while not said.empty():
                position, text = said.get()
                _tell_more(tell, position, len(missing), missing[position - 1].name, text)
            for future in done:
                position = running.pop(future)
                if error := future.exception():
                    failures[position] = error
                    waiting.clear()
                else:
                    yield missing[position - 1], future.result()
    if failures:
        raise _first_of(failures, missing)


def _first_of(failures: Mapping[int, BaseException], missing: Variants) -> BaseException:
    """The error of the first variant that has one, or what became of a process that died."""
    error = failures[min(failures)]
    if not isinstance(error, BrokenProcessPool):
        return error
    names = "; ".join(missing[position - 1].name for position in sorted(failures))
    return SolverError(
        f"a process ended without a word, perhaps for want of memory, while it solved: {names}. "
        "What was solved before is kept; run it again, with fewer jobs"
    )


_own: list[Any] = []
"""The study of a process that solves variants, and who hears what it says."""


def _begin(study: Study[Any], said: SimpleQueue[tuple[int, str]], parent: int) -> None:
    """Begin a process that solves variants."""
    end_with(parent)
    _own.extend([study, said])


def _measure(position: int, given: Any) -> list[Row]:
    """Rows of a variant, in a process of its own."""
    study, said = _own
    study.say = lambda text: said.put((position, text))
    return list(study.measure(given))
