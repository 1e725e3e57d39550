"""The programs of oemof.solph's source distribution, and a place to run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from meishan_model.optimise.solvers.cbc import cbc_binary

CACHE = Path(tempfile.gettempdir()) / "meishan-conformance"
"""Where the source distribution is kept for the next run."""
FOLDERS = ("tests", "examples", "tutorials")
_NO_PROGRAMS = ("check_examples.py", "helpers.py", "input_data.py")
"""What the others import, or what runs all of them."""


@dataclass(frozen=True)
class Place:
    """A folder with a copy of the programs, which they may change.

    Attributes
    ----------
    root
        The folder.
    tree
        The copy of the source distribution.
    """

    root: Path
    tree: Path

    @property
    def scripts(self) -> list[Path]:
        """Examples and tutorials, as paths in the tree."""
        paths = [p for folder in FOLDERS[1:] for p in (self.tree / folder).rglob("*.py")]
        return sorted(p.relative_to(self.tree) for p in paths if p.name not in _NO_PROGRAMS)

    def add_cbc(self) -> None:
        """Put CBC there under the name by which pyomo looks for it."""
        for folder in ("bin", "home"):
            (self.root / folder).mkdir()
        (self.root / "bin" / "cbc").symlink_to(cbc_binary().resolve())

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        """Environment variables of a program: no screen, a home of its own, and CBC."""
        paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        return {
            **os.environ,
            "HOME": str(self.root / "home"),
            "MPLBACKEND": "Agg",
            "PATH": f"{self.root / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            **more,
        }


def make_place(root: Path) -> Place:
    """Unpack the programs in a folder."""
    with tarfile.open(_source_distribution()) as archive:
        archive.extractall(root, filter="data")
    (tree,) = root.glob("oemof*")
    # The installed package is tested, not that of the source distribution.
    shutil.rmtree(tree / "src")
    place = Place(root, tree)
    place.add_cbc()
    return place


def _source_distribution() -> Path:
    """Path of the archive, which is fetched if it is not there."""
    wanted = version("oemof.solph")
    found = list(CACHE.glob(f"oemof*solph-{wanted}.tar.gz"))
    if not found:
        CACHE.mkdir(exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        what = ["--no-deps", "--no-binary", "oemof.solph", f"oemof.solph=={wanted}"]
        subprocess.run([*pip, *what, "--dest", str(CACHE)], check=True)
        found = list(CACHE.glob(f"oemof*solph-{wanted}.tar.gz"))
    return found[0]
