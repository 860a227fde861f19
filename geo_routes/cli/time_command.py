"""``geo-routes time``: running time of a train, and the seconds that each curve costs."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from geo_routes import files
from geo_routes.chainage import reverse
from geo_routes.cli.inputs import input_arguments, people_options, read_inputs
from geo_routes.cli.lines import print_error, print_out, print_warnings
from geo_routes.cli.outputs import refuse_inputs
from geo_routes.cli.time_options import time_options
from geo_routes.errors import GeoRoutesError, InvalidNoun, UnusableOutput
from geo_routes.formats.json_text import encode
from geo_routes.model import Route
from geo_routes.report import Stationing, Units, strict

if TYPE_CHECKING:
    from geo_routes.running_time import Allowance, Cost, Run
    from geo_routes.standards import Limits, Train

_SHARE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%")
_PER_WAY = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*min\s*/\s*100\s*km")
_DWELL = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(s|min)?")


@click.command("time")
@input_arguments
@time_options
@people_options
def command(
    inputs: tuple[str, ...],
    units: Units,
    stationing: Stationing,
    *,
    as_json: bool,
    form: str,
    plot: str | None,
    ttobench: str | None,
    running_path: str | None,
    **asked: Any,  # noqa: ANN401 - what the options of time_options say
) -> int:
    """Reckon the running time of a train from the shape of the line, with its range.

    FILE is a GeoJSON file, a folder of them, or - for standard input. Each figure of trains and
    limits has its source, or is an assumption with a range; --list-trains shows them.
    """
    form = "json" if as_json else form
    outputs = [name for name in (plot, ttobench, running_path) if name is not None]
    _check_outputs(
        (*inputs, *asked["trains"], *([asked["standard"]] if asked["standard"] else [])), outputs
    )
    form = "none" if files.STANDARD_STREAM in outputs else form
    trains = _trains(asked)
    limits = _limits(asked)
    options = _run_options(asked)
    failed: list[str] = []
    runs: list[tuple[Run, tuple[Cost, ...]]] = []
    first = True
    for source, run, costs in _runs(inputs, trains, limits, options, asked, failed):
        refuse_inputs_of = [name for name in outputs if name != files.STANDARD_STREAM]
        for name in refuse_inputs_of:
            refuse_inputs((source,), name)
        runs.append((run, costs))
        if form == "text":
            from geo_routes.report.times import time_text  # noqa: PLC0415

            text = time_text(run, costs, source=source, units=units, stationing=stationing)
            print_out(text if first else f"\n{text}")
            first = False
        if form != "json":
            print_warnings(source, _findings(run))
    _write(runs, form, units, stationing, plot=plot, ttobench=ttobench, running_path=running_path)
    if failed:
        return 2
    return int(any(_is_impossible(run) for run, _ in runs))


def _check_outputs(inputs: tuple[str, ...], outputs: list[str]) -> None:
    if len({os.path.realpath(name) for name in outputs}) < len(outputs):
        reason = "is named for two things at once"
        raise UnusableOutput(reason, remedy="name another file", source=outputs[-1])
    for name in outputs:
        files.check_output(name)
        refuse_inputs(inputs, name)


def split_variant(name: str) -> tuple[str, str]:
    """Part a train's name from its variant; a file of that whole name is meant as it stands."""
    if "@" not in name or os.path.exists(name):
        return name, ""
    own, _, variant = name.rpartition("@")
    return own, variant


def _trains(asked: dict[str, Any]) -> list[Train]:
    from geo_routes.standards import read_train, read_trains  # noqa: PLC0415

    names = asked.pop("trains")
    if not names:
        message = "no train is named"
        raise InvalidNoun(message, remedy="give --train NAME; --list-trains shows them")
    found: list[Train] = []
    variants = asked.pop("variants")
    for name in names:
        own, variant = split_variant(name)
        found += (
            read_trains(own) if variants and not variant else [read_train(own, variant=variant)]
        )
    return found


def _limits(asked: dict[str, Any]) -> Limits | None:
    from geo_routes.standards import read_limits  # noqa: PLC0415

    name = asked.pop("standard")
    return None if name is None else read_limits(name)


