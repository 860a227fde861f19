"""The old GeoJSON ``crs`` member: honoured where it says WGS 84, refused where it does not."""

from __future__ import annotations

import re
from typing import Any

from geo_routes.errors import UnknownCrs
from geo_routes.formats.positions import say_type
from geo_routes.geodesy import reference_system
from geo_routes.model import Finding

_REMEDY = "transform the coordinates to WGS 84 longitude and latitude and remove the member 'crs'"


def judge_crs(member: Any) -> list[Finding]:
    """Judge the value of a ``crs`` member.

    RFC 7946 removed it: coordinates are WGS 84. A file of the 2008 kind may still carry one.
    Nothing it names is ever opened or fetched.

    Parameters
    ----------
    member : object
        The value of the member.

    Returns
    -------
    list of Finding

    Raises
    ------
    UnknownCrs
        If it names another system than WGS 84, or none that is known.
    """
    if member is None:
        return [
            _say(
                "warning",
                "the member 'crs' is null, so no reference system can be assumed; WGS 84 is",
            )
        ]
    if type(member) is str:
        return _judge_name(member)
    properties = member.get("properties") if type(member) is dict else None
    if type(properties) is not dict:
        return [
            _say(
                "warning",
                f"the member 'crs' is {say_type(member)} that names no system; WGS 84 is assumed",
            )
        ]
    if member.get("type") == "link" or "href" in properties:
        return [
            _say("warning", "the member 'crs' is a link, which is never fetched; WGS 84 is assumed")
        ]
    name = properties.get("name")
    if name is None and type(properties.get("code")) in (int, str):
        # The drafts of 2008 had {"type": "EPSG", "properties": {"code": 4326}}.
        code = str(properties["code"])
        name = f"EPSG:{code}" if code.isdigit() else code
    if type(name) is not str:
        return [_say("warning", "the member 'crs' names no system; WGS 84 is assumed")]
    return _judge_name(name)


def _judge_name(name: str) -> list[Finding]:
    # OGC names a system by a URL or by a URN, and both mean the same.
    urn = re.sub(r"^https?://www\.opengis\.net/def/crs/", "urn:ogc:def:crs:", name)
    try:
        system = reference_system(urn)
    except UnknownCrs as error:
        reason = f"has a member 'crs' with the unknown reference system {name!r}"
        raise UnknownCrs(reason, remedy=_REMEDY, value=name) from error
    if system.kind == "wgs84":
        return [
            _say(
                "note",
                f"the member 'crs' ({name}) is of the 2008 format; it names WGS 84, so all is well",
            )
        ]
    reason = f"has a member 'crs' that names {name} ({system.title}), and route files are WGS 84"
    raise UnknownCrs(reason, remedy=_REMEDY, value=name)


def _say(severity: Any, message: str) -> Finding:
    return Finding(
        code="crs.member", severity=severity, message=message, remedy="remove the member 'crs'"
    )
