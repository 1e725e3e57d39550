"""What every row of a park's sheets has: its line, and a number with its unit and its origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    Self,
    TypeAlias,
    TypeVar,
    get_args,
    get_type_hints,
)

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
)

from meishan_model.errors import Fault, cell_text

DEFAULT_SHEETS = Path(__file__).parent / "default_sheets"
"""Folder of the rows of the package that stand in for what a park does not say, by country."""
R = TypeVar("R", bound="Row")
Confidence = Literal["published", "derived", "assumption", "placeholder"]
"""Who vouches for a number; a ``placeholder`` stands in until the park gives its own."""
PLACEHOLDER: Confidence = "placeholder"
NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_]*$"
OPTIONAL_NAME_PATTERN = r"^([A-Za-z][A-Za-z0-9_]*)?$"
MEASURED_PATTERN = r"^[^:/\\]+\.(csv|txt|xlsx|nc):.+$"
"""A measured series: a file in ``timeseries/<park>`` and a column of it."""
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Profile = Annotated[str, Field(pattern=f"({NAME_PATTERN})|({MEASURED_PATTERN})")]
OptionalProfile = Annotated[str, Field(pattern=f"({OPTIONAL_NAME_PATTERN})|({MEASURED_PATTERN})")]
OptionalSeries = Annotated[str, Field(pattern=f"(^$)|({MEASURED_PATTERN})")]
OptionalName = Annotated[str, Field(pattern=OPTIONAL_NAME_PATTERN)]
Colour = Annotated[
    str, Field(pattern=r"^(#[0-9A-Fa-f]{6})?$", description="#RRGGBB, or empty for the default")
]
CalendarYear = Annotated[int, Field(ge=1990, le=2100)]
NoneIfEmpty = BeforeValidator(lambda text: None if text == "" else text)
Year = Annotated[CalendarYear | None, NoneIfEmpty]


YEAR_OF_ROW = "empty: all years; else rows of several years, between which the value is linear"
"""What the column ``year`` of a sheet says."""


def is_measured(profile: str) -> bool:
    """Whether a profile names a measured series, ``file:column``, and no shape."""
    return ":" in profile


def _plain(text: object) -> object:
    """Refuse ``1_5``, which Python reads as 15."""
    if isinstance(text, str) and "_" in text:
        raise ValueError("is no number")
    return text


Effect: TypeAlias = Literal["", "costs"]
"""What alone a number acts on: what things cost; else empty."""


def not_before(column: str) -> AfterValidator:
    """Check of a year or day that it does not lie before that of another column, if both are."""

    def check(value: Any, info: ValidationInfo) -> Any:
        first = info.data.get(column)
        if value and first and value < first:
            raise ValueError(f"lies before {column} {first}")
        return value

    return AfterValidator(check)


class Quantity(NamedTuple):
    """What a parameter may be: its unit, its possible range and its plausible one, both closed.

    What lies outside of ``lower`` to ``upper`` is refused, what lies outside of ``likely`` is
    told as a warning, ``why`` says on what grounds; 0, where it is possible, is never told.
    Several units are separated by ``|``; the ranges are in the first of them. A ``whole`` number
    is the same in all years: between two years nothing is interpolated.
    """

    unit: str
    lower: float
    upper: float
    likely: tuple[float, float]
    why: str
    whole: bool = False

    def span(self, lower: float, upper: float) -> str:
        """A range in the first of its units."""
        unit = self.unit.split("|")[0]
        return f"{lower:g} to {upper:g}" + ("" if unit == "1" else f" {unit}")

    def hint(self, value: float) -> str:
        """Words for a number that would be plausible by the factor of a thousand of a unit."""
        for factor, more in ((1e3, "more"), (1e-3, "less")):
            if self.likely[0] <= value * factor <= self.likely[1]:
                return f"a thousand times {more} would be plausible: is the unit right? "
        return ""


@dataclass(frozen=True)
class Refers:
    """Mark of a column that names what another sheet defines; an empty cell names nothing.

    Attributes
    ----------
    what
        What is named, such as a zone: a key of the names that are known.
    where
        The sheets that define it, for messages; empty where they go without saying.
    within
        Column whose cell says in which zone the name must be known; an empty cell: in any.
    is_needed
        Whether the cell must not be empty.
    """

    what: str
    where: str = ""
    within: str = ""
    is_needed: bool = False


Zone = Annotated[Name, Refers("zone")]
OptionalZone = Annotated[OptionalName, Refers("zone")]
TechnologyName = Annotated[Name, Refers("technology", "technologies.csv")]
CARRIER_AT_BUS = Refers("carrier of a bus", "buses.csv", is_needed=True)


class Frozen(BaseModel):
    """Frozen, and refusing what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Row(Frozen):
    """A row of a sheet; ``line`` is its line in the file, the header being line 1."""

    needed: ClassVar[str] = ""
    """Why a park cannot do without the sheet; empty: an absent one means that there is none."""
    about: ClassVar[tuple[str, ...]] = ()
    """Columns that name what a row is about; messages find its line by them."""
    alike: ClassVar[tuple[str, ...]] = ()
    """Columns that say the same in all rows of one name; ``line``: it has one row."""
    is_demand: ClassVar[bool] = False
    """Whether the sheet says what the park needs: it must have one that does."""
    effects: ClassVar[Mapping[str, Effect]] = {}
    """What alone quantities of the sheet act on; ``""`` stands for those that are not named."""
    shown: ClassVar[tuple[str, ...]] = ("name", "name_zh")
    """Columns that say how something is shown or explain it, not which it is."""
    says: ClassVar[Mapping[str, str]] = {}
    """What columns say to readers; of others their field tells it."""

    in_base_money: ClassVar[bool] = False
    """Whether money in it is that of the project by what the sheet is."""

    line: int = Field(exclude=True)
    """line in the file"""
    _file: str = PrivateAttr(default="")
    _given: dict[str, object] = PrivateAttr(default_factory=dict)

    @classmethod
    def read(cls, cells: Mapping[Any, Any], file: str, line: int) -> Self:
        """A row from its cells.

        Raises
        ------
        pydantic.ValidationError
            If a cell is not what the column asks for.
        """
        row = cls.model_validate({**cells, "line": line})
        row._file = file
        return row

    @property
    def file(self) -> str:
        """Path of the sheet, for messages."""
        return self._file

    @property
    def is_default(self) -> bool:
        """Whether the row is a default of the package, and none of the park's own."""
        return _is_default(self.file)

    def given(self, column: str) -> object:
        """A cell as it was given: money in its own currency."""
        return self._given.get(column, getattr(self, column))

    def fault(self, column: str, message: str, remedy: str) -> Fault:
        """A fault of one cell of the row, with what stands in it: money as it was given."""
        if self.is_default:
            sheet = Path(self._file).name
            remedy += f"; a row of your own in {sheet} takes the place of this default"
        return Fault(self._file, message, self.line, column, cell_text(self.given(column)), remedy)

    @property
    def name_of(self) -> tuple[str, ...]:
        """Cells that name what the row is about."""
        return tuple(cell_text(getattr(self, column)) for column in self.about)


