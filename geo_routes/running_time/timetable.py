"""A published running time held against the minimum one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo_routes.checks import rounding
from geo_routes.model import Finding
from geo_routes.running_time.runs import Run

Outcome = Literal["possible", "in_range", "impossible", "untestable"]
_MINUTE_S = 60.0
# A year; nothing that is published of a run is longer.
_LONGEST_MIN = 525_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableVerdict:
    """What a published running time leaves over the minimum.

    Parameters
    ----------
    outcome : {"possible", "in_range", "impossible", "untestable"}
        It leaves an allowance; it is below what is expected, but within the range; it is below
        even the fastest end of the range; or it is that of another run.
    declared_s, rounding_s : float
        As published, and half of its last digit.
    slack_s : float
        What it leaves over minimum running time and dwell; below 0 where it leaves none.
    slack_low_s, slack_high_s : float
        By the range of the running time.
    allowance : float
        The slack as a share of the minimum running time.
    reason : str
    """

    outcome: Outcome
    declared_s: float
    rounding_s: float
    slack_s: float
    slack_low_s: float
    slack_high_s: float
    allowance: float
    reason: str


def judge_timetable(run: Run) -> TimetableVerdict | None:
    """Hold the declared running time of a route against a run over it.

    Parameters
    ----------
    run : Run

    Returns
    -------
    TimetableVerdict or None
        None where the route declares no running time.
    """
    declared = run.survey.route.declared
    if declared is None or not declared.running_time_min:
        return None
    if not 0 < declared.running_time_min <= _LONGEST_MIN:
        return None  # `check` says that it is no time
    declared_s = declared.running_time_min * _MINUTE_S
    rounding_s = _MINUTE_S * rounding(declared.running_time_min)
    slack_s = declared_s - run.minimum_s - run.dwell_s
    low_s, high_s = declared_s - run.high_s - run.dwell_s, declared_s - run.low_s - run.dwell_s
    ends = (run.stops[0].name, run.stops[-1].name)
    stations = run.survey.stations
    whole = (stations[0].station.name, stations[-1].station.name) if len(stations) > 1 else ends
    wanted = (declared.origin or whole[0], declared.terminus or whole[1])
    reason = f"the timetable leaves {slack_s:,.0f} s over the minimum of {run.minimum_s:,.0f} s"
    if run.dwell_s:
        reason += f" and {run.dwell_s:,.0f} s of dwell"
    outcome: Outcome = "possible"
    if {*wanted} != {*ends}:
        outcome = "untestable"
        reason = f"the time is declared from {wanted[0]} to {wanted[1]}, and the run is another"
    elif slack_s + rounding_s < 0:
        shown = f"the declared {declared.running_time_min:g} min are less than the minimum"
        if high_s + rounding_s < 0:
            outcome = "impossible"
            reason = f"{shown} of {run.minimum_s:,.0f} s, and than the fastest of its range"
        else:
            outcome = "in_range"
            reason = f"{shown} of {run.minimum_s:,.0f} s, but within its range"
        reason += f" ({run.low_s:,.0f} to {run.high_s:,.0f} s)"
    return TimetableVerdict(
        outcome=outcome,
        declared_s=declared_s,
        rounding_s=rounding_s,
        slack_s=slack_s,
        slack_low_s=low_s,
        slack_high_s=high_s,
        allowance=slack_s / run.minimum_s,
        reason=reason,
    )


def check_timetable(run: Run) -> tuple[Finding, ...]:
    """Give the findings about the declared running time of a route.

    Parameters
    ----------
    run : Run

    Returns
    -------
    tuple of Finding
        An error where the timetable is faster than any run could be, a warning where it is faster
        than expected.
    """
    verdict = judge_timetable(run)
    if verdict is None or verdict.outcome == "possible":
        return ()
    severity: Literal["error", "warning", "note"] = "note"
    code, remedy = "running_time.untestable", "choose --stops that begin and end there"
    if verdict.outcome == "impossible":
        severity, code = "error", "running_time.impossible"
        remedy = "check the declared time, the stops, and the train"
    elif verdict.outcome == "in_range":
        severity, code = "warning", "running_time.tight"
        remedy = "check the declared time, and narrow the ranges of train and line"
    return (
        Finding(
            code=code,
            severity=severity,
            message=verdict.reason,
            remedy=remedy,
            route=run.survey.route.label,
        ),
    )
