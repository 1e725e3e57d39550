"""The baseline reconciliation and the state of the results, for ``meishan check``."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from meishan_model.accounts.emissions import Baseline
from meishan_model.sheets.park import DEFAULTS, SHEETS, Park, default_path


def reconciliation(baseline: Baseline, park: Park) -> RenderableType:
    """The baseline year row by row, under the seed's convention and under the ledger's rules.

    Parameters
    ----------
    baseline
        The balance of the baseline year.
    park
        The park, of which plug-ins may say more.
    """
    table = Table(title="Baseline year, row by row", title_justify="left")
    for column in ("item", "accounting"):
        table.add_column(column, overflow="fold")  # a name cut short is no name
    for column in ("GWh/a", "ktce", "kt seed", "kt ledger"):
        table.add_column(column, justify="right")
    counted = baseline.rows[baseline.rows["accounting"] != "memo"]
    memo = baseline.rows[
        (baseline.rows["accounting"] == "memo") & (baseline.rows["emissions_ledger"] > 0)
    ]
    for rows, style in ((counted, None), (memo, "dim")):
        for item, row in rows.droplevel("zone").iterrows():
            numbers = ("energy_mwh", "tce_equivalent", "emissions_seed", "emissions_ledger")
            table.add_row(
                str(item),
                str(row["accounting"]),
                *(f"{row[n] / 1e3:,.2f}" for n in numbers),
                style=style,
            )
    table.add_row(
        "total",
        "",
        f"{counted['energy_mwh'].sum() / 1e3:,.2f}",
        f"{baseline.energy / 1e3:,.2f}",
        f"{baseline.emissions_seed / 1e3:,.2f}",
        f"{baseline.emissions_ledger / 1e3:,.2f}",
        style="bold",
    )
    notes = ["ktce in equivalent value; kt of CO2 under the seed's convention and in the ledger."]
    notes += ["Memo rows count in the ledger's column only. E_0 is the ledger's total."]
    for plugin in park.kinds.plugins:
        notes += plugin.notes(park, baseline)
    return Group(table, *map(Text, notes))


def confidence_table(park: Park) -> Table:
    """How many numbers of each sheet are published, derived, assumed or defaults."""
    counts: dict[str, dict[str, int]] = {}
    for sheet, row in park.value_rows():
        of_sheet = counts.setdefault(sheet, {})
        of_row = "default" if row.is_default else str(row.confidence)
        of_sheet[of_row] = of_sheet.get(of_row, 0) + 1
    table = Table(title=Text("Where the numbers come from [rows]"), title_justify="left")
    table.add_column("sheet")
    kinds = ("published", "derived", "assumption", "default")
    for kind in kinds:
        table.add_column(kind, justify="right")
    for sheet, found in counts.items():
        table.add_row(f"{sheet}.csv", *(str(found.get(kind, 0)) for kind in kinds))
    return table


def defaults_and_absent(park: Park) -> Iterator[str]:
    """Lines that say which defaults of the package a park uses, and which sheets it has not."""
    for sheet in DEFAULTS:
        shipped = (row.name_of for row in getattr(park, sheet) if row.is_default)
        if names := dict.fromkeys(" ".join(filter(None, name)) for name in shipped):
            path = default_path(park.site.country, sheet)
            yield f"Defaults of the package ({path.parent.name}/{path.name}): {', '.join(names)}"
    without = [name for name in SHEETS if not getattr(park, name)]
    if "zones" in without:
        yield f"No rows in zones.csv; zones that other sheets name: {', '.join(park.zone_names)}"
    if absent := [f"{name}.csv" for name in without if name not in ("zones", *DEFAULTS)]:
        yield f"No rows, so that there is none of it: {', '.join(absent)}"
