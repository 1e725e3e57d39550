"""Run solph's own programs through the engine; fails if a system has become worse."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from .outcomes import Verdict, compare, read_known, row_of, write_known
from .report import progress_line, report_lines
from .run import Ended, run_all
from .source import make_place


def main() -> int:
    """Make the whole run; returns its exit code."""
    options = _options()
    verdicts: list[Verdict] = []
    ends: list[Ended] = []
    with tempfile.TemporaryDirectory(prefix="meishan-conformance-") as root:
        for event in run_all(make_place(Path(root)), options.only):
            if isinstance(event, Ended):
                ends.append(event)
            else:
                verdicts.append(event)
                _say([progress_line(len(verdicts), event)])
    _say(report_lines(verdicts, ends))
    known, rows = read_known(), [row_of(verdict) for verdict in verdicts]
    if options.update:
        kept = known if options.only else {}
        write_known({**kept, **{row["system"]: row for row in rows}}.values())
    differences = compare(known, rows, all_ran=not options.only)
    _say(f"better: {line}" for line in differences.better)
    _say(f"other: {line}" for line in differences.other)
    _say(f"WORSE: {line}" for line in differences.worse)
    return 1 if differences.worse and not options.update else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--only", default="", help="only systems whose names hold this word")
    parser.add_argument("--update", action="store_true", help="keep the outcomes as known")
    return parser.parse_args()


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
