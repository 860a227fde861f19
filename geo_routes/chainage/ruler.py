"""A line with the chainage of each vertex, and places at chainages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_routes import geodesy
from geo_routes.model import FloatArray, IntArray

_QUERIES_AT_ONCE = 16_384


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruler:
    """A line with the chainage of each vertex.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices, the parts one after the other.
    part_starts : (k,) int64
        First vertex of each part.
    chainage_m : (n,) float64
        Metres from the origin; the last vertex of a part and the first of the next share one.
    """

    lonlat: FloatArray
    part_starts: IntArray
    chainage_m: FloatArray

    @property
    def length_m(self) -> float:
        """Geodesic length of all parts."""
        return float(self.chainage_m[-1])


def lay_ruler(lonlat: FloatArray, *, part_starts: IntArray | None = None) -> Ruler:
    """Measure the chainage of each vertex along the geodesics between them.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices, WGS 84 degrees.
    part_starts : (k,) int64, optional
        First vertex of each part; a gap between parts adds no chainage.

    Returns
    -------
    Ruler

    Examples
    --------
    >>> ruler = lay_ruler(np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]]))
    >>> ruler.chainage_m.round(3).tolist()
    [0.0, 110574.389, 221149.453]
    """
    starts = np.zeros(1, dtype=np.int64) if part_starts is None else part_starts
    steps_m = geodesy.segment_lengths_m(lonlat)
    steps_m[starts[1:] - 1] = 0.0
    chainage_m = np.concatenate(([0.0], np.cumsum(steps_m)))
    return Ruler(lonlat=lonlat, part_starts=starts, chainage_m=chainage_m)


def interpolate(ruler: Ruler, chainage_m: npt.ArrayLike) -> FloatArray:
    """Give the places at some chainages.

    Parameters
    ----------
    ruler : Ruler
    chainage_m : (m,) array_like
        Within ``[0, length_m]``.

    Returns
    -------
    (m, 2) float64
        Longitude and latitude; at a vertex the longitude as it is written there, elsewhere between
        -180 and 180 degrees. Where a gap begins, the first place behind it.

    Raises
    ------
    ValueError
        If a chainage lies beyond an end: nothing is clipped in silence.
    """
    wanted = np.atleast_1d(np.asarray(chainage_m, dtype=np.float64))
    if not (np.all(wanted >= 0) and np.all(wanted <= ruler.length_m)):
        worst = wanted[np.argmax(np.abs(wanted - ruler.length_m / 2))]
        msg = f"chainage {worst} m lies outside the line, which is {ruler.length_m} m long"
        raise ValueError(msg)
    places = np.empty((len(wanted), 2))
    # Block by block, so that nothing between question and answer leaves the cache.
    for first in range(0, len(wanted), _QUERIES_AT_ONCE):
        block = slice(first, first + _QUERIES_AT_ONCE)
        places[block] = _interpolate(ruler, wanted[block])
    return places


def _interpolate(ruler: Ruler, wanted: FloatArray) -> FloatArray:
    # A gap takes up no chainage, so no place but its ends can fall into it: of the vertices that
    # share a chainage, the search to the right finds the last.
    at = np.searchsorted(ruler.chainage_m, wanted, side="right") - 1
    at = np.minimum(at, len(ruler.lonlat) - 2)
    start, end, along_m = ruler.lonlat[at], ruler.lonlat[at + 1], wanted - ruler.chainage_m[at]
    azimuth_deg, _ = geodesy.azimuths_between_deg(start, end)
    places = geodesy.direct(start, azimuth_deg, along_m)
    exact_end = wanted == ruler.chainage_m[at + 1]
    places[exact_end] = end[exact_end]
    exact_start = along_m == 0
    places[exact_start] = start[exact_start]
    return places
