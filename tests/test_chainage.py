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
from geo_routes.errors import InvalidCoordinates
from geo_routes.model import FloatArray

GEOD = Geod(ellps="WGS84")

LINES = {
    "a railway": [[139.7671, 35.6812], [139.7003, 35.658], [139.638, 35.556], [139.523, 35.4437]],
    "long steps": [[121.5523, 31.2048], [116.4, 39.9], [87.6, 43.8]],
    "across the antimeridian": [[179.5, -17.0], [179.9, -17.1], [-179.9, -17.2], [-179.5, -17.3]],
    "over the pole": [[0.0, 89.5], [0.0, 89.9], [180.0, 89.9], [180.0, 89.5]],
    "beside the pole": [[-170.0, -89.7], [-120.0, -89.9], [40.0, -89.8], [70.0, -89.6]],
    "from the pole": [[0.0, 90.0], [25.0, 89.9], [25.5, 89.2]],
    "written beyond 180 degrees": [[179.2, 60.0], [180.4, 60.1], [181.5, 60.0]],
    "steps of 200 km": [[0.0, 0.0], [1.8, 0.2], [1.5, 2.0], [3.2, 2.4]],
    "a repeated vertex": [[10.0, 50.0], [10.1, 50.0], [10.1, 50.0], [10.2, 50.1]],
}


def ruler_of(name: str) -> chainage.Ruler:
    return chainage.lay_ruler(np.array(LINES[name]))


def fwd(a: FloatArray, azimuth: float, along_m: FloatArray | float) -> FloatArray:
    m = np.atleast_1d(np.asarray(along_m, dtype=np.float64))
    ones = np.ones(len(m))
    return np.column_stack(GEOD.fwd(a[0] * ones, a[1] * ones, azimuth * ones, m)[:2])


def away_m(places: FloatArray, point: FloatArray) -> FloatArray:
    ones = np.ones(len(places))
    return np.asarray(GEOD.inv(places[:, 0], places[:, 1], point[0] * ones, point[1] * ones)[2])


def foot_m(a: FloatArray, b: FloatArray, point: FloatArray) -> tuple[float, float]:
    """Way from a to the foot of the point, and its distance: a dense walk, then halving.

    Left and right of the foot the point lies ahead and behind, so the sign of one angle tells.
    """
    azimuth, _, length_m = GEOD.inv(*a, *b)
    along_m = np.linspace(0, length_m, 2_001)
    i = int(np.argmin(away_m(fwd(a, azimuth, along_m), point)))
    low, high = along_m[max(i - 1, 0)], along_m[min(i + 1, 2_000)]
    for _ in range(60):
        middle = (low + high) / 2
        lon, lat, back = GEOD.fwd(a[0], a[1], azimuth, middle)
        toward, _, _ = GEOD.inv(lon, lat, *point)
        if np.cos(np.radians(toward - (back + 180))) > 0:
            low = middle
        else:
            high = middle
    return float(low), float(away_m(fwd(a, azimuth, low), point)[0])


def brute_force_m(line: FloatArray, point: FloatArray) -> tuple[float, float]:
    """Chainage and distance of the nearest place, by looking at every step."""
    best, before_m = (np.inf, 0.0), 0.0
    for a, b in pairwise(line):
        along_m, distance_m = foot_m(a, b, point)
        best = min(best, (distance_m, before_m + along_m))
        before_m += GEOD.inv(*a, *b)[2]
    return best[1], best[0]


@pytest.mark.parametrize("name", LINES)
def test_the_ruler_ends_at_karneys_length(name: str) -> None:
    line = np.array(LINES[name])
    assert ruler_of(name).length_m == pytest.approx(GEOD.line_length(*line.T), rel=1e-9)


@pytest.mark.parametrize("name", LINES)
def test_places_at_chainages_are_those_of_a_walk(name: str) -> None:
    line, ruler = np.array(LINES[name]), ruler_of(name)
    before_m = 0.0
    for a, b in pairwise(line):
        azimuth, _, length_m = GEOD.inv(*a, *b)
        along_m = np.linspace(0, length_m, 52)[1:-1]
        ours = chainage.interpolate(ruler, before_m + along_m)
        truth = fwd(a, azimuth, along_m)
        assert np.max(GEOD.inv(*ours.T, *truth.T)[2]) < 1e-6
        before_m += length_m


