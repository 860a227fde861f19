"""Everything measured about one route, measured once."""

from geo_routes.survey.measuring import FIGURES, Figure, measure
from geo_routes.survey.nouns import LocatedStation, Section, Survey
from geo_routes.survey.stations import locate_stations

__all__ = [
    "FIGURES",
    "Figure",
    "LocatedStation",
    "Section",
    "Survey",
    "locate_stations",
    "measure",
]
