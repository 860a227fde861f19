"""Routes → GeoJSON route files, with nothing lost."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from geo_routes import files
from geo_routes.errors import InvalidNoun
from geo_routes.formats import geojson, json_text
from geo_routes.formats.noun_members import (
    DECLARED_MEMBERS,
    STRUCTURE_MEMBERS,
    line_geometry,
    open_members,
    point_geometry,
    route_members,
    station_members,
    structure_members,
)
from geo_routes.formats.pieces import WHOLE_PIECE_TAGS
from geo_routes.formats.route_file import VERSION, Filing, decode
from geo_routes.model import Route, Station


def write(routes: Route | Iterable[Route], path: str | os.PathLike[str]) -> None:
    """Write routes to a route file, whole or not at all.

    What was read from a file and not changed since is written as it stood there: numbers, order,
    unknown members and features of other kinds. Routes of several files come one after the other.

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
        If there is no route, two have the same id, or a member has no form in JSON.
    """
    files.write_whole(path, encode([routes] if isinstance(routes, Route) else list(routes)))


def encode(routes: Sequence[Route]) -> bytes:
    """Give the bytes of a route file; see `write`."""
    if not routes:
        msg = "there is no route to write, and a route file has one or more"
        raise InvalidNoun(msg)
    twice = [i for i, n in Counter(r.id for r in routes).items() if n > 1 and i is not None]
    if twice:
        msg = f"{twice[0]!r} is the id of several routes, and read again they would be one"
        raise InvalidNoun(msg, remedy="give each an id of its own", value=twice[0])
    members: dict[str, Any] = {}
    features: list[Any] = []
    for filing, group in _by_file(routes):
        if filing is None:
            features += _new_features(group[0])
            continue
        outer, kept = _Refiling(filing, group).write()
        members = {**outer, **members} if members else outer
        features += kept
    try:
        return lay_out(members, features)
    except TypeError as error:
        msg = f"a member has no form in JSON: {error}"
        raise InvalidNoun(
            msg, remedy="give text, numbers, lists and dicts with text keys"
        ) from error


def _by_file(routes: Sequence[Route]) -> list[tuple[Filing | None, list[Route]]]:
    """Put together what was read from one file; what is new comes alone."""
    filed: dict[tuple[str, bytes], list[Route]] = {}
    groups: list[tuple[Filing | None, list[Route]]] = []
    for route in routes:
        filing = route.filing
        if not isinstance(filing, Filing):
            groups.append((None, [route]))
            continue
        key = filing.source, filing.data
        if key not in filed:
            filed[key] = [route]
            groups.append((filing, filed[key]))
        elif _indices(route) in map(_indices, filed[key]):
            # Another form of a route that stands in the file once.
            groups.append((None, [route]))
        else:
            filed[key].append(route)
    return groups


def lay_out(
    members: Mapping[str, Any], features: Sequence[Any], *, with_version: bool = True
) -> bytes:
    """Give the bytes of a FeatureCollection: its members, and one feature a line."""
    # One feature a line: a file that a person can read, and a version control can compare.
    rows: dict[str, bytes] = {}
    for name, value in (members or {"type": "FeatureCollection"}).items():
        rows[name] = json_text.encode(value)
        if name == "type" and with_version and "geo_routes" not in members:
            rows["geo_routes"] = json_text.encode(VERSION)
    rows["features"] = b"[\n" + b",\n".join(json_text.encode(f) for f in features) + b"\n]"
    return b"{" + b",\n".join(json_text.encode(k) + b": " + v for k, v in rows.items()) + b"}\n"


def _indices(route: Route) -> tuple[int, ...]:
    return route.filing.feature_indices if isinstance(route.filing, Filing) else ()


class _Refiling:
    """The features of one file, changed where the routes were changed since it was read."""

    def __init__(self, filing: Filing, routes: Sequence[Route]) -> None:
        self.filing = filing
        self.routes = routes
        self.members, self.features = _raw(filing)
        self.changed: dict[int, Any] = {}
        self.dropped: set[int] = set()
        self.added: list[Any] = []
        self.kept_stations: set[int] = set()

    def write(self) -> tuple[dict[str, Any], list[Any]]:
        """Give the members of the collection and its features."""
        stations_gone = self._drop_other_routes()
        for route in self.routes:
            if isinstance(route.filing, Filing):
                self._refile_line(route, route.filing)
                stations_gone |= self._refile_stations(route, route.filing)
        self.dropped |= stations_gone - self.kept_stations
        kept = [
            self.changed.get(i, f) for i, f in enumerate(self.features) if i not in self.dropped
        ]
        if self.changed or self.dropped or self.added:
            self.members.pop("bbox", None)  # it may no longer hold
        return self.members, kept + self.added

    def _drop_other_routes(self) -> set[int]:
        """Drop the lines of routes that are not to be written; tell which stations were theirs."""
        wanted = {_indices(route) for route in self.routes}
        stations: set[int] = set()
        for route in decode(self.filing.data, source=self.filing.source):
            mine = route.filing
            if isinstance(mine, Filing) and mine.feature_indices not in wanted:
                self.dropped |= set(mine.feature_indices)
                stations |= set(mine.station_indices)
        return stations

    def _refile_line(self, route: Route, filing: Filing) -> None:
        now, then = route_members(route), route_members(filing.as_read)
        line = not _same_line(route, filing.as_read)
        structures = structure_members(route) != structure_members(filing.as_read)
        structures |= not np.array_equal(route.open_m, filing.as_read.open_m)
        nameless = route.id is None and filing.as_read.id is not None
        head, *others = filing.feature_indices
        if others and (line or structures or nameless):
            # What was said of each piece cannot be kept apart any more.
            self.dropped |= set(others)
            others = []
            line = structures = True
        for index in (head, *others):
            feature = self.features[index]
            filed = feature.get("properties") or {}
            properties = _changed_members(filed, now, then)
            if structures:
                properties = _without_structures(properties) | open_members(route)
            if line and len(filing.feature_indices) > 1:
                properties.pop("seq", None)
            if not (line or nameless) and properties == filed:
                continue
            refiled = {**feature, "properties": properties}
            if nameless:
                refiled.pop("id", None)
            if line:
                refiled.pop("bbox", None)
                refiled["geometry"] = line_geometry(route)
            self.changed[index] = refiled

    def _refile_stations(self, route: Route, filing: Filing) -> set[int]:
        """Change, add and find gone the stations of a route."""
        filed = dict(zip(map(id, filing.as_read.stations), filing.station_indices, strict=True))
        present = {id(s) for s in route.stations}
        self.kept_stations |= {index for key, index in filed.items() if key in present}
        fresh = [s for s in route.stations if id(s) not in filed]
        stale = [s for s in filing.as_read.stations if id(s) not in present]
        if len(fresh) != len(stale):
            self.added += [_station_feature(s, route) for s in fresh]
            return {filed[id(s)] for s in stale}
        for now, then in zip(fresh, stale, strict=True):
            index = filed[id(then)]
            feature = self.changed.get(index, self.features[index])
            properties = _changed_members(
                feature.get("properties") or {}, station_members(now), station_members(then)
            )
            refiled = {**feature, "properties": properties}
            if (now.lonlat, now.height_m) != (then.lonlat, then.height_m):
                refiled.pop("bbox", None)
                refiled["geometry"] = point_geometry(now)
            self.changed[index] = refiled
            self.kept_stations.add(index)
        return set()


def _raw(filing: Filing) -> tuple[dict[str, Any], list[Any]]:
    if geojson.is_sequence(filing.data, filing.source):
        return {}, [json_text.decode(r) for r in geojson.records(filing.data)]
    document = json_text.decode(filing.data)
    if document["type"] == "FeatureCollection":
        return {**document, "features": None}, document["features"]
    if document["type"] == "Feature":
        return {}, [document]
    return {}, [{"type": "Feature", "properties": {}, "geometry": document}]


def _same_line(route: Route, as_read: Route) -> bool:
    return (
        np.array_equal(route.lonlat, as_read.lonlat)
        and np.array_equal(route.part_starts, as_read.part_starts)
        and (route.height_m is as_read.height_m or _equal_heights(route, as_read))
    )


def _equal_heights(route: Route, as_read: Route) -> bool:
    if route.height_m is None or as_read.height_m is None:
        return False
    return np.array_equal(route.height_m, as_read.height_m, equal_nan=True)


def _changed_members(
    filed: Mapping[str, Any], now: Mapping[str, Any], then: Mapping[str, Any]
) -> dict[str, Any]:
    """Give filed properties with what differs between two forms of a noun, structures aside."""
    changes = {k: v for k, v in now.items() if k not in then or then[k] != v}
    gone = {k for k in then if k not in now}
    for member in STRUCTURE_MEMBERS:
        changes.pop(member, None)
        gone.discard(member)
    raw = filed.get("declared")
    if "declared" in changes and type(raw) is dict:
        unknown = {k: v for k, v in raw.items() if k not in DECLARED_MEMBERS}
        changes["declared"] = {**changes["declared"], **unknown}
    return {**{k: v for k, v in filed.items() if k not in gone}, **changes}


def _without_structures(properties: Mapping[str, Any]) -> dict[str, Any]:
    left_out = (*STRUCTURE_MEMBERS, *WHOLE_PIECE_TAGS)
    return {k: v for k, v in properties.items() if k not in left_out}


def _new_features(route: Route) -> list[Any]:
    members = _without_structures(route_members(route)) | open_members(route)
    line = {
        "type": "Feature",
        "properties": {"kind": "route", **members},
        "geometry": line_geometry(route),
    }
    return [
        line,
        *(_station_feature(s, route) for s in route.stations),
        *(_station_feature(s, route, kind="km_post") for s in route.km_posts),
    ]


def _station_feature(station: Station, route: Route, *, kind: str = "station") -> dict[str, Any]:
    members = station_members(station)
    if not station.routes and route.id is not None:
        members = {"route": route.id, **members}
    return {
        "type": "Feature",
        "properties": {"kind": kind, **members},
        "geometry": point_geometry(station),
    }
