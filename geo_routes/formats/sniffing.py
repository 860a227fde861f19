"""What a file is, by its first bytes; a name tells only where the content does not."""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
from typing import Literal

from geo_routes import files
from geo_routes.errors import MalformedFile, UnreadableFile

Form = Literal[
    "json", "pbf", "osm", "xml", "zip", "shapefile", "geopackage", "flatgeobuf", "geoparquet",
    "csv", "kml", "gml", "tab", "mif", "gpx", "gtfs", "landxml", "opendrive", "railml",
]  # fmt: skip
GIS_FORMS: tuple[Form, ...] = (
    *("shapefile", "geopackage", "flatgeobuf", "geoparquet", "csv", "kml", "gml", "tab", "mif"),
    *("railml", "zip"),
)

HEAD_BYTES = 65_536
_MOST_NAMES = 10_000
_BOM = b"\xef\xbb\xbf"
_FIRST_ELEMENT = re.compile(rb"<([A-Za-z_][\w:.-]*)")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_SHAPE_MAGIC = struct.pack(">i", 9994)
_TEXT_SUFFIXES = (".csv", ".tsv", ".psv", ".txt")
_PLACING = re.compile(
    rb"(?:^|[,;\t|\"])\s*(?:wkt|the_geom|wkt_geom|lon|lng|longitude|lat|latitude)\s*(?:$|[,;\t|\"])",
    re.IGNORECASE,
)
# Root elements, without their prefix.
_ROOTS: dict[str, Form] = {
    "osm": "osm",
    "kml": "kml",
    "gpx": "gpx",
    "LandXML": "landxml",
    "OpenDRIVE": "opendrive",
    "railML": "railml",
    "railml": "railml",
    "FeatureCollection": "gml",
    "featureMembers": "gml",
    "SpatialCollection": "gml",
}


def recognise(path: str, head: bytes) -> Form:
    """Tell what form a file has.

    Parameters
    ----------
    path : str
    head : bytes
        Its first bytes, `HEAD_BYTES` or fewer.

    Returns
    -------
    str
        ``json`` where it is nothing else that is known: its reader says what is wrong with it.

    Raises
    ------
    MalformedFile
        If it is part of a data set and not the file to name.
    """
    lower = path.lower()
    if b"OSMHeader" in head[:64] or lower.endswith(".pbf"):
        return "pbf"
    if head.startswith(_SHAPE_MAGIC):
        if lower.endswith(".shx"):
            reason = "is the index of a Shapefile"
            raise MalformedFile(reason, remedy="name its .shp", source=path)
        return "shapefile"
    magics: tuple[tuple[bytes, Form], ...] = (
        (b"SQLite format 3\0", "geopackage"),
        (b"fgb\x03fgb", "flatgeobuf"),
        (b"PAR1", "geoparquet"),
        (b"PK\x03\x04", "zip"),
        (b"PK\x05\x06", "zip"),
    )
    for magic, form in magics:
        if head.startswith(magic):
            return form
    return _text_form(lower, path, head)


def _text_form(lower: str, path: str, head: bytes) -> Form:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    text = head.removeprefix(_BOM).lstrip()
    if not text and lower != files.STANDARD_STREAM and not lower.endswith((".json", ".geojson")):
        reason = "is empty"
        raise MalformedFile(reason, remedy="export it again, or name another file", source=path)
    if text[:1] == b"<":
        return _xml_form(text)
    if text[:1] in (b"{", b"[", b"\x1e", b"") or lower.endswith((".json", ".geojson")):
        return "json"
    if text[:6].lower() == b"!table":
        return "tab"
    if text[:7].lower() == b"version" and re.search(rb"(?im)^\s*(columns|coordsys)\b", text):
        return "mif"
    for suffix, other in ((".dbf", ".shp"), (".prj", ".shp"), (".mid", ".mif"), (".map", ".tab")):
        if lower.endswith(suffix):
            reason = f"is one part of a data set, and the whole of it is named by its {other}"
            raise MalformedFile(reason, remedy=f"name its {other}", source=path)
    if lower.endswith(_TEXT_SUFFIXES) or _PLACING.search(text.split(b"\n", 1)[0].rstrip(b"\r")):
        return "csv"
    return "json"


def _xml_form(text: bytes) -> Form:
    text = _COMMENT.sub(b"", text)
    first = _FIRST_ELEMENT.search(text)
    if first is None:
        return "xml"
    name = first[1].decode("ascii").rsplit(":", 1)[-1]
    form = _ROOTS.get(name, "xml")
    if form in ("gml", "xml"):
        # An application schema may call its collection anything; the namespace tells.
        return "gml" if b"opengis.net/gml" in text[:8192] else "xml"
    return form


def head_of(path: str) -> bytes:
    """Read the first bytes of a regular file.

    Raises
    ------
    UnreadableFile
        In the words of `files`, if it is none.
    """
    if "://" in path or not os.path.isfile(path):  # noqa: PTH113 - as in files
        return files.read_bytes(path)[:HEAD_BYTES]
    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            return stream.read(HEAD_BYTES)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UnreadableFile(reason, remedy="choose another file", source=path) from error


def is_feed(path: str, data: bytes | None = None) -> bool:
    """Tell whether a zip archive is a GTFS feed, by the names that stand in it.

    Parameters
    ----------
    path : str
    data : bytes, optional
        Its bytes, where there is no file.
    """
    try:
        with zipfile.ZipFile(path if data is None else io.BytesIO(data)) as archive:
            names = {os.path.basename(name) for name in archive.namelist()[:_MOST_NAMES]}  # noqa: PTH119
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return {"routes.txt", "trips.txt"} <= names or {"stops.txt", "stop_times.txt"} <= names
