"""The mistake behind a length: each is made on purpose, on six lines, and must be named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from geopandas import GeoSeries
from pyproj import Geod
from shapely.geometry import LineString

from geo_routes.checks import check
from geo_routes.model import Declared, FloatArray, Route, Station
from geo_routes.survey import measure

GEOD = Geod(ellps="WGS84")

# Where it lies, which way it runs, how long it is, and a grid of its country.
PLACES = {
    "Japan": ((139.6, 35.6), 265.0, 260_000, 6676),
    "Germany": ((9.7, 52.3), 190.0, 90_000, 31467),
    "Norway": ((16.0, 68.5), 40.0, 60_000, 3035),
    "Britain": ((-1.2, 52.9), 330.0, 120_000, 27700),
    "Australia": ((145.0, -37.5), 20.0, 300_000, 3112),
    "Netherlands": ((4.7, 51.9), 60.0, 40_000, 28992),
}


def wander(place: str, *, step_m: float = 250.0) -> FloatArray:
    """A railway of long curves and straights, its vertices on geodesics."""
    (lon, lat), azimuth, length_m, _ = PLACES[place]
    rng = np.random.default_rng(sum(map(ord, place)))
    count = int(length_m / step_m)
    curvature = np.repeat(rng.choice([0.0, 0.0, 3e-4, -3e-4], count // 20 + 1), 20)[:count]
    rows = [(lon, lat)]
    heading = azimuth
    for i in range(count):
        # Back towards the general direction, as a line that goes somewhere does.
        heading += np.degrees(curvature[i] * step_m) - 0.02 * (heading - azimuth)
        lon, lat, _ = GEOD.fwd(*rows[-1], heading, step_m)
        rows.append((lon, lat))
    return np.array(rows)


def karney_m(lonlat: FloatArray) -> float:
    return float(GEOD.line_length(*lonlat.T))


@dataclass(frozen=True)
class Line:
    place: str
    lonlat: FloatArray
    height_m: FloatArray

    @property
    def length_m(self) -> float:
        return karney_m(self.lonlat)

    def route(self, lonlat: FloatArray | None = None, **members: object) -> Route:
        return Route(lonlat=self.lonlat if lonlat is None else lonlat, name=self.place, **members)  # type: ignore[arg-type]

    def stations(
        self, at: tuple[float, ...] = (0, 0.3, 0.55, 0.8, 1), **km: float
    ) -> tuple[Station, ...]:
        last = len(self.lonlat) - 1
        return tuple(
            Station(
                lonlat=tuple(self.lonlat[round(share * last)].tolist()),
                name=f"S{i}",
                seq=i,
                chainage_km=km["scale"] * share * self.length_m / 1000 if km else None,
            )
            for i, share in enumerate(at)
        )


def make_line(place: str) -> Line:
    lonlat = wander(place)
    count = np.linspace(0, 1, len(lonlat))
    height_m = 900 + 700 * np.sin(9 * count) + 60 * np.sin(120 * count)
    return Line(place, lonlat, height_m)


LINES = {place: make_line(place) for place in PLACES}

Made = tuple[Route, float]


def plane_m(line: Line, code: int) -> float:
    """As a user does it who reaches for the first thing that geopandas offers."""
    return float(GeoSeries([LineString(line.lonlat)], crs=4326).to_crs(code).length.iloc[0])


def web_mercator(line: Line) -> Made:
    return line.route(), plane_m(line, 3857)


def degrees(line: Line) -> Made:
    return line.route(), LineString(line.lonlat).length * 111_320


def bare_degrees(line: Line) -> Made:
    return line.route(), LineString(line.lonlat).length * 1000


def sphere(line: Line) -> Made:
    ball = Geod(a=6_371_000, b=6_371_000)
    return line.route(), float(ball.line_length(*line.lonlat.T))


def utm(line: Line) -> Made:
    lon, lat = line.lonlat.mean(axis=0)
    return line.route(), plane_m(line, (32600 if lat > 0 else 32700) + int((lon + 180) // 6) + 1)


def national_grid(line: Line) -> Made:
    return line.route(), plane_m(line, PLACES[line.place][3])


def three_d(line: Line) -> Made:
    steps_m = np.array(GEOD.line_lengths(*line.lonlat.T))
    rough_m = line.height_m + 12 * np.sin(np.arange(len(line.height_m)))
    space_m = float(np.sum(np.hypot(steps_m, np.diff(rough_m))))
    return line.route(height_m=rough_m), space_m


def height_reduction(line: Line) -> Made:
    high_m = line.height_m + 3_000
    return line.route(height_m=high_m), line.length_m * (1 + high_m.mean() / 6_371_000)


def miles(line: Line) -> Made:
    return line.route(), line.length_m / 1.609344


def converted_twice(line: Line) -> Made:
    return line.route(), line.length_m * 1.609344


def tracks_declared(line: Line) -> Made:
    return line.route(), 2 * line.length_m


def beside(line: Line, offset_m: float) -> FloatArray:
    azimuth, _, _ = GEOD.inv(*line.lonlat[:-1].T, *line.lonlat[1:].T)
    azimuth = np.append(azimuth, azimuth[-1])
    lon, lat, _ = GEOD.fwd(
        line.lonlat[:, 0], line.lonlat[:, 1], azimuth + 90, np.full(len(azimuth), offset_m)
    )
    return np.column_stack((lon, lat))


def tracks_drawn(line: Line) -> Made:
    both = np.vstack((line.lonlat, beside(line, 6.0)))
    return line.route(both, part_starts=np.array([0, len(line.lonlat)])), line.length_m


def out_and_back(line: Line) -> Made:
    return line.route(np.vstack((line.lonlat, beside(line, 6.0)[::-1]))), line.length_m


def fare(line: Line) -> Made:
    stations = line.stations(scale=1.08)
    return line.route(stations=stations), 1.08 * line.length_m


def swapped(line: Line) -> Made:
    if np.abs(line.lonlat[:, 0]).max() > 90:
        pytest.skip("longitudes beyond 90 degrees are no latitudes")
    return line.route(np.ascontiguousarray(line.lonlat[:, ::-1])), line.length_m


def part_drawn_twice(line: Line) -> Made:
    n = len(line.lonlat)
    again = line.lonlat[n // 3 : n // 2]
    return line.route(np.vstack((line.lonlat, again)), part_starts=np.array([0, n])), line.length_m


def way_back_and_forth(line: Line) -> Made:
    n = len(line.lonlat)
    a, b = n // 3, n // 2
    return line.route(
        np.vstack((line.lonlat[:b], line.lonlat[a:b][::-1], line.lonlat[a:]))
    ), line.length_m


def drawn_again_in_one_go(line: Line) -> Made:
    n = len(line.lonlat)
    return line.route(np.vstack((line.lonlat[: n // 2], line.lonlat[n // 3 :]))), line.length_m


def next_utm_zone(line: Line) -> Made:
    lon, lat = line.lonlat.mean(axis=0)
    return line.route(), plane_m(line, (32600 if lat > 0 else 32700) + int((lon + 180) // 6))


def section_declared_twice(line: Line) -> Made:
    return line.route(stations=line.stations()), line.length_m * 1.25


def part_lost(line: Line) -> Made:
    n = len(line.lonlat)
    left = np.vstack((line.lonlat[: n // 3], line.lonlat[n // 2 :]))
    return line.route(left, part_starts=np.array([0, n // 3])), line.length_m


def end_cut_off(line: Line) -> Made:
    n = len(line.lonlat)
    return line.route(line.lonlat[: int(0.85 * n)], stations=line.stations()), line.length_m


def end_cut_off_without_a_trace(line: Line) -> Made:
    return line.route(line.lonlat[: int(0.7 * len(line.lonlat))]), line.length_m


def noise(line: Line) -> Made:
    fine = wander(line.place, step_m=25.0)
    rng = np.random.default_rng(5)
    azimuth = rng.uniform(0, 360, len(fine))
    lon, lat, _ = GEOD.fwd(fine[:, 0], fine[:, 1], azimuth, np.abs(rng.normal(0, 6.0, len(fine))))
    return line.route(np.column_stack((lon, lat))), karney_m(fine)


def beeline(line: Line) -> Made:
    return line.route(), karney_m(line.lonlat[[0, -1]])


def other_ends(line: Line) -> Made:
    route = line.route(stations=line.stations(at=(0.1, 0.3, 0.55, 0.9)))
    return route, line.length_m


def digits(line: Line) -> Made:
    return line.route(), line.length_m / 10


MISTAKES: dict[str, tuple[str, Callable[[Line], Made]]] = {
    made.__name__: (name, made)
    for name, made in (
        ("web_mercator", web_mercator),
        ("degrees", degrees),
        ("degrees", bare_degrees),
        ("sphere", sphere),
        ("utm", utm),
        ("utm", next_utm_zone),
        ("national_grid", national_grid),
        ("three_d", three_d),
        ("height_reduction", height_reduction),
        ("miles", miles),
        ("miles", converted_twice),
        ("both_tracks", tracks_declared),
        ("both_tracks", tracks_drawn),
        ("both_tracks", out_and_back),
        ("fare_kilometres", fare),
        ("swapped_axes", swapped),
        ("part_twice", part_drawn_twice),
        ("part_twice", way_back_and_forth),
        ("part_twice", drawn_again_in_one_go),
        ("part_twice", section_declared_twice),
        ("part_missing", part_lost),
        ("part_missing", end_cut_off),
        ("part_missing", end_cut_off_without_a_trace),
        ("noise", noise),
        ("straight_line", beeline),
        ("other_ends", other_ends),
        ("digits", digits),
    )
}


def causes_of(route: Route, declared_m: float) -> list[str]:
    declared = Declared(length_km=round(declared_m / 1000, 3), source="made")
    findings = check(measure(replace(route, declared=declared)))
    return [cause for f in findings if f.code.startswith("declared.length") for cause in f.causes]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_mistake_that_was_made_is_named(mistake: str, place: str) -> None:
    name, make = MISTAKES[mistake]
    route, declared_m = make(LINES[place])
    measured_m = measure(route).length_m
    if abs(measured_m / declared_m - 1) < 1e-4:
        pytest.skip("the mistake changes this line by less than 0.01 %")
    assert name in causes_of(route, declared_m)


@pytest.mark.parametrize("place", PLACES)
def test_a_line_that_is_right_gets_no_cause(place: str) -> None:
    line = LINES[place]
    for declared_m in (
        line.length_m,
        round(line.length_m, -3),
        round(line.length_m, -2),
        round(line.length_m),
    ):
        assert causes_of(line.route(), declared_m) == []
        assert causes_of(line.route(stations=line.stations(scale=1.0)), declared_m) == []
