"""Reading: which lines are routes, which points are stations, and what their members mean."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import geo_routes as gr
from geo_routes.errors import InvalidCoordinates, MalformedFile, UnreadableFile
from geo_routes.formats.route_file import decode
from geo_routes.model import Route, Structure

A = [[139.0, 35.0], [139.01, 35.0]]
B = [[139.01, 35.0], [139.02, 35.01]]


def line(coordinates: Any = None, *, id: object = None, **properties: object) -> dict[str, Any]:  # noqa: A002 - GeoJSON's own word
    feature = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "LineString", "coordinates": coordinates or A},
    }
    return feature if id is None else {**feature, "id": id}


def point(lonlat: object, **properties: object) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": lonlat}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def read(*features: object, **members: object) -> tuple[Route, ...]:
    document = {"type": "FeatureCollection", **members, "features": list(features)}
    return decode(json.dumps(document).encode(), source="a.geojson")


def codes(route: Route) -> list[str]:
    filed: Any = route.filing
    return [f.code for f in (*filed.remarks, *route.remarks)]


def test_every_line_is_a_route_and_every_point_a_station_without_a_convention() -> None:
    routes = read(line(name="A"), point([139.0, 35.0], name="S"), line(B))
    assert [r.name for r in routes] == ["A", ""]
    assert [s.name for s in routes[0].stations] == ["S"]
    assert [r.label for r in routes] == ["A", "unnamed route"]


def test_lines_and_points_of_other_kinds_are_not_read() -> None:
    routes = read(
        *(line(name="R", kind="route"), line(B, name="contour", kind="contour")),
        *(point([139.0, 35.0], name="S", kind="station"), point([139.0, 35.0], kind="signal")),
    )
    assert [r.name for r in routes] == ["R"]
    assert [s.name for s in routes[0].stations] == ["S"]


def test_a_file_that_uses_kind_for_something_else_is_read_all_the_same() -> None:
    routes = read(line(name="R", kind="railway"), point([139.0, 35.0], kind="stop", name="S"))
    assert [r.name for r in routes] == ["R"]
    assert [s.name for s in routes[0].stations] == ["S"]


@pytest.mark.parametrize(
    "feature,identity",
    [
        (line(id="f"), "f"),
        (line(id=7), "7"),
        (line(id="f", id_=1), "f"),
        ({**line(id="f"), "properties": {"id": "p"}}, "p"),
        ({**line(id="f"), "properties": {"id": 12}}, "12"),
        ({**line(id="f"), "properties": {"id": ""}}, "f"),
        ({**line(id="f"), "properties": {"id": None}}, "f"),
        (line(id=""), None),
        (line(), None),
    ],
)
def test_the_property_id_beats_the_features_own(feature: object, identity: str | None) -> None:
    assert read(feature)[0].id == identity


def test_an_id_that_cannot_be_one_is_passed_over_with_a_finding() -> None:
    [route] = read({**line(), "properties": {"id": ["a"], "name": "A"}})
    assert route.id is None
    assert codes(route) == ["member.id"]


def test_without_an_id_one_feature_is_one_route() -> None:
    assert len(read(line(), line(), line(id=""), line(id=""))) == 4


def test_features_with_one_id_are_pieces_of_one_route() -> None:
    [route] = read(line(A, id="x"), {**line(B), "properties": {"id": "x"}})
    np.testing.assert_array_equal(route.lonlat, [*A, *B])
    assert route.part_starts.tolist() == [0, 2]


def test_pieces_are_ordered_by_seq() -> None:
    [route] = read(line(A, id="x", seq=10), line(B, id="x", seq=2), line(A[::-1], id="x", seq=2.5))
    np.testing.assert_array_equal(route.lonlat, [*B, *A[::-1], *A])


def test_pieces_are_ordered_by_geometry_where_a_seq_is_missing() -> None:
    last = [[139.02, 35.01], [139.03, 35.03]]
    for rows in ((last, A, B), (B, last, A)):
        [route] = read(*(line(row, id="x") for row in rows))
        np.testing.assert_array_equal(route.lonlat, [*A, *B, *last])
        assert codes(route) == []


def test_pieces_that_do_not_join_are_taken_as_filed_with_a_finding() -> None:
    # The second piece runs toward the first: no piece is reversed by a plain read.
    for rows in ((A, B[::-1]), (A, [[150.0, 35.0], [151.0, 35.0]]), (A, B, B)):
        [route] = read(*(line(row, id="x") for row in rows))
        np.testing.assert_array_equal(route.lonlat, [p for row in rows for p in row])
        assert codes(route) == ["pieces.order"]


def test_thousands_of_pieces_are_put_in_order() -> None:
    steps = [[[139 + i * 1e-3, 35.0], [139 + (i + 1) * 1e-3, 35.0]] for i in range(3_000)]
    shuffled = np.random.default_rng(5).permutation(len(steps))
    [route] = read(*(line(steps[i], id="x") for i in shuffled))
    assert np.all(np.diff(route.lonlat[:, 0]) >= 0)
    assert codes(route) == []


def test_what_is_said_of_the_whole_may_stand_on_any_piece() -> None:
    declared = {"length_km": 3, "source": "made"}
    [route] = read(line(A, id="x", name="first"), line(B, id="x", name="other", declared=declared))
    assert route.name == "first"
    assert route.declared is not None
    assert route.declared.length_km == 3


@pytest.mark.parametrize("member,value", [("gauge_mm", -1), ("declared", []), ("tunnels", 5)])
def test_a_wrong_member_is_refused_on_every_piece(member: str, value: object) -> None:
    with pytest.raises(MalformedFile, match=member) as refused:
        read(line(A, id="x"), line(B, id="x", **{member: value}))
    assert refused.value.feature == 1


def test_structures_are_carried_as_filed() -> None:
    rows: list[dict[str, Any]] = [
        {"kind": "tunnel", "from_m": 100, "to_m": 250.5, "name": "T", "source": "made"},
        {"kind": "viaduct", "from_km": 3.2, "to_km": 4, "height_m": 12},
    ]
    [route] = read(line(structures=rows, tunnels=[[5, 7.25]]))
    assert route.structures == (
        Structure(kind="tunnel", from_m=100, to_m=250.5, name="T", source="made"),
        Structure(kind="viaduct", from_km=3.2, to_km=4),
        Structure(kind="tunnel", from_m=5, to_m=7.25),
    )


def test_tunnels_even_empty_state_the_whole_line_for_tunnels() -> None:
    stated = [read(line(tunnels=value))[0].tunnels_complete for value in ([], [[1, 2]], None)]
    assert stated == [True, True, False]
    assert not read(line())[0].tunnels_complete
    assert read(line(structures_complete=True))[0].structures_complete


@pytest.mark.parametrize(
    "member,value,said",
    [
        ("structures", [{"kind": "hole", "from_m": 0, "to_m": 1}], "kind 'hole'"),
        ("structures", [{"kind": "tunnel", "from_m": "0", "to_m": 1}], "from_m as text"),
        ("structures", [{"kind": "tunnel", "from_m": 0}], "two numbers"),
        ("structures", [{"kind": "tunnel", "from_m": 0, "to_km": 1}], "two numbers"),
        ("structures", {"kind": "tunnel"}, "is an object, expected a list"),
        ("tunnels", [[1]], "a list of 1"),
        ("tunnels", [[1, None]], "holds null"),
        ("tunnels", [5], "is a number"),
        ("structures_complete", "yes", "expected true or false"),
        ("of_length_m", 0, "above 0"),
        ("gauge_mm", "1435", "above 0"),
        ("accuracy_m", 1e308, "at most"),
        ("geometry_kind", "guess", "surveyed"),
        ("chainage_breaks", [{"at_m": 5}], "at_m, back_km, ahead_km"),
        ("declared", {"length_km": "286"}, "length_km as text"),
        ("declared", {"source": 5}, "source as a number"),
    ],
)
def test_a_member_that_decides_a_figure_is_refused_when_wrong(
    member: str, value: object, said: str
) -> None:
    with pytest.raises(MalformedFile) as refused:
        read(line(), line(B, **{member: value}))
    assert said in f"{refused.value.reason}; {refused.value.remedy}"
    assert refused.value.feature == 1
    assert refused.value.source == "a.geojson"


@pytest.mark.parametrize("member", ["mode", "status", "axis", "source", "licence", "seq", "name"])
def test_a_member_that_decides_none_is_passed_over_with_a_finding(member: str) -> None:
    [route] = read(line(**{member: ["x"]}))
    assert f"member.{member}" in codes(route)


def test_nouns_carry_every_member() -> None:
    [route] = read(
        line(
            mode="maglev", gauge_mm=1435, status="planned", axis="centreline", accuracy_m=2,
            geometry_kind="mapped", source="made", licence="CC0", retrieved="2026-01-01",
            height_datum="EGM96", of_length_m=900.5, colour="red", **{"name:ja": "線", "name:x": 5},
            chainage_breaks=[{"at_m": 5, "back_km": 1.5, "ahead_km": 1}],
            declared={"length_km": 286, "from": "P", "to": "Q", "as_of": "2014", "source": "s"},
        ),
        point(
            [139.0, 35.0, 12.5], name="S", **{"name:de": "Bhf"}, seq=3, chainage_km=1.5,
            source="made", accuracy_m=5, platform=2,
        ),
    )  # fmt: skip
    assert (route.mode, route.gauge_mm, route.status, route.axis) == (
        *("maglev", 1435.0, "planned", "centreline"),
    )
    assert (route.geometry_kind, route.accuracy_m, route.of_length_m) == ("mapped", 2.0, 900.5)
    assert (route.source, route.licence, route.retrieved) == ("made", "CC0", "2026-01-01")
    assert route.height_datum == "EGM96"
    assert dict(route.names) == {"ja": "線"}
    assert dict(route.extra) == {"colour": "red"}
    [jump] = route.chainage_breaks
    assert (jump.at_m, jump.back_km, jump.ahead_km) == (5, 1.5, 1)
    assert route.declared is not None
    assert (route.declared.origin, route.declared.terminus) == ("P", "Q")
    assert isinstance(route.declared.length_km, int), "an int was given to the whole unit"
    [station] = route.stations
    assert (station.lonlat, station.height_m) == ((139.0, 35.0), 12.5)
    assert (station.name, dict(station.names), station.seq) == ("S", {"de": "Bhf"}, 3.0)
    assert (station.chainage_km, station.accuracy_m) == (1.5, 5.0)
    assert dict(station.extra) == {"platform": 2}


@pytest.mark.parametrize(
    "coordinates,heights,code",
    [
        ([[139, 35], [140, 35]], None, None),
        ([[139, 35, 1], [140, 35, 2.5]], [1, 2.5], None),
        ([[139, 35, 1], [140, 35]], [1, np.nan], "coordinates.mixed_dimensions"),
        ([[139, 35, 1, 9], [140, 35, 2, 9]], [1, 2], "coordinates.extra"),
    ],
)
def test_heights(coordinates: object, heights: Any, code: str | None) -> None:
    [route] = read(line(coordinates))
    if heights is None:
        assert route.height_m is None
    else:
        assert route.height_m is not None
        np.testing.assert_array_equal(route.height_m, heights)
    assert codes(route) == ([] if code is None else [code])


def test_longitudes_beyond_180_are_kept_with_a_finding() -> None:
    [route] = read(line([[179.9, 0], [180.1, 0]]))
    assert route.lonlat[1, 0] == 180.1
    assert codes(route) == ["coordinates.longitude"]


@pytest.mark.parametrize(
    "lonlat,said",
    [
        ([35.0, 139.7], "swapped"),
        ([139.7, 90.0000001], "latitude out of range"),
        ([541, 0], "longitude out of range"),
        ([388_000.0, 3_950_000.0], "metres"),
    ],
)
def test_positions_out_of_range_are_refused_with_the_likely_mistake(
    lonlat: list[float], said: str
) -> None:
    for features in ([line([lonlat, lonlat])], [line(), point(lonlat)]):
        with pytest.raises(InvalidCoordinates) as refused:
            read(*features)
        assert said in refused.value.reason
        assert refused.value.feature == len(features) - 1


def test_features_without_a_line_are_told_from_no_features() -> None:
    for features, said in (
        ([], "no features"),
        ([{"type": "Feature", "properties": None, "geometry": None}], "no geometry"),
        ([point([139, 35]), point([140, 35])], "only Point"),
    ):
        with pytest.raises(MalformedFile, match=said):
            read(*features)


def test_a_station_that_is_an_area_is_a_finding() -> None:
    ring = [[139, 35], [139.1, 35], [139.1, 35.1], [139, 35]]
    area = {
        "type": "Feature",
        "properties": {"kind": "station", "name": "S"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    [route] = read(line(), area)
    assert "station.shape" in codes(route)
    assert route.stations == ()


@pytest.mark.parametrize("version", [1, 1.0])
def test_version_one_is_read(version: float) -> None:
    assert read(line(), geo_routes=version)


@pytest.mark.parametrize("version", [2, 0, -1, "1", True, None, [], {}, 1.5])
def test_another_version_is_refused_in_every_form(version: object) -> None:
    with pytest.raises(MalformedFile, match="version"):
        read(line(), geo_routes=version)
    for document in (line(), line()["geometry"]):
        data = json.dumps({**document, "geo_routes": version}).encode()
        with pytest.raises(MalformedFile, match="version"):
            decode(data)


def test_files_with_a_byte_order_mark_sequences_and_bare_lines_are_read(tmp_path: Path) -> None:
    data = json.dumps(line()).encode()
    for name, content in (
        ("bom.geojson", b"\xef\xbb\xbf" + data),
        ("lines.geojsonl", data + b"\n" + data),
        ("records.geojson", b"\x1e" + data + b"\n\x1e" + data + b"\n"),
        ("bare.geojson", json.dumps(line()["geometry"]).encode()),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        for route in gr.read(path):
            np.testing.assert_array_equal(route.lonlat, A)
    assert len(gr.read(tmp_path / "lines.geojsonl")) == 2


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO(json.dumps(line(name="from a pipe")).encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data))
    assert gr.read_one("-").name == "from a pipe"


def test_read_one_insists_on_one(tmp_path: Path) -> None:
    path = tmp_path / "two.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [line(), line()]}))
    with pytest.raises(MalformedFile, match="holds 2 routes, expected one"):
        gr.read_one(path)
    with pytest.raises(UnreadableFile, match="no such file"):
        gr.read_one(tmp_path / "none.geojson")


def test_who_wants_no_stations_gets_none() -> None:
    document = {"type": "FeatureCollection", "features": [line(), point([139.0, 35.0])]}
    [route] = decode(json.dumps(document).encode(), stations=False)
    assert route.stations == ()
