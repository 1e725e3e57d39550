"""Plan a zero-carbon park backwards from neutrality, hour by hour, on oemof.solph.

:func:`open_results` reads a result; with it come the figures of a dataset, ``ds.mm``.
"""

from typing import TYPE_CHECKING

from meishan_model.version import __version__

if TYPE_CHECKING:
    from meishan_model.results.files import open_results

__all__ = ["__version__", "open_results"]


def __getattr__(name: str) -> object:
    """Import what notebooks use when it is asked for: the command line begins without it."""
    if name != "open_results":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from meishan_model.report import accessor as _accessor  # noqa: F401 - registers ds.mm
    from meishan_model.results.files import open_results

    return open_results
