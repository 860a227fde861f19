"""Reading and writing again loses nothing: numbers, order, unknown members, other features."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geo_routes as gr
from geo_routes.checks import check
from geo_routes.errors import InvalidNoun, UnusableOutput
from geo_routes.formats.route_file import decode
from geo_routes.formats.schema import route_file_schema
from geo_routes.formats.writing import encode
from geo_routes.model import ChainageBreak, Declared, Route, Station, Structure
from geo_routes.survey import measure

NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.sampled_from([1e-7, 5e300, -0.0, 5e-324, 1e22, 0.1 + 0.2, 2**53 - 1, 1.0])
)
NAMES = st.text(max_size=8) | st.sampled_from(
    ["東京", "Zürich", "a\nb", "</script>", "\u202e", "𠮷"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
# Unknown members begin with "x", so that none is one which has a meaning.
UNKNOWN = st.dictionaries(NAMES.map(lambda name: f"x{name}"), VALUES, max_size=3)
LONGITUDES = st.floats(-180, 180) | st.sampled_from([139.7671, -0.0, 180.0, 1e-7])
LATITUDES = st.floats(-89, 89) | st.sampled_from([35.6812, -0.0, 1e-300])


@st.composite
def positions(draw: st.DrawFn) -> list[float]:
    heights = draw(st.lists(st.floats(-100, 9_000) | st.integers(0, 9), max_size=2))
    return [draw(LONGITUDES), draw(LATITUDES), *heights]


@st.composite
def line_features(draw: st.DrawFn) -> dict[str, Any]:
    part = st.lists(positions(), min_size=2, max_size=4)
    geometry = draw(
        st.builds(lambda c: {"type": "LineString", "coordinates": c}, part)
        | st.builds(
            lambda c: {"type": "MultiLineString", "coordinates": c},
            st.lists(part, min_size=1, max_size=3),
        )
    )
    structure = st.fixed_dictionaries(
        {"kind": st.sampled_from(["tunnel", "bridge", "at_grade"]), "from_m": NUMBERS},
        optional={"name": NAMES, "note": VALUES},
    ).flatmap(lambda row: NUMBERS.map(lambda to_m: {**row, "to_m": to_m}))
    members = st.fixed_dictionaries(
        {},
        optional={
            "name": NAMES | st.integers(0, 9),
            "name:ja": NAMES,
            "gauge_mm": st.sampled_from([1435, 1067.0]),
            "structures": st.lists(structure, max_size=2),
            "tunnels": st.lists(st.lists(NUMBERS, min_size=2, max_size=2), max_size=2),
            "declared": st.fixed_dictionaries({"length_km": st.sampled_from([286, 285.6])}),
            "seq": NUMBERS,
            "tunnel": st.sampled_from(["yes", "no"]),
        },
    )
    feature = {"type": "Feature", "properties": draw(members) | draw(UNKNOWN), "geometry": geometry}
    if draw(st.booleans()):
        # Few ids, so that some features are pieces of one route.
        feature["id"] = draw(st.sampled_from(["a", "b", 7, "way/1"]))
    return feature | draw(UNKNOWN)


@st.composite
def other_features(draw: st.DrawFn) -> dict[str, Any]:
    geometry = draw(
        st.none()
        | st.builds(lambda p: {"type": "Point", "coordinates": p}, positions())
        | st.just({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]})
    )
    kind = draw(st.sampled_from(["station", "signal", None]))
    properties = draw(UNKNOWN) | {"kind": kind, "name": draw(NAMES)}
    return {"type": "Feature", "properties": properties, "geometry": geometry} | draw(UNKNOWN)


@st.composite
def collections(draw: st.DrawFn) -> dict[str, Any]:
    features = draw(st.lists(line_features(), min_size=1, max_size=3))
    features += draw(st.lists(other_features(), max_size=3))
    features = draw(st.permutations(features))
    head = draw(st.sampled_from([{}, {"geo_routes": 1}])) | draw(UNKNOWN)
    document = {"type": "FeatureCollection", **head, "features": features}
    keys = draw(st.permutations(list(document)))
    return {key: document[key] for key in keys}


def numbers_in(value: Any) -> Iterator[bytes]:
    """Every number as the bytes of its float64, in order."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_in(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield struct.pack("<d", value)


