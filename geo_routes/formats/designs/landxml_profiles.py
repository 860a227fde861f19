"""Profiles of LandXML → heights along the alignment."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from geo_routes.axis.elements import LONGEST_M
from geo_routes.formats.designs.landxml_text import AlignmentText, local
from geo_routes.formats.designs.profiles import (
    HIGHEST_M,
    Grade,
    overlapping_curves,
)
from geo_routes.model import Finding

_CURVES = ("ParaCurve", "UnsymParaCurve", "CircCurve")
_SAME_M = 1e-6
_MOST_SAID = 8


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
        Also if two heights stand at one station, or one that no place has.
    """
    profiles = [p for e in element if local(e) == "Profile" for p in e if local(p) == "ProfAlign"]
    if not profiles:
        return []
    if len(profiles) > 1:
        message = f"of {len(profiles)} profiles the first was taken for the heights"
        text.remarks.append(Finding(code="gis.lost", severity="note", message=message))
    grades = [
        _grade(text, item, start_m) for item in profiles[0] if local(item) in ("PVI", *_CURVES)
    ]
    grades = _united(text, sorted(grades, key=lambda g: g.at_m), start_m)
    if len(grades) < 2:
        message = f"a profile of {len(grades)} points tells no gradient, so it gives no heights"
        text.remarks.append(Finding(code="gis.lost", severity="warning", message=message))
        return []
    text.remarks += _odd(grades)
    return grades


def _grade(text: AlignmentText, item: Element, start_m: float) -> Grade:
    kind = local(item)
    numbers = text.numbers(item.text or "")
    if len(numbers) != 2:
        msg = f"has a {kind} that is no station and height"
        raise text.refuse(msg)
    at_m, height_m = numbers[0] * text.unit_m - start_m, numbers[1] * text.unit_m
    if not abs(at_m) <= LONGEST_M:
        msg = f"has a {kind} {at_m:g} m from the start of its alignment"
        raise text.refuse(msg)
    if not abs(height_m) <= HIGHEST_M:
        msg = f"has a {kind} of the height {height_m:g} m, which no place has"
        raise text.refuse(msg)
    if kind == "PVI":
        return Grade(at_m=at_m, height_m=height_m)
    length, before, after, radius = (
        _length_m(text, item, name) for name in ("length", "lengthIn", "lengthOut", "radius")
    )
    if kind != "UnsymParaCurve":
        before = after = length / 2.0
    return Grade(
        at_m=at_m,
        height_m=height_m,
        before_m=before,
        after_m=after,
        radius_m=radius if kind == "CircCurve" else 0.0,
    )


def _length_m(text: AlignmentText, item: Element, name: str) -> float:
    length_m = (text.number_or_none(item, name) or 0.0) * text.unit_m
    # Some programs give the radius of a crest a sign; no length has one.
    length_m = abs(length_m) if name == "radius" else length_m
    if not 0 <= length_m <= LONGEST_M:
        msg = f"has a {local(item)} with a {name} of {length_m:g} m"
        raise text.refuse(msg)
    return length_m


def _united(text: AlignmentText, grades: Sequence[Grade], start_m: float) -> list[Grade]:
    """Take a point that is filed twice once; two heights at one station contradict each other."""
    united: list[Grade] = []
    for grade in grades:
        last = united[-1] if united else None
        if last is None or grade.at_m - last.at_m > _SAME_M:
            united.append(grade)
            continue
        bare = Grade(at_m=last.at_m, height_m=last.height_m)
        same = abs(grade.height_m - last.height_m) <= _SAME_M
        if same and last == bare:
            united[-1] = grade
        elif not same or (grade.before_m, grade.after_m, grade.radius_m) not in (
            (0.0, 0.0, 0.0), (last.before_m, last.after_m, last.radius_m)
        ):  # fmt: skip
            station = (grade.at_m + start_m) / text.unit_m
            msg = f"has two points of its profile at the station {station:.15g}"
            raise text.refuse(msg, "keep one of them")
    return united


def _odd(grades: Sequence[Grade]) -> list[Finding]:
    """Say which vertical curves cannot be drawn as they are told."""
    said = [
        f"the vertical curves {before.at_m:,.3f} and {after.at_m:,.3f} m from the start of the "
        f"design are {over_m:.3f} m longer than the gradient between them"
        for before, after, over_m in overlapping_curves(grades)
    ]
    said += [
        f"the vertical curve at the end of a profile, {end.at_m:,.3f} m from the start of the "
        "design, has no second gradient and is not drawn"
        for end in (grades[0], grades[-1])
        if end.before_m or end.after_m or end.radius_m
    ]
    if len(said) > _MOST_SAID:
        rest = f"and so are {len(said) - _MOST_SAID} more vertical curves"
        said[_MOST_SAID:] = [rest]
    return [
        Finding(
            code="design.misfit",
            severity="warning",
            message=message,
            remedy="look whether their lengths are in the unit of the file",
        )
        for message in said
    ]
