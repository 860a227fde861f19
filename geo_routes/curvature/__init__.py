"""Signed curvature along a line, with its uncertainty."""

from geo_routes.curvature.axis_length import AxisLength, axis_length, within
from geo_routes.curvature.estimate import (
    Curvature,
    SmoothPart,
    curvature_along,
    curvature_of_parts,
    estimate_curvature,
    smooth_parts,
)
from geo_routes.curvature.radius import SmallestRadius, smallest_radius, turning_deg_per_km

__all__ = [
    "AxisLength",
    "Curvature",
    "SmallestRadius",
    "SmoothPart",
    "axis_length",
    "curvature_along",
    "curvature_of_parts",
    "estimate_curvature",
    "smallest_radius",
    "smooth_parts",
    "turning_deg_per_km",
    "within",
]
