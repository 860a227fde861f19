"""The program ``geo-routes``: its commands, its exit codes, and how it ends."""

from __future__ import annotations

import errno
import gc
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from geo_routes import files
from geo_routes.cli.lines import print_error, settle_streams
from geo_routes.errors import GeoRoutesError
from geo_routes.version import __version__

EXIT_DONE, EXIT_FINDINGS, EXIT_UNUSABLE = 0, 1, 2
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DEBUG = "GEO_ROUTES_DEBUG"

_COMMANDS = {
    "check": "find mistakes, and hold declared figures against measured ones",
    "curves": "list tangents, transitions and circular curves with their radii",
    "heights": "give the vertices heights from a raster of the ground",
    "import": "make routes of OpenStreetMap data, GIS files, GPX, GTFS, LandXML",
    "map": "draw one self-contained HTML map",
    "measure": "lengths, sections between stations, structures",
    "time": "running time of a train, and what each curve costs it",
}


class _Program(click.Group):
    """Commands by name; each one's module is imported only when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"geo_routes.cli.{name}_command")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="%(version)s")
def program() -> None:
    """Figures and maps of routes, from GeoJSON lines and station points.

    Exit codes: 0 done, 1 findings, 2 an input, an argument or the output place is unusable.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Parameters
    ----------
    arguments : sequence of str, optional
        Instead of ``sys.argv[1:]``.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    settle_streams()
    _start_lightly()
    # The default ends the process at once; an exception lets the temporary file be removed.
    signal.signal(signal.SIGTERM, _end_on_signal)
    sys.exit(_run(given))


def _start_lightly() -> None:
    """Keep what only long work needs from costing a short command half of its time."""
    # Nothing here does linear algebra: its library need not start a thread for each core.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Modules being imported leave no garbage; the collector would look for it all the same.
    gc.disable()


def _run(given: Sequence[str]) -> int:  # noqa: PLR0911 - each kind of trouble ends in its way
    try:
        result: Any = program.main(args=list(given), prog_name="geo-routes", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help(), err=True)
        return EXIT_UNUSABLE
    except click.ClickException as error:
        print_error(*_explain(error, given))
        return EXIT_UNUSABLE
    except GeoRoutesError as error:
        print_error(error.source, error.reason, error.remedy)
        return EXIT_UNUSABLE
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # Who reads us has seen enough (``| head``): that is no failure of ours.
        files.mute_output()
        return EXIT_DONE
    except MemoryError:
        print_error(None, "ran out of memory", "split the input")
        return EXIT_UNUSABLE
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            # The help and the version are printed by click.
            return _say_full(error)
        if os.environ.get(_DEBUG):
            raise
        reason = f"stopped on a fault of its own ({type(error).__name__}: {error})"
        print_error(None, reason, f"please report it; {_DEBUG}=1 shows where")
        return EXIT_UNUSABLE
    return _flush(result if isinstance(result, int) else EXIT_DONE)


def _flush(code: int) -> int:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        files.mute_output()
    except OSError as error:
        return _say_full(error)
    return code


def _say_full(error: OSError) -> int:
    refusal = files.unusable_stream(error)
    print_error(refusal.source, refusal.reason, refusal.remedy)
    return EXIT_UNUSABLE


def _explain(error: click.ClickException, given: Sequence[str]) -> tuple[str | None, str, str]:
    """Say what is wrong with the arguments: which one, why, and what to do."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "geo-routes"
    remedy = f"see {path} --help"
    if isinstance(error, click.NoSuchOption):
        word = next((a for a in given if a.startswith(error.option_name)), error.option_name)
        close = f"did you mean {error.possibilities[0]}? " if error.possibilities else ""
        return word, "no such option", f"{close}a file of that name is ./{word.lstrip('./')}"
    message = error.format_message().rstrip(".")
    if message.startswith("No such command"):
        word = next((a for a in given if repr(a) in message), "")
        import difflib  # noqa: PLC0415

        near = difflib.get_close_matches(word, _COMMANDS, n=1)
        remedy = f"did you mean {near[0]}?" if near else remedy
    return None, message[:1].lower() + message[1:], remedy


def _end_on_signal(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
