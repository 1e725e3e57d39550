"""The page in a real browser; without Chromium these tests are left out and say so."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import in_browser, scroll, until
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from solved_mini import IMAGE, SCRIPT, Solved

TITLE = "document.getElementById('dispatch').layout.title.text"
pytestmark = in_browser


def drawn(driver: webdriver.Chrome, figure: str, what: str) -> Any:
    """Something of a figure as plotly holds it."""
    return driver.execute_script(f"const f = document.getElementById('{figure}'); return {what}")


def week_of_page(driver: webdriver.Chrome) -> dict[str, list[float]]:
    """Stacked series of the dispatch by name and side."""
    what = "f.data.map(t => [t.stackgroup || '', t.name, Array.from(t.y)])"
    return {f"{group} {name}": y for group, name, y in drawn(driver, "dispatch", what) if group}


def test_the_week_changes_and_is_that_of_the_notebook(
    browser: webdriver.Chrome, solved: Solved
) -> None:
    """Week 1 and week 2 differ, and each is the figure of ``ds.mm.dispatch_figure`` to 16 bits."""
    import meishan_model as mm

    ds = mm.open_results("mini", 2030, solved.root / "results", hours=336)
    for week in (2, 1):
        until(browser, f"return {TITLE}.endsWith('week {week}')")
        figure = ds.mm.dispatch_figure(week=week)
        found = week_of_page(browser)
        traces = [t for t in figure.data if t.stackgroup]
        assert {f"{t.stackgroup} {t.name}" for t in traces} == set(found)
        for trace in traces:
            values = np.array(found[f"{trace.stackgroup} {trace.name}"])
            largest = np.abs(trace.y).max()
            assert values == pytest.approx(trace.y, abs=2e-3 * largest + 1e-3)
        browser.find_element(By.ID, "back").click()


def test_other_years_and_places(browser: webdriver.Chrome) -> None:
    """Another year and a bus are drawn when asked, with their names in the title."""
    Select(browser.find_element(By.ID, "year")).select_by_value("2020")
    until(browser, "return document.documentElement.dataset.ready === '2020'")
    place = Select(browser.find_element(By.ID, "place"))
    place.select_by_value("node.campus_10kv")
    until(browser, f"return {TITLE}.includes('campus 10kv, 2020')")
    place.select_by_value("zone.campus")
    until(browser, f"return {TITLE}.includes('&lt;img')")


def test_both_languages(browser: webdriver.Chrome) -> None:
    """The switch changes headings, figures and controls, and back again."""
    heading = browser.find_element(By.CSS_SELECTOR, "#neutrality h2")
    assert heading.text == "Is the park neutral?"
    button = browser.find_element(By.ID, "language")
    button.click()
    assert heading.text == "园区是否实现碳中和?"
    until(browser, f"return {TITLE}.includes('全园区')")
    button.click()
    assert heading.text == "Is the park neutral?"
    until(browser, f"return {TITLE}.includes('Whole park')")


def test_a_label_with_a_script_is_text(browser: webdriver.Chrome) -> None:
    """Nothing of a sheet runs: the title is untouched, and the labels can be read."""
    titles = "return document.title"
    before = browser.execute_script(titles)
    scroll(browser, "pathway")
    until(browser, "return document.querySelector('[data-chart=power] .legendtext')")
    texts = browser.execute_script(
        "return [...document.querySelectorAll('[data-chart=power] .legendtext')]"
        ".map(e => e.textContent)"
    )
    assert SCRIPT in texts
    names = [o.text for o in Select(browser.find_element(By.ID, "place")).options]
    assert IMAGE in names
    assert browser.execute_script(titles) == before != "1"
    assert browser.find_elements(By.CSS_SELECTOR, "img[src=x]") == []


def test_search_in_tables(browser: webdriver.Chrome) -> None:
    """Sources are narrowed by words and by confidence; reasons begin with those that bind."""

    def visible(table: str) -> int:
        rows = f"[...document.querySelectorAll('#{table} tbody tr')]"
        return int(browser.execute_script(f"return {rows}.filter(r => !r.hidden).length"))

    every = visible("sourcetable")
    scroll(browser, "sources")
    browser.find_element(By.CSS_SELECTOR, "[data-filter=sourcetable]").send_keys("campus_offices")
    assert 0 < visible("sourcetable") < every
    bound = "[...document.querySelectorAll('#reasontable tbody tr')].filter(r => !r.hidden)"
    states = f"return {bound}.map(r => r.dataset.state)"
    assert set(browser.execute_script(states)) <= {"upper", "lower"}


@pytest.mark.parametrize("width", [1400, 820])
def test_nothing_sticks_out(browser: webdriver.Chrome, width: int) -> None:
    """On a desktop and a tablet the page has no sideways scroll, and every figure is drawn."""
    browser.set_window_size(width, 1000)
    for section in ("pathway", "hours", "principles", "measures", "reasons", "sources"):
        scroll(browser, section)
        time.sleep(0.3)
        assert browser.execute_script(
            "return document.documentElement.scrollWidth <= window.innerWidth"
        )
    for figure in ("dispatch", "heat", "duration", "sankey"):
        browser.execute_script(
            f"document.getElementById('{figure}').scrollIntoView({{behavior: 'instant'}})"
        )
        until(browser, f"return !!document.querySelector('#{figure} .main-svg')")


def test_the_map_changes_with_year_and_language(browser: webdriver.Chrome) -> None:
    """The loadings are those of the year that is chosen, half of the other's; so is the title."""
    title = "return document.getElementById('map').layout.title.text"
    loading = (
        "const f = document.getElementById('map'); const i = f.data.findIndex("
        "t => t.mode === 'markers' && t.marker.opacity === 0);"
        "return f.data[i].customdata.map(row => row[1])"
    )
    scroll(browser, "grid")
    until(browser, "return document.getElementById('map').dataset.drawn")
    assert browser.execute_script(title).endswith("2030 [%]")
    later = np.array(browser.execute_script(loading))
    Select(browser.find_element(By.ID, "mapyear")).select_by_visible_text("2025")
    until(browser, f"{title}.endsWith('2025 [%]')")
    assert np.array(browser.execute_script(loading)) / 2 == pytest.approx(later, abs=2e-5)
    browser.find_element(By.ID, "language").click()
    until(browser, f"{title}.startsWith('电网')")
    browser.find_element(By.ID, "language").click()


