"""The WGS 84 ellipsoid: its constants and what follows from them in closed form."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# The defining constants of WGS 84 (NGA.STND.0036, table 3.1).
SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563

# Squares of the first and the second eccentricity.
E2 = FLATTENING * (2 - FLATTENING)
EP2 = E2 / (1 - E2)

RAD = np.pi / 180


def ecef_m(lonlat: FloatArray) -> FloatArray:
    """Give earth-centred coordinates of places on the ellipsoid.

    Returns
    -------
    (n, 3) float64
        Metres; x through 0° E, z through the north pole.
    """
    longitude, latitude = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    sin_latitude = np.sin(latitude)
    normal_m = SEMI_MAJOR_M / np.sqrt(1 - E2 * sin_latitude**2)
    across_m = normal_m * np.cos(latitude)
    return np.column_stack(
        (
            across_m * np.cos(longitude),
            across_m * np.sin(longitude),
            normal_m * (1 - E2) * sin_latitude,
        )
    )


def metres_per_degree(latitude_deg: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the length of a degree of longitude and of latitude.

    Returns
    -------
    east_m, north_m : (n,) float64
    """
    sin_latitude = np.sin(np.radians(latitude_deg))
    w2 = 1 - E2 * sin_latitude**2
    east_m = RAD * SEMI_MAJOR_M * np.cos(np.radians(latitude_deg)) / np.sqrt(w2)
    return east_m, RAD * SEMI_MAJOR_M * (1 - E2) / w2**1.5
