"""Small documents by hand, and what a ledger looks like as text."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from meishan_model.ledger.database import open_ledger
from meishan_model.ledger.posting import (
    CANCELLED,
    WHOLE_YEAR,
    AccountKind,
    Batch,
    Document,
    Emission,
    Movement,
    Origin,
    post,
)

ACCOUNTS: dict[str, AccountKind] = {
    "park": "park",
    "city": "buyer",
    "farmer": "owner",
    "grid_company": "grid_company",
    "market": "market",
}
ORIGINS = (
    Origin("roof", "local", "park"),
    Origin("farm", "contract", "farmer"),
    Origin("old_farm", "sold_to_grid", "grid_company"),
    Origin("credits", "credit", "market"),
    Origin("forest", "sink", "park"),
)
YEAR = 2035
FARM_MAY = Batch("farm", YEAR, 5, 1000)


def first_document() -> Document:
    """One batch of every kind; the farm's 1000 kWh of May go to the park, which cancels 400."""
    return Document(
        subject="first",
        year=YEAR,
        batches=(
            Batch("roof", YEAR, 5, 300),
            FARM_MAY,
            Batch("old_farm", YEAR, 5, 700),
            Batch("credits", YEAR - 1, WHOLE_YEAR, 50, last_use=YEAR + 4),
            Batch("forest", YEAR, WHOLE_YEAR, 400, 1000, 4.0),
        ),
        movements=(
            Movement("farm", YEAR, 5, "farmer", "park", 1000),
            Movement("farm", YEAR, 5, "park", CANCELLED, 400),
        ),
        inventory=(Emission("scope1", "diesel", 77, 300),),
        accounts=ACCOUNTS,
        origins=ORIGINS,
    )


def cancellation(batch: Batch, holder: str) -> Movement:
    """Claim of a whole batch by the account that holds it."""
    return Movement(batch.origin, batch.year, batch.month, holder, CANCELLED, batch.quantity)


def filled(folder: Path) -> Path:
    """A ledger with the first document."""
    path = folder / "ledger.sqlite"
    with open_ledger(path, create=True) as connection:
        assert post(connection, first_document()) == "posted"
    return path


def dump(path: Path) -> str:
    """The whole data base as SQL text."""
    with sqlite3.connect(path) as connection:
        text = "\n".join(connection.iterdump())
    connection.close()
    return text


def holdings(path: Path) -> dict[tuple[str, str], int]:
    """What each account holds of each origin in May or in the year [kWh, kgCO2]."""
    with open_ledger(path) as connection:
        rows = connection.execute(
            "SELECT origin, account, holding.quantity FROM holding JOIN batch USING (batch)"
        )
        return {(origin, account): quantity for origin, account, quantity in rows if quantity}
