"""What tags say, by the rules of the OpenStreetMap wiki."""

from __future__ import annotations

import pytest

from geo_routes.formats.osm import tags
from geo_routes.formats.osm.extract import Point
from geo_routes.formats.osm.stops import is_station, serves


@pytest.mark.parametrize(
    "value,kmh",
    [
        ("100", 100.0),
        ("60 mph", 60 * 1.609344),
        ("60mph", 60 * 1.609344),
        ("80 km/h", 80.0),
        ("160;120", 120.0),
        ("62.5", 62.5),
        ("none", None),
        ("signals", None),
        ("", None),
        (None, None),
        ("-5", None),
        ("1e3", None),
    ],
)
def test_speeds(value: str | None, kmh: float | None) -> None:
    assert tags.speed_kmh(value) == (None if kmh is None else pytest.approx(kmh))


@pytest.mark.parametrize(
    "said,turned,along,against",
    [
        ({"maxspeed": "90"}, False, 90, 90),
        ({"maxspeed": "90", "maxspeed:forward": "70"}, False, 70, 90),
        ({"maxspeed": "90", "maxspeed:forward": "70"}, True, 90, 70),
        ({"maxspeed:forward": "70", "maxspeed:backward": "50 mph"}, True, 80.4672, 70),
        ({}, False, None, None),
    ],
)
def test_speeds_follow_the_direction_of_the_line(
    said: dict[str, str], *, turned: bool, along: float | None, against: float | None
) -> None:
    assert tags.speeds_kmh(said, turned=turned) == (along, against)


@pytest.mark.parametrize(
    "said,kinds",
    [
        ({"tunnel": "yes"}, ("tunnel",)),
        ({"tunnel": "building_passage"}, ("tunnel",)),
        ({"tunnel": "no"}, ()),
        ({"covered": "yes"}, ("tunnel",)),
        ({"covered": "yes", "bridge": "yes"}, ("bridge",)),
        ({"bridge": "viaduct"}, ("viaduct",)),
        ({"bridge": "no", "cutting": "yes"}, ("cutting",)),
        ({"embankment": "both", "bridge": "aqueduct"}, ("bridge", "embankment")),
        ({"layer": "-1"}, ()),
    ],
)
def test_structures(said: dict[str, str], kinds: tuple[str, ...]) -> None:
    assert tags.structure_kinds(said) == kinds


@pytest.mark.parametrize(
    "said,km",
    [
        ({"railway:position": "12.3"}, 12.3),
        ({"railway:position": "12,3", "railway:position:exact": "12.345"}, 12.345),
        ({"railway:position": "mi:10"}, 16.09344),
        ({"railway:position": "pkm:7.25"}, 7.25),
        ({"railway:position": "-0.4"}, -0.4),
        ({"railway:position": "3+200"}, None),
        ({}, None),
    ],
)
def test_official_kilometres(said: dict[str, str], km: float | None) -> None:
    assert tags.position_km(said) == (None if km is None else pytest.approx(km))


@pytest.mark.parametrize(
    "said,gauges",
    [
        ("1435", (1435.0,)),
        ("1435;1520", (1435.0, 1520.0)),
        ("1000; 1435", (1000.0, 1435.0)),
        ("standard", ()),
        ("0", ()),
        ("\uff11\uff14\uff13\uff15", ()),
        ("", ()),
    ],
)
def test_gauges(said: str, gauges: tuple[float, ...]) -> None:
    assert tags.gauges_mm({"gauge": said}) == gauges


@pytest.mark.parametrize(
    "said,mode",
    [
        ({"railway": "rail"}, "rail"),
        ({"railway": "rail", "highspeed": "yes"}, "high_speed_rail"),
        ({"railway": "monorail", "name:de": "Transrapid Shanghai"}, "maglev"),
        ({"railway": "monorail", "monorail": "maglev"}, "maglev"),
        ({"railway": "monorail"}, "monorail"),
        ({"railway": "subway"}, "metro"),
        ({"railway": "construction", "construction": "tram"}, "tram"),
        ({}, None),
    ],
)
def test_modes(said: dict[str, str], mode: str | None) -> None:
    assert tags.mode_of(said) == mode


def test_a_running_track_is_worth_more_and_costs_less_than_a_siding() -> None:
    main, branch, siding, crossover = (
        tags.worth_and_cost({"railway": "rail", **t})
        for t in (
            {"usage": "main"},
            {"usage": "branch"},
            {"service": "siding"},
            {"service": "crossover"},
        )
    )
    assert main[0] > branch[0] > siding[0] > crossover[0]
    assert main[1] == branch[1] < siding[1] < crossover[1]


def test_the_name_of_a_tunnel_is_its_own_and_not_the_lines() -> None:
    name = tags.structure_name
    assert name({"tunnel:name": "Berg", "name": "Bahn"}, "tunnel", line_name="Bahn") == "Berg"
    assert name({"name": "Bahn"}, "tunnel", line_name="Bahn") == ""
    assert name({"name": "Bergtunnel"}, "tunnel", line_name="Bahn") == "Bergtunnel"
    assert name({"name": "Bergtunnel"}, "cutting", line_name="Bahn") == ""


@pytest.mark.parametrize(
    "said,railway,yes",
    [
        ({"railway": "tram_stop"}, "rail", False),
        ({"railway": "tram_stop"}, "tram", True),
        ({"railway": "station"}, "rail", True),
        ({"railway": "station", "station": "subway"}, "rail", False),
        ({"railway": "station", "station": "subway"}, "subway", True),
        ({"public_transport": "stop_position", "tram": "yes"}, "rail", False),
        ({"public_transport": "stop_position", "train": "yes"}, "rail", True),
        ({"public_transport": "stop_position"}, "rail", True),
        ({"railway": "tram_stop"}, None, True),
    ],
)
def test_a_stop_serves_its_own_kind_of_train(
    said: dict[str, str], railway: str | None, *, yes: bool
) -> None:
    point = Point(id="node/1", lonlat=(0.0, 0.0), tags={"name": "A", **said})
    assert serves(point, railway) is yes


def test_what_has_no_name_or_is_no_stop_is_no_station() -> None:
    def point(**said: str) -> Point:
        return Point(id="node/1", lonlat=(0.0, 0.0), tags=said)

    assert not is_station(point(railway="station"))
    assert not is_station(point(railway="switch", name="W 12"))
    assert not is_station(point(railway="subway_entrance", name="Nord"))
    assert is_station(point(public_transport="stop_position", name="Nord"))
