"""``geo-routes measure``: figures of routes."""

from __future__ import annotations

from typing import Any

import click

from geo_routes.cli.inputs import input_arguments, people_options, read_inputs
from geo_routes.cli.lines import print_out, print_warnings
from geo_routes.formats.json_text import encode
from geo_routes.formats.route_file import remarks_of_file
from geo_routes.model import Finding
from geo_routes.report import (
    Stationing,
    Units,
    finding_row,
    measure_text,
    route_figures,
    strict,
)
from geo_routes.survey import FIGURES, USUAL_FIGURES, Figure, measure


def _choose_figures(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[str, ...] | None:
    if value is None:
        return None
    chosen = tuple(word.strip() for word in value.split(","))
    unknown = [word for word in chosen if word not in FIGURES]
    if unknown:
        message = f"{unknown[0]!r} is not one of {', '.join(FIGURES)}"
        raise click.BadParameter(message)
    return chosen


@click.command("measure")
@input_arguments
@click.option(
    "--figures",
    callback=_choose_figures,
    metavar="LIST",
    help=f"Which of {', '.join(FIGURES)}, separated by commas; what is left out costs nothing. "
    "Without it all, but that people are not kept waiting for the alignment.",
)
@people_options
def command(
    inputs: tuple[str, ...],
    figures: tuple[Figure, ...] | None,
    units: Units,
    stationing: Stationing,
    *,
    as_json: bool,
) -> int:
    """Measure routes: lengths, sections between stations, structures.

    FILE is a GeoJSON file, a folder of them, or - for standard input.
    """
    figures = figures or (FIGURES if as_json else USUAL_FIGURES)
    failed: list[str] = []
    rows: list[dict[str, Any]] = []
    findings: list[Finding] = []
    first = True
    for source, routes in read_inputs(
        inputs, verb="measuring", stations="sections" in figures, failed=failed
    ):
        seen: list[Finding] = [*remarks_of_file(routes)]
        for route in routes:
            survey = measure(route, figures=figures)
            seen += [*route.remarks, *survey.remarks]
            if as_json:
                rows.append(route_figures(survey, figures=figures))
                continue
            text = measure_text(
                survey, source=source, figures=figures, units=units, stationing=stationing
            )
            print_out(text if first else f"\n{text}")
            first = False
        if not as_json:
            print_warnings(source, dict.fromkeys(seen))
        findings += dict.fromkeys(seen)
    if as_json:
        document = {"routes": rows, "findings": [finding_row(f) for f in findings]}
        print_out(encode(strict(document)))
    return 2 if failed else 0
