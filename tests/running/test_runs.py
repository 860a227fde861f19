"""Runs over routes: stops, ranges, distances of sketches, costs, timetables, sweeps."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from geo_routes.errors import InvalidNoun
from geo_routes.model import Declared, Route, Station, Structure
from geo_routes.running_time import (
    Allowance,
    Run,
    check_timetable,
    judge_timetable,
    rank_costs,
    run_train,
    sweep_runs,
)
from geo_routes.speed import survey_line
from geo_routes.standards import Figure, Train, read_train

_DEGREE_M = 111_319.4907932264


def _equator(length_km: float, **said: Any) -> Route:
    """Lay a straight line along the equator, with three stations, the middle one at 40 %."""
    end = length_km * 1000 / _DEGREE_M
    lon = np.linspace(0, end, 401)
    plain: dict[str, Any] = {
        "lonlat": np.column_stack([lon, np.zeros_like(lon)]),
        "mode": "high_speed_rail",
        "gauge_mm": 1435.0,
        "accuracy_m": 0.1,
        "name": "equator",
        "stations": tuple(
            Station(lonlat=(end * share, 0.0), name=name, names={"de": f"{name}dorf"})
            for name, share in (("A", 0.0), ("B", 0.4), ("C", 1.0))
        ),
    }
    return Route(**(plain | said))


def _even(a: float = 1.0, b: float = 1.0, *, spread: float = 0.0) -> Train:
    """Make a train with an even acceleration and no resistance at all."""

    def sure(value: float, share: float = 0.0) -> Figure:
        low, high = value * (1 - share), value * (1 + share)
        return Figure(value=value, low=low, high=high, source="closed form")

    return Train(
        id="even",
        name="even",
        guidance="rail",
        length_m=sure(1.0),
        mass_kg=sure(100e3),
        top_speed_mps=sure(80.0),
        rotating_share=sure(0.0),
        resistance_n=sure(0.0),
        resistance_n_per_mps=sure(0.0),
        resistance_n_per_mps2=sure(0.0),
        tunnel_factor=sure(1.0),
        braking_mps2=sure(b, spread),
        starting_effort_n=sure(a * 100e3, spread),
        power_w=sure(1e12),
    )


def _run(route: Route, train: Train | None = None, **said: Any) -> Run:
    return run_train(survey_line(route), train or _even(), **said)


def test_each_leg_is_a_trapezoid() -> None:
    """Leg by leg s / v + v / a; dwell and allowance are kept apart."""
    run = _run(_equator(100), dwell_s=90.0, allowance=Allowance(share=0.05))
    legs = [40_000 / 80 + 80, 60_000 / 80 + 80]
    assert [leg.minimum_s for leg in run.legs] == pytest.approx(legs, rel=1e-6)
    assert run.minimum_s == pytest.approx(sum(legs), rel=1e-6)
    assert run.dwell_s == 90.0
    assert run.allowance_s == pytest.approx(0.05 * sum(legs), rel=1e-6)
    assert run.total_s == pytest.approx(1.05 * sum(legs) + 90, rel=1e-6)
    per_way = _run(_equator(100), allowance=Allowance(s_per_m=180 / 100_000))
    assert per_way.allowance_s == pytest.approx(180, rel=1e-6)


def test_stops_are_chosen_by_name_in_any_language() -> None:
    """All, the ends, or by name; a typo is answered with what was meant."""
    survey = survey_line(_equator(100))
    assert [s.name for s in run_train(survey, _even(), stops="ends").stops] == ["A", "C"]
    assert [s.name for s in run_train(survey, _even(), stops=["Bdorf", "a"]).stops] == ["A", "B"]
    for stops, said in ((["A", "X"], "no station"), (["A"], "two stops"), ("B", "two stops")):
        with pytest.raises(InvalidNoun, match=said):
            run_train(survey, _even(), stops=stops)
    twice = _equator(10)
    same = dataclasses.replace(twice.stations[2], name="A")
    with pytest.raises(InvalidNoun, match="2 stations"):
        _run(dataclasses.replace(twice, stations=(*twice.stations[:2], same)), stops=["A", "B"])


def test_a_line_without_stations_is_run_from_end_to_end() -> None:
    """Its stops have no names."""
    run = _run(_equator(100, stations=()))
    assert [s.name for s in run.stops] == ["", ""]
    assert run.minimum_s == pytest.approx(100_000 / 80 + 80, rel=1e-6)


def test_the_range_holds_the_ends_of_all_figures() -> None:
    """With acceleration and brake 20 % up and down: the closed form at both ends."""
    run = _run(_equator(100, stations=()), _even(1.0, 1.0, spread=0.2))
    assert run.low_s == pytest.approx(100_000 / 80 + 40 / 1.2 + 40 / 1.2, rel=1e-6)
    assert run.high_s == pytest.approx(100_000 / 80 + 40 / 0.8 + 40 / 0.8, rel=1e-6)
    assert run.low_s < run.minimum_s < run.high_s


def test_a_stop_costs_what_the_closed_form_says() -> None:
    """A stop on a free line costs v / a; it is ranked with the rest."""
    costs = rank_costs(_run(_equator(100)))
    stop = next(c for c in costs if c.cause == "stop")
    assert stop.name == "B"
    assert stop.lost_s == pytest.approx(80.0, rel=1e-6)
    assert stop.lost_j == pytest.approx(100e3 * 80**2 / 2, rel=1e-6)


def test_a_restriction_costs_what_the_closed_form_says() -> None:
    """4 km at 40 instead of 80 m/s: the way, and braking and starting, (80 - 40)² / 80 each."""
    limits = [{"from_m": 20_000.0, "to_m": 24_000.0, "kmh": 144.0}]
    run = _run(_equator(60, stations=(), extra={"speed_limits": limits}))
    costs = rank_costs(run)
    assert [c.cause for c in costs] == ["line_limit"]
    slow_s = 4_001 / 40 - 4_001 / 80 + 2 * (80 - 40) ** 2 / (2 * 80.0)
    assert costs[0].lost_s == pytest.approx(slow_s, rel=1e-6)
    free = _run(_equator(60, stations=()))
    assert run.minimum_s - free.minimum_s == pytest.approx(costs[0].lost_s, rel=1e-6)
    assert costs[0].lost_j == pytest.approx(100e3 * (80**2 - 40**2) / 2, rel=1e-6)


def test_the_way_of_a_sketch_is_that_of_its_kilometres() -> None:
    """Drawn 100 km long, 120 km by the kilometres of its stations: 120 km are run."""
    drawn = _equator(100, geometry_kind="sketch")
    told = tuple(
        dataclasses.replace(s, chainage_km=km)
        for s, km in zip(drawn.stations, (10.0, 60.0, 130.0), strict=True)
    )
    run = _run(dataclasses.replace(drawn, stations=told))
    assert run.distance == "kilometres"
    assert [leg.way_m for leg in run.legs] == pytest.approx([50_000, 70_000])
    assert "running_time.distance" in {r.code for r in run.remarks}
    falling = tuple(dataclasses.replace(s, chainage_km=-(s.chainage_km or 0)) for s in told)
    assert _run(dataclasses.replace(drawn, stations=falling)).minimum_s == pytest.approx(
        run.minimum_s, rel=1e-9
    )


def test_the_way_of_a_sketch_is_else_its_declared_length() -> None:
    """Spread evenly, and said; without either the sketch is warned of."""
    run = _run(_equator(100, geometry_kind="sketch", declared=Declared(length_km=120.0)))
    assert (run.distance, run.way_m) == ("declared", pytest.approx(120_000))
    bare = _run(_equator(100, geometry_kind="sketch"))
    assert bare.distance == "line"
    assert "running_time.sketch" in {r.code for r in bare.remarks}


@pytest.mark.parametrize(
    "minutes, outcome, code",
    [
        (60.0, "possible", None),
        (21.9, "in_range", "running_time.tight"),
        (15, "impossible", "running_time.impossible"),
    ],
)
def test_a_timetable_is_held_against_the_minimum(
    minutes: float, outcome: str, code: str | None
) -> None:
    """100 km non-stop take 1,330 s, 1,303 at best: 22.2 and 21.7 min."""
    declared = Declared(running_time_min=minutes)
    run = _run(_equator(100, stations=(), declared=declared), _even(spread=0.5))
    verdict = judge_timetable(run)
    assert verdict is not None
    assert verdict.outcome == outcome
    assert verdict.slack_s == pytest.approx(minutes * 60 - run.minimum_s)
    assert verdict.allowance == pytest.approx(verdict.slack_s / run.minimum_s)
    assert [f.code for f in check_timetable(run)] == ([code] if code else [])


def test_a_timetable_of_another_run_is_untestable() -> None:
    """Declared from A to C, run from A to B."""
    declared = Declared(running_time_min=15, origin="A", terminus="C")
    run = _run(_equator(100, declared=declared), stops=["A", "B"])
    verdict = judge_timetable(run)
    assert verdict is not None
    assert verdict.outcome == "untestable"
    assert check_timetable(run)[0].severity == "note"


def test_a_climb_is_that_of_the_middle_of_the_train() -> None:
    """Up 200 m over the line: the energy is m g h, whatever the steps of the gradient."""
    route = _equator(40, stations=())
    heights = np.interp(np.arange(401), [0, 100, 300, 400], [0, 0, 200, 200])
    for step_m in (10.0, 100.0, 700.0):
        run = _run(dataclasses.replace(route, height_m=heights), step_m=step_m)
        assert run.energy.climbing_j == pytest.approx(100e3 * 9.80665 * 200, rel=1e-6)
        assert abs(run.energy.imbalance) < 1e-6


def test_a_tunnel_slows_and_what_may_be_one_widens_the_range() -> None:
    """The factor of C holds in tunnels; where nothing is known, only the slow end has them."""
    train = read_train("ice3")
    bare = _equator(60, stations=())
    open_line = dataclasses.replace(bare, tunnels_complete=True)
    bored = dataclasses.replace(
        open_line, structures=(Structure(kind="tunnel", from_m=5e3, to_m=55e3),)
    )
    half = dataclasses.replace(bare, structures=(Structure(kind="tunnel", from_m=5e3, to_m=30e3),))
    times = {n: _run(r, train) for n, r in (("open", open_line), ("bored", bored), ("half", half))}
    assert times["open"].minimum_s < times["half"].minimum_s < times["bored"].minimum_s
    assert times["half"].high_s > times["bored"].high_s - 1
    assert times["bored"].energy.resistance_j > times["open"].energy.resistance_j


def test_speeds_along_the_line_are_those_of_the_run() -> None:
    """They begin and end at rest, never exceed what is permitted, and add up to the time."""
    run = _run(_equator(30))
    at_m, speed, permitted = run.speeds(step_m=50.0)
    assert (speed[0], speed[-1]) == (0.0, pytest.approx(0.0, abs=1e-6))
    assert (speed <= permitted + 1e-6).all()
    assert np.all(np.diff(at_m) >= 0)
    assert np.diff(at_m).max() <= 50.0 + 1e-6
    mean = (speed[1:] + speed[:-1]) / 2
    moving = np.diff(at_m) > 0
    assert (np.diff(at_m)[moving] / mean[moving]).sum() == pytest.approx(run.minimum_s, rel=1e-6)


def test_a_sweep_is_the_same_as_its_runs() -> None:
    """Trains by speeds, low, expected and high."""
    survey = survey_line(_equator(60))
    trains, speeds = [read_train("ice3"), read_train("n700s")], [160.0, 250.0]
    times = sweep_runs(survey, trains, speeds)
    one = run_train(survey, trains[1], max_speed_kmh=250.0)
    assert times.shape == (2, 2, 3)
    assert times[1, 1] == pytest.approx([one.low_s, one.minimum_s, one.high_s])
    assert sweep_runs(survey, trains, speeds, processes=2).tolist() == times.tolist()
    with pytest.raises(InvalidNoun, match="expected a speed"):
        sweep_runs(survey, trains, [0.0, -1.0], processes=2)
    with pytest.raises(InvalidNoun, match="processes"):
        sweep_runs(survey, trains, speeds, processes=0)
    with pytest.raises(InvalidNoun, match="swept"):
        sweep_runs(survey, trains, speeds, max_speed_kmh=100.0)


@pytest.mark.parametrize(
    "said", [{"dwell_s": -1.0}, {"step_m": 0.0}, {"max_speed_kmh": 0.0}, {"max_speed_kmh": np.nan}]
)
def test_odd_arguments_are_refused(said: dict[str, Any]) -> None:
    """In one sentence."""
    with pytest.raises(InvalidNoun):
        _run(_equator(10), **said)
    with pytest.raises(InvalidNoun):
        Allowance(share=-0.1)


def test_a_train_whose_pull_ends_at_its_top_speed_keeps_it() -> None:
    """BR 425 pulls up to 160 km/h and no further: it holds them, with its energy in balance."""
    run = _run(_equator(60), read_train("br425"))
    _, speed, _ = run.speeds()
    assert speed.max() * 3.6 == pytest.approx(160, abs=1e-6)
    assert abs(run.energy.imbalance) < 1e-6
    assert run.low_s <= run.minimum_s <= run.high_s
    heights = 40 * np.sin(np.linspace(0, 12, 401))
    hilly = _run(dataclasses.replace(_equator(60), height_m=heights), read_train("br425"))
    assert abs(hilly.energy.imbalance) < 1e-6
    assert hilly.low_s <= hilly.minimum_s <= hilly.high_s


@pytest.mark.parametrize("name", ["ice3", "br425", "l0"])
def test_costs_are_those_of_a_run_without(name: str) -> None:
    """Each cost is the difference to the whole run without that limit, with a jerk or not."""
    rng = np.random.default_rng(3)
    starts = np.sort(rng.uniform(5_000, 85_000, 6))
    limits = [
        {"from_m": float(a), "to_m": float(a + rng.uniform(500, 9_000)), "kmh": float(kmh)}
        for a, kmh in zip(starts, (80, 100, 90, 140, 120, 60), strict=True)
    ]
    train = read_train(name)
    route = _equator(
        100,
        mode="maglev" if train.guidance == "maglev" else "rail",
        height_m=20 * np.sin(np.linspace(0, 20, 401)),
        extra={"speed_limits": limits},
    )
    run = _run(route, train)
    costs = [c for c in rank_costs(run) if c.cause == "line_limit"]
    assert len(costs) >= 4
    for cost in costs:
        kept = [x for x in limits if x["from_m"] != cost.from_m]
        free = _run(dataclasses.replace(route, extra={"speed_limits": kept}), train)
        assert cost.lost_s == pytest.approx(run.minimum_s - free.minimum_s, abs=0.02)


def test_heights_too_steep_for_a_line_are_warned_of() -> None:
    """Sixty per mille over a kilometre are none of a railway; ten are."""
    for rise, codes in ((60.0, ["running_time.steep"]), (10.0, [])):
        heights = np.interp(np.arange(401), [0, 200, 210, 400], [0, 0, rise, rise])
        run = _run(dataclasses.replace(_equator(40, stations=()), height_m=heights))
        assert [r.code for r in run.remarks] == codes


def test_what_no_line_can_be_is_refused() -> None:
    """Heights beyond any mountain, no length at all, and a length of another line."""
    line = _equator(40, stations=())
    high = dataclasses.replace(line, height_m=np.full(401, 1e308))
    nothing = dataclasses.replace(line, lonlat=np.zeros((401, 2)))
    other = _equator(40, geometry_kind="sketch", declared=Declared(length_km=1e300))
    for route, said in ((high, "height"), (nothing, "no length"), (other, "as it is drawn")):
        with pytest.raises(InvalidNoun, match=said):
            _run(route)
    here = tuple(dataclasses.replace(s, lonlat=(0.0, 0.0)) for s in line.stations)
    one_place = _equator(40, geometry_kind="sketch", stations=here, declared=Declared(length_km=44))
    assert _run(one_place).way_m == pytest.approx(44_000)
    late = _run(_equator(40, declared=Declared(running_time_min=1e308)))
    assert judge_timetable(late) is None


def test_a_run_ends_where_the_brake_begins_within_a_rounding() -> None:
    """Over 40,000 km of the equator a balance speed meets its brake curve: no endless pieces."""
    lon = np.linspace(0, 179, 3_001)
    heights = 300 * np.sin(np.arange(3_001) / 3)
    route = _equator(
        10, stations=(), lonlat=np.column_stack([lon, np.zeros(3_001)]), height_m=heights
    )
    run = _run(route, read_train("br425"))
    assert abs(run.energy.imbalance) < 1e-6


def test_part_of_a_line_is_not_held_against_the_time_of_all() -> None:
    """Declared for the line, run from its first station to the second: untestable."""
    run = _run(_equator(100, declared=Declared(running_time_min=15)), stops=["A", "B"])
    verdict = judge_timetable(run)
    assert verdict is not None
    assert verdict.outcome == "untestable"
