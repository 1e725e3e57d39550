"""The Chinese page in a real browser: no sentence of the program is left in English."""

from __future__ import annotations

import re
import time

from chromium import in_browser, scroll, until
from selenium import webdriver
from selenium.webdriver.common.by import By

from meishan_model.report.labels import own_labels

pytestmark = in_browser

TEXTS = """
const found = [["title", document.title]];
function put(what, text) {
  if (/[A-Za-z]{3}/.test(text || "")) found.push([what, text.trim()]);
}
const out = e => e.closest("script, style, noscript, code, [lang=en]:not(html)");
const sheet = e => e.closest("#sourcetable td") ? "sheet" : e.tagName;
const kind = e => e.closest("[data-cites]") ? "cites" : sheet(e);
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const of = walker.currentNode.parentElement;
  if (!out(of)) put(kind(of), walker.currentNode.textContent);
}
for (const name of ["title", "aria-label", "placeholder", "data-title"])
  for (const of of document.querySelectorAll(`[${name}]`))
    if (!out(of)) put(name, of.getAttribute(name));
for (const figure of document.querySelectorAll(".js-plotly-plot"))
  for (const trace of figure.data)
    for (const text of [trace.name, trace.hovertemplate])
      put("trace", (text || "").replace(/<[^>]*>|%{[^}]*}/g, " · "));
return found;
"""
"""Every text of the page that has a Latin word, with where it stands."""

WORDS = re.compile(r"\b[A-Za-z]{2,} (?:[a-z]{2,}|a|[A-Z]{2,} [a-z])")
"""Two words beside each other, which no name of a package, a unit or a file is."""


def texts_of(browser: webdriver.Chrome) -> list[tuple[str, str]]:
    """Texts of the page in Chinese, every figure drawn."""
    browser.find_element(By.ID, "language").click()
    for section in ("pathway", "hours", "grid", "measures", "sources", "computed"):
        scroll(browser, section)
        time.sleep(0.2)
    draw = "document.querySelectorAll('.chart').forEach(f => f.scrollIntoView())"
    browser.execute_script(draw)
    for figure in ("heat", "duration", "sankey", "map"):
        scroll(browser, figure)
        until(browser, f"return !!document.querySelector('#{figure} .main-svg')")
    found = [(what, text) for what, text in browser.execute_script(TEXTS)]
    browser.find_element(By.ID, "language").click()
    return found


def test_no_english_is_left(browser: webdriver.Chrome) -> None:
    """No two English words beside each other but in what a sheet says, and no known label.

    Beside what a statement cites stand Chinese rows and confidences.
    """
    texts = texts_of(browser)
    mine = [(what, text) for what, text in texts if what not in ("sheet", "cites")]
    assert len(mine) > 100
    assert [entry for entry in mine if WORDS.search(entry[1])] == []
    labels = own_labels().texts.values()
    known = {t["en"] for t in labels if t["en"] != t["zh"] and re.search(r"[a-z]{4}", t["en"])}
    assert [entry for entry in mine if entry[1] in known - {"English"}] == []
    cited = [text for what, text in texts if what == "cites"]
    assert cited
    assert [text for text in cited if re.search(r"csv rows? \d|\(assumption\)$", text)] == []
    assert all("行" in text for text in cited)


def test_dates_and_tools_of_figures_are_no_english(browser: webdriver.Chrome) -> None:
    """The pointer shows a date by its numbers, and plotly's own buttons are told in Chinese."""
    browser.find_element(By.ID, "language").click()
    until(browser, "return !!document.querySelector('#dispatch [data-title=\"平移\"]')")
    axis = "return document.getElementById('dispatch').layout.xaxis.hoverformat"
    assert browser.execute_script(axis) == "%Y-%m-%d %H:%M"
    assert browser.find_elements(By.CSS_SELECTOR, "[data-title='Share chart...']") == []
    browser.find_element(By.ID, "language").click()
