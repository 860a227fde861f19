"""The smoothest curve that the vertices allow: a penalised spline, its stiffness chosen by REML."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_solve_banded, cholesky_banded

from geo_routes.model import FloatArray, IntArray

_ROUNDS = 3
# Kernel half-widths that are tried, in knots; beyond these the knots are laid anew.
_NARROWEST, _WIDEST = 0.7, 40.0
_TRIALS = 13
_FEW_TRIALS = 5
_KNOTS_A_WIDTH = 1.6
# Of a long line some stretches of some vertices are enough to tell how stiff the curve is.
_SAMPLES, _SAMPLE = 5, 3_000
_BAND = 3
_RIDGE = 1e-7
_SLOWEST = 1e-6
# A leap of the coordinates may be as long as the Earth is round.
_KNOTS_A_VERTEX = 30
# Rows of D3' D3, the third differences squared: their bands from the diagonal outwards.
_THIRD = np.array([1.0, -3.0, 3.0, -1.0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """A smooth plane curve along a chain of places.

    Parameters
    ----------
    knot_m : float
        Distance of the knots along the curve.
    coefficients_m : (m, 2) float64
        Of uniform cubic B-splines.
    place_m : (n,) float64
        Where along the curve each place of the chain has its foot.
    offset_m : (n,) float64
        How far each place lies to the left of the curve.
    weight : (n,) float64
        How sure each place was taken to be: the usual standard deviation over its own.
    width_m : float
        Half-width of the kernel that the smoothing amounts to.
    sigma_m : float
        Standard deviation of the places across the curve.
    length_m : float
    """

    knot_m: float
    coefficients_m: FloatArray
    place_m: FloatArray
    offset_m: FloatArray
    weight: FloatArray
    width_m: float
    sigma_m: float
    length_m: float


def smooth(
    xy_m: FloatArray,
    *,
    sigma_m: float | None,
    floor_m: float,
    guess_m: float,
    weight: FloatArray | None = None,
) -> Curve:
    """Fit a smooth curve to a chain of places.

    Parameters
    ----------
    xy_m : (n, 2) float64
        Four places or more, none on top of the one before.
    sigma_m : float, optional
        Standard deviation of a place across the curve, where it is known.
    floor_m : float
        The least that it can be, by the rounding of the coordinates.
    guess_m : float
        What it may be at most, by differences of neighbours.
    weight : (n,) float64, optional
        How sure each place is: the usual standard deviation over its own.

    Returns
    -------
    Curve

    Notes
    -----
    Least ``sum(offset²) / sigma² + lambda * integral(curve'''²)`` over uniform cubic B-splines
    (P-splines [1]_), that is the smallest change of curvature that explains the places. ``lambda``
    and, where it is not given, ``sigma`` are those of the greatest restricted likelihood [2]_.
    Places are carried along the curve by their foot on it, so that what they are off along the
    line counts for nothing.

    References
    ----------
    .. [1] P. H. C. Eilers, B. D. Marx, "Flexible smoothing with B-splines and penalties",
       Statistical Science 11 (1996) 89-121.
    .. [2] D. A. Harville, "Maximum likelihood approaches to variance component estimation",
       J. Am. Stat. Assoc. 72 (1977) 320-338.
    """
    chords_m = np.hypot(*np.diff(xy_m, axis=0).T)
    place_m = np.concatenate(([0.0], np.cumsum(chords_m)))
    least_m = max(
        float(np.quantile(chords_m, 0.2)) / 2, place_m[-1] / (_KNOTS_A_VERTEX * len(xy_m)), 0.5
    )
    knot_m = max(least_m, min(30 * guess_m, place_m[-1] / 12))
    square = np.ones(len(xy_m)) if weight is None else weight**2
    low, high = (sigma_m, sigma_m) if sigma_m is not None else (floor_m, max(guess_m, floor_m))
    width_m = 0.0
    for final in (False,) * (_ROUNDS - 1) + (True,):
        width_m, knot_m = _choose_width(
            xy_m, place_m, square, knot_m, least_m, (low, high), width_m
        )
        fit = _Fit(xy_m, place_m, square, knot_m)
        fit.solve(width_m)
        if not final:
            place_m = fit.carried_m()
            knot_m = max(width_m / 2.5, least_m)
    offset_m = fit.offsets_m()
    freedom = max(len(xy_m) - fit.effective(), 1.0)
    sigma = float(np.sqrt(np.sum(square * offset_m**2) / freedom))
    return Curve(
        knot_m=fit.knot_m,
        coefficients_m=fit.coefficients_m,
        place_m=fit.place_m,
        offset_m=offset_m,
        weight=np.sqrt(square),
        width_m=width_m,
        sigma_m=float(np.clip(sigma, low, high)),
        length_m=float(fit.place_m[-1] - fit.place_m[0]),
    )


def _choose_width(
    xy_m: FloatArray,
    place_m: FloatArray,
    square: FloatArray,
    knot_m: float,
    least_m: float,
    sigmas_m: tuple[float, float],
    near_m: float,
) -> tuple[float, float]:
    """Give the kernel half-width of the greatest restricted likelihood, and knots that suit it.

    ``near_m`` is where it was before, or 0: then only its neighbourhood is searched.
    """
    samples = _samples(len(xy_m))
    while True:
        fits = [_Fit(xy_m[s], place_m[s], square[s], knot_m) for s in samples]
        low, high = _NARROWEST, _WIDEST
        if near_m:
            low, high = near_m / knot_m / 1.6, near_m / knot_m * 1.6
        trials = _TRIALS if not near_m else _FEW_TRIALS
        tried = np.geomspace(low, high, trials)
        scores = [_score(fits, float(a), *sigmas_m) for a in tried]
        best = int(np.argmin(scores))
        width = float(tried[best])
        if 0 < best < trials - 1 and np.isfinite(scores[best - 1 : best + 2]).all():
            # A parabola through the three lowest.
            y0, y1, y2 = scores[best - 1 : best + 2]
            bend = y0 - 2 * y1 + y2
            shift = 0.5 * (y0 - y2) / bend if bend > 0 else 0.0
            width *= float(np.exp(np.clip(shift, -1, 1) * np.log(tried[1] / tried[0])))
        if width < _KNOTS_A_WIDTH and knot_m > 1.01 * least_m:
            knot_m = max(knot_m / 2, least_m)
            near_m = 0.0
            continue
        return width * knot_m, knot_m


def _samples(count: int) -> list[slice]:
    """Choose stretches that stand for a long line: its stiffness is no better known by all."""
    if count <= _SAMPLES * _SAMPLE:
        return [slice(0, count)]
    firsts = np.linspace(0, count - _SAMPLE, _SAMPLES).astype(int).tolist()
    return [slice(first, first + _SAMPLE) for first in firsts]


def _score(fits: list[_Fit], width_knots: float, low_m: float, high_m: float) -> float:
    """Give minus twice the logarithm of the restricted likelihood."""
    parts = np.array([fit.likelihood(width_knots) for fit in fits])
    score, loss, freedom = parts.sum(axis=0).tolist()
    spread = float(np.clip(loss / freedom, low_m**2, high_m**2))
    return float(score + freedom * np.log(spread) + loss / spread)


class _Fit:
    """One grid of knots under one set of feet."""

    def __init__(
        self, xy_m: FloatArray, place_m: FloatArray, square: FloatArray, knot_m: float
    ) -> None:
        self.xy_m, self.square = xy_m, square
        self.place_m = place_m - place_m[0]
        length_m = float(self.place_m[-1])
        spans = max(int(np.ceil(length_m / knot_m)), 1)
        self.knot_m = max(length_m / spans, _SLOWEST)
        self.size = spans + 3
        t = np.clip(self.place_m / self.knot_m, 0, spans)
        self.cell: IntArray = np.minimum(t.astype(np.int64), spans - 1)
        self.share = t - self.cell
        self.values = basis(self.share)
        self.gram = np.zeros((_BAND + 1, self.size))
        for i in range(4):
            for j in range(i, 4):
                product = self.square * self.values[:, i] * self.values[:, j]
                filled = np.bincount(self.cell + i, product, self.size)
                self.gram[j - i] += filled
        # Over a gap wider than the kernel nothing but this holds the curve, to the chord.
        self.gram[0] += _RIDGE * len(xy_m) / spans
        self.penalty = _third_differences(self.size)
        # What is solved for is the correction to a curve through the chain itself: small numbers.
        at = (np.arange(self.size, dtype=np.float64) - 1) * self.knot_m
        self.start = np.column_stack([_extended(at, self.place_m, xy_m[:, k]) for k in (0, 1)])
        self.rest = xy_m - self._at(self.start)
        self.rhs = self._gather(self.rest)
        self.bent = _third_product(self.start)
        self.coefficients_m = self.start
        self.weight = 0.0

    def _at(self, coefficients: FloatArray) -> FloatArray:
        found = self.values[:, :1] * coefficients[self.cell]
        for i in range(1, 4):
            found += self.values[:, i : i + 1] * coefficients[self.cell + i]
        return found

    def _gather(self, values: FloatArray) -> FloatArray:
        gathered = np.zeros((self.size, 2))
        for i in range(4):
            for k in (0, 1):
                product = self.square * self.values[:, i] * values[:, k]
                gathered[:, k] += np.bincount(self.cell + i, product, self.size)
        return gathered

    def _weight(self, width_knots: float) -> float:
        density = len(self.xy_m) / (self.size - 3)
        return float(density * width_knots**6)

    def likelihood(self, width_knots: float) -> tuple[float, float, float]:
        """Give what the likelihood is made of: determinants, penalised loss, degrees of freedom."""
        weight = self._weight(width_knots)
        try:
            factor = _factor(self.gram + weight * self.penalty)
        except LinAlgError:
            return np.inf, 0.0, 1.0
        right = self.rhs - weight * self.bent
        change = cho_solve_banded((factor, True), right, check_finite=False)
        loss = float(np.sum(self.square[:, None] * self.rest**2)) + weight * float(
            np.sum(self.start * self.bent)
        )
        loss -= float(np.sum(change * right))
        score = 2 * float(np.sum(np.log(factor[0]))) - (self.size - 3) * np.log(weight)
        # Along the curve a place may be anywhere: one of its two coordinates says something.
        return score, loss, max(len(self.xy_m) - 3, 1)

    def solve(self, width_m: float) -> None:
        """Fit the curve for a kernel half-width."""
        self.weight = self._weight(width_m / self.knot_m)
        banded = self.gram + self.weight * self.penalty
        ridge = _RIDGE * float(np.max(self.gram[0]))
        while True:
            try:
                factor = _factor(banded)
                break
            except LinAlgError:
                ridge *= 1000
                banded[0] += ridge
        right = self.rhs - self.weight * self.bent
        change = cho_solve_banded((factor, True), right, check_finite=False)
        self.coefficients_m = self.start + change

    def _frame(self) -> tuple[FloatArray, FloatArray]:
        """Give, at each foot, the way from the curve to the place and the curve's direction."""
        away = self.xy_m - self._at(self.coefficients_m)
        slope = slopes(self.share)
        along = slope[:, :1] * self.coefficients_m[self.cell]
        for i in range(1, 4):
            along += slope[:, i : i + 1] * self.coefficients_m[self.cell + i]
        return away, along / self.knot_m

    def offsets_m(self) -> FloatArray:
        """Give how far each place lies to the left of the curve."""
        away, along = self._frame()
        across = along[:, 0] * away[:, 1] - along[:, 1] * away[:, 0]
        return np.asarray(across / np.maximum(np.hypot(*along.T), _SLOWEST))

    def carried_m(self) -> FloatArray:
        """Give the feet of the places on the curve, measured along the curve itself."""
        away, along = self._frame()
        # Where a fold is smoothed away the curve may stand still.
        speed = np.maximum(np.hypot(*along.T), _SLOWEST)
        forward = np.sum(away * along, axis=1) / speed
        limit = self.knot_m
        moved = self.place_m + np.clip(forward / np.maximum(speed, 0.1), -limit, limit)
        moved = np.maximum.accumulate(np.clip(moved, 0, self.place_m[-1]))
        grid = np.arange(2 * (self.size - 3) + 1) / 2
        cell = np.minimum(grid.astype(np.int64), self.size - 4)
        slope = slopes(grid - cell)
        pace = np.hypot(
            *sum(slope[:, i : i + 1] * self.coefficients_m[cell + i] for i in range(4)).T
        )
        # Simpson's rule over each knot: the curve is seldom run through at unit speed.
        lengths = (pace[:-1:2] + 4 * pace[1::2] + pace[2::2]) / 6
        true_m = np.concatenate(([0.0], np.cumsum(lengths)))
        at = np.arange(self.size - 2) * self.knot_m
        return np.asarray(np.interp(moved, at, true_m))

    def effective(self) -> float:
        """Estimate how many parameters the curve uses up, by its kernel's width."""
        width = (self.weight * (self.size - 3) / len(self.xy_m)) ** (1 / 6) * self.knot_m
        # The trace of the smoother: the integral of 1 / (1 + (width w)^6) over all frequencies.
        return float(self.place_m[-1] / (3 * width)) + 3.0


def _factor(banded: FloatArray) -> FloatArray:
    return np.asarray(cholesky_banded(banded, lower=True, check_finite=False))


def basis(t: FloatArray) -> FloatArray:
    """Give the four uniform cubic B-splines at shares of a cell."""
    u = 1 - t
    return np.column_stack(
        (u**3, 3 * t**3 - 6 * t**2 + 4, 3 * u**3 - 6 * u**2 + 4, t**3)
    ) / 6  # fmt: skip


def slopes(t: FloatArray) -> FloatArray:
    """Give their derivatives by the share."""
    u = 1 - t
    return np.column_stack((-(u**2), 3 * t**2 - 4 * t, -(3 * u**2 - 4 * u), t**2)) / 2


def bends(t: FloatArray) -> FloatArray:
    """Give their second derivatives by the share."""
    return np.column_stack((1 - t, 3 * t - 2, 1 - 3 * t, t))


def _third_differences(size: int) -> FloatArray:
    banded = np.zeros((_BAND + 1, size))
    rows = size - 3
    for i in range(4):
        for j in range(i, 4):
            banded[j - i, i : i + rows] += _THIRD[i] * _THIRD[j]
    return banded


def _third_product(values: FloatArray) -> FloatArray:
    """Multiply by D3' D3."""
    third = values[:-3] * _THIRD[0]
    for i in range(1, 4):
        third = third + _THIRD[i] * values[i : len(values) - 3 + i]
    product = np.zeros_like(values)
    for i in range(4):
        product[i : len(values) - 3 + i] += _THIRD[i] * third
    return product


def _extended(at: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Interpolate, and go straight on beyond the ends."""
    inside = np.interp(at, x, y)
    # Point-mirrored at the end: feet may coincide there, and two of them give no direction.
    before, after = at < x[0], at > x[-1]
    inside[before] = 2 * y[0] - np.interp(2 * x[0] - at[before], x, y)
    inside[after] = 2 * y[-1] - np.interp(2 * x[-1] - at[after], x, y)
    return np.asarray(inside)
