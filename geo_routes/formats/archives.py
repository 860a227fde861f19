"""Zip archives, read member by member in memory: nothing is ever written to disk."""

from __future__ import annotations

import io
import lzma
import stat
import zipfile
import zlib
from collections import Counter
from typing import IO, Any, BinaryIO, cast

from geo_routes.errors import MalformedFile, UnreadableFile, visible

MOST_MEMBERS = 10_000
MOST_MEMBER_BYTES = 2 << 30
MOST_TOTAL_BYTES = 4 << 30
# Deflate reaches 1,032 to 1; text of positions 5 to 20, and short runs of one number more.
MOST_RATIO = 200
_ALWAYS_BYTES = 16 << 20
_CHUNK_BYTES = 1 << 20
_REMEDY = "unpack it, and name the file"
_ENCRYPTED = 0x1


class Archive:
    """The members of a zip archive.

    Parameters
    ----------
    file : zipfile.ZipFile
    source : str
        Name of the archive, for messages.
    """

    def __init__(self, file: zipfile.ZipFile, source: str) -> None:
        self._file = file
        self._source = source
        self._read_bytes = 0
        self._packed_bytes = sum(i.compress_size for i in file.infolist())
        self._members = {i.filename: i for i in file.infolist() if not i.is_dir()}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the members that are files, in the order of the archive."""
        return tuple(self._members)

    def read(self, name: str) -> bytes:
        """Give one member whole.

        Parameters
        ----------
        name : str

        Returns
        -------
        bytes

        Raises
        ------
        MalformedFile
            If it is not there, cannot be unpacked, or unpacks to more than the bounds allow; its
            size is counted while it is unpacked, whatever the archive says.
        """
        with self.open(name) as stream:
            return stream.read()

    def open(self, name: str) -> BinaryIO:
        """Give one member as a stream, within the same bounds; see `read`.

        Returns
        -------
        binary stream
            Nothing of it is held but what was just read.
        """
        info = self._members.get(name)
        if info is None:
            msg = f"has no member '{visible(name, most=60)}'"
            raise self._refusal(msg)
        shown = visible(name, most=60)
        if info.flag_bits & _ENCRYPTED:
            msg = f"has an encrypted member '{shown}'"
            raise self._refusal(msg)
        try:
            inner = self._file.open(info)
        except (NotImplementedError, RuntimeError, ValueError) as error:
            msg = f"has a member '{shown}' packed in a way not known"
            raise self._refusal(msg) from error
        except (zipfile.BadZipFile, OSError) as error:
            msg = f"has a corrupt member '{shown}'"
            raise self._refusal(msg) from error
        return cast("BinaryIO", io.BufferedReader(_Bounded(self, inner, info), _CHUNK_BYTES))

    def count(self, block: int, size: int, info: zipfile.ZipInfo) -> None:
        """Count bytes that were unpacked.

        Raises
        ------
        MalformedFile
            If they are more than the bounds allow.
        """
        self._read_bytes += block
        shown = visible(info.filename, most=60)
        if size > MOST_MEMBER_BYTES or self._read_bytes > MOST_TOTAL_BYTES:
            msg = f"unpacks to more than its limit of size, in '{shown}'"
            raise self._refusal(msg)
        # Each member for itself, and all that were read against the whole archive.
        if (size > _ALWAYS_BYTES and size > MOST_RATIO * max(info.compress_size, 1)) or (
            self._read_bytes > _ALWAYS_BYTES
            and self._read_bytes > MOST_RATIO * max(self._packed_bytes, 1)
        ):
            msg = (
                f"unpacks to more than {MOST_RATIO} times its size, over the limit of the ratio, "
                f"in '{shown}'"
            )
            raise self._refusal(msg)

    def corrupt(self, info: zipfile.ZipInfo) -> MalformedFile:
        """Say that a member cannot be unpacked."""
        return self._refusal(f"has a corrupt member '{visible(info.filename, most=60)}'")

    def _refusal(self, reason: str) -> MalformedFile:
        return MalformedFile(f"is a zip archive that {reason}", remedy=_REMEDY, source=self._source)


class _Bounded(io.RawIOBase):
    """A member while it is unpacked, its bytes counted as they come."""

    def __init__(self, archive: Archive, inner: IO[bytes], info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._inner = inner
        self._info = info
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._inner.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
            raise self._archive.corrupt(self._info) from error
        self._size += len(block)
        self._archive.count(len(block), self._size, self._info)
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._inner.close()
        super().close()


def open_archive(path_or_bytes: str | bytes, *, source: str) -> Archive:
    """Open a zip archive.

    Parameters
    ----------
    path_or_bytes : str or bytes
    source : str
        Name of the archive, for messages.

    Returns
    -------
    Archive
        Closed when it is no longer held.

    Raises
    ------
    UnreadableFile
        If the file cannot be read.
    MalformedFile
        If it is no zip archive, has too many members, or members of one name, with a path that
        leads out of the archive, or that are links.
    """
    given = path_or_bytes
    try:
        file = zipfile.ZipFile(given if isinstance(given, str) else io.BytesIO(given))
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UnreadableFile(reason, remedy="choose another file", source=source) from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        reason = "is a zip archive that is truncated or corrupt"
        raise MalformedFile(reason, remedy="download it again", source=source) from error
    try:
        _check(file.infolist(), source)
    except MalformedFile:
        file.close()
        raise
    return Archive(file, source)


def _check(members: list[zipfile.ZipInfo], source: str) -> None:
    if len(members) > MOST_MEMBERS:
        reason = f"is a zip archive of {len(members):,} members, over the limit of {MOST_MEMBERS:,}"
        raise MalformedFile(reason, remedy=_REMEDY, source=source)
    twice = [n for n, count in Counter(i.filename for i in members).items() if count > 1]
    if twice:
        reason = f"is a zip archive with duplicate members '{visible(twice[0], most=60)}'"
        raise MalformedFile(reason, remedy="zip each file once", source=source)
    for info in members:
        name = info.filename
        shown = visible(name, most=60)
        parts = name.split("/")
        if name.startswith("/") or "\\" in name or ".." in parts or ":" in parts[0]:
            reason = f"is a zip archive with the unsafe path '{shown}'"
            raise MalformedFile(reason, remedy="zip it anew, without paths", source=source)
        if stat.S_ISLNK(info.external_attr >> 16):
            reason = f"is a zip archive in which '{shown}' is a link to a file elsewhere"
            raise MalformedFile(reason, remedy="zip the file itself", source=source)
