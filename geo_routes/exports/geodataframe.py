"""Surveys → a GeoDataFrame, a row for each route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_routes.model import Route
from geo_routes.survey import Survey

if TYPE_CHECKING:
    import geopandas


def to_geodataframe(surveys: Survey | Sequence[Survey]) -> geopandas.GeoDataFrame:
    """Give surveyed routes as a table for GIS work.

    Parameters
    ----------
    surveys : Survey or sequence of Survey

    Returns
    -------
    geopandas.GeoDataFrame
        In EPSG:4326, longitude first. Columns ``id``, ``name``, ``mode``, ``status``,
        ``geometry_kind``, ``length_m``, ``length_uncertainty_m``, ``tunnel_length_m``,
        ``tunnel_fraction``, ``known_fraction``, ``sinuosity`` and ``geometry``: a LineString, or a
        MultiLineString where a route has several parts; with heights where every vertex has one.
        Lengths are geodesic: ``length_m`` and not ``.length``, which would be in degrees.

    Examples
    --------
    >>> import numpy as np
    >>> from geo_routes.survey import measure
    >>> equator = Route(lonlat=np.array([[0.0, 0.0], [1.0, 0.0]]), name="equator")
    >>> to_geodataframe(measure(equator)).length_m.round(3).tolist()
    [111319.491]
    """
    import geopandas  # noqa: PLC0415 - it costs a third of a second, which only its users should pay

    given = (surveys,) if isinstance(surveys, Survey) else tuple(surveys)
    rows = [
        {
            "id": s.route.id,
            "name": s.route.name,
            "mode": s.route.mode,
            "status": s.route.status,
            "geometry_kind": s.route.geometry_kind,
            "length_m": s.length_m,
            "length_uncertainty_m": s.length_uncertainty_m,
            "tunnel_length_m": s.tunnel_length_m,
            "tunnel_fraction": s.tunnel_fraction,
            "known_fraction": s.known_fraction,
            "sinuosity": s.sinuosity,
        }
        for s in given
    ]
    shapes = [_shape(s.route) for s in given]
    return geopandas.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")


def _shape(route: Route) -> shapely.Geometry:
    places = route.lonlat
    if route.height_m is not None and np.isfinite(route.height_m).all():
        places = np.column_stack((route.lonlat, route.height_m))
    parts = [
        shapely.LineString(places[first:end])
        for first, end in zip(route.part_starts, route.part_ends, strict=True)
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)
