"""Point features → stations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo_routes import geodesy
from geo_routes.errors import InvalidCoordinates, MalformedFile
from geo_routes.formats.geojson import Feature
from geo_routes.formats.members import STATION_MEMBERS, Members
from geo_routes.model import Finding, Station, fold


def make_stations(points: Sequence[Feature]) -> tuple[list[Station], list[Finding]]:
    """Read the stations of a file, one for each point.

    Raises
    ------
    MalformedFile, InvalidCoordinates
        With the index of the feature.
    """
    stations, remarks = [], []
    for feature in points:
        members = Members(feature.properties, where=f"station {feature.where}")
        try:
            stations.append(_make_station(feature, members))
        except (MalformedFile, InvalidCoordinates) as error:
            error.feature = feature.index
            raise
        nameless = "name" not in feature.properties and not is_km_post(feature)
        if nameless:
            members.odd("name", "no name", "give it a name")
        remarks += members.remarks
    return stations, list(fold(remarks, most=3))


def is_km_post(feature: Feature) -> bool:
    """Tell a point that gives an official kilometre from one where trains stop."""
    return feature.properties.get("kind") == "km_post"


def _make_station(feature: Feature, members: Members) -> Station:
    position = feature.geometry.parts[0] if feature.geometry is not None else np.empty(0)
    geodesy.check_lonlat(position[None, :2])
    name, names = members.name()
    return Station(
        lonlat=(float(position[0]), float(position[1])),
        name=name,
        names=names,
        height_m=float(position[2]) if len(position) > 2 else None,
        routes=members.routes(),
        seq=members.number("seq"),
        chainage_km=members.kilometre("chainage_km"),
        source=members.text("source"),
        accuracy_m=members.number("accuracy_m"),
        extra={
            k: v
            for k, v in feature.properties.items()
            if k not in STATION_MEMBERS and not k.startswith("name:")
        },
    )
