"""One HTML file: text and tables by jinja2, figures by plotly, hours packed beside them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from meishan_model.report.check import package_versions
from meishan_model.report.console import number
from meishan_model.report.html import tables
from meishan_model.report.html.collect import ReportData
from meishan_model.report.html.explorer import PackedYear, Shared, packed_year
from meishan_model.report.html.network_map import network_map
from meishan_model.report.html.pathway_charts import abatement_chart, pathway_charts
from meishan_model.report.labels import LANGUAGES, Labels, Language, labels_of
from meishan_model.report.pathway_summary import findings
from meishan_model.report.statement import statement_rows
from meishan_model.results.findings import sentence
from meishan_model.version import __version__
from meishan_model.whole_file import whole_file


def render_report(data: ReportData) -> str:
    """Make the page.

    Everything that comes from a sheet or a result is escaped: jinja2 escapes the text,
    :meth:`~meishan_model.report.labels.Labels.plotly` what stands in figures, and data in scripts
    is JSON without ``<``, ``>`` and ``&``.

    Parameters
    ----------
    data
        What the page shows.

    Returns
    -------
    str
        The HTML, which loads nothing from elsewhere.
    """
    labels = labels_of(data.pathway, *data.slices.values())
    site = data.park.site
    labels = labels.but({"park.title": {"en": site.title, "zh": site.title_zh}})
    shared = Shared(labels)
    years = [packed_year(ds, year, shared) for year, ds in data.slices.items()]
    environment = _environment(labels)
    template = environment.get_template("page.html")
    return template.render(
        data=data,
        statement=tables.statement(data.pathway),
        statements=[(s, statement_rows(s)) for s in data.statements.values()],
        findings=[
            (
                sentence(found),
                sentence(found, "zh", partial(labels.thing, language="zh")),
            )
            for found in findings(data.pathway)
        ],
        weather=_weather(data, labels),
        principles=tables.principle_rows({data.scenario: data.pathway, **data.rivals}),
        plans=[data.scenario, *data.rivals],
        measures=tables.measure_rows(data.pathway),
        reasons=tables.reason_rows(data.pathway, labels),
        sources=tables.source_rows(data.park, data.costs),
        computing=tables.computing_rows(data.slices, data.fresh),
        versions=[("meishan_model", __version__), *package_versions(tables.PACKAGES).items()],
        charts=_charts(data, labels),
        shared=shared.document(),
        years=years,
        maps=_maps(data, labels),
        plan=_both(*(_plan(data, labels, language) for language in LANGUAGES)),
        words=_words(data, labels),
        plotlyjs=Markup(get_plotlyjs()),  # plotly's own file, nothing of a sheet
        style=_asset("style.css"),
        scripts=[_asset("page.js"), _asset("explorer.js")],
    )


def save_report(html: str, path: Path) -> None:
    """Write the page so that the path always holds a whole one.

    Raises
    ------
    WriteError
        If the folder cannot be written; nothing is left behind.
    """
    with whole_file(path) as partial:
        partial.write_text(html, encoding="utf-8")


def _environment(labels: Labels) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("meishan_model.report.html"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    # A number that is none is no JSON; the order of places and layouts has a meaning.
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "sort_keys": False}

    def both(key: str) -> Markup:
        """A label in both languages, of which the page shows one."""
        return _both(*(labels.text(key, language) for language in LANGUAGES))

    environment.globals |= {"t": both, "pair": _both}
    environment.filters["number"] = number
    return environment


def _both(en: str, zh: str) -> Markup:
    """A text in both languages, escaped; one that is the same in both stands once."""
    if en == zh:
        return escape(en)
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(en, zh)


def _asset(name: str) -> Markup:
    """A file of the page's own, which holds nothing of a sheet."""
    file = resources.files("meishan_model.report.html") / "templates" / name
    return Markup(file.read_text(encoding="utf-8"))


def _weather(data: ReportData, labels: Labels) -> Markup:
    """The weather of the last year; a file goes by its name."""
    source = str(data.slices[max(data.slices)].attrs.get("weather", ""))
    known = labels.texts.get(f"weather.{source}", {"en": source, "zh": source})
    return _both(known["en"], known["zh"])


def _charts(data: ReportData, labels: Labels) -> dict[str, Mapping[str, Any]]:
    """Figures of the pathway by language and name."""
    charts: dict[str, Mapping[str, Any]] = {}
    for language in LANGUAGES:
        found = pathway_charts(data.pathway, labels, language)
        if data.curve is not None:
            last = int(data.pathway["year"].to_numpy()[-1])
            found["abatement"] = abatement_chart(data.curve, last, labels, language)
        charts[str(language)] = found
    return charts


def _maps(data: ReportData, labels: Labels) -> dict[int, dict[str, Any]]:
    """Maps of the network by year."""
    if data.grid is None:
        return {}
    return {year: network_map(flow, data.grid, labels) for year, flow in data.flows.items()}


_SCRIPT_WORDS = (
    *("word.whole park", "word.zones", "word.buses", "word.week", "word.all years"),
    *("axis.hour of day", "axis.share of hours", "figure.duration", "figure.heat map"),
    *("figure.dispatch", "panel.power", "word.rows shown", "text.no price", "word.year"),
    *("panel.price", "panel.storage", "word.flow", "word.search", "word.all"),
    *("word.published", "word.derived", "word.assumption", "word.previous week"),
    *("word.next week",),
)
"""Labels that the page's scripts need."""


def _words(data: ReportData, labels: Labels) -> dict[str, dict[str, Any]]:
    """What the page's scripts say, as plain text; ``title`` is the page's, ``plotly`` plotly's."""
    said = [key for key in labels.texts if key.startswith("plotly.")]
    return {
        str(lang): {
            **{key: labels.text(key, lang) for key in _SCRIPT_WORDS},
            "title": f"{labels.text('park.title', lang)}: {_plan(data, labels, lang)}",
            "plotly": {key.partition(".")[2]: labels.text(key, lang) for key in said},
        }
        for lang in LANGUAGES
    }


def _plan(data: ReportData, labels: Labels, language: Language) -> str:
    """Title of the scenario, which is English, or what the plan is called in Chinese."""
    key = f"plan.{data.scenario}"
    return labels.text(key, "zh") if language == "zh" and key in labels.texts else data.title


__all__ = ["PackedYear", "render_report", "save_report"]
