"""What a solved slice says of certificates, credits, sinks and emissions, and its document.

The facts of a year are two tables. The ledger gives the same two back
(:mod:`meishan_model.ledger.reading`), so that a statement of neutrality can be made from either.
The document of a slice posts them: what its plants are issued, what the park claims and sells.

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

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.flows import LOCAL_GREEN
from meishan_model.components.selection import fed_in_by_plant, flows_of_slice, power_of, select
from meishan_model.errors import Fault, InputError
from meishan_model.ledger import posting
from meishan_model.series import FloatArray
from meishan_model.sheets.records import CITY
from meishan_model.sheets.units import HOURS_OF_YEAR, weight_of_step

CLAIM_COLUMNS = (
    *("role", "origin", "year", "month", "issued", "claimed", "sold", "hectares", "last_use"),
)
PARK, GRID_COMPANY, MARKET = "park", "grid_company", "market"
THOUSANDTHS = 1000
"""Whole numbers of the ledger in one MWh or tCO2."""
SQUARE_METRES = 10_000
"""In one hectare."""

_GREEN = ("delivered", "claimed")
"""Roles of green power that a contract brings into the park."""
_COMMON_ACCOUNTS: Mapping[str, posting.AccountKind] = {
    PARK: "park",
    CITY: "buyer",
    GRID_COMPANY: "grid_company",
    MARKET: "market",
}
_OWNERS: Mapping[posting.Role, str] = {
    "local": PARK,
    "sold_to_grid": GRID_COMPANY,
    "unbundled": MARKET,
    "credit": MARKET,
    "sink": PARK,
}


@dataclass(frozen=True)
class Facts:
    """What a year's statement and ledger rest on.

    Attributes
    ----------
    year
        Year of the slice.
    market_factor
        Of power that no contract covers [tCO2/MWh].
    claims
        One row an origin and month (0: the year): role, origin, year (of a credit its vintage),
        month; issued, of it claimed by the park and sold to the city [MWh, tCO2 for credits and
        sinks]; hectares of a sink and the last year of use of a credit, else not a number.
    inventory
        Emissions before any instrument: scope, carrier, tonnes [tCO2/a], megawatt_hours [MWh/a]
        or not a number, as of what is bought in t or m3. Scope 2 is that of all power through the
        fence, whoever covers it.
    """

    year: int
    market_factor: float
    claims: pd.DataFrame
    inventory: pd.DataFrame


def slice_facts(ds: xr.Dataset) -> Facts:
    """Read a slice.

    Parameters
    ----------
    ds
        A solved year.

    Returns
    -------
    Facts
        Trials stand for a year; a month that they leave out has nothing.

    Raises
    ------
    InputError
        If the slice was solved before slices said what a ledger needs.
    """
    year, factor = int(ds.attrs["year"]), float(_attribute(ds, "grid_market_factor"))
    flows = flows_of_slice(ds)
    issued = select(flows, role="issue", may_be_empty=True)
    unbundled = issued[issued["contract"] != ""]
    delivered, bought = _delivered(ds, flows), _monthly(ds, unbundled)
    parts = [
        _local(ds),
        *_green_power(ds, delivered),
        _long({"issued": bought, "claimed": bought}, "unbundled"),
        _credits(ds),
        _sinks(ds, flows),
    ]
    claims = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    claims = claims.reindex(columns=list(CLAIM_COLUMNS))
    claims["year"] = claims["year"].fillna(year).astype(int)
    green = float(delivered.to_numpy().sum())
    return Facts(year, factor, claims, _inventory(ds, flows, unbundled, factor * green))


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table by the names of its columns, in numbers of Python."""
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def _attribute(ds: xr.Dataset, name: str) -> str | float:
    value: str | float | None = ds.attrs.get(name)
    if value is None:
        raise _not_said(ds, name)
    return value


def _not_said(ds: xr.Dataset, name: str) -> InputError:
    message = "the slice was solved before slices said what their ledger needs"
    place = f"{ds.attrs.get('scenario', '?')} {ds.attrs.get('year', '?')}"
    remedy = "delete its file and solve it again"
    return InputError([Fault(place, message, column=name, remedy=remedy)])


def _monthly(ds: xr.Dataset, flows: pd.DataFrame) -> pd.DataFrame:
    """Energy of flows, months x contracts [MWh]."""
    return _by_month(ds, ds["power"].to_numpy()[flows.index.to_numpy()], flows["contract"])


def _by_month(ds: xr.Dataset, power: FloatArray, names: pd.Series) -> pd.DataFrame:
    """Energy by month and name [MWh] of power of the shape (flows, hours) [MW]."""
    months = pd.DatetimeIndex(ds["time"].to_numpy()).month
    hourly = pd.DataFrame(power.T, index=months, columns=names.to_numpy())
    monthly = hourly.groupby(level=0).sum().T.groupby(level=0, sort=False).sum().T
    return monthly.rename_axis(index="month") * weight_of_step(len(months))


