"""Files that others made, held against Karney's algorithm by an independent reading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

import geo_routes as gr
from geo_routes.cli import main

FOLDERS = ("osm-rail", "osm-maglev", "jp-n02-messy", "trips")
GEOD = Geod(ellps="WGS84")


def _files(shared: Path) -> list[Path]:
    data = shared / "data"
    found = [p for folder in FOLDERS for p in sorted((data / folder).glob("*.geojson"))]
    lines = [p for p in found if "LineString" in p.read_text(encoding="utf-8-sig")]
    return [*lines, data / "jp-shinkansen" / "tokaido-polyline.json"]


def _karney_m(path: Path) -> float:
    """Length of every line of a file, by the json module and pyproj alone."""
    document: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    total = 0.0
    for feature in document["features"]:
        geometry = feature["geometry"]
        if geometry["type"] not in ("LineString", "MultiLineString"):
            continue
        single = geometry["type"] == "LineString"
        for part in [geometry["coordinates"]] if single else geometry["coordinates"]:
            lonlat = np.array([position[:2] for position in part])
            total += float(np.sum(GEOD.inv(*lonlat[:-1].T, *lonlat[1:].T)[2]))
    return total


def test_every_length_is_karneys(shared: Path) -> None:
    for path in _files(shared):
        surveys = [gr.measure(route) for route in gr.read(path)]
        ours_m = sum(s.length_m for s in surveys)
        assert ours_m == pytest.approx(_karney_m(path), rel=1e-9), path.name


def test_the_parts_of_the_tokaido_sum_to_the_known_length(shared: Path) -> None:
    path = shared / "data" / "jp-shinkansen" / "tokaido-polyline.json"
    assert sum(gr.measure(r).length_m for r in gr.read(path)) == pytest.approx(515_811, abs=0.5)


def test_the_tunnel_share_of_a_real_line_comes_out_of_its_tags(shared: Path) -> None:
    # 57.356 km of ways named "Neue Westbahn", 32.7 % of them tunnel: README of the data.
    routes = gr.read(shared / "data" / "osm-rail" / "sankt-poelten.geojson")
    line = [gr.measure(r) for r in routes if r.name == "Neue Westbahn"]
    length_m = sum(s.length_m for s in line)
    assert length_m == pytest.approx(57_356, abs=1)
    tunnel_m = sum(s.tunnel_length_m or 0 for s in line)
    assert tunnel_m / length_m == pytest.approx(0.327, abs=5e-4)
    assert all(s.known_fraction == 1 for s in line)


def test_the_trips_agree_with_what_their_router_measured(shared: Path) -> None:
    for path in sorted((shared / "data" / "trips").glob("*.geojson")):
        for route in gr.read(path):
            if "track-length" in route.extra:
                declared_m = float(route.extra["track-length"])
                assert gr.measure(route).length_m == pytest.approx(declared_m, rel=4e-4)


@pytest.mark.parametrize("command", ["measure", "check", "map"])
def test_every_command_finishes_on_every_file(
    shared: Path, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [str(p) for p in _files(shared)]
    extra = ["-o", f"{tmp_path}/"] if command == "map" else []
    with pytest.raises(SystemExit) as ended:
        main([command, *names, *extra])
    # N02 has both tracks of a station in one route, and check says so.
    assert ended.value.code == (1 if command == "check" else 0)
    out, err = capsys.readouterr()
    assert "error:" not in err
    assert "nan" not in out.lower().replace("nancy", "")
    if command == "map":
        assert len(list(tmp_path.glob("*.html"))) == len(names) + 1
