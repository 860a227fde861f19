"""GeoParquet 1.0 and 1.1, a row group at a time."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_routes.errors import MalformedFile, UnusableInput, visible
from geo_routes.formats.gis.geometries import shapes_of_wkb
from geo_routes.formats.gis.tables import Field, FieldType, Layer, Opened, Record, Shape
from geo_routes.model import Finding

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_ROWS = 500
_REMEDY = "export it again as GeoParquet"
# GeoArrow's encodings, and how many lists stand about their coordinates.
_LISTS = {
    "point": 0,
    **dict.fromkeys(("linestring", "multipoint"), 1),
    **dict.fromkeys(("polygon", "multilinestring"), 2),
    "multipolygon": 3,
}
_NATIVE = {"point": "point", "multipoint": "point", "linestring": "line", "multilinestring": "line"}


def open_geoparquet(path: str, *, data: bytes | None = None) -> Opened:
    """Look into a GeoParquet file.

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
    UnusableInput
        If pyarrow is not installed.
    MalformedFile
        If it is Parquet without geometry, or damaged.
    """
    parquet = _Parquet(path, data)
    return Opened(form="GeoParquet", layers=(parquet.layer(),), read=lambda _: parquet.records())


class _Parquet:
    def __init__(self, path: str, data: bytes | None) -> None:
        self.path = path
        self.data = data
        try:
            import pyarrow.parquet  # noqa: F401, PLC0415 - an extra, and slow to import
        except ImportError as error:
            reason = "is GeoParquet, and the package that reads it, pyarrow, is not installed"
            raise UnusableInput(reason, remedy="pip install 'geo-routes[parquet]'") from error
        with self._open() as file:
            self.geo = _geo(file)
            self.count = int(file.metadata.num_rows)
            types = {f.name: f.type for f in file.schema_arrow}
        self.schema = {name: str(type_) for name, type_ in types.items()}
        self.column = str(self.geo.get("primary_column", "geometry"))
        columns = self.geo.get("columns")
        said = columns.get(self.column) if type(columns) is dict else None
        if type(said) is not dict or self.column not in self.schema:
            reason = f"is GeoParquet that does not describe its column {visible(self.column)!r}"
            raise MalformedFile(reason, remedy=_REMEDY)
        self.said = said
        self.encoding = str(said.get("encoding", "WKB")).lower()
        if not _holds(types[self.column], self.encoding):
            held = visible(str(types[self.column]), most=60)
            reason = f"is GeoParquet whose column {visible(self.column)!r} is said to be encoded as"
            msg = f"{reason} '{visible(self.encoding, most=30)}', and holds {held}"
            raise MalformedFile(msg, remedy=_REMEDY)

    @contextmanager
    def _open(self) -> Iterator[ParquetFile]:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet  # noqa: PLC0415

        with open(self.path, "rb") if self.data is None else io.BytesIO(self.data) as stream:  # noqa: PTH123
            try:
                with pyarrow.parquet.ParquetFile(stream) as file:
                    yield file
            except (pa.ArrowException, OSError) as error:
                reason = f"is damaged Parquet: {visible(str(error), most=100)}"
                raise MalformedFile(reason, remedy=_REMEDY) from error

    def layer(self) -> Layer:
        columns = self.geo["columns"]
        others = [str(n) for n in columns if str(n) in self.schema and str(n) != self.column]
        boxes = [box for said in columns.values() for box in _bbox_columns(said)]
        skipped = {self.column, *others, *boxes}
        kinds = self.said.get("geometry_types")
        crs, reason = _system(self.said)
        return Layer(
            name=os.path.splitext(os.path.basename(self.path))[0] or "table",  # noqa: PTH119, PTH122
            fields=tuple(
                Field(name=n, type=_type(t)) for n, t in self.schema.items() if n not in skipped
            ),
            shape=str(kinds[0]) if type(kinds) is list and kinds else "",
            count=self.count,
            crs=crs,
            crs_reason=reason,
            remarks=tuple(_unread(name, self.column) for name in others),
        )

    def records(self) -> Iterator[Record]:
        names = [f.name for f in self.layer().fields]
        index = 0
        with self._open() as file:
            # Group by group: over the whole file pyarrow would keep what it has read.
            for group in range(file.num_row_groups):
                wanted = {"row_groups": [group], "columns": [self.column, *names]}
                for batch in file.iter_batches(batch_size=_ROWS, **wanted):
                    shapes = batch.column(batch.schema.get_field_index(self.column)).to_pylist()
                    rows = batch.select(names).to_pylist() if names else [{}] * len(shapes)
                    if self.encoding == "wkb":
                        made = shapes_of_wkb(shapes, first_index=index)
                    else:
                        made = [_native(s, self.encoding) for s in shapes]
                    for shape, row in zip(made, rows, strict=True):
                        yield Record(index=index, shape=shape, values=row)
                        index += 1


def _unread(name: str, read: str) -> Finding:
    message = f"the column of geometry {visible(name, most=40)!r} was not read, but the primary one"
    message += f", {visible(read, most=40)!r}"
    return Finding(code="gis.lost", severity="warning", message=message)


def _geo(file: ParquetFile) -> dict[str, Any]:
    said = (file.schema_arrow.metadata or {}).get(b"geo")
    try:
        geo = json.loads(said) if said is not None else None
    except (ValueError, RecursionError):
        geo = None
    if type(geo) is not dict:
        reason = "is Parquet without the metadata 'geo', so no GeoParquet"
        raise MalformedFile(reason, remedy=_REMEDY)
    return geo


def _system(said: dict[str, Any]) -> tuple[str | None, str]:
    if "crs" not in said:
        return "OGC:CRS84", ""  # what the specification says where nothing is said
    crs = said["crs"]
    if type(crs) is not dict:
        return None, "is GeoParquet that says its reference system is not known"
    name = crs.get("id")
    if type(name) is dict and "authority" in name and "code" in name:
        return f"{name['authority']}:{name['code']}", ""
    return json.dumps(crs), ""


def _holds(column: Any, encoding: str) -> bool:
    """Whether a column of this type can hold geometries of this encoding."""
    from pyarrow import types  # noqa: PLC0415

    if encoding == "wkb":
        return str(column) in ("binary", "large_binary", "binary_view")
    for _ in range(_LISTS.get(encoding, 0)):
        if not (types.is_list(column) or types.is_large_list(column)):
            return False
        column = column.value_type
    return (
        encoding in _LISTS
        and types.is_struct(column)
        and {"x", "y"} <= {f.name for f in column if types.is_floating(f.type)}
    )


def _bbox_columns(said: Any) -> set[str]:
    covering = said.get("covering") if type(said) is dict else None
    box = covering.get("bbox") if type(covering) is dict else None
    if type(box) is not dict:
        return set()
    return {str(path[0]) for path in box.values() if type(path) is list and path}


def _type(said: str) -> FieldType:
    if said.startswith(("int", "uint")):
        return "integer"
    if said.startswith(("float", "double", "halffloat", "decimal")):
        return "real"
    if said.startswith("timestamp"):
        return "datetime"
    if said.startswith("date"):
        return "date"
    if said == "bool":
        return "boolean"
    return "text" if said.startswith(("string", "large_string")) else "other"


def _native(value: Any, encoding: str) -> Shape | None:
    """Read a geometry in one of GeoArrow's encodings."""
    if value is None:
        return None
    kind = _NATIVE.get(encoding)
    if kind is None:
        return Shape(kind="other")
    lists = {"point": [[value]], "linestring": [value]}.get(encoding, value)
    if encoding == "multipoint":
        lists = [[p] for p in value]
    parts = []
    for rows in lists:
        order = [k for k in ("x", "y", "z") if rows and k in rows[0]]
        numbers = [[row[k] for k in order] for row in rows]
        if numbers:
            parts.append(np.array(numbers, dtype=np.float64))
    return Shape(kind=kind, parts=tuple(parts))  # type: ignore[arg-type]
