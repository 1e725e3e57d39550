"""Install wheel and source distribution under each supported Python and plan a park with them.

    python -m wheel                 what is there of Python 3.11 to 3.13
    python -m wheel 3.12            one of them

Each is tried in an empty folder with nothing but what the package brings: ``meishan new``,
``meishan solve``. A Python that is not on the machine is told and left out; that of the
environment is always tried.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13")
COMMANDS = (
    ("new", "mypark"),
    ("solve", "2035", "--scenario", "mypark", "--hours", "168"),
)
RESULT = Path("results") / "mypark~168h" / "2035.nc"


def uv(*words: str | Path, may_fail: bool = False) -> bool:
    """Run uv, which pip has installed; whether it ended well."""
    command = [sys.executable, "-m", "uv", *map(str, words)]
    return not subprocess.run(command, check=not may_fail, capture_output=may_fail).returncode


def let_pyenv_show_all() -> None:
    """Where pyenv manages Pythons, only those that are chosen answer to their names."""
    try:
        there = subprocess.check_output(["pyenv", "versions", "--bare"], text=True)
    except (OSError, subprocess.CalledProcessError):
        return
    os.environ["PYENV_VERSION"] = ":".join(there.split())


def tried(version: str, package: Path, folder: Path) -> bool:
    """Whether a Python is there; then the package is installed and used in an empty folder."""
    python = folder / "venv"
    quiet = ("--quiet", "--no-python-downloads", "--python", version)
    if not uv("venv", *quiet, python, may_fail=True):
        return False
    uv("pip", "install", "--quiet", "--python", python, package)
    empty = folder / "empty"
    empty.mkdir()
    scripts = python / ("Scripts" if os.name == "nt" else "bin")
    for words in COMMANDS:
        subprocess.run([scripts / "meishan", *words], cwd=empty, check=True, capture_output=True)
    if not (empty / RESULT).is_file():
        raise SystemExit(f"Python {version}: no {RESULT} was written")
    return True


def main(versions: Sequence[str]) -> None:
    """Build both distributions and try each Python, wheel and source in turn."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    let_pyenv_show_all()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        uv("build", "--quiet", "--out-dir", folder / "dist", REPOSITORY)
        packages = [*(folder / "dist").glob("*.tar.gz"), *(folder / "dist").glob("*.whl")]
        assert len(packages) == 2, packages
        for place, version in enumerate(versions or PYTHONS):
            package, mine = packages[place % 2], folder / version
            if tried(version, package, mine):
                said = f"{package.name} plans a park in an empty folder"
            elif version == own:
                raise SystemExit(f"Python {version} is not found")
            else:
                said = "not on this machine, left out"
            sys.stdout.write(f"Python {version}: {said}\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{error}\n{(error.stderr or b'').decode()}") from error
