"""Figures of an alignment, held against closed forms on elements made by hand."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest

from geo_routes.alignment import (
    Alignment,
    AlignmentFigures,
    Element,
    alignment_figures,
    curvature_jumps,
    short_elements,
    sustained_radius,
)
from geo_routes.alignment.distribution import spread_of
from geo_routes.curvature import Curvature
from geo_routes.errors import InvalidNoun

Status = Literal["measured", "uncertain", "unresolved"]


def chain(
    *pieces: tuple[float, float, float], spread: float = 0.02, status: Status = "measured"
) -> tuple[Element, ...]:
    """Chain (length, curvature at its begin, at its end) to elements from chainage 0 on."""
    made: list[Element] = []
    at_m = 0.0
    for length_m, one, two in pieces:
        size = abs(one)
        arc = one == two != 0
        made.append(
            Element(
                kind="circular_curve" if arc else "tangent" if one == two else "transition",
                from_m=at_m,
                to_m=at_m + length_m,
                curvature_from_per_m=one,
                curvature_to_per_m=two,
                radius_m=1 / size if arc else None,
                radius_low_m=1 / size / (1 + spread) if arc else None,
                radius_high_m=1 / size / (1 - spread) if arc and spread < 1 else None,
                status=status if arc else "measured",
            )
        )
        at_m += length_m
    return tuple(made)


def aligned(
    elements: Sequence[Element], *, sigma_m: float = 0.1, smooth_per_m: float = 1e-5
) -> Alignment:
    ends_m = np.array([0.0, elements[-1].to_m if elements else 1.0])
    curvature = Curvature(
        chainage_m=ends_m,
        curvature_per_m=np.full(2, smooth_per_m),
        sd_per_m=np.full(2, 1e-5),
        width_m=np.full(2, 50.0),
    )
    return Alignment(elements=tuple(elements), curvature=curvature, sigma_m=sigma_m)


def figures(elements: Sequence[Element], **options: float) -> AlignmentFigures:
    found = alignment_figures(aligned(elements), **options)
    assert found is not None
    return found


K = 1 / 500
RAILWAY = chain(
    (400, 0, 0), (100, 0, K), (300, K, K), (200, K, -K), (100, -K, -K), (80, -K, 0), (1_320, 0, 0)
)


@pytest.mark.parametrize(
    "radius_m,length_m",
    [
        # The radius is below r where the curvature is above 1/r: in a transition over its length
        # times 1 - 500/r.
        (500, 0.0),
        (500.001, 400 + 380 * (1 - 500 / 500.001)),
        (1_000, 400 + 380 / 2),
        (2_000, 400 + 380 * 3 / 4),
        (1e12, 780 * (1 - 1e-9)),
        (400, 0.0),
    ],
)
def test_the_length_below_a_radius_is_exact_within_transitions(
    radius_m: float, length_m: float
) -> None:
    assert spread_of(RAILWAY).sharper_than_m(radius_m) == pytest.approx(length_m, abs=1e-5)


def test_turning_and_mean_curvature_are_the_integrals() -> None:
    found = figures(RAILWAY)
    # Triangles of transitions, rectangles of curves; the S is two triangles of 100 m.
    to_left, to_right = (50 + 300 + 50) * K, (50 + 100 + 40) * K
    assert found.fitted_m == pytest.approx(2_500)
    assert found.curved_m == pytest.approx(780)
    assert found.mean_curvature_per_m == pytest.approx((to_left + to_right) / 2_500)
    assert found.turning_deg_per_km == pytest.approx(np.degrees(to_left + to_right) / 2.5)
    assert found.net_turning_deg == pytest.approx(np.degrees(to_left - to_right))


def test_percentiles_are_lengths_of_the_curved_line() -> None:
    # 100 m at 300 m, 900 m at 1,000 m: the sharpest tenth ends with the first curve.
    two = figures(chain((100, 1 / 300, 1 / 300), (500, 0, 0), (900, -1e-3, -1e-3)))
    assert two.radius_percentile_m == {
        1: pytest.approx(300),
        5: pytest.approx(300),
        50: pytest.approx(1_000),
    }
    # A transition alone: its sharpest twentieth is curved by 95 % of the most.
    ramp = figures(chain((200, 0, 1 / 400)))
    assert ramp.radius_percentile_m[5] == pytest.approx(400 / 0.95)
    assert ramp.radius_percentile_m[50] == pytest.approx(800)
    assert figures(chain((200, 0, 0))).radius_percentile_m[50] is None


@pytest.mark.parametrize("seed", range(5))
def test_shares_and_percentiles_agree_with_a_fine_ruler(seed: int) -> None:
    rng = np.random.default_rng(seed)
    at = np.where(rng.random(13) < 0.3, 0.0, rng.normal(0, 2e-3, 13))
    pieces = [
        (float(rng.uniform(20, 300)), one, one if rng.random() < 0.4 else two)
        for one, two in itertools.pairwise(at.tolist())
    ]
    elements = chain(*pieces)
    grain = np.concatenate(
        [one + (two - one) * (np.arange(20_000) + 0.5) / 20_000 for _, one, two in pieces]
    )
    weight = np.repeat([length_m for length_m, _, _ in pieces], 20_000) / 20_000
    spread = spread_of(elements)
    for radius_m in (150, 300, 600, 1_500, 4_000):
        below_m = float(np.sum(weight[np.abs(grain) > 1 / radius_m]))
        assert spread.sharper_than_m(radius_m) == pytest.approx(below_m, abs=0.1)
    assert spread.curved_m == pytest.approx(float(np.sum(weight[grain != 0])), abs=0.1)
    order = np.argsort(-np.abs(grain))
    passed = np.cumsum(weight[order])
    for percent in (1, 5, 50):
        size = np.abs(grain[order])[np.searchsorted(passed, spread.curved_m * percent / 100)]
        assert spread.percentile_radius_m(percent) == pytest.approx(1 / size, rel=2e-3)


def test_a_short_sharp_curve_is_not_kept_up() -> None:
    elements = chain((500, 0, 0), (15, 1 / 100, 1 / 100), (500, 0, 0), (200, 1 / 900, 1 / 900))
    kept = sustained_radius(aligned(elements))
    assert kept is not None
    assert kept.radius_m == pytest.approx(900)
    assert kept.low_m == pytest.approx(900 / 1.02)
    assert kept.high_m == pytest.approx(900 / 0.98)
    assert kept.chainage_m == pytest.approx(1_115)


def test_how_long_a_radius_must_be_kept_up_can_be_said() -> None:
    elements = chain((30, 1 / 200, 1 / 200), (500, 0, 0), (400, 1 / 900, 1 / 900))
    assert figures(elements).smallest_radius == figures(elements, sustained_m=30).smallest_radius
    kept = figures(elements, sustained_m=31).smallest_radius
    assert kept is not None
    assert kept.radius_m == pytest.approx(900)
    with pytest.raises(InvalidNoun, match="sustained_m"):
        figures(elements, sustained_m=float("nan"))


def test_a_curve_that_does_not_stand_out_gives_a_bound_only() -> None:
    unsure = chain((500, 0, 0), (200, 1 / 900, 1 / 900), spread=0.8)
    found = sustained_radius(aligned(unsure, smooth_per_m=1e-3))
    assert found is not None
    assert (found.radius_m, found.high_m) == (None, None)
    assert found.low_m == pytest.approx(1 / (1e-3 + 1.96e-5))
    # Beside a sure one it still bounds what may be there.
    both = (*chain((400, 1 / 2_000, 1 / 2_000)),)
    other = Element(
        kind="circular_curve",
        from_m=400,
        to_m=600,
        curvature_from_per_m=1 / 900,
        curvature_to_per_m=1 / 900,
        radius_m=900,
        radius_low_m=500,
        status="uncertain",
    )
    found = sustained_radius(aligned((*both, other)))
    assert found is not None
    assert (found.radius_m, found.low_m) == (pytest.approx(2_000), pytest.approx(500))


def test_lengths_of_curves_by_status() -> None:
    elements = chain((300, K, K), (100, 0, 0), (50, K, K), status="uncertain")
    assert figures(elements).curve_status_m == {
        "measured": 0.0,
        "uncertain": pytest.approx(350),
        "unresolved": 0.0,
    }


def test_nothing_fitted_is_nothing_known() -> None:
    assert alignment_figures(aligned(())) is None


def test_a_jump_is_told_only_where_the_vertices_prove_it() -> None:
    elements = chain((500, 0, 0), (400, K, K), (30, K, 0), (500, 0, 0))
    # sqrt(24 * 3.6 * sigma / change): 20.8 m at 1 cm, 65.7 m at 10 cm.
    [jump] = curvature_jumps(aligned(elements, sigma_m=0.01), longest_m=25)
    assert (jump.chainage_m, jump.change_per_m) == (500, K)
    assert jump.longest_m == pytest.approx(np.sqrt(86.4 * 0.01 * 500))
    both = curvature_jumps(aligned(elements, sigma_m=0.01), longest_m=40)
    assert [j.transition_m for j in both] == [0, 30]
    assert both[1].longest_m == pytest.approx(np.sqrt(900 + 86.4 * 0.01 * 500))
    assert curvature_jumps(aligned(elements, sigma_m=0.1), longest_m=25) == ()
    assert curvature_jumps(aligned(elements, sigma_m=0.01), longest_m=25, breaks_m=[500.0]) == ()


def test_a_jump_beside_what_is_not_measured_is_none() -> None:
    elements = chain((500, 0, 0), (400, K, K), (500, 0, 0), status="uncertain")
    assert curvature_jumps(aligned(elements, sigma_m=0.001), longest_m=100) == ()


def test_short_elements_are_those_between_others() -> None:
    elements = chain((10, 0, 0), (60, K, K), (30, 0, 0), (200, -K, -K), (50, -K, 0), (20, 0, 0))
    found = short_elements(aligned(elements), least_m=80)
    assert [(e.kind, e.length_m) for e in found] == [("circular_curve", 60), ("tangent", 30)]
    assert short_elements(aligned(elements), least_m=80, breaks_m=[70.0]) == ()
