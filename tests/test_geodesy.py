"""Geodesics against Karney's own test data, PROJ and published positions."""

from __future__ import annotations

import csv
import gzip
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Geod, Transformer

from geo_routes import geodesy
from geo_routes.errors import InvalidCoordinates
from geo_routes.model import FloatArray

GEOD = Geod(ellps="WGS84")


def walk(steps: FloatArray, latitude: float, longitude: float = 0.0) -> FloatArray:
    return np.cumsum(np.vstack(([longitude, latitude], steps)), axis=0)


def total_m(line: FloatArray) -> float:
    return float(geodesy.line_lengths_m(line, np.array([0, len(line)]))[0])


@pytest.fixture(scope="module")
def geodtest(shared: Path) -> FloatArray:
    # GeographicLib's GeodTest-short, exact to 1 nm or so:
    # lat1 lon1 azi1 lat2 lon2 azi2 s12 a12 m12 S12, the reduced length m12 in metres.
    with gzip.open(shared / "data/conformance/geodtest/GeodTest-short.dat.gz") as stream:
        rows = np.loadtxt(stream)
    assert len(rows) == 10_000
    return np.asarray(rows)


def test_geodtest_lengths(geodtest: FloatArray) -> None:
    pairs = np.stack((geodtest[:, [1, 0]], geodtest[:, [4, 3]]), axis=1).reshape(-1, 2)
    ours_m = geodesy.line_lengths_m(pairs, np.arange(0, 20_001, 2))
    assert np.max(np.abs(ours_m - geodtest[:, 6])) < 15e-9
    np.testing.assert_array_equal(geodesy.segment_lengths_m(pairs)[::2], ours_m)


def test_geodtest_azimuths(geodtest: FloatArray) -> None:
    from_deg, to_deg, distance_m = geodesy.inverse(geodtest[:, [1, 0]], geodtest[:, [4, 3]])
    assert np.max(np.abs(distance_m - geodtest[:, 6])) < 15e-9
    # Where a geodesic ends barely depends on its azimuth, its azimuth is barely determined: what
    # counts is the azimuth's error times the reduced length, by which it moves the end.
    for ours_deg, truth_deg in ((from_deg, geodtest[:, 2]), (to_deg, geodtest[:, 5])):
        wrong_rad = np.radians((ours_deg - truth_deg + 180) % 360 - 180)
        assert np.max(np.abs(wrong_rad * geodtest[:, 8])) < 15e-9


def test_geodtest_ends(geodtest: FloatArray) -> None:
    ends = geodesy.direct(geodtest[:, [1, 0]], geodtest[:, 2], geodtest[:, 6])
    apart_m = geodesy.ecef_m(ends) - geodesy.ecef_m(geodtest[:, [4, 3]])
    assert np.max(np.linalg.norm(apart_m, axis=1)) < 15e-9


def test_proj_twenty(shared: Path) -> None:
    with (shared / "data/conformance/geodtest/proj-geodtest20.csv").open(newline="") as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert len(rows) == 20
    for row in rows:
        value = {name: float(row[name]) for name in ("lat1", "lon1", "lat2", "lon2", "s12")}
        line = np.array([[value["lon1"], value["lat1"]], [value["lon2"], value["lat2"]]])
        assert total_m(line) == pytest.approx(value["s12"], abs=15e-9)


def chains(coordinates: list[Any]) -> Iterator[FloatArray]:
    """Yield the lines and rings in GeoJSON coordinates of any depth."""
    if isinstance(coordinates[0][0], list):
        for part in coordinates:
            yield from chains(part)
    else:
        yield np.array([position[:2] for position in coordinates], dtype=np.float64)


@pytest.mark.parametrize(
    "name",
    ["feature-collection", "multi-linestring", "multi-polygon", "polygon", "route1", "route2"],
)
def test_lines_and_rings_of_another_toolkit(shared: Path, name: str) -> None:
    folder = shared / "data/conformance/turf"
    truth_m = json.loads((folder / "karney_lengths.json").read_text())[name]["karney_m"]
    file = json.loads((folder / f"turf-length/{name}.geojson").read_text())
    features = file.get("features", [file])
    parts = [c for f in features for c in chains(f["geometry"]["coordinates"])]
    ours_m = geodesy.line_lengths_m(np.vstack(parts), np.cumsum([0, *map(len, parts)]))
    # The figures are rounded to the micrometre.
    assert ours_m.sum() == pytest.approx(truth_m, abs=1e-6)


