"""Which component types there are."""

from __future__ import annotations

import subprocess
import sys

from meishan_model.components.base import SIDES
from meishan_model.components.catalogue import component_types


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
