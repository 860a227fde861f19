"""Alignment → figures: radii and turning of a line, from its elements alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import get_args

import numpy as np

from geo_routes.alignment.distribution import spread_of
from geo_routes.alignment.elements import Alignment, Element, Status
from geo_routes.curvature import SmallestRadius, smallest_radius
from geo_routes.errors import InvalidNoun

# Below which radii the share of a line is told, and at which percentiles its radii.
RADII_M = (150.0, 300.0, 600.0, 1_500.0, 4_000.0, 8_000.0)
PERCENTILES = (1, 5, 50)

_NORMAL_95 = 1.96
# A curve that stands out of its uncertainty by this many standard deviations is one.
_CERTAIN = 3.0
# The radius must be kept up over this share of itself (a turn of 3.8 degrees), within bounds: 20 m
# on a tramway of 300 m, 40 m on a railway of 600 m, 200 m on high-speed lines from 3,000 m.
_SUSTAINED = 1 / 15
_SHORTEST_M, _LONGEST_M = 20.0, 200.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlignmentFigures:
    """What the elements of a line amount to.

    Parameters
    ----------
    fitted_m, curved_m : float
        Length that has elements; and of it the length that is curved, transitions included.
    smallest_radius : SmallestRadius or None
        The sharpest circular curve that is long enough to be kept up, and sure.
    radius_percentile_m : mapping
        By percent: the radius that so much of the curved length keeps below; None where nothing
        is curved.
    below_radius_fraction : mapping
        By radius in metres: the share of the fitted length on which the radius is below it.
    mean_curvature_per_m : float
        Mean size of the curvature over the fitted length.
    turning_deg_per_km : float
        Turning to either hand.
    net_turning_deg : float
        Turning to the left less turning to the right.
    curve_status_m : mapping
        Length of circular curves by status: measured, uncertain, unresolved.
    """

    fitted_m: float
    curved_m: float
    smallest_radius: SmallestRadius | None
    radius_percentile_m: Mapping[int, float | None]
    below_radius_fraction: Mapping[float, float]
    mean_curvature_per_m: float
    turning_deg_per_km: float
    net_turning_deg: float
    curve_status_m: Mapping[Status, float]


def alignment_figures(
    alignment: Alignment, *, sustained_m: float | None = None
) -> AlignmentFigures | None:
    """Sum up an alignment.

    Parameters
    ----------
    alignment : Alignment
    sustained_m : float, optional
        Over which length the smallest radius must be kept up. Without it, a fifteenth of the
        radius itself, and 20 m to 200 m.

    Returns
    -------
    AlignmentFigures or None
        None where nothing is fitted.

    Raises
    ------
    InvalidNoun
        If `sustained_m` is not a number of 0 or more.

    Notes
    -----
    The curvature of elements is piecewise linear along the line, so that lengths below a radius,
    percentiles and integrals of its size are exact, also within transitions.
    """
    if sustained_m is not None and not 0 <= sustained_m < np.inf:
        msg = f"sustained_m is {sustained_m}, expected a number of 0 or more"
        raise InvalidNoun(msg, value=sustained_m)
    elements = alignment.elements
    fitted_m = sum(e.length_m for e in elements)
    if fitted_m <= 0:
        return None
    spread = spread_of(elements)
    turned, net = _turned_rad(elements)
    status_m: dict[Status, float] = dict.fromkeys(get_args(Status), 0.0)
    for curve in alignment.curves:
        status_m[curve.status] += curve.length_m
    return AlignmentFigures(
        fitted_m=fitted_m,
        curved_m=spread.curved_m,
        smallest_radius=sustained_radius(alignment, sustained_m=sustained_m),
        radius_percentile_m=MappingProxyType(
            {percent: spread.percentile_radius_m(percent) for percent in PERCENTILES}
        ),
        below_radius_fraction=MappingProxyType(
            {radius_m: spread.sharper_than_m(radius_m) / fitted_m for radius_m in RADII_M}
        ),
        mean_curvature_per_m=turned / fitted_m,
        turning_deg_per_km=float(np.degrees(turned)) / fitted_m * 1000,
        net_turning_deg=float(np.degrees(net)),
        curve_status_m=MappingProxyType(status_m),
    )


def sustained_radius(
    alignment: Alignment, *, sustained_m: float | None = None
) -> SmallestRadius | None:
    """Give the smallest radius that a circular curve keeps up, with its 95 % interval.

    Parameters
    ----------
    alignment : Alignment
    sustained_m : float, optional
        As for `alignment_figures`.

    Returns
    -------
    SmallestRadius or None
        Of the curves that are long enough. ``radius_m`` is that of the sharpest which stands out
        of its uncertainty by three standard deviations; ``low_m`` the least lower end of any,
        ``high_m`` the least upper end of those that stand out. None where nothing is known.
    """
    smooth = smallest_radius(alignment.curvature)
    long = [e for e in alignment.curves if e.length_m >= _least_m(e, sustained_m)]
    sure = [e for e in long if _is_sure(e)]
    if not sure:
        if smooth is None:
            return None
        # No curve is sure; what the vertices allow at most, the smooth curvature tells.
        return SmallestRadius(
            radius_m=None, low_m=smooth.low_m, high_m=None, chainage_m=smooth.chainage_m
        )
    sharpest = min(sure, key=lambda e: e.radius_m or np.inf)
    lows = [e.radius_low_m or _smooth_low_m(alignment, e) for e in long]
    highs = [e.radius_high_m for e in sure if e.radius_high_m is not None]
    return SmallestRadius(
        radius_m=sharpest.radius_m,
        low_m=min(lows, default=0.0),
        high_m=min(highs, default=None),
        chainage_m=(sharpest.from_m + sharpest.to_m) / 2,
    )


def _least_m(curve: Element, sustained_m: float | None) -> float:
    if sustained_m is not None:
        return max(sustained_m, _SHORTEST_M)
    return float(np.clip((curve.radius_m or 0.0) * _SUSTAINED, _SHORTEST_M, _LONGEST_M))


def _is_sure(curve: Element) -> bool:
    """Tell whether the curvature stands out of its uncertainty."""
    if not curve.radius_m or not curve.radius_low_m:
        return False
    size = 1 / curve.radius_m
    sd = (1 / curve.radius_low_m - size) / _NORMAL_95
    return size > _CERTAIN * sd


def _smooth_low_m(alignment: Alignment, curve: Element) -> float:
    """Give how small the radius may be where the fit could not hold a curve."""
    smooth = alignment.curvature
    inside = (smooth.chainage_m >= curve.from_m) & (smooth.chainage_m <= curve.to_m)
    size = np.abs(smooth.curvature_per_m) + _NORMAL_95 * smooth.sd_per_m
    known = size[inside & np.isfinite(size)]
    return float(1 / np.max(known)) if len(known) and np.max(known) > 0 else 0.0


def _turned_rad(elements: Sequence[Element]) -> tuple[float, float]:
    """Give how far elements turn, to either hand, and left less right."""
    rows = np.array([(e.length_m, e.curvature_from_per_m, e.curvature_to_per_m) for e in elements])
    length_m, one, two = rows.T
    net = length_m * (one + two) / 2
    sizes = np.abs(one) + np.abs(two)
    # A transition from one hand to the other turns by two triangles.
    both = length_m * (one**2 + two**2) / np.maximum(sizes, 1e-300) / 2
    turned = np.where(one * two < 0, both, np.abs(net))
    return float(np.sum(turned)), float(np.sum(net))
