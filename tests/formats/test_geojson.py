"""GeoJSON as such: forms of a file, the old ``crs`` member, and what is remarked."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from geo_routes.errors import MalformedFile, UnknownCrs
from geo_routes.formats import geojson

LINE = {"type": "LineString", "coordinates": [[139.7671, 35.6812], [139.7003, 35.658]]}
FEATURE: dict[str, Any] = {"type": "Feature", "properties": {"name": "A"}, "geometry": LINE}


def parse(document: object, *, source: str = "a.geojson") -> geojson.Collection:
    return geojson.parse(json.dumps(document).encode(), source=source)


def codes(document: object) -> list[str]:
    return [finding.code for finding in parse(document).remarks]


def collection(*features: object, **members: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features), **members}


@pytest.mark.parametrize(
    "document,form",
    [(collection(FEATURE), "collection"), (FEATURE, "feature"), (LINE, "geometry")],
)
def test_three_forms_hold_the_same_line(document: object, form: str) -> None:
    parsed = parse(document)
    assert parsed.form == form
    geometry = parsed.features[0].geometry
    assert geometry is not None
    np.testing.assert_array_equal(geometry.parts[0], LINE["coordinates"])


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\n\n"])
def test_a_file_with_a_feature_on_each_line_is_a_sequence(separator: str) -> None:
    data = separator.join([json.dumps(FEATURE), json.dumps(FEATURE)]).encode()
    for suffix in (".geojsonl", ".geojsons", ".ndjson", ".GEOJSONL", ".geojsonseq"):
        parsed = geojson.parse(data, source=f"a{suffix}")
        assert (parsed.form, len(parsed.features)) == ("sequence", 2)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_record_separators_make_a_sequence_whatever_the_name(mark: bytes) -> None:
    record = b"\x1e" + json.dumps(FEATURE, indent=1).encode() + b"\n"
    parsed = geojson.parse(mark + record * 3, source="a.geojson" if not mark else "a.geojsons")
    assert (parsed.form, len(parsed.features)) == ("sequence", 3)
    assert parsed.features[2].index == 2


@pytest.mark.parametrize(
    "data,said",
    [
        (b"{}\n", "record 0 is not a Feature"),
        (json.dumps(FEATURE).encode() + b"\n[1, 2", "record 1 is not valid JSON"),
        (b'{"type": "Feature", "type": "Feature"}', "has no geometry member"),
        (b'{"type": "Feature", "geometry": null, "a": 1, "a": 2}', "duplicate member 'a'"),
    ],
)
def test_a_sequence_is_as_strict_as_a_document(data: bytes, said: str) -> None:
    with pytest.raises(MalformedFile) as refused:
        geojson.parse(data, source="a.geojsonl")
    assert said in refused.value.reason
    assert refused.value.source == "a.geojsonl"


def test_a_refusal_names_the_feature() -> None:
    bad = {"type": "Feature", "properties": {}, "geometry": {"type": "LineString"}}
    with pytest.raises(MalformedFile, match="feature 1") as refused:
        parse(collection(FEATURE, bad))
    assert refused.value.feature == 1
    assert str(refused.value).startswith("a.geojson: feature 1: a LineString has coordinates")


@pytest.mark.parametrize(
    "part,said",
    [
        ([], "empty coordinates"),
        ([[1, 2]], "only one position"),
        ([[1, 2], [3]], "position 1 with 1 coordinate"),
        ([[1, 2], "x"], "position 1 as text"),
        ([[1, 2], [3, None]], "position 1 with null"),
        ([[1, 2], [3, True]], "position 1 with a boolean"),
        ([1, 2], "position 0 as a number"),
        ({}, "coordinates that are an object"),
    ],
)
def test_a_refusal_names_the_position(part: object, said: str) -> None:
    with pytest.raises(MalformedFile) as refused:
        parse({"type": "LineString", "coordinates": part})
    assert said in refused.value.reason


def test_a_multiline_leaves_out_empty_parts_and_says_so() -> None:
    line = {"type": "MultiLineString", "coordinates": [[], LINE["coordinates"], []]}
    parsed = parse(line)
    assert [f.code for f in parsed.remarks] == ["geometry.empty_part"] * 2
    geometry = parsed.features[0].geometry
    assert geometry is not None
    assert [len(part) for part in geometry.parts] == [2]
    for empty in ([], [[]], [[], []]):
        with pytest.raises(MalformedFile, match="empty"):
            parse({"type": "MultiLineString", "coordinates": empty})


def test_one_very_long_position_does_not_widen_every_other() -> None:
    coordinates: list[list[float]] = [[139.0, 35.0] + [0.0] * 5_000]
    coordinates += [[139.0 + i / 1e4, 35.0] for i in range(1_000)]
    geometry = parse({"type": "LineString", "coordinates": coordinates}).features[0].geometry
    assert geometry is not None
    assert geometry.parts[0].shape == (1_001, 4)


WGS84 = [
    *("EPSG:4326", "epsg:4326", "OGC:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84"),
    *("urn:ogc:def:crs:EPSG::4326", "urn:ogc:def:crs:EPSG::4979", "EPSG:4979"),
    *(
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "https://www.opengis.net/def/crs/EPSG/0/4326",
    ),
]
OTHER = [
    *("EPSG:3857", "EPSG:4301", "EPSG:6668", "EPSG:999999", "", "x", "/etc/passwd", "EPSG:4326\n"),
    *("+proj=longlat +datum=WGS84", "urn:ogc:def:crs:EPSG::32632", "EPSG:٤٣٢٦", "A" * 100_000),
    "http://www.opengis.net/def/crs/EPSG/0/3857",
]


def named(name: str) -> list[object]:
    """The three ways in which files say it."""
    return [{"type": "name", "properties": {"name": name}}, name]


@pytest.mark.parametrize("name", WGS84)
def test_a_crs_that_is_wgs84_is_a_note(name: str) -> None:
    for crs in named(name):
        [finding] = parse(collection(FEATURE, crs=crs)).remarks
        assert (finding.code, finding.severity) == ("crs.member", "note")


@pytest.mark.parametrize("name", OTHER)
def test_another_crs_is_refused_and_named(name: str) -> None:
    for crs in named(name):
        with pytest.raises(UnknownCrs) as refused:
            parse(collection(FEATURE, crs=crs))
        assert refused.value.source == "a.geojson"
        assert refused.value.value == name


def test_the_crs_of_the_first_drafts_is_a_number() -> None:
    assert codes(collection(FEATURE, crs={"type": "EPSG", "properties": {"code": 4326}}))
    with pytest.raises(UnknownCrs, match="EPSG:4301"):
        parse(collection(FEATURE, crs={"type": "EPSG", "properties": {"code": 4301}}))


@pytest.mark.parametrize(
    "crs",
    [
        *(None, 5, True, [], {}, {"type": "name"}, {"type": "name", "properties": {"name": 5}}),
        {"type": "link", "properties": {"href": "http://127.0.0.1:1/crs"}},
        {"type": "link", "properties": {"href": "file:///etc/passwd"}},
    ],
)
def test_a_crs_that_names_nothing_is_a_warning(crs: object) -> None:
    [finding] = parse(collection(FEATURE, crs=crs)).remarks
    assert (finding.code, finding.severity) == ("crs.member", "warning")


def test_a_crs_is_judged_wherever_it_stands() -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:3857"}}
    inside = {**FEATURE, "geometry": {**LINE, "crs": crs}}
    for document in (
        *({**FEATURE, "crs": crs}, {**LINE, "crs": crs}),
        *(collection({**FEATURE, "crs": crs}), collection(inside)),
    ):
        with pytest.raises(UnknownCrs, match="EPSG:3857"):
            parse(document)


@pytest.mark.parametrize(
    "feature,code",
    [
        ({**FEATURE, "id": {}}, "feature.id"),
        ({**FEATURE, "id": True}, "feature.id"),
        ({**FEATURE, "bbox": [1, 2, 3]}, "bbox.malformed"),
        ({**FEATURE, "bbox": ["1", "2", "3", "4"]}, "bbox.malformed"),
        ({"type": "Feature", "geometry": LINE}, "feature.no_properties"),
        ({**FEATURE, "geometry": None}, "feature.no_geometry"),
        ({**FEATURE, "coordinates": []}, "member.misplaced"),
        ({**FEATURE, "geometry": {**LINE, "properties": {}}}, "member.misplaced"),
    ],
)
def test_what_is_odd_is_read_and_remarked(feature: dict[str, Any], code: str) -> None:
    assert codes(collection(FEATURE, feature)) == [code]


def test_a_flood_of_remarks_is_folded() -> None:
    bad = [{**FEATURE, "bbox": [i]} for i in range(1_000)]
    remarks = parse(collection(*bad)).remarks
    assert len(remarks) == 20
    assert "980 more" in remarks[-1].message


@pytest.mark.parametrize(
    "document,said",
    [
        ({"type": "Topology", "objects": {}}, "TopoJSON"),
        ({"elements": []}, "Overpass"),
        ({"type": "featurecollection"}, "case"),
        ({"error": {"code": 400}}, "no member 'type'"),
    ],
)
def test_what_only_looks_like_geojson_is_told_apart(document: object, said: str) -> None:
    with pytest.raises(MalformedFile, match=said):
        parse(document)
