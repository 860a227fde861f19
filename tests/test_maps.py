"""A map page is complete, sealed, exact to half a pixel, and the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import warnings
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import folium
import numpy as np
import pytest
import shapely

from geo_routes.errors import GeoRoutesError
from geo_routes.maps import RouteLayer, RouteMap, draw, draw_index
from geo_routes.model import Declared, FloatArray, Route, Station, Structure
from geo_routes.survey import Survey, measure

# Each breaks a page in its own way: out of a script, an attribute, a template of Python or of
# JavaScript, a comment, a line of JSON; the last ones are read in another direction than typed.
HOSTILE = (
    "<script>window.PWN=1</script>",
    "</script><script>window.PWN=1</script>",
    "<!--<script>window.PWN=1",
    '"><img src=x onerror="window.PWN=1">',
    "' onmouseover='window.PWN=1",
    "{{7*7}}",
    "50% {% off %} {# none #}",
    "${window.PWN=1}`",
    "javascript:window.PWN=1",
    "\u2028\u2029\x00\x07\x1b[31m\x7f\ufeff",
    "&lt;b&gt;&amp;\\u003c\\",
    "\u202eetisoppo\u202c \u05d0\u05d1 \u0634",
    "]]>{{ config }}%7B%7B",
)

TOKYO, NAGOYA = (139.7671, 35.6812), (136.8816, 35.1709)


def _survey(lonlat: Sequence[Sequence[float]] | FloatArray, **members: Any) -> Survey:
    return measure(Route(lonlat=np.asarray(lonlat, dtype=np.float64), **members))


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


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return []
    return [text for child in children for text in _texts(child)]  # type: ignore[attr-defined]


def _lines(data: dict[str, Any], route: int = 0) -> list[FloatArray]:
    """Decode the drawn pieces of a route as the page does."""
    return [
        np.cumsum(np.reshape(run["line"], (-1, 2)), axis=0) * data["unit_deg"]
        for run in data["routes"][route]["runs"]
    ]


class _Page(HTMLParser):
    """What a browser would take from a page: its policy, its scripts, its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.policy = ""
        self.scripts: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tags: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in given.items()]
        if given.get("http-equiv", "").lower() == "content-security-policy":
            assert "script" not in self.tags, "a script before the policy is not held by it"
            self.policy = given["content"]
        self._in_script = tag == "script" and given.get("type") != "application/json"
        if self._in_script:
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False

    def directives(self) -> dict[str, list[str]]:
        parts = [part.split() for part in self.policy.split(";") if part.strip()]
        return {part[0]: part[1:] for part in parts}


def _hostile_survey(text: str) -> Survey:
    return _survey(
        [TOKYO, (138.5, 35.4), NAGOYA],
        id=text,
        name=text,
        names={"ja": text, text: text},
        mode=text,
        source=text,
        licence=text,
        retrieved=text,
        height_datum=text,
        extra={text: text},
        accuracy_m=5.0,
        stations=(
            Station(lonlat=TOKYO, name=text, names={"en": text}, source=text, extra={text: text}),
            Station(lonlat=NAGOYA, name=text),
        ),
        structures=(Structure(kind="tunnel", from_m=10_000, to_m=30_000, name=text, source=text),),
        declared=Declared(source=text, length_km=286, tunnel_fraction=0.86, as_of=text),
    )


@pytest.fixture(scope="module")
def chuo() -> Survey:
    return _hostile_survey("Chūō 中央")


def test_the_policy_lets_our_own_scripts_run_and_nothing_else(chuo: Survey) -> None:
    page = _Page(draw([chuo]).page())
    directives = page.directives()
    assert directives["default-src"] == ["'none'"]
    assert set(directives["img-src"]) <= {"data:", "blob:"}
    assert set(directives["font-src"]) <= {"data:"}
    allowed = directives["script-src"]
    for script in page.scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed
    assert page.scripts
    assert len(allowed) == len(set(page.scripts))
    assert not set(directives) & {"connect-src", "object-src", "frame-src", "worker-src"}
    assert "'unsafe-eval'" not in page.policy
    assert all(source.startswith("'sha256-") for source in allowed)


