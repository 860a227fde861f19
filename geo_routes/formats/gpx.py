"""GPX 1.0 and 1.1: every track and route of the file, with its segments, heights and times."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from geo_routes import geodesy
from geo_routes.chainage import lay_ruler, locate
from geo_routes.errors import InvalidCoordinates, MalformedFile, visible
from geo_routes.formats.decimals import parse_decimal
from geo_routes.formats.xml_text import parse_xml
from geo_routes.model import Finding, FloatArray, Route, Station

# A waypoint is a station of the lines that it lies beside; see the route file reference.
_BESIDE_M = 250.0
# Who stays within so many metres for so long has stopped.
STANDING_M, STANDING_S = 100.0, 60.0
_NAMED_WITHIN_M = 500.0
# GPX 1.1 schema, longitudeType.
_MOST_LON_DEG = 180.0
_KEPT = {"ele", "time", "name"}
_TEXTS = ("cmt", "desc", "src", "number", "type", "keywords")
_REMEDY = "correct it, or export it again"


@dataclass(slots=True)
class _Line:
    """One track or route while it is read."""

    name: str
    extra: dict[str, Any]
    parts: list[FloatArray] = field(default_factory=list)
    heights: list[FloatArray] = field(default_factory=list)
    times: list[str | None] = field(default_factory=list)


def read_gpx(data: bytes, *, source: str, stops: bool = False) -> tuple[Route, ...]:
    """Read the tracks and routes of a GPX file.

    Parameters
    ----------
    data : bytes
    source : str
        Name of the file, for messages.
    stops : bool
        Make stations where a track stood still for `STANDING_S` within `STANDING_M`.

    Returns
    -------
    tuple of Route
        Tracks first, then routes, in the order of the file; the segments of a track are its parts.
        Heights have no datum, for the format names none. Times stand in ``times``, one for each
        vertex. Named waypoints within 250 m of a line are its stations.

    Raises
    ------
    MalformedFile, InvalidCoordinates
        If it is no GPX, or holds no line.

    References
    ----------
    GPX 1.1 schema documentation, Topografix, 2004.
    """
    root = parse_xml(data, source=source)
    if _local(root) != "gpx":
        reason = f"is XML that begins with {visible(_local(root), most=20)!r}, expected gpx"
        raise MalformedFile(reason, remedy=_REMEDY, source=source)
    try:
        return _routes(root, stops=stops)
    except (MalformedFile, InvalidCoordinates) as error:
        error.source = error.source or source
        raise


def _routes(root: Element, *, stops: bool) -> tuple[Route, ...]:
    about = _about(root)
    lost: Counter[str] = Counter()
    lines: list[_Line] = []
    index = 0
    for kind, inner in (("trk", "trkseg"), ("rte", None)):
        for element in root:
            if _local(element) == kind:
                lines.append(_line(element, inner, index, lost))
                index += 1
    lost["a track or route without two points"] += sum(not line.parts for line in lines)
    lines = [line for line in lines if line.parts]
    if not lines:
        count = sum(1 for e in root if _local(e) == "wpt")
        held = f"it holds {count:,} waypoints" if count else "it is empty"
        reason = f"is GPX without a track or route of two points or more: {held}"
        raise MalformedFile(reason, remedy="export the track, not only its waypoints")
    ids = _ids([line.name for line in lines])
    routes = [_route(line, id_, about) for line, id_ in zip(lines, ids, strict=True)]
    waypoints = [_waypoint(e, i, lost) for i, e in enumerate(e for e in root if _local(e) == "wpt")]
    routes = _with_waypoints(routes, waypoints)
    if stops:
        routes = [_with_stops(r, line, waypoints) for r, line in zip(routes, lines, strict=True)]
    return (_with_remarks(routes[0], lost), *routes[1:])


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _text(element: Element, name: str) -> str | None:
    for inner in element:
        if _local(inner) == name:
            return (inner.text or "").strip() or None
    return None


def _about(root: Element) -> dict[str, str]:
    """Read what the file says of itself: who made it, and under which licence."""
    metadata = next((e for e in root if _local(e) == "metadata"), root)
    copying = next((e for e in metadata if _local(e) == "copyright"), None)
    said = {
        "source": root.get("creator"),
        "licence": None if copying is None else _text(copying, "license"),
    }
    return {k: v for k, v in said.items() if v}


def _line(element: Element, inner: str | None, index: int, lost: Counter[str]) -> _Line:
    said = {name: _text(element, name) for name in _TEXTS}
    line = _Line(_text(element, "name") or "", {k: v for k, v in said.items() if v})
    links = [e.get("href", "") for e in element if _local(e) == "link" and e.get("href")]
    if links:
        line.extra["links"] = links
    lost["extensions"] += sum(1 for e in element if _local(e) == "extensions")
    for segment in (e for e in element if _local(e) == inner) if inner else (element,):
        points = [e for e in segment if _local(e) in ("trkpt", "rtept")]
        if len(points) < 2:
            lost["a segment of one point"] += len(points)
            continue
        rows = np.array([_position(p, index) for p in points])
        _check(rows, index)
        line.parts.append(rows)
        line.heights.append(np.array([_height(p, index) for p in points]))
        line.times += [_text(p, "time") for p in points]
        for point in points:
            lost.update(_local(e) for e in point if _local(e) not in _KEPT)
    return line


def _position(point: Element, index: int) -> tuple[float, float]:
    return _number(point.get("lon"), "lon", index), _number(point.get("lat"), "lat", index)


def _height(point: Element, index: int) -> float:
    text = _text(point, "ele")
    return math.nan if text is None else _number(text, "ele", index)


def _number(text: str | None, name: str, index: int) -> float:
    said = "" if text is None else text.strip()
    try:
        return parse_decimal(said)
    except ValueError as error:
        what = "no " + name if text is None else f"the {name} {said[:30]!r}"
        reason = f"has a point with {what}, expected a coordinate in numbers"
        raise MalformedFile(reason, remedy=_REMEDY, feature=index) from error


def _check(rows: FloatArray, index: int) -> None:
    try:
        geodesy.check_lonlat(rows)
    except InvalidCoordinates as error:
        error.feature = index
        raise
    beyond = rows[np.abs(rows[:, 0]) > _MOST_LON_DEG, 0]
    if len(beyond):
        reason = f"has a point with the lon {beyond[0]:g}, and GPX ends at 180 degrees"
        raise InvalidCoordinates(reason, remedy=_REMEDY, feature=index)


def _ids(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    ids = []
    for name in names:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
        slug = slug if len(slug) > 1 and 2 * len(slug) >= min(len(name), 60) else "track"
        seen[slug] += 1
        id_ = slug if seen[slug] == 1 else f"{slug}-{seen[slug]}"
        while id_ in ids:
            seen[slug] += 1
            id_ = f"{slug}-{seen[slug]}"
        ids.append(id_)
    return ids


def _route(line: _Line, id_: str, about: dict[str, str]) -> Route:
    heights = np.concatenate(line.heights)
    extra = dict(line.extra)
    remarks: list[Finding] = []
    if any(line.times):
        extra["times"] = list(line.times)
        remarks += _odd_times(line.times)
    starts = np.cumsum([0, *(len(p) for p in line.parts[:-1])])
    return Route(
        lonlat=np.concatenate(line.parts),
        part_starts=starts.astype(np.int64),
        height_m=heights if np.isfinite(heights).any() else None,
        id=id_,
        name=line.name,
        source=about.get("source"),
        licence=about.get("licence"),
        extra=extra,
        remarks=tuple(remarks),
    )


def _odd_times(times: Sequence[str | None]) -> list[Finding]:
    seconds = _seconds(times)
    known = seconds[np.isfinite(seconds)]
    back = int(np.sum(np.diff(known) < 0))
    unread = sum(1 for t in times if t) - len(known)
    said = []
    if back:
        said.append(f"time runs backwards at {back:,} points")
    if unread:
        said.append(f"{unread:,} times are no dates by ISO 8601")
    return [
        Finding(
            code="gpx.times",
            severity="warning",
            message=f"of the track's times {what}",
            remedy="look whether points of several rides were mixed",
        )
        for what in said
    ]


def _seconds(times: Sequence[str | None]) -> FloatArray:
    """Give times in seconds of UTC; NaN for none. Without a zone they are taken as UTC."""
    values = np.full(len(times), np.nan)
    for i, text in enumerate(times):
        if text:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                continue
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            values[i] = moment.timestamp()
    return values


def _waypoint(element: Element, index: int, lost: Counter[str]) -> Station:
    place = _position(element, index)
    _check(np.array([place]), index)
    height = _height(element, index)
    extra = {k: v for k in ("desc", "cmt", "sym", "type", "time") if (v := _text(element, k))}
    lost["extensions"] += sum(1 for e in element if _local(e) == "extensions")
    return Station(
        lonlat=place,
        name=_text(element, "name") or "",
        height_m=None if math.isnan(height) else height,
        extra=extra,
    )


def _offsets_m(route: Route, places: Sequence[tuple[float, float]]) -> FloatArray:
    ruler = lay_ruler(route.lonlat, part_starts=route.part_starts)
    found = locate(ruler, np.array(places))
    offsets = np.full(len(places), np.inf)
    np.minimum.at(offsets, found.point, found.offset_m)
    return offsets


def _with_waypoints(routes: list[Route], waypoints: Sequence[Station]) -> list[Route]:
    """Give each route the named waypoints beside it as stations."""
    named = [w for w in waypoints if w.name]
    if not waypoints:
        return routes
    if not named:
        return [_apart(routes[0], len(waypoints), len(waypoints)), *routes[1:]]
    beside = np.array([_offsets_m(r, [w.lonlat for w in named]) <= _BESIDE_M for r in routes])
    made = []
    for number, route in enumerate(routes):
        stations = tuple(
            replace(w, routes=tuple(str(routes[k].id) for k in np.flatnonzero(beside[:, i])))
            for i, w in enumerate(named)
            if beside[number, i]
        )
        made.append(replace(route, stations=stations))
    apart = len(waypoints) - int(beside.any(axis=0).sum())
    if apart:
        made[0] = _apart(made[0], apart, len(waypoints))
    return made


def _apart(route: Route, apart: int, count: int) -> Route:
    remark = Finding(
        code="gpx.waypoints",
        severity="note",
        message=f"{apart:,} of {count:,} waypoints have no name or lie more than "
        f"{_BESIDE_M:.0f} m from every line, and are no stations",
    )
    return replace(route, remarks=(*route.remarks, remark))


def _with_stops(route: Route, line: _Line, waypoints: Sequence[Station]) -> Route:
    """Add a station wherever the track stood still."""
    found = _stops(route.lonlat, _seconds(line.times))
    if not found:
        remark = Finding(
            code="gpx.no_stops",
            severity="warning",
            message=f"nowhere did the track stand for {STANDING_S:.0f} s within {STANDING_M:.0f} m"
            if any(line.times)
            else "the track has no times, so no stops can be found in it",
        )
        return replace(route, remarks=(*route.remarks, remark))
    named = [w for w in waypoints if w.name]
    stations = []
    for number, (place, standing_s) in enumerate(found, start=1):
        name = _nearest_name(place, named) or f"Stop {number}"
        stations.append(
            Station(
                lonlat=place,
                name=name,
                routes=(str(route.id),),
                seq=float(number),
                extra={"standing_s": standing_s},
            )
        )
    taken = {s.name for s in stations}
    kept = tuple(s for s in route.stations if s.name not in taken)
    return replace(route, stations=(*stations, *kept))


def _stops(lonlat: FloatArray, seconds: FloatArray) -> list[tuple[tuple[float, float], float]]:
    """Find where positions stay within a circle for long enough."""
    known = np.flatnonzero(np.isfinite(seconds))
    places_m = geodesy.ecef_m(lonlat[known])
    times = np.maximum.accumulate(seconds[known])
    # Which position is the first that comes long enough after each.
    after = np.searchsorted(times, times + STANDING_S)
    found = []
    i = 0
    while i < len(known) and after[i] < len(known):
        j = int(after[i])
        away_m = np.linalg.norm(places_m[i + 1 : j + 1] - places_m[i], axis=1)
        if np.any(away_m > STANDING_M):
            i += 1
            continue
        while j + 1 < len(known) and np.linalg.norm(places_m[j + 1] - places_m[i]) <= STANDING_M:
            j += 1
        lon, lat = np.median(lonlat[known[i : j + 1]], axis=0).tolist()
        found.append(((lon, lat), float(times[j] - times[i])))
        i = j + 1
    return found


def _nearest_name(place: tuple[float, float], named: Sequence[Station]) -> str | None:
    if not named:
        return None
    here = geodesy.ecef_m(np.array([place]))
    away = np.linalg.norm(geodesy.ecef_m(np.array([w.lonlat for w in named])) - here, axis=1)
    nearest = int(np.argmin(away))
    return named[nearest].name if away[nearest] <= _NAMED_WITHIN_M else None


def _with_remarks(route: Route, lost: Counter[str]) -> Route:
    said = [f"{name} ({count:,})" for name, count in lost.items() if count]
    if not said:
        return route
    remark = Finding(
        code="gis.lost",
        severity="note",
        message="of the GPX was not kept: " + visible(", ".join(said), most=200),
    )
    return replace(route, remarks=(*route.remarks, remark))
