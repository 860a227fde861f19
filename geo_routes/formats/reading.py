"""A file of any form that is known → routes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from geo_routes import files
from geo_routes.errors import MalformedFile, UnusableInput
from geo_routes.formats import sniffing
from geo_routes.formats.route_file import decode
from geo_routes.formats.sniffing import Form
from geo_routes.model import Route

if TYPE_CHECKING:
    from geo_routes.formats.gis import Asked

_JSON_NAMES = (".geojson", ".json")
_JSON_STARTS = (b"{", b"[", b"\x1e")
_GIS = (
    *("layer", "where", "fields", "crs", "datum", "encoding"),
    *("allow_ballpark", "allow_outside", "swap_xy", "join_points"),
)
_DESIGN = ("alignment", "crs", "step_m")
# What may be asked of a form; of GeoJSON nothing, for it has no choice.
_ANSWERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(sniffing.GIS_FORMS, _GIS),
    "gpx": ("stops",),
    "gtfs": ("ref", "direction"),
    **dict.fromkeys(("landxml", "opendrive"), _DESIGN),
}
FORM_NAMES: dict[str, str] = {
    "json": "GeoJSON",
    "gpx": "GPX",
    "gtfs": "GTFS",
    "landxml": "LandXML",
    "railml": "railML",
    "opendrive": "OpenDRIVE",
    "osm": "OpenStreetMap data",
    "pbf": "OpenStreetMap data",
}


class ReadOptions(TypedDict, total=False):
    """What may be asked of a file that is not GeoJSON.

    Of GIS files:

    layer : str or sequence of str
        Which layers; by default the one that holds lines.
    where : str or sequence of str
        Conditions such as ``"LINE=3900"`` or ``"STATE!=closed"``, all of which must hold.
    fields : mapping
        Members of the route file and the fields that hold them, as ``{"name": "NAMN"}``.
    crs : str
        Reference system of the coordinates, such as ``"EPSG:31468"``, whatever the file says; of
        designs too.
    datum : {"tokyo", "gcj02"}
        Longitudes and latitudes are on the Tokyo datum, or shifted as Chinese maps are.
    encoding : str
        Of the text, where the file does not say it.
    allow_ballpark, allow_outside : bool
        Take a transformation of unknown accuracy, and coordinates far outside the area of use of
        their system, too.
    swap_xy : bool
        The file gives north before east.
    join_points : bool
        Points, in the order of the file, are the vertices of one line.

    Of GPX: ``stops`` (bool), whether stations are made where the traveller stood. Of GTFS:
    ``ref`` (str), an id or short name of a route, and ``direction`` (0 or 1). Of LandXML and
    OpenDRIVE: ``alignment`` (str), the name of one or the id of a road, and ``step_m`` (float), the
    spacing of the vertices.
    """

    layer: str | Sequence[str]
    where: str | Sequence[str]
    fields: Mapping[str, str]
    crs: str | None
    datum: Literal["tokyo", "gcj02"] | None
    encoding: str | None
    allow_ballpark: bool
    allow_outside: bool
    swap_xy: bool
    join_points: bool
    stops: bool
    ref: str | None
    direction: int | None
    alignment: str | None
    step_m: float | None


def read(path: str | os.PathLike[str], **options: Unpack[ReadOptions]) -> tuple[Route, ...]:
    """Read the routes of a file: each line is a route, each point a station.

    Parameters
    ----------
    path : path-like
        GeoJSON (see the route file reference); a GIS file: Shapefile, also zipped, GeoPackage,
        FlatGeobuf, GeoParquet, GML, KML, KMZ, MapInfo, CSV; GPX; GTFS, zipped or a folder; LandXML,
        OpenDRIVE, railML. What it is, its content tells. ``-`` is standard input.
    **options
        What to take of it, and how to understand it; see `ReadOptions`.

    Returns
    -------
    tuple of Route
        In the order of the file, one or more.

    Raises
    ------
    UnreadableFile
        If the bytes cannot be had.
    MalformedFile, InvalidCoordinates, UnknownCrs, UnusableInput
        If they cannot be used, or are asked for what their form does not have; the message names
        the place and a remedy.
    """
    unknown = [name for name in options if name not in ReadOptions.__annotations__]
    if unknown:
        msg = f"read() got an unexpected keyword argument {unknown[0]!r}"
        raise TypeError(msg)
    return load(os.fspath(path), options=options)[0]


def read_one(path: str | os.PathLike[str], **options: Unpack[ReadOptions]) -> Route:
    """Read a file that holds exactly one route; see `read`.

    Raises
    ------
    MalformedFile
        Also if it holds several.
    """
    routes = read(path, **options)
    if len(routes) != 1:
        reason = f"holds {len(routes)} routes, expected one"
        raise MalformedFile(reason, remedy="use read() for all of them", source=os.fspath(path))
    return routes[0]


def load(
    source: str, *, options: ReadOptions | None = None, stations: bool = True
) -> tuple[tuple[Route, ...], bytes | None]:
    """Read routes, and give the GeoJSON that they stand in.

    Parameters
    ----------
    source : str
        A path, or ``-``.
    options : dict, optional
    stations : bool
        False leaves the stations of GeoJSON out.

    Returns
    -------
    tuple of Route, bytes or None
        None where the file is no GeoJSON.
    """
    wanted: ReadOptions = {} if options is None else options
    try:
        form, data = form_of(source)
        check_options(form, wanted)
        if form != "json":
            return read_form(source, form, options=wanted, data=data), None
        data = files.read_bytes(source) if data is None else data
        return decode(data, source=source, stations=stations), data
    except UnusableInput as error:
        error.source = error.source or source
        raise


def form_of(source: str) -> tuple[Form, bytes | None]:
    """Tell what a file is by its content, and give its bytes where all of them were read.

    Raises
    ------
    UnreadableFile
        If there is no such file.
    MalformedFile
        If it is part of a data set and not the file to name.
    """
    data = None
    if source == files.STANDARD_STREAM or source.lower().endswith(_JSON_NAMES):
        # The usual case costs one opening of the file.
        data = files.read_bytes(source)
    elif os.path.isdir(source):  # noqa: PTH112 - as in files
        return "gtfs", None
    head = sniffing.head_of(source) if data is None else data[: sniffing.HEAD_BYTES]
    if head.lstrip()[:1] in _JSON_STARTS:
        return "json", data
    form = sniffing.recognise(source, head)
    if form == "zip" and sniffing.is_feed(source, data):
        form = "gtfs"
    return form, data


def check_options(form: Form, options: Mapping[str, Any]) -> None:
    """Refuse what is asked of a form that does not have it.

    Raises
    ------
    UnusableInput
    """
    for name, value in options.items():
        if value not in (None, (), False, {}) and name not in _ANSWERS.get(form, ()):
            flag = "--" + name.removesuffix("_m").replace("_", "-").replace("fields", "field")
            reason = f"is {FORM_NAMES.get(form, 'a file')}, which does not take {flag}"
            raise UnusableInput(reason, remedy="leave it out")


def read_form(
    source: str, form: Form, *, options: ReadOptions, data: bytes | None
) -> tuple[Route, ...]:
    """Read the routes of a file whose form is known and not GeoJSON.

    Parameters
    ----------
    source : str
    form : str
    options : dict
        As `check_options` let them pass.
    data : bytes, optional
        Its bytes, where they were read.
    """
    if form in sniffing.GIS_FORMS:
        from geo_routes.formats import gis  # noqa: PLC0415 - GeoJSON pays for none of it

        gathered = gis.gather_file(source, form, asked=asked_of(options), data=data)
        return gis.to_routes([gathered], source=source)
    if form == "gpx":
        from geo_routes.formats.gpx import read_gpx  # noqa: PLC0415

        content = files.read_bytes(source) if data is None else data
        return read_gpx(content, source=source, stops=options.get("stops", False))
    if form == "gtfs":
        from geo_routes.formats.gtfs import read_gtfs  # noqa: PLC0415

        return read_gtfs(
            source, data=data, ref=options.get("ref"), direction=options.get("direction")
        )
    if form in ("landxml", "opendrive"):
        from geo_routes.formats.designs import read_design  # noqa: PLC0415

        return read_design(
            files.read_bytes(source) if data is None else data,
            source=source,
            alignment=options.get("alignment"),
            crs=options.get("crs"),
            step_m=options.get("step_m"),
        )
    if form in ("osm", "pbf"):
        reason = "is OpenStreetMap data, which holds more than one line and no route yet"
        raise MalformedFile(reason, remedy="make a route of it with `geo-routes import`")
    msg = "is XML of a kind that is not read"
    raise MalformedFile(msg, remedy=_remedy())


def _remedy() -> str:
    return "give GeoJSON, a GIS file, GPX, GTFS, LandXML or OpenStreetMap data"


def asked_of(options: ReadOptions) -> Asked:
    """Give what is asked of a GIS file."""
    from geo_routes.formats.gis.asking import Asked, Condition, parse_fields  # noqa: PLC0415

    layer, where = options.get("layer", ()), options.get("where", ())
    conditions = (where,) if isinstance(where, str) else where
    pairs = tuple(f"{k}={v}" for k, v in options.get("fields", {}).items())
    return Asked(
        layers=(layer,) if isinstance(layer, str) else tuple(layer),
        where=tuple(Condition.parse(text) for text in conditions),
        fields=parse_fields(pairs),
        crs=options.get("crs"),
        datum=options.get("datum"),
        encoding=options.get("encoding"),
        allow_ballpark=options.get("allow_ballpark", False),
        allow_outside=options.get("allow_outside", False),
        swap_xy=options.get("swap_xy", False),
        join_points=options.get("join_points", False),
    )
