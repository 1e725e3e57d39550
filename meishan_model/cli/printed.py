"""What a command printed, kept beside the results: asked the same again, it answers at once.

To read all sheets, series and results takes seconds, to compare their files a fraction of one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console

from meishan_model.version import READERS, code_sha256
from meishan_model.whole_file import WriteError, whole_file

FOLDER = ".printed"
"""Folder of ``results`` with a file for each question: hashes of what it rests on, and text."""


def answer(
    root: Path,
    question: Iterable[object],
    others: Sequence[Path],
    console: Console,
    ask: Callable[[], None],
) -> bool:
    """Print what a question printed before, or ask it and keep what it prints.

    It is asked anew after any change of the program, of a file in ``configs`` and ``timeseries``,
    or of a result; and where something was warned of, which is logged and not printed.

    Parameters
    ----------
    root
        Folder with ``configs/``, ``timeseries/`` and ``results/``.
    question
        The command with all that it was given.
    others
        Folders of inputs that may lie elsewhere.
    console
        Where it prints; what it prints depends on how wide it is and on what it can show.
    ask
        Prints the answer.

    Returns
    -------
    bool
        Whether it was printed as before.
    """
    look = (console.width, console.encoding, console.color_system)
    name = _hash(map(str, (*question, *look)))
    path = root / "results" / FOLDER / f"{name}.json"
    inputs = _inputs(root, others)
    kept: str | None = None
    # What is kept may be absent, half written or of another program: then it is asked.
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        entry = json.loads(path.read_text(encoding="utf-8"))
        if (entry["inputs"], entry["results"]) == (inputs, _results(root)):
            kept = entry["text"]
    if kept is not None:
        console.file.write(kept)
        return True
    with _Warnings() as warnings, console.capture() as printed:
        ask()
    console.file.write(printed.get())
    # Sheets that were changed while it was asked are none that the answer rests on.
    if not warnings.count and inputs == _inputs(root, others):
        entry = {"inputs": inputs, "results": _results(root), "text": printed.get()}
        # Results may lie where nobody may write.
        with contextlib.suppress(WriteError), whole_file(path) as partial:
            partial.write_text(json.dumps(entry), encoding="utf-8")
    return False


class _Warnings(logging.Handler):
    """Counts what is warned of while it is in place."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record; its level is that of the handler at least."""
        del record
        self.count += 1

    def __enter__(self) -> _Warnings:
        self.setLevel(logging.WARNING)
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)


def _inputs(root: Path, others: Iterable[Path]) -> str:
    """Hash of the program and of all files of inputs."""
    files = _files(root / "configs", root / "timeseries", *others)
    contents = (f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files)
    return _hash([code_sha256(*READERS), *contents])


def _results(root: Path) -> str:
    """Hash of names, sizes and times of all results: they are many, and written whole."""
    found = ((path, path.stat()) for path in _files(root / "results") if path.suffix == ".nc")
    return _hash(f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in found)


def _files(*folders: Path) -> Iterator[Path]:
    """All files of folders in a fixed order, those of linked folders too, each folder once."""
    seen: set[str] = set()
    for folder in folders:
        for place, below, names in os.walk(folder, followlinks=True):
            real = os.path.realpath(place)
            below[:] = [] if real in seen else sorted(below)
            own = () if real in seen else sorted(names)
            seen.add(real)
            yield from (path for path in (Path(place, name) for name in own) if path.is_file())


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
