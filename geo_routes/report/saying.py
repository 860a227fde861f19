"""Lengths and chainages in people's units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from geo_routes.chainage import Stationing, write_stationing

Units = Literal["km", "mi"]

# International mile (NIST SP 811, appendix B.8).
MILE_M = 1_609.344
MOST_ROWS = 200
WORDS = {"at_grade": "at grade"}


def say_length(length_m: float, *, units: Units = "km") -> str:
    """Say a length in people's units, to the metre or the thousandth of a mile."""
    value = length_m / (1000 if units == "km" else MILE_M)
    return f"{value:.3f} {units}"


def say_chainage(
    chainage_m: float, *, stationing: Stationing = "12.345", units: Units = "km"
) -> str:
    """Say a chainage.

    Examples
    --------
    >>> say_chainage(12345.2), say_chainage(12345.2, stationing="12+345")
    ('12.345 km', '12+345')
    >>> say_chainage(20_000.0, stationing="12m34ch")
    '12m34ch'
    """
    if stationing != "12.345":
        return write_stationing(chainage_m / 1000, stationing)
    return say_length(chainage_m, units=units)


def more(count: int) -> Iterator[str]:
    """Say how many rows are left out of a table."""
    if count > MOST_ROWS:
        yield f"    ... and {count - MOST_ROWS:,} more (all of them with --json)"