@pytest.mark.parametrize("name", LINES)
def test_a_place_found_is_the_nearest_there_is(name: str) -> None:
    line, ruler = np.array(LINES[name]), ruler_of(name)
    rng = np.random.default_rng(3)
    on_line = chainage.interpolate(ruler, rng.uniform(0, ruler.length_m, 8))
    aside_m = rng.uniform(0, 4_000, 8) * (1, 1, 1, 1, 0.01, 0.01, 0, 0)
    points = np.column_stack(
        GEOD.fwd(on_line[:, 0], on_line[:, 1], rng.uniform(0, 360, 8), aside_m)[:2]
    )
    found = chainage.locate(ruler, points)
    assert found.point.tolist() == list(range(8))
    for i, point in enumerate(points):
        place_m, offset_m = brute_force_m(line, point)
        assert found.offset_m[i] == pytest.approx(offset_m, abs=1e-6)
        assert found.chainage_m[i] == pytest.approx(place_m, abs=1e-3)


def wandering(seed: int, *, steps: int, step_m: float) -> FloatArray:
    """A line that crosses itself many times."""
    rng = np.random.default_rng(seed)
    line = [np.array([139.0, 35.0])]
    for heading in np.cumsum(rng.normal(0, 25, steps)):
        line.append(fwd(line[-1], heading, step_m * rng.uniform(0.1, 1))[0])
    return np.array(line)


@pytest.mark.parametrize("step_m", [2.0, 50.0, 1_000.0, 30_000.0])
def test_among_a_thousand_steps_the_nearest_is_found(step_m: float) -> None:
    line = wandering(7, steps=1_000, step_m=step_m)
    ruler = chainage.lay_ruler(line)
    rng = np.random.default_rng(4)
    on_line = chainage.interpolate(ruler, rng.uniform(0, ruler.length_m, 15))
    aside_m = rng.uniform(0, 3 * step_m, 15)
    points = np.column_stack(
        GEOD.fwd(on_line[:, 0], on_line[:, 1], rng.uniform(0, 360, 15), aside_m)[:2]
    )
    found = chainage.locate(ruler, points)
    reach_m = np.diff(ruler.chainage_m)
    for i, point in enumerate(points):
        # What is further than its own step from the nearest vertex cannot hold the foot.
        to_m = away_m(line, point)
        near = np.minimum(to_m[1:], to_m[:-1]) <= to_m.min() + reach_m
        feet = [
            (offset_m, ruler.chainage_m[k] + along_m)
            for k in np.nonzero(near)[0]
            for along_m, offset_m in [foot_m(line[k], line[k + 1], point)]
        ]
        offset_m, place_m = min(feet)
        assert found.offset_m[i] == pytest.approx(offset_m, abs=1e-6)
        ties = [p for o, p in feet if o < offset_m + 1e-6]
        assert np.min(np.abs(found.chainage_m[i] - ties)) < 1e-3, place_m


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


def test_out_and_back_is_two_places_the_same_way_from_both_ends() -> None:
    out = wandering(1, steps=6, step_m=20_000.0)
    ruler = chainage.lay_ruler(np.vstack((out, out[-2::-1])))
    wanted_m = np.array([0.1, 0.2, 0.45]) * ruler.length_m
    found = chainage.locate(ruler, chainage.interpolate(ruler, wanted_m), slack_m=1.0)
    assert found.point.tolist() == [0, 0, 1, 1, 2, 2]
    expected_m = np.column_stack((wanted_m, ruler.length_m - wanted_m)).ravel()
    np.testing.assert_allclose(found.chainage_m, expected_m, atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.floats(0, 500))
def test_slack_gives_more_places_and_none_beyond_it(seed: int, slack_m: float) -> None:
    ruler = chainage.lay_ruler(wandering(seed % 50, steps=60, step_m=300.0))
    points = ruler.lonlat[::10] + np.random.default_rng(seed).normal(0, 1e-3, (7, 2))
    nearest = chainage.locate(ruler, points)
    more = chainage.locate(ruler, points, slack_m=slack_m)
    assert nearest.point.tolist() == list(range(7))
    for i in range(7):
        mine = more.point == i
        assert more.offset_m[mine].min() == pytest.approx(nearest.offset_m[i], abs=1e-6)
        assert np.all(more.offset_m[mine] <= nearest.offset_m[i] + slack_m + 1e-6)
        assert np.all(np.diff(more.chainage_m[mine]) > 0)
    here = chainage.interpolate(ruler, more.chainage_m)
    there = points[more.point]
    np.testing.assert_allclose(GEOD.inv(*here.T, *there.T)[2], more.offset_m, atol=1e-5)


