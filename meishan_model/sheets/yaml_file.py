"""Read a YAML file that holds one mapping, and validate it; every fault names its key and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from meishan_model.errors import Fault, InputError
from meishan_model.sheets.plain_text import read_plain_text

M = TypeVar("M", bound=BaseModel)
_MERGE = "tag:yaml.org,2002:merge"


class _PlainLoader(yaml.SafeLoader):
    """Loader without tags that run code, and without aliases, which can grow beyond all memory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.get_mark()
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", mark)
        return super().compose_node(parent, index)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping.

    Raises
    ------
    InputError
        If the file is missing, no YAML or no mapping, if it holds tags that would run code or
        aliases, or if a key stands twice or merges others; every such key is listed.
    """
    text, fault = read_plain_text(path, str(path))
    if fault is not None:
        raise InputError([fault])
    remedy = "write lines 'key: value', without tags and aliases"
    try:
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        faults = list(_key_faults(node, str(path)))
        content = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        row = None if place is None else place.line + 1
        message = f"no readable YAML: {error.problem}"
        raise InputError([Fault(str(path), message, row, remedy=remedy)]) from error
    # What the constructors of numbers, dates and booleans raise for values that are none.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:
        message = f"no readable YAML: {error}"
        raise InputError([Fault(str(path), message, remedy=remedy)]) from error
    except RecursionError as error:
        raise InputError([Fault(str(path), "is nested too deeply", remedy=remedy)]) from error
    if faults:
        raise InputError(faults)
    if not isinstance(content, dict):
        raise InputError([Fault(str(path), "is not a mapping of keys to values", remedy=remedy)])
    return content


def _key_faults(node: yaml.Node | None, file: str) -> Iterator[Fault]:
    """Keys that stand twice in one mapping, or bring others: YAML says no word of either."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _key_faults(item, file)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[object, int] = {}
    for key, value in node.value:
        row, name = key.start_mark.line + 1, str(key.value)
        if key.tag == _MERGE:
            message, remedy = "a merge key hides what it brings", "write its keys out"
            yield Fault(file, message, row, name, _scalar(value), remedy)
        if name in seen:
            message = f"the key stands already in row {seen[name]}"
            yield Fault(file, message, row, name, _scalar(value), "keep one of them")
        seen.setdefault(name, row)
        yield from _key_faults(value, file)


def _scalar(node: yaml.Node) -> str | None:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def validate(model: type[M], content: dict[str, Any], path: Path) -> M:
    """Validate a mapping against a model; every fault names the key and what is allowed.

    Raises
    ------
    InputError
        With one fault for each violation.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(
            Fault(
                str(path),
                problem["msg"].removeprefix("Value error, "),
                row=row_of(path, str(problem["loc"][0])) if problem["loc"] else None,
                column=".".join(map(str, problem["loc"])) or None,
                value=None if isinstance(problem["input"], dict) else str(problem["input"]),
                remedy=_allowed(model, problem["loc"]),
            )
            for problem in error.errors()
        ) from error


def row_of(path: Path, key: str) -> int | None:
    """Line on which a key of the outermost mapping stands, ``None`` where it does not."""
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((row for row, line in enumerate(lines, 1) if line.startswith(f"{key}:")), None)


def _allowed(model: type[BaseModel], location: tuple[int | str, ...]) -> str | None:
    key = str(location[0]) if location else ""
    known = model.model_fields.get(key)
    if known is None:
        return f"allowed keys: {', '.join(model.model_fields)}" if key else None
    return f"expected: {known.description}" if known.description else None
