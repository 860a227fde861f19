"""GeoPackages (OGC 12-128r18): looked at by SQLite before GDAL sees them.

A database may hold programs: views, triggers, computed columns, tables of other modules. What GDAL
is to read must be a plain table, so that nothing of the file is run.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from typing import Any
from urllib.parse import quote

from geo_routes.errors import MalformedFile, visible
from geo_routes.formats.gis.gdal_reader import open_by_gdal
from geo_routes.formats.gis.tables import Opened

_REMEDY = "export it again as a GeoPackage"
_NEEDED = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys")
_MODULE = re.compile(r"(?is)^\s*create\s+virtual\s+table\s.*?\busing\s+(\w+)")


def open_geopackage(path: str, *, data: bytes | None = None) -> Opened:
    """Look into a GeoPackage.

    Parameters
    ----------
    path : str
    data : bytes, optional
        Its bytes, where there is no file.

    Returns
    -------
    Opened

    Raises
    ------
    MalformedFile
        If it is none, is damaged, or would have to be run to be read.
    """
    if data is None:
        _refuse_unwritten(path)
    try:
        with closing(_connect(path, data)) as database:
            _check(database)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        said = visible(str(error), most=100)
        reason = f"is a damaged SQLite database, so no GeoPackage: {said}"
        raise MalformedFile(reason, remedy=_REMEDY) from error
    options = {"IMMUTABLE": "YES"} if data is None else {}
    return open_by_gdal(
        path if data is None else data,
        "GPKG",
        form="GeoPackage",
        options=options,
        crs_reason="is a GeoPackage that says its reference system is not known",
    )


def _refuse_unwritten(path: str) -> None:
    """Refuse a database whose newest rows stand in a log beside it: they would be missed."""
    for ending in ("-wal", "-journal"):
        try:
            unwritten = os.path.getsize(path + ending) > 0  # noqa: PTH202 - as in files
        except OSError:
            continue
        if unwritten:
            reason = f"has changes that stand in {os.path.basename(path)}{ending} and not yet in it"  # noqa: PTH119
            raise MalformedFile(reason, remedy="close it in the program that has it open")


def _connect(path: str, data: bytes | None) -> sqlite3.Connection:
    if data is None:
        # Immutable: neither a journal nor a lock is looked for or made.
        name = f"file:{quote(os.path.abspath(path))}?mode=ro&immutable=1"  # noqa: PTH100 - as in files
        database = sqlite3.connect(name, uri=True)
    else:
        database = sqlite3.connect(":memory:")
        database.deserialize(data)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in ("trusted_schema = off", "cell_size_check = on", "query_only = on"):
        database.execute(f"PRAGMA {pragma}")
    return database


def _check(database: sqlite3.Connection) -> None:
    rows: list[Any] = database.execute("SELECT name, type, sql FROM sqlite_master").fetchall()
    kinds = {str(name): str(kind) for name, kind, _ in rows}
    lacking = [n for n in _NEEDED if kinds.get(n) != "table"]
    if lacking:
        reason = f"is an SQLite database without the table {lacking[0]}, so no GeoPackage"
        raise MalformedFile(reason, remedy=_REMEDY)
    for name, kind, sql in rows:
        module = _MODULE.match(sql or "") if kind == "table" else None
        if module is not None and module[1].lower() != "rtree":
            reason = f"has a table '{visible(str(name), most=40)}' that a program makes up"
            msg = f"{reason} ({module[1][:30]}), which is not run"
            raise MalformedFile(msg, remedy=_REMEDY)
    layers = database.execute(
        "SELECT c.table_name FROM gpkg_contents c JOIN gpkg_geometry_columns g"
        " ON lower(g.table_name) = lower(c.table_name) WHERE c.data_type = 'features'"
    ).fetchall()
    folded = {name.lower(): kind for name, kind in kinds.items()}
    for (layer,) in layers:
        shown = visible(str(layer), most=40)
        if folded.get(str(layer).lower()) != "table":
            what = folded.get(str(layer).lower(), "missing")
            what = "a view, which is a program of the file and is not run" if what == "view" else (
                "not there"
            )  # fmt: skip
            reason = f"has a layer '{shown}' that is {what}"
            raise MalformedFile(reason, remedy="export that layer as a table of its own")
        hidden = [r for r in database.execute(f"PRAGMA table_xinfo({_quoted(layer)})") if r[6] > 1]
        if hidden:
            reason = f"has a layer '{shown}' with a computed column, which is not run"
            raise MalformedFile(reason, remedy="export that layer as a table of its own")
    if not layers:
        reason = "is a GeoPackage without a layer of features"
        raise MalformedFile(reason, remedy="choose another file")


def _quoted(name: str) -> str:
    return '"' + str(name).replace('"', '""') + '"'