# The formula ends at 0.001 rad, which is 6,335 to 6,378 m, and at latitude 89.5.
@pytest.mark.parametrize("latitude", [0, 30, 45, 60, 75, 85, 89, 89.49, 89.51, 89.9, -52.3, -89.9])
@pytest.mark.parametrize(
    "step_m", [0.01, 1, 30, 150, 1e3, 3e3, 6.3e3, 6.4e3, 7e3, 1e4, 2e4, 5e4, 1e6]
)
def test_every_step_is_karneys(latitude: float, step_m: float) -> None:
    rng = np.random.default_rng(int(step_m))
    start = np.column_stack((rng.uniform(-180, 180, 500), np.full(500, float(latitude))))
    start[:250, 0] = rng.choice((-180, 180), 250) + rng.uniform(-1e-3, 1e-3, 250)
    lengths_m = step_m * rng.uniform(0.2, 1, 500)
    longitude, end_latitude, _ = GEOD.fwd(
        start[:, 0], start[:, 1], rng.uniform(0, 360, 500), lengths_m
    )
    pairs = np.stack((start, np.column_stack((longitude, end_latitude))), axis=1).reshape(-1, 2)
    ours_m = geodesy.line_lengths_m(pairs, np.arange(0, 1001, 2))
    truth_m = GEOD.inv(*pairs[::2].T, *pairs[1::2].T)[2]
    assert np.all(np.abs(ours_m - truth_m) <= np.maximum(1e-11 * truth_m, 5e-9))


@pytest.mark.parametrize("direction", [(1.0, 0.0), (0.0, 1.0), (0.7, -0.7)])
def test_neither_the_longest_step_nor_the_end_of_a_block_is_a_seam(
    direction: tuple[float, float],
) -> None:
    sizes = np.degrees(0.001) * np.tile([0.999999, 1.000001, 0.5, 1.5, 0.001], 8_000)
    sizes[1::2] *= -1
    line = walk(sizes[:, None] * direction, 35.0, 139.0)
    truth_m = GEOD.inv(*line[:-1].T, *line[1:].T)[2]
    np.testing.assert_allclose(geodesy.segment_lengths_m(line), truth_m, rtol=1e-11, atol=5e-9)


def test_poles_and_identical_points() -> None:
    over = np.array([[0.0, 89.5], [123.0, 90.0], [180.0, 89.5]])
    assert total_m(over) == pytest.approx(GEOD.line_length(*over.T), abs=5e-9)
    assert total_m(np.array([[10.0, 90.0], [-130.0, 90.0]])) == pytest.approx(0, abs=5e-9)
    assert total_m(np.array([[7.0, 47.0], [7.0, 47.0]])) == 0


def test_lines_longer_than_a_block_of_the_kernel() -> None:
    rng = np.random.default_rng(5)
    flat = walk(rng.normal(0, 1e-3, (60_000, 2)) * (1, 0.1), 35.0, 139.0)
    flat[30_000:, 0] += 30  # a long step in the middle, and one between two lines
    offsets = np.array([0, 1, 20_000, 20_000, 45_000, len(flat)])
    truth_m = [GEOD.line_length(*flat[a:b].T) for a, b in pairwise(offsets)]
    np.testing.assert_allclose(geodesy.line_lengths_m(flat, offsets), truth_m, rtol=1e-10)


def test_a_line_may_cross_the_antimeridian_in_any_way_of_writing() -> None:
    rng = np.random.default_rng(8)
    line = walk(rng.uniform((1e-4, -1e-3), (3e-3, 1e-3), (200, 2)), 68.0, 179.8)
    assert line[0, 0] < 180 < line[-1, 0]
    wrapped = np.column_stack(((line[:, 0] + 180) % 360 - 180, line[:, 1]))
    truth_m = GEOD.line_length(*wrapped.T)
    assert truth_m < 60_000
    for written in (line, line - (360, 0), wrapped, wrapped - (360, 0), wrapped + (360, 0)):
        assert total_m(written) == pytest.approx(truth_m, rel=1e-10)


def test_a_sum_of_many_steps_loses_nothing() -> None:
    rng = np.random.default_rng(11)
    flat = walk(rng.normal(0, 1e-4, (300_000, 2)) * (1, 0.02), 35.0, 139.0)
    exact_m = math.fsum(geodesy.segment_lengths_m(flat))
    assert total_m(flat) == pytest.approx(exact_m, rel=1e-14)
    assert exact_m == pytest.approx(GEOD.line_length(*flat.T), rel=1e-11)


def test_the_argument_is_left_as_it_was_and_may_be_a_view() -> None:
    whole = np.random.default_rng(3).uniform(-1e-2, 1e-2, (500, 3)) + (139.0, 35.0, 0.0)
    whole.flags.writeable = False
    view = whole[::-2, :2]
    assert total_m(view) == total_m(view.copy())