@cache
def _is_default(file: str) -> bool:
    return Path(file).is_relative_to(DEFAULT_SHEETS)


def reference_in(model: type[Row], column: str) -> Refers | None:
    """What a column refers to, if it does."""
    field = model.model_fields.get(column)
    marks = () if field is None else field.metadata
    return next((mark for mark in marks if isinstance(mark, Refers)), None)


def defined_by(model: type[Row]) -> str:
    """Column whose names the rows of a sheet define for other sheets; empty where none does."""
    column = model.about[0] if len(model.about) == 1 else ""
    return "" if reference_in(model, column) else column


def sheets_of(holder: type) -> dict[str, type[Row]]:
    """Model of the rows of each sheet, from the fields of a class that hold rows of one model."""
    models = {name: (*get_args(hint), None)[0] for name, hint in get_type_hints(holder).items()}
    return {
        name: model
        for name, model in models.items()
        if isinstance(model, type) and issubclass(model, Row)
    }


class NumberRow(Row):
    """A row that carries a number with its unit and its source."""

    quantities: ClassVar[Mapping[str, Quantity]] = {}
    """Quantity by the row's :attr:`kind_of_value`; ``""`` where a sheet has only one."""
    quantity_column: ClassVar[str] = "parameter"
    """Column that says which quantity a row holds, in a sheet with several."""
    required: ClassVar[tuple[str, ...]] = ()
    """Quantities of which everything that the sheet is about has a row."""

    value: Annotated[float, BeforeValidator(_plain)]
    """the number, in the unit of the row"""
    unit: str
    """unit of the value"""
    source: str = Field(min_length=1)
    """where the number comes from"""

    @property
    def kind_of_value(self) -> str:
        """Key of this row in :attr:`quantities`."""
        return str(getattr(self, self.quantity_column, ""))


class ValueRow(NumberRow):
    """A row of a park's sheet, which also says how sure its number is."""

    confidence: Confidence
    """published, derived or assumption; placeholder until the owner replaces it"""
    note: str
    """anything a reader should know; may be empty"""


def with_quantities(model: type[R], added: Mapping[str, Quantity]) -> type[R]:
    """The model of a row that may carry some quantities beside its own, or in their place."""
    quantities = {**getattr(model, "quantities", {}), **added}
    return type(model.__name__, (model,), {"quantities": quantities, "__doc__": model.__doc__})
