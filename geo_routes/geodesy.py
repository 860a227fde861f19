"""WGS 84 geodesics, and the one way into WGS 84.

Lengths are those of Karney's algorithm [1]_. Short steps are measured by Gauss's mid-latitude
formula [2]_, which agrees with it to 1e-9 relative or 5 nm and is some twenty times faster;
everything else, long steps, the poles and the antimeridian, goes to PROJ.

References
----------
.. [1] C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87 (2013) 43-55.
.. [2] W. Torge, J. Müller, "Geodesy", 4th ed., de Gruyter 2012, section 6.3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from geo_routes.errors import InvalidCoordinates, UnknownCrs

if TYPE_CHECKING:
    from pyproj import Geod

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# The defining constants of WGS 84 (NGA.STND.0036, table 3.1).
SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563

_E2 = FLATTENING * (2 - FLATTENING)
_EP2 = _E2 / (1 - _E2)
_RAD = np.pi / 180

MAX_LONGITUDE_DEG = 540.0
_PLAUSIBLE_DEG = 1_000.0

# Past a step of 0.003 rad (19 km), and within half a degree of a pole, Karney's algorithm is asked.
_LONGEST_STEP_DEG = 0.003 / _RAD
_NEAREST_POLE_DEG = 89.5
# Below a step of 3e-5 rad (190 m) the third-order terms are worth less than 3e-10.
_TINY_STEP_DEG = 3e-5 / _RAD
_LONGEST_CHAIN_M = 300.0
_STEEPEST_CHAIN_DEG = 70.0
# Some ten buffers of this many float64 stay within a core's cache.
_BLOCK = 8_192


@lru_cache(maxsize=1)
def _geod() -> Geod:
    from pyproj import Geod  # noqa: PLC0415 - a short line is measured without it, in a tenth of the time

    return Geod(ellps="WGS84")


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
    longitude, latitude = (float(x) for x in lonlat[index])
    at = f"vertex {index} ({longitude:.10g}, {latitude:.10g})"
    if not np.isfinite(lonlat[index]).all():
        reason, remedy = f"{at} is not finite", "give a number, or leave the vertex out"
    elif np.nanmax(size) > _PLAUSIBLE_DEG:
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


def segment_lengths_m(lonlat: FloatArray) -> FloatArray:
    """Measure each step of a line along the geodesic.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices, WGS 84 degrees.

    Returns
    -------
    (n - 1,) float64
        Metres; 1e-9 relative or 5 nm from Karney's.

    Raises
    ------
    InvalidCoordinates

    Notes
    -----
    With U = dlon², V = dlat², c and s the cosine and sine of the middle latitude, W² = 1 - e² s²
    and m = (1 - e²)² / W⁴, Gauss's formula to third order squares to

        (d W / a)² = c² U + m V + (-c² s² U² + (c² g - m h) U V + 3 e² (c² - s²) m V²) / 12,
        g = 1 - e'² (1 + 8 s²),   h = 2 + s² + 2 e'² c⁴.

    Examples
    --------
    >>> segment_lengths_m(np.array([[0.0, 0.0], [0.0, 0.001], [0.0, 1.0]])).round(4).tolist()
    [110.5743, 110463.8144]
    """
    count = max(len(lonlat) - 1, 0)
    out = np.empty(count)
    kernel = _Kernel(lonlat)
    for first in range(0, count, _BLOCK):
        steps = kernel.measure(first, min(first + _BLOCK, count), None)
        out[first : first + len(steps)] = steps
    if count == 0 and len(lonlat):
        check_lonlat(lonlat)
    return out


def line_lengths_m(lonlat: FloatArray, offsets: IntArray) -> FloatArray:
    """Measure many lines packed one after the other.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices of all lines.
    offsets : (k + 1,) int64
        Line ``i`` is ``lonlat[offsets[i]:offsets[i + 1]]``; without or with one vertex it is 0 m.

    Returns
    -------
    (k,) float64

    Raises
    ------
    InvalidCoordinates

    Examples
    --------
    >>> line_lengths_m(np.zeros((3, 2)), np.array([0, 2, 2, 3])).tolist()
    [0.0, 0.0, 0.0]
    """
    bounds = np.asarray(offsets, dtype=np.int64)
    totals = np.zeros(len(bounds) - 1)
    count = max(len(lonlat) - 1, 0)
    if count == 0:
        if len(lonlat):
            check_lonlat(lonlat)
        return totals
    kernel = _Kernel(lonlat)
    breaks = bounds[1:-1] - 1
    for first in range(0, count, _BLOCK):
        last = min(first + _BLOCK, count)
        near = breaks[np.searchsorted(breaks, first) : np.searchsorted(breaks, last)]
        steps = kernel.measure(first, last, near - first)
        low = int(np.searchsorted(bounds, first, side="right")) - 1
        high = int(np.searchsorted(bounds, last, side="left"))
        starts = np.maximum(bounds[low:high], first) - first
        # An empty line, or one behind the last step, has nothing to add here.
        used = np.nonzero(np.append(starts[1:], last - first) > starts)[0]
        totals[low + used] += np.add.reduceat(steps, starts[used])
    return totals


class _Kernel:
    """The hybrid on one block at a time, in buffers that stay in cache."""

    def __init__(self, lonlat: FloatArray) -> None:
        self.lonlat = np.asarray(lonlat, dtype=np.float64)
        size = min(_BLOCK, max(len(lonlat) - 1, 1))
        self.latitude = np.empty(size + 1)
        self.buffers = np.empty((7, size))

    def measure(self, first: int, last: int, breaks: IntArray | None) -> FloatArray:
        """Lengths of the steps ``first:last``; steps at ``breaks`` count as nothing."""
        count = last - first
        lon, lat = self.lonlat[first : last + 1, 0], self.latitude[: count + 1]
        np.copyto(lat, self.lonlat[first : last + 1, 1])
        u, v, c2, w2, m, t, r = (b[:count] for b in self.buffers)
        np.subtract(lon[1:], lon[:-1], out=u)
        np.subtract(lat[1:], lat[:-1], out=v)
        np.add(lat[1:], lat[:-1], out=t)
        if breaks is not None and len(breaks):
            u[breaks] = 0.0
            v[breaks] = 0.0
        highest = max(float(lat.max()), -float(lat.min()))
        # A sum is finite only if all of its terms are, so one pass finds NaN and infinity.
        steady = np.isfinite(highest) and np.isfinite(np.add.reduce(lon))
        if (
            not steady
            or highest > 90
            or max(float(lon.max()), -float(lon.min())) > MAX_LONGITUDE_DEG
        ):
            check_lonlat(self.lonlat[first : last + 1])
        widest = max(float(u.max()), -float(u.min()), float(v.max()), -float(v.min()))
        hard = None
        if widest > _LONGEST_STEP_DEG or highest > _NEAREST_POLE_DEG:
            hard = (np.abs(u) > _LONGEST_STEP_DEG) | (np.abs(v) > _LONGEST_STEP_DEG)
            hard |= np.abs(t) > 2 * _NEAREST_POLE_DEG
            if breaks is not None and len(breaks):
                hard[breaks] = False
            u[hard] = 0.0
            v[hard] = 0.0
        # t is twice the middle latitude, so c² = (1 + cos t) / 2 and W² = 1 - e²/2 + e²/2 cos t.
        np.multiply(t, _RAD, out=t)
        np.cos(t, out=t)
        np.multiply(t, 0.5, out=c2)
        np.add(c2, 0.5, out=c2)
        np.multiply(t, _E2 / 2, out=w2)
        np.add(w2, 1 - _E2 / 2, out=w2)
        np.divide(1.0, w2, out=w2)
        np.multiply(w2, w2, out=m)
        np.multiply(m, (1 - _E2) ** 2, out=m)
        np.multiply(u, u, out=u)
        np.multiply(v, v, out=v)
        np.multiply(c2, u, out=r)
        if widest > _TINY_STEP_DEG:
            self._add_third_order(u, v, c2, m, t, r)
        np.multiply(m, v, out=m)
        np.add(r, m, out=r)
        np.multiply(r, w2, out=r)
        np.sqrt(r, out=r)
        np.multiply(r, SEMI_MAJOR_M * _RAD, out=r)
        if hard is not None and hard.any():
            at = np.nonzero(hard)[0] + first
            r[hard] = inverse(self.lonlat[at], self.lonlat[at + 1])[2]
        return r

    @staticmethod
    def _add_third_order(
        u: FloatArray, v: FloatArray, c2: FloatArray, m: FloatArray, t: FloatArray, r: FloatArray
    ) -> None:
        # u and v are squares of degrees here: each product of two needs one more _RAD².
        s2 = 1 - c2
        cross = c2 * (1 - _EP2 * (1 + 8 * s2)) - m * (2 + s2 + 2 * _EP2 * c2 * c2)
        r += (_RAD**2 / 12) * (u * (cross * v - c2 * s2 * u) + 3 * _E2 * t * m * v * v)


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


def ecef_m(lonlat: FloatArray) -> FloatArray:
    """Give earth-centred coordinates of places on the ellipsoid.

    Returns
    -------
    (n, 3) float64
        Metres; x through 0° E, z through the north pole.
    """
    longitude, latitude = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    sin_latitude = np.sin(latitude)
    normal_m = SEMI_MAJOR_M / np.sqrt(1 - _E2 * sin_latitude**2)
    across_m = normal_m * np.cos(latitude)
    return np.column_stack(
        (
            across_m * np.cos(longitude),
            across_m * np.sin(longitude),
            normal_m * (1 - _E2) * sin_latitude,
        )
    )


def metres_per_degree(latitude_deg: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the length of a degree of longitude and of latitude.

    Returns
    -------
    east_m, north_m : (n,) float64
    """
    sin_latitude = np.sin(np.radians(latitude_deg))
    w2 = 1 - _E2 * sin_latitude**2
    east_m = _RAD * SEMI_MAJOR_M * np.cos(np.radians(latitude_deg)) / np.sqrt(w2)
    return east_m, _RAD * SEMI_MAJOR_M * (1 - _E2) / w2**1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSystem:
    """A coordinate reference system by its name and what it means for a route file."""

    name: str
    title: str
    kind: Literal["wgs84", "other_geographic", "projected"]


