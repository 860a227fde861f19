"""Horizontal elements of LandXML: lines, curves, spirals and strings of points."""

from __future__ import annotations

import itertools
import math
from xml.etree.ElementTree import Element

from geo_routes.axis import DesignElement
from geo_routes.errors import InvalidNoun
from geo_routes.formats.designs.landxml_curves import place_curve
from geo_routes.formats.designs.landxml_spirals import place_spiral
from geo_routes.formats.designs.landxml_text import AlignmentText, local
from geo_routes.formats.designs.planes import Placed, place_between
from geo_routes.model import Finding


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
            return [place_spiral(text, item)]
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
