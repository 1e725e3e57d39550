"""Run a script as a program of its own and judge every model that it builds.

python -m conformance.script <name> <path>
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

from .following import follower_of_environment


def main() -> None:
    """Run the script in its folder."""
    name, path = sys.argv[1], Path(sys.argv[2]).resolve()
    recorder = follower_of_environment()
    os.chdir(path.parent)
    sys.argv, sys.path[0] = [str(path)], str(path.parent)
    try:
        with recorder.at(name):
            runpy.run_path(str(path), run_name="__main__")
    finally:
        recorder.finish()


if __name__ == "__main__":
    main()
