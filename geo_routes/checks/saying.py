"""How a check says what it found."""

from __future__ import annotations

from geo_routes.model import Finding, Severity
from geo_routes.survey import Survey


def say(
    survey: Survey,
    code: str,
    severity: Severity,
    message: str,
    remedy: str = "",
    chainage_m: float | None = None,
    *,
    causes: tuple[str, ...] = (),
) -> Finding:
    """Make a finding about a surveyed route."""
    return Finding(
        code=code,
        severity=severity,
        message=message,
        remedy=remedy,
        route=survey.route.label,
        chainage_m=None if chainage_m is None else float(chainage_m),
        causes=causes,
    )