def _long(monthly: Mapping[str, pd.DataFrame], role: str) -> pd.DataFrame:
    """One row an origin and month, with a column for each of some tables of one shape."""
    months, origins = next(iter(monthly.values())).axes
    keys = {"origin": np.repeat(origins, len(months)), "month": np.tile(months, len(origins))}
    values = {name: table.to_numpy().T.ravel() for name, table in monthly.items()}
    return pd.DataFrame({**keys, **values}).assign(role=role)


def _local(ds: xr.Dataset) -> pd.DataFrame:
    r"""Local plants: what they feed in (:func:`fed_in_by_plant`), and of it what is exported.

    In each hour an export :math:`e` takes the same share of what every plant feeds in:
    :math:`e f_a / \sum_a f_a`.
    """
    plants, fed_in = fed_in_by_plant(ds)
    leaving = power_of(ds, role="delivered", carrier=LOCAL_GREEN, may_be_empty=True).sum(axis=0)
    total = fed_in.sum(axis=0)
    exported = np.divide(leaving, total, out=np.zeros_like(total), where=total > 0.0)
    issued, sold = (_by_month(ds, p, plants["asset"]) for p in (fed_in, fed_in * exported))
    return _long({"issued": issued, "claimed": issued - sold, "sold": sold}, "local")


def _delivered(ds: xr.Dataset, flows: pd.DataFrame) -> pd.DataFrame:
    """Green power that contracts deliver, months x contracts [MWh].

    Where the power of a month may be generated in another one, the year's delivery is spread over
    the months as the plant generates: nobody is issued more than that.
    """
    taken = select(flows, role=_GREEN, way="in", may_be_empty=True)
    delivered = _monthly(ds, taken)
    plants = select(flows, role="offered", way="in", may_be_empty=taken.empty)
    generated = _monthly(ds, plants)[delivered.columns]
    fits = (delivered <= generated * (1 + 1e-6) + 1e-3).all()
    whole_year = delivered.sum() / generated.sum().where(generated.sum() > 0)
    of_month = np.broadcast_to(fits.to_numpy(), delivered.shape)
    return delivered.where(of_month, generated * whole_year).fillna(0.0)


