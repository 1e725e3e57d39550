"""One known year of weather, written in each format that circulates.

The sun is that of clear days at the park, so that what a reader makes of stamps and clocks shows
in every hour; temperature and wind are those of the synthetic year.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import xarray as xr
from profile_places import PLACES

from meishan_model.series.solar import stamps_of, sun_position

PLACE = PLACES["meishan"]
CLOCK = 8.0


def clear_days(stamps: pd.DatetimeIndex, minutes: float) -> dict[str, np.ndarray]:
    """Irradiance [W/m2] at some minutes after stamps in the park's standard time."""
    sun = sun_position(stamps, CLOCK, PLACE, dt.timedelta(minutes=minutes))
    cosine = np.clip(np.cos(np.radians(sun["zenith"].to_numpy())), 0.0, None)
    ghi = 800.0 * cosine**1.1
    dhi = np.minimum(100.0, ghi)
    dni = np.divide(ghi - dhi, cosine, out=np.zeros_like(ghi), where=cosine > 0.01)
    return {"ghi": ghi, "dni": dni, "dhi": dhi}


def known_rows(weather: xr.Dataset, minutes: float, clock: float = CLOCK) -> pd.DataFrame:
    """The known year by the stamps of a clock, whose rows stand for some minutes after them.

    In another clock than the park's the year is turned in a circle, as typical years are.
    """
    stamps = stamps_of(weather)
    table = pd.DataFrame(
        clear_days(stamps, minutes)
        | {n: weather[n].to_numpy() for n in ("air_temperature", "wind_speed")},
        index=stamps,
    )
    shift = round(clock - CLOCK)
    return table.set_axis(np.roll(table.index, -shift)).sort_index()


def epw(table: pd.DataFrame, clock: float = CLOCK, first_hour: int = 1) -> str:
    """EPW; the hours of a day are from 1 to 24, or from 0 to 23."""
    where = f"{PLACE.latitude},{PLACE.longitude},{clock},{PLACE.altitude}"
    lines = [f"LOCATION,Test,Zhejiang,CHN,TEST,000000,{where}"]
    lines += ["DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0"]
    lines += ["HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,", "COMMENTS 2,"]
    lines += ["DATA PERIODS,1,1,Data,Sunday,1/1,12/31"]
    for t, row in zip(table.index, table.itertuples(), strict=True):
        lines.append(
            f"{t.year},{t.month},{t.day},{t.hour + first_hour},0,?,{row.air_temperature:.3f},5.0,"
            f"70,101300,0,0,300,{row.ghi:.3f},{row.dni:.3f},{row.dhi:.3f},0,0,0,0,180,"
            f"{row.wind_speed:.3f},5,5,10,500,9,999999999,10,0.1,0,88,0.2,0,1"
        )
    return "\n".join(lines) + "\n"


def _pvgis(table: pd.DataFrame) -> list[dict[str, object]]:
    names = {"air_temperature": "T2m", "ghi": "G(h)", "dni": "Gb(n)", "dhi": "Gd(h)"}
    kept = table.rename(columns=names | {"wind_speed": "WS10m"}).round(3)
    kept.insert(0, "time(UTC)", table.index.strftime("%Y%m%d:%H%M"))
    for name in ("RH", "IR(h)", "WD10m", "SP"):
        kept[name] = 50.0
    return kept.to_dict("records")


def pvgis_csv(table: pd.DataFrame) -> str:
    """A typical year of PVGIS as CSV."""
    head = f"Latitude (decimal degrees): {PLACE.latitude}\nLongitude (decimal degrees): "
    head += f"{PLACE.longitude}\nElevation (m): {PLACE.altitude}\n"
    head += "Irradiance Time Offset (h): 0.0\nmonth,year\n"
    head += "".join(f"{month},2019\n" for month in range(1, 13))
    rows = pd.DataFrame(_pvgis(table))
    order = ["time(UTC)", "T2m", "RH", "G(h)", "Gb(n)", "Gd(h)", "IR(h)", "WS10m", "WD10m", "SP"]
    return head + rows[order].to_csv(index=False) + "\nT2m: 2-m air temperature\n"


