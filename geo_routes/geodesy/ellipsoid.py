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

    Parameters
    ----------
    lonlat : (n, 2) float64

    Returns
    -------
    (n, 3) float64
        Metres; x through 0° E, z through the north pole.

    Notes
    -----
    With the radius of curvature in the prime vertical N = a / sqrt(1 - e² sin² φ), at height 0
    [1]_:

        x = N cos φ cos λ,   y = N cos φ sin λ,   z = N (1 - e²) sin φ.

    References
    ----------
    .. [1] IOGP 373-7-2, "Coordinate Conversions and Transformations including Formulas", EPSG
       method 9602.

    Examples
    --------
    >>> ecef_m(np.array([[0.0, 0.0], [0.0, 90.0]])).round(3)[[0, 1], [0, 2]].tolist()
    [6378137.0, 6356752.314]
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

    Parameters
    ----------
    latitude_deg : (n,) float64

    Returns
    -------
    east_m, north_m : (n,) float64
        Along the parallel and along the meridian, in the limit of short steps.

    Notes
    -----
    With the radii of curvature in the prime vertical, N, and in the meridian, M [1]_:

        east = N cos φ π / 180,      N = a / (1 - e² sin² φ)^(1/2),
        north = M π / 180,           M = a (1 - e²) / (1 - e² sin² φ)^(3/2).

    References
    ----------
    .. [1] J. P. Snyder, "Map Projections: A Working Manual", USGS Professional Paper 1395, 1987,
       equations 4-18 to 4-21.

    Examples
    --------
    >>> [round(float(x[0])) for x in metres_per_degree(np.array([45.0]))]
    [78847, 111132]
    """
    sin_latitude = np.sin(np.radians(latitude_deg))
    w2 = 1 - E2 * sin_latitude**2
    east_m = RAD * SEMI_MAJOR_M * np.cos(np.radians(latitude_deg)) / np.sqrt(w2)
    return east_m, RAD * SEMI_MAJOR_M * (1 - E2) / w2**1.5
