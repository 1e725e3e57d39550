"""``ds.mm``: questions and figures of a solved year, where a notebook has its dataset at hand."""

from __future__ import annotations

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
        self,
        zone: str = "",
        week: int | None = None,
        bus: str | None = None,
        language: Language = "en",
    ) -> go.Figure:
        """Stacked dispatch with the demand, storage content [MWh], price and grid exchange.

        Parameters
        ----------
        zone
            A zone, or empty for the whole park [MW].
        week
            Week of the year from 1; all hours if none.
        bus
            A bus instead of a zone: every flow into and out of it.
        language
            ``en`` or ``zh``.

        Returns
        -------
        plotly.graph_objects.Figure

        Raises
        ------
        InputError
            If there is no such zone, bus or week, or both a zone and a bus are given.

        Examples
        --------
        >>> ds.mm.dispatch(zone="port", week=28)  # doctest: +SKIP
        """
        from meishan_model.report.hourly import Place
        from meishan_model.report.slice_figures import dispatch_figure

        if bus is not None and zone:
            raise InputError([Fault("dispatch", "takes a zone or a bus, not both", value=bus)])
        return dispatch_figure(self._slice(), Place(zone, bus or ""), week, language=language)

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
        """Energy of the year from its sources to its uses [GWh]."""
        from meishan_model.report.slice_figures import sankey_figure

        return sankey_figure(self._slice(), language=language)

    def bands(self, zone: str = "", week: int | None = None) -> pd.DataFrame:
        """Numbers of the dispatch: hours x (group of technologies, side) [MW], use negative.

        Raises
        ------
        InputError
            If there is no such zone or week.
        """
        from meishan_model.report.hourly import dispatch_bands

        ds = self._slice()
        return dispatch_bands(ds if week is None else week_of(ds, week), zone)

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
