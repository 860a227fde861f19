"""Reference systems by name, and the one way into WGS 84."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from geo_routes.errors import InvalidCoordinates, UnknownCrs, visible
from geo_routes.geodesy.ellipsoid import FloatArray
from geo_routes.geodesy.positions import check_lonlat


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSystem:
    """A coordinate reference system by its name and what it means for a route file."""

    name: str
    title: str
    kind: Literal["wgs84", "other_geographic", "projected"]


# The ellipsoids of datums centred on the earth. What lies on them lies within 2 m of WGS 84,
# which as an ensemble of its realizations is itself no better known (EPSG datum 6326).
CENTRED_ELLIPSOIDS = {"GRS 1980", "WGS 84", "CGCS2000"}
# An authority, perhaps the version of its list, and a code: whatever else stands between them makes
# it another name, and no file, URL or pipeline can be written so.
_NAME = re.compile(
    r"(?:urn:ogc:def:crs:)?([a-z][a-z0-9]*)[:/](?:[0-9.]*[:/])?([a-z0-9_]+)",
    re.IGNORECASE | re.ASCII,
)
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
    authority, code = _split(name)
    if (authority, code) in _SAME_AS_WGS84:
        return ReferenceSystem(name=name, title="WGS 84", kind="wgs84")
    from pyproj import CRS, network  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    network.set_network_enabled(active=False)  # type: ignore[attr-defined]
    try:
        system = CRS.from_authority(authority, code)
    except CRSError as error:
        reason = f"the reference system '{visible(name, most=80)}' is not known"
        raise UnknownCrs(reason, remedy="name it like EPSG:4326", value=name) from error
    if not (system.is_geographic or system.is_projected):
        reason = f"the reference system '{name}' ({system.name}) does not place points on a map"
        raise UnknownCrs(reason, remedy="transform to WGS 84 longitude and latitude", value=name)
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

    Notes
    -----
    PROJ chooses the best transformation that it has without grid files, and none is fetched: to
    the metre or some metres for most national datums.
    """
    system = reference_system(crs)
    points = np.array(xy, dtype=np.float64)
    if points.size == 0:
        return np.empty((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        reason = f"the coordinates have the shape {points.shape}, expected (n, 2)"
        raise InvalidCoordinates(reason, remedy="leave heights out", value=points.shape)
    _refuse_infinite(points, points, "is not finite", "leave the point out")
    if system.kind == "wgs84":
        check_lonlat(points)
        return points
    from pyproj import CRS, Transformer  # noqa: PLC0415
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    source = CRS.from_authority(*_split(crs))
    if system.kind == "other_geographic" and source.axis_info[0].unit_name == "degree":
        check_lonlat(points)
    ellipsoid = source.ellipsoid
    centred = ellipsoid is not None and ellipsoid.name in CENTRED_ELLIPSOIDS
    try:
        # PROJ's "ballpark" leaves the datum as it is, which for an old one is wrong by up to
        # a kilometre, and says nothing.
        transformer = Transformer.from_crs(
            source, "OGC:CRS84", always_xy=True, allow_ballpark=centred
        )
    except ProjError as error:
        reason = f"no transformation from {crs} ({system.title}) to WGS 84 is known"
        raise UnknownCrs(reason, remedy="transform with a tool that has it", value=crs) from error
    x, y = points.T
    try:
        lonlat = np.column_stack(transformer.transform(x, y, errcheck=True))
    except ProjError as error:
        # Asked again without the check, PROJ marks what it cannot transform as infinite.
        lonlat = np.column_stack(transformer.transform(x, y))
        what, remedy = f"cannot be transformed from {crs}", "check that it is in that system"
        _refuse_infinite(lonlat, points, what, remedy)
        reason = f"some coordinate {what}"
        raise InvalidCoordinates(reason, remedy=remedy) from error
    check_lonlat(lonlat)
    return lonlat


def _split(name: str) -> tuple[str, str]:
    """Split a name into authority and code, without looking it up."""
    parts = _NAME.fullmatch(name)
    if parts is None:
        reason = f"the reference system '{visible(name, most=80)}' is not an authority's code"
        raise UnknownCrs(reason, remedy="name it like EPSG:4326", value=name)
    authority, code = parts[1].upper(), parts[2]
    # URNs do not mind the case of letters, PROJ does.
    return authority, {"CRS84": "CRS84", "CRS84H": "CRS84h"}.get(code.upper(), code)


def _refuse_infinite(values: FloatArray, points: FloatArray, what: str, remedy: str) -> None:
    """Refuse the first point whose value is not finite, if there is one."""
    fine = np.isfinite(values).all(axis=1)
    if not np.all(fine):
        index = int(np.argmin(fine))
        x, y = (float(value) for value in points[index])
        reason = f"vertex {index} ({x:.10g}, {y:.10g}) {what}"
        raise InvalidCoordinates(reason, remedy=remedy, value=(x, y))
