"""Reference systems of GIS files: the accuracy is said, and a wrong one is caught."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyproj
import pytest
import shapely

import geo_routes as gr
from geo_routes import geodesy
from geo_routes.errors import InvalidCoordinates, UnknownCrs

# Scheibenberg in the Ore Mountains, on the narrow gauge line.
SCHEIBENBERG = np.array([[12.905, 50.537], [12.911, 50.541], [12.921, 50.546]])


def put(path: Path, lonlat: Any, crs: str, said: str | None = None) -> Path:
    """Write a line in a system, and say that it is in another."""
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    xy = np.column_stack(to_grid.transform(*np.asarray(lonlat).T))
    line = shapely.LineString(xy)
    frame = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[line], crs=said or crs)
    frame.to_file(path, driver="GPKG")
    return path


def _apart_m(one: Any, other: Any) -> float:
    geod = pyproj.Geod(ellps="WGS84")
    return float(geod.inv(one[0], one[1], other[0], other[1])[2])


def test_a_national_grid_with_the_accuracy_of_its_transformation(tmp_path: Path) -> None:
    path = put(tmp_path / "a.gpkg", SCHEIBENBERG, "EPSG:31468")
    (route,) = gr.read(path)
    said = [r for r in route.remarks if r.code == "crs.transformed"]
    assert len(said) == 1
    assert "EPSG:31468 (DHDN / 3-degree Gauss-Kruger zone 4)" in said[0].message
    assert "accurate to" in said[0].message
    # Forth by PROJ's first choice and back by ours for this place: within what they say of
    # themselves.
    assert np.abs(route.lonlat - SCHEIBENBERG).max() < 5e-5


def test_a_zone_that_is_meant_otherwise_is_caught_and_named(tmp_path: Path) -> None:
    path = put(tmp_path / "a.gpkg", SCHEIBENBERG, "EPSG:31468", said="EPSG:31467")
    with pytest.raises(UnknownCrs) as caught:
        gr.read(path)
    assert "EPSG:31468" in caught.value.remedy
    (route,) = gr.read(path, crs="EPSG:31468")
    assert np.abs(route.lonlat - SCHEIBENBERG).max() < 5e-5


def test_the_withdrawn_code_31493_of_scheibenberg(tmp_path: Path) -> None:
    # In the file it says 31493, once "Germany zone 3", and its coordinates are of zone 4, 31468.
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:31468", always_xy=True)
    rows = np.column_stack(to_grid.transform(*SCHEIBENBERG.T)).tolist()
    path = tmp_path / "a.csv"
    text = ", ".join(f"{x} {y}" for x, y in rows)
    path.write_text(f'wkt\n"LINESTRING ({text})"\n', encoding="utf-8")
    with pytest.raises(UnknownCrs) as caught:
        gr.read(path, crs="EPSG:31493")
    assert "EPSG:31468" in caught.value.remedy
    (route,) = gr.read(path, crs="EPSG:31494")
    assert np.abs(route.lonlat - SCHEIBENBERG).max() < 5e-5


def test_degrees_that_are_said_to_be_metres(tmp_path: Path) -> None:
    line = shapely.LineString(SCHEIBENBERG)
    frame = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[line], crs="EPSG:25833")
    path = tmp_path / "a.gpkg"
    frame.to_file(path, driver="GPKG")
    with pytest.raises(UnknownCrs, match="look like degrees"):
        gr.read(path)


def test_metres_that_are_said_to_be_degrees(tmp_path: Path) -> None:
    line = shapely.LineString([(4_564_000, 5_600_000), (4_565_000, 5_600_500)])
    frame = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[line], crs="EPSG:4326")
    path = tmp_path / "a.gpkg"
    frame.to_file(path, driver="GPKG")
    with pytest.raises(InvalidCoordinates, match="metres of a projected system"):
        gr.read(path)


def test_north_before_east_is_found_and_exchanged(tmp_path: Path) -> None:
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:31468", always_xy=True)
    x, y = to_grid.transform(*SCHEIBENBERG.T)
    line = shapely.LineString(np.column_stack((y, x)))
    path = tmp_path / "a.gpkg"
    frame = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[line], crs="EPSG:31468")
    frame.to_file(path, driver="GPKG")
    with pytest.raises(UnknownCrs, match="x and y exchanged") as caught:
        gr.read(path)
    assert "--swap-xy" in caught.value.remedy
    (route,) = gr.read(path, swap_xy=True)
    assert np.abs(route.lonlat - SCHEIBENBERG).max() < 5e-5


def test_a_ballpark_transformation_is_refused_unless_allowed(tmp_path: Path) -> None:
    # Unknown datum based upon the Bessel 1841 ellipsoid: no way to WGS 84 has an accuracy.
    path = tmp_path / "a.csv"
    path.write_text('wkt\n"LINESTRING (13 50, 13.1 50.1)"\n', encoding="utf-8")
    with pytest.raises(UnknownCrs, match="ballpark") as caught:
        gr.read(path, crs="EPSG:4004")
    assert "--allow-ballpark" in caught.value.remedy
    (route,) = gr.read(path, crs="EPSG:4004", allow_ballpark=True)
    assert any("unknown accuracy" in r.message for r in route.remarks)


def test_the_tokyo_datum_is_told_apart_where_asked(tmp_path: Path) -> None:
    # Tokyo station: 35.677955, 139.770220 on the Tokyo datum is 35.681189, 139.766987 in JGD2011
    # by the Geospatial Information Authority's TKY2JGD, which PROJ's three parameters follow to
    # metres.
    path = tmp_path / "a.csv"
    path.write_text('wkt\n"LINESTRING (139.770220 35.677955, 139.78 35.68)"\n', encoding="utf-8")
    (route,) = gr.read(path, datum="tokyo")
    assert _apart_m(route.lonlat[0], (139.766987, 35.681189)) < 5
    (plain,) = gr.read(path, crs="EPSG:4326")
    # The shift of the datum in Tokyo, some 460 m to the north-west.
    assert 440 < _apart_m(route.lonlat[0], plain.lonlat[0]) < 480


@pytest.mark.parametrize(
    "wgs84,gcj02",
    [
        # Published with the library coordtransform (wandergis) for Beijing.
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj02_agrees_with_published_values(wgs84: Any, gcj02: Any) -> None:
    assert geodesy.to_gcj02([wgs84])[0].tolist() == pytest.approx(gcj02, abs=2e-9)
    assert geodesy.from_gcj02([gcj02])[0].tolist() == pytest.approx(wgs84, abs=2e-9)


def test_gcj02_comes_back_where_asked_and_only_in_china(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        'wkt\n"LINESTRING (116.41024449916938 39.91640428150164, 116.5 39.95)"\n', encoding="utf-8"
    )
    (route,) = gr.read(path, datum="gcj02")
    assert route.lonlat[0].tolist() == pytest.approx([116.404, 39.915], abs=2e-9)
    path.write_text('wkt\n"LINESTRING (9 48, 9.1 48.1)"\n', encoding="utf-8")
    with pytest.raises(InvalidCoordinates, match="outside China"):
        gr.read(path, datum="gcj02")


def test_a_system_that_is_not_said_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('wkt\n"LINESTRING (9 48, 9.1 48.1)"\n', encoding="utf-8")
    with pytest.raises(UnknownCrs, match="look like degrees") as caught:
        gr.read(path)
    assert "--crs" in caught.value.remedy


@pytest.mark.parametrize(
    "crs",
    ["+proj=longlat +nadgrids=/etc/passwd", "file:/etc/passwd", "http://127.0.0.1:9/x", "31468"],
)
def test_a_system_is_a_code_and_never_a_file(tmp_path: Path, crs: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text('wkt\n"LINESTRING (9 48, 9.1 48.1)"\n', encoding="utf-8")
    with pytest.raises(UnknownCrs):
        gr.read(path, crs=crs)


def test_heights_know_what_they_are_counted_from(tmp_path: Path) -> None:
    line = shapely.LineString([(565_000, 5_600_000, 500), (566_000, 5_600_500, 510)])
    frame = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[line], crs="EPSG:5555")
    path = tmp_path / "a.fgb"
    frame.to_file(path, driver="FlatGeobuf")
    (route,) = gr.read(path)
    assert route.height_datum == "DHHN92 height"
    assert route.height_m is not None
    assert route.height_m.tolist() == [500.0, 510.0]


def test_scheibenberg_names_the_scale_of_the_grid(shared: Path, tmp_path: Path) -> None:
    document = json.loads(
        (shared / "data" / "de-scheibenberg" / "scheibenberg_wgs84.geojson").read_text("utf-8")
    )
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:31468", always_xy=True)
    rows = []
    for feature in document["features"]:
        lonlat = np.array(feature["geometry"]["coordinates"])[:, :2]
        xy = np.column_stack(to_grid.transform(*lonlat.T))
        text = ", ".join(f"{x!r} {y!r}" for x, y in xy.tolist())
        rows.append(f'"{feature["properties"]["declared_length_m"]}","LINESTRING ({text})"')
    path = tmp_path / "edges.csv"
    path.write_text("laenge,wkt\n" + "\n".join(rows), encoding="utf-8")
    with pytest.raises(UnknownCrs) as caught:
        gr.read(path, crs="EPSG:31493")
    assert "EPSG:31468" in caught.value.remedy
    routes = gr.read(path, crs="EPSG:31468", fields={"declared.length_m": "laenge"})
    assert len(routes) == 11
    messages = []
    for route in routes:
        # The grid is some 60 parts in a million longer than the ground there.
        found = gr.check(gr.measure(route, figures=("length",)), tolerance=3e-5)
        messages += [f.message for f in found if f.code == "declared.length"]
    assert len(messages) == 11
    assert all("is the length on the grid of EPSG:" in m for m in messages)
    # One edge of 136 m fits the scale of Europe's equal-area grid as well.
    assert sum("EPSG:31468" in m for m in messages) >= 10


def test_heights_in_feet_become_metres() -> None:
    line = shapely.LineString([(-74.0, 40.7, 1000.0), (-74.1, 40.8, 1100.0)])
    frame = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[line], crs="EPSG:6318+6360")
    (route,) = gr.from_frame(frame)
    assert route.height_m is not None
    foot = 1200 / 3937
    assert route.height_m.tolist() == pytest.approx([1000 * foot, 1100 * foot], rel=1e-12)


def test_a_system_of_ones_own_is_no_file() -> None:
    own = pyproj.CRS.from_proj4("+proj=tmerc +lat_0=48 +lon_0=9 +k=1 +x_0=1000 +ellps=GRS80")
    line = shapely.LineString([(1000, 0), (1000, 500)])
    frame = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[line], crs=own)
    (route,) = gr.from_frame(frame, allow_ballpark=True)
    assert route.lonlat[0].tolist() == pytest.approx([9.0, 48.0], abs=1e-9)
