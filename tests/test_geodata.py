"""The route files that come with the project say what was published, and no more."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyproj import Geod

import geo_routes as gr

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "geodata"
FILES = sorted(FOLDER.glob("*.geojson"))
GEOD = Geod(ellps="WGS84")

# Longitude and latitude as published: stations that stand, else the neighbour that is shown.
STATIONS = {
    "chuo-shinkansen": {
        "Shinagawa": (139.7390, 35.6288),
        "Kanagawa": (139.345, 35.595),  # Hashimoto
        "Nagano": (137.861, 35.534),  # Motozenkoji
        "Gifu": (137.450, 35.479),  # Mino-Sakamoto
        "Nagoya": (136.8816, 35.1707),
    },
    "shanghai-maglev": {
        "Longyang Road": (121.5523, 31.2048),
        "Pudong International Airport": (121.8036, 31.1475),
    },
}

# Chuo: Mynavi TECH+ 2014-08-27, MLIT press text 2014-10. Shanghai: Wikipedia; length as cited.
DECLARED: dict[str, dict[str, Any]] = {
    "chuo-shinkansen": {
        "length_km": 285.6,
        "from": "Shinagawa",
        "to": "Nagoya",
        "tunnel_km": 246.6,
        "tunnel_fraction": 0.86,
        "min_radius_m": 8000,
        "max_speed_kmh": 505,
        "running_time_min": 40,
        "as_of": "2014-10",
    },
    "shanghai-maglev": {
        "length_km": 29.863,
        "from": "Longyang Road",
        "to": "Pudong International Airport",
        "tunnel_km": 0,
        "max_speed_kmh": 300,
        "running_time_min": 8.17,
        "as_of": "2021-05",
    },
}

each_file = pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)


def features_of(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The line feature and the station features, by the standard library alone."""
    document = json.loads(path.read_text("utf-8"))
    features: list[dict[str, Any]] = document["features"]
    (line,) = (f for f in features if f["geometry"]["type"] == "LineString")
    return line, [f for f in features if f["geometry"]["type"] == "Point"]


def chain_km(line: dict[str, Any]) -> float:
    longitude, latitude = zip(*line["geometry"]["coordinates"], strict=True)
    return float(GEOD.line_length(longitude, latitude)) / 1000


