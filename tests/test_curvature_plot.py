"""Curvature over chainage as SVG: what is drawn maps back to what was measured."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from pyproj import Geod

from geo_routes.alignment import Alignment, Element, fit_alignment
from geo_routes.chainage import lay_ruler
from geo_routes.curvature import Curvature
from geo_routes.errors import visible
from geo_routes.model import FloatArray, Route, Station
from geo_routes.report import PlottedRoute, curvature_svg
from geo_routes.report.plot_axes import (
    Room,
    chainage_ticks,
    curvature_ticks,
    radius_ticks,
    thin,
)
from geo_routes.survey import measure

GEOD = Geod(ellps="WGS84")
SVG = "{http://www.w3.org/2000/svg}"
RADIUS_M = 900.0
# Straight for 2 km, a kilometre of a circle to the left, straight for 2 km.
LEFT_BEND = ((2_000, 0.0), (1_000, 1 / RADIUS_M), (2_000, 0.0))

HOSTILE = (
    "</text></svg><script>window.PWN=1</script>",
    "<!-- ]]> &lt;b&gt;&amp;",
    "\"' onload='window.PWN=1",
    "{{7*7}} ${1}",
    "\x00\x07\x1b[31m\x7f\ufeff\ufffe\uffff",
    "\ud800 alone",
    "\u202eetisoppo\u202c \u05d0\u05d1",
    "中央 🚄",
)


def drawn(
    elements: Sequence[tuple[float, float]],
    *,
    start: tuple[float, float] = (9.0, 48.0),
    azimuth: float = 40.0,
) -> FloatArray:
    """Draw lengths of constant curvature by geodesics of 20 m, whose chords turn half and half."""
    rows, (lon, lat) = [start], start
    for length_m, curvature in elements:
        for _ in range(round(length_m / 20)):
            turn = np.degrees(curvature * 20) / 2
            lon, lat, back = GEOD.fwd(lon, lat, azimuth - turn, 20.0)
            azimuth = back + 180 - turn
            rows.append((lon, lat))
    return np.array(rows)


def panel(lonlat: FloatArray, **members: Any) -> PlottedRoute:
    route = Route(lonlat=lonlat, **{"name": "Line", **members})
    alignment = None
    if route.geometry_kind != "sketch":
        alignment = fit_alignment(lay_ruler(route.lonlat, part_starts=route.part_starts))
    stations = measure(route, figures=("sections",)).stations
    return PlottedRoute(route=route, alignment=alignment, stations=stations)


def parsed(*panels: PlottedRoute, **options: Any) -> ET.Element:
    return ET.fromstring(curvature_svg(panels, **options))  # noqa: S314 - our own text


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [e for e in root.iter() if name == e.get("class")]


def frame_of(root: ET.Element) -> ET.Element:
    """Give the panel alone, without the legend above it."""
    found = next(e for e in root.iter(f"{SVG}g") if e.get("id") == "route-1")
    assert found is not None
    return found


class Axes:
    """The way back from the drawing, as a reader goes it: by the numbers at the ticks."""

    def __init__(self, root: ET.Element) -> None:
        along = [
            (float(e.get("x", "")), float((e.text or "").replace(",", "")))
            for e in of_class(root, "chainage")
        ]
        ticks, kilometres = np.array(along).T
        self._along = np.polyfit(ticks, kilometres, 1)
        rows = of_class(root, "tick-radius")
        zero = next(float(e.get("y", "")) for e in rows if e.text == "straight")
        across = [(zero, 0.0)]
        for e in rows:
            y, text = float(e.get("y", "")), e.text or ""
            if text != "straight":
                radius_m = float(text.removeprefix("R ").removesuffix(" m").replace(",", ""))
                across.append((y, np.sign(zero - y) / radius_m))
        places, curvatures = np.array(across).T
        # Labels stand 4 pixels below their ticks.
        self._across = np.polyfit(places - 4, curvatures, 1)

    def back(self, points: str) -> FloatArray:
        """Points of the drawing → (n, 2) chainage in m and curvature in 1/m."""
        numbers = np.array(re.findall(r"-?[\d.]+", points), dtype=np.float64).reshape(-1, 2)
        along = np.polyval(self._along, numbers[:, 0]) * 1000
        return np.column_stack((along, np.polyval(self._across, numbers[:, 1])))


@pytest.mark.parametrize("side", [1, -1])
def test_the_drawing_maps_back_to_the_circle(side: int) -> None:
    line = panel(drawn([(length, side * k) for length, k in LEFT_BEND]))
    root = parsed(line)
    axes = Axes(root)
    smooth = axes.back(of_class(frame_of(root), "smooth")[0].get("points", ""))
    inside = smooth[(smooth[:, 0] > 2_300) & (smooth[:, 0] < 2_700), 1]
    assert len(inside) > 5
    assert np.median(inside) == pytest.approx(side / RADIUS_M, rel=0.02)
    outside = smooth[(smooth[:, 0] < 1_500) | (smooth[:, 0] > 3_500), 1]
    assert np.max(np.abs(outside)) < 0.05 / RADIUS_M


def test_the_fitted_elements_are_drawn_from_end_to_end() -> None:
    line = panel(drawn(LEFT_BEND))
    assert line.alignment is not None
    root = parsed(line)
    axes = Axes(root)
    path = "".join(
        e.get("d", "")
        for status in ("measured", "uncertain", "unresolved")
        for e in of_class(frame_of(root), f"fitted {status}")
    )
    # Upright steps have one figure less; elements are the pieces with an L.
    pieces = axes.back(" ".join(p for p in path.split("M") if "L" in p)).reshape(-1, 4)
    expected = np.array(
        [
            (e.from_m, e.curvature_from_per_m, e.to_m, e.curvature_to_per_m)
            for e in line.alignment.elements
        ]
    )
    order = np.argsort(pieces[:, 0], kind="stable")
    # A tenth of a pixel is half a metre here.
    assert np.allclose(pieces[order][:, ::2], expected[:, ::2], atol=0.6)
    assert np.allclose(pieces[order][:, 1::2], expected[:, 1::2], atol=4e-7)
    curve = max(line.alignment.curves, key=lambda e: e.length_m)
    label = of_class(root, "radius")[0].text or ""
    assert float(label.removeprefix("R ").replace(",", "")) == pytest.approx(RADIUS_M, rel=0.01)
    assert curve.radius_m == pytest.approx(RADIUS_M, rel=0.01)


def test_the_band_lies_around_the_curve_by_two_standard_deviations() -> None:
    line = panel(drawn(LEFT_BEND))
    assert line.alignment is not None
    kept = line.alignment.curvature
    root = parsed(line)
    band = Axes(root).back(of_class(frame_of(root), "band")[0].get("points", ""))
    upper, lower = np.split(band, 2)
    assert np.allclose(upper[:, 0], kept.chainage_m, atol=0.6)
    half = (upper[:, 1] - lower[::-1, 1]) / 2
    assert np.allclose(half, 1.96 * kept.sd_per_m, atol=3e-7)


def _made(curvature: FloatArray, *elements: Element) -> PlottedRoute:
    """Give a line of 5 km with any curvature that one likes."""
    route = Route(lonlat=drawn(((5_000, 0.0),)), name="Made")
    length_m = lay_ruler(route.lonlat).length_m
    rows = len(curvature)
    return PlottedRoute(
        route=route,
        alignment=Alignment(
            elements=elements or (Element(kind="tangent", from_m=0.0, to_m=length_m),),
            curvature=Curvature(
                chainage_m=np.linspace(0, length_m, rows),
                curvature_per_m=curvature,
                sd_per_m=np.full(rows, 1e-5),
                width_m=np.full(rows, 50.0),
            ),
            sigma_m=0.1,
        ),
    )


def test_a_long_line_is_thinned_without_losing_a_peak() -> None:
    values = np.random.default_rng(5).normal(0, 1e-4, 200_000)
    values[123_456], values[77_777] = 1e-3, -2e-3
    text = curvature_svg([_made(values)])
    assert len(text) < 120_000
    root = ET.fromstring(text)  # noqa: S314 - our own text
    points = Axes(root).back(of_class(frame_of(root), "smooth")[0].get("points", ""))
    assert 1_900 <= len(points) <= 2_100
    assert points[:, 1].max() == pytest.approx(1e-3, rel=0.01)
    assert points[:, 1].min() == pytest.approx(-2e-3, rel=0.01)
    assert np.all(np.diff(points[:, 0]) >= -1e-6)


def test_thinning_keeps_the_lowest_and_the_highest_of_each_bin() -> None:
    rng = np.random.default_rng(8)
    places, values = np.sort(rng.uniform(0, 10, 5_000)), rng.normal(size=5_000)
    bins = np.arange(1.0, 10.0)
    kept = thin(places, values, bins=bins)
    assert kept[0] == 0
    assert kept[-1] == 4_999
    for low in range(10):
        mine = (places >= low) & (places < low + 1)
        chosen = values[kept][(places[kept] >= low) & (places[kept] < low + 1)]
        assert chosen.min() == values[mine].min()
        assert chosen.max() == values[mine].max()
    assert len(kept) <= 22
    few = np.arange(0.0, 10.0, 0.5)
    assert thin(few, np.sin(few), bins=bins).tolist() == list(range(20))


def test_what_is_not_known_leaves_a_gap() -> None:
    values = np.full(101, 1e-3)
    values[40:61] = np.nan
    root = parsed(_made(values))
    axes = Axes(root)
    lines = [axes.back(e.get("points", "")) for e in of_class(frame_of(root), "smooth")]
    assert len(lines) == len(of_class(frame_of(root), "band")) == 2
    assert lines[0][-1, 0] == pytest.approx(39 * 50, abs=2)
    assert lines[1][0, 0] == pytest.approx(61 * 50, abs=2)


def test_a_line_of_many_elements_gets_a_wider_picture() -> None:
    edges = np.linspace(0, 4_990, 301).tolist()
    many = [Element(kind="tangent", from_m=a, to_m=b) for a, b in pairwise(edges)]
    wide = parsed(_made(np.zeros(50), *many))
    assert float(wide.get("width", "")) == 2_400
    ends = [float(e.get("x", "")) for e in of_class(wide, "tick-radius")]
    assert 2_200 < max(ends) < 2_400
    assert parsed(_made(np.zeros(50))).get("width") == "1200"


def test_parts_that_do_not_join_are_parted() -> None:
    first = drawn(LEFT_BEND)
    second = drawn(LEFT_BEND, start=(9.3, 48.3))
    both = np.vstack((first, second))
    root = parsed(panel(both, part_starts=(0, len(first))))
    axes = Axes(root)
    lines = [axes.back(e.get("points", "")) for e in of_class(frame_of(root), "smooth")]
    assert len(lines) == 2
    assert lines[0][-1, 0] == pytest.approx(5_000, abs=5)
    assert lines[1][0, 0] == pytest.approx(5_000, abs=5)
    gap = of_class(frame_of(root), "gap")
    assert len(gap) == 1
    few = np.vstack((first, [[9.3, 48.3], [9.31, 48.3], [9.32, 48.3]]))
    root = parsed(panel(few, part_starts=(0, len(first))))
    lines = [axes.back(e.get("points", "")) for e in of_class(frame_of(root), "smooth")]
    assert len(lines) == 1


def test_what_is_not_sure_is_drawn_as_such() -> None:
    bend: dict[str, Any] = {"kind": "circular_curve", "from_m": 1_000.0, "to_m": 2_000.0}
    curve: dict[str, Any] = {"curvature_from_per_m": 1e-3, "curvature_to_per_m": 1e-3}
    for status in ("uncertain", "unresolved"):
        element = Element(**bend, **curve, radius_m=1_000.0, status=status)
        after = Element(kind="tangent", from_m=2_000.0, to_m=5_000.0)
        root = parsed(_made(np.full(50, 5e-4), element, after))
        mine = of_class(frame_of(root), f"fitted {status}")
        # The step down to the tangent is no surer than the curve.
        assert [e.get("d", "").count("M") for e in mine] == [2]
        assert len(of_class(frame_of(root), "fitted measured")) == 1
        labels = [e.text for e in of_class(root, "radius")]
        assert labels == (["(R 1,000)"] if status == "uncertain" else [])


def test_a_misplaced_vertex_does_not_hide_the_curves() -> None:
    values = np.full(501, 1e-3)
    values[250] = 0.2
    curve = Element(
        kind="circular_curve", from_m=0.0, to_m=4_990.0, radius_m=1_000.0,
        curvature_from_per_m=1e-3, curvature_to_per_m=1e-3,
    )  # fmt: skip
    root = parsed(_made(values, curve))
    heights = [float(e.get("y", "")) for e in of_class(root, "tick-radius")]
    at = {e.text: float(e.get("y", "")) for e in of_class(root, "tick-radius")}
    assert at["straight"] - at["R 1,000 m"] > 0.4 * (max(heights) - min(heights))
    assert "cut off" in (of_class(root, "quiet")[0].text or "")


@pytest.mark.parametrize("text", HOSTILE)
def test_names_stay_text(text: str) -> None:
    ends = drawn(((2_000, 0.0),))
    stations = (Station(lonlat=tuple(ends[0]), name=text), Station(lonlat=tuple(ends[-1])))
    root = parsed(panel(ends, name=text, stations=stations))
    like = parsed(panel(ends, name="plain", stations=(Station(lonlat=tuple(ends[0]), name="p"),
                                                      stations[1])))  # fmt: skip
    assert [(e.tag, sorted(e.attrib)) for e in root.iter()] == [
        (e.tag, sorted(e.attrib)) for e in like.iter()
    ]
    shown = visible(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    shown = re.sub("[\ud800-\udfff]", "\ufffd", shown)
    assert of_class(root, "name")[0].text == shown
    assert of_class(root, "station-name")[0].text == shown


def test_the_document_says_what_it_shows() -> None:
    root = parsed(panel(drawn(LEFT_BEND), name="Line"))
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert title.text == "Curvature along Line"
    assert "1 circular curve" in (desc.text or "")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert not [e for e in root.iter() if any(k.endswith("href") for k in e.attrib)]


def test_the_same_routes_give_the_same_bytes() -> None:
    two = [panel(drawn(LEFT_BEND)), panel(drawn(((500, 0.0),)))]
    assert curvature_svg(two) == curvature_svg(two)
    assert len([e for e in parsed(*two).iter(f"{SVG}g") if e.get("id")]) == 2


@pytest.mark.parametrize(
    "line,reason",
    [
        (panel(drawn(LEFT_BEND), geometry_kind="sketch"), "sketch"),
        (panel(drawn(LEFT_BEND)[:3]), "fewer than five vertices"),
        (panel(np.array([[9.0, 48.0]] * 6)), "fewer than five vertices"),
    ],
)
def test_where_nothing_can_be_told_a_panel_says_why(line: PlottedRoute, reason: str) -> None:
    root = parsed(line)
    assert reason in (of_class(root, "quiet")[0].text or "")
    assert of_class(root, "smooth") == []


def test_a_straight_line_looks_straight() -> None:
    root = parsed(panel(drawn(((5_000, 0.0),))))
    smooth = of_class(frame_of(root), "smooth")[0].get("points", "")
    heights = [float(point.split(",")[1]) for point in smooth.split()]
    assert max(heights) - min(heights) < 20


def test_ticks_are_round_and_have_room() -> None:
    ticks = chainage_ticks(29_902, most=12, units="km", stationing="12.345")
    assert ticks[:3] == [(0.0, "0"), (5_000.0, "5"), (10_000.0, "10")]
    assert chainage_ticks(2_881, most=12, units="km", stationing="12+345")[1][1] == "0+500"
    assert chainage_ticks(850, most=12, units="km", stationing="12.345")[1] == (100.0, "0.1")
    miles = chainage_ticks(16_093.44, most=12, units="mi", stationing="12.345")
    assert (miles[-1][0], miles[-1][1]) == (pytest.approx(16_093.44), "10")
    radii = radius_ticks(-1 / 300, 1 / 300, place=lambda k: k * 30_000, apart=10)
    assert radii == sorted(radii)
    assert np.diff([k * 30_000 for k in radii]).min() >= 10
    assert {0.0, 1 / 500, -1 / 500, 1 / 1_000} <= set(radii)
    assert curvature_ticks(-0.001, 0.0025, most=8) == pytest.approx(np.arange(-2, 6) * 0.0005)


def test_labels_do_not_cover_each_other() -> None:
    room = Room(left=0, right=100)
    assert room.take(5, 0, 20, 10) == 10
    assert room.take(15, 0, 20, 10) is None
    assert room.take(15, 10, 20, 10) == 15
    assert room.take(50, 0, 200, 10) is None
