"""Shapefiles: which files they are made of, and what their text is in."""

from __future__ import annotations

import os
from collections.abc import Mapping

from geo_routes.errors import MalformedFile, visible
from geo_routes.formats.gis.data_sets import check_parts, pack, part_beside, read_head
from geo_routes.formats.gis.gdal_reader import open_by_gdal
from geo_routes.formats.gis.tables import Opened
from geo_routes.formats.gis.text_encodings import (
    dbase_encoding,
    known_encoding,
    stated_encoding,
)
from geo_routes.model import Finding

# GDAL reads no more of an archive than these, and of a folder its own indexes besides.
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_DBASE_HEAD_BYTES = 32


def open_shapefile(path: str, *, encoding: str | None = None) -> Opened:
    """Look into a Shapefile; its other files are those beside it.

    Parameters
    ----------
    path : str
        The .shp.
    encoding : str, optional
        Of the text, instead of what the .cpg or the .dbf says.

    Returns
    -------
    Opened

    Raises
    ------
    MalformedFile
    """
    check_parts(path, (".shp", ".shx"), form="Shapefile")
    table, said = part_beside(path, ".dbf"), part_beside(path, ".cpg")
    system = part_beside(path, ".prj")
    return _open(
        path,
        form="Shapefile",
        system=None if system is None else read_head(system),
        encoding=encoding,
        table_head=None if table is None else read_head(table, _DBASE_HEAD_BYTES),
        said=None if said is None else read_head(said),
    )


def open_zipped(sets: Mapping[str, Mapping[str, bytes]], *, encoding: str | None = None) -> Opened:
    """Look into the Shapefile of an archive.

    Parameters
    ----------
    sets : mapping
        By name, the contents by suffix; several are told by ``--layer`` and opened one by one.
    encoding : str, optional
    """
    opened = [_open_set(name, parts, encoding) for name, parts in sets.items()]
    by_layer = {layer.name: one for one in opened for layer in one.layers}
    return Opened(
        form="Shapefile (zip)",
        layers=tuple(layer for one in opened for layer in one.layers),
        read=lambda layer: by_layer[layer.name].read(layer),
    )


def _open_set(name: str, parts: Mapping[str, bytes], encoding: str | None) -> Opened:
    for suffix in (".shp", ".shx"):
        if suffix not in parts:
            reason = f"holds a Shapefile without its {suffix}"
            raise MalformedFile(reason, remedy="zip .shp, .shx, .dbf, .prj and .cpg together")
    stem = os.path.basename(name)  # noqa: PTH119 - a name of an archive and not of a path
    return _open(
        pack({stem + suffix: data for suffix, data in parts.items()}),
        form="Shapefile (zip)",
        system=parts.get(".prj"),
        encoding=encoding,
        table_head=parts[".dbf"][:_DBASE_HEAD_BYTES] if ".dbf" in parts else None,
        said=parts.get(".cpg"),
    )


def _open(
    source: str | bytes,
    *,
    form: str,
    system: bytes | None,
    encoding: str | None,
    table_head: bytes | None,
    said: bytes | None,
) -> Opened:
    text = None if said is None else said.decode("utf-8", "replace")
    remarks: tuple[Finding, ...] = ()
    if table_head is None:
        remarks = (_no_table(),)
    return open_by_gdal(
        source,
        "ESRI Shapefile",
        form=form,
        encoding=known_encoding(encoding)
        or stated_encoding(text)
        or (None if table_head is None else dbase_encoding(table_head)),
        crs_reason=_crs_reason(system),
        asks_encoding=True,
        remarks=remarks,
    )


def _crs_reason(system: bytes | None) -> str:
    """Say why a Shapefile has no reference system, where it has none."""
    if system is None:
        return "is a Shapefile without .prj, which would say its reference system"
    shown = visible(system[:30].decode("utf-8", "replace").strip(), most=40)
    if not shown:
        return "is a Shapefile whose .prj is empty, which should say its reference system"
    return f"is a Shapefile whose .prj says no reference system that is known: '{shown}'"


def _no_table() -> Finding:
    return Finding(
        code="gis.lost",
        severity="warning",
        message="the Shapefile has no .dbf beside it, so its shapes have no attributes",
        remedy="keep .shp, .dbf, .prj and .cpg together",
    )
