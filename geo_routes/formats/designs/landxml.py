"""LandXML 1.0 to 1.2: horizontal alignments, profiles and cant."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from geo_routes.axis import DesignElement
from geo_routes.errors import InvalidNoun, MalformedFile, visible
from geo_routes.formats.designs.landxml_head import SPIRALS, system_of, unit_of
from geo_routes.formats.designs.planes import Design, Placed, place_between
from geo_routes.formats.designs.profiles import (
    Grade,
    profile_heights,
    vertical_curves,
)
from geo_routes.model import Finding

_REMEDY = "correct it, or export it again"
# Ends of an arc this close, as an angle, are one place; a length may differ by such a share.
_HAIR, _ODD = 1e-3, 0.01
# No railway is as high or as deep.
_HIGHEST_M = 20_000.0
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


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
        if _local(e) == "CgPoint" and e.get("name")
    }
    version = root.get("version", "")
    designs: dict[str, Design] = {}
    for number, element in enumerate(e for e in root.iter() if _local(e) == "Alignment"):
        name = element.get("name") or f"alignment {number + 1}"
        reading = _Reading(source, number, unit_m, points)
        if not any(_local(e) == "CoordGeom" for e in element):
            continue
        design = reading.design(element, name, f"LandXML {version}".strip(), unit)
        while name in designs:
            name += "'"
        designs[name] = design
    if not designs:
        reason = "is LandXML without an alignment that has CoordGeom"
        raise MalformedFile(reason, remedy="export the horizontal alignment", source=source)
    return LandXml(designs, system_of(root))


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


class _Reading:
    """One alignment while it is read."""

    def __init__(self, source: str, number: int, unit_m: float, points: Mapping[str, str]) -> None:
        self.source = source
        self.number = number
        self.unit_m = unit_m
        self.points = points
        self.remarks: list[Finding] = []

    def refuse(self, reason: str, remedy: str = _REMEDY) -> MalformedFile:
        return MalformedFile(reason, remedy=remedy, source=self.source, feature=self.number)

    def design(self, element: Element, name: str, form: str, unit: str) -> Design:
        placed: list[Placed] = []
        for geometry in (e for e in element if _local(e) == "CoordGeom"):
            for item in geometry:
                placed += self._placed(item)
        start = self._number_or_none(element, "staStart")
        start_m = 0.0 if start is None else start * self.unit_m
        grades = self._profile(element, start_m)
        cant, gauge_mm = self._cant(element, start_m)
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
            breaks=self._equations(element, start_m),
            heights=partial(profile_heights, grades) if len(grades) > 1 else None,
            extra=extra,
            members={} if gauge_mm is None else {"gauge_mm": gauge_mm},
            remarks=tuple(self.remarks),
        )

    def _placed(self, item: Element) -> list[Placed]:
        kind = _local(item)
        try:
            if kind == "Line":
                return self._line(self._point(item, "Start"), self._point(item, "End"))
            if kind == "Curve":
                return [self._curve(item)]
            if kind == "Spiral":
                return [self._spiral(item)]
            if kind == "IrregularLine":
                return self._irregular(item)
        except InvalidNoun as error:
            msg = f"has {error.reason}"
            raise self.refuse(msg, error.remedy) from error
        if kind == "Chain":
            msg = "has a Chain of survey points in its CoordGeom"
            raise self.refuse(msg, "export the elements")
        return []

    def _line(self, start: tuple[float, float], end: tuple[float, float]) -> list[Placed]:
        length = math.hypot(end[0] - start[0], end[1] - start[1])
        if length == 0:
            return []
        return [place_between(DesignElement(kind="tangent", length_m=length), start, end)]

    def _irregular(self, item: Element) -> list[Placed]:
        rows = [e for e in item if _local(e) in ("PntList2D", "PntList3D")]
        width = 3 if rows and _local(rows[0]) == "PntList3D" else 2
        numbers = self._numbers(rows[0].text or "") if rows else []
        if len(numbers) < 2 * width or len(numbers) % width:
            msg = "has an IrregularLine without a list of two points or more"
            raise self.refuse(msg)
        places = [
            (numbers[i + 1] * self.unit_m, numbers[i] * self.unit_m)
            for i in range(0, len(numbers), width)
        ]
        message = f"a stretch of {len(places)} points (IrregularLine) is no element of a design"
        self.remarks.append(Finding(code="design.irregular", severity="warning", message=message))
        return [p for a, b in itertools.pairwise(places) for p in self._line(a, b)]

    def _curve(self, item: Element) -> Placed:
        start, end = self._point(item, "Start"), self._point(item, "End")
        hand = self._hand(item)
        radius = self._number_or_none(item, "radius")
        has_centre = any(_local(e) == "Center" for e in item)
        if radius is None and not has_centre:
            msg = "has a Curve without radius and without Center"
            raise self.refuse(msg)
        if has_centre:
            centre = self._point(item, "Center")
            ends = [math.hypot(p[0] - centre[0], p[1] - centre[1]) for p in (start, end)]
            if radius is None:
                radius = sum(ends) / 2.0 / self.unit_m
            angles = [math.atan2(p[1] - centre[1], p[0] - centre[0]) for p in (start, end)]
            turn = (hand * (angles[1] - angles[0])) % (2 * math.pi)
            turn = self._whole_or_none(item, turn, radius * self.unit_m)
        else:
            # Without the centre only the chord is known: less than half a circle is meant.
            chord = math.hypot(end[0] - start[0], end[1] - start[1])
            if chord > 2 * radius * self.unit_m * (1 + 1e-6):  # type: ignore[operator]
                msg_0 = (
                    f"has a Curve of the radius {radius:g} whose ends are further "
                    "apart than its circle is wide"
                )
                raise self.refuse(msg_0)
            turn = 2 * math.asin(min(chord / (2 * radius * self.unit_m), 1.0))  # type: ignore[operator]
            length = self._number_or_none(item, "length")
            if length is not None:
                # Of the two arcs over a chord the one that is about as long as the file says.
                said = length / radius  # type: ignore[operator]
                turn = min(turn, 2 * math.pi - turn, key=lambda t: abs(t - said))
        radius_m = float(radius or 0.0) * self.unit_m
        if not (math.isfinite(radius_m) and radius_m > 0):
            msg = f"has a Curve of the radius {radius}"
            raise self.refuse(msg)
        if turn == 0:
            length = self._number_or_none(item, "length")
            turn = 0.0 if length is None else length * self.unit_m / radius_m
        if turn == 0:
            msg = "has a Curve that begins where it ends"
            raise self.refuse(msg)
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

    def _whole_or_none(self, item: Element, turn: float, radius_m: float) -> float:
        """Tell a whole circle from none, where the ends are a hair apart: by the length."""
        length = self._number_or_none(item, "length")
        if length is None or not math.isfinite(radius_m) or radius_m <= 0:
            return turn
        said = length * self.unit_m / radius_m
        off = abs(turn - said)
        if turn > math.pi and abs(turn - 2 * math.pi) < _HAIR and said < math.pi:
            return said
        if off > max(_HAIR, _ODD * said):
            message = (
                f"a Curve of the radius {radius_m:,.3f} m is {length * self.unit_m:,.3f} m long by "
                f"its length, and {turn * radius_m:,.3f} m by its ends and its hand"
            )
            self.remarks.append(Finding(code="design.misfit", severity="warning", message=message))
        return turn

    def _spiral(self, item: Element) -> Placed:
        said = item.get("spiType", "")
        spiral = SPIRALS.get(said.replace("_", "").lower())
        if spiral is None:
            shown = visible(said, most=40)
            msg = f"has a Spiral of the type '{shown}', whose formula is not known"
            raise self.refuse(msg,
                              "export it as a clothoid")  # fmt: skip
        hand = self._hand(item)
        length = self._number_or_none(item, "length")
        if length is None:
            msg = "has a Spiral without length"
            raise self.refuse(msg)
        radii = [self._radius(item, name) for name in ("radiusStart", "radiusEnd")]
        if radii == [math.inf, math.inf]:
            msg = "has a Spiral that is straight at both ends"
            raise self.refuse(msg)
        element = DesignElement(
            kind="transition",
            length_m=length * self.unit_m,
            curvature_from_per_m=hand / (radii[0] * self.unit_m),
            curvature_to_per_m=hand / (radii[1] * self.unit_m),
            spiral=spiral,
        )
        return place_between(element, self._point(item, "Start"), self._point(item, "End"))

    def _radius(self, item: Element, name: str) -> float:
        text = (item.get(name) or "INF").strip()
        if text.upper() in ("INF", "INFINITY", "+INF"):
            return math.inf
        value = abs(self._number(text, name))
        # Programs write 0 for a straight end too.
        return value or math.inf

    def _hand(self, item: Element) -> float:
        said = (item.get("rot") or "").lower()
        if said not in ("cw", "ccw"):
            msg = f"has a {_local(item)} without rot (cw or ccw)"
            raise self.refuse(msg)
        return -1.0 if said == "cw" else 1.0

    def _point(self, item: Element, name: str) -> tuple[float, float]:
        for element in item:
            if _local(element) == name:
                text = element.text or ""
                if element.get("pntRef"):
                    text = self.points.get(element.get("pntRef", ""), "")
                numbers = self._numbers(text)
                if len(numbers) not in (2, 3):
                    msg = f"has a {name} that is no point: '{visible(text, most=30)}'"
                    raise self.refuse(msg)
                # LandXML gives north before east.
                return numbers[1] * self.unit_m, numbers[0] * self.unit_m
        msg = f"has a {_local(item)} without {name}"
        raise self.refuse(msg)

    def _numbers(self, text: str) -> list[float]:
        return [self._number(word, "a coordinate") for word in text.split()]

    def _number(self, text: str, name: str) -> float:
        if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
            msg = f"has {name} '{visible(text, most=30)}', which is no number"
            raise self.refuse(msg)
        return float(text)

    def _number_or_none(self, item: Element, name: str) -> float | None:
        text = item.get(name)
        return None if text is None or not text.strip() else self._number(text.strip(), name)

    def _equations(
        self, element: Element, start_m: float
    ) -> tuple[tuple[float, float, float], ...]:
        rows = []
        reached, counted = 0.0, start_m
        for item in (e for e in element if _local(e) == "StaEquation"):
            ahead = self._number_or_none(item, "staAhead")
            back = self._number_or_none(item, "staBack")
            inner = self._number_or_none(item, "staInternal")
            if ahead is None or (back is None and inner is None):
                msg = "has a StaEquation without staAhead or staBack"
                raise self.refuse(msg)
            if item.get("staIncrement") == "decreasing":
                message = "stations that decrease after an equation are not kept"
                self.remarks.append(Finding(code="gis.lost", severity="warning", message=message))
                return ()
            if inner is not None:
                distance = inner * self.unit_m - start_m
            else:
                distance = reached + (back or 0.0) * self.unit_m - counted
            back = back if back is not None else inner
            reached, counted = distance, ahead * self.unit_m
            rows.append((distance, float(back or 0.0) * self.unit_m / 1000.0,
                         ahead * self.unit_m / 1000.0))  # fmt: skip
        return tuple(sorted(rows))

    def _profile(self, element: Element, start_m: float) -> list[Grade]:
        profiles = [p for e in element if _local(e) == "Profile" for p in e
                    if _local(p) == "ProfAlign"]  # fmt: skip
        if not profiles:
            return []
        if len(profiles) > 1:
            message = f"of {len(profiles)} profiles the first was taken for the heights"
            self.remarks.append(Finding(code="gis.lost", severity="note", message=message))
        grades: list[Grade] = []
        for item in profiles[0]:
            kind = _local(item)
            if kind not in ("PVI", "ParaCurve", "UnsymParaCurve", "CircCurve"):
                continue
            numbers = self._numbers(item.text or "")
            if len(numbers) != 2 or not abs(numbers[1]) * self.unit_m < _HIGHEST_M:
                msg = f"has a {kind} that is no station and height"
                raise self.refuse(msg)
            lengths = [
                (self._number_or_none(item, name) or 0.0) * self.unit_m
                for name in ("length", "lengthIn", "lengthOut", "radius")
            ]
            half = lengths[0] / 2.0
            before, after = (half, half) if kind != "UnsymParaCurve" else (lengths[1], lengths[2])
            grades.append(
                Grade(
                    at_m=numbers[0] * self.unit_m - start_m,
                    height_m=numbers[1] * self.unit_m,
                    before_m=0.0 if kind == "PVI" else before,
                    after_m=0.0 if kind == "PVI" else after,
                    radius_m=lengths[3] if kind == "CircCurve" else 0.0,
                )
            )
        grades.sort(key=lambda g: g.at_m)
        return grades

    def _cant(self, element: Element, start_m: float) -> tuple[list[dict[str, Any]], float | None]:
        for cant in (e for e in element if _local(e) == "Cant"):
            rows = []
            for item in cant:
                station = self._number_or_none(item, "station")
                applied = self._number_or_none(item, "appliedCant")
                if _local(item) == "CantStation" and station is not None and applied is not None:
                    rows.append(
                        {
                            "along_m": station * self.unit_m - start_m,
                            "applied_cant": applied,
                            "hand": {"cw": "right", "ccw": "left"}.get(
                                (item.get("curvature") or "").lower()
                            ),
                        }
                    )
            return rows, _gauge_mm(self._number_or_none(cant, "gauge"))
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
