"""LandXML 1.0 to 1.2: horizontal alignments, profiles and cant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from geo_routes.errors import MalformedFile
from geo_routes.formats.designs.landxml_elements import place_item
from geo_routes.formats.designs.landxml_head import angular_unit_of, system_of, unit_of
from geo_routes.formats.designs.landxml_profiles import read_profile
from geo_routes.formats.designs.landxml_text import AlignmentText, local
from geo_routes.formats.designs.planes import Design
from geo_routes.formats.designs.profiles import profile_heights, vertical_curves
from geo_routes.model import Finding


@dataclass(frozen=True, slots=True)
class LandXml:
    """A file that was taken apart.

    Parameters
    ----------
    designs : dict
        By the names of the alignments.
    crs : str, optional
        Code of the reference system, where the file names one.
    """

    designs: dict[str, Design]
    crs: str | None


def parse_landxml(root: Element, *, source: str) -> LandXml:
    """Take the alignments out of a LandXML document.

    Parameters
    ----------
    root : Element
    source : str

    Returns
    -------
    LandXml

    Raises
    ------
    MalformedFile
    """
    unit_m, unit = unit_of(root, source)
    points = {
        e.get("name", ""): e.text or ""
        for e in root.iter()
        if local(e) == "CgPoint" and e.get("name")
    }
    version = root.get("version", "")
    designs: dict[str, Design] = {}
    for number, element in enumerate(e for e in root.iter() if local(e) == "Alignment"):
        name = element.get("name") or f"alignment {number + 1}"
        text = AlignmentText(
            source, number, unit_m=unit_m, points=points, angular_unit=angular_unit_of(root)
        )
        design = _design(text, element, name, f"LandXML {version}".strip(), unit)
        while name in designs:
            name += "'"
        designs[name] = design
    if not any(design.placed for design in designs.values()):
        reason = "is LandXML without an alignment that has elements in its CoordGeom"
        raise MalformedFile(reason, remedy="export the horizontal alignment", source=source)
    return LandXml(designs, system_of(root))


def _design(text: AlignmentText, element: Element, name: str, form: str, unit: str) -> Design:
    placed = [
        p
        for geometry in element
        if local(geometry) == "CoordGeom"
        for item in geometry
        for p in place_item(text, item)
    ]
    start = text.number_or_none(element, "staStart")
    start_m = 0.0 if start is None else start * text.unit_m
    grades = read_profile(text, element, start_m)
    cant, gauge_mm = _cant(text, element, start_m)
    extra: dict[str, Any] = {"unit": unit}
    if cant:
        extra["cant"] = cant
    if len(grades) > 1:
        extra["vertical_curves"] = vertical_curves(grades)
    return Design(
        name=name,
        form=form,
        placed=tuple(placed),
        start_km=None if start is None else start_m / 1000.0,
        breaks=_equations(text, element, start_m),
        heights=partial(profile_heights, grades) if len(grades) > 1 else None,
        extra=extra,
        members={} if gauge_mm is None else {"gauge_mm": gauge_mm},
        remarks=tuple(text.remarks),
    )


def _equations(
    text: AlignmentText, element: Element, start_m: float
) -> tuple[tuple[float, float, float], ...]:
    rows = []
    reached, counted = 0.0, start_m
    for item in (e for e in element if local(e) == "StaEquation"):
        ahead = text.number_or_none(item, "staAhead")
        back = text.number_or_none(item, "staBack")
        inner = text.number_or_none(item, "staInternal")
        if ahead is None or (back is None and inner is None):
            msg = "has a StaEquation without staAhead or staBack"
            raise text.refuse(msg)
        if item.get("staIncrement") == "decreasing":
            message = "stations that decrease after an equation are not kept"
            text.remarks.append(Finding(code="gis.lost", severity="warning", message=message))
            return ()
        if inner is not None:
            distance = inner * text.unit_m - start_m
        else:
            distance = reached + (back or 0.0) * text.unit_m - counted
        back = back if back is not None else inner
        reached, counted = distance, ahead * text.unit_m
        rows.append((distance, float(back or 0.0) * text.unit_m / 1000.0,
                     ahead * text.unit_m / 1000.0))  # fmt: skip
    return tuple(sorted(rows))


def _cant(
    text: AlignmentText, element: Element, start_m: float
) -> tuple[list[dict[str, Any]], float | None]:
    for cant in (e for e in element if local(e) == "Cant"):
        rows = []
        for item in cant:
            station = text.number_or_none(item, "station")
            applied = text.number_or_none(item, "appliedCant")
            if local(item) == "CantStation" and station is not None and applied is not None:
                rows.append(
                    {
                        "along_m": station * text.unit_m - start_m,
                        "applied_cant": applied,
                        "hand": {"cw": "right", "ccw": "left"}.get(
                            (item.get("curvature") or "").lower()
                        ),
                    }
                )
        return rows, _gauge_mm(text.number_or_none(cant, "gauge"))
    return [], None


def _gauge_mm(said: float | None) -> float | None:
    """Read a gauge, which files give in millimetres, metres, feet or inches."""
    if said is None:
        return None
    for low, high, factor in ((300, 3000, 1.0), (0.3, 2.0, 1000.0), (2.0, 10.0, 304.8),
                              (12, 120, 25.4)):  # fmt: skip
        if low <= said < high:
            return round(said * factor, 3)
    return None
