"""dBASE tables (.dbf), as Shapefiles carry them, row by row."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from geo_routes.errors import MalformedFile, UnusableInput
from geo_routes.formats.gis.byte_streams import Member
from geo_routes.formats.gis.tables import Field, FieldType

_REMEDY = "export it again"
_TYPES: dict[str, FieldType] = {
    **{"C": "text", "N": "real", "F": "real", "D": "date", "L": "boolean", "I": "integer"},
    **{"O": "real", "+": "integer", "B": "real", "M": "other"},
}
# Language driver ids that name one code page (dBASE IV and FoxPro). 0x57 is none of them: it says
# "the code page of the machine", and programs write it whatever the text is in.
_DRIVERS = {
    **{0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x4D: "cp936", 0x4E: "cp949"},
    **{0x4F: "cp950", 0x64: "cp852", 0x65: "cp866", 0x66: "cp865", 0x67: "cp861", 0x6A: "cp737"},
    **{0x6B: "cp857", 0x7B: "cp932", 0x7A: "cp936", 0x79: "cp949", 0x78: "cp950", 0x7D: "cp1255"},
    **{0x7E: "cp1256", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253"},
    **{0xCC: "cp1257"},
}
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Column:
    raw_name: bytes
    type: str
    start: int
    width: int
    decimals: int


class Dbase:
    """The table of one Shapefile.

    Parameters
    ----------
    member : Member
    encoding : str, optional
        What the user says the text is in.
    stated : str, optional
        What a ``.cpg`` beside it says.
    """

    def __init__(self, member: Member, *, encoding: str | None, stated: str | None) -> None:
        self.member = member
        with member.open() as stream:
            head = stream.read(32)
            if len(head) < 32:
                reason = "has a table (.dbf) that is cut short"
                raise MalformedFile(reason, remedy=_REMEDY)
            self.count, self.head_bytes, self.row_bytes = struct.unpack_from("<IHH", head, 4)
            rest = stream.read(max(self.head_bytes - 32, 0))
        driver = _DRIVERS.get(head[29])
        self.encoding = _known(encoding) or _codec_of(stated) or driver
        self.encoding_source = "" if encoding or stated or not driver else "dbf"
        self.columns = _columns(rest, self.row_bytes)
        self.names = tuple(self._text(c.raw_name, "a field name") for c in self.columns)

    @property
    def fields(self) -> tuple[Field, ...]:
        """Its fields."""
        return tuple(
            Field(name=name, type=_type(column))
            for name, column in zip(self.names, self.columns, strict=True)
        )

    def rows(self) -> Iterator[dict[str, Any] | None]:
        """Give the rows in order; None for one that is marked as deleted."""
        if not self.row_bytes:
            return
        with self.member.open() as stream:
            stream.seek(self.head_bytes)
            for row in _slices(stream, self.row_bytes, self.count):
                yield None if row[:1] == b"*" else self._values(row)

    def _values(self, row: bytes) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, column in zip(self.names, self.columns, strict=True):
            raw = row[column.start : column.start + column.width]
            values[name] = self._value(raw, column, name)
        return values

    def _value(self, raw: bytes, column: _Column, name: str) -> Any:
        if column.type in "I+":
            return struct.unpack("<i", raw)[0] if len(raw) == 4 else None
        if column.type in "OB" and len(raw) == 8:
            number = struct.unpack("<d", raw)[0]
            return number if number == number else None  # noqa: PLR0124 - NaN alone differs
        text = raw.strip(b" \0")
        if not text or column.type == "M":
            return None
        if column.type in "NF":
            return _number(text, column)
        if column.type == "D":
            digits = text.decode("ascii", "replace")
            if not digits.isdigit() or len(digits) != 8 or digits == "00000000":
                return None
            return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
        if column.type == "L":
            return {b"T": True, b"Y": True, b"F": False, b"N": False}.get(text.upper())
        return self._text(raw.split(b"\0")[0].rstrip(b" "), f"the field {name}")

    def _text(self, raw: bytes, what: str) -> str:
        if raw.isascii() and self.encoding not in ("utf-16", "utf-7"):
            return raw.decode("ascii")
        if self.encoding is None:
            raise unsaid_encoding(raw, what)
        try:
            return raw.decode(self.encoding)
        except UnicodeDecodeError as error:
            # A field of so many bytes may end in the middle of a character.
            if error.end >= len(raw) and error.start >= len(raw) - 3:
                return raw[: error.start].decode(self.encoding)
            raise wrong_encoding(raw, what, self.encoding) from error


def unsaid_encoding(raw: bytes, what: str) -> UnusableInput:
    """Ask for the encoding of text that is not plain ASCII."""
    likely = ""
    for codec in ("utf-8", "cp932"):
        try:
            raw.decode(codec)
        except UnicodeDecodeError:
            continue
        likely = f"; these bytes would be valid {codec}"
        break
    reason = f"has text past ASCII in {what} ({raw[:12].hex(' ')}) and does not say its encoding"
    return UnusableInput(
        reason, remedy=f"give --encoding, such as utf-8, cp850, shift_jis or latin-1{likely}"
    )


def wrong_encoding(raw: bytes, what: str, encoding: str) -> UnusableInput:
    """Say that text is not in the encoding that it is said to be in."""
    reason = f"has text in {what} ({raw[:12].hex(' ')}) that is not {encoding}"
    return UnusableInput(reason, remedy="give the right --encoding")


def _known(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        info = codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        reason = f"the encoding {encoding[:40]!r} is not known"
        raise UnusableInput(reason, remedy="give one such as utf-8, cp850 or shift_jis") from error
    if not info._is_text_encoding:  # type: ignore[attr-defined]  # noqa: SLF001 - it has no other name
        reason = f"{encoding[:40]!r} is no encoding of text"
        raise UnusableInput(reason, remedy="give one such as utf-8, cp850 or shift_jis")
    # Japanese files that say Shift_JIS hold Microsoft's signs too, which its codec has as well.
    return "cp932" if info.name == "shift_jis" else info.name


def known_encoding(encoding: str | None) -> str | None:
    """Give Python's name of an encoding.

    Raises
    ------
    UnusableInput
        If there is none of that name.
    """
    return _known(encoding)


def _codec_of(stated: str | None) -> str | None:
    """Read what a .cpg says: UTF-8, 1252, ANSI 1252, ISO 88591, SJIS ..."""
    if stated is None:
        return None
    said = stated.strip().strip("\ufeff").upper().replace("_", "-")
    said = said.removeprefix("ANSI ").removeprefix("OEM ").strip()
    if said.startswith(("ISO 8859", "ISO-8859", "ISO8859", "8859")):
        part = "".join(c for c in said.replace("8859", "", 1) if c.isdigit())
        said = f"iso8859-{part or 1}"
    elif said.isdigit():
        said = {"65001": "utf-8", "932": "cp932"}.get(said, f"cp{said}")
    elif said in ("SJIS", "SHIFT-JIS"):
        said = "cp932"
    try:
        return _known(said)
    except UnusableInput:
        return None


def _columns(rest: bytes, row_bytes: int) -> tuple[_Column, ...]:
    columns = []
    start = 1
    for at in range(0, len(rest) - 31, 32):
        row = rest[at : at + 32]
        if row[:1] in (b"\r", b"\0"):
            break
        kind = chr(row[11])
        width = row[16] + 256 * row[17] if kind == "C" else row[16]
        decimals = 0 if kind == "C" else row[17]
        columns.append(_Column(row[:11].split(b"\0")[0].rstrip(), kind, start, width, decimals))
        start += width
    if start > max(row_bytes, 1):
        reason = f"has a table (.dbf) whose fields take {start} bytes and whose rows {row_bytes}"
        raise MalformedFile(reason, remedy=_REMEDY)
    return tuple(columns)


def _type(column: _Column) -> FieldType:
    if column.type == "N" and column.decimals == 0:
        return "integer"
    return _TYPES.get(column.type, "other")


def _number(text: bytes, column: _Column) -> int | float | None:
    if b"*" in text:  # what does not fit its width is written as asterisks
        return None
    try:
        if column.decimals == 0 and text.lstrip(b"+-").isdigit():
            return int(text)
        number = float(text.replace(b",", b"."))
    except ValueError:
        return None
    return number if abs(number) < 1e308 else None


def _slices(stream: BinaryIO, size: int, count: int) -> Iterator[bytes]:
    whole = max(_READ_BYTES // size, 1) * size
    left = count
    while left > 0:
        block = stream.read(min(whole, left * size))
        rows = len(block) // size
        for i in range(rows):
            yield block[i * size : (i + 1) * size]
        left -= rows
        if rows * size < min(whole, (left + rows) * size):
            return
