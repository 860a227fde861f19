"""The length of the true axis: the line's own, freed of noise and of cut corners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_routes.curvature.development import Development
from geo_routes.curvature.estimate import SmoothPart, curvature_along, turns_rad
from geo_routes.model import FloatArray
from geo_routes.uncertainty import noise_lengthening_m, noise_sigma_m

_NORMAL_95 = 1.959964
# No vertex is trusted to better than half a centimetre, whatever its decimals say.
_LEAST_SIGMA_M = 0.005
# Long chords where the line is straight and short ones where it bends: simplified vertices. Rank
# correlation of the chords with the curvature: -0.5 to -0.9 there, within 0.25 of 0 elsewhere.
_SIMPLIFIED = -0.3
# What the estimates leave open, as shares of what they are about; found on lines of known length.
_SMOOTHED, _SMOOTHED_SPREAD = 0.4, 0.35
_UNDER_CHORDS_SPREAD = 0.06
_WIGGLE_SPREAD = 0.5
_CUT, _CUT_SPREAD = 0.96, 0.06
# Fewer chords tell no noise, and a smooth curve through so few vertices is a guess.
_FEWEST_CHORDS = 12
# What is known better than this needs no wider interval to be held against.
_KNOWN_M = 0.05
# That interval is too narrow itself where noise outweighs the steps.
_APART = 3.0
_NOISE_SPREAD = 0.4
_WINDOW_SPREAD = 1.6
_FEWEST_WINDOWS, _MOST_WINDOWS = 1, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisLength:
    """Length of the axis that the vertices were taken from.

    Parameters
    ----------
    length_m : float
    uncertainty_m : float
        Half-width of its 95 % interval.
    """

    length_m: float
    uncertainty_m: float


def axis_length(parts: Sequence[SmoothPart], *, accuracy_m: float | None = None) -> AxisLength:
    """Estimate the length of the axis, freed of the noise of its vertices and of cut corners.

    Parameters
    ----------
    parts : sequence of SmoothPart
        Of one line.
    accuracy_m : float, optional
        1 sigma per axis of the vertices; without it, it is estimated from the line.

    Returns
    -------
    AxisLength

    Notes
    -----
    The smooth curve has the corners of the chords rounded and the noise smoothed away. Two small
    faults of it are known: what noise is left in its direction lengthens it by
    ``w = L sigma² / (24 density width³)`` (half the mean square of the slope that white noise
    leaves behind the kernel), and where the curvature changes within the kernel it is short by a
    share of ``J = integral(width⁴ curvature'²)``. The estimate is its length ``- w + 0.4 J``.

    Of simplified vertices, long chords on straights and short ones in bends, a smooth curve swings
    about the long chords; but each of them lies where the axis is. There the estimate is the chain,
    less the lengthening by noise (`uncertainty.length_uncertainty_m`), and with
    ``0.96 sum(d turn1 turn2) / 24`` for the corners cut, ``turn1`` and ``turn2`` at the two ends of
    a chord: their product is nothing where a bend begins.

    What is left is random: the two ends, each off by ``sigma`` along the line, which no method can
    mend; vertices across the line in bends, ``sigma² sum(turn²)``; and shares of the corrections,
    found on simulated lines of known length.
    """
    length_m = variance = 0.0
    for part in parts:
        estimate_m, spread = _part(part, accuracy_m)
        length_m, variance = length_m + estimate_m, variance + spread
    return AxisLength(length_m=float(length_m), uncertainty_m=_NORMAL_95 * float(np.sqrt(variance)))


def within(axis: AxisLength, *, filed_m: float, spread_m: float) -> AxisLength:
    """Hold an estimate against the interval of the filed length, which supposes less.

    Parameters
    ----------
    axis : AxisLength
    filed_m, spread_m : float
        Length of the line as filed, and the half-width of its 95 % interval.

    Returns
    -------
    AxisLength
        The estimate, or the filed length where the two contradict each other or the estimate is
        the wider one: of a line that leaps over the Earth no smooth curve tells anything.
    """
    apart_m = abs(axis.length_m - filed_m)
    if apart_m <= _APART * spread_m + axis.uncertainty_m and axis.uncertainty_m <= max(
        spread_m, _KNOWN_M
    ):
        return axis
    return AxisLength(length_m=filed_m, uncertainty_m=spread_m)


def _part(part: SmoothPart, accuracy_m: float | None) -> tuple[float, float]:
    """Give the length of one part and its variance."""
    filed_m = part.ends_m[1] - part.ends_m[0]
    if part.chain is None or len(part.chain.xy_m) < 3:
        sigma_m = accuracy_m or max(part.floor_m, _LEAST_SIGMA_M)
        return filed_m, 2 * sigma_m**2
    chords_m, turns = part.chain.chords_m, turns_rad(part.chain.xy_m)
    across_m = accuracy_m or max(noise_sigma_m(chords_m, turns), _LEAST_SIGMA_M)
    chain = _of_chain(filed_m, chords_m, turns, across_m, known=accuracy_m is not None)
    if part.curve is None or len(chords_m) < _FEWEST_CHORDS:
        return chain
    curve, simplified = _of_curve(part, part.chain, across_m, known=accuracy_m is not None)
    return chain if simplified and chain[1] < curve[1] else curve


def _of_curve(
    part: SmoothPart, chain: Development, across_m: float, *, known: bool
) -> tuple[tuple[float, float], bool]:
    """Give the length of the smooth curve with its variance, and if the line is simplified."""
    curve = part.curve
    if curve is None:
        return (0.0, 0.0), False
    _, curvature, _, _ = curvature_along(curve, part.chainage_m)
    knots_m = np.arange(len(curvature)) * curve.knot_m
    way_m = np.diff(curve.place_m)
    at = np.interp(curve.place_m, knots_m, curvature)
    middle = np.interp((curve.place_m[1:] + curve.place_m[:-1]) / 2, knots_m, curvature)
    sigma_m = across_m
    if not known and across_m > curve.sigma_m:
        # Neighbours differ by more than the vertices are off the curve: not white, or not curved.
        sigma_m = float(np.sqrt(across_m * curve.sigma_m))
    length_m = _curve_length_m(part, chain)
    wiggle_m = length_m**2 * sigma_m**2 / (24 * len(chain.xy_m) * curve.width_m**3)
    smoothed_m = curve.width_m**4 * float(np.sum(np.diff(curvature) ** 2)) / curve.knot_m
    under_chords_m = float(np.sum(np.diff(at) ** 2 * way_m**3)) / 24
    beside_m = np.convolve(way_m, [0.5, 0.5])
    bends = 2 + float(np.sum((at * beside_m) ** 2))
    variance = sigma_m**2 * bends + (_WIGGLE_SPREAD * wiggle_m) ** 2
    variance += (_SMOOTHED_SPREAD * smoothed_m) ** 2 + (_UNDER_CHORDS_SPREAD * under_chords_m) ** 2
    estimate_m = length_m - wiggle_m + _SMOOTHED * smoothed_m
    simplified = _rank_correlation(way_m, np.abs(middle)) < _SIMPLIFIED
    return (estimate_m, variance), simplified


def _of_chain(
    filed_m: float, chords_m: FloatArray, turns: FloatArray, sigma_m: float, *, known: bool
) -> tuple[float, float]:
    """Give the length of the chain less its noise and with its corners, and the variance."""
    noise_m = noise_lengthening_m(chords_m, sigma_m)
    ends = np.concatenate((turns[:1], turns, turns[-1:]))
    turned = ends[:-1] * ends[1:]
    cut_m = float(np.sum(chords_m * np.maximum(turned, 0.0)) / 24)
    cut_spread_m = _CUT_SPREAD * cut_m
    if len(chords_m) < _FEWEST_CHORDS:
        # The vertices tell neither noise nor bends: corners may be cut, or be there.
        cut_m, cut_spread_m = 0.0, float(np.sum(chords_m * np.abs(turned))) / 24
    windows = np.clip(len(chords_m) - 3, _FEWEST_WINDOWS, _MOST_WINDOWS)
    share = 0.0 if known else _WINDOW_SPREAD / float(np.sqrt(windows))
    variance = sigma_m**2 * (2 + float(np.sum(4 * np.sin(turns / 2) ** 2)))
    variance += 3 * float(np.sum(np.minimum(sigma_m**2 / chords_m, chords_m) ** 2))
    variance += (2 * share * noise_m) ** 2 + (_NOISE_SPREAD * noise_m) ** 2
    variance += cut_spread_m**2
    return filed_m - noise_m + _CUT * cut_m, variance


def _curve_length_m(part: SmoothPart, chain: Development) -> float:
    """Give the length of the smooth curve from the foot of the first place to that of the last."""
    from geo_routes.curvature.smoothing import basis, slopes  # noqa: PLC0415 - scipy costs 0.15 s

    curve = part.curve
    if curve is None:
        return 0.0
    spans = len(curve.coefficients_m) - 3
    grid = np.arange(2 * spans + 1) / 2
    cell = np.minimum(grid.astype(np.int64), spans - 1)
    slope = slopes(grid - cell)
    along = np.einsum("ni,nik->nk", slope, curve.coefficients_m[cell[:, None] + np.arange(4)])
    pace = np.hypot(*along.T)
    # Simpson's rule over each knot.
    length_m = float(np.sum(pace[:-1:2] + 4 * pace[1::2] + pace[2::2]) / 6)
    direction = along[[0, -1]] / np.maximum(pace[[0, -1]], 1e-6)[:, None]
    around = curve.coefficients_m[np.array([[0], [spans - 1]]) + np.arange(4)]
    tips = np.einsum("ni,nik->nk", basis(np.array([0.0, 1.0])), around)
    beyond_m = np.sum((chain.xy_m[[0, -1]] - tips) * direction, axis=1)
    return length_m + float(beyond_m[1] - beyond_m[0])


def _rank_correlation(one: FloatArray, two: FloatArray) -> float:
    """Give Spearman's rank correlation; 0 where there is nothing to rank."""
    if len(one) < 3:
        return 0.0
    ranks = [np.argsort(np.argsort(values)) - (len(values) - 1) / 2 for values in (one, two)]
    return float(ranks[0] @ ranks[1] / (ranks[0] @ ranks[0]))
