"""Speeds as a colour of the map: the legend, and what a stretch tells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geo_routes.maps import draw
from geo_routes.model import Route
from geo_routes.running_time import Run, run_train
from geo_routes.speed import survey_line
from geo_routes.standards import read_train

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

Axe = Callable[["Page"], list[dict[str, Any]]]
HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>{{7*7}}"


def _run(**members: Any) -> Run:
    """Run over twenty kilometres of a meridian."""
    lat = np.linspace(48, 48.18, 201)
    plain: dict[str, Any] = {"mode": "rail", "gauge_mm": 1435.0, "accuracy_m": 0.1, "name": "Line"}
    route = Route(lonlat=np.column_stack([np.full(201, 9.0), lat]), **(plain | members))
    return run_train(survey_line(route), read_train("flirt"))


def _show(page: Page, folder: Path, run: Run, **options: Any) -> None:
    path = folder / "map.html"
    draw(run, **{"colour": "speed", **options}).save(path)
    page.set_default_timeout(5_000)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-drawn=true]")


def test_a_click_tells_the_speed_and_the_train(page: Page, seen: Seen, tmp_path: Path) -> None:
    _show(page, tmp_path, _run())
    x, y = page.evaluate(
        """() => {
          const point = map_geo_routes.latLngToContainerPoint([48.09, 9.0]);
          const box = map_geo_routes.getContainer().getBoundingClientRect();
          return [box.left + point.x, box.top + point.y];
        }"""
    )
    page.mouse.click(x, y)
    popup = page.locator(".geo-routes-popup")
    text = popup.inner_text().replace("\u00a0", " ")
    assert popup.locator("strong").inner_text().replace("\u00a0", " ").endswith("160 km/h")
    assert "Stadler FLIRT, 4 cars" in text
    assert seen.nothing()


@pytest.mark.parametrize(
    "language, heading",
    [("en", "Legend: permitted speed"), ("de", "Legende: zulässige Geschwindigkeit"),
     ("ja", "凡例:許容速度")],
)  # fmt: skip
def test_the_legend_names_what_is_drawn(
    page: Page, axe_violations: Axe, tmp_path: Path, language: str, heading: str
) -> None:
    _show(page, tmp_path, _run(name=HOSTILE), language=language, colour="permitted_speed")
    legend = page.locator(".geo-routes-legend")
    assert legend.locator("summary").inner_text() == heading
    assert "km/h" in legend.locator("li").first.inner_text()
    assert page.evaluate("window.hacked") is None
    assert axe_violations(page) == []
