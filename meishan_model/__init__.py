"""Plan a zero-carbon park backwards from neutrality, hour by hour, on oemof.solph."""

from meishan_model.report import accessor as _accessor  # noqa: F401 - registers ds.mm
from meishan_model.results.files import open_results
from meishan_model.version import __version__

__all__ = ["__version__", "open_results"]
