"""Horizontal elements of LandXML: lines, curves, spirals and strings of points."""

from __future__ import annotations

import itertools
import math
from xml.etree.ElementTree import Element

from geo_routes.axis import DesignElement, SpiralKind
from geo_routes.errors import InvalidNoun, visible
from geo_routes.formats.designs.landxml_text import AlignmentText, local
from geo_routes.formats.designs.planes import Placed, place_between
from geo_routes.model import Finding

_SPIRALS: dict[str, SpiralKind] = {
    "clothoid": "clothoid",
    "bloss": "bloss",
    "cosine": "cosine",
    "sinusoid": "sinusoid",
    "biquadratic": "biquadratic",
    "cubic": "cubic",
    "cubicparabola": "cubic_parabola",
    "japanesecubic": "japanese_cubic",
    "sinehalfwave": "sine_half_wave",
    "biquadraticparabola": "biquadratic_parabola",
    "radioid": "radioid",
    "weinerbogen": "wiener_bogen",
    "wienerbogen": "wiener_bogen",
    # Read from the other end these curves are themselves, and the radii say which end is which.
    "revbiquadratic": "biquadratic",
    "revbloss": "bloss",
    "revcosine": "cosine",
    "revsinusoid": "sinusoid",
}


def place_item(text: AlignmentText, item: Element) -> list[Placed]:
    """Place what stands in CoordGeom.

    Parameters
    ----------
    text : AlignmentText
    item : Element

    Returns
    -------
    list of Placed
        None of what is no element.

    Raises
    ------
    MalformedFile
    """
    kind = local(item)
    try:
        if kind == "Line":
            return _line(text.point(item, "Start"), text.point(item, "End"))
        if kind == "Curve":
            return [_curve(text, item)]
        if kind == "Spiral":
            return [_spiral(text, item)]
        if kind == "IrregularLine":
            return _irregular(text, item)
    except InvalidNoun as error:
        msg = f"has {error.reason}"
        raise text.refuse(msg, error.remedy) from error
    if kind == "Chain":
        msg = "has a Chain of survey points in its CoordGeom"
        raise text.refuse(msg, "export the elements")
    return []


def _line(start: tuple[float, float], end: tuple[float, float]) -> list[Placed]:
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    if length == 0:
        return []
    return [place_between(DesignElement(kind="tangent", length_m=length), start, end)]


def _irregular(text: AlignmentText, item: Element) -> list[Placed]:
    rows = [e for e in item if local(e) in ("PntList2D", "PntList3D")]
    width = 3 if rows and local(rows[0]) == "PntList3D" else 2
    numbers = text.numbers(rows[0].text or "") if rows else []
    if len(numbers) < 2 * width or len(numbers) % width:
        msg = "has an IrregularLine without a list of two points or more"
        raise text.refuse(msg)
    places = [
        (numbers[i + 1] * text.unit_m, numbers[i] * text.unit_m)
        for i in range(0, len(numbers), width)
    ]
    message = f"a stretch of {len(places)} points (IrregularLine) is no element of a design"
    text.remarks.append(Finding(code="design.irregular", severity="warning", message=message))
    return [p for a, b in itertools.pairwise(places) for p in _line(a, b)]


def _curve(text: AlignmentText, item: Element) -> Placed:
    start, end = text.point(item, "Start"), text.point(item, "End")
    hand = _hand(text, item)
    radius = text.number_or_none(item, "radius")
    has_centre = any(local(e) == "Center" for e in item)
    if radius is None and not has_centre:
        msg = "has a Curve without radius and without Center"
        raise text.refuse(msg)
    if has_centre:
        centre = text.point(item, "Center")
        ends = [math.hypot(p[0] - centre[0], p[1] - centre[1]) for p in (start, end)]
        if radius is None:
            radius = sum(ends) / 2.0 / text.unit_m
        angles = [math.atan2(p[1] - centre[1], p[0] - centre[0]) for p in (start, end)]
        turn = (hand * (angles[1] - angles[0])) % (2 * math.pi)
    else:
        # Without the centre only the chord is known: less than half a circle is meant.
        chord = math.hypot(end[0] - start[0], end[1] - start[1])
        if chord > 2 * radius * text.unit_m * (1 + 1e-6):  # type: ignore[operator]
            msg_0 = (
                f"has a Curve of the radius {radius:g} whose ends are further "
                "apart than its circle is wide"
            )
            raise text.refuse(msg_0)
        turn = 2 * math.asin(min(chord / (2 * radius * text.unit_m), 1.0))  # type: ignore[operator]
        length = text.number_or_none(item, "length")
        if length is not None:
            # Of the two arcs over a chord the one that is about as long as the file says.
            said = length / radius  # type: ignore[operator]
            turn = min(turn, 2 * math.pi - turn, key=lambda t: abs(t - said))
    radius_m = float(radius or 0.0) * text.unit_m
    if not (math.isfinite(radius_m) and radius_m > 0):
        msg = f"has a Curve of the radius {radius}"
        raise text.refuse(msg)
    if turn == 0:
        length = text.number_or_none(item, "length")
        turn = 0.0 if length is None else length * text.unit_m / radius_m
    if turn == 0:
        msg = "has a Curve that begins where it ends"
        raise text.refuse(msg)
    element = DesignElement(
        kind="circular_curve",
        length_m=turn * radius_m,
        curvature_from_per_m=hand / radius_m,
        curvature_to_per_m=hand / radius_m,
    )
    if not has_centre:
        return place_between(element, start, end)
    # Square to the radius at its start; where it begins and ends, it may be a whole circle.
    heading = angles[0] + hand * math.pi / 2
    off = max(abs(r - radius_m) for r in ends)
    return Placed(element=element, start_m=start, heading_rad=heading, misfit_m=off)


def _spiral(text: AlignmentText, item: Element) -> Placed:
    said = item.get("spiType", "")
    spiral = _SPIRALS.get(said.replace("_", "").lower())
    if spiral is None:
        shown = visible(said, most=40)
        msg = f"has a Spiral of the type '{shown}', whose formula is not known"
        raise text.refuse(msg,
                          "export it as a clothoid")  # fmt: skip
    hand = _hand(text, item)
    length = text.number_or_none(item, "length")
    if length is None:
        msg = "has a Spiral without length"
        raise text.refuse(msg)
    radii = [_radius(text, item, name) for name in ("radiusStart", "radiusEnd")]
    if radii == [math.inf, math.inf]:
        msg = "has a Spiral that is straight at both ends"
        raise text.refuse(msg)
    element = DesignElement(
        kind="transition",
        length_m=length * text.unit_m,
        curvature_from_per_m=hand / (radii[0] * text.unit_m),
        curvature_to_per_m=hand / (radii[1] * text.unit_m),
        spiral=spiral,
    )
    return place_between(element, text.point(item, "Start"), text.point(item, "End"))


def _radius(text: AlignmentText, item: Element, name: str) -> float:
    said = (item.get(name) or "INF").strip()
    if said.upper() in ("INF", "INFINITY", "+INF"):
        return math.inf
    value = abs(text.number(said, name))
    # Programs write 0 for a straight end too.
    return value or math.inf


def _hand(text: AlignmentText, item: Element) -> float:
    said = (item.get("rot") or "").lower()
    if said not in ("cw", "ccw"):
        msg = f"has a {local(item)} without rot (cw or ccw)"
        raise text.refuse(msg)
    return -1.0 if said == "cw" else 1.0
