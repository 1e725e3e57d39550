"""The model beside published values: one table, with a band for each number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from meishan_model.components.catalogue import schemas
from meishan_model.console import number, text_table
from meishan_model.errors import Gather, InputError
from meishan_model.planning.model_numbers import Asked, Model, ModelNumber
from meishan_model.planning.project import Project
from meishan_model.plugins import plugins
from meishan_model.report.park_numbers import NUMBERS
from meishan_model.sheets.row_reader import names_remedy
from meishan_model.sheets.rows import NumberRow
from meishan_model.sheets.units import factor_of
from meishan_model.sheets.validation_rows import ValidationRow, read_validation, validation_model

DEPARTS = "departs"
"""Basis of a quantity that lies outside of its band knowingly."""
BASES = {"computed": "", "fitted": " (fitted)", "given": " (given)", DEPARTS: " (departs)"}
"""What stands behind a quantity that the model does not compute by itself."""

WIDTH = 36
"""Characters that the names of quantities have in a line on the console at least."""


@dataclass(frozen=True)
class Validation:
    """The model beside published values; printed, it is its table.

    Attributes
    ----------
    table
        Index quantity; group, basis, unit, published, before, model (all three in the unit),
        deviation, lower, upper [%], inside, source, confidence, note.
    """

    table: pd.DataFrame

    @property
    def outside(self) -> tuple[str, ...]:
        """Lines of the numbers that lie outside of their band, and of what departs inside it."""
        return tuple(
            f"{row.Index}: {row.model:.4g} {row.unit} is {row.deviation:+.1f} % from the "
            f"{row.published:.4g} of {row.source}, "
            f"{'inside' if row.inside else 'outside'} of {row.lower:+g} to {row.upper:+g} %"
            for row in self.table[self._wrong].itertuples()
        )

    @property
    def _wrong(self) -> pd.Series[bool]:
        """Whether each number lies where its basis does not say."""
        return self.table["inside"] == (self.table["basis"] == DEPARTS)

    def __rich__(self) -> RenderableType:
        """A row for each quantity, by group."""
        numeric = ("published", "before", "model", "unit", "deviation", "band [%]")
        table = text_table("Model beside published values", ("quantity",), numeric, ("source",))
        table.columns[0].min_width = WIDTH
        shown = self.table.assign(wrong=self._wrong)
        for group, rows in shown.groupby("group", sort=False):
            table.add_section()
            table.add_row(str(group), style="bold")
            for name, row in rows.iterrows():
                style = "bold red" if row["wrong"] else None
                told = f"{name}{BASES[row['basis']]}"
                table.add_row(told, *_cells(row), row["source"], style=style)
        return Group(table, Text(self.sentence))

    @property
    def sentence(self) -> str:
        """How many numbers there are, and how many of them the model computes."""
        counts = self.table["basis"].value_counts()
        told = ", ".join(f"{counts.get(basis, 0)} {basis}" for basis in BASES)
        return (
            f"{len(self.table)} numbers ({told}), "
            f"{len(self.outside)} not where their basis says. "
            "Bands are the uncertainty of the publication. Computed: the model makes the number "
            "from others; fitted: sheets were chosen so that it comes out; given: a cell of the "
            "sheets is the published number; departs: outside of the band knowingly, as its note "
            "says."
        )

    def markdown(self) -> str:
        """The table as text of a page, a section for each group."""
        heads = ("quantity", "published", "before", "model", "unit", "deviation", "band [%]")
        parts = [self.sentence]
        for group, rows in self.table.groupby("group", sort=False):
            lines = [(*heads, "source", "note"), ("---",) * (len(heads) + 2)]
            for name, row in rows.iterrows():
                told = f"{name}{BASES[row['basis']]}"
                lines.append((told, *_cells(row), row["source"], row["note"]))
            table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
            parts += [f"## {str(group).capitalize()}", table]
        return "\n\n".join(parts) + "\n"


def _cells(row: pd.Series) -> tuple[str, ...]:
    """Published, before and model with their unit, deviation and band."""
    numbers = (number(row[name]) for name in ("published", "before", "model"))
    band = f"{row['lower']:+g} to {row['upper']:+g}"
    # A zero has one sign.
    deviation = round(float(row["deviation"]), 1) + 0.0
    return *numbers, row["unit"], f"{deviation:+.1f} %", band


@cache
def model_numbers() -> Mapping[str, ModelNumber]:
    """All numbers of the model by the name of the measure, those of plug-ins among them."""
    added = (plugin.model_numbers() for plugin in plugins())
    return {**NUMBERS, **{name: of for found in added for name, of in found.items()}}


@cache
def validation_rows() -> type[ValidationRow]:
    """The model of the rows of ``validation.csv``."""
    model = schemas()["drivers"]
    assert issubclass(model, NumberRow)
    # What drivers count by the million is divided by as it is; people have no unit.
    counted = {u for quantity in model.quantities.values() for u in quantity.unit.split("|")}
    million = sorted(unit for unit in counted if unit.startswith("million "))
    amounts = [unit.removeprefix("million ").removesuffix("/a") for unit in million]

    def units(of: ModelNumber) -> str:
        own = of.units.split("|")
        yearly = [unit.removesuffix("/a") for unit in own if unit.endswith("/a")]
        return "|".join((*own, *(f"{unit}/{amount}" for unit in yearly for amount in amounts)))

    return validation_model({name: (units(of), of.says) for name, of in model_numbers().items()})


def validation(project: Project) -> Validation:
    """Put the model beside the published values of a park's sheet.

    Parameters
    ----------
    project
        The scenario with its folders.

    Raises
    ------
    InputError
        If there is no sheet, or with every fault of it.
    """
    rows = read_validation(project.park_folder, validation_rows())
    gather, model = Gather(), Model(project)
    found = {row.quantity: gather(_model_value, model, row) for row in rows}
    gather.refuse()
    columns = (
        "group",
        "basis",
        "unit",
        "before",
        "lower",
        "upper",
        "source",
        "confidence",
        "note",
    )
    table = pd.DataFrame(
        [{name: getattr(row, name) for name in columns} for row in rows],
        index=pd.Index(list(found), name="quantity"),
    )
    table["before"] = table["before"].astype(float)
    table.insert(3, "published", [row.value for row in rows])
    table.insert(5, "model", pd.Series(found, dtype=float))
    table.insert(6, "deviation", (table["model"] / table["published"] - 1.0) * 100.0)
    table["inside"] = table["deviation"].between(table["lower"], table["upper"])
    return Validation(table)


def _model_value(model: Model, row: ValidationRow) -> float:
    """The number of the model in the unit of a row, divided as it asks."""
    asked, of_measure = Asked(model, row), model_numbers()[row.measure]
    value = of_measure.make(asked) * factor_of(of_measure.units.split("|")[0])
    if row.per:
        drivers = asked.inputs.drivers
        if row.per not in drivers:
            remedy = names_remedy(row.per, drivers)
            raise InputError([row.fault("per", "there is no such driver", remedy)])
        value /= drivers[row.per]
    return value / factor_of(row.unit)
