"""Square some numbers, a study that needs no park: it is solved in no time.

Every number has two rows. One of them may be a number that nobody can square.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar, cast

import numpy as np
import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.optimise.errors import SolverError
from meishan_model.planning.project import Project
from meishan_model.studies.study import Row, Study, Variant


@dataclass(frozen=True)
class Place:
    """A project of which only the folder matters."""

    scenario_folder: Path
    years: tuple[int, ...] = ()


@dataclass(kw_only=True)
class Squares(Study[float]):
    """The squares of some numbers, and what each is beside the sum of all."""

    units: ClassVar = {"square": "m2"}
    parts = ("", "_odd")

    numbers: Annotated[Sequence[float], "Numbers to square."] = (1.0, 2.0)
    broken: Annotated[Sequence[float], "Numbers that cannot be solved."] = ()
    deadly: Annotated[Sequence[float], "Numbers that kill their process."] = ()
    doubtful: Annotated[Sequence[float], "Numbers that are tried again in the next run."] = ()
    heavy: Annotated[Sequence[float], "Numbers that take long."] = ()
    digest: Annotated[str, "Hash of what it rests on."] = "a" * 64

    @property
    def inputs_sha256(self) -> str:
        """What it was told."""
        return self.digest

    def variants(self) -> Sequence[Variant[float]]:
        """All numbers; that after 9 waits for it."""
        if not self.numbers:
            raise InputError([Fault("numbers", "there are none")])
        return [
            Variant(
                {"number": n},
                f"no. {n:g}",
                n,
                after="no. 9" if n == 10.0 else "",
                weight=2.0 if n in self.heavy else 1.0,
            )
            for n in self.numbers
        ]

    @cached_property
    def base(self) -> float:
        """What is added to each of them."""
        (self.project.scenario_folder / f"base_{os.getpid()}").touch()
        return 0.1

    def measure(self, given: float) -> Iterator[Row]:
        """The square, and whether it is odd; a file says that it was solved, and after which."""
        if given in self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        if given in self.broken:
            raise SolverError(f"{given:g} cannot be solved")
        self.say("squaring")
        folder = self.project.scenario_folder
        before = len([*folder.glob("solved_*")])
        (folder / f"solved_{given:g}").write_text(f"{before}", encoding="utf-8")
        yield {"row": "square", "square": np.float64(given**2 + self.base), "odd": np.True_}
        yield {"row": "number", "square": given if given < 5 else float("nan"), "odd": False}

    def files(self, rows: pd.DataFrame) -> Sequence[pd.DataFrame]:
        """All rows, and those that are odd."""
        return rows, rows[rows["odd"]]

    def failed(self, rows: pd.DataFrame) -> str:
        """The doubtful numbers."""
        doubtful = rows[rows["number"].isin(self.doubtful)]["number"]
        return ", ".join(f"{n:g}" for n in doubtful.unique())


def squares(folder: Path, numbers: Sequence[float], **options: object) -> Squares:
    """The study of some numbers in a folder."""
    return Squares(project=cast(Project, Place(folder)), numbers=numbers, **options)  # type: ignore[arg-type]


STUDY = Squares
