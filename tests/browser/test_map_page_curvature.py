"""Curvature as a colour of the map: the legend, what an element tells, and the table of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pyproj import Geod

from geo_routes.maps import draw
from geo_routes.model import FloatArray, Route
from geo_routes.survey import Survey, measure

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import OpenPage, Seen

pytestmark = pytest.mark.browser

Axe = Callable[["Page"], list[dict[str, Any]]]

GEOD = Geod(ellps="WGS84")
HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>{{7*7}}"


def _bend(
    radius_m: float = 900.0, *, length_m: float = 1_000, start: tuple[float, float] = (9.0, 48.0)
) -> FloatArray:
    """Draw 2 km straight on, a circle to the left, 2 km straight on."""
    rows, (lon, lat), azimuth = [start], start, 40.0
    for part_m, curvature in ((2_000, 0.0), (length_m, 1 / radius_m), (2_000, 0.0)):
        for _ in range(round(part_m / 20)):
            turn = np.degrees(curvature * 20) / 2
            lon, lat, back = GEOD.fwd(lon, lat, azimuth - turn, 20.0)
            azimuth = back + 180 - turn
            rows.append((lon, lat))
    return np.array(rows)


def _survey(lonlat: FloatArray | None = None, **members: Any) -> Survey:
    line = _bend() if lonlat is None else lonlat
    return measure(Route(lonlat=line, **{"name": "Line", **members}))


def _show(page: Page, folder: Path, *surveys: Survey, **options: Any) -> None:
    path = folder / "map.html"
    draw(surveys, **{"colour": "curvature", **options}).save(path)
    page.set_default_timeout(5_000)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-drawn=true]")


def _plain(text: str) -> str:
    """Give a text with plain spaces for those that keep a unit with its number."""
    return text.replace("\u00a0", " ")


def _point(page: Page, lonlat: FloatArray) -> tuple[float, float]:
    lon, lat = lonlat.tolist()
    x, y = page.evaluate(
        """([lon, lat]) => {
          const point = map_geo_routes.latLngToContainerPoint([lat, lon]);
          const box = map_geo_routes.getContainer().getBoundingClientRect();
          return [box.left + point.x, box.top + point.y];
        }""",
        [lon, lat],
    )
    return x, y


def test_a_click_on_a_curve_tells_its_radius(page: Page, seen: Seen, tmp_path: Path) -> None:
    _show(page, tmp_path, _survey())
    page.mouse.click(*_point(page, _bend()[125]))
    popup = page.locator(".geo-routes-popup")
    assert popup.locator("strong").inner_text() == "Circular curve, left"
    text = _plain(popup.inner_text())
    assert "900 m" in text
    assert "95 % interval" in text
    assert "measured" in text
    # A kilometre of a circle of 900 m.
    assert "63." in text
    page.mouse.click(*_point(page, _bend()[40]))
    # The popup before fades away while the next one stands.
    assert popup.last.locator("strong").inner_text() == "Tangent"
    assert seen.nothing()


def test_the_pointer_over_a_curve_is_told_in_short(page: Page, tmp_path: Path) -> None:
    _show(page, tmp_path, _survey())
    x, y = _point(page, _bend()[125])
    page.mouse.move(x - 30, y - 30)
    # Leaflet looks at the pointer no oftener than each 32 milliseconds.
    page.wait_for_timeout(100)
    page.mouse.move(x, y)
    tip = page.locator(".geo-routes-tip")
    tip.wait_for()
    assert "Circular curve, left" in tip.inner_text()
    assert "R 900 m (" in _plain(tip.inner_text())


def test_a_finger_opens_the_popup(open_page: OpenPage, tmp_path: Path) -> None:
    page, seen = open_page(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    _show(page, tmp_path, _survey())
    page.touchscreen.tap(*_point(page, _bend()[125]))
    assert "900 m" in _plain(page.locator(".geo-routes-popup").inner_text())
    assert page.locator(".geo-routes-tip").count() == 0
    assert seen.nothing()


def test_the_legend_names_classes_and_doubts(page: Page, tmp_path: Path) -> None:
    wide = _bend(4_000.0, start=(9.2, 48.0))
    _show(page, tmp_path, _survey(), _survey(wide), _survey(wide, geometry_kind="sketch"))
    rows = page.locator(".geo-routes-legend li").all_inner_texts()
    assert rows[0] == "Tangent"
    classes = [row for row in rows if row.startswith("R ")]
    assert len(classes) >= 2
    assert any("Sketch" in row for row in rows)
    swatches = page.locator(".geo-routes-legend li svg")
    drawn = swatches.evaluate_all("all => all.map(svg => svg.innerHTML)")
    assert len(set(drawn)) == len(rows)


def test_the_legend_is_printed_without_its_switches(page: Page, tmp_path: Path) -> None:
    _show(page, tmp_path, _survey())
    page.emulate_media(media="print")
    assert page.locator(".geo-routes-legend li").first.is_visible()
    assert page.locator(".geo-routes-legend fieldset").is_hidden()
    assert page.locator(".leaflet-control-zoom").is_hidden()


def test_the_table_has_every_element_and_leads_to_it(
    page: Page, seen: Seen, tmp_path: Path
) -> None:
    _show(page, tmp_path, _survey())
    assert page.locator("#elements table").is_hidden()
    page.locator("#elements summary").focus()
    page.keyboard.press("Enter")
    rows = page.locator("#elements tbody tr")
    count = page.evaluate(
        "JSON.parse(document.getElementById('geo-routes-data').textContent)"
        ".routes[0].elements.length"
    )
    assert rows.count() == count
    curve = rows.filter(has_text="Circular curve").first
    assert "900 m" in _plain(curve.inner_text())
    before = page.evaluate("map_geo_routes.getZoom()")
    curve.locator("button").focus()
    halo = page.locator("#map svg path[stroke='#00a3ff']")
    assert halo.count() == 1
    page.keyboard.press("Enter")
    assert page.evaluate("map_geo_routes.getZoom()") > before
    assert "Circular curve, left" in page.locator(".geo-routes-popup").inner_text()
    page.keyboard.press("Tab")
    assert "Circular curve" not in page.evaluate(
        "document.activeElement.closest('tr')?.innerText ?? ''"
    )
    page.locator("#elements summary").focus()
    assert halo.count() == 0
    assert seen.nothing()


def test_structure_maps_have_no_table(page: Page, tmp_path: Path) -> None:
    _show(page, tmp_path, _survey(), colour="structure")
    assert page.locator("#elements").is_hidden()
    x, y = _point(page, _bend()[125])
    page.wait_for_timeout(100)
    page.mouse.move(x, y)
    page.wait_for_timeout(100)
    assert page.locator(".geo-routes-tip").count() == 0


def test_a_sketch_says_that_nothing_is_known(page: Page, seen: Seen, tmp_path: Path) -> None:
    _show(page, tmp_path, _survey(geometry_kind="sketch"))
    legend = page.locator(".geo-routes-legend li").all_inner_texts()
    assert legend == ["Sketch: curvature unknown"]
    page.mouse.click(*_point(page, _bend()[40]))
    assert "curvature unknown" in page.locator(".geo-routes-popup").inner_text()
    page.locator("#elements summary").click()
    assert "Nothing can be told" in page.locator("#elements").inner_text()
    assert seen.nothing()


@pytest.mark.parametrize(
    "language,words", [("de", ("Kreisbogen, links", "Gerade")), ("ja", ("円曲線, 左", "直線"))]
)
def test_the_words_are_the_readers(
    page: Page, tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    _show(page, tmp_path, _survey(), language=language)
    page.locator("#elements summary").click()
    text = page.locator("#elements").inner_text()
    assert all(word in text for word in words)


def test_hostile_names_stay_text(page: Page, seen: Seen, tmp_path: Path) -> None:
    _show(page, tmp_path, _survey(name=HOSTILE), _survey(_bend(start=(9.3, 48.0)), name=HOSTILE))
    page.mouse.click(*_point(page, _bend()[125]))
    page.locator("#elements summary").click()
    assert "{{7*7}}" in page.locator("#elements").inner_text()
    assert page.evaluate("window.hacked") is None
    assert seen.nothing()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_held_against_the_table(
    open_page: OpenPage, axe_violations: Axe, tmp_path: Path, scheme: str
) -> None:
    page, _ = open_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    _show(page, tmp_path, _survey(), _survey(_bend(300.0, length_m=300, start=(9.3, 48.0))))
    page.locator("#elements summary").click()
    page.locator("#elements tbody button").nth(2).focus()
    page.locator("#elements tbody tr").nth(1).hover()
    assert [v["id"] for v in axe_violations(page)] == []
