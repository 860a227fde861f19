"""Geodesics by Karney's algorithm; azimuths of short ones, and the turns between them.

References
----------
C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87 (2013) 43-55.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geo_routes.geodesy.ellipsoid import EP2, RAD, FloatArray

if TYPE_CHECKING:
    from pyproj import Geod

# Past a step of 0.001 rad (6 km) the mid-latitude formulas are left for Karney's algorithm, and for
# azimuths also where meridians converge fast.
LONGEST_STEP_DEG = 0.001 / RAD
_STEEPEST_MERIDIANS_DEG = 85.0


def inverse(
    lonlat_from: FloatArray, lonlat_to: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Solve the inverse geodesic problem: the way from one place to another.

    Parameters
    ----------
    lonlat_from, lonlat_to : (n, 2) float64

    Returns
    -------
    azimuth_from_deg, azimuth_to_deg, distance_m : (n,) float64
        Both azimuths look forward, clockwise from north.

    Examples
    --------
    >>> way = inverse(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]))
    >>> [round(float(x[0]), 6) for x in way]
    [90.0, 90.0, 111319.490793]
    """
    here, there = np.asarray(lonlat_from, dtype=np.float64), np.asarray(lonlat_to, dtype=np.float64)
    if len(here) == 0:
        none = np.empty(0)
        return none, none.copy(), none.copy()
    forth, back, distance_m = _geod().inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    return np.asarray(forth), _turn_round(np.asarray(back)), np.asarray(distance_m)


def direct(lonlat: FloatArray, azimuth_deg: FloatArray, distance_m: FloatArray) -> FloatArray:
    """Solve the direct geodesic problem: where a way ends.

    Parameters
    ----------
    lonlat : (n, 2) float64
    azimuth_deg, distance_m : (n,) float64

    Returns
    -------
    (n, 2) float64
        Longitudes between -180 and 180, however the start's is written.
    """
    return direct_with_azimuth(lonlat, azimuth_deg, distance_m)[0]


def direct_with_azimuth(
    lonlat: FloatArray, azimuth_deg: FloatArray, distance_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Solve the direct geodesic problem: where a way ends, and where it heads there.

    Parameters
    ----------
    lonlat : (n, 2) float64
    azimuth_deg, distance_m : (n,) float64

    Returns
    -------
    lonlat : (n, 2) float64
    azimuth_deg : (n,) float64
        Forward, clockwise from north.
    """
    if len(lonlat) == 0:
        return np.empty((0, 2)), np.empty(0)
    longitude, latitude, back = _geod().fwd(lonlat[:, 0], lonlat[:, 1], azimuth_deg, distance_m)
    return np.column_stack((longitude, latitude)), _turn_round(np.asarray(back))


def deflections_rad(lonlat: FloatArray) -> FloatArray:
    """Measure the turn at each inner vertex, left positive.

    Parameters
    ----------
    lonlat : (n, 2) float64

    Returns
    -------
    (n - 2,) float64
        Azimuth at the end of the step before minus azimuth at the start of the step after,
        wrapped to ±pi. A straight geodesic turns nowhere, whatever its meridians do.
    """
    start_deg, end_deg = azimuths_deg(lonlat)
    turn_deg = end_deg[:-1] - start_deg[1:]
    return np.asarray(np.radians((turn_deg + 180) % 360 - 180))


def azimuths_deg(lonlat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the azimuth of each step of a line where it starts and where it ends.

    Parameters
    ----------
    lonlat : (n, 2) float64

    Returns
    -------
    start_deg, end_deg : (n - 1,) float64
        See `azimuths_between_deg`.
    """
    return azimuths_between_deg(lonlat[:-1], lonlat[1:])


def azimuths_between_deg(
    lonlat_from: FloatArray, lonlat_to: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give the azimuth of geodesics where they start and where they end.

    Short steps take the mid-latitude formula, whose azimuths and turns are as good as the
    coordinates, 1e-11 rad or 5 nm across the step; long ones, those that jump across the
    antimeridian and those near a pole take Karney's algorithm. A step of no length looks north.

    Parameters
    ----------
    lonlat_from, lonlat_to : (n, 2) float64

    Returns
    -------
    start_deg, end_deg : (n,) float64
        Forward azimuths, clockwise from north.

    Notes
    -----
    With L and B the differences of longitude and latitude in radians, c and s the cosine and sine
    of the middle latitude, n = e'² c² and w = B² / (1 + n)², the geodesic heads at its middle for
    arctan(E / N), and its azimuth grows by D over its length [1]_:

        E = c L (1 + ((1 + n - 9 e'² s² + n²) w - s² L²) / 24),
        N = B / (1 + n) (1 + (3 e'² (c² - s²) w - (2 c² + 3 s² + 2 n c²) L²) / 24),
        D = s L (1 + ((3 + 2 n - 2 n²) w + 2 c² (1 + n) L²) / 24).

    References
    ----------
    .. [1] W. Grossmann, "Geodätische Rechnungen und Abbildungen in der Landesvermessung", 3rd ed.,
       Wittwer, 1976: Gauss's formulas for the second problem, with the middle latitude.

    Examples
    --------
    >>> way = azimuths_between_deg(np.array([[0.0, 60.0]]), np.array([[0.02, 60.0]]))
    >>> [round(float(x[0]), 6) for x in way]
    [89.99134, 90.00866]
    """
    # Differences first: a wrapped longitude would have lost the last digits of a short step.
    lon, lat = np.radians(lonlat_to - lonlat_from).T
    middle_deg = (lonlat_from[:, 1] + lonlat_to[:, 1]) / 2
    sine, cosine = np.sin(np.radians(middle_deg)), np.cos(np.radians(middle_deg))
    s2, c2, lon2 = sine * sine, cosine * cosine, lon * lon
    n = EP2 * c2
    w = (lat / (1 + n)) ** 2
    east = cosine * lon * (1 + ((1 + n - 9 * EP2 * s2 + n * n) * w - s2 * lon2) / 24)
    north = lat / (1 + n) * (1 + (3 * EP2 * (c2 - s2) * w - (2 + s2 + 2 * n * c2) * lon2) / 24)
    growth = sine * lon * (1 + ((3 + 2 * n - 2 * n * n) * w + 2 * c2 * (1 + n) * lon2) / 24)
    middle = np.arctan2(east, north)
    start_deg, end_deg = np.degrees(middle - growth / 2), np.degrees(middle + growth / 2)
    longest = np.radians(LONGEST_STEP_DEG)
    hard = (np.abs(lon) > longest) | (np.abs(lat) > longest)
    hard |= np.abs(middle_deg) > _STEEPEST_MERIDIANS_DEG
    if hard.any():
        start_deg[hard], end_deg[hard], _ = inverse(lonlat_from[hard], lonlat_to[hard])
    return start_deg, end_deg


@lru_cache(maxsize=1)
def _geod() -> Geod:
    from pyproj import Geod  # noqa: PLC0415 - a short line is measured without it, in a tenth of the time

    return Geod(ellps="WGS84")


def _turn_round(azimuth_deg: FloatArray) -> FloatArray:
    return np.asarray(np.where(azimuth_deg > 0, azimuth_deg - 180, azimuth_deg + 180))
