"""``geo-routes curves``: the table of alignment elements, and a plot of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import click

from geo_routes import files
from geo_routes.alignment import Alignment, fit_alignment
from geo_routes.chainage import lay_ruler
from geo_routes.cli.inputs import input_arguments, people_options, read_inputs
from geo_routes.cli.lines import print_out
from geo_routes.cli.outputs import refuse_inputs
from geo_routes.cli.ranges import NumberRange
from geo_routes.formats.json_text import encode
from geo_routes.model import Route
from geo_routes.report import (
    PlottedRoute,
    Stationing,
    Units,
    curvature_svg,
    curves_csv,
    curves_row,
    curves_text,
    strict,
)
from geo_routes.survey import Figure, LocatedStation, measure

_Noise = tuple[float | None, float | None]


@click.command("curves")
@input_arguments
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
    help="How the table is written.",
)
@click.option(
    "--accuracy",
    "accuracy_m",
    type=NumberRange(min=0, min_open=True, max=1_000),
    metavar="M",
    help="How far a vertex may be off, 1 sigma; before the route's own, or an estimate.",
)
@click.option(
    "--correlation",
    "correlation_m",
    type=NumberRange(min=0, min_open=True, max=100_000),
    metavar="M",
    help="Over which way neighbours share what they are off; needs --accuracy.",
)
@click.option(
    "--plot",
    metavar="OUT.svg",
    help="Draw curvature over chainage too, as SVG; - writes that alone to standard output.",
)
@people_options
def command(
    inputs: tuple[str, ...],
    form: str,
    plot: str | None,
    units: Units,
    stationing: Stationing,
    *,
    accuracy_m: float | None,
    correlation_m: float | None,
    as_json: bool,
) -> int:
    """List tangents, transitions and circular curves, with radii and their 95 % intervals.

    FILE is a GeoJSON file, a folder of them, or - for standard input.
    """
    if correlation_m is not None and accuracy_m is None:
        message = "--correlation says nothing without --accuracy"
        raise click.UsageError(message)
    form = "json" if as_json else form
    if plot is not None:
        files.check_output(plot)
        form = "none" if plot == files.STANDARD_STREAM else form
    failed: list[str] = []
    panels: list[PlottedRoute] = []
    first = True
    for source, panel in _fit_inputs(inputs, plot, failed, noise_m=(accuracy_m, correlation_m)):
        if form == "text":
            text = curves_text(
                panel.route, panel.alignment, source=source, units=units, stationing=stationing
            )
            print_out(text if first else f"\n{text}")
            first = False
        if form != "text" or plot is not None:
            panels.append(panel)
    if form == "json":
        rows = [curves_row(panel.route, panel.alignment) for panel in panels]
        print_out(encode(strict({"routes": rows})))
    elif form == "csv":
        print_out(curves_csv([(panel.route, panel.alignment) for panel in panels]))
    if plot is not None and panels:
        svg = curvature_svg(panels, units=units, stationing=stationing)
        files.write_whole(plot, svg.encode())
    return 2 if failed else 0


def _fit_inputs(
    inputs: tuple[str, ...], plot: str | None, failed: list[str], *, noise_m: _Noise
) -> Iterator[tuple[str, PlottedRoute]]:
    """Fit route after route; a plot shows stations too, and overwrites no input."""
    drawn = plot is not None
    if plot is not None:
        refuse_inputs(inputs, plot)
    for source, routes in read_inputs(inputs, verb="fitting", stations=drawn, failed=failed):
        if plot is not None:
            refuse_inputs((source,), plot)
        for route in routes:
            panel = PlottedRoute(route=route, alignment=_fit(route, *noise_m))
            if drawn:
                survey = measure(route, figures=["sections"])
                panel = replace(panel, stations=survey.stations)
            yield source, panel


def _stations(route: Route) -> tuple[LocatedStation, ...]:
    sections: tuple[Figure, ...] = ("sections",)
    return measure(route, figures=sections).stations


def _fit(route: Route, accuracy_m: float | None, correlation_m: float | None) -> Alignment | None:
    if route.geometry_kind == "sketch":
        return None
    ruler = lay_ruler(route.lonlat, part_starts=route.part_starts)
    return fit_alignment(
        ruler, accuracy_m=accuracy_m or route.accuracy_m, correlation_m=correlation_m
    )
