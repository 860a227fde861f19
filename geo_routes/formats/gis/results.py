"""What was gathered of GIS files → loose lines to put together, or routes as they are."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from geo_routes.errors import MalformedFile, UnusableInput, visible
from geo_routes.formats import json_text
from geo_routes.formats.gis.gathering import Gathered
from geo_routes.formats.gis.tables import Row
from geo_routes.formats.osm.extract import Extract, Point, Way
from geo_routes.formats.route_file import decode
from geo_routes.model import Finding, Route

# The classes of railways in Geofabrik's Shapefiles ("OpenStreetMap Data in Layered GIS Format"),
# where OSM's tag has another word.
_GEOFABRIK_CLASSES = {"light_rail": "light_rail", "tram": "tram", "rail": "rail"}

# 64 bits, as files hold them.
_LONGEST_NUMBER = 1 << 64


def to_extract(gathered: Gathered, *, source: str) -> Extract:
    """Give the lines as loose pieces and the named points as stations.

    Parameters
    ----------
    gathered : Gathered
    source : str
        Name of the file.

    Returns
    -------
    Extract
    """
    ways: list[Way] = []
    points: list[Point] = []
    for row in gathered.rows:
        tags = _tags(row)
        osm_ref = _osm_ref(row, tags)
        name = osm_ref or f"record {row.index}"
        if row.kind == "point":
            ref = name.replace("way/", "node/")
            for place in (p[0] for p in row.parts):
                lonlat = (float(place[0]), float(place[1]))
                points.append(Point(id=ref, lonlat=lonlat, tags=tags, is_osm=False))
            continue
        ways += [
            Way(
                id=name,
                lonlat=part[:, :2],
                height_m=part[:, 2] if part.shape[1] > 2 else None,
                tags=tags,
                is_osm=osm_ref is not None,
                attributes={} if osm_ref else row.properties,
            )
            for part in row.parts
        ]
    return Extract(
        source=source,
        form=gathered.form,
        ways=tuple(ways),
        points=tuple(points),
        height_datum=gathered.height_datum,
        remarks=gathered.remarks,
    )


def _tags(row: Row) -> dict[str, str]:
    said: dict[str, str] = {}
    for name, value in row.properties.items():
        if type(value) is bool:
            said[name] = "yes" if value else "no"
        elif type(value) is str and value:
            said[name] = value
        elif type(value) is int or (type(value) is float and value.is_integer()):
            # A number of a line may have more digits than 15.
            said[name] = str(int(value)) if abs(value) < _LONGEST_NUMBER else f"{value:.15g}"
        elif type(value) is float:
            said[name] = f"{value:.15g}"
    if "railway" not in said and "osm_id" in said and said.get("fclass") in _GEOFABRIK_CLASSES:
        said["railway"] = _GEOFABRIK_CLASSES[said["fclass"]]
    return said


def _osm_ref(row: Row, tags: dict[str, str]) -> str | None:
    said = str(row.properties.get("osm_id") or "")
    if row.kind == "line" and "railway" in tags and said.isdigit():
        return f"way/{said}"
    return None


def parted(gathered: Gathered, by: str | None) -> list[tuple[str | None, Gathered]]:
    """Part the lines by the values of a field; each part has all points.

    Parameters
    ----------
    gathered : Gathered
    by : str, optional
        None leaves them together.

    Returns
    -------
    list of tuple
        The value as text and what has it, in the order of the file. Lines without a value are left
        out, and a remark of the first part says so.

    Raises
    ------
    UnusableInput
        If no line has the field.
    """
    if by is None:
        return [(None, gathered)]
    points = tuple(row for row in gathered.rows if row.kind == "point")
    groups: dict[str, list[Row]] = {}
    left_out = 0
    for row in gathered.rows:
        value = row.properties.get(by)
        if row.kind == "line" and value not in (None, ""):
            groups.setdefault(str(value), []).append(row)
        left_out += row.kind == "line" and value in (None, "")
    if not groups:
        if left_out == 0:
            return [(None, gathered)]
        names = dict.fromkeys(n for row in gathered.rows for n in row.properties)
        near = difflib.get_close_matches(by, names, n=1, cutoff=0.5)
        reason = f"has no line with a value in the field {by[:60]!r}"
        raise UnusableInput(reason, remedy=f"did you mean {near[0]}?" if near else "see --list")
    said = gathered.remarks
    if left_out:
        message = f"{left_out:,} lines have no value in the field {visible(by, most=60)}"
        said = (*said, Finding(code="gis.lost", severity="warning", message=message))
    parts = [
        (value, replace(gathered, rows=(*rows, *points), remarks=said if number == 0 else ()))
        for number, (value, rows) in enumerate(groups.items())
    ]
    return list(parts)


def to_routes(
    gathered: Sequence[Gathered], *, source: str, stations: bool = True
) -> tuple[Route, ...]:
    """Give each line as a route of its own, with its attributes, and the points as stations.

    Parameters
    ----------
    gathered : sequence of Gathered
    source : str
    stations : bool
        False leaves the stations out.

    Returns
    -------
    tuple of Route

    Raises
    ------
    MalformedFile
        If there is no line.
    """
    rows = [row for one in gathered for row in one.rows]
    if not any(row.kind == "line" for row in rows):
        reason = "has points and no line"
        raise MalformedFile(
            reason, remedy="name another --layer, or join the points", source=source
        )
    datum = next((g.height_datum for g in gathered if g.height_datum), None)
    features = [_feature(row, datum) for row in rows if row.kind == "line" or stations]
    data = json_text.encode({"type": "FeatureCollection", "features": features})
    remarks = tuple(r for one in gathered for r in one.remarks)
    routes = decode(data, source=source, stations=stations)
    # What was decided about the file is said once, with its first route.
    return (replace(routes[0], remarks=(*remarks, *routes[0].remarks)), *routes[1:])


def _feature(row: Row, datum: str | None) -> dict[str, Any]:
    parts: list[Any] = [_positions(part) for part in row.parts]
    properties = dict(row.properties)
    if row.kind == "point":
        kind, coordinates = ("Point", parts[0][0]) if len(parts) == 1 else ("MultiPoint", parts)
        if len(parts) > 1:
            coordinates = [p[0] for p in parts]
    else:
        kind, coordinates = (
            ("LineString", parts[0]) if len(parts) == 1 else ("MultiLineString", parts)
        )
        if datum is not None and len(row.parts[0][0]) > 2:
            properties.setdefault("height_datum", datum)
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _positions(part: Any) -> list[list[float]]:
    rows: list[list[float]] = part.tolist()
    if part.shape[1] > 2 and not np.isfinite(part[:, 2]).all():
        return [row if np.isfinite(row[2]) else row[:2] for row in rows]
    return rows
