"""Findings: everything that was seen about a route, from the opening of its file on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from geo_routes import chainage
from geo_routes.checks.alignment import alignment_findings
from geo_routes.checks.diagnosis import Cause, diagnose
from geo_routes.checks.geometry import geometry_findings
from geo_routes.checks.kilometres import kilometre_findings
from geo_routes.checks.names import attribution_findings, name_findings
from geo_routes.checks.saying import say
from geo_routes.checks.verdicts import Verdict, declared_span, judge, rounding, say_verdict
from geo_routes.formats.route_file import Filing
from geo_routes.model import Declared, Finding
from geo_routes.survey import Survey

# Declared figures that need a train.
_NOT_MEASURED = ("max_speed_kmh", "running_time_min")
# Within the tolerance a difference is looked into where the figure is told more finely than this.
_FINELY = 1e-4
_SLIGHT = 5e-5
_MOST_CAUSES = 4


def check(
    survey: Survey, *, tolerance: float | None = None, shortest_element_m: float | None = None
) -> tuple[Finding, ...]:
    """Collect every finding about a surveyed route.

    Parameters
    ----------
    survey : Survey
    tolerance : float, optional
        Relative for lengths (default 0.01) and absolute for shares (default 0.02).
    shortest_element_m : float, optional
        Circular curves and tangents shorter than this are findings, where the survey has an
        alignment.

    Returns
    -------
    tuple of Finding
        Of the file, the reading, the measuring and the checks; most severe first, then along the
        line. Nothing is raised.
    """
    route = survey.route
    filed = route.filing.remarks if isinstance(route.filing, Filing) else ()
    found = [
        *filed,
        *route.remarks,
        *survey.remarks,
        *geometry_findings(survey),
        *name_findings(survey),
        *kilometre_findings(survey, tolerance=tolerance),
        *_declared_figures(survey, tolerance),
        *alignment_findings(survey, shortest_m=shortest_element_m),
        *attribution_findings(survey),
    ]
    return sort_findings(_placed(survey, found))


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings by severity, then as they came; the same finding stands once."""
    rank = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(dict.fromkeys(findings), key=lambda f: rank[f.severity]))


