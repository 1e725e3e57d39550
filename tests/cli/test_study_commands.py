"""The commands of the studies: bad options are refused, a small run leaves its files."""

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


@pytest.mark.slow
def test_studies_leave_their_files(
    said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Front, curve and sensitivity of a small park: tables and figures lie where they say."""
    monkeypatch.syspath_prepend(str(REPOSITORY / "tests" / "pathway"))
    import mini_park

    root, small = mini_park.make_root(tmp_path), ("--scenario", "mini", "--hours", "168")
    runs = (
        ("front", "--thetas", "1", "--budgets", "", *small),
        ("abatement", *small),
        ("sensitivity", "--sheets", "prices", "--limit", "1", *small),
    )
    for words in runs:
        code, out, err = said(*words, "--root", root)
        assert code == 0, err
        named = [line.partition(": ")[2] for line in out.splitlines() if str(root) in line]
        assert named
        assert all(Path(path).is_file() for path in named), named
