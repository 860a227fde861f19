"""Findings and verdicts as text for people and as JSON values for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from geo_routes.chainage import Stationing
from geo_routes.errors import visible
from geo_routes.model import Finding
from geo_routes.report.saying import MOST_ROWS, Units, more, say_chainage, say_length
from geo_routes.survey import Survey

if TYPE_CHECKING:
    from geo_routes.checks import Verdict


def finding_row(finding: Finding) -> dict[str, Any]:
    """Give a finding as JSON values."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "route": finding.route,
        "chainage_m": finding.chainage_m,
        "message": finding.message,
        "remedy": finding.remedy,
        "lonlat": finding.lonlat,
        "causes": finding.causes,
        "documentation": finding.anchor,
    }


def verdict_row(verdict: Verdict, *, route: str) -> dict[str, Any]:
    """Give a verdict as JSON values."""
    return {
        "route": route,
        "figure": verdict.figure,
        "outcome": verdict.outcome,
        "declared": verdict.declared,
        "measured": verdict.measured,
        "tolerance": verdict.tolerance,
        "unit": verdict.unit,
        "reason": verdict.reason,
        "source": verdict.source,
    }


def finding_place(
    finding: Finding, *, units: Units = "km", stationing: Stationing = "12.345"
) -> str:
    """Say where a finding is, as a chainage and a coordinate; empty where it has no place.

    Examples
    --------
    >>> here = Finding(code="a.b", severity="note", message="", chainage_m=1500.0,
    ...                lonlat=(-0.1276, 51.5072))
    >>> finding_place(here)
    ' at 1.500 km (51.50720 N 0.12760 W)'
    """
    if finding.chainage_m is None:
        return ""
    where = f" at {say_chainage(finding.chainage_m, stationing=stationing, units=units)}"
    if finding.lonlat is None:
        return where
    lon, lat = finding.lonlat
    north, east = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
    return f"{where} ({abs(lat):.5f} {north} {abs(lon):.5f} {east})"


def findings_text(
    findings: Sequence[Finding], *, units: Units = "km", stationing: Stationing = "12.345"
) -> str:
    """Write findings for people, one to a line."""
    rows = []
    for finding in findings:
        where = finding_place(finding, units=units, stationing=stationing)
        remedy = f"; {finding.remedy}" if finding.remedy else ""
        about = f" [{visible(finding.route, most=60)}]" if finding.route else ""
        message = visible(f"{finding.message}{remedy}")
        rows.append(f"  {finding.severity:<7} {finding.code}{where}{about}: {message}")
    return "\n".join(rows)


def check_text(
    surveys: Sequence[Survey],
    findings: Sequence[Finding],
    *,
    source: str,
    tolerance: float | None = None,
    units: Units = "km",
    stationing: Stationing = "12.345",
) -> str:
    """Write the verdict on one file for people."""
    from geo_routes.checks import judge, say_verdict  # noqa: PLC0415 - measure does without

    rows = [visible(source, most=160)]
    for survey in surveys[:MOST_ROWS]:
        spread = survey.length_uncertainty_m
        give = f" ± {say_length(spread, units=units)}" if spread is not None else ""
        rows.append(
            f"  {visible(survey.route.label, most=120)}: "
            f"{say_length(survey.length_m, units=units)}{give}"
        )
        # What differs or cannot be tested stands among the findings.
        agreed = [v for v in judge(survey, tolerance=tolerance) if v.outcome == "agrees"]
        rows += [f"  ok      {visible(say_verdict(v))}" for v in agreed]
    rows += list(more(len(surveys)))
    if findings:
        rows.append(findings_text(findings, units=units, stationing=stationing))
    rows.append(f"  {summary(findings)}")
    return "\n".join(rows)


def summary(findings: Iterable[Finding]) -> str:
    """Count findings by severity, in one phrase."""
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    words = [
        f"{n} {s}{'s' if n > 1 else ''}"
        for s in ("error", "warning", "note")
        if (n := counts.get(s, 0))
    ]
    return ", ".join(words) if words else "nothing found"