def test_the_page_asks_for_nothing_from_elsewhere(chuo: Survey) -> None:
    page = _Page(draw([chuo]).page())
    loading = [(tag, name) for tag, name, _ in page.attributes if name in ("src", "srcset")]
    assert loading == []
    links = [value for tag, name, value in page.attributes if tag == "link" and name == "href"]
    assert all(value.startswith("data:") for value in links)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not {"iframe", "object", "embed", "base", "form"} & set(page.tags)
    # Nor do the styles.
    assert not re.findall(r"url\(\s*['\"]?(?!data:|#)", draw([chuo]).page().partition("<body")[0])


@pytest.mark.parametrize("text", HOSTILE)
def test_text_comes_whole_and_only_as_data(text: str) -> None:
    drawn = draw([_hostile_survey(text), _hostile_survey(text)], title=text)
    page = drawn.page()
    data = _data(page)
    assert _texts(data).count(text) >= 2 * 7 + 1
    plain = _Page(draw([_hostile_survey("plain"), _hostile_survey("plain")], title="plain").page())
    seen = _Page(page)
    assert seen.tags == plain.tags
    assert seen.scripts == plain.scripts
    assert seen.attributes == plain.attributes
    block = page.partition('type="application/json"')[2].partition(">")[2].partition("</script")[0]
    assert block.isascii()
    assert not set(block) & set("<>&")
    if text == "{{7*7}}":
        assert "49" not in _texts(data)


def test_the_code_is_the_same_in_every_map(chuo: Survey) -> None:
    other = _survey([(0, 0), (1, 1)], name="elsewhere")
    assert _Page(draw([chuo]).page()).scripts == _Page(draw([other], language="de").page()).scripts


def test_the_same_survey_gives_the_same_bytes(chuo: Survey) -> None:
    assert draw([chuo]).page() == draw([chuo]).page()
    first = draw([chuo])
    assert first.page() == first.page()


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import sys, numpy as np; from geo_routes.maps import draw, draw_index\n"
        "from geo_routes.model import *; from geo_routes.survey import measure\n"
        "s = measure(Route(lonlat=np.array([[139.7, 35.6], [136.8, 35.1]]), name='Tōkaidō',"
        " stations=(Station(lonlat=(139.7, 35.6), name='東京', names={'en': 'Tokyo'}),),"
        " structures=(Structure(kind='tunnel', from_m=1e3, to_m=2e3),"
        " Structure(kind='bridge', from_m=5e3, to_m=6e3))))\n"
        "sys.stdout.buffer.write(draw([s, s]).page().encode())\n"
    )
    pages = [
        subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert pages[0] == pages[1]
    assert len(pages[0]) > 100_000


def test_save_writes_the_page(chuo: Survey, tmp_path: Path) -> None:
    drawn = draw([chuo])
    drawn.save(tmp_path / "map.html")
    assert (tmp_path / "map.html").read_bytes() == drawn.page().encode()
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]


