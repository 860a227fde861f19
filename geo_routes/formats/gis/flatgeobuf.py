"""FlatGeobuf 3: header, features one after the other; the index is stepped over."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from geo_routes.errors import MalformedFile
from geo_routes.formats.gis.arcs import stroke
from geo_routes.formats.gis.byte_streams import Member
from geo_routes.formats.gis.tables import Field, FieldType, Layer, Opened, Record, Shape
from geo_routes.model import FloatArray

MAGIC = b"fgb\x03fgb"
_REMEDY = "export it again"
_MOST_HEADER_BYTES = 50_000_000
_NODE_BYTES = 40
_SHAPES = {
    **{0: "", 1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString"},
    **{6: "MultiPolygon", 7: "GeometryCollection", 8: "CircularString", 9: "CompoundCurve"},
    **{11: "MultiCurve"},
}
# Of a column type: what it holds, and its form in struct; text and bytes come with a length.
_COLUMNS: dict[int, tuple[FieldType, str]] = {
    **{0: ("integer", "<b"), 1: ("integer", "<B"), 2: ("boolean", "<?"), 3: ("integer", "<h")},
    **{4: ("integer", "<H"), 5: ("integer", "<i"), 6: ("integer", "<I"), 7: ("integer", "<q")},
    **{8: ("integer", "<Q"), 9: ("real", "<f"), 10: ("real", "<d"), 11: ("text", "")},
    **{12: ("text", ""), 13: ("datetime", ""), 14: ("other", "")},
}


def open_flatgeobuf(path: str, *, data: bytes | None = None) -> Opened:
    """Look into a FlatGeobuf file.

    Parameters
    ----------
    path : str
    data : bytes, optional
        Its bytes, where there is no file.

    Returns
    -------
    Opened
    """
    member = Member(path, data)
    with member.open() as stream:
        header, _ = _read_header(stream)
    crs = None
    if header.crs is not None:
        code = header.crs.number(1, "<i")
        organization = header.crs.text(0) or "EPSG"
        crs = f"{organization}:{code}" if code else header.crs.text(4) or None
    layer = Layer(
        name=header.name or os.path.splitext(os.path.basename(path))[0],  # noqa: PTH119, PTH122
        fields=tuple(Field(name=c.name, type=_COLUMNS[c.type][0]) for c in header.columns),
        shape=_SHAPES.get(header.shape, f"type {header.shape}") + (" Z" if header.has_z else ""),
        count=header.count or None,
        crs=crs,
    )
    return Opened(form="FlatGeobuf", layers=(layer,), read=lambda _: _records(member))


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: int


@dataclass(frozen=True, slots=True)
class _Header:
    name: str
    shape: int
    has_z: bool
    columns: tuple[_Column, ...]
    count: int
    node_size: int
    crs: _Flat | None


class _Flat:
    """One table of a FlatBuffer, every offset held against the length of the bytes."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at
        self.slots_at = at - self._unpack("<i", at)
        self.slots_bytes = self._unpack("<H", self.slots_at)

    def _unpack(self, form: str, at: int) -> Any:
        if at < 0 or at + struct.calcsize(form) > len(self.data):
            reason = "is damaged: an offset leads past the end of its bytes"
            raise MalformedFile(reason, remedy=_REMEDY)
        return struct.unpack_from(form, self.data, at)[0]

    def _place(self, slot: int) -> int | None:
        at = 4 + 2 * slot
        offset = self._unpack("<H", self.slots_at + at) if at < self.slots_bytes else 0
        return self.at + offset if offset else None

    def number(self, slot: int, form: str, default: float = 0) -> Any:
        place = self._place(slot)
        return default if place is None else self._unpack(form, place)

    def _vector(self, slot: int, item_bytes: int) -> tuple[int, int]:
        place = self._place(slot)
        if place is None:
            return 0, 0
        start = place + self._unpack("<I", place)
        count = self._unpack("<I", start)
        if start + 4 + count * item_bytes > len(self.data):
            reason = f"is damaged: it says it has {count:,} values, and its bytes hold fewer"
            raise MalformedFile(reason, remedy=_REMEDY)
        return start + 4, count

    def bytes(self, slot: int) -> bytes:
        start, count = self._vector(slot, 1)
        return self.data[start : start + count]

    def text(self, slot: int) -> str:
        return _decoded(self.bytes(slot))

    def array(self, slot: int, form: str) -> Any:
        start, count = self._vector(slot, np.dtype(form).itemsize)
        return np.frombuffer(self.data, form, count, start)

    def table(self, slot: int) -> _Flat | None:
        place = self._place(slot)
        return None if place is None else _Flat(self.data, place + self._unpack("<I", place))

    def tables(self, slot: int) -> list[_Flat]:
        start, count = self._vector(slot, 4)
        return [
            _Flat(self.data, at + self._unpack("<I", at))
            for at in range(start, start + 4 * count, 4)
        ]


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"has text ({raw[:12].hex(' ')}) that is not UTF-8, which FlatGeobuf demands"
        raise MalformedFile(reason, remedy=_REMEDY) from error


def _read_sized(stream: BinaryIO, most_bytes: int) -> bytes | None:
    head = stream.read(4)
    if not head:
        return None
    size = struct.unpack("<I", head)[0] if len(head) == 4 else 0
    if not 4 <= size <= most_bytes:
        reason = f"is damaged: a block says it has {size:,} bytes"
        raise MalformedFile(reason, remedy=_REMEDY)
    data = stream.read(size)
    if len(data) < size:
        reason = "is cut short"
        raise MalformedFile(reason, remedy=_REMEDY)
    return data


