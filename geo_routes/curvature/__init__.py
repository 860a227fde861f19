"""Signed curvature along a line, with its uncertainty."""

from geo_routes.curvature.estimate import (
    Curvature,
    SmoothPart,
    curvature_along,
    estimate_curvature,
    smooth_parts,
)
from geo_routes.curvature.radius import SmallestRadius, smallest_radius, turning_deg_per_km

__all__ = [
    "Curvature",
    "SmallestRadius",
    "SmoothPart",
    "curvature_along",
    "estimate_curvature",
    "smallest_radius",
    "smooth_parts",
    "turning_deg_per_km",
]
