"""The commands of the studies: bad options are refused, a small run leaves its files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meishan_model import cli

REPOSITORY = Path(__file__).parents[2]
Said = tuple[int, str, str]


def said(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    root: Path,
    *words: str,
) -> Said:
    """Exit code, standard output and messages of a command."""
    monkeypatch.setattr(sys, "argv", ["meishan", *words, "--root", str(root)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    streams = capsys.readouterr()
    return int(caught.value.code or 0), streams.out, streams.err


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
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    text: str,
) -> None:
    """Exit code 2, nothing on standard output, and a message that says what is allowed."""
    code, out, err = said(monkeypatch, capsys, REPOSITORY, *words)
    assert (code, out) == (2, "")
    assert text in err


@pytest.mark.slow
def test_studies_leave_their_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
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
        code, out, err = said(monkeypatch, capsys, root, *words)
        assert code == 0, err
        named = [line.partition(": ")[2] for line in out.splitlines() if str(root) in line]
        assert named
        assert all(Path(path).is_file() for path in named), named
