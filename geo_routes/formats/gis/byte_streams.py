"""One member of a data set as a stream: a regular file beside others, or bytes in memory."""

from __future__ import annotations

import io
import os
import stat
from typing import BinaryIO

from geo_routes.errors import MalformedFile, UnreadableFile


def open_regular(path: str) -> BinaryIO:
    """Open one regular file; anything else is refused before a byte of it is read.

    Raises
    ------
    UnreadableFile
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "cannot be read").lower()
        raise UnreadableFile(reason, remedy="choose another file", source=path) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        reason = "is not a regular file"
        raise UnreadableFile(reason, remedy="name a file", source=path)
    return os.fdopen(descriptor, "rb")


class Member:
    """A file by its path, or its bytes.

    Parameters
    ----------
    name : str
        For messages; the path, where there are no bytes.
    data : bytes, optional
    """

    def __init__(self, name: str, data: bytes | None = None) -> None:
        self.name = name
        self.data = data

    def open(self) -> BinaryIO:
        """Open it for reading from its beginning."""
        return open_regular(self.name) if self.data is None else io.BytesIO(self.data)

    def read(self, most_bytes: int) -> bytes:
        """Give the whole of it, which must not be longer than some bytes."""
        with self.open() as stream:
            data = stream.read(most_bytes + 1)
        if len(data) > most_bytes:
            reason = f"has more than the {most_bytes:,} bytes that such a file may have"
            raise MalformedFile(reason, remedy="export it again", source=self.name)
        return data

    @property
    def size(self) -> int:
        """Its length in bytes."""
        if self.data is not None:
            return len(self.data)
        with self.open() as stream:
            return stream.seek(0, os.SEEK_END)


def beside(path: str, suffix: str) -> Member | None:
    """Give the file of the same name with another suffix, in small letters or capitals."""
    stem = os.path.splitext(path)[0]  # noqa: PTH122 - as in files
    for name in (stem + suffix, stem + suffix.upper()):
        if os.path.isfile(name):  # noqa: PTH113
            return Member(name)
    return None
