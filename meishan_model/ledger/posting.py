"""Documents of the ledger: what they say, and how they are posted, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from meishan_model.ledger.database import LedgerError, file_of, transaction

AccountKind = Literal["park", "owner", "buyer", "grid_company", "market"]
Role = Literal["local", "contract", "unbundled", "sold_to_grid", "credit", "sink"]
Outcome = Literal["posted", "unchanged", "posted again"]

CANCELLED = "cancelled"
"""Account of what has been claimed; nothing comes back from it."""

WHOLE_YEAR = 0
"""Month of what is issued for a year."""

_INSTRUMENTS: Mapping[Role, str] = {"credit": "credit", "sink": "sink"}


@dataclass(frozen=True)
class Origin:
    """A plant, credit or sink: what it is to the park, and the account of its first holder."""

    origin: str
    role: Role
    owner: str

    @property
    def instrument(self) -> str:
        """What it is issued: certificate, credit or sink."""
        return _INSTRUMENTS.get(self.role, "certificate")


@dataclass(frozen=True, order=True)
class Batch:
    """What is issued once to the owner of an origin.

    Attributes
    ----------
    origin, year, month
        Its key; ``month`` is 0 for credits and sinks. The year of a credit is its vintage.
    quantity
        Certificates [kWh], credits and sinks [kgCO2].
    square_metres, rate
        Area [m2] and uptake [tCO2/(ha*a)] of a sink.
    last_use
        Last year in which a credit may be cancelled.
    """

    origin: str
    year: int
    month: int
    quantity: int
    square_metres: int | None = None
    rate: float | None = None
    last_use: int | None = None


@dataclass(frozen=True, order=True)
class Movement:
    """A part of a batch that passes from one account to another [kWh or kgCO2]."""

    origin: str
    year: int
    month: int
    giver: str
    receiver: str
    quantity: int


@dataclass(frozen=True, order=True)
class Emission:
    """Emission before any instrument [kgCO2], with the energy that causes it [kWh], if any."""

    scope: str
    carrier: str
    kilograms: int
    kilowatt_hours: int | None = None


@dataclass(frozen=True)
class Document:
    """Everything that is posted at once.

    Attributes
    ----------
    subject
        What it is about, such as ``slice 2035``; it stands once in the ledger.
    year
        Year of the statement that it belongs to.
    batches, movements, inventory
        Its rows.
    accounts, origins
        Accounts by their kind, and origins, that it needs; those that are there already must be
        the same.
    inputs_sha256
        Hash of the inputs that the result was made of.
    market_factor
        Of power that no contract covers [tCO2/MWh].
    """

    subject: str
    year: int
    batches: tuple[Batch, ...] = ()
    movements: tuple[Movement, ...] = ()
    inventory: tuple[Emission, ...] = ()
    accounts: Mapping[str, AccountKind] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()
    inputs_sha256: str = ""
    market_factor: float | None = None

    @property
    def content_sha256(self) -> str:
        """Hash of all that is stored of it, whatever the order of its rows."""
        rows = {
            name: sorted(map(_values, getattr(self, name)), key=json.dumps)
            for name in ("batches", "movements", "inventory")
        }
        factor = None if self.market_factor is None else float(self.market_factor)
        head = [self.subject, self.year, self.inputs_sha256, factor]
        return _digest({"head": head, **rows})


def cancellation(batch: Batch, holder: str) -> Movement:
    """Claim of a whole batch by the account that holds it."""
    return Movement(batch.origin, batch.year, batch.month, holder, CANCELLED, batch.quantity)


def post(
    connection: sqlite3.Connection, document: Document, *, supersede: bool = False
) -> Outcome:
    """Post a document in one transaction.

    Parameters
    ----------
    connection
        The ledger.
    document
        What to post.
    supersede
        Whether an older document on the same subject is annulled where it says something else.

    Returns
    -------
    str
        ``posted``, ``unchanged`` where the ledger says the same already, or ``posted again``.

    Raises
    ------
    LedgerError
        With the row that breaks a rule of the ledger, which stays as it was.
    LockError
        If another process is writing.
    """
    with transaction(connection):
        _refuse_loose_rows(connection)
        standing = connection.execute(
            "SELECT document, content_sha256 FROM standing_document WHERE subject = ?",
            (document.subject,),
        ).fetchone()
        if standing is not None and standing[1] == document.content_sha256:
            return "unchanged"
        if standing is not None and supersede:
            _close(connection, Document(document.subject, document.year), annuls=standing[0])
        _register(connection, document)
        _write_rows(connection, document)
        _close(connection, document)
    return "posted" if standing is None else "posted again"


def chained(previous: str, content: str, annuls: int | None) -> str:
    """Chain value of a document that follows another one."""
    return _digest([previous, content, annuls])


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _values(row: Any) -> list[object]:
    """Fields of a row as the data base gives them back."""
    return [
        float(value) if name == "rate" and value is not None else value
        for name, value in asdict(row).items()
    ]


def _refuse_loose_rows(connection: sqlite3.Connection) -> None:
    """Rows of a connection without foreign keys would pass for those of the next document."""
    rows = " UNION ".join(f"SELECT document FROM {t}" for t in ("batch", "movement", "inventory"))
    loose = connection.execute(
        f"SELECT count(*) FROM ({rows}) WHERE document NOT IN (SELECT document FROM document)"
    ).fetchone()
    if loose[0]:
        remedy = "move the file away and post the slices again"
        message = f"{file_of(connection)} holds rows that no document closes: {remedy}"
        raise LedgerError(message)


def _register(connection: sqlite3.Connection, document: Document) -> None:
    """Make accounts and origins that are not there yet."""
    wanted: list[tuple[str, str, tuple[str, ...]]] = [
        ("account", "account, kind", (name, kind)) for name, kind in document.accounts.items()
    ]
    wanted += [
        ("origin", "origin, role, instrument, owner", (o.origin, o.role, o.instrument, o.owner))
        for o in document.origins
    ]
    for table, columns, values in wanted:
        found = connection.execute(
            f"SELECT {columns} FROM {table} WHERE {table} = ?", values[:1]
        ).fetchone()
        if found is None:
            _insert(connection, table, columns, values, f"{table} {values[0]}")
        elif found != values:
            message = f"{table} {values[0]} is {', '.join(found[1:])}, not {', '.join(values[1:])}"
            raise LedgerError(f"{file_of(connection)}: {message}; nothing was posted")


def _write_rows(connection: sqlite3.Connection, document: Document) -> None:
    number = _next(connection, "document")
    instruments = dict(connection.execute("SELECT origin, instrument FROM origin").fetchall())
    for key, batch in enumerate(document.batches, start=_next(connection, "batch")):
        instrument = instruments.get(batch.origin, "certificate")
        values = (key, number, batch.origin, instrument, *_values(batch)[1:])
        columns = (
            "batch, document, origin, instrument, year, month, quantity,"
            " square_metres, rate, last_use"
        )
        _insert(connection, "batch", columns, values, f"issue of {_quantity(batch, instrument)}")
    batches = _standing_batches(connection)
    for key, move in enumerate(document.movements, start=_next(connection, "movement")):
        batch_key = batches.get((move.origin, move.year, move.month), -1)
        ends = move.giver, move.receiver
        values = (key, number, document.year, batch_key, *ends, move.quantity)
        what = _quantity(move, instruments.get(move.origin, "certificate"))
        text = f"movement of {what} from {move.giver} to {move.receiver}"
        columns = "movement, document, year, batch, giver, receiver, quantity"
        _insert(connection, "movement", columns, values, text)
    for item in document.inventory:
        columns = "document, scope, carrier, kilograms, kilowatt_hours"
        text = f"emission {item.scope} {item.carrier}"
        _insert(connection, "inventory", columns, (number, *_values(item)), text)


def _close(connection: sqlite3.Connection, document: Document, annuls: int | None = None) -> None:
    """Write the row of a document, after which nothing can be added to it."""
    last = connection.execute(
        "SELECT chain FROM document ORDER BY document DESC LIMIT 1"
    ).fetchone()
    previous, content = last[0] if last else "", document.content_sha256
    columns = (
        "document, subject, year, annuls, inputs_sha256, market_factor,"
        " content_sha256, previous, chain"
    )
    values = (
        *(_next(connection, "document"), document.subject, document.year, annuls),
        *(document.inputs_sha256, document.market_factor, content, previous),
        chained(previous, content, annuls),
    )
    _insert(connection, "document", columns, values, f"document {document.subject!r}")


def _insert(
    connection: sqlite3.Connection, table: str, columns: str, values: tuple[Any, ...], what: str
) -> None:
    """Insert a row; who breaks a rule is told which row and which rule."""
    places = ", ".join("?" * len(values))
    try:
        connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)
    except (sqlite3.IntegrityError, OverflowError) as error:
        rule = str(error).removeprefix("CHECK constraint failed: ")
        message = f"{file_of(connection)}: {what}: {rule}; nothing was posted"
        raise LedgerError(message) from error


def _next(connection: sqlite3.Connection, table: str) -> int:
    found = connection.execute(f"SELECT coalesce(max({table}), 0) + 1 FROM {table}").fetchone()
    return int(found[0])


def _standing_batches(connection: sqlite3.Connection) -> dict[tuple[str, int, int], int]:
    rows = connection.execute("SELECT origin, year, month, batch FROM standing_batch")
    return {(origin, year, month): batch for origin, year, month, batch in rows}


def _quantity(row: Batch | Movement, instrument: str) -> str:
    """A batch or a part of it in words."""
    unit = "kWh" if instrument == "certificate" else "kgCO2"
    month = f"-{row.month:02d}" if row.month else ""
    return f"{row.quantity} {unit} of {row.origin} {row.year}{month}"
