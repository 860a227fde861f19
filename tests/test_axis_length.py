"""The length of the true axis: lines of known length, moved at random, cut short and simplified."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from geo_routes.chainage import lay_ruler
from geo_routes.curvature import AxisLength, axis_length, smooth_parts, within
from geo_routes.model import FloatArray, Route
from geo_routes.survey import measure

GEOD = Geod(ellps="WGS84")
FINE_M, LENGTH_M = 1.0, 12_000.0


def on_earth(place_m: FloatArray) -> FloatArray:
    """Lay points of the plane on the ellipsoid by azimuth and distance from its origin."""
    x, y = place_m.T
    centre = np.full(len(x), 10.0), np.full(len(x), 47.0)
    longitude, latitude, _ = GEOD.fwd(*centre, np.degrees(np.arctan2(x, y)), np.hypot(x, y))
    return np.column_stack((longitude, latitude))


def axis() -> FloatArray:
    """Give tangents, transitions of 100 m and curves of 700 m radius in turn, metre by metre."""
    along = np.arange(0, LENGTH_M, FINE_M)
    turn, within = np.divmod(along, 1_500)
    ramp = np.clip(np.minimum((within - 800) / 100, (1_500 - within) / 100), 0, 1)
    curvature = np.where(turn % 2 == 0, 1, -1) * ramp / 700
    heading = np.cumsum(curvature) * FINE_M
    steps = FINE_M * np.column_stack((np.cos(heading), np.sin(heading)))
    return np.concatenate(([[0.0, 0.0]], np.cumsum(steps, axis=0)))


AXIS = axis()
TRUE_M = float(GEOD.line_length(*on_earth(AXIS).T))


def estimate(vertices_m: FloatArray, **options: float) -> AxisLength:
    ruler = lay_ruler(on_earth(vertices_m))
    return axis_length(smooth_parts(ruler, **options), **options)


def simplified(places_m: FloatArray, tolerance_m: float) -> list[int]:
    """Give the vertices that Douglas and Peucker's algorithm keeps."""
    kept, stack = [0, len(places_m) - 1], [(0, len(places_m) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        one, two = places_m[first], places_m[last]
        way = (two - one) / np.hypot(*(two - one))
        off = np.abs((places_m[first:last] - one) @ [-way[1], way[0]])
        worst = int(np.argmax(off))
        if off[worst] > tolerance_m:
            kept.append(first + worst)
            stack += [(first, first + worst), (first + worst, last)]
    return sorted(kept)


@pytest.mark.parametrize("step_m,noise_m", [(10, 0.3), (10, 1.0), (50, 0.3), (50, 1.0)])
def test_the_true_length_lies_within_and_little_else_does(step_m: int, noise_m: float) -> None:
    rng = np.random.default_rng(11)
    vertices_m = AXIS[::step_m]
    found = [estimate(vertices_m + rng.normal(0, noise_m, vertices_m.shape)) for _ in range(40)]
    error_m = np.array([f.length_m for f in found]) - TRUE_M
    half_m = np.array([f.uncertainty_m for f in found])
    # 95 % is claimed; 36 of 40 are more than 2 standard deviations below it.
    assert np.mean(np.abs(error_m) <= half_m) > 0.88
    assert 2 * np.median(half_m) < 8 * np.median(np.abs(error_m)) * 1.25  # of 40, a fifth is chance
    assert abs(np.mean(error_m)) < np.std(error_m)


def test_noise_that_adds_a_percent_is_taken_out() -> None:
    vertices_m = AXIS[::10] + np.random.default_rng(5).normal(0, 1.0, AXIS[::10].shape)
    survey = measure(Route(lonlat=on_earth(vertices_m)), figures=["curvature"])
    assert survey.axis is not None
    assert survey.length_m - TRUE_M > 80
    assert abs(survey.axis.length_m - TRUE_M) < survey.axis.uncertainty_m < 6
    assert survey.axis_sinuosity is not None
    apart_m = GEOD.inv(*survey.route.lonlat[0], *survey.route.lonlat[-1])[2]
    assert survey.axis_sinuosity == pytest.approx(survey.axis.length_m / apart_m)


@pytest.mark.parametrize("tolerance_m", [0.5, 2.0])
def test_corners_that_were_cut_are_put_back(tolerance_m: float) -> None:
    kept_m = AXIS[simplified(AXIS, tolerance_m)]
    chain_m = float(GEOD.line_length(*on_earth(kept_m).T))
    found = estimate(kept_m)
    assert chain_m < TRUE_M - 0.4
    assert abs(found.length_m - TRUE_M) < found.uncertainty_m
    assert found.uncertainty_m < TRUE_M - chain_m


def test_exact_vertices_leave_only_their_decimals() -> None:
    found = estimate(AXIS[::10])
    assert found.length_m == pytest.approx(TRUE_M, abs=0.02)
    assert found.uncertainty_m < 0.05


def test_an_accuracy_that_is_given_is_believed() -> None:
    # The two ends alone are off by 2 m each: 1.96 * sqrt(2) * 2 = 5.5 m.
    found = estimate(AXIS[::20], accuracy_m=2.0)
    assert 5.5 < found.uncertainty_m < 8


def test_parts_add_up_and_two_vertices_are_their_distance() -> None:
    line = on_earth(AXIS[::10])
    whole = estimate(AXIS[::10])
    ruler = lay_ruler(np.vstack((line[:601], line[600:])), part_starts=np.array([0, 601]))
    joined = axis_length(smooth_parts(ruler))
    assert joined.length_m == pytest.approx(whole.length_m, abs=1e-6)
    two = lay_ruler(line[[0, -1]])
    assert axis_length(smooth_parts(two)).length_m == pytest.approx(two.length_m, abs=1e-9)


def test_the_most_winding_window_is_a_half_circle() -> None:
    angle = np.linspace(0, np.pi, 400)
    radius_m = 1_000 / np.pi
    bow = radius_m * np.column_stack((np.sin(angle), 1 - np.cos(angle)))
    before = np.column_stack((np.arange(-3_000, 0, 10.0), np.zeros(300)))
    after = np.column_stack((np.arange(-10, -3_000, -10.0), np.full(299, 2 * radius_m)))
    line = on_earth(np.vstack((before, bow, after)))
    [most] = measure(Route(lonlat=line), figures=["curvature"]).windings
    assert most.window_m == 1_000
    assert most.sinuosity == pytest.approx(np.pi / 2, rel=1e-3)
    assert most.from_m == pytest.approx(3_000, abs=25)


def test_an_estimate_that_contradicts_the_line_gives_way_to_it() -> None:
    good = AxisLength(length_m=990.0, uncertainty_m=2.0)
    assert within(good, filed_m=1_000.0, spread_m=10.0) is good
    wild = AxisLength(length_m=5_000.0, uncertainty_m=2.0)
    assert within(wild, filed_m=1_000.0, spread_m=10.0) == AxisLength(
        length_m=1_000.0, uncertainty_m=10.0
    )
    vague = AxisLength(length_m=990.0, uncertainty_m=500.0)
    assert within(vague, filed_m=1_000.0, spread_m=10.0).uncertainty_m == 10.0


def test_a_line_that_leaps_over_the_earth_has_finite_figures() -> None:
    lonlat = np.random.default_rng(0).uniform((-180, -80), (180, 80), (60, 2))
    survey = measure(Route(lonlat=lonlat), figures=["curvature"])
    assert survey.axis is not None
    assert survey.length_uncertainty_m is not None
    assert np.isfinite([survey.axis.length_m, survey.axis.uncertainty_m]).all()
    assert survey.axis.uncertainty_m <= survey.length_uncertainty_m
