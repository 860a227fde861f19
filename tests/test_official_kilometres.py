"""Official kilometres: calibration, breaks, both directions, structures placed by them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_routes.chainage import KilometrePoint, calibrate, interpolate, lay_ruler
from geo_routes.checks import check
from geo_routes.model import ChainageBreak, Route, Station, Structure
from geo_routes.survey import measure

SHARED = Path(__file__).resolve().parents[2] / "shared"
HIGH_SPEED_LINES = ("1733", "2690", "4080", "5919", "6185")


def point(chainage_m: float, km: float, name: str = "") -> KilometrePoint:
    return KilometrePoint(name=name, chainage_m=chainage_m, km=km)


def meridian(length_deg: float = 0.1, **members: object) -> Route:
    """A line north from 50 degrees, some 11 km long."""
    lat = np.linspace(50.0, 50.0 + length_deg, 12)
    return Route(lonlat=np.column_stack((np.full(12, 8.0), lat)), **members)  # type: ignore[arg-type]


def at(route: Route, chainage_m: float, **members: object) -> Station:
    ruler = lay_ruler(route.lonlat)
    lon, lat = interpolate(ruler, [chainage_m])[0].tolist()
    return Station(lonlat=(lon, lat), **members)  # type: ignore[arg-type]


def test_nothing_told_is_nothing_calibrated() -> None:
    assert calibrate([], length_m=1000.0) is None


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_between_points_linear_and_beyond_them_a_kilometre_is_a_kilometre(sign: float) -> None:
    official = calibrate([point(1000, 50), point(3000, 50 + sign * 2.2)], length_m=5000.0)
    assert official is not None
    assert official.rises == (sign > 0)
    expected = 50 + sign * np.array([-1.0, 0.0, 1.1, 2.2, 4.2])
    np.testing.assert_allclose(official.km_at([0, 1000, 2000, 3000, 5000]), expected)
    places = official.locate(expected)
    assert places.asked.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(places.chainage_m, [0, 1000, 2000, 3000, 5000], atol=1e-6)
    assert official.scale == pytest.approx(1.1)


def test_a_kilometre_off_the_line_has_no_place() -> None:
    official = calibrate([point(0, 10), point(1000, 11)], length_m=1000.0)
    assert official is not None
    assert len(official.locate([9.0, 12.0]).asked) == 0
    assert len(official.intervals_m(12.0, 13.0)) == 0


def test_a_gap_has_no_place_and_an_overlap_two() -> None:
    gap = ChainageBreak(at_m=1000, back_km=11.0, ahead_km=13.0)
    overlap = ChainageBreak(at_m=2000, back_km=14.0, ahead_km=13.5)
    official = calibrate([point(0, 10)], [gap, overlap], length_m=3000.0)
    assert official is not None
    np.testing.assert_allclose(official.km_at([999, 1000, 1999.0, 2000, 3000]),
                               [10.999, 13.0, 13.999, 13.5, 14.5])  # fmt: skip
    assert len(official.locate([12.0]).asked) == 0
    np.testing.assert_allclose(official.locate([13.75]).chainage_m, [1750.0, 2250.0])
    # A stretch over the gap is one; kilometres in the overlap are two stretches.
    np.testing.assert_allclose(official.intervals_m(10.5, 13.2), [[500, 1200]])
    np.testing.assert_allclose(official.intervals_m(13.6, 13.9), [[1600, 1900], [2100, 2400]])
    # What begins before the overlap and ends behind it passes through the break.
    np.testing.assert_allclose(official.intervals_m(13.2, 14.4), [[1200, 2900]])


def test_the_break_alone_tells_kilometres() -> None:
    official = calibrate([], [ChainageBreak(at_m=400, back_km=5, ahead_km=6)], length_m=1000.0)
    assert official is not None
    np.testing.assert_allclose(official.km_at([0, 399, 400, 1000]), [4.6, 4.999, 6.0, 6.6])


def test_what_contradicts_the_most_is_left_out() -> None:
    points = [point(m, km) for m, km in ((0, 0), (1000, 1), (2000, 112.0), (3000, 3), (4000, 4))]
    official = calibrate(points, length_m=4000.0)
    assert official is not None
    assert [p.km for p in official.points if not p.fits] == [112.0]
    np.testing.assert_allclose(official.km_at([2000]), [2.0])


def test_two_kilometres_for_one_place_keep_the_one_that_fits() -> None:
    points = [point(0, 0), point(1000, 1), point(1000, 1.5), point(2000, 2)]
    official = calibrate(points, length_m=2000.0)
    assert official is not None
    assert len([p for p in official.points if not p.fits]) == 1
    assert np.all(np.diff(official.km_at(np.linspace(0, 2000, 21))) > 0)


def test_residuals_tell_the_point_that_is_off() -> None:
    points = [point(m, m / 1000 + (0.2 if m == 5000 else 0.0)) for m in range(0, 10_001, 1000)]
    official = calibrate(points, length_m=10_000.0)
    assert official is not None
    worst = official.largest_residual
    assert worst is not None
    assert worst.chainage_m == 5000
    # Least squares spreads 200 m over 11 points in the middle: 200 (1 - 1/11) remain.
    assert worst.residual_m == pytest.approx(200 * 10 / 11)
    assert official.rms_residual_m == pytest.approx(200 * np.sqrt(10 / 11 / 11))


@given(
    steps=st.lists(st.floats(10, 5000), min_size=2, max_size=12),
    stretch=st.floats(0.9, 1.1),
    first_km=st.floats(-50, 500),
    falls=st.booleans(),
    share=st.floats(0, 1),
)
def test_chainage_to_kilometre_and_back(
    steps: list[float], stretch: float, first_km: float, share: float, *, falls: bool
) -> None:
    along = np.concatenate(([0.0], np.cumsum(steps)))
    sign = -1 if falls else 1
    points = [point(m, first_km + sign * stretch * m / 1000) for m in along.tolist()]
    official = calibrate(points, length_m=along[-1])
    assert official is not None
    there = share * along[-1]
    back = official.locate(official.km_at([there])).chainage_m
    np.testing.assert_allclose(back, [there], atol=1e-6)


def test_structures_in_kilometres_are_placed() -> None:
    line = meridian()
    length_m = measure(line).length_m
    falling = (at(line, 1000, chainage_km=20.0), at(line, 9000, chainage_km=12.0))
    tunnel = Structure(kind="tunnel", from_km=18.0, to_km=15.0, name="Deep")
    survey = measure(replace(line, stations=falling, structures=(tunnel,)))
    (placed,) = survey.structures
    assert (placed.from_m, placed.to_m) == pytest.approx((3000.0, 6000.0), abs=0.01)
    assert survey.tunnel_fraction == pytest.approx(3000 / length_m, abs=1e-6)


def test_a_tunnel_may_be_asked_for_without_the_sections() -> None:
    line = meridian()
    posts = (at(line, 0, chainage_km=1.0), at(line, 5000, chainage_km=6.0))
    tunnel = Structure(kind="tunnel", from_km=2.0, to_km=3.0)
    survey = measure(replace(line, km_posts=posts, structures=(tunnel,)), figures=["structures"])
    assert survey.tunnel_length_m == pytest.approx(1000.0, abs=0.01)
    assert survey.stations == ()


@pytest.mark.parametrize(
    "kilometres, breaks, code",
    [
        ((40.0, 41.0), (), "structures.outside"),
        ((5.0, 41.0), (), "structures.beyond"),
        ((5.6, 5.9), (ChainageBreak(at_m=6000, back_km=6.0, ahead_km=5.5),),
         "structures.ambiguous"),
    ],
)  # fmt: skip
def test_kilometres_that_cannot_be_placed_are_findings(
    kilometres: tuple[float, float], breaks: tuple[ChainageBreak, ...], code: str
) -> None:
    line = meridian()
    low, high = kilometres
    route = replace(
        line,
        stations=(at(line, 0, chainage_km=0.0), at(line, 3000, chainage_km=3.0)),
        structures=(Structure(kind="tunnel", from_km=low, to_km=high),),
        chainage_breaks=breaks,
    )
    assert code in [f.code for f in check(measure(route))]


def test_without_a_kilometre_told_the_structure_is_left_out_and_said() -> None:
    route = meridian(structures=(Structure(kind="tunnel", from_km=1.0, to_km=2.0),))
    survey = measure(route)
    assert survey.structures == ()
    assert "structures.official_km" in [f.code for f in survey.remarks]


def test_a_break_off_the_line_and_a_kilometre_out_of_order_are_findings() -> None:
    line = meridian(chainage_breaks=(ChainageBreak(at_m=99_000, back_km=1, ahead_km=2),))
    told = ((0, 0.0), (2000, 2.0), (4000, 3.9), (6000, 1.0), (8000, 8.0))
    stations = tuple(at(line, m, chainage_km=km, name=f"S{m}") for m, km in told)
    codes = {f.code: f for f in measure(replace(line, stations=stations)).remarks}
    assert "kilometres.break" in codes
    assert "S6000" in codes["kilometres.order"].message


@pytest.mark.parametrize("number", HIGH_SPEED_LINES)
def test_german_high_speed_lines_rise_with_their_kilometres(number: str) -> None:
    table = SHARED / "data/de-operating-points/hs_lines_points.json"
    if not table.exists():
        pytest.skip("needs the German operating points beside the checkout")
    lines = json.loads(table.read_text())
    assert set(lines) == set(HIGH_SPEED_LINES)
    rows = lines[number]
    lonlat = np.array([[row["lon"], row["lat"]] for row in rows])
    stations = tuple(
        Station(lonlat=(row["lon"], row["lat"]), name=row["name"], chainage_km=row["km"], seq=i)
        for i, row in enumerate(rows)
    )
    survey = measure(Route(lonlat=lonlat, stations=stations, name=number))
    official = survey.official
    assert official is not None
    assert official.rises
    fitting = [p for p in official.points if p.fits]
    assert len(fitting) == len(official.points)
    assert np.all(np.diff([p.chainage_m for p in fitting]) >= 0)
    assert np.all(np.diff([p.km for p in fitting]) > 0)
    # Straight from point to point the line is shorter than its kilometres.
    assert official.scale is not None
    assert 1.0 < official.scale < 1.1
    assert official.rms_residual_m is not None
    assert official.rms_residual_m < 0.02 * survey.length_m


@pytest.mark.parametrize("off_m", [-40.0, 0.0, 40.0])
@pytest.mark.parametrize("km,side", [(15.0, 0), (18.0, 1)])
def test_a_station_at_a_break_belongs_to_the_side_that_its_kilometre_fits(
    off_m: float, km: float, side: int
) -> None:
    cut = ChainageBreak(at_m=5000, back_km=15.0, ahead_km=18.0)
    points = [point(0, 10), point(5000 + off_m, km), point(9000, 22)]
    official = calibrate(points, [cut], length_m=9000.0)
    assert official is not None
    assert [p.stretch for p in official.points] == [0, side, 1]
    assert all(p.fits for p in official.points)
    np.testing.assert_allclose(official.km_at([2500, 7000]), [12.5, 20.0], atol=0.03)


def test_a_break_that_is_listed_twice_counts_once() -> None:
    cut = ChainageBreak(at_m=5000, back_km=15.0, ahead_km=18.0)
    official = calibrate([point(0, 10)], [cut, cut], length_m=9000.0)
    assert official is not None
    assert official.breaks == (cut,)
    np.testing.assert_allclose(official.km_at([9000]), [22.0])


@pytest.mark.parametrize("kilometres,from_m", [((38.0, 35.0), 2000), ((41.0, 43.0), 1000)])
def test_where_one_station_tells_a_kilometre_the_structure_tells_the_way(
    kilometres: tuple[float, float], from_m: float
) -> None:
    line = meridian()
    low, high = kilometres
    tunnel = Structure(kind="tunnel", from_km=low, to_km=high)
    survey = measure(replace(line, stations=(at(line, 0, chainage_km=40.0),), structures=(tunnel,)))
    [placed] = survey.structures
    assert placed.from_m == pytest.approx(from_m, abs=0.1)


def test_a_structure_in_a_gap_of_the_kilometres_is_said_to_be_there() -> None:
    line = meridian(
        chainage_breaks=(ChainageBreak(at_m=5000, back_km=15, ahead_km=18),),
        structures=(Structure(kind="tunnel", from_km=16, to_km=17),),
    )
    [finding] = [f for f in measure(line).remarks if f.code == "structures.outside"]
    assert "gap of the kilometres from 15 to 18" in finding.message


def test_a_kilometre_that_no_line_has_is_left_out() -> None:
    """Twice round the Earth and more: a finding, and no overflow."""
    route = meridian()
    stations = tuple(
        at(route, m, chainage_km=km, name=str(km))
        for m, km in ((0.0, 0.0), (5_000.0, 1e308), (10_000.0, 10.0))
    )
    survey = measure(replace(route, stations=stations))
    assert [f.code for f in survey.remarks if f.severity == "error"] == ["kilometres.order"]
    assert survey.official is not None
    assert survey.official.km_at([5_000.0])[0] == pytest.approx(5.0, abs=0.02)
