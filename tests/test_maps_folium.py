"""A map page is a folium map, and a route layer goes on any folium map; neither lets text run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import warnings
from typing import Any

import folium
import numpy as np
import pytest
from branca.element import Element
from folium.plugins import MarkerCluster

from geo_routes.maps import RouteLayer, RouteMap, draw
from geo_routes.model import Declared, Route, Station, Structure
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


def _survey(lonlat: list[tuple[float, float]], **members: Any) -> Survey:
    return measure(Route(lonlat=np.array(lonlat), **members))


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return []
    return [text for child in children for text in _texts(child)]  # type: ignore[attr-defined]


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


def _policy(page: str) -> dict[str, list[str]]:
    content = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    parts = [part.split() for part in content[0].split(";")]
    return {part[0]: part[1:] for part in parts}


def _routes(page: str) -> list[dict[str, Any]]:
    block = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    routes: list[dict[str, Any]] = json.loads(block[0])["routes"]
    return routes


@pytest.fixture(scope="module")
def chuo() -> Survey:
    return _hostile_survey("Chūō 中央")


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
    assert any("tiles.example.org" in source for source in _policy(page)["img-src"])


def test_our_own_map_warns_of_nothing(chuo: Survey) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw([chuo]).page()


def test_a_layer_added_to_our_own_map_is_drawn_and_keeps_it_self_contained(chuo: Survey) -> None:
    drawn = draw([chuo])
    other = _survey([(8.5, 47.4), (8.6, 47.5)], name="elsewhere")
    RouteLayer(other).add_to(drawn)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = drawn.page()
    assert [route["name"] for route in _routes(page)] == [chuo.route.name, "elsewhere"]
    assert page == draw([chuo, other]).page()


def test_what_is_put_around_the_map_is_kept(chuo: Survey) -> None:
    drawn = draw([chuo])
    figure: Any = drawn.get_root()
    figure.html.add_child(Element("<p id=mine>mine</p>"))
    figure.script.add_child(Element("window.MINE = 1;"))
    with pytest.warns(UserWarning, match="no longer self-contained"):
        page = drawn.page()
    assert "<p id=mine>mine</p>" in page
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    mine = next(script for script in scripts if "window.MINE" in script)
    digest = base64.b64encode(hashlib.sha256(mine.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in _policy(page)["script-src"]


def test_code_that_builds_upon_leaflet_comes_after_it(chuo: Survey) -> None:
    drawn = draw([chuo])
    MarkerCluster([[35.0, 138.0]]).add_to(drawn)  # type: ignore[no-untyped-call]
    with pytest.warns(UserWarning, match="no longer self-contained"):
        page = drawn.page()
    assert page.index("@preserve") < page.index("leaflet.markercluster.js")


def test_the_same_layer_has_the_same_name_in_every_process(chuo: Survey) -> None:
    """Names of branca's own are random, and no map could be compared with its last version."""
    names = {RouteLayer(chuo).get_name(), RouteLayer(chuo).get_name()}
    assert len(names) == 1
    assert RouteLayer(_survey([TOKYO, NAGOYA])).get_name() not in names
