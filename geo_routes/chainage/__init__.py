"""Chainage: places on a line by their distance from its origin, both ways."""

from geo_routes.chainage.official import (
    KilometrePlaces,
    KilometrePoint,
    OfficialKilometres,
    calibrate,
)
from geo_routes.chainage.places import Places, locate
from geo_routes.chainage.ruler import Ruler, interpolate, lay_ruler
from geo_routes.chainage.stationing import (
    STATIONINGS,
    Stationing,
    parse_stationing,
    write_stationing,
)
from geo_routes.chainage.stretches import reverse, sub_route

__all__ = [
    "STATIONINGS",
    "KilometrePlaces",
    "KilometrePoint",
    "OfficialKilometres",
    "Places",
    "Ruler",
    "Stationing",
    "calibrate",
    "interpolate",
    "lay_ruler",
    "locate",
    "parse_stationing",
    "reverse",
    "sub_route",
    "write_stationing",
]
