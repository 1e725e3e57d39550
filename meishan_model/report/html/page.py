"""The page of a pathway: what it is made of, and how that becomes one HTML file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import xarray as xr
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from meishan_model.accounts.emissions import Baseline
from meishan_model.accounts.tables import Slices
from meishan_model.console import number
from meishan_model.errors import InputError, MeishanError, warned
from meishan_model.planning.backcast import hashes_by_solver
from meishan_model.planning.project import Project
from meishan_model.planning.whole_pathway import plan_tables
from meishan_model.plugins import Chapter, plugins
from meishan_model.powerflow.study import open_powerflow, powerflow_path, study_hash
from meishan_model.report.check import package_versions
from meishan_model.report.explain import all_cells
from meishan_model.report.hourly import in_suited_units
from meishan_model.report.html import tables
from meishan_model.report.html.explorer import Shared, packed_year
from meishan_model.report.html.network_map import network_map
from meishan_model.report.html.pathway_charts import abatement_chart, pathway_charts
from meishan_model.report.labels import LANGUAGES, Labels, Language, Words, labels_of
from meishan_model.report.pathway_summary import findings
from meishan_model.report.statement import YearStatement, statement_rows, year_statements
from meishan_model.results.pathway_file import shown_indicators
from meishan_model.results.scale import Money, scale_of
from meishan_model.sheets.costs import CostSheet
from meishan_model.sheets.grid import GridSheets
from meishan_model.sheets.grid_folder import read_grid
from meishan_model.sheets.park import Park
from meishan_model.studies.catalogue import study_named
from meishan_model.studies.study import stored_study
from meishan_model.version import __version__
from meishan_model.whole_file import whole_file


@dataclass(frozen=True)
class ReportData:
    """Everything that the page shows.

    Attributes
    ----------
    scenario, title
        Stem and title of the scenario.
    park
        All sheets of the park.
    pathway
        The pathway of the scenario; of one slice, the tables of its year.
    slices
        Its slices by year.
    rivals
        Pathways of the same park, cost sheet and hours that lie on disk, without this one.
    curve
        Marginal abatement cost curve of the target year, if it was made.
    fresh
        Whether each slice was made of the inputs on disk.
    costs
        Cost sheet by year.
    statements
        Neutrality statement by year.
    baseline
        Both accounts of the baseline year, ``None`` where the park has none.
    grid
        Sheets of the grid, ``None`` where the park has none.
    flows
        Power flows of the slices and the grid by year, where they were made.
    commands
        What makes the curve, and the power flow of the last year.
    """

    scenario: str
    title: str
    park: Park
    pathway: xr.Dataset
    slices: Slices
    rivals: Mapping[str, xr.Dataset]
    curve: pd.DataFrame | None
    fresh: Mapping[int, bool]
    costs: Mapping[int, CostSheet]
    statements: Mapping[int, YearStatement]
    baseline: Baseline | None
    grid: GridSheets | None
    flows: Slices
    commands: Mapping[str, str]


def collect(project: Project) -> ReportData:
    """Read what lies on disk of a scenario.

    Parameters
    ----------
    project
        The scenario with its folders.

    Raises
    ------
    InputError
        If the pathway or one of its slices is missing; the command that makes it is named.
    """
    pathway = plan_tables(project)
    years = [int(year) for year in pathway["year"].to_numpy()]
    slices = {year: project.open_result(year) for year in years}
    hashes = hashes_by_solver(project).values()
    fresh = {
        year: ds.attrs["inputs_sha256"] in {of_solver.get(year) for of_solver in hashes}
        for year, ds in slices.items()
    }
    grid = _grid(project)
    return ReportData(
        scenario=project.scenario.name,
        title=project.scenario.title,
        park=project.park,
        pathway=pathway,
        slices=slices,
        rivals=_rivals(project, pathway),
        curve=stored_study(project, "abatement"),
        fresh=fresh,
        costs={year: project.costs(year) for year in years},
        statements=year_statements(project, slices),
        baseline=project.baseline if project.park.baseline else None,
        grid=grid,
        flows={} if grid is None else _flows(project, slices, grid),
        commands={
            "abatement": project.command("abatement", study_named("abatement").default_hours),
            "powerflow": project.command(f"powerflow {years[-1]}"),
        },
    )


def _rivals(project: Project, pathway: xr.Dataset) -> dict[str, xr.Dataset]:
    """Pathways that can be laid beside this one, by their scenario."""
    found = {}
    for file in sorted((project.root / "configs" / "scenarios").glob("*.yaml")):
        path = project.result_path("pathway", scenario=file.stem)
        if file.stem == project.scenario.name or not path.is_file():
            continue
        with warned(f"{path} is left out of the comparison", MeishanError):
            rival = project.open_result("pathway", scenario=file.stem)
            if all(rival.attrs[k] == pathway.attrs[k] for k in ("park", "cost_sheet")):
                found[file.stem] = rival
    return found


def _grid(project: Project) -> GridSheets | None:
    """Sheets of the park's grid; a fault in them spoils the map and nothing else."""
    if (project.park_folder / "grid").is_dir():
        with warned("the map of the network is left out", InputError):
            return read_grid(project.park)
    return None


