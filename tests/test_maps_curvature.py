"""Curvature as a colour of the map: the runs, their classes of radii, and what is told of each."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import folium
import numpy as np
import pytest
from pyproj import Geod

from geo_routes.alignment import Alignment, Element, fit_alignment
from geo_routes.curvature import Curvature
from geo_routes.errors import InvalidNoun
from geo_routes.maps import RouteLayer, draw
from geo_routes.maps.elements import element_spans, element_style, radius_classes
from geo_routes.maps.payload import page_data
from geo_routes.maps.words import LANGUAGES, words_in
from geo_routes.model import FloatArray, Route
from geo_routes.styles import CURVE_COLOURS, ELEMENT_STYLES, curve_strokes
from geo_routes.survey import Survey, measure

GEOD = Geod(ellps="WGS84")
# Straight, a circle of 900 m to the left, straight, one of 2,500 m to the right, straight.
LINE = ((2_000, 0.0), (1_000, 1 / 900), (1_500, 0.0), (1_500, -1 / 2_500), (2_000, 0.0))
NOTHING = Curvature(
    chainage_m=np.zeros(0),
    curvature_per_m=np.zeros(0),
    sd_per_m=np.zeros(0),
    width_m=np.zeros(0),
)


def drawn(
    elements: Sequence[tuple[float, float]] = LINE, *, start: tuple[float, float] = (9.0, 48.0)
) -> FloatArray:
    """Draw lengths of constant curvature by geodesics of 20 m."""
    rows, (lon, lat), azimuth = [start], start, 40.0
    for length_m, curvature in elements:
        for _ in range(round(length_m / 20)):
            turn = np.degrees(curvature * 20) / 2
            lon, lat, back = GEOD.fwd(lon, lat, azimuth - turn, 20.0)
            azimuth = back + 180 - turn
            rows.append((lon, lat))
    return np.array(rows)


def survey(lonlat: FloatArray | None = None, **members: Any) -> Survey:
    line = drawn() if lonlat is None else lonlat
    route = Route(lonlat=line, **{"name": "Line", **members})
    return measure(route, figures=("length", "sections", "structures"))


def data_of(*surveys: Survey, **options: Any) -> dict[str, Any]:
    return page_data(surveys, title=None, language="en", **{"colour": "curvature", **options})


def decoded(steps: list[int]) -> FloatArray:
    return np.cumsum(np.array(steps).reshape(-1, 2), axis=0)


def curve(radius_m: float, *, status: str = "measured", from_m: float = 0.0) -> Element:
    k = 1 / radius_m
    ends: dict[str, Any] = {"curvature_from_per_m": k, "curvature_to_per_m": k, "status": status}
    return Element(
        kind="circular_curve", from_m=from_m, to_m=from_m + 50, radius_m=radius_m, **ends
    )


def chain(*elements: Element) -> Alignment:
    return Alignment(elements=elements, curvature=NOTHING, sigma_m=None)


def test_the_runs_are_those_of_the_alignment() -> None:
    mine = survey()
    data = data_of(mine)
    route = data["routes"][0]
    fitted = fit_alignment(mine.ruler)
    assert [run["element"] for run in route["runs"]] == list(range(len(fitted.elements)))
    for row, element in zip(route["elements"], fitted.elements, strict=True):
        assert row["kind"] == element.kind
        assert row["hand"] == element.hand
        assert row["from_m"] == pytest.approx(element.from_m, abs=0.051)
        assert row["to_m"] == pytest.approx(element.to_m, abs=0.051)
        assert row["status"] == element.status
    long = [row for row in route["elements"] if row.get("radius_m") and
            row["to_m"] - row["from_m"] > 500]  # fmt: skip
    assert [row["radius_m"] for row in long] == pytest.approx([900, 2_500], rel=0.01)
    assert [row["hand"] for row in long] == ["left", "right"]
    for row in long:
        assert row["low_m"] <= row["radius_m"] <= row["high_m"]
    turned = np.degrees([1_000 / 900, 1_500 / 2_500])
    assert [row["turn_deg"] for row in long] == pytest.approx(turned, rel=0.02)


def test_the_runs_lie_where_the_elements_are() -> None:
    mine = survey()
    route = data_of(mine)["routes"][0]
    lines = [decoded(run["line"]) * 1e-6 for run in route["runs"]]
    for one, other in pairwise(lines):
        assert one[-1].tolist() == other[0].tolist()
    assert lines[0][0] == pytest.approx(mine.route.lonlat[0], abs=1e-6)
    assert lines[-1][-1] == pytest.approx(mine.route.lonlat[-1], abs=1e-6)
    for line, run in zip(lines, route["runs"], strict=True):
        row = route["elements"][run["element"]]
        length_m = GEOD.line_length(line[:, 0], line[:, 1])
        assert length_m == pytest.approx(row["to_m"] - row["from_m"], abs=0.6)


def test_the_legend_tells_every_style_and_its_classes_hold_the_radii() -> None:
    data = data_of(survey())
    used = {run["kind"] for route in data["routes"] for run in route["runs"]}
    assert used <= set(data["styles"])
    told = {row["kind"] for row in data["legend"]}
    assert {kind.removesuffix("-uncertain") for kind in used} <= told
    bounds = {row["kind"]: row["radius"] for row in data["legend"] if "radius" in row}
    route = data["routes"][0]
    for run in route["runs"]:
        if run["kind"] in bounds:
            radius_m = route["elements"][run["element"]]["radius_m"]
            ends = bounds[run["kind"]]
            assert (ends["from_m"] or 0) <= radius_m < (ends["to_m"] or np.inf)


@pytest.mark.parametrize(
    "radii",
    [
        (18, 25, 60, 120, 300, 900),
        (2_850, 2_990, 3_000, 3_500, 4_480, 5_970),
        (1_290, 2_260, 4_500, 7_990),
        (18, 900, 25_000),
        (300,),
        (3, 1e7),
    ],
)
def test_classes_suit_the_radii(radii: tuple[float, ...]) -> None:
    classes = radius_classes([chain(*(curve(r) for r in radii))])
    assert 1 <= len(classes) <= 6
    for one, other in pairwise(classes):
        assert one.to_m == other.from_m
    for radius_m in radii:
        number = int(element_style(curve(radius_m), classes).removeprefix("curve-"))
        assert (classes[number].from_m or 0) <= radius_m
        assert radius_m < (classes[number].to_m or np.inf)


def test_curves_of_one_design_are_in_one_class() -> None:
    # The ruling radii that lines are built with, each as measured a hundredth off.
    tram = (20, 25, 30, 40, 50, 80, 100, 120, 150)
    rail = (180, 190, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 900, 1_000, 1_200, 1_300)
    fast = (1_400, 1_500, 2_000, 2_500, 2_600, 3_000, 3_500, 4_000, 4_500, 5_000, 5_500, 6_000)
    for radius_m in (*tram, *rail, *fast, 7_000, 8_000, 9_000, 10_000):
        others = (curve(radius_m * 0.7), curve(radius_m * 1.4))
        classes = radius_classes([chain(curve(radius_m), *others)])
        near = {element_style(curve(radius_m * s), classes) for s in (0.99, 1.0, 1.01)}
        assert len(near) == 1, radius_m


def test_classes_follow_what_is_measured() -> None:
    uncertain = curve(30.0, status="uncertain")
    wide = curve(90_000.0, status="uncertain")
    unresolved = curve(7.0, status="unresolved")
    classes = radius_classes([None, chain(curve(3_000.0), uncertain, unresolved, wide)])
    assert len(classes) == 1
    assert (classes[0].from_m, classes[0].to_m) == (None, None)
    assert element_style(uncertain, classes) == "curve-0-uncertain"
    assert element_style(unresolved, classes) == "unresolved"
    assert radius_classes([chain(unresolved)]) == ()
    assert radius_classes([]) == ()


def test_a_part_is_covered_without_gap_or_overlap() -> None:
    chained = chain(
        Element(kind="tangent", from_m=100.0, to_m=200.0),
        Element(kind="tangent", from_m=200.0, to_m=300.0),
        Element(kind="tangent", from_m=350.0, to_m=400.0),
    )
    spans = element_spans(chained, 150.0, 500.0, classes=())
    assert [(low, high, told["element"]) for low, high, told in spans] == [
        (150.0, 200.0, 0),
        (200.0, 300.0, 1),
        (300.0, 350.0, None),
        (350.0, 400.0, 2),
        (400.0, 500.0, None),
    ]
    assert {told["kind"] for _, _, told in spans} == {"tangent", "untold"}


def test_few_vertices_and_sketches_tell_nothing() -> None:
    few = data_of(survey(drawn()[:3]))
    assert [run["kind"] for run in few["routes"][0]["runs"]] == ["untold"]
    assert [row["kind"] for row in few["legend"]] == ["untold"]
    sketch = data_of(survey(geometry_kind="sketch"))
    assert [run["kind"] for run in sketch["routes"][0]["runs"]] == ["sketch"]
    assert sketch["routes"][0]["elements"] == []
    assert [row["kind"] for row in sketch["legend"]] == ["sketch"]


def test_parts_keep_to_themselves() -> None:
    first, second = drawn(), drawn(start=(9.5, 48.5))
    mine = survey(np.vstack((first, second)), part_starts=(0, len(first)))
    route = data_of(mine)["routes"][0]
    ends = [decoded(run["line"])[[0, -1]] * 1e-6 for run in route["runs"]]
    jumps = [not np.allclose(a[1], b[0]) for a, b in pairwise(ends)]
    assert sum(jumps) == 1


def test_it_is_asked_for() -> None:
    plain = page_data([survey()], title=None, language="en")
    assert plain == data_of(survey(), colour="structure")
    assert "elements" not in plain["routes"][0]
    assert [row["kind"] for row in plain["legend"]] == list(plain["styles"])
    with pytest.raises(InvalidNoun, match="rainbow"):
        draw(survey(), colour="rainbow")  # type: ignore[arg-type]


def test_the_page_is_the_same_each_time_and_not_much_heavier() -> None:
    mine = survey()
    page = draw(mine, colour="curvature").page()
    assert page == draw(mine, colour="curvature").page()
    rows = len(data_of(mine)["routes"][0]["elements"])
    assert len(page) - len(draw(mine).page()) < 4_000 + 500 * rows


def test_a_layer_on_a_folium_map_has_it_too() -> None:
    layer = RouteLayer(survey(), colour="curvature")
    data = json.loads(base64.b64decode(layer.encoded))
    assert data["colour"] == "curvature"
    assert data["legend"]
    mine = folium.Map()
    layer.add_to(mine)
    assert layer.encoded in mine.get_root().render()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_words(language: str) -> None:
    words = words_in(language)["elements"]
    assert set(words) == set(words_in("en")["elements"])
    assert set(ELEMENT_STYLES) <= set(words)
    kinds = {"tangent", "transition", "circular_curve", "left", "right", "measured", "uncertain"}
    assert kinds <= set(words)
    assert all(words.values())


def _luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_the_colours_keep_their_order_in_grey_and_stand_out_from_the_land() -> None:
    # Lightness of CIE L*: grey print and each kind of colour blindness leave it nearly alone.
    lightness = [116 * np.cbrt(_luminance(c)) - 16 for c in CURVE_COLOURS]
    assert np.all(np.diff(lightness) > 12)
    for land in ("#f4f1ea", "#dbd7ce"):
        for strokes in (*ELEMENT_STYLES.values(), *(curve_strokes(p) for p in (0, 0.5, 1))):
            outer = _luminance(strokes[0].colour)
            # WCAG 1.4.11: 3 to 1 for what a graphic needs to be understood.
            assert (_luminance(land) + 0.05) / (outer + 0.05) >= 3
    widths = [curve_strokes(place)[-1].width for place in np.linspace(0, 1, 6)]
    assert widths == sorted(widths, reverse=True)
    assert curve_strokes(0.5, certain=False)[-1].dash
