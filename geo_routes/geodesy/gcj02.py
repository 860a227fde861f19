"""GCJ-02, the shifted coordinates of maps made in mainland China, back to WGS 84.

The shift is no datum: it varies by hundreds of metres over a few hundred kilometres and has no
entry in the EPSG register. Its formula was never published by its makers; the one used here was
found by others from its values and agrees with them to about a metre.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo_routes.errors import InvalidCoordinates
from geo_routes.geodesy.ellipsoid import FloatArray
from geo_routes.geodesy.positions import check_lonlat

# How well the formula is known to follow the coordinates of Chinese maps.
GCJ02_ACCURACY_M = 2.0
# The shift is applied inside this frame alone: west, south, east, north.
GCJ02_AREA = (72.004, 0.8293, 137.8347, 55.8271)
# The ellipsoid that the shift is worked out on is Krassovsky's.
_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
_STEPS = 30
_CLOSE_DEG = 1e-10


def to_gcj02(lonlat: npt.ArrayLike) -> FloatArray:
    """Shift WGS 84 longitude and latitude into GCJ-02.

    Parameters
    ----------
    lonlat : (n, 2) array_like
        Degrees.

    Returns
    -------
    (n, 2) float64
        What lies outside the frame of the shift is given back as it is.
    """
    places = np.array(lonlat, dtype=np.float64).reshape(-1, 2)
    return np.where(_within(places)[:, None], places + _shift_deg(places), places)


def from_gcj02(lonlat: npt.ArrayLike) -> FloatArray:
    """Take the shift of GCJ-02 off again.

    Parameters
    ----------
    lonlat : (n, 2) array_like
        GCJ-02 degrees, longitude first.

    Returns
    -------
    (n, 2) float64
        WGS 84; shifted again it agrees to 1e-9 degrees, a tenth of a millimetre.

    Raises
    ------
    InvalidCoordinates
        If a place lies outside the frame that the shift is defined in.

    Examples
    --------
    >>> from_gcj02(to_gcj02([[116.3975, 39.9087]])).round(8).tolist()
    [[116.3975, 39.9087]]
    """
    shifted = np.array(lonlat, dtype=np.float64).reshape(-1, 2)
    check_lonlat(shifted)
    fine = _within(shifted)
    if not fine.all():
        index = int(np.argmin(fine))
        place = shifted[index].tolist()
        where = f"vertex {index} ({place[0]:.6f}, {place[1]:.6f}) lies outside China"
        reason = f"{where}, and GCJ-02 is a shift of Chinese maps alone"
        raise InvalidCoordinates(reason, remedy="leave the datum out", value=place)
    places = shifted - _shift_deg(shifted)
    # The shift changes by less than a thousandth of the step, so this closes in quickly.
    for _ in range(_STEPS):
        off = places + _shift_deg(places) - shifted
        places = places - off
        if np.abs(off).max(initial=0.0) < _CLOSE_DEG:
            break
    return places


def _within(places: FloatArray) -> npt.NDArray[np.bool_]:
    west, south, east, north = GCJ02_AREA
    lon, lat = places.T
    within: npt.NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return within


def _shift_deg(places: FloatArray) -> FloatArray:
    """Give the shift at WGS 84 places: sums of sines about 105 E 35 N, in metres of an arc."""
    x, y = places[:, 0] - 105.0, places[:, 1] - 35.0
    pi = np.pi
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north_m += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north_m += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east_m += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east_m += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    lat_rad = np.radians(places[:, 1])
    squared = 1.0 - _ECCENTRICITY_SQUARED * np.sin(lat_rad) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / squared**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(squared) * np.cos(lat_rad)
    return np.column_stack((np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)))
