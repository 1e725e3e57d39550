"""Names that a person types and that become part of a path."""

from __future__ import annotations

import re

from meishan_model.errors import Fault, InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def named(name: str, option: str) -> str:
    """A name that is no path: it cannot lead out of the folder in which it is looked up.

    Parameters
    ----------
    name
        What was typed.
    option
        Where, for the message.

    Raises
    ------
    InputError
        If it holds anything but letters, digits, ``_`` and ``-``.
    """
    if not _NAME.fullmatch(name):
        remedy = "give the name alone: letters, digits, _ and -"
        raise InputError([Fault(option, "is no name", value=name, remedy=remedy)])
    return name
