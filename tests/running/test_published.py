"""Published runs: what the shape of a line allows, beside what timetables say.

Nothing is fitted: trains and limits are those of the package, each with its source or its range.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import geo_routes as gr
from geo_routes.formats.osm import Selection, import_route, merge_extracts, read_extract
from geo_routes.model import Declared, Route, Station
from geo_routes.running_time import judge_timetable, rank_costs, run_train
from geo_routes.speed import survey_line
from geo_routes.standards import read_limits, read_train, read_trains
from geo_routes.survey import Survey

_GEODATA = Path(__file__).resolve().parents[2] / "geodata"
_NOZOMI = ["東京", "品川", "新横浜", "名古屋", "京都", "新大阪"]
_NOZOMI_MIN, _DWELL_S = 141.0, 60.0


def _imported(shared: Path, *names: str) -> Route:
    extracts = [read_extract(str(shared / "data" / name)) for name in names]
    return import_route(merge_extracts(extracts), Selection()).route


@pytest.fixture(scope="module")
def tokaido(shared: Path) -> Survey:
    """The line as imported; mode and gauge are what everybody knows."""
    names = ("jp-shinkansen/tokaido-polyline.json", "jp-shinkansen/tokaido-stations.json")
    route = _imported(shared, *names)
    return survey_line(dataclasses.replace(route, mode="high_speed_rail", gauge_mm=1435.0))


@pytest.fixture(scope="module")
def guideway(shared: Path) -> Survey:
    """The Shanghai guideway as imported."""
    route = _imported(shared, "osm-maglev/cn-shanghai-maglev.geojson")
    return survey_line(dataclasses.replace(route, mode="maglev"))


def test_nozomi(tokaido: Survey) -> None:
    """2 h 21 min with four stops: the minimum is 0.88 to 0.97 of it.

    Cant 200 mm and deficiency 100 mm are the line's design, 1° the train's tilt.
    """
    run = run_train(
        tokaido,
        read_train("n700s"),
        limits=read_limits("tokaido-design"),
        stops=_NOZOMI,
        max_speed_kmh=285.0,
        dwell_s=_DWELL_S,
    )
    share = run.minimum_s / 60 / _NOZOMI_MIN
    assert 0.88 <= share <= 0.97
    assert share < (run.minimum_s + run.dwell_s) / 60 / _NOZOMI_MIN <= 0.97
    assert run.low_s < run.minimum_s < run.high_s
    assert "speed.noise" in {r.code for r in tokaido.remarks}
    # Shin-Yokohama to Nagoya, 316 km, takes 76 min (Tōyō Keizai).
    assert 0.88 <= run.legs[2].minimum_s / 60 / 76 <= 0.97


def test_nozomi_over_vertices_that_are_believed_is_minutes_slower(tokaido: Survey) -> None:
    """Taken as surveyed to 1 m, the same vertices cost minutes (0.7 m, as they look: 15)."""
    assert tokaido.alignment is not None
    believed = survey_line(dataclasses.replace(tokaido.route, accuracy_m=1.0))
    times = [
        run_train(s, read_train("n700s"), stops=_NOZOMI, max_speed_kmh=285.0).minimum_s
        for s in (tokaido, believed)
    ]
    assert times[1] - times[0] > 300


def test_what_the_curves_of_the_tokaido_cost(tokaido: Survey) -> None:
    """Atami, R 1,500 m or so, is the costliest beyond Shin-Yokohama; easing it saves as much."""
    run = run_train(
        tokaido,
        read_train("n700s"),
        limits=read_limits("tokaido-design"),
        stops=_NOZOMI,
        max_speed_kmh=285.0,
    )
    costs = rank_costs(run, eased_m=2_500.0)
    far = [c for c in costs if c.cause == "curve" and c.from_m > 30_000]
    assert 93_000 < far[0].from_m < 100_000
    assert far[0].restriction is not None
    assert far[0].restriction.radius_m == pytest.approx(1_450, rel=0.1)
    assert 10 < far[0].lost_s < 30
    assert 0 < (far[0].saved_s or 0) <= far[0].lost_s
    assert sum(c.lost_s for c in costs if c.cause == "curve") < run.minimum_s / 4


@pytest.mark.parametrize("last_km", [1_318.0, 1_302.89])
def test_beijing_shanghai_by_kilometres(last_km: float) -> None:
    """4 h 18 min with two stops at 350 km/h: the minimum is 0.91 to 0.99 of it.

    1,318 km with the branches at both ends, 1,302.89 of the main line; kilometres of the stations
    from a mirror of Wikipedia. G17 ran non-stop to Nanjing South, 1,018.6 km, in 3 h 13 min.
    """
    told = (
        ("Beijing South", 116.3787, 39.8652, 0.0),
        ("Jinan West", 116.8920, 36.6680, 419.445),
        ("Nanjing South", 118.7980, 31.9690, 1_018.6),
        ("Shanghai Hongqiao", 121.3200, 31.1940, last_km),
    )
    route = Route(
        lonlat=np.array([(lon, lat) for _, lon, lat, _ in told]),
        name="Beijing–Shanghai",
        mode="high_speed_rail",
        gauge_mm=1435.0,
        geometry_kind="sketch",
        stations=tuple(
            Station(lonlat=(lon, lat), name=name, chainage_km=km) for name, lon, lat, km in told
        ),
        declared=Declared(running_time_min=258, max_speed_kmh=350),
    )
    run = run_train(survey_line(route), read_train("cr400af"), dwell_s=120.0)
    assert run.distance == "kilometres"
    assert run.way_m == pytest.approx(last_km * 1000)
    assert 0.91 <= run.minimum_s / 60 / 258 <= 0.99
    assert 0.91 <= (run.minimum_s + run.dwell_s) / 60 / 258 <= 0.99
    verdict = judge_timetable(run)
    assert verdict is not None
    assert verdict.outcome == "possible"
    nonstop = run_train(
        survey_line(route), read_train("cr400af"), stops=["Beijing South", "Nanjing South"]
    )
    assert 0.91 <= nonstop.minimum_s / 60 / 193 <= 0.99


def test_chuo_in_forty_minutes() -> None:
    """285.6 km with the L0: 36.2 to 39.5 min; the claim of 40 is possible, and leaves minutes."""
    route = gr.read_one(_GEODATA / "chuo-shinkansen.geojson")
    run = run_train(survey_line(route), read_train("l0"), limits=read_limits("chuo"), stops="ends")
    assert run.distance == "declared"
    assert 36.2 <= run.low_s / 60 <= run.minimum_s / 60 <= run.high_s / 60 <= 39.5
    verdict = judge_timetable(run)
    assert verdict is not None
    assert verdict.outcome == "possible"
    assert 60 < verdict.slack_low_s < verdict.slack_s < 240


def test_shanghai_with_every_reported_acceleration(guideway: Survey) -> None:
    """One range holds 7 min 20 s, none lies above it, and the reports do not agree."""
    runs = [run_train(guideway, train) for train in read_trains("transrapid")]
    assert len({run.train.variant for run in runs}) == 5
    assert any(run.low_s <= 440 <= run.high_s for run in runs)
    assert not any(run.low_s > 440 for run in runs)
    times = [run.minimum_s for run in runs]
    assert max(times) - min(times) > 20


def test_shanghai_at_three_hundred(guideway: Survey) -> None:
    """Since 2021 at 300 km/h in 8 min 10 s: each report is within its range, or faster."""
    runs = [run_train(guideway, t, max_speed_kmh=300.0) for t in read_trains("transrapid")]
    assert all(run.low_s < 490 for run in runs)
    assert any(run.low_s <= 490 <= run.high_s for run in runs)
