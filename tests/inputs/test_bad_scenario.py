"""Bad scenarios: every kind is refused with the key, its value and a remedy; no tag is obeyed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from spoil import FAULT, SCENARIO, Answer, nothing_written, swap

NINE = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9))
SCENARIOS: list[tuple[str, str, str, str]] = [
    ("unknown key", "", "thetta: 2", "row 7, column thetta, '2': "),
    ("key twice", "", "theta: 2\ntheta: 3", "row 8, column theta, '3': the key stands already in"),
    ("tag runs code", "", "theta: !!python/object/apply:os.mkdir [HERE]", "row 7: no readable"),
    ("tag of a number", "", "theta: !!int abc", "no readable YAML: invalid literal"),
    ("alias", "", "theta: &a 2\nstep: *a", "row 8: no readable YAML: aliases are not allowed"),
    ("alias bomb", "", f"l0: &l0 [lol]\n{NINE}", "aliases are not allowed"),
    ("nesting", "", f"theta: {'[' * 3000}", "is nested too deeply"),
    ("date that is none", "Goldwind Yizhuang campus in 2020", "2020-13-45", "month must be in"),
    ("endless number", "", f"theta: {'9' * 5000}", "no readable YAML"),
    ("two documents", "", "---\ntheta: 2", "another document"),
    ("open bracket", "", "theta: [", "row 8: no readable YAML"),
    ("number as a key", "", "2020: 1", "row 7, column 2020"),
    ("no is not zero", "offset_share: null", "offset_share: no", "column offset_share, 'False'"),
    ("text for a number", "", 'theta: "2"', "row 7, column theta, '2'"),
    ("NaN", "", "theta: .nan", "column theta, 'nan'"),
    ("theta of zero", "", "theta: 0", "column theta, '0'"),
    ("no step", "", "step: 0", "column step, '0'"),
    ("target before first", "target_year: 2020", "target_year: 2015", "'2015': lies before first"),
    ("no whole steps", "target_year: 2020", "target_year: 2023", "column step, '5': 3 years"),
    ("year out of range", "first_year: 2020", "first_year: 20", "row 4, column first_year, '20'"),
    ("option unknown", "", "ships_at_berth: outside", "column ships_at_berth, 'outside'"),
    ("park unknown", "park: yizhuang", "park: yichuang", "no such park; there are: yizhuang"),
    (
        "sheet unknown",
        "",
        "cost_sheet: cheap",
        "there are the cost sheets: low_storage, reference",
    ),
    ("sheet elsewhere", "", "cost_sheet: ../costs/reference", "column cost_sheet"),
    ("park missing", "park: yizhuang\n", "", "column park: Field required"),
    ("name given", "", "name: other", "column name: the stem of the file is the name"),
    ("no residual mix", "", "market_factor: residual_mix", "grid_electricity_residual"),
]


@pytest.mark.parametrize(
    ("old", "new", "said"), [case[1:] for case in SCENARIOS], ids=[case[0] for case in SCENARIOS]
)
def test_a_bad_scenario_is_refused(
    root: Path, tell: Callable[..., Answer], old: str, new: str, said: str
) -> None:
    """Every kind of bad scenario gives a line with the key and a remedy; no tag is obeyed."""
    swap(root, SCENARIO, old, new.replace("HERE", f'"{root / "made"}"'))
    code, lines = tell("check", "--scenario", "yizhuang")
    assert code == 2
    assert all(FAULT.match(line) for line in lines), lines
    assert any(said in line for line in lines), lines
    assert not (root / "made").exists()
    assert nothing_written(root)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "not a mapping"), (b"- a\n", "not a mapping"), ("标题".encode("gb18030"), "decode")],
)
def test_a_scenario_that_is_no_mapping_is_refused(
    root: Path, tell: Callable[..., Answer], content: bytes, said: str
) -> None:
    """An empty file, a list and another encoding are one fault each."""
    (root / SCENARIO).write_bytes(content)
    code, lines = tell("check", "--scenario", "yizhuang")
    assert (code, len(lines)) == (2, 1)
    assert said in lines[0]


def test_a_missing_scenario_says_which_there_are(root: Path, tell: Callable[..., Answer]) -> None:
    """The answer to a mistyped name is the list of names."""
    code, lines = tell("check", "--scenario", "yizuang")
    assert code == 2
    assert lines[0].endswith("there is no such scenario; there are: yizhuang")
