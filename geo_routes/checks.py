"""Findings and verdicts: what is wrong with a route, and whether its published figures hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo_routes import chainage, geodesy
from geo_routes.errors import InvalidNoun
from geo_routes.formats.route_file import Filing
from geo_routes.model import Declared, Finding, FloatArray
from geo_routes.survey import LocatedStation, Survey

Outcome = Literal["agrees", "differs", "untestable"]

LENGTH_TOLERANCE = 0.01
FRACTION_TOLERANCE = 0.02

_SHORT_M = 1.0
_SHARP_TURN_RAD = np.radians(170)
_SIDE_BY_SIDE_M = 50.0
_SAMPLES = 40
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A declared figure held against the measured one.

    Parameters
    ----------
    figure : {"length", "tunnel_length", "tunnel_fraction"}
    outcome : {"agrees", "differs", "untestable"}
    declared : float
        As published, in ``unit``.
    measured : float or None
        In ``unit``; None where nothing could be measured.
    tolerance : float
        Largest difference that still agrees, in ``unit``; the declared figure's own rounding is
        part of it.
    unit : str
        ``"km"``, or ``"1"`` for a share.
    reason : str
        Why, in one clause.
    source : str
        Where the declared figure is from.
    """

    figure: str
    outcome: Outcome
    declared: float
    measured: float | None
    tolerance: float
    unit: str
    reason: str
    source: str


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


def judge(survey: Survey, *, tolerance: float | None = None) -> tuple[Verdict, ...]:
    """Hold the declared figures of a route against the measured ones.

    Parameters
    ----------
    survey : Survey
    tolerance : float, optional
        Relative for lengths (default 0.01) and absolute for shares (default 0.02).

    Returns
    -------
    tuple of Verdict
        One for each declared figure that this version knows how to measure.

    Raises
    ------
    InvalidNoun
        If the tolerance is not a number of 0 or more.
    """
    if tolerance is not None and not 0 <= tolerance < np.inf:
        msg = f"tolerance is {tolerance}, expected a number of 0 or more"
        raise InvalidNoun(msg, value=tolerance)
    declared = survey.route.declared
    if declared is None:
        return ()
    relative = LENGTH_TOLERANCE if tolerance is None else tolerance
    absolute = FRACTION_TOLERANCE if tolerance is None else tolerance
    verdicts = []
    if declared.length_km is not None:
        verdicts.append(_judge_length(survey, declared, relative))
    if declared.tunnel_km is not None:
        verdicts.append(_judge_tunnel(survey, declared, "tunnel_length", relative))
    if declared.tunnel_fraction is not None:
        verdicts.append(_judge_tunnel(survey, declared, "tunnel_fraction", absolute))
    return tuple(verdicts)


def rounding(figure: float) -> float:
    """Give the half unit of a published figure's last digit.

    Examples
    --------
    >>> rounding(286), rounding(285.6)
    (0.5, 0.05)
    """
    if isinstance(figure, int):
        return 0.5
    digits = np.format_float_positional(figure, trim="0")
    return 0.5 * 10.0 ** -len(digits.partition(".")[2])


def _judge_length(survey: Survey, declared: Declared, relative: float) -> Verdict:
    figure = declared.length_km or 0.0
    span, measured_m = _declared_span(survey, declared)
    allowed = relative * figure + rounding(figure)
    outcome: Outcome
    if survey.route.geometry_kind == "sketch":
        outcome, reason = (
            "untestable",
            "a sketch says nothing about length",
        )
    elif measured_m is None:
        outcome, reason = "untestable", span
    else:
        difference = measured_m / 1000 - figure
        outcome = "agrees" if abs(difference) <= allowed else "differs"
        share = f" ({difference / figure:+.2%})" if figure else ""
        reason = f"measured {span} it is {difference:+.3f} km off{share}"
    return Verdict(
        figure="length",
        outcome=outcome,
        declared=figure,
        measured=None if measured_m is None else measured_m / 1000,
        tolerance=allowed,
        unit="km",
        reason=reason,
        source=declared.source,
    )