def fold_alike(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Say once, for people, what a note says of several routes in the same words.

    What is an error or a warning, or has a place, is said of each route.
    """
    told = list(findings)
    times = Counter((f.code, f.message) for f in told if _is_common(f))
    folded = []
    for finding in told:
        others = times[finding.code, finding.message] - 1 if _is_common(finding) else 0
        if others < 0:
            continue  # said already, of the first of them
        if others > 0:
            routes = "route" if others == 1 else "routes"
            message = f"{finding.message} (and {others} more {routes} likewise)"
            times[finding.code, finding.message] = 0
            folded.append(replace(finding, message=message))
        else:
            folded.append(finding)
    return tuple(folded)


def _is_common(finding: Finding) -> bool:
    return finding.severity == "note" and finding.chainage_m is None


def _placed(survey: Survey, findings: list[Finding]) -> list[Finding]:
    """Give the findings that have a chainage their coordinates."""
    places_m = [f.chainage_m for f in findings if f.chainage_m is not None]
    if not places_m:
        return findings
    within_m = np.clip(places_m, 0.0, survey.length_m)
    lonlat = iter(chainage.interpolate(survey.ruler, within_m).tolist())
    return [f if f.chainage_m is None else replace(f, lonlat=tuple(next(lonlat))) for f in findings]


def _too_fast(survey: Survey, declared: Declared | None) -> list[Finding]:
    """Find a running time that no train keeps to, whatever it is: above the declared top speed."""
    if declared is None or not declared.running_time_min or not declared.max_speed_kmh:
        return []
    km = declared.length_km
    if km is None and survey.route.geometry_kind != "sketch":
        km = survey.length_m / 1000
    hours = (declared.running_time_min + rounding(declared.running_time_min)) / 60
    top = declared.max_speed_kmh + rounding(declared.max_speed_kmh)
    least = 0.0 if km is None else km - (0.0 if declared.length_km is None else rounding(km))
    if km is None or hours <= 0 or least / hours <= top:
        return []
    message = (
        f"{km:,.1f} km in {declared.running_time_min:g} min are {km / hours:,.0f} km/h on average, "
        f"faster than the declared top speed of {declared.max_speed_kmh:g} km/h"
    )
    return [say(survey, "declared.running_time", "error", message, "correct one of the figures")]


def _declared_figures(survey: Survey, tolerance: float | None) -> list[Finding]:
    found = []
    radius_told = False
    for verdict in judge(survey, tolerance=tolerance):
        told = verdict.outcome != "untestable"
        radius_told |= told and verdict.figure == "min_radius" and survey.alignment is not None
        finding = _of_verdict(survey, verdict)
        if finding is not None:
            found.append(finding)
        found += _too_coarse(survey, verdict)
    declared = survey.route.declared
    found += _too_fast(survey, declared)
    left = [m for m in _NOT_MEASURED if getattr(declared, m, None) is not None]
    if left:
        message = f"declared, and judged only with a train: {', '.join(left)}"
        found.append(
            say(
                survey,
                "declared.not_measured",
                "note",
                message,
                "hold it against one with `geo-routes time`",
            )
        )
    steps_m = np.diff(survey.chainage_m)
    # Simplified vertices stand far apart on straights, and the alignment may be told by them.
    if declared is not None and declared.min_radius_m and survey.length_m > 0 and not radius_told:
        typical_m = float(np.sum(steps_m**2) / np.sum(steps_m))
        # Four vertices in a curve of a quarter radian, or the curve cannot be seen in them.
        if typical_m > declared.min_radius_m / 16 and survey.route.geometry_kind != "sketch":
            message = (
                f"its vertices are {typical_m:,.0f} m apart, too far to tell a radius of "
                f"{declared.min_radius_m:,.0f} m"
            )
            remedy = "get a line with a vertex every "
            remedy += f"{declared.min_radius_m / 16:,.0f} m or closer"
            found.append(say(survey, "geometry.coarse", "note", message, remedy))
    if survey.route.geometry_kind == "sketch" and not found:
        message = (
            "untestable: a sketch says nothing about length, radius or the place of structures"
        )
        found.append(say(survey, "geometry.sketch", "note", message))
    return found


def _too_coarse(survey: Survey, verdict: Verdict) -> list[Finding]:
    """Tell where the line is too coarse, or too noisy, for the length that is asked of it."""
    spread_m = survey.length_uncertainty_m
    if verdict.figure != "length" or verdict.outcome == "untestable" or spread_m is None:
        return []
    if spread_m <= 1000 * verdict.tolerance:
        return []
    message = (
        f"its vertices are too far apart or too noisy for what is asked: the length is known to "
        f"± {spread_m / 1000:.3f} km, and ± {verdict.tolerance:.3f} km would be needed"
    )
    remedy = "get a line with more, or better, vertices"
    return [say(survey, "geometry.coarse", "warning", message, remedy)]


def _of_verdict(survey: Survey, verdict: Verdict) -> Finding | None:
    code = f"declared.{verdict.figure}"
    if verdict.outcome == "untestable":
        return say(survey, f"{code}.untestable", "note", say_verdict(verdict))
    causes = _causes(survey, verdict) if verdict.figure == "length" else ()
    names = tuple(c.name for c in causes)
    if verdict.outcome == "agrees":
        if not causes:
            return None
        off = f"within tolerance, but {verdict.declared:g} km is {_say_causes(causes)}"
        remedy = "measure on the ellipsoid, and correct the figure"
        return say(survey, f"{code}.slight", "note", off, remedy, causes=names)
    message = say_verdict(verdict)
    if verdict.figure == "min_radius" and survey.smallest_radius is not None:
        remedy = "look at the place, and ask whether the figure holds for the whole line"
        return say(survey, code, "error", message, remedy, survey.smallest_radius.chainage_m)
    if not causes:
        remedy = "check the line, the structures, and what the figure stands for"
        return say(survey, code, "error", message, remedy)
    said = f"{message}. {verdict.declared:g} km is {_say_causes(causes)}"
    remedy = "correct the figure, or the line, whichever the mistake was made in"
    return say(survey, code, "error", said, remedy, causes=names)


def _causes(survey: Survey, verdict: Verdict) -> tuple[Cause, ...]:
    if survey.route.declared is None or verdict.measured is None:
        return ()
    declared_m, measured_m = verdict.declared * 1000, verdict.measured * 1000
    rounding_m = 1000 * rounding(survey.route.declared.length_km or 0)
    ends = declared_span(survey, survey.route.declared).ends_m
    if ends is None:
        return ()
    from_m, to_m = ends
    slight = verdict.outcome == "agrees"
    if slight:
        least_m = max(2 * rounding_m, _SLIGHT * declared_m, survey.length_uncertainty_m or 0.0)
        if abs(declared_m - measured_m) < least_m or rounding_m > _FINELY * declared_m:
            return ()
    return diagnose(
        survey,
        declared_m=declared_m,
        from_m=from_m,
        to_m=to_m,
        rounding_m=rounding_m,
        slight=slight,
    )


def _say_causes(causes: tuple[Cause, ...]) -> str:
    said = [
        c.said if c.guess else f"{c.said} ({c.length_m / 1000:,.3f} km)"
        for c in causes[:_MOST_CAUSES]
    ]
    more = f", or one of {len(causes) - _MOST_CAUSES} others" if len(causes) > _MOST_CAUSES else ""
    return ", or ".join(said) + more
