"""Settings of a project: ``geo-routes.toml``, or the table ``[tool.geo-routes]``."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click

from geo_routes import files
from geo_routes.errors import InvalidNoun, MalformedFile

F = TypeVar("F", bound=Callable[..., Any])

_OWN = "geo-routes.toml"
_SHARED = "pyproject.toml"
_MOST_BYTES = 1_000_000
# What a project may settle once; which files, and what to write, is said each time.
_SETTABLE = {"select", "ignore", "fail-on", "tolerance", "units", "stationing", "format"}


def settings_option(command: F) -> F:
    """Give a command the option ``--config``, and its other options defaults from that file."""
    return click.option(
        "--config",
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_apply,
        help="Take defaults from this TOML file; otherwise from geo-routes.toml, or the table "
        "[tool.geo-routes] of pyproject.toml, in the current folder. --config '' takes none.",
    )(command)


def _apply(context: click.Context, _option: click.Parameter, path: str | None) -> None:
    if context.resilient_parsing or path == "":
        return
    settings, source = _find(path)
    names = {
        flag.removeprefix("--"): option
        for option in context.command.params
        for flag in option.opts
        if flag.removeprefix("--") in _SETTABLE
    }
    defaults: dict[str, Any] = {}
    for key, value in settings.items():
        option = names.get(key.replace("_", "-"))
        if option is None or option.name is None:
            reason = f"has the setting {key!r}, which is none of {', '.join(sorted(_SETTABLE))}"
            raise MalformedFile(reason, remedy="correct or remove it", source=source)
        if option.name in defaults:
            reason = f"has the setting {key!r} twice, with - and with _"
            raise MalformedFile(reason, remedy="keep one of them", source=source)
        defaults[option.name] = _taken(context, option, value, (key, source))
    context.default_map = defaults


def _taken(
    context: click.Context, option: click.Parameter, value: object, where: tuple[str, str]
) -> object:
    """Take a value as the option would take it from the command line."""
    key, source = where
    try:
        taken: object = option.type_cast_value(context, _checked(key, value, source))
        if option.name in ("select", "ignore"):
            from geo_routes.checks import choose_findings  # noqa: PLC0415

            choose_findings((), select=cast("tuple[str, ...]", taken))
    except click.BadParameter as error:
        reason = f"has the setting {key!r} that cannot be taken: {error.message}"
        raise MalformedFile(reason.rstrip("."), remedy="correct it", source=source) from error
    except InvalidNoun as error:
        reason = f"has the setting {key!r} that cannot be taken: {error.reason}"
        raise MalformedFile(reason, remedy=error.remedy, source=source) from error
    return taken


def _checked(key: str, value: object, source: str) -> object:
    if key in ("select", "ignore"):
        if isinstance(value, list) and all(type(v) is str and v.strip() for v in value):
            return tuple(value)
        wanted = "a list of codes"
    elif key == "tolerance":
        if isinstance(value, int | float) and type(value) is not bool and 0 <= value < math.inf:
            return value
        wanted = "a number of 0 or more"
    elif type(value) is str:
        return value
    else:
        wanted = "text"
    reason = f"has the setting {key!r} as {type(value).__name__}, expected {wanted}"
    raise MalformedFile(reason, remedy="correct it", source=source)


def _find(path: str | None) -> tuple[dict[str, Any], str]:
    if path is not None:
        return _read(path), path
    # Only the current folder: a file further up is somebody else's.
    for name in (_OWN, _SHARED):
        if os.path.lexists(name):
            settings = _read(name)
            if settings or name == _OWN:
                return settings, name
    return {}, _OWN


def _read(path: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(files.read_bytes(path, max_bytes=_MOST_BYTES).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # an integer of 5,000 digits is one too
        reason = f"is no TOML: {error}"
        raise MalformedFile(reason, remedy="correct it, or name another with --config",
                            source=path) from error  # fmt: skip
    tool = document.get("tool")
    if os.path.basename(path) == _SHARED or type(tool) is dict:
        table = tool.get("geo-routes", {}) if type(tool) is dict else {}
        if type(table) is not dict:
            reason = "has tool.geo-routes, which is no table"
            raise MalformedFile(reason, remedy="write [tool.geo-routes]", source=path)
        return table
    return document
