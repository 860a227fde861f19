"""Routes → GeoJSON route files, with nothing lost."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from geo_routes import files
from geo_routes.formats import geojson, json_text
from geo_routes.formats.route_file import VERSION, Filing
from geo_routes.model import Route, Station, Structure

_PLAIN = (
    *("id", "name", "mode", "gauge_mm", "status", "axis", "geometry_kind", "of_length_m"),
    *("accuracy_m", "source", "licence", "retrieved", "height_datum"),
)
_INDENT = b"\n"


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
    """
    files.write_whole(path, encode([routes] if isinstance(routes, Route) else list(routes)))


def encode(routes: Sequence[Route]) -> bytes:
    """Give the bytes of a route file; see `write`."""
    members: dict[str, Any] = {}
    features: list[Any] = []
    groups: dict[int, list[Route]] = {}
    for route in routes:
        key = id(route.filing.data) if isinstance(route.filing, Filing) else id(route)
        groups.setdefault(key, []).append(route)
    for group in groups.values():
        filing = group[0].filing
        if not isinstance(filing, Filing):
            features += _new_features(group[0])
            continue
        outer, kept = _kept_features(filing, group)
        members = {**outer, **members}
        features += kept
    return _lay_out(members, features)


def _lay_out(members: Mapping[str, Any], features: Sequence[Any]) -> bytes:
    # One feature a line: a file that a person can read, and a version control can compare.
    head = {"type": "FeatureCollection", **members}
    head.setdefault("geo_routes", VERSION)
    rows = [
        json_text.encode(k) + b": " + json_text.encode(v)
        for k, v in head.items()
        if k != "features"
    ]
    body = b",\n".join(json_text.encode(f) for f in features)
    return b"{" + b",\n".join(rows) + b',\n"features": [\n' + body + b"\n]}\n"


def _kept_features(filing: Filing, group: Sequence[Route]) -> tuple[Mapping[str, Any], list[Any]]:
    members, features = _raw(filing)
    changed: dict[int, Any] = {}
    dropped: set[int] = set(_others(filing, group))
    added: list[Any] = []
    for route in group:
        mine = route.filing
        if not isinstance(mine, Filing):
            continue
        if _same_line(route, mine.as_read):
            for index in mine.feature_indices:
                changed[index] = _updated(features[index], route, mine.as_read)
        else:
            dropped |= set(mine.feature_indices[1:])
            changed[mine.feature_indices[0]] = _line_feature(route)
        filed = dict(zip(map(id, mine.as_read.stations), mine.station_indices, strict=True))
        present = {id(s) for s in route.stations}
        dropped |= {index for key, index in filed.items() if key not in present}
        added += [_station_feature(s, route) for s in route.stations if id(s) not in filed]
    shared = {i for r in group if isinstance(r.filing, Filing) for i in _kept_stations(r)}
    dropped -= shared
    kept = [changed.get(i, f) for i, f in enumerate(features) if i not in dropped]
    return members, kept + added


def _kept_stations(route: Route) -> list[int]:
    filing = route.filing
    if not isinstance(filing, Filing):
        return []
    present = {id(s) for s in route.stations}
    pairs = zip(filing.as_read.stations, filing.station_indices, strict=True)
    return [index for station, index in pairs if id(station) in present]


def _others(filing: Filing, group: Sequence[Route]) -> list[int]:
    """Features of routes of the same file that are not among those to be written."""
    from geo_routes.formats.route_file import decode  # noqa: PLC0415

    wanted = {r.filing.feature_indices for r in group if isinstance(r.filing, Filing)}
    dropped: list[int] = []
    for route in decode(filing.data, source=filing.source):
        mine = route.filing
        if isinstance(mine, Filing) and mine.feature_indices not in wanted:
            dropped += [*mine.feature_indices, *mine.station_indices]
    return dropped


