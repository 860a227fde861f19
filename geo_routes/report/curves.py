"""Alignments as tables: text for people, CSV and JSON values for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from geo_routes.alignment import Alignment, Element, hold_against_design
from geo_routes.chainage import Stationing
from geo_routes.errors import visible
from geo_routes.model import Route
from geo_routes.report.saying import MOST_ROWS, Units, more, say_chainage

_WORDS = {"tangent": "tangent", "circular_curve": "curve", "transition": "transition"}
_COLUMNS = (
    *("route", "kind", "from_m", "to_m", "length_m", "hand", "radius_m", "radius_low_m"),
    *("radius_high_m", "clothoid_m", "deflection_deg", "status"),
)


def curves_text(
    route: Route,
    alignment: Alignment | None,
    *,
    source: str,
    units: Units = "km",
    stationing: Stationing = "12.345",
) -> str:
    """Write the elements of one route for people, one to a line."""
    return "\n".join(_lines(route, alignment, source, units, stationing))


def _lines(
    route: Route, alignment: Alignment | None, source: str, units: Units, stationing: Stationing
) -> Iterator[str]:
    yield f"{visible(route.label, most=120)}  ({visible(source, most=160)})"
    if alignment is None:
        yield "  untestable: a sketch says nothing about radii"
        return
    if not alignment.elements:
        yield "  untestable: fewer than five vertices in a part tell no curve"
        return
    curves = alignment.curves
    off = f", its vertices {alignment.sigma_m:.2f} m off" if alignment.sigma_m else ""
    number = f"{len(curves)} curve{'s' if len(curves) != 1 else ''}"
    yield f"  {len(alignment.elements)} elements, {number}{off}"
    for element in alignment.elements[:MOST_ROWS]:
        ends = (
            say_chainage(at_m, stationing=stationing, units=units)
            for at_m in (element.from_m, element.to_m)
        )
        yield f"  {' to '.join(f'{end:>12}' for end in ends)}  {_say(element)}"
    yield from more(len(alignment.elements))
    for kink in alignment.kinks[:MOST_ROWS]:
        at = say_chainage(kink.at_m, stationing=stationing, units=units)
        yield f"  {at:>12}  kink       {kink.hand:<5}  {abs(kink.turn_deg):.1f}°"
    yield from more(len(alignment.kinks))
    yield from _design_lines(route, alignment, units, stationing)


def _design_lines(
    route: Route, alignment: Alignment, units: Units, stationing: Stationing
) -> Iterator[str]:
    """Hold the fitted radii against those of the design, where the route keeps it."""
    held = hold_against_design(alignment, route.extra.get("design"))
    if not held:
        return
    yield f"  design     {len(held)} curve{'s' if len(held) != 1 else ''}, radii on the ground"
    for curve in held[:MOST_ROWS]:
        ends = (
            say_chainage(at_m, stationing=stationing, units=units)
            for at_m in (curve.from_m, curve.to_m)
        )
        if curve.fitted is None or curve.difference is None:
            said = "no curve fitted there"
        else:
            verdict = "within" if curve.agrees else "outside"
            said = f"fitted {curve.difference:+.2%}, {verdict} its interval"
        yield (
            f"  {' to '.join(f'{end:>12}' for end in ends)}  designed   {curve.hand:<5}  "
            f"R {curve.designed_radius_m:,.2f} m: {said}"
        )
    yield from more(len(held))


def _say(element: Element) -> str:
    word = f"{_WORDS[element.kind]:<10}"
    if element.kind == "tangent":
        return word.rstrip()
    if element.kind == "transition":
        return f"{word} {element.hand or '':<5}  {element.length_m:,.0f} m"
    low = say_radius(element.radius_low_m or 0.0)
    high = say_radius(element.radius_high_m) if element.radius_high_m else "straight"
    state = "" if element.status == "measured" else f"  {element.status}"
    radius = say_radius(element.radius_m or 0.0)
    turn = f"{abs(element.deflection_deg):.1f}°"
    return f"{word} {element.hand:<5}  R {radius} ({low} to {high}), {turn}{state}"


def say_radius(radius_m: float) -> str:
    """Say a radius to three digits, for none is known better."""
    digits = max(2 - int(np.floor(np.log10(max(radius_m, 1.0)))), -3)
    return f"{round(radius_m, digits):,.0f} m"


def element_row(element: Element) -> dict[str, Any]:
    """Give an element as JSON values, metres and degrees."""
    return {
        "kind": element.kind,
        "from_m": element.from_m,
        "to_m": element.to_m,
        "radius_m": element.radius_m,
        "radius_low_m": element.radius_low_m,
        "radius_high_m": element.radius_high_m,
        "hand": element.hand,
        "status": element.status,
        "curvature_from_per_m": element.curvature_from_per_m,
        "curvature_to_per_m": element.curvature_to_per_m,
        "clothoid_m": element.clothoid_m,
        "deflection_deg": element.deflection_deg,
    }


def curves_row(route: Route, alignment: Alignment | None) -> dict[str, Any]:
    """Give the alignment of one route as JSON values."""
    return {
        "id": route.id,
        "name": route.name,
        "sigma_m": None if alignment is None else alignment.sigma_m,
        "elements": [] if alignment is None else [element_row(e) for e in alignment.elements],
        "kinks": []
        if alignment is None
        else [{"at_m": k.at_m, "turn_deg": k.turn_deg} for k in alignment.kinks],
        "design": [] if alignment is None else _design_rows(route, alignment),
    }


def _design_rows(route: Route, alignment: Alignment) -> list[dict[str, Any]]:
    return [
        {
            "from_m": c.from_m,
            "to_m": c.to_m,
            "hand": c.hand,
            "designed_radius_m": c.designed_radius_m,
            "fitted_radius_m": None if c.fitted is None else c.fitted.radius_m,
            "fitted_radius_low_m": None if c.fitted is None else c.fitted.radius_low_m,
            "fitted_radius_high_m": None if c.fitted is None else c.fitted.radius_high_m,
            "agrees": c.agrees,
        }
        for c in hold_against_design(alignment, route.extra.get("design"))
    ]


def curves_csv(rows: Sequence[tuple[Route, Alignment | None]]) -> str:
    """Write the elements of several routes as CSV with a header; what is unknown is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for route, alignment in rows:
        for element in alignment.elements if alignment is not None else ():
            values = {
                **element_row(element),
                "route": _cell(route.label),
                "length_m": element.length_m,
            }
            writer.writerow(["" if values[c] is None else values[c] for c in _COLUMNS])
    return out.getvalue().rstrip("\n")


def _cell(text: str) -> str:
    """Give text that no spreadsheet takes for a formula."""
    shown = visible(text)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") else shown
