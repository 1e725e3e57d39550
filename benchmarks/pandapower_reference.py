"""Power flow of some hours by pandapower; runs in an environment of its own, without the project.

``python pandapower_reference.py <case.json> <answer.json>``: see ``benchmarks/powerflow.py``.
Without arguments it writes the voltages of the CIGRE medium-voltage network, with which
``tests/powerflow`` compares.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pandapower as pp
import pandapower.networks as networks

OPTIONS = {
    "numba": False,
    "trafo_model": "pi",
    "calculate_voltage_angles": True,
    "tolerance_mva": 1e-9,
}


def build(case: dict[str, Any]) -> Any:
    """The network of a case."""
    net = pp.create_empty_network()
    place = {bus: pp.create_bus(net, vn_kv=v / 1e3, name=bus) for bus, v in case["buses"].items()}
    pp.create_ext_grid(net, place[case["source"]], vm_pu=case["source_voltage"])
    for row in case["lines"]:
        line = pp.create_line_from_parameters(
            net,
            place[row["from_bus"]],
            place[row["to_bus"]],
            length_km=1.0,
            r_ohm_per_km=row["resistance"],
            x_ohm_per_km=row["reactance"],
            c_nf_per_km=row["capacitance"] * 1e9,
            max_i_ka=row["current_limit"] / 1e3,
            parallel=int(row["circuits"]),
        )
        if not row["to_closed"]:
            pp.create_switch(net, place[row["to_bus"]], line, et="l", closed=False)
    for row in case["transformers"]:
        pp.create_transformer_from_parameters(
            net,
            place[row["from_bus"]],
            place[row["to_bus"]],
            sn_mva=row["rated_power"] / 1e6,
            vn_hv_kv=row["high_voltage"] / 1e3,
            vn_lv_kv=row["low_voltage"] / 1e3,
            vk_percent=row["short_circuit_voltage"] * 100,
            vkr_percent=row["short_circuit_loss"] / row["rated_power"] * 100,
            pfe_kw=row["no_load_loss"] / 1e3,
            i0_percent=row["no_load_current"] * 100,
            shift_degree=row["phase_clock"] * 30,
            parallel=int(row["units"]),
            tap_side="hv",
            tap_neutral=0,
            tap_min=-int(row["tap_limit"]),
            tap_max=int(row["tap_limit"]),
            tap_step_percent=row["tap_step"] * 100,
            tap_pos=0,
            tap_changer_type="Ratio",
        )
    for bus in place.values():
        pp.create_load(net, bus, 0.0, 0.0)
    return net


def main() -> None:
    """Solve the hours of a case, or the CIGRE network."""
    if len(sys.argv) == 1:
        net = networks.create_cigre_network_mv()
        pp.runpp(net, **OPTIONS)
        sys.stdout.write(f"{net.res_bus.vm_pu.round(8).tolist()}\n")
        return
    case = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    net = build(case)
    voltage, loss = [], []
    began = time.perf_counter()
    for active, reactive, tap in zip(case["active"], case["reactive"], case["tap"], strict=True):
        net.load["p_mw"], net.load["q_mvar"], net.trafo["tap_pos"] = active, reactive, tap
        pp.runpp(net, **OPTIONS)
        voltage.append(net.res_bus.vm_pu.tolist())
        loss.append(float(net.res_line.pl_mw.sum() + net.res_trafo.pl_mw.sum()))
    answer = {"voltage": voltage, "loss": loss, "seconds": time.perf_counter() - began}
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