def test_short_steps_are_measured_without_proj() -> None:
    program = """
import sys
import numpy as np
from geo_routes import geodesy
line = np.array([[139.7, 35.6], [139.71, 35.61], [139.72, 35.61]])
geodesy.segment_lengths_m(line)
geodesy.deflections_rad(line)
geodesy.reference_system("EPSG:4326")
assert "pyproj" not in sys.modules
geodesy.segment_lengths_m(line * 0.5 + [[0, 0], [9, 0], [0, 9]])
assert "pyproj" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)  # noqa: S603 - our own text


@pytest.mark.parametrize("offsets", [[], [1, 4], [0, 3], [0, 5], [0, 3, 2, 4]])
def test_offsets_that_leave_vertices_out_are_refused(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offsets must rise from 0"):
        geodesy.line_lengths_m(np.zeros((4, 2)), np.array(offsets, dtype=np.int64))


@pytest.mark.parametrize(
    "vertex, word",
    [
        ((np.nan, 1.0), "finite"),
        ((1.0, np.nan), "finite"),
        ((1.0, np.inf), "finite"),
        ((35.0, 139.0), "swapped"),
        ((388_000.0, 3_949_000.0), "metres"),
        ((541.0, 0.0), "longitude"),
        ((120.0, 90.5), "latitude out of range, beyond 90"),
    ],
)
def test_a_wrong_vertex_is_named_with_its_mistake(vertex: tuple[float, float], word: str) -> None:
    line = np.array([vertex, vertex])
    for measure in (geodesy.check_lonlat, geodesy.segment_lengths_m, total_m):
        with pytest.raises(InvalidCoordinates, match=word):
            measure(line)


def test_one_wrong_vertex_among_many_is_found() -> None:
    line = walk(np.full((20_000, 2), 1e-4), 10.0)
    line[17_003] = (12.0, 90.0000001)
    with pytest.raises(
        InvalidCoordinates, match=r"vertex 17003 .*latitude out of range"
    ) as refused:
        geodesy.segment_lengths_m(line)
    assert refused.value.value == (12.0, 90.0000001)
    assert "swapped" not in str(refused.value)


def test_an_infinity_elsewhere_makes_no_metres_of_degrees() -> None:
    with pytest.raises(InvalidCoordinates, match="latitude out of range") as refused:
        geodesy.check_lonlat(np.array([[10.0, 91.0], [10.0, 20.0], [np.inf, 0.0]]))
    assert "metres" not in str(refused.value)


@pytest.mark.parametrize("latitude", [0.0, 35.0, 60.0, 79.0, 84.0, 88.0, -45.0])
@pytest.mark.parametrize("step_m", [1.0, 10.0, 100.0, 1e3, 6e3, 1e5])
def test_azimuths_and_turns_are_those_of_geodesics(latitude: float, step_m: float) -> None:
    rng = np.random.default_rng(2)
    line = [np.array([179.95, latitude])]
    for heading in np.cumsum(rng.normal(0, 5, 60)):
        longitude, lat, _ = GEOD.fwd(line[-1][0], line[-1][1], heading, step_m)
        line.append(np.array([longitude, lat]))
    chain = np.array(line)
    forth, back, _ = GEOD.inv(*chain[:-1].T, *chain[1:].T)
    arriving = np.array(back) + 180
    # Rounded coordinates by themselves turn a short step by some nanometres.
    bound = 2e-11 + 5e-9 / step_m
    for ours_deg, truth_deg in zip(geodesy.azimuths_deg(chain), (forth, arriving), strict=True):
        apart = np.radians((ours_deg - truth_deg + 180) % 360 - 180)
        assert np.max(np.abs(apart)) < bound
    truth = np.radians((arriving[:-1] - np.array(forth)[1:] + 180) % 360 - 180)
    np.testing.assert_allclose(geodesy.deflections_rad(chain), truth, rtol=0, atol=2 * bound)


def test_left_turns_are_positive() -> None:
    assert geodesy.deflections_rad(np.array([[0.0, 0], [0.001, 0], [0.001, 0.001]]))[0] > 1.5


def test_direct_undoes_inverse() -> None:
    here, there = np.array([[139.7, 35.6], [0.0, 0.0]]), np.array([[136.9, 35.2], [10.0, -40.0]])
    azimuth_deg, _, distance_m = geodesy.inverse(here, there)
    np.testing.assert_allclose(geodesy.direct(here, azimuth_deg, distance_m), there, atol=1e-10)


@pytest.mark.parametrize("latitude", [0.0, 35.7, -45.0, 60.0, 89.0])
def test_a_degree_in_metres_is_a_hundred_short_geodesics(latitude: float) -> None:
    east_m, north_m = geodesy.metres_per_degree(np.array([latitude]))
    east_truth_m = GEOD.inv(-0.005, latitude, 0.005, latitude)[2] * 100
    north_truth_m = GEOD.inv(0, latitude - 0.005, 0, latitude + 0.005)[2] * 100
    assert east_m[0] == pytest.approx(east_truth_m, rel=1e-8)
    assert north_m[0] == pytest.approx(north_truth_m, rel=1e-8)


def test_earth_centred_coordinates_are_projs() -> None:
    lonlat = np.array([[139.7, 35.6], [-70.0, -33.0], [0.0, 90.0]])
    to_ecef = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    truth = np.column_stack(to_ecef.transform(lonlat[:, 0], lonlat[:, 1], np.zeros(3)))
    np.testing.assert_allclose(geodesy.ecef_m(lonlat), truth, atol=1e-6)