def _read_header(stream: BinaryIO) -> tuple[_Header, int]:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if stream.read(8)[:7] != MAGIC:
        reason = "is no FlatGeobuf of version 3"
        raise MalformedFile(reason, remedy=_REMEDY)
    data = _read_sized(stream, min(_MOST_HEADER_BYTES, size))
    if data is None:
        reason = "is cut short"
        raise MalformedFile(reason, remedy=_REMEDY)
    root = _root(data)
    header = _Header(
        name=root.text(0),
        shape=int(root.number(2, "<B")),
        has_z=bool(root.number(3, "<?", default=0)),
        columns=_columns(root, 7),
        count=int(root.number(8, "<Q")),
        node_size=int(root.number(9, "<H", default=16)),
        crs=root.table(10),
    )
    nodes = _nodes(header)
    if stream.tell() + nodes * _NODE_BYTES > size:
        reason = "is cut short: its index ends past its end"
        raise MalformedFile(reason, remedy=_REMEDY)
    stream.seek(nodes * _NODE_BYTES, os.SEEK_CUR)
    return header, size


def _nodes(header: _Header) -> int:
    """Count the nodes of the packed tree: a level of boxes above the other up to one."""
    if header.count == 0 or header.node_size < 2:
        return 0
    level = nodes = header.count
    while level > 1:
        level = -(-level // header.node_size)
        nodes += level
    return nodes + (1 if header.count == 1 else 0)


def _columns(table: _Flat, slot: int) -> tuple[_Column, ...]:
    columns = []
    for row in table.tables(slot):
        kind = int(row.number(1, "<B"))
        if kind not in _COLUMNS:
            reason = f"has a field of the unknown type {kind}"
            raise MalformedFile(reason, remedy=_REMEDY)
        columns.append(_Column(row.text(0), kind))
    return tuple(columns)


def _root(data: bytes) -> _Flat:
    return _Flat(data, struct.unpack_from("<I", data)[0])


def _records(member: Member) -> Iterator[Record]:
    with member.open() as stream:
        header, size = _read_header(stream)
        index = 0
        while (data := _read_sized(stream, size)) is not None:
            try:
                feature = _root(data)
                geometry = feature.table(0)
                columns = _columns(feature, 2) or header.columns
                yield Record(
                    index=index,
                    shape=None if geometry is None else _shape(geometry, header),
                    values=_values(feature.bytes(1), columns),
                )
            except MalformedFile as error:
                error.feature = index
                raise
            index += 1


def _shape(geometry: _Flat, header: _Header, depth: int = 0) -> Shape | None:
    kind = int(geometry.number(6, "<B")) or header.shape
    if kind in (3, 6, 7) or kind not in _SHAPES or depth > 4:
        return Shape(kind="other")
    inner = [_shape(t, header, depth + 1) for t in geometry.tables(7)]
    if inner:
        found = [s for s in inner if s is not None and s.kind != "other"]
        parts = [p for s in found for p in s.parts]
        if kind == 9 and len(parts) > 1:
            parts = [np.concatenate([parts[0], *(p[1:] for p in parts[1:])])]
        lost = dict.fromkeys(what for s in found for what in s.lost)
        return Shape(kind="line", parts=tuple(parts), lost=tuple(lost))
    points = geometry.array(1, "<f8").astype(np.float64).reshape(-1, 2)
    if not len(points):
        return None
    heights = geometry.array(2, "<f8")
    if len(heights) == len(points):
        points = np.column_stack((points, heights))
    lost = {"measures (M)": None} if len(geometry.array(3, "<f8")) else {}
    if kind in (1, 4):
        return Shape(kind="point", parts=tuple(p[None] for p in points), lost=tuple(lost))
    ends = geometry.array(0, "<u4").astype(np.int64)
    if np.any(np.diff(ends) < 0) or (len(ends) and ends[-1] > len(points)):
        reason = "is damaged: the ends of its parts are out of order"
        raise MalformedFile(reason, remedy=_REMEDY)
    parts = [p for p in np.split(points, ends[:-1]) if len(p)]
    if kind == 8:
        lost["arcs, drawn as chords"] = None
        parts = [_stroked(p) for p in parts]
    return Shape(kind="line", parts=tuple(parts), lost=tuple(lost))


def _stroked(points: FloatArray) -> FloatArray:
    return stroke(points)


def _values(data: bytes, columns: tuple[_Column, ...]) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(c.name for c in columns)
    at = 0
    while at + 2 <= len(data):
        number = struct.unpack_from("<H", data, at)[0]
        at += 2
        if number >= len(columns):
            reason = f"is damaged: a value of field {number}, and there are {len(columns)}"
            raise MalformedFile(reason, remedy=_REMEDY)
        column = columns[number]
        kind, form = _COLUMNS[column.type]
        size = struct.calcsize(form) if form else 4
        if at + size > len(data):
            reason = "is damaged: a value is cut short"
            raise MalformedFile(reason, remedy=_REMEDY)
        if form:
            values[column.name] = struct.unpack_from(form, data, at)[0]
            at += size
            continue
        length = struct.unpack_from("<I", data, at)[0]
        raw = data[at + 4 : at + 4 + length]
        if len(raw) < length:
            reason = "is damaged: a text is cut short"
            raise MalformedFile(reason, remedy=_REMEDY)
        values[column.name] = raw if kind == "other" else _decoded(raw)
        at += 4 + length
    return values
