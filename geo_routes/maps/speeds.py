"""Speeds as a map shows them: stretches by class of speed, slow ones dark and thick."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Literal

import numpy as np

from geo_routes.errors import InvalidNoun
from geo_routes.running_time import Run
from geo_routes.styles import ELEMENT_STYLES, curve_strokes

SpeedColour = Literal["permitted_speed", "speed"]
SPEED_COLOURS: tuple[SpeedColour, ...] = ("permitted_speed", "speed")

_KMH = 3.6
# Most of a line is run near its top speed, and there the differences matter.
_SHARES = (0.35, 0.55, 0.7, 0.8, 0.9)
_STEPS_KMH, _MOST_STEPS = (1, 5, 10, 50), 40
_SHORTEST_M = 0.01


def insist_runs(runs: Sequence[Run | None]) -> tuple[Run, ...]:
    """Give the runs, where every route has one.

    Raises
    ------
    InvalidNoun
        If a route has none: without a train there is no speed.
    """
    told = tuple(run for run in runs if run is not None)
    if len(told) < len(runs) or not runs:
        msg = "a map of speeds needs a run of a train for each route"
        raise InvalidNoun(msg, remedy="give draw() what run_train gave, or --train")
    return told


def speed_classes(runs: Sequence[Run]) -> tuple[float, ...]:
    """Choose the bounds of up to six classes, km/h, from 0 to the fastest: finer near the top."""
    top = max(math.sqrt(2 * float(run.drive.track.limit_w.max())) * _KMH for run in runs)
    step = next(s for s in _STEPS_KMH if top <= s * _MOST_STEPS or s == _STEPS_KMH[-1])
    highest = step * math.ceil(top / step - 1e-6)
    bounds = {step * round(share * highest / step) for share in _SHARES}
    return tuple(float(kmh) for kmh in sorted({0, highest} | bounds))


def speed_spans(
    run: Run, from_m: float, to_m: float, *, bounds: Sequence[float], colour: SpeedColour
) -> list[tuple[float, float, dict[str, Any]]]:
    """List (from, to, what it is) without gap or overlap over one part of a route."""
    at_m, speed, permitted = run.speeds()
    values = (speed if colour == "speed" else permitted) * _KMH
    kmh = np.clip((values[1:] + values[:-1]) / 2, bounds[0], bounds[-1] - 1e-9)
    which = np.searchsorted(bounds, kmh, side="right") - 1
    spans: list[tuple[float, float, dict[str, Any]]] = []
    reached_m = from_m
    for low_m, high_m, number, slow, fast in _merged(
        at_m.tolist(), which.tolist(), values.tolist()
    ):
        begin, end = max(low_m, reached_m), min(high_m, to_m)
        if end - begin < _SHORTEST_M:
            continue
        if begin - reached_m >= _SHORTEST_M:
            spans.append((reached_m, begin, _not_run(reached_m, begin)))
        told = {"from_m": round(begin, 1), "to_m": round(end, 1)}
        told |= {"low_kmh": round(slow, 1), "high_kmh": round(fast, 1)}
        spans.append((begin, end, {"kind": f"speed-{number}", **told}))
        reached_m = end
    if to_m - reached_m >= _SHORTEST_M or not spans:
        spans.append((reached_m, to_m, _not_run(reached_m, to_m)))
    return spans


def _merged(
    at_m: list[float], which: list[int], values: list[float]
) -> Iterator[tuple[float, float, int, float, float]]:
    """Unite neighbours of one class; give from, to, class, slowest and fastest."""
    now: list[Any] = []
    for i, number in enumerate(which):
        if at_m[i + 1] <= at_m[i]:
            continue
        slow, fast = sorted((values[i], values[i + 1]))
        if now and now[2] == number:
            now[1], now[3], now[4] = at_m[i + 1], min(now[3], slow), max(now[4], fast)
            continue
        if now:
            yield now[0], now[1], now[2], now[3], now[4]
        now = [at_m[i], at_m[i + 1], number, slow, fast]
    if now:
        yield now[0], now[1], now[2], now[3], now[4]


def _not_run(from_m: float, to_m: float) -> dict[str, Any]:
    return {"kind": "not_run", "from_m": round(from_m, 1), "to_m": round(to_m, 1)}


def speed_styles(bounds: Sequence[float], used: set[str]) -> dict[str, Any]:
    """Give the strokes of the classes; all between are in the legend, too."""
    count = len(bounds) - 1
    styles = {
        f"speed-{k}": [asdict(s) for s in curve_strokes(k / max(count - 1, 1))]
        for k in range(count)
    }
    if "not_run" in used:
        styles["not_run"] = [asdict(s) for s in ELEMENT_STYLES["untold"]]
    return styles


def speed_legend(bounds: Sequence[float], used: set[str]) -> list[dict[str, Any]]:
    """List what the legend tells, from the fastest to the slowest."""
    rows: list[dict[str, Any]] = [
        {"kind": f"speed-{k}", "speed": {"from_kmh": bounds[k], "to_kmh": bounds[k + 1]}}
        for k in reversed(range(len(bounds) - 1))
    ]
    return rows + ([{"kind": "not_run"}] if "not_run" in used else [])
