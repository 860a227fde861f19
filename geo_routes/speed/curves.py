"""Curves, transitions and vertical curves → what they restrict the speed to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from geo_routes.alignment import Alignment, Element, hold_against_design
from geo_routes.model import Finding, FloatArray, Route
from geo_routes.speed.restrictions import Cause, Restriction
from geo_routes.standards import ENDS, End, Limits, RailLimits, Train, vertical_speed_mps

_SLOWEST_MPS = 0.1
_NEARLY = 1 - 1e-6


def restrict_curves(
    alignment: Alignment, route: Route, train: Train, limits: Limits, gauge: float | None
) -> Iterator[Restriction]:
    """Restrict each circular curve with the transitions beside it."""
    speed = _CurveSpeed(limits, train, gauge)
    if hold_against_design(alignment, route.extra.get("design")):
        yield from _designed(route, speed)
        return
    elements = alignment.elements
    curves = [i for i, e in enumerate(elements) if e.kind == "circular_curve" and e.radius_m]
    radii = np.array([elements[i].radius_m or 0.0 for i in curves])
    lows = np.array([elements[i].radius_low_m or elements[i].radius_m or 0.0 for i in curves])
    highs = np.array([_highest_m(elements[i]) for i in curves])
    slow = speed("slow", np.minimum(lows, radii)).tolist()
    expected = speed("expected", radii).tolist()
    fast = speed("fast", np.maximum(highs, radii)).tolist()
    for k, i in enumerate(curves):
        high_m = float(highs[k])
        yield Restriction(
            cause="curve",
            from_m=_before(elements, i),
            to_m=_after(elements, i),
            slow_mps=min(slow[k], expected[k]),
            expected_mps=expected[k],
            fast_mps=max(fast[k], expected[k]),
            radius_m=float(radii[k]),
            radius_low_m=float(lows[k]),
            radius_high_m=None if math.isinf(high_m) else high_m,
            resolved=elements[i].status != "unresolved",
        )


def _highest_m(element: Element) -> float:
    """Give the upper end of a radius; where the vertices prove no curve, none bounds it."""
    if element.radius_high_m is None or element.status == "unresolved":
        return math.inf
    return element.radius_high_m


def _before(elements: Sequence[Element], i: int) -> float:
    before = elements[i - 1] if i else None
    joins = before is not None and before.kind == "transition"
    return before.from_m if before is not None and joins else elements[i].from_m


def _after(elements: Sequence[Element], i: int) -> float:
    after = elements[i + 1] if i + 1 < len(elements) else None
    joins = after is not None and after.kind == "transition"
    return after.to_m if after is not None and joins else elements[i].to_m


class _CurveSpeed:
    """The speeds that radii and transitions permit, at each end of the ranges."""

    def __init__(self, limits: Limits, train: Train, gauge: float | None) -> None:
        self.limits, self.gauge = limits, gauge
        self.tilt = {end: train.at(end).tilt_deg for end in ENDS}

    def __call__(self, end: End, radius_m: FloatArray) -> FloatArray:
        if isinstance(self.limits, RailLimits):
            speed = self.limits.curve_speed_mps(
                radius_m, gauge_mm=self.gauge, end=end, tilt_deg=self.tilt[end]
            )
        else:
            speed = self.limits.curve_speed_mps(radius_m, end=end)
        return np.maximum(speed, _SLOWEST_MPS)

    def transition(self, end: End, length_m: float, change_per_m: float) -> float:
        """Give the speed that a transition permits."""
        if isinstance(self.limits, RailLimits):
            speed = self.limits.transition_speed_mps(
                length_m, change_per_m, gauge_mm=self.gauge, end=end, tilt_deg=self.tilt[end]
            )
        else:
            speed = self.limits.transition_speed_mps(length_m, change_per_m, end=end)
        return max(float(speed), _SLOWEST_MPS)


def _designed(route: Route, speed: _CurveSpeed) -> Iterator[Restriction]:
    """Restrict the curves and transitions of a design, whose radii are exact."""
    design = route.extra["design"]
    said = design.get("grid_scale")
    scale = said if isinstance(said, int | float) and 0 < said < math.inf else 1.0
    rows = [row for row in design["elements"] if isinstance(row, Mapping)]
    told = [(row, *_ends(row, scale)) for row in rows if has_ends(row)]
    bent = [_bent(speed, max(abs(first), abs(last))) for _, first, last in told]
    led = [_led(speed, told, i) for i in range(len(told))]
    for i, (row, first, _) in enumerate(told):
        from_m, to_m = float(row["from_m"]), float(row["to_m"])
        if row.get("kind") == "transition":
            # Where the curve that it leads to is as slow, that holds for it, too.
            if led[i][1] < bent[i][1] * _NEARLY:
                speeds = [min(pair) for pair in zip(led[i], bent[i], strict=True)]
                yield _restriction("transition", from_m, to_m, speeds)
            continue
        if first == 0:
            continue
        slow = bent[i][0]
        for k in (i - 1, i + 1):
            if 0 <= k < len(told) and told[k][0].get("kind") == "transition":
                from_m = min(from_m, float(told[k][0]["from_m"]))
                to_m = max(to_m, float(told[k][0]["to_m"]))
                slow = min(slow, led[k][0])
        yield _restriction("curve", from_m, to_m, [slow, *bent[i][1:]], 1 / abs(first))


def _bent(speed: _CurveSpeed, curvature: float) -> list[float]:
    """Give the speeds that a curvature permits, at each end of the ranges."""
    if curvature == 0:
        return [math.inf] * len(ENDS)
    return [float(speed(end, np.array([1 / curvature]))[0]) for end in ENDS]


def _led(
    speed: _CurveSpeed, told: Sequence[tuple[Mapping[str, Any], float, float]], i: int
) -> list[float]:
    """Give the speeds that a transition permits by its rates, at each end of the ranges."""
    row, first, last = told[i]
    if row.get("kind") != "transition":
        return [math.inf] * len(ENDS)
    change = last + first if _turns_over(told, i) else last - first
    way_m = float(row["to_m"]) - float(row["from_m"])
    return [speed.transition(end, way_m, change) for end in ENDS]


def _restriction(
    cause: Cause, from_m: float, to_m: float, speeds: Sequence[float], radius_m: float | None = None
) -> Restriction:
    slow, expected, fast = speeds
    return Restriction(
        cause=cause,
        from_m=from_m,
        to_m=to_m,
        slow_mps=min(slow, expected),
        expected_mps=expected,
        fast_mps=max(fast, expected),
        radius_m=radius_m,
        radius_low_m=radius_m,
        radius_high_m=radius_m,
    )


def _turns_over(told: Sequence[tuple[Mapping[str, Any], float, float]], i: int) -> bool:
    """Tell whether a transition leads from a curve of one hand to one of the other."""
    if not (told[i][1] and told[i][2]):
        return False
    own = {told[i][0].get("hand_from"), told[i][0].get("hand_to")}
    if None not in own:
        return len(own) > 1
    if not 0 < i < len(told) - 1:
        return False
    hands = {told[k][0].get("hand") for k in (i - 1, i + 1)}
    return hands == {"left", "right"}


def restrict_vertical_curves(route: Route, limits: Limits) -> Iterator[Restriction]:
    """Restrict the vertical curves that the design of a line tells."""
    design = route.extra.get("design")
    rows = design.get("vertical_curves") if isinstance(design, Mapping) else None
    for row in rows if isinstance(rows, list | tuple) else ():
        told = [_above_zero(row, k) for k in ("radius_m", "before_m", "after_m")]
        at_m = row.get("at_m") if isinstance(row, Mapping) else None
        radius_m, before_m, after_m = told
        if not isinstance(at_m, int | float) or not (radius_m and before_m and after_m):
            continue
        speeds = [float(vertical_speed_mps(limits, [radius_m], end=end)[0]) for end in ENDS]
        if math.isinf(speeds[1]):
            continue
        yield Restriction(
            cause="vertical_curve",
            from_m=at_m - before_m,
            to_m=at_m + after_m,
            slow_mps=max(speeds[0], _SLOWEST_MPS),
            expected_mps=max(speeds[1], _SLOWEST_MPS),
            fast_mps=max(speeds[2], _SLOWEST_MPS),
            radius_m=radius_m,
            radius_low_m=radius_m,
            radius_high_m=radius_m,
        )


def _above_zero(row: object, name: str) -> float | None:
    value = row.get(name) if isinstance(row, Mapping) else None
    if isinstance(value, int | float) and 0 < value < math.inf:
        return float(value)
    return None


def has_ends(row: Mapping[str, object]) -> bool:
    """Tell whether a row has numbers ``from_m`` and ``to_m``, in order."""
    return all(isinstance(row.get(k), int | float) for k in ("from_m", "to_m")) and float(
        row["to_m"]  # type: ignore[arg-type]
    ) > float(row["from_m"])  # type: ignore[arg-type]


def _ends(row: Mapping[str, object], scale: float) -> tuple[float, float]:
    """Give the curvature at both ends of an element of a design, on the ground."""
    if row.get("kind") != "transition":
        bent = _curvature(row.get("radius_m"), scale)
        return bent, bent
    return _curvature(row.get("radius_from_m"), scale), _curvature(row.get("radius_to_m"), scale)


def _curvature(radius_m: object, scale: float) -> float:
    if isinstance(radius_m, int | float) and math.isfinite(radius_m) and radius_m > 0:
        return scale / radius_m
    return 0.0


def say_kinks(route: Route, alignment: Alignment) -> list[Finding]:
    """Say that corners, which no track has, restrict no speed."""
    kinks = alignment.kinks
    if not kinks:
        return []
    worst = max(kinks, key=lambda k: abs(k.turn_deg))
    return [
        Finding(
            code="speed.kink",
            severity="note",
            message=f"{len(kinks)} corners of the line, the sharpest of "
            f"{abs(worst.turn_deg):.1f} degrees, restrict no speed: a track has none",
            remedy="look at them: a line drawn better has curves there",
            route=route.label,
            chainage_m=worst.at_m,
        )
    ]
