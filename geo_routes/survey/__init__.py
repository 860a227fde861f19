"""Everything measured about one route, measured once."""

from geo_routes.survey.bends import provable_radii
from geo_routes.survey.measuring import FIGURES, USUAL_FIGURES, Figure, measure
from geo_routes.survey.nouns import LocatedStation, Section, Survey
from geo_routes.survey.stations import locate_stations
from geo_routes.survey.winding import Winding

__all__ = [
    "FIGURES",
    "USUAL_FIGURES",
    "Figure",
    "LocatedStation",
    "Section",
    "Survey",
    "Winding",
    "locate_stations",
    "measure",
    "provable_radii",
]
