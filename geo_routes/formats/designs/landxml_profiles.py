"""Profiles of LandXML → where their gradients meet."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from geo_routes.formats.designs.landxml_text import AlignmentText, local
from geo_routes.formats.designs.profiles import Grade
from geo_routes.model import Finding

# No railway is as high or as deep.
_HIGHEST_M = 20_000.0


def read_profile(text: AlignmentText, element: Element, start_m: float) -> list[Grade]:
    """Read the first profile of an alignment.

    Parameters
    ----------
    text : AlignmentText
    element : Element
        The alignment.
    start_m : float
        Its first station.

    Returns
    -------
    list of Grade
        By distance from the start; empty where there is no profile.

    Raises
    ------
    MalformedFile
    """
    profiles = [p for e in element if local(e) == "Profile" for p in e
                if local(p) == "ProfAlign"]  # fmt: skip
    if not profiles:
        return []
    if len(profiles) > 1:
        message = f"of {len(profiles)} profiles the first was taken for the heights"
        text.remarks.append(Finding(code="gis.lost", severity="note", message=message))
    grades: list[Grade] = []
    for item in profiles[0]:
        kind = local(item)
        if kind not in ("PVI", "ParaCurve", "UnsymParaCurve", "CircCurve"):
            continue
        numbers = text.numbers(item.text or "")
        if len(numbers) != 2 or not abs(numbers[1]) * text.unit_m < _HIGHEST_M:
            msg = f"has a {kind} that is no station and height"
            raise text.refuse(msg)
        lengths = [
            (text.number_or_none(item, name) or 0.0) * text.unit_m
            for name in ("length", "lengthIn", "lengthOut", "radius")
        ]
        half = lengths[0] / 2.0
        before, after = (half, half) if kind != "UnsymParaCurve" else (lengths[1], lengths[2])
        grades.append(
            Grade(
                at_m=numbers[0] * text.unit_m - start_m,
                height_m=numbers[1] * text.unit_m,
                before_m=0.0 if kind == "PVI" else before,
                after_m=0.0 if kind == "PVI" else after,
                radius_m=lengths[3] if kind == "CircCurve" else 0.0,
            )
        )
    grades.sort(key=lambda g: g.at_m)
    return grades
