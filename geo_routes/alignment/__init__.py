"""The axis of a line as a chain of tangents, transitions and circular curves."""

from geo_routes.alignment.elements import Alignment, Element
from geo_routes.alignment.fitting import fit_alignment

__all__ = ["Alignment", "Element", "fit_alignment"]
