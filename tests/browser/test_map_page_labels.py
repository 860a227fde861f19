"""Names and kilometres on a map: as many as fit, beside the lines and not on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geo_routes.maps import draw
from geo_routes.model import Declared, FloatArray, Route, Station, Structure
from geo_routes.survey import Survey, measure

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

Axe = Callable[["Page"], list[dict[str, Any]]]

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


def _show(page: Page, folder: Path, surveys: Sequence[Survey], **options: Any) -> Page:
    path = folder / "map.html"
    draw(surveys, **options).save(path)
    return _open(page, path)


def _open(page: Page, path: Path) -> Page:
    page.set_default_timeout(5_000)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-drawn=true]")
    return page


# The boxes of all texts on the map, and how many pixels of a line of some colour lie under each.
_TEXTS = """(colour) => {
  const canvas = document.querySelector(".leaflet-overlay-pane canvas");
  const origin = canvas.getBoundingClientRect();
  const scale = canvas.width / origin.width;
  const context = canvas.getContext("2d");
  return [...document.querySelectorAll(".geo-routes-label, .geo-routes-post")].map((element) => {
    const box = element.getBoundingClientRect();
    const x = Math.round((box.left - origin.left) * scale);
    const y = Math.round((box.top - origin.top) * scale);
    const size = [Math.round(box.width * scale), Math.round(box.height * scale)];
    const bytes = context.getImageData(x, y, ...size).data;
    let under = 0;
    for (let i = 0; i < bytes.length; i += 4) {
      under += bytes[i + 3] === 255 && colour.every((part, k) => bytes[i + k] === part);
    }
    const text = element.textContent;
    return { text, under, box: [box.left, box.top, box.right, box.bottom] };
  });
}"""


def _line_colour(page: Page) -> list[int]:
    text = page.locator("#geo-routes-data").text_content()
    colour: str = page.evaluate("t => JSON.parse(t).styles.open.at(-1).colour", text)
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _texts(page: Page) -> list[dict[str, Any]]:
    page.wait_for_timeout(150)
    found: list[dict[str, Any]] = page.evaluate(_TEXTS, _line_colour(page))
    return found


def _zoom_to(page: Page, zoom: int) -> None:
    page.evaluate(f"void map_geo_routes.setView([0, 11], {zoom}, {{animate: false}})")


def _straight(*, stations: int = 3, **members: Any) -> Survey:
    """Give an open line along the equator with stations that are evenly spaced."""
    places = np.linspace(10, 12, stations)
    given: dict[str, Any] = {
        "stations": tuple(Station(lonlat=(x, 0.0), name=f"Halt {i}") for i, x in enumerate(places)),
        "structures_complete": True,
    }
    return _survey([(10.0, 0.0), (12.0, 0.0)], **{**given, **members})


def test_texts_lie_beside_the_line(page: Page, tmp_path: Path) -> None:
    _show(page, tmp_path, [_straight()])
    texts = _texts(page)
    assert {"Halt 0", "Halt 1", "Halt 2", "100\u00a0km"} <= {text["text"] for text in texts}
    assert [text for text in texts if text["under"] > 0] == []


@pytest.mark.parametrize("zoom", [6, 8, 10, 13])
def test_texts_do_not_cover_each_other_nor_the_controls(
    page: Page, tmp_path: Path, zoom: int
) -> None:
    _show(page, tmp_path, [_straight(stations=300)])
    _zoom_to(page, zoom)
    boxes = [text["box"] for text in _texts(page)]
    assert boxes
    controls = page.evaluate(
        """[...document.querySelectorAll(".leaflet-control")].map((element) => {
          const box = element.getBoundingClientRect();
          return [box.left, box.top, box.right, box.bottom];
        })"""
    )
    for i, one in enumerate(boxes):
        for other in [*boxes[:i], *controls]:
            apart = (
                one[2] <= other[0] + 1
                or other[2] <= one[0] + 1
                or one[3] <= other[1] + 1
                or other[3] <= one[1] + 1
            )
            assert apart, (one, other)


def test_names_thin_out_and_come_back(page: Page, tmp_path: Path) -> None:
    _show(page, tmp_path, [_straight(stations=300)])

    def names(zoom: int) -> int:
        _zoom_to(page, zoom)
        return page.locator(".geo-routes-label").count()

    assert 1 <= names(5) < names(8) < 300
    # At zoom 13 a pixel is 19 m at the equator (EPSG:3857), so neighbours are 39 pixels apart.
    assert names(13) >= 6


def test_kilometres_grow_finer_as_one_comes_closer(page: Page, tmp_path: Path) -> None:
    _show(page, tmp_path, [_straight()])

    def steps(zoom: int) -> set[int]:
        _zoom_to(page, zoom)
        page.wait_for_timeout(100)
        texts = page.locator(".geo-routes-post").all_text_contents()
        shown = sorted(int(text.split("\u00a0")[0]) for text in texts)
        return {b - a for a, b in pairwise(shown)}

    # 90 pixels or more between two: 611 m a pixel at zoom 8, 76 at 11, 10 at 14 (EPSG:3857).
    assert steps(8) == {100}
    assert min(steps(11)) == 10
    assert min(steps(14)) == 1


def test_kilometres_can_be_switched_off(page: Page, tmp_path: Path) -> None:
    _show(page, tmp_path, [_straight()])
    assert page.locator(".geo-routes-post").count() > 0
    page.get_by_role("checkbox", name="Kilometres").uncheck()
    assert page.locator(".geo-routes-post").count() == 0
    page.get_by_role("checkbox", name="Kilometres").check()
    assert page.locator(".geo-routes-post").count() > 0


def test_a_name_is_written_once_where_routes_meet(page: Page, tmp_path: Path) -> None:
    both = [_chuo(), _chuo(id="other", name="Second")]
    _show(page, tmp_path, both)
    assert page.locator(".geo-routes-label", has_text="Nagoya").count() == 1


def test_a_sketch_has_no_figures_that_it_cannot_know(page: Page, tmp_path: Path) -> None:
    sketch = _chuo(geometry_kind="sketch")
    _show(page, tmp_path, [sketch])
    assert page.locator(".geo-routes-post").count() == 0
    header = page.locator("header").inner_text()
    assert f"{sketch.length_m / 1000:.3f}" not in header
    assert f"\u2248\u00a0{round(sketch.length_m / 10_000) * 10}\u00a0km" in header


def test_the_page_stays_the_readers_after_many_zooms(
    page: Page, seen: Seen, tmp_path: Path
) -> None:
    _show(page, tmp_path, [_straight(stations=50)])
    for zoom in (2, 16, 5, 18, 1, 9):
        _zoom_to(page, zoom)
        page.wait_for_timeout(50)
    assert page.locator(".geo-routes-label").count() > 0
    assert seen.nothing(), seen
