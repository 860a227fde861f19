"""The lines of a map page: what is drawn lies where the route lies, to half a pixel."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely

from geo_routes.maps import draw
from geo_routes.model import Declared, FloatArray, Route, Station, Structure
from geo_routes.survey import Survey, measure


def _survey(lonlat: Sequence[Sequence[float]] | FloatArray, **members: Any) -> Survey:
    route = Route(lonlat=np.asarray(lonlat, dtype=np.float64), **members)
    return measure(route, figures=("length", "sections", "structures"))


def _wave(vertices: int, *, west: float = 138.0, south: float = 35.0) -> FloatArray:
    """Give a line with bends of all sizes, some 111 km long."""
    along = np.linspace(0, 1, vertices)
    across = 0.02 * np.sin(40 * along) + 0.0004 * np.sin(3000 * along)
    return np.column_stack((west + along, south + across))


def _data(page: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        pytest.fail(f"{constant} is no JSON")

    block = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert len(block) == 1
    data: dict[str, Any] = json.loads(block[0], parse_constant=refuse)
    return data


def _lines(data: dict[str, Any], route: int = 0) -> list[FloatArray]:
    """Decode the drawn pieces of a route as the page does."""
    return [
        np.cumsum(np.reshape(run["line"], (-1, 2)), axis=0) * data["unit_deg"]
        for run in data["routes"][route]["runs"]
    ]


def test_the_drawn_line_is_within_half_a_pixel_of_the_true_one() -> None:
    survey = _survey(_wave(20_000))
    data = _data(draw([survey]).page())
    (drawn,) = _lines(data)
    assert 1_000 < len(drawn) <= 20_000
    # Spherical Web Mercator, 256 pixels at zoom 0 (EPSG:3857).
    zoom = data["deepest_zoom"]
    assert zoom >= 16
    truth, shown = (shapely.linestrings(_mercator(line, zoom)) for line in (_wave(20_000), drawn))
    assert shapely.hausdorff_distance(truth, shown) < 0.5 + 0.25


def _mercator(lonlat: FloatArray, zoom: int) -> FloatArray:
    world = 256 * 2**zoom
    latitude = np.radians(lonlat[:, 1])
    y = np.log(np.tan(np.pi / 4 + latitude / 2)) / (2 * np.pi)
    return np.column_stack((lonlat[:, 0] / 360, y)) * world


def test_pieces_join_without_a_gap_and_keep_their_chainage() -> None:
    kinds = ("tunnel", "bridge", "viaduct", "cutting")
    structures = tuple(
        Structure(kind=kind, from_m=10_000.0 * i + 2_500, to_m=10_000.0 * i + 9_000)
        for i, kind in enumerate(kinds)
    )
    survey = _survey(_wave(3_000), structures=structures, structures_complete=True)
    data = _data(draw([survey]).page())
    runs, lines = data["routes"][0]["runs"], _lines(data)
    assert runs[0]["from_m"] == 0
    assert runs[-1]["to_m"] == pytest.approx(survey.length_m, abs=1e-6)
    for one, two, line, next_line in zip(runs, runs[1:], lines, lines[1:], strict=False):
        assert one["to_m"] == two["from_m"]
        assert np.allclose(line[-1], next_line[0], atol=1e-9)
    spans = {run["kind"]: (run["from_m"], run["to_m"]) for run in runs}
    for structure in structures:
        assert spans[structure.kind] == (structure.from_m, structure.to_m)


def test_known_open_and_unknown_stretches_are_told_apart() -> None:
    tunnel = Structure(kind="tunnel", from_m=1_000, to_m=2_000)
    for complete, rest in ((True, "open"), (False, "unknown")):
        survey = _survey(_wave(100), structures=(tunnel,), structures_complete=complete)
        runs = _data(draw([survey]).page())["routes"][0]["runs"]
        assert [run["kind"] for run in runs] == [rest, "tunnel", rest]


def test_a_line_across_the_antimeridian_is_drawn_in_one_go() -> None:
    fiji_to_samoa = [(177.4, -17.8), (179.5, -16.5), (-179.2, -15.9), (-171.8, -13.8)]
    (line,) = _lines(_data(draw([_survey(fiji_to_samoa)]).page()))
    assert np.abs(np.diff(line[:, 0])).max() < 180
    assert np.ptp(line[:, 0]) == pytest.approx(360 - 171.8 - 177.4, abs=1e-3)


def test_routes_on_both_sides_of_the_antimeridian_lie_side_by_side() -> None:
    west, east = _survey([(179.0, -17), (179.8, -17)]), _survey([(-179.8, -17), (-179.0, -17)])
    data = _data(draw([west, east]).page())
    places = np.vstack([*_lines(data, 0), *_lines(data, 1)])
    assert np.ptp(places[:, 0]) == pytest.approx(2.0, abs=1e-3)


def test_a_line_over_the_pole_stays_on_the_map() -> None:
    survey = _survey([(10.0, 80.0), (10.0, 89.0), (-170.0, 89.0), (-170.0, 90.0), (100.0, -89.9)])
    for line in _lines(_data(draw([survey]).page())):
        assert np.isfinite(line).all()
        assert np.abs(line[:, 1]).max() < 85.06


def test_a_long_geodesic_bends() -> None:
    """The geodesic from London to Tokyo passes north of Siberia's cities, not over Iran."""
    (line,) = _lines(_data(draw([_survey([(-0.1, 51.5), (139.8, 35.7)])]).page()))
    # GeographicLib's geodesic between the two reaches a latitude beyond 70 degrees.
    assert line[:, 1].max() > 70


