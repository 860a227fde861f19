"""Every GIS format: what it holds comes in, and what is lost is said."""

from __future__ import annotations

import datetime as dt
import io
import json
import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

import geo_routes as gr
from geo_routes.errors import MalformedFile

NAMES = ["東海道新幹線", "Köln–Rhein/Main ß", "قطار الحرمين"]
LINES = [
    [(139.7, 35.6, 12.5), (139.8, 35.7, 13.25), (139.85, 35.72, 14.0)],
    [(7.0, 50.9, 45.0), (7.5, 50.5, 200.125)],
    [(39.1, 21.5, 3.0), (39.6, 24.5, 620.0)],
]
COUNTS = [7, None, 9]
SHARES = [0.1, None, 1e-9]
OPENED = [dt.date(1964, 10, 1), None, dt.date(2018, 10, 11)]
# Driver of the writer, whether it keeps heights, whole numbers and true dates, and whether a
# missing number stays missing.
FORMATS = {
    "shp": ("ESRI Shapefile", True, True, True),
    "gpkg": ("GPKG", True, True, True),
    "fgb": ("FlatGeobuf", True, True, True),
    "tab": ("MapInfo File", False, False, False),
    "mif": ("MapInfo File", False, False, False),
}


def frame(*, heights: bool = True) -> geopandas.GeoDataFrame:
    table = {"name": NAMES, "count": COUNTS, "share": SHARES, "opened": OPENED}
    shapes = [shapely.LineString(line) for line in LINES]
    made = geopandas.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
    made["count"] = made["count"].astype("Int64")
    return made if heights else made.set_geometry(shapely.force_2d(made.geometry.to_numpy()))


def write(path: Path, *, heights: bool = True, **options: Any) -> Path:
    driver = FORMATS[path.suffix[1:]][0]
    frame(heights=heights).set_crs("EPSG:4326").to_file(path, driver=driver, **options)
    return path


@pytest.mark.parametrize("suffix", list(FORMATS))
def test_names_heights_nulls_and_dates_come_in(tmp_path: Path, suffix: str) -> None:
    _, heights, whole, nulls = FORMATS[suffix]
    path = write(tmp_path / f"lines.{suffix}", heights=heights, encoding="UTF-8")
    options: Any = {"encoding": "utf-8"} if suffix in ("tab", "mif") else {}
    routes = gr.read(path, **options)
    assert [r.name for r in routes] == NAMES
    by_name = {r.name: r for r in routes}
    for name, line, count, share, opened in zip(NAMES, LINES, COUNTS, SHARES, OPENED, strict=True):
        route = by_name[name]
        places = np.array(line)
        # A MapInfo table counts in steps of its frame: of the whole world, a ten-millionth degree.
        step = 0 if suffix != "tab" else 2e-7
        assert np.abs(route.lonlat - places[:, :2]).max() <= step
        if heights:
            assert route.height_m is not None
            assert route.height_m.tolist() == places[:, 2].tolist()
        assert route.extra["count"] == (count if nulls else count or 0)
        assert route.extra["share"] == (share if nulls else share or 0)
        if whole:
            assert type(route.extra["count"]) is (int if count else type(None))
            assert route.extra["opened"] == (opened.isoformat() if opened else None)


def test_geoparquet_keeps_all(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="GeoParquet is read by the extra 'parquet'")
    path = tmp_path / "lines.parquet"
    frame().to_parquet(path, schema_version="1.1.0", write_covering_bbox=True)
    routes = gr.read(path)
    assert [r.name for r in routes] == NAMES
    assert [r.extra["count"] for r in routes] == COUNTS
    assert [r.extra["opened"] for r in routes] == [d and d.isoformat() for d in OPENED]
    assert routes[0].height_m is not None
    assert routes[0].height_m.tolist() == [12.5, 13.25, 14.0]
    # The covering is the format's own, and no attribute.
    assert "bbox" not in routes[0].extra


