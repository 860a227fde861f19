"""The reference system of a raster: places from WGS 84 into it, and what its heights are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_routes.errors import UnknownCrs, visible
from geo_routes.geodesy.ellipsoid import FloatArray
from geo_routes.geodesy.reference_systems import CENTRED_ELLIPSOIDS

if TYPE_CHECKING:
    from pyproj import CRS

# What makes PROJ open a file: grids, ESRI's and GDAL's ways to name them, URLs.
_NAMES_A_FILE = re.compile(
    r"PARAMETERFILE|PROJ4_GRIDS|grids\s*=\s*(?!@null\b)|file:|://", re.IGNORECASE
)
_BY_HAND = "give the raster a reference system with an EPSG code"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RasterSystem:
    """Where the pixels of a raster lie, and what its heights are counted from.

    Parameters
    ----------
    title : str
        Name of the horizontal system.
    in_degrees : bool
        Whether a place is given in degrees of longitude and latitude.
    height_datum : str, optional
        Name of the vertical system; None where the raster does not say.
    height_unit_m : float, optional
        Metres in one unit of the vertical system; None where there is none.
    """

    title: str
    in_degrees: bool
    height_datum: str | None
    height_unit_m: float | None
    transformer: Any = field(repr=False)

    def from_wgs84(self, lonlat: FloatArray) -> FloatArray:
        """Transform places into the system of the raster.

        Parameters
        ----------
        lonlat : (n, 2) float64
            WGS 84 degrees.

        Returns
        -------
        (n, 2) float64
            East or longitude first, in the unit of the system; NaN where it has no such place.
        """
        if len(lonlat) == 0:
            return np.empty((0, 2))
        xy = np.column_stack(self.transformer.transform(*np.asarray(lonlat).T))
        xy[~np.isfinite(xy).all(axis=1)] = np.nan
        return xy


def raster_system(wkt: str) -> RasterSystem:
    """Read the reference system of a raster; nothing that it names is opened.

    Parameters
    ----------
    wkt : str
        Well-known text, of a compound system too.

    Returns
    -------
    RasterSystem

    Raises
    ------
    UnknownCrs
        If it is none, names a file, or no transformation from WGS 84 of known accuracy exists.

    Examples
    --------
    >>> from pyproj import CRS
    >>> system = raster_system(CRS("EPSG:25832+7837").to_wkt())
    >>> system.title, system.height_datum, system.height_unit_m
    ('ETRS89 / UTM zone 32N', 'DHHN2016 height', 1.0)
    """
    from pyproj import CRS, Transformer, network  # noqa: PLC0415
    from pyproj.exceptions import CRSError, ProjError  # noqa: PLC0415

    network.set_network_enabled(active=False)  # type: ignore[attr-defined]
    shown = visible(" ".join(wkt.split()), most=80)
    try:
        system = CRS.from_wkt(wkt)
    except CRSError as error:
        reason = f"the reference system '{shown}' is not known"
        raise UnknownCrs(reason, remedy=_BY_HAND, value=wkt) from error
    horizontal = system.sub_crs_list[0] if system.sub_crs_list else system
    if not (horizontal.is_geographic or horizontal.is_projected):
        reason = f"the reference system '{shown}' does not place points on a map"
        raise UnknownCrs(reason, remedy=_BY_HAND, value=wkt)
    height_datum, height_unit_m = _heights(system, horizontal)
    # A bound system brings its own way to WGS 84, such as seven parameters.
    flat = horizontal if horizontal.is_bound else horizontal.to_2d()
    if _NAMES_A_FILE.search(flat.to_wkt()):
        reason = f"the reference system '{shown}' names a file, which is not opened"
        raise UnknownCrs(reason, remedy=_BY_HAND, value=wkt)
    ellipsoid = flat.ellipsoid
    centred = ellipsoid is not None and ellipsoid.name in CENTRED_ELLIPSOIDS
    try:
        # As in to_wgs84: "ballpark" leaves an old datum as it is, hundreds of metres off.
        transformer = Transformer.from_crs(
            "OGC:CRS84", flat, always_xy=True, allow_ballpark=centred
        )
    except ProjError as error:
        reason = f"no transformation from WGS 84 to {flat.name} is known"
        raise UnknownCrs(reason, remedy="warp the raster to another system", value=wkt) from error
    return RasterSystem(
        title=flat.name,
        in_degrees=flat.is_geographic and flat.axis_info[0].unit_name == "degree",
        height_datum=height_datum,
        height_unit_m=height_unit_m,
        transformer=transformer,
    )


def _heights(system: CRS, horizontal: CRS) -> tuple[str | None, float | None]:
    """Name what heights are counted from, and the metres in their unit."""
    if len(system.sub_crs_list) > 1:
        vertical = _unbound(system.sub_crs_list[1])
        return str(vertical.name), float(vertical.axis_info[0].unit_conversion_factor)
    if len(horizontal.axis_info) > 2 and horizontal.ellipsoid is not None:
        unit_m = float(horizontal.axis_info[2].unit_conversion_factor)
        return f"ellipsoid {horizontal.ellipsoid.name}", unit_m
    return None, None


def _unbound(system: CRS) -> CRS:
    return system.source_crs if system.is_bound and system.source_crs is not None else system
