"""What it means for a plan when its losses are those of its own power flow."""

from __future__ import annotations

import xarray as xr
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.planning.in_memory import LossAgreement

_SHOWN = 8


def agreement_report(before: xr.Dataset, agreement: LossAgreement) -> RenderableType:
    """Rounds, losses by element, and what changes in the plan.

    Parameters
    ----------
    before
        The slice with the losses of ``network.csv``.
    agreement
        The slice with the losses found.
    """
    rounds = ", ".join(f"{x:+.1%}" for x in agreement.differences)
    verdict = "they agree" if agreement.agreed else "they do NOT agree"
    first = Text(
        f"Losses of the plan against the AC power flow, round by round: {rounds}; {verdict}."
    )
    if len(agreement.differences) == 1:
        return first
    return Group(first, _shares(agreement), _changes(before, agreement.dataset))


def _shares(agreement: LossAgreement) -> Table:
    table = Table(title=Text("Losses for network.csv"), title_justify="left")
    table.add_column("element")
    table.add_column(Text("loss [%]"), justify="right")
    for element, share in agreement.table["share"].items():
        table.add_row(str(element), f"{share:.2%}".rstrip("%"))
    return table


def _changes(before: xr.Dataset, after: xr.Dataset) -> Table:
    """Cost and the capacities that change most, before and after."""
    table = Table(title=Text("The slice before and after"), title_justify="left")
    for name in ("", "before", "after"):
        table.add_column(name, justify="right" if name else "left")
    objective = (before.attrs["objective"] / 1e6, after.attrs["objective"] / 1e6)
    table.add_row(Text("objective [million CNY/a]"), *(f"{x:,.2f}" for x in objective))
    old, new = before["capacity"].to_series(), after["capacity"].to_series()
    change = (new - old).abs().sort_values(ascending=False)
    units = before["asset_unit"].to_series()
    for asset in change.index[change > 0.0][:_SHOWN]:
        table.add_row(
            Text(f"{asset} [{units[asset]}]"), f"{old[asset]:,.1f}", f"{new[asset]:,.1f}"
        )
    return table
