"""Figures, trains and limits: what may be said, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from geo_routes.errors import GeoRoutesError, InvalidNoun, UnreadableFile
from geo_routes.standards import (
    ENDS,
    Figure,
    MaglevLimits,
    RailLimits,
    limit_ids,
    rail_distance_mm,
    read_limits,
    read_train,
    read_trains,
    train_ids,
)

_TRAIN = """
name = "Test"
guidance = "rail"
length_m = { value = 100, source = "x" }
mass_t = { value = 200, low = 190, high = 220, source = "x" }
rotating_percent = { value = 5, source = "x" }
top_speed_kmh = { value = 180, source = "x" }
resistance_n = { value = 2000, source = "x" }
resistance_n_per_mps = { value = 30, source = "x" }
resistance_n_per_mps2 = { value = 5, source = "x" }
tunnel_factor = { value = 1.3, source = "x" }
braking_mps2 = { value = 0.7, source = "x" }
starting_effort_kn = { value = 200, source = "x" }
power_kw = { value = 3600, source = "x" }
"""


def _write(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_figure_is_defended_or_refused() -> None:
    """A source or an assumption with a range, and ends that hold the value."""
    known = Figure(value=2.0, low=1.0, high=4.0, source="somewhere")
    assert known.at("slow", more_is_faster=True) == 1.0
    assert known.at("slow", more_is_faster=False) == 4.0
    assert known.at("expected", more_is_faster=True) == 2.0
    assert known.scaled(1000).high == 4000.0
    for wrong in (
        {"value": 1.0, "low": 1.0, "high": 1.0},
        {"value": 1.0, "low": 1.0, "high": 1.0, "assumption": "why"},
        {"value": 5.0, "low": 1.0, "high": 4.0, "source": "x"},
        {"value": 1.0, "low": 1.0, "high": 1.0, "source": "x", "assumption": "y"},
        {"value": math.nan, "low": 1.0, "high": 1.0, "source": "x"},
    ):
        with pytest.raises(InvalidNoun):
            Figure(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", train_ids())
def test_each_train_of_the_package_runs(name: str) -> None:
    """It pulls more than it meets at the start, its ends are in order, and it has its sources."""
    for train in read_trains(name):
        slow, expected, fast = (train.at(end) for end in ENDS)
        for one, two in ((slow, expected), (expected, fast)):
            assert one.mass_kg >= two.mass_kg
            assert one.braking_mps2 <= two.braking_mps2
            assert one.top_speed_mps <= two.top_speed_mps
            assert one.tunnel_factor >= two.tunnel_factor
        start = np.array([0.1])
        assert slow.effort_n(start) > slow.resistance_n(start, tunnel=True)
        top = np.array([expected.top_speed_mps])
        assert expected.effort_n(top) > expected.resistance_n(top, tunnel=False)
        assert all(f.source or f.assumption for f in train.figures.values())


@pytest.mark.parametrize(
    "wanted", ["n700s", "cr400af", "ice3", "l0", "transrapid", "crrc-600", "flirt", "br425"]
)
def test_the_trains_that_are_asked_for_are_there(wanted: str) -> None:
    """High-speed trains, maglevs and a regional multiple unit."""
    assert wanted in train_ids()


def test_published_accelerations_come_out() -> None:
    """300 km/h after 135 s and 430 after 235; 0 to 350 km/h in 380 s; 0 to 500 in 150."""

    def seconds(name: str, to_kmh: float) -> float:
        train = read_train(name).at()
        speeds = np.linspace(1e-6, to_kmh / 3.6, 20_001)
        net = train.effort_n(speeds) - train.resistance_n(speeds, tunnel=False)
        slowness = train.inertia_kg / net
        return float(np.sum((slowness[1:] + slowness[:-1]) / 2 * np.diff(speeds)))

    assert seconds("transrapid", 300) == pytest.approx(135, rel=0.005)
    assert seconds("transrapid", 430) == pytest.approx(235, rel=0.005)
    assert seconds("cr400af", 350) == pytest.approx(380, rel=0.02)
    watched = read_train("l0", variant="stop-watch-2015").at()
    assert watched.curve[0, 1] == pytest.approx(100 / 3.6 / 30, rel=1e-3)
    assert seconds("l0", 150) == pytest.approx(40, rel=0.01)
    assert seconds("l0", 500) == pytest.approx(150, rel=0.01)


def test_the_rail_formula_is_the_published_one() -> None:
    """R = 11.8 V² / (D + I): 10,747 m for 505 km/h with 180 + 100 mm."""
    limits = RailLimits(
        id="x",
        name="x",
        cant_mm=Figure(value=180, low=180, high=180, source="x"),
        deficiency_mm=((math.inf, Figure(value=100, low=100, high=100, source="x")),),
    )
    speed = limits.curve_speed_mps([10_747.0], gauge_mm=1435.0)
    assert speed[0] * 3.6 == pytest.approx(505, rel=1e-3)


def test_a_table_of_deficiencies_rules_by_speed() -> None:
    """150 mm up to 200 km/h, 100 beyond: a curve for 220 km/h by 150 mm is run at 200 or more."""
    row = lambda v: Figure(value=v, low=v, high=v, source="x")  # noqa: E731
    limits = RailLimits(
        id="x",
        name="x",
        cant_mm=row(150),
        deficiency_mm=((200 / 3.6, row(150)), (math.inf, row(100))),
    )
    radius = (220 / 3.6) ** 2 * 1500 / (9.80665 * 300)
    by_100 = math.sqrt(9.80665 * radius * 250 / 1500)
    assert limits.curve_speed_mps([radius], gauge_mm=1435.0)[0] == pytest.approx(
        max(200 / 3.6, by_100)
    )


def test_no_gauge_no_curve_speed() -> None:
    """Cant is a height over the distance of the rails: without a gauge there is none."""
    usual = read_limits("usual")
    assert isinstance(usual, RailLimits)
    with pytest.raises(InvalidNoun, match="gauge"):
        usual.curve_speed_mps([1000.0], gauge_mm=None)
    with pytest.raises(InvalidNoun, match="gauge"):
        rail_distance_mm(1.435)
    assert rail_distance_mm(1435.0).value == 1500
    assert 1060 <= rail_distance_mm(1000.0).low < rail_distance_mm(1000.0).high <= 1080


def test_a_maglev_is_held_against_bank_and_not_against_cant() -> None:
    """R 8,000 m at 505 km/h: 2.46 m/s² and 14.1° of balancing bank; Transrapid R 4,400 at 400."""
    law = read_limits("mbbo")
    assert isinstance(law, MaglevLimits)
    v = 505 / 3.6
    assert v**2 / 8000 == pytest.approx(2.46, abs=0.005)
    assert math.degrees(math.atan(v**2 / 8000 / 9.80665)) == pytest.approx(14.1, abs=0.05)
    assert law.curve_speed_mps([8000.0])[0] > v
    assert law.curve_speed_mps([4400.0])[0] > 400 / 3.6
    balanced = MaglevLimits(
        id="x",
        name="x",
        bank_deg=Figure(value=14.07, low=14.07, high=14.07, source="x"),
        lateral_mps2=Figure(value=1e-9, low=1e-9, high=1e-9, source="x"),
    )
    assert balanced.curve_speed_mps([8000.0])[0] == pytest.approx(v, rel=2e-3)


def test_a_transition_keeps_the_rate_of_change() -> None:
    """With 55 mm/s over 110 m, and 100 mm of deficiency at its end: 2 s, so 55 m/s."""
    limits = RailLimits(
        id="x",
        name="x",
        cant_mm=Figure(value=0, low=0, high=0, source="x"),
        deficiency_mm=((math.inf, Figure(value=100, low=100, high=100, source="x")),),
        deficiency_rate_mm_per_s=Figure(value=50, low=50, high=50, source="x"),
    )
    v = 55.0
    curvature = 100 * 9.80665 / (1500 * v**2)
    speed = limits.transition_speed_mps([110.0], [curvature], gauge_mm=1435.0)
    assert speed[0] == pytest.approx(v, rel=1e-9)
    none = read_limits("tokaido-design")
    assert isinstance(none, RailLimits)
    by_curve = none.curve_speed_mps([1 / curvature], gauge_mm=1435.0)[0]
    assert none.transition_speed_mps([110.0], [curvature], gauge_mm=1435.0)[0] == pytest.approx(
        by_curve
    )


def test_cant_and_deficiency_build_up_at_their_own_rates() -> None:
    """35 and 55 mm/s together let E grow by 90 mm/s, as long as neither is used up."""

    def row(v: float) -> Figure:
        return Figure(value=v, low=v, high=v, source="x")

    limits = RailLimits(
        id="x",
        name="x",
        cant_mm=row(150),
        deficiency_mm=((math.inf, row(110)),),
        cant_rate_mm_per_s=row(35),
        deficiency_rate_mm_per_s=row(55),
    )
    v, curvature = 40.0, 1 / 1_400
    needed = 1500 * v**2 * curvature / 9.80665
    assert needed < 260
    length = needed * v / 90
    assert length / v * 55 < 110
    speed = limits.transition_speed_mps([length], [curvature], gauge_mm=1435.0)
    assert speed[0] == pytest.approx(v, rel=1e-9)


@pytest.mark.parametrize("name", limit_ids())
def test_each_standard_of_the_package_lets_wider_curves_be_faster(name: str) -> None:
    """Speed rises with the square root of the radius, where the deficiency has no table."""
    limits = read_limits(name)
    for end in ENDS:
        if isinstance(limits, RailLimits):
            speed = limits.curve_speed_mps([500.0, 2000.0], gauge_mm=1435.0, end=end)
        else:
            speed = limits.curve_speed_mps([500.0, 2000.0], end=end)
        assert speed[1] > speed[0]
        if not isinstance(limits, RailLimits) or len(limits.deficiency_mm) == 1:
            assert speed[1] == pytest.approx(2 * speed[0])


def test_a_train_of_ones_own(tmp_path: Path) -> None:
    """A TOML file is read as the package's own are."""
    train = read_train(_write(tmp_path, _TRAIN))
    assert (train.id, train.name, train.mass_kg.high) == ("own", "Test", 220e3)
    assert train.at().effort_n(np.array([60.0]))[0] == pytest.approx(60e3)


