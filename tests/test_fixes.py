"""Fixing: only what is safe, every change told, every other byte's meaning kept."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_routes.checks import fix
from geo_routes.errors import MalformedFile
from geo_routes.formats.route_file import decode
from geo_routes.survey import measure


def collection(*features: dict[str, Any], **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", **members, "features": list(features)}).encode()


def line(coordinates: Any, **properties: Any) -> dict[str, Any]:
    kind = "MultiLineString" if isinstance(coordinates[0][0], list) else "LineString"
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def geometry_of(data: bytes, index: int = 0) -> Any:
    return json.loads(data)["features"][index]["geometry"]["coordinates"]


def test_what_is_sound_stays_the_same_bytes() -> None:
    data = collection(line([[9.0, 50.0], [9.1, 50.0]]), {"type": "Feature", "id": 3,
                      "properties": None, "geometry": None})  # fmt: skip
    assert fix(data).data is data
    assert fix(data).changes == ()


def test_duplicate_vertices_go_and_two_stay() -> None:
    repeated = [[9.0, 50.0], [9.0, 50.0], [9.1, 50.0], [9.1, 50.0], [9.1, 50.0], [9.2, 50.1]]
    fixed = fix(collection(line(repeated, name="A"), line([[1.0, 2.0]] * 5)))
    assert geometry_of(fixed.data) == [[9.0, 50.0], [9.1, 50.0], [9.2, 50.1]]
    assert geometry_of(fixed.data, 1) == [[1.0, 2.0], [1.0, 2.0]]
    assert fixed.changes[0].startswith("feature 0 (A): 3 duplicate vertices removed")
    assert fixed.changes[1].startswith("feature 1: 3 duplicate vertices removed")


def test_vertices_that_differ_in_height_are_no_duplicates() -> None:
    data = collection(line([[9.0, 50.0, 1.0], [9.0, 50.0, 2.0], [9.1, 50.0, 3.0]]))
    assert fix(data).changes == ()


@pytest.mark.parametrize("gap_deg,closed", [(4e-6, True), (1e-9, True), (9.5e-6, False)])
def test_gaps_of_up_to_a_metre_are_closed(gap_deg: float, closed: bool) -> None:
    # A degree of latitude is 111.2 km at 50 degrees: 9.5e-6 of it are more than a metre.
    parts = [[[9.0, 50.0, 1.0], [9.0, 50.1, 2.0]], [[9.0, 50.1 + gap_deg, 3.0], [9.0, 50.2, 4.0]]]
    fixed = fix(collection(line(parts)))
    assert bool(fixed.changes) == closed
    if closed:
        assert geometry_of(fixed.data)[1][0] == [9.0, 50.1, 3.0]
        [route] = decode(fixed.data)
        assert "geometry.gap" not in {f.code for f in measure(route).remarks}


def test_gaps_that_would_change_the_length_stay() -> None:
    many = [[[9.0, 50.0 + i * 1e-4], [9.0, 50.0 + i * 1e-4 + 96e-6]] for i in range(50)]
    assert fix(collection(line(many))).changes == ()


def test_an_integer_that_no_float_holds_is_not_rewritten() -> None:
    data = collection(line([[9.0, 50.0]] * 2 + [[9.1, 50.0]], ref=12345678901234567890123))
    with pytest.raises(MalformedFile, match="more than 16 digits"):
        fix(data)


def test_members_are_put_in_order_and_none_is_lost() -> None:
    odd = {
        "zeta": 1,
        "geometry": {"coordinates": [[9.0, 50.0], [9.1, 50.0]], "type": "LineString"},
        "properties": {"b": 1, "a": 2},
        "type": "Feature",
        "id": "x",
    }
    data = json.dumps({"features": [odd], "note": "kept", "type": "FeatureCollection"}).encode()
    fixed = fix(data)
    document = json.loads(fixed.data)
    assert list(document) == ["type", "note", "features"]
    assert list(document["features"][0]) == ["type", "id", "properties", "geometry", "zeta"]
    assert list(document["features"][0]["geometry"]) == ["type", "coordinates"]
    assert document == json.loads(data)
    assert list(document["features"][0]["properties"]) == ["b", "a"]
    assert fix(fixed.data).changes == ()


@pytest.mark.parametrize(
    "data",
    [b'{"type": "LineString", "coordinates": [[0, 0], [1, 1]]}', b"[]", b'{"type": "Feature"}'],
)
def test_what_is_no_collection_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedFile, match="FeatureCollection"):
        fix(data)


COORDINATE = st.integers(-3, 3).map(lambda i: i / 8)
POSITION = st.tuples(COORDINATE, COORDINATE).map(list)
PART = st.lists(POSITION, min_size=2, max_size=6)


@given(parts=st.lists(PART, min_size=1, max_size=4))
def test_fixing_changes_no_length_and_twice_is_once(parts: list[Any]) -> None:
    data = collection(line(parts))
    fixed = fix(data)
    [before], [after] = decode(data), decode(fixed.data)
    assert measure(after).length_m == pytest.approx(measure(before).length_m, abs=1e-6)
    assert fix(fixed.data).changes == ()
    steps = np.diff(after.lonlat, axis=0)
    steps = np.delete(steps, after.part_starts[1:] - 1, axis=0)
    still = np.all(steps == 0, axis=1)
    # Only a part that is one place keeps a repeat.
    assert np.count_nonzero(still) <= len(parts)
