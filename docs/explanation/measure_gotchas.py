"""Measure what the usual calls give on lines with a known length, as a Markdown table.

Every line here is made by this script or stands in geodata/, and every true value is Karney's
geodesic or a closed form. Run it from the root of the checkout.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
from pyproj import Geod
from shapely import LineString, MultiLineString, Point, line_merge, unary_union

import geo_routes as gr

CHUO = Path(__file__).resolve().parents[2] / "geodata" / "chuo-shinkansen.geojson"
GEOD = Geod(ellps="WGS84")
# Mean radius of the ellipsoid, (2 a + b) / 3, the usual choice for haversine.
SPHERE_M = 6_371_008.8

Row = tuple[str, str, str]


def chuo() -> LineString:
    """Shinagawa to Nagoya, station to station."""
    features = json.loads(CHUO.read_text("utf-8"))["features"]
    return LineString(features[0]["geometry"]["coordinates"])


def true_m(line: LineString) -> float:
    """Karney's length."""
    return float(GEOD.geometry_length(line))


def haversine_m(line: LineString) -> float:
    """Length on a sphere."""
    longitude, latitude = np.radians(np.asarray(line.coords)[:, :2].T)
    half = np.sin(np.diff(latitude) / 2) ** 2
    half += np.cos(latitude[:-1]) * np.cos(latitude[1:]) * np.sin(np.diff(longitude) / 2) ** 2
    return float(np.sum(2 * SPHERE_M * np.arcsin(np.sqrt(half))))


def projected_m(line: LineString, epsg: int) -> float:
    """Planar length after a projection, as geopandas users write it."""
    return float(gpd.GeoSeries([line], crs=4326).to_crs(epsg).length.iloc[0])


