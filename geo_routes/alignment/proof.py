"""What the vertices of a line can prove: the largest radius that still differs from straight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geo_routes.model import FloatArray

# Lengths of curves that are asked for where nobody says which.
CURVE_LENGTHS_M = (200.0, 600.0, 1_000.0)

# A test at 5 % (two-sided) that finds 95 % of the curves: the quantiles of both add up.
_FALSE_ALARM, _MISSED = 1.959964, 1.644854
_MOST_PLACES = 60
_BESIDE = 2
_LONGEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Detectable:
    """What a stretch of the line can prove.

    Parameters
    ----------
    from_m, to_m : float
        Chainages.
    curve_m : float
        Length of the curve that is asked for.
    radius_m : float or None
        The largest radius of such a curve that is told from straight in 95 of 100 cases, wherever
        in the stretch it lies; None where no curve could be told.
    """

    from_m: float
    to_m: float
    curve_m: float
    radius_m: float | None


def detectable_radii(
    chainage_m: FloatArray,
    *,
    sigma_m: float,
    edges_m: Sequence[float],
    curve_lengths_m: Sequence[float] = CURVE_LENGTHS_M,
) -> tuple[Detectable, ...]:
    """Give, stretch by stretch, the largest radius that could still be told from straight.

    Parameters
    ----------
    chainage_m : (n,) float64
        Of the vertices, rising.
    sigma_m : float
        Standard deviation of a vertex across the line; above 0.
    edges_m : sequence of float
        Where the stretches begin and end, rising.
    curve_lengths_m : sequence of float
        Lengths of the curves that are asked for.

    Returns
    -------
    tuple of Detectable
        By stretch and length of curve; stretches of no length are left out.

    Notes
    -----
    A curve of curvature ``k`` and length ``L`` between two straights moves the vertices aside by
    ``k f``, ``f`` being nothing before it, ``s² / 2`` within, and ``L (s - L / 2)`` beyond. Where
    the line begins and which way it heads are unknown, so of ``f`` only what no straight line
    explains counts: with ``S`` the sum of squares that is left of ``f`` after a regression on ``1``
    and ``s``, over the vertices of the curve and of as much line on either side (two vertices at
    least), the standard deviation of ``k`` is ``sigma / sqrt(S)``. A Wald test at 5 % finds 95 % of
    the curves with ``k = (1.96 + 1.64) sigma / sqrt(S)`` [1]_, and 44 % of those half as strong.

    The least favourable place of the stretch counts, among places every half length of the curve
    and in the longest steps, none within two vertices of an end of the line. What lies further off
    is left out.

    References
    ----------
    .. [1] A. Wald, "Tests of statistical hypotheses concerning several parameters when the number
       of observations is large", Trans. Am. Math. Soc. 54 (1943) 426-482.
    """
    places_m = np.unique(chainage_m)
    found = []
    for from_m, to_m in pairwise(edges_m):
        if to_m <= from_m:
            continue
        for curve_m in curve_lengths_m:
            weakest = min(
                _explained(places_m, begin_m, curve_m)
                for begin_m in _begins_m(places_m, from_m, to_m, curve_m)
            )
            radius_m = float(np.sqrt(weakest)) / ((_FALSE_ALARM + _MISSED) * sigma_m)
            found.append(
                Detectable(
                    from_m=float(from_m),
                    to_m=float(to_m),
                    curve_m=float(curve_m),
                    radius_m=radius_m if radius_m > 0 else None,
                )
            )
    return tuple(found)


def _begins_m(places_m: FloatArray, from_m: float, to_m: float, curve_m: float) -> FloatArray:
    """Choose places for the curve: all along the stretch, and in its longest steps."""
    beside = min(_BESIDE, (len(places_m) - 1) // 2)
    first_m = max(from_m, float(places_m[beside]))
    last_m = max(min(to_m, float(places_m[-1 - beside])) - curve_m, first_m)
    count = int(np.clip((last_m - first_m) / curve_m * 2 + 1, 1, _MOST_PLACES))
    even_m = np.linspace(first_m, last_m, count)
    inside = places_m[slice(*np.searchsorted(places_m, [from_m, to_m]).tolist())]
    longest = np.argsort(np.diff(inside))[-_LONGEST:]
    middle_m = (inside[longest] + inside[longest + 1]) / 2 - curve_m / 2
    return np.unique(np.concatenate((even_m, np.clip(middle_m, first_m, last_m))))


def _explained(places_m: FloatArray, begin_m: float, curve_m: float) -> float:
    """Give the sum of squares of a curve of unit curvature that no straight line explains."""
    end_m = begin_m + curve_m
    first, last = np.searchsorted(places_m, [begin_m, end_m]).tolist()
    low = min(int(np.searchsorted(places_m, begin_m - curve_m)), first - _BESIDE)
    high = max(int(np.searchsorted(places_m, end_m + curve_m)), last + _BESIDE)
    s = places_m[max(low, 0) : high] - begin_m
    if len(s) < 3:
        return 0.0
    aside = np.where(s < curve_m, np.maximum(s, 0.0) ** 2 / 2, curve_m * (s - curve_m / 2))
    s = s - s.mean()
    aside = aside - aside.mean()
    spread = float(s @ s)
    left = aside - s * (float(s @ aside) / spread) if spread > 0 else aside
    return float(left @ left)
