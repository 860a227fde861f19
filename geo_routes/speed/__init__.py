"""The permitted speed of a train along a line, with its range."""

from geo_routes.speed.permitting import (
    RAIL_MODES,
    SpeedOptions,
    check_fit,
    permit_speed,
    usual_limits,
)
from geo_routes.speed.restrictions import (
    Cause,
    PermittedSpeed,
    Restriction,
    SpeedBands,
    lay_speeds,
)
from geo_routes.speed.settling import sudden_share, survey_line

__all__ = [
    "RAIL_MODES",
    "Cause",
    "PermittedSpeed",
    "Restriction",
    "SpeedBands",
    "SpeedOptions",
    "check_fit",
    "lay_speeds",
    "permit_speed",
    "sudden_share",
    "survey_line",
    "usual_limits",
]
