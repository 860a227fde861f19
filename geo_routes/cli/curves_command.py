"""``geo-routes curves``: the table of alignment elements."""

from __future__ import annotations

from typing import Any

import click

from geo_routes.alignment import Alignment, fit_alignment
from geo_routes.chainage import lay_ruler
from geo_routes.cli.inputs import input_arguments, people_options, read_inputs
from geo_routes.cli.lines import print_out
from geo_routes.formats.json_text import encode
from geo_routes.model import Route
from geo_routes.report import Stationing, Units, curves_csv, curves_row, curves_text, strict


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
    type=click.FloatRange(min=0, min_open=True, max=1_000),
    metavar="M",
    help="How far a vertex may be off, 1 sigma; before the route's own, or an estimate.",
)
@people_options
def command(
    inputs: tuple[str, ...],
    form: str,
    units: Units,
    stationing: Stationing,
    *,
    accuracy_m: float | None,
    as_json: bool,
) -> int:
    """List tangents, transitions and circular curves, with radii and their 95 % intervals.

    FILE is a GeoJSON file, a folder of them, or - for standard input.
    """
    form = "json" if as_json else form
    failed: list[str] = []
    rows: list[dict[str, Any]] = []
    fitted: list[tuple[Route, Alignment | None]] = []
    first = True
    for source, routes in read_inputs(inputs, verb="fitting", stations=False, failed=failed):
        for route in routes:
            alignment = _fit(route, accuracy_m)
            if form == "text":
                text = curves_text(
                    route, alignment, source=source, units=units, stationing=stationing
                )
                print_out(text if first else f"\n{text}")
                first = False
            elif form == "json":
                rows.append(curves_row(route, alignment))
            else:
                fitted.append((route, alignment))
    if form == "json":
        print_out(encode(strict({"routes": rows})))
    elif form == "csv":
        print_out(curves_csv(fitted))
    return 2 if failed else 0


def _fit(route: Route, accuracy_m: float | None) -> Alignment | None:
    if route.geometry_kind == "sketch":
        return None
    ruler = lay_ruler(route.lonlat, part_starts=route.part_starts)
    return fit_alignment(ruler, accuracy_m=accuracy_m or route.accuracy_m)
