"""One small railway in every form that is read: all forms must give the same route."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest

from geo_routes.errors import MalformedFile, UnreadableFile, UnusableInput
from geo_routes.formats.osm import Selection, import_route, merge_extracts, read_extract
from geo_routes.formats.osm.osmium_files import read_osmium

NODES = {
    1: (11.000, 47.0),
    2: (11.010, 47.0),
    3: (11.020, 47.0005),
    4: (11.030, 47.0015),
    5: (11.040, 47.0030),
    6: (11.0225, 47.0001),
    7: (11.0260, 46.9990),
}
RAIL = {"railway": "rail", "usage": "main", "name": "Hauptbahn", "name:en": "Main Line"}
WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    101: ([2, 1], {**RAIL, "maxspeed": "60 mph", "gauge": "1435", "electrified": "contact_line"}),
    102: ([2, 3], {**RAIL, "tunnel": "yes", "tunnel:name": "Bergtunnel", "layer": "-1"}),
    103: ([4, 3], {**RAIL, "tunnel": "yes", "tunnel:name": "Bergtunnel", "layer": "-1"}),
    104: ([4, 5], {**RAIL, "bridge": "viaduct"}),
    105: ([3, 6, 7], {"railway": "rail", "service": "siding"}),
    106: ([1, 7], {"highway": "residential"}),
}
POINTS: dict[int, tuple[tuple[float, float], dict[str, str]]] = {
    11: ((11.0001, 47.0003), {"railway": "station", "name": "Anfang", "name:ja": "始"}),
    12: ((11.0399, 47.0031), {"railway": "halt", "name": "Talheim", "railway:position": "4,1"}),
    13: ((11.0200, 47.0009), {"railway": "tram_stop", "name": "Markt"}),
}
RELATION = {"type": "route", "route": "railway", "name": "Die Strecke", "ref": "7"}
MEMBERS = [("w", 104, ""), ("w", 103, ""), ("w", 102, "forward"), ("w", 101, "")]
DATE = "2024-05-06T07:08:09Z"


def write_osmium(path: Path) -> None:
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", DATE)
    with osmium.SimpleWriter(str(path), header=header) as writer:
        made = osmium.osm.mutable
        for ref, lonlat in NODES.items():
            writer.add_node(made.Node(id=ref, location=lonlat, version=1))
        for ref, (lonlat, tags) in POINTS.items():
            writer.add_node(made.Node(id=ref, location=lonlat, tags=tags, version=1))
        for ref, (nodes, tags) in WAYS.items():
            writer.add_way(made.Way(id=ref, nodes=nodes, tags=tags, version=1))
        writer.add_relation(made.Relation(id=900, members=MEMBERS, tags=RELATION, version=1))


def write_xml(path: Path) -> None:
    def tags(rows: dict[str, str]) -> str:
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in rows.items())

    rows = [f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in NODES.items()]
    rows += [
        f'<node id="{n}" lon="{x}" lat="{y}">{tags(t)}</node>' for n, ((x, y), t) in POINTS.items()
    ]
    rows += [
        f'<way id="{w}">{"".join(f"""<nd ref="{n}"/>""" for n in nodes)}{tags(t)}</way>'
        for w, (nodes, t) in WAYS.items()
    ]
    members = "".join(f'<member type="way" ref="{r}" role="{o}"/>' for _, r, o in MEMBERS)
    rows.append(f'<relation id="900">{members}{tags(RELATION)}</relation>')
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{"".join(rows)}</osm>',
        encoding="utf-8",
    )


def overpass(*, geometry: bool) -> dict[str, Any]:
    elements: list[dict[str, Any]] = [
        {"type": "node", "id": n, "lon": x, "lat": y, "tags": t}
        for n, ((x, y), t) in POINTS.items()
    ]
    for way, (nodes, tags) in WAYS.items():
        row: dict[str, Any] = {"type": "way", "id": way, "nodes": nodes, "tags": tags}
        if geometry:
            row["geometry"] = [{"lon": NODES[n][0], "lat": NODES[n][1]} for n in nodes]
        elements.append(row)
    if not geometry:
        elements += [{"type": "node", "id": n, "lon": x, "lat": y} for n, (x, y) in NODES.items()]
    elements.append(
        {
            "type": "relation",
            "id": 900,
            "tags": RELATION,
            "members": [{"type": "way", "ref": r, "role": o} for _, r, o in MEMBERS],
        }
    )
    return {"version": 0.6, "osm3s": {"timestamp_osm_base": DATE}, "elements": elements}


def geojson(*, inner: bool) -> dict[str, Any]:
    features = []
    for way, (nodes, tags) in WAYS.items():
        properties: dict[str, Any] = {"@id": f"way/{way}", **tags}
        if inner:
            member = next((o for _, r, o in MEMBERS if r == way), None)
            relations = [{"rel": 900, "role": member, "reltags": RELATION}]
            properties = {"tags": tags, "relations": [] if member is None else relations}
        geometry = {"type": "LineString", "coordinates": [NODES[n] for n in nodes]}
        row = {"type": "Feature", "id": f"way/{way}", "properties": properties}
        features.append({**row, "geometry": geometry})
    for node, (lonlat, tags) in POINTS.items():
        row = {"type": "Feature", "id": f"node/{node}", "properties": tags}
        features.append({**row, "geometry": {"type": "Point", "coordinates": lonlat}})
    return {"type": "FeatureCollection", "timestamp": DATE, "features": features}


def write_json(document: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(b"\xef\xbb\xbf" + json.dumps(document).encode())

    return write


FORMS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "pbf": ("line.osm.pbf", write_osmium),
    "xml by osmium": ("line.osm", write_osmium),
    "xml by hand": ("line.xml", write_xml),
    "overpass geom": ("geom.json", write_json(overpass(geometry=True))),
    "overpass body": ("body.json", write_json(overpass(geometry=False))),
    "geojson": ("line.geojson", write_json(geojson(inner=False))),
    "geojson with inner tags": ("inner.geojson", write_json(geojson(inner=True))),
}


@pytest.fixture(params=FORMS)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    name, write = FORMS[request.param]
    write(tmp_path / name)
    return tmp_path / name


def test_every_form_gives_the_same_route(written: Path) -> None:
    route = import_route(read_extract(str(written))).route
    xy = [NODES[n] for n in (1, 2, 3, 4, 5)]
    assert route.lonlat.tolist() in ([list(p) for p in xy], [list(p) for p in xy[::-1]])
    assert (route.name, dict(route.names)) == ("Hauptbahn", {"en": "Main Line"})
    assert route.mode == "rail"
    assert route.status == "operating"
    assert {s.name: s.names.get("ja") for s in route.stations} == {"Anfang": "始", "Talheim": None}
    assert next(s for s in route.stations if s.name == "Talheim").chainage_km == 4.1
    kinds = {s.kind: (s.name, (s.to_m or 0) - (s.from_m or 0)) for s in route.structures}
    assert kinds["tunnel"][0] == "Bergtunnel"
    # From node 2 to node 4, by Karney's algorithm.
    assert kinds["tunnel"][1] == pytest.approx(762.50 + 768.49, abs=0.5)
    assert set(kinds) == {"tunnel", "viaduct"}
    assert route.extra["speed_limits"][0]["kmh"] == pytest.approx(96.56064)
    assert route.extra["electrified"] == "contact_line"
    assert (route.source, route.licence) == ("OpenStreetMap contributors", "ODbL 1.0")
    assert len(route.open_m) == 1


def test_the_date_of_the_extract_is_kept(written: Path) -> None:
    # XML has no place for it but each object's own time, which these have not.
    known = written.suffix not in (".xml", ".osm")
    assert read_extract(str(written)).date == (DATE if known else None)


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"geojson"}))
def test_a_relation_chooses_and_faces_the_line(form: str, tmp_path: Path) -> None:
    name, write = FORMS[form]
    write(tmp_path / name)
    extract = read_extract(str(tmp_path / name))
    for asked in ("900", "relation/900", "die strecke", "7"):
        route = import_route(extract, Selection(relation=asked)).route
        assert route.name == "Die Strecke"
        assert route.extra["osm_relation"] == "relation/900"
        if form != "geojson with inner tags":
            # Its members run from node 5 to node 1.
            assert route.lonlat[0].tolist() == list(NODES[5])
    with pytest.raises(UnusableInput, match="no relation"):
        import_route(extract, Selection(relation="901"))


def test_two_passes_read_what_one_pass_reads(tmp_path: Path) -> None:
    path = tmp_path / "line.osm.pbf"
    write_osmium(path)
    one = read_osmium(str(path), form="pbf")
    two = read_osmium(str(path), form="pbf", one_pass_bytes=0)
    assert (
        [w.id for w in one.ways]
        == [w.id for w in two.ways]
        == [f"way/{n}" for n in range(101, 106)]
    )
    for mine, other in zip(one.ways, two.ways, strict=True):
        assert mine.tags == other.tags
        np.testing.assert_array_equal(mine.lonlat, other.lonlat)
        np.testing.assert_array_equal(mine.nodes, other.nodes)
    assert one.points == two.points
    assert one.relations == two.relations


@pytest.mark.parametrize("one_pass_bytes,passes", [(0, 2), (10**9, 1)])
def test_a_long_reading_tells_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_pass_bytes: int, passes: int
) -> None:
    monkeypatch.setattr("geo_routes.formats.osm.osmium_files._TELL_EVERY", 1)
    path = tmp_path / "line.osm.pbf"
    write_osmium(path)
    said: list[str] = []
    read_osmium(str(path), form="pbf", one_pass_bytes=one_pass_bytes, tell=said.append)
    assert len({text.split(":")[0] for text in said}) == passes
    assert len(said) > 5


@pytest.mark.parametrize("one_pass_bytes", [0, 10**9])
def test_heights_and_missing_nodes_are_seen(tmp_path: Path, one_pass_bytes: int) -> None:
    path = tmp_path / "edge.osm.pbf"
    made = osmium.osm.mutable
    with osmium.SimpleWriter(str(path)) as writer:
        for ref, (lonlat, metres) in enumerate(
            [((11.0, 47.0), "500 m"), ((11.01, 47.0), "505.5"), ((11.02, 47.0), "x")], start=1
        ):
            writer.add_node(made.Node(id=ref, location=lonlat, tags={"ele": metres}))
        writer.add_way(made.Way(id=5, nodes=[1, 2, 3, 77, 78], tags={"railway": "rail"}))
    extract = read_osmium(str(path), form="pbf", one_pass_bytes=one_pass_bytes)
    (way,) = extract.ways
    assert way.lonlat.tolist() == [[11.0, 47.0], [11.01, 47.0], [11.02, 47.0]]
    assert way.height_m is not None
    np.testing.assert_array_equal(way.height_m, [500.0, 505.5, np.nan])
    (remark,) = extract.remarks
    assert remark.code == "osm.incomplete_ways"
    assert "2 of their nodes" in remark.message
    route = import_route(extract).route
    assert route.height_m is None
    assert [row["height_m"] for row in route.extra["heights"]] == [500.0, 505.5]


def test_a_clipped_overpass_geometry_is_cut_where_it_leaves(tmp_path: Path) -> None:
    places = [{"lon": 11.0 + i / 100, "lat": 47.0} for i in range(5)]
    geometry = [*places[:2], None, *places[3:]]
    way = {"type": "way", "id": 1, "tags": {"railway": "rail"}, "geometry": geometry}
    path = tmp_path / "clipped.json"
    path.write_text(json.dumps({"elements": [way]}), encoding="utf-8")
    extract = read_extract(str(path))
    assert [len(w.lonlat) for w in extract.ways] == [2, 2]
    assert extract.remarks[0].code == "osm.incomplete_ways"


def test_files_together_are_one_extract(tmp_path: Path) -> None:
    line, stations = tmp_path / "line.json", tmp_path / "stations.json"
    write_json(overpass(geometry=True))(line)
    rows = [
        {"name": "West", "lat": 47.0, "lng": 11.0},
        {"name": "Ost", "lat": 47.003, "lon": 11.04},
    ]
    stations.write_text(json.dumps({"id": 3, "list": rows}), encoding="utf-8")
    extract = merge_extracts([read_extract(str(p)) for p in (line, stations, line)])
    assert len(extract.ways) == len(WAYS)
    route = import_route(extract).route
    assert {"West", "Ost"} <= {s.name for s in route.stations}


@pytest.mark.parametrize(
    "name,content,reason",
    [
        ("dtd.osm", b'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "b">]><osm/>', "DTD"),
        ("late.osm", b"<osm version='0.6'><!DOCTYPE x><node id='1'/></osm>", "damaged OSM XML"),
        ("entity.osm", b"<osm version='0.6'><node id='1' lat='&a;' lon='1'/></osm>", "damaged"),
        ("utf16.osm", "<osm/>".encode("utf-16"), "UTF-16"),
        ("page.html", b"<html><body>osm</body></html>", "begins with 'html'"),
        ("track.gpx", b"<gpx version='1.1'></gpx>", "begins with 'gpx'"),
        ("half.osm", b"<osm version='0.6'><node id='1' lat='1'", "damaged OSM XML"),
        ("half.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c\x10", "damaged OSM PBF"),
        ("empty.osm.pbf", b"", "damaged OSM PBF"),
        ("empty.json", b"", "empty"),
        ("feed.zip", b"PK\x03\x04....", "zip"),
        ("elements.json", b'{"elements": 3}', "expected an array"),
        ("untyped.json", b'{"elements": [{"id": 3}]}', "without a type"),
        ("node.json", b'{"elements": [{"type": "node", "id": 1, "lat": "x", "lon": 1}]}', "lat"),
        ("far.json", b'{"elements": [{"type": "node", "id": 1, "lat": 91, "lon": 1}]}', "atitude"),
        ("ids.json", b'{"elements": [{"type": "way", "id": "1", "nodes": []}]}', "id is"),
        ("nodes.json", b'{"elements": [{"type": "way", "id": 1, "nodes": ["a"]}]}', "not a list"),
        (
            "short.json",
            b'{"elements": [{"type": "way", "id": 1, "nodes": [1], "geometry": []}]}',
            "1 nodes with 0 positions",
        ),
        ("twice.json", b'{"elements": [{"type": "node", "id": 1, "id": 2}]}', "duplicate"),
        ("other.json", b'{"hello": []}', "expected"),
        ("nothing.json", b'{"elements": []}', "no railway"),
        ("points.json", b'{"a": [{"name": "A", "lat": 1, "lon": 2}]}', "no railway"),
    ],
)
def test_what_is_no_extract_is_refused_with_a_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnusableInput, match=reason) as refused:
        import_route(read_extract(str(path)))
    assert refused.value.source == str(path)
    assert refused.value.remedy


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for name in (str(tmp_path), str(tmp_path / "none.osm.pbf"), "https://example.org/a.osm.pbf"):
        with pytest.raises(UnreadableFile):
            read_extract(name)


def test_any_damage_to_a_file_is_refused_or_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    outcomes = set()
    for name in ("line.osm.pbf", "line.xml", "geom.json", "inner.geojson"):
        write = next(w for n, w in FORMS.values() if n == name)
        write(tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        damaged = tmp_path / f"damaged-{name}"
        for _ in range(40):
            data = bytearray(whole)
            for at in rng.integers(len(data), size=1).tolist():
                data[at] = int(rng.integers(256))
            damaged.write_bytes(bytes(data))
            try:
                import_route(read_extract(str(damaged)))
                outcomes.add("read")
            except UnusableInput:
                outcomes.add("refused")
    assert outcomes == {"read", "refused"}


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "line.osm.pbf"
    write_osmium(path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(MalformedFile, match="damaged OSM PBF"):
        read_extract(str(path))
