"""Figures and findings as text for people and as JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from geo_routes.errors import visible
from geo_routes.model import STRUCTURE_KINDS, Finding
from geo_routes.survey import FIGURES, Figure, Survey

if TYPE_CHECKING:
    from geo_routes.checks import Verdict

Units = Literal["km", "mi"]
Stationing = Literal["12.345", "12+345", "12m34ch"]

# International mile and chain (NIST SP 811, appendix B.8).
MILE_M = 1_609.344
CHAIN_M = 20.1168

_MOST_ROWS = 200
_WORDS = {"at_grade": "at grade"}


def say_length(length_m: float, *, units: Units = "km") -> str:
    """Say a length in people's units, to the metre or the thousandth of a mile."""
    value = length_m / (1000 if units == "km" else MILE_M)
    return f"{value:.3f} {units}"


def say_chainage(
    chainage_m: float, *, stationing: Stationing = "12.345", units: Units = "km"
) -> str:
    """Say a chainage.

    Examples
    --------
    >>> say_chainage(12345.2), say_chainage(12345.2, stationing="12+345")
    ('12.345 km', '12+345')
    >>> say_chainage(20_000.0, stationing="12m34ch")
    '12m34ch'
    """
    if stationing == "12+345":
        metres = round(chainage_m)
        return f"{metres // 1000}+{metres % 1000:03d}"
    if stationing == "12m34ch":
        chains = round(chainage_m / CHAIN_M)
        return f"{chains // 80}m{chains % 80:02d}ch"
    return say_length(chainage_m, units=units)


def measure_text(
    survey: Survey,
    *,
    source: str,
    figures: Collection[Figure] = FIGURES,
    units: Units = "km",
    stationing: Stationing = "12.345",
) -> str:
    """Write the figures of one route for people, line by line."""
    return "\n".join(_measure_lines(survey, source, figures, units, stationing))


def _measure_lines(
    survey: Survey, source: str, figures: Collection[Figure], units: Units, stationing: Stationing
) -> Iterator[str]:
    route = survey.route

    def place(chainage_m: float) -> str:
        return say_chainage(chainage_m, stationing=stationing, units=units)

    yield f"{visible(route.label, most=120)}  ({visible(source, most=160)})"
    spread = survey.length_uncertainty_m
    give = f" ± {say_length(spread, units=units)}" if spread is not None else ""
    sketch = "  (of the sketch, which says nothing about the line's own length)"
    yield f"  length     {say_length(survey.length_m, units=units)}{give}{'' if give else sketch}"
    if survey.length_3d_m is not None:
        yield f"  3D length  {say_length(survey.length_3d_m, units=units)}"
    yield f"  vertices   {len(route.lonlat):,}"
    if "curvature" in figures and survey.sinuosity is not None:
        yield f"  sinuosity  {survey.sinuosity:.3f}"
    if "structures" in figures:
        yield from _structure_lines(survey, units, place)
    if "sections" in figures and survey.stations:
        yield f"  stations   {len(survey.stations)}"
        for located in survey.stations[:_MOST_ROWS]:
            off = f"  ({located.offset_m:,.0f} m off)" if located.offset_m >= 1 else ""
            name = visible(located.station.name, most=80) or "-"
            yield f"    {place(located.chainage_m):>12}  {name}{off}"
        yield from _more(len(survey.stations))
        yield from _section_lines(survey, units)


def _structure_lines(survey: Survey, units: Units, place: Callable[[float], str]) -> Iterator[str]:
    if survey.tunnel_fraction is None:
        yield "  tunnel     unknown"
    else:
        tunnel_m = survey.tunnel_length_m or 0.0
        share = _share(survey.tunnel_fraction, survey.known_fraction)
        yield f"  tunnel     {say_length(tunnel_m, units=units)}, {share}"
    for kind in STRUCTURE_KINDS[1:]:
        if kind in survey.structure_length_m:
            length_m = survey.structure_length_m[kind]
            share = f", {length_m / survey.length_m:.1%}" if survey.length_m else ""
            yield f"  {_WORDS.get(kind, kind):<10} {say_length(length_m, units=units)}{share}"
    named = [s for s in survey.structures if s.name]
    for structure in named[:_MOST_ROWS]:
        ends = f"{place(structure.from_m or 0.0)} to {place(structure.to_m or 0.0)}"
        word = _WORDS.get(structure.kind, structure.kind)
        yield f"    {ends}  {word} {visible(structure.name, most=80)}"
    yield from _more(len(named))


