"""The JSON Schema says what the reader does: a file is accepted by both or by none."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_routes.errors import GeoRoutesError, MalformedFile
from geo_routes.formats import json_text
from geo_routes.formats.route_file import decode
from geo_routes.formats.schema import SCHEMA_FILE, route_file_schema

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
VALIDATOR = jsonschema.Draft202012Validator(route_file_schema())

# What no schema can say of a file, and how the reader says it.
BEYOND_A_SCHEMA = {
    "a member said twice is gone once the text is decoded": r"duplicate member",
    "what a crs member names has to be looked up": r"a member 'crs'",
    "a schema does not count levels": r"is nested deeper than 120 levels",
}


def first_difference(document: Any, data: bytes) -> str | None:
    """Tell where reader and schema part, or None where they agree or one cannot speak."""
    try:
        decode(data, source="a.geojson")
        reason = ""
    except GeoRoutesError as error:
        reason = error.reason
    complaint = next((e.message for e in VALIDATOR.iter_errors(document)), "")
    if bool(reason) == bool(complaint):
        return None
    if reason and any(re.search(known, reason) for known in BEYOND_A_SCHEMA.values()):
        return None
    return f"the reader says {reason or 'yes'!r}, the schema {complaint or 'yes'!r}"


def difference(document: Any) -> str | None:
    return first_difference(document, json.dumps(document).encode())


def fixture_files() -> Iterator[Path]:
    yield from sorted((ROOT / "geodata").glob("*.geojson"))
    yield from sorted((SHARED / "corpus" / "cases").glob("*.geojson"))
    for folder in ("geojsonhint", "geojson-validator"):
        yield from sorted((SHARED / "data" / "conformance" / folder).rglob("*.geojson"))


def test_the_schema_is_a_schema_and_stands_in_the_package() -> None:
    jsonschema.Draft202012Validator.check_schema(route_file_schema())
    text = (resources.files("geo_routes.formats") / SCHEMA_FILE).read_text(encoding="utf-8")
    assert json.loads(text) == route_file_schema()


@pytest.mark.parametrize("path", list(fixture_files()), ids=lambda p: p.stem)
def test_reader_and_schema_agree_on_a_file(path: Path) -> None:
    data = path.read_bytes()
    try:
        document = json_text.decode(data)
    except MalformedFile:
        with pytest.raises(MalformedFile):
            decode(data)
        return  # no JSON, so nothing that a schema could look at
    assert first_difference(document, data) is None


POSITIONS: list[list[Any]] = [[139.7671, 35.6812], [139.7003, 35.658], [139.638, 35.556]]
WRONG: list[Any] = [
    *(None, True, False, -1, 0, 1.5, 1e308, -0.0, "", "x", "1", [], {}, [1], [[1, 2]], ["x"]),
    *([None], [[1, 2, 3]], [["a", "b"]], [[True, 1]], [{}], {"a": 1}, [[]], POSITIONS),
    *([{"kind": "tunnel", "from_m": 0, "to_m": 1}], [{"at_m": 1, "back_km": 2, "ahead_km": 3}]),
]
ROUTE_MEMBERS = (
    *("kind", "id", "name", "name:de", "mode", "gauge_mm", "status", "axis", "geometry_kind"),
    *("structures", "structures_complete", "tunnels", "of_length_m", "structure", "tunnel", "seq"),
    *("chainage_breaks", "declared", "source", "licence", "retrieved", "accuracy_m", "unknown"),
    "height_datum",
)
STATION_MEMBERS = ("kind", "name", "name:de", "route", "seq", "chainage_km", "source", "accuracy_m")
DECLARED_MEMBERS = (
    *("length_km", "from", "to", "tunnel_km", "tunnel_fraction", "min_radius_m", "max_speed_kmh"),
    *("running_time_min", "source", "as_of", "unknown"),
)
GEOMETRY_TYPES = (
    *("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
    *("GeometryCollection", "Circle", None, 1, []),
)


def sound() -> dict[str, Any]:
    """A route file in which nothing is wrong."""
    line = {
        "type": "Feature",
        "id": "a",
        "properties": {
            "kind": "route",
            "name": "A",
            "structures": [{"kind": "tunnel", "from_m": 10, "to_m": 20.5, "name": "T"}],
            "declared": {"length_km": 19.1, "source": "made"},
        },
        "geometry": {"type": "LineString", "coordinates": copy.deepcopy(POSITIONS)},
    }
    station = {
        "type": "Feature",
        "properties": {"kind": "station", "name": "S"},
        "geometry": {"type": "Point", "coordinates": [139.7003, 35.658]},
    }
    return {"type": "FeatureCollection", "geo_routes": 1, "features": [line, station]}


def with_value(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    document = sound()
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


def variants() -> Iterator[tuple[str, Any]]:
    line, station = ("features", 0), ("features", 1)
    places: list[tuple[str | int, ...]] = [
        *((member,) for member in ("type", "geo_routes", "features", "bbox", "unknown")),
        *((*line, member) for member in ("type", "id", "properties", "geometry", "bbox")),
        *((*line, "properties", member) for member in ROUTE_MEMBERS),
        *((*line, "properties", "declared", member) for member in DECLARED_MEMBERS),
        *((*line, "geometry", member) for member in ("type", "coordinates", "geometries")),
        *((*line, "geometry", "coordinates", i) for i in (0, 2)),
        *((*line, "geometry", "coordinates", 1, i) for i in (0, 1)),
        *((*station, "properties", member) for member in STATION_MEMBERS),
        *((*station, "geometry", "coordinates", i) for i in (0, 1)),
        *((*line, "properties", "structures", 0, m) for m in ("kind", "from_m", "to_m", "from_km")),
        ("features", 0),
        ("features", 1),
    ]
    for place in places:
        for value in WRONG:
            yield (
                f"{'.'.join(map(str, place))} = {json.dumps(value)[:40]}",
                with_value(place, value),
            )
    for kind in GEOMETRY_TYPES:
        for value in (*WRONG, [POSITIONS], [[POSITIONS]], [POSITIONS, []], [[], []]):
            for at in (0, 1):
                geometry = {"type": kind, "coordinates": value, "geometries": value}
                yield f"{kind} {value!r:.40}", with_value(("features", at, "geometry"), geometry)
            yield f"bare {kind} {value!r:.40}", {"type": kind, "coordinates": value}
    for longitude, latitude in ((540, 90), (540.0001, 0), (-540, -90), (0, 90.0001), (0, -91)):
        for at, where in ((0, (0,)), (1, ())):
            place = ("features", at, "geometry", "coordinates", *where)
            yield f"{longitude}, {latitude}", with_value(place, [longitude, latitude])
    for kinds in (("x", "x"), ("x", None), (None, "x"), ("route", "x"), ("x", "station")):
        document = sound()
        for feature, kind in zip(document["features"], kinds, strict=True):
            feature["properties"]["kind"] = kind
            feature["geometry"]["coordinates"] = [[0, 91], [0, 1]] if kind == "x" else [0, 91]
        yield f"kinds {kinds}", document
    missing: list[tuple[int, str]] = [(i, m) for i in (0, 1) for m in sound()["features"][i]]
    for at, member in missing:
        document = sound()
        del document["features"][at][member]
        yield f"feature {at} without {member}", document


def test_reader_and_schema_agree_on_every_member_wrong_in_every_way() -> None:
    seen = 0
    differences = []
    for name, document in variants():
        seen += 1
        if said := difference(document):
            differences.append(f"{name}: {said}")
    assert differences == []
    assert seen > 1_500


def test_the_table_of_variants_holds_what_is_accepted_and_what_is_refused() -> None:
    valid = [VALIDATOR.is_valid(document) for _, document in variants()]
    assert min(sum(valid), len(valid) - sum(valid)) > 300


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1000, 1000)
    | st.floats(-600, 600)
    | st.sampled_from(["tunnel", "route", "station", "Feature", "Point", "LineString", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "from_m", "to_m", "type", "coordinates", "geometry", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def places_in(value: Any) -> Iterator[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (key,)
        if isinstance(inner, dict | list):
            yield from ((key, *rest) for rest in places_in(inner))


@settings(max_examples=300)
@given(st.data())
def test_reader_and_schema_agree_when_any_value_is_replaced(data: st.DataObject) -> None:
    document = sound()
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(sorted(places_in(document), key=str)))
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = data.draw(JSON_VALUES)
    assert difference(document) is None


def test_the_files_of_others_were_among_them(shared: Path) -> None:
    assert sum(shared in path.parents for path in fixture_files()) > 200
