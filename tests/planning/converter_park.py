"""The mini park with networks of heat and hydrogen, and equipment that is dispatched on them."""

from __future__ import annotations

from pathlib import Path

import mini_park
from mini_park import add_rows, swap

X = "x,assumption,"
ROWS = {
    "buses": (
        f"heat_net,district_heat,campus,70,degC,{X}",
        f"gas_room,hydrogen,campus,30,bar,{X}",
    ),
    "loads": (
        f"halls,campus,buildings,district_heat,process_heat,,3,GWh/a,{X}",
        f"lab,campus,industry,hydrogen,flat,,0.5,GWh/a,{X}",
    ),
    "technologies": (
        "gas_engine,converter,MW,natural_gas,electricity,,,,,no,new,Gas engine,燃气内燃机,",
        "turbine,extraction_turbine,MW,natural_gas,electricity,,,,,no,new,Turbine,汽轮机,",
        "heat_plant,boiler,MW,natural_gas,district_heat,,,,,no,new,Heat plant,供热锅炉,",
    ),
    "conversions": (
        f"gas_engine,district_heat,out,,,1.1,MWh/MWh,{X}",
        f"turbine,district_heat,out,,,1.5,MWh/MWh,{X}",
        f"electrolyser,water,in,,,0.3,m3/MWh,{X}",
        f"electrolyser,district_heat,out,,,0.1,MWh/MWh,{X}",
    ),
    "technology_parameters": (
        f"turbine,power_loss_index,0.2,1,{X}",
        f"gas_engine,minimum_load,50,%,{X}",
        f"gas_engine,efficiency_at_minimum_load,90,%,{X}",
        f"gas_engine,startup_cost,50,CNY,{X}",
        f"gas_engine,ramp_up,40,%/h,{X}",
    ),
    "assets": tuple(
        f"{name},campus,potential,,{most},MW,{X}"
        for name, most in (
            ("gas_engine", 0.5),
            ("turbine", 0.4),
            ("heat_plant", 1.5),
            ("electrolyser", 0.3),
        )
    ),
    "existing_plants": (
        f"old_plant,heat_plant,campus,park,2015,2019,0.3,MW,{X}",
        f"old_engine,gas_engine,campus,park,2015,2019,0.2,MW,{X}",
    ),
    "prices": (f"water,,5,CNY/m3,{X},2020,none",),
    "emission_factors": (
        f"water,scope1,emission_factor,,0,tCO2/m3,{X}",
        *(
            f"{carrier},,{kind},,0.1229,tce/MWh,{X}"
            for carrier in ("district_heat", "hydrogen")
            for kind in ("tce_equivalent", "tce_calorific")
        ),
    ),
}
COSTS = {
    "gas_engine": (6000, 40, 20, 25),
    "turbine": (7000, 38, 15, 30),
    "heat_plant": (800, 92, 2, 20),
}
"""Investment [CNY/kW], efficiency [%], variable cost [CNY/MWh] and lifetime [a]."""


def make_root(root: Path, scenario: str = "") -> Path:
    """Write the park, with further lines of its scenario."""
    mini_park.make_root(root)
    for sheet, rows in ROWS.items():
        add_rows(root / mini_park.SHEETS / f"{sheet}.csv", rows)
    costs = root / "configs" / "costs" / "reference"
    named = "\n".join(f"  {name}: {name}" for name in COSTS)
    swap(costs / "manifest.yaml", "technologies:", f"technologies:\n{named}")
    units = {"investment": "CNY/kW", "efficiency": "%", "VOM": "CNY/MWh", "lifetime": "years"}
    rows = [
        f"{name},{parameter},{value},{unit},offer,assumption: x,2020"
        for name, values in COSTS.items()
        for value, (parameter, unit) in zip(values, units.items(), strict=True)
    ]
    for path in costs.glob("costs_*.csv"):
        add_rows(path, rows)
    with (root / "configs" / "scenarios" / "mini.yaml").open("a", encoding="utf-8") as file:
        file.write(scenario)
    return root
