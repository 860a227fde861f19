"""Writing what was changed changes that, and nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_routes.errors import InvalidNoun
from geo_routes.formats.route_file import decode
from geo_routes.formats.writing import encode
from geo_routes.model import Declared, Route, Station, Structure
from geo_routes.survey import measure

A = [[139.0, 35.0], [139.01, 35.0], [139.02, 35.002]]
B = [[139.02, 35.002], [139.03, 35.01]]
AWAY = [[10.0, 50.0], [10.1, 50.0]]


def line(coordinates: object, **properties: object) -> dict[str, Any]:
    return {
        "type": "Feature",
        "seen": [1, {"by": "x"}],
        "bbox": [139.0, 35.0, 139.02, 35.002],
        "properties": properties,
        "geometry": {"type": "LineString", "coordinates": coordinates, "note": 1},
    }


def point(lonlat: object, **properties: object) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": lonlat}
    return {"type": "Feature", "id": "n1", "properties": properties, "geometry": geometry}


def two_routes() -> dict[str, Any]:
    """Two routes, each with a station, and features that are neither."""
    area = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    return {
        "type": "FeatureCollection",
        "geo_routes": 1,
        "bbox": [10, 35, 140, 50],
        "generator": {"name": "made", "version": 1e-7},
        "features": [
            point([139.0, 35.0], name="S", platform=[1, 2]),
            line(A, id="a", name="A", colour="red", declared={"length_km": 2, "page": 5}),
            {"type": "Feature", "properties": {"kind": "park"}, "geometry": area},
            line(AWAY, id="b", name="B", tunnels=[[10, 20]]),
            point([10.0, 50.0], name="T"),
        ],
    }


def read(document: object) -> tuple[Route, ...]:
    return decode(json.dumps(document).encode(), source="a.geojson")


def written(routes: Sequence[Route]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(encode(routes))
    return document


def test_a_changed_name_changes_the_name() -> None:
    first, second = read(two_routes())
    expected = two_routes()
    expected["features"][1]["properties"]["name"] = "new"
    del expected["bbox"]
    assert written([replace(first, name="new"), second]) == expected


MADE: dict[str, Any] = {
    "name": "new",
    "mode": "maglev",
    "gauge_mm": 1435.0,
    "status": "planned",
    "geometry_kind": "mapped",
    "accuracy_m": 5.0,
    "of_length_m": 3.5,
    "source": "made",
    "names": {"ja": "線"},
    "extra": {"colour": "red", "width": 2},
    "declared": Declared(length_km=3, source="s"),
    "structures": (Structure(kind="bridge", from_m=1.0, to_m=2.0),),
    "structures_complete": True,
    "id": "z",
}


@given(st.sets(st.sampled_from(sorted(MADE)), min_size=1))
def test_changes_come_back_and_all_else_stays(members: set[str]) -> None:
    first, second = read(two_routes())
    changed = replace(first, **{member: MADE[member] for member in members})
    document = written([changed, second])
    [again, other] = read(document)
    for member in members:
        assert getattr(again, member) == MADE[member]
    for member in set(MADE) - members:
        assert getattr(again, member) == getattr(first, member), member
    before = two_routes()["features"]
    features = document["features"]
    assert features[:1] + features[2:] == before[:1] + before[2:]
    assert features[1]["geometry"] == before[1]["geometry"]
    assert features[1]["seen"] == before[1]["seen"]
    assert document["generator"] == two_routes()["generator"]
    np.testing.assert_array_equal(other.lonlat, second.lonlat)
    assert encode([again, other]) == encode([changed, second])


def test_unknown_members_of_the_declared_figures_stay() -> None:
    first, second = read(two_routes())
    declared = Declared(length_km=3, source="s")
    properties = written([replace(first, declared=declared), second])["features"][1]["properties"]
    assert properties["declared"] == {"length_km": 3, "source": "s", "page": 5}


def test_a_member_that_was_taken_away_is_gone() -> None:
    first, second = read(two_routes())
    bare = replace(first, name="", id=None, declared=None, extra={})
    assert written([bare, second])["features"][1]["properties"] == {}


def test_an_id_that_was_taken_away_does_not_come_back_from_the_feature() -> None:
    document = {"type": "FeatureCollection", "features": [{**line(A), "id": "f"}]}
    [route] = read(document)
    [again] = read(written([replace(route, id=None)]))
    assert again.id is None


def test_a_changed_line_keeps_its_place_and_members() -> None:
    first, second = read(two_routes())
    moved = first.lonlat + [0.0, 1e-6]
    document = written([replace(first, lonlat=moved), second])
    feature = document["features"][1]
    assert feature["geometry"] == {"type": "LineString", "coordinates": moved.tolist()}
    assert feature["properties"] == two_routes()["features"][1]["properties"]
    assert feature["seen"] == two_routes()["features"][1]["seen"]
    assert "bbox" not in feature
    assert "bbox" not in document
    np.testing.assert_array_equal(read(document)[0].lonlat, moved)


@pytest.mark.parametrize("keep", [0, 1])
def test_a_subset_leaves_out_the_other_routes_and_their_stations(keep: int) -> None:
    features = two_routes()["features"]
    mine = [features[:2], features[3:]][keep]
    document = written([read(two_routes())[keep]])
    assert document["features"] == sorted([*mine, features[2]], key=features.index)
    assert document["generator"] == two_routes()["generator"]
    assert "bbox" not in document


def test_a_station_of_both_routes_stays_with_the_one_that_is_written() -> None:
    document = {"type": "FeatureCollection", "features": [line(A), line(A), point(A[0], name="S")]}
    first, _ = read(document)
    assert [s.name for s in read(written([first]))[0].stations] == ["S"]


def test_a_changed_station_is_changed_where_it_stands() -> None:
    first, second = read(two_routes())
    [station] = first.stations
    moved = replace(station, lonlat=(139.01, 35.0), seq=4.0)
    document = written([replace(first, stations=(moved,)), second])
    expected = two_routes()["features"]
    expected[0]["geometry"]["coordinates"] = [139.01, 35.0]
    expected[0]["properties"]["seq"] = 4.0
    assert document["features"] == expected


def test_stations_that_were_added_and_taken_away() -> None:
    first, second = read(two_routes())
    new = Station(lonlat=(139.01, 35.0), name="N")
    document = written([replace(first, stations=(*first.stations, new)), second])
    assert document["features"][:5] == two_routes()["features"]
    assert document["features"][5]["properties"] == {"kind": "station", "route": "a", "name": "N"}
    assert [s.name for s in read(document)[0].stations] == ["S", "N"]
    assert read(written([replace(first, stations=()), second]))[0].stations == ()


def test_changed_structures_take_the_place_of_every_form_of_them() -> None:
    new = (Structure(kind="bridge", from_m=1.0, to_m=2.0),)
    for members in (
        {"tunnels": [[10, 20]]},
        {"structures": [{"kind": "tunnel", "from_m": 10, "to_m": 20}], "tunnels": []},
        {"structure": "tunnel"},
        {"tunnel": "yes", "structures_complete": True},
    ):
        [route] = read({"type": "FeatureCollection", "features": [line(A, **members)]})
        [again] = read(written([replace(route, structures=new)]))
        assert again.structures == new
        assert again.tunnels_complete == route.tunnels_complete
        assert again.structures_complete == route.structures_complete


def pieces() -> dict[str, Any]:
    rows = [line(A, id="x", tunnels=[[10, 20]], piece=1), line(B, id="x", tunnel="yes", piece=2)]
    return {"type": "FeatureCollection", "geo_routes": 1, "features": rows}


def test_pieces_stay_pieces_when_a_name_changes() -> None:
    [route] = read(pieces())
    expected = copy.deepcopy(pieces()["features"])
    for feature in expected:
        feature["properties"]["name"] = "new"
    assert written([replace(route, name="new")])["features"] == expected


def test_pieces_become_one_feature_when_their_structures_change() -> None:
    [route] = read(pieces())
    new = (*route.structures, Structure(kind="bridge", from_m=30.0, to_m=40.0))
    document = written([replace(route, structures=new)])
    [feature] = document["features"]
    assert feature["geometry"]["type"] == "MultiLineString"
    assert "tunnel" not in feature["properties"]
    [again] = read(document)
    assert again.structures == new
    np.testing.assert_array_equal(again.lonlat, route.lonlat)
    before, after = measure(route), measure(again)
    assert after.tunnel_length_m == before.tunnel_length_m
    assert after.known_fraction >= before.known_fraction


def test_a_second_form_of_a_route_is_written_beside_the_first() -> None:
    first, second = read(two_routes())
    with pytest.raises(InvalidNoun, match="'a' is the id of several"):
        encode([first, replace(first, name="variant"), second])
    variant = replace(first, id="a2", name="variant", stations=())
    names = [r.name for r in read(written([first, variant, second]))]
    assert names == ["A", "B", "variant"]


def test_routes_of_several_files_follow_each_other() -> None:
    other = two_routes()
    for feature, identity in zip(other["features"], (None, "c", None, "d", None), strict=True):
        if identity is not None:
            feature["properties"]["id"] = identity
    other["generator"] = "other"
    mine, theirs = read(two_routes()), decode(json.dumps(other).encode(), source="b.geojson")
    document = written([mine[1], theirs[0], mine[0]])
    assert document["generator"] == two_routes()["generator"]
    assert [r.id for r in read(document)] == ["a", "b", "c"]
    assert document["features"][:5] == two_routes()["features"]


def test_the_same_file_read_twice_is_one_file() -> None:
    (first, _), (_, second) = read(two_routes()), read(two_routes())
    assert written([first, second]) == two_routes()
