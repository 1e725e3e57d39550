"""``meishan report`` and ``meishan export`` on a park that is solved here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "pathway"))

import mini_park

from meishan_model import cli


def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    """Exit code, standard output and messages of a command."""
    monkeypatch.setattr(sys, "argv", ["meishan", *words])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    streams = capsys.readouterr()
    return int(caught.value.code or 0), streams.out, streams.err


def test_report_and_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the pathway is solved each names the command; after it each writes its files."""
    root = mini_park.make_root(tmp_path)
    common = ("-s", "mini", "--hours", "168", "--root", str(root))
    for words in (("report",), ("export", "--csv")):
        code, _, err = said(monkeypatch, capsys, *words, *common)
        assert code == 2
        assert "make pathway SCENARIO=mini HOURS=168" in err
    assert said(monkeypatch, capsys, "export", *common)[0] == 2, "no format is named"
    assert said(monkeypatch, capsys, "pathway", *common)[0] == 0
    folder = root / "results" / "mini~168h"
    code, out, _ = said(monkeypatch, capsys, "report", *common)
    assert code == 0
    assert "report.html" in out
    assert "</html>" in (folder / "report.html").read_text(encoding="utf-8")
    code, out, _ = said(monkeypatch, capsys, "export", "--iamc", "--excel", "--csv", *common)
    assert code == 0
    for name in ("pathway_iamc.xlsx", "pathway.xlsx", "tables/cost.csv"):
        assert (folder / name).is_file()
    code, out, _ = said(monkeypatch, capsys, "compare", "mini", "mini", *common[2:])
    assert code == 0
    assert "What came out: no difference" in out
    assert said(monkeypatch, capsys, "compare", "mini", *common[2:])[0] == 2, "one alone"
