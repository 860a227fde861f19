"""GeoJSON lines, with OSM's tags or without → an extract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from geo_routes import geodesy
from geo_routes.formats import geojson
from geo_routes.formats.geojson import Feature
from geo_routes.formats.osm.extract import Extract, Member, Point, Relation, Way
from geo_routes.formats.osm.overpass import text_tags

_LINES = ("LineString", "MultiLineString")
_POINTS = ("Point",)


def read_geojson(data: bytes, *, source: str) -> Extract:
    """Take lines and points out of GeoJSON.

    Tags stand in the properties, or in ``properties.tags`` as some exporters write them;
    relations in ``relations`` or ``@relations``.

    Parameters
    ----------
    data : bytes
    source : str

    Returns
    -------
    Extract

    Raises
    ------
    MalformedFile, InvalidCoordinates, UnknownCrs
        As `geo_routes.read` does.
    """
    collection = geojson.parse(data, source=source)
    ways: list[Way] = []
    points: list[Point] = []
    relations: dict[str, tuple[dict[str, str], list[Member]]] = {}
    for feature in collection.features:
        if feature.geometry is None:
            continue
        tags, name, is_osm = _identify(feature)
        if feature.geometry.type in _POINTS:
            place = feature.geometry.parts[0][:2]
            geodesy.check_lonlat(place[None])
            lonlat = (float(place[0]), float(place[1]))
            points.append(Point(id=name, lonlat=lonlat, tags=tags, is_osm=is_osm))
        elif feature.geometry.type in _LINES:
            ways += [
                Way(
                    id=name,
                    lonlat=part[:, :2],
                    height_m=part[:, 2] if part.shape[1] > 2 else None,
                    tags=tags,
                    is_osm=is_osm,
                )
                for part in feature.geometry.parts
                if len(part) > 1
            ]
        _note_relations(feature, name, relations)
    for way in ways:
        geodesy.check_lonlat(way.lonlat)
    date = collection.members.get("timestamp")
    return Extract(
        source=source,
        form="geojson",
        ways=tuple(ways),
        points=tuple(points),
        relations={
            ref: Relation(id=ref, tags=tags, members=tuple(members))
            for ref, (tags, members) in relations.items()
        },
        date=date if type(date) is str else None,
        remarks=tuple(r for r in collection.remarks if r.severity != "note"),
    )


def _identify(feature: Feature) -> tuple[dict[str, str], str, bool]:
    """Tags of a feature, its id, and whether it is OSM's."""
    properties = feature.properties
    inner = properties.get("tags")
    tags = text_tags(inner if type(inner) is dict else properties)
    for ref in (feature.id, properties.get("@id"), properties.get("osm_id")):
        if type(ref) is str and ref.split("/")[0] in ("way", "node", "relation") and "/" in ref:
            return {k: v for k, v in tags.items() if not k.startswith("@")}, ref, True
    osm_ref = properties.get("osm_id")
    if type(osm_ref) is int and "railway" in tags:
        return tags, f"way/{osm_ref}", True
    return tags, f"feature {feature.index}", False


def _note_relations(
    feature: Feature, name: str, relations: dict[str, tuple[dict[str, str], list[Member]]]
) -> None:
    rows: Any = feature.properties.get("@relations", feature.properties.get("relations"))
    for row in rows if type(rows) is list else ():
        if type(row) is not dict or type(row.get("rel")) not in (int, str):
            continue
        tags: Mapping[str, Any] = row.get("reltags") or {}
        role = row.get("role")
        entry = relations.setdefault(f"relation/{row['rel']}", (text_tags(tags), []))
        entry[1].append(Member(ref=name, role=role if type(role) is str else ""))


def read_station_list(document: Mapping[str, Any], *, source: str) -> Extract | None:
    """Take stations out of JSON that lists them with latitude and longitude.

    Parameters
    ----------
    document : mapping
    source : str

    Returns
    -------
    Extract or None
        None where there is no such list.
    """
    for value in document.values():
        if type(value) is not list or not value:
            continue
        points: list[Point] = []
        for row in value:
            place = _place(row)
            if place is None:
                break
            tags = text_tags({k: v for k, v in row.items() if type(v) is str})
            points.append(Point(id=f"station {len(points)}", lonlat=place, tags=tags, is_osm=False))
        else:
            geodesy.check_lonlat(np.array([p.lonlat for p in points]))
            return Extract(source=source, form="stations", points=tuple(points))
    return None


def _place(row: Any) -> tuple[float, float] | None:
    if type(row) is not dict or type(row.get("name")) is not str:
        return None
    latitude = row.get("lat", row.get("latitude"))
    longitude = row.get("lon", row.get("lng", row.get("longitude")))
    if isinstance(latitude, int | float) and isinstance(longitude, int | float):
        return float(longitude), float(latitude)
    return None