def pvgis_json(table: pd.DataFrame) -> str:
    """The same as JSON."""
    location = {
        "latitude": PLACE.latitude,
        "longitude": PLACE.longitude,
        "elevation": PLACE.altitude,
        "irradiance_time_offset": 0.0,
    }
    outputs = {"tmy_hourly": _pvgis(table), "months_selected": []}
    told = {"inputs": {"location": location}, "outputs": outputs}
    return json.dumps(told | {"meta": {"inputs": {}}})


def pvgis_hourly(table: pd.DataFrame, tilt: float = 30.0) -> str:
    """An hourly series of PVGIS on a plane that faces south, stamped at half hours."""
    table = on_plane(table, tilt)
    lines = [f"Latitude (decimal degrees):\t{PLACE.latitude}"]
    lines += [f"Longitude (decimal degrees):\t{PLACE.longitude}"]
    lines += [f"Elevation (m):\t{PLACE.altitude}", "Radiation database:\tPVGIS-SARAH", "", ""]
    lines += [f"Slope: {tilt:g} deg. ", "Azimuth: 0 deg. "]
    lines += ["time,Gb(i),Gd(i),Gr(i),H_sun,T2m,WS10m,Int"]
    lines += [
        f"{t:%Y%m%d:%H}30,{r.direct:.3f},{r.diffuse:.3f},0.0,0.0,{r.air_temperature:.3f},"
        f"{r.wind_speed:.3f},0.0"
        for t, r in zip(table.index, table.itertuples(), strict=True)
    ]
    return "\n".join([*lines, "", "Gb(i): Beam irradiance", "", "PVGIS (c) European Union"]) + "\n"


def on_plane(table: pd.DataFrame, tilt: float) -> pd.DataFrame:
    """Irradiance of a plane that faces south under an isotropic sky [W/m2]; stamps are in UTC."""
    sun = sun_position(table.index, 0.0, PLACE)
    position = (sun["apparent_zenith"], sun["azimuth"])
    cosine = np.clip(pvlib.irradiance.aoi_projection(tilt, 180.0, *position), 0.0, None)
    seen = (1.0 + np.cos(np.radians(tilt))) / 2.0
    return table.assign(direct=table["dni"] * cosine.to_numpy(), diffuse=table["dhi"] * seen)


def nasa_csv(table: pd.DataFrame) -> str:
    """NASA POWER as CSV."""
    head = "-BEGIN HEADER-\nNASA/POWER Hourly Data\nDates: 01/01/2019 through 12/31/2019 in UTC\n"
    head += f"Location: Latitude  {PLACE.latitude}   Longitude {PLACE.longitude} \n"
    head += f"Elevation from MERRA-2: Average for region = {PLACE.altitude} meters\n-END HEADER-\n"
    rows = _nasa(table)
    for place, part in enumerate(("year", "month", "day", "hour")):
        rows.insert(place, ("YEAR", "MO", "DY", "HR")[place], getattr(table.index, part))
    return head + rows.to_csv(index=False)


def nasa_json(table: pd.DataFrame) -> str:
    """The same as JSON."""
    rows = _nasa(table).set_axis(table.index.strftime("%Y%m%d%H"))
    where = [PLACE.longitude, PLACE.latitude, PLACE.altitude]
    told = {"geometry": {"coordinates": where}, "header": {"time_standard": "UTC"}}
    return json.dumps(told | {"properties": {"parameter": rows.to_dict()}})


def _nasa(table: pd.DataFrame) -> pd.DataFrame:
    names = {"ghi": "ALLSKY_SFC_SW_DWN", "dni": "ALLSKY_SFC_SW_DNI", "dhi": "ALLSKY_SFC_SW_DIFF"}
    names |= {"air_temperature": "T2M", "wind_speed": "WS10M"}
    return table.rename(columns=names).round(3).reset_index(drop=True)


