"""A route cut to a stretch, and a route seen from its other end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from geo_routes import intervals
from geo_routes.chainage.places import locate
from geo_routes.chainage.rows import cut_rows, mirror_rows
from geo_routes.chainage.ruler import Ruler, interpolate, lay_ruler
from geo_routes.errors import InvalidNoun
from geo_routes.model import ChainageBreak, FloatArray, IntArray, Route, Station, Structure

# A station's own position is no better known than this.
_STATION_SLACK_M = 25.0
_SAME_PLACE_M = 1e-9
# Members of importers that hold chainages of the line as filed, or a value for each vertex.
_TOLD_BY_PLACE = ("design", "times", "heights", "raster_heights", "kilometre_posts")


def sub_route(route: Route, *, from_m: float, to_m: float) -> Route:
    """Cut a route to the stretch between two chainages.

    Parameters
    ----------
    route : Route
    from_m, to_m : float
        Chainages with ``0 <= from_m < to_m <= length``; see `reverse` for the other direction.

    Returns
    -------
    Route
        With chainages counted from ``from_m``: structures and open stretches cut, the stations
        and breaks of the stretch kept. Structures in official kilometres stay as they are.
        ``declared`` and ``of_length_m`` are left out, for they speak of the whole, and so are
        the importers' ``design``, ``times``, ``heights`` and ``raster_heights``; rows of
        ``from_m`` and ``to_m``, such as ``speed_limits``, are cut.

    Raises
    ------
    InvalidNoun
        If the chainages are not those of a stretch of the line.
    """
    ruler = lay_ruler(route.lonlat, part_starts=route.part_starts)
    if not 0 <= from_m < to_m <= ruler.length_m:
        msg = f"the stretch from {from_m} m to {to_m} m is none of a line of {ruler.length_m} m"
        raise InvalidNoun(msg, remedy="give 0 <= from_m < to_m <= length", value=(from_m, to_m))
    lonlat, starts, height_m = _cut_line(route, ruler, from_m, to_m)
    return replace(
        route,
        lonlat=lonlat,
        part_starts=starts,
        height_m=height_m,
        stations=_stations_between(route, ruler, from_m, to_m),
        structures=tuple(_cut(route.structures, from_m, to_m)),
        open_m=intervals.clip(route.open_m, from_m=from_m, to_m=to_m) - from_m,
        of_length_m=None,
        chainage_breaks=tuple(
            replace(b, at_m=b.at_m - from_m)
            for b in route.chainage_breaks
            if from_m <= b.at_m <= to_m
        ),
        declared=None,
        extra=cut_rows(_of_other_lines(route.extra), from_m, to_m),
        filing=None,
    )


def reverse(route: Route) -> Route:
    """Give the same route with its origin and its terminus swapped.

    Parameters
    ----------
    route : Route

    Returns
    -------
    Route
        Coordinates, stations and ``seq`` run the other way, structures and open stretches are
        mirrored, official kilometres stay at their places. The importers' ``design``, ``times``,
        ``heights`` and ``raster_heights``, which hold for the other direction, are left out;
        rows of ``from_m`` and ``to_m``, such as ``speed_limits``, are mirrored.
    """
    length_m = lay_ruler(route.lonlat, part_starts=route.part_starts).length_m
    declared = route.declared
    if declared is not None and (declared.origin or declared.terminus):
        declared = replace(declared, origin=declared.terminus, terminus=declared.origin)
    return replace(
        route,
        lonlat=route.lonlat[::-1],
        part_starts=len(route.lonlat) - route.part_ends[::-1],
        height_m=None if route.height_m is None else route.height_m[::-1],
        stations=tuple(
            _placed(s if s.seq is None else replace(s, seq=-s.seq), length_m, -1.0)
            for s in reversed(route.stations)
        ),
        structures=tuple(
            s
            if s.from_m is None or s.to_m is None
            else replace(s, from_m=length_m - s.to_m, to_m=length_m - s.from_m)
            for s in reversed(route.structures)
        ),
        open_m=intervals.mirror(route.open_m, length_m=length_m),
        chainage_breaks=tuple(
            ChainageBreak(at_m=length_m - b.at_m, back_km=b.ahead_km, ahead_km=b.back_km)
            for b in reversed(route.chainage_breaks)
        ),
        declared=declared,
        extra=mirror_rows(_of_other_lines(route.extra), length_m),
        filing=None,
    )


def _of_other_lines(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what importers told by chainage or vertex of the line as it was."""
    return {name: value for name, value in extra.items() if name not in _TOLD_BY_PLACE}


def _placed(station: Station, start_m: float, sign: float) -> Station:
    """Count the chainage that an importer matched from another start."""
    at_m = station.extra.get("at_m")
    if not isinstance(at_m, int | float):
        return station
    return replace(station, extra={**station.extra, "at_m": start_m + sign * at_m})


def _cut_line(
    route: Route, ruler: Ruler, from_m: float, to_m: float
) -> tuple[FloatArray, IntArray, FloatArray | None]:
    ends = interpolate(ruler, [from_m, to_m])
    lonlat, starts, heights = [], [0], []
    for first, end in zip(route.part_starts.tolist(), route.part_ends.tolist(), strict=True):
        places_m = ruler.chainage_m[first:end]
        low_m, high_m = max(from_m, places_m[0]), min(to_m, places_m[-1])
        if high_m <= low_m:
            continue
        inside = (places_m > low_m + _SAME_PLACE_M) & (places_m < high_m - _SAME_PLACE_M)
        begin = route.lonlat[first] if low_m == places_m[0] else ends[0]
        finish = route.lonlat[end - 1] if high_m == places_m[-1] else ends[1]
        lonlat.append(np.vstack((begin, route.lonlat[first:end][inside], finish)))
        starts.append(starts[-1] + len(lonlat[-1]))
        if route.height_m is not None:
            at_m = np.concatenate(([low_m], places_m[inside], [high_m]))
            heights.append(np.interp(at_m, places_m, route.height_m[first:end]))
    height_m = np.concatenate(heights) if heights else None
    return np.concatenate(lonlat), np.array(starts[:-1], dtype=np.int64), height_m


def _cut(structures: Iterable[Structure], from_m: float, to_m: float) -> Iterable[Structure]:
    for structure in structures:
        if structure.from_m is None or structure.to_m is None:
            yield structure
            continue
        low_m, high_m = sorted((structure.from_m, structure.to_m))
        low_m, high_m = max(low_m, from_m), min(high_m, to_m)
        if high_m > low_m:
            yield replace(structure, from_m=low_m - from_m, to_m=high_m - from_m)


def _stations_between(
    route: Route, ruler: Ruler, from_m: float, to_m: float
) -> tuple[Station, ...]:
    if not route.stations:
        return ()
    places = locate(ruler, [s.lonlat for s in route.stations], slack_m=_STATION_SLACK_M)
    near = (places.chainage_m >= from_m - _STATION_SLACK_M) & (
        places.chainage_m <= to_m + _STATION_SLACK_M
    )
    mine = set(places.point[near].tolist())
    return tuple(_placed(s, -from_m, 1.0) for i, s in enumerate(route.stations) if i in mine)
