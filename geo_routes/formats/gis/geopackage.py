"""GeoPackages (OGC 12-128r18), read by SQLite with everything shut that a file could set off.

The database is opened read-only and as immutable, so that neither a journal nor a lock is made.
Only plain tables are read: a view, a trigger, a virtual table and a computed column are programs of
the file, and none is run. The SQL is made here; names of the file stand in it quoted.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from geo_routes.errors import MalformedFile, visible
from geo_routes.formats.gis.tables import Field, FieldType, Layer, Opened, Record, Shape
from geo_routes.formats.gis.wkb import parse_wkb
from geo_routes.model import Finding

MAGIC = b"SQLite format 3\0"
_REMEDY = "export it again as a GeoPackage"
_LONGEST_BYTES = 500_000_000
_ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_TYPES: dict[str, FieldType] = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE", "REAL"), "real"),
    **{"BOOLEAN": "boolean", "DATE": "date", "DATETIME": "datetime", "BLOB": "other"},
}
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}


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
        If it is none, or damaged.
    """
    package = _GeoPackage(path, data)
    return Opened(form="GeoPackage", layers=package.layers(), read=package.records)


class _GeoPackage:
    def __init__(self, path: str, data: bytes | None) -> None:
        self.path = path
        self.data = data
        self.geometry: dict[str, str] = {}

    def _connect(self) -> sqlite3.Connection:
        if self.data is None:
            name = f"file:{quote(os.path.abspath(self.path))}?mode=ro&immutable=1"  # noqa: PTH100
            database = sqlite3.connect(name, uri=True, check_same_thread=False)
        else:
            database = sqlite3.connect(":memory:", check_same_thread=False)
            database.deserialize(self.data)
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_BYTES)
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for pragma in ("trusted_schema = off", "cell_size_check = on", "query_only = on"):
            database.execute(f"PRAGMA {pragma}")
        return database

    def layers(self) -> tuple[Layer, ...]:
        try:
            database = self._connect()
            try:
                return self._layers(database)
            finally:
                database.close()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _damaged(error) from error

    def _layers(self, database: sqlite3.Connection) -> tuple[Layer, ...]:
        kinds = dict(database.execute("SELECT name, type FROM sqlite_master"))
        needed = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys")
        lacking = [n for n in needed if kinds.get(n) != "table"]
        if lacking:
            reason = f"is an SQLite database without the table {lacking[0]}, so no GeoPackage"
            raise MalformedFile(reason, remedy=_REMEDY)
        rows = database.execute(
            "SELECT c.table_name, g.column_name, g.geometry_type_name, g.srs_id, g.z"
            " FROM gpkg_contents c JOIN gpkg_geometry_columns g ON g.table_name = c.table_name"
            " WHERE c.data_type = 'features'"
        ).fetchall()
        if not rows:
            reason = "is a GeoPackage without a layer of features"
            raise MalformedFile(reason, remedy="choose another file")
        return tuple(self._layer(database, row) for row in rows)

    def _layer(self, database: sqlite3.Connection, row: tuple[Any, ...]) -> Layer:
        name, column, shape, srs_id = str(row[0]), str(row[1]), str(row[2]), row[3]
        _only_a_table(database, name)
        fields, computed = [], []
        rows = database.execute(f"PRAGMA table_xinfo({_quoted(name)})")
        for _, field, said, _, _, key, hidden in rows:
            if hidden:
                computed.append(str(field))
            elif field != column and not (key and _type(str(said)) == "integer"):
                fields.append(Field(name=str(field), type=_type(str(said))))
        crs, reason = _system(database, srs_id)
        self.geometry[name] = column
        count = database.execute(f"SELECT count(*) FROM {_quoted(name)}").fetchone()[0]  # noqa: S608 - quoted
        remarks = []
        if computed:
            remarks.append(
                Finding(
                    code="gis.lost",
                    severity="warning",
                    message=f"the computed fields {', '.join(computed)} of the layer "
                    f"{visible(name, most=60)} are not read, for nothing in a file is run",
                    remedy="export the layer with their values",
                )
            )
        return Layer(
            name=name,
            fields=tuple(fields),
            shape=shape.title().replace("string", "String") + (" Z" if row[4] else ""),
            count=int(count),
            crs=crs,
            crs_reason=reason,
            remarks=tuple(remarks),
        )

    def records(self, layer: Layer) -> Iterator[Record]:
        names = [self.geometry[layer.name], *(f.name for f in layer.fields)]
        # The text is made of names alone, each quoted as SQLite wants it.
        query = f"SELECT {', '.join(map(_quoted, names))} FROM {_quoted(layer.name)}"  # noqa: S608
        booleans = {f.name for f in layer.fields if f.type == "boolean"}
        try:
            database = self._connect()
            try:
                _only_a_table(database, layer.name)
                database.set_authorizer(_authorize)
                for index, row in enumerate(database.execute(query)):
                    values = dict(zip(names[1:], row[1:], strict=True))
                    for name in booleans & values.keys():
                        values[name] = None if values[name] is None else bool(values[name])
                    yield Record(index=index, shape=_shape(row[0], index), values=values)
            finally:
                database.close()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise _damaged(error) from error


