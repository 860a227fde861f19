"""The exact geometry of a designed axis in a plane: elements, and the curves they stand for."""

from geo_routes.axis.drawing import Drawn, draw_element, sample_lengths
from geo_routes.axis.elements import DesignElement, SpiralKind
from geo_routes.axis.transitions import SPIRALS

__all__ = ["SPIRALS", "DesignElement", "Drawn", "SpiralKind", "draw_element", "sample_lengths"]
