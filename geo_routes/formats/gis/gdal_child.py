"""GDAL in a process of its own: the program that `gdal_reader` starts and talks to.

A file from a stranger is read by GDAL here and not in the user's process: with one driver and no
other, so that no file can pass for another form; without the right to write a byte; within a bound
of memory. If GDAL falls over, this process falls alone.

It is run as a script, knows nothing of geo_routes, and reads requests of one line of JSON each from
standard input:

* the first, ``{"path", "bytes", "driver", "encoding", "options", "layers"}``, names a file, or says
  how many bytes of one follow, and the layers to open where they are known;
* ``{"do": "layers"}`` asks for the layers;
* ``{"do": "read", "layer"}`` asks for the records of one, which come in chunks: a line of JSON with
  the values by field and the sizes of the geometries, then these, as well-known binary, without a
  gap.
"""

from __future__ import annotations

import contextlib
import gc
import json
import math
import signal
import sys
import warnings
from typing import Any, BinaryIO

MOST_MEMORY_BYTES = 6 << 30
_FIRST_CHUNK, _LARGEST_CHUNK = 256, 65_536
_CHUNK_BYTES = 8 << 20


def main() -> int:
    """Serve one file until standard input ends."""
    _shut()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    # What GDAL prints must not get between the answers.
    sys.stdout = sys.stderr
    first = json.loads(requests.readline())
    # pyogrio looks for pandas' sake into packages that nothing here needs.
    for name in ("geopandas", "pandas", "pyarrow"):
        sys.modules[name] = None  # type: ignore[assignment]
    import pyogrio  # noqa: PLC0415 - only now is its surrounding as it should be

    drivers = set(pyogrio.list_drivers())
    if drivers != {first["driver"]}:
        _say(answers, {"drivers": sorted(drivers)})
        return 0
    _say(answers, {"ready": pyogrio.__gdal_version_string__})
    source = requests.read(first["bytes"]) if first["path"] is None else first["path"]
    for line in requests:
        request = json.loads(line)
        try:
            if request["do"] == "layers":
                _say(answers, {"layers": _layers(source, first)})
            else:
                _read(answers, source, first, request["layer"])
        except (MemoryError, ValueError, RuntimeError, OSError, LookupError) as error:
            reason = getattr(error, "reason", None) if isinstance(error, UnicodeError) else None
            bad = error.object[error.start :][:12] if isinstance(error, UnicodeDecodeError) else b""
            _say(answers, {"error": str(reason or error), "bytes": bytes(bad).hex(" "),
                           "kind": type(error).__name__})  # fmt: skip
    return 0


def _shut() -> None:
    """Give up the right to write files, and all memory past a bound."""
    with contextlib.suppress(ImportError, ValueError, OSError, AttributeError):
        import resource  # noqa: PLC0415 - not on Windows

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))


def _say(answers: BinaryIO, message: dict[str, Any], body: bytes = b"") -> None:
    # Infinities, which JSON has not, are let through: the reader says that they were there.
    text = json.dumps({**message, "body": len(body)}, ensure_ascii=False)
    answers.write(text.encode("utf-8", "replace") + b"\n" + body)
    answers.flush()


def _layers(source: str | bytes, first: dict[str, Any]) -> list[dict[str, Any]]:
    import pyogrio  # noqa: PLC0415

    rows = []
    # Listing takes no options, so that a database would be opened with its files beside it.
    names = first["layers"] or [
        # A kind of None is a table without geometry.
        name
        for name, kind in pyogrio.list_layers(source).tolist()
        if kind is not None
    ]
    for name in names:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            info = pyogrio.read_info(
                source, layer=name, encoding=first["encoding"], **first["options"]
            )
        types = zip(info["fields"].tolist(), info["ogr_types"], info["ogr_subtypes"], strict=True)
        rows.append(
            {
                "name": name,
                "shape": info["geometry_type"],
                "count": info["features"],
                "crs": info["crs"],
                "fields": [[field, kind, subkind] for field, kind, subkind in types],
                "warnings": [str(w.message) for w in said],
            }
        )
    return rows


def _read(answers: BinaryIO, source: str | bytes, first: dict[str, Any], layer: str) -> None:
    from pyogrio import raw  # noqa: PLC0415

    start, chunk = 0, _FIRST_CHUNK
    while True:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            about, _, shapes, columns = raw.read(
                source,
                layer=layer,
                encoding=first["encoding"],
                skip_features=start,
                max_features=chunk,
                datetime_as_string=True,
                **first["options"],
            )
        count = len(shapes)
        sizes = [-1 if s is None else len(s) for s in shapes]
        body = b"".join(s for s in shapes if s is not None)
        kinds = zip(about["fields"].tolist(), about["ogr_types"], columns, strict=True)
        values = {field: _plain(column.tolist(), kind) for field, kind, column in kinds}
        message = {"sizes": sizes, "values": values, "warnings": [str(w.message) for w in said]}
        _say(answers, message, body)
        if count < chunk:
            _say(answers, {"end": True})
            return
        start += count
        per_record = max(len(body) // count, 64)
        chunk = min(max(_CHUNK_BYTES // per_record, 16), 4 * chunk, _LARGEST_CHUNK)
        del shapes, columns, body, message
        _give_back()


def _give_back() -> None:
    """Return memory to the system: what stands in cycles, and what glibc keeps of small pieces."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        import ctypes  # noqa: PLC0415 - where the C library is glibc

        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _plain(values: list[Any], kind: str) -> list[Any]:
    """Give values that JSON has; a whole number comes as one though others are missing."""
    whole = kind in ("OFTInteger", "OFTInteger64")
    return [_value(v, whole=whole) for v in values]


def _value(value: Any, *, whole: bool) -> Any:
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return int(value) if whole and math.isfinite(value) else value
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, bytes):
        return {"bytes": len(value)}
    if isinstance(value, list) or hasattr(value, "tolist"):
        rows = value if isinstance(value, list) else value.tolist()
        return [_value(v, whole=False) for v in rows]
    text = str(value)
    return None if text == "NaT" else text


if __name__ == "__main__":
    raise SystemExit(main())
