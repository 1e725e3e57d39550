"""power-grid-model against pandapower on the power flow of a slice: agreement and time.

``python -m benchmarks.powerflow <slice.nc> <python of an environment with pandapower>``

pandapower 3.5 needs pandas 2 and the project pandas 3, so pandapower runs in an environment of its
own (``make bench-powerflow`` makes it) and gets the network and some hours as a JSON file.
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

from meishan_model.inputs.grid_folder import read_grid
from meishan_model.inputs.park_folder import read_park
from meishan_model.powerflow.study import grid_study, slice_power_flow
from meishan_model.results.files import open_results

HOURS = 24
TOLERANCE = 1e-6
DISCOUNT_RATE = 0.08
"""Any will do: it prices feeders and costs no time [1/a]."""
REFERENCE = Path(__file__).with_name("pandapower_reference.py")


def compare(ds: xr.Dataset, park: Path, interpreter: str) -> dict[str, float]:
    """Seconds of a year by both, and the largest difference of the voltages [p.u.]."""
    grid = read_grid(read_park(park))
    began = time.perf_counter()
    flow = slice_power_flow(ds, grid)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    grid_study(ds, grid, DISCOUNT_RATE)
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
    """Print the comparison as JSON; 1 if the two programs differ by more than 1e-6 p.u."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("slice", type=Path, help="results/<scenario>/<year>.nc")
    parser.add_argument("interpreter", help="python of an environment with pandapower")
    parser.add_argument("--park", type=Path, default=Path("configs/meishan"))
    asked = parser.parse_args()
    path = asked.slice
    ds = open_results(path.parent.name, int(path.stem), path.parent.parent)
    found = compare(ds, asked.park, asked.interpreter)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return int(found["largest_voltage_difference"] > TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
