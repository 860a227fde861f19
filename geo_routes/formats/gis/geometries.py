"""Well-known binary and text → shapes, by shapely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geo_routes.errors import MalformedFile
from geo_routes.formats.gis.tables import Shape
from geo_routes.model import FloatArray

# Of shapely's types: a line, a ring, several lines; a point, several points.
_LINES, _POINTS, _COLLECTION = (1, 2, 5), (0, 4), 7
# "Any floating point number smaller than -10^38 is considered ... no data" in a Shapefile.
_NO_DATA = -1e38
_REMEDY = "export it again"


def decode_shapes(body: bytes, sizes: Sequence[int], *, first_index: int) -> list[Shape | None]:
    """Read geometries that follow each other.

    Parameters
    ----------
    body : bytes
        Well-known binary, ISO's or PostGIS's extended one.
    sizes : sequence of int
        Bytes of each, or -1 where a record has none.
    first_index : int
        Place of the first in its layer, for messages.

    Returns
    -------
    list of Shape or None

    Raises
    ------
    MalformedFile
        If one is damaged, naming its record.
    """
    ends = np.cumsum(np.maximum(sizes, 0)).tolist()
    pieces = [
        None if size < 0 else body[end - size : end] for size, end in zip(sizes, ends, strict=True)
    ]
    return shapes_of_wkb(pieces, first_index=first_index)


def shapes_of_wkb(pieces: Sequence[bytes | None], *, first_index: int = 0) -> list[Shape | None]:
    """Read geometries in well-known binary; see `decode_shapes`."""
    import shapely  # noqa: PLC0415 - only what GIS files hold pays for it

    wkb = np.array(pieces, dtype=object)
    try:
        with np.errstate(
            invalid="ignore", over="ignore"
        ):  # what is not finite is refused with its record
            shapes = shapely.from_wkb(wkb)
    except (shapely.GEOSException, ValueError, TypeError):
        for i, piece in enumerate(pieces):
            try:
                shapely.from_wkb(piece)
            except (shapely.GEOSException, ValueError, TypeError) as error:
                reason = "has a geometry (WKB) that is damaged"
                raise MalformedFile(reason, remedy=_REMEDY, feature=first_index + i) from error
        raise
    return shapes_of(shapes)


def shape_of_wkt(text: str) -> Shape | None:
    """Read a geometry in well-known text; ``SRID=…;`` before it is stepped over.

    Raises
    ------
    MalformedFile
        If it is none.

    Examples
    --------
    >>> shape_of_wkt("LINESTRING (0 0, 3 4)").parts[0].tolist()
    [[0.0, 0.0], [3.0, 4.0]]
    """
    import shapely  # noqa: PLC0415

    try:
        with np.errstate(invalid="ignore", over="ignore"):
            shape = shapely.from_wkt(without_srid(text))
    except (shapely.GEOSException, ValueError, TypeError) as error:
        reason = f"has text that is no geometry (WKT): {text[:30]!r}"
        raise MalformedFile(
            reason, remedy="write such as LINESTRING (9.1 48.7, 9.2 48.8)"
        ) from error
    return shapes_of(np.array([shape], dtype=object))[0]


def without_srid(text: str) -> str:
    """Give extended well-known text without its ``SRID=…;``."""
    head, sign, tail = text.strip().partition(";")
    return tail.strip() if sign and head[:5].upper() == "SRID=" else text.strip()


def shapes_of(shapes: Any) -> list[Shape | None]:
    """Give the positions of an array of shapely's geometries."""
    import shapely  # noqa: PLC0415

    types = shapely.get_type_id(shapes)
    has_z, has_m = shapely.has_z(shapes), shapely.has_m(shapes)
    wanted = np.isin(types, (*_LINES, *_POINTS))
    kept = np.where(wanted, shapes, None)
    parts, owner = shapely.get_parts(kept, return_index=True)
    coordinates, part_of = shapely.get_coordinates(parts, include_z=True, return_index=True)
    starts = np.searchsorted(part_of, np.arange(len(parts) + 1))
    lists: list[list[FloatArray]] = [[] for _ in range(len(shapes))]
    for number, i in enumerate(owner.tolist()):
        part = coordinates[starts[number] : starts[number + 1]]
        if len(part):
            lists[i].append(_heighted(part) if has_z[i] else part[:, :2])
    return [
        None
        if kind < 0
        else Shape(kind="other", is_collection=kind == _COLLECTION)
        if not fits
        else Shape(
            kind="line" if kind in _LINES else "point",
            parts=tuple(found),
            lost=("measures (M)",) if measured else (),
        )
        for kind, fits, found, measured in zip(
            types.tolist(), wanted.tolist(), lists, has_m.tolist(), strict=True
        )
    ]


def _heighted(part: FloatArray) -> FloatArray:
    heights = part[:, 2]
    if np.any(heights < _NO_DATA):
        part = part.copy()
        part[heights < _NO_DATA, 2] = np.nan
    return part if np.isfinite(part[:, 2]).any() else part[:, :2]
