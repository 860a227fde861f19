"""Shapefiles, by ESRI's technical description of 1998: record by record, nothing held."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import Any

import numpy as np

from geo_routes.errors import MalformedFile
from geo_routes.formats.gis.byte_streams import Member, beside
from geo_routes.formats.gis.dbase import Dbase
from geo_routes.formats.gis.tables import Layer, Opened, Record, Shape
from geo_routes.model import Finding

MAGIC = struct.pack(">i", 9994)
_HEAD_BYTES = 100
_SIDE_BYTES = 1_000_000
_REMEDY = "export it again"
_POINTS = {1: "Point", 11: "PointZ", 21: "PointM"}
_LINES = {3: "LineString", 13: "LineString Z", 23: "LineString M"}
_AREAS = {5: "Polygon", 15: "Polygon Z", 25: "Polygon M", 31: "MultiPatch"}
_MULTIPOINTS = {8: "MultiPoint", 18: "MultiPoint Z", 28: "MultiPoint M"}
_NAMES = {0: "", **_POINTS, **_LINES, **_AREAS, **_MULTIPOINTS}
# "Any floating point number smaller than -10^38 is considered ... no data."
_NO_DATA = -1e38


def open_shapefile(path: str, *, encoding: str | None = None) -> Opened:
    """Look into a Shapefile; its .dbf, .prj and .cpg are those beside it.

    Parameters
    ----------
    path : str
        The .shp.
    encoding : str, optional
        Of the text, instead of what the .cpg says.

    Returns
    -------
    Opened
    """
    sides = {s: beside(path, s) for s in (".dbf", ".prj", ".cpg")}
    parts = {".shp": Member(path), **{s: m for s, m in sides.items() if m is not None}}
    name = os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122 - as in files
    shape = _Shapefile(name, parts, encoding)
    return Opened(form="Shapefile", layers=(shape.layer,), read=lambda _: shape.records())


def open_members(
    sets: Mapping[str, Mapping[str, Member]], *, encoding: str | None = None
) -> Opened:
    """Look into the Shapefiles of an archive.

    Parameters
    ----------
    sets : mapping
        By name, the members by suffix.
    encoding : str, optional
    """
    shapes = {name: _Shapefile(name, parts, encoding) for name, parts in sets.items()}
    layers = tuple(s.layer for s in shapes.values())
    return Opened(
        form="Shapefile (zip)", layers=layers, read=lambda layer: shapes[layer.name].records()
    )


class _Shapefile:
    def __init__(self, name: str, parts: Mapping[str, Member], encoding: str | None) -> None:
        self.shp = parts[".shp"]
        stated = _side_text(parts.get(".cpg"))
        table = parts.get(".dbf")
        self.table = None if table is None else Dbase(table, encoding=encoding, stated=stated)
        self.size = self.shp.size
        with self.shp.open() as stream:
            head = stream.read(_HEAD_BYTES)
        if len(head) < _HEAD_BYTES or head[:4] != MAGIC:
            reason = "is no Shapefile: its .shp lacks the header"
            raise MalformedFile(reason, remedy=_REMEDY)
        kind = struct.unpack_from("<i", head, 32)[0]
        prj = _side_text(parts.get(".prj"))
        self.layer = Layer(
            name=name,
            fields=() if self.table is None else self.table.fields,
            shape=_NAMES.get(kind, f"type {kind}"),
            count=None if self.table is None else self.table.count,
            crs=prj.strip() or None if prj else None,
            crs_reason="is a Shapefile without .prj, which would say its reference system",
            remarks=() if self.table is not None else (_no_table(),),
        )

    def records(self) -> Iterator[Record]:
        rows: Iterator[Any] = repeat({}) if self.table is None else self.table.rows()
        with self.shp.open() as stream:
            stream.seek(_HEAD_BYTES)
            at, index = _HEAD_BYTES, 0
            while at + 8 <= self.size:
                head = stream.read(8)
                if len(head) < 8:
                    break
                size = 2 * struct.unpack_from(">i", head, 4)[0]
                at += 8 + size
                if size < 4 or at > self.size:
                    reason = f"is cut short: record {index} ends past the end of the .shp"
                    raise MalformedFile(reason, remedy=_REMEDY, feature=index)
                content = stream.read(size)
                try:
                    values = next(rows, {})
                except MalformedFile as error:
                    error.feature = index
                    raise
                if values is not None:
                    yield Record(index=index, shape=_shape(content, index), values=values)
                index += 1


def _no_table() -> Finding:
    return Finding(
        code="gis.lost",
        severity="warning",
        message="the Shapefile has no .dbf beside it, so its shapes have no attributes",
        remedy="keep .shp, .dbf, .prj and .cpg together",
    )


def _side_text(member: Member | None) -> str | None:
    if member is None:
        return None
    return member.read(_SIDE_BYTES).decode("utf-8", "replace")


def _shape(content: bytes, index: int) -> Shape | None:
    kind = struct.unpack_from("<i", content)[0]
    if kind == 0:
        return None
    if kind in _AREAS:
        return Shape(kind="other")
    try:
        if kind in _POINTS:
            width = 3 if kind == 11 else 2
            position = np.frombuffer(content, "<f8", width, 4).astype(np.float64)
            return Shape(kind="point", parts=(_heighted(position[None]),))
        if kind in _LINES or kind in _MULTIPOINTS:
            return _parts(content, kind)
    except (struct.error, ValueError) as error:
        reason = "has a shape that is cut short, or says it holds more than it does"
        raise MalformedFile(reason, remedy=_REMEDY, feature=index) from error
    reason = f"has a shape of the unknown type {kind}"
    raise MalformedFile(reason, remedy=_REMEDY, feature=index)


def _parts(content: bytes, kind: int) -> Shape:
    if kind in _LINES:
        parts, count = struct.unpack_from("<2i", content, 36)
        starts = np.frombuffer(content, "<i4", parts, 44).astype(np.int64)
        at = 44 + 4 * parts
    else:
        count = struct.unpack_from("<i", content, 36)[0]
        starts, at = np.arange(max(count, 0)), 40
    if count < 0 or np.any(np.diff(starts) < 0) or np.any((starts < 0) | (starts >= count)):
        msg = "parts out of order"
        raise ValueError(msg)
    points = np.frombuffer(content, "<f8", 2 * count, at).astype(np.float64).reshape(-1, 2)
    at += 16 * count
    if kind in (13, 18):
        heights = np.frombuffer(content, "<f8", count, at + 16).astype(np.float64)
        points = _heighted(np.column_stack((points, heights)))
        at += 16 + 8 * count
    measures = len(content) >= at + 16 + 8 * count and kind not in (3, 8)
    lost = ()
    if measures and np.any(np.frombuffer(content, "<f8", count, at + 16) > _NO_DATA):
        lost = ("measures (M)",)
    cut = np.split(points, starts[1:]) if len(starts) else []
    return Shape(
        kind="line" if kind in _LINES else "point",
        parts=tuple(p for p in cut if len(p)),
        lost=lost,
    )


def _heighted(points: Any) -> Any:
    if points.shape[1] > 2:
        points[:, 2][points[:, 2] < _NO_DATA] = np.nan
        if np.isnan(points[:, 2]).all():
            return points[:, :2]
    return points
