"""Versions of everything that decides a result."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from meishan_model.optimise.errors import SolverError
from meishan_model.optimise.solvers.cbc import cbc_binary, cbc_version
from meishan_model.optimise.solvers.highs_model import has_hipo
from meishan_model.version import __version__

PACKAGES = (
    "oemof.solph",
    "linopy",
    "pyomo",
    "highspy",
    "highspy-extras",
    "piqp",
    "pulp",
    "numpy",
    "scipy",
    "pandas",
    "xarray",
    "netCDF4",
    "pvlib",
    "windpowerlib",
    "holidays",
    "pydantic",
)


def versions() -> dict[str, str]:
    """Versions by name: the model, Python and system, packages, solvers.

    Returns
    -------
    dict of str to str
        What is missing says so; it is never left out.
    """
    return {
        "meishan_model": __version__,
        "Python": platform.python_version(),
        "system": platform.platform(),
        **{name: _package(name) for name in PACKAGES},
        "HiPO": "available" if has_hipo() else "missing, install highspy-extras",
        "CBC": _cbc(),
    }


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _cbc() -> str:
    try:
        return cbc_version(cbc_binary())
    except SolverError as error:
        return str(error)
