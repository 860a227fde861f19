"""The way from any reference system into WGS 84, with its accuracy, and a check that it fits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_routes.errors import InvalidCoordinates, UnknownCrs
from geo_routes.geodesy.ellipsoid import FloatArray
from geo_routes.geodesy.positions import check_lonlat
from geo_routes.geodesy.reference_systems import CENTRED_ELLIPSOIDS
from geo_routes.geodesy.systems import look_up, plane_of

if TYPE_CHECKING:
    from pyproj import CRS, Transformer
    from pyproj.transformer import AreaOfInterest

_CENTRED_ACCURACY_M = 2.0
_SAMPLE = 500
# A system is used a little beyond its area, and national ones a whole zone: all of Germany stands
# in EPSG:25832, whose area ends at 12 degrees east.
_LEAST_MARGIN_DEG, _MOST_MARGIN_DEG = 1.0, 6.0
_MOST_TRIED, _MOST_NAMED = 150, 4
# What is made for half a continent fits almost anything.
_WIDEST_DEG = 60.0
_BY_HAND = "name the right system with --crs"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transformation:
    """One way into WGS 84, chosen for the place of the coordinates.

    Parameters
    ----------
    crs : str
        The system it starts from, as ``EPSG:31468 (DHDN / 3-degree Gauss-Kruger zone 4)``.
    operation : str
        Name of the operation in the EPSG register; empty where none is needed.
    accuracy_m : float, optional
        As the register states it; None where it is not known.
    is_ballpark : bool
        The datum is left as it is, which may be off by hundreds of metres.
    missing_grid : str, optional
        A grid file that would do better and is not installed.
    outside_deg : float
        How far the coordinates reach beyond the system's area of use.
    height_datum : str, optional
        What heights are counted from, where the system says so.
    height_unit_m : float
        Metres in a unit of its heights.
    """

    crs: str
    operation: str = ""
    accuracy_m: float | None = 0.0
    is_ballpark: bool = False
    missing_grid: str | None = None
    outside_deg: float = 0.0
    height_datum: str | None = None
    height_unit_m: float = 1.0
    transformer: Any = field(default=None, repr=False)

    def apply(self, xy: FloatArray) -> FloatArray:
        """Transform.

        Parameters
        ----------
        xy : (n, 2) float64
            East or longitude first.

        Returns
        -------
        (n, 2) float64
            WGS 84 longitude and latitude in degrees.

        Raises
        ------
        InvalidCoordinates
            If a point has no place in WGS 84.
        """
        lonlat = np.array(xy, dtype=np.float64)
        if self.transformer is not None:
            lonlat = np.column_stack(self.transformer.transform(*np.asarray(xy).T))
        fine = np.isfinite(lonlat).all(axis=1)
        if not fine.all():
            index = int(np.argmin(fine))
            x, y = np.asarray(xy)[index].tolist()
            reason = f"vertex {index} ({x:.10g}, {y:.10g}) cannot be transformed from {self.crs}"
            raise InvalidCoordinates(reason, remedy=_BY_HAND, value=(x, y))
        check_lonlat(lonlat)
        return lonlat


def choose_transformation(
    xy: FloatArray, *, crs: str, allow_ballpark: bool = False, allow_outside: bool = False
) -> Transformation:
    """Choose the most accurate way into WGS 84 for the place of some coordinates.

    Parameters
    ----------
    xy : (n, 2) float64
        The coordinates; a sample of them is looked at.
    crs : str
        An authority's code such as ``EPSG:31468``, WKT or PROJJSON. Nothing that these name is
        opened.
    allow_ballpark : bool
        Take a transformation of unknown accuracy too.
    allow_outside : bool
        Take coordinates far outside the system's area of use too.

    Returns
    -------
    Transformation

    Raises
    ------
    UnknownCrs
        If the system is unknown, no transformation of known accuracy exists, or the coordinates
        lie so far from the system's area of use that another one must be meant; those of the
        EPSG register that fit are named.
    InvalidCoordinates
        If they cannot be coordinates of that system.
    """
    system, name = look_up(crs)
    points = _sample(np.asarray(xy, dtype=np.float64))
    height_datum, unit_m = _height_datum(system), _height_unit_m(system)
    horizontal = system.sub_crs_list[0] if system.sub_crs_list else system
    label = f"{name} ({horizontal.name})" if name else horizontal.name
    plain = plane_of(system)
    if len(points) == 0:
        return Transformation(crs=label, height_datum=height_datum, height_unit_m=unit_m)
    if plain.is_geographic and plain.axis_info[0].unit_name == "degree":
        _refuse_metres(points, label)
    if name in ("EPSG:4326", "EPSG:4979", "OGC:CRS84", "OGC:CRS84h"):
        return Transformation(crs=label, height_datum=height_datum, height_unit_m=unit_m)
    rough = _transform(_any_way(horizontal), points)
    if rough is None:
        if not allow_outside:
            raise _elsewhere(points, plain, label, "cannot be coordinates of it")
        reason = f"the coordinates cannot be transformed from {label}"
        raise UnknownCrs(reason, remedy=_BY_HAND, value=crs)
    outside_deg, margin_deg = _outside_deg(rough, plain)
    if outside_deg > margin_deg and not allow_outside:
        west, south = rough.min(axis=0)
        said = f"lie {outside_deg:.1f} degrees outside its area of use, at {west:.2f}, {south:.2f}"
        raise _elsewhere(points, plain, label, said)
    best = _best(horizontal, rough)
    ellipsoid = plain.ellipsoid
    centred = ellipsoid is not None and ellipsoid.name in CENTRED_ELLIPSOIDS
    if best.accuracy_m is None and centred and best.is_ballpark:
        best = replace(best, accuracy_m=_CENTRED_ACCURACY_M, is_ballpark=False)
    if best.accuracy_m is None and not allow_ballpark:
        what = "a ballpark one, off by up to hundreds of metres" if best.is_ballpark else (
            "one of unknown accuracy"
        )  # fmt: skip
        needs = f"; a better one needs the grid {best.missing_grid}" if best.missing_grid else ""
        reason = f"the only transformation from {label} to WGS 84 is {what}{needs}"
        raise UnknownCrs(reason, remedy="allow it with --allow-ballpark", value=crs)
    return Transformation(
        crs=label,
        operation=best.operation,
        accuracy_m=best.accuracy_m,
        is_ballpark=best.is_ballpark,
        missing_grid=best.missing_grid,
        outside_deg=outside_deg,
        height_datum=height_datum,
        height_unit_m=unit_m,
        transformer=best.transformer,
    )


@dataclass(frozen=True, slots=True)
class _Way:
    transformer: Transformer
    operation: str
    accuracy_m: float | None
    is_ballpark: bool
    missing_grid: str | None


def _best(system: CRS, rough: FloatArray) -> _Way:
    from pyproj.transformer import AreaOfInterest, TransformerGroup  # noqa: PLC0415

    west, south = np.maximum(rough.min(axis=0), (-180.0, -90.0)).tolist()
    east, north = np.minimum(rough.max(axis=0), (180.0, 90.0)).tolist()
    area = AreaOfInterest(west, south, max(east, west), max(north, south))
    import warnings  # noqa: PLC0415

    with warnings.catch_warnings():
        # That a grid is missing is told in words, where it matters.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(system, "OGC:CRS84", always_xy=True, area_of_interest=area)
    if not group.transformers:
        reason = f"no transformation from {system.name} to WGS 84 is known"
        raise UnknownCrs(reason, remedy="transform with a tool that has it", value=system.name)
    chosen = group.transformers[0]
    known = chosen.accuracy if chosen.accuracy >= 0 else None
    better = [
        grid.short_name
        for operation in group.unavailable_operations
        for grid in operation.grids
        if not grid.available
        and operation.accuracy >= 0
        and (known is None or operation.accuracy < known)
    ]
    return _Way(
        chosen,
        _operation_name(chosen.description),
        known,
        "ballpark" in chosen.description.lower(),
        better[0] if better else None,
    )


def _operation_name(description: str) -> str:
    steps = [s for s in description.split(" + ") if not s.startswith("axis order change")]
    return " + ".join(steps) or description


def _any_way(system: CRS) -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415

    return Transformer.from_crs(system, "OGC:CRS84", always_xy=True, allow_ballpark=True)


def _transform(transformer: Transformer, points: FloatArray) -> FloatArray | None:
    lonlat = np.column_stack(transformer.transform(*points.T))
    fine = np.isfinite(lonlat).all(axis=1)
    if fine.mean() < 0.5:
        return None
    kept: FloatArray = lonlat[fine]
    return kept


def _sample(xy: FloatArray) -> FloatArray:
    points = xy.reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) <= _SAMPLE:
        return points
    extreme = np.concatenate((points.argmin(axis=0), points.argmax(axis=0)))
    even = np.linspace(0, len(points) - 1, _SAMPLE).astype(np.int64)
    sample: FloatArray = points[np.unique(np.concatenate((extreme, even)))]
    return sample


def _outside_deg(lonlat: FloatArray, system: CRS) -> tuple[float, float]:
    """How far the middle half of the places lies outside the area of use, and what is bearable."""
    area = system.area_of_use
    if area is None:
        return 0.0, np.inf
    west, south, east, north = area.bounds
    width = (east - west) % 360 or 360.0
    middle = west + width / 2
    lon = (lonlat[:, 0] - middle + 180) % 360 - 180
    beyond = np.maximum(
        np.maximum(np.abs(lon) - width / 2, 0.0),
        np.maximum(np.maximum(south - lonlat[:, 1], lonlat[:, 1] - north), 0.0),
    )
    margin = float(np.clip(min(width, north - south), _LEAST_MARGIN_DEG, _MOST_MARGIN_DEG))
    return float(np.median(beyond)), margin


def _refuse_metres(points: FloatArray, label: str) -> None:
    if np.abs(points).max() > 400:
        x, y = points[int(np.abs(points).max(axis=1).argmax())].tolist()
        what = f"the coordinates, such as ({x:.10g}, {y:.10g}), are no degrees"
        reason = f"{what}, and {label} is in degrees: they look like metres of a projected system"
        raise InvalidCoordinates(reason, remedy=_BY_HAND, value=(x, y))


def _elsewhere(points: FloatArray, system: CRS, label: str, said: str) -> UnknownCrs:
    if np.abs(points[:, 0]).max() <= 180 and np.abs(points[:, 1]).max() <= 90:
        said += ", and look like degrees"
        fitting = ["EPSG:4326"]
    else:
        exchanged = _transform(_any_way(system), points[:, ::-1])
        if exchanged is not None and _outside_deg(exchanged, system)[0] == 0.0:
            said += "; with x and y exchanged they would lie in it"
            return UnknownCrs(
                f"is said to be in {label}, but its coordinates {said}",
                remedy="exchange them with --swap-xy, or name the right system with --crs",
            )
        fitting = systems_that_fit(points, like=system)
    remedy = f"{_BY_HAND}: {', '.join(fitting)} would fit" if fitting else _BY_HAND
    return UnknownCrs(f"is said to be in {label}, but its coordinates {said}", remedy=remedy)


def systems_that_fit(points: FloatArray, *, like: CRS) -> list[str]:
    """Name projected systems of a region in whose area of use coordinates would lie.

    Parameters
    ----------
    points : (n, 2) float64
    like : CRS
        Systems near its area are tried, those of its datum first.

    Returns
    -------
    list of str
        As ``EPSG:31468 (DHDN / 3-degree Gauss-Kruger zone 4)``, at most four.
    """
    from pyproj import CRS  # noqa: PLC0415
    from pyproj.aoi import AreaOfInterest  # noqa: PLC0415
    from pyproj.database import query_crs_info  # noqa: PLC0415
    from pyproj.enums import PJType  # noqa: PLC0415
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    area = like.area_of_use
    if area is None:
        return []
    near: AreaOfInterest = AreaOfInterest(
        max(area.west - 3 * _MOST_MARGIN_DEG, -180.0),
        max(area.south - _MOST_MARGIN_DEG, -90.0),
        min(area.east + 3 * _MOST_MARGIN_DEG, 180.0),
        min(area.north + _MOST_MARGIN_DEG, 90.0),
    )
    datum = like.name.split(" / ")[0]
    infos = query_crs_info(
        auth_name="EPSG", pj_types=PJType.PROJECTED_CRS, area_of_interest=near, contains=False
    )
    infos = [
        i
        for i in infos
        if i.area_of_use is not None
        and not i.deprecated
        and (i.area_of_use.east - i.area_of_use.west) % 360 < _WIDEST_DEG
    ]
    infos.sort(key=lambda i: (i.name.split(" / ")[0] != datum, int(i.code)))
    found: list[str] = []
    for info in infos[:_MOST_TRIED]:
        if found and info.name.split(" / ")[0] != datum:
            break
        system = CRS.from_epsg(int(info.code))
        try:
            lonlat = _transform(_any_way(system), points)
        except ProjError:
            continue
        if lonlat is not None and _outside_deg(lonlat, system)[0] == 0.0:
            found.append(f"EPSG:{info.code} ({info.name})")
            if len(found) == _MOST_NAMED:
                break
    return found


def _height_unit_m(system: CRS) -> float:
    vertical = system.sub_crs_list[1] if len(system.sub_crs_list) > 1 else system
    axes = [a for a in vertical.axis_info if a.direction.lower() in ("up", "down")]
    return float(axes[0].unit_conversion_factor) if axes else 1.0


def _height_datum(system: CRS) -> str | None:
    if len(system.sub_crs_list) > 1:
        return str(system.sub_crs_list[1].name)
    if len(system.axis_info) > 2 and system.ellipsoid is not None:
        return f"ellipsoid {system.ellipsoid.name}"
    return None
