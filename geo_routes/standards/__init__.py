"""Limits of lines and figures of trains, as cited data."""

from geo_routes.standards.figures import ENDS, End, Figure
from geo_routes.standards.gauges import rail_distance_mm
from geo_routes.standards.limits import (
    GRAVITY_MPS2,
    Limits,
    MaglevLimits,
    RailLimits,
    vertical_speed_mps,
)
from geo_routes.standards.reading import (
    as_published,
    limit_ids,
    read_limits,
    read_train,
    read_trains,
    train_ids,
)
from geo_routes.standards.trains import Performance, TractionCurve, Train

__all__ = [
    "ENDS",
    "GRAVITY_MPS2",
    "End",
    "Figure",
    "Limits",
    "MaglevLimits",
    "Performance",
    "RailLimits",
    "TractionCurve",
    "Train",
    "as_published",
    "limit_ids",
    "rail_distance_mm",
    "read_limits",
    "read_train",
    "read_trains",
    "train_ids",
    "vertical_speed_mps",
]
