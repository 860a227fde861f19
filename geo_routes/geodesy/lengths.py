"""Lengths along geodesics: fast where steps are short, Karney's everywhere else."""

from __future__ import annotations

import math

import numpy as np

from geo_routes.geodesy.ellipsoid import E2, EP2, RAD, SEMI_MAJOR_M, FloatArray, IntArray
from geo_routes.geodesy.geodesics import LONGEST_STEP_DEG, inverse
from geo_routes.geodesy.positions import MAX_LONGITUDE_DEG, check_lonlat

# Within half a degree of a pole Karney's algorithm is asked, as it is for long steps.
_NEAREST_POLE_DEG = 89.5
# Ten buffers of so many float64 take 1.3 MB: in larger blocks they leave the cache of a core, in
# smaller ones the calls cost more than the sums.
_BLOCK = 16_384
# The radius of curvature at a pole, a / sqrt(1 - e²).
_POLAR_RADIUS_M = SEMI_MAJOR_M / math.sqrt(1 - E2)
# Taylor's series of the cosine of half an angle in squares of degrees, highest power first. To a
# quarter turn it is right to 4e-15, which is 4e-13 of the cosine at the last latitude it serves.
_COSINE = tuple((-((RAD / 2) ** 2)) ** k / math.factorial(2 * k) for k in range(9, -1, -1))


def segment_lengths_m(lonlat: FloatArray) -> FloatArray:
    """Measure each step of a line along the geodesic.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices, WGS 84 degrees.

    Returns
    -------
    (n - 1,) float64
        Metres; within 1e-11 relative or 5 nm of Karney's.

    Raises
    ------
    InvalidCoordinates

    Notes
    -----
    With U = dlon² and V = dlat² in square radians, c and s the cosine and sine of the middle
    latitude and q = 1 / (1 + e'² c²), Gauss's formula to third order squares to

        d² = a² / (1 - e²) q (c² U (1 + (g V - s² U) / 12) + q² V (1 + (k V - h U) / 12)),
        g = 1 - e'² (1 + 8 s²),   h = 2 + s² + 2 e'² c⁴,   k = 3 e² (c² - s²).

    Examples
    --------
    >>> segment_lengths_m(np.array([[0.0, 0.0], [0.0, 0.001], [0.0, 1.0]])).round(3).tolist()
    [110.574, 110463.814]
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
    ValueError
        If the offsets do not run from 0 to n without stepping back.

    Examples
    --------
    >>> line_lengths_m(np.zeros((3, 2)), np.array([0, 2, 2, 3])).tolist()
    [0.0, 0.0, 0.0]
    """
    bounds = np.asarray(offsets, dtype=np.int64)
    if (
        len(bounds) == 0
        or bounds[0] != 0
        or bounds[-1] != len(lonlat)
        or (np.diff(bounds) < 0).any()
    ):
        msg = f"offsets must rise from 0 to the number of vertices, here {len(lonlat)}"
        raise ValueError(msg)
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
        self.columns = np.empty((2, size + 1))
        self.buffers = np.empty((8, size))

    def measure(self, first: int, last: int, breaks: IntArray | None) -> FloatArray:
        """Lengths of the steps ``first:last``; steps at ``breaks`` count as nothing."""
        count = last - first
        columns, buffers = self.columns[:, : count + 1], self.buffers[:, :count]
        # Copied once, the columns lie side by side, and every pass over them takes half the time.
        np.copyto(columns, self.lonlat[first : last + 1].T)
        lon, lat = columns
        u, v, sum_deg = buffers[:3]
        highest = _largest(lat)
        # Written so that NaN, which compares with nothing, is caught.
        if not (highest <= 90 and _largest(lon) <= MAX_LONGITUDE_DEG):
            check_lonlat(self.lonlat)
        np.subtract(lon[1:], lon[:-1], out=u)
        np.subtract(lat[1:], lat[:-1], out=v)
        np.add(lat[1:], lat[:-1], out=sum_deg)
        np.multiply(u, u, out=u)
        np.multiply(v, v, out=v)
        if breaks is not None and len(breaks):
            u[breaks] = 0.0
            v[breaks] = 0.0
        hard = None
        if highest > _NEAREST_POLE_DEG or max(u.max(), v.max()) > LONGEST_STEP_DEG**2:
            far = np.maximum(u, v) > LONGEST_STEP_DEG**2
            polar = np.abs(sum_deg) > 2 * _NEAREST_POLE_DEG
            hard = np.nonzero(far | (polar & ((u > 0) | (v > 0))))[0]
            u[hard] = 0.0
            v[hard] = 0.0
        lengths_m = _gauss_m(buffers)
        if hard is not None and len(hard):
            at = hard + first
            lengths_m[hard] = inverse(self.lonlat[at], self.lonlat[at + 1])[2]
        return lengths_m


def _largest(values: FloatArray) -> float:
    return max(float(values.max()), -float(values.min()))


def _gauss_m(buffers: FloatArray) -> FloatArray:
    """Evaluate the formula in place; one temporary array more would cost as much as a cosine.

    The first three buffers hold U and V in square degrees and the sum of the latitudes.
    """
    u, v, angle, c2, q, m, w = buffers[:7]
    r: FloatArray = buffers[7]
    # c² by Taylor's series: numpy's cosine takes as long as all the rest.
    np.multiply(angle, angle, out=angle)
    np.multiply(angle, _COSINE[0], out=c2)
    for coefficient in _COSINE[1:-1]:
        np.add(c2, coefficient, out=c2)
        np.multiply(c2, angle, out=c2)
    np.add(c2, _COSINE[-1], out=c2)
    np.multiply(c2, c2, out=c2)
    np.multiply(c2, EP2, out=q)
    np.add(q, 1.0, out=q)
    np.divide(1.0, q, out=q)
    np.multiply(q, q, out=m)
    # From here on U and V are twelfths of square radians, which is what the corrections want.
    np.multiply(u, RAD**2 / 12, out=u)
    np.multiply(v, RAD**2 / 12, out=v)
    # r = c² U (1 + (g V - s² U) / 12)
    np.multiply(c2, 8 * EP2, out=r)
    np.add(r, 1 - 9 * EP2, out=r)
    np.multiply(r, v, out=r)
    np.subtract(c2, 1.0, out=w)
    np.multiply(w, u, out=w)
    np.add(r, w, out=r)
    np.add(r, 1.0, out=r)
    np.multiply(r, c2, out=r)
    np.multiply(r, u, out=r)
    # m = q² V (1 + (k V - h U) / 12)
    np.multiply(m, v, out=m)
    np.multiply(c2, 2 * EP2, out=w)
    np.subtract(w, 1.0, out=w)
    np.multiply(w, c2, out=w)
    np.add(w, 3.0, out=w)
    np.multiply(w, u, out=w)
    np.multiply(c2, 6 * E2, out=c2)
    np.subtract(c2, 3 * E2, out=c2)
    np.multiply(c2, v, out=c2)
    np.subtract(c2, w, out=c2)
    np.add(c2, 1.0, out=c2)
    np.multiply(m, c2, out=m)
    np.add(r, m, out=r)
    np.multiply(r, q, out=r)
    np.sqrt(r, out=r)
    np.multiply(r, _POLAR_RADIUS_M * math.sqrt(12), out=r)
    return r
