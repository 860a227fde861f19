"""Which ways are chosen, and what is said of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from geo_routes.errors import UnusableInput
from geo_routes.formats.osm import Extract, Selection, import_route, list_extract, listing_text
from geo_routes.formats.osm.extract import Member, Point, Relation, Way
from geo_routes.formats.osm.selection import choose

M_PER_DEG = 111_320.0


def way(number: int, *rows: tuple[float, float], **tags: str) -> Way:
    lonlat = np.array([10.0, 0.0]) + np.array(rows, dtype=np.float64) / M_PER_DEG
    return Way(id=f"way/{number}", lonlat=lonlat, tags={"railway": "rail", **tags})


def stop(number: int, east_m: float, name: str, *, north_m: float = 5.0, **tags: str) -> Point:
    place = (10.0 + east_m / M_PER_DEG, north_m / M_PER_DEG)
    return Point(id=f"node/{number}", lonlat=place, tags={"name": name, **tags})


def relation(number: int, *refs: str, **tags: str) -> Relation:
    members = tuple(Member(ref=r.split(" ")[0], role=r.partition(" ")[2]) for r in refs)
    return Relation(
        id=f"relation/{number}", tags={"type": "route", "route": "train", **tags}, members=members
    )


def extract(*things: Way | Point | Relation, **members: Any) -> Extract:
    return Extract(
        source="made",
        form="xml",
        ways=tuple(t for t in things if isinstance(t, Way)),
        points=tuple(t for t in things if isinstance(t, Point)),
        relations={t.id: t for t in things if isinstance(t, Relation)},
        **members,
    )


WAYS = (
    way(1, (0, 0), (1000, 0), name="Nordbahn", usage="main", ref="10"),
    way(2, (1000, 0), (2000, 0), name="Nordbahn", usage="main", ref="10;11", highspeed="yes"),
    way(3, (2000, 0), (2600, 60), name="Ostbahn", usage="branch", ref="11"),
    way(4, (0, 900), (2500, 900), railway="tram", name="Linie 1"),
    way(5, (0, 1900), (9000, 1900), railway="abandoned", name="Alte Bahn"),
    way(6, (0, 2900), (9000, 2900), railway="platform"),
    way(7, (0, 3900), (700, 3900), railway="construction", construction="rail", name="Neubau"),
)


@pytest.mark.parametrize(
    "asked,ways",
    [
        ({}, {1, 2, 3}),
        ({"way_name": "nordbahn"}, {1, 2}),
        ({"ref": "11"}, {2, 3}),
        ({"ref": "10"}, {1, 2}),
        ({"usage": "branch"}, {3}),
        ({"railway": "tram"}, {4}),
        ({"railway": "construction"}, {7}),
        ({"railway": "abandoned"}, {5}),
        ({"highspeed": True}, {2}),
        ({"railway": "rail", "usage": "main", "highspeed": True}, {2}),
    ],
)
def test_ways_are_chosen_by_their_tags(asked: Mapping[str, Any], ways: set[int]) -> None:
    chosen = choose(extract(*WAYS), Selection(**asked))
    assert {w.id for w in chosen.ways} == {f"way/{n}" for n in ways}


def test_without_a_wish_the_name_with_most_track_is_the_line() -> None:
    made = import_route(extract(*WAYS))
    assert made.route.name == "Nordbahn"
    said = {d.code: d.reason for d in made.decisions}
    assert "tram 2.5 km" in said["railway.chosen"]
    assert "Nordbahn" in said["name.chosen"]


def test_unbuilt_track_has_its_status() -> None:
    assert (
        import_route(extract(*WAYS), Selection(railway="construction")).route.status
        == "construction"
    )
    assert import_route(extract(*WAYS), Selection(railway="abandoned")).route.status == "closed"


@pytest.mark.parametrize(
    "asked,reason",
    [
        ({"way_name": "Südbahn"}, "way-name Südbahn"),
        ({"ref": "12"}, "ref 12"),
        ({"highspeed": True, "usage": "branch"}, "usage branch highspeed"),
        ({"relation": "5"}, "no relation '5'"),
        ({"origin": "A"}, "one end"),
        ({"origin": "Nord", "terminus": "West"}, "no station 'West'"),
    ],
)
def test_what_is_not_there_is_said(asked: Mapping[str, Any], reason: str) -> None:
    with pytest.raises(UnusableInput, match=reason) as refused:
        import_route(extract(*WAYS, stop(1, 0, "Nord", railway="station")), Selection(**asked))
    assert refused.value.source == "made"


def test_a_relation_gives_ways_stations_order_and_name() -> None:
    both = extract(
        *WAYS[:3],
        stop(1, 20, "Anfang", railway="stop"),
        stop(2, 1990, "Talheim", railway="stop"),
        stop(3, 1000, "Fremd", railway="station"),
        relation(
            8, "node/2 stop", "node/1 stop", "way/2", "way/1", name="RE 5", **{"name:en": "RE five"}
        ),
    )
    route = import_route(both, Selection(relation="RE 5")).route
    assert [s.name for s in route.stations] == ["Talheim", "Anfang"]
    assert (route.name, dict(route.names), route.id) == ("RE 5", {"en": "RE five"}, "re-five")
    assert route.lonlat[0, 0] > route.lonlat[-1, 0]
    assert set(route.extra["osm_ways"]) == {"way/1", "way/2"}


def test_relations_within_relations_are_opened_once() -> None:
    nested = extract(
        *WAYS[:3],
        relation(1, "relation/2", "relation/3", "relation/1", "relation/99", name="Netz"),
        relation(2, "way/1", "relation/1"),
        relation(3, "way/2", "way/77", "way/6 platform_entry_only"),
    )
    chosen = choose(nested, Selection(relation="1"))
    assert [w.id for w in chosen.ways] == ["way/1", "way/2"]
    (remark,) = chosen.remarks
    assert remark.code == "osm.incomplete_relation"
    assert "1 sub-relations, 1 ways" in remark.message


def test_several_relations_of_one_name_are_told_apart_by_id() -> None:
    with pytest.raises(UnusableInput, match="relation/1, relation/2"):
        choose(
            extract(*WAYS, relation(1, "way/1", name="X"), relation(2, "way/2", name="X")),
            Selection(relation="x"),
        )


def test_a_station_with_many_points_is_one() -> None:
    line = extract(
        way(1, (0, 0), (3000, 0)),
        stop(1, 500, "Mitte", railway="stop", public_transport="stop_position"),
        stop(2, 560, "Mitte", railway="station", north_m=40.0),
        stop(3, 620, "mitte", railway="stop"),
        stop(4, 2500, "Mitte", railway="halt"),
        stop(5, 900, "Fern", railway="station", north_m=400.0),
    )
    stations = import_route(line).route.stations
    assert [(s.name, s.seq, s.extra["osm"]) for s in stations] == [
        ("Mitte", 1, "node/2"),
        ("Mitte", 2, "node/4"),
    ]


def test_kilometre_posts_face_the_line_and_are_kept() -> None:
    posts = [
        stop(n, east_m, "", railway="milestone", **{"railway:position": km})
        for n, (east_m, km) in enumerate([(200, "9,8"), (1200, "8.8"), (2200, "7.8")])
    ]
    route = import_route(extract(way(1, (0, 0), (3000, 0)), *posts)).route
    rows = route.extra["kilometre_posts"]
    assert [r["km"] for r in rows] == [7.8, 8.8, 9.8]
    assert [r["at_m"] for r in rows] == pytest.approx([800, 1800, 2800], abs=1.0)
    assert route.lonlat[0, 0] > route.lonlat[-1, 0]


def test_tunnels_in_pieces_are_united_and_neighbours_are_not() -> None:
    tagged = [
        ("A", 0, 500),
        ("", 500, 700),
        ("A", 700, 900),
        ("B", 900, 1500),
        (None, 1500, 1800),
        ("A", 1800, 2000),
    ]
    ways = [
        way(n, (a, 0), (b, 0), **({} if name is None else {"tunnel": "yes", "tunnel:name": name}))
        for n, (name, a, b) in enumerate(tagged)
    ]
    structures = import_route(extract(*ways)).route.structures
    spans = [(s.name, round(s.from_m or 0, -1), round(s.to_m or 0, -1)) for s in structures]
    assert spans == [("A", 0, 900), ("B", 900, 1500), ("A", 1800, 2000)]


def test_a_tunnel_takes_the_name_that_its_other_track_has() -> None:
    made = extract(
        way(1, (0, 0), (1000, 0)),
        way(2, (1000, 0), (2000, 0), tunnel="yes"),
        way(3, (1010, 4), (1990, 4), tunnel="yes", **{"tunnel:name": "Bergtunnel"}),
        way(4, (100, 4), (900, 4), bridge="yes", **{"bridge:name": "Talbrücke"}),
    )
    (tunnel,) = import_route(made).route.structures
    assert (tunnel.kind, tunnel.name) == ("tunnel", "Bergtunnel")


def test_a_loose_line_knows_nothing_of_structures() -> None:
    loose = Way(
        id="feature 0",
        lonlat=np.array([[10.0, 0.0], [10.01, 0.0]]),
        tags={"name": "x"},
        is_osm=False,
    )
    route = import_route(extract(loose)).route
    assert route.structures == ()
    assert len(route.open_m) == 0
    assert (route.licence, route.source, route.status) == (None, None, None)


def test_the_listing_counts_ways_metres_and_tunnels() -> None:
    made = extract(
        *WAYS[:2],
        way(9, (2000, 0), (2500, 0), name="Nordbahn", usage="main", ref="10", tunnel="yes"),
        stop(1, 0, "Nord", railway="station"),
        relation(1, "way/1", "way/55", name="Netz", ref="N"),
        date="2024-01-01",
    )
    listing = list_extract(made)
    first = listing["lines"][0]
    assert (first["name"], first["ref"], first["ways"]) == ("Nordbahn", "10", 2)
    assert first["length_m"] == pytest.approx(1500, rel=5e-3)
    assert first["tunnel_m"] == pytest.approx(500, rel=5e-3)
    row = listing["relations"][0]
    assert (row["name"], row["ref"], row["members"], row["members_here"]) == ("Netz", "N", 2, 1)
    text = listing_text(listing)
    assert "Nordbahn" in text
    assert "1/2" in text
    assert "1 station: Nord" in text