def _raw(filing: Filing) -> tuple[dict[str, Any], list[Any]]:
    if geojson.is_sequence(filing.data, filing.source):
        return {}, [json_text.decode(r) for r in geojson.records(filing.data)]
    document = json_text.decode(filing.data)
    if document["type"] == "FeatureCollection":
        features = document["features"]
        return {k: v for k, v in document.items() if k not in ("features", "type")}, features
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


def _updated(feature: Mapping[str, Any], route: Route, as_read: Route) -> Mapping[str, Any]:
    """Give a filed line feature with the members that were changed since."""
    now, then = _properties(route), _properties(as_read)
    changes = {k: v for k, v in now.items() if k not in then or then[k] != v}
    gone = [k for k in then if k not in now]
    if not changes and not gone:
        return feature
    if "structures" in changes or "structures" in gone:
        gone.append("tunnels")
    properties = {k: v for k, v in (feature.get("properties") or {}).items() if k not in gone}
    return {**feature, "properties": {**properties, **changes}}


def _new_features(route: Route) -> list[Any]:
    return [_line_feature(route), *(_station_feature(s, route) for s in route.stations)]


def _line_feature(route: Route) -> dict[str, Any]:
    parts = []
    for first, end in zip(route.part_starts.tolist(), route.part_ends.tolist(), strict=True):
        rows = route.lonlat[first:end].tolist()
        if route.height_m is not None:
            heights = route.height_m[first:end].tolist()
            rows = [[*p, h] if h == h else p for p, h in zip(rows, heights, strict=True)]  # noqa: PLR0124
        parts.append(rows)
    single = len(parts) == 1
    geometry = {
        "type": "LineString" if single else "MultiLineString",
        "coordinates": parts[0] if single else parts,
    }
    return {
        "type": "Feature",
        "properties": {"kind": "route", **_properties(route)},
        "geometry": geometry,
    }


def _properties(route: Route) -> dict[str, Any]:
    made = {k: getattr(route, k) for k in _PLAIN if getattr(route, k) not in (None, "")}
    made |= {f"name:{k}": v for k, v in route.names.items()}
    if route.structures:
        made["structures"] = [_structure_row(s) for s in route.structures]
    if route.structures_complete:
        made["structures_complete"] = True
    elif route.tunnels_complete:
        # The shorthand states the whole line for tunnels; those listed stand under structures.
        made["tunnels"] = []
    if route.chainage_breaks:
        made["chainage_breaks"] = [
            {"at_m": b.at_m, "back_km": b.back_km, "ahead_km": b.ahead_km}
            for b in route.chainage_breaks
        ]
    if route.declared is not None:
        made["declared"] = _declared_row(route)
    return {**made, **route.extra}


def _structure_row(structure: Structure) -> dict[str, Any]:
    names = ("kind", "from_m", "to_m", "from_km", "to_km", "name", "source")
    return {k: getattr(structure, k) for k in names if getattr(structure, k) not in (None, "")}


def _declared_row(route: Route) -> dict[str, Any]:
    declared = route.declared
    said = {"origin": "from", "terminus": "to"}
    fields = type(declared).__dataclass_fields__ if declared is not None else {}
    pairs = ((said.get(k, k), getattr(declared, k)) for k in fields)
    return {k: v for k, v in pairs if v not in (None, "")}


def _station_feature(station: Station, route: Route) -> dict[str, Any]:
    position = (
        [*station.lonlat] if station.height_m is None else [*station.lonlat, station.height_m]
    )
    made: dict[str, Any] = {"kind": "station", "name": station.name}
    made |= {f"name:{k}": v for k, v in station.names.items()}
    names = station.routes or ((route.id,) if route.id is not None else ())
    if names:
        made["route"] = names[0] if len(names) == 1 else list(names)
    for name in ("seq", "chainage_km", "source", "accuracy_m"):
        if getattr(station, name) is not None:
            made[name] = getattr(station, name)
    return {
        "type": "Feature",
        "properties": {**made, **station.extra},
        "geometry": {"type": "Point", "coordinates": position},
    }
