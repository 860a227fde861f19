"""The search for alignments: reverse curves, corners, ends, rough and simplified lines."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from pyproj import Geod

from geo_routes.alignment import Alignment, fit_alignment
from geo_routes.alignment.chains import Chain, straight_chain, with_more, without
from geo_routes.alignment.likelihood import fit_chains
from geo_routes.alignment.sights import Expectation, Sight
from geo_routes.chainage import lay_ruler
from geo_routes.model import FloatArray

GEOD = Geod(ellps="WGS84")


def drawn(
    elements: Sequence[tuple[float, float, float]], *, step_m: float = 20.0, noise_m: float = 0.0
) -> FloatArray:
    """Draw (length, curvature at begin, at end) by short geodesics; no length is a corner."""
    fine_m, azimuth = 2.0, 70.0
    lon, lat, since_m = 9.0, 48.0, 0.0
    rows = [(lon, lat)]
    for length_m, low, high in elements:
        if length_m == 0:
            azimuth -= low
            continue
        count = round(length_m / fine_m)
        for i in range(count):
            turn = np.degrees((low + (high - low) * (i + 0.5) / count) * fine_m) / 2
            lon, lat, back = GEOD.fwd(lon, lat, azimuth - turn, fine_m)
            azimuth = back + 180 - turn
            since_m += fine_m
            if since_m >= step_m - 1e-9:
                rows.append((lon, lat))
                since_m = 0.0
    line = np.array(rows)
    away = np.random.default_rng(8).normal(0, noise_m, line.shape)
    return line + away / [111_320 * np.cos(np.radians(48)), 111_132]


def fit(lonlat: FloatArray, **options: float) -> Alignment:
    return fit_alignment(lay_ruler(lonlat), **options)


def curve(length_m: float, radius_m: float, ramp_m: float) -> list[tuple[float, float, float]]:
    k = 1 / radius_m
    return [(ramp_m, 0, k), (length_m, k, k), (ramp_m, k, 0)]


@pytest.mark.parametrize("turn_deg", [3.0, -8.0, 20.0])
def test_a_corner_is_a_kink_and_no_curve(turn_deg: float) -> None:
    line = drawn([(3_000, 0, 0), (0, turn_deg, 0), (3_000, 0, 0)], noise_m=0.1)
    found = fit(line)
    assert found.curves == ()
    [kink] = found.kinks
    assert kink.at_m == pytest.approx(3_000, abs=25)
    assert kink.turn_deg == pytest.approx(turn_deg, abs=0.3)
    assert kink.hand == ("left" if turn_deg > 0 else "right")


def test_a_sharp_curve_is_no_kink() -> None:
    found = fit(drawn([(2_000, 0, 0), *curve(60, 200, 0), (2_000, 0, 0)], step_m=10, noise_m=0.1))
    assert found.kinks == ()
    [sharp] = found.curves
    assert sharp.radius_m == pytest.approx(200, rel=0.05)


@pytest.mark.parametrize("between_m", [0.0, 60.0, 400.0])
def test_a_reverse_curve_is_two_hands(between_m: float) -> None:
    parts = [(1_500, 0, 0), *curve(400, 600, 80)]
    parts += [(between_m, 0, 0)] if between_m else []
    parts += [*curve(400, -800, 80), (1_500, 0, 0)]
    curves = fit(drawn(parts, noise_m=0.2)).curves
    assert [c.hand for c in curves] == ["left", "right"]
    assert [c.radius_m for c in curves] == pytest.approx([600, 800], rel=0.03)


def test_without_noise_radii_and_ramps_are_exact() -> None:
    found = fit(drawn([(2_000, 0, 0), *curve(500, 700, 100), (2_000, 0, 0)], step_m=10))
    tangent, ramp, arc, back, _ = found.elements
    assert tangent.kind == "tangent"
    assert arc.radius_m == pytest.approx(700, rel=5e-4)
    assert ramp.length_m == pytest.approx(100, abs=3)
    # A² = R L.
    assert ramp.clothoid_m == pytest.approx(np.sqrt(700 * 100), rel=0.02)
    assert back.to_m == pytest.approx(2_700, abs=3)


def test_a_line_may_begin_and_end_in_a_curve() -> None:
    k = 1 / 500
    found = fit(drawn([(600, k, k), (1_500, 0, 0), (600, -k, -k)], noise_m=0.1))
    assert found.elements[0].kind == found.elements[-1].kind == "circular_curve"
    assert [c.radius_m for c in found.curves] == pytest.approx([500, 500], rel=0.03)
    assert [c.hand for c in found.curves] == ["left", "right"]


def test_a_circle_is_one_curve() -> None:
    azimuths = np.linspace(0, 360, 181)
    lon, lat, _ = GEOD.fwd(np.full(181, 9.0), np.full(181, 48.0), azimuths, np.full(181, 1_000.0))
    found = fit(np.column_stack((lon, lat)))
    assert {e.kind for e in found.elements} == {"circular_curve"}
    # A geodesic circle of radius r turns by cos(r / R) / (R sin(r / R)), on a sphere of like size.
    assert found.curves[0].radius_m == pytest.approx(1_000, rel=1e-3)


def test_a_gentle_curve_far_from_any_other_is_found() -> None:
    k = 1 / 40_000
    found = fit(drawn([(5_000, 0, 0), (3_000, k, k), (5_000, 0, 0)], step_m=50, noise_m=0.5))
    [gentle] = found.curves
    assert gentle.radius_low_m is not None
    assert gentle.radius_low_m < 40_000 < (gentle.radius_high_m or np.inf)
    assert gentle.radius_m == pytest.approx(40_000, rel=0.1)


def test_a_simplified_line_keeps_its_radii() -> None:
    parts = [
        (1_500, 0, 0),
        *curve(500, 600, 90),
        (1_200, 0, 0),
        *curve(400, -900, 80),
        (1_500, 0, 0),
    ]
    line = drawn(parts, step_m=4)
    scale = np.array([np.cos(np.radians(48)), 1.0]) * 111_132
    kept = shapely.get_coordinates(shapely.LineString(line * scale).simplify(1.0)) / scale
    assert len(kept) < 45
    radii = [c.radius_m for c in fit(kept).curves if c.status == "measured"]
    assert radii == pytest.approx([600, 900], rel=0.03)


def test_a_stretch_drawn_roughly_does_not_fill_with_curves() -> None:
    line = drawn([(6_000, 0, 0), *curve(600, 900, 100), (6_000, 0, 0)], step_m=10)
    rough = slice(150, 300)
    away = np.random.default_rng(2).normal(0, 1.5, (150, 2))
    line[rough] += away / [111_320 * np.cos(np.radians(48)), 111_132]
    curves = fit(line).curves
    assert [c.radius_m for c in curves] == pytest.approx([900], rel=0.01)


def test_accuracy_smooths_what_neighbours_share() -> None:
    steps, rng = 2_000, np.random.default_rng(4)
    shared = np.zeros((steps, 2))
    for i, kick in enumerate(rng.normal(0, 1, (steps, 2))):
        shared[i] = 0.95 * shared[i - 1] + np.sqrt(1 - 0.95**2) * kick
    line = drawn([(20_000, 0, 0)], step_m=10)[:steps]
    line += shared / [111_320 * np.cos(np.radians(48)), 111_132]
    assert len(fit(line, accuracy_m=3.0).curves) <= 1 < len(fit(line).curves)
    # Neighbours 10 m apart share 0.95 of it: that is to 1 / e over 195 m.
    assert fit(line, accuracy_m=1.0, correlation_m=-10 / np.log(0.95)).curves == ()


def test_chains_lose_and_gain_a_plateau() -> None:
    one = with_more(straight_chain(), from_m=100, to_m=300, more_per_m=1e-3, near_m=20)
    assert one is not None
    assert one.curvature_per_m.tolist() == [0, 1e-3, 0]
    assert one.middle_m.tolist() == [100, 300]
    two = with_more(one, from_m=200, to_m=300, more_per_m=5e-4, near_m=20)
    assert two is not None
    assert two.curvature_per_m == pytest.approx([0, 1e-3, 1.5e-3, 0])
    back = without(two, 1)
    # The one jump that is left turns the line as far as the two did: 1e-3 at 100, 0.5e-3 at 200.
    assert back.middle_m == pytest.approx([400 / 3, 300])
    assert back.curvature_per_m.tolist() == [0, 1.5e-3, 0]
    assert len(without(one, 1)) == 0


def test_many_fits_at_once_are_each_as_alone() -> None:
    rng = np.random.default_rng(1)
    expected = Expectation(sigma_m=0.3, curvature_per_m=1e-3, spacing_m=300)
    tasks = []
    for count, k in itertools.product((30, 70), (1e-3, -2e-3)):
        s = np.linspace(0, 1_000, count)
        way = k * (np.maximum(s - 300, 0) ** 2 - np.maximum(s - 600, 0) ** 2) / 2
        sight = Sight(
            place_m=s,
            across_m=way + rng.normal(0, 0.3, count),
            weight=np.ones(count),
            least_m=5,
        )
        begin = Chain(
            middle_m=np.array([320.0, 580.0]),
            ramp_m=np.array([40.0, 40.0]),
            curvature_per_m=np.zeros(3),
            straight=np.array([True, False, True]),
            abrupt=np.zeros(2, dtype=np.bool_),
        )
        tasks.append((sight, begin))
    together = fit_chains(tasks, expected, steps=50)
    for task, fit_together, k in zip(tasks, together, (1e-3, -2e-3) * 2, strict=True):
        [alone] = fit_chains([task], expected, steps=50)
        assert alone.cost == pytest.approx(fit_together.cost, abs=1e-3)
        value = fit_together.chain.curvature_per_m[1]
        assert abs(value - k) < 4 * fit_together.curvature_sd[1]
