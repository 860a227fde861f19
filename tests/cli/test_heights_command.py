"""``geo-routes heights``: what it writes, what it says, how it ends."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

Run = Callable[..., Any]

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")


def plane(lon: Any, lat: Any) -> Any:
    return 100.0 + 200.0 * (lon - 139.0) - 50.0 * (lat - 35.0)


def put(path: Path, *, west: float = 139.5, crs: str = "EPSG:4326") -> Path:
    grid = Affine(0.002, 0.0, west, 0.0, -0.002, 35.8)
    column, row = np.meshgrid(np.arange(200) + 0.5, np.arange(250) + 0.5)
    lon, lat = west + 0.002 * column, 35.8 - 0.002 * row
    shape = {"width": 200, "height": 250, "count": 1, "dtype": "float64"}
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=grid, **shape) as raster:
        raster.write(plane(lon, lat), 1)
    return path


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    return put(tmp_path / "dem.tif", crs="EPSG:4326+5773")


def line_of(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return document["features"][0]


def test_the_file_keeps_all_else(
    run: Run, raster: Path, tmp_path: Path, make_file: Callable[..., Path]
) -> None:
    source, out = make_file(colour="red", mode="rail", structures_complete=True), tmp_path / "out"
    outcome = run("heights", source, "--raster", raster, "-o", out)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        f"{out}: Line: 4 of 4 vertices have a height, 182.4 to 219.4 m (EGM96 height)\n"
    )
    filed = json.loads(source.read_text(encoding="utf-8"))
    written = json.loads(out.read_text(encoding="utf-8"))
    line = written["features"][0]
    assert written["features"][1:] == filed["features"][1:]
    told = line["properties"].pop("raster_heights")
    assert told == {"source": ["dem.tif"], "interpolated_m": [], "missing_m": []}
    assert line["properties"].pop("height_datum") == "EGM96 height"
    assert line["properties"] == filed["features"][0]["properties"]
    rows = np.array(line["geometry"]["coordinates"])
    assert rows[:, :2].tolist() == filed["features"][0]["geometry"]["coordinates"]
    assert rows[:, 2] == pytest.approx(plane(rows[:, 0], rows[:, 1]), abs=0.00051)
    assert run("check", "--fail-on", "warning", "--ignore", "attribution", out).code == 0
    measured = run("measure", "--json", "--figures", "length", out).json["routes"][0]
    assert measured["length_3d_m"] > measured["length_m"]


def test_json_and_a_datum_by_hand(
    run: Run, raster: Path, tmp_path: Path, make_file: Callable[..., Path]
) -> None:
    source, out = make_file(tunnels=[[8_000, 12_000]]), tmp_path / "out.geojson"
    arguments = ("--raster", raster, "--height-datum", "T.P.", "-o", out, "--json")
    outcome = run("heights", source, *arguments)
    assert outcome.code == 0
    (row,) = outcome.json["routes"]
    assert (row["vertices"], row["with_height"], row["height_datum"]) == (4, 4, "T.P.")
    assert row["interpolated_m"] == [[8000.0, 12000.0]]
    codes = [f["code"] for f in outcome.json["findings"]]
    assert codes == ["heights.datum", "heights.interpolated"]
    assert outcome.err == ""
    assert line_of(out)["properties"]["raster_heights"]["interpolated_m"] == [[8000.0, 12000.0]]


def test_vertices_off_the_raster_keep_two_numbers_and_are_warned_of(
    run: Run, tmp_path: Path, make_file: Callable[..., Path]
) -> None:
    east = put(tmp_path / "east.tif", west=139.6)
    source, out = make_file(), tmp_path / "out.geojson"
    outcome = run("heights", source, "--raster", east, "-o", out)
    assert outcome.code == 0
    assert "3 of 4 vertices have a height" in outcome.out
    assert f"warning: {source}: heights.no_data: one vertex lies outside" in outcome.err
    assert [len(p) for p in line_of(out)["geometry"]["coordinates"]] == [3, 3, 3, 2]
    west = put(tmp_path / "west.tif", west=139.3)
    outcome = run("heights", source, "--raster", east, "--raster", west, "-o", out)
    assert "4 of 4 vertices" in outcome.out


def test_a_route_that_no_raster_covers_is_left_as_it_was(
    run: Run, raster: Path, tmp_path: Path, make_file: Callable[..., Path]
) -> None:
    document = json.loads(make_file(id="near").read_text(encoding="utf-8"))
    far = {"type": "LineString", "coordinates": [[11.0, 47.0, 500.25], [11.1, 47.0, 501.0]]}
    properties = {"kind": "route", "id": "far", "name": "Far"}
    feature = {"type": "Feature", "properties": properties, "geometry": far}
    document["features"].append(feature)
    both, out = tmp_path / "both.geojson", tmp_path / "out.geojson"
    both.write_text(json.dumps(document), encoding="utf-8")
    outcome = run("heights", both, "--raster", raster, "-o", out)
    assert outcome.code == 0
    assert f"{out}: Far: no raster covers it; left as it was" in outcome.out
    assert json.loads(out.read_text(encoding="utf-8"))["features"][-1] == feature
    alone, none = tmp_path / "alone.geojson", tmp_path / "none.geojson"
    alone.write_text(json.dumps(feature), encoding="utf-8")
    outcome = run("heights", alone, "--raster", raster, "-o", none)
    assert (outcome.code, outcome.out, none.exists()) == (2, "", False)
    (line,) = outcome.errors
    assert line.startswith(
        f"error: {alone}: lies outside the rasters, or where they have no height"
    )


def test_standard_streams(
    run: Run,
    raster: Path,
    make_file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = make_file().read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    outcome = run("heights", "-", "--raster", raster, "-o", "-")
    assert outcome.code == 0
    line = json.loads(outcome.out)["features"][0]
    assert [len(p) for p in line["geometry"]["coordinates"]] == [3, 3, 3, 3]


def test_what_cannot_be_used_ends_with_two_and_writes_nothing(
    run: Run, raster: Path, tmp_path: Path, make_file: Callable[..., Path]
) -> None:
    source, out = make_file(), tmp_path / "out.geojson"
    text = tmp_path / "text.tif"
    text.write_text("no raster", encoding="utf-8")
    cases = [
        ((source, "--raster", tmp_path / "absent.tif", "-o", out), "absent.tif: no such file"),
        ((source, "--raster", text, "-o", out), "text.tif: is no TIFF file"),
        ((source, "--raster", raster, "-o", source), "would be overwritten"),
        ((source, "--raster", raster, "-o", raster), "would be overwritten"),
        ((source, "--raster", raster, "-o", tmp_path / "no" / "out"), "does not exist"),
        ((source, "-o", out), "missing option '--raster'"),
        ((source, "--raster", raster), "missing option '-o'"),
        ((tmp_path / "none.geojson", "--raster", raster, "-o", out), "none.geojson: no such file"),
        ((text, "--raster", raster, "-o", out), "text.tif: "),
        ((tmp_path, "--raster", raster, "-o", out), "is a folder"),
    ]
    before = raster.read_bytes(), source.read_bytes()
    for arguments, said in cases:
        outcome = run("heights", *arguments)
        assert (outcome.code, outcome.out) == (2, ""), arguments
        assert len(outcome.errors) == 1, arguments
        assert said in outcome.errors[0], arguments
        assert not out.exists()
    assert (raster.read_bytes(), source.read_bytes()) == before
