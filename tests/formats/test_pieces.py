"""Pieces of one route: their structures move with them, and a tag speaks for a whole piece."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

from geo_routes.formats.route_file import decode
from geo_routes.model import Route
from geo_routes.survey import measure

GEOD = Geod(ellps="WGS84")
A = [[139.0, 35.0], [139.01, 35.0], [139.02, 35.002]]
B = [[139.02, 35.002], [139.03, 35.01]]
C = [[139.03, 35.01], [139.05, 35.01]]


def length_m(coordinates: list[list[float]]) -> float:
    return float(GEOD.line_length(*np.transpose(coordinates)))


LENGTH_A, LENGTH_B, LENGTH_C = (length_m(x) for x in (A, B, C))


def piece(coordinates: object, *, way: bool = False, **properties: object) -> dict[str, Any]:
    feature: dict[str, Any] = {
        "type": "Feature",
        "properties": {"id": "x", **properties},
        "geometry": {"type": "LineString", "coordinates": coordinates},
    }
    return {**feature, "id": "way/1"} if way else feature


def read_one(*features: object) -> Route:
    document = {"type": "FeatureCollection", "features": list(features)}
    [route] = decode(json.dumps(document).encode())
    return route


def ends(route: Route) -> list[tuple[str, float | None, float | None]]:
    return [(s.kind, s.from_m, s.to_m) for s in route.structures]


def test_structures_shift_by_the_length_of_the_pieces_before() -> None:
    rows = [{"kind": "bridge", "from_m": 5, "to_m": 20.5}]
    for order in ((0, 1), (1, 0)):
        pieces = [piece(A, seq=1, tunnels=[[1, 2]]), piece(B, seq=2, structures=rows)]
        route = read_one(*(pieces[i] for i in order))
        assert ends(route) == [
            ("tunnel", 1, 2),
            ("bridge", pytest.approx(LENGTH_A + 5, abs=1e-6), pytest.approx(LENGTH_A + 20.5)),
        ]


def test_official_kilometres_do_not_shift() -> None:
    rows = [{"kind": "tunnel", "from_km": 3, "to_km": 4}]
    [structure] = read_one(piece(A), piece(B, structures=rows)).structures
    assert (structure.from_km, structure.to_km, structure.from_m) == (3, 4, None)


def test_breaks_of_official_kilometres_shift() -> None:
    jump = {"at_m": 10, "back_km": 1, "ahead_km": 2}
    route = read_one(piece(A, chainage_breaks=[jump]), piece(B, chainage_breaks=[jump]))
    assert [b.at_m for b in route.chainage_breaks] == [10, pytest.approx(LENGTH_A + 10, abs=1e-6)]


def test_each_piece_states_the_length_of_its_own_line() -> None:
    both = read_one(piece(A, of_length_m=LENGTH_A), piece(B, of_length_m=LENGTH_B))
    assert both.of_length_m == pytest.approx(LENGTH_A + LENGTH_B)
    assert read_one(piece(A, of_length_m=LENGTH_A), piece(B)).of_length_m is None
    assert not [f for f in measure(both).remarks if f.code == "structures.stale"]


@pytest.mark.parametrize(
    "tags,kinds",
    [
        ({"structure": "viaduct"}, ["viaduct"]),
        ({"tunnel": "yes"}, ["tunnel"]),
        ({"tunnel": "building_passage"}, ["tunnel"]),
        ({"bridge": "viaduct"}, ["viaduct"]),
        ({"bridge": "yes", "embankment": "yes"}, ["bridge", "embankment"]),
        ({"cutting": True}, ["cutting"]),
        ({"structure": "bridge", "tunnel": "yes"}, ["bridge"]),
        ({"tunnel": "no", "bridge": "", "cutting": None, "embankment": "0"}, []),
    ],
)
def test_a_tag_makes_the_whole_piece_a_structure(tags: dict[str, object], kinds: list[str]) -> None:
    route = read_one(piece(A), piece(B, **tags), piece(C))
    span = (pytest.approx(LENGTH_A, abs=1e-6), pytest.approx(LENGTH_A + LENGTH_B, abs=1e-6))
    assert ends(route) == [(kind, *span) for kind in kinds]


def test_an_unknown_word_for_a_structure_is_passed_over_with_a_finding() -> None:
    route = read_one(piece(A, structure="hole"))
    assert route.structures == ()
    assert [f.code for f in route.remarks] == ["member.structure"]


def test_an_osm_way_without_a_tag_is_known_to_be_open() -> None:
    route = read_one(piece(A, way=True), piece(B, tunnel="yes", way=True), piece(C, way=True))
    survey = measure(route)
    assert survey.known_fraction == pytest.approx(1, abs=1e-12)
    share = LENGTH_B / (LENGTH_A + LENGTH_B + LENGTH_C)
    assert survey.tunnel_fraction == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize(
    "properties",
    [{"@id": "way/5"}, {"osm_id": "way/5"}, {"@type": "way"}],
)
def test_ways_are_known_by_the_marks_of_the_usual_exporters(properties: dict[str, object]) -> None:
    assert measure(read_one(piece(A, **properties))).tunnel_fraction == 0.0
    assert measure(read_one(piece(A, other="way/5"))).tunnel_fraction is None


def test_of_other_pieces_without_a_tag_nothing_is_known() -> None:
    survey = measure(read_one(piece(A), piece(B, tunnel="yes"), piece(C)))
    total_m = LENGTH_A + LENGTH_B + LENGTH_C
    assert survey.known_fraction == pytest.approx(LENGTH_B / total_m, abs=1e-9)
    assert survey.tunnel_fraction == pytest.approx(LENGTH_B / total_m, abs=1e-9)


@pytest.mark.parametrize("member", [{"tunnels": []}, {"structures_complete": True}])
def test_a_piece_that_is_stated_is_known_where_it_lies(member: dict[str, object]) -> None:
    survey = measure(read_one(piece(A), piece(B, **member)))
    assert survey.known_fraction == pytest.approx(LENGTH_B / (LENGTH_A + LENGTH_B), abs=1e-9)
    assert survey.tunnel_fraction == 0.0
    assert measure(read_one(piece(A, **member), piece(B, **member))).known_fraction == 1.0


def test_the_chainage_of_a_multiline_runs_through_its_parts_and_a_gap_adds_nothing() -> None:
    far = [[139.5, 35.0], [139.6, 35.0]]
    feature = piece(A, tunnels=[[LENGTH_A + 10, LENGTH_A + 30]])
    feature["geometry"] = {"type": "MultiLineString", "coordinates": [A, far, B]}
    survey = measure(read_one(feature))
    assert survey.length_m == pytest.approx(LENGTH_A + length_m(far) + LENGTH_B, abs=1e-6)
    assert survey.tunnel_length_m == pytest.approx(20, abs=1e-9)
    gaps = [f for f in survey.remarks if f.code == "geometry.gap"]
    assert [f.chainage_m for f in gaps] == [
        pytest.approx(LENGTH_A, abs=1e-6),
        pytest.approx(LENGTH_A + length_m(far), abs=1e-6),
    ]
    gap_m = length_m([A[-1], far[0]])
    assert f"{gap_m:,.1f} m" in gaps[0].message


def test_joined_parts_have_no_gap() -> None:
    feature = piece(A)
    feature["geometry"] = {"type": "MultiLineString", "coordinates": [A, B, C]}
    assert measure(read_one(feature)).remarks == ()
