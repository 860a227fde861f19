"""Speeds as a colour of the map: classes, stretches, legend, and what is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import folium
import numpy as np
import pytest

from geo_routes.errors import InvalidNoun
from geo_routes.maps import RouteLayer, draw
from geo_routes.maps.payload import page_data
from geo_routes.maps.speeds import speed_classes, speed_spans
from geo_routes.maps.words import LANGUAGES, words_in
from geo_routes.model import Route, Station
from geo_routes.running_time import Run, run_train
from geo_routes.speed import survey_line
from geo_routes.standards import read_train
from geo_routes.survey import measure


@pytest.fixture(scope="module")
def run() -> Run:
    """Eighty kilometres of the equator in two parts, run over from 10 to 70 km."""
    end = 80_000 / 111_319.4907932264
    lon = np.linspace(0, end, 401)
    route = Route(
        lonlat=np.column_stack([np.insert(lon, 200, lon[200]), np.zeros(402)]),
        part_starts=np.array([0, 201]),
        mode="rail",
        gauge_mm=1435.0,
        accuracy_m=0.1,
        name="equator",
        stations=tuple(
            Station(lonlat=(end * x, 0.0), name=n) for n, x in (("A", 0.125), ("B", 0.875))
        ),
        extra={"speed_limits": [{"from_m": 40_000, "to_m": 44_000, "kmh": 60}]},
    )
    return run_train(survey_line(route), read_train("flirt"))


def data_of(run: Run, colour: Any) -> dict[str, Any]:
    return page_data([run.survey], title=None, language="en", colour=colour, runs=[run])


def test_classes_are_round_and_finer_near_the_top(run: Run) -> None:
    """From 0 to 160 km/h in six classes or fewer, the widest at the bottom."""
    bounds = speed_classes([run])
    assert (bounds[0], bounds[-1]) == (0.0, 160.0)
    assert 4 <= len(bounds) - 1 <= 6
    widths = np.diff(bounds)
    assert widths[0] == widths.max()
    assert all(b % 5 == 0 for b in bounds)


@pytest.mark.parametrize("colour", ["speed", "permitted_speed"])
def test_stretches_have_no_gap_and_their_class(run: Run, colour: Any) -> None:
    """Each stretch holds the speeds of its class; beyond the run nothing is told."""
    bounds = speed_classes([run])
    spans = speed_spans(run, 0.0, 80_000.0, bounds=bounds, colour=colour)
    assert spans[0][0] == 0.0
    assert spans[-1][1] == 80_000.0
    assert all(one[1] == two[0] for one, two in pairwise(spans))
    assert (spans[0][2]["kind"], spans[-1][2]["kind"]) == ("not_run", "not_run")
    assert spans[0][1] == pytest.approx(10_000, abs=1)
    for _, _, told in spans[1:-1]:
        number = int(told["kind"].removeprefix("speed-"))
        middle = (told["low_kmh"] + told["high_kmh"]) / 2
        assert bounds[number] - 12 <= middle <= bounds[number + 1] + 12
    slow = next(s for s in spans if s[0] < 42_000 < s[1])[2]
    assert slow["low_kmh"] == 60


def test_the_legend_tells_all_classes(run: Run) -> None:
    """The fastest first, and what was not run over last."""
    data = data_of(run, "speed")
    bounds = speed_classes([run])
    told = [row["speed"] for row in data["legend"] if "speed" in row]
    assert [row["to_kmh"] for row in told] == sorted(bounds[1:], reverse=True)
    assert data["legend"][-1] == {"kind": "not_run"}
    assert {r["kind"] for r in data["routes"][0]["runs"]} <= set(data["styles"])
    assert data["routes"][0]["train"] == "Stadler FLIRT, 4 cars"


def test_a_speed_needs_a_run(run: Run) -> None:
    """A survey alone has none, and says so."""
    survey = measure(run.survey.route)
    for given in (survey, [run, survey]):
        with pytest.raises(InvalidNoun, match="run"):
            draw(given, colour="speed").page()  # type: ignore[arg-type]


def test_a_run_may_be_drawn_in_any_colour(run: Run) -> None:
    """It stands for its route, on our page and on anybody's map."""
    for colour in ("structure", "curvature", "speed", "permitted_speed"):
        page = draw(run, colour=colour).page()  # type: ignore[arg-type]
        assert "equator" in page
        assert page == draw([run], colour=colour).page()  # type: ignore[arg-type]
    foreign = folium.Map()
    RouteLayer(run, colour="speed").add_to(foreign)
    assert "geoRoutes.addTo" in foreign.get_root().render()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_there_in_each_language(language: str) -> None:
    """Legends, train, and what was not run over."""
    assert set(words_in(language)["speeds"]) == {"permitted_speed", "speed", "train", "not_run"}
