"""KML 2.x placemarks with tracks, folders and extended data; nothing linked to is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from geo_routes.errors import MalformedFile
from geo_routes.formats.decimals import parse_decimal
from geo_routes.formats.gis.tables import Field, FieldType, Layer, Opened, Record, Shape
from geo_routes.formats.xml_text import parse_xml
from geo_routes.model import Finding, FloatArray

_REMEDY = "export it again as KML"
# KML says so of altitudes: "relative to the vertical datum of WGS 84, EGM96".
HEIGHT_DATUM = "EGM96"
_TYPES: dict[str, FieldType] = {
    **dict.fromkeys(("int", "uint", "short", "ushort"), "integer"),
    "float": "real",
    "double": "real",
    "bool": "boolean",
}
_SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Model", "Track",
           "MultiTrack")  # fmt: skip
_ABSOLUTE = ("absolute",)
_RELATIVE = ("relativeToGround", "relativeToSeaFloor")


def open_kml(data: bytes, *, source: str, remarks: tuple[Finding, ...] = ()) -> Opened:
    """Look into KML.

    Parameters
    ----------
    data : bytes
    source : str
    remarks : tuple of Finding
        What was seen of it before.

    Returns
    -------
    Opened
        With one layer; the folders that a placemark lies in are its field ``folder``.

    Raises
    ------
    MalformedFile
    """
    root = parse_xml(data, source=source)
    schemas = _schemas(root)
    records = tuple(_records(root, schemas))
    names: dict[str, FieldType] = {}
    for record in records:
        for name, value in record.values.items():
            names.setdefault(name, _type(value))
    if any(_local(e) == "NetworkLink" for e in root.iter()):
        remarks = (*remarks, _linked())
    layer = Layer(
        name=os.path.splitext(os.path.basename(source))[0] or "document",  # noqa: PTH119, PTH122
        fields=tuple(Field(name=n, type=t) for n, t in names.items()),
        count=len(records),
        crs="OGC:CRS84",
        height_datum=HEIGHT_DATUM if _says_absolute(root) else None,
        remarks=remarks,
    )
    return Opened(form="KML", layers=(layer,), read=lambda _: iter(records))


def _linked() -> Finding:
    return Finding(
        code="gis.lost",
        severity="warning",
        message="the KML links to other files (NetworkLink), and these are not opened",
        remedy="save what they hold into the file itself",
    )


def _says_absolute(root: Element) -> bool:
    modes = {(e.text or "").strip() for e in root.iter() if _local(e) == "altitudeMode"}
    return bool(modes) and modes <= set(_ABSOLUTE)


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _child(element: Element, name: str) -> Element | None:
    return next((e for e in element if _local(e) == name), None)


def _text(element: Element, name: str) -> str | None:
    found = _child(element, name)
    text = None if found is None else (found.text or "").strip()
    return text or None


def _schemas(root: Element) -> dict[str, FieldType]:
    """Types of the fields that the schemas of the document declare."""
    return {
        field.get("name", ""): _TYPES.get(field.get("type", ""), "text")
        for schema in root.iter()
        if _local(schema) == "Schema"
        for field in schema
        if _local(field) == "SimpleField"
    }


def _records(root: Element, schemas: Mapping[str, FieldType]) -> Iterator[Record]:
    index = 0
    stack: list[tuple[Element, tuple[str, ...]]] = [(root, ())]
    while stack:
        element, folders = stack.pop()
        if _local(element) == "Placemark":
            yield _record(index, element, folders, schemas)
            index += 1
            continue
        name = _text(element, "name") if _local(element) == "Folder" else None
        inner = (*folders, name) if name else folders
        stack += [(e, inner) for e in reversed(element) if _local(e) in _HOLDERS]


_HOLDERS = ("Document", "Folder", "Placemark", "kml", "Create", "Update", "Change")


def _record(
    index: int, element: Element, folders: tuple[str, ...], schemas: Mapping[str, FieldType]
) -> Record:
    values: dict[str, Any] = {}
    for name in ("name", "description", "address"):
        text = _text(element, name)
        if text is not None:
            values[name] = text
    if folders:
        values["folder"] = " / ".join(folders)
    for time in element:
        if _local(time) in ("TimeStamp", "TimeSpan"):
            values |= {_local(e): e.text.strip() for e in time if e.text and e.text.strip()}
    said = _child(element, "ExtendedData")
    if said is not None:
        values |= _extended(said, schemas)
    shapes = [e for e in element if _local(e) in _SHAPES]
    try:
        shape = _shape(shapes[0], values) if shapes else None
    except ValueError as error:
        reason = f"has coordinates that cannot be read: {error}"
        raise MalformedFile(reason, remedy=_REMEDY, feature=index) from error
    if shape is not None and len(shapes) > 1:
        shape = replace(shape, lost=(*shape.lost, "a second geometry of the placemark"))
    return Record(index=index, shape=shape, values=values)


def _extended(said: Element, schemas: Mapping[str, FieldType]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for element in said.iter():
        name = element.get("name")
        if name and _local(element) == "Data":
            values[name] = _text(element, "value")
        elif name and _local(element) == "SimpleData":
            values[name] = _typed((element.text or "").strip(), schemas.get(name, "text"))
    return values


def _typed(text: str, kind: FieldType) -> Any:
    if not text:
        return None
    try:
        if kind == "integer":
            return int(text)
        if kind == "real":
            return float(text)
    except ValueError:
        return text
    if kind == "boolean":
        return {"1": True, "true": True, "0": False, "false": False}.get(text.lower(), text)
    return text


def _type(value: Any) -> FieldType:
    if type(value) is bool:
        return "boolean"
    if type(value) is int:
        return "integer"
    return "real" if type(value) is float else "text"


def _shape(element: Element, values: dict[str, Any]) -> Shape:
    kind = _local(element)
    if kind in ("Track", "MultiTrack"):
        return _tracks(element, values)
    if kind in ("Polygon", "LinearRing", "Model"):
        return Shape(kind="other")
    if kind in ("Point", "LineString"):
        found, less = _coordinates(element)
        return Shape(kind="point" if kind == "Point" else "line", parts=found, lost=less)
    inner = [_shape(e, values) for e in element if _local(e) in _SHAPES]
    lines = [s for s in inner if s.kind == "line"]
    kept = lines or [s for s in inner if s.kind == "point"]
    if not kept:
        return Shape(kind="other")
    lost = [what for s in kept for what in s.lost]
    if len(kept) < len(inner):
        lost.append("what else stands in a MultiGeometry beside its lines")
    return Shape(
        kind="line" if lines else "point",
        parts=tuple(p for s in kept for p in s.parts),
        lost=tuple(dict.fromkeys(lost)),
    )


def _coordinates(element: Element) -> tuple[tuple[FloatArray, ...], tuple[str, ...]]:
    text = _text(element, "coordinates") or ""
    rows = [
        [parse_decimal(n) for n in tuple_.removesuffix(",").split(",")] for tuple_ in text.split()
    ]
    if not rows:
        return (), ()
    if any(not 2 <= len(row) <= 3 for row in rows):
        msg = "a tuple that is no longitude, latitude and height"
        raise ValueError(msg)
    if any(len(row) > 3 for row in rows):
        msg = "a tuple of more than three, which may be two without the space between them"
        raise ValueError(msg)
    width = 3 if any(len(row) > 2 for row in rows) else 2
    points = np.array([(*row[:width], np.nan)[:width] for row in rows])
    return _heighted(points, element)


def _heighted(
    points: FloatArray, element: Element
) -> tuple[tuple[FloatArray, ...], tuple[str, ...]]:
    """Keep heights that are heights: not those above the ground, and not rows of noughts."""
    mode = _text(element, "altitudeMode") or "clampToGround"
    if points.shape[1] > 2 and mode not in _ABSOLUTE and not np.nan_to_num(points[:, 2]).any():
        return (points[:, :2],), ()
    if points.shape[1] > 2 and mode in _RELATIVE:
        return (points[:, :2],), ("heights above the ground",)
    return (points,), ()


def _tracks(element: Element, values: dict[str, Any]) -> Shape:
    tracks = [e for e in element.iter() if _local(e) == "Track"]
    parts: list[FloatArray] = []
    times: list[str] = []
    lost: dict[str, None] = {}
    for track in tracks:
        rows = [
            [parse_decimal(n) for n in (e.text or "").split()]
            for e in track
            if _local(e) == "coord"
        ]
        rows = [row for row in rows if row]
        if not rows:
            continue
        if len({len(row) for row in rows}) > 1 or len(rows[0]) not in (2, 3):
            msg = "positions of a track that differ in how many numbers they have"
            raise ValueError(msg)
        found, less = _heighted(np.array(rows), track)
        parts += found
        lost |= dict.fromkeys(less)
        times += [(e.text or "").strip() for e in track if _local(e) == "when"]
    if times and len(times) == sum(len(p) for p in parts):
        values["times"] = times
    return Shape(kind="line", parts=tuple(parts), lost=tuple(lost))
