"""Fitted radii held against designed ones, where a route keeps the elements of its design."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo_routes.alignment.elements import Alignment, Element, Hand

# Two elements are the same curve if they share at least so much of the shorter one.
_SHARED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignedCurve:
    """A circular curve of a design, and the one that was fitted in its place.

    Parameters
    ----------
    from_m, to_m : float
        Chainages of the designed curve.
    hand : {"left", "right"}
    designed_radius_m : float
        On the ground: that of the grid over the scale of the grid.
    fitted : Element or None
        The fitted circular curve of the same hand that shares most of it.
    """

    from_m: float
    to_m: float
    hand: Hand
    designed_radius_m: float
    fitted: Element | None

    @property
    def difference(self) -> float | None:
        """By what share the fitted radius is longer than the designed one."""
        if self.fitted is None or self.fitted.radius_m is None:
            return None
        return self.fitted.radius_m / self.designed_radius_m - 1.0

    @property
    def agrees(self) -> bool | None:
        """Whether the designed radius lies within the interval of the fitted one."""
        if self.fitted is None or self.fitted.radius_low_m is None:
            return None
        high_m = self.fitted.radius_high_m
        inside = high_m is None or self.designed_radius_m <= high_m
        return inside and self.fitted.radius_low_m <= self.designed_radius_m


def hold_against_design(alignment: Alignment, design: object) -> tuple[DesignedCurve, ...]:
    """Pair the circular curves of a design with those that were fitted.

    Parameters
    ----------
    alignment : Alignment
    design : object
        The member ``design`` of a route; what of it is no design is passed over.

    Returns
    -------
    tuple of DesignedCurve
        In the order of the design.
    """
    if not isinstance(design, Mapping) or not isinstance(design.get("elements"), list | tuple):
        return ()
    scale = _above_zero(design.get("grid_scale")) or 1.0
    held = []
    for row in design["elements"]:
        curve = _curve(row, scale)
        if curve is not None:
            from_m, to_m, hand, radius_m = curve
            held.append(
                DesignedCurve(
                    from_m=from_m,
                    to_m=to_m,
                    hand=hand,
                    designed_radius_m=radius_m,
                    fitted=_fitted(alignment, from_m, to_m, hand),
                )
            )
    return tuple(held)


def _curve(row: object, scale: float) -> tuple[float, float, Hand, float] | None:
    if not isinstance(row, Mapping) or row.get("kind") != "circular_curve":
        return None
    radius_m = _above_zero(row.get("radius_m"))
    from_m, to_m = row.get("from_m"), row.get("to_m")
    hand: Any = row.get("hand")
    if radius_m is None or hand not in ("left", "right"):
        return None
    if not isinstance(from_m, int | float) or not isinstance(to_m, int | float) or from_m >= to_m:
        return None
    return float(from_m), float(to_m), hand, radius_m / scale


def _above_zero(value: object) -> float | None:
    if isinstance(value, int | float) and math.isfinite(value) and value > 0:
        return float(value)
    return None


def _fitted(alignment: Alignment, from_m: float, to_m: float, hand: Hand) -> Element | None:
    best, shared = None, 0.0
    for element in alignment.curves:
        common = min(element.to_m, to_m) - max(element.from_m, from_m)
        least = _SHARED * min(element.length_m, to_m - from_m)
        if element.hand == hand and common > max(shared, least):
            best, shared = element, common
    return best
