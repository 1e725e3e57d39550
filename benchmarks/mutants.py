"""How many small errors in the code the tests find, room by room.

    python -m benchmarks.mutants run FOLDER --seed 1 --count 200 [--first 1 --last 50]
    python -m benchmarks.mutants list FOLDER --seed 1 --count 200
    python -m benchmarks.mutants share FOLDER

A mutant is the package with one expression changed: ``+`` for ``-``, ``<`` for ``<=``, a condition
negated, an argument dropped (DeMillo, Lipton and Sayward, Hints on test data selection, 1978). It
is killed where a test fails, and survives where all pass. Mutants are drawn from each room in
turn, and from each kind of change in turn; which ones depends on the seed and on where a change
stands within its function, so that code elsewhere may change without another draw.

``run`` adds a line to ``FOLDER/mutants.csv`` after each mutant and leaves out those that are there
already, so that it can be ended and run again. Where the code has changed, other mutants are
drawn: what can be compared is the share that is killed in each room.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import importlib
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "meishan_model"
ROOMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "bounds": (
        ("planning/bounds.py", "planning/asset_rows.py", "components/assets.py"),
        ("tests/planning/test_bounds.py", "tests/planning/test_asset_table.py"),
    ),
    "flows": (("components/*.py",), ("tests/components", "tests/accounts/test_checks.py")),
    "accounts": (("accounts/*.py",), ("tests/accounts", "tests/report/test_summary.py")),
}
"""Of each room the files that are changed, and its own tests, quick ones first."""
IMPORTED = (
    *("numpy", "pandas", "xarray", "scipy.optimize", "netCDF4", "oemof.solph", "linopy", "pytest"),
    *("highspy", "pyomo.environ", "pulp", "pvlib", "windpowerlib", "pydantic"),
)
"""Packages that are imported once, before a process is forked for each mutant."""
LIMIT = 600
"""Time of the processor after which the tests of a mutant are ended [s]."""
HANGING = 3 * 3600.0
"""Time after which they are ended whatever they do [s]."""
MEMORY = 8 * 2**30
"""Largest address space of a mutant's tests [bytes]."""
RESULTS = "mutants.csv"
KILLED, SURVIVED, ENDED = "killed", "survived", "time limit"
COLUMNS = ("id", "room", "file", "line", "place", "kind", "old", "new", "outcome", "by", "seconds")

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {}
for _one, _other in (
    (ast.Add, ast.Sub),
    (ast.Mult, ast.Div),
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.In, ast.NotIn),
    (ast.Is, ast.IsNot),
    (ast.And, ast.Or),
):
    SWAPPED |= {_one: _other, _other: _one}
EXTREMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"}
EXTREMES |= {"idxmin": "idxmax", "idxmax": "idxmin", "any": "all", "all": "any"}
SYMMETRIC = ("min", "max", "minimum", "maximum", "isclose", "allclose", "array_equal")
"""Functions whose arguments may be swapped."""
UNTOUCHED = (ast.Raise, ast.JoinedStr, ast.Assert, ast.Import, ast.ImportFrom)
"""What says something to people, or nothing that a test would notice."""


@dataclass(frozen=True)
class Mutant:
    """One change: where it stands, of what kind it is, and the text before and after it."""

    room: str
    file: str
    line: int
    place: str
    kind: str
    start: int
    end: int
    old: str
    new: str

    def applied(self, source: bytes) -> bytes:
        """The source of the file with the change in it."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """Every change of an expression: its kind, what is replaced, and by what."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in SWAPPED:
            yield "arithmetic", node, ast.BinOp(left, SWAPPED[type(op)](), right)  # type: ignore[arg-type]
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in SWAPPED:
            yield "arithmetic", node, ast.AugAssign(target, SWAPPED[type(op)](), value)  # type: ignore[arg-type]
        case ast.Compare(left=left, ops=[op, *rest], comparators=to) if type(op) in SWAPPED:
            swapped = [SWAPPED[type(op)](), *rest]
            yield "comparison", node, ast.Compare(left, swapped, to)  # type: ignore[arg-type]
        case ast.BoolOp(op=op, values=values):
            yield "and, or", node, ast.BoolOp(SWAPPED[type(op)](), values)  # type: ignore[arg-type]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not dropped", node, operand
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield "sign", node, operand
        case ast.Name(id=name) if name in EXTREMES:
            yield "extreme", node, ast.Name(EXTREMES[name])
        case ast.Attribute(value=value, attr=name) if name in EXTREMES:
            yield "extreme", node, ast.Attribute(value, EXTREMES[name])
        case ast.Constant(value=bool() as value):
            yield "true, false", node, ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            for other in (value + 1, value - 1, *((value * 2,) if value else ())):
                yield "constant", node, ast.Constant(other)
        case ast.Tuple(elts=elements, ctx=ast.Load()) if len(elements) > 1:
            sliced = any(isinstance(one, ast.Slice) for one in elements)
            for i in range(0 if sliced else len(elements)):
                yield "element dropped", node, ast.Tuple(elements[:i] + elements[i + 1 :])
        case ast.IfExp(test=test) | ast.If(test=test) | ast.While(test=test):
            yield "condition", test, ast.UnaryOp(ast.Not(), test)
        case ast.comprehension(ifs=[test, *_]):
            yield "condition", test, ast.UnaryOp(ast.Not(), test)
    if isinstance(node, ast.Call):
        of, given, named = node.func, node.args, node.keywords
        for i in range(len(named)):
            yield "keyword dropped", node, ast.Call(of, given, named[:i] + named[i + 1 :])
        symmetric = ast.unparse(of).rsplit(".", 1)[-1] in SYMMETRIC
        for i in range(0 if symmetric else len(given) - 1):
            if not any(isinstance(one, ast.Starred) for one in given[i : i + 2]):
                swapped_two = [*given[:i], given[i + 1], given[i], *given[i + 2 :]]
                yield "arguments swapped", node, ast.Call(of, swapped_two, named)


