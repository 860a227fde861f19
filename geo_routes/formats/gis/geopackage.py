"""GeoPackages (OGC 12-128r18): looked at by SQLite before GDAL sees them.

A database may hold programs: views, triggers, computed columns, tables of other modules. What GDAL
is to read must be a plain table, so that nothing of the file is run.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any
from urllib.parse import quote

from geo_routes.errors import MalformedFile, UnreadableFile, visible
from geo_routes.formats.gis.data_sets import read_head
from geo_routes.formats.gis.gdal_reader import open_by_gdal
from geo_routes.formats.gis.tables import Opened
from geo_routes.model import Finding

_REMEDY = "export it again as a GeoPackage"
_TABLE = "export that layer as a table of its own"
_NEEDED = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys")
# SQLite's file format, section 3: a journal whose header is zeroed holds nothing to roll back.
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
# Section 1.3.3: a database that keeps a log says 2 in bytes 18 and 19; in memory there is no log.
_VERSIONS, _PLAIN = slice(18, 20), b"\x01\x01"
_MODULE = re.compile(r"(?is)^\s*create\s+virtual\s+table\s.*?\busing\s+(\w+)")


def open_geopackage(
    path: str, *, data: bytes | None = None, wanted: tuple[str, ...] = ()
) -> Opened:
    """Look into a GeoPackage.

    Parameters
    ----------
    path : str
    data : bytes, optional
        Its bytes, where there is no file.
    wanted : tuple of str
        Layers that are asked for. What would have to be run is passed over, unless it is one of
        these, or there is nothing else.

    Returns
    -------
    Opened

    Raises
    ------
    MalformedFile
        If it is none, is damaged, or would have to be run to be read.
    UnreadableFile
        If changes stand beside it that were not written back.
    """
    if data is None:
        _refuse_unwritten(path)
    else:
        data = data[: _VERSIONS.start] + _PLAIN + data[_VERSIONS.stop :]
    try:
        with closing(_connect(path, data)) as database:
            plain, programs = _layers(database)
    except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        said = visible(str(error), most=100)
        reason = f"is a damaged SQLite database, so no GeoPackage: {said}"
        raise MalformedFile(reason, remedy=_REMEDY) from error
    for name, what in programs.items():
        if not plain or name in wanted:
            reason = f"has a layer '{visible(name, most=40)}' {what}"
            raise MalformedFile(reason, remedy=_TABLE)
    options = {"IMMUTABLE": "YES"} if data is None else {}
    return open_by_gdal(
        path if data is None else data,
        "GPKG",
        form="GeoPackage",
        options=options,
        crs_reason="is a GeoPackage that says its reference system is not known",
        layers=tuple(plain),
        remarks=tuple(_passed_over(name, what) for name, what in programs.items()),
    )


def _passed_over(name: str, what: str) -> Finding:
    message = f"the layer '{visible(name, most=40)}' was not read: it is one {what}"
    return Finding(code="gis.lost", severity="warning", message=message, remedy=_TABLE)


def _refuse_unwritten(path: str) -> None:
    """Refuse a database whose last changes stand in a file beside it.

    SQLite could only read them together by writing: it makes an index beside the file, or rolls
    the file back.
    """
    for suffix in ("-wal", "-journal"):
        head = b""
        if os.path.isfile(path + suffix):  # noqa: PTH113 - as in files
            head = read_head(path + suffix, len(_JOURNAL_MAGIC))
        if head and (suffix == "-wal" or head == _JOURNAL_MAGIC):
            base = visible(os.path.basename(path + suffix), most=60)  # noqa: PTH119
            reason = f"has changes beside it, in {base}, that are not written back: another "
            msg = f"{reason}program has it open, or did not close it"
            remedy = "close it there, or copy it with SQLite's VACUUM INTO and name the copy"
            raise UnreadableFile(msg, remedy=remedy)


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


def _layers(database: sqlite3.Connection) -> tuple[list[str], dict[str, str]]:
    """Give the layers that are plain tables, and the others with what is wrong with them."""
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
    found = database.execute(
        "SELECT c.table_name FROM gpkg_contents c JOIN gpkg_geometry_columns g"
        " ON lower(g.table_name) = lower(c.table_name) WHERE c.data_type = 'features'"
    ).fetchall()
    if not found:
        reason = "is a GeoPackage without a layer of features"
        raise MalformedFile(reason, remedy="choose another file")
    folded = {name.lower(): kind for name, kind in kinds.items()}
    wrong = {str(name): _wrong(database, str(name), folded) for (name,) in found}
    return (
        [name for name, what in wrong.items() if what is None],
        {name: what for name, what in wrong.items() if what is not None},
    )


def _wrong(database: sqlite3.Connection, layer: str, kinds: Mapping[str, str]) -> str | None:
    """Say why a layer is no plain table; None if it is one."""
    kind = kinds.get(layer.lower())
    if kind == "view":
        return "that is a view, which is a program of the file and is not run"
    if kind != "table":
        return "that is not there"
    hidden = [r for r in database.execute(f"PRAGMA table_xinfo({_quoted(layer)})") if r[6] > 1]
    return "with a computed column, which is not run" if hidden else None


def _quoted(name: str) -> str:
    return '"' + str(name).replace('"', '""') + '"'