def _run_options(asked: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments of a run that the options say."""
    stops = asked.pop("stops")
    if stops not in ("all", "ends"):
        stops = [name.strip() for name in stops.split(",") if name.strip()]
    return {
        "stops": stops,
        "dwell_s": _dwell_s(asked.pop("dwell")),
        "allowance": _allowance(asked.pop("allowance")),
        "gauge_mm": asked.pop("gauge_mm"),
        "max_speed_kmh": asked.pop("max_speed_kmh"),
        "tunnel_speed_kmh": asked.pop("tunnel_speed_kmh"),
        "station_speed_kmh": asked.pop("station_speed_kmh"),
        "step_m": asked.pop("step_m"),
    }


def _allowance(text: str | None) -> Allowance | None:
    from geo_routes.running_time import Allowance  # noqa: PLC0415

    if text is None:
        return None
    share, per_way = _SHARE.fullmatch(text.strip()), _PER_WAY.fullmatch(text.strip())
    if share:
        return Allowance(share=float(share[1]) / 100)
    if per_way:
        return Allowance(s_per_m=float(per_way[1]) * 60 / 100_000)
    message = f"the allowance {text!r} is none"
    raise InvalidNoun(message, remedy="give it as 5% or 3min/100km", value=text)


def _dwell_s(text: str) -> float:
    match = _DWELL.fullmatch(text.strip())
    if match is None or not math.isfinite(float(match[1])):
        message = f"the dwell {text!r} is none"
        raise InvalidNoun(message, remedy="give it as 60s or 1.5min", value=text)
    return float(match[1]) * (60 if match[2] == "min" else 1)


def _runs(
    inputs: tuple[str, ...],
    trains: list[Train],
    limits: Limits | None,
    options: dict[str, Any],
    asked: dict[str, Any],
    failed: list[str],
) -> Iterator[tuple[str, Run, tuple[Cost, ...]]]:
    """Run each train over each route; a route that none can run over gets its line."""
    from geo_routes.running_time import rank_costs, run_train  # noqa: PLC0415
    from geo_routes.speed import survey_line  # noqa: PLC0415

    for source, routes in read_inputs(inputs, verb="timing", failed=failed):
        for route in routes:
            where = source if len(routes) == 1 else f"{source}: {route.label}"
            try:
                survey = survey_line(
                    _as_asked(route, asked),
                    accuracy_m=asked["accuracy_m"],
                    correlation_m=asked["correlation_m"],
                )
            except GeoRoutesError as error:
                print_error(error.source or where, error.reason, error.remedy)
                failed.append(source)
                continue
            reasons: set[str] = set()
            for train in trains:
                try:
                    run = run_train(survey, train, limits=limits, **options)
                    costs = rank_costs(run, eased_m=asked["eased_m"])
                except GeoRoutesError as error:
                    if error.reason not in reasons:  # what is wrong with the line is said once
                        print_error(error.source or where, error.reason, error.remedy)
                    reasons.add(error.reason)
                    failed.append(source)
                    continue
                yield source, run, costs


def _as_asked(route: Route, asked: dict[str, Any]) -> Route:
    if asked["mode"] is not None:
        route = replace(route, mode=asked["mode"])
    return reverse(route) if asked["backwards"] else route


def _findings(run: Run) -> tuple[Any, ...]:
    from geo_routes.running_time import check_timetable  # noqa: PLC0415

    return (*run.survey.remarks, *run.remarks, *check_timetable(run))


def _is_impossible(run: Run) -> bool:
    from geo_routes.running_time import judge_timetable  # noqa: PLC0415

    verdict = judge_timetable(run)
    return verdict is not None and verdict.outcome == "impossible"


def _write(
    runs: list[tuple[Run, tuple[Cost, ...]]],
    form: str,
    units: Units,
    stationing: Stationing,
    *,
    plot: str | None,
    ttobench: str | None,
    running_path: str | None,
) -> None:
    from geo_routes.report import times  # noqa: PLC0415

    if (ttobench or running_path) and runs:
        _only(runs)  # before anything is written
    apart = times.disagreements([run for run, _ in runs])
    if form == "json":
        rows = {
            "runs": [times.time_row(run, costs) for run, costs in runs],
            "disagreements": [times.disagreement_row(*pair) for pair in apart],
        }
        print_out(encode(strict(rows)))
    elif form == "text" and apart:
        print_out("\n" + "\n".join(times.disagreement_text(*pair) for pair in apart))
    elif form == "csv":
        print_out(times.times_csv([run for run, _ in runs]))
    if plot is not None and runs:
        from geo_routes.report.speed_plot import speed_svg  # noqa: PLC0415

        svg = speed_svg([run for run, _ in runs], units=units, stationing=stationing)
        files.write_whole(plot, svg.encode())
    if (ttobench or running_path) and runs:
        from geo_routes import exports  # noqa: PLC0415

        if ttobench is not None:
            exports.write_ttobench(_only(runs), ttobench)
        if running_path is not None:
            exports.write_running_path(_only(runs), running_path)


def _only(runs: list[tuple[Run, tuple[Cost, ...]]]) -> Run:
    if len(runs) != 1:
        reason = f"a track of another program is that of one run, and there are {len(runs)} runs"
        raise UnusableOutput(reason, remedy="give one route and one train")
    return runs[0][0]
