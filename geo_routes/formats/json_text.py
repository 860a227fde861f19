"""JSON text, strictly: what RFC 8259 allows and nothing else."""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Collection
from typing import Any

import orjson

from geo_routes.errors import MalformedFile

# orjson refuses to encode past 254 levels; half of that is far beyond any real file.
MAX_DEPTH = 120

_BOM = b"\xef\xbb\xbf"
# Possessive: a long text of escapes would otherwise leave a trail to go back along, 50 bytes each.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_MAGIC = (
    (b"\x1f\x8b", "is gzip-compressed", "unpack it first"),
    (b"PK\x03\x04", "is a zip archive", "unpack it first"),
    (b"PK\x05\x06", "is an empty zip archive", "name a GeoJSON file"),
    (b"SQLite format 3", "is an SQLite database, perhaps a GeoPackage", "export it as GeoJSON"),
    (b"\xff\xfe", "is UTF-16 text, and JSON is UTF-8", "save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text, and JSON is UTF-8", "save it as UTF-8"),
)
_NO_NUMBER = re.compile(rb"-?(NaN|Infinity|nan|inf)")


def decode(data: bytes, *, source: str | None = None) -> Any:
    """Turn JSON text into Python values.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark. NaN, Infinity, numbers past float64, lone
        surrogates, raw control characters, comments and trailing commas are refused.
    source : str, optional
        Name of the file, for messages.

    Returns
    -------
    object
        dict, list, str, int, float, bool or None. Of a repeated member the last value; see
        `repeated_member`.

    Raises
    ------
    MalformedFile
        With the place and the reason.
    """
    text = data.removeprefix(_BOM)
    if not text.strip():
        reason = "is empty, expected JSON text"
        raise MalformedFile(reason, remedy="save it again", source=source)
    # The cyclic collector walks every new list again and again: most of the time of a decode.
    was_on = gc.isenabled()
    gc.disable()
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _explain(text, error, source) from None
    finally:
        if was_on:
            gc.enable()


def encode(value: Any) -> bytes:
    """Turn Python values, numpy's numbers among them, into compact JSON text.

    Raises
    ------
    TypeError
        If a value has no form in JSON.
    """
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def repeated_member(data: bytes, value: Any, *, skip: Collection[int] = ()) -> str | None:
    """Name a member that an object of the text holds twice.

    Parsers differ in which of the two wins, so a file that has one has no one meaning.

    Parameters
    ----------
    data : bytes
        JSON text that decodes to ``value``.
    value : object
        What `decode` made of it.
    skip : collection of int
        ``id`` of lists that are known to hold no object, so that they need no look.

    Returns
    -------
    str or None

    Raises
    ------
    MalformedFile
        If the nesting is deeper than ``MAX_DEPTH``.

    Notes
    -----
    A decoded object has lost the members that were said twice, so the count of decoded members is
    smaller than the count of colons outside strings. Only then is the text decoded once more,
    slowly, to find the name.
    """
    members, depth = _count_members(value, skip)
    if depth > MAX_DEPTH:
        reason = f"is nested deeper than {MAX_DEPTH} levels"
        raise MalformedFile(reason, remedy="flatten the innermost members")
    if _STRING.sub(b"", data).count(b":") == members:
        return None
    return _first_repeated(data)


def _count_members(value: Any, skip: Collection[int]) -> tuple[int, int]:
    members, deepest = 0, 0
    level: list[Any] = [value]
    while level and deepest <= MAX_DEPTH:
        deepest += 1
        below: list[Any] = []
        for item in level:
            if type(item) is dict:
                members += len(item)
                below += [x for x in item.values() if type(x) in (dict, list) and id(x) not in skip]
            elif type(item) is list:
                below += [x for x in item if type(x) in (dict, list)]
        level = below
    return members, deepest + bool(level)


def _first_repeated(data: bytes) -> str | None:
    import json  # noqa: PLC0415 - only the file that is refused pays for it

    class Repeated(Exception):
        pass

    def look(pairs: list[tuple[str, Any]]) -> None:
        if len(dict(pairs)) < len(pairs):
            raise Repeated(Counter(k for k, _ in pairs).most_common(1)[0][0])

    try:
        json.loads(data.removeprefix(_BOM), object_pairs_hook=look)
    except Repeated as found:
        return str(found)
    return None


def _explain(text: bytes, error: orjson.JSONDecodeError, source: str | None) -> MalformedFile:
    def said(reason: str, remedy: str) -> MalformedFile:
        return MalformedFile(reason, remedy=remedy, source=source)

    for magic, reason, remedy in _MAGIC:
        if text.startswith(magic):
            return said(reason, remedy)
    if text[:400].count(b"\x00") > len(text[:400]) // 4:
        return said("looks like UTF-16 or binary data, and JSON is UTF-8", "save it as UTF-8")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as wrong:
        byte = text[wrong.start]
        return said(
            f"is not UTF-8 text: byte 0x{byte:02x} at offset {wrong.start} has another encoding",
            "save it as UTF-8",
        )
    if text.lstrip()[:1] == b"<":
        return said("is HTML or XML, expected JSON", "export it as GeoJSON")
    where = f"line {error.lineno} column {error.colno}"
    # error.pos counts characters, and the text is bytes.
    at = len(error.doc[: error.pos].encode())
    if wrong_number := _NO_NUMBER.match(text, at - (text[at - 1 : at] == b"-")):
        number = wrong_number.group().decode()
        return said(
            f"holds {number} at {where}, and JSON has finite numbers only",
            "give a number, or leave the member out",
        )
    cause = str(error.msg).split(": line ")[0]
    if "allocate" in cause:
        # The parser's word for brackets that it has no room to keep open.
        cause = "brackets that do not close, or too many of them"
    return said(f"is not valid JSON at {where}: {cause}", "correct the text, or export it again")
