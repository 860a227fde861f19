"""Routes as tables, and tables as routes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

import geo_routes as gr
from geo_routes.errors import InvalidNoun, UnknownCrs


def test_a_route_goes_into_a_table_and_comes_back(tmp_path: Path) -> None:
    station = gr.Station(lonlat=(8.0, 48.0), name="東京", routes=("a",), seq=1.0)
    route = gr.Route(
        lonlat=np.array([[8.0, 48.0], [8.1, 48.1], [8.2, 48.1], [8.3, 48.2]]),
        part_starts=np.array([0, 2]),
        height_m=np.array([1.0, 2.5, 3.0, 4.0]),
        id="a",
        name="Köln",
        names={"ar": "كولونيا"},
        mode="rail",
        gauge_mm=1435.0,
        structures=(gr.Structure(kind="tunnel", from_m=10.0, to_m=200.0, name="T"),),
        stations=(station,),
        extra={"operator": "DB", "years": [1900, 1910]},
    )
    frame = gr.to_frame(route)
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.geom_type.tolist() == ["MultiLineString", "Point"]
    (again,) = gr.from_frame(frame)
    gr.write(route, tmp_path / "one.geojson")
    gr.write(again, tmp_path / "two.geojson")
    (one,), (two,) = (gr.read(tmp_path / n) for n in ("one.geojson", "two.geojson"))
    assert one.lonlat.tolist() == two.lonlat.tolist()
    assert one.height_m is not None
    assert two.height_m is not None
    assert one.height_m.tolist() == two.height_m.tolist()
    for member in ("id", "name", "names", "mode", "gauge_mm", "structures", "part_starts"):
        assert str(getattr(one, member)) == str(getattr(two, member))
    assert dict(one.extra) == dict(two.extra)
    assert [s.name for s in two.stations] == ["東京"]


def test_a_table_in_a_grid_becomes_wgs_84() -> None:
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True)
    xy = np.column_stack(to_grid.transform(np.array([9.0, 9.1]), np.array([48.0, 48.1])))
    frame = geopandas.GeoDataFrame(
        {
            "NAMN": ["a"],
            "n": pd.array([None], dtype="Int64"),
            "x": [np.nan],
            "when": [pd.Timestamp("2020-01-02")],
            "day": [dt.date(2020, 1, 2)],
        },
        geometry=[shapely.LineString(xy)],
        crs="EPSG:25832",
    )
    (route,) = gr.from_frame(frame, fields={"name": "NAMN"})
    assert np.abs(route.lonlat - [[9.0, 48.0], [9.1, 48.1]]).max() < 1e-9
    assert route.name == "a"
    assert "n" not in route.extra
    assert "x" not in route.extra
    assert route.extra["day"] == "2020-01-02"
    assert str(route.extra["when"]).startswith("2020-01-02")
    assert any(r.code == "crs.transformed" for r in route.remarks)


def test_what_is_no_table_of_routes_is_refused() -> None:
    frame = geopandas.GeoDataFrame({"a": [1]}, geometry=[shapely.LineString([(8, 48), (9, 49)])])
    with pytest.raises(UnknownCrs, match="no reference system"):
        gr.from_frame(frame)
    assert gr.from_frame(frame, crs="EPSG:4326")[0].extra["a"] == 1
    with pytest.raises(InvalidNoun, match="GeoDataFrame"):
        gr.from_frame(pd.DataFrame({"a": [1]}))
