"""Which station belongs to which route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from geo_routes import chainage, geodesy
from geo_routes.model import Finding, FloatArray, IntArray, Route, Station, fold

# Rulings of the route file reference.
JOINS_EVERY_WITHIN_M = 250.0
JOINS_NEAREST_WITHIN_M = 5_000.0

# A long geodesic bulges away from its chord: widen the sphere around a route by as much.
_BULGE = 0.02


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
    """
    result = Attachment(stations=[[] for _ in routes])
    by_id = {route.id: i for i, route in enumerate(routes) if route.id is not None}
    loose = []
    for number, station in enumerate(stations):
        if not station.routes:
            loose.append(number)
            continue
        for name in station.routes:
            if name in by_id:
                result.stations[by_id[name]].append(number)
            else:
                result.remarks.append(_names_no_route(station, name))
    if loose:
        points = np.array([stations[i].lonlat for i in loose])
        _attach_by_place(result, stations, routes, np.array(loose), points)
    for stations_of_route in result.stations:
        stations_of_route.sort()
    result.remarks = list(fold(result.remarks))
    return result


def _attach_by_place(
    result: Attachment,
    stations: Sequence[Station],
    routes: Sequence[Route],
    loose: IntArray,
    points: FloatArray,
) -> None:
    nearest_m = np.full(len(loose), np.inf)
    nearest = np.full(len(loose), -1)
    joined = np.zeros(len(loose), dtype=bool)
    seen_m = geodesy.ecef_m(points)
    for index, route in enumerate(routes):
        vertices_m = geodesy.ecef_m(route.lonlat)
        centre_m = (vertices_m.min(axis=0) + vertices_m.max(axis=0)) / 2
        reach_m = float(np.linalg.norm(vertices_m - centre_m, axis=1).max()) * (1 + _BULGE)
        far_m = np.linalg.norm(seen_m - centre_m, axis=1) - reach_m
        near = np.nonzero(far_m <= JOINS_NEAREST_WITHIN_M)[0]
        if len(near) == 0:
            continue
        ruler = chainage.lay_ruler(route.lonlat, part_starts=route.part_starts)
        places = chainage.locate(ruler, points[near])
        offset_m = np.full(len(near), np.inf)
        np.minimum.at(offset_m, places.point, places.offset_m)
        within = near[offset_m <= JOINS_EVERY_WITHIN_M]
        joined[within] = True
        result.stations[index] += loose[within].tolist()
        closer = offset_m < nearest_m[near]
        nearest_m[near[closer]] = offset_m[closer]
        nearest[near[closer]] = index
    for place in np.nonzero(~joined)[0]:
        station = stations[loose[place]]
        if nearest_m[place] <= JOINS_NEAREST_WITHIN_M:
            # The survey finds how far off the line it is.
            result.stations[nearest[place]].append(int(loose[place]))
        else:
            result.remarks.append(_unattached(station))


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
