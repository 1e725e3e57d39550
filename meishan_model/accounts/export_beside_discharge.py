"""Export that leaves while stores discharge.

Export comes from local plants alone. But in an hour in which stores feed the park, power that was
bought in a cheap hour may take the place of local power that is sold: at the meter of the park the
sale is local, over the day it is in part grid power that went through a store.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from meishan_model.components.export import EXPORT
from meishan_model.sheets.model_year import weight_of_hour
from meishan_model.sheets.records import SliceInputs


def sold_beside_discharge(ds: xr.Dataset, inputs: SliceInputs) -> float:
    """Export that is no more than what stores give in the same hour [MWh/a].

    Batteries are stores here. Load that is put off is not, nor are vehicles, whose flow back is in
    part charging that waits.

    Parameters
    ----------
    ds, inputs
        A solved slice and its inputs.
    """
    storages = ds["node"].to_numpy()[ds["kind"].to_numpy() == "storage"]
    put_off = [t.technology for t in inputs.part("flexible_load", "vehicle_battery")]
    gives = np.isin(ds["source"].to_numpy(), storages)
    gives &= ds["carrier"].to_numpy() == "electricity"
    gives &= ~np.isin(ds["technology"].to_numpy(), put_off)
    sells = ds["source"].to_numpy() == EXPORT
    power = ds["power"].to_numpy()
    both = np.minimum(power[gives].sum(axis=0), power[sells].sum(axis=0))
    return float(both.sum()) * weight_of_hour(ds.sizes["time"])
