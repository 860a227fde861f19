"""A line on the ellipsoid unrolled onto a plane: chords and turns stay what they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_routes import geodesy
from geo_routes.model import FloatArray, IntArray

# Vertices closer than this say nothing of a direction.
_SAME_PLACE_M = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Development:
    """A chain of chords on a plane, with the lengths and turns that it has on the ellipsoid.

    Parameters
    ----------
    xy_m : (n, 2) float64
        Places; the first is the origin, and the first chord runs along x.
    chainage_m : (n,) float64
        Of each place along the line as filed.
    vertex : (n,) int64
        Which vertex of the line each place is.
    """

    xy_m: FloatArray
    chainage_m: FloatArray
    vertex: IntArray

    @property
    def chords_m(self) -> FloatArray:
        """(n - 1,) lengths of the chords."""
        return np.asarray(np.hypot(*np.diff(self.xy_m, axis=0).T))


def develop(lonlat: FloatArray, *, chainage_m: FloatArray) -> Development:
    """Unroll one part of a line.

    A projection would bend straight lines and stretch others; here each chord is a geodesic of its
    true length, and each turn is the difference of true azimuths at one vertex.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices of one unbroken part.
    chainage_m : (n,) float64

    Returns
    -------
    Development
        Without vertices that lie within 5 cm of the one before.
    """
    kept = _apart(chainage_m)
    line, places_m = lonlat[kept], chainage_m[kept]
    steps_m = np.diff(places_m)
    heading = np.zeros(len(steps_m))
    if len(steps_m) > 1:
        heading[1:] = np.cumsum(geodesy.deflections_rad(line))
    moves = steps_m[:, None] * np.column_stack((np.cos(heading), np.sin(heading)))
    xy_m = np.concatenate((np.zeros((1, 2)), np.cumsum(moves, axis=0)))
    return Development(xy_m=xy_m, chainage_m=places_m, vertex=kept)


def _apart(chainage_m: FloatArray) -> IntArray:
    """Choose vertices that lie apart from the one chosen before; both ends are kept."""
    steps_m = np.diff(chainage_m)
    if np.all(steps_m >= _SAME_PLACE_M):
        return np.arange(len(chainage_m))
    kept = [0]
    last_m = chainage_m[0]
    for i in np.nonzero(steps_m > 0)[0] + 1:
        if chainage_m[i] - last_m >= _SAME_PLACE_M:
            kept.append(int(i))
            last_m = chainage_m[i]
    return np.array(kept, dtype=np.int64)
