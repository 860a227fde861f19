"""No text of a route runs in a page, on our own map, on a foreign one or in an index."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import pytest
from branca.element import Element

from geo_routes.maps import RouteLayer, draw, draw_index
from geo_routes.maps.background import asset
from geo_routes.model import Declared, FloatArray, Route, Station, Structure
from geo_routes.survey import Survey, measure

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

Axe = Callable[["Page"], list[dict[str, Any]]]

HOSTILE = (
    "<script>window.PWN=1</script>",
    "</script><script>window.PWN=1</script>",
    "<!--<script>window.PWN=1",
    '"><img src=x onerror="window.PWN=1">',
    "' onmouseover='window.PWN=1",
    "{{7*7}}${7*7}`",
    "50% {% off %} {# none #}",
    "javascript:window.PWN=1",
    "a\u2028b\u2029c\x07d\x1be\x7ff\ufeffg",
    "&lt;b&gt;&amp;\\u003c\\",
    "\u202eetisoppo\u202c \u05d0\u05d1 \u0634",
)

TOKYO, KOFU, NAGOYA = (139.74, 35.63), (138.57, 35.66), (136.88, 35.17)
LINE = [TOKYO, (139.35, 35.59), KOFU, (137.5, 35.45), NAGOYA]


def _survey(lonlat: Sequence[Sequence[float]] | FloatArray | None = None, **members: Any) -> Survey:
    line = np.asarray(LINE if lonlat is None else lonlat, dtype=np.float64)
    return measure(Route(lonlat=line, **members))


def _chuo(**members: Any) -> Survey:
    given: dict[str, Any] = {
        "id": "chuo",
        "name": "Chūō",
        "source": "a plan",
        "licence": "CC0",
        "retrieved": "2026-01-31",
        "accuracy_m": 5.0,
        "stations": (
            Station(lonlat=TOKYO, name="Shinagawa"),
            Station(lonlat=KOFU),
            Station(lonlat=NAGOYA, name="Nagoya"),
        ),
        "structures": (
            Structure(kind="tunnel", from_m=30_000, to_m=90_000, name="Long Tunnel"),
            Structure(kind="viaduct", from_m=100_000, to_m=115_000),
        ),
        "declared": Declared(source="a leaflet", length_km=286, tunnel_fraction=0.86),
    }
    return _survey(**{**given, **members})


def _hostile(text: str) -> Survey:
    return _chuo(
        id=text,
        name=text,
        source=text,
        licence=text,
        retrieved=text,
        stations=(Station(lonlat=TOKYO, name=text), Station(lonlat=NAGOYA, name=text)),
        structures=(Structure(kind="tunnel", from_m=3e4, to_m=9e4, name=text, source=text),),
        declared=Declared(source=text, length_km=286),
        extra={text: text},
    )


def _show(page: Page, folder: Path, surveys: Sequence[Survey], **options: Any) -> Page:
    path = folder / "map.html"
    draw(surveys, **options).save(path)
    return _open(page, path)


def _open(page: Page, path: Path) -> Page:
    page.set_default_timeout(5_000)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-drawn=true]")
    return page


@pytest.mark.parametrize("text", HOSTILE)
def test_names_are_shown_as_typed_and_never_run(
    page: Page, seen: Seen, tmp_path: Path, text: str
) -> None:
    _show(page, tmp_path, [_hostile(text), _hostile(text)], title=text)
    assert page.locator("h1").text_content() == text
    assert page.evaluate("document.getElementById('geo-routes-data').nextSibling !== null")
    names = page.locator("#compare tbody button")
    assert names.all_text_contents() == [text, text]
    labels = page.locator("#map .geo-routes-label")
    assert set(labels.all_text_contents()) == {text}
    labels.first.click(force=True)
    assert text in (page.locator(".leaflet-popup-content").last.text_content() or "")
    tunnel = page.evaluate(
        "JSON.parse(document.getElementById('geo-routes-data').textContent).routes[0].runs[1].name"
    )
    assert tunnel == text
    assert text in (page.locator("#sources").text_content() or "")
    for button in page.locator("button, summary, input[type=checkbox]").all():
        if button.is_visible():
            button.click(force=True)
    page.mouse.move(600, 400)
    assert page.evaluate("window.PWN") is None
    assert page.locator("body img, body iframe").count() == 0
    assert seen.nothing(), seen


@pytest.mark.parametrize("text", HOSTILE)
def test_a_foreign_folium_map_shows_the_same_layer(page: Page, tmp_path: Path, text: str) -> None:
    """Leaflet itself comes from elsewhere on such a map; here it is put in from our own page."""
    foreign = folium.Map(location=(35.4, 138), tiles=None)
    RouteLayer(_hostile(text)).add_to(foreign)
    html = re.sub(
        r'<(script|link)[^>]*(src|href)="https?:[^>]*>(</script>)?', "", foreign.get_root().render()
    )
    script, style = asset("leaflet.js").decode(), asset("leaflet.css").decode()
    leaflet = f"<script>{script}</script><style>{style}</style>"
    path = tmp_path / "foreign.html"
    path.write_text(html.replace("<head>", "<head>" + leaflet, 1), "utf-8")
    page.goto(path.as_uri())
    page.wait_for_selector("canvas")
    labels = page.locator(".geo-routes-label")
    labels.first.wait_for()
    assert set(labels.all_text_contents()) == {text}
    labels.first.click(force=True)
    assert text in (page.locator(".leaflet-popup-content").text_content() or "")
    assert page.evaluate("window.PWN") is None


def test_tiles_that_were_asked_for_are_let_in(page: Page, seen: Seen, tmp_path: Path) -> None:
    drawn = draw([_chuo()])
    url = "https://tiles.example.org/{z}/{x}/{y}.png"
    folium.TileLayer(url, attr="Example").add_to(drawn)
    with pytest.warns(UserWarning, match="no longer self-contained"):
        drawn.save(tmp_path / "map.html")
    _open(page, tmp_path / "map.html")
    page.wait_for_timeout(500)
    asked = [url for url in seen.foreign_requests if url.startswith("https://tiles.example.org/")]
    assert asked
    assert page.locator(".leaflet-control-attribution").inner_text() == "Example"
    assert not [e for e in seen.console_errors if "Content Security Policy" in e]


@pytest.mark.parametrize("text", HOSTILE)
def test_an_index_is_safe_and_leads_to_its_maps(
    page: Page, seen: Seen, tmp_path: Path, text: str
) -> None:
    name = "50% #1 a&b?.html"
    draw([_chuo()]).save(tmp_path / name)
    draw_index([(name, [_hostile(text)])], title=text).save(tmp_path / "index.html")
    page.goto((tmp_path / "index.html").as_uri())
    assert page.locator("h1").count() == 1
    assert page.locator("svg").count() == 1
    assert page.evaluate("window.PWN") is None
    page.locator("a").click()
    page.wait_for_selector("html[data-drawn=true]")
    assert page.locator("h1").inner_text() == "Chūō"
    assert seen.nothing(), seen


def test_axe_has_nothing_serious_to_say_of_an_index(
    page: Page, axe_violations: Axe, tmp_path: Path
) -> None:
    draw_index([("a.html", [_chuo()]), ("b.html", [_chuo(), _chuo()])]).save(tmp_path / "i.html")
    page.goto((tmp_path / "i.html").as_uri())
    assert [v["id"] for v in axe_violations(page) if v["impact"] in ("serious", "critical")] == []


def test_code_that_builds_upon_leaflet_finds_it(page: Page, seen: Seen, tmp_path: Path) -> None:
    """As a plugin of folium does, whose script stands in the head that folium renders."""
    drawn = draw([_chuo()])
    figure: Any = drawn.get_root()
    figure.header.add_child(Element("<script>window.BUILT = L.Class.extend({});</script>"))
    folium.Marker((35.4, 138.0)).add_to(drawn)
    folium.Marker((35.6, 138.0), icon=folium.DivIcon(html="mine")).add_to(drawn)
    with pytest.warns(UserWarning, match="no longer self-contained"):
        drawn.save(tmp_path / "map.html")
    _open(page, tmp_path / "map.html")
    assert page.evaluate("typeof window.BUILT") == "function"
    assert page.locator(".leaflet-marker-pane").inner_text() == "mine"
    pin = page.locator(".leaflet-marker-pane img")
    assert pin.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    assert not [e for e in seen.console_errors if "Content Security Policy" in e]


def test_a_foreign_map_keeps_its_own_looks_and_its_own_leaflet(page: Page, tmp_path: Path) -> None:
    foreign = folium.Map(location=(35.4, 138), tiles=None)
    RouteLayer(_chuo()).add_to(foreign)
    html = re.sub(
        r'<(script|link)[^>]*(src|href)="https?:[^>]*>(</script>)?', "", foreign.get_root().render()
    )
    leaflet = f"<script>{asset('leaflet.js').decode()}\nL.mine = true;</script>"
    path = tmp_path / "foreign.html"
    path.write_text(html.replace("<head>", "<head>" + leaflet, 1), "utf-8")
    page.goto(path.as_uri())
    page.locator(".geo-routes-label").first.wait_for()
    assert page.evaluate("L.mine") is True
    assert page.evaluate("getComputedStyle(document.body).display") == "block"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
