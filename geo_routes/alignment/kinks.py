"""Corners: bends so short that one turn at one place explains them as well."""

from __future__ import annotations

import numpy as np

from geo_routes.alignment.search import explained
from geo_routes.alignment.sights import Fit, Sight, project
from geo_routes.model import FloatArray

# A bend longer than so many of the shortest plateaus that can be told is no corner.
_LONGEST = 13.0
# Or it has so few places on it, whatever its length.
_FEW_PLACES = 3
_PLACES = 15
# A corner has two parameters, a curve with its ramps five: chi-square that the curve must gain.
_WORTH = 6.0


def turn_at_deg(xy_m: FloatArray, place_m: FloatArray, at_m: float, *, reach_m: float) -> float:
    """Give how far a line turns at a corner: between its directions before and after.

    Parameters
    ----------
    xy_m : (n, 2) float64
        Vertices of the line unrolled onto a plane.
    place_m : (n,) float64
        Where they lie along the curve.
    at_m, reach_m : float
        The corner, and how far its sides are looked at.

    Returns
    -------
    float
        Left positive.
    """
    middle = int(np.searchsorted(place_m, at_m))
    low, high = np.searchsorted(place_m, [at_m - reach_m, at_m + reach_m]).tolist()
    low, high = max(min(low, middle - 2), 0), min(max(high, middle + 2), len(place_m))
    before = xy_m[max(middle - 1, low)] - xy_m[low]
    after = xy_m[high - 1] - xy_m[min(middle, high - 1)]
    cross, dot = before[0] * after[1] - before[1] * after[0], before @ after
    return float(np.degrees(np.arctan2(cross, dot)))


def find_corner(
    sight: Sight, fit: Fit, plateau: int, *, sigma_m: float
) -> tuple[float, float] | None:
    """Tell whether a plateau between two tangents is a corner; give its place and turn.

    Parameters
    ----------
    sight : Sight
    fit : Fit
    plateau : int
        One that is no tangent.
    sigma_m : float

    Returns
    -------
    tuple of float or None
        Place in metres and turn in radians, left positive.
    """
    chain, j = fit.chain, plateau
    if j in (0, len(chain)) or not (chain.straight[j - 1] and chain.straight[j + 1]):
        return None
    from_m, to_m = float(chain.begins_m[j - 1]), float(chain.ends_m[j])
    inside = int(np.sum((sight.place_m > from_m) & (sight.place_m < to_m)))
    if inside > _FEW_PLACES and to_m - from_m > _LONGEST * sight.least_m:
        return None
    up = np.maximum(sight.place_m[:, None] - chain.begins_m[j - 1 : j + 1], 0.0)
    down = np.maximum(sight.place_m[:, None] - chain.ends_m[j - 1 : j + 1], 0.0)
    ways = (up**3 - down**3) / (6 * chain.ramp_m[j - 1 : j + 1])
    bend = project(sight, (ways[:, 0] - ways[:, 1]) * chain.curvature_per_m[j])
    grid = np.linspace(from_m, to_m, _PLACES)
    corners = project(sight, np.maximum(sight.place_m[:, None] - grid, 0.0))
    target = fit.left_m + bend
    basis = explained(sight, chain, without=j)
    if basis is not None:
        corners = corners - basis @ (basis.T @ corners)
        target = target - basis @ (basis.T @ target)
    size = np.sum(corners**2, axis=0)
    way = corners.T @ target
    sound = size > 0
    gain = np.where(sound, way**2 / np.where(sound, size, 1.0), 0.0)
    best = int(np.argmax(gain))
    left = float(target @ target - gain[best])
    if left > float(fit.left_m @ fit.left_m) + _WORTH * sigma_m**2:
        return None
    return float(grid[best]), float(way[best] / size[best])
