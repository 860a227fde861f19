"""Transitions of LandXML, also those between curves of opposite hand."""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element

import numpy as np

from geo_routes.axis import DesignElement, SpiralKind, draw_element
from geo_routes.errors import visible
from geo_routes.formats.designs.landxml_text import AlignmentText
from geo_routes.formats.designs.planes import Placed, place_between

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
# Hands other than the one that is said have to fit by so much better.
_BETTER_M = 0.001
# An intersection of tangents further off than so many lengths is that of parallels.
_FAR = 100.0

Point = tuple[float, float]


def place_spiral(text: AlignmentText, item: Element) -> Placed:
    """Place a Spiral.

    Parameters
    ----------
    text : AlignmentText
    item : Element

    Returns
    -------
    Placed
        LandXML has one ``rot`` for both ends. Between two curves the hands are those that fit
        Start, PI and End, and the one that is said where several do.

    Raises
    ------
    MalformedFile
    """
    said = item.get("spiType", "")
    spiral = _SPIRALS.get(said.replace("_", "").lower())
    if spiral is None:
        msg = f"has a Spiral of the type '{visible(said, most=40)}', whose formula is not known"
        raise text.refuse(msg, "export it as a clothoid")
    length = text.number_or_none(item, "length")
    if length is None:
        msg = "has a Spiral without length"
        raise text.refuse(msg)
    bends = [_bend_per_m(text, item, name) for name in ("radiusStart", "radiusEnd")]
    if not any(bends):
        msg = "has a Spiral that is straight at both ends"
        raise text.refuse(msg)
    hand = text.hand(item)
    start, end = text.point(item, "Start"), text.point(item, "End")
    opposite = ((hand, -hand), (-hand, hand)) if all(bends) else ()
    tried = [
        place_between(
            DesignElement(
                kind="transition",
                length_m=length * text.unit_m,
                curvature_from_per_m=hands[0] * bends[0],
                curvature_to_per_m=hands[1] * bends[1],
                spiral=spiral,
            ),
            start,
            end,
            contradiction=text.wrong_side(item, hand) if hands[0] == hands[1] else "",
        )
        for hands in ((hand, hand), *opposite)
    ]
    if len(tried) == 1:
        return tried[0]
    tip = text.tangents_meet(item)
    offs_m = [_off_m(placed, tip, end) for placed in tried]
    best = int(np.argmin(offs_m))
    return tried[best if offs_m[best] < offs_m[0] - _BETTER_M else 0]


def _off_m(placed: Placed, tip: Point | None, end: Point) -> float:
    """How far a transition misses its end, and its tangents the point where they meet."""
    length = placed.element.length_m
    ends = (placed.start_m, end)
    if tip is None or not all(_BETTER_M < math.dist(tip, p) < _FAR * length for p in ends):
        return placed.misfit_m
    turn = float(draw_element(placed.element, np.array([0.0, length])).heading_rad[1])
    headings = (placed.heading_rad, placed.heading_rad + turn)
    return placed.misfit_m + sum(
        abs(math.cos(h) * (tip[1] - p[1]) - math.sin(h) * (tip[0] - p[0]))
        for h, p in zip(headings, ends, strict=True)
    )


def _bend_per_m(text: AlignmentText, item: Element, name: str) -> float:
    said = (item.get(name) or "INF").strip()
    if said.upper() in ("INF", "INFINITY", "+INF"):
        return 0.0
    radius_m = abs(text.number(said, name)) * text.unit_m
    # Programs write 0 for a straight end too.
    return 1.0 / radius_m if radius_m else 0.0
