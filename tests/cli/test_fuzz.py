"""Whatever bytes come in, the program ends with 0, 1 or 2 and a line, never with a traceback."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_routes.checks import check, figures_to_judge
from geo_routes.errors import GeoRoutesError
from geo_routes.formats.route_file import decode
from geo_routes.formats.writing import encode
from geo_routes.report import check_text, measure_text, route_figures, strict
from geo_routes.survey import FIGURES, measure

LINE = {
    "type": "Feature",
    "id": 3,
    "properties": {
        "kind": "route",
        "id": "a",
        "name": "Lïne",
        "gauge_mm": 1435,
        "structures": [{"kind": "tunnel", "from_m": 100, "to_m": 900.5, "name": "T"}],
        "tunnels": [[1000, 2000]],
        "declared": {"length_km": 35.5, "from": "A", "to": "B", "source": "s"},
        "accuracy_m": 2.5,
        "of_length_m": 35471.2,
        "chainage_breaks": [{"at_m": 10, "back_km": 1.5, "ahead_km": 2}],
    },
    "geometry": {
        "type": "MultiLineString",
        "coordinates": [
            [[139.7671, 35.6812, 4], [139.7003, 35.658, 5.5]],
            [[139.7003, 35.658], [139.638, 35.556], [-179.9, 89.5]],
        ],
    },
}
STATION = {
    "type": "Feature",
    "properties": {"kind": "station", "name": "A", "seq": 1, "route": ["a"], "chainage_km": 0.5},
    "geometry": {"type": "Point", "coordinates": [139.7671, 35.6812]},
}
OTHER = {
    "type": "Feature",
    "properties": None,
    "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
}
DOCUMENT = {
    "type": "FeatureCollection",
    "geo_routes": 1,
    "crs": {"type": "name", "properties": {"name": "EPSG:4326"}},
    "features": [LINE, STATION, OTHER, {**STATION, "geometry": None}],
}
GOOD = json.dumps(DOCUMENT).encode()
SEQUENCE = b"\n".join(json.dumps(f).encode() for f in DOCUMENT["features"])  # type: ignore[attr-defined]

TOKENS = (
    *(b"null", b"true", b"-1", b"1e308", b"-1e308", b"1e-320", b"0", b'""', b"[]", b"{}", b"[[]]"),
    *(b"NaN", b"\\u0000", b"\xff", b"\xef\xbb\xbf", b"\x1e", b"\n", b'"', b",", b":", b"]", b"}"),
    *(b"tunnel", b"sketch", b"LineString", b"Point", b"180", b"-540", b"90.0", b"9" * 30, b"1e400"),
)


def work(data: bytes, source: str) -> None:
    """Do all that the commands do with the bytes of a file."""
    try:
        routes = decode(data, source=source)
    except GeoRoutesError as error:
        assert error.reason
        assert error.source == source
        return
    for route in routes:
        # The curvature takes longest by far: a part of the files is enough for it.
        survey = measure(route, figures=FIGURES if len(data) % 5 == 0 else figures_to_judge(route))
        findings = check(survey)
        json.dumps(strict(route_figures(survey)), allow_nan=False)
        assert measure_text(survey, source=source)
        assert check_text([survey], findings, source=source)
        assert 0 <= survey.known_fraction <= 1
        assert survey.tunnel_fraction is None or 0 <= survey.tunnel_fraction <= 1
    written = encode(routes)
    assert encode(decode(written)) == written


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Change some bytes: one byte, a stretch left out or doubled, or a word put in."""
    mutated = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(mutated) + 1)
        end = min(at + chance.choice((1, 1, 3, 20, 200)), len(mutated))
        way = chance.randrange(6)
        if way == 0:
            mutated[at:end] = bytes([chance.randrange(256)])
        elif way == 1:
            del mutated[at:end]
        elif way == 2:
            mutated[at:at] = mutated[at:end]
        elif way == 3:
            del mutated[at:]
        else:
            mutated[at : end if way == 4 else at] = chance.choice(TOKENS)
    return bytes(mutated)


def replace_value(text: bytes, chance: random.Random) -> bytes:
    """Change one value of the document to another, so that the text stays JSON."""
    document = json.loads(text)
    place: Any = document
    while True:
        key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.1:
            break
        place = inner
    values = [
        None,
        True,
        -1,
        0,
        1e308,
        -1e308,
        1e-320,
        2**70,
        "",
        "x",
        [],
        {},
        [[]],
        "\u202e",
        [None],
    ]
    place[key] = chance.choice(values)
    return json.dumps(document).encode()


def test_the_unchanged_files_are_sound() -> None:
    for data, source in ((GOOD, "a.geojson"), (SEQUENCE, "a.geojsonl")):
        [route] = decode(data, source=source)
        work(data, source)
        assert len(route.stations) == 1


@pytest.mark.parametrize("seed", range(8))
def test_no_change_of_bytes_gets_past_the_errors(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same changes in every run
    for _ in range(250):
        work(mutate(GOOD, chance), "a.geojson")
        work(mutate(SEQUENCE, chance), "a.geojsonl")
        work(replace_value(GOOD, chance), "a.geojson")


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_no_bytes_at_all_get_past_the_errors(data: bytes) -> None:
    work(data, "a.geojson")
    work(data, "a.geojsonl")


@settings(max_examples=100)
@given(st.integers(0, len(GOOD)), st.integers(0, 255))
def test_a_truncated_file_and_one_wrong_byte_are_told(at: int, byte: int) -> None:
    work(GOOD[:at], "a.geojson")
    work(GOOD[:at] + bytes([byte]) + GOOD[at + 1 :], "a.geojson")


def test_the_program_ends_with_a_code_and_a_line(run: Callable[..., Any], tmp_path: Path) -> None:
    chance = random.Random(99)  # noqa: S311
    codes = set()
    path = tmp_path / "a.geojson"
    for i in range(60):
        path.write_bytes((mutate if i % 2 else replace_value)(GOOD, chance))
        for command in (("check",), ("measure", "--json")):
            outcome = run(*command, path)
            codes.add(outcome.code)
            assert len(outcome.errors) == (outcome.code == 2)
            assert all(len(line) <= 400 for line in outcome.err.splitlines())
    assert codes == {0, 1, 2}
