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


@dataclass(frozen=True)
class Origin:
    """A plant, credit or sink: what it is to the park, and the account of its first holder."""

    origin: str
    role: Role
    owner: str

    @property
    def instrument(self) -> str:
        """What it is issued: certificate, credit or sink."""
        return self.role if self.role in ("credit", "sink") else "certificate"


@dataclass(frozen=True, order=True)
class Lot:
    """What is issued to an origin for a year or, of certificates, a month."""

    origin: str
    year: int
    month: int

    def __str__(self) -> str:
        """Read as ``north_wind 2035-07``."""
        return f"{self.origin} {self.year}" + (f"-{self.month:02d}" if self.month else "")


@dataclass(frozen=True, order=True)
class Batch(Lot):
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

    quantity: int
    square_metres: int | None = None
    rate: float | None = None
    last_use: int | None = None


@dataclass(frozen=True, order=True)
class Movement(Lot):
    """A part of a batch that passes from one account to another [kWh or kgCO2]."""

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
            name: sorted(
                (list(_values(row).values()) for row in getattr(self, name)), key=json.dumps
            )
            for name in ("batches", "movements", "inventory")
        }
        factor = None if self.market_factor is None else float(self.market_factor)
        return _digest({"head": [self.subject, self.year, self.inputs_sha256, factor], **rows})


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


def _values(row: Batch | Movement | Emission) -> dict[str, Any]:
    """Fields of a row as the data base gives them back."""
    values = asdict(row)
    if values.get("rate") is not None:
        values["rate"] = float(values["rate"])
    return values


def _refuse_loose_rows(connection: sqlite3.Connection) -> None:
    """Rows of a connection without foreign keys would pass for those of the next document."""
    rows = " UNION ".join(f"SELECT document FROM {t}" for t in ("batch", "movement", "inventory"))
    loose = connection.execute(
        f"SELECT count(*) FROM ({rows}) WHERE document NOT IN (SELECT document FROM document)"
    ).fetchone()
    if loose[0]:
        remedy = "move the file away and post the slices again"
        raise LedgerError(f"{file_of(connection)} holds rows that no document closes: {remedy}")


def _register(connection: sqlite3.Connection, document: Document) -> None:
    """Make accounts and origins that are not there yet."""
    wanted = [("account", {"account": n, "kind": kind}) for n, kind in document.accounts.items()]
    for o in document.origins:
        row = {"origin": o.origin, "role": o.role, "instrument": o.instrument, "owner": o.owner}
        wanted.append(("origin", row))
    for table, row in wanted:
        name, *values = row.values()
        found = connection.execute(
            f"SELECT {', '.join(row)} FROM {table} WHERE {table} = ?", (name,)
        ).fetchone()
        if found is None:
            _insert(connection, table, row, f"{table} {name}")
        elif found != (name, *values):
            message = f"{table} {name} is {', '.join(found[1:])}, not {', '.join(values)}"
            raise LedgerError(f"{file_of(connection)}: {message}; nothing was posted")


def _write_rows(connection: sqlite3.Connection, document: Document) -> None:
    number = _next(connection, "document")
    instruments = dict(connection.execute("SELECT origin, instrument FROM origin").fetchall())

    def told(row: Batch | Movement) -> str:
        is_power = instruments.get(row.origin, "certificate") == "certificate"
        return f"{row.quantity} {'kWh' if is_power else 'kgCO2'} of {row}"

    for key, batch in enumerate(document.batches, start=_next(connection, "batch")):
        row: dict[str, Any] = {"batch": key, "document": number, **_values(batch)}
        row["instrument"] = instruments.get(batch.origin, "certificate")
        _insert(connection, "batch", row, f"issue of {told(batch)}")
    keys = "SELECT origin, year, month, batch FROM standing_batch"
    batches = {tuple(key): batch for *key, batch in connection.execute(keys)}
    for key, move in enumerate(document.movements, start=_next(connection, "movement")):
        row = {"movement": key, "document": number, "year": document.year}
        row["batch"] = batches.get((move.origin, move.year, move.month), -1)
        row |= {"giver": move.giver, "receiver": move.receiver, "quantity": move.quantity}
        text = f"movement of {told(move)} from {move.giver} to {move.receiver}"
        _insert(connection, "movement", row, text)
    for item in document.inventory:
        row = {"document": number, **_values(item)}
        _insert(connection, "inventory", row, f"emission {item.scope} {item.carrier}")


def _close(connection: sqlite3.Connection, document: Document, annuls: int | None = None) -> None:
    """Write the row of a document, after which nothing can be added to it."""
    last = connection.execute(
        "SELECT chain FROM document ORDER BY document DESC LIMIT 1"
    ).fetchone()
    previous, content = last[0] if last else "", document.content_sha256
    row = {
        "document": _next(connection, "document"),
        "subject": document.subject,
        "year": document.year,
        "annuls": annuls,
        "inputs_sha256": document.inputs_sha256,
        "market_factor": document.market_factor,
        "content_sha256": content,
        "previous": previous,
        "chain": chained(previous, content, annuls),
    }
    _insert(connection, "document", row, f"document {document.subject!r}")


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any], what: str) -> None:
    """Insert a row; who breaks a rule is told which row and which rule."""
    places = ", ".join(f":{column}" for column in row)
    try:
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", row)
    except (sqlite3.IntegrityError, OverflowError) as error:
        rule = str(error).removeprefix("CHECK constraint failed: ")
        raise LedgerError(f"{file_of(connection)}: {what}: {rule}; nothing was posted") from error


def _next(connection: sqlite3.Connection, table: str) -> int:
    found = connection.execute(f"SELECT coalesce(max({table}), 0) + 1 FROM {table}").fetchone()
    return int(found[0])
