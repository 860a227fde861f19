"""The motion against closed forms, and against a reference that steps finely."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_routes.errors import InvalidNoun
from geo_routes.running_time import reckon_energy
from geo_routes.running_time.motion import drive
from geo_routes.running_time.runs import drive_track
from geo_routes.running_time.traction import lay_bands
from geo_routes.standards import ENDS, read_trains, train_ids

Make = Callable[..., Any]


@pytest.mark.parametrize("cells", [1, 7, 1000])
def test_a_trapezoid_run(performance: Make, track: Make, cells: int) -> None:
    """Non-stop over 285.6 km at 505 km/h with 1.0 m/s² both ways: s / v + v / a = 36.27 min."""
    v = 505 / 3.6
    run = drive_track(track(np.linspace(0, 285_600, cells + 1), v), performance())
    assert run.minimum_s == pytest.approx(285_600 / v + v / 1.0, rel=1e-12)
    assert run.minimum_s / 60 == pytest.approx(36.27, abs=0.005)


def test_a_triangle_run_that_never_reaches_the_limit(performance: Make, track: Make) -> None:
    """From rest to rest over s at a and b: the peak is v² = 2 s a b / (a + b)."""
    train = performance(starting_effort_n=200e3, braking_mps2=0.8)
    run = drive_track(track([0, 3_000], 200.0), train)
    peak = math.sqrt(2 * 3_000 * 0.5 * 0.8 / 1.3)
    assert run.minimum_s == pytest.approx(peak / 0.5 + peak / 0.8, rel=1e-12)
    assert math.sqrt(2 * run.motion.to_w.max()) == pytest.approx(peak, rel=1e-12)


def test_a_run_at_constant_power(performance: Make, track: Make) -> None:
    """Beyond the corner: v³ = v₀³ + 3 P s / m, and t = m (v² - v₀²) / 2 P."""
    effort, power, mass = 300e3, 8e6, 400e3
    train = performance(starting_effort_n=effort, power_w=power)
    corner = power / effort
    first_m, first_s = corner**2 / 2 / (effort / mass), corner / (effort / mass)
    for way_m in (2_000.0, 12_345.0, 60_000.0):
        speed = (corner**3 + 3 * power / mass * (way_m - first_m)) ** (1 / 3)
        motion = drive(
            track([0, way_m], 300.0), lay_bands(train, top_mps=300.0), braking_mps2=1.0, end_w=45e3
        )
        assert math.sqrt(2 * motion.to_w[-1]) == pytest.approx(speed, rel=1e-6)
        expected_s = first_s + mass * (speed**2 - corner**2) / (2 * power)
        assert motion.seconds.sum() == pytest.approx(expected_s, rel=1e-7)


@pytest.mark.parametrize("gradient", [-0.02, 0.0, 0.03])
def test_a_run_on_a_constant_gradient(performance: Make, track: Make, gradient: float) -> None:
    """A constant effort on a constant gradient is a constant acceleration a - g i."""
    run = drive_track(track([0, 50_000], 60.0, gradient=gradient), performance())
    pull = 1.0 - 9.80665 * gradient
    cruise_m = 50_000 - 60.0**2 / 2 / pull - 60.0**2 / 2
    assert run.minimum_s == pytest.approx(60 / pull + 60 + cruise_m / 60, rel=1e-12)


def test_resistance_by_the_square_has_a_closed_form(performance: Make, track: Make) -> None:
    """With F - C v²: w = F / 2C (1 - exp(-2 C s / m)), v = v_inf tanh(t / T)."""
    train = performance(starting_effort_n=100e3, resistance=(0.0, 0.0, 20.0))
    way_m, mass = 20_000.0, 400e3
    motion = drive(
        track([0, way_m], 300.0), lay_bands(train, top_mps=300.0), braking_mps2=1.0, end_w=45e3
    )
    w = 100e3 / 40.0 * (1 - math.exp(-2 * 20.0 * way_m / mass))
    assert motion.to_w[-1] == pytest.approx(w, rel=1e-9)
    limit = math.sqrt(100e3 / 20.0)
    seconds = mass / math.sqrt(100e3 * 20.0) * math.atanh(math.sqrt(2 * w) / limit)
    assert motion.seconds.sum() == pytest.approx(seconds, rel=1e-8)


def test_a_train_that_cannot_climb_says_where(performance: Make, track: Make) -> None:
    """100 kN on 400 t pull 25.5 per mille at most; on 40 the train comes to a stand."""
    train = performance(starting_effort_n=100e3)
    with pytest.raises(InvalidNoun, match="cannot climb"):
        drive_track(track([0, 1_000, 30_000], 50.0, gradient=[0.0, 0.04]), train)


def test_a_train_slows_down_to_its_balance_speed(performance: Make, track: Make) -> None:
    """On a long climb the power goes into weight and air alone: P = v (m g i + C v²)."""
    train = performance(power_w=4e6, resistance=(0.0, 0.0, 10.0))
    motion = drive_track(track([0, 20_000, 200_000], 80.0, gradient=[0.0, 0.02]), train).motion
    last = motion.to_w[(motion.mode == 0) & (motion.cell == 1)][-1]
    v = math.sqrt(2 * last)
    assert v * (400e3 * 9.80665 * 0.02 + 10 * v**2) == pytest.approx(4e6, rel=5e-5)


def _reference(edges: Any, speed: Any, slope: Any, tunnel: Any, train: Any) -> float:
    """Step by a quarter of a metre, forward and backward: plain Heun steps in v²/2."""
    step, way = 0.25, float(edges[-1])
    n = int(way / step)
    middle = (np.arange(n) + 0.5) * step
    cell = np.clip(np.searchsorted(edges, middle, side="right") - 1, 0, len(speed) - 1)
    limit = speed[cell] ** 2 / 2
    allowed = np.minimum(np.append(limit, 0.0), np.append(np.inf, limit))
    for i in range(n - 1, -1, -1):
        allowed[i] = min(allowed[i], allowed[i + 1] + train.braking_mps2 * step)
    drag = 9.80665 * slope[cell] / (1 + train.rotating_share)
    a0, b0, c0 = train.resistance
    factors = np.where(tunnel[cell], train.tunnel_factor, 1.0)

    def net(w: float, i: int) -> float:
        v = math.sqrt(2 * w)
        effort = (
            min(train.starting_effort_n, train.power_w / v) if v > 0 else train.starting_effort_n
        )
        lost = a0 + v * (b0 + factors[i] * c0 * v)
        return (effort - lost) / train.inertia_kg - drag[i]

    w, seconds = 0.0, 0.0
    for i in range(n):
        one = net(w, i)
        two = net(max(w + one * step, 0.0), i)
        after = min(max(w + (one + two) / 2 * step, 1e-9), allowed[i + 1])
        seconds += 2 * step / (math.sqrt(2 * w) + math.sqrt(2 * after))
        w = after
    return seconds


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_a_fine_step_reference(performance: Make, track: Make, seed: int) -> None:
    """Within 0.05 % on random lines with gradients, tunnels and changing limits."""
    rng = np.random.default_rng(seed)
    edges = np.concatenate(([0.0], np.cumsum(np.round(rng.uniform(200, 3_000, 24)))))
    speed = rng.uniform(25, 85, 24)
    slope = rng.normal(0, 0.008, 24)
    tunnel = rng.random(24) < 0.3
    train = performance(
        mass_kg=rng.uniform(200e3, 700e3),
        starting_effort_n=rng.uniform(150e3, 400e3),
        power_w=rng.uniform(3e6, 12e6),
        resistance=(4_000.0, 60.0, 9.0),
        tunnel_factor=1.6,
        rotating_share=0.06,
        braking_mps2=0.6,
    )
    line = track(edges, speed, gradient=slope, tunnel=tunnel, rotating_share=0.06)
    run = drive_track(line, train)
    assert run.minimum_s == pytest.approx(_reference(edges, speed, slope, tunnel, train), rel=5e-4)
    energy = reckon_energy(run.motion, line, train)
    assert abs(energy.imbalance) < 1e-6


_LINES = st.lists(
    st.tuples(
        st.floats(50, 4_000),
        st.floats(5, 90),
        st.floats(-0.012, 0.012),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)
_TRAINS = st.fixed_dictionaries(
    {
        "mass_kg": st.floats(100e3, 900e3),
        "starting_effort_n": st.floats(150e3, 600e3),
        "power_w": st.floats(2e6, 20e6),
        "resistance": st.tuples(st.floats(0, 10e3), st.floats(0, 150), st.floats(0, 15)),
        "tunnel_factor": st.floats(1, 2),
        "rotating_share": st.floats(0, 0.1),
        "braking_mps2": st.floats(0.3, 1.3),
    }
)


def _laid(track: Make, cells: Any, share: float) -> Any:
    way, speed, slope, tunnel = zip(*cells, strict=True)
    edges = np.concatenate(([0.0], np.cumsum(way)))
    return track(edges, speed, gradient=slope, tunnel=tunnel, rotating_share=share)


@given(cells=_LINES, said=_TRAINS)
def test_nothing_that_slows_makes_faster(
    performance: Make, track: Make, cells: Any, said: Any
) -> None:
    """Heavier, weaker, a lower limit, a further stop: never faster."""
    level = [(way, speed, max(slope, 0.0), tunnel) for way, speed, slope, tunnel in cells]
    line = _laid(track, level, said["rotating_share"])
    try:
        base = drive_track(line, performance(**said)).minimum_s
    except InvalidNoun:
        return  # it cannot climb
    almost = base * (1 - 1e-7)  # bands of the traction differ from train to train
    for change in (
        {"mass_kg": said["mass_kg"] * 1.1},
        {"power_w": said["power_w"] * 0.8},
        {"starting_effort_n": said["starting_effort_n"] * 0.9},
        {"braking_mps2": said["braking_mps2"] * 0.9},
        {"resistance": tuple(x * 1.2 + 1 for x in said["resistance"])},
    ):
        try:
            assert drive_track(line, performance(**(said | change))).minimum_s >= almost, change
        except InvalidNoun:
            continue
    slower = [
        (way, speed * 0.9 if i == 0 else speed, slope, tunnel)
        for i, (way, speed, slope, tunnel) in enumerate(level)
    ]
    again = _laid(track, slower, said["rotating_share"])
    assert drive_track(again, performance(**said)).minimum_s >= almost
    if len(cells) > 1:
        _way, speed, slope, tunnel = zip(*level, strict=True)
        stopped = track(
            line.edges_m,
            speed,
            gradient=slope,
            tunnel=tunnel,
            stops=[1],
            rotating_share=said["rotating_share"],
        )
        try:
            assert drive_track(stopped, performance(**said)).minimum_s >= almost
        except InvalidNoun:
            return


@given(cells=_LINES, effort=st.floats(0.3, 1.3))
def test_a_level_line_run_backward_takes_as_long(
    performance: Make, track: Make, cells: Any, effort: float
) -> None:
    """With a train that starts as it brakes, reversing a level line changes nothing."""
    train = performance(starting_effort_n=400e3 * effort, braking_mps2=effort)
    level = [(way, speed, 0.0, False) for way, speed, _, _ in cells]
    forth = drive_track(_laid(track, level, 0.0), train).minimum_s
    back = drive_track(_laid(track, level[::-1], 0.0), train).minimum_s
    assert forth == pytest.approx(back, rel=1e-9)


@given(cells=_LINES, said=_TRAINS)
@settings(max_examples=100)
def test_energy_balances(performance: Make, track: Make, cells: Any, said: Any) -> None:
    """Traction = resistance + climbing + braking, to a millionth, from rest to rest."""
    line, train = _laid(track, cells, said["rotating_share"]), performance(**said)
    try:
        run = drive_track(line, train)
    except InvalidNoun:
        return
    energy = reckon_energy(run.motion, line, train)
    assert abs(energy.imbalance) < 1e-6
    assert (run.motion.to_m > run.motion.from_m).all()
    assert run.motion.from_m[1:] == pytest.approx(run.motion.to_m[:-1], abs=1e-6)
    assert run.motion.from_w[1:] == pytest.approx(run.motion.to_w[:-1], abs=1e-6)
    assert (run.motion.to_w <= line.limit_w[run.motion.cell] + 1e-6).all()


def test_a_jerk_costs_what_the_closed_form_says(performance: Make, track: Make) -> None:
    """From rest to rest with acceleration a and jerk j both ways: s / v + v / a + a / j."""
    train = performance(jerk_mps3=0.5)
    run = drive_track(track([0, 100_000], 100.0), train)
    assert run.minimum_s == pytest.approx(100_000 / 100 + 100 / 1.0 + 1.0 / 0.5, rel=1e-9)


@pytest.mark.parametrize("name", train_ids())
def test_the_bands_are_the_trains_own_pull(name: str) -> None:
    """At any speed, open line and tunnel, within 2.5e-5 m/s² of effort less resistance."""
    for train in read_trains(name):
        for end in ENDS:
            does = train.at(end)
            bands = lay_bands(does, top_mps=does.top_speed_mps)
            speeds = np.linspace(1.0, does.top_speed_mps * 0.9999, 5_003)
            for inside in (False, True):
                told = bands.surplus(speeds**2 / 2, np.full(len(speeds), inside))
                lost = does.resistance_n(speeds, tunnel=inside)
                own = (does.effort_n(speeds) - lost) / does.inertia_kg
                # Where a table of accelerations has a step, a speed may fall on either side.
                apart = np.sort(np.abs(told - own))
                assert apart[-3] < 2.5e-5
