"""``geo-routes curves``: the table in three forms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

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
