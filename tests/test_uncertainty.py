"""The stated uncertainty of a length, tried on axes whose length is known."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

import geo_routes as gr
from geo_routes import geodesy
from geo_routes.model import FloatArray
from geo_routes.uncertainty import length_uncertainty_m, noise_sigma_m, rounding_sigma_m

GEOD = Geod(ellps="WGS84")
FINE_M = 1.0


def axis(radius_m: float, kilometres: float) -> FloatArray:
    """Straights and curves in turn, walked in steps of a metre on the ellipsoid."""
    count = int(kilometres * 1000 / FINE_M)
    curvature = np.where((np.arange(count) * FINE_M // 1000) % 2 == 1, 1 / radius_m, 0.0)
    curvature *= np.where((np.arange(count) * FINE_M // 4000) % 2 == 1, -1, 1)
    heading = np.cumsum(curvature) * FINE_M
    east_m, north_m = np.cumsum(np.sin(heading)) * FINE_M, np.cumsum(np.cos(heading)) * FINE_M
    # A small area: one scale for all of it moves places by less than the trials can see.
    per_east, per_north = (float(x[0]) for x in geodesy.metres_per_degree(np.array([47.0])))
    return np.column_stack((8.0 + east_m / per_east, 47.0 + north_m / per_north))


def trial(
    line: FloatArray, every_m: float, sigma_m: float, seed: int, **said: float
) -> tuple[float, float]:
    """Error of a measured length, and the uncertainty stated with it."""
    true_m = float(GEOD.line_length(*line.T))
    chosen = np.append(np.arange(0, len(line) - 1, int(every_m / FINE_M)), len(line) - 1)
    per_degree = np.array([float(x[0]) for x in geodesy.metres_per_degree(np.array([47.0]))])
    noise = np.random.default_rng(seed).normal(0, sigma_m, (len(chosen), 2)) / per_degree
    survey = gr.measure(gr.Route(lonlat=line[chosen] + noise, **said), figures=["length"])
    assert survey.length_uncertainty_m is not None
    return survey.length_m - true_m, survey.length_uncertainty_m


@pytest.mark.parametrize(
    "every_m, sigma_m",
    [(10.0, 0.3), (25.0, 1.0), (50.0, 1.0), (100.0, 0.3), (100.0, 2.0), (200.0, 1.0)],
)
@pytest.mark.parametrize("given", [True, False])
def test_the_interval_holds_the_truth(every_m: float, sigma_m: float, given: bool) -> None:
    line = axis(1_500.0, 12.0)
    said = {"accuracy_m": sigma_m} if given else {}
    trials = [trial(line, every_m, sigma_m, seed, **said) for seed in range(60)]
    errors, stated = np.abs(np.array(trials)).T
    assert np.mean(errors <= stated) >= 0.95
    # Wide enough is easy; useful is no more than some times what the errors are.
    assert np.median(stated) < 8 * np.sqrt(np.mean(errors**2))


def transition_axis(kilometres: float, seed: int) -> FloatArray:
    """Tangents, transitions whose curvature grows evenly, and curves of 600 to 3,000 m radius."""
    rng = np.random.default_rng(seed)
    pieces: list[FloatArray] = []
    while sum(map(len, pieces)) * FINE_M < kilometres * 1000:
        peak = rng.choice((-1, 1)) / rng.uniform(600, 3_000)
        pieces += [
            np.zeros(int(rng.uniform(200, 1_200))),
            np.linspace(0, peak, 120),
            np.full(int(rng.uniform(100, 700)), peak),
            np.linspace(peak, 0, 120),
        ]
    heading = np.cumsum(np.concatenate(pieces))[: int(kilometres * 1000)] * FINE_M
    east_m, north_m = np.cumsum(np.sin(heading)) * FINE_M, np.cumsum(np.cos(heading)) * FINE_M
    per_east, per_north = (float(x[0]) for x in geodesy.metres_per_degree(np.array([47.0])))
    return np.column_stack((8.0 + east_m / per_east, 47.0 + north_m / per_north))


# Where the noise is estimated, few vertices know it badly, and many leave no slack beside it.
@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("kilometres", [2.0, 40.0])
@pytest.mark.parametrize(
    "every_m, sigma_m", [(10.0, 0.3), (10.0, 2.0), (25.0, 0.3), (50.0, 2.0), (100.0, 2.0)]
)
def test_the_interval_holds_on_short_lines_and_long_ones(
    every_m: float,
    sigma_m: float,
    kilometres: float,
    given: bool,
) -> None:
    said = {"accuracy_m": sigma_m} if given else {}
    line = transition_axis(kilometres, seed=3)
    trials = [trial(line, every_m, sigma_m, seed, **said) for seed in range(60)]
    errors, stated = np.abs(np.array(trials)).T
    assert np.mean(errors <= stated) >= 0.95
    assert np.median(stated) < (4 if given else 6) * np.sqrt(np.mean(errors**2))


@pytest.mark.parametrize("decimals", [4, 5, 6])
@pytest.mark.parametrize("every_m", [20.0, 60.0, 150.0])
def test_rounding_is_within_the_interval(decimals: int, every_m: float) -> None:
    held = []
    for seed in range(40):
        line = transition_axis(6.0, seed)
        chosen = np.append(np.arange(0, len(line) - 1, int(every_m / FINE_M)), len(line) - 1)
        survey = gr.measure(gr.Route(lonlat=np.round(line[chosen], decimals)), figures=["length"])
        error_m = survey.length_m - float(GEOD.line_length(*line.T))
        assert survey.length_uncertainty_m is not None
        held.append(abs(error_m) <= survey.length_uncertainty_m)
    assert np.mean(held) >= 0.95


@pytest.mark.parametrize("every_m", [50.0, 100.0, 300.0])
def test_chords_alone_are_covered(every_m: float) -> None:
    error_m, stated_m = trial(axis(1_500.0, 20.0), every_m, 0.0, 0)
    assert error_m < 0
    assert abs(error_m) <= stated_m < 4 * abs(error_m) + 0.2


def test_a_sketch_has_none() -> None:
    line = np.array([[139.739, 35.6288], [136.8816, 35.1707]])
    route = gr.Route(lonlat=line, geometry_kind="sketch")
    assert length_uncertainty_m(route, steps_m=geodesy.segment_lengths_m(line)) is None


def test_noise_that_outweighs_the_steps_leaves_nothing_known() -> None:
    line = axis(1_500.0, 2.0)[::3]
    noisy = line + np.random.default_rng(1).normal(0, 5e-5, line.shape)
    survey = gr.measure(gr.Route(lonlat=noisy, accuracy_m=5.0))
    assert survey.length_uncertainty_m is not None
    assert survey.length_uncertainty_m >= survey.length_m


@pytest.mark.parametrize("decimals", [3, 5, 6])
def test_rounding_is_seen_in_the_decimals(decimals: int) -> None:
    line = np.round(axis(1_500.0, 5.0)[::50], decimals)
    unit_m = 10.0**-decimals * 6_378_137 * np.pi / 180
    assert rounding_sigma_m(line) == pytest.approx(unit_m / np.sqrt(12), rel=1e-6)


@pytest.mark.parametrize("sigma_m", [0.3, 1.0])
def test_noise_is_estimated_from_the_line(sigma_m: float) -> None:
    line = axis(1_500.0, 20.0)[::25]
    per_degree = np.array([float(x[0]) for x in geodesy.metres_per_degree(np.array([47.0]))])
    noisy = line + np.random.default_rng(4).normal(0, sigma_m, line.shape) / per_degree
    steps_m, turns = geodesy.segment_lengths_m(noisy), geodesy.deflections_rad(noisy)
    assert noise_sigma_m(steps_m, turns) == pytest.approx(sigma_m, rel=0.15)


def test_parts_that_join_count_as_one_line() -> None:
    line = np.array([[139.77, 35.68], [139.70, 35.66], [139.64, 35.56], [139.52, 35.44]])
    doubled = line[[0, 1, 1, 2, 3]]
    whole = gr.measure(gr.Route(lonlat=line))
    parts = gr.measure(gr.Route(lonlat=doubled, part_starts=np.array([0, 2])))
    assert parts.length_uncertainty_m == pytest.approx(whole.length_uncertainty_m)