def distance_m(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Karney's distance of two places, whatever they are."""
    return float(GEOD.inv(*start, *end)[2])


def off(measured_m: float, line: LineString) -> str:
    """Relative error of a length."""
    return f"{measured_m / true_m(line) - 1:+.2%}"


def silently(call: Callable[[], float]) -> tuple[float, str]:
    """Value of a call, and what it warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = call()
    return value, "a warning" if caught else "no warning"


def rows() -> Iterator[Row]:
    """Each call, what it was given, and what came."""
    yield from _projections()
    yield from _spheres()
    yield from _degrees()
    yield from _antimeridian()
    yield from _bad_input()
    yield from _merging()
    yield from _rounding()
    yield from _noise()


def _projections() -> Iterator[Row]:
    line = chuo()
    alps = LineString([(10.0, 47.0), (10.7, 47.0)])
    for name, given in (("Shinagawa to Nagoya", line), ("53 km eastward at 47° N", alps)):
        value, warned = silently(partial(projected_m, given, 3857))
        yield "`.to_crs(3857).length`", name, f"{off(value, given)}, {warned}"
    zone = gpd.GeoSeries([line], crs=4326).estimate_utm_crs().to_epsg()
    yield (
        "UTM, the zone of the line",
        f"Shinagawa to Nagoya, EPSG:{zone}",
        off(projected_m(line, zone), line),
    )
    for other in (32652, 32649):
        value, warned = silently(partial(projected_m, line, other))
        yield (
            "UTM, another zone",
            f"Shinagawa to Nagoya, EPSG:{other}",
            f"{off(value, line)}, {warned}",
        )


def _spheres() -> Iterator[Row]:
    yield "haversine", "Shinagawa to Nagoya", off(haversine_m(chuo()), chuo())
    north = LineString([(0, 0), (0, 1)])
    polar = LineString([(0, 88), (0, 89)])
    yield "haversine", "one degree of latitude from the equator", off(haversine_m(north), north)
    yield "haversine", "one degree of latitude from 88° N", off(haversine_m(polar), polar)


def _degrees() -> Iterator[Row]:
    line = chuo()
    yield "`.length` of a shapely line", "Shinagawa to Nagoya", f"{line.length:.4f}, degrees"
    corner = LineString([(10, 60), (11, 60), (11, 61)])
    legs_m = [true_m(LineString(corner.coords[i : i + 2])) for i in (0, 1)]
    share = corner.project(Point(11, 60), normalized=True)
    yield (
        "`project(…, normalized=True)`",
        "corner of an L at 60° N, 1° east and 1° north",
        f"{share:.3f} instead of {legs_m[0] / sum(legs_m):.3f}",
    )
    halfway = line.interpolate(0.5, normalized=True)
    middle = _at(line, true_m(line) / 2)
    apart_m = GEOD.inv(halfway.x, halfway.y, *middle)[2]
    yield "`interpolate(0.5, normalized=True)`", "Shinagawa to Nagoya", f"{apart_m:,.0f} m off"


def _at(line: LineString, chainage_m: float) -> tuple[float, float]:
    for start, end in zip(line.coords[:-1], line.coords[1:], strict=True):
        azimuth, _, step_m = GEOD.inv(*start, *end)
        if chainage_m <= step_m:
            longitude, latitude, _ = GEOD.fwd(start[0], start[1], azimuth, chainage_m)
            return float(longitude), float(latitude)
        chainage_m -= step_m
    msg = f"the line ends {chainage_m} m before that"
    raise ValueError(msg)


def _antimeridian() -> Iterator[Row]:
    line = LineString([(179.5, -17), (-179.5, -17)])
    value = projected_m(line, 3857) / 1000
    yield (
        "`.to_crs(3857).length`",
        "one degree across the antimeridian at 17° S",
        f"{value:,.0f} km instead of {true_m(line) / 1000:.1f}",
    )


def _bad_input() -> Iterator[Row]:
    tokyo, nagoya = (139.7390, 35.6288), (136.8816, 35.1707)
    metres = (15_554_000.0, 4_250_000.0)
    for name, start, end in (
        ("a NaN", (np.nan, 35.6), nagoya),
        ("latitude 91", (139.7, 91.0), nagoya),
        ("latitude first, 139° beyond a pole", tokyo[::-1], nagoya[::-1]),
        ("metres", metres, nagoya),
    ):
        value, warned = silently(partial(distance_m, start, end))
        yield "`Geod.inv`", name, f"{value}, {warned}"
    munich, nuremberg = (11.558, 48.140), (11.083, 49.446)
    right = distance_m(munich, nuremberg) / 1000
    swapped = distance_m(munich[::-1], nuremberg[::-1]) / 1000
    yield (
        "`Geod.inv`",
        "latitude first, where both fit",
        f"{swapped:.1f} km instead of {right:.1f}, no warning",
    )
    climb = LineString([(10, 47, 400.0), (10.012, 47, 900.0)])
    flat_m = true_m(climb)
    yield (
        "`Geod.geometry_length` with heights",
        "0.9 km that climb 500 m",
        f"{flat_m:.1f} m, along the slope {np.hypot(flat_m, 500):.1f}",
    )


def _merging() -> Iterator[Row]:
    back = LineString([(10, 47), (10.1, 47), (10, 47)])
    merged = unary_union(back)
    yield "`unary_union`", "out and back", f"{merged.length / back.length:.0%} of the length"
    gap = MultiLineString([[(10, 47), (10.1, 47)], [(10.1 + 1e-9, 47), (10.2, 47)]])
    parts = line_merge(gap)
    count = len(parts.geoms) if parts.geom_type == "MultiLineString" else 1
    yield "`line_merge`", "two pieces 0.1 mm apart", f"still {count} pieces"


def _rounding() -> Iterator[Row]:
    radius_m, step_m = 1_000.0, 13.0
    count = int(2 * np.pi * radius_m / step_m)
    azimuth = np.arange(count + 2) * np.degrees(2 * np.arcsin(step_m / 2 / radius_m))
    centre = np.full(len(azimuth), 10.0), np.full(len(azimuth), 47.0)
    longitude, latitude, _ = GEOD.fwd(*centre, azimuth, np.full(len(azimuth), radius_m))
    for decimals in (5, 6, 7):
        smallest_m = _smallest_radius_m(np.round(longitude, decimals), np.round(latitude, decimals))
        yield (
            f"coordinates rounded to {decimals} decimals",
            "circle of 1,000 m radius, a vertex every 13 m",
            f"smallest radius through three vertices {smallest_m:,.0f} m",
        )


def _smallest_radius_m(longitude: np.ndarray, latitude: np.ndarray) -> float:
    def apart_m(step: int) -> np.ndarray:
        return np.asarray(
            GEOD.inv(longitude[:-step], latitude[:-step], longitude[step:], latitude[step:])[2]
        )

    a, c = apart_m(1), apart_m(2)
    first, second = a[:-1], a[1:]
    half = (first + second + c) / 2
    area = np.sqrt(np.maximum(half * (half - first) * (half - second) * (half - c), 1e-12))
    return float(np.min(first * second * c / (4 * area)))


def _noise() -> Iterator[Row]:
    step_m, sigma_m, count = 10.0, 1.0, 20_000
    random = np.random.default_rng(1)
    along = np.arange(count + 1) * step_m
    east, north = random.normal(0, sigma_m, (2, count + 1))
    longitude, latitude, _ = GEOD.fwd(
        np.full(count + 1, 10.0), np.full(count + 1, 0.0), np.full(count + 1, 90.0), along + east
    )
    longitude, latitude, _ = GEOD.fwd(longitude, latitude, np.zeros(count + 1), north)
    noisy_m = float(GEOD.line_length(longitude, latitude))
    yield (
        "any exact length",
        "200 km straight, a vertex every 10 m, 1 m of noise on each axis",
        f"{noisy_m / (count * step_m) - 1:+.2%}",
    )


def main() -> None:
    """Write the table."""
    out = sys.stdout.write
    out("| call | on | gives |\n|---|---|---|\n")
    for row in rows():
        out(f"| {' | '.join(row)} |\n")
    survey = gr.measure(gr.read_one(CHUO))
    apart = survey.length_m / true_m(chuo()) - 1
    out(f"| `geo_routes.measure` | Shinagawa to Nagoya | {apart:+.0e} relative |\n")


if __name__ == "__main__":
    main()
