"""``geo-routes map``: one self-contained HTML map, or a folder of them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import click

from geo_routes import files
from geo_routes.checks import figures_to_judge
from geo_routes.cli.inputs import input_arguments, read_inputs
from geo_routes.cli.lines import print_error, print_out, print_warnings
from geo_routes.cli.outputs import refuse_inputs
from geo_routes.errors import GeoRoutesError, UnusableOutput
from geo_routes.formats.json_text import encode
from geo_routes.formats.route_file import remarks_of_file
from geo_routes.model import Finding
from geo_routes.report import strict
from geo_routes.survey import Survey, measure

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
    type=click.Choice(["structure", "curvature"]),
    default="structure",
    show_default=True,
    help="What the colour of the lines tells; for the curvature, tangents, transitions and curves "
    "are fitted to them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was drawn, as JSON.")
def command(
    inputs: tuple[str, ...],
    output: str,
    title: str | None,
    language: str,
    colour: Literal["structure", "curvature"],
    *,
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
        refuse_inputs(inputs, output)
    failed: list[str] = []
    options: dict[str, Any] = {"title": title, "language": language, "colour": colour}
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
    surveys: list[Survey] = []
    for _, mine in _survey_inputs(inputs, failed):
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
    taken = {_INDEX}
    for source, surveys in _survey_inputs(inputs, failed):
        name = _page_name(source, taken)
        path = os.path.join(output, name)
        try:
            refuse_inputs(inputs, path)
            draw(surveys, **options).save(path)
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


def _survey_inputs(
    inputs: tuple[str, ...], failed: list[str]
) -> Iterator[tuple[str, list[Survey]]]:
    for source, routes in read_inputs(inputs, verb="drawing", failed=failed):
        surveys = [measure(route, figures=figures_to_judge(route)) for route in routes]
        seen: list[Finding] = [*remarks_of_file(routes)]
        for survey in surveys:
            seen += [*survey.route.remarks, *survey.remarks]
        print_warnings(source, dict.fromkeys(seen))
        yield source, surveys


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
