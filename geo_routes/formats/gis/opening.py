"""A GIS file of any form → its layers."""

from __future__ import annotations

from geo_routes.errors import MalformedFile, UnusableInput
from geo_routes.formats.gis.asking import Asked
from geo_routes.formats.gis.csv_tables import open_csv
from geo_routes.formats.gis.flatgeobuf import open_flatgeobuf
from geo_routes.formats.gis.gathering import Gathered, gather
from geo_routes.formats.gis.geopackage import open_geopackage
from geo_routes.formats.gis.geoparquet import open_geoparquet
from geo_routes.formats.gis.shapefile import open_shapefile
from geo_routes.formats.gis.tables import Opened
from geo_routes.formats.sniffing import Form


def open_gis(path: str, form: Form, *, asked: Asked, data: bytes | None = None) -> Opened:
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
    """
    if form == "geopackage":
        return open_geopackage(path, data=data)
    if form == "flatgeobuf":
        return open_flatgeobuf(path, data=data)
    if form == "geoparquet":
        return open_geoparquet(path, data=data)
    if form == "csv":
        return open_csv(path, data=data, encoding=asked.encoding, columns=asked.columns)
    if data is not None:
        reason = f"is a {form}, which is several files, and only one came"
        raise MalformedFile(reason, remedy="name the file, or zip it", source=path)
    return open_shapefile(path, encoding=asked.encoding)


def gather_file(
    path: str, form: Form, *, asked: Asked, data: bytes | None = None
) -> Gathered:
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
