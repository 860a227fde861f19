"""A figure from the world: its value, its range, and where it is from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from geo_routes.errors import InvalidNoun

# Which end of a range: what makes a run slow, what is expected, what makes it fast.
End = Literal["slow", "expected", "fast"]
ENDS: tuple[End, ...] = ("slow", "expected", "fast")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its range and its source.

    Parameters
    ----------
    value, low, high : float
        What is expected, and between which ends it lies; all the same where nothing else is said.
    source : str
        Where it is published; empty for an assumption.
    assumption : str
        Why it was assumed so; empty where it has a source. An assumption has a range.

    Raises
    ------
    InvalidNoun
        If it has neither source nor assumption, or its ends do not hold its value.
    """

    value: float
    low: float
    high: float
    source: str = ""
    assumption: str = ""

    def __post_init__(self) -> None:
        """Refuse a figure that nobody could defend."""
        if not all(math.isfinite(x) for x in (self.value, self.low, self.high)):
            msg = "holds a figure that is not finite"
            raise InvalidNoun(msg)
        if not self.low <= self.value <= self.high:
            msg = f"{self.value:g} does not lie between {self.low:g} and {self.high:g}"
            raise InvalidNoun(msg, value=self.value)
        if bool(self.source) == bool(self.assumption):
            msg = f"the figure {self.value:g} needs either a source or an assumption"
            raise InvalidNoun(msg, value=self.value)
        if self.assumption and self.low == self.high:
            msg = f"the figure {self.value:g} is an assumption without a range"
            raise InvalidNoun(msg, remedy="give low and high", value=self.value)

    def at(self, end: End, *, more_is_faster: bool) -> float:
        """Give the value at one end of its range.

        Parameters
        ----------
        end : {"slow", "expected", "fast"}
        more_is_faster : bool
            Whether a larger figure makes a run faster.
        """
        if end == "expected":
            return self.value
        return self.high if (end == "fast") == more_is_faster else self.low

    def scaled(self, factor: float) -> Figure:
        """Give the same figure in another unit."""
        return Figure(
            value=self.value * factor,
            low=self.low * factor,
            high=self.high * factor,
            source=self.source,
            assumption=self.assumption,
        )
