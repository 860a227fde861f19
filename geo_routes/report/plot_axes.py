"""What a plot needs besides its data: ticks, room for labels, lines thinned to what is seen."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable

import numpy as np

from geo_routes.chainage import Stationing, write_stationing
from geo_routes.model import FloatArray, IntArray
from geo_routes.report.saying import MILE_M, Units

# Round radii in a power of ten, the roundest first.
_ROUND = ((1.0, 2.0, 5.0), (1.5, 3.0), (4.0, 2.5, 7.0))
_STEPS = (1.0, 2.0, 5.0)
# Mean widths in the em of a text, by what the characters are.
_WIDE_EM, _NARROW_EM = 1.0, 0.56


def chainage_ticks(
    length_m: float, *, most: int, units: Units, stationing: Stationing
) -> list[tuple[float, str]]:
    """List round chainages with their labels, from 0 to the end of a line.

    Parameters
    ----------
    length_m : float
    most : int
        Ticks at most, besides the one at 0.
    units : {"km", "mi"}
    stationing : Stationing

    Returns
    -------
    list of (float, str)
        Chainage in metres, and how it is written.
    """
    unit_m = MILE_M if units == "mi" or stationing == "12m34ch" else 1000.0
    least = length_m / unit_m / most
    power = 10.0 ** math.floor(math.log10(least))
    step = next(s * power for s in (*_STEPS, 10.0) if s * power >= least * (1 - 1e-9))
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    ticks = []
    for number in range(int(length_m / unit_m / step * (1 + 1e-12)) + 1):
        value = number * step
        if stationing == "12.345":
            label = f"{value:,.{digits}f}"
        else:
            label = write_stationing(value * unit_m / 1000, stationing)
        ticks.append((value * unit_m, label))
    return ticks


def radius_ticks(
    lowest_per_m: float, highest_per_m: float, *, place: Callable[[float], float], apart: float
) -> list[float]:
    """List the curvatures of round radii that have room on an axis; 0 is always one of them.

    Parameters
    ----------
    lowest_per_m, highest_per_m : float
        Ends of the axis, at most and at least 0.
    place : callable
        Curvature → place on the drawing.
    apart : float
        Least distance of two ticks on the drawing.

    Returns
    -------
    list of float
        Left positive, rising.
    """
    taken = [0.0]
    places = [place(0.0)]
    widest = 1 / max(highest_per_m, -lowest_per_m)
    first = math.floor(math.log10(widest))
    for rounds in _ROUND:
        radii = sorted(r * 10.0**power for power in range(first, first + 4) for r in rounds)
        for curvature in (sign / r for r in radii for sign in (1, -1)):
            inside = lowest_per_m <= curvature <= highest_per_m
            if inside and all(abs(place(curvature) - p) >= apart for p in places):
                taken.append(curvature)
                places.append(place(curvature))
    return sorted(taken)


def curvature_ticks(lowest_per_m: float, highest_per_m: float, *, most: int) -> list[float]:
    """List evenly spaced round curvatures between two, 0 among them."""
    least = (highest_per_m - lowest_per_m) / most
    power = 10.0 ** math.floor(math.log10(least))
    step = next(s * power for s in (*_STEPS, 10.0) if s * power >= least * (1 - 1e-9))
    numbers = range(math.ceil(lowest_per_m / step), math.floor(highest_per_m / step) + 1)
    return [number * step for number in numbers]


def text_width(text: str, *, size: float) -> float:
    """Estimate the width of a text, for no font is at hand to measure it."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return size * (_WIDE_EM * wide + _NARROW_EM * (len(text) - wide))


class Room:
    """The places on a drawing that labels have taken."""

    def __init__(self, *, left: float, right: float) -> None:
        self.left = left
        self.right = right
        self._boxes: list[tuple[float, float, float, float]] = []

    def take(self, x: float, y: float, width: float, height: float) -> float | None:
        """Take room for a label, centred as near to ``x`` as the edges let it.

        Returns
        -------
        float or None
            Its centre; None where another label is in the way.
        """
        if width > self.right - self.left:
            return None
        start = min(max(x - width / 2, self.left), self.right - width)
        box = (start, y, start + width, y + height)
        for other in self._boxes:
            beside = box[0] >= other[2] or box[2] <= other[0]
            if not (beside or box[1] >= other[3] or box[3] <= other[1]):
                return None
        self._boxes.append(box)
        return start + width / 2


def thin(places: FloatArray, values: FloatArray, *, bins: FloatArray) -> IntArray:
    """Choose the points of a line that a drawing shows: of each bin the lowest and the highest.

    Parameters
    ----------
    places : (n,) float64
        Rising.
    values : (n,) float64
    bins : (m,) float64
        Where bins end and begin, rising.

    Returns
    -------
    (k,) int64
        Indices, rising, the first and the last among them; all of them where a thinned line would
        have no fewer. No peak is lost.
    """
    count = len(places)
    which = np.searchsorted(bins, places, side="right")
    edges = np.flatnonzero(np.diff(which)) + 1
    if count <= 2 * (len(edges) + 1):
        return np.arange(count)
    order = np.lexsort((values, which))
    lowest = order[np.concatenate(([0], edges))]
    highest = order[np.concatenate((edges - 1, [count - 1]))]
    return np.unique(np.concatenate((lowest, highest, [0, count - 1])))


def join(points: Iterable[tuple[float, float]]) -> str:
    """Write points as SVG does: tenths of a pixel along, hundredths across."""
    return " ".join(f"{x:.1f},{y:.2f}" for x, y in points)
