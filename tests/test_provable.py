"""What vertices can prove: the formula against simulation, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pyproj import Geod

from geo_routes.alignment import Detectable, detectable_radii
from geo_routes.checks import check, figures_to_judge, judge
from geo_routes.model import Declared, FloatArray, Route
from geo_routes.survey import Survey, measure

GEOD = Geod(ellps="WGS84")


def found_share(places_m: FloatArray, begin_m: float, curve_m: float, radius_m: float) -> float:
    """Simulate: how often a straight line is refused for vertices on a curve between straights.

    The curve is fitted to the vertices by ordinary least squares, and called one where its
    curvature is more than 1.96 of its standard deviations from nothing.
    """
    rng = np.random.default_rng(8)
    inside = (places_m >= begin_m - curve_m) & (places_m < begin_m + 2 * curve_m)
    s = places_m[inside] - begin_m
    fine = np.linspace(s[0], s[-1], 60_001)
    heading = np.cumsum((fine > 0) & (fine <= curve_m)) * (fine[1] - fine[0])
    aside = np.interp(s, fine, np.cumsum(heading) * (fine[1] - fine[0]))
    design = np.column_stack((np.ones_like(s), s, aside))
    sd = np.sqrt(np.linalg.inv(design.T @ design)[2, 2])
    trials = aside / radius_m + rng.normal(0, 1, (4_000, len(s)))
    fitted = np.linalg.lstsq(design, trials.T, rcond=None)[0][2]
    return float(np.mean(np.abs(fitted) > 1.96 * sd))


@pytest.mark.parametrize("step_m,curve_m", [(50.0, 200.0), (20.0, 200.0), (100.0, 600.0)])
def test_of_curves_at_the_radius_19_of_20_are_found_and_at_twice_it_half(
    step_m: float, curve_m: float
) -> None:
    places_m = np.arange(0.0, 20_000.0, step_m)
    places_m[1:-1] += np.random.default_rng(1).uniform(-0.3, 0.3, len(places_m) - 2) * step_m
    # One place only: there the radius is that of the test, and not the least of many places.
    [told] = detectable_radii(
        places_m, sigma_m=1.0, edges_m=[9_000, 9_000 + curve_m], curve_lengths_m=[curve_m]
    )
    assert told.radius_m is not None
    assert found_share(places_m, 9_000, curve_m, told.radius_m) == pytest.approx(0.95, abs=0.02)
    assert found_share(places_m, 9_000, curve_m, 2 * told.radius_m) == pytest.approx(0.44, abs=0.05)


def radius_m(places_m: FloatArray, **options: object) -> float:
    [told] = detectable_radii(places_m, **{"sigma_m": 1.0, "edges_m": [2e3, 8e3], **options})
    assert isinstance(told, Detectable)
    return told.radius_m or 0.0


def test_more_or_better_vertices_and_longer_curves_prove_more() -> None:
    dense, sparse = np.arange(0.0, 1e4, 10), np.arange(0.0, 1e4, 100)
    few = {"curve_lengths_m": [200.0]}
    assert radius_m(dense, **few) > radius_m(sparse, **few)
    half = radius_m(sparse, sigma_m=0.5, **few)
    assert half == pytest.approx(2 * radius_m(sparse, **few))
    assert radius_m(sparse, curve_lengths_m=[600.0]) > 5 * radius_m(sparse, **few)
    gap = np.delete(sparse, slice(45, 60))
    assert radius_m(gap, **few) < radius_m(sparse, **few) / 1.5


def test_with_many_vertices_it_is_a_closed_form() -> None:
    # f over (-L, 2L), less its regression on 1 and s: the sum of squares per vertex is
    # L⁵ (c0 - c1² / 3 - c2² / 2.25) with c0, c1, c2 the integrals of f², f, f (s - L / 2), L = 1.
    s = (np.arange(300_000) + 0.5) / 100_000 - 1
    f = np.where(s < 1, np.maximum(s, 0) ** 2 / 2, s - 0.5)
    c0, c1, c2 = (float(np.mean(v) * 3) for v in (f**2, f, f * (s - 0.5)))
    left = 200**5 * (c0 - c1**2 / 3 - c2**2 / 2.25) / 0.5
    places_m = np.arange(0.0, 1e4, 0.5)
    wanted = np.sqrt(left) / 3.6048
    assert radius_m(places_m, curve_lengths_m=[200.0]) == pytest.approx(wanted, rel=0.01)


def test_two_vertices_prove_nothing() -> None:
    [told] = detectable_radii(
        np.array([0.0, 5_000.0]), sigma_m=0.1, edges_m=[0, 5_000], curve_lengths_m=[600.0]
    )
    assert told.radius_m is None


def drawn(
    curvature_at: Callable[[float], float], *, length_m: float, step_m: float, noise_m: float = 0.0
) -> FloatArray:
    """Draw a line of given curvature by short geodesics, a vertex every so often."""
    (lon, lat), azimuth, fine_m = (9.0, 48.0), 30.0, 5.0
    rows = [(lon, lat)]
    for i in range(round(length_m / fine_m)):
        turn = np.degrees(curvature_at((i + 0.5) * fine_m) * fine_m) / 2
        lon, lat, back = GEOD.fwd(lon, lat, azimuth - turn, fine_m)
        azimuth = back + 180 - turn
        if (i + 1) % round(step_m / fine_m) == 0:
            rows.append((lon, lat))
    away = np.random.default_rng(2).normal(0, noise_m, (len(rows), 2))
    return np.array(rows) + away / [111_320 * np.cos(np.radians(48)), 111_132]


def surveyed(line: FloatArray, **properties: object) -> Survey:
    route = Route(lonlat=line, **properties)
    return measure(route, figures=figures_to_judge(route))


def outcome(survey: Survey) -> tuple[str, str]:
    [only] = judge(survey)
    return only.outcome, only.reason


def curved(s: float) -> float:
    return 1 / 9_000 if 6_000 < s < 9_000 else 0.0


def test_a_declared_radius_is_verified_where_no_curve_could_hide() -> None:
    line = drawn(curved, length_m=15_000, step_m=50, noise_m=0.3)
    said = outcome(surveyed(line, declared=Declared(min_radius_m=8_000)))
    assert said == ("agrees", "no curve of 1,000 m or more is sharper")


def test_a_declared_radius_is_contradicted_by_a_sharper_curve() -> None:
    line = drawn(lambda s: 0.5e-3 if 6_000 < s < 9_000 else 0.0, length_m=15_000, step_m=50)
    said, reason = outcome(surveyed(line, declared=Declared(min_radius_m=8_000)))
    assert said == "differs"
    assert "sharper" in reason


def test_a_declared_radius_is_untestable_where_a_curve_could_hide() -> None:
    # A curve of 300 m radius over 60 m rises by 1.5 m: vertices 1 m off do not measure it.
    line = drawn(lambda _: 0.0, length_m=15_000, step_m=20, noise_m=1.0)
    said, reason = outcome(surveyed(line, declared=Declared(min_radius_m=300)))
    assert said == "untestable"
    assert "one of 60 m rises by 1.50 m only" in reason


def jumping(step_m: float = 5.0) -> FloatArray:
    return drawn(lambda s: 1 / 300 if 1_000 < s < 1_400 else 0.0, length_m=2_400, step_m=step_m)


@pytest.mark.parametrize("mode,count", [(None, 2), ("rail", 2), ("tram", 0)])
def test_jumps_are_notes_and_none_of_a_tramway(mode: str | None, count: int) -> None:
    route = Route(lonlat=jumping(), mode=mode, declared=Declared(max_speed_kmh=100))
    survey = measure(route, figures=figures_to_judge(route, alignment=True))
    jumps = [f for f in check(survey) if f.code == "alignment.jump"]
    assert [f.severity for f in jumps] == ["note"] * count
    if jumps:
        assert jumps[0].chainage_m == pytest.approx(1_000, abs=15)
        # V² k = (100 / 3.6)² / 300
        assert "2.6 m/s²" in jumps[0].message


def test_the_alignment_is_not_fitted_unless_something_asks_for_it() -> None:
    plain, asked = Route(lonlat=jumping()), Declared(min_radius_m=300)
    assert "alignment" not in figures_to_judge(plain)
    assert "alignment" in figures_to_judge(plain, alignment=True)
    assert "alignment" in figures_to_judge(Route(lonlat=jumping(), declared=asked))
    survey = measure(plain, figures=figures_to_judge(plain))
    assert survey.alignment is survey.curvature is survey.axis is None


def test_short_elements_are_told_when_asked_for() -> None:
    route = Route(lonlat=jumping())
    survey = measure(route, figures=figures_to_judge(route, alignment=True))

    def codes(**options: float) -> list[str]:
        return [f.code for f in check(survey, **options)]

    assert "alignment.short_element" not in codes()
    assert "alignment.short_element" not in codes(shortest_element_m=300)
    assert "alignment.short_element" in codes(shortest_element_m=500)
