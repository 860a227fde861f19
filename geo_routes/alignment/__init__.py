"""The axis of a line as a chain of tangents, transitions and circular curves."""

from geo_routes.alignment.elements import Alignment, Element
from geo_routes.alignment.figures import AlignmentFigures, alignment_figures, sustained_radius
from geo_routes.alignment.fitting import fit_alignment
from geo_routes.alignment.proof import Detectable, detectable_radii

__all__ = [
    "Alignment",
    "AlignmentFigures",
    "Detectable",
    "Element",
    "alignment_figures",
    "detectable_radii",
    "fit_alignment",
    "sustained_radius",
]