def test_geoparquet_in_geoarrow_encoding(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="GeoParquet is read by the extra 'parquet'")
    path = tmp_path / "lines.parquet"
    frame().to_parquet(path, schema_version="1.1.0", geometry_encoding="geoarrow")
    routes = gr.read(path)
    assert [r.lonlat.tolist() for r in routes] == [[list(p[:2]) for p in line] for line in LINES]


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
<Document><Schema id="s"><SimpleField name="count" type="int"/>
<SimpleField name="share" type="double"/><SimpleField name="double" type="bool"/></Schema>
<Folder><name>高速鉄道</name><Folder><name>営業中</name>
<Placemark><name>東海道新幹線</name><TimeSpan><begin>1964-10-01</begin></TimeSpan>
<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="count">7</SimpleData>
<SimpleData name="share">0.5</SimpleData><SimpleData name="double">1</SimpleData></SchemaData>
<Data name="operator"><value>JR東海</value></Data></ExtendedData>
<LineString><altitudeMode>absolute</altitudeMode>
<coordinates>139.7,35.6,12.5 139.8,35.7,13.25</coordinates></LineString></Placemark>
<Placemark><name>東京</name><Point><coordinates>139.7,35.6</coordinates></Point></Placemark>
</Folder></Folder></Document></kml>"""


def test_kml_keeps_folders_types_times_and_heights(tmp_path: Path) -> None:
    path = tmp_path / "lines.kml"
    path.write_text(KML, encoding="utf-8")
    (route,) = gr.read(path)
    assert (route.name, route.stations[0].name) == ("東海道新幹線", "東京")
    assert route.extra["folder"] == "高速鉄道 / 営業中"
    kept = {k: route.extra[k] for k in ("count", "share", "double", "operator", "begin")}
    assert kept == {
        "count": 7, "share": 0.5, "double": True, "operator": "JR東海", "begin": "1964-10-01",
    }  # fmt: skip
    assert route.height_m is not None
    assert (route.height_m.tolist(), route.height_datum) == ([12.5, 13.25], "EGM96")


def test_kmz_is_read_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "lines.kmz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", KML)
    assert gr.read(path)[0].name == "東海道新幹線"
    assert sorted(tmp_path.iterdir()) == [path]


def test_kml_track_with_its_times(tmp_path: Path) -> None:
    path = tmp_path / "track.kml"
    path.write_text(
        """<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
        <Placemark><name>ride</name><gx:Track><when>2024-01-01T10:00:00Z</when>
        <when>2024-01-01T10:01:00Z</when><gx:coord>8 50 0</gx:coord><gx:coord>8.1 50 0</gx:coord>
        </gx:Track></Placemark></kml>""",
        encoding="utf-8",
    )
    (route,) = gr.read(path)
    assert route.lonlat.tolist() == [[8.0, 50.0], [8.1, 50.0]]
    # Rows of noughts are no heights.
    assert route.height_m is None
    assert list(route.extra["times"]) == ["2024-01-01T10:00:00Z", "2024-01-01T10:01:00Z"]


def gml(body: str, srs: str = "urn:ogc:def:crs:EPSG::4326", version: str = "/3.2") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <x:Collection xmlns:x="http://example.org/x" xmlns:gml="http://www.opengis.net/gml{version}"
     xmlns:xlink="http://www.w3.org/1999/xlink"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
     xsi:schemaLocation="http://example.org/x http://127.0.0.1:9/never.xsd">
    <gml:boundedBy><gml:Envelope srsName="{srs}"><gml:lowerCorner>0 0</gml:lowerCorner>
    <gml:upperCorner>1 1</gml:upperCorner></gml:Envelope></gml:boundedBy>
    <gml:featureMember><x:Line gml:id="l1"><x:name>Höllentalbahn</x:name>
    <x:operator><x:title>DB</x:title></x:operator><x:axis>{body}</x:axis></x:Line>
    </gml:featureMember></x:Collection>"""


LINE_STRING = "<gml:LineString{}><gml:posList>{}</gml:posList></gml:LineString>"


