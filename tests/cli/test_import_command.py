"""``geo-routes import``: what it writes, what it says, how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

RAIL = {"railway": "rail", "usage": "main", "name": "Nordbahn", "gauge": "1435"}


def way(number: int, *rows: tuple[float, float], **tags: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": f"way/{number}",
        "properties": {**RAIL, **tags},
        "geometry": {"type": "LineString", "coordinates": rows},
    }


def node(number: int, place: tuple[float, float], **tags: str) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": place}
    return {"type": "Feature", "id": f"node/{number}", "properties": tags, "geometry": geometry}


FEATURES = [
    way(1, (11.00, 47.0), (11.01, 47.0)),
    way(2, (11.02, 47.0), (11.01, 47.0), tunnel="yes"),
    way(3, (11.001, 47.00004), (11.019, 47.00004)),
    way(4, (11.01, 47.0), (11.012, 47.0003), service="spur", name=""),
    node(5, (11.0, 47.0002), railway="station", name="West", **{"name:ja": "西"}),
    node(6, (11.02, 47.0002), railway="station", name="Ost"),
]


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return put(tmp_path / "extract.geojson", FEATURES)


def put(path: Path, features: list[dict[str, Any]]) -> Path:
    document = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_the_route_is_written_and_check_accepts_it(run: Run, extract: Path, tmp_path: Path) -> None:
    out = tmp_path / "route.geojson"
    outcome = run("import", extract, "-o", out)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"{out}: Nordbahn: 1.52")
    assert "2 stations from West to Ost" in outcome.out
    assert run("check", "--fail-on", "warning", out).code == 0
    line, *stations = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert line["properties"]["licence"] == "ODbL 1.0"
    assert line["properties"]["structures"][0]["kind"] == "tunnel"
    assert line["properties"]["structures_complete"] is True
    assert [s["properties"]["seq"] for s in stations] == [1, 2]
    assert stations[0]["properties"]["name:ja"] == "西"


def test_the_same_input_gives_the_same_bytes(run: Run, extract: Path, tmp_path: Path) -> None:
    for name in ("one.geojson", "two.geojson"):
        assert run("import", extract, "-o", tmp_path / name).code == 0
    assert (tmp_path / "one.geojson").read_bytes() == (tmp_path / "two.geojson").read_bytes()


def test_id_and_name_are_the_users(run: Run, extract: Path, tmp_path: Path) -> None:
    out = tmp_path / "route.geojson"
    assert run("import", extract, "-o", out, "--id", "x1", "--name", "Meine Bahn").code == 0
    properties = json.loads(out.read_text(encoding="utf-8"))["features"][0]["properties"]
    assert (properties["id"], properties["name"]) == ("x1", "Meine Bahn")


def test_explain_tells_each_decision(run: Run, extract: Path, tmp_path: Path) -> None:
    outcome = run("import", extract, "-o", tmp_path / "route.geojson", "--explain")
    lines = outcome.out.splitlines()[1:]
    assert [line.split()[1] for line in lines] == ["second_track", "siding"]
    assert "Nordbahn: runs beside the line" in lines[0]
    assert "1.369 km" in lines[0]


def test_json_holds_route_decisions_and_findings(run: Run, tmp_path: Path) -> None:
    gap = [way(1, (11.0, 47.0), (11.01, 47.0)), way(2, (11.02, 47.0), (11.03, 47.0))]
    out = tmp_path / "route.geojson"
    outcome = run("import", put(tmp_path / "gap.geojson", gap), "-o", out, "--json")
    assert outcome.code == 0
    (route,) = outcome.json["routes"]
    assert route["parts"] == 2
    assert route["length_m"] == pytest.approx(1521, abs=2)
    assert {d["code"] for d in outcome.json["decisions"]} == {"parts.joined", "gap.split"}
    (finding,) = [f for f in outcome.json["findings"] if f["severity"] == "warning"]
    assert finding["code"] == "import.gap.split"
    assert outcome.err.startswith("warning: ")
    assert "import.gap.split" in outcome.err
    assert run("import", tmp_path / "gap.geojson", "-o", out, "--gap-tolerance", "800").code == 0
    assert len(json.loads(out.read_text())["features"][0]["geometry"]["coordinates"]) == 4


def test_a_listing_needs_no_output(run: Run, extract: Path) -> None:
    text = run("import", extract, "--list")
    assert (text.code, text.err) == (0, "")
    assert "Nordbahn" in text.out
    assert "2 stations: Ost, West" in text.out
    listing = run("import", extract, "--list", "--json").json
    assert listing["lines"][0]["ways"] == 3
    assert [s["name"] for s in listing["stations"]] == ["Ost", "West"]


def test_between_two_stations(run: Run, extract: Path, tmp_path: Path) -> None:
    out = tmp_path / "route.geojson"
    assert run("import", extract, "-o", out, "--from", "Ost", "--to", "西").code == 0
    line = json.loads(out.read_text(encoding="utf-8"))["features"][0]
    assert line["geometry"]["coordinates"][0][0] == pytest.approx(11.02)
    assert line["geometry"]["coordinates"][-1][0] == pytest.approx(11.00)


def test_standard_output_holds_the_route_alone(run: Run, extract: Path) -> None:
    outcome = run("import", extract, "-o", "-", "--explain")
    assert json.loads(outcome.out)["geo_routes"] == 1


@pytest.mark.parametrize(
    "options,reason",
    [
        ((), "no place for the route is named"),
        (("--way-name", "Süd"), "has no way with way-name Süd"),
        (("--relation", "77"), "has no relation '77'"),
        (("--from", "West", "--to", "Oost"), "did you mean Ost?"),
        (("--axis", "middle"), "--axis"),
        (("--gap-tolerance", "-1"), "--gap-tolerance"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    run: Run, extract: Path, tmp_path: Path, options: tuple[str, ...], reason: str
) -> None:
    out = tmp_path / "route.geojson"
    outcome = run("import", extract, *options, *(("-o", out) if options else ()))
    assert outcome.code == 2
    (line,) = outcome.errors
    assert reason in line
    assert not out.exists()


def test_an_input_is_not_overwritten(run: Run, extract: Path, tmp_path: Path) -> None:
    before = extract.read_bytes()
    link = tmp_path / "link.geojson"
    link.hardlink_to(extract)
    for out in (extract, link):
        outcome = run("import", extract, "-o", out)
        assert outcome.code == 2
        assert "would be overwritten" in outcome.errors[0]
    assert extract.read_bytes() == before


def test_each_unusable_input_has_its_line(run: Run, extract: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.osm"
    bad.write_text("<!DOCTYPE osm><osm/>", encoding="utf-8")
    out = tmp_path / "route.geojson"
    outcome = run("import", extract, bad, tmp_path / "none.osm.pbf", "-o", out)
    assert outcome.code == 2
    assert ["DTD" in outcome.errors[0], "none.osm.pbf" in outcome.errors[1]] == [True, True]
    assert len(outcome.errors) == 2
    assert not out.exists()


def test_tags_are_only_text(run: Run, tmp_path: Path) -> None:
    hostile = "</script><b>{{7*7}}\x1b[31m\u202e=cmd()"
    ways = [way(1, (11.0, 47.0), (11.01, 47.0), name=hostile)]
    source, out = put(tmp_path / "hostile.geojson", ways), tmp_path / "route.geojson"
    for options in (("-o", out, "--explain"), ("--list",)):
        outcome = run("import", source, *options)
        assert outcome.code == 0
        assert "\x1b" not in outcome.out + outcome.err
        assert "\u202e" not in outcome.out + outcome.err
    properties = json.loads(out.read_text(encoding="utf-8"))["features"][0]["properties"]
    assert properties["name"] == hostile


def test_the_corpus_of_bad_pbf_files_is_refused(run: Run, shared: Path, tmp_path: Path) -> None:
    for source in sorted((shared / "corpus" / "cases").glob("*.pbf")):
        outcome = run("import", source, "-o", tmp_path / "route.geojson")
        assert outcome.code == 2
        assert len(outcome.errors) == 1
        assert source.name in outcome.errors[0]
    assert not (tmp_path / "route.geojson").exists()
