"""A file of any form that is known → routes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from geo_routes import files
from geo_routes.errors import MalformedFile, UnusableInput
from geo_routes.formats import sniffing
from geo_routes.formats.route_file import decode
from geo_routes.model import Route

if TYPE_CHECKING:
    from geo_routes.formats.gis import Asked, Datum

_JSON_STARTS = (b"{", b"[")


def read(
    path: str | os.PathLike[str],
    *,
    layer: str | Sequence[str] = (),
    where: str | Sequence[str] = (),
    fields: Mapping[str, str] | None = None,
    crs: str | None = None,
    datum: Datum | None = None,
    encoding: str | None = None,
    allow_ballpark: bool = False,
    allow_outside: bool = False,
    join_points: bool = False,
) -> tuple[Route, ...]:
    """Read the routes of a file: each line is a route, each point a station.

    Parameters
    ----------
    path : path-like
        GeoJSON (see the route file reference), or a GIS file: Shapefile, also zipped, GeoPackage,
        FlatGeobuf, GeoParquet, GML, KML, KMZ, MapInfo, CSV. What it is, its content tells. ``-`` is
        standard input. The options that follow are for GIS files.
    layer : str or sequence of str
        Which layers; by default the one that holds lines.
    where : str or sequence of str
        Conditions such as ``"LINE=3900"`` or ``"STATE!=closed"``, all of which must hold.
    fields : mapping, optional
        Members of the route file and the fields that hold them, as ``{"name": "NAMN"}``.
    crs : str, optional
        Reference system of the coordinates, such as ``"EPSG:31468"``, whatever the file says.
    datum : {"tokyo", "gcj02"}, optional
        Longitudes and latitudes are on the Tokyo datum, or shifted as Chinese maps are.
    encoding : str, optional
        Of the text, where the file does not say it.
    allow_ballpark : bool
        Take a transformation of unknown accuracy too.
    allow_outside : bool
        Take coordinates far outside the area of use of their system too.
    join_points : bool
        Points, in the order of the file, are the vertices of one line.

    Returns
    -------
    tuple of Route
        In the order of the file, one or more.

    Raises
    ------
    UnreadableFile
        If the bytes cannot be had.
    MalformedFile, InvalidCoordinates, UnknownCrs, UnusableInput
        If they cannot be used; the message names the place and a remedy.
    """
    from geo_routes.formats.gis.asking import Asked, Condition, parse_fields  # noqa: PLC0415

    conditions = (where,) if isinstance(where, str) else where
    asked = Asked(
        layers=(layer,) if isinstance(layer, str) else tuple(layer),
        where=tuple(Condition.parse(text) for text in conditions),
        fields=parse_fields(tuple(f"{k}={v}" for k, v in (fields or {}).items())),
        crs=crs,
        datum=datum,
        encoding=encoding,
        allow_ballpark=allow_ballpark,
        allow_outside=allow_outside,
        join_points=join_points,
    )
    return load(os.fspath(path), asked=asked)[0]


def read_one(path: str | os.PathLike[str], **asked: Any) -> Route:  # noqa: ANN401 - as `read` has
    """Read a file that holds exactly one route.

    Parameters
    ----------
    path : path-like
    **asked
        As `read` takes them.

    Raises
    ------
    MalformedFile
        Also if it holds several.
    """
    routes = read(path, **asked)
    if len(routes) != 1:
        reason = f"holds {len(routes)} routes, expected one"
        raise MalformedFile(reason, remedy="use read() for all of them", source=os.fspath(path))
    return routes[0]


def load(
    source: str, *, asked: Asked | None = None, stations: bool = True
) -> tuple[tuple[Route, ...], bytes]:
    """Read routes, and give the GeoJSON that they stand in.

    Parameters
    ----------
    source : str
        A path, or ``-``.
    asked : Asked, optional
    stations : bool
        False leaves the stations out.

    Returns
    -------
    tuple of Route, bytes
        The bytes of a GeoJSON file as they are, or what another file was made into.
    """
    try:
        return _load(source, asked, stations=stations)
    except UnusableInput as error:
        error.source = error.source or source
        raise


def is_gis(source: str) -> bool:
    """Tell whether a file is one that a GIS made, by its content."""
    if source == files.STANDARD_STREAM or "://" in source:
        return False
    head = sniffing.head_of(source)
    return not _is_json(head) and sniffing.recognise(source, head) in sniffing.GIS_FORMS


def _load(
    source: str, asked: Asked | None, *, stations: bool
) -> tuple[tuple[Route, ...], bytes]:
    data = files.read_bytes(source) if source == files.STANDARD_STREAM else None
    head = sniffing.head_of(source) if data is None else data[: sniffing.HEAD_BYTES]
    form = "json" if _is_json(head) else sniffing.recognise(source, head)
    if form in sniffing.GIS_FORMS:
        from geo_routes.formats import gis  # noqa: PLC0415 - GeoJSON pays for none of it

        wanted = gis.Asked() if asked is None else asked
        gathered = gis.gather_file(source, form, asked=wanted, data=data)
        return gis.to_routes([gathered], source=source, stations=stations)
    if asked is not None and asked.says_anything:
        reason = "is no GIS file, and layers, fields and reference systems are asked of these alone"
        raise UnusableInput(reason, remedy="leave these options out")
    data = files.read_bytes(source) if data is None else data
    return decode(data, source=source, stations=stations), data


def _is_json(head: bytes) -> bool:
    return head.lstrip()[:1] in _JSON_STARTS
