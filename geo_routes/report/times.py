"""Running times as text for people, JSON values for programs and CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from geo_routes.chainage import Stationing
from geo_routes.errors import visible
from geo_routes.report.curves import say_radius
from geo_routes.report.findings import finding_row
from geo_routes.report.saying import MILE_M, Units, say_chainage, say_length
from geo_routes.report.standards import limit_figures
from geo_routes.running_time import Cost, Run, TimetableVerdict, check_timetable, judge_timetable
from geo_routes.standards import Figure, as_published

_KWH_J = 3.6e6
_KMH = 3.6
_MOST_COSTS = 15
_COLUMNS = ("route", "train", "variant", "chainage_m", "speed_kmh", "permitted_kmh")
_CAUSES = {
    "curve": "curve",
    "transition": "transition",
    "vertical_curve": "vertical curve",
    "line_limit": "limit of the line",
    "declared": "top speed of the line",
    "tunnel": "tunnel",
    "station": "station",
    "stop": "stop",
}
_WAYS = {
    "line": "along the line",
    "kilometres": "by the official kilometres",
    "declared": "by the declared length",
}


def say_time(seconds: float) -> str:
    """Say a time.

    Examples
    --------
    >>> say_time(7545.2), say_time(440.0), say_time(-59.6)
    ('2 h 05 min 45 s', '7 min 20 s', '-1 min 00 s')
    """
    sign = "-" if round(seconds) < 0 else ""
    minutes, rest = divmod(abs(round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{f'{hours} h {minutes:02d}' if hours else minutes} min {rest:02d} s"


def time_text(
    run: Run,
    costs: Sequence[Cost],
    *,
    source: str,
    units: Units = "km",
    stationing: Stationing = "12.345",
) -> str:
    """Write a run for people, line by line."""
    return "\n".join(_lines(run, costs, source, units, stationing))


def _lines(
    run: Run, costs: Sequence[Cost], source: str, units: Units, stationing: Stationing
) -> Iterator[str]:
    def place(chainage_m: float) -> str:
        return say_chainage(chainage_m, stationing=stationing, units=units)

    yield f"{visible(run.survey.route.label, most=120)}  ({visible(source, most=160)})"
    yield f"  train      {train_title(run)}"
    yield f"  limits     {visible(run.limits.name, most=80)}"
    yield f"  way        {say_length(run.way_m, units=units)}, {_WAYS[run.distance]}"
    yield f"  gradients  {_gradients(run)}"
    yield f"  tunnels    {_tunnels(run)}"
    span = f"{say_time(run.low_s)} to {say_time(run.high_s)}"
    yield f"  minimum    {say_time(run.minimum_s)}  ({span})"
    if run.dwell_s:
        count = len(run.stops) - 2
        yield f"  dwell      {say_time(run.dwell_s)}, {count} stop{'s' if count != 1 else ''}"
    if run.allowance_s:
        yield f"  allowance  {say_time(run.allowance_s)}"
    if run.dwell_s or run.allowance_s:
        yield f"  total      {say_time(run.total_s)}"
    yield f"  mean speed {_speed(run.way_m / run.minimum_s, units)}"
    spent = run.energy
    back = ""
    if spent.regenerated_j is not None:
        back = f", of which {spent.regenerated_j / _KWH_J:,.0f} kWh could be given back"
    yield (
        f"  energy     {spent.traction_j / _KWH_J:,.0f} kWh at the wheel; braking takes "
        f"{spent.braking_j / _KWH_J:,.0f} kWh{back}"
    )
    verdict = judge_timetable(run)
    if verdict is not None:
        yield from _verdict_lines(verdict)
    if len(run.legs) > 1:
        yield f"  legs       {len(run.legs)}"
        for leg in run.legs:
            names = f"{_name(leg.origin)} to {_name(leg.terminus)}"
            span = f"{say_time(leg.low_s)} to {say_time(leg.high_s)}"
            yield f"    {say_time(leg.minimum_s):>15}  {names}  ({span})"
    yield from _cost_lines(costs, units, place)
    yield from _assumption_lines(run)
    yield from _note_lines(run)


def _note_lines(run: Run) -> Iterator[str]:
    for finding in (*run.survey.remarks, *run.remarks):
        if finding.severity == "note" and finding.code.startswith(("speed.", "running_time.")):
            yield f"  note       {visible(finding.message, most=300)}"


def _gradients(run: Run) -> str:
    gradient = run.drive.track.gradient
    if not gradient.any():
        return "none known: taken as level"
    return f"from {1000 * gradient.min():+.1f} to {1000 * gradient.max():+.1f} permille"


def _tunnels(run: Run) -> str:
    survey = run.survey
    if survey.tunnel_fraction is None:
        return "not known: none as expected, all of the line at the slow end"
    known = survey.known_fraction
    more = "" if known > 1 - 1e-9 else f"; {1 - known:.1%} is not known, tunnel at the slow end"
    return f"{survey.tunnel_fraction:.1%} of the line{more}"


def train_title(run: Run) -> str:
    """Name the train of a run, with its variant."""
    variant = f" ({visible(run.train.variant, most=60)})" if run.train.variant else ""
    return f"{visible(run.train.name, most=80)}{variant}"


def disagreements(runs: Sequence[Run]) -> list[tuple[Run, Run]]:
    """Find where the variants of a train differ: the fastest and the slowest over each route."""
    groups: dict[tuple[int, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((id(run.survey), run.train.id), []).append(run)
    found = []
    for same in groups.values():
        if len(same) > 1:
            order = sorted(same, key=lambda r: r.minimum_s)
            found.append((order[0], order[-1]))
    return found


def disagreement_text(fast: Run, slow: Run) -> str:
    """Say by how much the variants of a train differ."""
    apart = slow.minimum_s - fast.minimum_s
    ends = [f"{say_time(r.minimum_s)} ({visible(r.train.variant, most=60)})" for r in (fast, slow)]
    label = visible(fast.survey.route.label, most=80)
    return (
        f"{label}: what is published of {visible(fast.train.name, most=80)} gives minimum times "
        f"from {ends[0]} to {ends[1]}, {apart:,.0f} s apart"
    )


def disagreement_row(fast: Run, slow: Run) -> dict[str, Any]:
    """Give by how much the variants of a train differ as JSON values."""
    return {
        "route": fast.survey.route.id or fast.survey.route.label,
        "train": fast.train.id,
        "fastest": fast.train.variant,
        "slowest": slow.train.variant,
        "minimum_s": [fast.minimum_s, slow.minimum_s],
    }


def _name(name: str) -> str:
    return visible(name, most=60) or "-"


def _speed(speed_mps: float, units: Units) -> str:
    if units == "mi":
        return f"{speed_mps * 3600 / MILE_M:,.1f} mph"
    return f"{speed_mps * _KMH:,.1f} km/h"


def _verdict_lines(verdict: TimetableVerdict) -> Iterator[str]:
    declared = say_time(verdict.declared_s)
    if verdict.outcome == "untestable":
        yield f"  declared   {declared}: untestable, {visible(verdict.reason, most=200)}"
        return
    word = {"possible": "possible", "in_range": "in doubt", "impossible": "impossible"}
    span = f"{say_time(verdict.slack_low_s)} to {say_time(verdict.slack_high_s)}"
    yield (
        f"  declared   {declared}: {word[verdict.outcome]}; slack {say_time(verdict.slack_s)} "
        f"({span}), an allowance of {verdict.allowance:.1%}"
    )


def _cost_lines(
    costs: Sequence[Cost], units: Units, place: Callable[[float], str]
) -> Iterator[str]:
    if not costs:
        return
    yield "  costs      what each takes, all others as they are"
    for cost in costs[:_MOST_COSTS]:
        ends = place(cost.from_m)
        if cost.to_m > cost.from_m:
            ends += f" to {place(cost.to_m)}"
        what = _CAUSES[cost.cause]
        if cost.restriction is not None:
            if cost.restriction.radius_m is not None:
                what += f" R {say_radius(cost.restriction.radius_m)}"
            what += f", {_speed(cost.restriction.expected_mps, units)}"
            if not cost.restriction.resolved:
                what += ", not resolved"
        if cost.name:
            what += f" {visible(cost.name, most=60)}"
        saved = ""
        if cost.saved_s is not None and cost.eased_m is not None:
            saved = f"; eased to {say_radius(cost.eased_m)} saves {cost.saved_s:.1f} s"
        energy = f"{cost.lost_j / _KWH_J:+,.0f} kWh"
        yield f"    {cost.lost_s:8.1f} s  {energy:>11}  {ends}  {what}{saved}"
    if len(costs) > _MOST_COSTS:
        yield f"    ... and {len(costs) - _MOST_COSTS:,} more (all of them with --json)"


def _assumption_lines(run: Run) -> Iterator[str]:
    assumed = [(n, f) for n, f in _figures(run).items() if f.assumption]
    if assumed:
        names = ", ".join(f"{n} {f.value:,.6g} ({f.low:,.6g} to {f.high:,.6g})" for n, f in assumed)
        yield f"  assumed    {names}"


def _figures(run: Run) -> dict[str, Figure]:
    figures = as_published(run.train)
    figures |= dict(limit_figures(run.limits))
    return figures


def time_row(run: Run, costs: Sequence[Cost]) -> dict[str, Any]:
    """Give a run as JSON values, SI units."""
    verdict = judge_timetable(run)
    energy = run.energy
    findings = (*run.survey.remarks, *run.remarks, *check_timetable(run))
    return {
        "route": run.survey.route.id or run.survey.route.label,
        "train": run.train.id,
        "variant": run.train.variant or None,
        "standard": run.limits.id,
        "distance": run.distance,
        "way_m": run.way_m,
        "minimum_s": run.minimum_s,
        "low_s": run.low_s,
        "high_s": run.high_s,
        "allowance_s": run.allowance_s,
        "dwell_s": run.dwell_s,
        "total_s": run.total_s,
        "energy": {
            "traction_j": energy.traction_j,
            "resistance_j": energy.resistance_j,
            "climbing_j": energy.climbing_j,
            "braking_j": energy.braking_j,
            "regenerated_j": energy.regenerated_j,
        },
        "legs": [
            {
                "from": leg.origin,
                "to": leg.terminus,
                "from_m": leg.from_m,
                "to_m": leg.to_m,
                "way_m": leg.way_m,
                "minimum_s": leg.minimum_s,
                "low_s": leg.low_s,
                "high_s": leg.high_s,
            }
            for leg in run.legs
        ],
        "curves": [_cost_row(c) for c in costs if c.cause == "curve"],
        "restrictions": [_cost_row(c) for c in costs if c.cause not in ("curve", "stop")],
        "stops": [_cost_row(c) for c in costs if c.cause == "stop"],
        "timetable": None
        if verdict is None
        else {
            "outcome": verdict.outcome,
            "declared_s": verdict.declared_s,
            "slack_s": verdict.slack_s,
            "slack_low_s": verdict.slack_low_s,
            "slack_high_s": verdict.slack_high_s,
            "allowance": verdict.allowance,
            "reason": verdict.reason,
        },
        "figures": {
            name: {
                "value": f.value,
                "low": f.low,
                "high": f.high,
                "source": f.source or None,
                "assumption": f.assumption or None,
            }
            for name, f in _figures(run).items()
        },
        "findings": [finding_row(f) for f in findings],
    }


def _cost_row(cost: Cost) -> dict[str, Any]:
    row: dict[str, Any] = {
        "cause": cost.cause,
        "name": cost.name or None,
        "from_m": cost.from_m,
        "to_m": cost.to_m,
        "lost_s": cost.lost_s,
        "lost_j": cost.lost_j,
    }
    mine = cost.restriction
    if mine is not None:
        row |= {
            "permitted_mps": mine.expected_mps,
            "permitted_low_mps": mine.slow_mps,
            "permitted_high_mps": mine.fast_mps,
        }
        if mine.radius_m is not None:
            row |= {
                "radius_m": mine.radius_m,
                "radius_low_m": mine.radius_low_m,
                "radius_high_m": mine.radius_high_m,
                "resolved": mine.resolved,
            }
    if cost.saved_s is not None:
        row |= {"eased_radius_m": cost.eased_m, "saved_s": cost.saved_s}
    return row


def times_csv(runs: Sequence[Run], *, step_m: float = 100.0) -> str:
    """Write speed and permitted speed over chainage as CSV with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for run in runs:
        told = [_cell(t) for t in (run.survey.route.label, run.train.id, run.train.variant)]
        for at_m, speed, permitted in zip(*run.speeds(step_m=step_m), strict=True):
            figures = (f"{at_m:.3f}", f"{speed * _KMH:.4f}", f"{permitted * _KMH:.4f}")
            writer.writerow((*told, *figures))
    return out.getvalue().rstrip("\n")


def _cell(text: str) -> str:
    """Give text that no spreadsheet takes for a formula."""
    shown = visible(text)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") else shown
