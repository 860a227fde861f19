"""What a LandXML file says of all of it: its unit of length and its reference system."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from geo_routes.errors import MalformedFile, visible

_UNITS_M = {
    "millimeter": 0.001,
    "centimeter": 0.01,
    "meter": 1.0,
    "kilometer": 1000.0,
    "foot": 0.3048,
    "USSurveyFoot": 1200.0 / 3937.0,
    "inch": 0.0254,
    "mile": 1609.344,
}


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def unit_of(root: Element, source: str) -> tuple[float, str]:
    """Give the metres of a unit and its name.

    Raises
    ------
    MalformedFile
        If it is not said or not known.
    """
    for element in root:
        if _local(element) == "Units":
            for inner in element:
                said = inner.get("linearUnit", "")
                if said in _UNITS_M:
                    return _UNITS_M[said], said
                reason = f"has the linearUnit '{visible(said, most=30)}', which is not known"
                raise MalformedFile(reason, remedy=f"use one of {', '.join(_UNITS_M)}",
                                    source=source)  # fmt: skip
    reason = "is LandXML without Units, so nobody knows whether it counts in metres or feet"
    raise MalformedFile(reason, remedy="correct it, or export it again", source=source)


def angular_unit_of(root: Element) -> str:
    """Give the unit of angles, in the words of LandXML; radians where it is not said."""
    units = (inner for e in root if _local(e) == "Units" for inner in e)
    return next((u.get("angularUnit", "radians") for u in units), "radians")


def system_of(root: Element) -> str | None:
    """Give the code, or the text, of the reference system; None where the file names none."""
    for element in root:
        if _local(element) == "CoordinateSystem":
            code = (element.get("epsgCode") or "").strip().removeprefix("EPSG:")
            if code.isdigit() and code != "0":
                return f"EPSG:{code}"
            if element.get("ogcWktCode"):
                return element.get("ogcWktCode")
    return None
