"""Points, in their order → the vertices of one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from geo_routes.errors import MalformedFile
from geo_routes.formats.gis.tables import Row
from geo_routes.model import FloatArray


def join_points(rows: Sequence[Row]) -> list[Row]:
    """Make one line of the points, by ``seq`` where each has one; a new ``part`` begins anew."""
    points = [row for row in rows if row.kind == "point"]
    if len(points) < 2:
        reason = f"has {len(points)} points to join, and a line needs two or more"
        raise MalformedFile(reason, remedy="leave --join-points out")
    if all(isinstance(row.properties.get("seq"), int | float) for row in points):
        points = sorted(points, key=lambda row: float(row.properties["seq"]))
    width = max(row.parts[0].shape[1] for row in points)
    parts = [
        np.concatenate([_widened(p, width) for row in run for p in row.parts])
        for run in _runs(points)
        if len(run) > 1
    ]
    if not parts:
        reason = "has no two points of one part to join"
        raise MalformedFile(reason, remedy="map no field to part")
    first = points[0].properties
    shared = {
        k: v
        for k, v in first.items()
        if k not in ("seq", "part") and all(row.properties.get(k) == v for row in points)
    }
    line = Row(index=points[0].index, kind="line", parts=tuple(parts), properties=shared)
    return [row for row in rows if row.kind == "line"] + [line]


def _widened(part: FloatArray, width: int) -> FloatArray:
    """Give a position without a height one that is missing."""
    if part.shape[1] >= width:
        return part
    return np.column_stack((part, np.full(len(part), np.nan)))


def _runs(points: Sequence[Row]) -> Iterator[list[Row]]:
    run: list[Row] = []
    for row in points:
        if run and row.properties.get("part") != run[-1].properties.get("part"):
            yield run
            run = []
        run.append(row)
    yield run