def test_a_failed_save_leaves_the_old_map(
    chuo: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map.html"
    path.write_text("old")

    def fail(_: RouteMap) -> str:
        raise RuntimeError

    monkeypatch.setattr(RouteMap, "page", fail)
    with pytest.raises(RuntimeError):
        draw([chuo]).save(path)
    assert path.read_text() == "old"


def test_a_place_that_cannot_be_written_is_refused(chuo: Survey, tmp_path: Path) -> None:
    with pytest.raises(GeoRoutesError):
        draw([chuo]).save(tmp_path / "missing" / "map.html")


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


def test_no_route_at_all_is_a_page_or_a_reasoned_refusal() -> None:
    try:
        page = draw([]).page()
    except GeoRoutesError as error:
        assert error.reason
    else:
        assert _data(page)["routes"] == []


def test_nothing_is_called_none_or_nan(chuo: Survey) -> None:
    bare = _survey([(8.5, 47.4), (8.6, 47.4)], stations=(Station(lonlat=(8.55, 47.4)),))
    texts = _texts(_data(draw([bare, chuo]).page()))
    assert not {"None", "nan", "NaN", "null", "inf"} & set(texts)


def test_a_hundred_thousand_vertices_stay_under_a_megabyte() -> None:
    rng = np.random.default_rng(5)
    noisy = _wave(100_000) + rng.normal(0, 2e-6, (100_000, 2))
    page = draw([_survey(noisy, structures_complete=True)]).page()
    assert len(page.encode()) <= 1_000_000


def test_a_page_of_one_short_route_is_light() -> None:
    page = draw([_survey([TOKYO, NAGOYA])]).page()
    assert len(page.encode()) <= 195_000 + 200_000


def test_the_figures_are_those_of_the_survey(chuo: Survey) -> None:
    route = _data(draw([chuo]).page())["routes"][0]
    assert route["figures"]["length_m"] == chuo.length_m
    assert route["figures"]["length_uncertainty_m"] == chuo.length_uncertainty_m
    assert route["figures"]["tunnel_fraction"] == chuo.tunnel_fraction
    assert route["figures"]["known_fraction"] == chuo.known_fraction
    assert {v["figure"]: v["declared"] for v in route["verdicts"]} == {
        "length": 286,
        "tunnel_fraction": 0.86,
    }


@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_the_page_says_its_language(chuo: Survey, language: str) -> None:
    page = _Page(draw([chuo], language=language).page())
    assert ("html", "lang", language) in page.attributes


def test_a_language_without_words_is_refused(chuo: Survey) -> None:
    with pytest.raises(ValueError, match="fr"):
        draw([chuo], language="fr").page()


def test_it_is_a_folium_map(chuo: Survey) -> None:
    drawn = draw([chuo])
    assert isinstance(drawn, RouteMap)
    assert isinstance(drawn, folium.Map)
    assert "<iframe" in drawn._repr_html_()  # how a notebook shows it


@pytest.mark.parametrize("text", HOSTILE)
def test_on_a_foreign_map_data_comes_as_base64_and_nothing_else(text: str) -> None:
    foreign = folium.Map(location=(35, 138), tiles=None)
    RouteLayer(_hostile_survey(text)).add_to(foreign)
    page = foreign.get_root().render()
    plain = folium.Map(location=(35, 138), tiles=None)
    RouteLayer(_hostile_survey("plain")).add_to(plain)
    assert text not in page
    longest = max(re.findall(r"[A-Za-z0-9+/=]{200,}", page), key=len)
    data = json.loads(base64.b64decode(longest))
    assert _texts(data).count(text) >= 7
    assert "49" not in _texts(data)


def test_foreign_layers_are_let_in_listed_and_warned_of(chuo: Survey) -> None:
    drawn = draw([chuo])
    folium.TileLayer("https://tiles.example.org/{z}/{x}/{y}.png", attr="Example").add_to(drawn)
    with pytest.warns(UserWarning, match="no longer self-contained") as caught:
        page = drawn.page()
    assert any("tiles.example.org" in str(w.message) for w in caught)
    assert any("tiles.example.org" in source for source in _Page(page).directives()["img-src"])


def test_our_own_map_warns_of_nothing(chuo: Survey) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw([chuo]).page()


@pytest.mark.parametrize("text", HOSTILE)
def test_an_index_shows_names_as_text(text: str) -> None:
    survey = _hostile_survey(text)
    page = draw_index([("a.html", [survey]), ("b c#?%&\"'<.html", [survey])], title=text).text
    seen = _Page(page)
    plain = _hostile_survey("plain")
    like = _Page(
        draw_index([("a.html", [plain]), ("b c#?%&\"'<.html", [plain])], title="plain").text
    )
    assert seen.tags == like.tags
    assert seen.scripts == []
    assert seen.directives()["default-src"] == ["'none'"]
    assert not [name for _, name, _ in seen.attributes if name.startswith("on")]


def test_links_of_an_index_lead_to_the_files_beside_it(chuo: Survey) -> None:
    names = ["a.html", "b c#?%&\"'<.html", "中央.html", "javascript:alert(1).html", "..%2f.html"]
    page = _Page(draw_index([(name, [chuo]) for name in names]).text)
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert [Path(unquote(urlsplit(link).path)).name for link in links] == names
    for link in links:
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")


def test_an_index_has_a_picture_of_every_line(chuo: Survey) -> None:
    page = _Page(draw_index([("a.html", [chuo]), ("b.html", [chuo, chuo])]).text)
    assert page.tags.count("svg") == 2
    shapes = [value for tag, name, value in page.attributes if (tag, name) == ("path", "d")]
    assert [shape.count("M") for shape in shapes] == [1, 2]
    for shape in shapes:
        places = np.array(re.findall(r"-?[\d.]+", shape), dtype=np.float64).reshape(-1, 2)
        assert places.min() > 0
        assert np.ptp(places[:, 0]) > 100  # it fills its frame
