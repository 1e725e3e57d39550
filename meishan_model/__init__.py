"""Plan a zero-carbon park backwards from neutrality, hour by hour, on oemof.solph.

:func:`open_project` opens a scenario, which solves, explains and shows itself (:mod:`.api`);
:func:`open_results` reads a result alone; with both come the figures of a dataset, ``ds.mm``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from meishan_model.version import __version__

if TYPE_CHECKING:
    from meishan_model.api import Project, open_project
    from meishan_model.results.files import open_results

__all__ = ["Project", "__version__", "open_project", "open_results"]


def __getattr__(name: str) -> object:
    """Import what notebooks use when it is asked for: the command line begins without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("meishan_model.api"), name)