def nsrdb(table: pd.DataFrame) -> str:
    """NSRDB with its two lines of head."""
    head = "Source,Location ID,Latitude,Longitude,Time Zone,Elevation,Local Time Zone\n"
    head += f"NSRDB,1,{PLACE.latitude},{PLACE.longitude},8,{PLACE.altitude},8\n"
    names = {"ghi": "GHI", "dni": "DNI", "dhi": "DHI", "air_temperature": "Temperature"}
    rows = table.rename(columns=names | {"wind_speed": "Wind Speed"}).round(3)
    for place, part in enumerate(("Year", "Month", "Day", "Hour")):
        rows.insert(place, part, getattr(table.index, part.lower()))
    rows.insert(4, "Minute", 30)
    return head + rows.to_csv(index=False)


def tmy3(table: pd.DataFrame) -> str:
    """TMY3: February of a leap year, hours from 1 to 24."""
    head = f'583000,"TEST",ZJ,8.0,{PLACE.latitude},{PLACE.longitude},{PLACE.altitude}\n'
    rows = pd.DataFrame(
        {
            "Date (MM/DD/YYYY)": [
                f"{t.month:02}/{t.day:02}/{1996 if t.month == 2 else 1988 + t.month % 3}"
                for t in table.index
            ],
            "Time (HH:MM)": [f"{t.hour + 1:02}:00" for t in table.index],
            "GHI (W/m^2)": table["ghi"].round(3).to_numpy(),
            "DNI (W/m^2)": table["dni"].round(3).to_numpy(),
            "DHI (W/m^2)": table["dhi"].round(3).to_numpy(),
            "Dry-bulb (C)": table["air_temperature"].round(3).to_numpy(),
            "Wspd (m/s)": table["wind_speed"].round(3).to_numpy(),
        }
    )
    return head + rows.to_csv(index=False)


def ninja(table: pd.DataFrame, what: str, tilt: float = 35.0, asked: str = "") -> str:
    """renewables.ninja, opened by a spreadsheet that turns round the dates it can.

    Its diffuse irradiance has what a ground of 0.3 reflects to the panel; ``asked`` is what its
    head says of the panel.
    """
    stamps = [f"{t.day}/{t.month}/{t.year} {t.hour}:00" for t in table.index]
    stamps = [
        f"{t.month}/{t.day}/{t.year} {t.hour}:00" if t.day <= 12 else stamp
        for t, stamp in zip(table.index, stamps, strict=True)
    ]
    head = f"# Renewables.ninja {what} (Point API) - {PLACE.latitude}, {PLACE.longitude} - Version"
    head += ": 1.1,,\n# Units: time in UTC,,\n"
    head += f'"# {{""units"": {{}}, ""params"": {{{asked}}}}}"\n'
    rows = pd.DataFrame({"time": stamps, "electricity": 0.1})
    if what == "Wind":
        return head + rows.assign(wind_speed=table["wind_speed"].to_numpy()).to_csv(index=False)
    ground = 0.3 * table["ghi"] * (1.0 - np.cos(np.radians(tilt))) / 2.0
    table = on_plane(table, tilt)
    table["diffuse"] += ground
    return head + rows.assign(
        irradiance_direct=table["direct"].to_numpy() / 1e3,
        irradiance_diffuse=table["diffuse"].to_numpy() / 1e3,
        temperature=table["air_temperature"].to_numpy(),
    ).to_csv(index=False)


def open_meteo(table: pd.DataFrame) -> dict[str, str]:
    """Open-Meteo as JSON and as CSV, in its own units."""
    names = {
        "shortwave_radiation": ("W/m²", table["ghi"]),
        "diffuse_radiation": ("W/m²", table["dhi"]),
        "temperature_2m": ("°F", table["air_temperature"] * 1.8 + 32.0),
        "wind_speed_10m": ("km/h", table["wind_speed"] * 3.6),
        "wind_speed_100m": ("km/h", table["wind_speed"] * 3.6 * 10.0**0.2),
    }
    where = {"latitude": PLACE.latitude, "longitude": PLACE.longitude, "elevation": PLACE.altitude}
    head = where | {"utc_offset_seconds": 0, "timezone": "GMT", "timezone_abbreviation": "GMT"}
    time = table.index.strftime("%Y-%m-%dT%H:%M")
    hourly = {"time": list(time)} | {n: [*s.round(4)] for n, (_, s) in names.items()}
    told = head | {"hourly_units": {n: unit for n, (unit, _) in names.items()}, "hourly": hourly}
    rows = pd.DataFrame(
        {"time": time} | {f"{n} ({u})": s.to_numpy() for n, (u, s) in names.items()}
    )
    lines = [",".join(map(str, part)) for part in (head, head.values())]
    text = "\n".join([*lines, "", rows.to_csv(index=False)])
    return {"json": json.dumps(told), "csv": text}


