"""Shapefile, GeoPackage, FlatGeobuf and MapInfo, as GDAL reads them in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator, Mapping
from multiprocessing import spawn
from pathlib import Path
from typing import Any, Literal

from geo_routes.errors import MalformedFile, UnusableInput, visible
from geo_routes.formats.gis.geometries import decode_shapes
from geo_routes.formats.gis.tables import Field, FieldType, Layer, Opened, Record
from geo_routes.formats.gis.text_encodings import unsaid_encoding, wrong_encoding
from geo_routes.model import Finding

Driver = Literal["ESRI Shapefile", "GPKG", "FlatGeobuf", "MapInfo File"]

_CHILD = Path(__file__).with_name("gdal_child.py")
_REMEDY = "export it again"
# A start that shows drivers not known yet, and one without them.
_MOST_STARTS = 2
_LONGEST_LINE_BYTES = 1 << 30
# Latin-1 has a character for each byte, so that nothing is lost until the encoding is known.
_UNSAID = "iso8859-1"
_TYPES: dict[str, FieldType] = {
    **dict.fromkeys(("OFTInteger", "OFTInteger64"), "integer"),
    "OFTReal": "real",
    "OFTString": "text",
    "OFTDate": "date",
    "OFTDateTime": "datetime",
}
# All drivers of vector files that GDAL 3.12 may have; those of later ones are learned as they show.
_drivers = {
    *("ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "Arrow", "CAD", "CSV", "CSW", "Carto"),
    *("DGN", "DGNV8", "DWG", "DXF", "EDIGEO", "EEDA", "ESRI Shapefile", "ESRIJSON"),
    *("Elasticsearch", "FileGDB", "FlatGeobuf", "GDALG", "GML", "GMLAS", "GPKG", "GPSBabel", "GPX"),
    *("GTFS", "GeoJSON", "GeoJSONSeq", "GeoRSS", "HANA", "HTTP", "Idrisi", "JML", "JP2OpenJPEG"),
    *("JSONFG", "KML", "LIBKML", "LVBAG", "MBTiles", "MEM", "MSSQLSpatial", "MVT", "MapInfo File"),
    *("MapML", "Memory", "MiraMonVector", "MongoDBv3", "MySQL", "NAS", "NGW", "NTF", "OAPIF"),
    *("OCI", "ODBC", "ODS", "OGCAPI", "OGDI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OSM"),
    *("OpenFileGDB", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PGeo", "PLSCENES", "PMTiles", "Parquet"),
    *("PostgreSQL", "S57", "SOSI", "SQLite", "SVG", "SXF", "Selafin", "TIGER", "TopoJSON", "VDV"),
    *("VFK", "VICAR", "WAsP", "WFS", "XLS", "XLSX", "XODR", "netCDF"),
}


def open_by_gdal(
    source: str | bytes,
    driver: Driver,
    *,
    form: str,
    encoding: str | None = None,
    options: Mapping[str, str] | None = None,
    crs_reason: str = "does not say its reference system",
    asks_encoding: bool = False,
    layers: tuple[str, ...] = (),
    remarks: tuple[Finding, ...] = (),
) -> Opened:
    """Look into a file by one driver of GDAL and no other.

    Parameters
    ----------
    source : str or bytes
        A path, or the bytes of a file or of a zip of files.
    driver : str
        What our own look at the content found it to be.
    form : str
        Name of the format, for people.
    encoding : str, optional
        Of the text, where GDAL cannot know it.
    options : mapping, optional
        GDAL's open options.
    crs_reason : str
        What to say where there is no reference system.
    asks_encoding : bool
        Where no encoding is known: refuse text past ASCII rather than guess.
    layers : tuple of str
        The only ones to open; by default GDAL lists them.
    remarks : tuple of Finding

    Returns
    -------
    Opened

    Raises
    ------
    MalformedFile
        If GDAL cannot read it.
    UnusableInput
        If GDAL is not there.
    """
    unsaid = asks_encoding and encoding is None
    child = _Child(
        source,
        driver,
        encoding=_UNSAID if unsaid else encoding,
        options={} if options is None else dict(options),
        layers=layers,
    )
    opened = tuple(
        _layer(row, crs_reason=crs_reason, remarks=remarks, unsaid=unsaid) for row in child.layers()
    )
    if not opened:
        reason = f"is a {form} without a layer of lines or points"
        raise MalformedFile(reason, remedy="choose another file")
    return Opened(
        form=form, layers=opened, read=lambda layer: _records(child, layer, unsaid=unsaid)
    )


def _layer(
    row: Mapping[str, Any], *, crs_reason: str, remarks: tuple[Finding, ...], unsaid: bool
) -> Layer:
    fields = tuple(
        Field(name=name, type="boolean" if sub == "OFSTBoolean" else _TYPES.get(kind, "other"))
        for name, kind, sub in row["fields"]
    )
    if unsaid:
        for field in fields:
            _refuse_unsaid(field.name, "a field name")
    skipped = [_skipped(text) for text in row["warnings"] if "unsupported OGR type" in text]
    if any("Measured (M)" in text for text in row["warnings"]):
        skipped.append(
            Finding(code="gis.lost", severity="note", message="measures (M): in a layer")
        )
    count = row["count"]
    return Layer(
        name=row["name"],
        fields=fields,
        shape=row["shape"] if row["shape"] not in (None, "Unknown") else "",
        count=count if isinstance(count, int) and count >= 0 else None,
        crs=row["crs"] or None,
        crs_reason=crs_reason,
        remarks=(*remarks, *skipped),
    )


def _skipped(text: str) -> Finding:
    return Finding(
        code="gis.lost",
        severity="warning",
        message=f"a field is of a type that cannot be read: {visible(text, most=120)}",
    )


def _records(child: _Child, layer: Layer, *, unsaid: bool) -> Iterator[Record]:
    index = 0
    for message, body in child.read(layer.name):
        sizes = message["sizes"]
        shapes = decode_shapes(body, sizes, first_index=index)
        names = list(message["values"])
        columns = list(message["values"].values())
        rows: Iterator[tuple[Any, ...]] = zip(*columns, strict=True) if columns else iter(
            [()] * len(sizes)
        )  # fmt: skip
        for shape, row in zip(shapes, rows, strict=True):
            values = dict(zip(names, row, strict=True))
            if unsaid:
                for name, value in values.items():
                    if isinstance(value, str):
                        _refuse_unsaid(value, f"the field {visible(name, most=40)}")
            yield Record(index=index, shape=shape, values=values)
            index += 1


def _refuse_unsaid(text: str, what: str) -> None:
    if not text.isascii():
        at = next(i for i, sign in enumerate(text) if ord(sign) > 127)
        raise unsaid_encoding(text[at:].encode(_UNSAID), what)


class _Child:
    """The process, from its start until it is no longer wanted."""

    def __init__(
        self,
        source: str | bytes,
        driver: Driver,
        *,
        encoding: str | None,
        options: dict[str, str],
        layers: tuple[str, ...] = (),
    ) -> None:
        self.encoding = encoding
        data = source if isinstance(source, bytes) else None
        first = {
            # An absolute path cannot be taken for one of GDAL's own, which name places elsewhere.
            "path": os.path.abspath(source) if isinstance(source, str) else None,  # noqa: PTH100
            "bytes": 0 if data is None else len(data),
            "driver": driver,
            "encoding": encoding,
            "options": options,
            "layers": list(layers),
        }
        for _ in range(_MOST_STARTS):
            self._start(driver, first)
            message, _ = self._answer()
            if "ready" in message:
                break
            _drivers.update(message["drivers"])
            self._finalizer()
            if driver not in message["drivers"]:
                reason = f"the driver {driver} is missing from the GDAL of this machine"
                raise UnusableInput(reason, remedy="install pyogrio by its wheel")
        else:
            reason = f"GDAL could not be kept to its driver {driver}"
            raise UnusableInput(reason, remedy="install pyogrio by its wheel")
        if data is not None:
            self._send(data)

    def _start(self, driver: str, first: Mapping[str, Any]) -> None:
        environment = {k: v for k, v in os.environ.items() if not _steers_gdal(k)}
        environment |= {
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            "GDAL_SKIP": ",".join(sorted(_drivers - {driver})),
            "OPENBLAS_NUM_THREADS": "1",
            "SHAPE_RESTORE_SHX": "NO",
            "OGR_ARC_STEPSIZE": "0.25",
        }
        process = subprocess.Popen(  # noqa: S603 - our own script
            [spawn.get_executable(), "-P", "-X", "utf8", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self.process = process
        self._finalizer = weakref.finalize(self, _stop, process)
        self._send(json.dumps(first).encode() + b"\n")

    def _send(self, data: bytes) -> None:
        try:
            if self.process.stdin is not None:
                self.process.stdin.write(data)
                self.process.stdin.flush()
        except OSError as error:
            raise _fallen() from error

    def _answer(self) -> tuple[dict[str, Any], bytes]:
        stream = self.process.stdout
        line = b"" if stream is None else stream.readline(_LONGEST_LINE_BYTES)
        if stream is None or not line.endswith(b"\n"):
            raise _fallen()
        message: dict[str, Any] = json.loads(line)
        body = stream.read(message["body"])
        if len(body) < message["body"]:
            raise _fallen()
        if "error" in message:
            raise self._refusal(message)
        return message, body

    def _refusal(self, message: Mapping[str, Any]) -> UnusableInput:
        if message["kind"] == "UnicodeDecodeError":
            raw = bytes.fromhex(message["bytes"])
            return wrong_encoding(raw, "a field", self.encoding or "utf-8")
        if message["kind"] == "MemoryError":
            return UnusableInput("needs more memory than it may have", remedy="cut it smaller")
        said = visible(" ".join(message["error"].split()), most=160)
        return MalformedFile(f"cannot be read: {said}", remedy=_REMEDY)

    def layers(self) -> list[dict[str, Any]]:
        self._send(b'{"do": "layers"}\n')
        rows: list[dict[str, Any]] = self._answer()[0]["layers"]
        return rows

    def read(self, layer: str) -> Iterator[tuple[dict[str, Any], bytes]]:
        self._send(json.dumps({"do": "read", "layer": layer}).encode() + b"\n")
        while True:
            message, body = self._answer()
            if "end" in message:
                return
            yield message, body


def _steers_gdal(name: str) -> bool:
    """Whether a variable of the environment would let GDAL or Python load or fetch something."""
    return name.startswith(("GDAL_", "OGR_", "CPL_", "SHAPE_", "VSI", "SQLITE_", "PYTHONSTART"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.close()
    process.kill()
    process.wait()


def _fallen() -> MalformedFile:
    return MalformedFile(
        "made GDAL fall over, and nothing was read of it", remedy="export it again, or repair it"
    )
