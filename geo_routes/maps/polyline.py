"""Lines as a page draws them: run on across the antimeridian, thinned, coded as integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo_routes import geodesy
from geo_routes.model import FloatArray

# Web Mercator ends here (atan(sinh(pi))); what lies beyond is drawn at its edge.
_LAST_LATITUDE_DEG = 85.05
_HALF_PIXEL = 0.5
_TILE_PIXELS = 256
# A geodesic longer than this bends visibly away from a straight line on the map.
_LONGEST_STEP_M = 10_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grain:
    """How closely a page can be looked at.

    Parameters
    ----------
    deepest_zoom : int
        Up to this zoom a displayed line is within half a pixel of the true one.
    unit_deg : float
        What an integer of its coordinates stands for: less than a fifth of that pixel.
    """

    deepest_zoom: int
    unit_deg: float


FINE = Grain(deepest_zoom=18, unit_deg=1e-6)
COARSE = Grain(deepest_zoom=16, unit_deg=2e-6)


def unwrap(lonlat: FloatArray, *, anchor_deg: float) -> FloatArray:
    """Make longitudes run on across the antimeridian, starting within 180° of ``anchor_deg``.

    Parameters
    ----------
    lonlat : (n, 2) float64
    anchor_deg : float

    Returns
    -------
    (n, 2) float64
        Longitudes may pass ±180; latitudes are cut where Web Mercator ends.
    """
    steps = np.diff(lonlat[:, 0], prepend=lonlat[:1, 0])
    start = anchor_deg + (lonlat[0, 0] - anchor_deg + 180) % 360 - 180
    longitude = start + np.cumsum((steps + 180) % 360 - 180)
    latitude = np.clip(lonlat[:, 1], -_LAST_LATITUDE_DEG, _LAST_LATITUDE_DEG)
    return np.column_stack((longitude, latitude))


def encode_line(lonlat: FloatArray, *, unit_deg: float) -> list[int]:
    """Code a line as the integers of its first vertex and then of each step, in ``unit_deg``."""
    units = np.round(lonlat / unit_deg).astype(np.int64)
    steps = np.diff(units, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    coded: list[int] = steps.ravel().tolist()
    return coded


def follow_geodesics(lonlat: FloatArray, places_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Put vertices on long geodesics, which are no straight lines on the map."""
    steps_m = np.diff(places_m)
    pieces = np.maximum(np.ceil(steps_m / _LONGEST_STEP_M).astype(np.int64), 1)
    if np.all(pieces == 1):
        return lonlat, places_m
    which = np.repeat(np.arange(len(steps_m)), pieces)
    number = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share_m = steps_m[which] / pieces[which] * number
    azimuth_deg, _, _ = geodesy.inverse(lonlat[which], lonlat[which + 1])
    places = geodesy.direct(lonlat[which], azimuth_deg, share_m)
    places[number == 0] = lonlat[:-1]
    return np.vstack((places, lonlat[-1:])), np.append(places_m[which] + share_m, places_m[-1])


def cut(line: FloatArray, places_m: FloatArray, from_m: float, to_m: float) -> FloatArray:
    """Cut a stretch out of a displayed line; its steps are short, so it is straight between."""
    ends = np.column_stack([np.interp((from_m, to_m), places_m, line[:, k]) for k in (0, 1)])
    inner = line[(places_m > from_m) & (places_m < to_m)]
    return np.vstack((ends[:1], inner, ends[1:]))


def simplify(line: FloatArray, *, zoom: int) -> FloatArray:
    """Leave out vertices that move the line by less than half a pixel at a zoom."""
    if len(line) < 3:
        return line
    world_pixels = _TILE_PIXELS * 2**zoom
    x = line[:, 0] / 360 * world_pixels
    y = np.arctanh(np.sin(np.radians(line[:, 1]))) / (2 * np.pi) * world_pixels
    kept = shapely.get_coordinates(
        shapely.simplify(shapely.linestrings(x, y), _HALF_PIXEL, preserve_topology=False)
    )
    longitude = kept[:, 0] / world_pixels * 360
    latitude = np.degrees(np.arcsin(np.tanh(kept[:, 1] / world_pixels * 2 * np.pi)))
    return np.column_stack((longitude, latitude))
