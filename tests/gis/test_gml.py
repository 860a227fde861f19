"""GML: curves of every kind that the standard has, and positions of every width."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import geo_routes as gr
from geo_routes.errors import MalformedFile

GML = """<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/"
xmlns:gml="http://www.opengis.net/gml/3.2"><gml:featureMember><ogr:way><ogr:geometry>
<gml:Curve srsName="EPSG:4326"><gml:segments>{}</gml:segments></gml:Curve>
</ogr:geometry></ogr:way></gml:featureMember></ogr:FeatureCollection>"""
# ISO 19136:2007 (GML 3.2.1), 10.4.7: all that may stand in the place of AbstractCurveSegment.
OTHERS = [
    *("Circle", "ArcStringByBulge", "ArcByBulge", "ArcByCenterPoint", "CircleByCenterPoint"),
    *("CubicSpline", "BSpline", "Bezier", "OffsetCurve", "Clothoid", "GeodesicString", "Geodesic"),
]


def read(tmp_path: Path, segments: str) -> gr.Route:
    (tmp_path / "a.gml").write_text(GML.format(segments), encoding="utf-8")
    return gr.read_one(tmp_path / "a.gml")


@pytest.mark.parametrize("kind", OTHERS)
def test_segments_that_are_no_chords_and_no_arcs_are_refused(tmp_path: Path, kind: str) -> None:
    straight = "<gml:LineStringSegment><gml:posList>8 48 8.1 48</gml:posList>"
    straight += "</gml:LineStringSegment>"
    curve = f"<gml:{kind}><gml:posList>8.1 48 8.2 48.1 8.3 48</gml:posList></gml:{kind}>"
    assert len(read(tmp_path, straight).lonlat) == 2
    with pytest.raises(MalformedFile, match=f"of the kind {kind},"):
        read(tmp_path, straight + curve)


def test_positions_of_four_numbers_are_refused_and_heights_are_kept_where_they_are(
    tmp_path: Path,
) -> None:
    rows = "<gml:LineStringSegment><gml:pos>8 48 {}</gml:pos><gml:pos>8.1 48</gml:pos>"
    rows += "</gml:LineStringSegment>"
    heights = read(tmp_path, rows.format("10")).height_m
    np.testing.assert_array_equal(heights, [10.0, np.nan])
    with pytest.raises(MalformedFile, match="a position of 4 numbers"):
        read(tmp_path, rows.format("10 20"))
