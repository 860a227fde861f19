"""Transition curves against integrals and closed forms that are not ours."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import fresnel

from geo_routes.axis import DesignElement, draw_element
from geo_routes.errors import InvalidNoun

RADIUS_M, LENGTH_M = 300.0, 120.0
# Curvature over length, as the textbooks give it, at u from 0 to 1.
BY_LENGTH: dict[str, Callable[[float], float]] = {
    "clothoid": lambda u: u,
    "bloss": lambda u: 3 * u**2 - 2 * u**3,
    "cosine": lambda u: (1 - math.cos(math.pi * u)) / 2,
    "sinusoid": lambda u: u - math.sin(2 * math.pi * u) / (2 * math.pi),
    "biquadratic": lambda u: 2 * u**2 if u < 0.5 else -1 + 4 * u - 2 * u**2,
    "wiener_bogen": lambda u: 35 * u**4 - 84 * u**5 + 70 * u**6 - 20 * u**7,
}


def ordinate(kind: str, x: float, whole: float) -> float:
    """y over the tangent, as the makers of design programs document it; X is ``whole``."""
    a = x / whole
    if kind == "cubic":
        return x**3 / (6 * RADIUS_M * LENGTH_M)
    if kind in ("cubic_parabola", "japanese_cubic"):
        return x**3 / (6 * RADIUS_M * whole)
    if kind == "sine_half_wave":
        return whole**2 / RADIUS_M * (a**2 / 4 - (1 - math.cos(a * math.pi)) / (2 * math.pi**2))
    # Schramm's parabola: of fourth order to the middle, and mirrored from there.
    if a <= 0.5:
        return x**4 / (6 * RADIUS_M * whole**2)
    return whole**2 / RADIUS_M * (a**3 * 2 / 3 - a**4 / 6 - a**2 / 2 + a / 6 - 1 / 48)


def transition(kind: str, start: float, end: float, length: float = LENGTH_M) -> DesignElement:
    return DesignElement(
        kind="transition", length_m=length, curvature_from_per_m=start, curvature_to_per_m=end,
        spiral=kind,
    )  # fmt: skip


@pytest.mark.parametrize("kind", list(BY_LENGTH))
@pytest.mark.parametrize(
    "ends", [(0.0, 1 / 300), (-1 / 500, 0.0), (1 / 900, 1 / 250), (-0.002, 0.004)]
)
def test_positions_are_the_integral_of_the_heading(kind: str, ends: tuple[float, float]) -> None:
    growth = BY_LENGTH[kind]

    def heading(s: float) -> float:
        split = [LENGTH_M / 2] if s > LENGTH_M / 2 else None
        turned, _ = quad(
            lambda t: ends[0] + (ends[1] - ends[0]) * growth(t / LENGTH_M), 0, s,
            points=split, epsabs=1e-13,
        )  # fmt: skip
        return float(turned)

    drawn = draw_element(transition(kind, *ends), np.array([0.0, 40.0, LENGTH_M]))
    for row, s in zip(drawn.xy_m, (0.0, 40.0, LENGTH_M), strict=True):
        x, _ = quad(lambda t: math.cos(heading(t)), 0, s, epsabs=1e-9)
        y, _ = quad(lambda t: math.sin(heading(t)), 0, s, epsabs=1e-9)
        assert row.tolist() == pytest.approx([x, y], abs=1e-8)
    assert drawn.heading_rad[-1] == pytest.approx(heading(LENGTH_M), abs=1e-12)


def test_a_clothoid_is_fresnels() -> None:
    s = np.linspace(0, LENGTH_M, 50)
    scale = math.sqrt(math.pi * RADIUS_M * LENGTH_M)
    sine, cosine = fresnel(s / scale)
    drawn = draw_element(transition("clothoid", 0.0, 1 / RADIUS_M), s)
    assert np.abs(drawn.xy_m - np.column_stack((cosine, sine)) * scale).max() < 1e-11


@pytest.mark.parametrize(
    "kind", ["cubic", "cubic_parabola", "japanese_cubic", "sine_half_wave", "biquadratic_parabola"]
)
def test_curves_over_the_tangent_have_their_ordinate_and_their_length(kind: str) -> None:
    drawn = draw_element(transition(kind, 0.0, 1 / RADIUS_M), np.linspace(0, LENGTH_M, 100_001))
    whole = float(drawn.xy_m[-1, 0])
    for row in drawn.xy_m[::10_000]:
        assert row[1] == pytest.approx(ordinate(kind, row[0], whole), abs=1e-8)
    walked = float(np.linalg.norm(np.diff(drawn.xy_m, axis=0), axis=1).sum())
    assert walked == pytest.approx(LENGTH_M, abs=1e-7)


def test_the_radioid_bends_with_its_abscissa() -> None:
    drawn = draw_element(transition("radioid", 0.0, 1 / RADIUS_M), np.linspace(0, LENGTH_M, 10_001))
    curvature = np.gradient(drawn.heading_rad, LENGTH_M / 10_000)
    wanted = drawn.xy_m[:, 0] / drawn.xy_m[-1, 0] / RADIUS_M
    assert np.abs(curvature - wanted)[1:-1].max() < 1e-8


@pytest.mark.parametrize("kind", [*BY_LENGTH, "cubic", "sine_half_wave", "radioid"])
def test_a_curve_run_backwards_is_the_same_curve(kind: str) -> None:
    s = np.linspace(0, LENGTH_M, 13)
    ahead = draw_element(transition(kind, 0.0, 1 / RADIUS_M), s)
    back = draw_element(transition(kind, -1 / RADIUS_M, 0.0), s)
    # Laid on the other from its end, heading against it: a right-hand curve of falling curvature.
    turn = ahead.heading_rad[-1] + math.pi
    cos, sin = math.cos(turn), math.sin(turn)
    laid = back.xy_m @ np.array([[cos, sin], [-sin, cos]]) + ahead.xy_m[-1]
    assert np.abs(laid[::-1] - ahead.xy_m).max() < 1e-9


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "tangent", "length_m": 0.0},
        {"kind": "tangent", "length_m": 10.0, "curvature_from_per_m": 0.1},
        {"kind": "circular_curve", "length_m": 10.0},
        {"kind": "transition", "length_m": 10.0},
        {"kind": "tangent", "length_m": 10.0, "spiral": "bloss"},
        {"kind": "circular_curve", "length_m": math.nan, "curvature_from_per_m": 1.0,
         "curvature_to_per_m": 1.0},
        {"kind": "transition", "length_m": 10.0, "curvature_from_per_m": 0.1,
         "curvature_to_per_m": 0.2, "spiral": "cubic"},
    ],
)  # fmt: skip
def test_what_is_no_element_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(InvalidNoun):
        DesignElement(**members)
