"""OpenDRIVE: made files with a truth in closed form."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from scipy.integrate import quad

import geo_routes as gr
from geo_routes.errors import MalformedFile, UnknownCrs

START = (500_000.0, 5_400_000.0)


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def wgs84(xy: Any, crs: str = "EPSG:25832") -> Any:
    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return np.column_stack(transformer.transform(*np.atleast_2d(xy).T))


def apart_m(one: Any, other: Any) -> Any:
    geod = pyproj.Geod(ellps="WGS84")
    return geod.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2]


DRIVE = """<?xml version="1.0"?><OpenDRIVE><header revMajor="1" revMinor="7">
<geoReference><![CDATA[{reference}]]></geoReference>{offset}</header>
<road name="Ring" id="7" length="300"><planView>
<geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry>
<geometry s="100" x="100" y="0" hdg="0" length="100">
<spiral curvStart="0" curvEnd="0.002"/></geometry>
<geometry s="200" x="{x}" y="{y}" hdg="0.1" length="100"><arc curvature="0.002"/></geometry>
</planView><elevationProfile><elevation s="0" a="5" b="0.01" c="0" d="0"/></elevationProfile></road>
</OpenDRIVE>"""


def test_opendrive_with_a_spiral_and_an_offset(tmp_path: Path) -> None:
    x = 100 + quad(lambda s: math.cos(0.00001 * s * s), 0, 100, epsabs=1e-12)[0]
    y = quad(lambda s: math.sin(0.00001 * s * s), 0, 100, epsabs=1e-12)[0]
    offset = '<offset x="500000" y="5400000" z="0" hdg="0"/>'
    reference = (
        "+proj=utm +zone=32 +ellps=WGS84 +datum=WGS84 +units=m +geoidgrids=egm96.gtx +no_defs"
    )
    path = tmp_path / "a.xodr"
    put(path, DRIVE.format(reference=reference, offset=offset, x=x, y=y))
    (route,) = gr.read(path)
    end = (x + 500 * (math.sin(0.3) - math.sin(0.1)), y + 500 * (math.cos(0.1) - math.cos(0.3)))
    expected = wgs84([np.array(START) + end], "EPSG:32632")
    assert apart_m(route.lonlat[-1:], expected).max() < 1e-3
    assert [e["kind"] for e in route.extra["design"]["elements"]] == [
        "tangent", "transition", "circular_curve"
    ]  # fmt: skip
    assert route.extra["design"]["elements"][2]["radius_m"] == 500.0
    assert route.height_m is not None
    assert route.height_m[-1] == pytest.approx(8.0)
    assert (route.name, route.extra["design"]["road"]) == ("Ring", "7")


@pytest.mark.parametrize(
    "reference",
    [
        "+proj=utm +zone=32 +nadgrids=/etc/passwd",
        "+proj=pipeline +step +init=file:/etc/passwd",
        "+proj=utm +zone=32 +towgs84=@x",
    ],
)
def test_a_projection_names_no_file(tmp_path: Path, reference: str) -> None:
    path = put(tmp_path / "a.xodr", DRIVE.format(reference=reference, offset="", x=200, y=3))
    with pytest.raises(UnknownCrs, match="may name a file"):
        gr.read(path)


PARAMETRIC = """<paramPoly3 pRange="normalized" aU="0" bU="100" cU="0" dU="0"
aV="0" bV="0" cV="10" dV="0"/>"""


def test_opendrive_polynomials_are_drawn(tmp_path: Path) -> None:
    # A parabola v = 0.001 u², as both kinds of polynomial say it.
    for shape in (
        '<poly3 a="0" b="0" c="0.001" d="0"/>',
        PARAMETRIC,
    ):
        length = quad(lambda u: math.hypot(1, 0.002 * u), 0, 100)[0]
        text = f"""<OpenDRIVE><header><geoReference>EPSG:25832</geoReference></header>
        <road id="1"><planView><geometry s="0" x="500000" y="5400000" hdg="0" length="{length!r}">
        {shape}</geometry></planView></road></OpenDRIVE>"""
        (route,) = gr.read(put(tmp_path / "a.xodr", text))
        expected = wgs84([np.array(START) + (100, 10)])
        assert apart_m(route.lonlat[-1:], expected).max() < 1e-3


def test_opendrive_in_its_namespace(tmp_path: Path) -> None:
    offset = '<offset x="500000" y="5400000" z="0" hdg="0"/>'
    text = DRIVE.format(reference="EPSG:25832", offset=offset, x=200, y=3)
    space = ' xmlns="http://code.asam.net/simulation/standard/opendrive_schema"'
    moved = text.replace("<OpenDRIVE>", f"<OpenDRIVE{space}>")
    (route,) = gr.read(put(tmp_path / "a.xodr", moved))
    assert route.extra["design"]["road"] == "7"


def road(shape: str, length: float, *, id_: str = "1", extra: str = "") -> str:
    return (
        f'<road id="{id_}"><planView><geometry s="0" x="500000" y="5400000" hdg="0"'
        f' length="{length!r}">{shape}</geometry></planView>{extra}</road>'
    )


def document(*roads: str) -> str:
    head = "<header><geoReference>EPSG:25832</geoReference></header>"
    return f"<OpenDRIVE>{head}{''.join(roads)}</OpenDRIVE>"


@pytest.mark.parametrize("shape", ['<poly3 a="0" b="0" c="0" d="0"/>', PARAMETRIC])
def test_polynomials_of_huge_lengths_are_refused_before_they_are_drawn(
    tmp_path: Path, shape: str
) -> None:
    for text in (
        document(road(shape, 1e12)),
        document(road(shape, 1e300)),
        # Many that are long together.
        document(*(road(shape, 400_000.0, id_=str(i)) for i in range(2))),
    ):
        with pytest.raises(MalformedFile, match="more than 1,000,000 chords"):
            gr.read(put(tmp_path / "a.xodr", text))
    steep = document(road('<poly3 a="0" b="1e200" c="1e200" d="-1e308"/>', 100.0))
    with pytest.raises(MalformedFile, match="length"):
        gr.read(put(tmp_path / "a.xodr", steep))
    with pytest.raises(MalformedFile, match="the length -1"):
        gr.read(put(tmp_path / "a.xodr", document(road(shape, -1.0))))


def test_two_roads_of_one_id_are_refused(tmp_path: Path) -> None:
    text = document(road("<line/>", 9.0, id_="7"), road("<line/>", 99.0, id_="7"))
    with pytest.raises(MalformedFile, match="road 7: is there twice"):
        gr.read(put(tmp_path / "a.xodr", text))
