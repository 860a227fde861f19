"""Sub-routes and reversal: what is cut and mirrored with the line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_routes.chainage import interpolate, lay_ruler, reverse, sub_route
from geo_routes.errors import InvalidNoun
from geo_routes.model import ChainageBreak, Declared, Route, Station, Structure
from geo_routes.survey import measure


def winding(seed: int = 3, **members: object) -> Route:
    """Two parts of twenty vertices each, 400 m apart, with heights."""
    rng = np.random.default_rng(seed)
    steps = np.column_stack((rng.uniform(0.005, 0.01, 40), rng.normal(0, 0.003, 40)))
    lonlat = [179.8, 48.0] + np.cumsum(steps, axis=0)
    lonlat[20:, 1] += 0.004
    return Route(
        lonlat=lonlat,
        part_starts=np.array([0, 20]),
        height_m=np.linspace(100, 300, 40),
        **members,  # type: ignore[arg-type]
    )


@given(shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_stretches_add_up_and_lie_where_they_were(shares: tuple[float, float]) -> None:
    route = winding()
    ruler = lay_ruler(route.lonlat, part_starts=route.part_starts)
    low_m, high_m = sorted(share * ruler.length_m for share in shares)
    if high_m - low_m < 1e-3:
        return
    part = sub_route(route, from_m=low_m, to_m=high_m)
    mine = lay_ruler(part.lonlat, part_starts=part.part_starts)
    assert mine.length_m == pytest.approx(high_m - low_m, abs=1e-6)
    middle = interpolate(mine, [mine.length_m / 2])
    there = interpolate(ruler, [(low_m + high_m) / 2])
    apart = (middle - there + 180) % 360 - 180
    np.testing.assert_allclose(apart, 0, atol=1e-9)


def test_a_stretch_keeps_heights_structures_stations_and_breaks_of_its_own() -> None:
    ends = np.array([[8.0, 50.0], [8.0, 50.05], [8.0, 50.1]])
    stations = tuple(Station(lonlat=(8.0, 50 + d), name=f"{d}") for d in (0.0, 0.05, 0.1))
    route = Route(
        lonlat=ends,
        height_m=np.array([0.0, 50.0, 100.0]),
        stations=stations,
        structures=(
            Structure(kind="tunnel", from_m=1000, to_m=3000),
            Structure(kind="bridge", from_m=8000, to_m=8100),
            Structure(kind="cutting", from_km=1.0, to_km=2.0),
        ),
        chainage_breaks=(ChainageBreak(at_m=2500, back_km=2, ahead_km=3),),
        declared=Declared(length_km=11),
        of_length_m=11_124.0,
    )
    part = sub_route(route, from_m=2000, to_m=6000)
    tunnel, cutting = part.structures
    assert (tunnel.from_m, tunnel.to_m) == (0.0, 1000.0)
    assert (cutting.from_km, cutting.to_km) == (1.0, 2.0)
    assert [s.name for s in part.stations] == ["0.05"]
    assert part.chainage_breaks[0].at_m == 500
    assert part.declared is None
    assert part.of_length_m is None
    assert part.height_m is not None
    # The line climbs 100 m in 11,124 m.
    assert part.height_m[0] == pytest.approx(2000 / 11_124 * 100, abs=0.01)


@pytest.mark.parametrize("ends_m", [(-1, 10), (10, 10), (20, 10), (0, 1e9), (np.nan, 10)])
def test_what_is_no_stretch_is_refused(ends_m: tuple[float, float]) -> None:
    with pytest.raises(InvalidNoun, match="is none of a line"):
        sub_route(winding(), from_m=ends_m[0], to_m=ends_m[1])


def test_reversal_mirrors_everything_and_twice_is_nothing() -> None:
    first, last = winding().lonlat[[1, -2]].tolist()
    route = winding(
        structures=(
            Structure(kind="tunnel", from_m=1000, to_m=3000),
            Structure(kind="tunnel", from_km=5.0, to_km=6.0),
        ),
        open_m=np.array([[3000.0, 5000.0]]),
        stations=(
            Station(lonlat=tuple(first), name="A", seq=1, chainage_km=0.0),
            Station(lonlat=tuple(last), name="B", seq=2, chainage_km=20.0),
        ),
        chainage_breaks=(ChainageBreak(at_m=9000, back_km=9, ahead_km=10),),
        declared=Declared(length_km=20, origin="A", terminus="B"),
    )
    there = measure(route)
    back = measure(reverse(route))
    length_m = there.length_m
    assert back.length_m == pytest.approx(length_m, rel=1e-12)
    assert back.tunnel_length_m == pytest.approx(there.tunnel_length_m, abs=1e-6)
    for one, other in zip(there.structures, reversed(back.structures), strict=True):
        assert one.from_m == pytest.approx(length_m - (other.to_m or 0.0), abs=1e-3)
    for one_s, other_s in zip(there.stations, reversed(back.stations), strict=True):
        assert one_s.station.name == other_s.station.name
        assert one_s.chainage_m == pytest.approx(length_m - other_s.chainage_m, abs=1e-3)
    assert there.official is not None
    assert back.official is not None
    places = np.linspace(1, length_m - 1, 37)
    np.testing.assert_allclose(
        there.official.km_at(places), back.official.km_at(length_m - places), atol=1e-6
    )
    again = reverse(reverse(route))
    assert np.array_equal(again.lonlat, route.lonlat)
    assert np.array_equal(again.part_starts, route.part_starts)
    assert [s.from_km for s in again.structures] == [None, 5.0]
    assert again.declared == route.declared


def test_stations_listed_against_the_line_choose_the_pass_of_a_loop() -> None:
    # Out and back on one street: only the order tells which way B is passed.
    east = np.column_stack((np.linspace(8.0, 8.1, 11), np.full(11, 50.0)))
    line = np.vstack((east, east[-2::-1]))
    names = (("far", 8.1), ("B", 8.05), ("start", 8.0))
    stations = tuple(
        Station(lonlat=(lon, 50.0), name=name, seq=i) for i, (name, lon) in enumerate(names)
    )
    length_m = measure(Route(lonlat=line)).length_m
    for listed, share in ((stations[::-1], 0.25), (stations, 0.75)):
        survey = measure(Route(lonlat=line, stations=listed))
        places = {s.station.name: s.chainage_m / length_m for s in survey.stations}
        assert places["far"] == pytest.approx(0.5)
        assert places["B"] == pytest.approx(share)
        assert [f.code for f in survey.remarks] == []


def test_stations_that_fall_along_a_line_with_a_loop_are_placed() -> None:
    # A spur out and back in the middle: its root is passed twice, its tip once.
    lon = np.array([8.0, 8.05, 8.05, 8.05, 8.1])
    lat = np.array([50.0, 50.0, 50.02, 50.0, 50.0])
    names = (("east", 8.1, 50.0), ("root", 8.05, 50.0), ("tip", 8.05, 50.02), ("west", 8.0, 50.0))
    stations = tuple(Station(lonlat=(x, y), name=n) for n, x, y in names)
    survey = measure(Route(lonlat=np.column_stack((lon, lat)), stations=stations))
    assert [s.station.name for s in survey.stations] == ["west", "tip", "root", "east"]
    assert "station.ambiguous" not in [f.code for f in survey.remarks]


def test_what_was_told_by_place_is_left_out() -> None:
    line = np.array([[0.0, 0.0], [1.0, 0.0]])
    told = {"times": ["a", "b"], "design": {}, "operator": "DB"}
    route = Route(lonlat=line, extra=told)
    assert dict(reverse(route).extra) == {"operator": "DB"}
    assert dict(sub_route(route, from_m=0, to_m=1000).extra) == {"operator": "DB"}


def test_rows_along_the_line_are_cut_and_mirrored() -> None:
    """Speed limits go with the line; against it, the other one holds."""
    limits = [
        {"from_m": 0.0, "to_m": 40_000.0, "kmh": 100, "kmh_against": 80},
        {"from_m": 40_000.0, "to_m": 60_000.0, "kmh": 160},
    ]
    line = Route(
        lonlat=np.array([[0.0, 0.0], [1.0, 0.0]]), extra={"speed_limits": limits, "rows": [1, 2]}
    )
    length = 111_319.4907932264
    back = reverse(line)
    assert [r["kmh"] for r in back.extra["speed_limits"]] == [160, 80]
    assert back.extra["speed_limits"][1]["from_m"] == pytest.approx(length - 40_000)
    assert back.extra["speed_limits"][1]["kmh_against"] == 100
    assert back.extra["rows"] == [1, 2]
    part = sub_route(line, from_m=30_000.0, to_m=50_000.0)
    ends = [(r["from_m"], r["to_m"]) for r in part.extra["speed_limits"]]
    assert ends == [(0.0, 10_000.0), (10_000.0, 20_000.0)]
    assert line.extra["speed_limits"] == limits
