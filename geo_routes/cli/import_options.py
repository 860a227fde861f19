"""The options of ``import``, and recipes: files that hold them for next year."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from geo_routes import files
from geo_routes.cli.ranges import NumberRange
from geo_routes.errors import InvalidNoun, MalformedFile

F = TypeVar("F", bound=Callable[..., Any])

_MOST_BYTES = 1_000_000
# What is said anew each time: which files, where to, and what to print.
_NOT_KEPT = ("inputs", "output", "recipe", "save_recipe", "listing", "explain", "as_json", "help")
_OSM = (
    click.option("--relation", metavar="ID|NAME", help="OSM: members of this relation."),
    click.option("--way-name", metavar="NAME", help="Ways of this name, in any language."),
    click.option("--ref", metavar="REF", help="Ways, or a GTFS route, of this number."),
    click.option("--railway", metavar="VALUE", help="Ways of this railway=*, such as rail."),
    click.option("--usage", metavar="VALUE", help="Ways of this usage=*, such as main."),
    click.option("--highspeed", is_flag=True, help="Ways tagged highspeed=yes."),
    click.option("--from", "origin", metavar="STATION", help="Station where the line begins."),
    click.option("--to", "terminus", metavar="STATION", help="Station where the line ends."),
    click.option(
        "--axis",
        type=click.Choice(["track", "centreline"]),
        default="track",
        show_default=True,
        help="Of two tracks follow one, or the middle between both.",
    ),
    click.option(
        "--gap-tolerance",
        type=NumberRange(min=0, max=100_000),
        default=50.0,
        show_default=True,
        metavar="M",
        help="Bridge gaps up to this many metres.",
    ),
)
_GIS = (
    click.option("--layer", multiple=True, metavar="NAME", help="GIS: this layer; repeatable."),
    click.option(
        "--where", multiple=True, metavar="FIELD=VALUE", help="GIS: records with it; or !=."
    ),
    click.option(
        "--field", multiple=True, metavar="MEMBER=FIELD", help="GIS: this field holds a member."
    ),
    click.option("--by", metavar="FIELD", help="GIS: one route for each value of this field."),
    click.option("--each", is_flag=True, help="GIS: each line, as it stands, is a route."),
    click.option("--crs", metavar="CODE", help="Reference system, such as EPSG:31468."),
    click.option(
        "--datum",
        type=click.Choice(["tokyo", "gcj02"]),
        help="GIS: degrees on the Tokyo datum, or shifted as Chinese maps are.",
    ),
    click.option("--encoding", metavar="NAME", help="GIS: of the text, such as cp850."),
    click.option("--swap-xy", is_flag=True, help="GIS: the file gives north before east."),
    click.option("--join-points", is_flag=True, help="GIS: points are the vertices of a line."),
    click.option(
        "--allow-ballpark", is_flag=True, help="Take a transformation of unknown accuracy too."
    ),
    click.option(
        "--allow-outside", is_flag=True, help="Take places far outside their system's area too."
    ),
)
_OTHERS = (
    click.option(
        "--heights", multiple=True, metavar="DEM.tif", help="GeoTIFF to take heights from."
    ),
    click.option("--height-datum", metavar="NAME", help="What these heights are counted from."),
    click.option("--stops", is_flag=True, help="GPX: stations where the traveller stood."),
    click.option(
        "--direction", type=click.Choice(["0", "1"]), help="GTFS: trips of this direction."
    ),
    click.option("--alignment", metavar="NAME", help="LandXML: this alignment; OpenDRIVE: road."),
    click.option(
        "--step",
        "step_m",
        type=NumberRange(min=0.01, max=1000),
        metavar="M",
        help="LandXML, OpenDRIVE: a vertex every so many metres.",
    ),
)


def _load(context: click.Context, _option: click.Parameter, path: str | None) -> None:
    if context.resilient_parsing or not path:
        return
    try:
        data = files.read_bytes(path, max_bytes=_MOST_BYTES)
        said = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        if isinstance(error, MalformedFile):
            raise
        reason = f"is no TOML: {error}"
        raise MalformedFile(reason, remedy="correct it, or save the recipe anew",
                            source=path) from error  # fmt: skip
    known = _by_flag(context.command)
    defaults: dict[str, Any] = {}
    for key, value in said.items():
        option = known.get(key.replace("_", "-"))
        if option is None or option.name is None:
            reason = f"has {key[:60]!r}, which is none of {', '.join(sorted(known))}"
            raise MalformedFile(reason, remedy="correct or remove it", source=path)
        defaults[option.name] = _checked(context, option, value, (key, path))
    context.default_map = defaults


def _by_flag(command: click.Command) -> dict[str, click.Option]:
    return {
        flag.removeprefix("--"): option
        for option in command.params
        if isinstance(option, click.Option) and option.name not in _NOT_KEPT
        for flag in option.opts
    }


def _checked(
    context: click.Context,
    option: click.Option,
    value: Any,  # noqa: ANN401 - whatever TOML holds
    where: tuple[str, str],
) -> Any:  # noqa: ANN401 - whatever an option takes
    """Take a value of the recipe as the option would take it from the command line."""
    from geo_routes.formats.gis.asking import Condition, parse_fields  # noqa: PLC0415

    key, path = where
    given, wanted = _given(option, key, value)
    if given is None:
        reason = f"has {key!r} as {type(value).__name__}, expected {wanted}"
        raise MalformedFile(reason, remedy="correct it", source=path)
    try:
        taken = option.type_cast_value(context, given)
        if option.name == "where":
            for text in taken:
                Condition.parse(text)
        if option.name == "field":
            parse_fields(taken)
    except click.BadParameter as error:
        reason = f"has {key!r} that cannot be taken: {error.message.rstrip('.')}"
        raise MalformedFile(reason, remedy="correct it", source=path) from error
    except InvalidNoun as error:
        reason = f"has {key!r} that cannot be taken: {error.reason}"
        raise MalformedFile(reason, remedy=error.remedy, source=path) from error
    return taken


def _given(option: click.Option, key: str, value: Any) -> tuple[Any, str]:  # noqa: ANN401
    """Give a value if it is of the option's type, and what is expected."""
    if option.multiple:
        if key == "field" and type(value) is dict:
            value = [f"{k}={v}" for k, v in value.items()]
        fits = type(value) is list and all(type(v) is str for v in value)
        return (tuple(value) if fits else None), "a list of text"
    if option.is_flag:
        return (value if type(value) is bool else None), "true or false"
    if isinstance(option.type, NumberRange):
        fits = isinstance(value, int | float) and type(value) is not bool
        return (value if fits else None), "a number"
    return (value if type(value) is str else None), "text"


