"""Values that are no numbers, and what a route has no place for: refused or said."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

import geo_routes as gr
from geo_routes.errors import InvalidCoordinates, MalformedFile, UnusableInput
from geo_routes.formats.gis import Asked, gather_file, to_extract
from geo_routes.formats.reading import form_of


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


def measured_shapefile(path: Path) -> Path:
    """Write a PolyLineM by hand: ESRI Shapefile Technical Description, 1998, table 11."""
    points, measures = [(8.0, 48.0), (9.0, 49.0)], (1.0, 2.0)
    body = struct.pack("<i4d3i", 23, 8, 48, 9, 49, 1, 2, 0)
    body += b"".join(struct.pack("<2d", *p) for p in points)
    body += struct.pack("<2d", 1, 2) + struct.pack("<2d", *measures)

    def head(size: int) -> bytes:
        start = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, size // 2) + struct.pack("<2i", 1000, 23)
        return start + struct.pack("<8d", 8, 48, 9, 49, 0, 0, 1, 2)

    record = struct.pack(">2i", 1, len(body) // 2) + body
    path.write_bytes(head(100 + len(record)) + record)
    path.with_suffix(".shx").write_bytes(head(108) + struct.pack(">2i", 50, len(body) // 2))
    return path


def test_measures_are_said_whatever_the_form(tmp_path: Path) -> None:
    path = measured_shapefile(tmp_path / "a.shp")
    assert "measures (M): in a layer" in lost(gr.read(path, crs="EPSG:4326"))
    path = table(tmp_path, "wkt", '"LINESTRING M (8 48 1, 9 49 2)"')
    assert "measures (M): in 1 record" in lost(gr.read(path, crs="EPSG:4326"))


@pytest.mark.parametrize("suffix", ["gpkg", "parquet"])
def test_infinities_and_long_numbers(tmp_path: Path, suffix: str) -> None:
    line = shapely.LineString([(8, 48), (9, 49)])
    values = {"ref": [123456789012345678], "v": [np.inf], "w": [np.nan], "x": [1.5]}
    made = geopandas.GeoDataFrame(values, geometry=[line], crs="EPSG:4326")
    path = tmp_path / f"a.{suffix}"
    if suffix == "gpkg":
        made.to_file(path, driver="GPKG")
    else:
        pytest.importorskip("pyarrow", reason="GeoParquet is read by the extra 'parquet'")
        made.to_parquet(path)
    (route,) = gr.read(path)
    assert "the fields v hold values that JSON has no form for" in lost((route,))
    assert [route.extra[k] for k in ("ref", "w", "x")] == [123456789012345678, None, 1.5]
    extract = to_extract(gather_file(str(path), form_of(str(path))[0], asked=Asked()), source="a")
    assert extract.ways[0].tags["ref"] == "123456789012345678"


def test_a_second_column_of_geometry_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="GeoParquet is read by the extra 'parquet'")
    line = shapely.LineString([(8, 48), (9, 49)])
    made = geopandas.GeoDataFrame({"n": [1]}, geometry=[line], crs="EPSG:4326")
    made["old"] = geopandas.GeoSeries([line], crs="EPSG:4326")
    for encoding in ("WKB", "geoarrow"):
        options = {"schema_version": "1.1.0", "geometry_encoding": encoding}
        made.to_parquet(tmp_path / "a.parquet", **options)
        (route,) = gr.read(tmp_path / "a.parquet")
        assert any("'old' was not read" in message for message in lost((route,)))
        assert "old" not in route.extra


def test_further_documents_of_a_kmz_are_named(tmp_path: Path) -> None:
    line = "<LineString><coordinates>8,48 9,49</coordinates></LineString>"
    kml = '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark>{}</Placemark></kml>'
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        for name in ("doc.kml", "more.kml"):
            archive.writestr(name, kml.format(line * (1 + (name == "doc.kml"))))
    said = lost(gr.read(tmp_path / "a.kmz"))
    assert said == {
        "of the KMZ the first document was read, doc.kml, and not more.kml": "warning",
        "a second geometry of the placemark: in 1 record": "note",
    }


def test_tracks_of_railml_without_a_place_are_counted(tmp_path: Path) -> None:
    ends = '<trackBegin pos="0"><geoCoord coord="{}"/></trackBegin><trackEnd pos="9"/>'
    ends += '<geoMapping pos="5"><geoCoord coord="48.1 8" epsgCode="4326"/></geoMapping>'
    tracks = f'<track id="a">{ends}</track><track id="b"/><track id="c"/>'
    text = f'<railml version="2.5"><tracks>{tracks}</tracks></railml>'
    (tmp_path / "a.xml").write_text(text.format("48 8 300"), encoding="utf-8")
    (route,) = gr.read(tmp_path / "a.xml")
    assert lost((route,)) == {"2 of 3 tracks have no two coordinates, and are left out": "warning"}
    np.testing.assert_array_equal(route.height_m, [300.0, np.nan])
    (tmp_path / "a.xml").write_text(text.format("48 8 300 7"), encoding="utf-8")
    with pytest.raises(MalformedFile, match="a coord of 4 numbers"):
        gr.read(tmp_path / "a.xml")