def era5(table: pd.DataFrame, path: Path) -> None:
    """ERA5 of two times two cells, of which the nearest has the known year."""
    latitudes, longitudes = (
        PLACE.latitude + np.array([0.25, 0.0]),
        PLACE.longitude + np.r_[0, 0.25],
    )
    beam = table["ghi"] - table["dhi"]
    series: Mapping[str, pd.Series] = {
        "ssrd": table["ghi"] * 3600.0,
        "fdir": beam * 3600.0,
        "t2m": table["air_temperature"] + 273.15,
        "u10": table["wind_speed"] * 0.6,
        "v10": table["wind_speed"] * -0.8,
        "u100": table["wind_speed"] * 10.0**0.14,
        "v100": table["wind_speed"] * 0.0,
    }
    near = np.zeros((1, 2, 2))
    near[0, 1, 0] = 1.0
    xr.Dataset(
        {
            n: (("time", "latitude", "longitude"), s.to_numpy()[:, None, None] * near)
            for n, s in series.items()
        },
        coords={"time": table.index, "latitude": latitudes, "longitude": longitudes},
    ).to_netcdf(path)


MAPPING = """
time: when
utc_offset: 8
latitude: {latitude}
longitude: {longitude}
altitude: {altitude}
source: our own mast
separator: ";"
decimal: ","
columns:
  ghi: {{column: global, unit: kW/m2}}
  dhi: {{column: diffuse, unit: kJ/m2}}
  air_temperature: {{column: air, unit: degF}}
  wind_speed: {{column: wind, unit: km/h}}
"""


def plain(folder: Path, table: pd.DataFrame) -> tuple[Path, Path]:
    """A CSV file of a country with decimal commas, and the mapping of its columns."""
    path, mapping = folder / "mast.csv", folder / "mast.yaml"
    pd.DataFrame(
        {
            "when": table.index.strftime("%d.%m.%Y %H:%M"),
            "global": table["ghi"].to_numpy() / 1e3,
            "diffuse": table["dhi"].to_numpy() * 3.6,
            "air": table["air_temperature"].to_numpy() * 1.8 + 32.0,
            "wind": table["wind_speed"].to_numpy() * 3.6,
        }
    ).to_csv(path, sep=";", decimal=",", index=False)
    where = {"latitude": PLACE.latitude, "longitude": PLACE.longitude, "altitude": PLACE.altitude}
    mapping.write_text(MAPPING.format(**where), encoding="utf-8")
    return path, mapping


TEXTS: Mapping[str, tuple[float, float, Callable[[pd.DataFrame], str]]] = {
    "epw": (30.0, 8.0, epw),
    "epw_from_0": (30.0, 8.0, lambda table: epw(table, first_hour=0)),
    "epw_in_utc": (30.0, 0.0, lambda table: epw(table, clock=0.0)),
    "pvgis_tmy_csv": (0.0, 0.0, pvgis_csv),
    "pvgis_tmy_json": (0.0, 0.0, pvgis_json),
    "pvgis_hourly_csv": (30.0, 0.0, pvgis_hourly),
    "nasa_csv": (30.0, 0.0, nasa_csv),
    "nasa_json": (30.0, 0.0, nasa_json),
    "nsrdb": (30.0, 8.0, nsrdb),
    "tmy3": (30.0, 8.0, tmy3),
    "open_meteo_json": (-30.0, 0.0, lambda table: open_meteo(table)["json"]),
    "open_meteo_csv": (-30.0, 0.0, lambda table: open_meteo(table)["csv"]),
}
"""Minutes after the stamp that the rows stand for, clock [h], and who writes the table."""
