"""Reference systems by code, by well-known text, by PROJ string: looked up, and no file opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geo_routes.errors import UnknownCrs, visible
from geo_routes.geodesy.reference_systems import split_name

if TYPE_CHECKING:
    from pyproj import CRS

# Codes that the EPSG register has withdrawn, and old files still name: "Germany zone 2" to "5".
_WITHDRAWN = {("EPSG", str(31490 + zone)): ("EPSG", str(31464 + zone)) for zone in (2, 3, 4, 5)}
_WKT = re.compile(r"\s*(?:[A-Z]{3,}CRS|[A-Z]{3,}_?CS|COMPD_CS|BOUNDCRS)\s*[\[(]", re.IGNORECASE)
_FILE_IN_WKT = re.compile(r"grids\s*=\s*(?!@null\b)|PARAMETERFILE|\bfile:|://", re.IGNORECASE)
# What PROJJSON says of its own grammar.
_SCHEMA = re.compile(r'"\$schema"\s*:\s*"[^"]*"')
# Heights are kept as they are, so what a PROJ string says of them is not needed.
_OF_HEIGHTS = ("+geoidgrids=", "+vunits=", "+vto_meter=")
_PROJ_WORD = re.compile(
    r"\+(?:proj=[a-z0-9]+|zone=\d+|south|no_defs|type=crs|nadgrids=@null|axis=enu|wktext|over"
    r"|(?:ellps|datum|units|pm)=[A-Za-z0-9_]+"
    r"|(?:lat_[0-2]|lat_ts|lon_[0-2]|lonc|alpha|gamma|k|k_0|x_0|y_0|a|b|rf|f|R|to_meter)="
    r"[+-]?[0-9.eE+-]+|towgs84=[0-9.,eE+-]+)",
)
_BY_HAND = "name the right system with --crs"


def look_up(crs: str) -> tuple[CRS, str]:
    """Look up a system by code or WKT; gives it and its code, empty where it has none.

    Raises
    ------
    UnknownCrs
        Also for WKT that names a file, which is never opened.
    """
    from pyproj import CRS, network  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    network.set_network_enabled(active=False)  # type: ignore[attr-defined]
    shown = visible(" ".join(crs.split()), most=80)
    try:
        if crs.lstrip()[:1] == "{" or _WKT.match(crs):
            system = CRS.from_json(crs) if crs.lstrip()[:1] == "{" else CRS.from_wkt(crs)
            code = _code_of(system)
            if code is not None:
                return CRS.from_authority(*code), ":".join(code)
            if _FILE_IN_WKT.search(_SCHEMA.sub("", crs)):
                reason = f"the reference system '{shown}' names a file, which is not opened"
                raise UnknownCrs(reason, remedy=_BY_HAND, value=crs)
        elif crs.lstrip().startswith("+"):
            system, code = _of_proj(crs), None
        else:
            code = split_name(crs)
            system = CRS.from_authority(*_WITHDRAWN.get(code, code))
    except CRSError as error:
        reason = f"the reference system '{shown}' is not known"
        raise UnknownCrs(reason, remedy="name it like EPSG:4326", value=crs) from error
    plain = plane_of(system)
    if not (plain.is_geographic or plain.is_projected):
        reason = f"the reference system '{shown}' ({system.name}) does not place points on a map"
        raise UnknownCrs(reason, remedy=_BY_HAND, value=crs)
    return system, "" if code is None else ":".join(code)


def plane_of(system: CRS) -> CRS:
    """Give the horizontal system of one that has heights or a way to another datum with it."""
    horizontal = system.sub_crs_list[0] if system.sub_crs_list else system
    inner = horizontal.source_crs if horizontal.is_bound else None
    return horizontal if inner is None else inner


def _of_proj(text: str) -> CRS:
    """Read a PROJ string whose words are all numbers and names of the projection itself."""
    from pyproj import CRS  # noqa: PLC0415

    words = [w for w in text.split() if not w.startswith(_OF_HEIGHTS)]
    odd = [w for w in words if not _PROJ_WORD.fullmatch(w)]
    if odd:
        shown = visible(odd[0], most=40)
        reason = f"the reference system has the word '{shown}', which may name a file"
        raise UnknownCrs(reason, remedy=_BY_HAND, value=text)
    return CRS.from_proj4(" ".join(words))


def _code_of(system: CRS) -> tuple[str, str] | None:
    """Find the code of a system given as WKT, where the register has the same one."""
    plain = system.source_crs if system.is_bound else system
    if plain is None:
        return None
    least = 90 if plain.sub_crs_list else 60
    found = plain.to_authority(auth_name="EPSG", min_confidence=least)
    if found is None and not plain.sub_crs_list:
        found = plain.to_authority(min_confidence=90)
    return None if found is None else (str(found[0]), str(found[1]))


def axis_unit_m(crs: str) -> float | None:
    """Give the metres in one unit of a plane system; None where it has degrees.

    Parameters
    ----------
    crs : str

    Raises
    ------
    UnknownCrs

    Examples
    --------
    >>> axis_unit_m("EPSG:25832"), round(axis_unit_m("EPSG:2263"), 9), axis_unit_m("EPSG:4326")
    (1.0, 0.30480061, None)
    """
    system, _ = look_up(crs)
    plain = plane_of(system)
    if not plain.is_projected:
        return None
    return float(plain.axis_info[0].unit_conversion_factor)


def axis_count(crs: str) -> int | None:
    """Give the number of coordinates of a position, 2 or 3; None where a system is not known.

    Examples
    --------
    >>> axis_count("EPSG:4326"), axis_count("EPSG:4979"), axis_count("EPSG:5555")
    (2, 3, 3)
    """
    try:
        system, _ = look_up(crs)
    except UnknownCrs:
        return None
    parts = system.sub_crs_list or [system]
    count = sum(len(p.axis_info) for p in parts)
    return count if count in (2, 3) else None


def north_first(crs: str) -> bool:
    """Tell whether the register gives latitude or north first in a system.

    Parameters
    ----------
    crs : str
        An authority's code.

    Returns
    -------
    bool
        False also for a system that is not known.

    Examples
    --------
    >>> north_first("EPSG:4326"), north_first("EPSG:31468"), north_first("EPSG:25832")
    (True, True, False)
    """
    try:
        system, _ = look_up(crs)
    except UnknownCrs:
        return False
    plain = plane_of(system)
    return bool(plain.axis_info) and plain.axis_info[0].direction.lower() == "north"


def system_label(crs: str) -> str:
    """Give code and name of a system for people; what is not known is given as it is said.

    Examples
    --------
    >>> system_label("EPSG:2056")
    'EPSG:2056 (CH1903+ / LV95)'
    """
    try:
        system, code = look_up(crs)
    except UnknownCrs:
        return f"unknown: {visible(' '.join(crs.split()), most=80)}"
    return f"{code} ({system.name})" if code else str(system.name)
