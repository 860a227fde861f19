"""The trips of a feed → what becomes one route, and the trip that stands for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from geo_routes.formats.gtfs.feed import Feed, Row


@dataclass(frozen=True, slots=True)
class Variant:
    """What becomes one route: trips of one route, direction and shape."""

    route_id: str
    direction: str
    shape_id: str
    pattern: int = 0


@dataclass(slots=True)
class Trips:
    """The trips of a variant, and the one that stands for them: that with most stops."""

    ids: list[str] = field(default_factory=list)
    headsigns: Counter[str] = field(default_factory=Counter)
    chosen: str = ""
    stops: set[str] = field(default_factory=set)


def read_variants(
    feed: Feed, wanted: Mapping[str, Row], direction: int | None
) -> dict[Variant, Trips]:
    """Give the trips of the routes that are wanted, by route, direction and shape.

    Parameters
    ----------
    feed : Feed
    wanted : mapping
        Rows of routes by their ids.
    direction : {0, 1}, optional

    Returns
    -------
    dict

    Raises
    ------
    MalformedFile
        If a ``trip_id`` is there twice.
    """
    variants: dict[Variant, Trips] = {}
    seen: set[str] = set()
    has_shapes = feed.has("shapes.txt")
    for row in feed.rows("trips.txt", needed=("route_id", "trip_id")):
        name, said = row.text("trip_id"), row.text("direction_id")
        if name in seen:
            row.refuse_doubled("trip_id")
        seen.add(name)
        if row.text("route_id") not in wanted or (direction is not None and said != str(direction)):
            continue
        shape_id = row.text("shape_id") if has_shapes else ""
        trips = variants.setdefault(Variant(row.text("route_id"), said, shape_id), Trips())
        trips.ids.append(name)
        trips.headsigns[row.text("trip_headsign")] += 1
    return variants


def part_by_stops(feed: Feed, variants: dict[Variant, Trips]) -> dict[Variant, Trips]:
    """Part trips without a shape by the stops that they make: each branch is a line of its own."""
    shapeless = {t for v, trips in variants.items() if not v.shape_id for t in trips.ids}
    if not shapeless:
        return variants
    patterns = read_patterns(feed, shapeless)
    parted: dict[Variant, Trips] = {}
    for variant, trips in variants.items():
        groups: dict[tuple[str, ...], list[str]] = {}
        for trip in trips.ids if not variant.shape_id else ():
            groups.setdefault(tuple(s for _, s, _ in patterns.get(trip, ())), []).append(trip)
        if len(groups) < 2:
            parted[variant] = trips
            continue
        for number, ids in enumerate(groups.values()):
            parted[replace(variant, pattern=number)] = Trips(ids, trips.headsigns)
    return parted


def choose_trips(feed: Feed, variants: Mapping[Variant, Trips]) -> None:
    """Choose for each variant the trip that has most stops; the first of several."""
    owners = {t: trips for trips in variants.values() for t in trips.ids}
    counts = dict.fromkeys(owners, 0)
    for row in feed.rows("stop_times.txt", needed=("trip_id", "stop_id", "stop_sequence")):
        trip = row.text("trip_id")
        if trip in counts and row.text("stop_id"):
            counts[trip] += 1
            owners[trip].stops.add(row.text("stop_id"))
    for trips in variants.values():
        best = max(trips.ids, key=lambda t: counts[t])
        trips.chosen = best if counts[best] else ""


def read_patterns(feed: Feed, wanted: set[str]) -> dict[str, list[tuple[int, str, float]]]:
    """Read sequence, stop and travelled distance of each stop of some trips, in order."""
    patterns: dict[str, list[tuple[int, str, float]]] = {}
    for row in feed.rows("stop_times.txt"):
        trip = row.text("trip_id")
        # Rows of demand-responsive services name an area instead of a stop.
        if trip in wanted and row.text("stop_id"):
            travelled = row.number_or_none("shape_dist_traveled")
            patterns.setdefault(trip, []).append(
                (
                    row.sequence("stop_sequence"),
                    row.text("stop_id"),
                    np.nan if travelled is None else travelled,
                )
            )
    for rows in patterns.values():
        rows.sort(key=lambda r: r[0])
    return patterns