def test_reasons_are_told_in_both_languages(browser: webdriver.Chrome) -> None:
    """The sentence of a bound is shown in the language of the page, and in that alone."""
    scroll(browser, "reasons")
    cell = browser.find_element(By.CSS_SELECTOR, "#reasontable tbody tr:not([hidden]) .sentence")
    assert "at most" in cell.text and "上限" not in cell.text
    browser.find_element(By.ID, "language").click()
    assert "上限" in cell.text and "at most" not in cell.text
    browser.find_element(By.ID, "language").click()


def test_nothing_is_drawn_before_it_is_near(browser: webdriver.Chrome, file: Path) -> None:
    """At the top of the page the hours are not unpacked, and the first figure is drawn."""
    browser.get(file.as_uri())
    scroll(browser, "pathway")
    until(browser, "return document.querySelector('[data-chart=emissions]').dataset.drawn")
    assert browser.execute_script("return document.documentElement.dataset.ready") is None
    assert not browser.execute_script("return document.getElementById('map').dataset.drawn")


def test_panels_zoom_together(browser: webdriver.Chrome) -> None:
    """All panels hang on one time axis, so that a zoom in one is a zoom in all."""
    axes = drawn(browser, "dispatch", "f.data.map(t => t.xaxis)")
    assert set(axes) == {"x"}
    assert len(set(drawn(browser, "dispatch", "f.data.map(t => t.yaxis)"))) >= 3


def test_a_figure_keeps_its_height_when_the_window_changes(browser: webdriver.Chrome) -> None:
    """Turning a tablet makes the hourly figure narrower and not lower, and nothing is cut off."""
    height = drawn(browser, "dispatch", "f.querySelector('.main-svg').clientHeight")
    width = drawn(browser, "dispatch", "f.querySelector('.main-svg').clientWidth")
    browser.set_window_size(820, 1000)
    until(
        browser,
        "return document.querySelector('#dispatch .main-svg').clientWidth < " + str(width - 200),
    )
    assert drawn(browser, "dispatch", "f.querySelector('.main-svg').clientHeight") == height > 600
    assert drawn(browser, "dispatch", "f.scrollWidth <= f.clientWidth")
