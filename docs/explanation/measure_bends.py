"""Try the length of the axis, and what vertices can prove, on lines that are known.

Run it from the root of the checkout; it takes some minutes.
"""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
from measure_uncertainty import GEOD, GRAIN_M, axis_m, on_earth

import geo_routes as gr
from geo_routes.alignment import detectable_radii, fit_alignment
from geo_routes.chainage import lay_ruler
from geo_routes.survey import Figure

FloatArray = npt.NDArray[np.float64]

WANTED: tuple[Figure, ...] = ("curvature",)
TRIALS = 100
# Vertices every so many metres, and how far they are off.
SURVEYS = ((10, 0.3), (10, 1.0), (10, 3.0), (25, 1.0), (50, 0.3), (50, 1.0), (100, 3.0))
# Length of the curve, spacing and noise of the vertices.
CURVES = ((600, 50, 1.0), (1_000, 50, 3.0))
STRAIGHT_M, CURVE_TRIALS = 2_500.0, 60


def lengths() -> None:
    """Write the table of the length of the axis."""
    out = sys.stdout.write
    out("| vertices every | their noise | chain too long by | axis too long by | median error ")
    out("| stated ± | within it |\n|---|---|---|---|---|---|---|\n")
    axis = axis_m()
    for step_m, noise_m in SURVEYS:
        random = np.random.default_rng(1)
        every = round(step_m / GRAIN_M)
        vertices = axis[::every]
        true_m = float(GEOD.line_length(*on_earth(axis[: every * (len(vertices) - 1) + 1]).T))
        rows = []
        for _ in range(TRIALS):
            lonlat = on_earth(vertices + random.normal(0, noise_m, vertices.shape))
            survey = gr.measure(gr.Route(lonlat=lonlat), figures=WANTED)
            if survey.axis is not None:
                known = survey.axis.length_m - true_m, survey.axis.uncertainty_m
                rows.append((survey.length_m - true_m, *known))
        chain_m, error_m, stated_m = np.array(rows).T
        out(
            f"| {step_m} m | {noise_m:g} m | {chain_m.mean():+,.2f} m | {error_m.mean():+.2f} m "
            f"| {np.median(np.abs(error_m)):.2f} m | {stated_m.mean():.2f} m "
            f"| {np.mean(np.abs(error_m) <= stated_m):.0%} |\n"
        )


def one_curve(curve_m: float, radius_m: float) -> FloatArray:
    """Give a curve between two straights as points on a plane."""
    along = np.arange(0, 2 * STRAIGHT_M + curve_m + GRAIN_M, GRAIN_M)
    heading = np.clip(along - STRAIGHT_M, 0, curve_m) / radius_m
    middle = (heading[1:] + heading[:-1]) / 2
    steps = GRAIN_M * np.column_stack((np.cos(middle), np.sin(middle)))
    return np.concatenate(([[0.0, 0.0]], np.cumsum(steps, axis=0)))


def proofs() -> None:
    """Write the table of curves found, at the radius that is told as provable and beyond."""
    out = sys.stdout.write
    out("\n| curve | vertices every | their noise | provable radius | at half | at it | at twice ")
    out("| at four times |\n|---|---|---|---|---|---|---|---|\n")
    for curve_m, step_m, noise_m in CURVES:
        ends_m = [STRAIGHT_M, STRAIGHT_M + curve_m]
        places_m = np.arange(0, 2 * STRAIGHT_M + curve_m, step_m)
        [told] = detectable_radii(
            places_m, sigma_m=noise_m, edges_m=ends_m, curve_lengths_m=[curve_m]
        )
        radius_m = told.radius_m or 0.0
        shares = []
        for times in (0.5, 1, 2, 4):
            random = np.random.default_rng(5)
            vertices = one_curve(curve_m, radius_m * times)[:: round(step_m / GRAIN_M)]
            found = 0
            for _ in range(CURVE_TRIALS):
                lonlat = on_earth(vertices + random.normal(0, noise_m, vertices.shape))
                curves = fit_alignment(lay_ruler(lonlat)).curves
                found += any(c.from_m < ends_m[1] and c.to_m > ends_m[0] for c in curves)
            shares.append(f"{found / CURVE_TRIALS:.0%}")
        out(
            f"| {curve_m} m | {step_m} m | {noise_m:g} m | {radius_m:,.0f} m "
            f"| {' | '.join(shares)} |\n"
        )


if __name__ == "__main__":
    lengths()
    proofs()
