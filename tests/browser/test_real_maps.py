"""Maps of files that others made, opened with the network shut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page

import geo_routes as gr

if TYPE_CHECKING:
    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

FILES = (
    "osm-rail/sankt-poelten.geojson",
    "osm-rail/ventimiglia-albenga.geojson",
    "osm-maglev/ca-YYZ-monorail.geojson",
    "osm-maglev/cn-chongqing-monorail.geojson",
    "osm-maglev/cn-shanghai-maglev.geojson",
    "osm-maglev/de-dortman-monorail-HBahn.geojson",
    "osm-maglev/de-wuppertal-monorail.geojson",
    "osm-maglev/jp-osaka-monorail.geojson",
    "osm-maglev/kr-ICN-maglev.geojson",
    "osm-maglev/us-PHX-skytrain.geojson",
    "jp-shinkansen/tokaido-polyline.json",
    "jp-n02-messy/tokaido-n02.geojson",
    "trips/2022-07-07_train_Lille_Frankfurt.geojson",
    "trips/2022-07-12_1_train_Liechtenstein_Tirano.geojson",
    "trips/2022-07-13_train_Milan_Lausanne.geojson",
    "trips/2022-07-26_train_Prague_Vienna.geojson",
    "trips/2025-01-18_train_Hamburg-Offenburg-Strasbourg-Paris.geojson",
)

# Pixels of the lines' own canvas that are painted at all.
PAINTED = """() => [...document.querySelectorAll('.leaflet-overlay-pane canvas')].map((canvas) => {
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0;
  for (let i = 3; i < pixels.length; i += 4) count += pixels[i] > 0;
  return count;
})"""


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_shows_its_lines(
    shared: Path,
    name: str,
    tmp_path: Path,
    open_page: Callable[..., tuple[Page, Seen]],
) -> None:
    surveys = [gr.measure(route) for route in gr.read(shared / "data" / name)]
    target = tmp_path / "map.html"
    gr.draw(surveys).save(target)
    page, seen = open_page(viewport={"width": 1000, "height": 700})
    page.goto(target.as_uri())
    page.wait_for_selector("html[data-drawn]")
    page.wait_for_timeout(150)
    assert max(page.evaluate(PAINTED)) > 300
    assert seen.nothing(), seen
