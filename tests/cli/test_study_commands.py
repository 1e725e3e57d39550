"""The commands of the studies: bad options are refused.

What they leave is looked at where the studies are solved, in ``tests/studies``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Said = Callable[..., tuple[int, str, str]]

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("front", "--thetas", "1,two"), "two"),
        (("front", "--scenario", "yizhuang"), "theta changes nothing"),
        (("front", "--budgets", "1", "--thetas", ""), "choose more than"),
        (("sensitivity", "--sheets", "price"), "there are: assets"),
        (("sensitivity", "--change", "1.5"), "above 0 and below 1"),
        (("sensitivity", "--year", "2033"), "2020, 2025"),
        (("abatement", "--scenario", "business_as_usual"), "no neutrality"),
    ],
)
def test_bad_options_are_refused_before_anything_is_solved(
    said: Said,
    words: tuple[str, ...],
    text: str,
) -> None:
    """Exit code 2, nothing on standard output, and a message that says what is allowed."""
    code, out, err = said(*words, "--root", REPOSITORY)
    assert (code, out) == (2, "")
    assert text in err
