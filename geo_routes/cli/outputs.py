"""Where a command may write: nowhere over what it reads."""

from __future__ import annotations

import os
from collections.abc import Sequence

from geo_routes import files
from geo_routes.errors import UnusableOutput

# Files that belong to a data set which is named by one of them; SQLite adds to the whole name.
_NAMING = (".shp", ".tab", ".mif")
_PARTS = (
    *(".shp", ".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj"),
    *(".tab", ".dat", ".map", ".id", ".ind", ".mif", ".mid"),
)
_BESIDE_DATABASE = ("-wal", "-shm", "-journal")


def refuse_inputs(inputs: Sequence[str], output: str) -> None:
    """Refuse an output that is an input, a part of one, or a table of a folder that is one.

    Parameters
    ----------
    inputs : sequence of str
    output : str

    Raises
    ------
    UnusableOutput
    """
    if output == files.STANDARD_STREAM:
        return
    target = _real(output)
    for name in inputs:
        if name == files.STANDARD_STREAM:
            continue
        source = _real(name)
        if target == source or _same(target, source):
            reason = "is one of the inputs and would be overwritten"
            raise UnusableOutput(reason, remedy="choose another name", source=output)
        if _is_part(target, source):
            reason = "is a part of an input and would be overwritten"
            raise UnusableOutput(reason, remedy="choose another name", source=output)


def _real(name: str) -> str:
    try:
        return os.path.realpath(name)
    except (OSError, ValueError):
        return name


def _same(target: str, source: str) -> bool:
    """Whether two names are one file, as hard links are."""
    try:
        return os.path.samefile(target, source)
    except (OSError, ValueError):
        return False


def _is_part(target: str, source: str) -> bool:
    if target.startswith(source) and target[len(source) :] in _BESIDE_DATABASE:
        return True
    stem, suffix = os.path.splitext(source)
    beside, part = os.path.splitext(target)
    if suffix.lower() in _NAMING and beside == stem and part.lower() in _PARTS:
        return True
    # A folder that is read as a feed holds tables in text.
    return os.path.dirname(target) == source and part.lower() == ".txt"
