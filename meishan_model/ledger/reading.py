"""What stands in a ledger: its documents, its facts of a year, and whether it is sound."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from meishan_model.errors import Fault, InputError
from meishan_model.ledger.database import file_of
from meishan_model.ledger.facts import PARK, SQUARE_METRES, THOUSANDTHS, Facts, slice_subject
from meishan_model.ledger.posting import Batch, Document, Emission, Movement, chained
from meishan_model.sheets.records import CITY

DIFFERENCE_COLUMNS = ("subject", "row", "ledger", "recomputed")

_CLAIMS = """
SELECT role, origin, year, month, quantity AS issued,
    (SELECT coalesce(sum(quantity), 0) FROM standing_movement AS moved
     WHERE moved.batch = issue.batch AND giver = :park AND receiver = 'cancelled') AS claimed,
    (SELECT coalesce(sum(quantity), 0) FROM holding
     WHERE holding.batch = issue.batch AND account = :city) AS sold,
    square_metres AS hectares, last_use
FROM standing_batch AS issue JOIN origin USING (origin)
WHERE document = :document
"""


_OUT_OF_TIME = """
SELECT batch, movement.year FROM movement JOIN batch USING (batch)
JOIN document ON document.document = movement.document
WHERE movement.year <> document.year OR receiver = 'cancelled'
AND document.year NOT BETWEEN batch.year AND coalesce(last_use, document.year)
"""


def ledger_facts(connection: sqlite3.Connection, year: int) -> Facts:
    """What the ledger says of a year; nothing is read from a result.

    Parameters
    ----------
    connection
        The ledger.
    year
        Year of a posted slice.

    Raises
    ------
    InputError
        If no slice of that year is posted.
    """
    head = connection.execute(
        "SELECT document, market_factor FROM standing_document WHERE subject = ?",
        (slice_subject(year),),
    ).fetchone()
    if head is None:
        file = str(file_of(connection))
        remedy = "post the solved slices with: meishan ledger"
        raise InputError([Fault(file, "no slice of this year", value=str(year), remedy=remedy)])
    names = {"document": head[0], "park": PARK, "city": CITY}
    claims = pd.read_sql_query(_CLAIMS, connection, params=names)
    claims[["issued", "claimed", "sold"]] /= THOUSANDTHS
    claims["hectares"] = claims["hectares"].astype(float) / SQUARE_METRES
    inventory = pd.read_sql_query(
        "SELECT scope, carrier, kilograms AS tonnes, kilowatt_hours AS megawatt_hours"
        " FROM inventory WHERE document = :document",
        connection,
        params={"document": head[0]},
    )
    numbers = ["tonnes", "megawatt_hours"]
    inventory[numbers] = inventory[numbers].astype(float) / THOUSANDTHS
    return Facts(year, head[1], claims, inventory)


def stored_document(connection: sqlite3.Connection, number: int) -> Document:
    """A document as it stands in the ledger, without the accounts and origins that it made."""
    subject, year, inputs_sha256, factor = connection.execute(
        "SELECT subject, year, inputs_sha256, market_factor FROM document WHERE document = ?",
        (number,),
    ).fetchone()

    def rows(columns: str, tables: str) -> Iterator[tuple[Any, ...]]:
        yield from connection.execute(f"SELECT {columns} FROM {tables} = ?", (number,))

    batch = "origin, year, month, quantity, square_metres, rate, last_use"
    move = "origin, batch.year, month, giver, receiver, movement.quantity"
    emission = "scope, carrier, kilograms, kilowatt_hours"
    moved = "movement JOIN batch USING (batch) WHERE movement.document"
    return Document(
        subject=subject,
        year=year,
        batches=tuple(Batch(*row) for row in rows(batch, "batch WHERE document")),
        movements=tuple(Movement(*row) for row in rows(move, moved)),
        inventory=tuple(Emission(*row) for row in rows(emission, "inventory WHERE document")),
        inputs_sha256=inputs_sha256,
        market_factor=factor,
    )


def standing_documents(connection: sqlite3.Connection) -> dict[str, int]:
    """Number of the document that holds on each subject."""
    rows = connection.execute("SELECT subject, document FROM standing_document ORDER BY document")
    return {str(subject): int(number) for subject, number in rows}


def differences(connection: sqlite3.Connection, documents: Iterable[Document]) -> pd.DataFrame:
    """Rows in which the ledger differs from documents that were made anew.

    Parameters
    ----------
    connection
        The ledger.
    documents
        What the result files give, one document a slice; a slice that is posted and has no
        document here differs in all its rows.

    Returns
    -------
    pandas.DataFrame
        Columns subject, row, ledger, recomputed: the row in words, and its quantity on either
        side (kWh, kgCO2; not a number where it is missing). Empty where all is the same.
    """
    standing = (stored_document(connection, n) for n in standing_documents(connection).values())
    posted = {d.subject: d for d in standing if d.subject == slice_subject(d.year)}
    made = {document.subject: document for document in documents}
    found = []
    for subject in dict.fromkeys((*made, *posted)):
        sides = {"ledger": posted.get(subject), "recomputed": made.get(subject)}
        table = pd.DataFrame({side: _quantities(of) for side, of in sides.items()})
        table = table.rename_axis("row")
        rows = table[table["ledger"].ne(table["recomputed"])].reset_index()
        found.append(rows.assign(subject=subject))
    if not found:
        return pd.DataFrame(columns=list(DIFFERENCE_COLUMNS))
    return pd.concat(found, ignore_index=True)[list(DIFFERENCE_COLUMNS)]


def _quantities(document: Document | None) -> pd.Series[float]:
    """Every number of a document by its row in words; two rows of one name are added."""
    if document is None:
        return pd.Series(dtype=float)
    rows: list[tuple[str, float | None]] = [
        (f"inputs {document.inputs_sha256}", 1.0),
        ("market factor [tCO2/MWh]", document.market_factor),
        ("rows", len(document.batches) + len(document.movements) + len(document.inventory)),
    ]
    for batch in document.batches:
        rows += [
            (f"issue {batch}", batch.quantity),
            (f"area {batch} [m2]", batch.square_metres),
            (f"rate {batch} [tCO2/(ha*a)]", batch.rate),
            (f"last year of use {batch}", batch.last_use),
        ]
    rows += [
        (f"move {move} {move.giver} -> {move.receiver}", move.quantity)
        for move in document.movements
    ]
    for item in document.inventory:
        rows += [
            (f"emission {item.scope} {item.carrier} [kgCO2]", item.kilograms),
            (f"energy {item.scope} {item.carrier} [kWh]", item.kilowatt_hours),
        ]
    known = pd.DataFrame(rows, columns=["row", "quantity"]).dropna()
    return known.astype({"quantity": float}).groupby("row", sort=False)["quantity"].sum()


def unsound(connection: sqlite3.Connection) -> Iterator[str]:
    """Everything that shows that somebody went round the rules of the ledger.

    The file itself, references to what is not there, batches out of balance, accounts that hold
    less than nothing, credits that are claimed in a year in which they may not be, and documents
    whose content is not that of their hash or whose chain is broken.
    """
    for (line,) in connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield str(line)
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} refers to a {parent} that is not there"
    balance = "SELECT batch FROM holding GROUP BY batch HAVING sum(quantity) <> 0"
    for (batch,) in connection.execute(balance):
        yield f"batch {batch} is out of balance"
    negative = "SELECT batch, account FROM holding WHERE quantity < 0 AND account <> 'issued'"
    for batch, account in connection.execute(negative):
        yield f"{account} holds less than nothing of batch {batch}"
    for batch, year in connection.execute(_OUT_OF_TIME):
        yield f"batch {batch} is cancelled in {year}, which it may not be"
    previous = ""
    rows = connection.execute(
        "SELECT document, annuls, content_sha256, previous, chain FROM document ORDER BY document"
    ).fetchall()
    for number, annuls, content, before, chain in rows:
        if stored_document(connection, number).content_sha256 != content:
            yield f"document {number} does not say what it was closed with"
        if before != previous or chain != chained(previous, content, annuls):
            yield f"the chain breaks at document {number}"
        previous = chain
