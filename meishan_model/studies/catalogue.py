"""Which studies there are: one in each file of this folder that says ``STUDY = ...``.

Those of plug-ins come after them. The name of a study is that of its file; the first line of the
file is its help. A study is imported when it is asked for, so that whoever lists all of them, as
``meishan --help`` does, need not wait for any.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meishan_model.errors import Fault, InputError
from meishan_model.plugins import plugins

if TYPE_CHECKING:
    from meishan_model.studies.study import Study


@cache
def studies() -> Mapping[str, str]:
    """First line of the file of every study, by the name of the study."""
    return {name: _source(module).lstrip('"').partition("\n")[0] for name, module in _modules()}


def study_named(name: str) -> type[Study[Any]]:
    """The class of a study.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    modules = dict(_modules())
    if name not in modules:
        remedy = f"there are: {', '.join(modules)}"
        raise InputError([Fault("study", "there is none of that name", value=name, remedy=remedy)])
    study: type[Study[Any]] = import_module(modules[name]).STUDY
    return study


def _modules() -> Iterator[tuple[str, str]]:
    """Name and module of every study."""
    folder = str(Path(__file__).parent)
    own = (f"{__package__}.{found.name}" for found in pkgutil.iter_modules([folder]))
    brought = (module for plugin in plugins() for module in plugin.studies())
    for module in (*own, *brought):
        if "\nSTUDY = " in _source(module):
            yield module.rpartition(".")[2], module


@cache
def _source(module: str) -> str:
    """Text of a module, which is found but not imported."""
    spec = find_spec(module)
    return "" if spec is None or not spec.origin else Path(spec.origin).read_text("utf-8")
