"""Circular curves of LandXML, held against what the file says of their length and angle."""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element

from geo_routes.axis import DesignElement
from geo_routes.formats.designs.landxml_text import AlignmentText, local
from geo_routes.formats.designs.planes import Placed, place_between

_WHOLE_RAD = 2.0 * math.pi
# Two ends so close may be one point, rounded twice.
_HAIR_M = 0.01
# What a file says of a curve may be rounded so far.
_ROUNDED_M, _ROUNDED_SHARE, _ROUNDED_RAD = 0.01, 1e-5, 1e-4

Point = tuple[float, float]


def place_curve(text: AlignmentText, item: Element) -> Placed:
    """Place a Curve.

    Parameters
    ----------
    text : AlignmentText
    item : Element

    Returns
    -------
    Placed
        About its Center, where it has one. What its ``length`` or its ``delta`` says otherwise is
        its contradiction.

    Raises
    ------
    MalformedFile
    """
    start, end = text.point(item, "Start"), text.point(item, "End")
    hand = text.hand(item)
    centre = text.point(item, "Center") if any(local(e) == "Center" for e in item) else None
    radius_m = _radius_m(text, item, centre, (start, end))
    said = _said_turns(text, item, radius_m)
    if centre is None:
        turns = _turns_over(text, math.dist(start, end), radius_m)
    else:
        angles = [math.atan2(p[1] - centre[1], p[0] - centre[0]) for p in (start, end)]
        turns = _turns_about(hand * (angles[1] - angles[0]) % _WHOLE_RAD, radius_m)
    turn = _chosen(text, turns, said, radius_m)
    element = DesignElement(
        kind="circular_curve",
        length_m=turn * radius_m,
        curvature_from_per_m=hand / radius_m,
        curvature_to_per_m=hand / radius_m,
    )
    contradiction = _contradiction(turn, said, radius_m)
    if not contradiction and abs(turn - math.pi) > _ROUNDED_RAD:
        # Past half a circle the tangents meet on the other side.
        contradiction = text.wrong_side(item, hand if turn < math.pi else -hand)
    if centre is None:
        if (_WHOLE_RAD - turn) * radius_m <= _HAIR_M:
            msg = "has a Curve without Center that ends where it begins, so its place is open"
            raise text.refuse(msg)
        return place_between(element, start, end, contradiction=contradiction)
    return Placed(
        element=element,
        start_m=start,
        # Square to the radius at its start; where it begins and ends, it may be a whole circle.
        heading_rad=angles[0] + hand * math.pi / 2,
        misfit_m=max(abs(math.dist(p, centre) - radius_m) for p in (start, end)),
        contradiction=contradiction,
    )


def _radius_m(
    text: AlignmentText, item: Element, centre: Point | None, ends: tuple[Point, Point]
) -> float:
    radius = text.number_or_none(item, "radius")
    if radius is None and centre is None:
        msg = "has a Curve without radius and without Center"
        raise text.refuse(msg)
    if radius is not None:
        radius_m = radius * text.unit_m
    elif centre is not None:
        radius_m = sum(math.dist(p, centre) for p in ends) / 2.0
    if not (math.isfinite(radius_m) and radius_m > 0):
        msg = f"has a Curve of the radius {radius_m / text.unit_m:g}"
        raise text.refuse(msg)
    return radius_m


def _said_turns(text: AlignmentText, item: Element, radius_m: float) -> dict[str, float]:
    """Give the angle that a curve turns by, as its attributes say it."""
    said = {}
    length = text.number_or_none(item, "length")
    if length is not None:
        said["length"] = length * text.unit_m / radius_m
    delta = text.angle_or_none(item, "delta")
    if delta is not None:
        said["delta"] = abs(delta)
    return said


def _turns_over(text: AlignmentText, chord_m: float, radius_m: float) -> list[float]:
    """Give the turns of both arcs over a chord: the shorter is meant where nothing is said."""
    if chord_m > 2 * radius_m * (1 + 1e-6):
        msg = (
            f"has a Curve of the radius {radius_m / text.unit_m:g} whose ends are further "
            "apart than its circle is wide"
        )
        raise text.refuse(msg)
    turn = 2 * math.asin(min(chord_m / (2 * radius_m), 1.0))
    return [turn, _WHOLE_RAD - turn]


def _turns_about(turn: float, radius_m: float) -> list[float]:
    """Give both turns of ends that are nearly one point: a whole circle, or nothing."""
    turns = [turn]
    if (_WHOLE_RAD - turn) * radius_m <= _HAIR_M:
        turns.append(turn - _WHOLE_RAD)
    if turn * radius_m <= _HAIR_M:
        turns.append(turn + _WHOLE_RAD)
    return turns


def _chosen(
    text: AlignmentText, turns: list[float], said: dict[str, float], radius_m: float
) -> float:
    wanted = next(iter(said.values()), None)
    turn = turns[0] if wanted is None else min(turns, key=lambda t: abs(t - wanted))
    if turn <= 0 and wanted is not None:
        turn = wanted
    if turn <= 0 or (wanted is None and turn + _HAIR_M / radius_m >= _WHOLE_RAD):
        msg = "has a Curve that begins where it ends"
        raise text.refuse(msg, "give its length, or leave it out")
    return turn


def _contradiction(turn: float, said: dict[str, float], radius_m: float) -> str:
    """Say what the attributes of a curve and its points do not agree in."""
    told = said.get("length", turn) * radius_m
    drawn = turn * radius_m
    if abs(told - drawn) > max(_ROUNDED_M, _ROUNDED_SHARE * drawn):
        return f"rot and the points of a curve make it {drawn:.3f} m long, its length {told:.3f} m"
    angle = said.get("delta", turn)
    if abs(angle - turn) > _ROUNDED_RAD + _ROUNDED_M / radius_m:
        degrees = math.degrees(turn), math.degrees(angle)
        return (
            f"rot and the points of a curve turn it by {degrees[0]:.4f} degrees, its delta "
            f"by {degrees[1]:.4f}"
        )
    return ""
