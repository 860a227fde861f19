"""ASAM OpenDRIVE: the reference lines of roads and tracks."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from xml.etree.ElementTree import Element

import numpy as np

from geo_routes.axis import DesignElement
from geo_routes.errors import InvalidNoun, MalformedFile, visible
from geo_routes.formats.decimals import parse_decimal
from geo_routes.formats.designs.landxml import LandXml
from geo_routes.formats.designs.planes import Design, Placed, place_between
from geo_routes.formats.designs.profiles import HIGHEST_M
from geo_routes.model import Finding, FloatArray

_REMEDY = "correct it, or export it again"
# Polynomials are no elements of an alignment: they are drawn by chords this long.
_CHORD_M = 0.5
# So many chords, 500 km of them, take a gigabyte while a line is made of them.
MOST_CHORDS = 1_000_000
_FEWEST_CHORDS = 8
_POLYNOMIALS = ("poly3", "paramPoly3")
_KINDS = ("line", "arc", "spiral", *_POLYNOMIALS)


def parse_opendrive(root: Element, *, source: str) -> LandXml:
    """Take the reference lines of roads out of an OpenDRIVE document.

    Parameters
    ----------
    root : Element
    source : str

    Returns
    -------
    LandXml
        Designs by the ids of their roads.

    Raises
    ------
    MalformedFile
    """
    for element in root.iter():
        # Files of version 1.8 stand in a namespace, older ones in none.
        element.tag = element.tag.rsplit("}", 1)[-1]
    header = next((e for e in root if e.tag == "header"), None)
    crs, move = None, (0.0, 0.0, 0.0)
    if header is not None:
        reference = next((e for e in header if e.tag == "geoReference"), None)
        crs = None if reference is None else (reference.text or "").strip() or None
        offset = next((e for e in header if e.tag == "offset"), None)
        if offset is not None:
            reading = _Road(source, "header")
            values = [reading.number(offset, k, 0.0) for k in ("x", "y", "hdg")]
            move = (values[0], values[1], values[2])
    roads = _roads(root, source)
    designs = {}
    for id_, road in roads.items():
        designs[id_] = _Road(source, id_).design(road, move)
    if not designs:
        reason = "is OpenDRIVE without a road"
        raise MalformedFile(reason, remedy=_REMEDY, source=source)
    return LandXml(designs, crs)


def _roads(root: Element, source: str) -> dict[str, Element]:
    """Give the roads by their ids, before anything is drawn."""
    roads: dict[str, Element] = {}
    chords = 0
    for number, road in enumerate(e for e in root if e.tag == "road"):
        id_ = road.get("id") or str(number)
        reading = _Road(source, id_)
        if id_ in roads:
            msg = "is there twice"
            raise reading.refuse(msg)
        roads[id_] = road
        chords += sum(_count_chords(reading, piece) for piece in road.iter("geometry"))
        if chords > MOST_CHORDS:
            msg = f"has polynomials that take more than {MOST_CHORDS:,} chords of {_CHORD_M:g} m"
            raise reading.refuse(msg)
    return roads


def _count_chords(reading: _Road, piece: Element) -> int:
    """Count the chords of a polynomial; none of anything else."""
    if not any(e.tag in _POLYNOMIALS for e in piece):
        return 0
    return max(math.ceil(reading.number(piece, "length") / _CHORD_M), _FEWEST_CHORDS)


class _Road:
    def __init__(self, source: str, id_: str) -> None:
        self.source = source
        self.id = id_
        self.remarks: list[Finding] = []

    def refuse(self, reason: str) -> MalformedFile:
        where = f"road {visible(self.id, most=30)}: {reason}"
        return MalformedFile(where, remedy=_REMEDY, source=self.source)

    def number(self, element: Element, name: str, default: float | None = None) -> float:
        text = element.get(name)
        if text is None and default is not None:
            return default
        try:
            return parse_decimal((text or "").strip())
        except ValueError as error:
            shown = visible(text or "", most=30)
            msg = f"has {element.tag} with {name} '{shown}', which is no number"
            raise self.refuse(msg) from error

    def design(self, road: Element, move: tuple[float, float, float]) -> Design:
        plan = next((e for e in road if e.tag == "planView"), None)
        pieces = [] if plan is None else [e for e in plan if e.tag == "geometry"]
        if not pieces:
            msg = "has no geometry"
            raise self.refuse(msg)
        pieces.sort(key=lambda e: self.number(e, "s"))
        placed: list[Placed] = []
        for piece in pieces:
            try:
                placed += self._placed(piece, move)
            except InvalidNoun as error:
                msg = f"has {error.reason}"
                raise self.refuse(msg) from error
        name = road.get("name") or f"road {self.id}"
        return Design(
            name=name,
            form="OpenDRIVE",
            placed=tuple(placed),
            heights=self._elevation(road),
            extra={"road": self.id},
            remarks=tuple(self.remarks),
        )

    def _placed(self, piece: Element, move: tuple[float, float, float]) -> list[Placed]:
        shape = next((e for e in piece if e.tag in _KINDS), None)
        if shape is None:
            msg = "has a geometry of no known kind"
            raise self.refuse(msg)
        x, y, heading, length = (self.number(piece, k) for k in ("x", "y", "hdg", "length"))
        if length < 0:
            msg = f"has a geometry of the length {length:g}"
            raise self.refuse(msg)
        if length == 0:
            return []
        cos, sin = math.cos(move[2]), math.sin(move[2])
        start = (move[0] + x * cos - y * sin, move[1] + x * sin + y * cos)
        heading += move[2]
        if shape.tag == "line":
            element = DesignElement(kind="tangent", length_m=length)
        elif shape.tag == "arc":
            curvature = self.number(shape, "curvature")
            kind = "circular_curve" if curvature else "tangent"
            element = DesignElement(
                kind=kind,  # type: ignore[arg-type]
                length_m=length,
                curvature_from_per_m=curvature,
                curvature_to_per_m=curvature,
            )
        elif shape.tag == "spiral":
            element = DesignElement(
                kind="transition",
                length_m=length,
                curvature_from_per_m=self.number(shape, "curvStart"),
                curvature_to_per_m=self.number(shape, "curvEnd"),
                spiral="clothoid",
            )
        else:
            # What overflows is no length of a chord, and refused as such.
            with np.errstate(over="ignore", invalid="ignore"):
                return self._polynomial(shape, start, heading, length)
        return [Placed(element=element, start_m=start, heading_rad=heading)]

    def _polynomial(
        self, shape: Element, start: tuple[float, float], heading: float, length: float
    ) -> list[Placed]:
        """Draw a polynomial by chords, each of them a short tangent."""
        count = max(math.ceil(length / _CHORD_M), _FEWEST_CHORDS)
        if shape.tag == "poly3":
            across = np.array([self.number(shape, k) for k in "abcd"])
            u = self._reach(across, length) * np.linspace(0.0, 1.0, count + 1)
            local = np.column_stack((u, _cubic(across, u)))
        else:
            whole = 1.0 if shape.get("pRange", "normalized") == "normalized" else length
            p = whole * np.linspace(0.0, 1.0, count + 1)
            u_of = np.array([self.number(shape, f"{k}U") for k in "abcd"])
            v_of = np.array([self.number(shape, f"{k}V") for k in "abcd"])
            local = np.column_stack((_cubic(u_of, p), _cubic(v_of, p)))
        if not self.remarks:
            message = f"polynomials ({shape.tag}) are no elements of an alignment"
            self.remarks.append(
                Finding(
                    code="design.irregular",
                    severity="note",
                    message=f"{message}: they are drawn by chords of {_CHORD_M:g} m",
                )
            )
        cos, sin = math.cos(heading), math.sin(heading)
        rows = (local @ np.array([[cos, sin], [-sin, cos]]) + start).tolist()
        return [
            place_between(
                DesignElement(kind="tangent", length_m=math.dist(a, b)),
                (a[0], a[1]),
                (b[0], b[1]),
            )
            for a, b in itertools.pairwise(rows)
            if a != b
        ]

    def _reach(self, across: FloatArray, length: float) -> float:
        """How far along its heading a cubic of this length reaches."""
        low, high = 0.0, length
        for _ in range(60):
            middle = (low + high) / 2.0
            u = np.linspace(0.0, middle, 257)
            reached = float(np.hypot(np.diff(u), np.diff(_cubic(across, u))).sum())
            low, high = (middle, high) if reached < length else (low, middle)
        return high

    def _elevation(self, road: Element) -> Callable[[FloatArray], FloatArray] | None:
        profile = next((e for e in road if e.tag == "elevationProfile"), None)
        rows = [] if profile is None else [e for e in profile if e.tag == "elevation"]
        if not rows:
            return None
        table = np.array([[self.number(e, k) for k in "sabcd"] for e in rows])
        table = table[np.argsort(table[:, 0], kind="stable")]

        def heights(along_m: FloatArray) -> FloatArray:
            row = np.searchsorted(table[:, 0], along_m, side="right") - 1
            ds = along_m - table[np.maximum(row, 0), 0]
            a, b, c, d = table[np.maximum(row, 0), 1:].T
            with np.errstate(over="ignore", invalid="ignore"):
                found: FloatArray = a + ds * (b + ds * (c + ds * d))
            if not np.all(np.abs(found[row >= 0]) <= HIGHEST_M):
                msg = f"has an elevation past {HIGHEST_M:,.0f} m, which no place has"
                raise self.refuse(msg)
            return np.where(row < 0, np.nan, found)

        return heights


def _cubic(factors: FloatArray, x: FloatArray) -> FloatArray:
    a, b, c, d = factors.tolist()
    values: FloatArray = a + x * (b + x * (c + x * d))
    return values
