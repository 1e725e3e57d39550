"""``ds.mm``: questions and figures of a solved year, where a notebook has its dataset at hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from meishan_model.errors import Fault, InputError
from meishan_model.results.slice_file import energy_balance
from meishan_model.results.slice_file import week as week_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from meishan_model.report.labels import Language

# Figures are imported where they are drawn: `import meishan_model` must not wait for plotly.


@xr.register_dataset_accessor("mm")  # type: ignore[no-untyped-call]
class SliceAccessor:
    """Figures and tables of a slice, as ``open_results("balanced", 2035).mm``.

    Parameters
    ----------
    ds
        A slice by the result contract.
    """

    def __init__(self, ds: xr.Dataset):
        self._ds = ds

    def dispatch(
        self, week: int | None = None, by: str | Sequence[str] = "", **flows: str | Collection[str]
    ) -> pd.DataFrame:
        """Power of some flows in every hour, into a bus positive and out of it negative.

        Parameters
        ----------
        week
            Week of the year from 1; all hours if none.
        by
            What a column stands for: a coordinate of flows or several, or ``component``, which is
            the node at the other end of the bus.
        flows
            Coordinates (``docs/flows.md``), each with a value or several: ``role``, ``carrier``,
            ``zone``, ``technology``, ``bus``, ... Without any: supply and use of electricity of
            the whole park by group of technologies; with a ``zone`` alone: those of the zone,
            which sum to zero.

        Returns
        -------
        pandas.DataFrame
            Hours x series [MW, or the unit of the flows].

        Raises
        ------
        InputError
            If no flow is like that, or there is no such week; says what there is.

        Examples
        --------
        >>> ds.mm.dispatch(week=28, zone="port", role=["load", "duty"])  # doctest: +SKIP
        """
        from meishan_model.report.hourly import dispatch

        ds = self._slice()
        return dispatch(ds if week is None else week_of(ds, week), flows, by)

    def dispatch_figure(
        self,
        week: int | None = None,
        by: str = "",
        language: Language = "en",
        **flows: str | Collection[str],
    ) -> go.Figure:
        """The figure of :meth:`dispatch`, stacked; that of a place or a bus has more.

        Of the park or a zone: the demand, the content of stores [MWh], the price [CNY/MWh] and
        the exchange [MW]; of a bus: the price.

        Parameters
        ----------
        week, by, flows
            As for :meth:`dispatch`.
        language
            ``en`` or ``zh``.
        """
        from meishan_model.report.slice_figures import dispatch_figure

        return dispatch_figure(self._slice(), flows, week, by, language=language)

    def heat_map(self, flow: str, language: Language = "en") -> go.Figure:
        """A flow as days x hours of the day, in its unit.

        Raises
        ------
        InputError
            If there is no such flow.
        """
        from meishan_model.report.slice_figures import heat_map

        return heat_map(self._slice(), flow, language=language)

    def duration(self, flow: str, language: Language = "en") -> go.Figure:
        """Hours of a flow sorted by size, in its unit.

        Raises
        ------
        InputError
            If there is no such flow.
        """
        from meishan_model.report.slice_figures import duration_curve

        return duration_curve(self._slice(), flow, language=language)

    def sankey(self, language: Language = "en") -> go.Figure:
        """Energy of the year from its sources to its uses."""
        from meishan_model.report.labels import words_of
        from meishan_model.report.slice_figures import sankey_figure

        ds = self._slice()
        return sankey_figure(ds, words_of(ds, language))

    def balance(self) -> pd.DataFrame:
        """Energy through every bus, flow by flow; see :func:`.slice_file.energy_balance`."""
        return energy_balance(self._slice())

    def _slice(self) -> xr.Dataset:
        """The dataset, if it is a slice.

        Raises
        ------
        InputError
            If it has no hourly flows, as a pathway.
        """
        if "power" not in self._ds:
            remedy = 'open one year: open_results("balanced", 2035)'
            raise InputError([Fault("dataset", "has no hourly flows", remedy=remedy)])
        return self._ds
