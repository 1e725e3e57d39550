"""Hold every way from a graph to its optimum to the exact one, on as many random graphs as wanted.

    python tests/optimise/penalty_sweep.py 0 500
    python tests/optimise/penalty_sweep.py 29 30 --solver highs --show
    python tests/optimise/penalty_sweep.py 0 50 --integers --methods hipo

The seeds are those of ``test_penalties.py``. What is wrong is written one line for each way; the
exit code is the number of graphs with faults, at most 1.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from itertools import product
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "optimise"), str(TESTS.parent)]

from penalty_graphs import penalty_graph  # noqa: E402
from penalty_judge import Judge  # noqa: E402

from meishan_model.optimise.model import BACKENDS  # noqa: E402
from meishan_model.optimise.solvers import SOLVERS  # noqa: E402


def describe(judge: Judge) -> str:
    """The graph and its exact optimum in lines."""
    least, most = judge.other_costs
    steps = " ".join(f"{length:g}" for length in judge.graph.plan.increments)
    nodes = "\n".join(f"    {node}" for node in judge.graph.plan.nodes)
    return (
        f"{nodes}\n    steps of {steps} h\n    penalties: {judge.graph.penalties}\n"
        f"    {judge.exact.status}: {float(judge.exact.objective)!r}, "
        f"without penalties {float(least)!r} to {float(most)!r}\n"
    )


def main() -> int:
    """Judge the graphs of a range of seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=int)
    parser.add_argument("end", type=int, help="the seed after the last one")
    parser.add_argument("--integers", action="store_true", help="with a fixed cost of investment")
    parser.add_argument("--solver", choices=SOLVERS, action="append")
    parser.add_argument("--backend", choices=BACKENDS, action="append")
    parser.add_argument("--methods", nargs="+", help="of HiGHS")
    parser.add_argument("--show", action="store_true", help="the graphs with faults in full")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    ways = list(product(asked.solver or SOLVERS, asked.backend or BACKENDS, (False, True)))
    faulty = 0
    methods = tuple(asked.methods) if asked.methods else None
    for seed in range(asked.first, asked.end):
        judge = Judge(penalty_graph(seed, asked.integers))
        found = [
            f"{seed}: {solver}, {backend}, penalties {'' if given else 'not '}given: {fault}\n"
            for solver, backend, given in ways
            for fault in judge.faults(backend, solver, given, methods)
        ]
        if found and asked.show:
            found.append(describe(judge))
        sys.stdout.writelines(found)
        sys.stdout.flush()
        faulty += bool(found)
    sys.stdout.write(f"{asked.end - asked.first} graphs, {faulty} with faults\n")
    return int(faulty > 0)


if __name__ == "__main__":
    sys.exit(main())