def _changed(node: ast.AST, within: bool) -> Iterator[ast.AST]:
    """What of a node is looked at for changes: no annotations, no decorators, no messages."""
    # Outside of functions a subscript stands for a type.
    unread = ("annotation", "returns", "decorator_list", "bases", *(() if within else ("slice",)))
    for name, value in ast.iter_fields(node):
        if name in unread:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, UNTOUCHED):
                yield child


def mutants_of(room: str, file: str, source: bytes) -> Iterator[Mutant]:
    """All mutants of a file, given its path within the package and its text."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    seen: dict[str, int] = defaultdict(int)

    def walk(node: ast.AST, place: str) -> Iterator[Mutant]:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            place = f"{place}.{node.name}" if place else node.name
        for kind, replaced, by in changes(node):
            start, end = _span(replaced, starts)
            new = ast.unparse(ast.fix_missing_locations(by))
            seen[f"{place}:{kind}"] += 1
            spot = f"{place}:{kind}:{seen[f'{place}:{kind}']}"
            line = int(getattr(replaced, "lineno", 0))
            old = " ".join(source[start:end].decode().split())
            yield Mutant(room, file, line, spot, kind, start, end, old, new)
        for child in _changed(node, bool(place)):
            yield from walk(child, place)

    yield from walk(ast.parse(source), "")


def _span(node: ast.AST, starts: Sequence[int]) -> tuple[int, int]:
    """Where a node begins and ends in its file [bytes]."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    last, end = getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0)
    return starts[line - 1] + column, starts[last - 1] + end


def drawn(package: Path, seed: int, count: int) -> list[Mutant]:
    """The mutants of a seed: from each room in turn, and within it from each kind in turn."""

    def chance(mutant: Mutant) -> str:
        spot = f"{seed}|{mutant.file}|{mutant.place}|{mutant.new}"
        return hashlib.sha256(spot.encode()).hexdigest()

    order: list[tuple[int, str, Mutant]] = []
    for room, (patterns, _) in ROOMS.items():
        kinds: dict[str, list[Mutant]] = defaultdict(list)
        for path in sorted(p for pattern in patterns for p in package.glob(pattern)):
            file = path.relative_to(package).as_posix()
            for mutant in mutants_of(room, file, path.read_bytes()):
                kinds[mutant.kind].append(mutant)
        ranked = [
            (rank, chance(mutant), mutant)
            for found in kinds.values()
            for rank, mutant in enumerate(sorted(found, key=chance))
        ]
        ranked.sort(key=lambda entry: entry[:2])
        order += [(place, room, mutant) for place, (*_, mutant) in enumerate(ranked)]
    order.sort(key=lambda entry: entry[:2])
    return [mutant for *_, mutant in order[:count]]


def copied(root: Path, folder: Path) -> None:
    """Copy the package and its tests, and lay links to all else that the tests read."""
    caches = shutil.ignore_patterns("__pycache__")
    for path in root.iterdir():
        if path.name in (PACKAGE, "tests"):
            shutil.copytree(path, folder / path.name, ignore=caches)
        elif path.name[0] != "." and path.name != "results":
            (folder / path.name).symlink_to(path)


