"""The year-slices of a pathway, forwards for reading and backwards for planning."""

from __future__ import annotations

from meishan_model.errors import Fault, InputError

FILE = "scenario"
"""Name under which faults of the scenario's years are reported."""


def slice_years(first_year: int, target_year: int, step: int = 5) -> tuple[int, ...]:
    """List the year-slices from the status quo to the target.

    Parameters
    ----------
    first_year
        Year of the status quo [a].
    target_year
        Year of neutrality [a].
    step
        Distance of two slices [a].

    Returns
    -------
    tuple of int
        Ascending, both ends included; at least two years.

    Raises
    ------
    InputError
        If the step is not positive, or does not divide the years between the ends.

    Examples
    --------
    >>> slice_years(2020, 2035)
    (2020, 2025, 2030, 2035)
    """
    faults = []
    if step < 1:
        faults.append(
            Fault(FILE, "not a step", column="step", value=str(step), remedy="give a year or more")
        )
    if target_year <= first_year:
        faults.append(
            Fault(
                FILE,
                f"the target is not after the first year {first_year}",
                column="target_year",
                value=str(target_year),
                remedy=f"give a year after {first_year}",
            )
        )
    if not faults and (target_year - first_year) % step:
        whole = (target_year - first_year) // step
        near = [first_year + step * n for n in (whole, whole + 1) if n]
        faults.append(
            Fault(
                FILE,
                f"{target_year - first_year} years are no whole number of steps of {step} years",
                column="target_year",
                value=str(target_year),
                remedy=f"choose {' or '.join(map(str, near))}, or another step",
            )
        )
    if faults:
        raise InputError(faults)
    return tuple(range(first_year, target_year + 1, step))


def chain_to(year: int, first_year: int, target_year: int, step: int = 5) -> tuple[int, ...]:
    """List the slices that have to be solved for ``year``, in the order of solving.

    A slice inherits its bounds from the slice after it, so it rests on all slices from the
    target down to itself.

    Parameters
    ----------
    year
        The slice that is wanted [a].
    first_year, target_year, step
        As in :func:`slice_years` [a].

    Returns
    -------
    tuple of int
        Descending, from the target to ``year``.

    Raises
    ------
    InputError
        If ``year`` is not a slice.

    Examples
    --------
    >>> chain_to(2035, 2020, 2050)
    (2050, 2045, 2040, 2035)
    """
    years = slice_years(first_year, target_year, step)
    if year not in years:
        raise InputError(
            [
                Fault(
                    FILE,
                    "not a slice of this pathway",
                    column="year",
                    value=str(year),
                    remedy=f"choose one of {', '.join(map(str, years))}",
                )
            ]
        )
    return tuple(reversed(years[years.index(year) :]))
