"""Random postings, good and bad: the ledger keeps its balance and says what a plain sum says."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hand_ledger import ACCOUNTS, ORIGINS
from hypothesis import given, settings
from hypothesis import strategies as st

from meishan_model.ledger.database import LedgerError, open_ledger
from meishan_model.ledger.posting import CANCELLED, Batch, Document, Movement, post
from meishan_model.ledger.reading import standing_documents, stored_document, unsound

YEAR = 2035
HOLDERS = ("park", "city", "farmer", "grid_company")
PLANTS = {"roof": "park", "farm": "farmer", "old_farm": "grid_company"}

first = st.lists(st.integers(5, 12), min_size=len(PLANTS), max_size=len(PLANTS))
batches = st.builds(
    Batch,
    st.sampled_from([*PLANTS, "ghost"]),
    st.just(YEAR),
    st.integers(1, 4),
    st.integers(0, 12),
)
wishes = st.tuples(
    st.sampled_from(list(PLANTS)),
    st.sampled_from([1, 1, 1, 1, 2]),
    st.integers(0, 9),
    st.sampled_from([*HOLDERS, CANCELLED, CANCELLED, "issued"]),
    st.sampled_from([1, 2, 3, 2, 1, 9, 0, -1]),
)
"""Plant, month, who gives (see :meth:`Sums.giver`), who receives, how much."""
documents = st.one_of(
    st.tuples(st.just([]), st.lists(wishes, min_size=1, max_size=2)),
    st.tuples(st.lists(batches, min_size=1, max_size=2), st.lists(wishes, max_size=1)),
)


class Sums:
    """The same rules as plain sums in Python: an independent reference."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, int, str], int] = defaultdict(int)
        self.issued: dict[tuple[str, int], int] = {}

    def giver(self, plant: str, month: int, pick: int) -> str:
        """For most picks somebody who holds some of it, else anybody."""
        holders = [a for a in HOLDERS if self.held[plant, month, a] > 0]
        anybody = (*HOLDERS, CANCELLED)
        return holders[pick % len(holders)] if holders and pick < 8 else anybody[pick % 5]

    def after(self, new: list[Batch], moves: list[Movement]) -> Sums | None:
        """The sums after a document; ``None`` if a rule forbids it."""
        result = Sums()
        result.held, result.issued = self.held.copy(), dict(self.issued)
        for batch in new:
            key = batch.origin, batch.month
            if batch.origin not in PLANTS or key in result.issued or batch.quantity <= 0:
                return None
            result.issued[key] = batch.quantity
            result.held[(*key, PLANTS[batch.origin])] += batch.quantity
        for move in moves:
            key = move.origin, move.month
            given_up, received = (*key, move.giver), (*key, move.receiver)
            if (
                key not in result.issued
                or move.quantity <= 0
                or move.giver in (CANCELLED, move.receiver)
                or move.receiver == "issued"
                or result.held[given_up] < move.quantity
            ):
                return None
            result.held[given_up] -= move.quantity
            result.held[received] += move.quantity
        return result


@settings(max_examples=40)
@given(first, st.lists(documents, min_size=5, max_size=10))
def test_random_documents_keep_the_balance(
    begin: list[int], drawn: list[tuple[list[Batch], list[tuple[str, int, int, str, int]]]]
) -> None:
    """A document is posted exactly where plain sums allow it, and then says what they say.

    In the end every batch is issued = held + cancelled, and each stored document, read back, is
    the one that was posted.
    """
    opening = [Batch(plant, YEAR, 1, q) for plant, q in zip(PLANTS, begin, strict=True)]
    sums, posted = Sums().after(opening, []), {}
    assert sums is not None
    with (
        TemporaryDirectory() as folder,
        open_ledger(Path(folder) / "ledger.sqlite", create=True) as connection,
    ):
        connection.execute("PRAGMA synchronous = OFF")
        start = Document("start", YEAR, tuple(opening), accounts=ACCOUNTS, origins=ORIGINS)
        assert post(connection, start) == "posted"
        for number, (new, wished) in enumerate(drawn):
            moves = [
                Movement(plant, YEAR, month, sums.giver(plant, month, pick), receiver, quantity)
                for plant, month, pick, receiver, quantity in wished
            ]
            document = Document(f"document {number}", YEAR, tuple(new), tuple(moves))
            after = sums.after(new, moves)
            if after is None:
                with pytest.raises(LedgerError):
                    post(connection, document)
            else:
                assert post(connection, document) == "posted"
                sums, posted[document.subject] = after, document
        held = {
            (origin, month, account): quantity
            for origin, month, account, quantity in connection.execute(
                "SELECT origin, month, account, holding.quantity"
                " FROM holding JOIN batch USING (batch)"
                " WHERE account <> 'issued' AND holding.quantity <> 0"
            )
        }
        assert held == {key: quantity for key, quantity in sums.held.items() if quantity}
        for key, quantity in sums.issued.items():
            assert sum(q for (*k, _), q in held.items() if tuple(k) == key) == quantity
        standing = standing_documents(connection)
        for subject, document in posted.items():
            stored = stored_document(connection, standing[subject])
            assert stored.content_sha256 == document.content_sha256
        assert list(unsound(connection)) == []