@pytest.mark.parametrize(
    "srs,numbers",
    [
        ("urn:ogc:def:crs:EPSG::4326", "48 8 48.1 8.1"),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", "48 8 48.1 8.1"),
        ("EPSG:4326", "8 48 8.1 48.1"),
        ("http://www.opengis.net/gml/srs/epsg.xml#4326", "8 48 8.1 48.1"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "8 48 8.1 48.1"),
    ],
)
def test_gml_axes_follow_the_name_of_the_system(tmp_path: Path, srs: str, numbers: str) -> None:
    path = tmp_path / "line.gml"
    path.write_text(gml(LINE_STRING.format("", numbers), srs), encoding="utf-8")
    (route,) = gr.read(path)
    assert route.lonlat.tolist() == [[8.0, 48.0], [8.1, 48.1]]
    assert (route.name, route.extra["operator.title"]) == ("Höllentalbahn", "DB")


SEGMENTS = """<gml:Curve><gml:segments>
<gml:LineStringSegment><gml:posList srsDimension='3'>48 8 5 48.1 8.1 6</gml:posList>
</gml:LineStringSegment>
<gml:LineStringSegment><gml:posList srsDimension='3'>48.1 8.1 6 48.2 8.1 7</gml:posList>
</gml:LineStringSegment></gml:segments></gml:Curve>"""
POSITIONS = """<gml:MultiCurve><gml:curveMember><gml:LineString srsDimension='3'>
<gml:pos>48 8 5</gml:pos><gml:pos>48.1 8.1 6</gml:pos><gml:pos>48.2 8.1 7</gml:pos>
</gml:LineString></gml:curveMember></gml:MultiCurve>"""
OLD = """<gml:LineString><gml:coordinates>48,8,5 48.1,8.1,6 48.2,8.1,7</gml:coordinates>
</gml:LineString>"""
TURNED = """<gml:OrientableCurve orientation='-'><gml:baseCurve><gml:LineString>
<gml:posList srsDimension='3'>48.2 8.1 7 48.1 8.1 6 48 8 5</gml:posList></gml:LineString>
</gml:baseCurve></gml:OrientableCurve>"""


@pytest.mark.parametrize("body", [SEGMENTS, POSITIONS, OLD, TURNED])
def test_gml_says_a_line_in_many_ways(tmp_path: Path, body: str) -> None:
    path = tmp_path / "line.gml"
    path.write_text(gml(body), encoding="utf-8")
    (route,) = gr.read(path)
    assert route.lonlat.tolist() == [[8.0, 48.0], [8.1, 48.1], [8.1, 48.2]]
    assert route.height_m is not None
    assert route.height_m.tolist() == [5.0, 6.0, 7.0]


def test_gml_arc_is_drawn_on_its_circle(tmp_path: Path) -> None:
    # A quarter of a circle of 1,000 m about (500000, 5000000) in a grid of metres.
    x, y = 500_000.0, 5_000_000.0
    half = 1000 * 0.5**0.5
    rows = f"{x + 1000} {y} {x + half} {y + half} {x} {y + 1000}"
    arc = f"<gml:Arc><gml:posList>{rows}</gml:posList></gml:Arc>"
    arc = f"<gml:Curve><gml:segments>{arc}</gml:segments></gml:Curve>"
    path = tmp_path / "arc.gml"
    path.write_text(gml(arc, "urn:ogc:def:crs:EPSG::25832"), encoding="utf-8")
    (route,) = gr.read(path)
    assert any("arcs" in r.message for r in route.remarks)
    # The length on the ellipsoid is the grid's over its scale on the central meridian, 0.9996.
    expected_m = 1000 * np.pi / 2 / 0.9996
    assert gr.measure(route).length_m == pytest.approx(expected_m, rel=3e-6)


