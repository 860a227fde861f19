"""Published figures held against the measured ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo_routes.errors import InvalidNoun
from geo_routes.model import Declared, Route
from geo_routes.survey import (
    FIGURES,
    USUAL_FIGURES,
    Figure,
    LocatedStation,
    Survey,
    provable_radii,
)

Outcome = Literal["agrees", "differs", "untestable"]

LENGTH_TOLERANCE = 0.01
FRACTION_TOLERANCE = 0.02

# A declared smallest radius is verified where no curve of a fifth of it in length could hide, and
# where such a curve rises over its chord by so much of what a vertex is off that it is measured.
_CURVE_SHARE = 0.2
_CURVES_M = (20.0, 1_000.0)
_MEASURED = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A declared figure held against the measured one.

    Parameters
    ----------
    figure : {"length", "tunnel_length", "tunnel_fraction", "min_radius"}
    outcome : {"agrees", "differs", "untestable"}
    declared : float
        As published, in ``unit``.
    measured : float or None
        In ``unit``; None where nothing could be measured.
    tolerance : float
        Largest difference that still agrees, in ``unit``; the declared figure's own rounding is
        part of it.
    unit : str
        ``"km"``, ``"m"``, or ``"1"`` for a share.
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
    if declared.min_radius_m is not None:
        verdicts.append(_judge_radius(survey, declared, relative))
    return tuple(verdicts)


def figures_to_judge(route: Route, *, alignment: bool = False) -> tuple[Figure, ...]:
    """Give the figures that checking a route needs: the alignment takes longest, and is seldom.

    Parameters
    ----------
    route : Route
    alignment : bool
        Whether findings about the alignment are wanted in any case.

    Returns
    -------
    tuple of {"length", "sections", "structures", "curvature", "alignment"}
        For `measure`.
    """
    if alignment or (route.declared is not None and route.declared.min_radius_m is not None):
        return FIGURES
    return tuple(figure for figure in USUAL_FIGURES if figure != "curvature")


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
    span = declared_span(survey, declared)
    measured_m = span.length_m
    allowed = relative * figure + rounding(figure)
    outcome: Outcome
    if survey.route.geometry_kind == "sketch":
        outcome, reason = (
            "untestable",
            "a sketch says nothing about length",
        )
    elif measured_m is None:
        outcome, reason = "untestable", span.said
    else:
        difference = measured_m / 1000 - figure
        outcome = "agrees" if abs(difference) <= allowed else "differs"
        share = f" ({difference / figure:+.2%})" if figure else ""
        reason = f"measured {span.said} it is {difference:+.3f} km off{share}"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a declared length is measured between, in words and as chainages."""

    said: str
    ends_m: tuple[float, float] | None = None

    @property
    def length_m(self) -> float | None:
        """Length of the span; None where it has no ends."""
        return None if self.ends_m is None else abs(self.ends_m[1] - self.ends_m[0])


def declared_span(survey: Survey, declared: Declared) -> Span:
    """Tell what a declared length is measured between."""
    by_name: dict[str, LocatedStation] = {}
    for located in survey.stations:
        for name in (located.station.name, *located.station.names.values()):
            by_name.setdefault(name, located)
    ends = []
    for wanted, default in ((declared.origin, 0), (declared.terminus, -1)):
        if wanted is not None and wanted not in by_name:
            return Span(
                said=f"the route has no station {wanted!r}, which the length is declared for"
            )
        if wanted is not None:
            ends.append(by_name[wanted].chainage_m)
        elif len(survey.stations) > 1:
            ends.append(survey.stations[default].chainage_m)
        else:
            ends.append((0.0, survey.length_m)[default])
    named = declared.origin is not None or declared.terminus is not None or len(survey.stations) > 1
    said = "between its stations" if named else "end to end"
    return Span(said=said, ends_m=(ends[0], ends[1]))


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
    # A share of 0 or 1 without a decimal says "none" or "all", and not "less than a half".
    exact = not by_length and isinstance(raw, int)
    allowed = tolerance * value if by_length else tolerance
    allowed += 0.0 if exact or raw is None else rounding(raw)
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


def _judge_radius(survey: Survey, declared: Declared, relative: float) -> Verdict:
    figure = declared.min_radius_m or 0.0
    allowed = relative * figure + rounding(figure)
    smallest = survey.smallest_radius
    outcome: Outcome
    if survey.route.geometry_kind == "sketch":
        outcome, reason = "untestable", "a sketch says nothing about radii"
    elif smallest is None:
        outcome, reason = "untestable", "the line has too few vertices to tell a radius"
    elif smallest.high_m is not None and smallest.high_m < figure - allowed:
        at = f"at {smallest.chainage_m / 1000:.3f} km"
        outcome = "differs"
        reason = f"a curve {at} is sharper, {smallest.high_m:,.0f} m at most"
    elif smallest.low_m >= figure - allowed:
        outcome, reason = _verify_radius(survey, figure)
    else:
        outcome = "untestable"
        reason = (
            f"the vertices leave open whether a curve at {smallest.chainage_m / 1000:.3f} km is "
            f"sharper: its radius may be as small as {smallest.low_m:,.0f} m"
        )
    return Verdict(
        figure="min_radius",
        outcome=outcome,
        declared=figure,
        measured=None if smallest is None else smallest.radius_m,
        tolerance=allowed,
        unit="m",
        reason=reason,
        source=declared.source,
    )


def _verify_radius(survey: Survey, figure: float) -> tuple[Outcome, str]:
    """Tell whether a sharper curve could hide, where none was found."""
    if survey.alignment is None:
        return "agrees", "no curve is sharper"
    curve_m = float(np.clip(_CURVE_SHARE * figure, *_CURVES_M))
    sigma_m = survey.alignment.sigma_m or 0.0
    rise_m = curve_m**2 / (8 * figure)
    if rise_m < _MEASURED * sigma_m:
        return "untestable", (
            f"no curve is seen to be sharper, but one of {curve_m:,.0f} m rises by {rise_m:,.2f} m "
            f"only, and the vertices are {sigma_m:,.2f} m off"
        )
    stations_m = [located.chainage_m for located in survey.stations]
    stretches = provable_radii(
        survey.alignment, survey.ruler, stations_m=stations_m, curve_m=curve_m
    )
    blind = [s for s in stretches if s.radius_m is None or s.radius_m < figure]
    if not blind:
        return "agrees", f"no curve of {curve_m:,.0f} m or more is sharper"
    worst = min(blind, key=lambda s: s.radius_m or 0.0)
    told = "none" if worst.radius_m is None else f"only one of {worst.radius_m:,.0f} m or less"
    where = f"between {worst.from_m / 1000:.3f} and {worst.to_m / 1000:.3f} km"
    return "untestable", (
        f"no curve is seen to be sharper, but of curves {curve_m:,.0f} m long the vertices "
        f"{where} prove {told}"
    )


_FIGURES: Mapping[str, str] = {
    "length": "length",
    "tunnel_length": "tunnel length",
    "tunnel_fraction": "tunnel share",
    "min_radius": "smallest radius",
}


def say_verdict(verdict: Verdict) -> str:
    """Say a verdict in one clause."""
    unit = f" {verdict.unit}" if verdict.unit != "1" else ""
    digits = {"km": 3, "m": 0}.get(verdict.unit, 4)
    parts = [f"{_FIGURES[verdict.figure]} declared {verdict.declared:g}{unit}"]
    if verdict.measured is not None:
        parts.append(f"measured {verdict.measured:.{digits}f}{unit}")
    return f"{', '.join(parts)}: {verdict.outcome}; {verdict.reason}"