_SAME_AS_WGS84 = {("EPSG", "4326"), ("EPSG", "4979"), ("OGC", "CRS84"), ("OGC", "CRS84h")}


def reference_system(name: str) -> ReferenceSystem:
    """Look up a reference system by an authority's code; no file and no network is touched.

    Parameters
    ----------
    name : str
        ``"EPSG:4326"``, ``"urn:ogc:def:crs:OGC:1.3:CRS84"`` and their like. Pipelines, WKT and
        file names are not looked up.

    Raises
    ------
    UnknownCrs

    Examples
    --------
    >>> reference_system("urn:ogc:def:crs:EPSG::4301").kind
    'other_geographic'
    """
    authority, _, code = name.removeprefix("urn:ogc:def:crs:").replace("/", ":").partition(":")
    code = code.rpartition(":")[2]
    if not (
        authority.isalnum()
        and code.replace("_", "").isalnum()
        and authority.isascii()
        and code.isascii()
    ):
        reason = f"the reference system {name!r} is not an authority's code"
        raise UnknownCrs(reason, remedy="name it like EPSG:4326", value=name)
    if (authority.upper(), code) in _SAME_AS_WGS84:
        return ReferenceSystem(name=name, title="WGS 84", kind="wgs84")
    from pyproj import CRS, network  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    network.set_network_enabled(active=False)  # type: ignore[attr-defined]
    try:
        system = CRS.from_authority(authority.upper(), code)
    except CRSError as error:
        reason = f"the reference system {name!r} is not known"
        raise UnknownCrs(reason, remedy="name it like EPSG:4326", value=name) from error
    kind: Literal["other_geographic", "projected"]
    kind = "other_geographic" if system.is_geographic else "projected"
    return ReferenceSystem(name=name, title=system.name, kind=kind)


