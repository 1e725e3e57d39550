"""What things are called and how they look: labels in two languages, colours, patterns.

Names and colours of a park's things stand in its results; the labels of the project itself, words
and closed lists such as the scopes of emissions, stand in ``labels.csv`` and in plug-ins' own.
"""

from __future__ import annotations

import csv
import html
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache, partial
from importlib import resources
from typing import Literal

import pandas as pd
import xarray as xr

from meishan_model.plugins import plugins
from meishan_model.results.scale import OWN, Money, money, scale_of
from meishan_model.results.wording import Finding, sentence
from meishan_model.sheets.scenario import TRAJECTORIES
from meishan_model.sheets.views import GROUPS, NEUTRAL, View

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Label = Mapping[Language, str]

PATTERNS = ("", "/", "x", ".", "\\", "-", "+", "|")
"""Patterns of things of one colour that are drawn together, in their order."""

GROUP_OF_ROLE: Mapping[str, str] = {
    "purchase": "purchase",
    **dict.fromkeys(("offered", "delivered", "claimed", "settled"), "green power"),
    "export": "export",
    "feed_in": "wind",
    "transport": "grid and ties",
    **dict.fromkeys(("charge", "discharge"), "storage"),
    "shift": "flexible loads",
    "saving": "efficiency measures",
    **dict.fromkeys(("load", "duty"), "loads"),
    **dict.fromkeys(("shedding", "curtailment"), "shedding"),
    "fuel": "fuels",
}
"""Group of a flow by its role; that of the others is told by their technology."""
_EQUIPMENT = ("generation", "conversion", "charge", "discharge", "shift", "saving")

_COLOURS = {
    **dict.fromkeys(("scope1", "carbon"), "#333333"),
    **dict.fromkeys(("scope2_market", "fixed_om", "network"), "#56B4E9"),
    "local renewables and storage": "#56B4E9",
    **dict.fromkeys(("sink", "fuel", "sinks"), "#66894B"),
    **dict.fromkeys(("credit", "flexibility", "retrofit", "transition", "levies"), "#E69F00"),
    "certificates and credits": "#E69F00",
    **dict.fromkeys(("gap", "bridge_sale", "fuels"), "#D55E00"),
    **dict.fromkeys(("investment", "new", "electrification and demand side"), "#0072B2"),
    **dict.fromkeys(("bridge", "markets"), "#CC79A7"),
    "variable": "#F0E442",
    **dict.fromkeys(("purchase", "neither", "energy"), "#616161"),
    **dict.fromkeys(("demand_charge", "demand"), "#DCDCDC"),
    **dict.fromkeys(("export", "sales"), "#000000"),
    **dict.fromkeys(("certificate", "efficiency measures"), "#072F52"),
    **dict.fromkeys(("salvage", "green", "green power", "contracts"), "#009E73"),
}
"""Colours of scopes, categories of cost, parts of a bill, kinds of investment, and levers."""


@dataclass(frozen=True)
class Labels:
    """What things are called.

    Attributes
    ----------
    texts
        Key -> label by language, such as ``scope.scope1``.
    names
        Thing of a park -> label by language, whatever it is: ``technology.pv_rooftop`` and
        ``load.homes`` ask for ``pv_rooftop`` and ``homes``.
    words
        Title of a node, or asset -> the names and words that it is made of.
    money
        Of which the texts speak.
    """

    texts: Mapping[str, Label] = field(default_factory=dict)
    names: Mapping[str, Label] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    money: Money = OWN

    def but(self, texts: Mapping[str, Label]) -> Labels:
        """The same labels with further texts."""
        return replace(self, texts={**self.texts, **texts})

    def text(self, key: str, language: Language) -> str:
        """Label of a key; a name that nobody translated is shown as it stands in the sheet."""
        if key in self.texts:
            return self.texts[key][language]
        kind, _, name = key.partition(".")
        return self.thing(name, language) if kind == "node" else self._name(name, language)

    def thing(self, title: str, language: Language) -> str:
        """What a node, an asset or another thing is called; in English as it is named."""
        if language == "en":
            return title.replace("_", " ")
        return "·".join(self._name(word, language) for word in self.words.get(title, (title,)))

    def _name(self, name: str, language: Language) -> str:
        for found in (self.names.get(name), self.texts.get(f"part.{name}")):
            if found and found[language]:
                return found[language]
        return name.replace("_", " ")

    def finding(self, found: Finding, language: Language) -> str:
        """A finding as a sentence, its money in the currency and the units of the park."""

        def convert(values: list[float], unit: str, digits: int) -> tuple[list[float], str]:
            told, divisor = scale_of(values, unit, digits=digits, shown=self.money)
            told = told if language == "en" else self.text(f"unit.{told}", language)
            return [value / divisor for value in values], told

        name = str if language == "en" else partial(self.thing, language=language)
        return sentence(found, language, name, convert)


@dataclass(frozen=True)
class Words:
    """Labels in one language, for figures."""

    labels: Labels
    language: Language

    def text(self, key: str) -> str:
        """Label of a key, see :meth:`Labels.text`."""
        return self.labels.text(key, self.language)

    def plotly(self, key: str) -> str:
        """Label for plotly, which would read ``<`` as the begin of a mark-up."""
        return html.escape(self.text(key), quote=False)

    def unit(self, unit: str) -> str:
        """A unit for plotly; a symbol that has no label is the same in every language."""
        key = f"unit.{unit}"
        return self.plotly(key) if key in self.labels.texts else unit