@pytest.mark.parametrize(
    "members",
    [
        {"lonlat": [(8.5, 47.4), (8.5, 47.4)]},
        {"lonlat": [(8.5, 47.4), (8.6, 47.4)], "stations": (Station(lonlat=(8.55, 47.41)),)},
        {"lonlat": [(180.0, 0.0), (-180.0, 0.0)]},
        {"lonlat": [(8.5, 47.4), (8.5, 47.40001)]},
        {"lonlat": [(8.5, 47.4), (8.6, 47.4)], "geometry_kind": "sketch"},
        {"lonlat": [(8.5, 90.0), (8.6, -90.0)]},
        {"lonlat": [(-180, -85), (-90, 0), (0, 85), (90, 0), (180, -85)]},
        {"lonlat": [(0, 0), (1, 1), (5, 5), (6, 6)], "part_starts": np.array([0, 2])},
        {"lonlat": [(8.5, 47.4), (8.6, 47.4)], "declared": Declared(source="", length_km=0)},
    ],
)
def test_odd_routes_are_drawn(members: dict[str, Any]) -> None:
    survey = _survey(members.pop("lonlat"), **members)
    data = _data(draw([survey]).page())
    assert all(np.isfinite(line).all() for line in _lines(data))
    west, south, east, north = data["routes"][0]["bounds"]
    assert west <= east
    assert south <= north


def test_a_gap_between_parts_is_not_drawn() -> None:
    survey = _survey([(0, 0), (1, 0), (5, 0), (6, 0)], part_starts=np.array([0, 2]))
    lines = _lines(_data(draw([survey]).page()))
    assert len(lines) == 2
    assert [round(float(np.ptp(line[:, 0])), 6) for line in lines] == [1, 1]


def test_a_hundred_thousand_vertices_stay_under_a_megabyte() -> None:
    rng = np.random.default_rng(5)
    noisy = _wave(100_000) + rng.normal(0, 2e-6, (100_000, 2))
    page = draw([_survey(noisy, structures_complete=True)]).page()
    assert len(page.encode()) <= 1_000_000


def test_a_million_vertices_stay_under_two_megabytes() -> None:
    """The page is then exact to half a pixel up to zoom 16, and goes no deeper."""
    rng = np.random.default_rng(5)
    noisy = _wave(1_000_000) + rng.normal(0, 2e-6, (1_000_000, 2))
    page = draw([_survey(noisy, structures_complete=True)]).page()
    assert len(page.encode()) <= 2_000_000
    data = _data(page)
    assert data["deepest_zoom"] == 16
    (drawn,) = _lines(data)
    some = shapely.points(_mercator(noisy[::1000], 16))
    shown = shapely.linestrings(_mercator(drawn, 16))
    shapely.prepare(shown)
    assert shapely.distance(some, shown).max() < 0.5 + 0.25


def test_kilometre_posts_stand_at_whole_kilometres() -> None:
    """On the equator a degree is 2 pi a / 360 with the semi-major axis a = 6378137 m of WGS 84."""
    data = _data(draw([_survey([(10.0, 0.0), (10.5, 0.0)])]).page())
    posts = np.cumsum(np.reshape(data["routes"][0]["posts"], (-1, 2)), axis=0) * data["unit_deg"]
    degree_m = 2 * np.pi * 6_378_137 / 360
    assert data["post_step_km"] == 1
    assert len(posts) == int(0.5 * degree_m / 1000) == 55
    assert np.allclose((posts[:, 0] - 10) * degree_m, np.arange(1, 56) * 1000, atol=0.2)
    assert np.abs(posts[:, 1]).max() < 1e-6


def test_kilometre_posts_go_on_after_a_gap() -> None:
    line = [(0, 0), (0.1, 0), (5, 0), (5.1, 0)]
    data = _data(draw([_survey(line, part_starts=np.array([0, 2]))]).page())
    posts = np.cumsum(np.reshape(data["routes"][0]["posts"], (-1, 2)), axis=0) * data["unit_deg"]
    part_km = 0.1 * 2 * np.pi * 6_378.137 / 360
    assert len(posts) == int(2 * part_km)
    before = int(part_km)
    assert posts[:before, 0].max() < 0.1
    beyond_km = (posts[before:, 0] - 5) * 2 * np.pi * 6_378.137 / 360
    assert np.allclose(beyond_km, np.arange(before + 1, len(posts) + 1) - part_km, atol=1e-3)


def test_a_sketch_and_a_short_line_have_no_posts() -> None:
    sketch = _survey([(0, 0), (1, 0)], geometry_kind="sketch")
    short = _survey([(0, 0), (0.001, 0)])
    routes = _data(draw([sketch, short]).page())["routes"]
    assert [route["posts"] for route in routes] == [[], []]


def test_many_kilometres_have_fewer_posts() -> None:
    around = _survey([(-179.0, 0.0), (-60.0, 0.0), (60.0, 0.0), (179.0, 0.0)])
    data = _data(draw([around]).page())
    assert data["post_step_km"] == 10
    assert len(data["routes"][0]["posts"]) // 2 == int(around.length_m / 10_000)