@pytest.mark.parametrize(
    "old, new, said",
    [
        ('power_kw = { value = 3600, source = "x" }', "", "either starting_effort_kn and power_kw"),
        ("value = 3600", "value = true", "no number"),
        ("value = 3600", "value = nan", "finite"),
        ('value = 3600, source = "x"', "value = 3600", "source or an assumption"),
        ("mass_t", "mas_t", "did you mean mass_t"),
        ('guidance = "rail"', 'guidance = "road"', "expected"),
        ("value = 1.3", "value = 0.9", "tunnel_factor"),
        ("value = 0.7", "value = 0", "braking"),
        ("value = 200, low = 190", "value = 200, low = 1e-9", "beyond"),
        ("value = 3600", f"value = 1{'0' * 400}", "finite"),
        ("value = 100,", "value = 1e6,", "unit of its name"),
        ("low = 190", "low = 210", "between"),
        ('name = "Test"', "name = ", "no TOML"),
        ('name = "Test"', "name = 3", "no text"),
        ("mass_t = {", "mass_t = 3 # {", "no figure"),
    ],
)
def test_a_wrong_train_is_refused_with_its_file(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """One sentence that names the file and what is wrong in it."""
    path = _write(tmp_path, _TRAIN.replace(old, new))
    with pytest.raises(UnreadableFile) as caught:
        read_train(path)
    assert caught.value.source == path
    assert said in f"{caught.value.reason}; {caught.value.remedy}"


def test_unknown_names_get_near_ones() -> None:
    """A typo is answered with what was meant."""
    with pytest.raises(InvalidNoun, match="n700") as caught:
        read_train("n700z")
    assert "n700s" in caught.value.remedy
    with pytest.raises(GeoRoutesError, match="no standard"):
        read_limits("nothing")
    with pytest.raises(GeoRoutesError, match="no variant"):
        read_train("transrapid", variant="tr10")


def test_a_traction_table_is_followed() -> None:
    """ICE 3: 283 kN at 100 km/h and 96 at 300; its resistance at 300 km/h is 71.8 kN."""
    train = read_train("ICE3").at()
    effort = train.effort_n(np.array([100, 300]) / 3.6)
    assert effort == pytest.approx([283e3, 96e3])
    assert train.resistance_n(np.array([300 / 3.6]), tunnel=False)[0] == pytest.approx(
        71.8e3, rel=0.02
    )
    inside = train.resistance_n(np.array([300 / 3.6]), tunnel=True)[0]
    assert inside > train.resistance_n(np.array([300 / 3.6]), tunnel=False)[0]


def test_a_published_run_without_traction_is_that_of_its_resistance() -> None:
    """CRH380BL, 977.3 t, 7.2 + 0.0535 V + 0.000895 V² kN: from 300 km/h to rest 3,705 s, 87,589 m.

    The time gives what turns in it, 5 percent; with that the way has to come out (juduo.cc).
    """
    v = np.linspace(1e-9, 300 / 3.6, 200_001)
    slowing = (7_200 + 0.0535e3 * v * 3.6 + 0.895 * (v * 3.6) ** 2) / 977.3e3

    def total(y: np.ndarray) -> float:
        return float(np.sum((y[1:] + y[:-1]) / 2 * np.diff(v)))

    turning = 3_705 / total(1 / slowing)
    assert 1.03 <= turning <= 1.08
    assert turning * total(v / slowing) == pytest.approx(87_589, rel=3e-3)
    half = read_train("cr400af").at()
    told = half.resistance_n(np.array([300 / 3.6]), tunnel=False)[0]
    assert told == pytest.approx((7_200 + 53.5 * 300 + 0.895 * 300**2) / 2, rel=0.01)
