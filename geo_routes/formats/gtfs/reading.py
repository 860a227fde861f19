"""A feed → one route for each route, direction and shape, with its stops in order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geo_routes.chainage import lay_ruler
from geo_routes.errors import MalformedFile, UnusableInput, visible
from geo_routes.formats.gtfs.feed import Feed, Row, open_feed
from geo_routes.formats.gtfs.matching import match_stops, places_of_distances
from geo_routes.formats.gtfs.modes import mode_of_type
from geo_routes.formats.gtfs.shapes import Shape, find_unit, read_shapes
from geo_routes.formats.gtfs.trips import (
    Trips,
    Variant,
    choose_trips,
    part_by_stops,
    read_patterns,
    read_variants,
)
from geo_routes.model import Finding, FloatArray, Route, Station

_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class _Stop:
    name: str
    lonlat: tuple[float, float]
    code: str


def read_gtfs(
    path: str, *, data: bytes | None = None, ref: str | None = None, direction: int | None = None
) -> tuple[Route, ...]:
    """Read the routes of a GTFS feed.

    Parameters
    ----------
    path : str
        A zip archive or a folder.
    data : bytes, optional
        The bytes of an archive, where there is no file.
    ref : str, optional
        Only the route of this id or short name.
    direction : {0, 1}, optional
        Only trips of this direction.

    Returns
    -------
    tuple of Route
        One for each ``route_id``, ``direction_id`` and ``shape_id``, with the stops of the trip
        that has most of them, in its order; where each stop lies along the line stands in its
        ``at_m``. Without a shape the line runs straight from stop to stop and its
        ``geometry_kind`` is ``schematic``.

    Raises
    ------
    UnreadableFile, MalformedFile
        If it is no feed, or damaged.
    UnusableInput
        If it has no such route.

    References
    ----------
    General Transit Feed Specification Reference, gtfs.org.
    """
    feed = open_feed(path, data=data)
    rows = _route_rows(feed)
    wanted = {k: r for k, r in rows.items() if _is_wanted(r, ref)}
    if not wanted:
        raise _no_such(feed, rows, ref)
    variants = read_variants(feed, wanted, direction)
    if not variants:
        which = "" if direction is None else f" in the direction {direction}"
        reason = f"has no trip of the routes asked for{which}"
        raise UnusableInput(reason, remedy="see --list for what there is", source=path)
    variants = part_by_stops(feed, variants)
    choose_trips(feed, variants)
    patterns = read_patterns(feed, {t.chosen for t in variants.values() if t.chosen})
    stops = _read_stops(feed, {s for rows_ in patterns.values() for _, s, _ in rows_})
    shapes = read_shapes(feed, {v.shape_id for v in variants} - {""})
    units = find_unit(shapes)
    sources = _sources(feed)
    routes = [
        _route(v, t, wanted[v.route_id], patterns.get(t.chosen, []), stops, shapes, sources)
        for v, t in variants.items()
    ]
    made = [r for r in routes if r is not None]
    if not made:
        reason = "has no shape or two stops for the routes asked for"
        raise MalformedFile(reason, remedy="ask the feed's publisher", source=path)
    said = [*feed.remarks, *((units,) if units else ())]
    if len(made) < len(routes):
        count = len(routes) - len(made)
        message = (
            f"{count:,} lines of the feed have neither a shape nor two stops, and are left out"
        )
        said.append(_say("gtfs.stops", "warning", message))
    return tuple(_unique_ids([replace(made[0], remarks=(*said, *made[0].remarks)), *made[1:]]))


def list_gtfs(path: str, *, data: bytes | None = None) -> dict[str, Any]:
    """List the routes of a feed.

    Parameters
    ----------
    path : str
    data : bytes, optional

    Returns
    -------
    dict
        ``source``, ``form`` and ``routes``: ``route_id``, ``short_name``, ``long_name``, ``mode``,
        ``trips``, ``directions`` and ``shapes``.
    """
    feed = open_feed(path, data=data)
    rows = _route_rows(feed)
    variants = read_variants(feed, rows, None)
    listed = []
    for route_id, row in rows.items():
        own = {v: t for v, t in variants.items() if v.route_id == route_id}
        listed.append(
            {
                "route_id": route_id,
                "short_name": row.text("route_short_name") or None,
                "long_name": row.text("route_long_name") or None,
                "mode": mode_of_type(row.text("route_type")),
                "trips": sum(len(t.ids) for t in own.values()),
                "directions": sorted({v.direction for v in own if v.direction}),
                "shapes": len({v.shape_id for v in own if v.shape_id}),
            }
        )
    return {"source": path, "form": "GTFS", "routes": listed}


def _route_rows(feed: Feed) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for row in feed.rows("routes.txt", needed=("route_id",)):
        name = row.text("route_id")
        if name in rows:
            row.refuse_doubled("route_id")
        rows[name] = row
    if not rows:
        reason = "is a GTFS feed without a route in its routes.txt"
        raise MalformedFile(reason, remedy="choose another feed", source=feed.source)
    return rows


def _is_wanted(row: Row, ref: str | None) -> bool:
    return ref is None or ref in (row.text("route_id"), row.text("route_short_name"))


def _no_such(feed: Feed, rows: Mapping[str, Row], ref: str | None) -> UnusableInput:
    names = dict.fromkeys(r.text("route_short_name") or k for k, r in rows.items())
    shown = ", ".join(visible(n, most=20) for n in list(names)[:_MOST_SHOWN])
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    reason = f"has no route {ref!r}: it has {shown}{more}"
    return UnusableInput(reason, remedy="name one by its id or short name", source=feed.source)


def _read_stops(feed: Feed, wanted: set[str]) -> dict[str, _Stop]:
    stops: dict[str, _Stop] = {}
    for row in feed.rows("stops.txt", needed=("stop_id",)):
        if row.text("stop_id") in wanted:
            if row.text("stop_id") in stops:
                row.refuse_doubled("stop_id")
            stops[row.text("stop_id")] = _Stop(
                row.text("stop_name"), row.lonlat("stop_lon", "stop_lat"), row.text("stop_code")
            )
    lacking = sorted(wanted - set(stops))
    if lacking:
        shown = visible(lacking[0], most=40)
        reason = f"has no stop '{shown}' in stops.txt, which stop_times.txt names"
        raise MalformedFile(reason, remedy="ask the feed's publisher", source=feed.source)
    return stops


def _sources(feed: Feed) -> dict[str, str]:
    """Names of the agencies by their ids; the publisher of the feed, or a lone agency, under ''."""
    agencies = {
        row.text("agency_id"): row.text("agency_name")
        for row in feed.rows("agency.txt")
        if row.text("agency_name")
    }
    publisher = next((r.text("feed_publisher_name") for r in feed.rows("feed_info.txt")), "")
    lone = next(iter(agencies.values())) if len(agencies) == 1 else ""
    return {**agencies, "": publisher or lone}


def _route(
    variant: Variant,
    trips: Trips,
    row: Row,
    pattern: Sequence[tuple[int, str, float]],
    stops: Mapping[str, _Stop],
    shapes: Mapping[str, Shape],
    sources: Mapping[str, str],
) -> Route | None:
    shape = shapes.get(variant.shape_id)
    ids = [stop_id for _, stop_id, _ in pattern]
    places = np.array([stops[i].lonlat for i in ids]).reshape(-1, 2)
    remarks: list[Finding] = []
    if shape is None:
        # A stop that is named twice in a row would be a piece of no length.
        moved = np.concatenate(([True], np.any(np.diff(places, axis=0) != 0, axis=1)))[: len(ids)]
        if int(np.sum(moved)) < 2:
            return None
        lonlat = places[moved]
        what = f"its shape {variant.shape_id!r} is not in the feed" if variant.shape_id else (
            "the feed has no shape for it"
        )  # fmt: skip
        remarks.append(
            _say("gtfs.schematic", "note", f"{what}: the line runs straight from stop to stop")
        )
        at_m: FloatArray | None = lay_ruler(lonlat).chainage_m[np.cumsum(moved) - 1]
    else:
        lonlat = shape.lonlat
        remarks += shape.remarks
        at_m = _places_m(shape, places, np.array([d for _, _, d in pattern]), remarks)
    elsewhere = sorted(trips.stops - set(ids))
    if elsewhere:
        message = f"other trips of this line also stop at {len(elsewhere)} places that the one "
        message += f"with most stops passes: {', '.join(elsewhere[:_MOST_SHOWN])}"
        remarks.append(_say("gtfs.stops", "note", visible(message, most=300)))
    stations = tuple(
        Station(
            lonlat=stops[stop_id].lonlat,
            name=stops[stop_id].name,
            seq=float(number),
            extra=_stop_extra(stop_id, stops[stop_id], None if at_m is None else float(at_m[i])),
        )
        for i, (number, stop_id, _) in enumerate(pattern)
    )
    name, id_ = _label(variant, trips, row)
    said = {
        "route_id": variant.route_id,
        "direction_id": {"0": 0, "1": 1}.get(variant.direction, variant.direction or None),
        "shape_id": variant.shape_id or None,
        "route_type": row.text("route_type") or None,
        "route_short_name": row.text("route_short_name") or None,
        "route_color": row.text("route_color") or None,
        "trips": len(trips.ids),
        "trip_id": trips.chosen or None,
    }
    return Route(
        lonlat=lonlat,
        id=id_,
        name=name,
        mode=mode_of_type(row.text("route_type")),
        status="operating",
        geometry_kind="schematic" if shape is None else None,
        stations=tuple(replace(s, routes=(id_,)) for s in stations),
        source=sources.get(row.text("agency_id")) or sources[""] or None,
        extra={"gtfs": {k: v for k, v in said.items() if v is not None}},
        remarks=tuple(remarks),
    )


def _stop_extra(stop_id: str, stop: _Stop, at_m: float | None) -> dict[str, Any]:
    extra: dict[str, Any] = {"stop_id": stop_id}
    if stop.code:
        extra["stop_code"] = stop.code
    if at_m is not None:
        extra["at_m"] = at_m
    return extra


def _places_m(
    shape: Shape, places: FloatArray, distances: FloatArray, remarks: list[Finding]
) -> FloatArray | None:
    """Find the stops on the shape: by the distances that the feed tells, else by their order."""
    if len(places) == 0:
        return None
    ruler = lay_ruler(shape.lonlat)
    if shape.travelled is not None:
        told = places_of_distances(ruler, shape.travelled, distances, places)
        if told is not None:
            return told
        if np.isfinite(distances).any():
            message = "shape_dist_traveled of the stops is missing in part, falls, or leads more"
            remarks.append(
                _say("gtfs.stops", "warning", f"{message} than 300 m away; their order was used")
            )
    found = match_stops(ruler, places)
    if found is None:
        message = "the line does not pass its stops in their order"
        remarks.append(_say("gtfs.stops", "warning", message, "look whether the shape is reversed"))
    return found


def _label(variant: Variant, trips: Trips, row: Row) -> tuple[str, str]:
    short, long = row.text("route_short_name"), row.text("route_long_name")
    name = f"{short} {long}" if short and long and short not in long else long or short
    headsign = next((h for h, _ in trips.headsigns.most_common(1)), "")
    if headsign and headsign not in name:
        name = f"{name} → {headsign}".strip()
    slug = re.sub(r"[^A-Za-z0-9]+", "-", f"{short or variant.route_id}").strip("-").lower()
    slug = slug or re.sub(r"[^A-Za-z0-9]+", "-", variant.route_id).strip("-").lower() or "route"
    return name or variant.route_id, f"{slug}-{variant.direction}" if variant.direction else slug


def _unique_ids(routes: Sequence[Route]) -> list[Route]:
    seen: Counter[str] = Counter()
    made = []
    for route in routes:
        seen[str(route.id)] += 1
        number = seen[str(route.id)]
        if number > 1:
            id_ = f"{route.id}-v{number}"
            stations = tuple(replace(s, routes=(id_,)) for s in route.stations)
            made.append(replace(route, id=id_, stations=stations))
        else:
            made.append(route)
    return made


def _say(code: str, severity: str, message: str, remedy: str = "") -> Finding:
    return Finding(code=code, severity=severity, message=message, remedy=remedy)  # type: ignore[arg-type]
