"""MapInfo tables (TAB) and exchange files (MIF): their parts, and that they name no others."""

from __future__ import annotations

import re

from geo_routes.errors import MalformedFile
from geo_routes.formats.gis.data_sets import check_parts, part_beside, read_head
from geo_routes.formats.gis.gdal_reader import open_by_gdal
from geo_routes.formats.gis.tables import Opened
from geo_routes.formats.gis.text_encodings import known_encoding, mapinfo_encoding

_CHARSET = re.compile(rb'(?im)\bcharset\s+"([^"]{1,40})"')
_TYPE = re.compile(rb'(?im)^\s*type\s+"?(\w+)')
# What makes a table of other files: a picture, a database, a view of other tables.
_NAMES_A_FILE = re.compile(rb"(?im)^\s*(?:file|create\s+view|begin_metadata[^\n]*seamless)\b")
_SEAMLESS = re.compile(rb'(?i)"\\\\?IsSeamless"\s*=\s*"TRUE"')


def open_tab(path: str, *, encoding: str | None = None) -> Opened:
    """Look into a MapInfo table.

    Parameters
    ----------
    path : str
        The .tab.
    encoding : str, optional
        Of the text, instead of the charset that it names.

    Returns
    -------
    Opened

    Raises
    ------
    MalformedFile
        Also if the table is made of other files that it names.
    """
    text = read_head(path)
    kind = _TYPE.search(text)
    if kind is None or kind[1].upper() not in (b"NATIVE", b"DBF") or _NAMES_A_FILE.search(text):
        reason = "is a MapInfo table made of other files that it names, and these are not opened"
        raise MalformedFile(reason, remedy="name the table that holds the lines")
    if _SEAMLESS.search(text):
        reason = "is a seamless MapInfo table, which only names other tables"
        raise MalformedFile(reason, remedy="name one of these")
    check_parts(path, (".dat", ".map", ".id"), form="MapInfo table")
    return _open(path, text, encoding)


def open_mif(path: str, *, encoding: str | None = None) -> Opened:
    """Look into a MapInfo exchange file; see `open_tab`."""
    part_beside(path, ".mid")
    return _open(path, read_head(path, 65_536), encoding)


def _open(path: str, text: bytes, encoding: str | None) -> Opened:
    charset = _CHARSET.search(text)
    said = None if charset is None else mapinfo_encoding(charset[1].decode("ascii", "replace"))
    return open_by_gdal(
        path,
        "MapInfo File",
        form="MapInfo",
        encoding=known_encoding(encoding) or said,
        crs_reason="is a MapInfo file without CoordSys, which would say its reference system",
        asks_encoding=True,
    )
