"""Tracks for other programs: what their formats ask for, and the same running time from them."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from geo_routes.exports import write_running_path, write_ttobench
from geo_routes.model import Route, Station
from geo_routes.running_time import Run, run_train
from geo_routes.speed import survey_line
from geo_routes.standards import read_train


@pytest.fixture(scope="module")
def hilly() -> Run:
    """Fifty kilometres of the equator, over two hills, with limits and a stop on the way."""
    end = 50_000 / 111_319.4907932264
    lon = np.linspace(0, end, 501)
    limits = [
        {"from_m": 8_000, "to_m": 12_000, "kmh": 90},
        {"from_m": 30_000, "to_m": 31_000, "kmh": 60},
    ]
    route = Route(
        lonlat=np.column_stack([lon, np.zeros_like(lon)]),
        height_m=60 * np.sin(np.linspace(0, 4 * np.pi, 501)),
        mode="rail",
        gauge_mm=1435.0,
        accuracy_m=0.1,
        id="hill line/1",
        name='Hügel "Ω": {a}',
        stations=tuple(
            Station(lonlat=(end * share, 0.0), name=name)
            for share, name in ((0, "A: x"), (0.44, "- B"), (1, "C #1"))
        ),
        extra={"speed_limits": limits},
    )
    return run_train(survey_line(route), read_train("flirt"))


def test_a_ttobench_track_is_as_its_readme_has_it(hilly: Run, tmp_path: Path) -> None:
    """Positions rise from 0, each value differs from the one before, the last is on the track."""
    path = tmp_path / "track.json"
    write_ttobench(hilly, path)
    track = json.loads(path.read_text(encoding="utf-8"))
    assert track["metadata"]["id"] == "hill_line_1"
    assert track["metadata"]["library version"]
    stops = track["stops"]["values"]
    assert stops == sorted(set(stops))
    assert (stops[0], len(stops)) == (0, 3)
    for member in ("speed limits", "gradients"):
        places, values = zip(*track[member]["values"], strict=True)
        assert places[0] == 0
        assert list(places) == sorted(set(places))
        assert places[-1] < stops[-1]
        assert all(one != two for one, two in pairwise(values))
    assert track["speed limits"]["units"] == {"position": "m", "velocity": "km/h"}
    assert track["gradients"]["units"] == {"position": "m", "slope": "permil"}


def _rerun(
    sections: list[tuple[float, float, float, float]], stops: list[float], run: Run
) -> float:
    """Run over (from, to, km/h, per mille) by small steps, forward and backward."""
    train, step = run.drive.train, 0.5
    total = 0.0
    for first, last in pairwise(stops):
        places = np.arange(first, last, step)
        starts = [s[0] for s in sections]
        which = np.clip(np.searchsorted(starts, places + step / 2, side="right") - 1, 0, None)
        limit = np.array([s[2] for s in sections])[which] / 3.6
        slope = np.array([s[3] for s in sections])[which] / 1000
        allowed = np.minimum(np.append(limit, 0), np.append(0, limit)) ** 2 / 2
        for i in range(len(places) - 1, -1, -1):
            allowed[i] = min(allowed[i], allowed[i + 1] + train.braking_mps2 * step)
        w = 0.0
        a, b, c = train.resistance
        for i in range(len(places)):
            v = math.sqrt(2 * w) if w > 0 else 0.01
            force = min(train.starting_effort_n, train.power_w / v) - a - b * v - c * v * v
            pull = (force - train.mass_kg * 9.80665 * slope[i]) / train.inertia_kg
            after = min(w + pull * step, allowed[i + 1])
            total += 2 * step / (math.sqrt(2 * w) + math.sqrt(2 * max(after, 1e-6)))
            w = after
    return total


def test_a_run_over_the_exported_track_takes_as_long(hilly: Run, tmp_path: Path) -> None:
    """Others can check us: the files hold all that the running time is made of."""
    path = tmp_path / "path.yaml"
    write_running_path(hilly, path)
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert document["schema"] == "https://railtoolkit.org/schema/running-path.json"
    assert document["schema_version"] == "2022.05"
    (line,) = document["paths"]
    assert line["name"] == 'Hügel "Ω": {a}'
    assert line["id"] == "hill line/1"
    points = line["points_of_interest"]
    assert [p[1] for p in points] == ["A: x", "- B", "C #1"]
    rows = line["characteristic_sections"]
    assert len(rows) >= 2
    assert len({tuple(r) for r in rows}) == len(rows)
    sections = [(a[0], b[0], a[1], a[2]) for a, b in pairwise(rows)]
    assert _rerun(sections, [p[0] for p in points], hilly) == pytest.approx(
        hilly.minimum_s, rel=2e-3
    )
    track_path = tmp_path / "track.json"
    write_ttobench(hilly, track_path)
    track: dict[str, Any] = json.loads(track_path.read_text(encoding="utf-8"))
    limits, slopes = track["speed limits"]["values"], track["gradients"]["values"]
    edges = sorted({p for p, _ in limits} | {p for p, _ in slopes} | {track["stops"]["values"][-1]})

    def at(pairs: list[list[float]], place: float) -> float:
        return [value for start, value in pairs if start <= place][-1]

    sections = [(a, b, at(limits, a), at(slopes, a)) for a, b in pairwise(edges)]
    assert _rerun(sections, track["stops"]["values"], hilly) == pytest.approx(
        hilly.minimum_s, rel=2e-3
    )
