"""Values that are no numbers, and what a route has no place for: refused or said."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

import geo_routes as gr
from geo_routes.errors import InvalidCoordinates, UnusableInput


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning:geopandas")
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_coordinate_that_is_not_finite_is_one_sentence(tmp_path: Path, bad: float) -> None:
    (tmp_path / "a.csv").write_text(f'wkt\n"LINESTRING (8 48, {bad} 49)"\n', encoding="ascii")
    (tmp_path / "b.csv").write_text('wkt\n"LINESTRING (8 48, 1e400 49)"\n', encoding="ascii")
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([(8, 48), (bad, 49)])
        table = geopandas.GeoDataFrame({"n": [1]}, geometry=[line], crs="EPSG:4326")
        table.to_file(tmp_path / "c.gpkg", driver="GPKG", SPATIAL_INDEX="NO")
    # Warnings are errors here: nothing but the refusal may be said.
    for name in ("a.csv", "b.csv", "c.gpkg"):
        with pytest.raises(InvalidCoordinates, match="not finite"):
            gr.read(tmp_path / name, crs="EPSG:4326")


def table(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "points.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def lost(routes: tuple[gr.Route, ...]) -> dict[str, str]:
    return {r.message: r.severity for route in routes for r in route.remarks if "lost" in r.code}


def test_points_are_joined_by_numbers_that_are_text(tmp_path: Path) -> None:
    path = table(tmp_path, "seq,lon,lat", "10,8.3,48", "3,8.2,48", "1,8.0,48", "2,8.1,48")
    (route,) = gr.read(path, join_points=True)
    assert route.lonlat[:, 0].tolist() == [8.0, 8.1, 8.2, 8.3]
    assert lost((route,)) == {}
    path = table(tmp_path, "seq,lon,lat", "10,8.3,48", "x,8.2,48", "1,8.0,48")
    (route,) = gr.read(path, join_points=True)
    assert route.lonlat[:, 0].tolist() == [8.3, 8.2, 8.0]
    message = "seq is a number in 2 of 3 points, which are joined as filed"
    assert lost((route,)) == {message: "warning"}


def test_a_seq_may_count_in_each_part(tmp_path: Path) -> None:
    rows = ("2,a,8.1,48", "1,a,8.0,48", "2,b,9.1,48", "1,b,9.0,48")
    path = table(tmp_path, "seq,part,lon,lat", *rows)
    (route,) = gr.read(path, join_points=True)
    assert route.lonlat[:, 0].tolist() == [8.0, 8.1, 9.0, 9.1]
    assert route.part_starts.tolist() == [0, 2]
    path = table(tmp_path, "seq,part,lon,lat", *rows, "1,b,9.2,48", "3,c,9.3,48")
    said = lost(gr.read(path, join_points=True))
    assert "1 point of a seq that is there before, joined as filed" in said
    assert "1 point alone in a part or line, and joined to no other" in said


def test_a_point_without_a_place_and_fields_that_differ_are_said(tmp_path: Path) -> None:
    path = table(tmp_path, "km,line,lon,lat", "1,U,8.0,48", "2,U,,", "3,U,8.2,48")
    (route,) = gr.read(path, join_points=True)
    assert lost((route,)) == {
        "no geometry: in 1 record": "warning",
        "the fields km differ from point to point, and are not kept": "note",
    }
    assert route.extra["line"] == "U"


def test_a_collection_may_hold_a_line_and_is_said_aloud(tmp_path: Path) -> None:
    whole = '"GEOMETRYCOLLECTION (LINESTRING (8 48, 9 49), POINT (8 48))"'
    path = table(tmp_path, "wkt", '"LINESTRING (8 48, 9 49)"', whole, '"POLYGON ((0 0, 1 1, 1 0))"')
    path.write_text(path.read_text().replace("1 0))", "1 0, 0 0))"))
    said = lost(gr.read(path, crs="EPSG:4326"))
    assert {v for k, v in said.items() if k.startswith("a collection")} == {"warning"}
    assert {v for k, v in said.items() if k.startswith("an area")} == {"note"}
    path = table(tmp_path, "wkt", whole)
    with pytest.raises(UnusableInput, match=r"a collection .* in 1 record"):
        gr.read(path, crs="EPSG:4326")
