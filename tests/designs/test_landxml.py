"""LandXML: made files with a truth in closed form."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from scipy.integrate import quad

import geo_routes as gr
from geo_routes.alignment import fit_alignment, hold_against_design
from geo_routes.chainage import lay_ruler
from geo_routes.errors import (
    GeoRoutesError,
    InvalidNoun,
    MalformedFile,
    UnknownCrs,
    UnusableInput,
)
from geo_routes.report import curves_row, curves_text

GROWTH: dict[str, Any] = {
    "clothoid": lambda u: u,
    "bloss": lambda u: 3 * u**2 - 2 * u**3,
    "revBloss": lambda u: 3 * u**2 - 2 * u**3,
    "cosine": lambda u: (1 - math.cos(math.pi * u)) / 2,
    "revCosine": lambda u: (1 - math.cos(math.pi * u)) / 2,
    "sinusoid": lambda u: u - math.sin(2 * math.pi * u) / (2 * math.pi),
    "revSinusoid": lambda u: u - math.sin(2 * math.pi * u) / (2 * math.pi),
    "biquadratic": lambda u: 2 * u**2 if u < 0.5 else -1 + 4 * u - 2 * u**2,
    "revBiquadratic": lambda u: 2 * u**2 if u < 0.5 else -1 + 4 * u - 2 * u**2,
    "weinerBogen": lambda u: 35 * u**4 - 84 * u**5 + 70 * u**6 - 20 * u**7,
}
OVER_TANGENT = [
    "cubic",
    "cubicParabola",
    "japaneseCubic",
    "sineHalfWave",
    "biquadraticParabola",
    "radioid",
]
START = (500_000.0, 5_400_000.0)


class Pen:
    """Draws elements one after the other, by quadrature, and files them as LandXML."""

    def __init__(self, unit_m: float = 1.0, heading: float = 0.3) -> None:
        self.unit_m = unit_m
        self.at = np.array(START)
        self.heading = heading
        self.rows: list[str] = []
        self.vertices = [self.at.copy()]

    def point(self, name: str, xy: Any) -> str:
        return f"<{name}>{float(xy[1]) / self.unit_m!r} {float(xy[0]) / self.unit_m!r}</{name}>"

    def line(self, length: float) -> Pen:
        end = self.at + length * np.array([math.cos(self.heading), math.sin(self.heading)])
        return self._file(
            f"<Line>{self.point('Start', self.at)}{self.point('End', end)}</Line>", end
        )

    def curve(self, radius: float, length: float, hand: int) -> Pen:
        side = np.array([-math.sin(self.heading), math.cos(self.heading)]) * hand
        centre = self.at + radius * side
        turn = hand * length / radius
        out = self.at - centre
        cos, sin = math.cos(turn), math.sin(turn)
        end = centre + np.array([out[0] * cos - out[1] * sin, out[0] * sin + out[1] * cos])
        self.heading += turn
        rot = "ccw" if hand > 0 else "cw"
        return self._file(
            f'<Curve rot="{rot}" radius="{radius / self.unit_m!r}"'
            f' length="{length / self.unit_m!r}">'
            f"{self.point('Start', self.at)}{self.point('Center', centre)}{self.point('End', end)}"
            "</Curve>",
            end,
        )

    def spiral(self, kind: str, length: float, start: float, end: float) -> Pen:
        """Curvatures, left positive."""
        growth = GROWTH[kind]

        def heading(s: float) -> float:
            turned, _ = quad(
                lambda t: start + (end - start) * growth(t / length), 0, s,
                points=[length / 2] if s > length / 2 else None, epsabs=1e-13,
            )  # fmt: skip
            return self.heading + float(turned)

        tip = self.at + np.array(
            [
                quad(lambda t: math.cos(heading(t)), 0, length, epsabs=1e-10)[0],
                quad(lambda t: math.sin(heading(t)), 0, length, epsabs=1e-10)[0],
            ]
        )
        self.heading = heading(length)
        rot = "ccw" if start + end > 0 else "cw"
        radii = [repr(1 / abs(k) / self.unit_m) if k else "INF" for k in (start, end)]
        return self._file(
            f'<Spiral length="{length / self.unit_m!r}" radiusStart="{radii[0]}"'
            f' radiusEnd="{radii[1]}" rot="{rot}" spiType="{kind}">'
            f"{self.point('Start', self.at)}{self.point('PI', self.at)}{self.point('End', tip)}"
            "</Spiral>",
            tip,
        )

    def _file(self, row: str, end: Any) -> Pen:
        self.rows.append(row)
        self.at = np.array(end)
        self.vertices.append(self.at.copy())
        return self

    def document(self, *, units: str = "Metric", linear: str = "meter", crs: str = "25832",
                 extra: str = "", sta: str = "1000") -> str:  # fmt: skip
        system = f'<CoordinateSystem epsgCode="{crs}"/>' if crs else ""
        return f"""<?xml version="1.0" encoding="UTF-8"?>
        <LandXML xmlns="http://www.landxml.org/schema/LandXML-1.2" version="1.2">
        <Units><{units} linearUnit="{linear}"/></Units>{system}
        <Alignments><Alignment name="Achse Ä" length="0" staStart="{sta}">
        <CoordGeom>{"".join(self.rows)}</CoordGeom>{extra}</Alignment></Alignments></LandXML>"""


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def wgs84(xy: Any, crs: str = "EPSG:25832") -> Any:
    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return np.column_stack(transformer.transform(*np.atleast_2d(xy).T))


def apart_m(one: Any, other: Any) -> Any:
    geod = pyproj.Geod(ellps="WGS84")
    return geod.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2]


def ends_of(route: gr.Route) -> Any:
    """Positions of the ends of the kept elements on the drawn line."""
    ruler = lay_ruler(route.lonlat, part_starts=route.part_starts)
    elements = route.extra["design"]["elements"]
    at = [elements[0]["from_m"], *(e["to_m"] for e in elements)]
    index = [int(np.argmin(np.abs(ruler.chainage_m - a))) for a in at]
    return route.lonlat[index]


@pytest.mark.parametrize("kind", list(GROWTH))
def test_every_spiral_by_length_ends_where_it_should(tmp_path: Path, kind: str) -> None:
    pen = Pen().line(200).spiral(kind, 120, 0, 1 / 700).curve(700, 300, 1)
    pen.spiral(kind, 100, 1 / 700, 0).line(50).spiral(kind, 90, 0, -1 / 450).curve(450, 200, -1)
    (route,) = gr.read(put(tmp_path / "a.xml", pen.document()))
    assert not [r for r in route.remarks if r.code == "design.misfit"]
    assert apart_m(ends_of(route), wgs84(pen.vertices)).max() < 1e-3
    elements = route.extra["design"]["elements"]
    assert [e["radius_m"] for e in elements if "radius_m" in e] == [700.0, 450.0]
    assert [e["hand"] for e in elements if "hand" in e] == ["left"] * 3 + ["right"] * 2
    transitions = [e for e in elements if e["kind"] == "transition"]
    assert [(e["radius_from_m"], e["radius_to_m"]) for e in transitions] == [
        (None, 700.0), (700.0, None), (None, 450.0)
    ]  # fmt: skip


def test_compound_and_reverse_curves(tmp_path: Path) -> None:
    pen = (
        Pen()
        .line(100)
        .curve(900, 200, 1)
        .curve(400, 150, 1)
        .spiral("clothoid", 80, 1 / 400, 1 / 250)
    )
    pen.curve(250, 100, 1).spiral("clothoid", 60, 1 / 250, 0).spiral("clothoid", 60, 0, -1 / 300)
    pen.curve(300, 120, -1)
    (route,) = gr.read(put(tmp_path / "a.xml", pen.document()))
    assert not [r for r in route.remarks if r.code == "design.misfit"]
    assert apart_m(ends_of(route), wgs84(pen.vertices)).max() < 1e-3
    radii = [e["radius_m"] for e in route.extra["design"]["elements"] if "radius_m" in e]
    assert radii == [900.0, 400.0, 250.0, 300.0]


@pytest.mark.parametrize("kind", OVER_TANGENT)
def test_curves_over_the_tangent_are_read(tmp_path: Path, kind: str) -> None:
    # Where the file's end is: on the ordinate that the makers of design programs document. The
    # ordinate of the radioid has no closed form, and its end is held in the tests of the axis.
    radius, length = 600.0, 100.0
    if kind == "radioid":
        whole = length * (1 - length**2 / (40 * radius**2))
        y = length**2 / (6 * radius) * (1 - 3 * length**2 / (56 * radius**2))
        slack = 0.02
    else:

        def y_of(x: float, whole: float) -> float:
            a = x / whole
            return {
                "cubic": x**3 / (6 * radius * length),
                "cubicParabola": x**3 / (6 * radius * whole),
                "japaneseCubic": x**3 / (6 * radius * whole),
                "sineHalfWave": whole**2 / radius
                * (a**2 / 4 - (1 - math.cos(a * math.pi)) / (2 * math.pi**2)),
                "biquadraticParabola": x**4 / (6 * radius * whole**2) if a <= 0.5 else
                whole**2 / radius * (a**3 * 2 / 3 - a**4 / 6 - a**2 / 2 + a / 6 - 1 / 48),
            }[kind]  # fmt: skip

        whole = length
        for _ in range(60):
            x = np.linspace(0, whole, 4_001)
            ys = np.array([y_of(v, whole) for v in x.tolist()])
            whole *= length / float(np.hypot(np.diff(x), np.diff(ys)).sum())
        y, slack = y_of(whole, whole), 1e-5
    end = np.array(START) + (whole, y)
    pen = Pen(heading=0.0)
    text = (
        f'<Spiral length="{length}" radiusStart="INF" radiusEnd="{radius}" rot="ccw"'
        f' spiType="{kind}">{pen.point("Start", START)}{pen.point("PI", START)}'
        f"{pen.point('End', end)}</Spiral>"
    )
    pen.rows.append(text)
    (route,) = gr.read(put(tmp_path / "a.xml", pen.document()))
    assert apart_m(route.lonlat[-1:], wgs84([end])).max() < slack
    assert not [r for r in route.remarks if r.code == "design.misfit"]
    assert route.extra["design"]["elements"][0]["radius_to_m"] == radius


@pytest.mark.parametrize(
    "linear,unit_m,crs", [("foot", 0.3048, "25832"), ("USSurveyFoot", 1200 / 3937, "25832")]
)
def test_feet_are_told_from_survey_feet(
    tmp_path: Path, linear: str, unit_m: float, crs: str
) -> None:
    pen = Pen(unit_m).line(100).curve(304.8, 200, 1)
    path = put(tmp_path / "a.xml", pen.document(units="Imperial", linear=linear, crs=crs))
    (route,) = gr.read(path)
    assert apart_m(ends_of(route), wgs84(pen.vertices)).max() < 1e-3
    assert route.extra["design"]["elements"][1]["radius_m"] == pytest.approx(304.8, rel=1e-14)
    assert route.extra["design"]["unit"] == linear


def test_a_grid_in_feet_takes_them_as_they_are(tmp_path: Path) -> None:
    # New York's state plane: origin in survey feet, the false easting is 984,250 of them.
    foot = 1200 / 3937
    text = Pen().document(units="Imperial", linear="USSurveyFoot", crs="2263")
    row = "<Line><Start>200000 984250</Start><End>200000 985250</End></Line>"
    text = text.replace("<CoordGeom>", f"<CoordGeom>{row}")
    (route,) = gr.read(put(tmp_path / "a.xml", text))
    expected = wgs84([(984_250, 200_000), (985_250, 200_000)], "EPSG:2263")
    assert apart_m(route.lonlat[[0, -1]], expected).max() < 1e-3
    assert route.extra["design"]["grid_length_m"] == pytest.approx(1000 * foot)


def test_fitted_radii_agree_with_designed_ones(tmp_path: Path) -> None:
    pen = Pen().line(400).spiral("clothoid", 120, 0, 1 / 700).curve(700, 400, 1)
    pen.spiral("clothoid", 120, 1 / 700, 0).line(300).spiral("clothoid", 90, 0, -1 / 1200)
    pen.curve(1200, 500, -1).spiral("clothoid", 90, -1 / 1200, 0).line(400)
    (route,) = gr.read(put(tmp_path / "a.xml", pen.document()), step_m=10.0)
    alignment = fit_alignment(lay_ruler(route.lonlat))
    scale = route.extra["design"]["grid_scale"]
    held = hold_against_design(alignment, route.extra["design"])
    # What is 700 m in the grid is longer on the ground.
    wanted = [700 / scale, 1200 / scale]
    assert [c.designed_radius_m for c in held] == pytest.approx(wanted, rel=1e-12)
    assert [c.hand for c in held] == ["left", "right"]
    assert len(alignment.curves) == len(held)
    for curve in held:
        assert curve.fitted is not None
        assert curve.difference == pytest.approx(0.0, abs=0.005)
    text = curves_text(route, alignment, source="a.xml")
    assert f"designed   left   R {700 / scale:,.2f} m: fitted" in text
    row = curves_row(route, alignment)
    assert [d["designed_radius_m"] for d in row["design"]] == pytest.approx(wanted)


@pytest.mark.parametrize(
    "design",
    [None, 3, {}, {"elements": 3}, {"elements": [3, {"kind": "circular_curve"}]},
     {"elements": [{"kind": "circular_curve", "from_m": "a", "to_m": 3, "radius_m": 1e400,
                    "hand": "left"}], "grid_scale": "x"}],
)  # fmt: skip
def test_a_member_that_is_no_design_is_passed_over(tmp_path: Path, design: Any) -> None:
    (route,) = gr.read(put(tmp_path / "a.xml", Pen().line(100).curve(500, 300, 1).document()))
    alignment = fit_alignment(lay_ruler(route.lonlat))
    assert hold_against_design(alignment, design) == ()


PROFILE = """<Profile><ProfAlign name="p"><PVI>1000 100</PVI>
<ParaCurve length="100">1200 104</ParaCurve>
<CircCurve radius="20000" length="100">1500 101</CircCurve>
<PVI>1800 107</PVI></ProfAlign></Profile>"""


def test_heights_follow_gradients_and_vertical_curves(tmp_path: Path) -> None:
    pen = Pen().line(800)
    (route,) = gr.read(put(tmp_path / "a.xml", pen.document(extra=PROFILE)), step_m=1.0)
    assert route.height_m is not None
    height = route.height_m
    assert height[0] == 100.0
    assert height[100] == pytest.approx(102.0)
    # A parabola of 100 m between +2 % and -1 %: under its point by 3 % of 100 m over 8.
    assert height[200] == pytest.approx(104 - 0.03 * 100 / 8)
    # A circle of 20 km between -1 % and +2 %: over its point by R (1 / cos of half the turn - 1),
    # square to the line that halves the angle.
    half = (math.atan(0.02) - math.atan(-0.01)) / 2
    middle = (math.atan(0.02) + math.atan(-0.01)) / 2
    rise = 20_000 * (1 / math.cos(half) - 1) * math.cos(middle)
    assert height[500] == pytest.approx(101 + rise, abs=2e-3)
    assert height[800] == 107.0
    first, second = route.extra["design"]["vertical_curves"]
    # R = L / change of gradient of a parabola; the circle's own.
    assert (first["kind"], second["kind"]) == ("crest", "sag")
    assert first["radius_m"] == pytest.approx(100 / 0.03)
    assert first["at_m"] == pytest.approx(200, abs=0.2)
    assert second["radius_m"] == 20_000
    assert second["before_m"] + second["after_m"] == pytest.approx(600, rel=1e-3)


def test_cant_and_stations_are_kept(tmp_path: Path) -> None:
    extra = """<StaEquation staAhead="5000" staBack="1100" staInternal="1100"/>
    <Cant name="c" gauge="1435" rotationPoint="insideRail"><CantStation station="1050"
    appliedCant="120" curvature="cw"/></Cant>"""
    (route,) = gr.read(put(tmp_path / "a.xml", Pen().line(300).document(extra=extra)))
    scale = route.extra["design"]["grid_scale"]
    assert route.gauge_mm == 1435
    (cant,) = route.extra["design"]["cant"]
    assert (cant["applied_cant"], cant["hand"]) == (120.0, "right")
    assert cant["at_m"] == pytest.approx(50 / scale, abs=1e-6)
    (jump,) = route.chainage_breaks
    assert (jump.back_km, jump.ahead_km) == (1.1, 5.0)
    assert jump.at_m == pytest.approx(100 / scale, abs=1e-6)
    assert [p.chainage_km for p in route.km_posts] == [1.0, 5.2]


def test_the_elements_survive_writing_and_reading(tmp_path: Path) -> None:
    pen = Pen().line(100).spiral("bloss", 90, 0, -1 / 450).curve(450, 200, -1)
    routes = gr.read(put(tmp_path / "a.xml", pen.document()))
    gr.write(routes, tmp_path / "a.geojson")
    (again,) = gr.read(tmp_path / "a.geojson")
    kept = again.extra["design"]
    assert json.loads(json.dumps(kept)) == json.loads(json.dumps(dict(routes[0].extra["design"])))


def test_a_design_that_does_not_fit_together_is_said(tmp_path: Path) -> None:
    text = (
        Pen().line(100).curve(450, 200, -1).document().replace('radius="450.0"', 'radius="460.0"')
    )
    (route,) = gr.read(put(tmp_path / "a.xml", text))
    assert any("other than its length" in r.message for r in route.remarks)
    kinked = Pen().line(100)
    kinked.heading += 0.1
    (route,) = gr.read(put(tmp_path / "b.xml", kinked.line(100).document()))
    assert any("at an angle of 5.730 degrees" in r.message for r in route.remarks)


@pytest.mark.parametrize(
    "old,new,said",
    [
        ('linearUnit="meter"', 'linearUnit="rod"', "not known"),
        ('<Metric linearUnit="meter"/>', "", "metres or feet"),
        ('rot="ccw"', "", "without rot"),
        ('spiType="clothoid"', 'spiType="spline"', "formula is not known"),
        ('length="120.0"', 'length="x"', "no number"),
        ('radius="700.0"', 'radius="0"', "radius 0"),
        ("<End>", "<End>north ", "no number"),
        ("CoordGeom>", "Other>", "CoordGeom"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    pen = Pen().line(200).spiral("clothoid", 120, 0, 1 / 700).curve(700, 300, 1)
    text = pen.document()
    assert old in text
    with pytest.raises(MalformedFile, match=said):
        gr.read(put(tmp_path / "a.xml", text.replace(old, new)))


def test_the_grid_is_asked_for_and_the_alignment_chosen(tmp_path: Path) -> None:
    path = put(tmp_path / "a.xml", Pen().line(200).document(crs=""))
    with pytest.raises(UnknownCrs) as caught:
        gr.read(path)
    assert "--crs" in caught.value.remedy
    assert gr.read(path, crs="EPSG:25832", alignment="Achse Ä")[0].name == "Achse Ä"
    with pytest.raises(UnusableInput, match="has no alignment"):
        gr.read(path, crs="EPSG:25832", alignment="Achse B")
    with pytest.raises(UnknownCrs, match="plane"):
        gr.read(path, crs="EPSG:4326")


@pytest.mark.parametrize(
    "body,said",
    [
        ('<Curve rot="cw" radius="1"><Start>0 0</Start><End>0 9</End></Curve>', "apart"),
        ("<Line><Start>0 0</Start><End>0 1e300</End></Line>", "length 1e"),
        (
            (
                '<Spiral length="9" radiusStart="INF" radiusEnd="1e-9" rot="cw" spiType="bloss">'
                "<Start>0 0</Start><PI>0 5</PI><End>0 9</End></Spiral>"
            ),
            "turns more than a thousand",
        ),
        ('<Curve rot="cw" radius="1e-30"><Start>0 0</Start><End>0 1e-30</End></Curve>', "."),
    ],
)
def test_sizes_that_are_none_are_sentences(tmp_path: Path, body: str, said: str) -> None:
    text = Pen().document().replace("<CoordGeom>", f"<CoordGeom>{body}")
    with pytest.raises(GeoRoutesError, match=said):
        gr.read(put(tmp_path / "a.xml", text))


def test_a_step_that_is_too_fine_is_a_sentence(tmp_path: Path) -> None:
    path = put(tmp_path / "a.xml", Pen().line(2_000_000).document())
    with pytest.raises(InvalidNoun, match="more than 10,000,000"):
        gr.read(path, step_m=0.01)


def test_a_whole_circle_lies_about_its_centre(tmp_path: Path) -> None:
    row = """<Curve rot="ccw" radius="100" length="628.318530717958647">
    <Start>5400000 500100</Start>
    <Center>5400000 500000</Center><End>5400000 500100</End></Curve>"""
    text = Pen().document().replace("<CoordGeom>", f"<CoordGeom>{row}")
    (route,) = gr.read(put(tmp_path / "a.xml", text), step_m=157.0796326794896619)
    around = [(500_100, 5.4e6), (500_000, 5_400_100), (499_900, 5.4e6), (500_000, 5_399_900)]
    quarters = wgs84(around)
    assert apart_m(route.lonlat[:4], quarters).max() < 1e-3


def test_without_a_centre_the_length_tells_which_arc_is_meant(tmp_path: Path) -> None:
    row = """<Curve rot="ccw" radius="100"{}><Start>5400000 500100</Start>
    <End>5399900 500000</End></Curve>"""
    document = Pen().document()
    for said, length in (("", 50 * math.pi), (' length="471.2389"', 150 * math.pi)):
        text = document.replace("<CoordGeom>", f"<CoordGeom>{row.format(said)}")
        (route,) = gr.read(put(tmp_path / "a.xml", text))
        assert route.extra["design"]["grid_length_m"] == pytest.approx(length)


def test_a_second_equation_counts_on_from_the_first(tmp_path: Path) -> None:
    extra = """<StaEquation staAhead="2500" staBack="2000"/>
    <StaEquation staAhead="9000" staBack="3500"/>"""
    (route,) = gr.read(put(tmp_path / "a.xml", Pen().line(4000).document(extra=extra)))
    scale = route.extra["design"]["grid_scale"]
    assert [b.at_m * scale for b in route.chainage_breaks] == pytest.approx([1000, 2000], abs=1e-3)


def test_an_alignment_without_elements_bars_no_other(tmp_path: Path) -> None:
    empty = '<Alignment name="{}"><CoordGeom/></Alignment>'
    text = Pen().line(200).document()
    text = text.replace("<Alignments>", f"<Alignments>{empty.format('leer')}")
    text = text.replace("</Alignments>", '<Alignment name="bar"/></Alignments>')
    (route,) = gr.read(put(tmp_path / "a.xml", text))
    assert route.name == "Achse Ä"
    said = [r.message for r in route.remarks if r.code == "gis.lost"]
    assert said == ["2 alignments have no elements, left out: leer, bar"]
    assert len(gr.read(tmp_path / "a.xml", alignment="Achse Ä")[0].lonlat) == 2
    with pytest.raises(MalformedFile, match="without elements"):
        gr.read(tmp_path / "a.xml", alignment="leer")
    with pytest.raises(MalformedFile, match="without an alignment that has elements"):
        gr.read(put(tmp_path / "b.xml", Pen().document()))


def test_what_lies_outside_of_the_design_is_left_out_and_said(tmp_path: Path) -> None:
    extra = """<StaEquation staAhead="5000" staBack="1100"/>
    <StaEquation staAhead="1" staBack="9000"/>
    <Cant name="c" gauge="1435"><CantStation station="900" appliedCant="1"/>
    <CantStation station="1050" appliedCant="120"/><CantStation station="1e308" appliedCant="2"/>
    </Cant>"""
    (route,) = gr.read(put(tmp_path / "a.xml", Pen().line(300).document(extra=extra)))
    assert [c["applied_cant"] for c in route.extra["design"]["cant"]] == [120.0]
    assert [b.ahead_km for b in route.chainage_breaks] == [5.0]
    # 200 m are left behind the one break that is there.
    assert [p.chainage_km for p in route.km_posts] == [1.0, 5.2]
    assert [r.message for r in route.remarks if r.code == "gis.lost"] == [
        "station equations before the start or past the end of the design, left out: 1",
        "cant before the start or past the end of the design, left out: 2",
    ]
