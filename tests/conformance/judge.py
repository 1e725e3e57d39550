"""Compare the optimum that solph has found for a system with that of the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from .isolation import NOT_ENDED, Isolated, isolated
from .outcomes import Outcome, Verdict
from .reasons import nameless, refusal_reasons
from .recorder import Record
from .replay import NotReplayedError, on_linopy, on_pyomo
from .solves import Found, Optimum, by_cbc, by_engine, by_highs, is_equal

LIMIT = 120.0
"""Time of each solve [s]."""
PATIENCE = 3.0
"""Of the duration of the engine's solve, how long is waited at most for CBC's [-]."""
SLOWER = 1.5
"""By how much a solve of the engine is longer than CBC's to be told [s]."""


def judge(record: Record) -> Verdict:
    """What the engine finds for a recorded model, compared with what solph finds."""
    verdict = Verdict(record.name, "no reference", notes=tuple(record.notes))
    reference: Optimum
    if record.objective is not None:
        reference = record.objective
    else:
        solved = isolated(partial(by_cbc, record.model), LIMIT)
        if solved.answer is None:
            solved = isolated(partial(by_highs, record.model), LIMIT)
        if solved.answer is None:
            return replace(verdict, reasons=(_nameless(solved.error, record),))
        reference = solved.answer
    verdict = replace(verdict, reference=_number(reference))
    if record.by_hand:
        return replace(
            verdict,
            outcome="refused",
            reasons=tuple(sorted(record.by_hand)),
            recommended_reasons=("cannot be repeated on another model",),
        )
    return _judge_statement(record, reference, verdict)


def _judge_statement(record: Record, reference: Optimum, verdict: Verdict) -> Verdict:
    """Complete a verdict on a model that solph's functions alone have made."""
    try:
        statement = on_linopy(record.model.es, record.calls)
    except NotReplayedError as error:
        reasons = tuple(str(error).split("; "))
        return _recommended(record, reference, replace(verdict, reasons=reasons))
    found = isolated(partial(by_engine, statement, "linopy"), LIMIT)
    if found.answer is not None and found.answer.optimum is None:
        reasons = refusal_reasons(found.answer.refusal, record.model.es)
        return _recommended(record, reference, replace(verdict, reasons=reasons))
    outcome, reasons, notes = _compared(record, reference, found)
    verdict = replace(
        verdict,
        outcome=outcome,
        reasons=reasons,
        notes=(*verdict.notes, *notes),
        where=found.where,
    )
    if found.answer is None or found.answer.optimum is None:
        return verdict
    # Only whether it is faster is asked.
    limit = PATIENCE * found.answer.seconds + 60.0
    cbc = isolated(partial(by_engine, statement, "linopy", "cbc"), limit)
    return replace(
        verdict,
        found=_number(found.answer.optimum),
        seconds=found.answer.seconds,
        cbc_seconds=None if cbc.answer is None else cbc.answer.seconds,
    )


def _recommended(record: Record, reference: Optimum, verdict: Verdict) -> Verdict:
    """Complete the verdict on what is refused: what the pyomo backend finds for it."""
    statement = on_pyomo(record.model.es, record.calls)
    found = isolated(partial(by_engine, statement, "pyomo"), LIMIT)
    outcome, reasons, notes = _compared(record, reference, found)
    return replace(
        verdict,
        outcome="refused",
        recommended=outcome,
        recommended_reasons=reasons,
        recommended_found=_number(found.answer.optimum) if found.answer else None,
        notes=(*verdict.notes, *notes),
        where=found.where,
    )


def _compared(
    record: Record, reference: Optimum, found: Isolated[Found]
) -> tuple[Outcome, tuple[str, ...], tuple[str, ...]]:
    """The outcome, its reasons, and notes on the reference."""
    if found.error == NOT_ENDED:
        return "not ended", (f"within {LIMIT:g} s",), ()
    if found.answer is None:
        return "crashed", (_nameless(found.error, record),), ()
    optimum = found.answer.optimum
    if optimum is None:
        return "refused", refusal_reasons(found.answer.refusal, record.model.es), ()
    if is_equal(optimum, reference):
        return ("no optimum in both" if optimum == "none" else "equal"), (), ()
    return _doubted(record, reference, optimum)


def _doubted(
    record: Record, reference: Optimum, optimum: Optimum
) -> tuple[Outcome, tuple[str, ...], tuple[str, ...]]:
    """The same where they differ: the very pyomo model is solved again by CBC and by HiGHS.

    The program may have stopped at a gap, and solvers err. The engine is wrong unless one of the
    two agrees with it; where the other one does not, the reference is in doubt.
    """
    solves: dict[str, Callable[..., Optimum]] = {"CBC": by_cbc, "HiGHS": by_highs}
    again = {
        solver: isolated(partial(solve, record.model), LIMIT) for solver, solve in solves.items()
    }
    agree = [s.answer is not None and is_equal(s.answer, optimum) for s in again.values()]
    said = [f"{solver} {_said(solved)}" for solver, solved in again.items()]
    doubt = "" if agree[0] == agree[1] else "the reference is in doubt: "
    note = f"{doubt}engine {optimum}, program {reference}, again by {', '.join(said)}"
    if any(agree):
        return ("no optimum in both" if optimum == "none" else "equal"), (), (note,)
    if optimum == "none":
        return "wrong", ("none, but there is an optimum",), (note,)
    found_none = all(s.answer == "none" for s in again.values())
    return (
        "wrong",
        ("an optimum, but there is none" if found_none else "another optimum",),
        (note,),
    )


def _said(solved: Isolated[Optimum]) -> str:
    return solved.error if solved.answer is None else str(solved.answer)


def _number(optimum: Optimum | None) -> float | None:
    return None if isinstance(optimum, str) else optimum


def _nameless(error: str, record: Record) -> str:
    return nameless(error, record.model.es)