def test_csv_with_well_known_text(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    text = 'name,geom,opened\n"東京, 横浜","LINESTRING Z (139.7 35.6 5, 139.6 35.4 6)",1872\nx,,\n'
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    (route,) = gr.read(path, crs="EPSG:4326")
    assert (route.name, route.extra["opened"]) == ("東京, 横浜", "1872")
    assert route.lonlat.tolist() == [[139.7, 35.6], [139.6, 35.4]]
    assert [r.message for r in route.remarks if r.code == "gis.lost"] == [
        "no geometry: in 1 record"
    ]


def test_csv_of_columns_is_joined_in_order(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("seq;lon;lat;höhe\n2;8,1;48,1;6\n1;8,0;48,0;5\n", encoding="utf-8")
    (route,) = gr.read(path, join_points=True)
    assert route.lonlat.tolist() == [[8.0, 48.0], [8.1, 48.1]]
    assert route.height_m is not None
    assert route.height_m.tolist() == [5.0, 6.0]


def test_zipped_shapefile_is_read_in_memory(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    write(folder / "lines.shp")
    path = tmp_path / "lines.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in folder.iterdir():
            archive.write(part, f"export/{part.name}")
    assert [r.name for r in gr.read(path)] == NAMES
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lines.zip", "parts"]


def test_curves_of_a_geopackage_are_drawn_finely(tmp_path: Path) -> None:
    # GDAL writes no arc from shapely, so the geometry is put into the table by hand.
    path = tmp_path / "arc.gpkg"
    line = shapely.LineString([(500_000, 5_000_000), (500_001, 5_000_000)])
    table = geopandas.GeoDataFrame({"name": ["arc"]}, geometry=[line], crs="EPSG:25832")
    table.to_file(path, driver="GPKG", SPATIAL_INDEX="NO")
    half = 1000 * 0.5**0.5
    x, y = 500_000.0, 5_000_000.0
    points = [(x + 1000, y), (x + half, y + half), (x, y + 1000)]
    wkb = struct.pack("<BII", 1, 8, 3) + b"".join(struct.pack("<dd", *p) for p in points)
    blob = b"GP\x00\x01" + struct.pack("<i", 25832) + wkb
    with sqlite3.connect(path) as database:
        database.execute("DROP TRIGGER IF EXISTS trigger_insert_feature_count_arc")
        database.execute("UPDATE arc SET geom = ?", (blob,))
        database.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")
    database.close()
    (route,) = gr.read(path)
    expected_m = 1000 * np.pi / 2 / 0.9996
    assert gr.measure(route).length_m == pytest.approx(expected_m, rel=3e-6)


def test_measures_are_lost_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text('wkt\n"LINESTRING M (8 48 0, 8.1 48.1 900)"\n', encoding="utf-8")
    (route,) = gr.read(path, crs="EPSG:4326")
    assert any("measures" in r.message for r in route.remarks)


def test_standard_input_is_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "lines.fgb")

    class Stream:
        buffer = io.BytesIO(path.read_bytes())

    monkeypatch.setattr("sys.stdin", Stream)
    assert sorted(r.name for r in gr.read("-")) == sorted(NAMES)


RAILML_2 = """<railml version="2.5"><infrastructure><tracks><track id="t1" name="Gleis 1">
<trackTopology><trackBegin pos="0"><geoCoord coord="48.0 8.0" epsgCode="4326"/></trackBegin>
<trackEnd pos="2000"><geoCoord coord="48.02 8.0" epsgCode="4326"/></trackEnd></trackTopology>
<trackElements><geoMappings><geoMapping pos="1000"><geoCoord coord="48.01 8.001"
epsgCode="4326"/></geoMapping></geoMappings></trackElements></track></tracks></infrastructure>
</railml>"""
RAILML_3 = """<railML xmlns="https://www.railml.org/schemas/3.2" version="3.2"><common><positioning>
<geometricPositioningSystems><geometricPositioningSystem id="g" crsDefinition="EPSG:25832"/>
</geometricPositioningSystems></positioning></common><infrastructure><topology><netElements>
<netElement id="n1"><associatedPositioningSystem id="a"><intrinsicCoordinate intrinsicCoord="1">
<geometricCoordinate positioningSystemRef="g" x="500500" y="5400000" z="310"/>
</intrinsicCoordinate><intrinsicCoordinate intrinsicCoord="0"><geometricCoordinate
positioningSystemRef="g" x="500000" y="5400000" z="300"/></intrinsicCoordinate>
</associatedPositioningSystem></netElement></netElements></topology></infrastructure></railML>"""


def test_railml_gives_tracks_by_their_coordinates(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(RAILML_2, encoding="utf-8")
    (route,) = gr.read(path)
    # Latitude first, as the system has it, and in the order of the positions.
    assert route.lonlat.tolist() == [[8.0, 48.0], [8.001, 48.01], [8.0, 48.02]]
    assert (route.id, route.name) == ("t1", "Gleis 1")
    path.write_text(RAILML_3, encoding="utf-8")
    (route,) = gr.read(path)
    # On the central meridian of zone 32, 500 m over its scale of 0.9996.
    assert gr.measure(route).length_m == pytest.approx(500 / 0.9996, rel=1e-8)
    assert route.height_m is not None
    assert route.height_m.tolist() == [300.0, 310.0]
    path.write_text(RAILML_2.replace("48.01 8.001", "x y"), encoding="utf-8")
    with pytest.raises(MalformedFile, match="no number"):
        gr.read(path)


def test_gml_of_three_axes_needs_no_dimension(tmp_path: Path) -> None:
    path = tmp_path / "line.gml"
    body = LINE_STRING.format("", "48 9 20 48.1 9.1 21")
    path.write_text(gml(body, "urn:ogc:def:crs:EPSG::4979"), encoding="utf-8")
    (route,) = gr.read(path)
    assert route.lonlat.tolist() == [[9.0, 48.0], [9.1, 48.1]]
    assert route.height_m is not None
    assert route.height_m.tolist() == [20.0, 21.0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_comment_and_an_encoding_hide_no_root(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.gpx"
    text = f"""<?xml version="1.0" encoding="{encoding}"?><!-- by <tool> 2 --><gpx><trk>
    <name>東京</name><trkseg><trkpt lat="48" lon="8"/>
    <trkpt lat="49" lon="8"/></trkseg></trk></gpx>"""
    path.write_bytes(text.encode(encoding))
    assert gr.read(path)[0].name == "東京"


def test_a_height_that_one_place_lacks_costs_the_others_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text(
        "<kml><Placemark><LineString><coordinates>8,48,5 8.1,48 8.2,48,7</coordinates>"
        "</LineString></Placemark></kml>",
        encoding="utf-8",
    )
    (route,) = gr.read(path)
    assert route.height_m is not None
    np.testing.assert_array_equal(route.height_m, [5.0, np.nan, 7.0])


@pytest.mark.parametrize(
    "text",
    ["8,48,10,8.1,48.1,10", "8,48,10,20 8.1,48.1,10,20", "8,,48 8.1,48.1", "8 48", "8,٤٨ 8.1,48",
     "8,4_8 8,49", "8,nan 8,49"],
)  # fmt: skip
def test_kml_tuples_of_other_than_two_or_three_numbers_are_refused(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "a.kml"
    path.write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><LineString>'
        f"<coordinates>{text}</coordinates></LineString></Placemark></kml>",
        encoding="utf-8",
    )
    with pytest.raises(MalformedFile, match="cannot be read"):
        gr.read(path)


@pytest.mark.parametrize("said", ["point", "linestring", "multipolygon", "WKT", "klingon", None, 3])
def test_geoparquet_that_says_another_encoding_is_refused(tmp_path: Path, said: Any) -> None:
    pa = pytest.importorskip("pyarrow", reason="GeoParquet is read by the extra 'parquet'")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    for value, kind in ((shapely.LineString([(8, 48), (9, 48)]).wkb, pa.binary()),
                        ({"x": 8.0}, pa.struct([("x", pa.float64())]))):  # fmt: skip
        columns = {"geometry": {"encoding": said, "geometry_types": []}}
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": columns}
        table = pa.table({"geometry": pa.array([value], kind)})
        parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
        with pytest.raises(MalformedFile, match="is said to be encoded as"):
            gr.read(path)
