"""``meishan report`` and ``meishan export`` on a park before and after it is solved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import mini_park

Said = Callable[..., tuple[int, str, str]]


def test_report_and_export(tmp_path: Path, own_mini: Path, said: Said) -> None:
    """Before the pathway is solved each names the command; after it each writes its files."""
    mini = ("-s", "mini", "--hours", "168", "--root")
    unsolved = (*mini, mini_park.make_root(tmp_path / "unsolved"))
    for words in (("report",), ("export", "--csv")):
        code, _, err = said(*words, *unsolved)
        assert code == 2
        assert "meishan pathway -s mini --hours 168" in err
    assert said("export", *unsolved)[0] == 2, "no format is named"
    common, folder = (*mini, own_mini), own_mini / "results" / "mini~168h"
    assert said("pathway", *common)[0] == 0
    code, out, _ = said("report", *common)
    assert code == 0
    assert "report.html" in out
    assert "</html>" in (folder / "report.html").read_text(encoding="utf-8")
    code, out, _ = said("export", "--iamc", "--excel", "--csv", *common)
    assert code == 0
    for name in ("pathway_iamc.xlsx", "pathway.xlsx", "tables/cost.csv"):
        assert (folder / name).is_file()
    code, out, _ = said("diff", "mini", "mini", *common[2:])
    assert code == 0
    assert "What came out: no difference" in out
    assert said("diff", "mini", *common[2:])[0] == 2, "one alone"
