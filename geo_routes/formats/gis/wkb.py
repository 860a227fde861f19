"""Well-known binary (OGC 06-103r4, ISO 13249-3) → shapes, and well-known text likewise."""

from __future__ import annotations

import re
import struct

import numpy as np

from geo_routes.errors import MalformedFile
from geo_routes.formats.gis.arcs import stroke
from geo_routes.formats.gis.tables import Shape
from geo_routes.model import FloatArray

_POINT, _LINE, _POLYGON, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON, _COLLECTION = range(1, 8)
_ARCS, _COMPOUND, _CURVE_POLYGON, _MULTICURVE, _MULTISURFACE = range(8, 13)
_MOST_NESTED = 8
_REMEDY = "export it again"
_MEASURES = "measures (M)"
_STROKED = "arcs, drawn as chords"


def parse_wkb(data: bytes) -> Shape:
    """Read one geometry.

    Parameters
    ----------
    data : bytes
        WKB, ISO's or PostGIS's extended one.

    Returns
    -------
    Shape

    Raises
    ------
    MalformedFile
        If it is cut short, or says of itself what it does not hold.

    Examples
    --------
    >>> parse_wkb(struct.pack("<BIIdddd", 1, 2, 2, 0, 0, 3, 4)).parts[0].tolist()
    [[0.0, 0.0], [3.0, 4.0]]
    """
    return _Wkb(data).shape()


class _Wkb:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.lost: dict[str, None] = {}

    def shape(self) -> Shape:
        kind, parts = self._geometry(0)
        return Shape(kind=kind, parts=tuple(parts), lost=tuple(self.lost))  # type: ignore[arg-type]

    def _unpack(self, form: str) -> int:
        size = struct.calcsize(form)
        if self.at + size > len(self.data):
            reason = f"has a geometry (WKB) of {len(self.data)} bytes that is cut short"
            raise MalformedFile(reason, remedy=_REMEDY)
        value: int = struct.unpack_from(form, self.data, self.at)[0]
        self.at += size
        return value

    def _head(self) -> tuple[str, int, int, bool, bool]:
        mark = self._unpack("B")
        if mark > 1:
            reason = f"has a geometry (WKB) that begins with byte {mark}, expected 0 or 1"
            raise MalformedFile(reason, remedy=_REMEDY)
        order = "<" if mark else ">"
        code = self._unpack(f"{order}I")
        has_z, has_m = bool(code & 0x8000_0000), bool(code & 0x4000_0000)
        if code & 0x2000_0000:
            self._unpack(f"{order}I")
        plain = code & 0x0FFF_FFFF
        has_z |= plain // 1000 in (1, 3)
        has_m |= plain // 1000 in (2, 3)
        if has_m:
            self.lost[_MEASURES] = None
        return order, plain % 1000, 2 + has_z + has_m, has_z, has_m

    def _geometry(self, depth: int) -> tuple[str, list[FloatArray]]:
        if depth > _MOST_NESTED:
            reason = f"has a geometry (WKB) nested deeper than {_MOST_NESTED} levels"
            raise MalformedFile(reason, remedy=_REMEDY)
        order, code, width, has_z, _ = self._head()
        if code == _POINT:
            position = self._positions(order, 1, width, has_z)
            return "point", [] if np.isnan(position[0, :2]).all() else [position]
        if code in (_LINE, _ARCS):
            points = self._positions(order, self._count(order, 8 * width), width, has_z)
            if code == _ARCS:
                self.lost[_STROKED] = None
                points = stroke(points)
            return "line", [points] if len(points) else []
        if code in (_MULTIPOINT, _MULTILINE, _MULTICURVE, _COMPOUND):
            parts = []
            for _ in range(self._count(order, 5)):
                kind, found = self._geometry(depth + 1)
                if kind != ("point" if code == _MULTIPOINT else "line"):
                    reason = f"has a geometry (WKB) of type {code} with a {kind} in it"
                    raise MalformedFile(reason, remedy=_REMEDY)
                parts += found
            if code == _COMPOUND and len(parts) > 1:
                parts = [np.concatenate([parts[0], *(p[1:] for p in parts[1:])])]
            return ("point" if code == _MULTIPOINT else "line"), parts
        if code in (_POLYGON, _MULTIPOLYGON, _COLLECTION, _CURVE_POLYGON, _MULTISURFACE) or (
            13 <= code <= 17
        ):
            # Areas, surfaces and mixed collections are no lines: what they hold is not looked at.
            return "other", []
        reason = f"has a geometry (WKB) of the unknown type {code}"
        raise MalformedFile(reason, remedy=_REMEDY)

    def _count(self, order: str, least_bytes: int) -> int:
        count = self._unpack(f"{order}I")
        if count * least_bytes > len(self.data) - self.at:
            reason = f"has a geometry (WKB) that says it has {count:,} positions or parts, and its "
            reason += f"{len(self.data):,} bytes hold fewer"
            raise MalformedFile(reason, remedy=_REMEDY)
        return count

    def _positions(self, order: str, count: int, width: int, has_z: bool) -> FloatArray:  # noqa: FBT001
        size = count * width * 8
        if self.at + size > len(self.data):
            reason = f"has a geometry (WKB) of {len(self.data)} bytes that is cut short"
            raise MalformedFile(reason, remedy=_REMEDY)
        numbers = np.frombuffer(self.data, f"{order}f8", count * width, self.at)
        self.at += size
        return np.array(numbers.reshape(count, width)[:, : 3 if has_z else 2], dtype=np.float64)


