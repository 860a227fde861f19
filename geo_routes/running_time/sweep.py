"""Many runs over one line: trains by top speeds of the line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np

from geo_routes.errors import InvalidNoun
from geo_routes.model import FloatArray
from geo_routes.running_time.runs import run_train
from geo_routes.speed import SpeedOptions
from geo_routes.standards import Train
from geo_routes.survey import Survey


def sweep_runs(
    survey: Survey,
    trains: Sequence[Train],
    max_speeds_kmh: Sequence[float],
    *,
    stops: str | Sequence[str] = "all",
    step_m: float = 100.0,
    **options: Unpack[SpeedOptions],
) -> FloatArray:
    """Reckon the running times of some trains at some top speeds of the line.

    Parameters
    ----------
    survey : Survey
    trains : sequence of Train
    max_speeds_kmh : sequence of float
    stops, step_m, **options
        See `run_train`; ``max_speed_kmh`` is what is swept.

    Returns
    -------
    (trains, speeds, 3) float64
        Lowest, expected and highest minimum running time, seconds.
    """
    if "max_speed_kmh" in options:
        msg = "max_speed_kmh is what is swept over"
        raise InvalidNoun(msg, remedy="give it in max_speeds_kmh")
    times = np.empty((len(trains), len(max_speeds_kmh), 3))
    for i, train in enumerate(trains):
        for k, kmh in enumerate(max_speeds_kmh):
            options["max_speed_kmh"] = float(kmh)
            run = run_train(survey, train, stops=stops, step_m=step_m, **options)
            times[i, k] = run.low_s, run.minimum_s, run.high_s
    return times