class Watcher:
    """Keeps the first test that fails; a plugin of pytest."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: object) -> None:
        """Look at the outcome of a test."""
        if getattr(report, "failed", False) and not self.failed:
            self.failed = str(getattr(report, "nodeid", ""))

    def pytest_collectreport(self, report: object) -> None:
        """Look at whether a file can be imported."""
        self.pytest_runtest_logreport(report)


def outcome(folder: Path, tests: Sequence[str]) -> tuple[str, str, float]:
    """Run tests in a copy until one fails: what came of it, by which test, after how long [s]."""
    said, began = folder / "first_failure.txt", time.monotonic()
    said.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        _run_tests(folder, tests, said)
    while (ended := os.waitpid(child, os.WNOHANG))[0] == 0:
        if time.monotonic() - began > HANGING:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return ENDED, "", time.monotonic() - began
        time.sleep(0.2)
    seconds = time.monotonic() - began
    if os.WIFSIGNALED(ended[1]) and os.WTERMSIG(ended[1]) == signal.SIGXCPU:
        return ENDED, "", seconds
    failed = said.read_text(encoding="utf-8") if said.is_file() else "the process ended"
    return (KILLED, failed, seconds) if ended[1] else (SURVIVED, "", seconds)


def _run_tests(folder: Path, tests: Sequence[str], said: Path) -> None:
    """Become a process that runs the tests in a copy; the other packages are imported already."""
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 60))
    silence = os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.chdir(folder)
    os.environ |= {"PYTHONPATH": f"{folder}:{folder / 'tests'}", "PYTHONDONTWRITEBYTECODE": "1"}
    sys.dont_write_bytecode = True
    sys.path[:] = [str(folder), str(folder / "tests"), *sys.path[1:]]
    for name in [name for name in sys.modules if name.split(".")[0] in (PACKAGE, "benchmarks")]:
        del sys.modules[name]
    watcher, code = Watcher(), 1
    try:
        found = importlib.import_module(PACKAGE).__file__
        if found is None or not Path(found).is_relative_to(folder):
            watcher.failed = f"{PACKAGE} is imported from {found}"
        else:
            words = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", *tests]
            code = int(importlib.import_module("pytest").main(words, plugins=[watcher]))
    except BaseException as error:  # whatever it is, the mutant is killed by it
        watcher.failed = watcher.failed or f"{type(error).__name__}: {error}"
    if code:
        said.write_text(watcher.failed or f"pytest ends with {code}", encoding="utf-8")
    os._exit(min(code, 1))


def run(folder: Path, mutants: Sequence[Mutant], first: int, last: int) -> None:
    """Run the mutants that have no result yet, and the unchanged code of each room before.

    The first mutant has the number 1, unchanged code 0.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = {(row["room"], int(row["id"])) for row in results(folder)}
    for name in IMPORTED:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(prefix="mutants") as made:
        copy = Path(made).resolve()
        copied(ROOT, copy)
        for room, (_, tests) in ROOMS.items():
            if (room, 0) not in done:
                found = outcome(copy, tests)
                _add(folder, (0, room, "", 0, "", "unchanged", "", "", *found))
                if found[0] != SURVIVED:
                    raise SystemExit(f"the tests of {room} fail on the unchanged code: {found[1]}")
        for number, mutant in enumerate(mutants[:last], start=1):
            if number < first or (mutant.room, number) in done:
                continue
            path = copy / PACKAGE / mutant.file
            source = path.read_bytes()
            path.write_bytes(mutant.applied(source))
            found = outcome(copy, ROOMS[mutant.room][1])
            path.write_bytes(source)
            _add(folder, (number, *_described(mutant), *found))


def _described(mutant: Mutant) -> tuple[object, ...]:
    where = (mutant.room, mutant.file, mutant.line, mutant.place)
    return (*where, mutant.kind, mutant.old[:200], mutant.new[:200])


def results(folder: Path) -> list[dict[str, str]]:
    """Lines of the results so far."""
    path = folder / RESULTS
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _add(folder: Path, row: Sequence[object]) -> None:
    path = folder / RESULTS
    begins = not path.is_file()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if begins:
            writer.writerow(COLUMNS)
        writer.writerow([*row[:-1], f"{row[-1]:.1f}"])
    _say(" ".join(map(str, (row[0], row[1], row[2], row[3], row[5], *row[8:10]))))


def shares(rows: Sequence[dict[str, str]]) -> list[str]:
    """One line a room and one a kind: how many mutants are killed, of how many."""
    lines = []
    for column in ("room", "kind"):
        groups: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            if int(row["id"]):
                groups[row[column]].append(row["outcome"])
        for name, found in sorted(groups.items()):
            killed = sum(one != SURVIVED for one in found)
            ended = found.count(ENDED)
            share = f"{killed} of {len(found)} killed ({killed / len(found):.0%})"
            lines.append(f"{column} {name}: {share}, {ended} of them by the time limit")
    return lines


def main() -> int:
    """Do what the arguments say; returns the exit code."""
    parser = argparse.ArgumentParser(description="How many small errors the tests find.")
    parser.add_argument("what", choices=("run", "list", "share"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=None)
    asked = parser.parse_args()
    if asked.what == "share":
        _say("\n".join(shares(results(asked.folder))))
        return 0
    mutants = drawn(ROOT / PACKAGE, asked.seed, asked.count)
    if asked.what == "list":
        for number, mutant in enumerate(mutants, start=1):
            _say(" | ".join(map(str, (number, *_described(mutant)))))
    else:
        run(asked.folder, mutants, asked.first, asked.last or len(mutants))
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
