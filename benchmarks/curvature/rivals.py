"""Usual ways to get curvature from a line: functions from lonlat to chainage and curvature.

All of them unroll the chain of geodesics onto a plane first, with its true lengths and turns, so
that no projection tells them apart. Curvature is in 1/m, left positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Geod

from benchmarks.curvature.truth import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.interpolate import BSpline

Profile = tuple[FloatArray, FloatArray]

SAME_PLACE_M = 0.05
RESAMPLED_STEP_M = 50.0
WINDOW_M = 200.0
LEAST_WINDOW = 5
WINDOW_ORDER = 3
LEAST_STEP_M = 5.0
SPLINE_UNIT_M = 100.0
SPLINE_CAP = 1_000
LEAST_SPLINE = 5

_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unrolled:
    """A line unrolled onto a plane, without vertices within 5 cm of the one before.

    Parameters
    ----------
    plane_m : (n, 2) float64
    chainage_m : (n,) float64
        Along the line as it was given.
    turns_rad : (n - 2,) float64
        At each inner vertex, left positive.
    """

    plane_m: FloatArray
    chainage_m: FloatArray
    turns_rad: FloatArray


def unroll(lonlat: FloatArray) -> Unrolled:
    """Unroll a line; each chord keeps its length and each vertex its turn."""
    kept = _apart(lonlat)
    _, _, steps_m = _GEOD.inv(*lonlat[:-1].T, *lonlat[1:].T)
    chainage_m = np.concatenate(([0.0], np.cumsum(steps_m)))[kept]
    line = lonlat[kept]
    ahead, back, chords_m = _GEOD.inv(*line[:-1].T, *line[1:].T)
    turns = (back[:-1] + 180 - ahead[1:] + 180) % 360 - 180
    turns_rad = np.radians(turns)
    heading = np.concatenate(([0.0], np.cumsum(turns_rad)))
    moves_m = chords_m[:, None] * np.column_stack((np.cos(heading), np.sin(heading)))
    plane_m = np.concatenate((np.zeros((1, 2)), np.cumsum(moves_m, axis=0)))
    return Unrolled(plane_m=plane_m, chainage_m=chainage_m, turns_rad=turns_rad)


def three_point(lonlat: FloatArray) -> Profile:
    """Lay a circle through each vertex and its two neighbours; the ends take the next one's."""
    line = unroll(lonlat)
    inner = _circles(line.plane_m)
    return line.chainage_m, np.concatenate((inner[:1], inner, inner[-1:]))


def resampled_three_point(lonlat: FloatArray) -> Profile:
    """Put a point on the line every 50 m and lay circles through three neighbours."""
    line = unroll(lonlat)
    chainage_m, plane_m = _resampled(line, RESAMPLED_STEP_M)
    inner = _circles(plane_m)
    return chainage_m, np.concatenate((inner[:1], inner, inner[-1:]))


def savitzky_golay(lonlat: FloatArray) -> Profile:
    """Fit cubics in a sliding window of 200 m and at least five points.

    The points lie on the line at its median spacing, but not closer than 5 m.
    """
    # scipy takes a while to import, and not every run needs it.
    from scipy.signal import savgol_filter  # noqa: PLC0415

    line = unroll(lonlat)
    step_m = max(float(np.median(np.diff(line.chainage_m))), LEAST_STEP_M)
    chainage_m, plane_m = _resampled(line, step_m)
    step_m = float(chainage_m[1])
    window = max(2 * round(WINDOW_M / step_m / 2) + 1, LEAST_WINDOW)
    window = min(window, len(plane_m) - 1 + len(plane_m) % 2)
    order = min(WINDOW_ORDER, window - 1)
    first, second = (
        savgol_filter(plane_m, window, order, deriv=d, delta=step_m, axis=0) for d in (1, 2)
    )
    return chainage_m, _of_derivatives(first, second)


def smoothing_spline(lonlat: FloatArray) -> Profile:
    """Fit cubic smoothing splines to both coordinates over chainage, smoothed by GCV.

    Generalised cross-validation takes seconds on long lines, so the weight of smoothness is looked
    for on the first 1,000 vertices and used for all. Chainage counts in units of 100 m: scipy looks
    for the weight between 0 and the number of points, and in metres the best one lies above that.
    """
    # As above.
    from scipy.interpolate import make_smoothing_spline  # noqa: PLC0415

    line = unroll(lonlat)
    if len(line.plane_m) < LEAST_SPLINE:
        return three_point(lonlat)
    places = line.chainage_m / SPLINE_UNIT_M
    derivatives = []
    for values in line.plane_m.T:
        spline = make_smoothing_spline(places[:SPLINE_CAP], values[:SPLINE_CAP])
        if len(values) > SPLINE_CAP:
            weight = _smoothing_weight(spline, places[:SPLINE_CAP], values[:SPLINE_CAP])
            spline = make_smoothing_spline(places, values, lam=weight)
        derivatives.append([spline(places, nu=d) / SPLINE_UNIT_M**d for d in (1, 2)])
    first, second = np.moveaxis(np.array(derivatives), 0, -1)
    return line.chainage_m, _of_derivatives(first, second)


def _smoothing_weight(spline: BSpline, places: FloatArray, values: FloatArray) -> float:
    """Give the weight that a smoothing spline was fitted with.

    At the minimum of Σ (y - f)² + λ ∫ f''² a change along f itself gains nothing, so
    Σ (y - f) f = λ ∫ f''². A straight line may be taken from f: residuals are orthogonal to it.
    """
    fitted = spline(places)
    bent = fitted - np.polynomial.Polynomial.fit(places, fitted, 1)(places)
    second = spline(places, nu=2)
    # The square of a piecewise linear function, by Simpson's rule, which is exact for it.
    squares = (second[:-1] ** 2 + second[:-1] * second[1:] + second[1:] ** 2) / 3
    bending = float(np.sum(np.diff(places) * squares))
    return max(float((values - fitted) @ bent) / bending, 0.0) if bending > 0 else 0.0


def _apart(lonlat: FloatArray) -> IntArray:
    """Choose vertices that lie apart from the one before."""
    _, _, steps_m = _GEOD.inv(*lonlat[:-1].T, *lonlat[1:].T)
    return np.concatenate(([0], np.nonzero(steps_m >= SAME_PLACE_M)[0] + 1))


def _resampled(line: Unrolled, step_m: float) -> Profile:
    """Give chainages at even steps of about ``step_m``, and the places there."""
    length_m = line.chainage_m[-1]
    chainage_m = np.linspace(0, length_m, max(round(length_m / step_m), 2) + 1)
    places = [np.interp(chainage_m, line.chainage_m, values) for values in line.plane_m.T]
    return chainage_m, np.column_stack(places)


def _circles(plane_m: FloatArray) -> FloatArray:
    """Give the curvature of the circle through each point and its neighbours: 4 areas / sides."""
    before, behind = np.diff(plane_m, axis=0)[:-1], np.diff(plane_m, axis=0)[1:]
    across = before + behind
    twice_area = before[:, 0] * behind[:, 1] - before[:, 1] * behind[:, 0]
    sides = np.hypot(*before.T) * np.hypot(*behind.T) * np.hypot(*across.T)
    return np.asarray(2 * twice_area / sides)


def _of_derivatives(first: FloatArray, second: FloatArray) -> FloatArray:
    """Give the curvature of a plane curve from its derivatives by any parameter."""
    cross = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    return np.asarray(cross / np.hypot(*first.T) ** 3)
