"""Signed curvature along a line, with its uncertainty."""

from geo_routes.curvature.estimate import Curvature, estimate_curvature
from geo_routes.curvature.radius import SmallestRadius, smallest_radius, turning_deg_per_km

__all__ = [
    "Curvature",
    "SmallestRadius",
    "estimate_curvature",
    "smallest_radius",
    "turning_deg_per_km",
]
