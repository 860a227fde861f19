"""The permitted speed along a line, and what is said where it cannot be told."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from geo_routes import geodesy
from geo_routes.errors import InvalidNoun
from geo_routes.model import Declared, Route, Station, Structure
from geo_routes.running_time import run_train
from geo_routes.speed import Restriction, permit_speed, sudden_share, survey_line
from geo_routes.standards import read_limits, read_train
from geo_routes.survey import measure


def _arc_line(radius_m: float, *, noise_m: float = 0.0, step_m: float = 20.0) -> np.ndarray:
    """Lay 3 km straight, a clothoid, 60° of a curve, a clothoid and 3 km straight on a plane."""
    ramp = 200.0
    arc = radius_m * math.radians(60)
    s = np.arange(0, 6_000 + 2 * ramp + arc, step_m)
    curvature = np.interp(
        s,
        [0, 3_000, 3_000 + ramp, 3_000 + ramp + arc, 3_000 + 2 * ramp + arc, 1e6],
        [0, 0, 1 / radius_m, 1 / radius_m, 0, 0],
    )
    heading = np.concatenate(([0.0], np.cumsum((curvature[1:] + curvature[:-1]) / 2 * step_m)))
    x = np.concatenate(([0.0], np.cumsum(np.cos((heading[1:] + heading[:-1]) / 2) * step_m)))
    y = np.concatenate(([0.0], np.cumsum(np.sin((heading[1:] + heading[:-1]) / 2) * step_m)))
    rng = np.random.default_rng(1)
    x, y = x + rng.normal(0, noise_m, len(x)), y + rng.normal(0, noise_m, len(y))
    # Near the equator a degree is the same both ways, to a part in 150.
    lon = x / 111_319.49
    lat = y / 110_574.3
    return np.column_stack([lon, lat])


def _route(**said: Any) -> Route:
    plain: dict[str, Any] = {
        "lonlat": _arc_line(2_500.0),
        "mode": "high_speed_rail",
        "gauge_mm": 1435.0,
        "accuracy_m": 0.05,
        "name": "bend",
    }
    return Route(**(plain | said))


def test_a_curve_holds_from_transition_to_transition() -> None:
    """R 2,500 m by 200 + 100 mm and 1° of tilt: V² = 127 R (D + I) / s, over arc and ramps."""
    survey = survey_line(_route())
    permitted = permit_speed(survey, read_train("n700s"), limits=read_limits("tokaido-design"))
    curves = [r for r in permitted.restrictions if r.cause == "curve"]
    assert len(curves) == 1
    lean = 1500 * math.tan(math.radians(1))
    kmh = math.sqrt(127.094 * 2_500 * (300 + lean) / 1500)
    assert curves[0].expected_mps * 3.6 == pytest.approx(kmh, rel=2e-3)
    assert curves[0].slow_mps < curves[0].expected_mps < curves[0].fast_mps
    arc = 2_500 * math.radians(60)
    assert curves[0].from_m == pytest.approx(3_000, abs=40)
    assert curves[0].to_m == pytest.approx(3_400 + arc, abs=40)


def test_a_restriction_holds_for_the_whole_train() -> None:
    """Half a train's length before and behind, as places are those of its middle."""
    survey = survey_line(_route())
    permitted = permit_speed(survey, read_train("n700s"), limits=read_limits("tokaido-design"))
    curve = next(r for r in permitted.restrictions if r.cause == "curve")
    bands = permitted.along(train_length_m=400.0)
    inside = bands.speed_mps == curve.expected_mps
    first = bands.edges_m[:-1][inside][0]
    last = bands.edges_m[1:][inside][-1]
    assert (first, last) == (pytest.approx(curve.from_m - 200), pytest.approx(curve.to_m + 200))


def test_the_slowest_restriction_rules_and_knows_the_next() -> None:
    """Limits of the line, declared top speed and curve lie over each other."""
    limits = [
        {"from_m": 2_000, "to_m": 5_000, "kmh": 160},
        {"from_m": 4_000, "to_m": 4_500, "kmh": 90},
    ]
    route = _route(
        extra={"speed_limits": [*limits, {"from_m": 0, "to_m": 1, "kmh": None}, "no row"]},
        declared=Declared(max_speed_kmh=200.0),
    )
    bands = permit_speed(survey_line(route), read_train("ice3")).along(train_length_m=0.0)
    at = lambda x: int(np.searchsorted(bands.edges_m, x, side="right") - 1)  # noqa: E731
    assert bands.speed_mps[at(1_000)] * 3.6 == pytest.approx(200)
    assert bands.speed_mps[at(4_200)] * 3.6 == pytest.approx(90)
    assert bands.other_mps[at(4_200)] * 3.6 == pytest.approx(160)
    assert bands.other_mps[at(1_000)] * 3.6 == pytest.approx(300)


