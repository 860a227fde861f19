"""A file of any form that `import` reads → an extract."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from geo_routes import files
from geo_routes.errors import MalformedFile, UnreadableFile, UnusableInput
from geo_routes.formats import json_text
from geo_routes.formats.geojson import TYPES
from geo_routes.formats.osm.extract import Extract, Way
from geo_routes.formats.osm.geojson_lines import read_geojson, read_station_list
from geo_routes.formats.osm.osmium_files import read_osmium
from geo_routes.formats.osm.overpass import read_overpass

_HEAD_BYTES = 65_536
_FIRST_ELEMENT = re.compile(rb"<([A-Za-z_][\w:.-]*)")
_REMEDY = "give OSM (.osm.pbf, .osm, Overpass JSON), GeoJSON or a GIS file"
_BOM = b"\xef\xbb\xbf"


def read_extract(
    path: str, *, tell: Callable[[str], None] | None = None, data: bytes | None = None
) -> Extract:
    """Read a file by what it holds, not by what it is called.

    Parameters
    ----------
    path : str
        ``-`` is standard input.
    tell : callable, optional
        Told in words how far the reading of a large file is.
    data : bytes, optional
        All of the file, where it was read already.

    Returns
    -------
    Extract

    Raises
    ------
    UnreadableFile
        If the bytes cannot be had.
    MalformedFile, InvalidCoordinates, UnknownCrs
        If they are nothing that `import` reads, or are damaged.
    """
    try:
        return _read(path, tell, data)
    except UnusableInput as error:
        error.source = error.source or path
        raise


def _read(path: str, tell: Callable[[str], None] | None, whole: bytes | None) -> Extract:
    if whole is None and path == files.STANDARD_STREAM:
        whole = files.read_bytes(path)
    head = whole[:_HEAD_BYTES] if whole is not None else _head(path)
    form = _form_of(head, path)
    if form in ("pbf", "xml"):
        return read_osmium(path, form=form, data=whole, tell=tell)
    data = files.read_bytes(path) if whole is None else whole
    document = None
    if data.lstrip(_BOM)[:1] != b"\x1e":
        try:
            document = json_text.decode(data, source=path)
        except MalformedFile:
            if not path.lower().endswith((".geojsons", ".geojsonl", ".geojsonseq", ".ndjson")):
                raise
    if type(document) is dict and document.get("type") not in TYPES:
        repeated = json_text.repeated_member(data, document)
        if repeated is not None:
            reason = f"has a duplicate member {repeated!r} in one object"
            raise MalformedFile(reason, remedy="remove one of the two", source=path)
        if "elements" in document:
            return read_overpass(document, source=path)
        stations = read_station_list(document, source=path)
        if stations is not None:
            return stations
    return read_geojson(data, source=path)


def merge_extracts(extracts: Sequence[Extract]) -> Extract:
    """Put several files together; the first one names the whole.

    Parameters
    ----------
    extracts : sequence of Extract
        One or more.

    Returns
    -------
    Extract
    """
    first = extracts[0]
    if len(extracts) == 1:
        return first
    ways: dict[tuple[str, int], Way] = {}
    for extract in extracts:
        for number, way in enumerate(extract.ways):
            # The same way of OSM in two files is one; what has no id of its own never is.
            key = (way.id, len(way.lonlat)) if way.is_osm else (extract.source, number)
            ways.setdefault(key, way)
    return replace(
        first,
        ways=tuple(ways.values()),
        points=tuple(p for e in extracts for p in e.points),
        relations={k: v for e in reversed(extracts) for k, v in e.relations.items()},
        date=max((e.date for e in extracts if e.date), default=None),
        remarks=tuple(r for e in extracts for r in e.remarks),
    )


def _head(path: str) -> bytes:
    """First bytes of a regular file; anything else is refused in the words of `files`."""
    if "://" not in path and os.path.isfile(path):  # noqa: PTH113 - as in files
        try:
            with open(path, "rb") as stream:  # noqa: PTH123
                return stream.read(_HEAD_BYTES)
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            raise UnreadableFile(reason, remedy="choose another file", source=path) from error
    return files.read_bytes(path)[:_HEAD_BYTES]


def _form_of(head: bytes, path: str) -> str:
    if b"OSMHeader" in head[:64] or path.lower().endswith(".pbf"):
        return "pbf"
    text = head.removeprefix(_BOM).lstrip()
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") and b"<\x00" in head[:8] + head[3:9]:
        reason = "is XML in UTF-16, expected UTF-8"
        raise MalformedFile(reason, remedy="save it as UTF-8", source=path)
    if text[:1] == b"<":
        return _xml_form(text, path)
    return "json"


def _xml_form(text: bytes, path: str) -> str:
    first = _FIRST_ELEMENT.search(text)
    prolog = text[: first.start()] if first else text
    if b"<!DOCTYPE" in prolog or b"<!ENTITY" in prolog:
        reason = "is XML with a DTD, whose entities may stand for anything, and is not read"
        raise MalformedFile(reason, remedy="remove the DOCTYPE", source=path)
    if first is None or first[1] != b"osm":
        name = first[1][:20].decode("ascii", "replace") if first else "nothing"
        reason = f"is XML that begins with {name!r}, expected osm"
        raise MalformedFile(reason, remedy=_REMEDY, source=path)
    return "xml"
