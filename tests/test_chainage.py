"""Chainage against a dense walk along the geodesics, made with pyproj alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pyproj import Geod

from geo_routes import chainage
from geo_routes.model import FloatArray

GEOD = Geod(ellps="WGS84")

LINES = {
    "a railway": [[139.7671, 35.6812], [139.7003, 35.658], [139.638, 35.556], [139.523, 35.4437]],
    "long steps": [[121.5523, 31.2048], [116.4, 39.9], [87.6, 43.8]],
    "across the antimeridian": [[179.5, -17.0], [179.9, -17.1], [-179.9, -17.2], [-179.5, -17.3]],
    "over the pole": [[0.0, 89.5], [0.0, 89.9], [180.0, 89.9], [180.0, 89.5]],
    "a repeated vertex": [[10.0, 50.0], [10.1, 50.0], [10.1, 50.0], [10.2, 50.1]],
}


def ruler_of(name: str) -> chainage.Ruler:
    return chainage.lay_ruler(np.array(LINES[name]))


def brute_force_m(line: FloatArray, point: FloatArray, step_m: float) -> tuple[float, float]:
    """Chainage and offset of the nearest of many places, ``step_m`` apart."""
    best = (np.inf, 0.0)
    before_m = 0.0
    for a, b in pairwise(line):
        azimuth, _, length_m = GEOD.inv(*a, *b)
        along_m = np.append(np.arange(0, length_m, step_m), length_m)
        n = len(along_m)
        places = GEOD.fwd(np.full(n, a[0]), np.full(n, a[1]), np.full(n, azimuth), along_m)
        away_m = GEOD.inv(places[0], places[1], np.full(n, point[0]), np.full(n, point[1]))[2]
        i = int(np.argmin(away_m))
        best = min(best, (float(away_m[i]), before_m + float(along_m[i])))
        before_m += length_m
    return best[1], best[0]


@pytest.mark.parametrize("name", LINES)
def test_the_ruler_ends_at_karneys_length(name: str) -> None:
    line = np.array(LINES[name])
    assert ruler_of(name).length_m == pytest.approx(GEOD.line_length(*line.T), rel=1e-9)


@pytest.mark.parametrize("name", LINES)
def test_a_place_found_is_the_nearest_there_is(name: str) -> None:
    line, ruler = np.array(LINES[name]), ruler_of(name)
    rng = np.random.default_rng(3)
    on_line = chainage.interpolate(ruler, rng.uniform(0, ruler.length_m, 6))
    offsets_m = rng.uniform(0, 4_000, 6)
    points = np.column_stack(
        GEOD.fwd(on_line[:, 0], on_line[:, 1], rng.uniform(0, 360, 6), offsets_m)[:2]
    )
    found = chainage.locate(ruler, points)
    assert found.point.tolist() == list(range(6))
    step_m = max(ruler.length_m / 20_000, 1.0)
    for i, point in enumerate(points):
        place_m, offset_m = brute_force_m(line, point, step_m)
        assert found.offset_m[i] <= offset_m + 1e-3
        assert found.offset_m[i] == pytest.approx(offset_m, abs=step_m)
        here = chainage.interpolate(ruler, [found.chainage_m[i]])[0]
        assert GEOD.inv(*here, *point)[2] == pytest.approx(found.offset_m[i], abs=1e-3)
        if offset_m > 10 * step_m:
            assert found.chainage_m[i] == pytest.approx(place_m, abs=50 * step_m)


@pytest.mark.parametrize("name", LINES)
def test_there_and_back_is_the_same_chainage(name: str) -> None:
    ruler = ruler_of(name)
    wanted_m = np.linspace(0, ruler.length_m, 41)
    found = chainage.locate(ruler, chainage.interpolate(ruler, wanted_m))
    np.testing.assert_allclose(found.chainage_m, wanted_m, atol=1e-6)
    np.testing.assert_allclose(found.offset_m, 0, atol=1e-6)


@given(
    hnp.arrays(
        np.float64, st.tuples(st.integers(2, 20), st.just(2)), elements=st.floats(0.001, 0.02)
    ),
    st.floats(-70, 70),
    st.floats(0, 1),
)
def test_round_trip_on_any_line(steps: FloatArray, latitude: float, share: float) -> None:
    line = np.cumsum(np.vstack(([179.9, latitude], steps)), axis=0)
    ruler = chainage.lay_ruler(line)
    wanted_m = share * ruler.length_m
    found = chainage.locate(ruler, chainage.interpolate(ruler, [wanted_m]))
    assert found.chainage_m[0] == pytest.approx(wanted_m, abs=1e-6)


def test_ends_are_exact() -> None:
    ruler = ruler_of("a railway")
    ends = chainage.interpolate(ruler, [0.0, ruler.length_m])
    assert ends.tolist() == [LINES["a railway"][0], LINES["a railway"][-1]]


@pytest.mark.parametrize("beyond_m", [-1e-9, -5.0, 1e-3, 1e9])
def test_a_chainage_beyond_the_ends_is_refused(beyond_m: float) -> None:
    ruler = ruler_of("a railway")
    wanted_m = beyond_m if beyond_m < 0 else ruler.length_m + beyond_m
    with pytest.raises(ValueError, match="outside the line"):
        chainage.interpolate(ruler, [wanted_m])


def test_a_point_beyond_the_end_is_at_the_end() -> None:
    ruler = ruler_of("a railway")
    found = chainage.locate(ruler, [[139.503, 35.4237]])
    assert found.chainage_m[0] == ruler.length_m
    end = LINES["a railway"][-1]
    assert found.offset_m[0] == pytest.approx(
        GEOD.inv(end[0], end[1], 139.503, 35.4237)[2], abs=1e-6
    )


def test_a_gap_has_no_length_and_no_place() -> None:
    line = np.array([[0.0, 50.0], [0.1, 50.0], [0.3, 50.0], [0.4, 50.0]])
    ruler = chainage.lay_ruler(line, part_starts=np.array([0, 2]))
    one_m = GEOD.inv(*line[0], *line[1])[2]
    assert ruler.length_m == pytest.approx(one_m + GEOD.inv(*line[2], *line[3])[2], rel=1e-9)
    found = chainage.locate(ruler, [[0.19, 50.0], [0.35, 50.0]])
    assert found.chainage_m[0] == pytest.approx(one_m, abs=1e-6)
    assert found.offset_m[0] == pytest.approx(GEOD.inv(0.1, 50, 0.19, 50)[2], abs=1e-3)
    inside = chainage.interpolate(ruler, np.linspace(0, ruler.length_m, 21))
    assert not np.any((inside[:, 0] > 0.1000001) & (inside[:, 0] < 0.2999999))


def test_a_crossing_has_two_places() -> None:
    line = np.array([[139.7, 35.6], [139.8, 35.6], [139.8, 35.7], [139.75, 35.7], [139.75, 35.55]])
    found = chainage.locate(chainage.lay_ruler(line), [[139.75, 35.6]], slack_m=25.0)
    assert len(found.chainage_m) == 2
    assert np.all(found.offset_m < 25)


def test_the_seam_of_a_ring_has_two_places() -> None:
    ring = np.array([[0.0, 0.0], [0.1, 0.0], [0.1, 0.1], [0.0, 0.0]])
    ruler = chainage.lay_ruler(ring)
    found = chainage.locate(ruler, [[0.0, 0.0]], slack_m=1.0)
    np.testing.assert_allclose(found.chainage_m, [0.0, ruler.length_m], atol=1e-6)


def test_no_points_are_no_places() -> None:
    assert len(chainage.locate(ruler_of("a railway"), np.empty((0, 2))).point) == 0
