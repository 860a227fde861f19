"""Data sets of several files, told by the name of one: their parts in a folder or archive."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Mapping

from geo_routes.errors import MalformedFile, UnreadableFile

_LONGEST_SIDE_BYTES = 1_000_000


def part_beside(path: str, suffix: str) -> str | None:
    """Find the file of the same name with another suffix, in small letters or capitals.

    Raises
    ------
    UnreadableFile
        If it is there and no regular file: a pipe would be waited for without end.
    """
    stem = os.path.splitext(path)[0]  # noqa: PTH122 - as in files
    for name in (stem + suffix, stem + suffix.upper()):
        try:
            mode = os.stat(name).st_mode  # noqa: PTH116
        except (OSError, ValueError):
            continue
        if not stat.S_ISREG(mode):
            reason = "is part of the data set and not a regular file"
            raise UnreadableFile(reason, remedy="name a copy of the data set", source=name)
        return name
    return None


def read_head(path: str, most_bytes: int = _LONGEST_SIDE_BYTES) -> bytes:
    """Read the first bytes of a regular file.

    Raises
    ------
    UnreadableFile
    """
    try:
        with open(path, "rb") as stream:  # noqa: PTH123
            return stream.read(most_bytes)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UnreadableFile(reason, remedy="choose another file", source=path) from error


def check_parts(path: str, needed: tuple[str, ...], *, form: str) -> dict[str, str]:
    """Find the parts of a data set that must be there.

    Returns
    -------
    dict
        Paths by suffix.

    Raises
    ------
    MalformedFile
        If one is missing.
    """
    parts: dict[str, str] = {}
    for suffix in needed:
        found = part_beside(path, suffix)
        if found is None:
            listed = ", ".join(needed)
            reason = f"is a {form} without its {suffix}"
            raise MalformedFile(reason, remedy=f"keep {listed} together", source=path)
        parts[suffix] = found
    return parts


def pack(members: Mapping[str, bytes]) -> bytes:
    """Put files into a zip archive in memory, without compression."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()
