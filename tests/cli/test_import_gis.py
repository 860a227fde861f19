"""``geo-routes import`` of GIS files, feeds, tracks and designs: options, recipes, lists."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

Run = Callable[..., Any]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """Three pieces of two lines, one of them turned, and two stations in a layer of their own."""
    path = tmp_path / "net.gpkg"
    table = geopandas.GeoDataFrame(
        {
            "LINE": [1, 1, 2],
            "NAMN": ["Nord", "Nord", "Süd"],
            "TYP": ["rail", "rail", "tram"],
            "BUILT": [1900, 1950, 1960],
        },
        geometry=[
            shapely.LineString([(11.00, 47.0), (11.01, 47.0)]),
            shapely.LineString([(11.02, 47.0), (11.01, 47.0)]),
            shapely.LineString([(12.00, 47.0), (12.01, 47.0)]),
        ],
        crs="EPSG:4326",
    )
    table.to_file(path, layer="axis", driver="GPKG")
    stations = geopandas.GeoDataFrame(
        {"name": ["West", "Ost"]},
        geometry=[shapely.Point(11.0, 47.0), shapely.Point(11.02, 47.0)],
        crs="EPSG:4326",
    )
    stations.to_file(path, layer="stops", driver="GPKG")
    return path


def features(path: Path) -> list[dict[str, Any]]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return [f for f in document["features"] if "String" in f["geometry"]["type"]]


def test_pieces_are_put_together_and_check_accepts_them(
    run: Run, lines: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.geojson"
    options = ("--layer", "axis", "--layer", "stops", "--where", "LINE=1")
    mapped = ("--field", "name=NAMN", "--field", "mode=TYP")
    outcome = run("import", lines, *options, *mapped, "--explain", "-o", out)
    assert (outcome.code, outcome.err) == (0, "")
    (line,) = features(out)
    assert line["geometry"]["coordinates"] == [[11.0, 47.0], [11.01, 47.0], [11.02, 47.0]]
    assert (line["properties"]["name"], line["properties"]["mode"]) == ("Nord", "rail")
    assert line["properties"]["LINE"] == 1
    # The years differ along the line, and a route as a whole has none.
    assert "BUILT" not in line["properties"]
    assert "BUILT" in outcome.out
    assert "2 stations from West to Ost" in outcome.out
    assert run("check", "--fail-on", "warning", out).code == 0


def test_one_route_for_each_value_or_each_line(run: Run, lines: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.geojson"
    assert run("import", lines, "--layer", "axis", "--by", "LINE", "-o", out).code == 0
    assert [f["properties"]["LINE"] for f in features(out)] == [1, 2]
    assert run("import", lines, "--layer", "axis", "--each", "-o", out).code == 0
    assert len(features(out)) == 3
    outcome = run("import", lines, "--layer", "axis", "--by", "LINIE", "-o", out)
    assert (outcome.code, "did you mean LINE?" in outcome.err) == (2, True)


def test_a_recipe_makes_the_update_one_command(run: Run, lines: Path, tmp_path: Path) -> None:
    first, second, recipe = (tmp_path / n for n in ("1.geojson", "2.geojson", "line.toml"))
    odd = ("--layer", "axis", "--where", 'NAMN=Süd"1"', "--where", "LINE!=1", "--swap-xy")
    refused = run("import", lines, *odd, "--save-recipe", recipe, "-o", first)
    assert (refused.code, recipe.exists()) == (2, False)
    options = ("--layer", "axis", "--where", "LINE!=1", "--field", "name=NAMN", "--field",
               "mode=TYP", "--gap-tolerance", "12.5")  # fmt: skip
    assert run("import", lines, *options, "--save-recipe", recipe, "-o", first).code == 0
    kept = tomllib.loads(recipe.read_text(encoding="utf-8"))
    assert kept == {
        "layer": ["axis"],
        "where": ["LINE!=1"],
        "field": {"name": "NAMN", "mode": "TYP"},
        "gap-tolerance": 12.5,
    }
    assert run("import", lines, "--recipe", recipe, "-o", second).code == 0
    assert first.read_bytes() == second.read_bytes()
    # What is given besides goes before the recipe.
    assert run("import", lines, "--recipe", recipe, "--where", "LINE=1", "-o", second).code == 0
    assert features(second)[0]["properties"]["name"] == "Nord"


@pytest.mark.parametrize(
    "text,said",
    [
        ("layer = 3", "expected a list of text"),
        ("layers = ['a']", "none of"),
        ("highspeed = 'yes'", "true or false"),
        ("gap-tolerance = 'x'", "a number"),
        ("crs = 4326", "expected text"),
        ("gap-tolerance = nan", "nan is no number"),
        ("gap-tolerance = -1", "is not in the range"),
        ("step = inf", "is not in the range"),
        ("axis = 'middle'", "'middle' is not one of"),
        ("where = ['LINE']", "'LINE' is no condition"),
        ("field = ['NAMN']", "'NAMN' maps no field"),
        ("= 3", "no TOML"),
        ("output = 'a'", "none of"),
    ],
)
def test_a_recipe_that_is_none_is_refused(
    run: Run, lines: Path, tmp_path: Path, text: str, said: str
) -> None:
    recipe = tmp_path / "bad.toml"
    recipe.write_text(text, encoding="utf-8")
    outcome = run("import", lines, "--recipe", recipe, "-o", tmp_path / "out.geojson")
    assert (outcome.code, len(outcome.errors)) == (2, 1)
    assert outcome.errors[0].startswith(f"error: {recipe}: ")
    assert said in outcome.errors[0]


def test_the_list_names_layers_fields_and_systems(run: Run, lines: Path) -> None:
    outcome = run("import", "--list", lines)
    assert outcome.code == 0
    assert "axis: 3 records, LineString, EPSG:4326 (WGS 84)" in outcome.out
    assert "NAMN" in outcome.out
    listed = json.loads(run("import", "--list", "--json", lines).out)
    assert [layer["name"] for layer in listed["layers"]] == ["axis", "stops"]
    assert listed["layers"][0]["fields"][0] == {"name": "LINE", "type": "integer"}


@pytest.mark.parametrize("encoding", ["cp850", "shift_jis", "latin-1"])
def test_an_encoding_is_asked_for_and_never_guessed(
    run: Run, tmp_path: Path, encoding: str
) -> None:
    name = "東京線" if encoding == "shift_jis" else "Köln-Süd"
    line = shapely.LineString([(8, 48), (8.1, 48.1)])
    frame = geopandas.GeoDataFrame({"name": [name]}, geometry=[line], crs="EPSG:4326")
    path = tmp_path / "a.shp"
    frame.to_file(path, encoding="ISO-8859-1" if encoding == "latin-1" else encoding)
    (tmp_path / "a.cpg").unlink()
    table = bytearray((tmp_path / "a.dbf").read_bytes())
    table[29] = 0  # the language of the table: not said
    (tmp_path / "a.dbf").write_bytes(bytes(table))
    out = tmp_path / "out.geojson"
    outcome = run("import", path, "-o", out)
    assert (outcome.code, "--encoding" in outcome.err) == (2, True)
    assert run("import", path, "--encoding", encoding, "-o", out).code == 0
    assert features(out)[0]["properties"]["name"] == name
    wrong = run("import", path, "--encoding", "ascii", "-o", out)
    assert (wrong.code, "not ascii" in wrong.err) == (2, True)
    unknown = run("import", path, "--encoding", "klingon", "-o", out)
    assert (unknown.code, "not known" in unknown.err) == (2, True)


def test_slips_are_answered_with_what_was_meant(run: Run, lines: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.geojson"
    for options, said in (
        (("--layer", "axes"), "did you mean axis?"),
        (("--layer", "axis", "--where", "LINIE=1"), "did you mean LINE?"),
        (("--layer", "axis", "--where", "LINE"), "write FIELD=VALUE"),
        (("--layer", "axis", "--where", "LINE=9"), "no record that fits --where"),
        (("--layer", "axis", "--field", "name"), "write name=FIELD"),
        (("--layer", "axis", "--each", "--relation", "1"), "--relation chooses among pieces"),
        (("--layer", "axis", "--stops"), "does not take --stops"),
        (("--layer", "axis", "--crs", "EPSG:25832"), "look like degrees"),
        (("--layer", "axis", "--height-datum", "NHN"), "--heights"),
    ):
        outcome = run("import", lines, *options, "-o", out)
        assert (outcome.code, len(outcome.errors), outcome.out) == (2, 1, "")
        assert said in outcome.err
    assert not out.exists()


GPX = """<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>{0}</name>
<trkseg><trkpt lat="48" lon="8"/><trkpt lat="48.1" lon="8"/></trkseg></trk></gpx>"""


def test_commands_take_these_files_as_they_are(run: Run, lines: Path, tmp_path: Path) -> None:
    track = tmp_path / "a.gpx"
    track.write_text(GPX.format("Fahrt"), encoding="utf-8")
    for path in (track, lines):
        for command in (("measure",), ("check",), ("curves",), ("map", "-o", tmp_path / "a.html")):
            outcome = run(*command, path)
            assert outcome.code in (0, 1)
            assert "error" not in outcome.err
    fixed = run("check", "--fix", track, "-o", tmp_path / "out.geojson")
    assert (fixed.code, "no GeoJSON" in fixed.err) == (2, True)
    osm = tmp_path / "a.osm"
    osm.write_text("<osm version='0.6'></osm>", encoding="utf-8")
    assert "geo-routes import" in run("measure", osm).err


def test_whole_lines_and_pieces_are_not_mixed(run: Run, lines: Path, tmp_path: Path) -> None:
    track, other = tmp_path / "a.gpx", tmp_path / "b.gpx"
    track.write_text(GPX.format("A"), encoding="utf-8")
    other.write_text(GPX.format("B"), encoding="utf-8")
    out = tmp_path / "out.geojson"
    assert run("import", track, lines, "-o", out).code == 2
    assert run("import", track, other, "-o", out).code == 0
    assert [f["properties"]["name"] for f in features(out)] == ["A", "B"]
    assert run("import", track, other, "--name", "C", "-o", out).code == 2
    assert run("import", track, "--name", "C", "--id", "c", "-o", out).code == 0
    assert features(out)[0]["properties"]["name"] == "C"


def test_points_alone_are_no_line_until_they_are_joined(run: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "out.geojson"
    path.write_text("lon,lat\n8,48\n8.1,48.1\n", encoding="utf-8")
    outcome = run("import", path, "-o", out)
    assert (outcome.code, "--join-points" in outcome.err) == (2, True)
    assert run("import", path, "--join-points", "-o", out).code == 0
    assert features(out)[0]["geometry"]["coordinates"] == [[8, 48], [8.1, 48.1]]


def test_no_output_goes_over_a_part_of_an_input(run: Run, lines: Path, tmp_path: Path) -> None:
    line = shapely.LineString([(8, 48), (8.1, 48.1)])
    frame = geopandas.GeoDataFrame({"name": ["a"]}, geometry=[line], crs="EPSG:4326")
    path, out, raster = tmp_path / "q.shp", tmp_path / "out.geojson", tmp_path / "a.tif"
    frame.to_file(path)
    raster.write_bytes(b"II*\0 not looked at")
    feed = tmp_path / "feed"
    feed.mkdir()
    (feed / "stops.txt").write_text("stop_id\n", encoding="utf-8")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    for arguments in (
        *(("import", path, "-o", tmp_path / f"q{s}") for s in (".prj", ".dbf", ".shx", ".cpg")),
        ("map", path, "-o", tmp_path / "q.dbf"),
        ("curves", path, "--plot", tmp_path / "q.shx"),
        ("import", path, "-o", out, "--save-recipe", tmp_path / "q.shx"),
        ("import", path, "-o", out, "--heights", raster, "--save-recipe", raster),
        ("import", path, "-o", out, "--heights", raster, "-o", raster),
        ("import", path, "-o", out, "--save-recipe", out),
        ("import", path, "-o", out, "--save-recipe", "-"),
        ("import", path, "-o", ""),
        ("import", feed, "-o", feed / "stops.txt"),
        ("import", lines, "-o", f"{lines}-wal"),
    ):
        outcome = run(*arguments)
        assert (outcome.code, len(outcome.errors), outcome.out) == (2, 1, "")
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize(
    "command,option",
    [("import", "--gap-tolerance"), ("import", "--step"), ("check", "--tolerance"),
     ("check", "--shortest-element"), ("curves", "--accuracy"), ("curves", "--correlation")],
)  # fmt: skip
@pytest.mark.parametrize("value", ["nan", "inf", "-nan"])
def test_what_is_no_number_is_no_number_of_an_option(
    run: Run, lines: Path, command: str, option: str, value: str
) -> None:
    outcome = run(command, lines, f"{option}={value}")
    assert (outcome.code, len(outcome.errors)) == (2, 1)
    assert option in outcome.errors[0]


def test_of_several_inputs_the_one_is_named_that_is_wrong(run: Run, tmp_path: Path) -> None:
    points = '<trkpt lat="48" lon="8"/><trkpt lat="48" lon="9"/>'
    text = f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>"
    design = """<LandXML><Units><Metric linearUnit="meter"/></Units><Alignments><Alignment>
    <CoordGeom><Line><Start>5400000 500000</Start><End>5400900 500000</End></Line></CoordGeom>
    </Alignment></Alignments></LandXML>"""
    (tmp_path / "a.xml").write_text(design, encoding="utf-8")
    (tmp_path / "b.gpx").write_text(text, encoding="utf-8")
    inputs = (tmp_path / "a.xml", tmp_path / "b.gpx")
    outcome = run("import", *inputs, "--crs", "EPSG:25832", "-o", tmp_path / "out.geojson")
    assert outcome.code == 2
    assert outcome.errors[0].startswith(f"error: {inputs[1]}: is GPX, which does not take --crs")


def test_points_become_one_line_for_each_value(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    rows = ("1,U,8.0", "1,S,9.0", "2,U,8.1", "2,S,9.1", "3,,7.0", "3,U,8.2", "1,T,6.0")
    path.write_text("seq,line,lon,lat\n" + "".join(f"{r},48\n" for r in rows), encoding="ascii")
    out = tmp_path / "out.geojson"
    outcome = run("import", path, "--join-points", "--by", "line", "-o", out)
    assert outcome.code == 0
    found = {f["properties"]["name"]: f["geometry"]["coordinates"] for f in features(out)}
    assert found == {
        "U": [[8.0, 48.0], [8.1, 48.0], [8.2, 48.0]],
        "S": [[9.0, 48.0], [9.1, 48.0]],
    }
    assert "1 point without a value in the field line" in outcome.err
    assert "1 point alone in a part or line" in outcome.err
    outcome = run("import", path, "--join-points", "--by", "lime", "-o", out)
    assert (outcome.code, "did you mean line?" in outcome.err) == (2, True)


def test_the_list_names_alignments_as_they_are_asked_for(run: Run, tmp_path: Path) -> None:
    line = "<Line><Start>5400000 500000</Start><End>5400000 501500</End></Line>"
    design = """<LandXML><Units><Metric linearUnit="meter"/></Units><Alignments>
    <Alignment name="Achse 1"><CoordGeom>{0}</CoordGeom></Alignment><Alignment name="leer">
    <CoordGeom/></Alignment><Alignment name="Achse 1"><CoordGeom>{0}</CoordGeom></Alignment>
    </Alignments></LandXML>"""
    path = tmp_path / "a.xml"
    path.write_text(design.format(line), encoding="utf-8")
    assert run("import", path, "--list").out.splitlines() == [
        f"{path}: LandXML, reference system not said",
        "Achse 1: 1.500 km, elements: 1",
        "leer: 0.000 km, elements: 0",
        "Achse 1': Achse 1, 1.500 km, elements: 1",
    ]
    listed = run("import", path, "--list", "--json").json
    assert listed["alignments"][2] == {
        "alignment": "Achse 1'", "name": "Achse 1", "elements": 1, "length_m": 1500.0
    }  # fmt: skip
    out = tmp_path / "out.geojson"
    options = ("--alignment", "Achse 1'", "--crs", "EPSG:25832", "-o", out)
    assert run("import", path, *options).code == 0


def test_an_empty_file_is_called_empty(run: Run, tmp_path: Path) -> None:
    for name, content in (
        ("a.csv", b""),
        ("a.shp", b""),
        ("a.gpkg", b" \n"),
        ("a", b"\xef\xbb\xbf"),
    ):
        (tmp_path / name).write_bytes(content)
        outcome = run("import", tmp_path / name, "-o", tmp_path / "out.geojson")
        assert (outcome.code, len(outcome.errors)) == (2, 1)
        assert f"{name}: is empty; export it again" in outcome.err


def test_a_folder_of_shapefiles_is_asked_for_one(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "net"
    folder.mkdir()
    outcome = run("import", folder, "-o", tmp_path / "out.geojson")
    assert "net: is a folder, and no GTFS feed; name a file in it\n" in outcome.err
    for name in ("lines.dbf", "lines.shp"):
        (folder / name).touch()
    outcome = run("import", folder, "-o", tmp_path / "out.geojson")
    assert "name a file in it, such as lines.shp" in outcome.err
    (folder / "trips.txt").touch()
    assert "it has no routes.txt" in run("import", folder, "-o", tmp_path / "out.geojson").err


def test_a_prj_that_says_nothing_is_not_called_missing(run: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "a.shp", tmp_path / "out.geojson"
    line = shapely.LineString([(8, 48), (9, 49)])
    geopandas.GeoDataFrame({"n": [1]}, geometry=[line], crs="EPSG:4326").to_file(path)
    for content, said in (
        ("", ".prj is empty"),
        ("roadmap", "no reference system that is known: 'ro"),
    ):
        path.with_suffix(".prj").write_text(content, encoding="ascii")
        outcome = run("import", path, "-o", out)
        assert (outcome.code, said in outcome.err) == (2, True)
    path.with_suffix(".prj").unlink()
    assert "without .prj" in run("import", path, "-o", out).err


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_tables_in_utf_16_are_read(run: Run, tmp_path: Path, encoding: str) -> None:
    path, out = tmp_path / "a.csv", tmp_path / "out.geojson"
    text = 'wkt,name\n"LINESTRING (8 48, 9 49)",Köln\n' + '"LINESTRING (8 48, 9 49)",x\n' * 3000
    marked = text if encoding == "utf-16" else f"\ufeff{text}"
    path.write_bytes(marked.encode(encoding))
    options = ("--encoding", encoding) if encoding == "utf-32" else ()
    options = (*options, "--crs", "EPSG:4326", "--where", "name=Köln", "-o", out)
    assert run("import", path, *options).code == 0
    assert features(out)[0]["properties"]["name"] == "Köln"


def test_fields_are_not_asked_of_what_has_none(run: Run, make_file: Any, tmp_path: Path) -> None:
    for options in (("--by", "LINE"), ("--each",)):
        outcome = run("import", make_file(), *options, "-o", tmp_path / "out.geojson")
        assert outcome.code == 2
        assert f"is GeoJSON, which does not take {options[0]}" in outcome.err