def _authorize(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _only_a_table(database: sqlite3.Connection, name: str) -> None:
    """Refuse a layer that is a view or a virtual table, before it is asked for anything."""
    row = database.execute("SELECT type, sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    shown = visible(name, most=60)
    if row is None:
        reason = f"names a layer '{shown}' that it does not hold"
        raise MalformedFile(reason, remedy=_REMEDY)
    if row[0] != "table" or "VIRTUAL" in str(row[1])[:40].upper().split():
        what = "a view" if row[0] == "view" else "a virtual table"
        reason = f"has a layer '{shown}' that is {what}, a query of the file, and none is run"
        raise MalformedFile(reason, remedy="export the layer as a table of its own")


def _system(database: sqlite3.Connection, srs_id: object) -> tuple[str | None, str]:
    if srs_id in (0, -1):
        return None, "has coordinates of an undefined reference system (srs_id 0 or -1)"
    row = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys"
        " WHERE srs_id = ?",
        (srs_id,),
    ).fetchone()
    if row is None:
        return None, f"has coordinates of the reference system (srs_id) {srs_id}, not among its own"
    organization, code, definition = row
    if str(organization).upper() in ("EPSG", "OGC", "ESRI") and code:
        return f"{str(organization).upper()}:{code}", ""
    if definition and str(definition).strip().lower() != "undefined":
        return str(definition), ""
    return None, f"does not define its reference system (srs_id) {srs_id}"


def _type(said: str) -> FieldType:
    return _TYPES.get(said.split("(")[0].strip().upper(), "text")


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _shape(blob: object, index: int) -> Shape | None:
    if blob is None:
        return None
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 8:
        reason = "has a geometry that is no GeoPackage blob"
        raise MalformedFile(reason, remedy=_REMEDY, feature=index)
    flags = blob[3]
    envelope = _ENVELOPE_BYTES.get(flags >> 1 & 7)
    if envelope is None or flags & 0b0010_0000:
        reason = "has a geometry blob of a kind that is not defined"
        raise MalformedFile(reason, remedy=_REMEDY, feature=index)
    if flags & 0b0001_0000:
        return None
    try:
        return parse_wkb(blob[8 + envelope :])
    except (MalformedFile, struct.error) as error:
        if isinstance(error, MalformedFile):
            error.feature = index
            raise
        reason = "has a geometry blob that is cut short"
        raise MalformedFile(reason, remedy=_REMEDY, feature=index) from error


def _damaged(error: Exception) -> MalformedFile:
    reason = f"is a damaged database or no GeoPackage: {visible(str(error), most=120)}"
    return MalformedFile(reason, remedy=_REMEDY)
