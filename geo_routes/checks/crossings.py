"""Where a line crosses itself."""

from __future__ import annotations

import numpy as np

from geo_routes import geodesy
from geo_routes.model import FloatArray, IntArray
from geo_routes.survey import Survey

_MOST_STEPS = 300_000
_LONG_STEP_M = 50_000.0
_MOST_PAIRS = 2_000_000


def find_crossings(survey: Survey) -> list[tuple[float, float]]:
    """Find where steps of a line cross, as pairs of chainages, the first by chainage.

    Touching and running along itself is no crossing. Steps of more than 50 km are left out, for
    between them a geodesic is no straight line on any plane; so are lines of more than 300,000
    vertices and those that cross themselves without end.

    Returns
    -------
    list of tuple
        Chainage of the first and of the second pass.
    """
    steps_m = np.diff(survey.chainage_m)
    own = (steps_m > 0) & (steps_m < _LONG_STEP_M)
    own[survey.route.part_starts[1:] - 1] = False
    steps = np.nonzero(own)[0]
    if not 2 < len(steps) <= _MOST_STEPS:
        return []
    xy = _unrolled(survey.route.lonlat)
    pairs = _near_pairs(xy, steps)
    if len(pairs) == 0:
        return []
    one, two = pairs.T
    east_m, north_m = geodesy.metres_per_degree(xy[one, 1])
    scale = np.column_stack((east_m, north_m))
    a = np.zeros_like(scale)
    b, c, d = ((xy[i] - xy[one]) * scale for i in (one + 1, two, two + 1))
    share, other = _meet(a, b, c, d)
    crosses = (share > 0) & (share < 1) & (other > 0) & (other < 1)
    first_m = survey.chainage_m[one] + share * steps_m[one]
    second_m = survey.chainage_m[two] + other * steps_m[two]
    order = np.lexsort((second_m[crosses], first_m[crosses]))
    found = np.column_stack((first_m[crosses], second_m[crosses]))[order]
    return [(low, high) for low, high in found.tolist()]


def _unrolled(lonlat: FloatArray) -> FloatArray:
    """Give longitudes that do not jump at the antimeridian."""
    lon = np.degrees(np.unwrap(np.radians(lonlat[:, 0])))
    return np.column_stack((lon, lonlat[:, 1]))


def _near_pairs(xy: FloatArray, steps: IntArray) -> IntArray:
    from shapely import STRtree, box  # noqa: PLC0415 - shapely costs a short command its start

    low, high = np.minimum(xy[steps], xy[steps + 1]), np.maximum(xy[steps], xy[steps + 1])
    boxes = box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    tree = STRtree(boxes)
    left, right = tree.query(boxes)
    apart = right > left
    if np.count_nonzero(apart) > _MOST_PAIRS:
        return np.empty((0, 2), dtype=np.int64)
    one, two = steps[left[apart]], steps[right[apart]]
    neighbours = two - one <= 1
    return np.asarray(np.column_stack((one, two))[~neighbours], dtype=np.int64)


def _meet(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give where along each two segments meet, as shares; NaN where they are parallel."""
    r, s, between = b - a, d - c, c - a
    across = r[:, 0] * s[:, 1] - r[:, 1] * s[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (between[:, 0] * s[:, 1] - between[:, 1] * s[:, 0]) / across
        other = (between[:, 0] * r[:, 1] - between[:, 1] * r[:, 0]) / across
    return share, other
