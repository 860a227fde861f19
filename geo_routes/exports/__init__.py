"""Routes, surveys and runs → the tables and files of other programs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_routes.exports.geodataframe import to_geodataframe
    from geo_routes.exports.gpx import write_gpx
    from geo_routes.exports.tracks import write_running_path, write_ttobench

__all__ = ["to_geodataframe", "write_gpx", "write_running_path", "write_ttobench"]

# What one of them needs, the others need not pay for.
_MODULES = {
    "to_geodataframe": "geodataframe",
    "write_gpx": "gpx",
    "write_running_path": "tracks",
    "write_ttobench": "tracks",
}


def __getattr__(name: str) -> object:
    """Import an export when it is first asked for."""
    if name not in _MODULES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
