"""Pieces of track in packed arrays, and the decisions made about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_routes import geodesy
from geo_routes.model import FloatArray, IntArray

# OSM keeps seven decimals; what agrees to a unit of the last one is the same place.
_GRID_PER_DEG = 1e7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """Loose pieces of track, packed one after the other.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices of all pieces, WGS 84 degrees.
    offsets : (k + 1,) int64
        Piece ``i`` is ``lonlat[offsets[i]:offsets[i + 1]]``.
    node : (n,) int64
        What tells vertices apart: where two pieces hold the same number, they join.
    value : (k,) float64
        What a metre of the piece is worth to the line: 1 for a main track, near 0 for a siding.
    cost : (k,) float64
        What passing along a metre of it costs, 1 or more.
    group : (k,) int64
        Pieces of one line by name or number have the same; -1 where neither is known.
    """

    lonlat: FloatArray
    offsets: IntArray
    node: IntArray
    value: FloatArray
    cost: FloatArray
    group: IntArray

    def __len__(self) -> int:
        """Count the pieces."""
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One thing decided while a line was put together.

    Parameters
    ----------
    code : str
        Stable name, such as ``second_track`` or ``gap.bridged``.
    reason : str
        Why, as one clause.
    metres : float
        How much of the input it concerns.
    pieces : tuple of int
        Indices of the pieces.
    kept : bool
        Whether they are in the line.
    lonlat : tuple of float, optional
        Where.
    """

    code: str
    reason: str
    metres: float
    pieces: tuple[int, ...] = ()
    kept: bool = False
    lonlat: tuple[float, float] | None = None


def pack(
    lines: Sequence[npt.ArrayLike],
    *,
    nodes: Sequence[npt.ArrayLike] | None = None,
    value: npt.ArrayLike | None = None,
    cost: npt.ArrayLike | None = None,
    group: npt.ArrayLike | None = None,
) -> Pieces:
    """Pack lines into arrays.

    Parameters
    ----------
    lines : sequence of (m, 2) array_like
        Longitude and latitude of each piece.
    nodes : sequence of (m,) array_like, optional
        Ids of the vertices; without them, equal coordinates are one node.
    value, cost, group : (k,) array_like, optional
        See `Pieces`; by default all pieces are alike.

    Returns
    -------
    Pieces

    Raises
    ------
    InvalidCoordinates

    Examples
    --------
    >>> pieces = pack([[[0, 0], [0, 1]], [[0, 1], [0, 2]]])
    >>> bool(pieces.node[1] == pieces.node[2])
    True
    """
    arrays = [np.asarray(line, dtype=np.float64).reshape(-1, 2) for line in lines]
    count = len(arrays)
    offsets = np.concatenate(([0], np.cumsum([len(a) for a in arrays], dtype=np.int64)))
    lonlat = np.concatenate([np.empty((0, 2)), *arrays])
    if len(lonlat):
        geodesy.check_lonlat(lonlat)
    if nodes is None:
        node = same_places(lonlat)
    else:
        none = np.empty(0, dtype=np.int64)
        node = np.concatenate([none, *(np.asarray(x, dtype=np.int64) for x in nodes)])
    return Pieces(
        lonlat=lonlat,
        offsets=offsets.astype(np.int64),
        node=node,
        value=_each(value, count, 1.0),
        cost=np.maximum(_each(cost, count, 1.0), 1.0),
        group=np.full(count, -1, dtype=np.int64)
        if group is None
        else np.asarray(group, dtype=np.int64),
    )


def same_places(lonlat: FloatArray) -> IntArray:
    """Give vertices numbers by their place: equal to seven decimals is equal.

    Parameters
    ----------
    lonlat : (n, 2) float64

    Returns
    -------
    (n,) int64
    """
    longitude = (lonlat[:, 0] + 180.0) % 360.0
    east = np.rint(longitude * _GRID_PER_DEG).astype(np.int64) % round(360 * _GRID_PER_DEG)
    north = np.rint((lonlat[:, 1] + 90.0) * _GRID_PER_DEG).astype(np.int64)
    return np.asarray((east << 31) | north)


def _each(values: npt.ArrayLike | None, count: int, otherwise: float) -> FloatArray:
    if values is None:
        return np.full(count, otherwise)
    return np.broadcast_to(np.asarray(values, dtype=np.float64), (count,)).copy()
