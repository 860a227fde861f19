"""Curvature: circles, straights and transitions whose radii are known, drawn on the ellipsoid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pyproj import Geod

from geo_routes.chainage import lay_ruler, reverse
from geo_routes.checks import check, judge
from geo_routes.curvature import (
    Curvature,
    SmallestRadius,
    estimate_curvature,
    smallest_radius,
    turning_deg_per_km,
)
from geo_routes.model import Declared, FloatArray, Route
from geo_routes.survey import measure

GEOD = Geod(ellps="WGS84")


def drawn(
    curvature_at: Callable[[float], float],
    *,
    length_m: float,
    step_m: float = 25.0,
    start: tuple[float, float] = (9.0, 48.0),
    noise_m: float = 0.0,
    seed: int = 1,
) -> FloatArray:
    """Draw a line of given curvature by short geodesics, and keep a vertex every so often."""
    fine_m = 2.5
    rng = np.random.default_rng(seed)
    rows = [start]
    (lon, lat), azimuth, place_m, since_m = start, 30.0, 0.0, 0.0
    while place_m < length_m:
        # Half of the turn before the step and half behind it: the chord of an arc.
        turn = np.degrees(curvature_at(place_m + fine_m / 2) * fine_m) / 2
        lon, lat, back = GEOD.fwd(lon, lat, azimuth - turn, fine_m)
        azimuth = back + 180 - turn
        place_m, since_m = place_m + fine_m, since_m + fine_m
        if since_m >= step_m - 1e-9:
            rows.append((lon, lat))
            since_m = 0.0
    line = np.array(rows)
    if noise_m:
        away = rng.normal(0, noise_m, line.shape)
        line = line + away / [111_320 * np.cos(np.radians(line[:, 1:2]))[0, 0], 111_132]
    return line


def of(lonlat: FloatArray, **options: float) -> Curvature:
    return estimate_curvature(lay_ruler(lonlat), **options)


def inner(curvature: Curvature, low: float = 0.2, high: float = 0.8) -> FloatArray:
    length_m = curvature.chainage_m[-1]
    inside = (curvature.chainage_m > low * length_m) & (curvature.chainage_m < high * length_m)
    return curvature.curvature_per_m[inside]


@pytest.mark.parametrize("hand", [1, -1])
@pytest.mark.parametrize("radius_m", [300.0, 2_500.0, 8_000.0])
@pytest.mark.parametrize("start", [(9.0, 48.0), (179.999, 0.0), (20.0, 70.0), (-70.0, -53.0)])
def test_a_circle_has_its_radius_and_its_hand(
    start: tuple[float, float], radius_m: float, hand: int
) -> None:
    line = drawn(lambda _: hand / radius_m, length_m=radius_m, step_m=radius_m / 50, start=start)
    np.testing.assert_allclose(inner(of(line)), hand / radius_m, rtol=2e-3)


def test_a_straight_line_has_none_whatever_its_meridians_do() -> None:
    far = GEOD.npts(10.0, 60.0, 25.0, 66.0, 400)
    curvature = of(np.array(far))
    assert np.abs(inner(curvature)).max() < 1e-8
    smallest = smallest_radius(curvature)
    assert smallest is not None
    assert smallest.low_m > 1e5


@pytest.mark.parametrize("seed", range(5))
def test_noise_on_a_straight_is_no_sure_curve(seed: int) -> None:
    line = drawn(lambda _: 0.0, length_m=20_000, noise_m=1.0, seed=seed)
    smallest = smallest_radius(of(line))
    assert smallest is not None
    assert smallest.radius_m is None
    assert turning_deg_per_km(of(line)) == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize("noise_m", [0.0, 0.3, 1.0])
def test_the_smallest_radius_and_its_place_are_found_under_noise(noise_m: float) -> None:
    def curvature_at(place_m: float) -> float:
        if 4_000 <= place_m < 4_800:
            return 1 / 1_000
        return -1 / 3_000 if 8_000 <= place_m < 9_500 else 0.0

    line = drawn(curvature_at, length_m=12_000, noise_m=noise_m)
    smallest = smallest_radius(of(line))
    assert smallest is not None
    assert smallest.radius_m == pytest.approx(1_000, rel=0.1)
    assert smallest.high_m is not None
    assert smallest.low_m < 1_050
    assert smallest.high_m > 950
    assert 3_900 < smallest.chainage_m < 4_900


def test_it_turns_as_much_as_it_was_turned() -> None:
    # A quarter to the left and a quarter to the right, over ten kilometres.
    radius_m = 1_000.0
    quarter_m = radius_m * np.pi / 2

    def curvature_at(place_m: float) -> float:
        if 2_000 <= place_m < 2_000 + quarter_m:
            return 1 / radius_m
        return -1 / radius_m if 6_000 <= place_m < 6_000 + quarter_m else 0.0

    turned = turning_deg_per_km(of(drawn(curvature_at, length_m=10_000)))
    assert turned == pytest.approx(18.0, rel=0.01)


def test_seen_from_the_other_end_the_hand_changes() -> None:
    line = drawn(lambda s: 1 / 800 if 2_000 < s < 3_000 else 0.0, length_m=6_000, noise_m=0.2)
    there, back = of(line), of(reverse(Route(lonlat=line)).lonlat)
    length_m = there.chainage_m[-1]
    mirrored = np.interp(
        length_m - there.chainage_m, back.chainage_m, back.curvature_per_m
    )  # fmt: skip
    assert np.abs(there.curvature_per_m + mirrored).max() < 1e-4


def test_identical_vertices_and_joining_parts_change_nothing() -> None:
    line = drawn(lambda _: 1 / 500, length_m=2_000)
    repeated = np.repeat(line, 3, axis=0)
    np.testing.assert_allclose(inner(of(repeated)), inner(of(line)), rtol=1e-9)
    parts = np.vstack((line[:41], line[40:]))
    joined = estimate_curvature(lay_ruler(parts, part_starts=np.array([0, 41])))
    np.testing.assert_allclose(inner(joined), inner(of(line)), rtol=1e-9)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_too_few_vertices_tell_nothing(count: int) -> None:
    curvature = of(drawn(lambda _: 0.001, length_m=25.0 * (count - 1)))
    assert np.isnan(curvature.curvature_per_m).all()
    assert smallest_radius(curvature) is None
    assert turning_deg_per_km(curvature) is None


@pytest.mark.parametrize("decimals", [5, 6, 7])
def test_rounding_is_taken_for_what_it_is(decimals: int) -> None:
    line = np.round(drawn(lambda _: 1 / 1_000, length_m=3_000, step_m=13.0), decimals)
    np.testing.assert_allclose(inner(of(line)), 1 / 1_000, rtol=0.1)


def test_a_closed_loop_and_a_place_are_finite() -> None:
    loop = drawn(lambda _: 1 / 300, length_m=2 * np.pi * 300)
    np.testing.assert_allclose(inner(of(loop)), 1 / 300, rtol=5e-3)
    still = of(np.tile([[9.0, 50.0]], (20, 1)))
    assert np.isnan(still.curvature_per_m).all()


def test_an_accuracy_that_is_given_smooths_what_it_must() -> None:
    line = drawn(lambda _: 0.0, length_m=20_000, step_m=10.0)
    rng = np.random.default_rng(4)
    drift = np.convolve(rng.normal(0, 1, len(line) + 40), np.ones(41) / np.sqrt(41), "valid")
    line[:, 1] += 0.5 * drift[: len(line)] / 111_132
    assert np.abs(inner(of(line, accuracy_m=5.0))).max() < np.abs(inner(of(line))).max()


def verdict(radius_m: float, declared_m: float, *, noise_m: float = 0.0) -> str:
    line = drawn(
        lambda s: 1 / radius_m if 3_000 < s < 5_000 else 0.0, length_m=8_000, noise_m=noise_m
    )
    route = Route(lonlat=line, declared=Declared(min_radius_m=declared_m))
    [only] = judge(measure(route))
    return only.outcome


@pytest.mark.parametrize(
    "radius_m,declared_m,noise_m,outcome",
    [
        (1_200, 1_000.0, 0.0, "agrees"),
        (2_000, 1_000.0, 0.3, "agrees"),
        (500, 1_000.0, 0.3, "differs"),
        (7_000, 8_000.0, 15.0, "untestable"),
    ],
)
def test_a_declared_radius_is_judged_by_what_the_vertices_prove(
    radius_m: float, declared_m: float, noise_m: float, outcome: str
) -> None:
    assert verdict(radius_m, declared_m, noise_m=noise_m) == outcome


def test_a_sharper_curve_is_a_finding_with_its_place() -> None:
    line = drawn(lambda s: 1 / 500 if 3_000 < s < 5_000 else 0.0, length_m=8_000)
    route = Route(lonlat=line, declared=Declared(min_radius_m=1_000.0))
    [finding] = [f for f in check(measure(route)) if f.code == "declared.min_radius"]
    assert finding.chainage_m is not None
    assert 3_000 < finding.chainage_m < 5_000
    assert "sharper" in finding.message


def test_nothing_sure_gives_only_a_bound() -> None:
    curvature = Curvature(
        chainage_m=np.array([0.0, 1.0, 2.0]),
        curvature_per_m=np.array([1e-5, -1e-5, 1e-5]),
        sd_per_m=np.full(3, 1e-5),
        width_m=np.ones(3),
    )
    found = smallest_radius(curvature)
    assert isinstance(found, SmallestRadius)
    assert found.radius_m is None
    assert found.low_m == pytest.approx(1 / (1e-5 * 2.96))
