"""Which saved results of a scenario still rest on the inputs and code of today, and are sound.

Every result carries the hashes of all that it was made of. What a run would write today is known
without solving, so each file on disk is up to date, stale, or none of this scenario's any more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from meishan_model.accounts.checks import pathway_failures, slice_failures
from meishan_model.errors import InputError
from meishan_model.planning.backcast import hashes_by_solver
from meishan_model.planning.project import Project
from meishan_model.planning.ways import Way, way_hash
from meishan_model.planning.whole_pathway import read_reference
from meishan_model.results.contract import violations
from meishan_model.results.files import Stamp, read_stamp
from meishan_model.results.pathway_file import pathway_hash
from meishan_model.results.slice_file import validate_slice
from meishan_model.studies.catalogue import studies, study_named
from meishan_model.version import PATHWAY, STUDIES, code_sha256

logger = logging.getLogger(__name__)

State = Literal["up to date", "STALE"]


@dataclass(frozen=True)
class ResultState:
    """A result on disk, whether it is up to date, and if not, why."""

    path: Path
    state: State
    reason: str = ""

    def __str__(self) -> str:
        """Read as ``<path>: STALE, an input has changed``."""
        return f"{self.path}: {self.state}" + (f", {self.reason}" if self.reason else "")


def result_states(project: Project) -> tuple[ResultState, ...]:
    """State of every result of a scenario that lies on disk.

    Slices, pathway, slices of the other ways of planning, and the tables of studies. Power flows
    rest on a slice and the sheets of the grid and are not among them; nor are pages and exports,
    which carry no hash: whoever makes them is told if the pathway is stale.

    Parameters
    ----------
    project
        The scenario with its folders, cost sheet and hours.

    Returns
    -------
    tuple of ResultState
        Sorted by path.
    """
    wanted = wanted_hashes(project)
    # A slice that is none of the scenario's years any more is found by its name alone.
    slices = project.result_path(project.years[0]).parent.glob("[0-9][0-9][0-9][0-9].nc")
    paths = {path for path in wanted if path.is_file()} | set(slices)
    return tuple(_state(project, path, wanted.get(path, frozenset())) for path in sorted(paths))


def failed_checks(project: Project, states: Iterable[ResultState]) -> list[str]:
    """Checks that slices and the pathway fail as they lie on disk, those that are up to date.

    Parameters
    ----------
    project
        The scenario with its folders.
    states
        Of :func:`result_states`.
    """
    fresh, failed = {state.path for state in states if state.state == "up to date"}, []
    for year in project.years:
        if (path := project.result_path(year)) in fresh:
            ds = project.open_result(year)
            failed += [f"{path}: {text}" for text in validate_slice(ds) or slice_failures(ds)]
    if (path := project.result_path("pathway")) in fresh:
        ds = project.open_result("pathway")
        failed += [f"{path}: {text}" for text in violations(ds, "pathway") or pathway_failures(ds)]
    return failed


def warn_if_stale(project: Project) -> None:
    """Tell the log that the pathway, or its single slice, does not rest on the inputs of today.

    Parameters
    ----------
    project
        The scenario with its folders.
    """
    is_single = len(project.years) == 1
    path = project.result_path(project.years[0] if is_single else "pathway")
    if not path.is_file():
        return
    try:
        of_solvers = hashes_by_solver(project).values()
        hashes = (of[project.years[0]] if is_single else pathway_hash(of) for of in of_solvers)
        state = _state(project, path, frozenset(hashes))
        text = str(state) if state.reason else ""
    except InputError as error:
        text = f"the sheets cannot be read, so nobody knows what is stale: {error.headline}"
    if text:
        logger.warning(text)


def _state(project: Project, path: Path, wanted: frozenset[str]) -> ResultState:
    """State of one result, given the hashes that it may carry today."""
    stamp, is_pathway = read_stamp(path), path == project.result_path("pathway")
    readers = STUDIES if path.suffix == ".csv" else PATHWAY if is_pathway else ()
    reason = _reason(stamp, wanted, code_sha256(*readers))
    if is_pathway and stamp and not reason:
        found = read_reference(project)
        if stamp.reference_sha256 != ("" if found is None else found.sha256):
            reason = "its reference business as usual has changed"
    return ResultState(path, "STALE" if reason else "up to date", reason)


def wanted_hashes(project: Project) -> dict[Path, frozenset[str]]:
    """Path of every result that a run can write, with the hashes that it may carry today.

    There are two of most of them: one for each solver.
    """
    found: dict[Path, set[str]] = {}
    for path, digest in _wanted(project):
        found.setdefault(path, set()).add(digest)
    return {path: frozenset(digests) for path, digests in found.items()}


def _wanted(project: Project) -> Iterator[tuple[Path, str]]:
    ways: tuple[Way, ...] = get_args(Way)
    for hashes in hashes_by_solver(project).values():
        for year, digest in hashes.items():
            yield project.result_path(year), digest
        yield project.result_path("pathway"), pathway_hash(hashes)
        for way in ways:
            digest = way_hash(way, hashes[project.years[0]])
            yield from ((project.result_path(year, way), digest) for year in project.years)
    for study in (kind for name in studies() for kind in study_named(name).possible(project)):
        paths = [path for path in map(study.path, study.parts) if path.is_file()]
        # A comparison rests on other scenarios too, which are read only where there is one.
        yield from ((path, study.inputs_sha256) for path in paths)


def _reason(stamp: Stamp | None, wanted: frozenset[str], code: str) -> str:
    """Why a result is stale; empty where it is not."""
    if stamp is None:
        return "it cannot be read, or has another version of the contract"
    if not wanted:
        return "it is no slice of the scenario any more"
    if stamp.code_sha256 != code:
        return "the program has changed"
    return "" if stamp.inputs_sha256 in wanted else "an input has changed"