def order_of(value: Any) -> Any:
    """The names of the members in order, at every depth."""
    if isinstance(value, dict):
        return [(key, order_of(inner)) for key, inner in value.items()]
    return [order_of(inner) for inner in value] if isinstance(value, list) else None


@given(collections())
def test_a_file_that_is_read_and_written_is_the_same_file(document: dict[str, Any]) -> None:
    data = json.dumps(document).encode()
    routes = decode(data)
    first = encode(routes)
    again = json.loads(first)
    added = {} if "geo_routes" in document else {"geo_routes": 1}
    assert again == {**document, **added}
    assert list(numbers_in(again["features"])) == list(numbers_in(document["features"]))
    assert order_of(again["features"]) == order_of(document["features"])
    assert [key for key in again if key not in added] == list(document)
    second = encode(decode(first))
    assert second == first
    for before, after in zip(routes, decode(first), strict=True):
        np.testing.assert_array_equal(after.lonlat, before.lonlat)
        assert after.structures == before.structures
        assert after.stations == before.stations


@given(st.lists(line_features(), min_size=1, max_size=3))
def test_a_sequence_is_written_as_a_collection(features: list[dict[str, Any]]) -> None:
    data = b"".join(b"\x1e" + json.dumps(f).encode() + b"\n" for f in features)
    first = encode(decode(data))
    assert json.loads(first)["features"] == features
    assert encode(decode(first)) == first


@given(line_features())
def test_a_bare_feature_and_a_bare_line_become_collections(feature: dict[str, Any]) -> None:
    first = encode(decode(json.dumps(feature).encode()))
    assert json.loads(first)["features"] == [feature]
    line = encode(decode(json.dumps(feature["geometry"]).encode()))
    assert json.loads(line)["features"][0]["geometry"] == feature["geometry"]
    assert encode(decode(line)) == line


@given(collections())
def test_what_is_written_is_valid_and_can_be_checked(document: dict[str, Any]) -> None:
    written = encode(decode(json.dumps(document).encode()))
    jsonschema.Draft202012Validator(route_file_schema()).validate(json.loads(written))
    for route in decode(written):
        check(measure(route))


def test_one_feature_stands_on_each_line(tmp_path: Path) -> None:
    route = Route(lonlat=np.array([[0.0, 0.0], [1.0, 0.0]]), stations=(Station(lonlat=(0, 0)),))
    gr.write(route, tmp_path / "a.geojson")
    lines = (tmp_path / "a.geojson").read_text(encoding="utf-8").splitlines()
    assert sum('"Feature"' in line for line in lines) == 2
    assert lines[-1] == "]}"


finite = st.floats(-1e6, 1e6)


@st.composite
def made_routes(draw: st.DrawFn) -> Route:
    """Routes as a program makes them."""
    size = draw(st.integers(4, 8))
    lonlat = np.array([[draw(LONGITUDES), draw(LATITUDES)] for _ in range(size)])
    heights = None
    if draw(st.booleans()):
        heights = np.array([draw(st.floats(-99, 999) | st.just(math.nan)) for _ in range(size)])
        if np.isnan(heights).all():
            heights = None
    structures = st.builds(
        Structure,
        kind=st.sampled_from(["tunnel", "viaduct"]),
        from_m=finite,
        to_m=finite,
        name=NAMES,
        source=st.none() | st.just("made"),
    )
    stations = st.builds(
        Station,
        lonlat=st.tuples(LONGITUDES, LATITUDES),
        name=NAMES,
        names=st.dictionaries(st.sampled_from(["ja", "de"]), NAMES, max_size=2),
        routes=st.just(("r",)),
        height_m=st.none() | st.floats(0, 99),
        chainage_km=st.none() | st.floats(0, 99),
        extra=UNKNOWN,
    )
    return Route(
        lonlat=lonlat,
        part_starts=np.array(draw(st.sampled_from([[0], [0, 2]]))),
        height_m=heights,
        id="r",
        name=draw(NAMES),
        names=draw(st.dictionaries(st.sampled_from(["ja", "de"]), NAMES, max_size=2)),
        mode=draw(st.none() | st.just("rail")),
        gauge_mm=draw(st.none() | st.just(1435.0)),
        geometry_kind=draw(st.sampled_from([None, "mapped", "sketch"])),
        structures=tuple(draw(st.lists(structures, max_size=3))),
        structures_complete=draw(st.booleans()),
        stations=tuple(draw(st.lists(stations, max_size=3))),
        of_length_m=draw(st.none() | st.floats(1, 1e6)),
        chainage_breaks=tuple(
            draw(st.lists(st.builds(ChainageBreak, at_m=finite, back_km=finite, ahead_km=finite)))
        ),
        declared=draw(st.none() | st.just(Declared(length_km=286, origin="P", source="s"))),
        extra=draw(UNKNOWN),
    )


