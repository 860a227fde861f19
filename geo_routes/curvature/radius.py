"""The smallest radius of a line and how much it turns, as far as its vertices can tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_routes.curvature.estimate import Curvature
from geo_routes.model import FloatArray

_NORMAL_95 = 1.96
# A curve that stands out of the noise by this many standard deviations is one.
_CERTAIN = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallestRadius:
    """The smallest radius that a line keeps to, with its 95 % interval.

    Parameters
    ----------
    radius_m : float or None
        None where no curve can be told from a straight line.
    low_m : float
        No curve is sharper, as far as the vertices can tell.
    high_m : float or None
        At least one curve is as sharp as this; None where none is sure.
    chainage_m : float
        Where the line is sharpest.
    """

    radius_m: float | None
    low_m: float
    high_m: float | None
    chainage_m: float


def smallest_radius(curvature: Curvature) -> SmallestRadius | None:
    """Give the smallest radius of a line; None where nothing is known of its curvature."""
    known = np.isfinite(curvature.curvature_per_m)
    if not known.any():
        return None
    size = _sustained(np.abs(curvature.curvature_per_m[known]))
    spread = _NORMAL_95 * curvature.sd_per_m[known]
    places_m = curvature.chainage_m[known]
    sure = size > _CERTAIN * curvature.sd_per_m[known]
    low_m = 1 / float(np.max(size + spread))
    if not sure.any():
        sharpest = int(np.argmax(size))
        at_m = float(places_m[sharpest])
        return SmallestRadius(radius_m=None, low_m=low_m, high_m=None, chainage_m=at_m)
    sharpest = int(np.argmax(np.where(sure, size, 0.0)))
    return SmallestRadius(
        radius_m=1 / float(size[sharpest]),
        low_m=min(low_m, 1 / float(size[sharpest] + spread[sharpest])),
        high_m=1 / float(np.max((size - spread)[sure])),
        chainage_m=float(places_m[sharpest]),
    )


def turning_deg_per_km(curvature: Curvature) -> float | None:
    """Give how much a line turns, to either hand, per kilometre; None where nothing is known.

    Only curvature that stands out of its uncertainty counts: noise turns without end.
    """
    steps_m = np.diff(curvature.chainage_m)
    size = np.abs(curvature.curvature_per_m)
    middle = (size[:-1] + size[1:]) / 2
    known = np.isfinite(middle) & (steps_m > 0)
    if not known.any():
        return None
    sd = (curvature.sd_per_m[:-1] + curvature.sd_per_m[1:]) / 2
    turned = np.where(middle > _NORMAL_95 * sd, middle, 0.0)[known] * steps_m[known]
    return float(np.degrees(np.sum(turned)) / np.sum(steps_m[known]) * 1000)


def _sustained(size: FloatArray) -> FloatArray:
    """Give what three neighbouring knots keep up: a single knot is no curve."""
    if len(size) < 3:
        return size
    inner = np.median(np.column_stack((size[:-2], size[1:-1], size[2:])), axis=1)
    return np.concatenate((inner[:1], inner, inner[-1:]))
