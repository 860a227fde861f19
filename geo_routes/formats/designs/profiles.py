"""Gradients and vertical curves → heights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_routes.model import FloatArray

_SAME_M = 0.01
# Ten times the height of the highest mountain: beyond it stands a sign for "none", or a slip.
HIGHEST_M = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A point where two gradients meet.

    Parameters
    ----------
    at_m, height_m : float
        Distance from the start of the alignment, and height.
    before_m, after_m : float
        How far the vertical curve reaches to both sides; 0 for none.
    radius_m : float
        Of a circular vertical curve; 0 for a parabola.
    """

    at_m: float
    height_m: float
    before_m: float = 0.0
    after_m: float = 0.0
    radius_m: float = 0.0


def profile_heights(grades: Sequence[Grade], along_m: FloatArray) -> FloatArray:
    """Give heights along a profile.

    Parameters
    ----------
    grades : sequence of Grade
        By distance, two or more.
    along_m : (n,) float64

    Returns
    -------
    (n,) float64
        NaN before the first and after the last.

    Examples
    --------
    >>> sag = [Grade(at_m=0, height_m=10), Grade(at_m=100, height_m=0, before_m=50, after_m=50),
    ...        Grade(at_m=200, height_m=10)]
    >>> profile_heights(sag, np.array([0.0, 50.0, 100.0])).tolist()
    [10.0, 5.0, 2.5]
    """
    at = np.array([g.at_m for g in grades])
    height = np.array([g.height_m for g in grades])
    # An alignment and its profile end together, but for the rounding of stations.
    held = np.clip(along_m, at[0], at[-1])
    along_m = np.where(np.abs(held - along_m) < _SAME_M, held, along_m)
    found: FloatArray = np.interp(along_m, at, height, left=np.nan, right=np.nan)
    slopes = np.diff(height) / np.maximum(np.diff(at), 1e-12)
    for grade, slope_in, slope_out in zip(grades[1:-1], slopes[:-1], slopes[1:], strict=True):
        before, after = _reach(grade, slope_in, slope_out)
        if before + after <= 0 or slope_in == slope_out:
            continue
        x = along_m - grade.at_m
        inside = (x > -before) & (x < after)
        if grade.radius_m > 0:
            curve = _circle(x[inside], grade.radius_m, slope_in, slope_out, before)
        else:
            curve = _parabola(x[inside], slope_in, slope_out, before, after)
        found[inside] = grade.height_m + curve
    return found


def vertical_curves(grades: Sequence[Grade]) -> list[dict[str, Any]]:
    """List the vertical curves of a profile.

    Parameters
    ----------
    grades : sequence of Grade
        By distance, two or more.

    Returns
    -------
    list of dict
        ``along_m`` of the point where the gradients meet, ``before_m`` and ``after_m``, the
        smallest ``radius_m``, and whether it is a ``crest`` or a ``sag``.

    Examples
    --------
    >>> sag = [Grade(at_m=0, height_m=10), Grade(at_m=100, height_m=0, before_m=50, after_m=50),
    ...        Grade(at_m=200, height_m=10)]
    >>> [(row["kind"], round(row["radius_m"])) for row in vertical_curves(sag)]
    [('sag', 500)]
    """
    at, height = np.array([(g.at_m, g.height_m) for g in grades]).T
    slopes = np.diff(height) / np.maximum(np.diff(at), 1e-12)
    rows = []
    for grade, slope_in, slope_out in zip(grades[1:-1], slopes[:-1], slopes[1:], strict=True):
        before, after = _reach(grade, slope_in, slope_out)
        change = float(slope_out - slope_in)
        if before <= 0 or after <= 0 or change == 0:
            continue
        # Of unequal parabolas the shorter is the sharper: h'' = change * other / (own * both).
        bend = abs(change) * max(after / before, before / after) / (before + after)
        rows.append(
            {
                "along_m": grade.at_m,
                "before_m": before,
                "after_m": after,
                "radius_m": grade.radius_m if grade.radius_m > 0 else 1 / bend,
                "kind": "sag" if change > 0 else "crest",
            }
        )
    return rows


def overlapping_curves(grades: Sequence[Grade]) -> list[tuple[Grade, Grade, float]]:
    """Give neighbours whose vertical curves are longer together than the gradient between them.

    Parameters
    ----------
    grades : sequence of Grade
        By distance, two or more.

    Returns
    -------
    list of tuple
        Both points, and by how many metres.

    Examples
    --------
    >>> sag = [Grade(at_m=0, height_m=10), Grade(at_m=100, height_m=0, before_m=120, after_m=50),
    ...        Grade(at_m=200, height_m=10)]
    >>> [over_m for _, _, over_m in overlapping_curves(sag)]
    [20.0]
    """
    at, height = np.array([(g.at_m, g.height_m) for g in grades]).T
    slopes = np.diff(height) / np.maximum(np.diff(at), 1e-12)
    inner = [_reach(*row) for row in zip(grades[1:-1], slopes[:-1], slopes[1:], strict=True)]
    # A curve at either end has no second gradient, and is not drawn.
    reaches = [(0.0, 0.0), *inner, (0.0, 0.0)]
    return [
        (grades[i], grades[i + 1], over_m)
        for i in range(len(grades) - 1)
        if (over_m := reaches[i][1] + reaches[i + 1][0] - float(at[i + 1] - at[i])) > _SAME_M
    ]


def _reach(grade: Grade, slope_in: float, slope_out: float) -> tuple[float, float]:
    """How far a vertical curve reaches to both sides of its point."""
    if grade.radius_m > 0:
        return _tangents(grade.radius_m, slope_in, slope_out)
    return grade.before_m, grade.after_m


def _parabola(
    x: FloatArray, slope_in: float, slope_out: float, before: float, after: float
) -> FloatArray:
    """Two parabolas that meet under the point with one gradient; of equal lengths they are one."""
    change = slope_out - slope_in
    rise = change * before * after / (2.0 * (before + after))
    into = slope_in * x + rise * ((x + before) / max(before, 1e-12)) ** 2
    out = slope_out * x + rise * ((after - x) / max(after, 1e-12)) ** 2
    heights: FloatArray = np.where(x <= 0, into, out)
    return heights


def _tangents(radius: float, slope_in: float, slope_out: float) -> tuple[float, float]:
    angles = np.arctan([slope_in, slope_out])
    tangent = radius * abs(np.tan((angles[1] - angles[0]) / 2.0))
    return float(tangent * np.cos(angles[0])), float(tangent * np.cos(angles[1]))


def _circle(
    x: FloatArray, radius: float, slope_in: float, slope_out: float, before: float
) -> FloatArray:
    sign = 1.0 if slope_out > slope_in else -1.0
    angle = np.arctan(slope_in)
    # The centre stands square to the first gradient where the curve begins.
    centre_x = -before - sign * radius * np.sin(angle)
    centre_y = -before * slope_in + sign * radius * np.cos(angle)
    heights: FloatArray = centre_y - sign * np.sqrt(radius**2 - (x - centre_x) ** 2)
    return heights
