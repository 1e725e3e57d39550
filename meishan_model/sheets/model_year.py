"""The length of the model year, and how much of it one hour of a slice stands for."""

from __future__ import annotations

HOURS_OF_YEAR = 8760
"""Hours of the model year: 29 February is absent."""


def weight_of_hour(hours: int) -> float:
    """Hours of the year that one hour of a slice of ``hours`` hours stands for [1].

    1 in a slice of the whole year; a trial of two weeks stands for the year with 26.07.
    """
    return HOURS_OF_YEAR / hours
