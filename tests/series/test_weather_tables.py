"""Tables as spreadsheets and loggers write them: each has the known year by its mapping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from weather_reading import MEISHAN, assert_known, names_of, year_of
from weather_writers import known_rows, plain

from meishan_model.errors import InputError
from meishan_model.series.weather_formats import read_weather_file
from meishan_model.series.weather_rows import read_stamps

HEADS = {"when": "时间", "global": "总辐射", "diffuse": "散射", "air": "气温", "wind": "风速"}


def _ends(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return index + pd.Timedelta(hours=1)


def _last_of_day(index: pd.DatetimeIndex) -> list[str]:
    ends = _ends(index)
    return [
        f"{day:%Y-%m-%d} 24:00" if end.hour == 0 else f"{end:%Y-%m-%d %H:%M}"
        for day, end in zip(index, ends, strict=True)
    ]


def _chinese_halves(index: pd.DatetimeIndex) -> list[str]:
    return [
        f"{t.year}年{t.month}月{t.day}日 {'上午' if t.hour < 12 else '下午'} {t:%I:%M:%S}"
        for t in index
    ]


STAMPS: dict[str, tuple[Callable[[pd.DatetimeIndex], object], str]] = {
    "of a spreadsheet": (
        lambda i: [f"{t.year}/{t.month}/{t.day} {t.hour}:{t:%M}" for t in i],
        "start",
    ),
    "24:00": (_last_of_day, "end"),
    "0:00 for 24:00": (
        lambda i: [stamp.replace(" 24:", " 00:") for stamp in _last_of_day(i)],
        "end",
    ),
    "of twelve hours": (lambda i: i.strftime("%m/%d/%Y %I:%M:%S %p"), "start"),
    "of Chinese halves": (_chinese_halves, "start"),
    "backwards": (lambda i: i.strftime("%Y-%m-%d %H:%M"), "start"),
}


@pytest.mark.parametrize("form", STAMPS)
def test_stamps_of_loggers_and_spreadsheets(form: str) -> None:
    """Each form of stamp is the same hours; what ends its hour is an hour later."""
    index = pd.date_range("2023-01-01", "2023-12-31 23:00", freq="h")
    written, which = STAMPS[form]
    words = pd.Series(list(written(index)))
    hours = index if which == "start" else _ends(index)
    if form == "backwards":
        words, hours = words[::-1], hours[::-1]
    np.testing.assert_array_equal(read_stamps(words), hours)


def test_a_table_of_a_chinese_spreadsheet(weather: xr.Dataset, tmp_path: Path) -> None:
    """Heads in GB 18030, days and hours in two columns, thousands, semicolons that nobody says."""
    path, mapping = plain(tmp_path, known_rows(weather, 30.0))
    table = pd.read_csv(path, sep=";", decimal=",")
    stamps = pd.to_datetime(table["when"], format="%d.%m.%Y %H:%M")
    table.insert(0, "日期", [f"{t.year}/{t.month}/{t.day} 0:00" for t in stamps])
    table["when"] = stamps.dt.strftime("%I:%M %p")
    # J/m2 with points between thousands.
    table["diffuse"] = [
        f"{v * 1e3:,.2f}".replace(",", "'").replace(".", ",").replace("'", ".")
        for v in table["diffuse"]
    ]
    path.write_bytes(
        table.rename(columns=HEADS).to_csv(sep=";", decimal=",", index=False).encode("gb18030")
    )
    rules = mapping.read_text(encoding="utf-8").replace('separator: ";"\n', "")
    rules = rules.replace("time: when", "time: 日期\nclock: 时间").replace("kJ/m2", "J/m2")
    for name, head in HEADS.items():
        rules = rules.replace(f"column: {name},", f"column: {head},")
    mapping.write_text(rules, encoding="utf-8")
    found = year_of(path, mapping=mapping)
    assert_known(found, weather)
    assert not names_of(found)
    mapping.write_text(rules.replace("unit: degF", "unit: Fahrenheit"), encoding="utf-8")
    with pytest.raises(InputError, match=r"气温: air_temperature in Fahrenheit .*degC, K, degF"):
        year_of(path, mapping=mapping)


@pytest.mark.parametrize(
    ("cells", "decimal", "found"),
    [
        (["1,013.25", "12.5", "-1,234,567"], ".", [1013.25, 12.5, -1234567.0]),
        (["1.013,25", "12,5", "1.013"], ",", [1013.25, 12.5, 1013.0]),
    ],
)
def test_marks_between_thousands(
    tmp_path: Path, cells: list[str], decimal: str, found: list[float]
) -> None:
    """The mark that is no decimal groups thousands, or the cell is no number."""
    mapping, path = tmp_path / "mast.yaml", tmp_path / "mast.csv"
    mapping.write_text(
        f"time: t\nutc_offset: 8\nlatitude: 29.8\nlongitude: 121.9\naltitude: 5\nsource: mast\n"
        f'decimal: "{decimal}"\ncolumns:\n  ghi: {{column: g, unit: W/m2}}\n'
    )

    def read(values: list[str]) -> np.ndarray:
        rows = [f"2023-01-01 0{hour}:00\t{cell}" for hour, cell in enumerate(values)]
        path.write_text("\n".join(["t\tg", *rows]))
        place = (MEISHAN.latitude, MEISHAN.longitude)
        return read_weather_file(path, place, mapping).table["ghi"].to_numpy()

    np.testing.assert_allclose(read(cells), found)
    strange = cells[0].replace("013", "0130")
    with pytest.raises(InputError, match=f"row 3, column g: '{strange}' is no number"):
        read([cells[1], strange, cells[1]])
