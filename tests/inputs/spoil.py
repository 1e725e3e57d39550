"""Spoil a copy of the shipped sheets in one place."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SCENARIO = "configs/scenarios/yizhuang.yaml"
FAULT = re.compile(
    r"^input  (?P<file>\S+?)(, row (?P<row>\d+))?(, column (?P<column>[^,]+?))?"
    r"(, (?P<value>'.*?'|\".*?\"))?: (?P<message>.+?); (?P<remedy>.+)$"
)
Answer = tuple[int, list[str]]
Edit = tuple[str, str, str]


def sheet(name: str) -> str:
    """Path of a sheet of the park."""
    return f"configs/yizhuang/{name}.csv"


def swap(root: Path, file: str, old: str, new: str) -> None:
    """Replace the first place of a text; without an old text add a line at the end."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} holds no {old!r} any more: adapt the test"
    changed = text.replace(old, new, 1) if old else f"{text}{new}\n"
    path.write_text(changed, encoding="utf-8")


def drop(root: Path, file: str, part: str) -> None:
    """Delete every line that holds a text."""
    path = root / file
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if part not in line]
    assert len(kept) < len(lines), f"{file} holds no {part!r} any more: adapt the test"
    path.write_text("".join(kept), encoding="utf-8")


def nothing_written(root: Path) -> bool:
    """Whether no result, lock or folder of results has come up."""
    return not (root / "results").exists()
