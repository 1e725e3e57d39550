"""What a solved slice says of certificates, credits, sinks and emissions, as two tables.

The ledger gives the same two tables back (:mod:`meishan_model.ledger.reading`), so that a
statement of neutrality can be made from either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import xarray as xr

from meishan_model.components.flows import CERTIFICATE_UNIT, LOCAL_GREEN
from meishan_model.components.selection import flows_of_slice, select
from meishan_model.errors import Fault, InputError
from meishan_model.ledger.posting import WHOLE_YEAR
from meishan_model.sheets.model_year import weight_of_hour

CLAIM_COLUMNS = (
    *("role", "origin", "year", "month", "issued", "claimed", "sold", "hectares", "last_use"),
)
INVENTORY_COLUMNS = ("scope", "carrier", "tonnes", "megawatt_hours")

_GREEN = ("delivered", "claimed")
"""Roles of green power that a contract brings into the park."""

_Table = TypeVar("_Table", pd.DataFrame, "pd.Series[float]")


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
        or not a number. Scope 2 is that of all power through the fence, whoever covers it.
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
    factor = float(_attribute(ds, "grid_market_factor"))
    flows = flows_of_slice(ds)
    delivered = _delivered(ds, flows)
    parts = [
        _local(ds, flows),
        *_green_power(ds, delivered),
        _certificates(ds, flows),
        *_land_and_credits(ds, flows),
    ]
    claims = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    claims = claims.reindex(columns=list(CLAIM_COLUMNS))
    claims["year"] = claims["year"].fillna(int(ds.attrs["year"])).astype(int)
    inventory = _inventory(ds, flows, factor, float(delivered.to_numpy().sum()))
    return Facts(
        year=int(ds.attrs["year"]),
        market_factor=factor,
        claims=claims,
        inventory=inventory,
    )


def _weight(ds: xr.Dataset) -> float:
    """Hours of the year that one hour of a slice stands for [-]."""
    return weight_of_hour(ds.sizes["time"])


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


def _hourly(ds: xr.Dataset, flows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Hours x flows [MW], named by one of their coordinates; flows of one name are added."""
    power = ds["power"].to_numpy()[flows.index.to_numpy()]
    hours = pd.DatetimeIndex(ds["time"].to_numpy())
    named = pd.DataFrame(power, index=flows[name].to_numpy(), columns=hours)
    return named.groupby(level=0, sort=False).sum().T


def _monthly(hourly: pd.DataFrame, ds: xr.Dataset) -> pd.DataFrame:
    """Energy by month and column [MWh]."""
    months = pd.DatetimeIndex(hourly.index).month
    return hourly.groupby(months).sum().rename_axis(index="month") * _weight(ds)


def _long(monthly: Mapping[str, pd.DataFrame], role: str) -> pd.DataFrame:
    """One row an origin and month, with a column for each of some tables of one shape."""
    months, origins = next(iter(monthly.values())).axes
    keys = {"origin": np.repeat(origins, len(months)), "month": np.tile(months, len(origins))}
    values = {name: table.to_numpy().T.ravel() for name, table in monthly.items()}
    return pd.DataFrame({**keys, **values}).assign(role=role)


def _local(ds: xr.Dataset, flows: pd.DataFrame) -> pd.DataFrame:
    r"""Local plants: what they feed in, and of it what is exported.

    In each hour a busbar feeds in the same share of what each of its plants generates (the rest
    is curtailed), and an export takes the same share of what every plant feeds in:

    .. math:: g_a \frac{f_b}{\sum_{a \in b} g_a}, \qquad
              g_a \frac{f_b}{\sum_{a \in b} g_a} \frac{e}{\sum_b f_b}
    """
    plants = select(flows, role="generation", way="in", may_be_empty=True)
    fed_in = select(flows, role="feed_in", way="out", may_be_empty=plants.empty)
    leaving = select(flows, role="delivered", carrier=LOCAL_GREEN, may_be_empty=True)
    generated, of_busbar = (_hourly(ds, plants, name) for name in ("asset", "bus"))
    by_busbar = _hourly(ds, fed_in, "bus")
    issued = generated * _share(by_busbar, of_busbar)[plants["bus"]].to_numpy()
    exported = _share(_hourly(ds, leaving, "carrier").sum(axis=1), by_busbar.sum(axis=1))
    sold = issued.mul(exported, axis="index")
    tables = {"issued": issued, "claimed": issued - sold, "sold": sold}
    return _long({name: _monthly(table, ds) for name, table in tables.items()}, "local")


