"""Findings: everything that was seen about a route, from the opening of its file on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np

from geo_routes import chainage, geodesy
from geo_routes.checks.verdicts import judge, say_verdict
from geo_routes.formats.route_file import Filing
from geo_routes.model import Finding, FloatArray
from geo_routes.survey import Survey

_SHORT_M = 1.0
_SHARP_TURN_RAD = np.radians(170)
_SIDE_BY_SIDE_M = 50.0
_SAMPLES = 40
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# Declared figures that need an alignment or a train, which this version does not have.
_NOT_MEASURED = ("min_radius_m", "max_speed_kmh", "running_time_min")


def check(survey: Survey, *, tolerance: float | None = None) -> tuple[Finding, ...]:
    """Collect every finding about a surveyed route.

    Parameters
    ----------
    survey : Survey
    tolerance : float, optional
        Relative for lengths (default 0.01) and absolute for shares (default 0.02).

    Returns
    -------
    tuple of Finding
        Of the file, the reading, the measuring and the checks; most severe first, then along the
        line. Nothing is raised.
    """
    route = survey.route
    filed = route.filing.remarks if isinstance(route.filing, Filing) else ()
    found = [*filed, *route.remarks, *survey.remarks]
    for room in (_geometry, _parallel_parts, _names, _declared_figures(tolerance)):
        found += room(survey)
    return sort_findings(found)


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings by severity, then as they came; the same finding stands once."""
    rank = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(dict.fromkeys(findings), key=lambda f: rank[f.severity]))


def _declared_figures(tolerance: float | None) -> Callable[[Survey], list[Finding]]:
    def room(survey: Survey) -> list[Finding]:
        found = []
        for verdict in judge(survey, tolerance=tolerance):
            if verdict.outcome == "agrees":
                continue
            untestable = verdict.outcome == "untestable"
            found.append(
                _say(
                    survey,
                    f"declared.{verdict.figure}" + (".untestable" if untestable else ""),
                    "note" if untestable else "error",
                    say_verdict(verdict),
                    ""
                    if untestable
                    else "check the line, the structures, and what the figure stands for",
                )
            )
        declared = survey.route.declared
        left = [m for m in _NOT_MEASURED if getattr(declared, m, None) is not None]
        if left:
            message = f"declared, and not measured by this version: {', '.join(left)}"
            found.append(_say(survey, "declared.not_measured", "note", message, ""))
        if survey.route.geometry_kind == "sketch" and not found:
            message = (
                "untestable: a sketch says nothing about length, radius or the place of structures"
            )
            found.append(_say(survey, "geometry.sketch", "note", message, ""))
        return found

    return room


def _geometry(survey: Survey) -> list[Finding]:
    found = []
    if 0 < survey.length_m < _SHORT_M:
        message = f"the line is very short: its length is {survey.length_m:.4g} m"
        found.append(_say(survey, "geometry.short", "warning", message, "check its coordinates"))
    steps_m = np.diff(survey.chainage_m)
    within = np.ones(len(steps_m), dtype=bool)
    within[survey.route.part_starts[1:] - 1] = False
    repeated = np.nonzero((steps_m == 0) & within)[0]
    if len(repeated) and survey.length_m > 0:
        message = (
            f"{len(repeated)} vertices repeat the one before: duplicate places of zero distance"
        )
        at_m = float(survey.chainage_m[repeated[0]])
        found.append(
            _say(survey, "geometry.duplicate_vertices", "note", message, "remove them", at_m)
        )
    return found + _turns_back(survey, survey.route.lonlat, within)


def _turns_back(survey: Survey, lonlat: FloatArray, within: FloatArray) -> list[Finding]:
    keep = np.concatenate(([True], (np.diff(survey.chainage_m) > 0) | ~within.astype(bool)))
    line, places_m = lonlat[keep], survey.chainage_m[keep]
    if len(line) < 3:
        return []
    sharp = np.abs(geodesy.deflections_rad(line)) > _SHARP_TURN_RAD
    joints = np.diff(places_m)
    sharp &= (joints[:-1] > 0) & (joints[1:] > 0)
    back = np.nonzero(sharp)[0] + 1
    if len(back) == 0:
        return []
    message = (
        f"the line turns back on itself at {len(back)} place(s), "
        "so a stretch is counted more than once"
    )
    remedy = "remove the spur or spike, or keep the second way as a route of its own"
    return [
        _say(survey, "geometry.turns_back", "warning", message, remedy, float(places_m[back[0]]))
    ]


def _parallel_parts(survey: Survey) -> list[Finding]:
    """Find parts of one route that run side by side, such as the two tracks of a line."""
    route = survey.route
    if len(route.part_starts) == 1 or survey.length_m == 0:
        return []
    middles, own = [], []
    for part, (first, end) in enumerate(zip(route.part_starts, route.part_ends, strict=True)):
        step = max((end - first) // _SAMPLES, 1)
        places_m = survey.chainage_m[first:end:step]
        middles.append((places_m[:-1] + places_m[1:]) / 2)
        own += [part] * len(middles[-1])
    here_m, mine = np.concatenate(middles), np.array(own)
    ruler = chainage.Ruler(
        lonlat=route.lonlat, part_starts=route.part_starts, chainage_m=survey.chainage_m
    )
    found = chainage.locate(ruler, chainage.interpolate(ruler, here_m), slack_m=_SIDE_BY_SIDE_M)
    theirs = np.searchsorted(survey.chainage_m[route.part_ends - 1], found.chainage_m)
    beside = theirs != mine[found.point]
    beside &= np.abs(found.chainage_m - here_m[found.point]) > 4 * _SIDE_BY_SIDE_M
    beside &= found.offset_m <= _SIDE_BY_SIDE_M
    doubled = np.zeros(len(here_m), dtype=bool)
    doubled[found.point[beside]] = True
    sampled = np.bincount(mine, minlength=len(route.part_starts))
    parts = np.nonzero(np.bincount(mine[doubled], minlength=len(sampled)) > sampled / 2)[0]
    if len(parts) == 0:
        return []
    at_m = float(survey.chainage_m[route.part_starts[parts[0]]])
    message = (
        f"{len(parts)} parts of the route run parallel to another part, such as the two tracks "
        "of a line or the same piece twice; all are summed as filed"
    )
    remedy = "keep one of them, or keep them as two routes"
    return [_say(survey, "pieces.parallel", "error", message, remedy, at_m)]


def _names(survey: Survey) -> list[Finding]:
    names = [survey.route.name, *(s.station.name for s in survey.stations)]
    odd = [n for n in names if _CONTROL.search(n)]
    if not odd:
        return []
    message = f"{len(odd)} name(s) hold control or direction characters, the first: {odd[0][:60]!r}"
    return [_say(survey, "name.control", "warning", message, "type the name anew")]


def _say(
    survey: Survey,
    code: str,
    severity: Literal["error", "warning", "note"],
    message: str,
    remedy: str,
    chainage_m: float | None = None,
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        message=message,
        remedy=remedy,
        route=survey.route.label,
        chainage_m=chainage_m,
    )
