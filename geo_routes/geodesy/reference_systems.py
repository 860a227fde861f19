"""Reference systems by name, and the one way into WGS 84."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from geo_routes.errors import InvalidCoordinates, UnknownCrs
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
_CENTRED_ELLIPSOIDS = {"GRS 1980", "WGS 84", "CGCS2000"}
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
        reason = f"the reference system {name!r} is not known"
        raise UnknownCrs(reason, remedy="name it like EPSG:4326", value=name) from error
    if not (system.is_geographic or system.is_projected):
        reason = f"the reference system {name!r} ({system.name}) does not place points on a map"
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
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(points).all():
        reason = "a coordinate is not finite"
        raise InvalidCoordinates(reason, remedy="leave the point out")
    if system.kind == "wgs84":
        check_lonlat(points)
        return points
    from pyproj import CRS, Transformer  # noqa: PLC0415
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    source = CRS.from_authority(*_split(crs))
    ellipsoid = source.ellipsoid
    centred = ellipsoid is not None and ellipsoid.name in _CENTRED_ELLIPSOIDS
    try:
        # PROJ's "ballpark" leaves the datum as it is, which for an old one is wrong by up to
        # a kilometre, and says nothing.
        transformer = Transformer.from_crs(
            source, "OGC:CRS84", always_xy=True, allow_ballpark=centred
        )
    except ProjError as error:
        reason = f"no transformation from {crs} ({system.title}) to WGS 84 is known"
        raise UnknownCrs(reason, remedy="transform with a tool that has it", value=crs) from error
    try:
        longitude, latitude = transformer.transform(points[:, 0], points[:, 1], errcheck=True)
    except ProjError as error:
        reason = f"a coordinate cannot be transformed from {crs}"
        raise InvalidCoordinates(reason, remedy="check that it is in that system") from error
    lonlat = np.column_stack((longitude, latitude))
    check_lonlat(lonlat)
    return lonlat


def _split(name: str) -> tuple[str, str]:
    """Split a name into authority and code, without looking it up."""
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
    return authority.upper(), code
