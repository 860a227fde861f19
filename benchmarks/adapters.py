"""The toolkit behind functions of a fixed shape, for scoring by other programs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from geo_routes import geodesy
from geo_routes.alignment import fit_alignment
from geo_routes.chainage import lay_ruler


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


Elements = list[tuple[float, float, str, float, float, float | None, float | None, str]]
_KINDS = {"tangent": "tangent", "circular_curve": "arc", "transition": "transition"}


def estimate(
    lonlat: npt.ArrayLike,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], Elements]:
    """Estimate curvature and elements along one line.

    Parameters
    ----------
    lonlat : (n, 2) array_like
        Degrees, longitude first.

    Returns
    -------
    chainage_m, curvature_per_m : (m,) float64
        Of the fitted elements; left positive.
    elements : list of tuple
        ``(from_m, to_m, "tangent" | "arc" | "transition", curvature_from, curvature_to,
        radius_low_m, radius_high_m, status)``.
    """
    line = np.ascontiguousarray(lonlat, dtype=np.float64)
    alignment = fit_alignment(lay_ruler(line))
    chainage_m = alignment.curvature.chainage_m
    found = alignment.elements
    if not found:
        return chainage_m, np.zeros_like(chainage_m), []
    ends_m = [x for e in found for x in (e.from_m, np.nextafter(e.to_m, e.from_m))]
    values = [x for e in found for x in (e.curvature_from_per_m, e.curvature_to_per_m)]
    elements: Elements = [
        (
            e.from_m,
            e.to_m,
            _KINDS[e.kind],
            e.curvature_from_per_m,
            e.curvature_to_per_m,
            e.radius_low_m,
            e.radius_high_m,
            e.status,
        )
        for e in found
    ]
    return chainage_m, np.interp(chainage_m, ends_m, values), elements
