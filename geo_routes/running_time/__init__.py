"""Running times: the fastest run of a train over a line, and what each restriction costs it."""

from geo_routes.running_time.costs import Cost, rank_costs
from geo_routes.running_time.energy import Energy, reckon_energy
from geo_routes.running_time.runs import Allowance, Drive, Leg, Run, run_train
from geo_routes.running_time.stops import Stop
from geo_routes.running_time.sweep import sweep_runs
from geo_routes.running_time.timetable import (
    TimetableVerdict,
    check_timetable,
    judge_timetable,
)
from geo_routes.running_time.track import Track, lay_track

__all__ = [
    "Allowance",
    "Cost",
    "Drive",
    "Energy",
    "Leg",
    "Run",
    "Stop",
    "TimetableVerdict",
    "Track",
    "check_timetable",
    "judge_timetable",
    "lay_track",
    "rank_costs",
    "reckon_energy",
    "run_train",
    "sweep_runs",
]
