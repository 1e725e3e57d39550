"""Plan a zero-carbon park backwards from neutrality, hour by hour, on oemof.solph.

:func:`open_project` opens a scenario, which solves, explains and shows itself (:mod:`.api`);
:func:`open_results` reads a result alone; with both come the figures of a dataset, ``ds.mm``.
:func:`sheets_to_excel` and :func:`sheets_from_excel` edit the sheets of a park in a workbook.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from meishan_model.version import __version__

if TYPE_CHECKING:
    from meishan_model.api import Project, open_project, open_results
    from meishan_model.planning.workbook import sheets_from_excel, sheets_to_excel

__all__ = [
    "Project",
    "__version__",
    "open_project",
    "open_results",
    "sheets_from_excel",
    "sheets_to_excel",
]

_OF_WORKBOOKS = ("sheets_from_excel", "sheets_to_excel")


def __getattr__(name: str) -> object:
    """Import what notebooks use when it is asked for: the command line begins without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "planning.workbook" if name in _OF_WORKBOOKS else "api"
    return getattr(import_module(f"meishan_model.{home}"), name)
