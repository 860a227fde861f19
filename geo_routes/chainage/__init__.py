"""Chainage: places on a line by their distance from its origin, both ways."""

from geo_routes.chainage.places import Places, locate
from geo_routes.chainage.ruler import Ruler, interpolate, lay_ruler

__all__ = ["Places", "Ruler", "interpolate", "lay_ruler", "locate"]
