"""Which component types there are."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import meishan_model
from meishan_model.components.base import SIDES
from meishan_model.components.catalogue import component_types

PACKAGE = Path(meishan_model.__file__).parent


def test_each_type_has_a_name_and_a_side_of_its_own() -> None:
    """Names are unique, and buses are made before what needs them."""
    types = component_types()
    assert len({kind.name for kind in types}) == len(types) >= 15
    sides = [SIDES.index(kind.side) for kind in types]
    assert sides == sorted(sides)


def test_declaring_a_type_imports_no_solph() -> None:
    """A command that only reads sheets does not wait for solph."""
    program = (
        "import sys\n"
        "from meishan_model.components.catalogue import component_types\n"
        "assert component_types()\n"
        "assert not {'oemof', 'pyomo'} & {name.split('.')[0] for name in sys.modules}"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def calls_of(name: str) -> Iterator[tuple[str, str]]:
    """Modules and functions of the package, the engine left out, that call something."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "optimise" in path.relative_to(PACKAGE).parts:
            continue
        for place in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(place, ast.FunctionDef):
                for call in (n for n in ast.walk(place) if isinstance(n, ast.Call)):
                    called = call.func
                    if name in (getattr(called, "attr", ""), getattr(called, "id", "")):
                        yield path.stem, place.name


def test_every_decision_on_a_size_is_made_in_one_place() -> None:
    """Nothing but the registry makes a ``solph.Investment``: it knows all that is decided."""
    assert set(calls_of("Investment")) == {("flows", "invest")}


def test_the_numbers_of_an_asset_are_fields_of_one_class() -> None:
    """The asset table declares them, and nothing else does."""
    numbers = {"potential", "build_rate", "lifetime", "stock"}
    found = {
        place.name: {
            getattr(n.target, "id", "") for n in place.body if isinstance(n, ast.AnnAssign)
        }
        & numbers
        for path in PACKAGE.rglob("*.py")
        for place in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(place, ast.ClassDef)
    }
    assert {name: own for name, own in found.items() if own} == {
        "AssetTable": numbers,
    }
