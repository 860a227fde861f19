"""Geodesics by Karney's algorithm, and the turns between them.

References
----------
C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87 (2013) 43-55.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geo_routes.geodesy.ellipsoid import FloatArray, metres_per_degree

if TYPE_CHECKING:
    from pyproj import Geod

_LONGEST_CHAIN_M = 300.0
_STEEPEST_CHAIN_DEG = 70.0


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
    """
    if len(lonlat) == 0:
        return np.empty((0, 2))
    longitude, latitude, _ = _geod().fwd(lonlat[:, 0], lonlat[:, 1], azimuth_deg, distance_m)
    return np.column_stack((longitude, latitude))


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

    Steps up to 300 m take the mid-latitude formula, whose turns are right to 1e-9 rad
    (a third of a micrometre across a step); longer ones, and those near a pole, Karney's algorithm.

    Parameters
    ----------
    lonlat : (n, 2) float64

    Returns
    -------
    start_deg, end_deg : (n - 1,) float64
        Forward azimuths, clockwise from north.
    """
    east_deg = (lonlat[1:, 0] - lonlat[:-1, 0] + 180) % 360 - 180
    north_deg = lonlat[1:, 1] - lonlat[:-1, 1]
    middle_deg = (lonlat[1:, 1] + lonlat[:-1, 1]) / 2
    east_m, north_m = metres_per_degree(middle_deg)
    azimuth_deg = np.degrees(np.arctan2(east_m * east_deg, north_m * north_deg))
    # Meridians converge: the azimuth at the middle lies between those at the two ends.
    half_deg = east_deg * np.sin(np.radians(middle_deg)) / 2
    start_deg, end_deg = azimuth_deg - half_deg, azimuth_deg + half_deg
    hard = np.hypot(east_m * east_deg, north_m * north_deg) > _LONGEST_CHAIN_M
    hard |= np.abs(middle_deg) > _STEEPEST_CHAIN_DEG
    if hard.any():
        start_deg[hard], end_deg[hard], _ = inverse(lonlat[:-1][hard], lonlat[1:][hard])
    return start_deg, end_deg


@lru_cache(maxsize=1)
def _geod() -> Geod:
    from pyproj import Geod  # noqa: PLC0415 - a short line is measured without it, in a tenth of the time

    return Geod(ellps="WGS84")


def _turn_round(azimuth_deg: FloatArray) -> FloatArray:
    return np.asarray(np.where(azimuth_deg > 0, azimuth_deg - 180, azimuth_deg + 180))
