"""Horizontal elements of LandXML: lines, curves, spirals and strings of points."""

from __future__ import annotations

import itertools
import math
from xml.etree.ElementTree import Element

from geo_routes.axis import DesignElement, SpiralKind
from geo_routes.errors import InvalidNoun, visible
from geo_routes.formats.designs.landxml_curves import place_curve
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
            return [place_curve(text, item)]
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


def _spiral(text: AlignmentText, item: Element) -> Placed:
    said = item.get("spiType", "")
    spiral = _SPIRALS.get(said.replace("_", "").lower())
    if spiral is None:
        shown = visible(said, most=40)
        msg = f"has a Spiral of the type '{shown}', whose formula is not known"
        raise text.refuse(msg,
                          "export it as a clothoid")  # fmt: skip
    hand = text.hand(item)
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
