"""The options of ``geo-routes time``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from geo_routes.cli.lines import print_out
from geo_routes.cli.ranges import NumberRange

F = TypeVar("F", bound=Callable[..., Any])
_FASTEST_KMH = 3_000


def _speed(name: str, parameter: str, help_text: str) -> Callable[[F], F]:
    return click.option(
        name,
        parameter,
        type=NumberRange(min=0, min_open=True, max=_FASTEST_KMH),
        metavar="KMH",
        help=help_text,
    )


def time_options(command: F) -> F:
    """Give a command the options of a run."""
    options = (
        click.option(
            "--train",
            "trains",
            multiple=True,
            metavar="NAME",
            help="Train, by its name or a TOML file of yours; NAME@VARIANT for one of its "
            "variants. May be given again.",
        ),
        click.option(
            "--variants", is_flag=True, help="Run each train in all variants that its sources tell."
        ),
        click.option(
            "--list-trains",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_list,
            help="List trains and standards with their figures and sources.",
        ),
        click.option(
            "--standard",
            metavar="NAME",
            help="Limits of the line, by name or a TOML file of yours; by default the usual ones "
            "of railways, and the German law for a maglev.",
        ),
        click.option(
            "--stops",
            default="all",
            show_default=True,
            metavar="all|ends|A,B",
            help="Where the train stops.",
        ),
        click.option(
            "--dwell",
            default="0s",
            show_default=True,
            metavar="TIME",
            help="At each stop on the way, as 60s or 1.5min.",
        ),
        click.option(
            "--allowance",
            metavar="5%|3min/100km",
            help="What the timetable adds to the minimum running time.",
        ),
        click.option(
            "--reverse", "backwards", is_flag=True, help="Run from the last station to the first."
        ),
        click.option("--mode", help="Mode of the route, instead of its own."),
        click.option(
            "--gauge",
            "gauge_mm",
            type=NumberRange(min=300, max=3_500),
            metavar="MM",
            help="Gauge of the rails, instead of the route's own.",
        ),
        _speed("--max-speed", "max_speed_kmh", "Of the line, instead of the declared one."),
        _speed("--tunnel-speed", "tunnel_speed_kmh", "Through every tunnel."),
        _speed("--station-speed", "station_speed_kmh", "Past every station without a stop."),
        click.option(
            "--ease",
            "eased_m",
            type=NumberRange(min=0, min_open=True, max=1e6),
            metavar="RADIUS",
            help="Tell what easing each sharper curve to this radius would save.",
        ),
        click.option(
            "--accuracy",
            "accuracy_m",
            type=NumberRange(min=0, min_open=True, max=1_000),
            metavar="M",
            help="How far a vertex may be off, 1 sigma; before the route's own, or an estimate.",
        ),
        click.option(
            "--correlation",
            "correlation_m",
            type=NumberRange(min=0, min_open=True, max=100_000),
            metavar="M",
            help="Over which way neighbours share what they are off; needs an accuracy.",
        ),
        click.option(
            "--step",
            "step_m",
            type=NumberRange(min=1, max=10_000),
            default=100.0,
            show_default=True,
            metavar="M",
            help="Over how much of the line gradients are taken, where there are heights.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(["text", "csv", "json"]),
            default="text",
            show_default=True,
            help="How it is written; CSV is speed over chainage.",
        ),
        click.option(
            "--plot",
            metavar="OUT.svg",
            help="Draw speed over chainage too, as SVG; - writes that alone to standard output.",
        ),
        click.option("--ttobench", metavar="OUT.json", help="Write the track as TTOBench has it."),
        click.option(
            "--running-path",
            metavar="OUT.yaml",
            help="Write the line as a running path of railtoolkit, which TrainRuns.jl reads.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _list(context: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001
    """Print trains and standards with all of their figures, and end."""
    if not asked or context.resilient_parsing:
        return
    from geo_routes.report.standards import standards_text  # noqa: PLC0415

    print_out(standards_text())
    context.exit(0)
