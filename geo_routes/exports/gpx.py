"""Routes → GPX 1.1."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from geo_routes import files
from geo_routes.errors import InvalidNoun
from geo_routes.model import Route, Station
from geo_routes.version import __version__

# As xsd:dateTime has it.
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_NAMESPACE = "http://www.topografix.com/GPX/1/1"
# What XML 1.0 has no way to write.
_UNWRITABLE = {
    **dict.fromkeys(i for i in range(32) if i not in (9, 10, 13)),
    **dict.fromkeys((0xFFFE, 0xFFFF)),
    **dict.fromkeys(range(0xD800, 0xE000)),
}


def write_gpx(routes: Route | Iterable[Route], path: str | os.PathLike[str]) -> None:
    """Write routes as tracks of a GPX file, whole or not at all.

    A track has the name of its route, a segment for each part, heights, and the times that were
    read with it; stations become waypoints. GPX has no place for structures, declared figures and
    the like; links and numbers of tracks that were read are not written.

    Parameters
    ----------
    routes : Route or iterable of Route
    path : path-like
        ``-`` is standard output.

    Raises
    ------
    UnusableOutput
        If the place cannot be written.
    InvalidNoun
        If there is no route.
    """
    files.write_whole(path, encode_gpx([routes] if isinstance(routes, Route) else list(routes)))


def encode_gpx(routes: Sequence[Route]) -> bytes:
    """Give the bytes of a GPX file; see `write_gpx`."""
    if not routes:
        msg = "there is no route to write"
        raise InvalidNoun(msg)
    root = Element("gpx", xmlns=_NAMESPACE, version="1.1", creator=f"geo_routes {__version__}")
    for station in {(s.name, s.lonlat): s for r in routes for s in r.stations}.values():
        _waypoint(root, station)
    for route in routes:
        _track(root, route)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _waypoint(root: Element, station: Station) -> None:
    lon, lat = station.lonlat
    point = SubElement(root, "wpt", lat=_decimal(lat), lon=_decimal(lon))
    if station.height_m is not None:
        SubElement(point, "ele").text = _decimal(station.height_m)
    if _is_time(station.extra.get("time")):
        SubElement(point, "time").text = station.extra["time"]
    if station.name:
        SubElement(point, "name").text = _writable(station.name)
    _write_texts(point, station.extra, ("cmt", "desc", "sym", "type"))


def _track(root: Element, route: Route) -> None:
    track = SubElement(root, "trk")
    if route.name:
        SubElement(track, "name").text = _writable(route.name)
    _write_texts(track, route.extra, ("cmt", "desc", "src", "type"))
    said = route.extra.get("times")
    times = said if isinstance(said, list) and len(said) == len(route.lonlat) else None
    heights = None if route.height_m is None else route.height_m.tolist()
    places = route.lonlat.tolist()
    for start, end in zip(route.part_starts.tolist(), route.part_ends.tolist(), strict=True):
        segment = SubElement(track, "trkseg")
        for i in range(start, end):
            lon, lat = places[i]
            point = SubElement(segment, "trkpt", lat=_decimal(lat), lon=_decimal(lon))
            if heights is not None and math.isfinite(heights[i]):
                SubElement(point, "ele").text = _decimal(heights[i])
            if times is not None and _is_time(times[i]):
                SubElement(point, "time").text = times[i]


def _write_texts(element: Element, extra: Mapping[str, Any], names: Sequence[str]) -> None:
    """Write what GPX has a place for, in the order that its schema demands."""
    for name in names:
        if type(extra.get(name)) is str:
            SubElement(element, name).text = _writable(extra[name])


def _decimal(value: float) -> str:
    """Write as many digits as the number has, and no exponent, which xsd:decimal does not know."""
    text = repr(value)
    return f"{value:.20f}".rstrip("0") if "e" in text else text


def _is_time(value: object) -> bool:
    return type(value) is str and _TIME.fullmatch(value) is not None


def _writable(text: str) -> str:
    return text.translate(_UNWRITABLE)
