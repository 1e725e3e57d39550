"""The rules of the ledger stand in the data base: raw SQL that breaks one is refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hand_ledger import FARM_MAY, YEAR, cancellation, dump, filled, first_document, holdings

from meishan_model.errors import InputError
from meishan_model.ledger.database import LedgerError, open_ledger
from meishan_model.ledger.posting import (
    CANCELLED,
    Batch,
    Document,
    Movement,
    Origin,
    post,
)
from meishan_model.ledger.reading import unsound

APPEND_ONLY = "append-only"
GAP = "numbered without a gap"
CLOSED = "the document is closed"
NO_ORIGIN = "there is no such plant, credit or sink"
NO_NUMBER = "a quantity is a whole number above zero"
EARLY = "is claimed before the year in which it is issued"
LATE = "is older than a credit may be when it is claimed"
ISSUE = "INSERT INTO batch VALUES (6, 2, {})"
MOVE = "INSERT INTO movement VALUES (3, 2, 2035, 2, {})"
CLOSE = "INSERT INTO document SELECT 2, {}, 'a', chain, 'b' FROM document"
ATTACKS = {
    "UPDATE batch SET quantity = 9999 WHERE batch = 2": APPEND_ONLY,
    "UPDATE OR REPLACE batch SET batch = 1 WHERE batch = 2": APPEND_ONLY,
    "UPDATE origin SET owner = 'park' WHERE origin = 'old_farm'": APPEND_ONLY,
    "UPDATE document SET content_sha256 = '' WHERE document = 1": APPEND_ONLY,
    "UPDATE account SET kind = 'park' WHERE account = 'city'": APPEND_ONLY,
    "UPDATE instrument SET unit = 'GWh'": APPEND_ONLY,
    "DELETE FROM movement WHERE movement = 2": APPEND_ONLY,
    "DELETE FROM document": APPEND_ONLY,
    "DELETE FROM inventory": APPEND_ONLY,
    "REPLACE INTO batch VALUES (2, 2, 'farm', 'certificate', 2035, 6, 9, NULL, NULL, NULL)": GAP,
    "REPLACE INTO movement VALUES (2, 2, 2035, 2, 'park', 'cancelled', 1)": GAP,
    "REPLACE INTO document VALUES (1, 'x', 2035, NULL, '', NULL, 'a', '', 'b')": GAP,
    "REPLACE INTO document SELECT 2, 'x', 2035, NULL, '', NULL, 'a', chain, chain FROM document": (
        "the chain is broken"
    ),
    "REPLACE INTO inventory VALUES (1, 'scope1', 'diesel', 1, 1)": CLOSED,
    "REPLACE INTO origin VALUES ('farm', 'local', 'certificate', 'park')": "the origin exists",
    "REPLACE INTO account VALUES ('farmer', 'park')": "the account exists",
    "REPLACE INTO instrument VALUES ('certificate', 'MWh', 'MWh')": "instruments are fixed",
    ISSUE.format("'farm', 'certificate', 2035, 5, 1, NULL, NULL, NULL"): "is issued only once",
    ISSUE.format("'ghost', 'certificate', 2035, 6, 1, NULL, NULL, NULL"): NO_ORIGIN,
    ISSUE.format("'farm', 'credit', 2035, 0, 1, NULL, NULL, NULL"): NO_ORIGIN,
    ISSUE.format("'farm', 'certificate', 2035, 6, -1, NULL, NULL, NULL"): NO_NUMBER,
    ISSUE.format("'farm', 'certificate', 2035, 6, 0, NULL, NULL, NULL"): NO_NUMBER,
    ISSUE.format("'farm', 'certificate', 2035, 6, 0.5, NULL, NULL, NULL"): "cannot store REAL",
    ISSUE.format("'farm', 'certificate', 2035, 0, 1, NULL, NULL, NULL"): "from 1 to 12",
    ISSUE.format("'farm', 'certificate', 2035, 13, 1, NULL, NULL, NULL"): "from 1 to 12",
    ISSUE.format("'farm', 'certificate', 20350, 6, 1, NULL, NULL, NULL"): "there is no such year",
    ISSUE.format("'forest', 'sink', 2036, 0, 9000, 1000, 4.0, NULL"): "its area times its rate",
    ISSUE.format("'forest', 'sink', 2036, 0, 400, NULL, NULL, NULL"): "has area and rate",
    ISSUE.format("'credits', 'credit', 2036, 0, 1, NULL, NULL, NULL"): "has a last year of use",
    ISSUE.format("'credits', 'credit', 2036, 0, 1, NULL, NULL, 2035"): "not before its vintage",
    ISSUE.format("'farm', 'certificate', 2035, 6, 1, NULL, NULL, 2040"): "has a last year of use",
    "INSERT INTO movement VALUES (3, 2, 2033, 4, 'market', 'cancelled', 5)": EARLY,
    "INSERT INTO movement VALUES (3, 2, 2034, 2, 'park', 'cancelled', 5)": EARLY,
    "INSERT INTO movement VALUES (3, 2, 2040, 4, 'market', 'cancelled', 5)": LATE,
    "INSERT INTO batch VALUES (6, 1, 'farm', 'certificate', 2035, 6, 1, NULL, NULL, NULL)": CLOSED,
    MOVE.format("'park', 'city', 601"): "the giver holds less than that",
    MOVE.format("'farmer', 'city', 1"): "the giver holds less than that",
    MOVE.format("'park', 'city', 0"): NO_NUMBER,
    MOVE.format("'park', 'city', -5"): NO_NUMBER,
    MOVE.format("'park', 'park', 5"): "giver and receiver are the same",
    MOVE.format("'cancelled', 'park', 5"): "no account that can give",
    MOVE.format("'issued', 'park', 5"): "no account that can give",
    MOVE.format("'park', 'issued', 5"): "no account that can receive",
    MOVE.format("'park', 'ghost', 5"): "no account that can receive",
    "INSERT INTO movement VALUES (3, 2, 2035, 99, 'park', 'city', 5)": "there is no such batch",
    "INSERT INTO movement VALUES (3, 1, 2035, 2, 'park', 'city', 5)": CLOSED,
    "INSERT INTO movement VALUES (4, 2, 2035, 2, 'park', 'city', 5)": GAP,
    "INSERT INTO inventory VALUES (2, 'scope9', 'diesel', 1, 1)": "there is no such scope",
    "INSERT INTO origin VALUES ('x', 'sold_to_grid', 'certificate', 'park')": "no account of the",
    "INSERT INTO origin VALUES ('x', 'local', 'credit', 'park')": "role and instrument",
    "INSERT INTO account VALUES ('mine', 'registry')": "the registry has its accounts",
    "INSERT INTO account VALUES ('mine', 'friend')": "there is no such kind of account",
    "INSERT INTO document VALUES (2, 'x', 2035, NULL, '', NULL, 'a', '', 'b')": "chain is broken",
    CLOSE.format("subject, 2035, NULL, '', NULL"): "the subject is posted already",
    CLOSE.format("'x', 2035, 1, '', NULL"): "there is no such document to annul",
    CLOSE.format("'first', 2035, 7, '', NULL"): "there is no such document to annul",
}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that no attack may change."""
    return filled(tmp_path_factory.mktemp("attacked"))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("keys", ["ON", "OFF"])
