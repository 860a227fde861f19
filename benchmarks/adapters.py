"""The toolkit behind functions of a fixed shape, for scoring by other programs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from geo_routes import geodesy


def lengths(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Measure shapely LineStrings along the geodesics between their vertices.

    Parameters
    ----------
    lines : (k,) array of shapely.LineString
        In degrees, longitude first; with or without heights, which are passed over. An empty line
        is 0 m long.

    Returns
    -------
    (k,) float64
        Metres on WGS 84.
    """
    given = np.asarray(lines, dtype=object).ravel()
    lonlat = shapely.get_coordinates(given)
    offsets = np.concatenate(([0], np.cumsum(shapely.get_num_coordinates(given))))
    return geodesy.line_lengths_m(lonlat, offsets.astype(np.int64))