_RECIPE = (
    click.option(
        "--recipe",
        metavar="FILE.toml",
        is_eager=True,
        expose_value=False,
        callback=_load,
        help="Take options from this file; those given here go before.",
    ),
    click.option("--save-recipe", metavar="FILE.toml", help="Keep the options for next time."),
)


def import_options(command: F) -> F:
    """Give a command the options that say what to take of its inputs, and recipes."""
    for option in reversed((*_OSM, *_GIS, *_OTHERS, *_RECIPE)):
        command = option(command)
    return command


def recipe_text(context: click.Context) -> str:
    """Write the options that were given as a recipe.

    Examples
    --------
    >>> print(_toml("field", ("name=NAMN",)))
    field = {"name" = "NAMN"}
    """
    given = (ParameterSource.COMMANDLINE, ParameterSource.DEFAULT_MAP)
    lines = ["# Options of `geo-routes import`, for --recipe."]
    for flag, option in _by_flag(context.command).items():
        if option.name and context.get_parameter_source(option.name) in given:
            lines.append(_toml(flag, context.params[option.name]))
    return "\n".join(lines) + "\n"


def _toml(flag: str, value: Any) -> str:  # noqa: ANN401 - whatever an option takes
    if flag == "field":
        pairs = (pair.partition("=") for pair in value)
        inner = ", ".join(f"{_quoted(k.strip())} = {_quoted(v)}" for k, _, v in pairs)
        return f"{flag} = {{{inner}}}"
    if isinstance(value, tuple):
        return f"{flag} = [{', '.join(_quoted(v) for v in value)}]"
    if isinstance(value, bool):
        return f"{flag} = {str(value).lower()}"
    return f"{flag} = {value!r}" if isinstance(value, float) else f"{flag} = {_quoted(value)}"


def _quoted(text: str) -> str:
    """Write text as TOML does: as JSON, but for the one sign that JSON lets stand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def given_of(asked: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Give those of the options that were given."""
    return {n: asked[n] for n in names if asked[n] not in (None, (), False)}
