"""Official kilometres of stations held against the measured line, section by section."""

from __future__ import annotations

from itertools import pairwise

from geo_routes.checks.saying import say
from geo_routes.checks.verdicts import LENGTH_TOLERANCE, rounding
from geo_routes.model import Finding, fold
from geo_routes.survey import Survey

# How exactly a station's place and its kilometre name the same point of it: half a platform.
_STATION_SLACK_M = 100.0
_MOST = 10


def kilometre_findings(survey: Survey, *, tolerance: float | None) -> list[Finding]:
    """Hold each section's official kilometres against its measured length.

    Parameters
    ----------
    survey : Survey
    tolerance : float, optional
        Largest relative difference that still agrees (default 0.01); the kilometres' own rounding
        and 100 m for the places of the stations are added.
    """
    official = survey.official
    if official is None or survey.route.geometry_kind == "sketch":
        return []
    relative = LENGTH_TOLERANCE if tolerance is None else tolerance
    sign = 1.0 if official.rises else -1.0
    jumps_km = [b.ahead_km - b.back_km for b in official.breaks]
    found = []
    for one, two in pairwise(p for p in official.points if p.fits):
        jump_km = sum(jumps_km[one.stretch : two.stretch])
        measured_km = (two.chainage_m - one.chainage_m) / 1000
        told_km = sign * (two.km - one.km - jump_km)
        off_km = told_km - measured_km
        allowed_km = relative * abs(told_km) + rounding(one.km) + rounding(two.km)
        if abs(off_km) <= allowed_km + _STATION_SLACK_M / 1000:
            continue
        message = (
            f"from {one.name or 'a post'} (km {one.km:g}) to {two.name or 'a post'} (km {two.km:g})"
            f" the official kilometres count {told_km:.3f} km and the line measures "
            f"{measured_km:.3f} km, {abs(off_km):.3f} km {'less' if off_km > 0 else 'more'}"
        )
        remedy = (
            "look for a shorter way, missing vertices or a chainage break that is not listed"
            if off_km > 0
            else "look for a detour, a stretch that is there twice or an unlisted chainage break"
        )
        found.append(say(survey, "kilometres.section", "warning", message, remedy, one.chainage_m))
    return list(fold(found, most=_MOST))
