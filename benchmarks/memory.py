"""Peak memory of one slice and of a whole pathway: ``python -m benchmarks.memory 336``.

Each figure comes from a process of its own, on a copy of the project's inputs, so that no result
is touched and none is found up to date.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

from benchmarks.watch import run_watched

ROOT = Path(__file__).resolve().parents[1]
TARGET, FIRST = 2050, 2020
LARGEST_RATIO = 1.2
"""What all slices of a pathway in one process may need, in peaks of one slice [-]."""


def solved_slices(root: Path, year: int, hours: int) -> dict[str, float]:
    """Solve from the target down to a year and tell how many slices were solved.

    Parameters
    ----------
    root
        Root of the inputs; the results are written there.
    year
        The last slice.
    hours
        Hours of each slice.
    """
    from meishan_model.planning.backcast import backcast
    from meishan_model.planning.project import open_project
    from meishan_model.progress import Progress

    warnings.simplefilter("ignore")
    slices = backcast(open_project("balanced", root, hours=hours), year, "highs", Progress())
    return {"slices": sum(s.solved for s in slices)}


def measured(year: int, hours: int) -> dict[str, float]:
    """The same in a process of its own on a root of its own."""
    with tempfile.TemporaryDirectory(prefix="meishan-memory-") as folder:
        for name in ("configs", "timeseries"):
            shutil.copytree(ROOT / name, Path(folder, name))
        words = [
            sys.executable,
            "-m",
            "benchmarks.memory",
            "--task",
            folder,
            str(year),
            str(hours),
        ]
        written, peak = run_watched(words)
    found: dict[str, float] = json.loads(written.splitlines()[-1])
    return found | {"peak": peak}


def compared(hours: int) -> dict[str, float]:
    """Peaks of a run of one slice and of one of the whole pathway [GB], and their ratio."""
    one, all_slices = measured(TARGET, hours), measured(FIRST, hours)
    return {
        "one": one["peak"],
        "all": all_slices["peak"],
        "slices": all_slices["slices"],
        "ratio": all_slices["peak"] / one["peak"],
    }


def main() -> None:
    """Print one figure, or the comparison, which fails where it is above what is wanted."""
    if sys.argv[1] == "--task":
        folder, year, hours = sys.argv[2:]
        print(json.dumps(solved_slices(Path(folder), int(year), int(hours))))  # noqa: T201
        return
    found = compared(int(sys.argv[1]))
    line = (
        f"{found['slices']} slices of {sys.argv[1]} h in one run need {found['all']:.2f} GB, "
        f"one slice {found['one']:.2f} GB: {found['ratio']:.2f} times, "
        f"at most {LARGEST_RATIO} are wanted"
    )
    print(line)  # noqa: T201
    sys.exit(found["ratio"] > LARGEST_RATIO)


if __name__ == "__main__":
    main()
