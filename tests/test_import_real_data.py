"""Extracts of real railways, held against published figures and counts made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

import geo_routes as gr
from geo_routes.formats.osm import (
    Imported,
    Selection,
    import_route,
    list_extract,
    merge_extracts,
    read_extract,
)

GEOD = Geod(ellps="WGS84")


def imported(shared: Path, *names: str, **options: Any) -> Imported:
    extracts = [read_extract(str(shared / "data" / name)) for name in names]
    asked = {k: options.pop(k) for k in list(options) if k in Selection.__dataclass_fields__}
    return import_route(merge_extracts(extracts), Selection(**asked), **options)


def accepted(made: Imported, tmp_path: Path) -> gr.Survey:
    """The survey of the route as written and read again, without a finding that is an error."""
    path = tmp_path / "route.geojson"
    gr.write(made.route, path)
    survey = gr.measure(gr.read_one(path))
    assert [f for f in gr.check(survey) if f.severity == "error"] == []
    return survey


def km_by_code(made: Imported) -> dict[str, float]:
    totals: dict[str, float] = {}
    for decision in made.decisions:
        totals[decision.code] = totals.get(decision.code, 0.0) + decision.metres / 1000
    return totals


def test_the_tokaido_in_three_parts_is_one_line_with_its_stations(
    shared: Path, tmp_path: Path
) -> None:
    made = imported(
        shared, "jp-shinkansen/tokaido-polyline.json", "jp-shinkansen/tokaido-stations.json"
    )
    survey = accepted(made, tmp_path)
    assert survey.length_m == pytest.approx(515_811, abs=1)
    filed = json.loads(
        (shared / "data/jp-shinkansen/tokaido-stations.json").read_text(encoding="utf-8")
    )
    names = [s["name"] for s in filed["station_list"]]
    assert [s.name for s in made.route.stations] == names
    assert len(names) == 17
    chainages_m = [s.chainage_m for s in survey.stations]
    assert None not in chainages_m
    assert sorted(chainages_m) == chainages_m
    assert chainages_m[-1] - chainages_m[0] == pytest.approx(515_250, abs=150)


def test_pieces_with_platform_stubs_are_not_summed(shared: Path, tmp_path: Path) -> None:
    made = imported(shared, "jp-n02-messy/tokaido-n02.geojson")
    survey = accepted(made, tmp_path)
    assert survey.length_m == pytest.approx(515_811, rel=0.005)
    assert len(made.route.part_starts) == 1
    assert len(made.route.stations) == 17
    assert [made.route.stations[i].name for i in (0, 4, -1)] == ["東京", "熱海", "新大阪"]
    left = km_by_code(made)
    # The sum of everything is 525.886 km; what is not in the line is accounted for.
    assert survey.length_m / 1000 + sum(left.values()) == pytest.approx(525.886, abs=0.01)


@pytest.mark.parametrize("axis", ["track", "centreline"])
def test_of_twelve_ways_at_shanghai_one_guideway_is_taken(
    shared: Path, tmp_path: Path, axis: str
) -> None:
    made = imported(shared, "osm-maglev/cn-shanghai-maglev.geojson", axis=axis)
    survey = accepted(made, tmp_path)
    # The two guideways measure 29.902 and 29.888 km.
    assert 29_880 <= survey.length_m <= 29_910
    assert len(made.route.part_starts) == 1
    assert made.route.mode == "maglev"
    assert made.route.axis == axis
    assert made.route.names["de"] == "Transrapid Shanghai"
    assert made.route.licence == "ODbL 1.0"
    assert made.route.source == "OpenStreetMap contributors"
    assert made.route.retrieved == "2016-02-24T20:40:02Z"
    said = {d.code: d.reason for d in made.decisions}
    assert "磁悬浮试验线" in said["apart"]
    assert {"second_track", "branch"} <= said.keys()


def test_the_middle_of_two_guideways_lies_between_them(shared: Path) -> None:
    track = imported(shared, "osm-maglev/cn-shanghai-maglev.geojson").route
    middle = imported(shared, "osm-maglev/cn-shanghai-maglev.geojson", axis="centreline").route
    _, _, moved_m = GEOD.inv(*track.lonlat.T, *middle.lonlat.T)
    inner = np.asarray(moved_m)[5:-5]
    # The guideways lie 5.1 m apart, and a little more in places: half of that, never past it.
    assert 1.5 <= float(np.median(inner)) <= 4.0
    assert inner.max() < 12.5


@pytest.mark.parametrize(
    "name,length_km,mode",
    [
        # Ways added up by hand: 5,984.0 + 103.3 m; one way; fourteen ways end to end.
        ("osm-maglev/kr-ICN-maglev.geojson", 6.0873, "maglev"),
        ("osm-maglev/ca-YYZ-monorail.geojson", 1.5779, "monorail"),
        ("osm-maglev/us-PHX-skytrain.geojson", 4.3609, "light_rail"),
    ],
)
def test_short_lines_are_whole(
    shared: Path, tmp_path: Path, name: str, length_km: float, mode: str
) -> None:
    made = imported(shared, name)
    assert accepted(made, tmp_path).length_m / 1000 == pytest.approx(length_km, abs=1e-4)
    assert made.route.mode == mode


def test_what_does_not_belong_to_incheon_is_named(shared: Path) -> None:
    made = imported(shared, "osm-maglev/kr-ICN-maglev.geojson")
    apart = next(d for d in made.decisions if d.code == "apart")
    assert "way/351408690" in apart.reason
    assert apart.metres == pytest.approx(603.2, abs=0.1)


def test_a_line_between_two_turning_loops_counts_once(shared: Path, tmp_path: Path) -> None:
    # The Schwebebahn runs 13.3 km, and turns round in a loop at each end.
    made = imported(shared, "osm-maglev/de-wuppertal-monorail.geojson")
    assert accepted(made, tmp_path).length_m == pytest.approx(13_300, abs=350)
    assert "turning_loop" in km_by_code(made)


def test_of_the_osaka_monorail_the_branch_is_left_out(shared: Path, tmp_path: Path) -> None:
    # The main line is published with 21.2 km, and its tracks run on beyond both last stations.
    made = imported(shared, "osm-maglev/jp-osaka-monorail.geojson")
    assert accepted(made, tmp_path).length_m == pytest.approx(21_200, abs=400)
    assert any("彩都線" in d.reason for d in made.decisions if d.code == "branch")


@pytest.mark.parametrize("axis", ["track", "centreline"])
def test_the_neue_westbahn_has_its_tunnels_once(shared: Path, tmp_path: Path, axis: str) -> None:
    made = imported(shared, "osm-rail/sankt-poelten.geojson", way_name="Neue Westbahn", axis=axis)
    survey = accepted(made, tmp_path)
    assert survey.length_m == pytest.approx(28_700, rel=0.01)
    assert survey.fraction("tunnel") == pytest.approx(0.327, abs=0.01)
    assert survey.known_fraction == pytest.approx(1.0)
    tunnels = [s for s in survey.structures if s.kind == "tunnel"]
    assert len({s.name for s in tunnels}) == len(tunnels) == 6
    lengths_m = {s.name: (s.to_m or 0.0) - (s.from_m or 0.0) for s in tunnels}
    assert lengths_m["Stierschweiffeldtunnel"] == pytest.approx(3_280, abs=5)
    assert lengths_m["Raingrubentunnel"] == pytest.approx(2_760, abs=5)
    assert made.route.mode == "high_speed_rail"
    assert made.route.gauge_mm == 1435
    assert {row["kmh"] for row in made.route.extra["speed_limits"]} == {160, 200, 250}


def test_the_two_stretches_of_the_neue_westbahn_and_their_gap_are_told(shared: Path) -> None:
    made = imported(shared, "osm-rail/sankt-poelten.geojson", way_name="Neue Westbahn")
    assert len(made.route.part_starts) == 2
    gap = next(f for f in made.route.remarks if f.code == "import.gap.split")
    assert gap.severity == "warning"
    # From the end of the one at 15.46124, 48.18817 to the other at 15.65573, 48.20957.
    distance_m = GEOD.inv(15.46124, 48.18817, 15.65573, 48.20957)[2]
    split = next(d for d in made.decisions if d.code == "gap.split")
    assert split.metres == pytest.approx(distance_m, abs=20)


def test_the_ligurian_line_is_about_two_thirds_tunnel(shared: Path, tmp_path: Path) -> None:
    made = imported(shared, "osm-rail/ventimiglia-albenga.geojson")
    survey = accepted(made, tmp_path)
    assert survey.fraction("tunnel") == pytest.approx(0.70, abs=0.05)
    assert [s.name for s in made.route.stations] == [
        *("Sanremo", "Taggia-Arma", "Imperia", "Diano", "Andora", "Laigueglia", "Alassio"),
        "Albenga",
    ]
    # Both tracks and all sidings together are 117 km.
    left = km_by_code(made)
    left.pop("switch.taken", None)
    assert survey.length_m / 1000 + sum(left.values()) == pytest.approx(117.0, abs=0.1)


def test_between_two_stations_the_line_ends_at_both(shared: Path, tmp_path: Path) -> None:
    name = "osm-rail/ventimiglia-albenga.geojson"
    whole = accepted(imported(shared, name), tmp_path)
    at_m = {s.station.name: s.chainage_m for s in whole.stations}
    made = imported(shared, name, origin="Alassio", terminus="Imperia")
    part = accepted(made, tmp_path)
    assert [s.name for s in made.route.stations][:: len(made.route.stations) - 1] == [
        "Alassio",
        "Imperia",
    ]
    assert part.length_m == pytest.approx(abs(at_m["Alassio"] - at_m["Imperia"]), abs=5)


@pytest.mark.parametrize(
    "name,ways",
    [
        # Counted by other programs: 81 rail ways; 34 rail ways; 144 rail ways.
        ("osm-rail/bad-vilbel.overpass.json", 81),
        ("osm-pbf/liechtenstein-2013.osm.pbf", 34),
        ("osm-pbf/helsinki.osm.pbf", 144),
    ],
)
def test_extracts_are_listed_and_imported(
    shared: Path, tmp_path: Path, name: str, ways: int
) -> None:
    extract = read_extract(str(shared / "data" / name))
    listing = list_extract(extract)
    rail = [row for row in listing["lines"] if row["railway"] == "rail"]
    # A way that leaves the extract and comes back is two lines with one id.
    ids = {w.id for w in extract.ways if w.tags.get("railway") == "rail"}
    assert len(ids) <= sum(row["ways"] for row in rail)
    assert len(ids) == pytest.approx(ways, abs=ways * 0.1)
    made = import_route(extract)
    assert accepted(made, tmp_path).length_m > 500
    assert made.route.retrieved is not None


def test_liechtensteins_line_is_found_whole(shared: Path, tmp_path: Path) -> None:
    # 34 ways, 11.4 km with the sidings; the line has stations at both borders and between.
    made = imported(shared, "osm-pbf/liechtenstein-2013.osm.pbf")
    survey = accepted(made, tmp_path)
    assert survey.length_m + 1000 * sum(km_by_code(made).values()) == pytest.approx(11_414, abs=60)
    assert {"Nendeln", "Schaan-Vaduz"} <= {s.name for s in made.route.stations}


def test_what_helsinki_lacks_at_its_edge_is_reported(shared: Path) -> None:
    made = imported(shared, "osm-pbf/helsinki.osm.pbf", relation="2390282")
    codes = [f.code for f in made.route.remarks]
    assert {"osm.incomplete_ways", "osm.incomplete_relation"} <= set(codes)
    assert made.route.mode == "metro"
    assert [s.name for s in made.route.stations] == ["Rautatientori", "Helsingin yliopisto"]
