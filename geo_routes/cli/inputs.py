"""Arguments that name inputs → routes, one source after the other."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import click

from geo_routes import files
from geo_routes.cli.lines import print_error, progress
from geo_routes.errors import GeoRoutesError, InvalidNoun, UnreadableFile
from geo_routes.formats.reading import load
from geo_routes.formats.route_file import decode
from geo_routes.model import Route

F = TypeVar("F", bound=Callable[..., Any])

_SUFFIX = ".geojson"


def input_arguments(command: F) -> F:
    """Give a command its FILE arguments."""
    return click.argument("inputs", metavar="FILE...", nargs=-1, required=True)(command)


def people_options(command: F) -> F:
    """Give a command the options of units, stationing and JSON."""
    command = click.option("--json", "as_json", is_flag=True, help="Print JSON, in SI units.")(
        command
    )
    command = click.option(
        "--stationing",
        type=click.Choice(["12.345", "12+345", "12m34ch", "12,3 + 45"]),
        default="12.345",
        show_default=True,
        help="How chainages are written.",
    )(command)
    return click.option(
        "--units",
        type=click.Choice(["km", "mi"]),
        default="km",
        show_default=True,
        help="Kilometres or miles.",
    )(command)


def read_inputs(
    inputs: Sequence[str],
    *,
    verb: str,
    stations: bool = True,
    failed: list[str],
    reasons: dict[str, str] | None = None,
    change: Callable[[bytes, str], bytes] | None = None,
) -> Iterator[tuple[str, tuple[Route, ...]]]:
    """Read each source; an unusable one gets its line and is passed over.

    Parameters
    ----------
    inputs : sequence of str
        Files, folders and ``-``.
    verb : str
        What is done, for the progress bar.
    stations : bool
        Whether stations are wanted.
    failed : list of str
        Unusable sources are appended.
    reasons : dict, optional
        Takes the reason of each unusable source.
    change : callable, optional
        What to do to the bytes of a source, by its name, before they are read.

    Yields
    ------
    source : str
    routes : tuple of Route
    """
    gc.enable()
    told = {} if reasons is None else reasons

    def fail(source: str, name: str, reason: str, remedy: str) -> None:
        print_error(name, reason, remedy)
        failed.append(source)
        told[source] = f"{reason}; {remedy}" if remedy else reason

    with progress(_expand(inputs, fail), verb=verb) as sources:
        for source in sources:
            try:
                routes, data = load(source, stations=stations)
                if change is not None and data is None:
                    reason = "is no GeoJSON, and only a route file is fixed"
                    fail(source, source, reason, "make one of it with `geo-routes import`")
                    continue
                if change is not None and data is not None:
                    changed = change(data, source)
                    if changed is not data:
                        routes = decode(changed, source=source, stations=stations)
            except GeoRoutesError as error:
                fail(source, error.source or source, _reason(error), error.remedy)
                continue
            except MemoryError:
                fail(source, source, "needs more memory than there is", "split it")
                continue
            yield source, routes


def _reason(error: GeoRoutesError) -> str:
    return error.reason if error.feature is None else f"feature {error.feature}: {error.reason}"


def _expand(inputs: Sequence[str], fail: Callable[[str, str, str, str], None]) -> list[str]:
    sources = []
    for name in inputs:
        try:
            sources += _files_of(name)
        except (UnreadableFile, InvalidNoun) as error:
            fail(name, name, error.reason, error.remedy)
    return sources


def _files_of(name: str) -> list[str]:
    if name == files.STANDARD_STREAM or "://" in name:
        return [name]
    try:
        with os.scandir(name) as entries:
            found = sorted(e.path for e in entries if e.name.endswith(_SUFFIX) and not _is_dir(e))
    except (OSError, ValueError):
        # No folder, or none that can be listed: reading it as a file says what is wrong with it.
        return [name]
    if not found:
        reason = f"is a folder without any *{_SUFFIX} file"
        raise UnreadableFile(
            reason, remedy="name a file, or a folder that holds route files", source=name
        )
    return found


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, say; reading it tells
        return False
