"""One survey of one route: sections that add up, stations at their places, shares within bounds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod

from geo_routes import chainage
from geo_routes.model import FloatArray, Route, Station, Structure
from geo_routes.survey import FIGURES, Survey, measure

GEOD = Geod(ellps="WGS84")
# A line east, then north: no place on it is near another.
LINE = np.array([[139.0, 35.0], [139.05, 35.0], [139.1, 35.01], [139.1, 35.05], [139.11, 35.1]])
LENGTH_M = float(GEOD.line_length(*LINE.T))


def places(chainages_m: list[float], line: FloatArray = LINE) -> list[tuple[float, float]]:
    found = chainage.interpolate(chainage.lay_ruler(line), chainages_m)
    return [(float(x), float(y)) for x, y in found]


def stations(chainages_m: list[float], line: FloatArray = LINE) -> tuple[Station, ...]:
    named = enumerate(places(chainages_m, line))
    return tuple(Station(lonlat=lonlat, name=f"S{i}") for i, lonlat in named)


def route(line: Any = LINE, **members: Any) -> Route:
    return Route(lonlat=np.asarray(line, dtype=float), **members)


def codes(survey: Survey) -> list[str]:
    return [f.code for f in survey.remarks]


along = st.floats(0, 19_320.0)
tunnels = st.lists(st.tuples(st.integers(0, 19_000), st.integers(1, 300)), max_size=5).map(
    lambda rows: tuple(Structure(kind="tunnel", from_m=a, to_m=a + b) for a, b in rows)
)


def test_the_length_is_karneys() -> None:
    survey = measure(route())
    assert survey.length_m == pytest.approx(LENGTH_M, rel=1e-9)
    assert survey.length_3d_m is None
    assert survey.sinuosity is not None
    ends_m = GEOD.inv(*LINE[0], *LINE[-1])[2]
    assert survey.sinuosity == pytest.approx(LENGTH_M / ends_m, rel=1e-9)


@given(st.lists(along, max_size=8), tunnels, st.booleans())
def test_sections_sum_to_the_way_from_the_first_to_the_last_station(
    chainages_m: list[float], structures: tuple[Structure, ...], complete: bool
) -> None:
    survey = measure(
        route(stations=stations(chainages_m), structures=structures, structures_complete=complete)
    )
    assert len(survey.sections) == max(len(chainages_m) - 1, 0)
    if len(chainages_m) > 1:
        span_m = max(chainages_m) - min(chainages_m)
        assert sum(s.length_m for s in survey.sections) == pytest.approx(span_m, abs=1e-5)
    for one, two in pairwise(survey.sections):
        assert one.to_m == two.from_m
        assert one.terminus == two.origin
    for section in survey.sections:
        assert 0 <= section.known_fraction <= 1
        if section.tunnel_fraction is None:
            assert section.known_fraction == 0
        else:
            assert 0 <= section.tunnel_fraction <= section.known_fraction + 1e-9
            if complete:
                assert section.known_fraction == pytest.approx(1, abs=1e-9)


@given(tunnels, st.lists(along, min_size=2, max_size=5, unique=True))
def test_tunnel_metres_of_the_sections_sum_to_those_between_the_ends(
    structures: tuple[Structure, ...], chainages_m: list[float]
) -> None:
    ordered = sorted(chainages_m)
    assume(min(b - a for a, b in pairwise(ordered)) > 1)
    filed = route(
        stations=stations([0.0, *ordered, 19_320.0]),
        structures=structures,
        structures_complete=True,
    )
    survey = measure(filed)
    of_sections_m = sum((s.tunnel_fraction or 0) * s.length_m for s in survey.sections)
    assert of_sections_m == pytest.approx(survey.tunnel_length_m, abs=1e-4)


@given(st.integers(0, 4), st.floats(-400, 400), tunnels)
def test_moving_a_station_changes_its_two_sections_alone(
    which: int, by_m: float, structures: tuple[Structure, ...]
) -> None:
    chainages_m = [1_000.0, 4_000.0, 7_000.0, 10_000.0, 13_000.0]
    moved_m = [c + by_m * (i == which) for i, c in enumerate(chainages_m)]
    surveys = [
        measure(route(stations=stations(c), structures=structures, structures_complete=True))
        for c in (chainages_m, moved_m)
    ]
    for i, (before, after) in enumerate(zip(*(s.sections for s in surveys), strict=True)):
        if i not in (which - 1, which):
            assert after == before
    total_m = [sum(s.length_m for s in survey.sections) for survey in surveys]
    at_end = {0: -by_m, 4: by_m}.get(which, 0.0)
    assert total_m[1] - total_m[0] == pytest.approx(at_end, abs=1e-5)


@given(tunnels, st.lists(st.tuples(along, along).map(sorted), max_size=3), st.booleans())
def test_the_shares_lie_within_their_bounds(
    structures: tuple[Structure, ...], open_m: list[list[float]], complete: bool
) -> None:
    pairs = np.array(open_m, dtype=float).reshape(-1, 2)
    survey = measure(route(structures=structures, open_m=pairs, structures_complete=complete))
    assert 0 <= survey.known_fraction <= 1
    if survey.tunnel_fraction is None:
        assert survey.tunnel_length_m is None
        assert survey.known_fraction == 0
        return
    assert 0 <= survey.tunnel_fraction <= survey.known_fraction + 1e-12
    assert survey.tunnel_fraction + 1 - survey.known_fraction <= 1 + 1e-12
    if complete:
        assert survey.known_fraction == 1
    assert survey.fraction("tunnel") == survey.tunnel_fraction
    assert survey.fraction("viaduct") == 0


def test_where_nothing_is_known_no_share_is_given() -> None:
    survey = measure(route())
    assert (survey.tunnel_length_m, survey.tunnel_fraction, survey.known_fraction) == (
        *(None, None, 0.0),
    )
    assert survey.fraction("tunnel") is None
    assert survey.fraction("bridge") is None


@given(st.lists(along, min_size=1, max_size=5), tunnels)
def test_a_reversed_route_is_the_mirror_image(
    chainages_m: list[float], structures: tuple[Structure, ...]
) -> None:
    survey = measure(route(stations=stations(chainages_m), structures=structures))
    length_m = survey.length_m
    mirrored = tuple(
        replace(s, from_m=length_m - (s.to_m or 0), to_m=length_m - (s.from_m or 0))
        for s in structures
    )
    back = measure(route(LINE[::-1], stations=stations(chainages_m), structures=mirrored))
    assert back.length_m == pytest.approx(length_m, rel=1e-12)
    places_m = [s.chainage_m for s in survey.stations]
    assert [length_m - s.chainage_m for s in back.stations[::-1]] == pytest.approx(
        places_m, abs=1e-5
    )
    if survey.tunnel_fraction is not None:
        assert back.tunnel_fraction == pytest.approx(survey.tunnel_fraction, abs=1e-9)


def test_a_station_aside_has_its_offset_and_the_foot_of_the_perpendicular() -> None:
    equator = [[10.0, 0.0], [10.2, 0.0]]
    lon, lat, _ = GEOD.fwd(10.05, 0.0, 180.0, 120.0)
    [located] = measure(route(equator, stations=(Station(lonlat=(lon, lat)),))).stations
    # Along the equator a degree is 111,319.4908 m, whatever the flattening.
    assert located.chainage_m == pytest.approx(0.05 * 111_319.490793, abs=1e-6)
    assert located.offset_m == pytest.approx(120.0, abs=1e-6)


@pytest.mark.parametrize(
    "metres,expected",
    [(249.0, []), (251.0, ["station.off_line"]), (90_000.0, ["station.off_line"])],
)
def test_a_station_far_off_is_a_finding(metres: float, expected: list[str]) -> None:
    lon, lat, _ = GEOD.fwd(10.05, 0.0, 0.0, metres)
    survey = measure(route([[10.0, 0.0], [10.2, 0.0]], stations=(Station(lonlat=(lon, lat)),)))
    assert codes(survey) == expected


def test_stations_at_one_place_are_a_finding() -> None:
    survey = measure(route(stations=stations([500.0, 500.2, 900.0])))
    assert codes(survey) == ["station.same_place"]
    assert "S0 and S1" in survey.remarks[0].message


def test_on_a_loop_the_order_of_the_stations_decides() -> None:
    # Out along the equator and back: each place is passed twice.
    line = [[0.0, 0.0], [0.1, 0.0], [0.0, 0.0]]
    outward = Station(lonlat=(0.03, 0.0), name="out")
    turn = Station(lonlat=(0.1, 0.0), name="turn")
    back = Station(lonlat=(0.02, 0.0), name="back")
    survey = measure(route(line, stations=(outward, turn, back)))
    degrees = [s.chainage_m / 111_319.490793 for s in survey.stations]
    assert degrees == pytest.approx([0.03, 0.1, 0.18], abs=1e-9)
    assert codes(survey) == []
    alone = measure(route(line, stations=(outward,)))
    assert codes(alone) == ["station.ambiguous"]
    assert "3.340 km, 18.924 km" in alone.remarks[0].message


def test_a_seq_that_goes_back_along_the_line_is_a_finding() -> None:
    filed = [replace(s, seq=float(i)) for i, s in enumerate(stations([900.0, 100.0, 1_500.0]))]
    assert codes(measure(route(stations=tuple(filed)))) == ["station.order"]
    falling = [replace(s, seq=float(i)) for i, s in enumerate(stations([1_500.0, 900.0, 100.0]))]
    assert codes(measure(route(stations=tuple(falling)))) == []


def test_heights_lengthen_a_line_by_their_slopes() -> None:
    line = [[0.0, 0.0], [0.01, 0.0], [0.02, 0.0]]
    step_m = 0.01 * 111_319.490793
    survey = measure(route(line, height_m=np.array([0.0, 300.0, -100.0])))
    climbs = np.hypot(step_m, 300.0) + np.hypot(step_m, 400.0)
    assert survey.length_3d_m == pytest.approx(climbs, rel=1e-9)
    assert survey.length_m == pytest.approx(2 * step_m, rel=1e-9)
    some = measure(route(line, height_m=np.array([0.0, np.nan, 5.0])))
    assert some.length_3d_m is None


def test_a_step_of_height_in_a_gap_counts_for_nothing() -> None:
    line = [[0.0, 0.0], [0.01, 0.0], [0.01, 0.0], [0.02, 0.0]]
    heights = np.array([0.0, 0.0, 500.0, 500.0])
    survey = measure(route(line, part_starts=np.array([0, 2]), height_m=heights))
    assert survey.length_3d_m == pytest.approx(survey.length_m, rel=1e-12)


def test_a_line_that_is_one_place_has_no_length_and_no_share() -> None:
    filed = route(
        [[10.0, 50.0]] * 3,
        stations=(Station(lonlat=(10.0, 50.0)),),
        structures=(Structure(kind="tunnel", from_m=0, to_m=5),),
        structures_complete=True,
    )
    survey = measure(filed)
    assert (survey.length_m, survey.tunnel_fraction, survey.sinuosity) == (0.0, None, None)
    assert "geometry.zero_length" in codes(survey)


def test_a_closed_line_has_no_sinuosity() -> None:
    assert measure(route([[0, 0], [1, 0], [1, 1], [0, 0]])).sinuosity is None


def test_a_sketch_has_no_uncertainty_of_length() -> None:
    assert measure(route(geometry_kind="sketch")).length_uncertainty_m is None
    assert measure(route(geometry_kind="mapped")).length_uncertainty_m is not None


@pytest.mark.parametrize("figure", FIGURES)
def test_what_is_not_asked_for_stays_empty(figure: Any) -> None:
    filed = route(stations=stations([100.0, 900.0]), tunnels_complete=True)
    survey = measure(filed, figures=(figure,))
    assert bool(survey.stations) == bool(survey.sections) == (figure == "sections")
    # The sections tell their share of tunnels, so they need the structures.
    assert (survey.tunnel_fraction is None) == (figure not in ("structures", "sections"))
    assert (survey.sinuosity is None) == (figure != "curvature")
    assert survey.length_m == measure(filed).length_m


def test_a_flood_of_gaps_is_folded() -> None:
    starts = np.arange(0, 200, 2)
    line = np.column_stack((np.arange(200) / 1_000, np.zeros(200)))
    survey = measure(route(line, part_starts=starts))
    assert len(survey.remarks) == 20
    assert "79 more" in survey.remarks[-1].message