def _green_power(ds: xr.Dataset, delivered: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contracted plants outside, and plants in the park whose power belongs to the grid company.

    A contract on one of the latter takes its certificates from that plant's, which are issued
    once.
    """
    sold = pd.DataFrame(json.loads(str(_attribute(ds, "generation_sold_to_grid"))), dtype=float)
    sold.index = sold.index.astype(int)
    plant = delivered.columns.to_series().map(json.loads(str(_attribute(ds, "contract_plants"))))
    inside = plant.isin(sold.columns).to_numpy()
    outside = delivered.loc[:, ~inside]
    contracts = _long({"issued": outside, "claimed": outside}, "contract")
    taken = delivered.loc[:, inside].T.groupby(plant[inside].to_numpy()).sum().T
    claimed = taken.reindex(index=sold.index, columns=sold.columns, fill_value=0.0)
    return contracts, _long({"issued": sold, "claimed": claimed}, "sold_to_grid")


def _credits(ds: xr.Dataset) -> pd.DataFrame:
    """Credits with their vintage and the last year of their use [tCO2/a]."""
    table = _lowered(ds, "credit")
    vintages: dict[str, list[int]] = json.loads(str(_attribute(ds, "credit_vintages")))
    if unknown := [name for name in table["origin"] if name not in vintages]:
        raise _not_said(ds, f"credit_vintages of {', '.join(unknown)}")
    years = [vintages[name] for name in table["origin"]]
    return table.assign(year=[year for year, _ in years], last_use=[last for _, last in years])


def _sinks(ds: xr.Dataset, flows: pd.DataFrame) -> pd.DataFrame:
    """Sinks of the year [tCO2/a] with their area [ha]."""
    table = _lowered(ds, "sink")
    land = select(flows, role="sink", may_be_empty=True)
    hectares = land.groupby("contract")["energy"].sum() / HOURS_OF_YEAR
    return table.assign(hectares=table["origin"].map(hectares))


def _lowered(ds: xr.Dataset, scope: str) -> pd.DataFrame:
    """What lowers emissions, by the year: nothing of it is sold."""
    items = _emission_items(ds)
    items = items[items["scope"] == scope]
    rows = pd.DataFrame({"origin": items["carrier"], "issued": 0.0 - items["tonnes"]})
    return rows.assign(claimed=rows["issued"], month=posting.WHOLE_YEAR, role=scope)


def _emission_items(ds: xr.Dataset) -> pd.DataFrame:
    """Emissions of the result: scope, carrier, tonnes [tCO2/a]."""
    names = {"scope": "scope", "carrier": "emission_carrier", "tonnes": "emissions"}
    return pd.DataFrame({column: ds[name].to_numpy() for column, name in names.items()})


def _inventory(
    ds: xr.Dataset, flows: pd.DataFrame, unbundled: pd.DataFrame, covered: float
) -> pd.DataFrame:
    """Emissions before any instrument, scope 2 as if no contract covered anything.

    Parameters
    ----------
    ds, flows
        A slice and its flows.
    unbundled
        Flows of certificates that are bought without power.
    covered
        What the power that contracts cover would emit by the market's factor [tCO2/a].
    """
    items, power = _emission_items(ds), ds.attrs["power_carrier"]
    certificates = items["carrier"].isin(unbundled["contract"])
    counted = items[
        ~items["scope"].isin(["sink", "credit"])
        & ~((items["scope"] == "scope2_market") & certificates)
    ]
    bought = select(flows, role=("purchase", *_GREEN), way="in").groupby("carrier")["energy"].sum()
    # Scope 2 is that of power, whatever it was bought by; but heat and cold that are bought have
    # no contracts: they stand for themselves.
    scope2 = {"scope2_location": 0.0, "scope2_market": covered}
    alone = counted["carrier"].isin(bought.index.drop(power))
    carrier = counted["carrier"].mask(counted["scope"].isin(scope2) & ~alone, power)
    beside = pd.DataFrame({"scope": [*scope2], "carrier": power, "tonnes": [*scope2.values()]})
    parts = pd.concat([counted.assign(carrier=carrier), beside])
    tonnes = parts.groupby(["scope", "carrier"])["tonnes"].sum().reset_index()
    # What is bought in t or m3 has no energy here, only what it emits.
    carried = select(flows, role=("fuel", "purchase", *_GREEN), unit="MW", may_be_empty=True)
    energy = carried[(carried["role"] == "fuel") | (carried["way"] == "in")]
    by_carrier = energy.groupby("carrier")["energy"].sum()
    return tonnes.assign(megawatt_hours=tonnes["carrier"].map(by_carrier))


def slice_document(ds: xr.Dataset) -> posting.Document:
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
        As :func:`slice_facts`.
    """
    facts = slice_facts(ds)
    whole = _whole_numbers(facts.claims)
    origins = tuple(
        posting.Origin(
            row["origin"], row["role"], _OWNERS.get(row["role"], f"owner_of_{row['origin']}")
        )
        for row in rows_of(whole.drop_duplicates("origin"))
    )
    owners = {o.origin: o.owner for o in origins}
    plants: dict[str, posting.AccountKind] = {
        o.owner: "owner" for o in origins if o.owner not in _COMMON_ACCOUNTS
    }
    return posting.Document(
        subject=slice_subject(facts.year),
        year=facts.year,
        batches=tuple(_batches(whole)),
        movements=tuple(_movements(whole.assign(owner=whole["origin"].map(owners)))),
        inventory=tuple(_emissions(facts.inventory)),
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


def _batches(whole: pd.DataFrame) -> Iterator[posting.Batch]:
    for row in rows_of(whole):
        sink, credit = row["role"] == "sink", row["role"] == "credit"
        yield posting.Batch(
            row["origin"],
            row["year"],
            row["month"],
            row["quantity"],
            square_metres=int(row["square_metres"]) if sink else None,
            rate=row["rate"] if sink else None,
            last_use=int(row["last_use"]) if credit else None,
        )


def _movements(whole: pd.DataFrame) -> Iterator[posting.Movement]:
    """What the park claims goes to it and is cancelled, what it sells goes to the city."""
    for row in rows_of(whole):
        key = row["origin"], row["year"], row["month"]
        ways = (
            (row["owner"], PARK, row["claimed"]),
            (PARK, posting.CANCELLED, row["claimed"]),
            (row["owner"], CITY, row["sold"]),
        )
        for giver, receiver, quantity in ways:
            if giver != receiver and quantity != 0:
                yield posting.Movement(*key, giver, receiver, quantity)


def _emissions(inventory: pd.DataFrame) -> Iterator[posting.Emission]:
    for row in rows_of(inventory.assign(kilograms=_thousandths(inventory["tonnes"]))):
        known = not math.isnan(row["megawatt_hours"])
        energy = round(row["megawatt_hours"] * THOUSANDTHS) if known else None
        yield posting.Emission(row["scope"], row["carrier"], row["kilograms"], energy)
