"""Mutate the shipped sheets for a bounded time: a clear error or a checked result, nothing else.

    python tests/robustness/fuzz.py --seconds 600

Hypothesis draws one to three ways of spoiling a small park of three slices, and the real command
line solves its target year. What is neither refused in lines with a remedy (code 2) nor solved,
checked and saved (code 0) is a finding: it is made as small as it gets and written to
``tests/bad_inputs/candidates``, in the form of a case of the corpus.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "bad_inputs"), str(TESTS / "pathway"), str(TESTS.parent)]

import mini_park  # noqa: E402
import spoil  # noqa: E402
from test_bad_inputs import FAULT  # noqa: E402

from meishan_model import cli  # noqa: E402
from meishan_model.accounts.checks import slice_failures  # noqa: E402
from meishan_model.results.files import open_results  # noqa: E402
from meishan_model.results.slice_file import validate_slice  # noqa: E402

CANDIDATES = TESTS / "bad_inputs" / "candidates"
COMMAND = ("solve", "2030", "-s", "mini", "--hours", "168")
KEYS = ("value", "unit", "year", "parameter", "technology", "zone", "profile", "carrier")
"""Columns that are drawn more often than the others."""
TEXTS = (
    *("", " ", "0", "-1", "1", "0.96", "96", "1e9", "1e-9", "1e308", "-0", "nan", "inf", "0,5"),
    *("1 000", "1_000", "１２", "2-Mar", "44927", "2020-13-01", "=1+1", "#REF!", "N/A", "true"),
    *("2019", "2050", "2100.5", "%", "MW", "MWh", "kW", "GWh/a", "CNY/MWh", "a;b", "x y", "[/x]"),
    *("campus", "electricity", "natural_gas", "pv_rooftop", "flat", "upstream", "grid_110kv"),
    *("campus_10kv", "梅山", "\u200b", "\ufeff", "'", '"', "\n", "../..", "null", "[1, 2]", "1e3"),
)
QUIET = settings(
    max_examples=20,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
    print_blob=False,
)

Edit = dict[str, Any]
"""A file and one of the ways of spoiling it, as in a case of the corpus."""


class FindingError(Exception):
    """Neither a clear error nor a checked result."""


@dataclass
class Hunt:
    """A root to be spoilt over and over, and what came of it.

    ``known`` are findings that are not to be found again; ``last`` is the latest of them with the
    edits that led to it, which is the smallest when Hypothesis is done.
    """

    root: Path
    outcomes: Counter[str] = field(default_factory=Counter)
    known: set[str] = field(default_factory=set)
    last: tuple[str, list[Edit]] | None = None

    def __post_init__(self) -> None:
        folders = [self.root / "configs", self.root / "timeseries"]
        files = [p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()]
        self.before = {path: path.read_bytes() for path in files}

    def restore(self) -> None:
        """Undo what the last edits did."""
        for path, content in self.before.items():
            if path.read_bytes() != content:
                path.write_bytes(content)
        shutil.rmtree(self.root / "results", ignore_errors=True)

    def examine(self, edits: list[Edit]) -> None:
        """Spoil the root and run; a finding that is not known yet is raised."""
        try:
            for edit in edits:
                way = next(key for key in edit if key != "file")
                with contextlib.suppress(IndexError):  # an edit before this one took the place
                    spoil.WAYS[way](self.root / edit["file"], edit[way])
            outcome = run(self.root)
        finally:
            self.restore()
        self.outcomes[outcome.split(":")[0]] += 1
        if outcome not in ("refused", "solved") and outcome not in self.known:
            self.last = (outcome, edits)
            raise FindingError(outcome)


def run(root: Path) -> str:
    """Outcome of the command on a root: refused, solved, or what went wrong and where."""
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["meishan", *COMMAND, "--root", str(root)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            cli.main()
    except SystemExit as end:
        code = end.code or 0
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"crash: {type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
    lines = err.getvalue().splitlines()
    if code == 2:
        strange = [line for line in lines if not FAULT.match(line)]
        return f"unclear: {strange[0]}" if strange else "refused"
    if code != 0:
        return f"code {code}: {lines[-1] if lines else ''}"
    ds = open_results("mini", 2030, root / "results", hours=168)
    found = validate_slice(ds) or slice_failures(ds)
    return f"unchecked: {found[0]}" if found else "solved"


def edits_of(root: Path, files: list[Path]) -> st.SearchStrategy[list[Edit]]:
    """Strategy for one to three edits of the files of a root."""
    sheets = {p: spoil.read_cells(p) for p in files if p.suffix == ".csv"}
    texts = [path for path in files if path.suffix == ".yaml"]

    @st.composite
    def edit(draw: st.DrawFn) -> Edit:
        path = draw(st.sampled_from([*sheets, *texts]))
        name = str(path.relative_to(root))
        if path in texts:
            row = draw(st.integers(0, len(path.read_text(encoding="utf-8").splitlines()) - 1))
            return {"file": name, "value_of_line": [row, draw(st.sampled_from(TEXTS))]}
        rows = sheets[path]
        row = draw(st.integers(min(1, len(rows) - 1), len(rows) - 1))
        way = draw(st.sampled_from(["cell"] * 8 + ["drop_row", "repeat_row", "insert", "drop"]))
        if way == "insert":
            place = draw(st.floats(0, 1).map(lambda share: round(share, 3)))
            return {"file": name, "insert": [place, draw(st.sampled_from(TEXTS))]}
        if way == "drop":
            return {"file": name, "drop_column": draw(st.integers(0, len(rows[0]) - 1))}
        if way != "cell":
            return {"file": name, way: row}
        often = [i for i, column in enumerate(rows[0]) if column in KEYS]
        column = draw(st.sampled_from(often * 4 + list(range(len(rows[0])))))
        return {"file": name, "cell": [row, column, draw(text_for(rows, row, column))]}

    return st.lists(edit(), min_size=1, max_size=3)


def text_for(rows: list[list[str]], row: int, column: int) -> st.SearchStrategy[str]:
    """Another text for a cell: a nasty one, that of another row, or a multiple of its number."""
    others = st.sampled_from(sorted({r[column] for r in rows[1:]}) or [""])
    try:
        number = float(rows[row][column])
    except ValueError:
        return st.one_of(st.sampled_from(TEXTS), others)
    factors = (-1.0, 0.0, 1e-6, 0.01, 0.5, 1.1, 2.0, 100.0, 1e6)
    multiples = st.sampled_from(factors).map(lambda factor: f"{number * factor:g}")
    return st.one_of(multiples, multiples, st.sampled_from(TEXTS), others)


def hunt(seconds: float, seed: int) -> Iterator[tuple[str, list[Edit]]]:
    """Findings within a time; says at the end how many inputs were tried."""
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        trial = Hunt(mini_park.make_root(Path(folder)))
        files = [p for p in trial.before if p.suffix in (".csv", ".yaml")]
        files = [p for p in files if "low_storage" not in p.parts and "grid" not in p.parts]
        strategy = edits_of(trial.root, files)
        while time.monotonic() < end:
            seed += 1

            @hypothesis.seed(seed)
            @QUIET
            @hypothesis.given(strategy)
            def examine(edits: list[Edit]) -> None:
                if time.monotonic() < end:
                    trial.examine(edits)

            try:
                examine()
            # A finding that is gone when it is tried again is flaky, and a finding all the same.
            except (FindingError, hypothesis.errors.Flaky):
                if trial.last is not None:
                    trial.known.add(trial.last[0])
                    yield trial.last
        total = ", ".join(f"{count} {what}" for what, count in trial.outcomes.most_common())
        sys.stdout.write(f"{trial.outcomes.total()} inputs: {total}\n")


def save(outcome: str, edits: list[Edit]) -> Path:
    """Write a finding as a candidate of the corpus; what it did stands above it."""
    CANDIDATES.mkdir(exist_ok=True)
    path = CANDIDATES / f"{zlib.crc32(outcome.encode()):08x}.yaml"
    text = yaml.safe_dump(edits, allow_unicode=True, default_flow_style=None, sort_keys=False)
    path.write_text(f"# {' '.join(COMMAND)} ended in {outcome}\n{text}", encoding="utf-8")
    return path


def main() -> int:
    """Hunt; the exit code is 1 if there was a finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    # As in the tests; the root has no logs to look into afterwards.
    warnings.simplefilter("error")
    count = 0
    for outcome, edits in hunt(options.seconds, options.seed):
        count += 1
        sys.stdout.write(f"FOUND {outcome}\n  {edits}\n  {save(outcome, edits)}\n")
        sys.stdout.flush()
    return min(count, 1)


if __name__ == "__main__":
    sys.exit(main())
