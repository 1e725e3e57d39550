"""A real browser for the tests of the page."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium import webdriver

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
in_browser = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium with its driver here"),
]
"""Marks of tests that need it; without it they are left out and say so."""


def started() -> webdriver.Chrome:
    """A headless Chromium that hears no other machine.

    Selenium is imported here, as the tests that need no browser are run without it too.
    """
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = str(CHROMIUM)
    # A container has no user name spaces and little shared memory; --disable-* keep it offline.
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    options.add_argument("--disable-background-networking")
    options.add_argument("--force-prefers-reduced-motion")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(DRIVER))


def silent(driver: webdriver.Chrome) -> bool:
    """Whether the page wrote nothing to the console."""
    entries: list[dict[str, Any]] = driver.get_log("browser")
    return [e["message"] for e in entries] == []


def until(driver: webdriver.Chrome, script: str, seconds: float = 60.0) -> None:
    """Wait until a script returns something true."""
    end = time.monotonic() + seconds
    while not driver.execute_script(script):
        assert time.monotonic() < end, f"never true: {script}"
        time.sleep(0.05)


def scroll(driver: webdriver.Chrome, section: str) -> None:
    driver.execute_script(
        f"document.getElementById('{section}').scrollIntoView({{behavior: 'instant'}})"
    )
