"""The suites of others: JSON text, and GeoJSON that is good and bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_routes.errors import GeoRoutesError, MalformedFile
from geo_routes.formats import geojson, json_text
from geo_routes.formats.route_file import decode
from geo_routes.model import Finding

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "conformance"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no folder shared/data/conformance beside the checkout"
)

# Not a matter of structure: to see it, a polygon has to be computed with, and none is measured.
NOT_STRUCTURE = {"invalid_inner_and_exterior_ring_intersect"}


def files(*places: str) -> list[Path]:
    return [path for place in places for path in sorted(FOLDER.glob(place))]


def seen_in(path: Path) -> list[Finding]:
    """What is remarked of the structure, and where there are lines, of them."""
    data = path.read_bytes()
    remarks = list(geojson.parse(data, source=path.name).remarks)
    try:
        for route in decode(data, source=path.name):
            remarks += route.remarks
    except GeoRoutesError:
        pass  # a good GeoJSON without a line is no route file
    return remarks


@pytest.mark.parametrize("path", files("jsontestsuite/y_*.json"), ids=lambda p: p.stem)
def test_json_that_must_be_read_is_read(path: Path) -> None:
    json_text.decode(path.read_bytes(), source=path.name)


@pytest.mark.parametrize("path", files("jsontestsuite/n_*.json"), ids=lambda p: p.stem)
def test_json_that_must_be_refused_is_refused(path: Path) -> None:
    with pytest.raises(MalformedFile) as refused:
        json_text.decode(path.read_bytes(), source=path.name)
    assert refused.value.source == path.name
    assert refused.value.remedy


@pytest.mark.parametrize("path", files("jsontestsuite/i_*.json"), ids=lambda p: p.stem)
def test_json_that_readers_may_treat_as_they_like_ends_in_a_value_or_a_refusal(path: Path) -> None:
    data = path.read_bytes()
    try:
        value = json_text.decode(data)
        json_text.repeated_member(data, value)
    except MalformedFile:
        return
    # No infinity, no half of a character has come in: it can be written and read again.
    assert json_text.decode(json_text.encode(value)) == value


@pytest.mark.parametrize(
    "path",
    files(
        "geojsonhint/bad/*",
        "geojson-validator/invalid_structure/*",
        "geojson-validator/invalid_geometries/*",
        "geojson-validator/problematic_structure/*",
    ),
    ids=lambda p: p.stem,
)
def test_bad_geojson_is_refused_or_remarked(path: Path) -> None:
    try:
        remarks = seen_in(path)
    except GeoRoutesError as refused:
        assert refused.reason
        assert refused.source == path.name
        return
    assert bool(remarks) != (path.stem in NOT_STRUCTURE)


@pytest.mark.parametrize(
    "path", files("geojsonhint/good/*", "geojson-validator/valid/*"), ids=lambda p: p.stem
)
def test_good_geojson_is_read_without_a_word(path: Path) -> None:
    remarks = {f.code for f in geojson.parse(path.read_bytes(), source=path.name).remarks}
    # A null geometry is good GeoJSON, and the user should still hear that nothing was read of it.
    assert remarks <= ({"feature.no_geometry"} if "null" in path.stem else set())


@pytest.mark.parametrize(
    "path", files("geojson-validator/problematic_geometries/*"), ids=lambda p: p.stem
)
def test_odd_geometries_are_read(path: Path) -> None:
    assert geojson.parse(path.read_bytes(), source=path.name).features


def test_none_of_the_suites_is_empty() -> None:
    assert len(files("jsontestsuite/*.json")) == 318
    assert len(files("geojsonhint/bad/*")) == 44
    assert len(files("geojson-validator/*/*")) == 74
