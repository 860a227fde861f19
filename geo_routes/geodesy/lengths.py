"""Lengths along geodesics: fast where steps are short, Karney's everywhere else."""

from __future__ import annotations

import numpy as np

from geo_routes.geodesy.ellipsoid import E2, EP2, RAD, SEMI_MAJOR_M, FloatArray, IntArray
from geo_routes.geodesy.geodesics import inverse
from geo_routes.geodesy.positions import MAX_LONGITUDE_DEG, check_lonlat

# Past a step of 0.003 rad (19 km), and within half a degree of a pole, Karney's algorithm is asked.
_LONGEST_STEP_DEG = 0.003 / RAD
_NEAREST_POLE_DEG = 89.5
# Below a step of 3e-5 rad (190 m) the third-order terms are worth less than 3e-10.
_TINY_STEP_DEG = 3e-5 / RAD
# Some ten buffers of this many float64 stay within a core's cache.
_BLOCK = 8_192


def segment_lengths_m(lonlat: FloatArray) -> FloatArray:
    """Measure each step of a line along the geodesic.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices, WGS 84 degrees.

    Returns
    -------
    (n - 1,) float64
        Metres; 1e-9 relative or 5 nm from Karney's.

    Raises
    ------
    InvalidCoordinates

    Notes
    -----
    With U = dlon², V = dlat², c and s the cosine and sine of the middle latitude, W² = 1 - e² s²
    and m = (1 - e²)² / W⁴, Gauss's formula to third order squares to

        (d W / a)² = c² U + m V + (-c² s² U² + (c² g - m h) U V + 3 e² (c² - s²) m V²) / 12,
        g = 1 - e'² (1 + 8 s²),   h = 2 + s² + 2 e'² c⁴.

    Examples
    --------
    >>> segment_lengths_m(np.array([[0.0, 0.0], [0.0, 0.001], [0.0, 1.0]])).round(4).tolist()
    [110.5743, 110463.8144]
    """
    count = max(len(lonlat) - 1, 0)
    out = np.empty(count)
    kernel = _Kernel(lonlat)
    for first in range(0, count, _BLOCK):
        steps = kernel.measure(first, min(first + _BLOCK, count), None)
        out[first : first + len(steps)] = steps
    if count == 0 and len(lonlat):
        check_lonlat(lonlat)
    return out


def line_lengths_m(lonlat: FloatArray, offsets: IntArray) -> FloatArray:
    """Measure many lines packed one after the other.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices of all lines.
    offsets : (k + 1,) int64
        Line ``i`` is ``lonlat[offsets[i]:offsets[i + 1]]``; without or with one vertex it is 0 m.

    Returns
    -------
    (k,) float64

    Raises
    ------
    InvalidCoordinates

    Examples
    --------
    >>> line_lengths_m(np.zeros((3, 2)), np.array([0, 2, 2, 3])).tolist()
    [0.0, 0.0, 0.0]
    """
    bounds = np.asarray(offsets, dtype=np.int64)
    totals = np.zeros(len(bounds) - 1)
    count = max(len(lonlat) - 1, 0)
    if count == 0:
        if len(lonlat):
            check_lonlat(lonlat)
        return totals
    kernel = _Kernel(lonlat)
    breaks = bounds[1:-1] - 1
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        near = breaks[np.searchsorted(breaks, first) : np.searchsorted(breaks, last)]
        steps = kernel.measure(first, last, near - first)
        low = int(np.searchsorted(bounds, first, side="right")) - 1
        high = int(np.searchsorted(bounds, last, side="left"))
        starts = np.maximum(bounds[low:high], first) - first
        # An empty line, or one behind the last step, has nothing to add here.
        used = np.nonzero(np.append(starts[1:], last - first) > starts)[0]
        totals[low + used] += np.add.reduceat(steps, starts[used])
    return totals


class _Kernel:
    """The hybrid on one block at a time, in buffers that stay in cache."""

    def __init__(self, lonlat: FloatArray) -> None:
        self.lonlat = np.asarray(lonlat, dtype=np.float64)
        size = min(_BLOCK, max(len(lonlat) - 1, 1))
        self.latitude = np.empty(size + 1)
        self.buffers = np.empty((7, size))

    def measure(self, first: int, last: int, breaks: IntArray | None) -> FloatArray:
        """Lengths of the steps ``first:last``; steps at ``breaks`` count as nothing."""
        count = last - first
        lon, lat = self.lonlat[first : last + 1, 0], self.latitude[: count + 1]
        np.copyto(lat, self.lonlat[first : last + 1, 1])
        u, v, c2, w2, m, t, r = (b[:count] for b in self.buffers)
        highest = max(float(lat.max()), -float(lat.min()))
        # A sum is finite only if all of its terms are, so one pass finds NaN and infinity.
        steady = np.isfinite(highest) and np.isfinite(np.add.reduce(lon))
        if (
            not steady
            or highest > 90
            or max(float(lon.max()), -float(lon.min())) > MAX_LONGITUDE_DEG
        ):
            check_lonlat(self.lonlat[first : last + 1])
        np.subtract(lon[1:], lon[:-1], out=u)
        np.subtract(lat[1:], lat[:-1], out=v)
        np.add(lat[1:], lat[:-1], out=t)
        if breaks is not None and len(breaks):
            u[breaks] = 0.0
            v[breaks] = 0.0
        widest = max(float(u.max()), -float(u.min()), float(v.max()), -float(v.min()))
        hard = None
        if widest > _LONGEST_STEP_DEG or highest > _NEAREST_POLE_DEG:
            hard = (np.abs(u) > _LONGEST_STEP_DEG) | (np.abs(v) > _LONGEST_STEP_DEG)
            hard |= np.abs(t) > 2 * _NEAREST_POLE_DEG
            if breaks is not None and len(breaks):
                hard[breaks] = False
            u[hard] = 0.0
            v[hard] = 0.0
        # t is twice the middle latitude, so c² = (1 + cos t) / 2 and W² = 1 - e²/2 + e²/2 cos t.
        np.multiply(t, RAD, out=t)
        np.cos(t, out=t)
        np.multiply(t, 0.5, out=c2)
        np.add(c2, 0.5, out=c2)
        np.multiply(t, E2 / 2, out=w2)
        np.add(w2, 1 - E2 / 2, out=w2)
        np.divide(1.0, w2, out=w2)
        np.multiply(w2, w2, out=m)
        np.multiply(m, (1 - E2) ** 2, out=m)
        np.multiply(u, u, out=u)
        np.multiply(v, v, out=v)
        np.multiply(c2, u, out=r)
        if widest > _TINY_STEP_DEG:
            self._add_third_order(u, v, c2, m, t, r)
        np.multiply(m, v, out=m)
        np.add(r, m, out=r)
        np.multiply(r, w2, out=r)
        np.sqrt(r, out=r)
        np.multiply(r, SEMI_MAJOR_M * RAD, out=r)
        if hard is not None and hard.any():
            at = np.nonzero(hard)[0] + first
            r[hard] = inverse(self.lonlat[at], self.lonlat[at + 1])[2]
        return r

    @staticmethod
    def _add_third_order(
        u: FloatArray, v: FloatArray, c2: FloatArray, m: FloatArray, t: FloatArray, r: FloatArray
    ) -> None:
        # u and v are squares of degrees here: each product of two needs one more _RAD².
        s2 = 1 - c2
        cross = c2 * (1 - EP2 * (1 + 8 * s2)) - m * (2 + s2 + 2 * EP2 * c2 * c2)
        r += (RAD**2 / 12) * (u * (cross * v - c2 * s2 * u) + 3 * E2 * t * m * v * v)
