"""Numbers and tables as people read them: one way to format, one way to lay out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from rich.table import Table
from rich.text import Text

NONE = "–"
"""What stands where there is no number."""


def number(value: Any, digits: int | None = None, sign: bool = False) -> str:
    """A number with separated thousands; a dash where there is none, no minus before a zero.

    What would round to zero gets up to two decimals more, so that a small loss is not told as
    nothing; what is zero even then is dust.

    Parameters
    ----------
    value
        The number, not finite or ``None`` where there is none.
    digits
        Decimals; four significant digits without.
    sign
        Whether a plus stands before what is more than zero.

    Examples
    --------
    >>> number(-0.04, 1), number(-4e-4, 1), number(1234.5, 0), number(12345.6), number(None)
    ('-0.04', '0.0', '1,234', '12,346', '–')
    """
    if value is None or not np.isfinite(value):
        return NONE
    given, size = float(value), abs(float(value))
    plus = "+" if sign else ""
    if digits is None and 1e-4 <= size < 1e4:
        return f"{given:{plus},.4g}"
    usual = digits or 0
    shown = next((d for d in range(usual, usual + 3) if round(given, d)), usual)
    rounded = round(given, shown) + 0.0
    return f"{rounded:{plus if rounded else ''},.{shown}f}"


def numbers(values: Iterable[float], digits: int) -> list[str]:
    """Numbers of a row with as many decimals, see :func:`number`."""
    return [number(value, digits) for value in values]


def percent(value: Any, digits: int = 0, sign: bool = False) -> str:
    """A share [1] in per cent, see :func:`number`."""
    if value is None or not np.isfinite(value):
        return NONE
    return f"{number(100.0 * value, digits, sign)}%"


def hovered(name: str, digits: int, share: bool = False) -> str:
    """Place of a number in what plotly tells at the pointer, formatted as :func:`number` does.

    Parameters
    ----------
    name
        What plotly calls the number, such as ``y`` or ``customdata[1]``.
    digits
        Decimals.
    share
        Whether it is a share [1] that is told in per cent.
    """
    return f"%{{{name}:,.{digits}{'%' if share else 'f'}}}"


def text_table(
    title: str,
    texts: Sequence[str],
    numeric: Sequence[str] = (),
    remarks: Sequence[str] = (),
    rigid: bool = False,
    **options: Any,
) -> Table:
    """An empty table for the console.

    Parameters
    ----------
    title
        What stands above it.
    texts, numeric, remarks
        Heads of its columns: texts at the left, numbers, texts after them.
    rigid
        Whether numbers are never broken, so that on a narrow console only texts are.
    options
        Of :class:`rich.table.Table`.
    """
    table = Table(title=Text(title), title_justify="left", **options)
    for head in texts:
        table.add_column(Text(head), overflow="fold")
    for head in numeric:
        table.add_column(Text(head), justify="right", no_wrap=rigid)
    for head in remarks:
        table.add_column(Text(head), overflow="fold")
    return table


def finding(text: str) -> Text:
    """A finding, loudly."""
    return Text(f"FINDING: {text}", "bold red")
