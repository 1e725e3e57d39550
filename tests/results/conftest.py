"""A tiny but complete solved year: grid, PV and a battery serve one load."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from meishan_model.results.slice_file import SliceTables

BUS = "梅山_20kv"
FLOWS = [f"grid->{BUS}", f"pv->{BUS}", f"{BUS}->battery", f"battery->{BUS}", f"{BUS}->load"]
TERMS = [("lower", 2032, 0.0), ("upper", 2032, 7.0), ("no_limit", 2032, np.inf)]


def model_stamps(year: int, hours: int) -> pd.DatetimeIndex:
    """First hours of the model year, 29 February absent."""
    stamps = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")
    return stamps[~((stamps.month == 2) & (stamps.day == 29))][:hours]


def _operation(stamps: pd.DatetimeIndex) -> pd.DataFrame:
    hour = stamps.hour.to_numpy()
    pv = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None) * 8
    charge = np.where((hour >= 11) & (hour < 13), 2.0, 0.0)
    discharge = np.where((hour >= 18) & (hour < 20), 1.62, 0.0)
    load = 5 + np.cos(hour / 24 * 2 * np.pi) / 3
    grid = load + charge - pv - discharge
    return pd.DataFrame(dict(zip(FLOWS, (grid, pv, charge, discharge, load), strict=True)), stamps)


def tables(year: int = 2032, hours: int = 24, extra_asset: str | None = None) -> SliceTables:
    """Tables of a solved year; `extra_asset` is an asset that only this year has."""
    stamps = model_stamps(year, hours)
    flows = _operation(stamps)
    charged = flows[FLOWS[2]] * 0.9 - flows[FLOWS[3]] / 0.9
    content = pd.DataFrame({"battery": 0.5 + charged.cumsum()}, stamps)
    assets = ["battery", "pv", *([extra_asset] if extra_asset else [])]
    costs = [1.25e6, -3.1e5, 0.1]
    return SliceTables(
        flows=flows,
        flow_table=pd.DataFrame(
            {
                "source": ["grid", "pv", BUS, "battery", BUS],
                "target": [BUS, BUS, "battery", BUS, "load"],
                "carrier": "electricity",
                "zone": "Meishan",
                "technology": ["grid", "pv", "battery", "battery", "load"],
                "unit": "MW",
                "role": ["purchase", "generation", "charge", "discharge", "load"],
                "way": ["in", "in", "out", "in", "out"],
                "bus": BUS,
                "asset": ["", "pv", "battery", "battery", ""],
                "sector": ["", "", "", "", "industry"],
                **dict.fromkeys(("customer", "stage", "contract"), ""),
            },
            index=FLOWS,
        ),
        node_kind=pd.Series(
            {"grid": "source", "pv": "source", BUS: "bus", "battery": "storage", "load": "sink"}
        ),
        node_words={n: (n,) for n in ("grid", "pv", BUS, "battery", "load")},
        storage_content=content,
        storage_table=pd.DataFrame(
            {
                "initial_content": 0.5,
                "loss_rate": 0.0,
                "inflow_efficiency": 0.9,
                "outflow_efficiency": 0.9,
            },
            index=["battery"],
        ),
        price=pd.DataFrame({BUS: np.linspace(-20, 700, hours)}, stamps),
        asset_table=pd.DataFrame(
            {
                "capacity": 8.0,
                "capacity_existing": 3.0,
                "capacity_new": 4.0,
                "capacity_bridge": 1.0,
                "capacity_lower": 3.0,
                "capacity_upper": 10.0,
                "unit": "MW",
                "technology": [f"technology of {asset}" for asset in assets],
                "zone": "Meishan",
            },
            index=assets,
        ),
        bound_terms=pd.DataFrame(
            [(a, *term) for a in assets for term in TERMS],
            columns=["asset", "kind", "year", "amount"],
        ),
        cost_table=pd.DataFrame(
            {
                "component": ["pv", "grid", "battery"],
                "category": ["investment", "export", "variable"],
                "payer": ["park", "park", "residents"],
                "value": costs,
            },
            index=["pv investment", "export", "battery variable"],
        ),
        emission_table=pd.DataFrame(
            {
                "scope": ["scope1", "sink"],
                "carrier": ["diesel", ""],
                "value": [12.5, -2.5],
            },
            index=["port diesel", "forest"],
        ),
        energy_table=pd.DataFrame(
            {
                "sector": ["port"],
                "carrier": ["electricity"],
                "energy_mwh": [100.0],
                "energy_tce_equivalent": [30.0],
                "energy_tce_calorific": [12.29],
            },
            index=["port electricity"],
        ),
        attributes={
            "park": "梅山",
            "power_carrier": "electricity",
            "scenario": "balanced",
            "year": year,
            "solver": "highs",
            "backend": "linopy",
            "objective": sum(costs),
            "objective_constant": 0.0,
            "optimality_gap": 1e-9,
            "solve_seconds": 1.5,
            "build_seconds": 0.25,
            "cost_sheet": "reference",
            "inputs_sha256": f"{year:064x}",
            "code_sha256": "c" * 64,
            "model_version": "0.1.0",
            "history": "2026-01-01: solved",
            "hours": hours,
        },
    )


@pytest.fixture(scope="session")
def make_tables() -> Callable[..., SliceTables]:
    return tables
