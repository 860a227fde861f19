"""Encodings of text: what a file says of its own, and what is asked for where it says nothing."""

from __future__ import annotations

import codecs
import struct

from geo_routes.errors import UnusableInput

# Language driver ids of a .dbf that name one code page (dBASE IV and FoxPro). 0x57 is none of them:
# it says "the code page of the machine", and programs write it whatever the text is in.
_DRIVERS = {
    0x01: "cp437",
    0x02: "cp850",
    0x03: "cp1252",
    0x13: "cp932",
    0x4D: "cp936",
    0x4E: "cp949",
    0x4F: "cp950",
    0x64: "cp852",
    0x65: "cp866",
    0x66: "cp865",
    0x67: "cp861",
    0x6A: "cp737",
    0x6B: "cp857",
    0x7B: "cp932",
    0x7A: "cp936",
    0x79: "cp949",
    0x78: "cp950",
    0x7D: "cp1255",
    0x7E: "cp1256",
    0xC8: "cp1250",
    0xC9: "cp1251",
    0xCA: "cp1254",
    0xCB: "cp1253",
    0xCC: "cp1257",
}
# Charsets that a MapInfo table names; "Neutral" says that nobody cared.
_MAPINFO = {
    "windowslatin1": "cp1252",
    "windowslatin2": "cp1250",
    "windowscyrillic": "cp1251",
    "windowsgreek": "cp1253",
    "windowsturkish": "cp1254",
    "windowshebrew": "cp1255",
    "windowsarabic": "cp1256",
    "windowsbalticrim": "cp1257",
    "windowsjapanese": "cp932",
    "windowssimpchinese": "cp936",
    "windowstradchinese": "cp950",
    "windowskorean": "cp949",
    "codepage437": "cp437",
    "codepage850": "cp850",
    "codepage852": "cp852",
    "utf-8": "utf-8",
    "codepage857": "cp857",
    "codepage866": "cp866",
    "iso8859_1": "iso8859-1",
    "iso8859_2": "iso8859-2",
    "iso8859_5": "iso8859-5",
    "iso8859_15": "iso8859-15",
}


def known_encoding(encoding: str | None) -> str | None:
    """Give Python's name of an encoding.

    Raises
    ------
    UnusableInput
        If there is none of that name.

    Examples
    --------
    >>> known_encoding("Shift_JIS")
    'cp932'
    """
    if encoding is None:
        return None
    remedy = "give one such as utf-8, cp850 or shift_jis"
    try:
        info = codecs.lookup(encoding)
        "a".encode(encoding).decode(encoding)
    except (LookupError, ValueError) as error:
        reason = f"the encoding {encoding[:40]!r} is not known"
        raise UnusableInput(reason, remedy=remedy) from error
    # Japanese files that say Shift_JIS hold Microsoft's signs too, which its codec has as well.
    return "cp932" if info.name == "shift_jis" else info.name


def stated_encoding(text: str | None) -> str | None:
    """Read what a .cpg says, such as ``UTF-8``, ``1252``, ``ANSI 1252``, ``ISO 88591``, ``SJIS``.

    Returns
    -------
    str or None
        None where it says nothing that is known.
    """
    if text is None:
        return None
    said = text.strip().strip("\ufeff").upper().replace("_", "-")
    said = said.removeprefix("ANSI ").removeprefix("OEM ").strip()
    if said.startswith(("ISO 8859", "ISO-8859", "ISO8859", "8859")):
        part = "".join(c for c in said.replace("8859", "", 1) if c.isdigit())
        said = f"iso8859-{part or 1}"
    elif said.isdigit():
        said = {"65001": "utf-8"}.get(said, f"cp{said}")
    elif said in ("SJIS", "SHIFT-JIS"):
        said = "cp932"
    try:
        return known_encoding(said)
    except UnusableInput:
        return None


def dbase_encoding(head: bytes) -> str | None:
    """Read what the first 32 bytes of a .dbf say."""
    return _DRIVERS.get(struct.unpack_from("B", head, 29)[0]) if len(head) > 29 else None


def mapinfo_encoding(charset: str) -> str | None:
    """Give the encoding of a charset as MapInfo names it; None for ``Neutral``."""
    return _MAPINFO.get(charset.strip().casefold())


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
