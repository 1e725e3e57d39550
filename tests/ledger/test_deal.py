"""The deal of December 2020 (RMI 2023): 20 GWh of wind contracted for a month, 14 delivered.

Shenzhou Knitting, outside the zone, bought from a wind company in it and got certificates for
what was delivered.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hand_ledger import cancellation, dump

from meishan_model.ledger.database import LedgerError, open_ledger
from meishan_model.ledger.posting import (
    CANCELLED,
    Batch,
    Document,
    Movement,
    Origin,
    post,
)

GWH = 1_000_000
FARM, COMPANY, BUYER = "wind_farm", "wind_company", "shenzhou_knitting"
DELIVERED = Batch(FARM, 2020, 12, 14 * GWH)
MONTH = (FARM, 2020, 12)
ISSUE = Document(
    "delivery of December 2020",
    2020,
    (DELIVERED,),
    accounts={COMPANY: "owner", BUYER: "buyer", "park": "park"},
    origins=(Origin(FARM, "contract", COMPANY),),
)
TRANSFER = Document("transfer", 2020, (), (Movement(*MONTH, COMPANY, BUYER, 14 * GWH),))
CLAIM = Document("claim", 2020, (), (cancellation(DELIVERED, BUYER),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger in which 14 GWh are issued."""
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as connection:
        post(connection, ISSUE)
    return tmp_path / "ledger.sqlite"


def test_the_deal_is_posted_step_by_step(path: Path) -> None:
    """14 GWh are issued, transferred and cancelled; nobody holds anything in the end."""
    with open_ledger(path) as connection:
        for document in (TRANSFER, CLAIM):
            assert post(connection, document) == "posted"
        held = connection.execute(
            "SELECT account, quantity FROM holding WHERE quantity <> 0 ORDER BY quantity"
        ).fetchall()
    assert held == [("issued", -14 * GWH), ("cancelled", 14 * GWH)]


REFUSED = {
    "a fifteenth GWh transferred": Movement(*MONTH, COMPANY, BUYER, 15 * GWH),
    "all that was contracted": Movement(*MONTH, COMPANY, BUYER, 20 * GWH),
    "a fifteenth GWh claimed": Movement(*MONTH, COMPANY, CANCELLED, 15 * GWH),
    "the park claims the buyer's": Movement(*MONTH, "park", CANCELLED, 1),
}


@pytest.mark.parametrize("claim", REFUSED)
def test_nothing_but_what_was_delivered(claim: str, path: Path) -> None:
    """What exceeds the delivery, or is another's, is refused by the data base."""
    before = dump(path)
    with open_ledger(path) as connection, pytest.raises(LedgerError, match="the giver holds less"):
        post(connection, Document(claim, 2020, (), (REFUSED[claim],)))
    assert dump(path) == before


def test_the_month_is_issued_once(path: Path) -> None:
    """The GWh that is missing to fifteen is not issued afterwards, under whatever name."""
    before = dump(path)
    more = Document("correction", 2020, (Batch(FARM, 2020, 12, GWH),))
    with open_ledger(path) as connection, pytest.raises(LedgerError, match="issued only once"):
        post(connection, more)
    assert dump(path) == before


def test_what_is_claimed_is_not_sold_again(path: Path) -> None:
    """After the claim a second one, and a sale to the park, are refused."""
    with open_ledger(path) as connection:
        for document in (TRANSFER, CLAIM):
            post(connection, document)
    before = dump(path)
    again = Document("again", 2020, (), CLAIM.movements)
    sale = Document("sale", 2020, (), (Movement(*MONTH, BUYER, "park", GWH),))
    back = Document("back", 2020, (), (Movement(*MONTH, CANCELLED, BUYER, GWH),))
    with open_ledger(path) as connection:
        for document, rule in (
            (again, "the giver holds less"),
            (sale, "the giver holds less"),
            (back, "no account that can give"),
        ):
            with pytest.raises(LedgerError, match=rule):
                post(connection, document)
    assert dump(path) == before
