"""A GIS file of any form → its layers."""

from __future__ import annotations

import os
from collections.abc import Callable

from geo_routes import files
from geo_routes.errors import MalformedFile, UnusableInput, visible
from geo_routes.formats.archives import Archive, open_archive
from geo_routes.formats.gis.asking import Asked
from geo_routes.formats.gis.csv_tables import open_csv
from geo_routes.formats.gis.flatgeobuf import open_flatgeobuf
from geo_routes.formats.gis.gathering import Gathered, gather
from geo_routes.formats.gis.geopackage import open_geopackage
from geo_routes.formats.gis.geoparquet import open_geoparquet
from geo_routes.formats.gis.gml import open_gml
from geo_routes.formats.gis.kml import open_kml
from geo_routes.formats.gis.mapinfo import open_mif, open_tab
from geo_routes.formats.gis.railml import open_railml
from geo_routes.formats.gis.shapefile import PARTS, open_shapefile, open_zipped
from geo_routes.formats.gis.tables import Opened
from geo_routes.formats.sniffing import HEAD_BYTES, Form, recognise
from geo_routes.model import Finding

_SEVERAL_FILES: dict[Form, Callable[..., Opened]] = {
    "shapefile": open_shapefile,
    "tab": open_tab,
    "mif": open_mif,
}
_MOST_NAMED = 4
_IN_MEMORY = ("geopackage", "flatgeobuf", "geoparquet", "csv", "kml", "gml")


def open_gis(  # noqa: PLR0911 - a line for each form
    path: str, form: Form, *, asked: Asked, data: bytes | None = None
) -> Opened:
    """Look into a file of a form that is known.

    Parameters
    ----------
    path : str
    form : str
        As `sniffing.recognise` told.
    asked : Asked
    data : bytes, optional
        Its bytes, where there is no file.

    Returns
    -------
    Opened

    Raises
    ------
    UnusableInput
    """
    if form == "geopackage":
        return open_geopackage(path, data=data, wanted=asked.layers)
    if form == "flatgeobuf":
        return open_flatgeobuf(path, data=data)
    if form == "geoparquet":
        return open_geoparquet(path, data=data)
    if form == "csv":
        return open_csv(path, data=data, encoding=asked.encoding, columns=asked.columns)
    if form in _SEVERAL_FILES:
        if data is not None:
            reason = "is one file of a data set that is several"
            raise MalformedFile(reason, remedy="name the file, or zip them all", source=path)
        return _SEVERAL_FILES[form](path, encoding=asked.encoding)
    if form == "zip":
        return _open_zip(open_archive(path if data is None else data, source=path), path, asked)
    content = files.read_bytes(path) if data is None else data
    openers = {"kml": open_kml, "gml": open_gml, "railml": open_railml}
    return openers[form](content, source=path)


def _open_zip(archive: Archive, path: str, asked: Asked) -> Opened:
    """Open what a zip archive holds: KMZ, Shapefiles, or one file of another form."""
    names = [n for n in archive.names if not n.endswith("/") and not _is_clutter(n)]
    documents = [n for n in names if n.lower().endswith(".kml")]
    if documents:
        # "If there is more than one KML file, the first in the archive is the document."
        return open_kml(archive.read(documents[0]), source=path, remarks=_unread(documents))
    stems = dict.fromkeys(n[:-4] for n in names if n.lower().endswith(".shp"))
    if stems:
        return open_zipped(
            {
                stem: {
                    suffix: archive.read(name)
                    for name in names
                    for suffix in PARTS
                    if name[: len(stem)] == stem and name[len(stem) :].lower() == suffix
                }
                for stem in stems
            },
            encoding=asked.encoding,
        )
    if len(names) == 1:
        data = archive.read(names[0])
        form = recognise(names[0], data[:HEAD_BYTES])
        if form in _IN_MEMORY:
            return open_gis(names[0], form, asked=asked, data=data)
    held = ", ".join(visible(os.path.basename(n), most=30) for n in names[:4]) or "nothing"  # noqa: PTH119
    reason = f"is a zip archive without KML, Shapefile, GTFS or one GIS file: it holds {held}"
    raise MalformedFile(reason, remedy="unpack it and name the file", source=path)


def _unread(documents: list[str]) -> tuple[Finding, ...]:
    """Say which documents of a KMZ were not read."""
    if len(documents) < 2:
        return ()
    read, *others = (visible(name, most=40) for name in documents[:_MOST_NAMED])
    more = f" and {len(documents) - _MOST_NAMED} more" if len(documents) > _MOST_NAMED else ""
    message = f"of the KMZ the first document was read, {read}, and not {', '.join(others)}{more}"
    remedy = "unpack it and name the files"
    return (Finding(code="gis.lost", severity="warning", message=message, remedy=remedy),)


def _is_clutter(name: str) -> bool:
    base = os.path.basename(name)  # noqa: PTH119
    return name.startswith("__MACOSX/") or base.startswith(".")


def gather_file(path: str, form: Form, *, asked: Asked, data: bytes | None = None) -> Gathered:
    """Read what is asked for of a file; see `open_gis` and `gather`.

    Raises
    ------
    UnusableInput
        Naming the file.
    """
    try:
        return gather(open_gis(path, form, asked=asked, data=data), asked)
    except UnusableInput as error:
        error.source = error.source or path
        raise
