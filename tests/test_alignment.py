"""Alignments: lines of known tangents, transitions and curves, drawn on the ellipsoid."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from pyproj import Geod

from geo_routes.alignment import Alignment, Element, fit_alignment
from geo_routes.chainage import lay_ruler
from geo_routes.model import FloatArray

GEOD = Geod(ellps="WGS84")

# (length, curvature at its begin, at its end): a railway with all that it is made of.
RAILWAY = (
    (2_000, 0.0, 0.0),
    (120, 0.0, 1 / 900),
    (600, 1 / 900, 1 / 900),
    (120, 1 / 900, 0.0),
    (1_500, 0.0, 0.0),
    (300, 0.0, -1 / 2_500),
    (900, -1 / 2_500, -1 / 2_500),
    (300, -1 / 2_500, 0.0),
    (2_000, 0.0, 0.0),
)


def drawn(
    elements: Sequence[tuple[float, float, float]],
    *,
    step_m: float = 20.0,
    noise_m: float = 0.0,
    start: tuple[float, float] = (9.0, 48.0),
) -> FloatArray:
    """Draw elements by short geodesics, a vertex every so often, noise in both coordinates."""
    fine_m, azimuth = 2.0, 40.0
    rows, (lon, lat), since_m = [start], start, 0.0
    for length_m, low, high in elements:
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
    away = np.random.default_rng(3).normal(0, noise_m, line.shape)
    return line + away / [111_320 * np.cos(np.radians(start[1])), 111_132]


def fit(lonlat: FloatArray, **options: float) -> Alignment:
    return fit_alignment(lay_ruler(lonlat), **options)


@pytest.mark.parametrize("start", [(9.0, 48.0), (179.98, -20.0), (25.0, 70.0)])
@pytest.mark.parametrize("noise_m", [0.0, 0.1, 0.3])
def test_a_railway_comes_apart_into_what_it_was_made_of(
    noise_m: float, start: tuple[float, float]
) -> None:
    found = fit(drawn(RAILWAY, noise_m=noise_m, start=start))
    curves = [c for c in found.curves if c.status == "measured"]
    assert [c.hand for c in curves] == ["left", "right"]
    for curve, (radius_m, from_m) in zip(curves, ((900, 2_120), (2_500, 4_640)), strict=True):
        assert curve.radius_m == pytest.approx(radius_m, rel=0.02)
        assert curve.radius_low_m is not None
        assert curve.radius_high_m is not None
        assert curve.radius_low_m <= radius_m * 1.001
        assert curve.radius_high_m >= radius_m * 0.999
        assert curve.from_m == pytest.approx(from_m, abs=80)


def test_the_chain_has_neither_gaps_nor_overlaps() -> None:
    line = drawn(RAILWAY, noise_m=0.2)
    elements = fit(line).elements
    assert elements[0].from_m == 0
    assert elements[-1].to_m == pytest.approx(lay_ruler(line).length_m)
    for one, two in itertools.pairwise(elements):
        assert one.to_m == two.from_m
        assert one.length_m > 0


@pytest.mark.parametrize("step_m,noise_m", [(10, 0.3), (10, 1.0), (50, 1.0)])
def test_a_noisy_straight_is_one_tangent(step_m: float, noise_m: float) -> None:
    found = fit(drawn([(20_000, 0.0, 0.0)], step_m=step_m, noise_m=noise_m))
    assert [e.kind for e in found.elements] == ["tangent"]


def test_a_compound_curve_is_two() -> None:
    compound = [(1_500, 0, 0), (800, 1 / 1_500, 1 / 1_500), (800, 1 / 600, 1 / 600), (1_500, 0, 0)]
    radii = [c.radius_m for c in fit(drawn(compound, noise_m=0.1)).curves]
    assert radii == pytest.approx([1_500, 600], rel=0.03)


def test_it_turns_by_what_it_deflects() -> None:
    found = fit(drawn(RAILWAY, noise_m=0.1))
    turned = sum(e.deflection_deg for e in found.elements)
    exact = np.degrees(sum(length_m * (low + high) / 2 for length_m, low, high in RAILWAY))
    assert turned == pytest.approx(exact, abs=0.3)


def test_seen_from_the_other_end_hands_change() -> None:
    there = fit(drawn(RAILWAY, noise_m=0.1)).curves
    back = fit(drawn(RAILWAY, noise_m=0.1)[::-1].copy()).curves
    assert [c.hand for c in back] == ["left" if c.hand == "right" else "right" for c in there[::-1]]
    assert [c.radius_m for c in back] == pytest.approx([c.radius_m for c in there[::-1]], rel=0.02)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_too_few_vertices_have_no_elements(count: int) -> None:
    line = np.column_stack((np.linspace(9, 9.01, count), np.full(count, 50.0)))
    assert fit(line).elements == ()
    assert fit(np.tile([[9.0, 50.0]], (30, 1))).elements == ()


def test_identical_vertices_change_nothing() -> None:
    line = drawn(RAILWAY, noise_m=0.1)
    doubled = np.repeat(line, 2, axis=0)
    one, two = fit(line).curves, fit(doubled).curves
    assert [c.radius_m for c in one] == pytest.approx([c.radius_m for c in two], rel=1e-9)


def test_an_element_tells_its_clothoid_and_its_turn() -> None:
    ramp = Element(
        kind="transition", from_m=0, to_m=100, curvature_from_per_m=0, curvature_to_per_m=1 / 400
    )
    assert ramp.clothoid_m == pytest.approx(200)  # A = sqrt(R L)
    assert ramp.deflection_deg == pytest.approx(np.degrees(100 / 800))
    assert ramp.hand == "left"
    assert Element(kind="tangent", from_m=0, to_m=1).hand is None
