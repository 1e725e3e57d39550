"""The core of the package knows of no port, and works where the plug-in is not there."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import fresh
import mini_park

import meishan_model

PACKAGE = Path(meishan_model.__file__).parent
WORDS = re.compile(
    r"\b(ships?|berths?|shore_power|quays?|cranes?|reefers?|vessels?|handling|teu|throughput"
    r"|marine_fuel|hotel_load)\b",
    re.IGNORECASE,
)


def core() -> Iterator[Path]:
    """Files of the package outside of the plug-in."""
    files = (p for p in PACKAGE.rglob("*.py") if p.relative_to(PACKAGE).parts[0] != "port")
    return iter(sorted(files))


def imported(path: Path) -> Iterator[str]:
    """Modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None or path.parts[-2] == "optimise" or node.level
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_nothing_in_the_core_imports_the_port() -> None:
    """Not at the top of a file and not in a function."""
    guilty = {
        path.name: name
        for path in core()
        for name in imported(path)
        if name.startswith("meishan_model.port")
    }
    assert guilty == {}


def test_no_file_of_the_core_speaks_of_ships() -> None:
    """Neither code nor docstrings: what a port has is said in its own folder."""
    told = {
        str(path.relative_to(PACKAGE)): sorted(set(found))
        for path in core()
        if (found := WORDS.findall(path.read_text(encoding="utf-8")))
        and path.relative_to(PACKAGE).parts[0] != "optimise"
    }
    assert told == {}


def test_a_park_is_planned_without_the_plug_in(tmp_path: Path) -> None:
    """The pathway of the small park and its page, by a copy of the package without the folder."""
    shutil.copytree(
        PACKAGE,
        tmp_path / "site" / "meishan_model",
        ignore=lambda folder, _: ["port"] if Path(folder) == PACKAGE else [],
    )
    root = mini_park.make_root(tmp_path)
    page = tmp_path / "page.html"
    common = ("-s", "mini", "--hours", "168", "--root", str(root))
    for words in (["pathway"], ["check"], ["report", "--output", str(page)]):
        said = fresh.ran(
            fresh.COMMAND, (*words, *common), paths=[tmp_path / "site"], folder=tmp_path
        )
        assert said.returncode == 0, said.stderr
        assert not WORDS.findall(said.stdout)
    # The cost sheet, which all parks share, has prices of equipment that this one does not have.
    sheets = re.findall(r"(?:berths|ship_classes|handling)\.csv", page.read_text(encoding="utf-8"))
    assert sheets == []
