"""Lengths as the usual mistakes give them: to know a mistake by its figure, for no other use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geo_routes.geodesy.ellipsoid import FloatArray
from geo_routes.geodesy.geodesics import inverse

if TYPE_CHECKING:
    from pyproj import Transformer

# EPSG:3857 is spherical Mercator on the equatorial radius of WGS 84.
_EQUATORIAL_RADIUS_M = 6_378_137.0
SPHERES_M = {
    "the mean radius 6,371.0 km": 6_371_000.0,
    "the equatorial radius 6,378.137 km": _EQUATORIAL_RADIUS_M,
}
# Kilometres in a degree of the meridian: 60 nautical miles, and a 360th of the equator.
DEGREE_M = (111_120.0, 111_319.49)
# National grids whose scale or datum differs from plain UTM: the EPSG register's codes.
_GRIDS = {
    *("27700", "29903", "2157", "2154", "27572", "28992", "31370", "3812", "2056", "21781"),
    *("31466", "31467", "31468", "31469", "31284", "31285", "31286", "31287", "5514", "2180"),
    *("3006", "3021", "3067", "2393", "23700", "3765", "3794", "2100", "3763", "3301", "3844"),
    *("6316", "2039", "3414", "2326", "3826", "2193", "3112", "5070", "3978", "3035", "3034"),
    *(str(code) for code in range(6669, 6688)),  # Japan Plane Rectangular I to XIX, JGD2011
    *(str(code) for code in range(5179, 5189)),  # Korea 2000
    *(str(code) for code in range(4534, 4555)),  # CGCS2000, zones of 3 degrees
    "3395",
}


@lru_cache(maxsize=1)
def _grid_areas() -> dict[str, tuple[str, float, float, float, float]]:
    """Give the names and the areas of use of the national grids, from PROJ's register."""
    from pyproj import network  # noqa: PLC0415
    from pyproj.database import query_crs_info  # noqa: PLC0415
    from pyproj.enums import PJType  # noqa: PLC0415

    network.set_network_enabled(active=False)  # type: ignore[attr-defined]
    areas = {}
    for info in query_crs_info(auth_name="EPSG", pj_types=PJType.PROJECTED_CRS):
        if info.code in _GRIDS and info.area_of_use is not None:
            areas[info.code] = (info.name, *info.area_of_use.bounds)
    return areas


@lru_cache(maxsize=64)
def _onto(code: str) -> Transformer:
    from pyproj import CRS, Transformer  # noqa: PLC0415

    return Transformer.from_crs("OGC:CRS84", CRS.from_epsg(int(code)), always_xy=True)


def degrees_long(lonlat: FloatArray) -> float:
    """Give the length in degrees, as a plane function takes coordinates.

    Examples
    --------
    >>> degrees_long(np.array([[0.0, 0.0], [3.0, 4.0]]))
    5.0
    """
    return float(np.sum(np.hypot(*np.diff(lonlat, axis=0).T)))


def web_mercator_m(lonlat: FloatArray) -> float:
    """Give the length on the plane of Web Mercator (EPSG:3857), without its scale.

    Examples
    --------
    >>> round(web_mercator_m(np.array([[0.0, 60.0], [0.001, 60.0]])), 3)  # doubled at 60 degrees
    111.319
    """
    lat = np.radians(np.clip(lonlat[:, 1], -89.99, 89.99))
    x = _EQUATORIAL_RADIUS_M * np.radians(lonlat[:, 0])
    y = _EQUATORIAL_RADIUS_M * np.log(np.tan(np.pi / 4 + lat / 2))
    return float(np.sum(np.hypot(np.diff(x), np.diff(y))))


def sphere_m(lonlat: FloatArray, *, radius_m: float) -> float:
    """Give the length on a sphere, by the haversine formula.

    Examples
    --------
    >>> round(sphere_m(np.array([[0.0, 0.0], [90.0, 0.0]]), radius_m=2 / np.pi), 12)
    1.0
    """
    lon, lat = np.radians(lonlat).T
    half = np.sin(np.diff(lat) / 2) ** 2
    half += np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    return float(2 * radius_m * np.sum(np.arcsin(np.sqrt(np.clip(half, 0, 1)))))


def swapped_m(lonlat: FloatArray) -> float | None:
    """Give the length with latitude and longitude exchanged; None where that is no place."""
    if np.abs(lonlat[:, 0]).max() > 90:
        return None
    exchanged = np.ascontiguousarray(lonlat[:, ::-1])
    return float(np.sum(inverse(exchanged[:-1], exchanged[1:])[2]))


def grid_m(lines: Sequence[FloatArray]) -> dict[str, float]:
    """Add up lines on the planes of the UTM zone and of the national grids of their place.

    Parameters
    ----------
    lines : sequence of (n, 2) float64

    Returns
    -------
    dict
        Metres by a name such as ``"UTM zone 54N"`` or ``"EPSG:27700 (OSGB36 / ...)"``, the scale
        of the grid left in.
    """
    west, south = np.min([line.min(axis=0) for line in lines], axis=0).tolist()
    east, north = np.max([line.max(axis=0) for line in lines], axis=0).tolist()
    zone = int((((west + east) / 2 + 180) % 360) // 6) + 1
    half, first = ("N", 32600) if south + north >= 0 else ("S", 32700)
    # Lines near the edge of a zone are often measured in the one beside it.
    near = [(z - 1) % 60 + 1 for z in (zone, zone - 1, zone + 1)]
    systems = {f"UTM zone {z}{half}": str(first + z) for z in near}
    for code, (name, low_lon, low_lat, high_lon, high_lat) in _grid_areas().items():
        if low_lon <= west and east <= high_lon and low_lat <= south and north <= high_lat:
            systems[f"EPSG:{code} ({name})"] = code
    lengths = {}
    for name, code in systems.items():
        planes = [np.column_stack(_onto(code).transform(*line.T)) for line in lines]
        if all(np.isfinite(xy).all() for xy in planes):  # beyond its range a grid gives infinity
            lengths[name] = float(sum(np.sum(np.hypot(*np.diff(xy, axis=0).T)) for xy in planes))
    return lengths
