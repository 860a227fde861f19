"""Bytes in from one named regular file, bytes out whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from typing import BinaryIO

from geo_routes.errors import UnreadableFile, UnusableOutput

STANDARD_STREAM = "-"

# A file past this size would need some ten times as much memory while it is decoded.
MAX_FILE_BYTES = 2 * 1024**3


def read_bytes(path: str | os.PathLike[str], *, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """Read one regular file whole; ``-`` is standard input.

    Parameters
    ----------
    path : path-like
        A local file. A folder, a pipe, a device and a URL are refused before anything is opened.
    max_bytes : int
        Refuse a larger file.

    Returns
    -------
    bytes

    Raises
    ------
    UnreadableFile
        With the reason and a remedy.
    """
    name = os.fspath(path)
    if name == STANDARD_STREAM:
        data = sys.stdin.buffer.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise _too_large(len(data), max_bytes, "standard input")
        return data
    with open_regular(name) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > max_bytes:
            raise _too_large(size, max_bytes, name)
        try:
            return stream.read()
        except (OSError, ValueError) as error:
            raise UnreadableFile(_say(error), remedy=_remedy(error), source=name) from error


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open one regular file for reading, for formats that are read in pieces.

    Parameters
    ----------
    path : path-like
        A local file. A folder, a pipe, a device and a URL are refused.

    Returns
    -------
    binary file
        To be closed by the caller.

    Raises
    ------
    UnreadableFile
        With the reason and a remedy.
    """
    name = os.fspath(path)
    if "://" in name:
        reason = "is a URL, and only local files are read"
        raise UnreadableFile(reason, remedy="download it and name the file", source=name)
    descriptor = -1
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            reason = "is a folder, expected a file"
            raise UnreadableFile(reason, remedy="name a file in it", source=name)
        if not stat.S_ISREG(status.st_mode):
            reason = "is not a regular file (a pipe, socket or device)"
            raise UnreadableFile(reason, remedy="name a file, or - for standard input", source=name)
        stream = os.fdopen(descriptor, "rb")
        descriptor = -1
    except (OSError, ValueError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(_say(error), remedy=_remedy(error), source=name) from error
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    return stream


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write ``data`` so that the path holds the old bytes or the new ones, whole.

    The bytes go to a temporary file beside the target, which then takes its name. ``-`` is
    standard output.

    Parameters
    ----------
    path : path-like
        Target; its folder must exist. A link, a folder and a device are refused.
    data : bytes
        The whole content.

    Raises
    ------
    UnusableOutput
        With the reason and a remedy; nothing is left behind.
    """
    name = os.fspath(path)
    if name == STANDARD_STREAM:
        _write_stream(data)
        return
    check_output(name)
    import tempfile  # noqa: PLC0415 - who only reads does not pay for it

    folder = os.path.dirname(name) or "."
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".geo-routes-", suffix=".tmp")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, _mode_for(name))
        os.replace(temporary, name)
        temporary = ""
    except (OSError, ValueError) as error:
        raise UnusableOutput(_say(error), remedy=_remedy(error), source=name) from error
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _write_stream(data: bytes) -> None:
    if sys.stdout is None:  # closed by who started us (``>&-``)
        reason = "is closed"
        raise UnusableOutput(reason, remedy="leave it open", source="standard output")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Who reads us has seen enough.
        mute_output()
    except (OSError, ValueError) as error:
        raise unusable_stream(error) from error


def unusable_stream(error: OSError | ValueError) -> UnusableOutput:
    """Say why nothing can be written to standard output, which takes no more from now on."""
    mute_output()
    return UnusableOutput(_say(error), remedy=_remedy(error), source="standard output")


def mute_output() -> None:
    """Let what is still to come for standard output vanish, so that no later flush fails again."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def check_output(path: str | os.PathLike[str]) -> None:
    """Refuse, before any work is done, a target that cannot be written.

    Raises
    ------
    UnusableOutput
        If the folder is missing, or the target is a link, a folder or a device.
    """
    name = os.fspath(path)
    if name == STANDARD_STREAM:
        return
    if not name:
        reason = "the name of the output is empty"
        raise UnusableOutput(reason, remedy="name a file, or - for standard output")
    if "://" in name:
        reason = "is a URL, and only local files are written"
        raise UnusableOutput(reason, remedy="name a local file", source=name)
    folder = os.path.dirname(name) or "."
    try:
        parent = os.stat(folder)
        if not stat.S_ISDIR(parent.st_mode):
            reason = "lies in something that is not a folder"
            raise UnusableOutput(reason, remedy="choose another place", source=name)
        status = os.lstat(name)
    except FileNotFoundError as error:
        if os.path.isdir(folder):
            return
        reason = "lies in a folder that does not exist"
        raise UnusableOutput(reason, remedy=f"make {folder} first", source=name) from error
    except (OSError, ValueError) as error:
        raise UnusableOutput(_say(error), remedy=_remedy(error), source=name) from error
    _check_target(status, name)


def _check_target(status: os.stat_result, name: str) -> None:
    """Refuse what is there already and no file of its own."""
    if stat.S_ISLNK(status.st_mode):
        reason = "is a symbolic link, and links are not written through"
        raise UnusableOutput(reason, remedy="name the file it points to", source=name)
    if stat.S_ISDIR(status.st_mode):
        reason = "is a folder, expected a file"
        raise UnusableOutput(reason, remedy="name a file in it", source=name)
    if not stat.S_ISREG(status.st_mode):
        reason = "is not a regular file (a pipe, socket or device)"
        raise UnusableOutput(reason, remedy="name a file, or - for standard output", source=name)


def _mode_for(target: str) -> int:
    try:
        return stat.S_IMODE(os.stat(target).st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _too_large(size: int, limit: int, source: str) -> UnreadableFile:
    reason = f"has {size:,} bytes, past the limit of {limit:,}"
    return UnreadableFile(reason, remedy="split it", source=source)


def _say(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return str(error) or type(error).__name__


_REMEDIES = {
    errno.ENOENT: "check the spelling of the name",
    errno.EACCES: "ask for the permission, or choose another place",
    errno.EPERM: "choose another place",
    errno.EROFS: "choose another place",
    errno.ENOSPC: "free some space, or choose another place",
    errno.EFBIG: "raise the file size limit, or choose another place",
    errno.ENAMETOOLONG: "use a shorter name",
    errno.ENOTDIR: "a folder of that path is a file: choose another place",
}


def _remedy(error: OSError | ValueError) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return _REMEDIES.get(number or 0, "choose another file")
