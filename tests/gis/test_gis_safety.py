"""What a GIS file may not do: run, fetch, open something else, pass for another form, write."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

import geo_routes as gr
from geo_routes.errors import GeoRoutesError, MalformedFile, UnreadableFile, UnusableInput
from geo_routes.formats import archives
from geo_routes.formats.archives import open_archive
from geo_routes.formats.gis import gathering, gdal_reader
from geo_routes.formats.gis.geopackage import open_geopackage
from geo_routes.formats.xml_text import MOST_DEPTH, parse_xml


def frame() -> geopandas.GeoDataFrame:
    line = shapely.LineString([(8, 48), (8.1, 48.1)])
    return geopandas.GeoDataFrame({"name": ["a"]}, geometry=[line], crs="EPSG:4326")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "a.gpkg"
    frame().to_file(path, driver="GPKG", SPATIAL_INDEX="NO")
    return path


def execute(path: Path, *statements: str) -> None:
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def test_a_view_is_not_run(package: Path) -> None:
    execute(
        package,
        "ALTER TABLE a RENAME TO b",
        "CREATE VIEW a AS SELECT * FROM b",
        "UPDATE gpkg_contents SET table_name = 'a'",
        "UPDATE gpkg_geometry_columns SET table_name = 'a'",
    )
    with pytest.raises(MalformedFile, match="is a view"):
        gr.read(package)


def test_a_table_of_another_module_is_not_opened(package: Path) -> None:
    execute(package, "CREATE VIRTUAL TABLE words USING fts4(text)")
    with pytest.raises(MalformedFile, match="a program makes up"):
        gr.read(package)


def test_a_trigger_does_not_run_and_the_file_stays_as_it_was(package: Path) -> None:
    execute(
        package,
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END",
    )
    before = (package.read_bytes(), sorted(os.listdir(package.parent)))
    assert gr.read(package)[0].name == "a"
    assert (package.read_bytes(), sorted(os.listdir(package.parent))) == before


def test_a_computed_column_is_not_run(package: Path) -> None:
    execute(package, "ALTER TABLE a ADD COLUMN c AS (length(name)) VIRTUAL")
    with pytest.raises(MalformedFile, match="computed column"):
        gr.read(package)


def test_changes_that_are_not_written_back_are_not_passed_over(package: Path) -> None:
    writer = sqlite3.connect(package)
    writer.execute("PRAGMA journal_mode = wal")
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("UPDATE a SET name = 'new'")
    writer.commit()
    # As another program leaves it that has the file open on another machine, or was stopped.
    log = Path(f"{package}-wal").read_bytes()
    before = package.read_bytes()
    writer.close()
    package.write_bytes(before)
    Path(f"{package}-wal").write_bytes(log)
    with pytest.raises(UnreadableFile, match="not written back") as caught:
        gr.read(package)
    assert "VACUUM INTO" in caught.value.remedy
    assert sorted(os.listdir(package.parent)) == ["a.gpkg", "a.gpkg-wal"]
    # SQLite itself takes both together.
    copy = package.with_name("copy.gpkg")
    execute(package, f"VACUUM INTO '{copy}'")
    assert gr.read(copy)[0].name == "new"


def test_a_database_that_keeps_a_log_is_read_and_nothing_is_left(package: Path) -> None:
    execute(package, "PRAGMA journal_mode = wal", "UPDATE a SET name = 'new'")
    assert sorted(os.listdir(package.parent)) == ["a.gpkg"]
    assert gr.read(package)[0].name == "new"
    assert sorted(os.listdir(package.parent)) == ["a.gpkg"]
    Path(f"{package}-wal").touch()
    assert gr.read(package)[0].name == "new"
    opened = open_geopackage("-", data=package.read_bytes())
    assert [r.values["name"] for r in opened.read(opened.layers[0])] == ["new"]


def test_a_change_that_was_broken_off_is_not_read(package: Path) -> None:
    Path(f"{package}-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(504))
    with pytest.raises(UnreadableFile, match="gpkg-journal"):
        gr.read(package)
    Path(f"{package}-journal").write_bytes(bytes(512))
    assert gr.read(package)[0].name == "a"


def test_a_view_beside_a_table_is_passed_over_and_said(package: Path) -> None:
    execute(
        package,
        "CREATE VIEW b AS SELECT * FROM a",
        "INSERT INTO gpkg_contents SELECT 'b', data_type, 'b', description, last_change, min_x,"
        " min_y, max_x, max_y, srs_id FROM gpkg_contents",
        "INSERT INTO gpkg_geometry_columns SELECT 'b', column_name, geometry_type_name, srs_id, z,"
        " m FROM gpkg_geometry_columns",
    )
    for options in ({}, {"layer": "a"}):
        (route,) = gr.read(package, **options)
        assert route.name == "a"
        assert any("'b' was not read" in r.message for r in route.remarks)
    with pytest.raises(MalformedFile, match="is a view"):
        gr.read(package, layer="b")


VRT = """<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{}</SrcDataSource>
</OGRVRTLayer></OGRVRTDataSource>"""


@pytest.mark.parametrize("suffix", ["shp", "gpkg", "fgb", "tab", "mif", "csv", "kml", "zip", "vrt"])
def test_a_virtual_dataset_is_no_form_of_ours(tmp_path: Path, package: Path, suffix: str) -> None:
    path = tmp_path / f"b.{suffix}"
    path.write_text(VRT.format(package), encoding="utf-8")
    with pytest.raises(UnusableInput):
        gr.read(path)


def test_bytes_of_two_forms_reach_one_driver_only(tmp_path: Path, package: Path) -> None:
    # The first bytes are a FlatGeobuf's, and what follows would be a virtual dataset to GDAL.
    path = tmp_path / "b.fgb"
    path.write_bytes(b"fgb\x03fgb\x01" + VRT.format(package).encode())
    with pytest.raises(MalformedFile):
        gr.read(path)


@pytest.mark.parametrize(
    "text",
    [
        '!table\n!version 300\n\nDefinition Table\n  File "secret.tif"\n  Type "RASTER"\n',
        '!table\n!version 300\nopen table "other"\ncreate view b as select * from other\n',
        '!table\n!version 300\nDefinition Table\nType LINKED Charset "Neutral"\nFields 1\n',
    ],
)
def test_a_mapinfo_table_that_names_others_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.tab"
    path.write_text(text, encoding="ascii")
    with pytest.raises(MalformedFile, match="made of other files"):
        gr.read(path)


def test_a_part_of_a_data_set_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this machine has no named pipes")
    frame().to_file(tmp_path / "a.shp")
    (tmp_path / "a.dbf").unlink()
    os.mkfifo(tmp_path / "a.dbf")
    with pytest.raises(UnusableInput, match="regular file"):
        gr.read(tmp_path / "a.shp")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are Unix's")
def test_the_process_of_gdal_has_one_driver_and_cannot_write(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "a.fgb", driver="FlatGeobuf")
    child = gdal_reader._Child(str(tmp_path / "a.fgb"), "FlatGeobuf", encoding=None, options={})
    assert [row["name"] for row in child.layers()] == ["a"]
    if sys.platform == "linux":
        limits = Path(f"/proc/{child.process.pid}/limits").read_text(encoding="ascii")
        assert next(x for x in limits.splitlines() if "file size" in x).split()[3:5] == ["0", "0"]
    assert "FlatGeobuf" not in child_environment(child)["GDAL_SKIP"].split(",")
    assert {"OGR_VRT", "SQLite", "HTTP"} <= set(child_environment(child)["GDAL_SKIP"].split(","))


def child_environment(child: Any) -> dict[str, str]:
    if sys.platform != "linux":
        pytest.skip("only Linux shows the environment of a process")
    data = Path(f"/proc/{child.process.pid}/environ").read_bytes().decode()
    return dict(row.split("=", 1) for row in data.split("\0") if "=" in row)


def test_a_process_that_falls_over_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "falls.py"
    script.write_text("import os; os.abort()", encoding="ascii")
    monkeypatch.setattr(gdal_reader, "_CHILD", script)
    frame().to_file(tmp_path / "a.fgb", driver="FlatGeobuf")
    with pytest.raises(MalformedFile, match="fall over"):
        gr.read(tmp_path / "a.fgb")


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    frame().to_file(tmp_path / "a.fgb", driver="FlatGeobuf")
    child = gdal_reader._Child(str(tmp_path / "a.fgb"), "FlatGeobuf", encoding=None, options={})
    process = child.process
    del child
    assert process.poll() is not None


@pytest.mark.parametrize("suffix", ["shp", "gpkg", "fgb"])
def test_damaged_bytes_are_a_sentence(tmp_path: Path, suffix: str) -> None:
    driver = {"shp": "ESRI Shapefile", "gpkg": "GPKG", "fgb": "FlatGeobuf"}[suffix]
    path = tmp_path / f"a.{suffix}"
    frame().to_file(path, driver=driver)
    whole = path.read_bytes()
    for cut in (len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:cut])
        try:
            gr.read(path)
        except GeoRoutesError as error:
            assert error.reason
    path.write_bytes(whole[:60] + b"\xff" * 40 + whole[100:])
    try:
        gr.read(path)
    except GeoRoutesError as error:
        assert error.reason


def zipped(*members: tuple[str, bytes], mode: int = 0) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    "name", ["../a.kml", "/a.kml", "b/../../a.kml", "..\\a.kml", "c:/a.kml", "\\a.kml"]
)
def test_a_path_that_leads_out_of_the_archive(name: str) -> None:
    with pytest.raises(MalformedFile, match="unsafe path"):
        open_archive(zipped((name, b"x")), source="a.zip")


def test_a_link_in_an_archive() -> None:
    with pytest.raises(MalformedFile, match="link"):
        open_archive(zipped(("a.kml", b"/etc/passwd"), mode=0o120777), source="a.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name() -> None:
    with pytest.raises(MalformedFile, match="duplicate"):
        open_archive(zipped(("a.kml", b"x"), ("a.kml", b"y")), source="a.zip")


def test_a_member_that_blows_up_is_stopped_by_what_it_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bomb = zipped(("a.txt", b"\n" * (40 << 20)))
    assert len(bomb) < 100_000
    with pytest.raises(MalformedFile, match="ratio"):
        open_archive(bomb, source="a.zip").read("a.txt")
    # A header that lies about the size changes nothing: the bytes are counted.
    at = bomb.index(b"PK\x01\x02") + 24
    lying = bomb[:at] + struct.pack("<I", 10) + bomb[at + 4 :]
    with pytest.raises(MalformedFile):
        open_archive(lying, source="a.zip").read("a.txt")
    monkeypatch.setattr(archives, "MOST_TOTAL_BYTES", 100)
    with pytest.raises(MalformedFile, match="limit of size"):
        open_archive(zipped(("a.txt", os.urandom(200))), source="a.zip").read("a.txt")


def test_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)
    two = zipped(("a", b""), ("b", b""))
    assert open_archive(two, source="a.zip").names == ("a", "b")
    with pytest.raises(MalformedFile, match="3 members"):
        open_archive(zipped(("a", b""), ("b", b""), ("c", b"")), source="a.zip")


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/passwd"> %b;]><a/>',
        "<!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_is_refused(text: str) -> None:
    with pytest.raises(MalformedFile, match="DTD"):
        parse_xml(text.encode(), source="a.xml")


def test_nesting_has_an_end() -> None:
    fine = b"<a>" * MOST_DEPTH + b"</a>" * MOST_DEPTH
    assert parse_xml(fine, source="a.xml").tag == "a"
    with pytest.raises(MalformedFile, match="nested deeper"):
        parse_xml(b"<a>" + fine + b"</a>", source="a.xml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings_that_are_declared(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>Köln</a>'
    assert parse_xml(text.encode(encoding), source="a.xml").text == "Köln"


@pytest.mark.parametrize(
    "data",
    [b"", b"<a>", b"<a></b>", b"<a>\xff</a>", b"<?xml version='1.0' encoding='klingon'?><a/>"],
)
def test_what_is_no_xml_is_a_sentence(data: bytes) -> None:
    with pytest.raises(MalformedFile, match="XML"):
        parse_xml(data, source="a.xml")


def empty_rows(count: int) -> bytes:
    pa = pytest.importorskip("pyarrow", reason="GeoParquet is read by the extra 'parquet'")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {"geometry": {"encoding": "WKB", "geometry_types": []}}
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": columns}
    table = pa.table({"geometry": pa.nulls(count, pa.binary())})
    packed = io.BytesIO()
    parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), packed)
    return packed.getvalue()


@pytest.mark.timeout(20)
def test_any_number_of_rows_without_a_shape_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(empty_rows(10_000_001))
    assert path.stat().st_size < 100_000
    with pytest.raises(UnusableInput, match="more than 10,000,000 records"):
        gr.read(path)
    # Where the count is not said, the records are counted as they come.
    monkeypatch.setattr(gathering, "MOST_RECORDS", 2)
    (tmp_path / "a.csv").write_text("lon,lat\n" + "8,48\n" * 3, encoding="ascii")
    with pytest.raises(UnusableInput, match="more than 2 records"):
        gr.read(tmp_path / "a.csv")


@pytest.mark.parametrize("kind", ["CubicSpline", "Bezier", "Clothoid", "GeodesicString"])
def test_a_gml_curve_that_is_no_chain_of_chords_is_not_drawn_as_one(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "a.gml"
    path.write_text(
        '<g:FeatureCollection xmlns:g="http://www.opengis.net/gml/3.2"><g:member><a g:id="a"><way>'
        '<g:Curve srsName="EPSG:4326"><g:segments>'
        f"<g:{kind}><g:posList>48 8 48.1 8.1 48 8.2</g:posList></g:{kind}>"
        "</g:segments></g:Curve></way></a></g:member></g:FeatureCollection>"
    )
    with pytest.raises(MalformedFile, match=kind):
        gr.read(path)