def _declared_span(survey: Survey, declared: Declared) -> tuple[str, float | None]:
    """Tell what the declared length is measured between, and how long that is."""
    by_name: dict[str, LocatedStation] = {}
    for located in survey.stations:
        for name in (located.station.name, *located.station.names.values()):
            by_name.setdefault(name, located)
    ends = []
    for wanted, default in ((declared.origin, 0), (declared.terminus, -1)):
        if wanted is not None and wanted not in by_name:
            return f"the route has no station {wanted!r}, which the length is declared for", None
        if wanted is not None:
            ends.append(by_name[wanted].chainage_m)
        elif len(survey.stations) > 1:
            ends.append(survey.stations[default].chainage_m)
        else:
            ends.append((0.0, survey.length_m)[default])
    named = declared.origin is not None or declared.terminus is not None or len(survey.stations) > 1
    return "between its stations" if named else "end to end", abs(ends[1] - ends[0])


def _judge_tunnel(
    survey: Survey,
    declared: Declared,
    figure: Literal["tunnel_length", "tunnel_fraction"],
    tolerance: float,
) -> Verdict:
    by_length = figure == "tunnel_length"
    value = (declared.tunnel_km if by_length else declared.tunnel_fraction) or 0.0
    scale = survey.length_m / 1000 if by_length else 1.0
    raw = declared.tunnel_km if by_length else declared.tunnel_fraction
    allowed = (tolerance * value if by_length else tolerance) + rounding(
        raw if raw is not None else 0
    )
    low = None if survey.tunnel_fraction is None else survey.tunnel_fraction * scale
    unknown = (1 - survey.known_fraction) * scale
    outcome: Outcome
    if survey.route.geometry_kind == "sketch" and survey.structures:
        outcome, reason = (
            "untestable",
            "the line is a sketch, and its structures have no true chainage",
        )
    elif low is None:
        outcome, reason = "untestable", "nothing is known of the structures"
    elif value < low - allowed:
        outcome, reason = "differs", "more tunnel is listed than declared"
    elif value > low + unknown + allowed:
        outcome, reason = (
            "differs",
            "less tunnel is listed than declared, the unknown stretches included",
        )
    elif unknown > allowed:
        outcome = "untestable"
        reason = (
            f"only {survey.known_fraction:.1%} of the line is known, and the rest may be tunnel"
        )
    else:
        outcome, reason = "agrees", "within tolerance"
    return Verdict(
        figure=figure,
        outcome=outcome,
        declared=value,
        measured=low,
        tolerance=allowed,
        unit="km" if by_length else "1",
        reason=reason,
        source=declared.source,
    )


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
        if survey.route.geometry_kind == "sketch" and not found:
            message = (
                "untestable: a sketch says nothing about length, radius or the place of structures"
            )
            found.append(_say(survey, "geometry.sketch", "note", message, ""))
        return found

    return room


_FIGURES: Mapping[str, str] = {
    "length": "length",
    "tunnel_length": "tunnel length",
    "tunnel_fraction": "tunnel share",
}


def say_verdict(verdict: Verdict) -> str:
    """Say a verdict in one clause."""
    unit = f" {verdict.unit}" if verdict.unit != "1" else ""
    digits = 3 if verdict.unit == "km" else 4
    parts = [f"{_FIGURES[verdict.figure]} declared {verdict.declared:g}{unit}"]
    if verdict.measured is not None:
        parts.append(f"measured {verdict.measured:.{digits}f}{unit}")
    return f"{', '.join(parts)}: {verdict.outcome}; {verdict.reason}"


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
    parts = [
        part
        for part in range(len(route.part_starts))
        if np.mean(doubled[mine == part] if np.any(mine == part) else 0) > 1 / 2
    ]
    if not parts:
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
