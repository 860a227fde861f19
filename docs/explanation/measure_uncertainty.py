"""Try the interval for the length of the axis on a line whose true length is known.

The line is made here: straights and curves of 1,500 m radius in turn, 20 km. Its vertices are
moved at random, measured, and the error is held against `length_uncertainty_m`. Run it from the
root of the checkout; it takes a minute.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import Geod

import geo_routes as gr
from geo_routes.survey import Figure

FloatArray = npt.NDArray[np.float64]

GEOD = Geod(ellps="WGS84")
GRAIN_M = 0.5
LENGTH_M, STRAIGHT_M, CURVE_M, RADIUS_M = 20_000.0, 2_000.0, 1_500.0, 1_500.0
SHARED_OVER_M = 1_000.0
TRIALS = 100
WANTED: tuple[Figure, ...] = ("length",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One survey of the line: spacing and noise of its vertices, and what is said of them."""

    spacing_m: int
    noise_m: float
    accuracy_m: float | None
    shared: bool = False


CASES = (
    Case(spacing_m=100, noise_m=0, accuracy_m=None),
    Case(spacing_m=500, noise_m=0, accuracy_m=None),
    Case(spacing_m=25, noise_m=1, accuracy_m=1),
    Case(spacing_m=100, noise_m=3, accuracy_m=3),
    Case(spacing_m=100, noise_m=3, accuracy_m=None),
    Case(spacing_m=500, noise_m=10, accuracy_m=10),
    Case(spacing_m=10, noise_m=3, accuracy_m=None),
    Case(spacing_m=25, noise_m=3, accuracy_m=1),
    Case(spacing_m=3, noise_m=3, accuracy_m=3),
    Case(spacing_m=25, noise_m=3, accuracy_m=3, shared=True),
    Case(spacing_m=25, noise_m=3, accuracy_m=None, shared=True),
)


def axis_m() -> FloatArray:
    """Give the axis as points half a metre apart, on a plane with its middle at the origin."""
    along = np.arange(0, LENGTH_M + GRAIN_M, GRAIN_M)
    turn, within = np.divmod(along, STRAIGHT_M + CURVE_M)
    hand = np.where(turn % 2 == 0, 1, -1)
    curvature = np.where(within < STRAIGHT_M, 0.0, hand / RADIUS_M)
    heading = np.concatenate(([0.0], np.cumsum(GRAIN_M * curvature[:-1])))
    middle = (heading[1:] + heading[:-1]) / 2
    steps = GRAIN_M * np.column_stack((np.cos(middle), np.sin(middle)))
    return np.concatenate(([[0.0, 0.0]], np.cumsum(steps, axis=0))) - (LENGTH_M * 0.45, 0.0)


def on_earth(place_m: FloatArray) -> FloatArray:
    """Lay points of the plane on the ellipsoid by azimuth and distance from its origin."""
    x, y = place_m.T
    centre = np.full(len(x), 10.0), np.full(len(x), 47.0)
    longitude, latitude, _ = GEOD.fwd(*centre, np.degrees(np.arctan2(x, y)), np.hypot(x, y))
    return np.column_stack((longitude, latitude))


def noise(case: Case, count: int, random: np.random.Generator) -> FloatArray:
    """Give the error of each vertex; a shared one is alike for neighbours over a kilometre."""
    if not case.shared:
        return random.normal(0, case.noise_m, (count, 2))
    reach = int(4 * SHARED_OVER_M / case.spacing_m)
    weight = np.exp(-0.5 * (np.arange(-reach, reach + 1) * case.spacing_m / SHARED_OVER_M) ** 2)
    weight /= np.linalg.norm(weight)
    raw = random.normal(0, case.noise_m, (2, count + 2 * reach))
    return np.column_stack([np.convolve(row, weight, "valid") for row in raw])


def trial(case: Case, axis: FloatArray, random: np.random.Generator) -> tuple[float, float]:
    """Give the error of one measured length, and the uncertainty stated with it."""
    every = round(case.spacing_m / GRAIN_M)
    vertices = axis[::every]
    true_m = float(GEOD.line_length(*on_earth(axis[: every * (len(vertices) - 1) + 1]).T))
    lonlat = on_earth(vertices + noise(case, len(vertices), random))
    survey = gr.measure(gr.Route(lonlat=lonlat, accuracy_m=case.accuracy_m), figures=WANTED)
    return survey.length_m - true_m, survey.length_uncertainty_m or 0.0


def main() -> None:
    """Write the table."""
    out = sys.stdout.write
    out("| vertices every | their noise | `accuracy_m` | mean error | stated ± | within it |\n")
    out("|---|---|---|---|---|---|\n")
    axis = axis_m()
    for case in CASES:
        random = np.random.default_rng(1)
        tries = np.array([trial(case, axis, random) for _ in range(TRIALS)])
        error_m, stated_m = tries.T
        shared = ", shared by neighbours" if case.shared and case.noise_m else ""
        said = "not given" if case.accuracy_m is None else f"{case.accuracy_m:g}"
        out(
            f"| {case.spacing_m} m | {case.noise_m:g} m{shared} | {said} "
            f"| {error_m.mean():+,.2f} m | {stated_m.mean():,.2f} m "
            f"| {np.mean(np.abs(error_m) <= stated_m):.0%} |\n"
        )


if __name__ == "__main__":
    main()
