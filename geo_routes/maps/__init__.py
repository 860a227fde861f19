"""Surveys → one HTML file that anyone can open, trust and keep."""

from __future__ import annotations

from collections.abc import Sequence

from geo_routes.errors import InvalidNoun
from geo_routes.maps.index import draw_index
from geo_routes.maps.payload import Colour
from geo_routes.maps.route_map import RouteLayer, RouteMap
from geo_routes.running_time import Run
from geo_routes.survey import Survey

__all__ = ["RouteLayer", "RouteMap", "draw", "draw_index"]


def draw(
    surveys: Survey | Run | Sequence[Survey | Run],
    *,
    title: str | None = None,
    language: str = "en",
    colour: Colour = "structure",
) -> RouteMap:
    """Draw surveyed routes on one map.

    Parameters
    ----------
    surveys : Survey, Run or sequence of them
        One or more; a run stands for its route, and has a speed.
    title : str, optional
        Heading of the page; by default the name of a single route.
    language : str
        Language of the page's own words: ``en``, ``de`` or ``ja``.
    colour : {"structure", "curvature", "permitted_speed", "speed"}
        What the colour of the lines tells. For the curvature, tangents, transitions and circular
        curves are fitted to each line, which takes longer. Those of speeds need runs.

    Returns
    -------
    RouteMap
        A folium map; ``save(path)`` writes one self-contained HTML file.

    Raises
    ------
    InvalidNoun
        If there is nothing to draw, or the language or the colour is none of these.
    """
    drawn = (surveys,) if isinstance(surveys, Survey | Run) else tuple(surveys)
    if not drawn:
        msg = "there is no route to draw"
        raise InvalidNoun(msg, remedy="give one survey or more")
    return RouteMap(drawn, title=title, language=language, colour=colour)
