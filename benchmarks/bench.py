"""Run the benchmarks: ``python -m benchmarks.bench`` writes a table as Markdown and as JSON.

Every figure comes from a process of its own, so that peaks of memory do not add up; figures that
are compared are taken alternately in one run, since the machine may be shared and noisy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.series import series
from benchmarks.substitution_steps import SUBSTITUTION_STEPS, substitution
from benchmarks.watch import run_watched

YEAR, WHOLE_YEAR = 2035, 8760
TWO_WEEKS, TWELVE_WEEKS = 336, 2016
HIPO = {"solver": "hipo", "run_crossover": "off", "parallel": "off"}

Measured = dict[str, Any]


def statement(backend: str, hours: int) -> Measured:
    """From the graph to the arrays that HiGHS holds: seconds, and memory on top of the graph."""
    from benchmarks.real_slice import real_slice
    from meishan_model.optimise import Model
    from meishan_model.optimise.solvers.highs_model import highs_with_problem

    park, _ = real_slice(YEAR, hours)
    before, began = psutil.Process().memory_info().rss, time.perf_counter()
    problem = Model(
        park.energy_system,
        park.registry.integral_limits,
        backend=backend,  # type: ignore[arg-type]
    ).problem
    highs_with_problem(problem)
    rows, columns = problem.matrix.shape
    return {
        "seconds": time.perf_counter() - began,
        "before": before / 1e9,
        "rows": rows,
        "columns": columns,
    }


def extraction(hours: int) -> Measured:
    """All flows of a solution into a table: ours, and ``solph.Results`` on the same graph."""
    import numpy as np
    import pyomo.environ as po
    from oemof import solph

    from benchmarks.real_slice import real_slice
    from meishan_model.optimise.formulation.linopy_backend import state_problem
    from meishan_model.optimise.problem import RawSolution
    from meishan_model.optimise.solution import extract

    park, index = real_slice(YEAR, hours)
    problem = state_problem(park.energy_system, park.registry.integral_limits)
    rows, columns = problem.matrix.shape
    # The values do not matter for the time that naming them takes.
    raw = RawSolution(np.ones(columns), np.ones(rows), 0.0, 0.0, "", 0, ())
    began = time.perf_counter()
    ours = extract(problem, raw, index).flow
    seconds = time.perf_counter() - began
    model = solph.Model(park.energy_system)
    for variable in model.component_data_objects(po.Var):
        variable.set_value(1.0, skip_validation=True)
    model.solver_results = {}
    began = time.perf_counter()
    theirs = solph.Results(model)["flow"]
    return {
        "ours": seconds,
        "solph": time.perf_counter() - began,
        "flows": ours.shape[1],
        "flows_solph": theirs.shape[1],
    }


def whole_slice(hours: int) -> Measured:
    """Read, build, solve, check and save one slice."""
    from benchmarks.real_slice import ROOT
    from meishan_model.planning.backcast import slice_hashes, slice_task, stored_assets
    from meishan_model.planning.bounds import bounds
    from meishan_model.planning.project import open_project
    from meishan_model.planning.solve_slice import solve_slice
    from meishan_model.results.files import write_atomically

    began = time.perf_counter()
    project = open_project("balanced", ROOT, hours=hours)
    assets = bounds(stored_assets(project, YEAR), YEAR)
    task = slice_task(project, YEAR, assets, slice_hashes(project, "highs")[YEAR], "highs")
    dataset = solve_slice(task)
    with tempfile.TemporaryDirectory() as folder:
        write_atomically(dataset, Path(folder, "slice.nc"))
    return {
        "seconds": time.perf_counter() - began,
        "solve": float(dataset.attrs["solve_seconds"]),
        "iterations": int(dataset.attrs["iterations"]),
        "gap": float(dataset.attrs["optimality_gap"]),
        "objective": float(dataset.attrs["objective"] - dataset.attrs["objective_constant"]),
    }


def in_pypsa(hours: int) -> Measured:
    """The same slice stated and solved by PyPSA with the same options."""
    from benchmarks.pypsa_slice import PypsaSlice
    from benchmarks.real_slice import real_slice

    park, _ = real_slice(YEAR, hours)
    began = time.perf_counter()
    objective = PypsaSlice(park).solve(HIPO)
    return {"seconds": time.perf_counter() - began, "objective": objective}


def ours(hours: int, solver: str, backend: str, *methods: str) -> Measured:
    """State and solve a slice from its graph, nothing else; by these methods of HiGHS if any."""
    from benchmarks.real_slice import real_slice
    from meishan_model.optimise import Model

    park, index = real_slice(YEAR, hours)
    began = time.perf_counter()
    model = Model(
        park.energy_system,
        park.registry.integral_limits,
        backend=backend,  # type: ignore[arg-type]
        index=index,
    )
    stated = time.perf_counter()
    solution = model.solve(
        solver=solver,  # type: ignore[arg-type]
        penalties=park.registry.penalties,
        methods=methods or None,
    )
    return {
        "seconds": time.perf_counter() - began,
        "solve": time.perf_counter() - stated,
        "objective": solution.objective,
        "iterations": solution.iterations,
    }


def stock_cbc(hours: int) -> Measured:
    """State and solve a slice as a user of oemof.solph does: its model, its way to CBC."""
    from oemof import solph

    from benchmarks.real_slice import real_slice
    from meishan_model.optimise.solvers.cbc import cbc_binary

    park, _ = real_slice(YEAR, hours)
    os.environ["PATH"] = f"{cbc_binary().parent}{os.pathsep}{os.environ['PATH']}"
    began = time.perf_counter()
    model = solph.Model(park.energy_system)
    for keyword, limit in park.registry.integral_limits.items():
        solph.constraints.generic_integral_limit(model, keyword, upper_limit=limit)
    model.solve(solver="cbc")
    return {"seconds": time.perf_counter() - began, "objective": float(model.objective())}


def exact(hours: int) -> Measured:
    """PIQP and HiPO without crossover, and PyPSA, against the simplex on the same slice."""
    from benchmarks.pypsa_slice import PypsaSlice
    from benchmarks.real_slice import real_slice
    from meishan_model.optimise.formulation.linopy_backend import state_problem
    from meishan_model.optimise.solvers.highs import solve_highs

    park, _ = real_slice(YEAR, hours)
    problem = state_problem(park.energy_system, park.registry.integral_limits)
    found = {m: solve_highs(problem, methods=(m,)).objective for m in ("simplex", "piqp", "hipo")}
    found["pypsa"] = PypsaSlice(park).solve({"solver": "simplex"})
    simplex = found.pop("simplex")
    return {"simplex": simplex} | {k: abs(other / simplex - 1) for k, other in found.items()}


TASKS: dict[str, Callable[..., Measured]] = {
    f.__name__: f
    for f in (
        statement,
        extraction,
        whole_slice,
        in_pypsa,
        ours,
        stock_cbc,
        substitution,
        exact,
        series,
    )
}


@dataclass(frozen=True)
class Row:
    """A line of the table: what was compared, the figures, and what is wanted of them."""

    what: str
    figures: str
    ratio: str
    wanted: str


def run(task: str, *arguments: object) -> Measured:
    """Run one task in a process of its own, and add the peak of its memory [GB]."""
    command = [sys.executable, "-m", "benchmarks.bench", "--task", task, *map(str, arguments)]
    written, peak = run_watched(command)
    result: Measured = json.loads(written.splitlines()[-1]) | {"memory": peak}
    print(f"{task} {arguments}: {result}", file=sys.stderr, flush=True)  # noqa: T201
    return result


def medians(runs: list[Measured]) -> Measured:
    """Median of every number over some runs."""
    return {
        key: statistics.median(r[key] for r in runs)
        for key, value in runs[0].items()
        if isinstance(value, (int, float))
    }


def alternately(repeats: int, *tasks: tuple[object, ...]) -> list[Measured]:
    """Run tasks in turn, several times, and take the medians of each."""
    rounds = [[run(*task) for task in tasks] for _ in range(repeats)]  # type: ignore[arg-type]
    return [medians([r[i] for r in rounds]) for i in range(len(tasks))]


def rows(repeats: int, hours: int) -> Iterator[Row]:
    """All lines of the table."""
    lin, pyo = alternately(repeats, ("statement", "linopy", hours), ("statement", "pyomo", hours))
    yield Row(
        f"graph to solver in memory, {hours} h: linopy backend against solph.Model",
        f"{lin['seconds']:.1f} s against {pyo['seconds']:.1f} s; "
        f"{lin['columns']:,.0f} against {pyo['columns']:,.0f} columns",
        f"{pyo['seconds'] / lin['seconds']:.0f} times faster",
        "at least 12 times",
    )
    mine, theirs = (found["memory"] - found["before"] for found in (lin, pyo))
    yield Row(
        "peak memory of the same, on top of the graph",
        f"{mine:.2f} GB against {theirs:.2f} GB",
        f"{mine / theirs:.2f} of it",
        "at most 0.20",
    )
    (out,) = alternately(repeats, ("extraction", hours))
    yield Row(
        f"all flows into a table, {hours} h: extract against solph.Results",
        f"{out['ours']:.2f} s for {out['flows']:.0f} flows against {out['solph']:.1f} s",
        f"{out['solph'] / out['ours']:.0f} times faster",
        "at least 20 times",
    )
    (made,) = alternately(repeats, ("series", YEAR))
    figures = f"{made['seconds']:.1f} s: {made['series']:.0f} series, {made['loads']:.0f} loads"
    yield Row("all hourly series of one year, all zones", figures, "", "below 10 s")
    by_hipo = ("ours", hours, "highs", "linopy", "hipo")
    slice_, psa, hipo = alternately(repeats, ("whole_slice", hours), ("in_pypsa", hours), by_hipo)
    yield Row(
        f"the whole slice, {hours} h: read, build, solve, check, save",
        f"{slice_['seconds']:.0f} s, of it solving {slice_['solve']:.0f} s in "
        f"{slice_['iterations']:.0f} iterations, gap {slice_['gap']:.0e}, "
        f"{slice_['memory']:.1f} GB",
        "",
        "at most 120 s",
    )
    yield Row(
        f"the same slice in PyPSA with HiPO, {hours} h: the whole slice as shipped",
        f"{slice_['seconds']:.0f} s (with reading, checks and saving) against "
        f"{psa['seconds']:.0f} s; objectives differ by "
        f"{abs(slice_['objective'] / psa['objective'] - 1):.0e}",
        f"{psa['seconds'] / slice_['seconds']:.2f} times faster",
        "not slower; 1e-5",
    )
    yield Row(
        "the same by the same method: the linopy backend with HiPO, from the graph",
        f"{hipo['seconds']:.0f} s in {hipo['iterations']:.0f} iterations against "
        f"{psa['seconds']:.0f} s; objectives differ by "
        f"{abs(hipo['objective'] / psa['objective'] - 1):.0e}",
        f"{psa['seconds'] / hipo['seconds']:.2f} times faster",
        "not slower; 1e-5",
    )
    (same,) = alternately(1, ("exact", TWO_WEEKS))
    yield Row(
        f"without crossover against the simplex, {TWO_WEEKS} h",
        f"objectives differ by {same['piqp']:.0e} (PIQP) and {same['hipo']:.0e} (HiPO); "
        f"PyPSA's by {same['pypsa']:.0e}, with the simplex too",
        "",
        "1e-6",
    )
    yield from _cbc_rows(repeats)
    yield from _substitution_rows(repeats)


def _cbc_rows(repeats: int) -> Iterator[Row]:
    for hours in (TWO_WEEKS, TWELVE_WEEKS):
        tasks = (("ours", hours, "highs", "linopy"), ("stock_cbc", hours))
        mine, stock = alternately(repeats, *tasks)
        yield Row(
            f"stock solph.Model.solve with CBC, {hours} h",
            f"{mine['seconds']:.1f} s against {stock['seconds']:.0f} s; objectives differ by "
            f"{abs(mine['objective'] / stock['objective'] - 1):.0e}",
            f"{stock['seconds'] / mine['seconds']:.0f} times faster",
            "told",
        )


def _substitution_rows(repeats: int) -> Iterator[Row]:
    numbers = range(len(SUBSTITUTION_STEPS))
    tasks = [("substitution", YEAR, TWELVE_WEEKS, number) for number in numbers]
    results = alternately(repeats, *tasks)
    for step, found in zip(SUBSTITUTION_STEPS, results, strict=True):
        yield Row(
            f"substitution, {TWELVE_WEEKS} h: {step}",
            f"{found['seconds']:.1f} s, {found['iterations']:.0f} iterations; columns and rows an "
            f"hour {found['columns']:.0f} and {found['rows']:.0f}, after presolve "
            f"{found['presolved_columns']:.1f} and {found['presolved_rows']:.1f}",
            f"{results[0]['seconds'] / found['seconds']:.1f} times faster than solph's own form",
            "told",
        )


def write(table: list[Row], folder: Path) -> None:
    """Write the table as Markdown and as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["| what | figures | ratio | wanted |", "|---|---|---|---|"]
    lines += [f"| {r.what} | {r.figures} | {r.ratio} | {r.wanted} |" for r in table]
    lines += ["", f"{platform.machine()}, Python {platform.python_version()}; medians."]
    (folder / "bench.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    content = [vars(r) for r in table]
    (folder / "bench.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


def main() -> None:
    """Run one task, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", nargs="+", help="one task with its arguments")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--hours", type=int, default=WHOLE_YEAR)
    options = parser.parse_args()
    if options.task:
        warnings.simplefilter("ignore")
        name, *arguments = options.task
        result = TASKS[name](*(int(a) if a.isdigit() else a for a in arguments))
        print(json.dumps(result))  # noqa: T201
        return
    table = []
    for row in rows(options.repeats, options.hours):
        table.append(row)
        write(table, Path("results/bench"))
    print(Path("results/bench/bench.md").read_text(encoding="utf-8"))  # noqa: T201


if __name__ == "__main__":
    main()
