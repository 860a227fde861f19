"""Routes on a map and figures that can be defended: the names that users reach for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from geo_routes.version import __version__

if TYPE_CHECKING:
    from geo_routes.chainage import reverse, sub_route
    from geo_routes.checks import Verdict, check, judge
    from geo_routes.errors import GeoRoutesError
    from geo_routes.exports import to_geodataframe
    from geo_routes.formats import read, read_one, write
    from geo_routes.frames import from_frame, to_frame
    from geo_routes.maps import RouteLayer, RouteMap, draw
    from geo_routes.model import Declared, Finding, Route, Station, Structure
    from geo_routes.running_time import Run, run_train
    from geo_routes.speed import survey_line
    from geo_routes.standards import read_train
    from geo_routes.survey import LocatedStation, Section, Survey, measure

__all__ = [  # noqa: RUF022 - a version is no name among the others
    "__version__",
    "Declared",
    "Finding",
    "GeoRoutesError",
    "LocatedStation",
    "Route",
    "RouteLayer",
    "RouteMap",
    "Run",
    "Section",
    "Station",
    "Structure",
    "Survey",
    "Verdict",
    "check",
    "draw",
    "from_frame",
    "judge",
    "measure",
    "read",
    "read_one",
    "read_train",
    "reverse",
    "run_train",
    "sub_route",
    "survey_line",
    "to_frame",
    "to_geodataframe",
    "write",
]

# Importing the package costs nothing; a name costs its room when it is first used (PEP 562).
_ROOMS = {
    "Declared": "model",
    "Finding": "model",
    "GeoRoutesError": "errors",
    "LocatedStation": "survey",
    "Route": "model",
    "RouteLayer": "maps",
    "RouteMap": "maps",
    "Run": "running_time",
    "Section": "survey",
    "Station": "model",
    "Structure": "model",
    "Survey": "survey",
    "Verdict": "checks",
    "check": "checks",
    "draw": "maps",
    "from_frame": "frames",
    "judge": "checks",
    "measure": "survey",
    "read": "formats",
    "read_one": "formats",
    "read_train": "standards",
    "reverse": "chainage",
    "run_train": "running_time",
    "sub_route": "chainage",
    "survey_line": "speed",
    "to_frame": "frames",
    "to_geodataframe": "exports",
    "write": "formats",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _ROOMS:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(importlib.import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
