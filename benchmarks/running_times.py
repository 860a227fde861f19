"""How long running times take: 1,000 km at 10 m, and a sweep of trains and speeds over 300 km.

Usage: ``python benchmarks/running_times.py``. Prints seconds, and the first of them as a share of
reading JSON, which steadies the figure on a machine that is busy.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import numpy as np

from geo_routes.model import Route
from geo_routes.running_time import rank_costs, run_train, sweep_runs
from geo_routes.speed import survey_line
from geo_routes.standards import read_train
from geo_routes.survey import Survey

_DEGREE_M = 111_319.4907932264


def line(length_km: int, *, step_m: float, curve_m: float) -> Survey:
    """Lay a line with a curve every so many metres, and hills, near the equator.

    Parameters
    ----------
    length_km : int
    step_m : float
        From vertex to vertex.
    curve_m : float
        From curve to curve; they turn by 20 degrees to either hand, with radii of 2 to 6 km.

    Returns
    -------
    Survey
        With its alignment.
    """
    rng = np.random.default_rng(7)
    s = np.arange(0, length_km * 1000 + step_m / 2, step_m)
    curvature = np.zeros(len(s))
    for number, at_m in enumerate(np.arange(curve_m / 2, s[-1] - 3_000, curve_m)):
        radius = rng.uniform(2_000, 6_000) * (-1) ** number
        arc = abs(radius) * np.radians(20)
        ends = [at_m, at_m + 200, at_m + 200 + arc, at_m + 400 + arc]
        curvature += np.interp(s, ends, [0, 1 / radius, 1 / radius, 0], left=0, right=0)
    heading = np.concatenate(([0.0], np.cumsum((curvature[1:] + curvature[:-1]) / 2 * step_m)))
    middle = (heading[1:] + heading[:-1]) / 2
    x = np.concatenate(([0.0], np.cumsum(np.cos(middle) * step_m)))
    y = np.concatenate(([0.0], np.cumsum(np.sin(middle) * step_m)))
    waves = np.arange(2_000, 40_000, 4_000)
    heights = sum(w / 800 * np.sin(2 * np.pi * s / w + k) for k, w in enumerate(waves.tolist()))
    route = Route(
        lonlat=np.column_stack([x, y]) / _DEGREE_M,
        height_m=np.asarray(heights),
        mode="high_speed_rail",
        gauge_mm=1435.0,
        accuracy_m=0.3,
        name=f"{length_km} km",
    )
    return survey_line(route)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    """Print the figures."""
    text = json.dumps(np.random.default_rng(1).uniform(0, 180, (20_000, 2)).tolist())
    unit = min(_seconds(lambda: [json.loads(text) for _ in range(10)]) for _ in range(3))
    train = read_train("ice3")
    long = line(1_000, step_m=10.0, curve_m=5_000.0)
    run_train(long, train, step_m=10.0)
    took = min(_seconds(lambda: run_train(long, train, step_m=10.0)) for _ in range(3))
    run = run_train(long, train, step_m=10.0)
    cells = len(run.drive.track.limit_w)
    print(f"1,000 km, {cells:,} cells, three runs (slow, expected, fast): {took:.2f} s")
    print(f"  {took / unit:.2f} of reading 400,000 positions as JSON")
    took = _seconds(lambda: rank_costs(run))
    print(f"  costs of {len(rank_costs(run))} restrictions: {took:.2f} s")
    short = line(300, step_m=25.0, curve_m=5_000.0)
    trains = [read_train(name) for name in ("ice3", "n700s", "cr400af", "flirt")]
    speeds = np.linspace(100, 350, 250)
    for processes in (1, 2):
        took = _seconds(lambda n=processes: sweep_runs(short, trains, speeds, processes=n))  # type: ignore[misc]
        each = took / (len(trains) * len(speeds))
        print(
            f"300 km, {len(trains)} trains by {len(speeds)} speeds, three runs each: {took:.1f} s"
        )
        print(f"  10,000 of them: {each * 10_000:.0f} s with {processes} process(es)")


if __name__ == "__main__":
    main()
