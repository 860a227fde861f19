"""What an alignment of LandXML says in text: numbers, points and names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from geo_routes.errors import MalformedFile, visible
from geo_routes.formats.decimals import parse_decimal
from geo_routes.model import Finding

_REMEDY = "correct it, or export it again"
# A PI that lies so near to its chord may lie to either side of it by rounding.
_SIDE_M = 0.01
_ANGLES_RAD = {
    "radians": 1.0,
    "grads": math.pi / 200.0,
    "decimal degrees": math.pi / 180.0,
}


def local(element: Element) -> str:
    """Give the name of an element without its namespace."""
    return element.tag.rsplit("}", 1)[-1]


class AlignmentText:
    """One alignment while it is read.

    Parameters
    ----------
    source : str
        Name of the file, for messages.
    index : int
        Place of the alignment in it.
    unit_m : float
        Metres of a unit of length.
    points : mapping
        Texts of the named points.
    angular_unit : str
        In the words of LandXML.
    """

    def __init__(
        self,
        source: str,
        index: int,
        *,
        unit_m: float,
        points: Mapping[str, str],
        angular_unit: str = "radians",
    ) -> None:
        self.source = source
        self.index = index
        self.unit_m = unit_m
        self.points = points
        self.angular_unit = angular_unit
        self.remarks: list[Finding] = []

    def refuse(self, reason: str, remedy: str = _REMEDY) -> MalformedFile:
        """Say what is wrong with it."""
        return MalformedFile(reason, remedy=remedy, source=self.source, feature=self.index)

    def point(self, item: Element, name: str) -> tuple[float, float]:
        """Give a point as east and north in metres."""
        for element in item:
            if local(element) == name:
                text = element.text or ""
                if element.get("pntRef"):
                    text = self.points.get(element.get("pntRef", ""), "")
                numbers = self.numbers(text)
                if len(numbers) not in (2, 3):
                    msg = f"has a {name} that is no point: '{visible(text, most=30)}'"
                    raise self.refuse(msg)
                # LandXML gives north before east.
                return numbers[1] * self.unit_m, numbers[0] * self.unit_m
        msg = f"has a {local(item)} without {name}"
        raise self.refuse(msg)

    def numbers(self, text: str) -> list[float]:
        """Give the numbers of a text."""
        return [self.number(word, "a coordinate") for word in text.split()]

    def number(self, text: str, name: str) -> float:
        """Give a text as a number."""
        try:
            return parse_decimal(text)
        except ValueError as error:
            msg = f"has {name} '{visible(text, most=30)}', which is no number"
            raise self.refuse(msg) from error

    def number_or_none(self, item: Element, name: str) -> float | None:
        """Give an attribute as a number; None where it is not said."""
        text = item.get(name)
        return None if text is None or not text.strip() else self.number(text.strip(), name)

    def angle_or_none(self, item: Element, name: str) -> float | None:
        """Give an attribute in radians; None where it is not said, or its unit is not known."""
        value = self.number_or_none(item, name)
        if value is not None and self.angular_unit == "decimal dd.mm.ss":
            minutes, seconds = divmod(round(abs(value) % 1 * 1e10) / 1e6, 100)
            degrees = math.floor(abs(value)) + minutes / 60 + seconds / 3600
            return math.radians(math.copysign(degrees, value))
        factor = _ANGLES_RAD.get(self.angular_unit)
        return None if value is None or factor is None else value * factor

    def tangents_meet(self, item: Element) -> tuple[float, float] | None:
        """Give the PI, where the tangents of both ends meet; None where it is not said."""
        return self.point(item, "PI") if any(local(e) == "PI" for e in item) else None

    def wrong_side(self, item: Element, hand: float) -> str:
        """Say that the PI lies on the other side of the chord than it does of a turn to a hand."""
        tip = self.tangents_meet(item)
        start, end = self.point(item, "Start"), self.point(item, "End")
        chord = math.dist(start, end)
        if tip is None or chord == 0:
            return ""
        east, north = end[0] - start[0], end[1] - start[1]
        left_m = (east * (tip[1] - start[1]) - north * (tip[0] - start[0])) / chord
        if hand * left_m <= _SIDE_M:
            return ""
        off = f"the PI of a {local(item)} lies {abs(left_m):.3f} m off its chord"
        return f"{off}, on the other side than its rot says"

    def hand(self, item: Element) -> float:
        """Give 1 for a turn to the left, -1 for one to the right."""
        said = (item.get("rot") or "").lower()
        if said not in ("cw", "ccw"):
            msg = f"has a {local(item)} without rot (cw or ccw)"
            raise self.refuse(msg)
        return -1.0 if said == "cw" else 1.0
