"""Profiles of LandXML that are too short, too high, doubled, or that overlap."""

from __future__ import annotations

from pathlib import Path

import pytest

import geo_routes as gr
from geo_routes.errors import MalformedFile

LINE = "<Line><Start>5400000 500000</Start><End>5400000 500800</End></Line>"
TEXT = """<LandXML xmlns="http://www.landxml.org/schema/LandXML-1.2" version="1.2">
<Units><Metric linearUnit="meter"/></Units><CoordinateSystem epsgCode="25832"/><Alignments>
<Alignment name="a" staStart="1000"><CoordGeom>{}</CoordGeom><Profile><ProfAlign name="p">{}
</ProfAlign></Profile></Alignment></Alignments></LandXML>"""
BEGIN, END = "<PVI>1000 100</PVI>", "<PVI>1800 100</PVI>"


def read(tmp_path: Path, *rows: str) -> gr.Route:
    (tmp_path / "a.xml").write_text(TEXT.format(LINE, "".join(rows)), encoding="utf-8")
    (route,) = gr.read(tmp_path / "a.xml", step_m=1.0)
    return route


@pytest.mark.parametrize(
    "row,said",
    [
        ("<PVI>1400 1e308</PVI>", "height 1e"),
        ("<PVI>1400 -1e308</PVI>", "height -1e"),
        ("<PVI>1400 1e309</PVI>", "no number"),
        ("<PVI>1400 inf</PVI>", "no number"),
        ("<PVI>1400 nan</PVI>", "no number"),
        ("<PVI>1e308 100</PVI>", "from the start"),
        ('<ParaCurve length="1e308">1400 110</ParaCurve>', "length of 1e"),
        ('<ParaCurve length="-100">1400 110</ParaCurve>', "length of -100"),
        ('<CircCurve radius="1e308" length="9">1400 110</CircCurve>', "radius of 1e"),
        ("<PVI>1000 101</PVI>", "two points of its profile at the station 1000"),
    ],
)
def test_heights_that_no_place_has_are_refused(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(MalformedFile, match=said):
        read(tmp_path, BEGIN, row, END)


def test_a_lone_point_gives_no_heights_and_it_is_said(tmp_path: Path) -> None:
    route = read(tmp_path, BEGIN, BEGIN)
    assert route.height_m is None
    (remark,) = [r for r in route.remarks if r.code == "gis.lost"]
    assert "a profile of 1 points tells no gradient" in remark.message


def test_a_point_that_is_filed_twice_counts_once(tmp_path: Path) -> None:
    curve = '<ParaCurve length="100">1400 108</ParaCurve>'
    bare = "<PVI>1400 108</PVI>"
    for rows in ((curve,), (curve, bare), (bare, curve), (curve, curve)):
        route = read(tmp_path, BEGIN, *rows, END)
        assert route.height_m is not None
        # From +2 % to -2 % over 100 m: an eighth of 4 % of 100 m under the point.
        assert route.height_m[400] == pytest.approx(108 - 0.04 * 100 / 8)
    with pytest.raises(MalformedFile, match="two points"):
        read(tmp_path, BEGIN, curve, curve.replace("100", "120"), END)


def test_vertical_curves_longer_than_their_gradients_are_said(tmp_path: Path) -> None:
    first = '<ParaCurve length="{}">1300 106</ParaCurve>'
    second = '<UnsymParaCurve lengthIn="250" lengthOut="10">1600 106</UnsymParaCurve>'
    # Half of 100 and 250 fill the 300 m between them; half of 140 is 20 m more.
    for length, over in ((100, None), (140, "20.000 m longer")):
        route = read(tmp_path, BEGIN, first.format(length), second, END)
        said = [r.message for r in route.remarks if r.code == "design.misfit"]
        assert len(said) == (over is not None)
        assert over is None or over in said[0]
    route = read(tmp_path, BEGIN, '<ParaCurve length="50">1800 110</ParaCurve>')
    assert any("no second gradient" in r.message for r in route.remarks)


def test_an_elevation_of_opendrive_that_no_place_has_is_refused(tmp_path: Path) -> None:
    text = """<OpenDRIVE><header><geoReference>EPSG:25832</geoReference></header><road id="1">
    <planView><geometry s="0" x="500000" y="5400000" hdg="0" length="100"><line/></geometry>
    </planView><elevationProfile><elevation s="0" a="5" b="{}" c="0" d="{}"/></elevationProfile>
    </road></OpenDRIVE>"""
    for b, d in ((1e308, -1e308), (1e6, 0)):
        (tmp_path / "a.xodr").write_text(text.format(b, d), encoding="utf-8")
        with pytest.raises(MalformedFile, match="no place has"):
            gr.read(tmp_path / "a.xodr")
