"""Nouns → the members and geometries that a route file has for them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from geo_routes import geodesy, intervals
from geo_routes.model import Declared, Route, Station, Structure

# What a route says of the structures along it, as one thing: one member alone would mislead.
STRUCTURE_MEMBERS = ("structures", "structures_complete", "tunnels")

_PLAIN = (
    *("id", "name", "mode", "gauge_mm", "status", "axis", "geometry_kind", "of_length_m"),
    *("accuracy_m", "source", "licence", "retrieved", "height_datum"),
)
_SAID = {"origin": "from", "terminus": "to"}
DECLARED_MEMBERS = tuple(_SAID.get(f.name, f.name) for f in fields(Declared))
_ROUNDING_M = 0.001


def route_members(route: Route) -> dict[str, Any]:
    """Give the properties that stand for a route, the unknown ones too."""
    made = {k: getattr(route, k) for k in _PLAIN if getattr(route, k) not in (None, "")}
    made |= {f"name:{k}": v for k, v in route.names.items()}
    made |= structure_members(route)
    if route.chainage_breaks:
        made["chainage_breaks"] = [
            {"at_m": b.at_m, "back_km": b.back_km, "ahead_km": b.ahead_km}
            for b in route.chainage_breaks
        ]
    if route.declared is not None:
        made["declared"] = _declared_row(route.declared)
    return {**made, **route.extra}


def structure_members(route: Route) -> dict[str, Any]:
    """Give the properties that stand for the structures of a route."""
    made: dict[str, Any] = {}
    if route.structures:
        made["structures"] = [_structure_row(s) for s in route.structures]
    if route.structures_complete:
        made["structures_complete"] = True
    elif route.tunnels_complete:
        # The shorthand states the whole line for tunnels; those listed stand under structures.
        made["tunnels"] = []
    return made


def open_members(route: Route) -> dict[str, Any]:
    """Give the structure properties with what is known to be open said in words of the file.

    A file says so of a whole piece only, so that the line's open stretches become stretches at
    grade, unless they and the structures cover all of it.
    """
    made = structure_members(route)
    if len(route.open_m) == 0 or route.structures_complete:
        return made
    steps_m = geodesy.segment_lengths_m(route.lonlat)
    steps_m[route.part_starts[1:] - 1] = 0.0
    length_m = float(np.sum(steps_m))
    listed = [(s.from_m, s.to_m) for s in route.structures if s.from_m is not None]
    known = intervals.unite([*route.open_m.tolist(), *listed])
    unknown = intervals.complement(known, from_m=0.0, to_m=length_m)
    if intervals.total_m(unknown) <= _ROUNDING_M:
        return {**made, "structures_complete": True}
    rows = [{"kind": "at_grade", "from_m": a, "to_m": b} for a, b in route.open_m.tolist()]
    return {**made, "structures": [*made.get("structures", []), *rows]}


def line_geometry(route: Route) -> dict[str, Any]:
    """Give the line as GeoJSON."""
    parts = []
    for first, end in zip(route.part_starts.tolist(), route.part_ends.tolist(), strict=True):
        rows = route.lonlat[first:end].tolist()
        if route.height_m is not None:
            heights = route.height_m[first:end].tolist()
            rows = [[*p, h] if h == h else p for p, h in zip(rows, heights, strict=True)]  # noqa: PLR0124 - NaN alone differs from itself
        parts.append(rows)
    if len(parts) == 1:
        return {"type": "LineString", "coordinates": parts[0]}
    return {"type": "MultiLineString", "coordinates": parts}


def station_members(station: Station) -> dict[str, Any]:
    """Give the properties that stand for a station, the unknown ones too."""
    made: dict[str, Any] = {"name": station.name} if station.name else {}
    made |= {f"name:{k}": v for k, v in station.names.items()}
    if station.routes:
        made["route"] = station.routes[0] if len(station.routes) == 1 else list(station.routes)
    for name in ("seq", "chainage_km", "source", "accuracy_m"):
        if getattr(station, name) is not None:
            made[name] = getattr(station, name)
    return {**made, **station.extra}


def point_geometry(station: Station) -> dict[str, Any]:
    """Give the position of a station as GeoJSON."""
    height = () if station.height_m is None else (station.height_m,)
    return {"type": "Point", "coordinates": [*station.lonlat, *height]}


def _structure_row(structure: Structure) -> dict[str, Any]:
    names = ("kind", "from_m", "to_m", "from_km", "to_km", "name", "source")
    return {k: getattr(structure, k) for k in names if getattr(structure, k) not in (None, "")}


def _declared_row(declared: Declared) -> dict[str, Any]:
    pairs = ((_SAID.get(f.name, f.name), getattr(declared, f.name)) for f in fields(declared))
    return {k: v for k, v in pairs if v not in (None, "")}
