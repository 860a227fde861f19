"""What the commands print: figures, one line per unusable input, warnings, progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from geo_routes import files
from geo_routes.errors import visible

if TYPE_CHECKING:
    from geo_routes.model import Finding

_LONGEST_LINE = 400
_LONGEST_SOURCE = 180


def settle_streams() -> None:
    """Let text that the terminal's encoding lacks be printed as escapes, not as a crash."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def print_out(text: str | bytes) -> None:
    """Print what a command was asked for on standard output.

    A reader that has seen enough (``| head``) closes the pipe: the rest is then dropped quietly,
    for that is no failure of ours.

    Raises
    ------
    UnusableOutput
        If it takes no more, as on a full disk.
    """
    line = text if isinstance(text, bytes) else text.encode(errors="backslashreplace")
    files.write_whole(files.STANDARD_STREAM, line + b"\n")


def print_error(source: str | None, reason: str, remedy: str) -> None:
    """Print the one line that an unusable input, argument or output gets."""
    where = "" if source is None else f"{_shorten(source) or repr(source)}: "
    line = f"error: {where}{reason}" + (f"; {remedy}" if remedy else "")
    _print(visible(line, most=_LONGEST_LINE))


def print_warnings(source: str, findings: Iterable[Finding]) -> None:
    """Print what a reader or a measurement saw, for commands whose output is something else."""
    for finding in findings:
        if finding.severity != "note":
            remedy = f"; {finding.remedy}" if finding.remedy else ""
            line = f"warning: {_shorten(source)}: {finding.code}: {finding.message}{remedy}"
            _print(visible(line, most=_LONGEST_LINE))


@contextmanager
def progress(sources: Sequence[str], *, verb: str) -> Iterator[Iterable[str]]:
    """Show a bar while many files are worked on: on a terminal only, and quiet in a pipe."""
    if len(sources) < 3 or not sys.stderr.isatty():
        yield sources
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task: Any = bar.add_task(verb, total=len(sources))

        def each() -> Iterator[str]:
            for source in sources:
                yield source
                bar.advance(task)

        yield each()


def _shorten(source: str) -> str:
    if len(source) <= _LONGEST_SOURCE:
        return source
    name = os.path.basename(source)
    return (
        f"...{name[: _LONGEST_SOURCE - 3]}"
        if len(name) < len(source)
        else f"{source[:_LONGEST_SOURCE]}..."
    )


def _print(line: str) -> None:
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)
