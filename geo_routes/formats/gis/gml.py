"""GML 2 and 3 features; nothing that it links to, schemas included, is opened."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from geo_routes.errors import MalformedFile, UnknownCrs, visible
from geo_routes.formats.decimals import parse_decimal
from geo_routes.formats.gis.arcs import stroke
from geo_routes.formats.gis.tables import Field, Layer, Opened, Record, Shape
from geo_routes.formats.xml_text import parse_xml
from geo_routes.geodesy.systems import axis_count, north_first
from geo_routes.model import FloatArray

_REMEDY = "export it again as GML"
_NAMESPACES = ("{http://www.opengis.net/gml}", "{http://www.opengis.net/gml/3.2}")
_MEMBERS = ("featureMember", "featureMembers", "member", "additionalObjects")
_LINES = ("LineString", "Curve", "CompositeCurve", "OrientableCurve", "LineStringSegment",
          "MultiLineString", "MultiCurve")  # fmt: skip
# Segments of a curve that can be drawn: chords, and arcs through three points. All others that
# GML 3.2.1 has in 10.4.7, circles, bulges, splines, clothoids and geodesics, would be cut across.
_ARCS = ("Arc", "ArcString")
_SEGMENTS = ("LineStringSegment", *_ARCS)
_POINTS = ("Point", "MultiPoint")
_AREAS = ("Polygon", "MultiPolygon", "Surface", "MultiSurface", "CompositeSurface", "Solid",
          "MultiGeometry", "GeometryCollection", "Triangle", "Tin")  # fmt: skip
_DIRECTION = "{http://www.w3.org/1999/xlink}href"


def open_gml(data: bytes, *, source: str) -> Opened:
    """Look into GML.

    Parameters
    ----------
    data : bytes
    source : str

    Returns
    -------
    Opened
        With one layer for each kind of feature.

    Raises
    ------
    MalformedFile
        Also if the features of a layer are in several reference systems.
    """
    root = parse_xml(data, source=source)
    records: dict[str, list[Record]] = {}
    systems: dict[str, dict[str, None]] = {}
    for element, inherited in _features(root):
        name = _local(element)
        rows = records.setdefault(name, [])
        said = systems.setdefault(name, {})
        try:
            rows.append(_record(len(rows), element, inherited, said))
        except ValueError as error:
            if isinstance(error, MalformedFile | UnknownCrs):
                raise
            reason = f"has coordinates that cannot be read: {visible(str(error), most=60)}"
            raise MalformedFile(reason, remedy=_REMEDY, feature=len(rows)) from error
    if not records:
        reason = "is GML without features"
        raise MalformedFile(reason, remedy=_REMEDY)
    layers = tuple(_layer(name, rows, list(systems[name])) for name, rows in records.items())
    return Opened(form="GML", layers=layers, read=lambda layer: iter(records[layer.name]))


def _layer(name: str, rows: list[Record], systems: list[str]) -> Layer:
    if len(systems) > 1:
        shown = " and ".join(visible(s, most=40) for s in systems[:2])
        reason = f"has features of '{visible(name, most=40)}' in several systems, {shown}"
        raise MalformedFile(reason, remedy="export them in one reference system")
    fields = dict.fromkeys(field for row in rows for field in row.values)
    kinds = {row.shape.kind for row in rows if row.shape is not None}
    shape = {"line": "LineString", "point": "Point", "other": "Surface"}
    return Layer(
        name=name,
        fields=tuple(Field(name=field) for field in fields),
        shape=shape[kinds.pop()] if len(kinds) == 1 else "",
        count=len(rows),
        crs=systems[0] if systems else None,
        crs_reason="is GML without srsName, which would say its reference system",
    )


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _is_gml(element: Element) -> bool:
    return element.tag.startswith(_NAMESPACES)


def _features(root: Element) -> Iterator[tuple[Element, str | None]]:
    """Give each feature with the reference system that holds where it says none."""
    inherited = _system_of(root)
    stack = [(e, inherited) for e in reversed(root)]
    while stack:
        element, said = stack.pop()
        if _local(element) == "boundedBy":
            continue
        if _local(element) in _MEMBERS:
            for feature in element:
                if _local(feature) in ("FeatureCollection", *_MEMBERS):
                    within = _system_of(feature) or said
                    stack += [(e, within) for e in reversed(feature)]
                else:
                    yield feature, _system_of(feature) or said


def _system_of(element: Element) -> str | None:
    """Read what the element itself, or the box about it, says."""
    if element.get("srsName"):
        return element.get("srsName")
    for box in element:
        if _local(box) == "boundedBy":
            for envelope in box:
                if envelope.get("srsName"):
                    return envelope.get("srsName")
    return None


def _record(
    index: int, feature: Element, inherited: str | None, systems: dict[str, None]
) -> Record:
    values: dict[str, Any] = {}
    shapes: list[Shape] = []
    lost: list[str] = []
    for element in feature:
        _take(element, _local(element), inherited, values, shapes, lost, systems)
    wanted = [s for s in shapes if s.kind == "line"] or shapes
    if not wanted:
        return Record(index=index, shape=None, values=values)
    first = wanted[0]
    if len(shapes) > 1:
        lost.append("a second geometry of the feature")
    losses = tuple(dict.fromkeys((*first.lost, *lost)))
    shape = Shape(kind=first.kind, parts=first.parts, lost=losses)
    return Record(index=index, shape=shape, values=values)


def _take(
    element: Element,
    name: str,
    inherited: str | None,
    values: dict[str, Any],
    shapes: list[Shape],
    lost: list[str],
    systems: dict[str, None],
) -> None:
    if name == "boundedBy":
        return
    for inner in element:
        if _is_gml(inner) and _local(inner) in (*_LINES, *_POINTS, *_AREAS):
            shapes.append(_shape(inner, inherited, systems))
            return
    if len(element):
        for inner in element:
            _take(inner, f"{name}.{_local(inner)}", inherited, values, shapes, lost, systems)
        return
    text = (element.text or "").strip()
    if element.get(_DIRECTION) is not None and not text:
        lost.append("a link (xlink) to something else, which is not opened")
        return
    values[name] = text or None


def _shape(element: Element, inherited: str | None, systems: dict[str, None]) -> Shape:
    kind = _local(element)
    if kind in _AREAS:
        return Shape(kind="other")
    said = next((e.get("srsName") for e in element.iter() if e.get("srsName")), None) or inherited
    code, turned = None, False
    if said is not None:
        code, turned = _system(said)
        systems[code] = None
    lost: dict[str, None] = {}
    parts = []
    width = _dimension(element) or (None if code is None else axis_count(code))
    for part in _parts(element, width, lost):
        if turned:
            part[:, [0, 1]] = part[:, [1, 0]]
        parts.append(part)
    kind = "point" if kind in _POINTS else "line"
    return Shape(kind=kind, parts=tuple(parts), lost=tuple(lost))  # type: ignore[arg-type]


def _system(said: str) -> tuple[str, bool]:
    """Give the code of a name, and whether it demands the register's order of axes.

    ``urn:ogc:def:crs:EPSG::4326`` and ``http://www.opengis.net/def/crs/EPSG/0/4326`` stand for the
    order of the EPSG register, latitude first; the short ``EPSG:4326`` and the older
    ``http://www.opengis.net/gml/srs/epsg.xml#4326`` for longitude first.
    """
    name = said.strip()
    lower = name.lower()
    if "epsg.xml#" in lower:
        return f"EPSG:{name.rsplit('#', 1)[1]}", False
    for start, sign in (("urn:", ":"), ("http://", "/"), ("https://", "/")):
        if lower.startswith(start) and "crs" in lower:
            words = [w for w in name.split(sign) if w]
            after = words[[w.lower() for w in words].index("crs") + 1 :] if "crs" in [
                w.lower() for w in words
            ] else []  # fmt: skip
            if len(after) >= 2:
                code = f"{after[0].upper()}:{after[-1]}"
                return code, north_first(code)
    return name, False


def _dimension(element: Element) -> int | None:
    said = next((e.get("srsDimension") or e.get("dimension") for e in element.iter()
                 if e.get("srsDimension") or e.get("dimension")), None)  # fmt: skip
    return int(said) if said in ("2", "3") else None


def _parts(element: Element, width: int | None, lost: dict[str, None]) -> list[FloatArray]:
    kind = _local(element)
    if kind in ("Curve", "CompositeCurve"):
        runs = [p for inner in element for p in _parts(inner, width, lost)]
        return _chained(runs)
    if kind == "segments":
        odd = next((_local(e) for e in element if _local(e) not in _SEGMENTS), None)
        if odd is not None:
            reason = f"has a curve of the kind {visible(odd, most=40)}, which is not read"
            raise MalformedFile(reason, remedy="export its curves as lines")
    if kind in _ARCS:
        lost["arcs, drawn as chords"] = None
        return [stroke(p) for p in _positions(element, width)]
    if kind == "OrientableCurve" and element.get("orientation") == "-":
        return [p[::-1] for inner in element for p in _parts(inner, width, lost)][::-1]
    found = _positions(element, width)
    if found:
        return found
    return [p for inner in element for p in _parts(inner, width, lost)]


def _chained(runs: list[FloatArray]) -> list[FloatArray]:
    """Make one line of the segments of a curve: each begins where the one before ended."""
    chained: list[FloatArray] = []
    for run in runs:
        if chained and np.array_equal(chained[-1][-1], run[0], equal_nan=True):
            chained[-1] = np.concatenate((chained[-1], run[1:]))
        else:
            chained.append(run)
    return chained


def _positions(element: Element, width: int | None) -> list[FloatArray]:
    """Read the positions that stand in an element itself."""
    rows: list[list[float]] = []
    for inner in element:
        name, text = _local(inner), inner.text or ""
        if name == "posList":
            numbers = [_double(n) for n in text.split()]
            said = inner.get("srsDimension")
            count = inner.get("count")
            size = int(said) if said in ("2", "3") else width or 2
            told = int(count) if count and count.isascii() and count.isdigit() else 0
            if told and len(numbers) % told == 0:
                size = len(numbers) // told
            if size not in (2, 3) or len(numbers) % size:
                msg = f"{len(numbers)} numbers in a list of positions of {size}"
                raise ValueError(msg)
            rows += [numbers[i : i + size] for i in range(0, len(numbers), size)]
        elif name == "pos":
            rows.append([_double(n) for n in text.split()])
        elif name == "coordinates":
            rows += _old_coordinates(inner, text)
        elif name == "coord":
            rows.append(
                [_double((e.text or "").strip()) for e in inner if _local(e) in ("X", "Y", "Z")]
            )
    if not rows:
        return []
    odd = next((len(row) for row in rows if len(row) not in (2, 3)), None)
    if odd is not None:
        msg = f"a position of {odd} numbers, expected 2 or 3"
        raise ValueError(msg)
    width = max(len(row) for row in rows)
    return [np.array([(*row, math.nan)[:width] for row in rows])]


def _double(text: str) -> float:
    """Read a number of XML Schema, where NaN stands for what is missing, a height say."""
    return math.nan if text == "NaN" else parse_decimal(text)


def _old_coordinates(element: Element, text: str) -> list[list[float]]:
    between = element.get("cs", ",")
    after = element.get("ts", " ")
    point = element.get("decimal", ".")
    tuples = text.split() if after == " " else text.strip().split(after)
    return [
        [_double(n.strip().replace(point, ".")) for n in t.split(between)]
        for t in tuples
        if t.strip()
    ]