def to_wgs84(xy: npt.ArrayLike, *, crs: str) -> FloatArray:
    """Transform coordinates into WGS 84 longitude and latitude.

    Parameters
    ----------
    xy : (n, 2) array_like
        East or longitude first, whatever the axis order of the authority.
    crs : str
        An authority's code; see `reference_system`.

    Returns
    -------
    (n, 2) float64

    Raises
    ------
    UnknownCrs, InvalidCoordinates
    """
    system = reference_system(crs)
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(points).all():
        reason = "a coordinate is not finite"
        raise InvalidCoordinates(reason, remedy="leave the point out")
    if system.kind == "wgs84":
        check_lonlat(points)
        return points
    from pyproj import Transformer  # noqa: PLC0415
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    authority, _, code = crs.removeprefix("urn:ogc:def:crs:").replace("/", ":").partition(":")
    transformer = Transformer.from_crs(
        f"{authority.upper()}:{code.rpartition(':')[2]}", "OGC:CRS84", always_xy=True
    )
    try:
        longitude, latitude = transformer.transform(points[:, 0], points[:, 1], errcheck=True)
    except ProjError as error:
        reason = f"a coordinate cannot be transformed from {crs}"
        raise InvalidCoordinates(reason, remedy="check that it is in that system") from error
    lonlat = np.column_stack((longitude, latitude))
    check_lonlat(lonlat)
    return lonlat


def _turn_round(azimuth_deg: FloatArray) -> FloatArray:
    return np.asarray(np.where(azimuth_deg > 0, azimuth_deg - 180, azimuth_deg + 180))
