"""Colours that everybody can tell apart, and labels in two languages for all that is shown."""

from __future__ import annotations

import csv
import re
from importlib import resources

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishan_model.planning.lever_steps import steps
from meishan_model.report.labels import Labels, Words, own_labels, patterned
from meishan_model.results.contract import variables
from meishan_model.sheets.views import GROUPS

# G. Machado, M. Oliveira, L. Fernandes, IEEE TVCG 15 (2009) 1291, severity 1.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.95047], [1.0], [1.08883]])


def lab(colour: str, sight: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """CIE L*a*b* of a colour as somebody sees it."""
    share = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    x = XYZ @ np.clip(sight @ linear, 0, 1)
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHTS)
def test_no_two_kinds_look_alike(sight: str) -> None:
    """Any two colours are at least 12 apart in L*a*b*; 2 to 3 is what an eye can just tell."""
    seen = [lab(colour, SIGHTS[sight]) for colour in GROUPS.values()]
    gaps = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(gaps) > 12


@given(st.lists(st.text(min_size=1, max_size=6), unique=True, max_size=16), st.integers(1, 3))
def test_things_drawn_together_differ(names: list[str], colours: int) -> None:
    """Up to sixteen of one colour, no two have the same colour and pattern."""
    own = {name: [*GROUPS.values()][place % colours] for place, name in enumerate(names)}
    assert len(set(patterned(names, own.__getitem__).values())) == len(names)


def test_every_label_stands_in_both_languages() -> None:
    """No row of the translation file is empty, none is there twice."""
    file = resources.files("meishan_model.report.html") / "labels.csv"
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert all(row["key"] and row["en"] and row["zh"] and None not in row for row in rows)
    assert len({row["key"] for row in rows}) == len(rows)


def test_whatever_the_page_names_is_translated() -> None:
    """Keys in the template and the scripts, and all scopes, categories and bands, have labels."""
    folder = resources.files("meishan_model.report.html") / "templates"
    known = own_labels().texts
    text = "".join((folder / n).read_text(encoding="utf-8") for n in ("page.html", "explorer.js"))
    used = set(re.findall(r"\bt\('([a-z][\w .-]+)'\)", text)) | set(
        re.findall(r'word\("([^"]+)"\)', text)
    )
    used |= {f"scope.{scope}" for scope in variables("slice")["scope"].texts}
    used |= {f"category.{category}" for category in variables("slice")["category"].texts}
    used |= {f"band.{name}" for name in GROUPS}
    used |= {f"lever.{step.lever}" for step in steps()[1:]}
    assert len(used) > 60
    assert used - set(known) - {"park.title"} == set()


def test_a_name_without_a_translation_is_shown_as_it_is() -> None:
    """A new technology of a sheet needs no label; in a figure its ``<`` is no mark-up."""
    assert Labels().text("technology.tidal_mill", "zh") == "tidal mill"
    assert Words(Labels(), "en").plotly("load.<b>") == "&lt;b&gt;"