def _share(part: _Table, whole: _Table) -> _Table:
    """Part over whole, zero where the whole is nothing [-]."""
    return (part / whole.where(whole > 0.0)).fillna(0.0)


def _delivered(ds: xr.Dataset, flows: pd.DataFrame) -> pd.DataFrame:
    """Green power that contracts deliver, months x contracts [MWh].

    Where the power of a month may be generated in another one, the year's delivery is spread over
    the months as the plant generates: nobody is issued more than that.
    """
    power = select(flows, carrier="electricity", way="in")
    taken = select(power, role=_GREEN, may_be_empty=True)
    delivered = _monthly(_hourly(ds, taken, "contract"), ds)
    plants = select(power, role="offered", may_be_empty=taken.empty)
    generated = _monthly(_hourly(ds, plants, "contract"), ds)[delivered.columns]
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


def _certificates(ds: xr.Dataset, flows: pd.DataFrame) -> pd.DataFrame:
    """Unbundled certificates by month [MWh]."""
    monthly = _monthly(_hourly(ds, _unbundled(flows), "contract"), ds)
    return _long({"issued": monthly, "claimed": monthly}, "unbundled")


def _unbundled(flows: pd.DataFrame) -> pd.DataFrame:
    """Flows of certificates that are bought without power."""
    return select(flows, role="issue", unit=CERTIFICATE_UNIT, may_be_empty=True)


def _land_and_credits(ds: xr.Dataset, flows: pd.DataFrame) -> list[pd.DataFrame]:
    """Credits of their vintage and sinks of the year [tCO2/a], sinks with their area [ha]."""
    land = select(flows, role="sink", may_be_empty=True)
    hectares = _hourly(ds, land, "contract").mean()
    items = _emission_items(ds)
    vintages: dict[str, list[int]] = json.loads(str(_attribute(ds, "credit_vintages")))
    found = []
    for role in ("credit", "sink"):
        tonnes = -items.loc[items["scope"] == role].set_index("carrier")["tonnes"] + 0.0
        table = pd.DataFrame({"issued": tonnes, "claimed": tonnes})
        if role == "sink":
            table["hectares"] = hectares.reindex(table.index)
        else:
            if unknown := [name for name in table.index if name not in vintages]:
                raise _not_said(ds, f"credit_vintages of {', '.join(unknown)}")
            table["year"] = [vintages[name][0] for name in table.index]
            table["last_use"] = [vintages[name][1] for name in table.index]
        table = table.rename_axis("origin").reset_index()
        found.append(table.assign(role=role, month=WHOLE_YEAR))
    return found


def _emission_items(ds: xr.Dataset) -> pd.DataFrame:
    """Emissions of the result: scope, carrier, tonnes [tCO2/a]."""
    names = {"scope": "scope", "carrier": "emission_carrier", "tonnes": "emissions"}
    return pd.DataFrame({column: ds[name].to_numpy() for column, name in names.items()})


def _inventory(
    ds: xr.Dataset, flows: pd.DataFrame, market_factor: float, delivered: float
) -> pd.DataFrame:
    """Emissions before any instrument, scope 2 as if no contract covered anything."""
    items = _emission_items(ds)
    certificates = items["carrier"].isin(_unbundled(flows)["contract"])
    counted = items[
        ~items["scope"].isin(["sink", "credit"])
        & ~((items["scope"] == "scope2_market") & certificates)
    ]
    bought = select(flows, role=("purchase", *_GREEN), carrier="electricity", way="in")
    fuel = select(flows, role="fuel", may_be_empty=True)
    by_scope = counted.groupby("scope")["tonnes"].sum()
    gross = {
        "scope2_location": by_scope.get("scope2_location", 0.0),
        "scope2_market": by_scope.get("scope2_market", 0.0) + market_factor * delivered,
    }
    others = counted[~counted["scope"].isin(gross)]
    tonnes = others.groupby(["scope", "carrier"])["tonnes"].sum().reset_index()
    energy = _hourly(ds, fuel, "carrier").sum() * _weight(ds)
    tonnes["megawatt_hours"] = tonnes["carrier"].map(energy)
    through_fence = float(_hourly(ds, bought, "role").to_numpy().sum()) * _weight(ds)
    electricity = pd.DataFrame(
        {"scope": list(gross), "carrier": "electricity", "tonnes": list(gross.values())}
    ).assign(megawatt_hours=through_fence)
    return pd.concat([tonnes, electricity], ignore_index=True)[list(INVENTORY_COLUMNS)]
