"""``geo-routes curves``: the table in three forms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

Run = Callable[..., Any]

RADIUS_M = 900.0


def bent() -> list[list[float]]:
    """Two kilometres straight on, a curve of 900 m to the left, and two more, at 50 degrees."""
    s = np.arange(0, 5_001, 20.0)
    heading = np.clip(s - 2_000, 0, 1_000) / RADIUS_M
    middle = (heading[1:] + heading[:-1]) / 2
    x = np.concatenate(([0], np.cumsum(20 * np.cos(middle))))
    y = np.concatenate(([0], np.cumsum(20 * np.sin(middle))))
    # Metres in a degree of longitude and of latitude, there.
    return np.column_stack((9 + x / 71_696, 50 + y / 111_229)).tolist()


def route_file(folder: Path, **properties: Any) -> Path:
    path = folder / "line.geojson"
    geometry = {"type": "LineString", "coordinates": bent()}
    feature = {"type": "Feature", "properties": {"name": "=Line", **properties},
               "geometry": geometry}  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def test_the_command_writes_the_table_in_three_ways(run: Run, tmp_path: Path) -> None:
    path = route_file(tmp_path)
    text = run("curves", path)
    assert text.code == 0
    assert "R 900 m" in text.out
    document = run("curves", "--json", path).json
    assert document == run("curves", "--format", "json", path).json
    elements = document["routes"][0]["elements"]
    contract = {"kind", "from_m", "to_m", "radius_m", "radius_low_m", "radius_high_m", "hand"}
    assert all(contract | {"status"} <= set(e) for e in elements)
    rows = list(csv.DictReader(io.StringIO(run("curves", "--format", "csv", path).out)))
    assert [r["kind"] for r in rows] == [e["kind"] for e in elements]
    assert {r["route"] for r in rows} == {"'=Line"}


def test_a_sketch_is_untestable(run: Run, tmp_path: Path) -> None:
    path = route_file(tmp_path, geometry_kind="sketch")
    assert "untestable" in run("curves", path).out
    assert run("curves", "--json", path).json["routes"][0]["elements"] == []
    assert run("curves", path, "none.geojson").code == 2


def test_a_plot_is_written_beside_the_table(run: Run, tmp_path: Path) -> None:
    path, plot = route_file(tmp_path, name="A <b> & C"), tmp_path / "out.svg"
    plain = run("curves", path)
    told = run("curves", path, "--plot", plot)
    assert (told.code, told.out) == (0, plain.out)
    root = ET.fromstring(plot.read_bytes())  # noqa: S314 - our own file
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "A <b> & C" in [e.text for e in root.iter()]
    assert "R 900" in [e.text for e in root.iter()]
    first = plot.read_bytes()
    document = run("curves", path, "--plot", plot, "--json").json
    assert document["routes"][0]["name"] == "A <b> & C"
    assert plot.read_bytes() == first


def test_a_plot_on_standard_output_stands_alone(run: Run, tmp_path: Path) -> None:
    path = route_file(tmp_path)
    out = run("curves", path, path, "--plot", "-", "--units", "mi").out
    root = ET.fromstring(out)  # noqa: S314 - our own text
    texts = [e.text for e in root.iter()]
    assert texts.count("=Line") == 2
    assert "Chainage, mi" in texts


def test_a_plot_shows_stations(run: Run, make_file: Callable[..., Path]) -> None:
    texts = [
        e.text
        for e in ET.fromstring(run("curves", make_file(), "--plot", "-").out).iter()  # noqa: S314
        if e.get("class") == "station-name"
    ]
    # Four vertices tell no curve, and a panel without axes has no stations.
    assert texts == []
    dense = make_file("dense.geojson")
    document = json.loads(dense.read_text())
    line = np.array(document["features"][0]["geometry"]["coordinates"])
    at = np.linspace(0, len(line) - 1, 40)
    bent = [np.interp(at, range(len(line)), line[:, k]) for k in (0, 1)]
    document["features"][0]["geometry"]["coordinates"] = np.column_stack(bent).tolist()
    dense.write_text(json.dumps(document))
    root = ET.fromstring(run("curves", dense, "--plot", "-").out)  # noqa: S314
    names = [e.text for e in root.iter() if e.get("class") == "station-name"]
    assert sorted(names, key=str) == ["A", "B", "C"]


@pytest.mark.parametrize("folder", [False, True])
def test_a_plot_overwrites_no_input(run: Run, tmp_path: Path, *, folder: bool) -> None:
    path = route_file(tmp_path)
    before = path.read_bytes()
    told = run("curves", tmp_path if folder else path, "--plot", path)
    assert told.code == 2
    assert "overwritten" in told.errors[0]
    assert path.read_bytes() == before
    assert run("curves", path, "--plot", tmp_path / "none" / "out.svg").code == 2


def test_where_nothing_can_be_read_no_plot_is_written(run: Run, tmp_path: Path) -> None:
    plot = tmp_path / "out.svg"
    assert run("curves", tmp_path / "none.geojson", "--plot", plot).code == 2
    assert not plot.exists()
    told = run("curves", route_file(tmp_path, geometry_kind="sketch"), "--plot", plot)
    assert told.code == 0
    assert "sketch" in plot.read_text(encoding="utf-8")


def test_a_map_takes_its_colour_from_the_curvature(run: Run, tmp_path: Path) -> None:
    path, page = route_file(tmp_path), tmp_path / "map.html"
    assert run("map", path, "-o", page, "--colour", "curvature").code == 0
    assert '"colour":"curvature"' in page.read_text(encoding="utf-8")
    assert run("map", path, "-o", f"{tmp_path}/maps/", "--colour", "curvature").code == 0
    assert '"colour":"curvature"' in (tmp_path / "maps" / "line.html").read_text(encoding="utf-8")
    assert run("map", path, "-o", page, "--colour", "rainbow").code == 2


def test_a_correlation_needs_an_accuracy(run: Run, make_file: Callable[..., Path]) -> None:
    path = make_file()
    told = run("curves", "--correlation", "200", path)
    assert told.code == 2
    assert "--accuracy" in told.err
    assert run("curves", "--correlation", "200", "--accuracy", "1", path).code == 0
