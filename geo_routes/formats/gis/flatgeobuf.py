"""FlatGeobuf."""

from __future__ import annotations

from geo_routes.formats.gis.gdal_reader import open_by_gdal
from geo_routes.formats.gis.tables import Opened


def open_flatgeobuf(path: str, *, data: bytes | None = None) -> Opened:
    """Look into a FlatGeobuf file.

    Parameters
    ----------
    path : str
    data : bytes, optional
        Its bytes, where there is no file.

    Returns
    -------
    Opened
    """
    source = path if data is None else data
    # Without the check a damaged offset would be followed.
    options = {"VERIFY_BUFFERS": "YES"}
    return open_by_gdal(source, "FlatGeobuf", form="FlatGeobuf", options=options)