@lru_cache
def own_labels(shown: Money = OWN) -> Labels:
    """Labels of the file ``labels.csv`` and, over them, those of the plug-ins.

    Parameters
    ----------
    shown
        The money of which they speak, where they say ``{currency}`` and ``{price_year}``.
    """
    own = resources.files("meishan_model.report.html") / "labels.csv"
    files = [own, *filter(None, (plugin.labels() for plugin in plugins()))]
    rows = [row for file in files for row in csv.DictReader(file.read_text("utf-8").splitlines())]
    code, year = shown.currency, str(shown.year)
    named = {row["key"]: row["zh"] for row in rows}.get(f"currency.{code}", code)
    words = {"key": code, "en": code, "zh": named}
    told = [
        {c: row[c].replace("{currency}", words[c]).replace("{price_year}", year) for c in words}
        for row in rows
    ]
    texts: dict[str, Label] = {
        f"word.{rule}": {"en": en, "zh": zh} for rule, (en, zh) in TRAJECTORIES.items()
    }
    texts |= {row["key"]: {"en": row["en"], "zh": row["zh"]} for row in told}
    return Labels(texts, money=shown)


def labels_of(*datasets: xr.Dataset) -> Labels:
    """Labels with the names that results have for the things and the nodes of their park.

    Parameters
    ----------
    datasets
        Slices or pathways of one park.
    """
    names: dict[str, Label] = {}
    words: dict[str, tuple[str, ...]] = {}
    for ds in datasets:
        views = views_of(ds)
        for thing, en, zh in zip(views.index, views["name"], views["name_zh"], strict=True):
            names[thing] = {"en": en, "zh": zh}
        if "asset" in ds:
            assets = (ds[name].to_numpy() for name in ("asset", "asset_technology", "asset_zone"))
            words |= {asset: tuple(of_asset) for asset, *of_asset in zip(*assets, strict=True)}
        if "word" in ds:
            title = pd.Series(ds["node_title"].to_numpy(), ds["node"].to_numpy())
            word = ds["word"].to_series().groupby(title[ds["word_node"].to_numpy()].to_numpy())
            words |= {str(title): tuple(of_title) for title, of_title in word}
    return replace(own_labels(money(datasets[0])), names=names, words=words)


def words_of(ds: xr.Dataset, language: Language) -> Words:
    """What figures of a result say in a language.

    Parameters
    ----------
    ds
        A slice or pathway by the result contract.
    language
        ``en`` or ``zh``.
    """
    return Words(labels_of(ds), language)


def views_of(ds: xr.Dataset) -> pd.DataFrame:
    """How the things of a result are shown: index thing, columns the fields of a view.

    Parameters
    ----------
    ds
        A slice or pathway by the result contract.
    """
    columns = [field.name for field in fields(View)]
    if "thing" not in ds:
        return pd.DataFrame(columns=columns)
    cells = {name: ds[f"thing_{name}"].to_numpy() for name in columns}
    return pd.DataFrame(cells, index=ds["thing"].to_numpy())


def colours_of(ds: xr.Dataset) -> Callable[[str], str]:
    """Colour of a thing of a park, a scope, a category of cost, a kind of investment, a lever.

    Parameters
    ----------
    ds
        A slice or pathway by the result contract.
    """
    own = views_of(ds)["colour"].to_dict()
    return lambda name: own.get(name) or colour_of_item(name)


def colour_of_item(name: str) -> str:
    """Colour of a scope, a category of cost, a kind of investment or a lever."""
    return _COLOURS.get(name, NEUTRAL)


def colours_of_flows(ds: xr.Dataset, flows: pd.DataFrame) -> pd.Series[str]:
    """Colour of each flow: by its role or, where that is one of many kinds, by its technology.

    Parameters
    ----------
    ds
        A slice by the result contract.
    flows
        A column for each coordinate.
    """
    by_role = flows["role"].map(GROUP_OF_ROLE).map(GROUPS)
    by_technology = flows["technology"].map(views_of(ds)["colour"])
    return by_role.fillna(by_technology.fillna(GROUPS["grid and ties"]))


def item_of(flows: pd.DataFrame) -> pd.Series[str]:
    """What flows of energy belong to: a technology, green power that is bought, or their role.

    Parameters
    ----------
    flows
        A column for each coordinate.
    """
    bought = (flows["contract"] != "") & (flows["role"] != "export")
    role = flows["role"].mask(bought, "green_power")
    return flows["technology"].where(flows["role"].isin(_EQUIPMENT), role)


def patterned(names: Iterable[str], colour_of: Callable[[str], str]) -> dict[str, tuple[str, str]]:
    """Colour and pattern of things that are drawn together.

    Parameters
    ----------
    names
        Each once.
    colour_of
        Their colours.

    Returns
    -------
    dict
        Name -> colour and pattern; no two are alike up to sixteen of one colour, which is paler
        from the ninth on.
    """
    seen: dict[str, int] = {}
    styles = {}
    for name in names:
        colour = colour_of(name)
        place = seen.get(colour, 0)
        seen[colour] = place + 1
        shade = _paler(colour) if place // len(PATTERNS) % 2 else colour
        styles[name] = (shade, PATTERNS[place % len(PATTERNS)])
    return styles


def _paler(colour: str) -> str:
    """A colour half way to white."""
    return "#" + "".join(f"{(int(colour[i : i + 2], 16) + 255) // 2:02X}" for i in (1, 3, 5))
