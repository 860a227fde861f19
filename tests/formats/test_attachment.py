"""Stations and routes: who joins whom."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo_routes import chainage
from geo_routes.formats.attachment import attach
from geo_routes.formats.route_file import decode
from geo_routes.model import Finding, FloatArray, Route, Station
from geo_routes.survey import measure

GEOD = Geod(ellps="WGS84")
EQUATOR = np.array([[10.0, 0.0], [10.1, 0.0], [10.2, 0.0]])


def aside(metres: float, *, longitude: float = 10.05) -> tuple[float, float]:
    """A place so far north of the equator, where a meridian is at right angles to the line."""
    lon, lat, _ = GEOD.fwd(longitude, 0.0, 0.0, metres)
    return float(lon), float(lat)


def route(lonlat: Any = EQUATOR, **members: Any) -> Route:
    return Route(lonlat=np.asarray(lonlat), **members)


def joined(stations: list[Station], routes: list[Route]) -> list[list[int]]:
    return attach(stations, routes).stations


@pytest.mark.parametrize("metres", [0.0, 1.0, 249.9])
def test_a_station_joins_every_route_within_250_m(metres: float) -> None:
    near = route(EQUATOR + [0, 0.0001])
    far = route(EQUATOR + [0, 1.0])
    assert joined([Station(lonlat=aside(metres))], [route(), near, far]) == [[0], [0], []]


@pytest.mark.parametrize("metres", [250.1, 4_999.0])
def test_else_it_joins_the_nearest_within_5_km(metres: float) -> None:
    south = route(EQUATOR - [0, 0.0001])
    assert joined([Station(lonlat=aside(metres))], [south, route()]) == [[], [0]]


def test_of_two_that_are_equally_near_it_joins_the_first() -> None:
    assert joined([Station(lonlat=aside(1_000.0))], [route(), route()]) == [[0], []]


def test_else_it_joins_none_with_a_finding() -> None:
    result = attach([Station(lonlat=aside(5_001.0), name="S")], [route()])
    assert result.stations == [[]]
    [finding] = result.remarks
    assert (finding.code, finding.severity) == ("station.unattached", "warning")
    assert "station S" in finding.message


def test_a_named_route_is_joined_however_far_and_no_other() -> None:
    stations = [
        Station(lonlat=aside(400_000.0), routes=("b",)),
        Station(lonlat=aside(1.0), routes=("b", "a", "b")),
        Station(lonlat=aside(1.0), routes=("b",)),
    ]
    routes = [route(id="a"), route(EQUATOR + [0, 3.0], id="b")]
    assert joined(stations, routes) == [[1], [0, 1, 2]]


def test_a_route_that_the_file_lacks_is_a_finding() -> None:
    result = attach([Station(lonlat=aside(1.0), name="S", routes=("z",))], [route(id="a")])
    assert result.stations == [[]]
    assert [f.code for f in result.remarks] == ["station.route_unknown"]
    assert "'z'" in result.remarks[0].message


def test_the_end_of_a_line_is_as_near_as_its_middle() -> None:
    beyond_m = GEOD.inv(10.2, 0.0, 10.202, 0.0)[2]
    assert 222 < beyond_m < 223
    assert joined([Station(lonlat=(10.202, 0.0)), Station(lonlat=(10.2025, 0.0))], [route()]) == [
        [0, 1],
    ]
    assert joined([Station(lonlat=(10.3, 0.0))], [route()]) == [[]]


def test_a_gap_between_parts_is_not_a_line() -> None:
    parts = np.array([[10.0, 0.0], [10.01, 0.0], [10.5, 0.0], [10.51, 0.0]])
    gapped = route(parts, part_starts=np.array([0, 2]))
    assert joined([Station(lonlat=(10.25, 0.0))], [gapped]) == [[]]


@pytest.mark.parametrize(
    "line,lonlat",
    [
        ([[0.0, 0.0], [90.0, 0.0]], aside(100.0, longitude=45.0)),
        ([[179.9, 0.0], [-179.9, 0.0]], (180.0, 0.001)),
        ([[179.9, 0.0], [180.1, 0.0]], (-179.95, 0.001)),
        ([[0.0, 89.99], [180.0, 89.99]], (90.0, 90.0)),
        ([[20.0, 0.0], [20.0, 0.0], [20.0, 0.0]], (20.0, 0.001)),
    ],
    ids=["long steps", "antimeridian", "beyond 180", "over the pole", "all one place"],
)
def test_no_place_on_earth_is_special(line: object, lonlat: tuple[float, float]) -> None:
    assert joined([Station(lonlat=lonlat)], [route(line)]) == [[0]]


def test_lines_that_no_railway_is_long_enough_for_take_no_stations() -> None:
    rng = np.random.default_rng(1)
    endless = route(np.column_stack((rng.uniform(-180, 180, 1_000), rng.uniform(-90, 90, 1_000))))
    result = attach([Station(lonlat=(10.05, 0.0))], [route(), endless])
    assert result.stations == [[0], []]
    assert [f.code for f in result.remarks] == ["station.not_sought"]


def offset_m(line: Route, point: tuple[float, float]) -> float:
    ruler = chainage.lay_ruler(line.lonlat, part_starts=line.part_starts)
    return float(np.min(chainage.locate(ruler, np.array([point])).offset_m))


def walk(seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    size = rng.integers(2, 150)
    step = rng.choice([1e-4, 1e-3, 1e-2, 0.3])
    start = np.array([rng.choice([0.0, 139.0, 179.99]), rng.choice([0.0, 35.0, 60.0, -89.9])])
    lonlat = start + np.cumsum(rng.normal(0, step, (size, 2)), axis=0)
    lonlat[:, 1] = np.clip(lonlat[:, 1], -90, 90)
    return lonlat


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5), st.integers(0, 10**6))
def test_the_ruling_holds_by_geodesic_distance(seeds: list[int], seed: int) -> None:
    routes = [route(walk(s)) for s in seeds]
    rng = np.random.default_rng(seed)
    stations = []
    for _ in range(10):
        line = routes[rng.integers(len(routes))].lonlat
        lonlat = line[rng.integers(len(line))] + rng.normal(0, rng.choice([1e-3, 0.02, 0.05]), 2)
        stations.append(Station(lonlat=(float(lonlat[0]), float(np.clip(lonlat[1], -90, 90)))))
    mine = joined(stations, routes)
    for number, station in enumerate(stations):
        away_m = [offset_m(r, station.lonlat) for r in routes]
        if any(abs(m - limit) < 0.1 for m in away_m for limit in (250, 5_000)):
            continue
        within = {i for i, m in enumerate(away_m) if m <= 250}
        if not within and min(away_m) <= 5_000:
            within = {int(np.argmin(away_m))}
        assert {i for i, numbers in enumerate(mine) if number in numbers} == within


def test_thousands_of_stations_and_hundreds_of_routes_take_seconds() -> None:
    routes = [route(EQUATOR + [0, i * 1e-4]) for i in range(300)]
    stations = [Station(lonlat=(10 + i / 10_000, 0.015)) for i in range(2_000)]
    mine = joined(stations, routes)
    # 250 m are 0.00226 degrees of latitude: 22 lines to each side, and the one beneath.
    assert {len(numbers) for numbers in mine} == {0, 2_000}
    assert sum(bool(numbers) for numbers in mine) == 45


def read(*features: dict[str, Any]) -> tuple[Route, ...]:
    document = {"type": "FeatureCollection", "features": list(features)}
    return decode(json.dumps(document).encode())


def found(line: Route) -> list[Finding]:
    filed: Any = line.filing
    return [*filed.remarks, *line.remarks, *measure(line).remarks]


def point(lonlat: tuple[float, float], **properties: object) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": list(lonlat)}
    return {"type": "Feature", "properties": {"name": "S", **properties}, "geometry": geometry}


@pytest.mark.parametrize(
    "station,expected",
    [
        (point(aside(200.0)), []),
        (point(aside(1_000.0)), ["station.off_line"]),
        (point(aside(1_000.0), route="a"), ["station.off_line"]),
        (point(aside(9_000.0)), ["station.unattached"]),
        (point(aside(1.0), route=5), ["station.route_unknown"]),
        (point(aside(1.0), route={}), ["member.route"]),
        (point(aside(1.0), route=["a", None]), ["member.route"]),
        (point(aside(1.0), name=""), ["member.name"]),
        (point(aside(1.0), name=None), ["member.name"]),
        (point(aside(1.0), seq="first"), ["member.seq"]),
    ],
)
def test_the_user_hears_of_it(station: dict[str, Any], expected: list[str]) -> None:
    line = {
        "type": "Feature",
        "properties": {"id": "a", "name": "A"},
        "geometry": {"type": "LineString", "coordinates": EQUATOR.tolist()},
    }
    [only] = read(line, station)
    assert [f.code for f in found(only)] == expected
    off = [f.message for f in found(only) if f.code == "station.off_line"]
    assert all(("as the nearest" in m) == ("route" not in station["properties"]) for m in off)


def test_stations_stand_in_the_order_of_seq_where_all_have_one() -> None:
    line = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "LineString", "coordinates": EQUATOR.tolist()},
    }
    seqs: list[list[float | None]] = [[3, 1, 2.5], [3, None, 1]]
    for seq, order in zip(seqs, ([1, 2.5, 3], [3, None, 1]), strict=True):
        points = [point(aside(1.0, longitude=10.0 + i / 50), seq=s) for i, s in enumerate(seq)]
        assert [s.seq for s in read(line, *points)[0].stations] == order