def _section_lines(survey: Survey, units: Units) -> Iterator[str]:
    if not survey.sections:
        return
    yield f"  sections   {len(survey.sections)}"
    for section in survey.sections[:_MOST_ROWS]:
        ends = (visible(name, most=60) or "-" for name in (section.origin, section.terminus))
        names = " to ".join(ends)
        if section.tunnel_fraction is None:
            share = ""
        else:
            share = f"  tunnel {_share(section.tunnel_fraction, section.known_fraction)}"
        yield f"    {say_length(section.length_m, units=units):>12}  {names}{share}"
    yield from _more(len(survey.sections))


def _more(count: int) -> Iterator[str]:
    if count > _MOST_ROWS:
        yield f"    ... and {count - _MOST_ROWS:,} more (all of them with --json)"


def _share(fraction: float, known: float) -> str:
    """Say a share; where part of the line is unknown, as a range."""
    if known > 1 - 1e-9:
        return f"{fraction:.1%}"
    return (
        f"{fraction:.1%} to {min(fraction + 1 - known, 1):.1%} ({known:.1%} of the line is known)"
    )


def route_figures(survey: Survey, *, figures: Collection[Figure] = FIGURES) -> dict[str, Any]:
    """Give the figures of one route as JSON values, SI units; see the route file reference."""
    route = survey.route
    row: dict[str, Any] = {
        "id": route.id,
        "name": route.name,
        "length_m": survey.length_m,
        "length_uncertainty_m": survey.length_uncertainty_m,
        "length_3d_m": survey.length_3d_m,
        "vertices": len(route.lonlat),
        "geometry_kind": route.geometry_kind,
    }
    if "sections" in figures:
        row["stations"] = [
            {"name": s.station.name, "chainage_m": s.chainage_m, "offset_m": s.offset_m}
            for s in survey.stations
        ]
        row["sections"] = [
            {
                "from": s.origin,
                "to": s.terminus,
                "length_m": s.length_m,
                "tunnel_fraction": s.tunnel_fraction,
                "known_fraction": s.known_fraction,
            }
            for s in survey.sections
        ]
    if "structures" in figures:
        row["tunnel_length_m"] = survey.tunnel_length_m
        row["tunnel_fraction"] = survey.tunnel_fraction
        row["known_fraction"] = survey.known_fraction
        row["structures"] = {
            kind: {
                "length_m": length_m,
                "fraction": length_m / survey.length_m if survey.length_m else None,
            }
            for kind, length_m in survey.structure_length_m.items()
        }
    if "curvature" in figures:
        # Radii and turning need the alignment, which this version does not fit: null, not a guess.
        row |= {"min_radius_m": None, "sinuosity": survey.sinuosity, "turning_deg_per_km": None}
    return row


def finding_row(finding: Finding) -> dict[str, Any]:
    """Give a finding as JSON values."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "route": finding.route,
        "chainage_m": finding.chainage_m,
        "message": finding.message,
        "remedy": finding.remedy,
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


def findings_text(
    findings: Sequence[Finding], *, units: Units = "km", stationing: Stationing = "12.345"
) -> str:
    """Write findings for people, one to a line."""
    rows = []
    for finding in findings:
        at = finding.chainage_m
        where = "" if at is None else f" at {say_chainage(at, stationing=stationing, units=units)}"
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
    for survey in surveys[:_MOST_ROWS]:
        spread = survey.length_uncertainty_m
        give = f" ± {say_length(spread, units=units)}" if spread is not None else ""
        rows.append(
            f"  {visible(survey.route.label, most=120)}: "
            f"{say_length(survey.length_m, units=units)}{give}"
        )
        # What differs or cannot be tested stands among the findings.
        agreed = [v for v in judge(survey, tolerance=tolerance) if v.outcome == "agrees"]
        rows += [f"  ok      {visible(say_verdict(v))}" for v in agreed]
    rows += list(_more(len(surveys)))
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


def strict(value: object) -> object:
    """Replace what JSON has no number for by null, and half characters by escapes, all through.

    A file name that is not UTF-8 has such halves.
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="backslashreplace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): strict(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [strict(v) for v in value]
    return value