def _flows(project: Project, slices: Slices, grid: GridSheets) -> dict[int, xr.Dataset]:
    """Power flows that were made of these slices and this grid."""
    found = {}
    for year, ds in slices.items():
        path = powerflow_path(project.result_path(year))
        if not path.is_file():
            continue
        with warned(f"{path} is left out of the report", InputError):
            flow = open_powerflow(path)
            if flow.attrs.get("inputs_sha256") == study_hash(str(ds.attrs["inputs_sha256"]), grid):
                found[year] = flow
    return found


def render_report(data: ReportData) -> str:
    """Make the page.

    Everything that comes from a sheet or a result is escaped: jinja2 escapes the text,
    :meth:`~meishan_model.report.labels.Words.plotly` what stands in figures, and data in scripts
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
    shown = in_suited_units([*data.slices.values()])
    years = [
        packed_year(ds, year, shared, hours)
        for (year, ds), hours in zip(data.slices.items(), shown, strict=True)
    ]
    chapters = [part for plugin in plugins() for part in plugin.chapters(data.slices)]
    measures, measure_units = tables.measure_rows(data.pathway)
    grid = data.grid
    return (
        _environment(labels)
        .get_template("page.html")
        .render(
            data=data,
            shown=labels.money,
            statement=tables.statement(data.pathway),
            statements=[(s, statement_rows(s)) for s in data.statements.values()],
            findings=[
                [labels.finding(found, language) for language in LANGUAGES]
                for found in findings(data.pathway)
            ],
            warnings=json.loads(data.pathway.attrs.get("warnings", "[]")),
            weather=_weather(data, labels),
            principles=tables.principle_rows({data.scenario: data.pathway, **data.rivals}),
            indicators=[*shown_indicators(data.pathway)],
            owner=tables.owner_rows(data.pathway, data.slices, labels),
            accounts=tables.account_rows(data.baseline),
            conventions=tables.convention_rows(data.pathway),
            plans=[data.scenario, *data.rivals],
            measures=measures,
            measure_units=measure_units,
            reasons=tables.reason_rows(data.pathway, labels),
            rents=tables.plants_at_bound(data.slices),
            chapters=[_suited_chapter(chapter, labels.money) for chapter in chapters],
            sources=[cell.shown(labels.money) for cell in all_cells(data.park, data.costs)],
            computing=[
                {"year": year, "fresh": data.fresh[year], **ds.attrs}
                for year, ds in data.slices.items()
            ],
            versions=[("meishan_model", __version__), *package_versions(tables.PACKAGES).items()],
            charts=_charts(data, labels),
            shared=shared.document(),
            years=years,
            maps={y: network_map(flow, grid, labels) for y, flow in data.flows.items() if grid},
            plan=_both(*(_plan(data, labels, language) for language in LANGUAGES)),
            words=_words(data, labels),
            plotlyjs=Markup(get_plotlyjs()),  # plotly's own file, nothing of a sheet
            style=_asset("style.css"),
            scripts=[_asset("page.js"), _asset("explorer.js")],
        )
    )


def _suited_chapter(chapter: Chapter, shown: Money) -> Chapter:
    """A chapter in the unit that suits its numbers."""
    scale = scale_of(chapter.table, chapter.unit, shown=shown)
    return replace(chapter, unit=scale.unit, table=chapter.table / scale.divisor)


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

    environment.globals |= {"t": both, "pair": _both, "scale_of": scale_of}
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
        words = Words(labels, language)
        found = pathway_charts(data.pathway, words)
        if data.curve is not None:
            last = int(data.pathway["year"].to_numpy()[-1])
            found["abatement"] = abatement_chart(data.curve, last, words)
        charts[str(language)] = found
    return charts


_SCRIPT_WORDS = (
    *("word.whole park", "word.zones", "word.buses", "word.week", "word.all years"),
    *("axis.hour of day", "axis.share of hours", "figure.duration", "figure.heat map"),
    *("figure.dispatch", "panel.power", "word.rows shown", "text.no price", "word.year"),
    *("panel.price", "panel.storage", "word.flow", "word.search", "word.all"),
    *("word.published", "word.derived", "word.assumption", "word.placeholder"),
    *("word.previous week", "word.next week"),
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
    if language == "zh" and key in labels.texts:
        return labels.text(key, "zh")
    return data.title.removeprefix(data.park.site.title).lstrip(" ,:") or data.title
