"""Tables as CSV: every number to its last digit, with what they rest on in the first lines."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from meishan_model.results.files import Stamp, read_stamp, write_table
from meishan_model.version import STUDIES, code_sha256
from meishan_model.whole_file import WriteError

CODE = code_sha256(*STUDIES)
TABLE = pd.DataFrame(
    {"lever": ["as usual", ""], "cost [CNY/a]": [0.1 + 0.2, -1e9], "effect": [1.5, float("nan")]}
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Every number to its last digit, an empty text stays text, not a number stays that."""
    path = tmp_path / "new" / "table.csv"
    write_table(TABLE, path, "a" * 64)
    found = pd.read_csv(path, comment="#", keep_default_na=False, na_values=["nan"])
    pd.testing.assert_frame_equal(found, TABLE, check_exact=True)
    assert [p.name for p in path.parent.iterdir()] == ["table.csv"], "nothing else is left"


def test_a_table_says_what_it_rests_on(tmp_path: Path) -> None:
    """The hashes of inputs and code; who lacks one of them, or is no text, says nothing."""
    path = tmp_path / "table.csv"
    assert read_stamp(path) is None
    write_table(TABLE, path, "a")
    assert read_stamp(path) == Stamp("a", CODE)
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[:2] == ["# inputs_sha256: a", f"# code_sha256: {CODE}"]
    path.write_text(text.replace(f"# code_sha256: {CODE}\n", ""), encoding="utf-8")
    assert read_stamp(path) is None, "nobody knows which code"
    path.write_bytes(b"# inputs_sha256: a\n\xff\xfe\x00")
    assert read_stamp(path) is None


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    """The error names the path; the file that stands in the way is not touched."""
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    with pytest.raises(WriteError, match="taken"):
        write_table(TABLE, tmp_path / "taken" / "table.csv", "a")
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "x"
