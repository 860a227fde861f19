"""Alignments as a map shows them: runs by kind and radius class, and a row for each element."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from geo_routes.alignment import Alignment, Element, fit_alignment
from geo_routes.styles import ELEMENT_STYLES, curve_strokes
from geo_routes.survey import Survey

# A class of radii runs from one of these to the next, in each power of ten: close ones where the
# radii of a map are alike, wide ones where a tramway is on the same map as a high-speed line.
# Lines are built with round radii, and measured a little off them: bounds are radii that nobody
# chooses, lest what is built alike be drawn in two ways.
_LADDERS = (
    (1.1, 1.35, 1.75, 2.25, 2.75, 3.3, 4.3, 5.3, 6.7, 8.7),
    (1.35, 2.25, 3.3, 5.3, 8.7),
    (1.35, 3.3, 6.7),
    (1.35, 4.3),
    (1.35,),
)
_MOST_CLASSES = 6
_SHARPEST_M, _WIDEST_M = 10.0, 100_000.0
_POWERS = range(6)
# What is shorter cannot be seen, and comes of chainages that are equal but for rounding.
_SHORTEST_M = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class RadiusClass:
    """Radii that are drawn alike: from ``from_m`` on, but under ``to_m``; None is no bound."""

    from_m: float | None
    to_m: float | None


def fit_survey(survey: Survey) -> Alignment | None:
    """Fit the alignment of a surveyed route; a sketch has none."""
    if survey.route.geometry_kind == "sketch":
        return None
    return fit_alignment(survey.ruler, accuracy_m=survey.route.accuracy_m)


def radius_classes(alignments: Sequence[Alignment | None]) -> tuple[RadiusClass, ...]:
    """Choose round classes of radii that suit what was fitted, the sharpest first.

    Parameters
    ----------
    alignments : sequence of Alignment or None

    Returns
    -------
    tuple of RadiusClass
        Without gap or overlap, six at most; they span the radii that are measured (or, where none
        is, the uncertain ones), and what lies beyond belongs to the first or the last of them.
    """
    curves = [e for a in alignments if a is not None for e in a.curves if _is_told(e)]
    sure = [e for e in curves if e.status == "measured"] or curves
    radii = [min(max(e.radius_m or 0.0, _SHARPEST_M), _WIDEST_M) for e in sure]
    if not radii:
        return ()
    bounds = next(b for b in _bounds(min(radii), max(radii)) if len(b) <= _MOST_CLASSES + 1)
    sharper = any((e.radius_m or 0.0) < bounds[0] for e in curves)
    wider = any((e.radius_m or 0.0) >= bounds[-1] for e in curves)
    classes = [RadiusClass(from_m=a, to_m=b) for a, b in pairwise(bounds)]
    if sharper:
        classes[0] = RadiusClass(from_m=None, to_m=classes[0].to_m)
    if wider:
        classes[-1] = RadiusClass(from_m=classes[-1].from_m, to_m=None)
    return tuple(classes)


def _bounds(low_m: float, high_m: float) -> Iterator[list[float]]:
    for ladder in _LADDERS:
        rungs = [round(rung * 10.0**power, 2) for power in _POWERS for rung in ladder]
        first = max(i for i, rung in enumerate(rungs) if rung <= low_m)
        last = min(i for i, rung in enumerate(rungs) if rung > high_m)
        yield rungs[first : last + 1]


def _is_told(element: Element) -> bool:
    return element.radius_m is not None and element.status != "unresolved"


def element_style(element: Element, classes: Sequence[RadiusClass]) -> str:
    """Name the style that an element is drawn in."""
    if element.kind != "circular_curve":
        return element.kind if element.status != "unresolved" else "unresolved"
    if not _is_told(element) or not classes:
        return "unresolved"
    radius_m = element.radius_m or 0.0
    number = sum(c.to_m is not None and radius_m >= c.to_m for c in classes[:-1])
    return f"curve-{number}" if element.status == "measured" else f"curve-{number}-uncertain"


def element_spans(
    alignment: Alignment | None, from_m: float, to_m: float, *, classes: Sequence[RadiusClass]
) -> list[tuple[float, float, dict[str, Any]]]:
    """List (from, to, what it is) without gap or overlap over one part of a route.

    What is drawn names its style as ``kind``, and its element by the place in the alignment.
    """
    if alignment is None:
        return [(from_m, to_m, _untold("sketch", from_m, to_m))]
    spans: list[tuple[float, float, dict[str, Any]]] = []
    reached_m = from_m
    ends_m = [element.to_m for element in alignment.elements]
    for index in range(bisect_right(ends_m, from_m), len(ends_m)):
        element = alignment.elements[index]
        low_m, high_m = max(element.from_m, reached_m), min(element.to_m, to_m)
        if element.from_m >= to_m:
            break
        if high_m - low_m < _SHORTEST_M:
            continue
        if low_m - reached_m >= _SHORTEST_M:
            spans.append((reached_m, low_m, _untold("untold", reached_m, low_m)))
            reached_m = low_m
        told = {"kind": element_style(element, classes), "element": index}
        spans.append((reached_m, high_m, told))
        reached_m = high_m
    if to_m - reached_m >= _SHORTEST_M or not spans:
        spans.append((reached_m, to_m, _untold("untold", reached_m, to_m)))
    return spans


def _untold(style: str, from_m: float, to_m: float) -> dict[str, Any]:
    ends = {"from_m": round(from_m, 1), "to_m": round(to_m, 1)}
    return {"kind": style, "element": None, **ends}


def element_rows(alignment: Alignment | None) -> list[dict[str, Any]]:
    """Give what a page tells of each element: chainages to 0.1 m, radii to 0.1 m."""
    if alignment is None:
        return []
    return [_row(element) for element in alignment.elements]


def _row(element: Element) -> dict[str, Any]:
    row: dict[str, Any] = {
        "kind": element.kind,
        "hand": element.hand,
        "from_m": round(element.from_m, 1),
        "to_m": round(element.to_m, 1),
        "status": element.status,
    }
    if element.kind != "tangent":
        row["turn_deg"] = round(abs(element.deflection_deg), 2)
    if element.kind == "circular_curve" and _is_told(element):
        row["radius_m"] = _rounded(element.radius_m)
        row["low_m"] = _rounded(element.radius_low_m)
        row["high_m"] = _rounded(element.radius_high_m)
    return row


def _rounded(radius_m: float | None) -> float | None:
    return None if radius_m is None or not math.isfinite(radius_m) else round(radius_m, 1)


def element_styles(classes: Sequence[RadiusClass], used: set[str]) -> dict[str, Any]:
    """Give the strokes of the styles that are used; all classes between are in the legend too."""
    styles: dict[str, Any] = {}
    for number in range(len(classes)):
        place = number / (len(classes) - 1) if len(classes) > 1 else 0.4
        styles[f"curve-{number}"] = _strokes(curve_strokes(place))
        if f"curve-{number}-uncertain" in used:
            uncertain = curve_strokes(place, certain=False)
            styles[f"curve-{number}-uncertain"] = _strokes(uncertain)
    for name, strokes in ELEMENT_STYLES.items():
        if name in used:
            styles[name] = _strokes(strokes)
    return styles


def legend_rows(classes: Sequence[RadiusClass], used: set[str]) -> list[dict[str, Any]]:
    """List what the legend tells, from the straight line to the sharpest curve."""
    rows: list[dict[str, Any]] = [
        {"kind": name} for name in ("tangent", "transition") if name in used
    ]
    for number in reversed(range(len(classes))):
        bounds = classes[number]
        ends = {"from_m": bounds.from_m, "to_m": bounds.to_m}
        rows.append({"kind": f"curve-{number}", "radius": ends})
    uncertain = sorted(name for name in used if name.endswith("-uncertain"))
    if uncertain:
        rows.append({"kind": uncertain[0]})
    return rows + [{"kind": name} for name in ("unresolved", "untold", "sketch") if name in used]


def _strokes(strokes: Sequence[object]) -> list[dict[str, Any]]:
    return [asdict(stroke) for stroke in strokes]  # type: ignore[call-overload]
