"""Bends: where a line turns to one hand, and the plateaus of curvature that explain it best."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from geo_routes.model import FloatArray

_CORE = 2.0
_EDGE = 1.0
_LEAST_RAMP_M = 1.0
_SHORTEST_M = 4.0
_MOST_PLATEAUS = 4
_MOST_SAMPLES = 120
_EVALUATIONS = 25
# A bend is one when it explains the vertices better than a straight line by this much of BIC.
_BETTER_THAN_STRAIGHT = 8.0
_BETTER = 6.0
_ORDER_WEIGHT = 0.1
# The formal spread knows the noise, not that plateaus and ramps may be other than found. On lines
# of known truth 93 % of the plateaus lie within 9 to 13 formal standard deviations.
_STRUCTURE = 5.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bend:
    """A chain of plateaus of curvature between ramps.

    Parameters
    ----------
    middle_m, ramp_m : (k + 1,) float64
        Middles and lengths of the ramps, along the curve.
    curvature_per_m, sd_per_m : (k,) float64
        Of the plateaus between them.
    """

    middle_m: FloatArray
    ramp_m: FloatArray
    curvature_per_m: FloatArray
    sd_per_m: FloatArray


def find_bends(curvature: FloatArray, sd: FloatArray) -> list[tuple[int, int]]:
    """Find stretches that turn to one hand and stand out of the noise, as first and last knot."""
    size, sign = np.abs(curvature), np.sign(curvature)
    core, edge = size > _CORE * sd, size > _EDGE * sd
    found: list[tuple[int, int]] = []
    i, count = 0, len(curvature)
    while i < count:
        if not core[i]:
            i += 1
            continue
        last = i
        while last + 1 < count and sign[last + 1] == sign[i] and edge[last + 1]:
            last += 1
        first = i
        least = found[-1][1] + 1 if found else 0
        while first > least and sign[first - 1] == sign[i] and edge[first - 1]:
            first -= 1
        found.append((first, last))
        i = last + 1
    return found


def fit_bend(
    place_m: FloatArray,
    across_m: FloatArray,
    *,
    knots_m: FloatArray,
    curvature: FloatArray,
    ends_m: tuple[float, float],
    width_m: float,
    sigma_m: float,
    floor_m: float,
) -> Bend | None:
    """Fit plateaus of curvature to the places of a bend; None where a straight line is as good.

    Parameters
    ----------
    place_m, across_m : (n,) float64
        Places along the curve, and the sideways way whose second derivative is the curvature.
    knots_m, curvature : (m,) float64
        The smooth curvature within the bend, to begin with.
    ends_m : tuple of float
        Between which the ramps may lie.
    width_m, sigma_m, floor_m : float
        Kernel half-width of the smooth curvature; what a vertex is off, and at least.

    Returns
    -------
    Bend or None

    Notes
    -----
    For given ramps the sideways way is linear in the curvatures of the plateaus; the ramps are
    found by Gauss-Newton with the linear part solved each time. How many plateaus there are is
    told by the Bayesian information criterion.
    """
    count = len(place_m)
    along_m = place_m - place_m[0]
    # Over so short a way there is nothing to tell a ramp from a plateau.
    if min(ends_m[1] - ends_m[0], along_m[-1]) < _SHORTEST_M:
        return None
    away = across_m - np.polyval(np.polyfit(along_m, across_m, 1), along_m)
    least = count * floor_m**2 * 0.05

    def criterion(loss: float, parameters: int) -> float:
        return float(count * np.log(max(loss, least) / count) + parameters * np.log(count))

    straight = criterion(float(away @ away), 2)
    best: tuple[float, int, Bend] | None = None
    for plateaus in range(1, _MOST_PLATEAUS + 1):
        parameters = 2 * (plateaus + 1) + plateaus + 2
        if count < parameters + 2 or len(knots_m) < 3 * plateaus:
            break
        begin = _begin(knots_m, curvature, plateaus)
        ramp_m = max(min(2 * width_m, (knots_m[-1] - knots_m[0]) / 4 / plateaus), _LEAST_RAMP_M)
        bend, loss = _refine(place_m, away, begin, ramp_m, ends_m, sigma_m)
        score = criterion(loss, parameters)
        if best is None or score < best[0] - _BETTER:
            best = score, plateaus, bend
        elif plateaus >= best[1] + 2:
            break
        if loss / max(count - parameters, 1) < floor_m**2 / 4:
            break
    if best is None or best[0] > straight - _BETTER_THAN_STRAIGHT:
        return None
    return best[2]


def _begin(knots_m: FloatArray, curvature: FloatArray, plateaus: int) -> FloatArray:
    """Guess the middles of the ramps: at half height, and where plateaus part best."""
    high = np.nonzero(np.abs(curvature) > np.quantile(np.abs(curvature), 0.9) / 2)[0]
    inner: list[float] = []
    if plateaus > 1:
        step = max(len(curvature) // _MOST_SAMPLES, 1)
        cuts = _cut(curvature[::step], plateaus)
        inner = [float(knots_m[::step][cut]) for cut in cuts]
    begin = np.array([knots_m[high[0]], *inner, knots_m[high[-1]]], dtype=np.float64)
    return np.maximum.accumulate(begin)


def _cut(values: FloatArray, pieces: int) -> list[int]:
    """Cut a sequence into the pieces of constant value with the least sum of squares."""
    count = len(values)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    squares = np.concatenate(([0.0], np.cumsum(values**2)))
    ends = np.arange(count + 1)
    # cost[i, j] of one piece from i to j.
    spans = np.maximum(ends[None, :] - ends[:, None], 1)
    cost = squares[None, :] - squares[:, None] - (sums[None, :] - sums[:, None]) ** 2 / spans
    cost[ends[:, None] >= ends[None, :]] = np.inf
    best, came_from = cost[0], []
    for _ in range(1, pieces):
        total = best[:, None] + cost
        came_from.append(np.argmin(total, axis=0))
        best = np.min(total, axis=0)
    cuts, at = [], count
    for came in reversed(came_from):
        at = int(came[at])
        cuts.append(min(max(at, 1), count - 1))
    return sorted(cuts)


def _refine(
    place_m: FloatArray,
    away_m: FloatArray,
    begin_m: FloatArray,
    ramp_m: float,
    ends_m: tuple[float, float],
    sigma_m: float,
) -> tuple[Bend, float]:
    count = len(begin_m)
    low, high = ends_m
    span = high - low

    def residuals(parameters: FloatArray) -> FloatArray:
        middle, ramp = parameters[:count], parameters[count:]
        design = _design(place_m, middle, ramp)
        solved = np.linalg.lstsq(design, away_m, rcond=None)[0]
        overlap = np.minimum(np.diff(middle) - (ramp[:-1] + ramp[1:]) / 2, 0.0)
        return np.concatenate(((away_m - design @ solved) / sigma_m, _ORDER_WEIGHT * overlap))

    start = np.concatenate(
        (
            np.clip(begin_m, low + 1e-3, high - 1e-3),
            np.full(count, float(np.clip(ramp_m, _LEAST_RAMP_M * 1.001, span))),
        )
    )
    bounds = (
        np.concatenate((np.full(count, low), np.full(count, _LEAST_RAMP_M))),
        np.concatenate((np.full(count, high), np.full(count, span + _LEAST_RAMP_M))),
    )
    scale = np.full(2 * count, max(span / 20, 1.0))
    found = least_squares(residuals, start, bounds=bounds, x_scale=scale, max_nfev=_EVALUATIONS)
    middle, ramp = found.x[:count], found.x[count:]
    design = _design(place_m, middle, ramp)
    solved = np.linalg.lstsq(design, away_m, rcond=None)[0]
    loss = float(np.sum((away_m - design @ solved) ** 2))
    slopes = found.jac[: len(place_m)] * sigma_m
    full = np.column_stack((design, slopes))
    covariance = np.linalg.pinv(full.T @ full)
    freedom = max(len(place_m) - full.shape[1], 1)
    sigma = max(float(np.sqrt(loss / freedom)), sigma_m)
    sd = sigma * np.sqrt(np.maximum(np.diag(covariance)[2 : count + 1], 0.0))
    bend = Bend(
        middle_m=middle,
        ramp_m=ramp,
        curvature_per_m=np.asarray(solved[2:], dtype=np.float64),
        sd_per_m=_STRUCTURE * sd,
    )
    return bend, loss


def _design(place_m: FloatArray, middle_m: FloatArray, ramp_m: FloatArray) -> FloatArray:
    """Give the sideways way of unit plateaus, beside an offset and a heading."""
    ramps = [
        (_cube(place_m - (x - h / 2)) - _cube(place_m - (x + h / 2))) / h
        for x, h in zip(middle_m, ramp_m, strict=True)
    ]
    plateaus = [one - two for one, two in itertools.pairwise(ramps)]
    return np.column_stack((np.ones_like(place_m), place_m - place_m.mean(), *plateaus))


def _cube(x: FloatArray) -> FloatArray:
    return np.asarray(np.maximum(x, 0.0) ** 3 / 6)
