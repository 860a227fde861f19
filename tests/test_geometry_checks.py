"""What is odd about a line: each oddity is made, and found where it was made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyproj import Geod

from geo_routes.checks import check
from geo_routes.checks.crossings import find_crossings
from geo_routes.checks.doubling import find_doubling
from geo_routes.model import Declared, Finding, FloatArray, Route, Station
from geo_routes.survey import measure

GEOD = Geod(ellps="WGS84")


def arc(count: int = 200, *, step_m: float = 50.0, radius_m: float = 2_000.0) -> FloatArray:
    """A line of tangents and curves to either hand, fifty metres between its vertices."""
    rows = [(7.0, 51.0)]
    heading = 60.0
    for i in range(count):
        hand = (0, 1, 0, -1)[i // 25 % 4]
        heading += np.degrees(hand * step_m / radius_m)
        lon, lat, _ = GEOD.fwd(rows[-1][0], rows[-1][1], heading, step_m)
        rows.append((lon, lat))
    return np.array(rows)


def found(route: Route, code: str) -> list[Finding]:
    return [f for f in check(measure(route)) if f.code == code]


def test_a_sound_line_has_no_finding_about_its_geometry() -> None:
    codes = {f.code for f in check(measure(Route(lonlat=arc())))}
    assert codes == {"attribution.missing", "name.missing"}


@pytest.mark.parametrize("offset_m", [150.0, 300.0, 5e6])
def test_a_spike_is_found_where_it_stands(offset_m: float) -> None:
    line = arc()
    lon, lat, _ = GEOD.fwd(line[100, 0], line[100, 1], 150.0, offset_m)
    line = np.insert(line, 101, [lon, lat], axis=0)
    [finding] = found(Route(lonlat=line), "geometry.spike")
    assert finding.chainage_m == pytest.approx(100 * 50 + offset_m, rel=1e-3)
    assert finding.lonlat == pytest.approx((lon, lat))


def test_a_missing_coordinate_is_named() -> None:
    line = arc()
    line[100] = 0.0
    [finding] = found(Route(lonlat=line), "geometry.spike")
    assert "0, 0" in finding.message


@pytest.mark.parametrize("back", [2, 3, 30])
def test_a_way_back_is_no_spike(back: int) -> None:
    line = arc()
    route = Route(lonlat=np.vstack((line[:100], line[100 - back : 99][::-1], line[100 - back :])))
    assert found(route, "geometry.turns_back")
    assert not found(route, "geometry.spike")


def test_missing_vertices_in_a_curve_are_found_and_on_a_straight_not() -> None:
    line = arc(radius_m=600.0)
    # Curves are the second and the fourth quarter of every hundred vertices.
    [finding] = found(Route(lonlat=np.delete(line, slice(29, 47), axis=0)), "geometry.long_step")
    assert finding.chainage_m == pytest.approx(28 * 50, abs=1)
    assert found(Route(lonlat=np.delete(line, slice(55, 72), axis=0)), "geometry.long_step") == []


def test_a_line_of_a_few_long_steps_is_told_as_such_unless_a_sketch() -> None:
    far = np.array([[0.0, 0.0], [10.0, 5.0], [30.0, 0.0]])
    assert len(found(Route(lonlat=far), "geometry.long_step")) == 2
    assert found(Route(lonlat=far, geometry_kind="sketch"), "geometry.long_step") == []


def cut(line: FloatArray, *order: int) -> Route:
    """Cut into five parts that share their ends, and file them in an order, negative reversed."""
    pieces = [line[i * 40 : (i + 1) * 40 + 1] for i in range(5)]
    filed = [pieces[abs(p) - 1][:: 1 if p > 0 else -1] for p in order]
    starts = np.concatenate(([0], np.cumsum([len(p) for p in filed])[:-1]))
    return Route(lonlat=np.vstack(filed), part_starts=starts)


@pytest.mark.parametrize(
    "order,said",
    [
        ((1, 3, 2, 4, 5), "1, 3, 2, 4, 5"),
        ((1, -2, 3, 4, 5), "1, 2 reversed, 3, 4, 5"),
        ((4, 2, 5, 1, 3), "4, 2, 5, 1, 3"),
    ],
)
def test_the_order_in_which_parts_join_is_told(order: tuple[int, ...], said: str) -> None:
    line = arc()
    [finding] = found(cut(line, *order), "geometry.part_order")
    # Filed in the order that is told, reversed where told, the parts are one line either way.
    told = finding.message.rpartition("order ")[2].split(", ")
    again = [int(t.split()[0]) * (-1 if "reversed" in t else 1) for t in told]
    pieces = [p if (p := order[abs(i) - 1] * (1 if i > 0 else -1)) else 0 for i in again]
    assert pieces in ([1, 2, 3, 4, 5], [-5, -4, -3, -2, -1])
    assert said


def test_parts_in_order_are_no_finding() -> None:
    assert found(cut(arc(), 1, 2, 3, 4, 5), "geometry.part_order") == []


def test_a_branch_is_told() -> None:
    line = arc()
    spur = np.array([line[80], GEOD.fwd(line[80, 0], line[80, 1], 200.0, 3000.0)[:2]])
    route = Route(
        lonlat=np.vstack((line[:81], line[80:], spur)), part_starts=np.array([0, 81, 202])
    )
    assert "3 ends" in found(route, "geometry.branch")[0].message


def test_two_tracks_and_a_piece_drawn_twice_are_told_apart() -> None:
    line = arc()
    azimuth = GEOD.inv(*line[:-1].T, *line[1:].T)[0]
    azimuth = np.append(azimuth, azimuth[-1])
    lon, lat, _ = GEOD.fwd(line[:, 0], line[:, 1], azimuth + 90, np.full(len(line), 5.0))
    tracks = Route(
        lonlat=np.vstack((line, np.column_stack((lon, lat)))), part_starts=np.array([0, 201])
    )
    twice = Route(lonlat=np.vstack((line, line[50:150])), part_starts=np.array([0, 201]))
    assert find_doubling(measure(tracks)).length_m == pytest.approx(10_000, rel=0.01)
    assert not find_doubling(measure(tracks)).is_repeat
    assert find_doubling(measure(twice)).length_m == pytest.approx(99 * 50, rel=0.01)
    assert find_doubling(measure(twice)).is_repeat
    assert "two tracks" in found(tracks, "pieces.parallel")[0].message
    assert "drawn twice" in found(twice, "pieces.parallel")[0].message


def test_a_crossing_is_found_on_both_passes() -> None:
    # A figure of two straight legs that cross at right angles, a kilometre from their starts.
    a = (20.0, 45.0)
    b = GEOD.fwd(*a, 90, 2000.0)[:2]
    c = GEOD.fwd(*b, 0, 1000.0)[:2]
    middle = GEOD.fwd(*a, 90, 1000.0)[:2]
    d = GEOD.fwd(*middle, 0, 1000.0)[:2]
    e = GEOD.fwd(*middle, 180, 1000.0)[:2]
    route = Route(lonlat=np.array([a, b, c, d, e]))
    [(first_m, second_m)] = find_crossings(measure(route))
    assert first_m == pytest.approx(1000, abs=0.1)
    assert second_m == pytest.approx(2000 + 1000 + 1000 + 1000, abs=0.5)
    [finding] = found(route, "geometry.crossing")
    assert finding.severity == "note"


def test_a_crossing_over_the_antimeridian_is_found() -> None:
    shifted = np.array([[179.99, 0], [180.01, 0], [180.01, 0.01], [180.0, 0.01], [180.0, -0.01]])
    shifted[:, 0] = (shifted[:, 0] + 180) % 360 - 180
    assert len(find_crossings(measure(Route(lonlat=shifted)))) == 1


def test_a_knot_is_a_warning() -> None:
    line = arc()
    line[[100, 101]] = line[[101, 100]]
    line = np.insert(line, 103, line[99] + [1e-5, 2e-4], axis=0)
    severities = {f.severity for f in found(Route(lonlat=line), "geometry.crossing")}
    assert severities <= {"warning"}


def test_a_spiral_of_many_vertices_is_searched_through() -> None:
    turn = np.linspace(0, 6 * np.pi, 3000)
    radius = np.linspace(0.01, 0.02, 3000)
    spiral = np.column_stack((10 + radius * np.cos(turn), 50 + radius * np.sin(turn)))
    assert find_crossings(measure(Route(lonlat=spiral))) == []
    across = np.vstack((spiral, [[10.0, 50.0]]))
    assert len(find_crossings(measure(Route(lonlat=across)))) == 2


def heights(**changes: float) -> Route:
    values = np.linspace(100, 200, 201)
    for at, value in changes.items():
        values[int(at[1:])] = value
    return Route(lonlat=arc(), height_m=values)


def test_heights_that_jump_or_are_none_are_found() -> None:
    assert found(heights(), "heights.jump") == []
    assert len(found(heights(v100=400.0), "heights.jump")) == 2
    assert len(found(heights(v100=-9999.0), "heights.missing")) == 1
    assert len(found(heights(v100=32767.0), "heights.missing")) == 1
    assert found(heights(v100=np.nan), "heights.jump") == []


def test_a_line_too_coarse_for_what_is_asked_is_told() -> None:
    coarse = arc(step_m=600.0, radius_m=2_000.0)
    declared = Declared(length_km=float(measure(Route(lonlat=coarse)).length_m / 1000))
    asked = check(measure(Route(lonlat=coarse, declared=declared)), tolerance=0.001)
    assert "geometry.coarse" in [f.code for f in asked]
    assert not found(Route(lonlat=arc(), declared=Declared(length_km=10.0)), "geometry.coarse")
    radius = Declared(min_radius_m=1000.0)
    assert found(Route(lonlat=coarse, declared=radius), "geometry.coarse")
    assert not found(Route(lonlat=arc(), declared=radius), "geometry.coarse")


def kilometres(**changes: float) -> Route:
    line = arc(400)
    told = {f"S{i}": i * 5.0 for i in range(5)} | changes
    stations = tuple(
        Station(lonlat=tuple(line[i * 100].tolist()), name=f"S{i}", chainage_km=told[f"S{i}"])
        for i in range(5)
    )
    return Route(lonlat=line, stations=stations)


def test_official_kilometres_are_held_against_the_line() -> None:
    assert found(kilometres(), "kilometres.section") == []
    off = found(kilometres(S2=10.4), "kilometres.section")
    assert [f.chainage_m for f in off] == pytest.approx([5000, 10_000], abs=1)
    assert "S1 (km 5) to S2 (km 10.4)" in off[0].message


def test_stations_of_one_name_are_told() -> None:
    route = kilometres()
    names: dict[str, Any] = {"lonlat": route.lonlat}
    doubled = Route(**names, stations=(route.stations[0], route.stations[3], route.stations[0]))
    assert "2 stations" in found(doubled, "name.doubled")[0].message


def test_a_rack_that_climbs_evenly_does_not_jump() -> None:
    line = arc(30, step_m=114.0)
    steep = Route(lonlat=line, height_m=np.arange(31) * 114.0 * 0.48)
    assert found(steep, "heights.jump") == []


def test_a_simplified_tangent_lacks_no_vertices() -> None:
    curve = arc(25, step_m=50.0, radius_m=833.0)
    azimuth = GEOD.inv(*curve[0], *curve[1])[0]
    turned = GEOD.inv(*curve[-2], *curve[-1])[0]
    before = GEOD.fwd(curve[0, 0], curve[0, 1], azimuth + 180, 12_000)[:2]
    after = GEOD.fwd(curve[-1, 0], curve[-1, 1], turned, 9_000)[:2]
    line = np.vstack((before, curve, after))
    assert found(Route(lonlat=line), "geometry.long_step") == []
