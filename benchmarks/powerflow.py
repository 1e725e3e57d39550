"""power-grid-model against pandapower on the power flow of a slice: agreement and time.

``python -m benchmarks.powerflow <scenario> <year> <python of an environment with pandapower>``

pandapower 3.5 needs pandas 2 and the project pandas 3, so pandapower runs in an environment of its
own (``make bench-powerflow`` makes it) and gets the network and some hours as a JSON file. The
slice has to be solved already.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import xarray as xr

from meishan_model.errors import InputError
from meishan_model.planning.project import open_project
from meishan_model.powerflow.dispatch import slice_power_flow
from meishan_model.powerflow.study import grid_study
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.units import HOURS_OF_YEAR

HOURS = 24
TOLERANCE = 1e-6
REFERENCE = Path(__file__).with_name("pandapower_reference.py")


def compare(
    ds: xr.Dataset, grid: GridSheets, discount_rate: float, interpreter: str
) -> dict[str, float]:
    """Seconds of a year by both, and the largest difference of the voltages [p.u.]."""
    began = time.perf_counter()
    flow = slice_power_flow(ds, grid)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    grid_study(ds, grid, discount_rate)
    whole = time.perf_counter() - began
    chosen = np.linspace(0, ds.sizes["time"] - 1, HOURS).astype(int)
    network = flow.network
    content = {
        "source": network.source_bus,
        "source_voltage": network.source_voltage,
        "buses": network.buses["voltage"].astype(float).to_dict(),
        "lines": network.lines.reset_index().to_dict("records"),
        "transformers": network.transformers.reset_index().to_dict("records"),
        "active": flow.injections.active[chosen].tolist(),
        "reactive": flow.injections.reactive[chosen].tolist(),
        "tap": flow.state.tap[chosen].tolist(),
    }
    with tempfile.TemporaryDirectory() as folder:
        case, answer = Path(folder) / "case.json", Path(folder) / "answer.json"
        case.write_text(json.dumps(content, default=float), encoding="utf-8")
        subprocess.run([interpreter, str(REFERENCE), str(case), str(answer)], check=True)
        found = json.loads(answer.read_text(encoding="utf-8"))
    voltage = np.asarray(found["voltage"])
    loss = np.asarray(found["loss"])
    return {
        "hours": ds.sizes["time"],
        "seconds_power_grid_model": seconds,
        "seconds_with_outages_and_hosting": whole,
        "seconds_pandapower": found["seconds"] / HOURS * ds.sizes["time"],
        "largest_voltage_difference": float(np.abs(voltage - flow.state.voltage[chosen]).max()),
        "largest_loss_difference": float(np.abs(loss - flow.state.loss[chosen].sum(axis=1)).max()),
    }


def main() -> int:
    """Print the comparison as JSON; 1 if the two programs differ by more than 1e-6 p.u.

    2 if the slice or the sheets of its grid are missing.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario")
    parser.add_argument("year", type=int)
    parser.add_argument("interpreter", help="python of an environment with pandapower")
    parser.add_argument("--costs", type=Path, help="another cost sheet")
    parser.add_argument("--hours", type=int, default=HOURS_OF_YEAR)
    asked = parser.parse_args()
    try:
        project = open_project(asked.scenario, Path(), asked.costs, asked.hours)
        ds, grid = project.open_result(asked.year), read_grid(project.park)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    rate = project.slices[asked.year].parameters["discount_rate"]
    found = compare(ds, grid, rate, asked.interpreter)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return int(found["largest_voltage_difference"] > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