def test_tunnels_and_stations_may_be_limited() -> None:
    """Assumptions with a name: through every tunnel, past every station."""
    lonlat = _arc_line(2_500.0)
    route = _route(
        structures=(Structure(kind="tunnel", from_m=500.0, to_m=1_500.0, name="T"),),
        stations=(Station(lonlat=(float(lonlat[100, 0]), float(lonlat[100, 1])), name="S"),),
    )
    found = permit_speed(
        survey_line(route), read_train("ice3"), tunnel_speed_kmh=160.0, station_speed_kmh=120.0
    ).restrictions
    told = {r.cause: r for r in found}
    assert (told["tunnel"].from_m, told["tunnel"].to_m, told["tunnel"].name) == (500, 1_500, "T")
    assert told["station"].expected_mps * 3.6 == pytest.approx(120)


@pytest.mark.parametrize(
    "said, train, reason",
    [
        ({"gauge_mm": None}, "ice3", "gauge"),
        ({"mode": None}, "ice3", "mode"),
        ({"mode": "road"}, "ice3", "mode road"),
        ({"mode": "maglev"}, "ice3", "rail train"),
        ({}, "l0", "maglev train"),
    ],
)
def test_physics_that_does_not_fit_is_refused(
    said: dict[str, Any], train: str, reason: str
) -> None:
    """No gauge, no mode, a maglev on rails: refused in a sentence, never guessed."""
    with pytest.raises(InvalidNoun, match=reason):
        permit_speed(survey_line(_route(**said)), read_train(train))


def test_the_rail_formula_is_never_used_for_a_maglev() -> None:
    """Rail limits on a maglev are refused, and so are maglev limits on rails."""
    survey = survey_line(_route(mode="maglev", gauge_mm=None))
    with pytest.raises(InvalidNoun, match="another kind of line"):
        permit_speed(survey, read_train("l0"), limits=read_limits("usual"))
    with pytest.raises(InvalidNoun, match="another kind of line"):
        permit_speed(survey_line(_route()), read_train("ice3"), limits=read_limits("mbbo"))
    speed = permit_speed(survey, read_train("l0")).restrictions[0].expected_mps
    felt = speed**2 / 2_500 * math.cos(math.radians(12)) - 9.80665 * math.sin(math.radians(12))
    assert felt == pytest.approx(1.5, rel=0.01)


def test_a_sketch_says_that_it_tells_no_radii() -> None:
    """No curve restricts it, and a warning says so."""
    survey = survey_line(_route(geometry_kind="sketch"))
    permitted = permit_speed(survey, read_train("ice3"))
    assert not permitted.restrictions
    assert [r.code for r in permitted.remarks] == ["speed.sketch"]


def test_a_survey_without_its_alignment_is_refused() -> None:
    """Curves are not passed over in silence."""
    with pytest.raises(InvalidNoun, match="alignment"):
        permit_speed(measure(_route()), read_train("ice3"))


def test_noise_that_neighbours_share_is_found() -> None:
    """Points 300 m apart and 4 m off, joined by hand, look sharp; no train could follow them."""
    lonlat = _arc_line(4_000.0, step_m=50.0)
    rng = np.random.default_rng(5)
    vertices = np.arange(len(lonlat))
    nodes = np.arange(0, len(lonlat) + 6, 6)
    off = [np.interp(vertices, nodes, rng.normal(0, 4.0, len(nodes))) for _ in range(2)]
    wrong = lonlat + np.column_stack(off) / 111_000
    route = _route(lonlat=wrong, accuracy_m=None)
    survey = survey_line(route)
    said = [r for r in survey.remarks if r.code == "speed.noise"]
    assert len(said) == 1
    assert survey.alignment is not None
    assert sudden_share(survey.alignment) <= 0.25
    true = survey_line(_route(lonlat=lonlat, accuracy_m=0.05))
    believed = measure(route, figures=("sections", "structures", "alignment"))
    times = [run_train(x, read_train("ice3")).minimum_s for x in (true, survey, believed)]
    assert times[0] < times[1] < times[2]
    assert times[1] - times[0] < (times[2] - times[0]) / 2
    assert run_train(survey, read_train("ice3")).low_s <= times[0]
    told = survey_line(dataclasses.replace(route, accuracy_m=5.0))
    assert not [r for r in told.remarks if r.code == "speed.noise"]


def test_an_exact_design_rules_over_the_fit() -> None:
    """A design's radius has no range, and its transitions are held to the rate of change."""
    rows = [
        {"kind": "tangent", "from_m": 0.0, "to_m": 3_000.0},
        {
            "kind": "transition",
            "from_m": 3_000.0,
            "to_m": 3_200.0,
            "radius_from_m": None,
            "radius_to_m": 2_500.0,
            "hand": "left",
        },
        {
            "kind": "circular_curve",
            "from_m": 3_200.0,
            "to_m": 5_800.0,
            "radius_m": 2_500.0,
            "hand": "left",
        },
    ]
    survey = survey_line(_route(extra={"design": {"elements": rows, "grid_scale": 1.0}}))
    found = permit_speed(survey, read_train("ice3")).restrictions
    curve = next(r for r in found if r.cause == "curve")
    assert (curve.from_m, curve.to_m, curve.radius_low_m) == (3_000.0, 5_800.0, 2_500.0)
    assert curve.expected_mps == pytest.approx(math.sqrt(9.80665 * 2_500 * 240 / 1500))