_WKT_HEAD = re.compile(r"\s*(?:SRID\s*=\s*(\d+)\s*;\s*)?([A-Z]+)\s*(ZM|Z|M)?\s*(EMPTY\b|(?=\())", re.I)
_WKT_NUMBERS = re.compile(r"[-+0-9.eE\s,]*")


def is_wkt(text: str) -> bool:
    """Tell whether text begins as a geometry in well-known text does.

    Examples
    --------
    >>> is_wkt("LINESTRING Z (1 2 3, 4 5 6)"), is_wkt("Linz (Donau)")
    (True, False)
    """
    head = _WKT_HEAD.match(text)
    return head is not None and head[2].upper() in _WKT_KINDS


_WKT_KINDS = {
    **dict.fromkeys(("POINT", "MULTIPOINT"), "point"),
    **dict.fromkeys(("LINESTRING", "MULTILINESTRING"), "line"),
    **dict.fromkeys(("POLYGON", "MULTIPOLYGON", "GEOMETRYCOLLECTION", "TRIANGLE", "TIN"), "other"),
    **dict.fromkeys(("POLYHEDRALSURFACE", "CURVEPOLYGON", "MULTISURFACE"), "other"),
}


def parse_wkt(text: str) -> Shape:
    """Read one geometry in text.

    Raises
    ------
    MalformedFile

    Examples
    --------
    >>> parse_wkt("LINESTRING (0 0, 3 4)").parts[0].tolist()
    [[0.0, 0.0], [3.0, 4.0]]
    """
    head = _WKT_HEAD.match(text)
    kind = _WKT_KINDS.get(head[2].upper()) if head else None
    if head is None or kind is None:
        reason = f"has no geometry in well-known text, but {text[:30]!r}"
        raise MalformedFile(reason, remedy="give LINESTRING (x y, x y)")
    if kind == "other" or head[4]:
        return Shape(kind=kind)  # type: ignore[arg-type]
    lost = (_MEASURES,) if "M" in (head[3] or "").upper() else ()
    has_z = (head[3] or "").upper() != "M"
    parts = [_wkt_part(part, text, has_z=has_z) for part in _wkt_parts(text[head.end() :], text)]
    if kind == "point":
        parts = [position[None] for part in parts for position in part]
    return Shape(kind=kind, parts=tuple(parts), lost=lost)  # type: ignore[arg-type]


def _wkt_parts(body: str, text: str) -> list[str]:
    body = body.strip()
    depth = 0
    for sign in body:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            break
    inner = body[1:-1].strip()
    if depth or body[-1:] != ")":
        reason = f"has well-known text {text[:30]!r} whose brackets do not close"
        raise MalformedFile(reason, remedy=_REMEDY)
    if not inner.startswith("("):
        return [inner]
    return [p.strip().strip("()") for p in re.split(r"\)\s*,\s*\(", inner)]


def _wkt_part(part: str, text: str, *, has_z: bool) -> FloatArray:
    rows = [row.split() for row in part.split(",")]
    widths = {len(row) for row in rows}
    if not _WKT_NUMBERS.fullmatch(part) or len(widths) != 1 or not 2 <= min(widths) <= 4:
        reason = f"has well-known text {text[:30]!r} with a position that is not two to four numbers"
        raise MalformedFile(reason, remedy="write a point as decimals, and a comma between positions")
    try:
        points = np.array(rows, dtype=np.float64)
    except ValueError as error:
        reason = f"has well-known text {text[:30]!r} with a position that is no number"
        raise MalformedFile(reason, remedy=_REMEDY) from error
    return points[:, : 3 if has_z and points.shape[1] > 2 else 2]
