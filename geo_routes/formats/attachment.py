"""Which station belongs to which route."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo_routes import geodesy
from geo_routes.model import Finding, FloatArray, IntArray, Route, Station, fold

# Rulings of the route file reference.
JOINS_EVERY_WITHIN_M = 250.0
JOINS_NEAREST_WITHIN_M = 5_000.0

# Chords this long dip 2 m below the ellipsoid, which at 250 m aside is worth 8 mm.
_LONGEST_CHORD_M = 10_000.0
# Steps past this sum are no railway: 25 times round the Earth would be 100,000 chords.
_MOST_LONG_STEPS_M = 1e9
_BLOCK = 64
_PAIRS_AT_ONCE = 1_000_000


@dataclass(slots=True)
class Attachment:
    """The stations of each route by index, and what was seen of those that join none."""

    stations: list[list[int]]
    remarks: list[Finding] = field(default_factory=list)


def attach(stations: Sequence[Station], routes: Sequence[Route]) -> Attachment:
    """Join stations to routes.

    A station joins the routes that it names; else every route within 250 m; else the nearest
    within 5 km, with a finding; else none, with a finding.

    Parameters
    ----------
    stations : sequence of Station
    routes : sequence of Route
        Their own stations are not looked at.

    Returns
    -------
    Attachment

    Notes
    -----
    Distances are straight ones, in earth-centred coordinates, to chords of at most 10 km: a
    centimetre from the geodesic ones, and many times faster. Where on its line a station lies is
    for the survey to find.
    """
    result = Attachment(stations=[[] for _ in routes])
    by_id = {route.id: i for i, route in enumerate(routes) if route.id is not None}
    loose = []
    for number, station in enumerate(stations):
        if not station.routes:
            loose.append(number)
            continue
        for name in dict.fromkeys(station.routes):
            if name in by_id:
                result.stations[by_id[name]].append(number)
            else:
                result.remarks.append(_names_no_route(station, name))
    if loose:
        joined = np.zeros(len(loose), dtype=bool)
        chords = _cut_chords(routes, result.remarks)
        points_m = geodesy.ecef_m(np.array([stations[i].lonlat for i in loose]))
        for point, route in _pairs(points_m, chords):
            joined[point] = True
            for i, number in zip(route.tolist(), point.tolist(), strict=True):
                result.stations[i].append(loose[number])
        result.remarks += [_unattached(stations[loose[i]]) for i in np.nonzero(~joined)[0]]
    for stations_of_route in result.stations:
        stations_of_route.sort()
    result.remarks = list(fold(result.remarks))
    return result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chords:
    """Chords of many routes, and balls around every 64 of them."""

    start_m: FloatArray
    along_m: FloatArray
    route: IntArray
    centre_m: FloatArray
    radius_m: FloatArray


def _cut_chords(routes: Sequence[Route], remarks: list[Finding]) -> _Chords:
    lonlat = np.concatenate([r.lonlat for r in routes])
    sizes = np.array([len(r.lonlat) for r in routes])
    first = np.concatenate(([0], np.cumsum(sizes)))
    route = np.repeat(np.arange(len(routes)), sizes)[:-1]
    is_step = np.ones(len(lonlat) - 1, dtype=bool)
    for r, at in zip(routes, first.tolist(), strict=False):
        is_step[r.part_starts[1:] + (at - 1)] = False
    is_step[first[1:-1] - 1] = False
    places_m = geodesy.ecef_m(lonlat)
    step_m = np.linalg.norm(np.diff(places_m, axis=0), axis=1)
    # Half a turn of the Earth is pi / 2 times its chord.
    long = is_step & (step_m > _LONGEST_CHORD_M * 2 / np.pi)
    reach_m = np.cumsum(np.bincount(route[long], step_m[long], len(routes)))
    lost = np.nonzero(reach_m > _MOST_LONG_STEPS_M)[0]
    if len(lost):
        remarks.append(_endless(routes[lost[0]]))
        is_step &= route < lost[0]
        long &= is_step
    # A step of no length has no direction; one is enough to stand for a line that is all one place.
    is_step &= (step_m > 0) | np.concatenate(([True], np.diff(route) > 0))
    short = np.nonzero(is_step & ~long)[0]
    start_m, end_m, owner = places_m[short], places_m[short + 1], route[short]
    if long.any():
        at = np.nonzero(long)[0]
        more_start_m, more_end_m, step = _cut_long(lonlat[at], lonlat[at + 1])
        start_m = np.concatenate((start_m, more_start_m))
        end_m = np.concatenate((end_m, more_end_m))
        owner = np.concatenate((owner, route[at][step]))
    return _in_blocks(start_m, end_m, owner)


def _cut_long(here: FloatArray, there: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Cut long steps along their geodesics; also tell which step each chord is of."""
    azimuth_deg, _, length_m = geodesy.inverse(here, there)
    pieces = np.maximum(np.ceil(length_m / _LONGEST_CHORD_M).astype(np.int64), 1)
    step = np.repeat(np.arange(len(here)), pieces)
    number = np.arange(len(step)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share_m = length_m[step] / pieces[step]
    ends = [
        geodesy.ecef_m(geodesy.direct(here[step], azimuth_deg[step], share_m * n))
        for n in (number, number + 1)
    ]
    return ends[0], ends[1], step


def _in_blocks(start_m: FloatArray, end_m: FloatArray, owner: IntArray) -> _Chords:
    first = np.arange(0, len(start_m), _BLOCK)
    if len(first) == 0:
        none = np.empty((0, 3))
        return _Chords(start_m=none, along_m=none, route=owner, centre_m=none, radius_m=np.empty(0))
    low_m = np.minimum(np.minimum.reduceat(start_m, first), np.minimum.reduceat(end_m, first))
    high_m = np.maximum(np.maximum.reduceat(start_m, first), np.maximum.reduceat(end_m, first))
    return _Chords(
        start_m=start_m,
        along_m=end_m - start_m,
        route=owner,
        centre_m=(low_m + high_m) / 2,
        radius_m=np.linalg.norm(high_m - low_m, axis=1) / 2,
    )


def _pairs(points_m: FloatArray, chords: _Chords) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield points and the routes that they join."""
    blocks = len(chords.centre_m)
    if blocks == 0:
        return
    at_once = max(_PAIRS_AT_ONCE // blocks, 1)
    for first in range(0, len(points_m), at_once):
        some_m = points_m[first : first + at_once]
        away_m = np.linalg.norm(some_m[:, None] - chords.centre_m[None], axis=2)
        nearest_m = np.min(away_m + chords.radius_m, axis=1)
        reach_m = np.clip(nearest_m, JOINS_EVERY_WITHIN_M, JOINS_NEAREST_WITHIN_M)
        point, block = np.nonzero(away_m - chords.radius_m <= reach_m[:, None])
        if len(point) == 0:
            continue
        point, route, distance_m = _nearest_of_routes(some_m, chords, point, block)
        best_m = np.full(len(some_m), np.inf)
        np.minimum.at(best_m, point, distance_m)
        alone = (distance_m == best_m[point]) & (distance_m <= JOINS_NEAREST_WITHIN_M)
        alone &= best_m[point] > JOINS_EVERY_WITHIN_M
        joins = distance_m <= JOINS_EVERY_WITHIN_M
        # Of routes that are equally near, the first in the file.
        nearest = np.nonzero(alone)[0]
        joins[nearest[np.unique(point[nearest], return_index=True)[1]]] = True
        yield point[joins] + first, route[joins]


def _nearest_of_routes(
    points_m: FloatArray, chords: _Chords, point: IntArray, block: IntArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Give the distance of each point from each route that has a chord in the blocks, in order."""
    keys, distances = [], []
    routes = int(chords.route.max()) + 1
    at_once = _PAIRS_AT_ONCE // _BLOCK
    for first in range(0, len(point), at_once):
        some = slice(first, first + at_once)
        chord = (block[some, None] * _BLOCK + np.arange(_BLOCK)).ravel()
        row = np.repeat(point[some], _BLOCK)
        row, chord = row[chord < len(chords.start_m)], chord[chord < len(chords.start_m)]
        along_m, toward_m = chords.along_m[chord], points_m[row] - chords.start_m[chord]
        squared = np.maximum(np.sum(along_m**2, axis=1), np.finfo(float).tiny)
        share = np.clip(np.sum(toward_m * along_m, axis=1) / squared, 0, 1)
        distance_m = np.linalg.norm(toward_m - share[:, None] * along_m, axis=1)
        key, distance_m = _least(row * routes + chords.route[chord], distance_m)
        keys.append(key)
        distances.append(distance_m)
    key, distance_m = _least(np.concatenate(keys), np.concatenate(distances))
    return key // routes, key % routes, distance_m


def _least(key: IntArray, distance_m: FloatArray) -> tuple[IntArray, FloatArray]:
    order = np.argsort(key, kind="stable")
    unique, first = np.unique(key[order], return_index=True)
    return unique, np.minimum.reduceat(distance_m[order], first)


def _label(station: Station) -> str:
    return station.name or f"at {station.lonlat[0]:.5f}, {station.lonlat[1]:.5f}"


def _unattached(station: Station) -> Finding:
    return Finding(
        code="station.unattached",
        severity="warning",
        message=f"station {_label(station)} is too far off every line, more than "
        f"{JOINS_NEAREST_WITHIN_M / 1000:.0f} km, and joins no route",
        remedy="check its position, or name its route",
    )


def _names_no_route(station: Station, name: str) -> Finding:
    return Finding(
        code="station.route_unknown",
        severity="warning",
        message=f"station {_label(station)} names the route {name!r}, which the file does not have",
        remedy="correct the id",
    )


def _endless(route: Route) -> Finding:
    return Finding(
        code="station.not_sought",
        severity="warning",
        message=f"the long steps of the lines up to {route.label!r} add up to more than "
        f"{_MOST_LONG_STEPS_M / 1000:,.0f} km, so no station is sought by its place from there on",
        remedy="check the coordinates",
    )
