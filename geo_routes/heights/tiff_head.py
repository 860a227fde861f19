"""The first directory of a TIFF file, looked at before any library opens it.

libtiff passes over a tag whose values are cut off, in a warning: a file cut short would lose the
value that stands for no height, or its place, and be read as if it never had them.

References
----------
TIFF revision 6.0, Adobe 1992, section 2; the BigTIFF design, AWare Systems 2007.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from geo_routes.errors import MalformedFile

_MAGICS = {b"II*\0": "<", b"MM\0*": ">"}
_BIG_MAGICS = {b"II+\0\x08\0\0\0": "<", b"MM\0+\0\x08\0\0": ">"}
_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
# GeoTIFF files have some thirty.
_MOST_TAGS = 1_000


def check_head(stream: BinaryIO, *, source: str) -> None:
    """Refuse what is no TIFF file by its first bytes, and one whose first directory is cut short.

    Parameters
    ----------
    stream : binary file
    source : str
        Name of the file, for messages.

    Raises
    ------
    MalformedFile
    """
    head = stream.read(16)
    order = _MAGICS.get(head[:4]) or _BIG_MAGICS.get(head[:8])
    if order is None:
        reason = "is no TIFF file by its first bytes"
        raise MalformedFile(reason, remedy="give heights as GeoTIFF", source=source)
    is_big = head[:8] in _BIG_MAGICS
    size = os.fstat(stream.fileno()).st_size
    try:
        whole = _is_whole(stream, order, head, size, is_big=is_big)
    except struct.error:
        whole = False
    if not whole:
        reason = "is a TIFF file that is cut short or damaged: its directory reaches past its end"
        raise MalformedFile(reason, remedy="get it anew", source=source)


def _is_whole(stream: BinaryIO, order: str, head: bytes, size: int, *, is_big: bool) -> bool:
    """Tell whether all values of the first directory lie within the file."""
    (at,) = struct.unpack_from(order + ("Q" if is_big else "I"), head, 8 if is_big else 4)
    count_form, entry_form, inline = ("Q", "HHQQ", 8) if is_big else ("H", "HHII", 4)
    if at >= size:
        return False
    stream.seek(at)
    (count,) = struct.unpack(order + count_form, stream.read(struct.calcsize(order + count_form)))
    if not 0 < count <= _MOST_TAGS:
        return False
    entry_bytes = struct.calcsize(order + entry_form)
    rows = stream.read(count * entry_bytes)
    if len(rows) < count * entry_bytes:
        return False
    for _, kind, number, offset in struct.iter_unpack(order + entry_form, rows):
        length = _SIZES.get(kind, 0) * number
        if length > inline and offset + length > size:
            return False
    return True
