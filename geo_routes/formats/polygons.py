"""Polygons: not measured, but what is odd about them is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from geo_routes.errors import MalformedFile
from geo_routes.formats.positions import decode_positions, say_type
from geo_routes.model import FloatArray

_LEAST_RING = 4


def complaints(kind: str, coordinates: Any) -> Iterator[tuple[str, str]]:
    """Yield a code and a message for each way in which a polygon breaks RFC 7946, section 3.1.6.

    Parameters
    ----------
    kind : str
        ``"Polygon"`` or ``"MultiPolygon"``.
    coordinates : object
        As in the file.

    Raises
    ------
    MalformedFile
        If the coordinates are not rings of positions at all.
    """
    polygons = coordinates if kind == "MultiPolygon" else [coordinates]
    if type(polygons) is not list or any(type(p) is not list for p in polygons):
        reason = (
            f"a {kind} has coordinates that are {say_type(coordinates)}, expected lists of rings"
        )
        raise MalformedFile(reason, remedy="give [[[longitude, latitude], ...], ...]")
    for polygon in polygons:
        for number, raw in enumerate(polygon):
            ring = decode_positions(raw, what=f"ring {number} of a {kind}")
            yield from _ring_complaints(ring, outer=number == 0, kind=kind)


def _ring_complaints(ring: FloatArray, *, outer: bool, kind: str) -> Iterator[tuple[str, str]]:
    if ring.shape[1] > 3:
        yield "coordinates.extra", f"a {kind} has positions of 4 or more numbers"
    if len(ring) < _LEAST_RING:
        yield (
            "polygon.ring_short",
            f"a ring of a {kind} has {len(ring)} positions, expected 4 or more",
        )
        return
    if not np.array_equal(ring[0], ring[-1], equal_nan=True):
        yield "polygon.ring_open", f"a ring of a {kind} does not end where it begins"
        return
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    twice_area = float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
    if twice_area and (twice_area > 0) != outer:
        side = "outer ring runs clockwise" if outer else "inner ring runs counter-clockwise"
        yield "polygon.winding", f"a {kind} whose {side} breaks the right-hand rule"
    elif not twice_area:
        yield "polygon.flat", f"a ring of a {kind} encloses no area"
