"""Many runs over one line: trains by top speeds of the line."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Unpack

import numpy as np

from geo_routes.errors import InvalidNoun
from geo_routes.model import FloatArray
from geo_routes.running_time.runs import run_train
from geo_routes.speed import SpeedOptions
from geo_routes.standards import Train
from geo_routes.survey import Survey

_Times = tuple[float, float, float]
_MOST_PROCESSES = 256
# What the processes of a sweep run: they are forks, and so see what was set before.
_work: list[Callable[[tuple[int, int]], _Times]] = []


def sweep_runs(
    survey: Survey,
    trains: Sequence[Train],
    max_speeds_kmh: Sequence[float],
    *,
    stops: str | Sequence[str] = "all",
    step_m: float = 100.0,
    processes: int = 1,
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
    processes : int
        Among how many processes the runs are shared out, where the system can fork; elsewhere all
        are done in this one.

    Returns
    -------
    (trains, speeds, 3) float64
        Lowest, expected and highest minimum running time, seconds.

    Raises
    ------
    InvalidNoun
        As `run_train`.
    """
    if "max_speed_kmh" in options:
        msg = "max_speed_kmh is what is swept over"
        raise InvalidNoun(msg, remedy="give it in max_speeds_kmh")
    if not 1 <= processes <= _MOST_PROCESSES:
        msg = f"{processes} processes, expected 1 to {_MOST_PROCESSES}"
        raise InvalidNoun(msg, value=processes)

    def run(case: tuple[int, int]) -> _Times:
        options["max_speed_kmh"] = float(max_speeds_kmh[case[1]])
        made = run_train(survey, trains[case[0]], stops=stops, step_m=step_m, **options)
        return made.low_s, made.minimum_s, made.high_s

    cases = [(i, k) for i in range(len(trains)) for k in range(len(max_speeds_kmh))]
    if processes > 1 and "fork" in multiprocessing.get_all_start_methods():
        times = _shared_out(run, cases, processes)
    else:
        times = [run(case) for case in cases]
    return np.array(times, dtype=np.float64).reshape(len(trains), len(max_speeds_kmh), 3)


def _shared_out(
    run: Callable[[tuple[int, int]], _Times], cases: Sequence[tuple[int, int]], processes: int
) -> list[_Times]:
    _work.append(run)
    try:
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            told = pool.map(_one, cases, chunksize=max(len(cases) // (8 * processes), 1))
    finally:
        _work.pop()
    for answer in told:
        if isinstance(answer, str):
            raise InvalidNoun(answer)
    return [answer for answer in told if not isinstance(answer, str)]


def _one(case: tuple[int, int]) -> _Times | str:
    """Run one case in a process of its own; what is wrong comes back as its sentence."""
    try:
        return _work[-1](case)
    except InvalidNoun as error:
        return error.reason
