"""Tables in text: a geometry in well-known text, or two columns of coordinates."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from geo_routes.errors import MalformedFile, UnusableInput, visible
from geo_routes.formats.gis.geometries import shape_of_wkt, without_srid
from geo_routes.formats.gis.tables import Field, Layer, Opened, Record, Shape
from geo_routes.formats.gis.text_encodings import known_encoding, unsaid_encoding, wrong_encoding

_HEAD_BYTES = 65_536
# A long line in text takes some megabytes; Python's own limit for a field is 131,072 characters.
_LONGEST_FIELD = 200_000_000
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_WIDE = ("utf-16", "utf-32")
_DELIMITERS = ",;\t|"
_LON = ("lon", "lng", "long", "longitude", "x", "easting", "laenge", "länge", "経度")
_LAT = ("lat", "latitude", "y", "northing", "breite", "緯度")
_HEIGHT = ("height", "height_m", "elevation", "ele", "z", "alt", "altitude", "höhe", "標高")
_PLANE = ("x", "y", "easting", "northing")
_WKT = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "shape")
_WKT_START = re.compile(r"(?i)(multi)?(point|linestring|polygon|curve)|geometrycollection|compound")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Plan:
    delimiter: str
    header: tuple[str, ...]
    encoding: str
    wkt: int | None
    lon: int | None
    lat: int | None
    height: int | None
    is_plane: bool


def open_csv(
    path: str,
    *,
    data: bytes | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Opened:
    """Look into a table in text.

    Parameters
    ----------
    path : str
    data : bytes, optional
        Its bytes, where there is no file.
    encoding : str, optional
        UTF-8 where nothing is said, or UTF-16 by its mark; anything else is asked for.
    columns : mapping, optional
        Which columns are ``lon``, ``lat``, ``height`` or ``wkt``, where their names do not tell.

    Returns
    -------
    Opened

    Raises
    ------
    MalformedFile
        If it has no column that places its rows.
    """

    def opener() -> BinaryIO:
        return open(path, "rb") if data is None else io.BytesIO(data)  # noqa: PTH123

    plan = _plan(opener, known_encoding(encoding), columns or {})
    used = {plan.wkt, plan.lon, plan.lat, plan.height} - {None}
    fields = tuple(Field(name=n) for i, n in enumerate(plan.header) if i not in used)
    in_degrees = plan.wkt is None and not plan.is_plane
    layer = Layer(
        name=os.path.splitext(os.path.basename(path))[0] or "table",  # noqa: PTH119, PTH122
        fields=fields,
        shape="" if plan.wkt is not None else "Point",
        crs="OGC:CRS84" if in_degrees else None,
        crs_reason="is a table in text, which does not say the reference system of its coordinates",
    )
    return Opened(form="CSV", layers=(layer,), read=lambda _: _records(opener, plan))


def _plan(
    opener: Callable[[], BinaryIO], encoding: str | None, columns: Mapping[str, str]
) -> _Plan:
    with opener() as stream:
        head = stream.read(_HEAD_BYTES)
    codec = encoding or ("utf-16" if head.startswith(_UTF_16) else "utf-8-sig")
    text = _first_line(head, codec, encoding)
    delimiter = max(_DELIMITERS, key=text.count)
    header = tuple(h.strip() for h in next(csv.reader([text], delimiter=delimiter), []))
    folded = [h.casefold() for h in header]
    for target, column in columns.items():
        if column not in header:
            reason = f"has no column {column[:60]!r} for {target}: it has {_listed(header)}"
            raise UnusableInput(reason, remedy="name one of these")

    def find(target: str, names: tuple[str, ...]) -> int | None:
        if target in columns:
            return header.index(columns[target])
        return next((folded.index(n) for n in names if n in folded), None)

    lon, lat = find("lon", _LON), find("lat", _LAT)
    wkt = find("wkt", _WKT)
    if wkt is not None and "wkt" not in columns and not _holds_wkt(head, codec, delimiter, wkt):
        wkt = None
    if wkt is None and (lon is None or lat is None):
        reason = f"is text without a column of geometry (WKT) or of lon and lat: {_listed(header)}"
        raise MalformedFile(
            reason, remedy="name them by --field lon=COLUMN --field lat=COLUMN, or wkt=COLUMN"
        )
    if wkt is not None:
        lon = lat = None
    is_plane = lon is not None and lat is not None and (
        folded[lon] in _PLANE or folded[lat] in _PLANE
    )  # fmt: skip
    height = None if wkt is not None else find("height", _HEIGHT)
    return _Plan(delimiter, header, codec, wkt, lon, lat, height, is_plane)


def _first_line(head: bytes, codec: str, encoding: str | None) -> str:
    if codec.startswith(_WIDE):
        # A line ends there in several bytes, and the head anywhere.
        return head.decode(codec, "ignore").split("\n", 1)[0].strip("\r\ufeff")
    line = head.split(b"\n", 1)[0]
    try:
        return line.decode(codec).rstrip("\r")
    except UnicodeDecodeError as error:
        raise _undecodable(line, "the header", encoding) from error


def _holds_wkt(head: bytes, codec: str, delimiter: str, column: int) -> bool:
    lines = io.StringIO(head.decode(codec, "replace"), newline="")
    rows = csv.reader(lines, delimiter=delimiter)
    next(rows, None)
    try:
        for row in rows:
            if len(row) > column and row[column].strip():
                return bool(_WKT_START.match(without_srid(row[column])))
    except csv.Error:
        return True  # a geometry so long that it does not fit here
    return False


def _listed(header: tuple[str, ...]) -> str:
    shown = ", ".join(visible(h, most=30) for h in header[:12])
    return shown + (" and more" if len(header) > 12 else "")


def _undecodable(raw: bytes, what: str, encoding: str | None) -> UnusableInput:
    spot = next((i for i, b in enumerate(raw) if b > 127), 0)
    part = raw[spot : spot + 12]
    return unsaid_encoding(part, what) if encoding is None else wrong_encoding(part, what, encoding)


def _records(opener: Callable[[], BinaryIO], plan: _Plan) -> Iterator[Record]:
    if csv.field_size_limit() < _LONGEST_FIELD:
        csv.field_size_limit(_LONGEST_FIELD)
    with opener() as stream:
        text = io.TextIOWrapper(stream, encoding=plan.encoding, newline="")
        rows = csv.reader(text, delimiter=plan.delimiter)
        index = -1
        try:
            next(rows, None)
            for index, row in enumerate(rows):
                if row:
                    yield _record(index, row, plan)
        except UnicodeDecodeError as error:
            raw = error.object[error.start : error.start + 12]
            said = None if plan.encoding == "utf-8-sig" else plan.encoding
            raise _undecodable(bytes(raw), f"a row after row {index + 1}", said) from error
        except csv.Error as error:
            reason = f"has a row after row {index + 1} that is no CSV: {error}"
            raise MalformedFile(reason, remedy="export it again") from error


def _record(index: int, row: list[str], plan: _Plan) -> Record:
    if len(row) > len(plan.header) and any(c.strip() for c in row[len(plan.header) :]):
        reason = f"has {len(row)} values, and the header names {len(plan.header)}"
        raise MalformedFile(reason, remedy="put text that holds a delimiter in quotes",
                            feature=index)  # fmt: skip
    cells = [c.strip() for c in row] + [""] * (len(plan.header) - len(row))
    used = {plan.wkt, plan.lon, plan.lat, plan.height}
    values: dict[str, Any] = {
        name: cells[i] or None for i, name in enumerate(plan.header) if i not in used
    }
    try:
        return Record(index=index, shape=_shape(cells, plan), values=values)
    except MalformedFile as error:
        error.feature = index
        raise


def _shape(cells: list[str], plan: _Plan) -> Shape | None:
    if plan.wkt is not None:
        return shape_of_wkt(cells[plan.wkt]) if cells[plan.wkt] else None
    if plan.lon is None or plan.lat is None or not (cells[plan.lon] or cells[plan.lat]):
        return None
    position = [_number(cells[i]) for i in (plan.lon, plan.lat)]
    if plan.height is not None and cells[plan.height]:
        position.append(_number(cells[plan.height]))
    return Shape(kind="point", parts=(np.array([position]),))


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        reason = f"has {text[:30]!r} where a coordinate is expected"
        raise MalformedFile(reason, remedy="give numbers such as 13.25")
    # A comma that parts no columns can only be a decimal one.
    return float(text.replace(",", "."))
