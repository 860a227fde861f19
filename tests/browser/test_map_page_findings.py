"""Findings on a map: a layer of marks, and a list that leads to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geo_routes.maps import draw
from geo_routes.maps.payload import page_data
from geo_routes.model import Declared, Finding, Route, Structure
from geo_routes.survey import Survey, measure

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Seen

pytestmark = pytest.mark.browser

Axe = Callable[["Page"], list[dict[str, Any]]]

HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>{{7*7}}"


def _survey(**members: Any) -> Survey:
    line = np.array([[9.0, 50.0], [9.1, 50.0], [9.1, 50.0], [9.2, 50.05]])
    given: dict[str, Any] = {
        "name": "Line",
        "structures": (Structure(kind="tunnel", from_m=5000, to_m=3000, name="Deep"),),
        "declared": Declared(length_km=19.0, source="a leaflet"),
    }
    return measure(Route(lonlat=line, **{**given, **members}))


def _sound() -> Survey:
    line = np.array([[9.0, 50.0], [9.1, 50.0], [9.2, 50.05]])
    return measure(Route(lonlat=line, name="Sound"))


def _show(page: Page, folder: Path, *surveys: Survey, **options: Any) -> None:
    path = folder / "map.html"
    draw(surveys, **options).save(path)
    page.set_default_timeout(5_000)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-drawn=true]")


def test_marks_stand_where_things_were_found(page: Page, seen: Seen, tmp_path: Path) -> None:
    _show(page, tmp_path, _survey())
    marks = page.locator(".geo-routes-finding")
    assert marks.count() == 2
    titles = marks.evaluate_all("all => all.map(mark => mark.title)")
    assert sorted(titles) == ["Error: structures.reversed", "Note: geometry.duplicate_vertices"]
    marks.first.click()
    popup = page.locator(".geo-routes-popup")
    assert "structures.reversed" in popup.inner_text()
    assert "3.000" in popup.inner_text()
    assert seen.page_errors == []


def test_a_mark_opens_by_the_keyboard(page: Page, tmp_path: Path) -> None:
    _show(page, tmp_path, _survey())
    page.locator(".geo-routes-finding").first.focus()
    page.keyboard.press("Enter")
    assert "runs backwards" in page.locator(".geo-routes-popup").inner_text()


def test_the_list_names_all_and_leads_to_the_place(page: Page, tmp_path: Path) -> None:
    _show(page, tmp_path, _survey())
    rows = page.locator("#findings li")
    texts = rows.all_inner_texts()
    assert len(texts) == 4
    assert any("declared.length" in text and "differs" in text for text in texts)
    assert page.locator("#findings details").get_attribute("open") is not None
    before = page.evaluate("map_geo_routes.getZoom()")
    rows.filter(has_text="structures.reversed").locator("button").click()
    assert page.evaluate("map_geo_routes.getZoom()") > before
    centre = page.evaluate("[map_geo_routes.getCenter().lng, map_geo_routes.getCenter().lat]")
    # Three kilometres east along the parallel, whose degree has 71.7 km at 50 degrees.
    assert centre == pytest.approx([9 + 3 / 71.695, 50.0], abs=1e-3)


def test_the_layer_can_be_switched_off(page: Page, tmp_path: Path) -> None:
    _show(page, tmp_path, _survey())
    page.get_by_label("Findings").uncheck()
    assert page.locator(".geo-routes-finding").count() == 0
    page.get_by_label("Findings").check()
    assert page.locator(".geo-routes-finding").count() == 2


def test_where_nothing_was_found_there_is_neither_layer_nor_list(
    page: Page, tmp_path: Path
) -> None:
    _show(page, tmp_path, _sound())
    assert page.locator(".geo-routes-finding").count() == 0
    assert page.get_by_label("Findings").count() == 0
    assert page.locator("#findings").is_hidden()


@pytest.mark.parametrize("language,word", [("de", "Befunde"), ("ja", "指摘")])
def test_the_words_are_the_readers(page: Page, tmp_path: Path, language: str, word: str) -> None:
    _show(page, tmp_path, _survey(), language=language)
    assert word in page.locator("#findings h2").inner_text()


def test_hostile_names_stay_text(page: Page, seen: Seen, tmp_path: Path) -> None:
    deep = Structure(kind="tunnel", from_m=5000, to_m=3000, name=HOSTILE)
    _show(page, tmp_path, _survey(name=HOSTILE, structures=(deep,)), _sound())
    page.locator(".geo-routes-finding").first.click()
    assert page.evaluate("window.hacked") is None
    assert "{{7*7}}" in page.locator("#findings").inner_text()
    assert seen.page_errors == []


def test_nothing_is_held_against_the_marks_and_the_list(
    page: Page, axe_violations: Axe, tmp_path: Path
) -> None:
    _show(page, tmp_path, _survey(), _sound())
    assert [v["id"] for v in axe_violations(page)] == []


def test_a_flood_of_findings_is_cut() -> None:
    remarks = tuple(
        Finding(code="member.name", severity="warning", message=f"{i}") for i in range(500)
    )
    data = page_data([_survey(remarks=remarks)], title=None, language="en")
    assert len(data["routes"][0]["findings"]) == 100
