"""Geodesics against Karney's own test data, PROJ, and what must hold for any line."""

from __future__ import annotations

import csv
import gzip
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pyproj import Geod, Transformer

from geo_routes import geodesy
from geo_routes.errors import InvalidCoordinates, UnknownCrs
from geo_routes.model import FloatArray

GEOD = Geod(ellps="WGS84")

lines = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 30), st.just(2)),
    elements=st.floats(-89.9, 89.9, allow_nan=False),
)
small_steps = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-0.02, 0.02)
)


def walk(steps: FloatArray, latitude: float, longitude: float = 0.0) -> FloatArray:
    return np.cumsum(np.vstack(([longitude, latitude], steps)), axis=0)


def total_m(line: FloatArray) -> float:
    return float(geodesy.line_lengths_m(line, np.array([0, len(line)]))[0])


def test_geodtest_short(shared: Path) -> None:
    # GeographicLib's GeodTest-short: lat1 lon1 azi1 lat2 lon2 azi2 s12 ..., exact to 1 nm or so.
    with gzip.open(shared / "data/conformance/geodtest/GeodTest-short.dat.gz") as stream:
        rows = np.loadtxt(stream)
    assert len(rows) == 10_000
    pairs = np.stack((rows[:, [1, 0]], rows[:, [4, 3]]), axis=1).reshape(-1, 2)
    ours_m = geodesy.line_lengths_m(pairs, np.arange(0, 20_001, 2))
    assert np.max(np.abs(ours_m - rows[:, 6])) < 15e-9


def test_proj_twenty(shared: Path) -> None:
    with (shared / "data/conformance/geodtest/proj-geodtest20.csv").open(newline="") as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    assert len(rows) == 20
    for row in rows:
        value = {name: float(row[name]) for name in ("lat1", "lon1", "lat2", "lon2", "s12")}
        line = np.array([[value["lon1"], value["lat1"]], [value["lon2"], value["lat2"]]])
        assert total_m(line) == pytest.approx(value["s12"], abs=15e-9)


@pytest.mark.parametrize("latitude", [0, 30, 45, 60, 75, 85, 89, 89.4, 89.6, 89.9, -52.3, -89.9])
@pytest.mark.parametrize("step_m", [0.01, 1, 30, 150, 190, 210, 1e3, 1e4, 1.8e4, 1.95e4, 5e4, 1e6])
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
    assert np.all(np.abs(ours_m - truth_m) <= np.maximum(1e-9 * truth_m, 5e-9))


def test_poles_and_identical_points() -> None:
    over = np.array([[0.0, 89.5], [123.0, 90.0], [180.0, 89.5]])
    assert total_m(over) == pytest.approx(GEOD.line_length(*over.T), abs=5e-9)
    assert total_m(np.array([[10.0, 90.0], [-130.0, 90.0]])) == pytest.approx(0, abs=5e-9)
    assert total_m(np.array([[7.0, 47.0], [7.0, 47.0]])) == 0


@given(lines)
def test_a_line_is_as_long_as_its_reverse(line: FloatArray) -> None:
    assert total_m(line[::-1].copy()) == pytest.approx(total_m(line), rel=1e-12, abs=5e-9)


@given(small_steps, st.floats(-80, 80), st.floats(-360, 360))
def test_a_shift_of_longitude_changes_no_length(
    steps: FloatArray, latitude: float, shift: float
) -> None:
    line = walk(steps, latitude)
    moved = line + np.array((shift, 0.0))
    assert total_m(moved) == pytest.approx(total_m(line), abs=1e-6)


@given(lines, st.data())
def test_a_split_at_a_vertex_adds_up(line: FloatArray, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(line) - 1))
    parts = total_m(line[: at + 1]) + total_m(line[at:])
    assert parts == pytest.approx(total_m(line), rel=1e-14, abs=1e-6)


@given(small_steps, st.floats(-80, 80))
def test_vertices_added_on_the_geodesic_change_nothing(steps: FloatArray, latitude: float) -> None:
    line = walk(steps, latitude)
    dense = [line[:1]]
    for a, b in pairwise(line):
        inner = GEOD.npts(a[0], a[1], b[0], b[1], 3)
        dense += [np.array(inner), b[None]] if not np.allclose(a, b, atol=1e-9) else [b[None]]
    assert total_m(np.vstack(dense)) == pytest.approx(total_m(line), abs=1e-6)


@given(lines)
def test_repeated_vertices_change_nothing(line: FloatArray) -> None:
    assert total_m(np.repeat(line, 3, axis=0)) == pytest.approx(total_m(line), rel=1e-12, abs=1e-9)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_packed_lines_are_the_sums_of_their_steps(sizes: list[int], seed: int) -> None:
    flat = np.random.default_rng(seed).uniform((-179, -80), (179, 80), (sum(sizes), 2))
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    ours_m = geodesy.line_lengths_m(flat, offsets)
    for length_m, a, b in zip(ours_m, offsets[:-1], offsets[1:], strict=True):
        assert length_m == pytest.approx(geodesy.segment_lengths_m(flat[a:b]).sum(), abs=1e-6)


