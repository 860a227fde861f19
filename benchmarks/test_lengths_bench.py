"""Lengths of two million vertices: ours against the calls that users write."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod
from pytest_benchmark.fixture import BenchmarkFixture

from geo_routes import geodesy
from geo_routes.model import FloatArray

sys.path.insert(0, str(Path(__file__).parent))
from adapters import lengths

GEOD = Geod(ellps="WGS84")
LINES, VERTICES = 2_000, 1_000


def walk(*, highest_latitude: float, irregular: bool = False) -> FloatArray:
    """Lines of steps of some 25 m, starting anywhere up to a latitude.

    Irregular ones have steps of 2 to 200 m, a repeated vertex in thirty, and one of 20 km a line.
    """
    rng = np.random.default_rng(1)
    start = rng.uniform((-180, -highest_latitude), (180, highest_latitude), (LINES, 1, 2))
    heading = np.cumsum(rng.normal(0, 0.02, (LINES, VERTICES)), axis=1)
    step_m = rng.uniform(10, 40, (LINES, VERTICES))
    if irregular:
        step_m = np.exp(rng.uniform(np.log(2), np.log(200), (LINES, VERTICES)))
        step_m[rng.random((LINES, VERTICES)) < 1 / 30] = 0.0
        step_m[np.arange(LINES), rng.integers(1, VERTICES, LINES)] = 20_000.0
    north_deg = np.cumsum(step_m * np.cos(heading), axis=1) / 111_000
    east_deg = np.cumsum(step_m * np.sin(heading), axis=1) / 111_000
    stretch = np.cos(np.radians(start[:, :, 1]))
    return start + np.stack((east_deg / stretch, north_deg), axis=2)


@pytest.fixture(
    scope="module",
    params=[(45.0, False), (80.0, False), (60.0, True)],
    ids=["to 45 N", "to 80 N", "irregular"],
)
def places(request: pytest.FixtureRequest) -> FloatArray:
    highest_latitude, irregular = request.param
    return walk(highest_latitude=highest_latitude, irregular=irregular)


@pytest.mark.benchmark(group="from shapely lines")
def test_ours_from_lines(benchmark: BenchmarkFixture, places: FloatArray) -> None:
    lines = shapely.linestrings(places)
    ours_m = benchmark(lengths, lines)
    np.testing.assert_allclose(
        ours_m[:20], [GEOD.geometry_length(x) for x in lines[:20]], rtol=1e-9
    )


@pytest.mark.benchmark(group="from shapely lines")
def test_geometry_length_loop(benchmark: BenchmarkFixture, places: FloatArray) -> None:
    lines = shapely.linestrings(places)

    def loop() -> list[float]:
        return [GEOD.geometry_length(x) for x in lines]

    benchmark.pedantic(loop, rounds=3)  # type: ignore[no-untyped-call]


@pytest.mark.benchmark(group="from flat coordinates")
def test_ours_flat(benchmark: BenchmarkFixture, places: FloatArray) -> None:
    flat = places.reshape(-1, 2)
    benchmark(geodesy.line_lengths_m, flat, np.arange(0, len(flat) + 1, VERTICES))


@pytest.mark.benchmark(group="from flat coordinates")
def test_vectorised_inv(benchmark: BenchmarkFixture, places: FloatArray) -> None:
    x, y = places.reshape(-1, 2).T
    ends = (x[:-1], y[:-1], x[1:], y[1:])
    benchmark.pedantic(GEOD.inv, ends, rounds=3)  # type: ignore[no-untyped-call]
