"""The axis of a line as a chain of tangents, transitions and circular curves."""

from geo_routes.alignment.designed import DesignedCurve, hold_against_design
from geo_routes.alignment.elements import Alignment, Element
from geo_routes.alignment.figures import AlignmentFigures, alignment_figures, sustained_radius
from geo_routes.alignment.fitting import fit_alignment
from geo_routes.alignment.jumps import CurvatureJump, curvature_jumps, short_elements
from geo_routes.alignment.proof import Detectable, detectable_radii

__all__ = [
    "Alignment",
    "AlignmentFigures",
    "CurvatureJump",
    "DesignedCurve",
    "Detectable",
    "Element",
    "alignment_figures",
    "curvature_jumps",
    "detectable_radii",
    "fit_alignment",
    "hold_against_design",
    "short_elements",
    "sustained_radius",
]
