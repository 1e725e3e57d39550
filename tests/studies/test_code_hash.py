"""A changed program makes results stale; the same one elsewhere does not."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import meishan_model
from meishan_model.plugins import plugins
from meishan_model.version import READERS, code_sha256, package_sha256

PACKAGE = Path(meishan_model.__file__).parent

STATES = """
import sys
from pathlib import Path
import meishan_model
from meishan_model.planning.project import open_project
from meishan_model.studies.freshness import result_states
assert Path(meishan_model.__file__).parent == Path(sys.argv[2]), meishan_model.__file__
for state in result_states(open_project("mini", Path(sys.argv[1]), hours=168)):
    print(state.path.stem, state.state, state.reason)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package at another place, compiled files left behind."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(PACKAGE, tmp_path / "site" / PACKAGE.name, ignore=ignored))


def append(file: Path, text: str) -> None:
    """Add to the end of a file."""
    file.write_bytes(file.read_bytes() + text.encode())


def test_place_compilation_and_line_endings_do_not_count(copy: Path) -> None:
    """A copy has the hash of the package, also once it ran and came through another system."""
    assert package_sha256(copy, READERS) == code_sha256()
    (copy / "accounts" / "__pycache__").mkdir()
    (copy / "accounts" / "__pycache__" / "checks.cpython-311.pyc").write_bytes(b"compiled")
    (copy / "accounts" / ".checks.py.swp").write_bytes(b"an editor's")
    for file in copy.rglob("*.py"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
        os.utime(file, (0, 0))
    assert package_sha256(copy, READERS) == code_sha256()


def test_every_room_counts_but_those_that_read_results(copy: Path) -> None:
    """A byte more in any room changes the hash; in a room of readers only where it takes part."""
    rooms = sorted(path.parent.name for path in copy.glob("*/__init__.py"))
    assert set(rooms) > READERS - {"api.py"}
    before = package_sha256(copy, READERS)
    for room in rooms:
        append(copy / room / "__init__.py", "#")
        after = package_sha256(copy, READERS)
        assert (after == before) is (room in READERS), room
        before = after
    append(copy / "errors.py", "#")
    assert package_sha256(copy, READERS) != before
    assert len({code_sha256(), code_sha256("studies"), code_sha256("powerflow")}) == 3


def test_names_and_data_count(copy: Path) -> None:
    """A file that is moved, added or taken away changes the hash, whatever kind it is."""
    hashes = [package_sha256(copy, READERS)]
    (copy / "planning" / "project.py").rename(copy / "planning" / "scenario.py")
    hashes.append(package_sha256(copy, READERS))
    (copy / "planning" / "rules.yaml").write_text("a: 1\n", encoding="utf-8")
    hashes.append(package_sha256(copy, READERS))
    (copy / "whole_file.py").unlink()
    hashes.append(package_sha256(copy, READERS))
    assert len(set(hashes)) == len(hashes)


def imported(file: Path) -> Iterator[str]:
    """Rooms and modules of the package that a file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            inside = len(file.relative_to(PACKAGE).parts) > node.level > 0
            names = [] if inside else [f"{node.module}.{a.name}" for a in node.names]
            assert node.level == 0 or inside, f"{file}: a relative import of another room"
        for name in names:
            first, *rest = name.split(".")
            if first == PACKAGE.name and rest:
                yield rest[0]


@pytest.mark.parametrize("readers", [(), ("studies",), ("powerflow",)])
def test_what_counts_uses_nothing_that_does_not(readers: tuple[str, ...]) -> None:
    """No file that decides a result imports from a room that is left out of its hash.

    The package itself hands out what notebooks use, and no file in it takes that from there. The
    commands of a plug-in use the command line, and nothing uses them.
    """
    commands = {module for plugin in plugins() for module in plugin.commands()}
    left_out = READERS.difference(readers)
    strange = [
        (str(file.relative_to(PACKAGE)), room)
        for file in PACKAGE.rglob("*.py")
        if file.relative_to(PACKAGE).parts[0] not in {*left_out, "__init__.py"}
        and ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) not in commands
        for room in imported(file)
        if room in left_out
    ]
    assert strange == []


def states(copy: Path, root: Path) -> list[str]:
    """State of the results of the mini park, as the copied package sees them."""
    words = [sys.executable, "-B", "-c", STATES, str(root), str(copy)]
    # The folder from which Python is called stands first on the path of its modules.
    done = subprocess.run(words, cwd=copy.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_changed_program_makes_every_result_stale(copy: Path, own_mini: Path) -> None:
    """One byte in a comment is enough; a change of the command line leaves all as it was."""
    files = ("2020", "2025", "2030", "pathway")
    append(copy / "cli" / "app.py", "#")
    assert [line.split() for line in states(copy, own_mini)] == [
        [name, "up", "to", "date"] for name in files
    ]
    append(copy / "accounts" / "tables.py", "#")
    assert states(copy, own_mini) == [f"{name} STALE the program has changed" for name in files]