def test_raw_sql_that_breaks_a_rule_is_refused(attack: str, keys: str, attacked: Path) -> None:
    """Whatever a program writes, with or without foreign keys: an error, and nothing changed."""
    before = dump(attacked)
    connection = sqlite3.connect(attacked, isolation_level=None)
    connection.execute(f"PRAGMA foreign_keys = {keys}")
    with pytest.raises(sqlite3.IntegrityError, match=ATTACKS[attack]):
        connection.execute(attack)
    connection.close()
    assert dump(attacked) == before


def test_rows_without_a_document_are_not_kept(tmp_path: Path) -> None:
    """A batch that no document closes is refused in the end of its transaction."""
    path = filled(tmp_path)
    before = dump(path)
    with open_ledger(path) as connection:
        connection.execute("BEGIN")
        connection.execute(
            "INSERT INTO batch VALUES (6, 2, 'farm', 'certificate', 2035, 6, 1, NULL, NULL, NULL)"
        )
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            connection.execute("COMMIT")
        connection.execute("ROLLBACK")
    assert dump(path) == before


def test_loose_rows_stop_the_ledger(tmp_path: Path) -> None:
    """Who writes without foreign keys leaves a row that is found, and that no document adopts."""
    path = filled(tmp_path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(ISSUE.format("'farm', 'certificate', 2035, 6, 1, NULL, NULL, NULL"))
    connection.close()
    with open_ledger(path) as connection:
        assert list(unsound(connection)) == [
            "row 6 of batch refers to a document that is not there"
        ]
        with pytest.raises(LedgerError, match="rows that no document closes"):
            post(connection, Document("second", YEAR, (Batch("roof", YEAR, 6, 10),)))


def test_every_batch_balances(tmp_path: Path) -> None:
    """What is issued is held or cancelled: 1000 kWh of the farm are 600 held and 400 cancelled."""
    path = filled(tmp_path)
    found = holdings(path)
    assert found["farm", "issued"] == -1000
    assert (found["farm", "park"], found["farm", "cancelled"]) == (600, 400)
    assert found["old_farm", "grid_company"] == 700
    assert ("old_farm", "park") not in found
    with open_ledger(path) as connection:
        assert list(unsound(connection)) == []
        sums = connection.execute("SELECT sum(quantity) FROM leg GROUP BY batch").fetchall()
    assert sums == [(0,)] * 5


BAD = {
    "twice": (
        (Movement("farm", YEAR, 5, "park", CANCELLED, 600), cancellation(FARM_MAY, "park")),
        "movement of 1000 kWh of farm 2035-05 from park to cancelled: the giver holds less",
    ),
    "above the holding": (
        (Movement("farm", YEAR, 5, "park", "city", 601),),
        "movement of 601 kWh of farm 2035-05 from park to city: the giver holds less",
    ),
    "of another's power": (
        (Movement("old_farm", YEAR, 5, "park", CANCELLED, 700),),
        "movement of 700 kWh of old_farm 2035-05 from park to cancelled: the giver holds less",
    ),
    "negative": (
        (Movement("farm", YEAR, 5, "park", "city", -3),),
        "movement of -3 kWh of farm 2035-05 from park to city: a quantity is a whole number",
    ),
    "too large a number": (
        (Movement("farm", YEAR, 5, "park", "city", 2**80),),
        "Python int too large",
    ),
    "not issued": (
        (Movement("farm", YEAR, 6, "park", "city", 3),),
        "3 kWh of farm 2035-06 from park to city: there is no such batch",
    ),
    "to nobody": (
        (Movement("farm", YEAR, 5, "park", "ghost", 3),),
        "the receiver is no account",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_movement_posts_nothing(fault: str, tmp_path: Path) -> None:
    """The message names the row; the good batch of the same document is not posted either."""
    movements, message = BAD[fault]
    path = filled(tmp_path)
    before = dump(path)
    good = Batch("roof", YEAR, 6, 10)
    with open_ledger(path) as connection, pytest.raises(LedgerError, match=message) as caught:
        post(connection, Document("second", YEAR, (good,), movements))
    assert "nothing was posted" in str(caught.value)
    assert caught.value.exit_code == 2
    assert dump(path) == before


def test_an_unknown_plant_and_a_changed_owner_are_named(tmp_path: Path) -> None:
    """Who is issued something must be registered, and stays what he is."""
    path = filled(tmp_path)
    before = dump(path)
    with open_ledger(path) as connection:
        with pytest.raises(LedgerError, match="issue of 5 kWh of ghost 2035-06: there is no such"):
            post(connection, Document("second", YEAR, (Batch("ghost", YEAR, 6, 5),)))
        with pytest.raises(LedgerError, match="issue of -5 kWh of roof 2035-06: a quantity is"):
            post(connection, Document("second", YEAR, (Batch("roof", YEAR, 6, -5),)))
        with pytest.raises(LedgerError, match="issue of 5 kWh of farm 2035-05: is issued already"):
            post(connection, Document("second", YEAR, (Batch("farm", YEAR, 5, 5),)))
        changed = (Origin("farm", "local", "park"),)
        with pytest.raises(LedgerError, match="origin farm is contract, certificate, farmer, not"):
            post(connection, Document("second", YEAR, origins=changed))
    assert dump(path) == before


def test_a_document_that_says_something_else_annuls_the_old_one(tmp_path: Path) -> None:
    """The same is recognised; another content needs leave to supersede; the old rows stay.

    After that the farm's May has 800 kWh once, and the document of 1000 kWh lies annulled.
    """
    path = filled(tmp_path)
    batches = (Batch("farm", YEAR, 5, 800),)
    again = Document("first", YEAR, batches)
    with open_ledger(path) as connection:
        assert post(connection, first_document()) == "unchanged"
        with pytest.raises(LedgerError, match="is issued already"):
            post(connection, again)
        assert post(connection, again, supersede=True) == "posted again"
        assert list(unsound(connection)) == []
        kept = connection.execute("SELECT count(*) FROM batch").fetchone()
        standing = connection.execute("SELECT origin, quantity FROM standing_batch").fetchall()
        assert (kept, standing) == ((6,), [("farm", 800)])
        # What was said first may be said again: the third document annuls the second.
        assert post(connection, first_document(), supersede=True) == "posted again"
    assert holdings(path)["farm", "cancelled"] == 400


def test_what_others_rest_on_cannot_be_annulled(tmp_path: Path) -> None:
    """Neither a document whose certificates moved on, nor one that cancelled those of another."""
    path = filled(tmp_path)
    sale = Document("sale", YEAR, (), (Movement("farm", YEAR, 5, "park", "city", 100),))
    with open_ledger(path) as connection:
        post(connection, sale)
    before = dump(path)
    with open_ledger(path) as connection:
        with pytest.raises(LedgerError, match="another document has moved"):
            post(connection, Document("first", YEAR), supersede=True)
        with pytest.raises(LedgerError, match="that is final"):
            post(connection, Document("sale", YEAR), supersede=True)
    assert dump(path) == before


def test_tampering_behind_the_rules_shows(tmp_path: Path) -> None:
    """Who drops the triggers and edits a number is found by the hash, or by the chain."""
    path = filled(tmp_path)
    with open_ledger(path) as connection:
        post(connection, Document("second", YEAR, (Batch("roof", YEAR, 6, 10),)))
        connection.execute("DROP TRIGGER batch_update")
        connection.execute("UPDATE batch SET quantity = 5000 WHERE batch = 2")
        found = list(unsound(connection))
    assert found == ["document 1 does not say what it was closed with"]
    with open_ledger(path) as connection:
        connection.execute("UPDATE batch SET quantity = 1000 WHERE batch = 2")
        connection.execute("DROP TRIGGER document_update")
        connection.execute("UPDATE document SET chain = 'c' WHERE document = 1")
        found = list(unsound(connection))
    assert found == ["the chain breaks at document 1", "the chain breaks at document 2"]


def test_a_file_that_is_no_ledger(tmp_path: Path) -> None:
    """No file, rubbish, another data base, an older ledger: one sentence, and it stays so."""
    with pytest.raises(InputError, match="there is no ledger"), open_ledger(tmp_path / "x.sqlite"):
        pass
    rubbish = tmp_path / "rubbish.sqlite"
    rubbish.write_bytes(b"rubbish" * 1000)
    with pytest.raises(LedgerError, match="not a database"), open_ledger(rubbish):
        pass
    assert rubbish.read_bytes() == b"rubbish" * 1000
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(LedgerError, match="is no ledger of version"), open_ledger(other):
        pass
    old = filled(tmp_path)
    with sqlite3.connect(old) as connection:
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    before = dump(old)
    with (
        pytest.raises(LedgerError, match=r"says 1\): move it .* meishan ledger"),
        open_ledger(old),
    ):
        pass
    assert dump(old) == before
    nowhere = tmp_path / "no folder" / "ledger.sqlite"
    with (
        pytest.raises(LedgerError, match="cannot be written or read"),
        open_ledger(nowhere, create=True),
    ):
        pass