def test_a_place_found_is_never_beyond_the_end() -> None:
    # Lengths whose sums and differences round apart: the end must be the end to the last bit.
    for seed in range(30):
        ruler = chainage.lay_ruler(wandering(seed, steps=200, step_m=97.0))
        beyond = ruler.lonlat[-1] + (ruler.lonlat[-1] - ruler.lonlat[-2]) * [[0.1], [1.0]]
        found = chainage.locate(ruler, beyond)
        assert np.all(found.chainage_m == ruler.length_m)
        assert (
            chainage.interpolate(ruler, found.chainage_m).tolist()
            == [ruler.lonlat[-1].tolist()] * 2
        )


def test_parts_are_searched_alike_and_their_gaps_never() -> None:
    line = wandering(5, steps=299, step_m=100.0)
    line[100:] += (0.5, 0.0)
    line[200:] += (0.0, -0.3)
    starts = np.array([0, 100, 200])
    ruler = chainage.lay_ruler(line, part_starts=starts)
    rng = np.random.default_rng(6)
    points = line[rng.integers(0, 300, 40)] + rng.normal(0, 2e-3, (40, 2))
    found = chainage.locate(ruler, points)
    parts = [chainage.lay_ruler(x) for x in np.split(line, starts[1:])]
    before_m = np.concatenate(([0.0], np.cumsum([p.length_m for p in parts])))
    alone = [chainage.locate(p, points) for p in parts]
    best = np.argmin([p.offset_m for p in alone], axis=0)
    expected_m = [before_m[k] + alone[k].chainage_m[i] for i, k in enumerate(best)]
    np.testing.assert_allclose(found.chainage_m, expected_m, atol=1e-6)


def test_where_a_gap_begins_the_next_part_begins() -> None:
    line = np.array([[0.0, 50.0], [0.1, 50.0], [0.3, 50.0], [0.4, 50.0]])
    ruler = chainage.lay_ruler(line, part_starts=np.array([0, 2]))
    at_m = ruler.chainage_m[1]
    assert chainage.interpolate(ruler, [at_m]).tolist() == [[0.3, 50.0]]
    just_before = chainage.interpolate(ruler, [np.nextafter(at_m, 0)])
    np.testing.assert_allclose(just_before, [[0.1, 50.0]], atol=1e-9)


def test_many_points_are_found_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ruler = chainage.lay_ruler(wandering(2, steps=400, step_m=40.0))
    points = np.tile(ruler.lonlat[::4], (60, 1))
    points += np.random.default_rng(9).normal(0, 1e-3, points.shape)
    many = chainage.locate(ruler, points, slack_m=30.0)
    monkeypatch.setattr("geo_routes.chainage.places._POINTS_AT_ONCE", 97)
    monkeypatch.setattr("geo_routes.chainage.places._MOST_PAIRS", 500)
    few = chainage.locate(ruler, points, slack_m=30.0)
    assert len(np.unique(many.point)) == len(points)
    for one, other in zip((many.point, many.offset_m), (few.point, few.offset_m), strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(many.chainage_m, few.chainage_m)


def test_no_points_are_no_places() -> None:
    assert len(chainage.locate(ruler_of("a railway"), np.empty((0, 2))).point) == 0
    assert chainage.interpolate(ruler_of("a railway"), []).shape == (0, 2)


@pytest.mark.parametrize("point", [[np.nan, 35.0], [139.0, 91.0], [35.0, 139.0]])
def test_what_is_no_place_on_earth_is_not_looked_for(point: list[float]) -> None:
    with pytest.raises(InvalidCoordinates):
        chainage.locate(ruler_of("a railway"), [[139.7, 35.6], point])


def test_a_chainage_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="nan"):
        chainage.interpolate(ruler_of("a railway"), [5.0, np.nan])
