"""What is sold to the city under contract leaves the ledger of the park with its certificates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import hand_park
import pytest
import tiny_park as tiny
from tiny_solved import cost, power

from meishan_model.ledger.database import LedgerError, open_ledger
from meishan_model.ledger.facts import slice_document
from meishan_model.ledger.posting import CANCELLED, Document, Movement, post
from meishan_model.ledger.reading import ledger_facts
from meishan_model.ledger.statement import neutrality_statement, statement_of
from meishan_model.planning.solve_slice import solve_slice

approx = pytest.approx


def test_sold_outside_is_not_green_inside(tmp_path: Path) -> None:
    """20 of the 25 MW that leave are under contract; the city holds all 25, the park claims 10.

    The same as without the contract, in ledger and statement; who claims what the city holds is
    refused by the data base.
    """
    park = hand_park.hand_park()
    offer = tiny.export("neighbours", "sun", 20.0, 310.0)
    green = {**park.profiles.green_power, "sun": tiny.np.array([1.0, 0.0, 0.0, 0.0])}
    inputs = replace(park.inputs, contracts=(*park.inputs.contracts, offer))
    park = replace(park, inputs=inputs, profiles=replace(park.profiles, green_power=green))
    ds = solve_slice(park.task())
    assert power(ds, "power_market->neighbours_delivery")[0] == approx(20.0)
    assert cost(ds, "export") == approx(-hand_park.WEIGHT * (20 * 310.0 + 5 * 300.0))
    document = slice_document(ds)
    local = ("pv_zone", "wind_zone")
    sold = sum(m.quantity for m in document.movements if m.receiver == "city")
    claimed = sum(
        m.quantity
        for m in document.movements
        if m.origin in local and (m.giver, m.receiver) == ("park", CANCELLED)
    )
    thousandths = hand_park.WEIGHT * 1e3
    assert sold == approx(25 * thousandths)
    assert claimed == approx(10 * thousandths)
    table = neutrality_statement(ds)
    assert table["amount"]["export"] == approx(25 * hand_park.WEIGHT)
    assert table["market_based"]["gross"] == approx(2365.2 + 39_420.0)
    with open_ledger(tmp_path / "ledger.sqlite", create=True) as connection:
        post(connection, document)
        from_ledger = statement_of(ledger_facts(connection, 2035))
        assert from_ledger["amount"]["export"] == approx(table["amount"]["export"])
        again = Movement("pv_zone", 2035, 1, "park", CANCELLED, 1)
        with pytest.raises(LedgerError, match="the giver holds less"):
            post(connection, Document("sold and claimed", 2035, (), (again,)))
