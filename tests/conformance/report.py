"""Say what came out of a run, in lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from .judge import SLOWER
from .outcomes import OUTCOMES, Outcome, Verdict
from .run import Ended

FINE: tuple[Outcome, ...] = ("equal", "no optimum in both")
"""Outcomes with which all is well."""


def progress_line(count: int, verdict: Verdict) -> str:
    """One verdict in a line."""
    reasons = f": {'; '.join(verdict.reasons)}" if verdict.reasons else ""
    seconds = "" if verdict.seconds is None else f"{verdict.seconds:.2f} s"
    return f"{count:4d} {verdict.outcome:18s} {seconds:>8s} {verdict.system}{reasons}"


def report_lines(verdicts: list[Verdict], ends: Iterable[Ended]) -> Iterator[str]:
    """All that came out: skips, counts with their reasons, and what is to be looked at."""
    for end in ends:
        if end.skipped:
            yield f"skipped {end.name}: needs {end.skipped}"
        if end.error:
            yield f"note: {end.name} fails itself: {end.error}"
    yield from _noted(verdicts)
    yield from _slow(verdicts)
    yield from _faults(verdicts)
    yield f"{len(verdicts)} systems"
    yield from _counts(verdicts)
    yield from _recommended_counts(verdicts)


def _faults(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """What is to be mended, with the end of the traceback."""
    for verdict in verdicts:
        if verdict.outcome not in (*FINE, "refused"):
            yield f"{verdict.outcome}: {verdict.system}: {'; '.join(verdict.reasons)}"
        if verdict.recommended and verdict.recommended not in FINE:
            why = "; ".join(verdict.recommended_reasons)
            yield f"recommended backend {verdict.recommended}: {verdict.system}: {why}"
        yield from (f"    {line}" for line in verdict.where.rstrip().splitlines()[-5:])


def _noted(verdicts: Iterable[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        for note in verdict.notes:
            yield f"note: {verdict.system}: {note}"


def _slow(verdicts: Iterable[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        if verdict.seconds is None or verdict.cbc_seconds is None:
            continue
        if verdict.seconds > verdict.cbc_seconds + SLOWER:
            yield (
                f"slow: {verdict.system}: {verdict.seconds:.1f} s, CBC {verdict.cbc_seconds:.1f} s"
            )


def _counts(verdicts: list[Verdict]) -> Iterator[str]:
    """A line for each outcome, and one for each of its reasons."""
    for outcome in OUTCOMES:
        found = [v for v in verdicts if v.outcome == outcome]
        if found or outcome not in ("not ended", "no reference"):
            yield f"{outcome}: {len(found)}"
        reasons = Counter(reason for v in found for reason in v.reasons)
        yield from (f"    {reason}: {count}" for reason, count in reasons.most_common())


def _recommended_counts(verdicts: list[Verdict]) -> Iterator[str]:
    """A line on what the recommended backend does with the refused, and one for each reason."""
    tried = [v for v in verdicts if v.recommended]
    counted: Counter[Outcome | str] = Counter(v.recommended for v in tried)
    named = [f"{outcome} {counted[outcome]}" for outcome in OUTCOMES if counted[outcome]]
    untried = sum(v.outcome == "refused" and not v.recommended for v in verdicts)
    yield f"recommended backend: {', '.join([*named, f'not tried {untried}'])}"
    reasons = Counter(
        f"{v.recommended or 'not tried'}: {reason}"
        for v in verdicts
        for reason in v.recommended_reasons
    )
    yield from (f"    {reason}: {count}" for reason, count in reasons.most_common())
