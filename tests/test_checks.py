"""Published figures held against measured ones, and the findings about a line."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_routes.checks import Verdict, check, judge, say_verdict, sort_findings
from geo_routes.checks.verdicts import rounding
from geo_routes.errors import InvalidNoun
from geo_routes.formats.route_file import decode
from geo_routes.model import Declared, Finding, Route, Station, Structure
from geo_routes.survey import measure

# Along the equator a degree is the equatorial radius times pi / 180, whatever the flattening.
DEGREE_M = 6_378_137.0 * np.pi / 180


def equator_km(length_km: float, **members: Any) -> Route:
    lonlat = np.array(
        [[0.0, 0.0], [length_km * 500 / DEGREE_M, 0.0], [length_km * 1_000 / DEGREE_M, 0]]
    )
    return Route(lonlat=lonlat, **members)


def station(at_km: float, name: str, **names: str) -> Station:
    return Station(lonlat=(at_km * 1_000 / DEGREE_M, 0.0), name=name, names=names)


def verdict(route: Route, *, tolerance: float | None = None) -> Verdict:
    [only] = judge(measure(route), tolerance=tolerance)
    return only


# What every bare route of these tests lacks, and what its own tests are about.
LACKING = ("attribution.missing", "name.missing")


def codes(route: Route) -> list[tuple[str, str]]:
    return [(f.code, f.severity) for f in check(measure(route)) if f.code not in LACKING]


@pytest.mark.parametrize(
    "figure,half_unit",
    [(286, 0.5), (285.6, 0.05), (0.863, 0.0005), (1e-7, 5e-8), (286.0, 0.05)],
)
def test_a_figure_is_as_exact_as_its_last_digit(figure: float, half_unit: float) -> None:
    assert rounding(figure) == pytest.approx(half_unit)


@pytest.mark.parametrize(
    "declared_km,measured_km,agrees",
    [
        # 1 % of 286 is 2.86, and half a kilometre is the figure's own rounding.
        (286, 285.6, True),
        (286, 286 + 3.3, True),
        (286, 286 + 3.4, False),
        (286, 286 - 3.4, False),
        (285.6, 285.6 + 2.9, True),
        (285.6, 285.6 + 2.92, False),
    ],
)
def test_a_declared_length_has_its_tolerance_and_its_rounding(
    declared_km: float, measured_km: float, agrees: bool
) -> None:
    result = verdict(equator_km(measured_km, declared=Declared(length_km=declared_km)))
    assert (result.figure, result.unit, result.declared) == ("length", "km", declared_km)
    assert result.outcome == ("agrees" if agrees else "differs")
    assert result.measured == pytest.approx(measured_km, rel=1e-9)


def test_a_tolerance_of_ones_own_is_relative_for_lengths() -> None:
    route = equator_km(101.0, declared=Declared(length_km=100.0))
    assert verdict(route, tolerance=0.009).outcome == "differs"
    assert verdict(route, tolerance=0.01).outcome == "agrees"
    assert verdict(route, tolerance=0.0).tolerance == pytest.approx(0.05)


@pytest.mark.parametrize("tolerance", [-0.1, np.nan, np.inf])
def test_a_tolerance_that_is_none_is_refused(tolerance: float) -> None:
    with pytest.raises(InvalidNoun, match="tolerance"):
        judge(measure(equator_km(1.0)), tolerance=tolerance)


STATIONS = (station(10, "P"), station(40, "Q", ja="九"), station(90, "R"))


@pytest.mark.parametrize(
    "members,stations,span_km",
    [
        ({}, STATIONS, 80),
        ({}, (), 100),
        ({}, STATIONS[:1], 100),
        ({"origin": "P", "terminus": "Q"}, STATIONS, 30),
        ({"origin": "Q", "terminus": "P"}, STATIONS, 30),
        ({"origin": "九"}, STATIONS, 50),
        ({"terminus": "Q"}, STATIONS, 30),
        ({"terminus": "Q"}, STATIONS[1:2], 40),
    ],
)
def test_the_length_is_that_between_the_stations_it_is_declared_for(
    members: dict[str, str], stations: tuple[Station, ...], span_km: float
) -> None:
    declared = Declared(length_km=span_km, **members)
    result = verdict(equator_km(100.0, stations=stations, declared=declared), tolerance=0.0)
    assert result.measured == pytest.approx(span_km, rel=1e-9)
    assert result.outcome == "agrees"


def test_a_station_that_the_route_lacks_leaves_the_length_untestable() -> None:
    declared = Declared(length_km=30, origin="Z")
    result = verdict(equator_km(100.0, stations=STATIONS, declared=declared))
    assert (result.outcome, result.measured) == ("untestable", None)
    assert "'Z'" in result.reason


def tunnel(from_km: float, to_km: float) -> Structure:
    return Structure(kind="tunnel", from_m=from_km * 1_000, to_m=to_km * 1_000)


@pytest.mark.parametrize(
    "declared,outcome",
    [
        ({"tunnel_km": 30.0}, "agrees"),
        ({"tunnel_km": 30.3}, "agrees"),
        ({"tunnel_km": 30.4}, "differs"),
        ({"tunnel_km": 29.6}, "differs"),
        ({"tunnel_km": 30}, "agrees"),
        ({"tunnel_km": 29}, "differs"),
        ({"tunnel_fraction": 0.3}, "agrees"),
        # 0.02 absolute, and half of the last decimal.
        ({"tunnel_fraction": 0.32}, "agrees"),
        ({"tunnel_fraction": 0.33}, "differs"),
        ({"tunnel_fraction": 0.28}, "agrees"),
        ({"tunnel_fraction": 0.279}, "differs"),
        # None and all are said without a decimal, and are not rounded to the half.
        ({"tunnel_fraction": 1}, "differs"),
        ({"tunnel_fraction": 0}, "differs"),
    ],
)
def test_declared_tunnels_are_judged_where_the_whole_line_is_known(
    declared: dict[str, float], outcome: str
) -> None:
    route = equator_km(
        100.0,
        structures=(tunnel(0, 30),),
        tunnels_complete=True,
        declared=Declared(**declared),  # type: ignore[arg-type]
    )
    assert verdict(route).outcome == outcome


@pytest.mark.parametrize(
    "fraction,outcome",
    [(0.1, "differs"), (0.3, "untestable"), (0.6, "untestable"), (0.9, "differs")],
)
def test_where_part_is_unknown_only_what_cannot_be_is_contradicted(
    fraction: float, outcome: str
) -> None:
    # 30 % is tunnel, 20 % is open, and half of the line is unknown: 0.3 to 0.8.
    route = equator_km(
        100.0,
        structures=(tunnel(0, 30),),
        open_m=np.array([[30_000.0, 50_000.0]]),
        declared=Declared(tunnel_fraction=fraction),
    )
    assert verdict(route).outcome == outcome


def test_where_nothing_is_known_a_share_is_untestable() -> None:
    route = equator_km(100.0, declared=Declared(tunnel_fraction=0.3, tunnel_km=30))
    assert [v.outcome for v in judge(measure(route))] == ["untestable", "untestable"]
    assert codes(route) == [
        ("declared.tunnel_length.untestable", "note"),
        ("declared.tunnel_fraction.untestable", "note"),
    ]


def test_of_a_sketch_length_and_structures_are_untestable() -> None:
    declared = Declared(length_km=500, tunnel_km=80.0)
    route = equator_km(
        100.0, geometry_kind="sketch", structures=(tunnel(0, 30),), declared=declared
    )
    assert [v.outcome for v in judge(measure(route))] == ["untestable", "untestable"]
    assert {severity for _, severity in codes(route)} == {"note"}
    assert ("geometry.sketch", "note") in codes(equator_km(100.0, geometry_kind="sketch"))


def test_a_difference_is_an_error_and_agreement_is_silence() -> None:
    assert codes(equator_km(100.0, declared=Declared(length_km=100))) == []
    assert codes(equator_km(100.0, declared=Declared(length_km=110))) == [
        ("declared.length", "error"),
    ]


def test_declared_figures_that_are_not_measured_are_named() -> None:
    declared = Declared(max_speed_kmh=500, running_time_min=40)
    found = check(measure(equator_km(100.0, declared=declared)))
    [finding] = [f for f in found if f.code.startswith("declared")]
    assert (finding.code, finding.severity) == ("declared.not_measured", "note")
    assert "max_speed_kmh, running_time_min" in finding.message


@given(st.floats(1, 1_000), st.floats(0, 0.5), st.floats(0.5, 2))
def test_a_verdict_says_what_it_decided(length_km: float, tolerance: float, ratio: float) -> None:
    route = equator_km(length_km, declared=Declared(length_km=length_km * ratio, source="s"))
    result = verdict(route, tolerance=tolerance)
    assert result.measured is not None
    off = abs(result.measured - result.declared)
    assert result.tolerance >= tolerance * result.declared
    assert (result.outcome == "agrees") == (off <= result.tolerance)
    assert result.outcome in say_verdict(result)
    assert result.source == "s"


@pytest.mark.parametrize(
    "lonlat,found",
    [
        ([[0, 0], [0, 0], [0.1, 0], [0.1, 0]], [("geometry.duplicate_vertices", "note")]),
        ([[0, 0], [1e-6, 0]], [("geometry.short", "warning")]),
        ([[0, 0], [0.1, 0], [0.05, 0]], [("geometry.turns_back", "warning")]),
        ([[0, 0], [0.1, 0], [0.1, 0], [0.05, 0]], ["geometry.turns_back"]),
        ([[0, 0], [0.1, 0], [0.2, 0.1]], []),
    ],
)
def test_what_is_odd_about_a_line(lonlat: object, found: list[Any]) -> None:
    seen = codes(Route(lonlat=np.asarray(lonlat, dtype=float)))
    if found and isinstance(found[0], str):
        assert found[0] in [code for code, _ in seen]
    else:
        assert seen == found


def test_parts_side_by_side_are_an_error() -> None:
    track = np.column_stack((np.linspace(0, 0.1, 50), np.zeros(50)))
    twice = np.concatenate((track, track + [0, 0.00005]))
    both = Route(lonlat=twice, part_starts=np.array([0, 50]))
    assert ("pieces.parallel", "error") in codes(both)
    apart = np.concatenate((track, track + [0.1, 0]))
    assert codes(Route(lonlat=apart, part_starts=np.array([0, 50]))) == []


def test_ten_thousand_parts_are_looked_through() -> None:
    starts = np.arange(0, 20_000, 2)
    lonlat = np.column_stack((np.arange(20_000) / 100_000, np.zeros(20_000)))
    route = Route(lonlat=lonlat, part_starts=starts)
    assert {code for code, _ in codes(route)} == {"geometry.gap"}


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31m", "\u202eabc", "a\u2028b"])
def test_control_characters_in_names_are_a_warning(name: str) -> None:
    assert codes(equator_km(1.0, name=name)) == [("name.control", "warning")]
    assert codes(equator_km(1.0, stations=(station(0.5, name),))) == [("name.control", "warning")]
    assert codes(equator_km(1.0, name="Zürich 東京 \U00020bb7")) == []


def test_findings_of_the_file_and_the_reading_are_among_them() -> None:
    feature = {
        "type": "Feature",
        "properties": {"name": "A", "status": "lost"},
        "geometry": {"type": "LineString", "coordinates": [[0, 0], [0.1, 0]]},
    }
    document = {"type": "FeatureCollection", "crs": None, "features": [feature]}
    [route] = decode(json.dumps(document).encode())
    assert codes(route) == [("crs.member", "warning"), ("member.status", "warning")]


def test_findings_are_sorted_by_severity_and_stand_once() -> None:
    rows = [
        Finding(code=c, severity=s, message="m")  # type: ignore[arg-type]
        for c, s in (
            ("a", "note"),
            ("b", "error"),
            ("c", "warning"),
            ("b", "error"),
            ("d", "error"),
        )
    ]
    assert [f.code for f in sort_findings(rows)] == ["b", "d", "c", "a"]


@pytest.mark.parametrize(
    "minutes, found",
    [(10, ["declared.running_time"]), (40, []), (33.5, ["declared.running_time"]), (33.9, [])],
)
def test_a_time_above_the_declared_top_speed_is_an_error(minutes: float, found: list[str]) -> None:
    """286 km at 505 km/h take 33.98 min, to the rounding of both figures."""
    told = Declared(length_km=286, max_speed_kmh=505, running_time_min=minutes, source="x")
    line = np.array([[139.7, 35.6], [136.9, 35.2]])
    survey = measure(Route(lonlat=line, geometry_kind="sketch", declared=told))
    assert [f.code for f in check(survey) if f.code == "declared.running_time"] == found