def test_a_restriction_is_checked() -> None:
    """Ends in order, speeds in order and above 0."""
    right: dict[str, Any] = {
        "cause": "curve",
        "from_m": 0.0,
        "to_m": 1.0,
        "slow_mps": 1.0,
        "expected_mps": 2.0,
        "fast_mps": 3.0,
    }
    assert Restriction(**right).at("fast") == 3.0
    for wrong in ({"from_m": 2.0}, {"slow_mps": 0.0}, {"expected_mps": 4.0}):
        with pytest.raises(InvalidNoun):
            Restriction(**(right | wrong))


def test_the_test_line_is_as_long_as_it_should_be() -> None:
    """The plane line stays one on the ellipsoid."""
    lonlat = _arc_line(2_500.0)
    length = geodesy.inverse(lonlat[:-1], lonlat[1:])[2].sum()
    assert length == pytest.approx(20.0 * (len(lonlat) - 1), rel=2e-3)


def test_vertical_curves_of_a_design_are_held_to_their_acceleration() -> None:
    """v² = a R with 0.22 m/s², or 0.44 permitted; what is no such curve is passed over."""
    rows = [
        {"at_m": 4_000.0, "before_m": 50.0, "after_m": 60.0, "radius_m": 10_000.0, "kind": "crest"},
        {"at_m": 5_000.0, "before_m": 50.0, "after_m": 60.0, "radius_m": -1.0},
        {"at_m": "x", "before_m": 50.0, "after_m": 60.0, "radius_m": 100.0},
        3,
    ]
    survey = survey_line(_route(extra={"design": {"vertical_curves": rows}}))
    found = permit_speed(survey, read_train("ice3")).restrictions
    (told,) = [r for r in found if r.cause == "vertical_curve"]
    assert (told.from_m, told.to_m) == (3_950.0, 4_060.0)
    assert told.expected_mps == pytest.approx(math.sqrt(0.22 * 10_000))
    assert told.fast_mps == pytest.approx(math.sqrt(0.44 * 10_000))


def test_limits_that_are_none_are_left_out_and_counted() -> None:
    """Speeds below 1 km/h and stretches without ends say nothing; the rest holds, on the line."""
    rows = [
        {"from_m": 0, "to_m": 5_000, "kmh": 1e-9},
        {"from_m": 5_000, "to_m": 0, "kmh": 100},
        {"from_m": 0, "to_m": 1e300, "kmh": 120},
        {"from_m": 0, "to_m": 5_000, "kmh": "fast"},
        7,
    ]
    survey = survey_line(_route(extra={"speed_limits": rows}))
    permitted = permit_speed(survey, read_train("ice3"))
    (told,) = [r for r in permitted.restrictions if r.cause == "line_limit"]
    assert (told.from_m, told.to_m) == (0.0, survey.length_m)
    assert [r.message[:2] for r in permitted.remarks if r.code == "speed.limit"] == ["4 "]
    with pytest.raises(InvalidNoun, match="1 to 3,000"):
        permit_speed(survey, read_train("ice3"), max_speed_kmh=1e-300)


def test_short_transitions_of_a_design_are_slower_than_its_curves() -> None:
    """A ramp of 40 m to R 2,500 m: E may grow by 35 + 55 mm/s, so v³ = 90 L g R / s."""
    rows = [
        {"kind": "transition", "from_m": 3_000.0, "to_m": 3_040.0, "radius_from_m": None,
         "radius_to_m": 2_500.0, "hand": "left"},
        {"kind": "circular_curve", "from_m": 3_040.0, "to_m": 5_600.0, "radius_m": 2_500.0,
         "hand": "left"},
        {"kind": "transition", "from_m": 5_600.0, "to_m": 5_650.0, "radius_from_m": 2_500.0,
         "radius_to_m": 2_500.0, "hand": "left"},
        {"kind": "circular_curve", "from_m": 5_650.0, "to_m": 5_900.0, "radius_m": 2_500.0,
         "hand": "right"},
    ]  # fmt: skip
    survey = survey_line(_route(extra={"design": {"elements": rows}}))
    found = permit_speed(survey, read_train("ice3")).restrictions
    ramps = [r for r in found if r.cause == "transition"]
    expected = [(90 * 40 * 9.80665 * 2_500 / 1500) ** (1 / 3)]
    # Between curves of both hands the curvature changes by the sum of both.
    expected.append((90 * 50 * 9.80665 * 1_250 / 1500) ** (1 / 3))
    assert [r.expected_mps for r in ramps] == pytest.approx(expected, rel=1e-6)
    told = [*rows[:2], {**rows[2], "hand_from": "left", "hand_to": "right"}]
    again = survey_line(_route(extra={"design": {"elements": told}}))
    alone = permit_speed(again, read_train("ice3")).restrictions
    assert [r.expected_mps for r in alone if r.cause == "transition"] == pytest.approx(expected)
    curve = next(r for r in found if r.cause == "curve")
    assert (curve.from_m, curve.to_m) == (3_000.0, 5_650.0)
    assert curve.slow_mps < curve.expected_mps
