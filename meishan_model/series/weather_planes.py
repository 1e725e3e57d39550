"""Irradiance on a tilted plane turned to the horizontal one; the sun tells an unknown tilt.

What PV services give for a panel has the direct part DNI cos(angle of incidence) and the diffuse
part of the sky that the panel sees, DHI (1 + cos tilt) / 2 where the sky is taken for isotropic;
some add what the ground reflects to the panel, ground GHI (1 - cos tilt) / 2.

References
----------
Liu, Jordan (1963): The long-term average performance of flat-plate solar-energy collectors. Solar
Energy 7, 53-74.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from meishan_model.series import FloatArray

TILTS = np.arange(0.0, 61.0, 2.5)
"""Tilts among which one is found [deg]."""
LEAST_COSINE = 0.1
"""Cosine of the angle of incidence below which a direct part says nothing of the sun."""


def incidence(tilt: float, azimuth: float, sun: pd.DataFrame) -> FloatArray:
    """Cosine of the angle between sun and normal of a plane, zero where the sun is behind it."""
    import pvlib

    position = (sun["apparent_zenith"], sun["azimuth"])
    cosine = pvlib.irradiance.aoi_projection(tilt, azimuth, *position)
    return np.clip(np.asarray(cosine, dtype=np.float64), 0.0, None)


def tilt_by_sun(
    direct: FloatArray, azimuth: float, sun: pd.DataFrame, clear_dni: FloatArray
) -> float:
    """Tilt at which the clearest hours of all months are equally clear [deg].

    Parameters
    ----------
    direct
        Direct irradiance on the plane [W/m2].
    azimuth
        Direction that the plane faces [deg east of north].
    sun
        Position of the sun at the times of the rows.
    clear_dni
        Direct normal irradiance of a clear sky [W/m2].
    """
    month = (pd.DatetimeIndex(sun.index).month - 1).to_numpy()
    spreads = []
    for tilt in TILTS:
        clear = clear_dni * incidence(float(tilt), azimuth, sun)
        seen = clear > 50.0
        share = pd.Series(direct[seen] / clear[seen]).groupby(month[seen])
        spreads.append(float(share.quantile(0.98).std()))
    return float(TILTS[int(np.argmin(spreads))])


def to_horizontal(
    direct: FloatArray,
    diffuse: FloatArray,
    plane: tuple[float, float],
    sun: pd.DataFrame,
    clear_dni: FloatArray,
    ground: float,
) -> tuple[FloatArray, FloatArray]:
    """Direct normal and diffuse horizontal irradiance [W/m2] from those of a plane.

    Where the sun grazes the plane or is behind it, its direct irradiance is not known and zero.

    Parameters
    ----------
    direct, diffuse
        Irradiance on the plane [W/m2].
    plane
        Its tilt and the direction that it faces [deg, deg east of north].
    sun
        Position of the sun at the times of the rows.
    clear_dni
        Direct normal irradiance of a clear sky, the most that is taken for true [W/m2].
    ground
        Reflectance of the ground of which the diffuse irradiance has a part [1].
    """
    tilt, azimuth = plane
    cosine = incidence(tilt, azimuth, sun)
    seen = cosine > LEAST_COSINE
    dni = np.divide(direct, cosine, out=np.zeros_like(direct), where=seen)
    dni = np.minimum(dni, clear_dni)
    of_sky = (1.0 + np.cos(np.radians(tilt))) / 2.0
    of_ground = ground * (1.0 - of_sky)
    beam = dni * np.clip(np.cos(np.radians(sun["apparent_zenith"].to_numpy())), 0.0, None)
    return dni, np.clip(diffuse - of_ground * beam, 0.0, None) / (of_sky + of_ground)