def members_below(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield name
            yield from members_below(below)
    elif isinstance(value, list):
        for below in value:
            yield from members_below(below)


def test_every_file_is_expected_here_and_the_other_way_round() -> None:
    assert {p.stem for p in FILES} == set(STATIONS) == set(DECLARED)


@each_file
def test_text_is_plain_utf8(path: Path) -> None:
    data = path.read_bytes()
    text = data.decode("utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert not text.startswith("\ufeff")
    assert text.endswith("}\n")
    assert "\r" not in text
    assert "\t" not in text


@each_file
def test_stations_stand_where_published_and_in_order(path: Path) -> None:
    line, stations = features_of(path)
    stations.sort(key=lambda f: f["properties"]["seq"])
    found = {f["properties"]["name"]: tuple(f["geometry"]["coordinates"]) for f in stations}
    assert list(found.items()) == list(STATIONS[path.stem].items())
    for feature in stations:
        assert feature["properties"]["kind"] == "station"
        assert feature["properties"]["route"] == line["properties"]["id"] == path.stem
        assert feature["properties"]["source"]


@each_file
def test_the_line_is_the_chain_of_its_stations(path: Path) -> None:
    line, _ = features_of(path)
    assert [tuple(p) for p in line["geometry"]["coordinates"]] == [*STATIONS[path.stem].values()]
    assert line["properties"]["geometry_kind"] == "sketch"


@each_file
def test_no_interval_was_invented(path: Path) -> None:
    line, _ = features_of(path)
    properties = line["properties"]
    assert properties.get("tunnels", []) == []
    assert "structures_complete" not in properties
    placed = {"structures", "from_m", "to_m", "from_km", "to_km", "of_length_m", "chainage_breaks"}
    assert placed.isdisjoint(members_below(properties))


def test_only_shanghai_states_its_whole_line_for_tunnels() -> None:
    stating = {p.stem for p in FILES if "tunnels" in features_of(p)[0]["properties"]}
    assert stating == {"shanghai-maglev"}


@each_file
def test_declared_figures_are_the_published_ones(path: Path) -> None:
    line, _ = features_of(path)
    declared = line["properties"]["declared"]
    assert declared.pop("source")
    assert declared == DECLARED[path.stem]
    assert all(also["source"] for also in line["properties"]["declared_also"])
    assert {declared["from"], declared["to"]} <= set(STATIONS[path.stem])


@each_file
def test_where_the_geometry_is_from_is_said(path: Path) -> None:
    line, stations = features_of(path)
    properties = line["properties"]
    assert all(properties[k] for k in ("source", "licence", "retrieved"))
    # A line is no better known than the worst of its vertices.
    worst = max(f["properties"]["accuracy_m"] for f in stations)
    assert properties["accuracy_m"] == worst


def test_what_stands_at_a_neighbour_says_so() -> None:
    _, stations = features_of(FOLDER / "chuo-shinkansen.geojson")
    moved = {
        f["properties"]["name"]: f["properties"]
        for f in stations
        if "position_of" in f["properties"]
    }
    assert {name: p["position_of"]["name"] for name, p in moved.items()} == {
        "Kanagawa": "Hashimoto",
        "Nagano": "Motozenkōji",
        "Gifu": "Mino-Sakamoto",
    }
    assert all(p["accuracy_m"] >= 1000 for p in moved.values())


def test_yamanashi_is_listed_and_not_placed() -> None:
    line, stations = features_of(FOLDER / "chuo-shinkansen.geojson")
    assert [s["name"] for s in line["properties"]["stations_not_located"]] == ["Yamanashi"]
    assert "Yamanashi" not in {f["properties"]["name"] for f in stations}
    # Its place in the order is kept free.
    assert [f["properties"]["seq"] for f in stations] == [1, 2, 4, 5, 6]


def test_named_tunnels_have_their_published_lengths() -> None:
    line, _ = features_of(FOLDER / "chuo-shinkansen.geojson")
    tunnels = line["properties"]["named_tunnels"]
    assert {t["name:ja"].removesuffix("トンネル"): t["length_m"] for t in tunnels} == {
        "第一首都圏": 36924,
        "第二首都圏": 3645,
        "南アルプス": 25019,
        "中央アルプス": 23288,
        "第一中京圏": 34210,
    }
    assert all(t["source"] for t in tunnels)
    named_km = sum(t["length_m"] for t in tunnels) / 1000
    assert named_km < DECLARED["chuo-shinkansen"]["tunnel_km"]
    assert f"{named_km:.3f} km" in (FOLDER / "README.md").read_text("utf-8")


def test_published_structures_add_up_to_the_published_length() -> None:
    line, _ = features_of(FOLDER / "chuo-shinkansen.geojson")
    (parts,) = (a for a in line["properties"]["declared_also"] if "viaduct_km" in a)
    kinds = ("tunnel_km", "viaduct_km", "bridge_km", "roadbed_km")
    assert sum(parts[k] for k in kinds) == pytest.approx(285.6, abs=1e-9)


@each_file
def test_a_chain_of_stations_is_shorter_than_its_line(path: Path) -> None:
    line, _ = features_of(path)
    declared_km = float(DECLARED[path.stem]["length_km"])
    ends = line["geometry"]["coordinates"]
    assert GEOD.inv(*ends[0], *ends[-1])[2] / 1000 <= chain_km(line) + 1e-9
    assert chain_km(line) < 0.96 * declared_km


@each_file
def test_readme_has_a_section_and_the_figures(path: Path) -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    assert f"\n## `{path.name}`\n" in text
    line, _ = features_of(path)
    rows = [row for row in text.splitlines() if row.startswith(f"| `{path.name}` |")]
    assert len(rows) == 1
    assert f"| {chain_km(line):.3f} |" in rows[0]
    assert f"| {DECLARED[path.stem]['length_km']} |" in rows[0]


def test_readme_prints_its_own_table_again() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    found = re.search(r"<<'END'\n(.*?)\nEND\n", text, re.DOTALL)
    assert found is not None
    run = subprocess.run(  # noqa: S603 - the program is the one in our own README
        [sys.executable, "-c", found[1]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    printed = run.stdout.replace("%", " %").replace(":", "").splitlines()
    rows = [re.sub(r"[|`]", " ", row).split() for row in text.splitlines()]
    assert len(printed) == len(FILES)
    assert all(row.split() in rows for row in printed)


@each_file
def test_the_toolkit_reads_measures_and_judges_it(path: Path) -> None:
    line, _ = features_of(path)
    survey = gr.measure(gr.read_one(path))
    assert survey.length_m == pytest.approx(chain_km(line) * 1000, rel=1e-9)
    assert [s.station.name for s in survey.stations] == [*STATIONS[path.stem]]
    assert {f.severity for f in gr.check(survey)} <= {"note"}
    outcomes = {v.figure: v.outcome for v in gr.judge(survey)}
    assert outcomes["length"] == "untestable"


def test_existing_chuo_stations_lie_at_an_open_data_set_s(shared: Path) -> None:
    listed = json.loads((shared / "data/jp-shinkansen/tokaido-stations.json").read_text("utf-8"))
    open_data = {s["name"]: (s["lng"], s["lat"]) for s in listed["station_list"]}
    _, stations = features_of(FOLDER / "chuo-shinkansen.geojson")
    checked = 0
    for feature in stations:
        name = feature["properties"]["name:ja"]
        if name in open_data:
            checked += 1
            # 4 decimals are within 6 m; the rest is what either calls the station's point.
            assert GEOD.inv(*open_data[name], *feature["geometry"]["coordinates"])[2] < 15
    assert checked == 2


def test_shanghai_stations_lie_at_the_ends_of_openstreetmap_ways(shared: Path) -> None:
    listed = json.loads((shared / "data/osm-maglev/cn-shanghai-maglev.geojson").read_text("utf-8"))
    lines = [f["geometry"]["coordinates"] for f in listed["features"]]
    ends = [end for line in lines for end in (line[0], line[-1])]
    _, stations = features_of(FOLDER / "shanghai-maglev.geojson")
    for feature in stations:
        place = feature["geometry"]["coordinates"]
        assert min(GEOD.inv(*end, *place)[2] for end in ends) < 15
