"""``geo-routes map``: one self-contained HTML map, or a folder of them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from geo_routes import files
from geo_routes.checks import figures_to_judge
from geo_routes.cli.inputs import input_arguments, read_inputs
from geo_routes.cli.lines import print_error, print_out, print_warnings
from geo_routes.cli.outputs import refuse_inputs
from geo_routes.errors import GeoRoutesError, UnusableOutput
from geo_routes.formats.json_text import encode
from geo_routes.formats.route_file import remarks_of_file
from geo_routes.model import Finding, Route
from geo_routes.report import strict
from geo_routes.survey import Survey, measure

if TYPE_CHECKING:
    from geo_routes.running_time import Run

_INDEX = "index"
_PAGE_SUFFIXES = (".html", ".htm")


@click.command("map")
@input_arguments
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="OUT",
    help="An HTML file for all routes together; a folder for one map per FILE and an index; - for "
    "standard output.",
)
@click.option("--title", help="Heading of the page; by default the route's name.")
@click.option(
    "--language",
    type=click.Choice(["en", "de", "ja"]),
    default="en",
    show_default=True,
    help="Language of the page's own words.",
)
@click.option(
    "--colour",
    type=click.Choice(["structure", "curvature", "permitted_speed", "speed"]),
    default="structure",
    show_default=True,
    help="What the colour of the lines tells; for the curvature, tangents, transitions and curves "
    "are fitted to them; for speeds, the train of --train is run over them.",
)
@click.option("--train", metavar="NAME", help="Train for the colours of speeds; see `time`.")
@click.option("--standard", metavar="NAME", help="Limits of the line for that train; see `time`.")
@click.option(
    "--stops",
    default="all",
    show_default=True,
    metavar="all|ends|A,B",
    help="Where that train stops.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was drawn, as JSON.")
def command(
    inputs: tuple[str, ...],
    output: str,
    title: str | None,
    language: str,
    colour: Literal["structure", "curvature", "permitted_speed", "speed"],
    *,
    train: str | None,
    standard: str | None,
    stops: str,
    as_json: bool,
) -> int:
    """Draw routes on a map that anyone can open: one HTML file, complete in itself.

    FILE is a GeoJSON file, a folder of them, or - for standard input.
    """
    into_folder = _is_folder(output)
    if into_folder:
        _make_folder(output)
    else:
        files.check_output(output)
        refuse_inputs((*inputs, *(name for name in (train, standard) if name)), output)
    failed: list[str] = []
    options: dict[str, Any] = {"title": title, "language": language, "colour": colour}
    options["ran"] = _running(colour, train, standard, stops)
    drawn = (_draw_folder if into_folder else _draw_page)(inputs, output, options, failed)
    if as_json and output != files.STANDARD_STREAM:
        print_out(encode(strict({"maps": drawn})))
    elif output != files.STANDARD_STREAM:
        for row in drawn:
            print_out(f"{row['path']}: {row['routes']} route{'s' if row['routes'] != 1 else ''}")
    return 2 if failed else 0


def _draw_page(
    inputs: tuple[str, ...], output: str, options: dict[str, Any], failed: list[str]
) -> list[dict[str, Any]]:
    surveys: list[Survey | Run] = []
    for _, mine in _survey_inputs(inputs, failed, options.pop("ran")):
        surveys += mine
    if not surveys:
        return []
    from geo_routes.maps import draw  # noqa: PLC0415 - folium costs a second and a half

    draw(surveys, **options).save(output)
    return [{"path": output, "routes": len(surveys)}]


def _draw_folder(
    inputs: tuple[str, ...], output: str, options: dict[str, Any], failed: list[str]
) -> list[dict[str, Any]]:
    from geo_routes.maps import draw, draw_index  # noqa: PLC0415

    drawn: list[dict[str, Any]] = []
    entries: list[tuple[str, list[Survey]]] = []
    ran = options.pop("ran")
    taken = {_INDEX}
    for source, given in _survey_inputs(inputs, failed, ran):
        surveys = [getattr(x, "survey", x) for x in given]
        name = _page_name(source, taken)
        path = os.path.join(output, name)
        try:
            refuse_inputs(inputs, path)
            draw(given, **options).save(path)
        except GeoRoutesError as error:
            print_error(error.source or path, error.reason, error.remedy)
            failed.append(path)
            continue
        entries.append((name, surveys))
        drawn.append({"path": path, "routes": len(surveys)})
    if entries:
        index = os.path.join(output, f"{_INDEX}.html")
        refuse_inputs(inputs, index)
        draw_index(entries, title=options["title"], language=options["language"]).save(index)
        drawn.append({"path": index, "routes": sum(len(s) for _, s in entries)})
    return drawn


def _running(
    colour: str, train: str | None, standard: str | None, stops: str
) -> Callable[[Route], Run] | None:
    """Give what runs the train over a route, where the colour is that of a speed."""
    if colour not in ("permitted_speed", "speed"):
        if train is not None or standard is not None:
            message = "--train and --standard are for --colour permitted_speed and speed"
            raise click.UsageError(message)
        return None
    if train is None:
        message = f"--colour {colour} needs a --train"
        raise click.UsageError(message)
    from geo_routes.cli.time_command import split_variant  # noqa: PLC0415
    from geo_routes.running_time import run_train  # noqa: PLC0415
    from geo_routes.speed import survey_line  # noqa: PLC0415
    from geo_routes.standards import read_limits, read_train  # noqa: PLC0415

    own, variant = split_variant(train)
    known = read_train(own, variant=variant)
    limits = None if standard is None else read_limits(standard)
    wanted = stops if stops in ("all", "ends") else [s for s in stops.split(",") if s.strip()]

    def run(route: Route) -> Run:
        return run_train(survey_line(route), known, limits=limits, stops=wanted)

    return run


def _survey_inputs(
    inputs: tuple[str, ...], failed: list[str], ran: Callable[[Route], Run] | None
) -> Iterator[tuple[str, list[Any]]]:
    """Survey the routes of each source, or run a train over them."""
    for source, routes in read_inputs(inputs, verb="drawing", failed=failed):
        given: list[Any] = []
        seen: list[Finding] = [*remarks_of_file(routes)]
        for route in routes:
            try:
                one: Any = None if ran is None else ran(route)
                survey = (
                    measure(route, figures=figures_to_judge(route)) if one is None else one.survey
                )
            except GeoRoutesError as error:
                where = source if len(routes) == 1 else f"{source}: {route.label}"
                print_error(error.source or where, error.reason, error.remedy)
                failed.append(source)
                continue
            seen += [*survey.route.remarks, *survey.remarks, *getattr(one, "remarks", ())]
            given.append(one or survey)
        print_warnings(source, dict.fromkeys(seen))
        if given:
            yield source, given


def _is_folder(output: str) -> bool:
    if output == files.STANDARD_STREAM:
        return False
    if output.endswith(("/", os.sep)):
        return True
    # A folder that is named like a page is more likely a slip than a wish.
    return Path(output).is_dir() and not output.lower().endswith(_PAGE_SUFFIXES)


def _make_folder(output: str) -> None:
    try:
        Path(output).mkdir(exist_ok=True)
    except (OSError, ValueError) as error:
        reason = f"cannot be made a folder: {getattr(error, 'strerror', None) or error}"
        raise UnusableOutput(reason, remedy="choose another place", source=output) from error


def _page_name(source: str, taken: set[str]) -> str:
    """Make a file name of a source that is safe anywhere, and used by no other map."""
    stem = "map" if source == files.STANDARD_STREAM else Path(source).stem
    kept = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", stem)).strip("-.")[:80] or "map"
    name, number = kept, 2
    while name.lower() in taken:
        name, number = f"{kept}-{number}", number + 1
    taken.add(name.lower())
    return f"{name}.html"
