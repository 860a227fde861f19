"""What may stand as WGS 84 longitude and latitude."""

from __future__ import annotations

import numpy as np

from geo_routes.errors import InvalidCoordinates
from geo_routes.geodesy.ellipsoid import FloatArray

MAX_LONGITUDE_DEG = 540.0
_PLAUSIBLE_DEG = 1_000.0


def check_lonlat(lonlat: FloatArray) -> None:
    """Refuse positions that are not WGS 84 longitude and latitude in degrees.

    Longitudes to ±540 are let through: a line across the antimeridian may be written so.

    Parameters
    ----------
    lonlat : (n, 2) float64

    Raises
    ------
    InvalidCoordinates
        Naming the first wrong vertex and the likely mistake.

    Examples
    --------
    >>> check_lonlat(np.array([[139.7, 35.6], [181.0, 35.7]]))
    """
    size = np.abs(lonlat)
    fine = (size[:, 0] <= MAX_LONGITUDE_DEG) & (size[:, 1] <= 90)
    if fine.all():
        return
    index = int(np.argmin(fine))
    longitude, latitude = (float(x) for x in lonlat[index, :2])
    at = f"vertex {index} ({longitude:.10g}, {latitude:.10g})"
    if not np.isfinite((longitude, latitude)).all():
        reason, remedy = f"{at} is not finite", "give a number, or leave the vertex out"
    elif np.max(size[:, :2], initial=0.0, where=np.isfinite(size[:, :2])) > _PLAUSIBLE_DEG:
        reason = f"{at} is out of range for degrees and looks like projected metres"
        remedy = "transform the coordinates to WGS 84 longitude and latitude"
    elif np.mean(size[:, 1] > 90) > 0.5 and np.all(size[:, 0] <= 90):
        reason = f"{at} has a latitude out of range; latitude and longitude look swapped"
        remedy = "give longitude first, then latitude"
    elif abs(latitude) > 90:
        reason = f"{at} has a latitude out of range, beyond 90 degrees"
        remedy = "give longitude first, then latitude, in degrees"
    else:
        reason = f"{at} has a longitude out of range, beyond {MAX_LONGITUDE_DEG:.0f} degrees"
        remedy = "give longitudes between -180 and 180 degrees"
    raise InvalidCoordinates(reason, remedy=remedy, value=(longitude, latitude))
