"""Chainages to places and back, beside the calls that users write."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod
from pytest_benchmark.fixture import BenchmarkFixture

from geo_routes import chainage
from geo_routes.model import FloatArray

GEOD = Geod(ellps="WGS84")
VERTICES, QUERIES, POINTS = 10_000, 1_000_000, 20_000


@pytest.fixture(scope="module")
def ruler() -> chainage.Ruler:
    rng = np.random.default_rng(1)
    heading = np.cumsum(rng.normal(0, 0.02, VERTICES))
    north_deg = 30 + np.cumsum(50 * np.cos(heading)) / 111_000
    east_deg = 139 + np.cumsum(50 * np.sin(heading)) / 96_000
    return chainage.lay_ruler(np.column_stack((east_deg, north_deg)))


@pytest.fixture(scope="module")
def queries_m(ruler: chainage.Ruler) -> FloatArray:
    return np.random.default_rng(2).uniform(0, ruler.length_m, QUERIES)


@pytest.fixture(scope="module")
def points(ruler: chainage.Ruler, queries_m: FloatArray) -> FloatArray:
    """Places up to some 50 m beside the line."""
    on_line = chainage.interpolate(ruler, queries_m[:POINTS])
    return on_line + np.random.default_rng(3).normal(0, 2e-4, on_line.shape)


@pytest.mark.benchmark(group="a million chainages to places")
def test_interpolate(
    benchmark: BenchmarkFixture, ruler: chainage.Ruler, queries_m: FloatArray
) -> None:
    benchmark(chainage.interpolate, ruler, queries_m)


@pytest.mark.benchmark(group="a million chainages to places")
def test_direct_problem_alone(
    benchmark: BenchmarkFixture, ruler: chainage.Ruler, queries_m: FloatArray
) -> None:
    # The floor: what one vectorised call costs that is told step and azimuth.
    lon, lat = ruler.lonlat[np.arange(QUERIES) % VERTICES].T
    benchmark(GEOD.fwd, lon, lat, np.full(QUERIES, 30.0), queries_m % 50)


@pytest.mark.benchmark(group="20,000 places to chainages")
def test_locate(benchmark: BenchmarkFixture, ruler: chainage.Ruler, points: FloatArray) -> None:
    benchmark(chainage.locate, ruler, points)


@pytest.mark.benchmark(group="20,000 places to chainages")
def test_line_locate_point_in_degrees(
    benchmark: BenchmarkFixture, ruler: chainage.Ruler, points: FloatArray
) -> None:
    line, places = shapely.linestrings(ruler.lonlat), shapely.points(points)
    benchmark.pedantic(shapely.line_locate_point, (line, places), rounds=3)  # type: ignore[no-untyped-call]
