"""A changed program makes results stale; the same one elsewhere does not."""

from __future__ import annotations

import ast
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import fresh
import pytest

import meishan_model
from meishan_model.plugins import plugins
from meishan_model.version import PATHWAY, READERS, STUDIES, code_sha256, package_sha256

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
    assert set(rooms) > {reader for reader in READERS if reader.isidentifier()}
    before = package_sha256(copy, READERS)
    for room in rooms:
        append(copy / room / "__init__.py", "#")
        after = package_sha256(copy, READERS)
        assert (after == before) is (room in READERS), room
        before = after
    append(copy / "errors.py", "#")
    assert package_sha256(copy, READERS) != before
    kinds: list[Collection[str]] = [(), PATHWAY, STUDIES, ("powerflow",)]
    assert len({code_sha256(*readers) for readers in kinds}) == 4


@pytest.mark.parametrize("module", sorted(PATHWAY))
def test_what_joins_slices_counts_for_pathways_and_studies_alone(copy: Path, module: str) -> None:
    """A byte more in a module that joins slices changes the hash of what is made of them."""
    kinds: list[Collection[str]] = [(), ("powerflow",), PATHWAY, STUDIES]

    def hashes() -> list[str]:
        return [package_sha256(copy, READERS.difference(readers)) for readers in kinds]

    before = hashes()
    append(copy / module, "#")
    changed = [a != b for a, b in zip(before, hashes(), strict=True)]
    assert changed == [False, False, True, True]


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


def parts(module: str) -> set[str]:
    """Paths by which a module of the package, or a name in one, may be left out of the hash."""
    first, *rest = module.split(".")
    names = rest if first == PACKAGE.name else []
    whole = {"/".join(names[:end]) for end in range(1, len(names) + 1)}
    return whole | {f"{path}.py" for path in whole}


def imported(file: Path) -> Iterator[set[str]]:
    """What a file imports of the package, each as :func:`parts` has it."""
    package = file.relative_to(PACKAGE.parent).parent.parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            names = [f"{module}.{a.name}" for a in node.names]
        yield from map(parts, names)


@pytest.mark.parametrize("readers", [(), PATHWAY, STUDIES, ("powerflow",)])
def test_what_counts_uses_nothing_that_does_not(readers: Collection[str]) -> None:
    """No file that decides a result imports from a room or a module that its hash leaves out.

    The package itself hands out what notebooks use, and no file in it takes that from there. The
    commands of a plug-in use the command line, and nothing uses them.
    """
    commands = {module for plugin in plugins() for module in plugin.commands()}
    left_out = READERS.difference(readers)
    strange = [
        (place, sorted(names & left_out))
        for file in PACKAGE.rglob("*.py")
        for place in [file.relative_to(PACKAGE).as_posix()]
        if place != "__init__.py" and not {place, place.partition("/")[0]} & left_out
        if ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) not in commands
        for names in imported(file)
        if names & left_out
    ]
    assert strange == []


def states(copy: Path, root: Path) -> list[str]:
    """State of the results of the mini park, as the copied package sees them."""
    words = (str(root), str(copy))
    done = fresh.ran(STATES, words, paths=[copy.parent], folder=copy.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_changed_program_makes_every_result_stale(copy: Path, own_mini: Path) -> None:
    """One byte in a comment is enough; a change of the command line leaves all as it was.

    One in an indicator makes the pathway stale and no slice.
    """
    files = ("2020", "2025", "2030", "pathway")
    append(copy / "cli" / "app.py", "#")
    assert [line.split() for line in states(copy, own_mini)] == [
        [name, "up", "to", "date"] for name in files
    ]
    append(copy / "accounts" / "indicators.py", "#")
    *slices, pathway = states(copy, own_mini)
    assert [line.split()[1:] for line in slices] == [["up", "to", "date"]] * 3
    assert pathway == "pathway STALE the program has changed"
    append(copy / "accounts" / "tables.py", "#")
    assert states(copy, own_mini) == [f"{name} STALE the program has changed" for name in files]
