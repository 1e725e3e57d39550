"""The document of a solved slice: what its plants are issued, what the park claims and sells.

==================  ================  ======================================================
role                first holder      then
==================  ================  ======================================================
``local``           park              to the city with what is exported, the rest cancelled
``contract``        owner             to the park, as much as is delivered, and cancelled
``unbundled``       market            to the park, and cancelled
``sold_to_grid``    grid company      what a contract on the plant delivers to the park, where
                                      it is cancelled; the rest stays with the grid company
``credit``          market            to the park, and cancelled
``sink``            park              cancelled
==================  ================  ======================================================
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import pandas as pd
import xarray as xr

from meishan_model.ledger.facts import Facts, rows_of, slice_facts
from meishan_model.ledger.posting import (
    CANCELLED,
    AccountKind,
    Batch,
    Document,
    Emission,
    Movement,
    Origin,
    Role,
)
from meishan_model.sheets.records import CITY

PARK, GRID_COMPANY, MARKET = "park", "grid_company", "market"
_COMMON_ACCOUNTS: Mapping[str, AccountKind] = {
    PARK: "park",
    CITY: "buyer",
    GRID_COMPANY: "grid_company",
    MARKET: "market",
}
_OWNERS: Mapping[Role, str] = {
    "local": PARK,
    "sold_to_grid": GRID_COMPANY,
    "unbundled": MARKET,
    "credit": MARKET,
    "sink": PARK,
}
THOUSANDTHS = 1000
"""Whole numbers of the ledger in one MWh or tCO2."""
SQUARE_METRES = 10_000
"""In one hectare."""


def slice_document(ds: xr.Dataset) -> Document:
    """Everything that a solved slice posts to the ledger.

    Parameters
    ----------
    ds
        The slice.

    Returns
    -------
    Document
        On the subject ``slice <year>``; the same slice gives the same document.

    Raises
    ------
    InputError
        As :func:`~meishan_model.ledger.facts.slice_facts`.
    """
    facts = slice_facts(ds)
    whole = _whole_numbers(facts.claims)
    origins = tuple(
        Origin(row["origin"], row["role"], _OWNERS.get(row["role"], f"owner_of_{row['origin']}"))
        for row in rows_of(whole.drop_duplicates("origin"))
    )
    owners = {o.origin: o.owner for o in origins}
    plants: dict[str, AccountKind] = {
        o.owner: "owner" for o in origins if o.owner not in _COMMON_ACCOUNTS
    }
    return Document(
        subject=slice_subject(facts.year),
        year=facts.year,
        batches=tuple(_batches(whole)),
        movements=tuple(_movements(whole.assign(owner=whole["origin"].map(owners)))),
        inventory=tuple(_inventory(facts)),
        accounts={**_COMMON_ACCOUNTS, **plants},
        origins=origins,
        inputs_sha256=str(ds.attrs["inputs_sha256"]),
        market_factor=facts.market_factor,
    )


def slice_subject(year: int) -> str:
    """What a slice is called in the ledger."""
    return f"slice {year}"


def _whole_numbers(claims: pd.DataFrame) -> pd.DataFrame:
    """Claims in kWh and kgCO2; what is claimed, sold and left adds up to what is issued."""
    sold = claims["sold"].astype(float).fillna(0.0)
    left = claims["issued"] - claims["claimed"] - sold
    quantity = _thousandths(claims["issued"])
    whole = claims.assign(quantity=quantity, sold=_thousandths(sold).clip(upper=quantity))
    whole["claimed"] = whole["quantity"] - whole["sold"] - _thousandths(left)
    whole["square_metres"] = (claims["hectares"] * SQUARE_METRES).round()
    whole["rate"] = claims["issued"] / claims["hectares"]
    return whole[whole["quantity"] != 0]


def _thousandths(values: pd.Series[float]) -> pd.Series[int]:
    return (values.astype(float) * THOUSANDTHS).round().astype("int64")


def _batches(whole: pd.DataFrame) -> Iterator[Batch]:
    for row in rows_of(whole):
        sink, credit = row["role"] == "sink", row["role"] == "credit"
        yield Batch(
            row["origin"],
            row["year"],
            row["month"],
            row["quantity"],
            square_metres=int(row["square_metres"]) if sink else None,
            rate=row["rate"] if sink else None,
            last_use=int(row["last_use"]) if credit else None,
        )


def _movements(whole: pd.DataFrame) -> Iterator[Movement]:
    """What the park claims goes to it and is cancelled, what it sells goes to the city."""
    for row in rows_of(whole):
        key = row["origin"], row["year"], row["month"]
        ways = (
            (row["owner"], PARK, row["claimed"]),
            (PARK, CANCELLED, row["claimed"]),
            (row["owner"], CITY, row["sold"]),
        )
        for giver, receiver, quantity in ways:
            if giver != receiver and quantity != 0:
                yield Movement(*key, giver, receiver, quantity)


def _inventory(facts: Facts) -> Iterator[Emission]:
    table = facts.inventory.assign(kilograms=_thousandths(facts.inventory["tonnes"]))
    for row in rows_of(table):
        known = not math.isnan(row["megawatt_hours"])
        energy = round(row["megawatt_hours"] * THOUSANDTHS) if known else None
        yield Emission(row["scope"], row["carrier"], row["kilograms"], energy)
