"""What came out for each system, and the file that holds what is known of it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

Outcome: TypeAlias = Literal[
    "equal", "no optimum in both", "refused", "wrong", "crashed", "not ended", "no reference"
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Row: TypeAlias = Mapping[str, str]
"""What is known of a system, by the names of :data:`COLUMNS`."""
COLUMNS = ("system", "outcome", "reasons", "recommended", "recommended_reasons")
KNOWN = Path(__file__).with_name("outcomes.csv")

_RANK: Mapping[str, int] = {"equal": 2, "no optimum in both": 2, "refused": 1}
"""How good an outcome is; all others are faults."""
_FAULT = 0


@dataclass(frozen=True)
class Verdict:
    """What came out for one system.

    Attributes
    ----------
    system
        Its name.
    outcome
        What the engine did with it, compared with the reference.
    reasons
        Why it is not equal, without the names of nodes.
    recommended
        The same of the pyomo backend, for what the linopy backend refuses; empty if not tried.
    recommended_reasons
        Why that is not equal, or was not tried.
    reference, found, recommended_found
        Optimum of the reference, of the engine, and of its pyomo backend.
    seconds, cbc_seconds
        Time of the processors for the engine's solve, and for CBC's of the same problem [s].
    notes
        What a reader should know of the reference.
    where
        The end of the traceback of a crash.
    """

    system: str
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    recommended: Outcome | Literal[""] = ""
    recommended_reasons: tuple[str, ...] = ()
    reference: float | None = None
    found: float | None = None
    recommended_found: float | None = None
    seconds: float | None = None
    cbc_seconds: float | None = None
    notes: tuple[str, ...] = ()
    where: str = ""

    def as_json(self) -> dict[str, Any]:
        """Its attributes, as JSON holds them."""
        return asdict(self)

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Verdict:
        """A verdict from what :meth:`as_json` has made."""
        lists = {name: tuple(value) for name, value in read.items() if isinstance(value, list)}
        return cls(**{**read, **lists})


@dataclass(frozen=True)
class Differences:
    """How a run differs from what is known, in lines.

    Attributes
    ----------
    worse
        What fell back, what is new and wrong or crashed, and what no program builds any more.
    better
        What improved.
    other
        What is new, or stands otherwise than before without being better or worse.
    """

    worse: tuple[str, ...]
    better: tuple[str, ...]
    other: tuple[str, ...]


def read_known(path: Path = KNOWN) -> dict[str, Row]:
    """What is known of each system by its name; empty if there is no file."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["system"]: row for row in csv.DictReader(file)}


def write_known(rows: Iterable[Row], path: Path = KNOWN) -> None:
    """Write what is known of each system, in the order of their names."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: row["system"]))


def row_of(verdict: Verdict) -> Row:
    """What of a verdict is kept: what is the same in every run."""
    return {
        "system": verdict.system,
        "outcome": verdict.outcome,
        "reasons": "; ".join(verdict.reasons),
        "recommended": verdict.recommended,
        "recommended_reasons": "; ".join(verdict.recommended_reasons),
    }


def compare(known: Mapping[str, Row], rows: Iterable[Row], *, all_ran: bool) -> Differences:
    """How rows differ from what is known of their systems.

    Parameters
    ----------
    known, rows
        What was known, and what came out.
    all_ran
        Whether what is known and did not come out is missing.
    """
    lines: dict[int, list[str]] = {-1: [], 0: [], 1: []}
    seen = set()
    for row in rows:
        system = row["system"]
        seen.add(system)
        before = known.get(system)
        if before is None:
            new_fault = -1 if row["outcome"] not in _RANK else 0
            lines[new_fault].append(f"{system}: new, {_told(row)}")
            continue
        for column in ("outcome", "recommended"):
            old, new = before[column], row[column]
            if old and new and old != new:
                change = f"{system}: {column} was {old}, now {_told(row)}"
                lines[direction(old, new)].append(change)
    if all_ran:
        lines[-1] += [f"{system}: is not built any more" for system in sorted(set(known) - seen)]
    return Differences(*(tuple(lines[side]) for side in (-1, 1, 0)))


def direction(old: str, new: str) -> int:
    """Whether an outcome is better (1) or worse (-1) than before, or neither (0).

    An optimum that is missing where there was one, and the other way round, is worse.
    """
    before, after = _RANK.get(old, _FAULT), _RANK.get(new, _FAULT)
    if before == after:
        return -1 if before == _RANK["equal"] and old != new else 0
    return 1 if after > before else -1


def _told(row: Row) -> str:
    both = (row["outcome"], row["reasons"], row["recommended"], row["recommended_reasons"])
    return ", ".join(filter(None, both))
