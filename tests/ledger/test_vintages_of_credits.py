"""A credit is claimed in the years in which its vintage may be, and in no other."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hand_ledger import ACCOUNTS, ORIGINS, cancellation, dump, filled
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.ledger.database import LedgerError, open_ledger
from meishan_model.ledger.posting import (
    CANCELLED,
    WHOLE_YEAR,
    Batch,
    Document,
    Movement,
    post,
)
from meishan_model.ledger.reading import unsound


@settings(max_examples=15)
@given(vintage=st.integers(2020, 2040), years=st.integers(0, 6), use=st.integers(2015, 2050))
def test_a_vintage_counts_for_its_years(vintage: int, years: int, use: int) -> None:
    """From its own year to the last in which it may be used; else nothing at all is posted."""
    batch = Batch("credits", vintage, WHOLE_YEAR, 70, last_use=vintage + years)
    claim = Document("x", use, (batch,), (cancellation(batch, "market"),), (), ACCOUNTS, ORIGINS)
    with (
        TemporaryDirectory() as folder,
        open_ledger(Path(folder) / "ledger.sqlite", create=True) as connection,
    ):
        connection.execute("PRAGMA synchronous = OFF")
        allowed = vintage <= use <= vintage + years
        if allowed:
            assert post(connection, claim) == "posted"
        else:
            rule = (
                "is claimed before the year" if use < vintage else "is older than a credit may be"
            )
            text = f"movement of 70 kgCO2 of credits {vintage} from market to cancelled: {rule}"
            with pytest.raises(LedgerError, match=text):
                post(connection, claim)
        found = connection.execute("SELECT count(*) FROM batch").fetchone()
        assert found == (int(allowed),)
        assert list(unsound(connection)) == []


def test_a_later_document_is_bound_by_the_vintage(tmp_path: Path) -> None:
    """Credits of 2034 that the park keeps may be claimed until 2039, whoever claims them."""
    path = filled(tmp_path)
    key = ("credits", 2034, WHOLE_YEAR)
    bought = (Movement(*key, "market", "park", 50),)
    part = (Movement(*key, "park", CANCELLED, 20),)
    with open_ledger(path) as connection:
        post(connection, Document("purchase", 2036, (), bought))
        post(connection, Document("claim of 2039", 2039, (), part))
        before = dump(path)
        with pytest.raises(LedgerError, match="is older than a credit may be"):
            post(connection, Document("claim of 2040", 2040, (), part))
    assert dump(path) == before


def test_a_movement_is_of_the_year_of_its_document(tmp_path: Path) -> None:
    """Who dates a claim back to a year in which it may be made cannot close the document."""
    path = filled(tmp_path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("INSERT INTO movement VALUES (3, 2, 2039, 4, 'market', 'cancelled', 5)")
    close = "INSERT INTO document SELECT 2, 'x', {}, NULL, '', NULL, 'a', chain, 'b' FROM document"
    with pytest.raises(sqlite3.IntegrityError, match="of another year than its document"):
        connection.execute(close.format(2045))
    connection.execute(close.format(2039))
    assert connection.execute("SELECT count(*) FROM document").fetchone() == (2,)
    connection.execute("ROLLBACK")
    connection.close()


def test_who_goes_round_the_rule_is_found(tmp_path: Path) -> None:
    """Without the trigger the row goes in, and the ledger says that it is not sound."""
    path = filled(tmp_path)
    with open_ledger(path) as connection:
        connection.execute("DROP TRIGGER movement_insert")
        post(
            connection,
            Document("late", 2041, (), (Movement("credits", 2034, 0, "market", CANCELLED, 5),)),
        )
        found = list(unsound(connection))
    assert found == ["batch 4 is cancelled in 2041, which it may not be"]


def test_a_claim_that_is_dated_back_is_found(tmp_path: Path) -> None:
    """A year that is changed behind the ledger's back is not that of the document any more."""
    path = filled(tmp_path)
    with open_ledger(path) as connection:
        claim = Movement("credits", 2034, WHOLE_YEAR, "market", CANCELLED, 5)
        post(connection, Document("claim of 2039", 2039, (), (claim,)))
        assert list(unsound(connection)) == []
        connection.execute("DROP TRIGGER movement_update")
        connection.execute("UPDATE movement SET year = 2036 WHERE year = 2039")
        assert len(list(unsound(connection))) == 1
