"""What made a result: the version of the package, and the hash of its code."""

import hashlib
from collections.abc import Collection
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from meishan_model.plugins import plugins

__version__ = "0.1.0"

PATHWAY = frozenset(
    {
        "accounts/indicators.py",
        "accounts/measures.py",
        "accounts/principles.py",
        "planning/pathway_tables.py",
        "planning/plan_numbers.py",
        "planning/roll_forward.py",
        "planning/whole_pathway.py",
        "results/pathway_file.py",
    }
)
"""Modules that make what joins solved slices. A change in them makes pathways and studies stale,
and no slice."""
STUDIES = frozenset({"studies", "planning/lever_steps.py", "planning/varied_slice.py", *PATHWAY})
"""What has a part in the tables of studies beside what decides slices."""
NEW_PARK = frozenset({"planning/new_park.py", "sheets/reference_data", "sheets/templates"})
"""What a new park and its cost sheets are written from, once."""
READERS = frozenset({"api.py", "cli", "ledger", "powerflow", "report", *STUDIES, *NEW_PARK})
"""Rooms and modules, and the face of the library, that only read slices, or have them made. A
change in them makes no slice stale."""


@cache
def code_sha256(*readers: str) -> str:
    """Hash of the code that decides what stands in a result; read once in a process.

    Without a name it is that of slices: all modules beside the rooms and all rooms but
    :data:`READERS`, among them those that state, solve, account and check, and those that
    read sheets and make series. A new room or module counts until it is named there. Other
    packages that bring plug-ins count with all their files.

    Parameters
    ----------
    *readers
        What of :data:`READERS` has a part in the result: :data:`PATHWAY` in pathways,
        :data:`STUDIES` in the tables of studies, ``"powerflow"`` in power flows.
    """
    own = package_sha256(Path(__file__).parent, READERS.difference(readers))
    modules = {type(plugin).__module__.partition(".")[0] for plugin in plugins()}
    others = sorted(modules.difference([__name__.partition(".")[0]]))
    parts = [own, *(package_sha256(place) for name in others for place in _places(name))]
    return own if len(parts) == 1 else hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _places(module: str) -> list[Path]:
    """Folders of an installed package, or the file of a module that is one file."""
    spec = find_spec(module)
    if spec is None or spec.submodule_search_locations is None:
        return [Path(spec.origin)] if spec is not None and spec.origin else []
    return [Path(folder) for folder in spec.submodule_search_locations]


def package_sha256(package: Path, left_out: Collection[str] = ()) -> str:
    """Hash of the files of a package, source and data, or of one file: names and content.

    It is the same wherever the package lies, whatever its line endings and times, and whether it
    is compiled; hidden files do not count.

    Parameters
    ----------
    package
        Folder of the package, or a file.
    left_out
        Folders and files in it that do not count, by their path in it such as ``accounts`` or
        ``accounts/checks.py``.
    """
    digest = hashlib.sha256()
    files = [package] if package.is_file() else package.rglob("*")
    root = package.parent if package.is_file() else package
    found = {file.relative_to(root): file for file in files if file.is_file()}
    for place, file in sorted(found.items(), key=lambda item: item[0].as_posix()):
        hidden = any(part.startswith(".") or part == "__pycache__" for part in place.parts)
        if hidden or any(part.as_posix() in left_out for part in (place, *place.parents)):
            continue
        content = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{place.as_posix()}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