def test_lines_longer_than_a_block_of_the_kernel() -> None:
    rng = np.random.default_rng(5)
    flat = walk(rng.normal(0, 1e-3, (60_000, 2)) * (1, 0.1), 35.0, 139.0)
    flat[30_000:, 0] += 30  # a long step in the middle, and one between two lines
    offsets = np.array([0, 1, 20_000, 20_000, 45_000, len(flat)])
    truth_m = [GEOD.line_length(*flat[a:b].T) for a, b in pairwise(offsets)]
    np.testing.assert_allclose(geodesy.line_lengths_m(flat, offsets), truth_m, rtol=1e-10)


@pytest.mark.parametrize(
    "vertex, word",
    [
        ((np.nan, 1.0), "finite"),
        ((1.0, np.inf), "finite"),
        ((35.0, 139.0), "swapped"),
        ((388_000.0, 3_949_000.0), "metres"),
        ((541.0, 0.0), "longitude"),
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
    with pytest.raises(InvalidCoordinates, match="latitude out of range"):
        geodesy.segment_lengths_m(line)


@pytest.mark.parametrize("latitude", [0.0, 35.0, 60.0, 69.0, 79.0, 88.0])
@pytest.mark.parametrize("step_m", [10.0, 100.0, 290.0, 1e3, 1e5])
def test_turns_are_those_between_geodesics(latitude: float, step_m: float) -> None:
    rng = np.random.default_rng(2)
    line = [np.array([179.95, latitude])]
    for heading in np.cumsum(rng.normal(0, 5, 60)):
        longitude, lat, _ = GEOD.fwd(line[-1][0], line[-1][1], heading, step_m)
        line.append(np.array([longitude, lat]))
    chain = np.array(line)
    forth, back, _ = GEOD.inv(*chain[:-1].T, *chain[1:].T)
    truth = np.radians(((np.array(back) + 180)[:-1] - np.array(forth)[1:] + 180) % 360 - 180)
    np.testing.assert_allclose(geodesy.deflections_rad(chain), truth, atol=1e-9)


def test_left_turns_are_positive() -> None:
    assert geodesy.deflections_rad(np.array([[0.0, 0], [0.001, 0], [0.001, 0.001]]))[0] > 1.5


def test_direct_undoes_inverse() -> None:
    here, there = np.array([[139.7, 35.6], [0.0, 0.0]]), np.array([[136.9, 35.2], [10.0, -40.0]])
    azimuth_deg, _, distance_m = geodesy.inverse(here, there)
    np.testing.assert_allclose(geodesy.direct(here, azimuth_deg, distance_m), there, atol=1e-10)


def test_degrees_in_metres_at_known_latitudes() -> None:
    # A degree of longitude on the equator is a pi/180; one of latitude there is 110,574.4 m
    # (mean of NGA's table: 110,574.3 m between 0 and 1 degree).
    east_m, north_m = geodesy.metres_per_degree(np.array([0.0]))
    assert east_m[0] == pytest.approx(6_378_137 * np.pi / 180, rel=1e-15)
    assert north_m[0] == pytest.approx(GEOD.inv(0, -0.005, 0, 0.005)[2] * 100, rel=1e-8)


def test_earth_centred_coordinates_are_projs() -> None:
    lonlat = np.array([[139.7, 35.6], [-70.0, -33.0], [0.0, 90.0]])
    to_ecef = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    truth = np.column_stack(to_ecef.transform(lonlat[:, 0], lonlat[:, 1], np.zeros(3)))
    np.testing.assert_allclose(geodesy.ecef_m(lonlat), truth, atol=1e-6)


@pytest.mark.parametrize(
    "name, kind",
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "wgs84"),
        ("EPSG:4326", "wgs84"),
        ("urn:ogc:def:crs:EPSG::4979", "wgs84"),
        ("urn:ogc:def:crs:EPSG::4301", "other_geographic"),
        ("EPSG:32632", "projected"),
        ("EPSG:3857", "projected"),
    ],
)
def test_reference_systems_by_name(name: str, kind: str) -> None:
    assert geodesy.reference_system(name).kind == kind


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:999999",
        "+proj=pipeline +step +proj=unitconvert",
        "/etc/passwd",
        "http://127.0.0.1/crs.wkt",
        'GEOGCS["x"]',
        "",
        "EPSG:",
        "nobody:1",
    ],
)
def test_what_is_no_code_of_an_authority_is_not_looked_up(name: str) -> None:
    with pytest.raises(UnknownCrs):
        geodesy.reference_system(name)


def test_utm_comes_back_to_wgs84() -> None:
    # The Eiffel Tower stands at 48° 51' 29.5" N 2° 17' 40.2" E, 448,252 E 5,411,932 N in zone 31.
    lonlat = geodesy.to_wgs84([[448_252.0, 5_411_932.0]], crs="EPSG:32631")
    np.testing.assert_allclose(lonlat, [[2.2945, 48.8582]], atol=2e-5)


def test_a_point_that_no_projection_has_is_refused() -> None:
    with pytest.raises(InvalidCoordinates):
        geodesy.to_wgs84([[1e30, 1e30]], crs="EPSG:32631")
    with pytest.raises(InvalidCoordinates):
        geodesy.to_wgs84([[np.nan, 0.0]], crs="EPSG:4326")