@given(made_routes())
def test_a_route_made_in_python_comes_back(route: Route) -> None:
    written = encode([route])
    [again] = decode(written)
    np.testing.assert_array_equal(again.lonlat, route.lonlat)
    np.testing.assert_array_equal(again.part_starts, route.part_starts)
    if route.height_m is None:
        assert again.height_m is None
    else:
        assert again.height_m is not None
        np.testing.assert_array_equal(again.height_m, route.height_m)
    for member in (
        *("id", "name", "names", "mode", "gauge_mm", "geometry_kind", "structures", "of_length_m"),
        *("structures_complete", "chainage_breaks", "declared", "extra", "stations"),
    ):
        assert getattr(again, member) == getattr(route, member), member
    assert encode([again]) == written


def test_open_stretches_of_a_made_route_come_back_as_known() -> None:
    lonlat = np.array([[0.0, 0.0], [1.0, 0.0]])
    length_m = measure(Route(lonlat=lonlat)).length_m
    tunnel = Structure(kind="tunnel", from_m=0, to_m=1_000)
    for open_m, known in (
        ([[1_000.0, length_m]], 1.0),
        ([[1_000.0, 2_000.0]], 2_000 / length_m),
        ([], 1_000 / length_m),
    ):
        made = Route(
            lonlat=lonlat, structures=(tunnel,), open_m=np.array(open_m).reshape(-1, 2), id="r"
        )
        [again] = decode(encode([made]))
        for survey in (measure(made), measure(again)):
            assert survey.known_fraction == pytest.approx(known, abs=1e-9)
            assert survey.tunnel_length_m == 1_000


def test_numpy_numbers_are_written_as_numbers() -> None:
    structure = Structure(kind="tunnel", from_m=np.float64(1.5), to_m=np.float64(2))
    route = Route(
        lonlat=np.array([[0.0, 0.0], [1.0, 0.0]]), structures=(structure,), extra={"n": np.int64(3)}
    )
    properties = json.loads(encode([route]))["features"][0]["properties"]
    assert properties["structures"] == [{"kind": "tunnel", "from_m": 1.5, "to_m": 2.0}]
    assert properties["n"] == 3


def test_what_cannot_be_written_is_refused_before_the_file_is_touched(tmp_path: Path) -> None:
    lonlat = np.array([[0.0, 0.0], [1.0, 0.0]])
    path = tmp_path / "a.geojson"
    path.write_bytes(b"old")
    for routes, said in (
        ([], "no route"),
        ([Route(lonlat=lonlat, id="a"), Route(lonlat=lonlat, id="a")], "'a' is the id of several"),
        ([Route(lonlat=lonlat, extra={"x": object()})], "no form in JSON"),
        ([Route(lonlat=lonlat, name="\ud800")], "no form in JSON"),
    ):
        with pytest.raises(InvalidNoun, match=said):
            gr.write(routes, path)
    with pytest.raises(UnusableOutput):
        gr.write(Route(lonlat=lonlat), tmp_path / "none" / "a.geojson")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.geojson"]


def test_the_files_of_the_project_are_written_as_they_stand() -> None:
    folder = Path(__file__).resolve().parents[2] / "geodata"
    for path in sorted(folder.glob("*.geojson")):
        routes = gr.read(path)
        assert json.loads(encode(routes)) == json.loads(path.read_text(encoding="utf-8"))
        assert encode(decode(encode(routes))) == encode(routes)
