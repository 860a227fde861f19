"""Stretches of a line that run beside an earlier stretch: second tracks, ways back, repeats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_routes import chainage, intervals
from geo_routes.model import FloatArray
from geo_routes.survey import Survey

# Tracks of one line lie 4 to 25 m apart, at stations more.
BESIDE_M = 50.0
_CELLS = 4_000
_LEAST_CELL_M = 5.0
# What crosses a line is near it for a little way; what runs beside it, for longer.
_LEAST_RUN_M = 300.0
_SAME_LINE_M = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doubling:
    """What of a line runs beside an earlier stretch of itself.

    Parameters
    ----------
    again_m : (k, 2) float64
        The later stretches, as intervals of chainage.
    offset_m : float
        Median distance between the two.
    """

    again_m: FloatArray
    offset_m: float

    @property
    def length_m(self) -> float:
        """Metres that are there twice."""
        return intervals.total_m(self.again_m)

    @property
    def is_repeat(self) -> bool:
        """Whether the two are one line drawn twice, rather than two tracks."""
        return self.offset_m < _SAME_LINE_M


NOTHING_DOUBLED = Doubling(again_m=intervals.EMPTY, offset_m=0.0)


def find_doubling(survey: Survey, *, cells: int = _CELLS) -> Doubling:
    """Find what of a line runs beside an earlier stretch of itself, within 50 m.

    Parameters
    ----------
    survey : Survey
    cells : int
        Into how many the line is cut at most: the more, the more exact and the slower.

    Returns
    -------
    Doubling
        To a cell's width; short runs, as at a crossing, are left out.
    """
    length_m = survey.length_m
    if length_m < 2 * _LEAST_RUN_M:
        return NOTHING_DOUBLED
    cell_m = max(length_m / cells, _LEAST_CELL_M)
    here_m = np.arange(cell_m / 2, length_m, cell_m)
    ruler = survey.ruler
    found = chainage.locate(ruler, chainage.interpolate(ruler, here_m), slack_m=BESIDE_M)
    behind_m = here_m[found.point] - found.chainage_m
    earlier = (behind_m > 4 * BESIDE_M) & (found.offset_m <= BESIDE_M)
    # A bend or a loop comes near itself: only what came round from further away is another pass.
    earlier &= behind_m > np.pi * found.offset_m
    twice = np.zeros(len(here_m), dtype=bool)
    twice[found.point[earlier]] = True
    if not twice.any():
        return NOTHING_DOUBLED
    runs = intervals.unite(
        np.column_stack((here_m[twice] - cell_m * 0.5001, here_m[twice] + cell_m * 0.5001))
    )
    runs = runs[runs[:, 1] - runs[:, 0] >= _LEAST_RUN_M]
    if len(runs) == 0:
        return NOTHING_DOUBLED
    return Doubling(
        again_m=intervals.clip(runs, from_m=0.0, to_m=length_m),
        offset_m=float(np.median(found.offset_m[earlier])),
    )
