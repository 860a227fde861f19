"""The page of scores, as Markdown."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from benchmarks.curvature.cases import REGIMES
from benchmarks.curvature.scoring import Chain, Intervals, Score
from benchmarks.curvature.trials import Row, Trials
from benchmarks.curvature.truth import FAMILIES
from geo_routes.version import __version__

_PACKAGES = ("numpy", "scipy", "shapely", "pyproj")
_FAMILIES = {"rail": "rail", "hsr": "high-speed", "tram": "tram", "straight": "straight"}
_ABSENT = "–"
Figure = Callable[[Sequence[Score]], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A table that holds estimators against each other; less is better.

    Parameters
    ----------
    title, says : str
    figures : tuple of (str, callable)
        The names and figures of a cell.
    straight : bool
        Of straights, or of lines with curves.
    """

    title: str
    says: str
    figures: tuple[tuple[str, Figure], ...]
    straight: bool = False


def _errors(scores: Sequence[Score], share: float) -> float:
    errors = np.concatenate([s.errors for s in scores])
    return 100 * float(np.quantile(errors, share)) if len(errors) else np.nan


def _false_share(scores: Sequence[Score]) -> float:
    tangent_m = sum(s.tangent_m for s in scores)
    return 100 * sum(s.false_m for s in scores) / tangent_m if tangent_m else np.nan


MEASURES = (
    Measure(
        title="Radius of circular curves",
        says="Error of the curvature in %, median / 90th percentile over the circular curves that "
        "hold at least four vertices; of each curve the median over its middle 60 %.",
        figures=(
            ("median", lambda scores: _errors(scores, 0.5)),
            ("p90", lambda scores: _errors(scores, 0.9)),
        ),
    ),
    Measure(
        title="False curves on straights",
        says="Share in % of the length of straight lines of 20 km that is given a radius below "
        "20 km.",
        figures=(("share", _false_share),),
        straight=True,
    ),
    Measure(
        title="Tangents called curved",
        says="Share in % of the length of tangents between curves that is given a radius below "
        "3 km (tram), 10 km (rail) or 30 km (high-speed), not within 150 m of a kink.",
        figures=(("share", _false_share),),
    ),
    Measure(
        title="Total turning",
        says="Error in % of all turning, whatever its hand, not within 150 m of a kink; median "
        "over the lines.",
        figures=(
            ("median", lambda scores: 100 * float(np.median([s.turning_error for s in scores]))),
        ),
    ),
)


def write_page(trials: Trials, times: str, *, command: str) -> str:
    """Give the whole page.

    Parameters
    ----------
    trials : Trials
    times : str
        The section on times, from ``times_section``.
    command : str
        What made the page.

    Returns
    -------
    str
        Markdown, the same for the same scores.
    """
    tables, lost = [], []
    for measure in MEASURES:
        table, losses = _compare(trials, measure)
        tables.append(table)
        lost += losses
    sections = [
        _head(trials, command),
        *tables,
        _elements_section(trials),
        _intervals_section(trials),
        _losses_section(trials, lost),
        times,
        _settings_section(trials),
    ]
    return "\n\n".join(s for s in sections if s) + "\n"


def times_section(vertices: int, ratios: dict[str, float]) -> str:
    """Give the section on times, the ratios to one significant figure."""
    says = (
        f"Processor time on a line of {vertices:,} vertices, as a multiple of that of the "
        "three-point circle in the same run. These figures alone vary from run to run, and are "
        "rounded to one digit."
    )
    lines = [f"| {name} | {_one_digit(ratio)} × |" for name, ratio in ratios.items()]
    return _section("Time", says, ["| method | time |", "|---|---|", *lines])


def _head(trials: Trials, command: str) -> str:
    seeds = trials.seeds
    versions = [f"Python {platform.python_version()}"]
    versions += [f"geo_routes {__version__}", *(f"{p} {version(p)}" for p in _PACKAGES)]
    families = "\n".join(
        f"* **{name}**: {f.length_m / 1000:.0f} km, radii of {_range(f.radius_m)}, curves of "
        f"{_range(f.curve_m)}, transitions of {_range(f.transition_m)}, but none at "
        f"{100 * f.abrupt_share:.0f} % of bends."
        for name, f in ((_FAMILIES[key], FAMILIES[key]) for key in ("rail", "hsr", "tram"))
    )
    return f"""# Curvature scores

How far off are the usual ways to get curvature from a line? Here they are held against the \
alignment that geo_routes fits, on made lines whose truth is known. One alignment for each family \
and seed ({len(seeds)} seeds from {seeds[0]} on) is drawn from tangents, transitions and circular \
curves, laid on the ellipsoid, sampled, disturbed, and rounded to seven decimals of a degree where \
nothing else is said. All methods see the same lines, and nothing but the lines. The best figure \
of each row is bold; less is better.

{families}
* **straight**: a geodesic of {FAMILIES["straight"].length_m / 1000:.0f} km.

A fifth of the bends are reverse curves, nearly a fifth compound ones; behind one rail or tram \
bend in 25 stands a kink of 1 to 4 degrees. Lines start anywhere up to latitude 70, every fifth \
seed by the antimeridian. Made lines are kinder than real ones: their noise is white, and there is \
no bad joint, no siding and no second track.

```sh
{command}
```

Made with {", ".join(versions)}. The same seeds give the same page, but for the times."""


def _compare(trials: Trials, measure: Measure) -> tuple[str, list[str]]:
    """Give a table, and a line for each figure in which ours is not the best."""
    names = [e.name for e in trials.estimators]
    lines, losses = [], []
    for row, scores in trials.scores.items():
        if (row[0] == "straight") != measure.straight:
            continue
        cells: list[list[str]] = [[] for _ in names]
        for title, figure in measure.figures:
            texts = [_number(figure(scores[name])) for name in names]
            best = min(texts, key=_value)
            for cell, text in zip(cells, texts, strict=True):
                cell.append(f"**{text}**" if _value(text) == _value(best) else text)
            if _value(texts[0]) > _value(best):
                winner = names[texts.index(best)]
                what = measure.title + (f" ({title})" if len(measure.figures) > 1 else "")
                losses.append(
                    f"* {what}, {_row_name(row)}: {texts[0]} % against {best} % for {winner}."
                )
        lines.append(f"| {_row_name(row)} | " + " | ".join(" / ".join(c) for c in cells) + " |")
    if not lines:
        return "", []
    head = f"| line | {' | '.join(names)} |"
    rule = "|---" * (len(names) + 1) + "|"
    return _section(measure.title, measure.says, [head, rule, *lines]), losses


def _elements_section(trials: Trials) -> str:
    lines = []
    for row, scores in trials.scores.items():
        chains = _chains(scores[trials.estimators[0].name])
        if not chains:
            continue
        found, true = sum(c.curves for c in chains), sum(c.true_curves for c in chains)
        accuracy = 100 * float(np.median([c.right_m / c.whole_m for c in chains]))
        ratio = f"{found} / {true} = {found / true:.2f}" if true else f"{found} / 0"
        most = f"{max(c.elements for c in chains)}" if row[0] == "straight" else _ABSENT
        lines.append(f"| {_row_name(row)} | {accuracy:.1f} | {ratio} | {most} |")
    says = (
        "Only geo_routes gives a chain of elements. Length in % whose class (tangent, transition "
        "or curve) is right, median over the lines; circular curves found and true; on straights, "
        "where one element is right, the most elements of a line."
    )
    head = [
        "| line | length of the right class | curves found / true | most elements |",
        "|---|---|---|---|",
    ]
    return _section("Elements", says, [*head, *lines])


def _intervals_section(trials: Trials) -> str:
    groups = {
        _row_name(row): [c.intervals for c in _chains(scores[trials.estimators[0].name])]
        for row, scores in trials.scores.items()
        if row[0] != "straight"
    }
    groups["**all**"] = [i for seen in groups.values() for i in seen]
    lines = [_intervals_line(name, seen) for name, seen in groups.items() if seen]
    says = (
        "Only geo_routes gives intervals. Curves called `measured` whose 95 % interval holds the "
        "true radius of the curve that they overlap most (one that overlaps none does not count as "
        "holding); the median width of the interval in % of the radius, and as a multiple of the "
        "median error; and of the true curves whose sagitta is above 50 times the noise, those "
        "called `measured`."
    )
    head = [
        "| line | truth within | width, % | width / error | well seen and measured |",
        "|---|---|---|---|---|",
    ]
    return _section("Intervals of radii", says, [*head, *lines])


def _intervals_line(name: str, seen: Sequence[Intervals]) -> str:
    measured, covering = sum(i.measured for i in seen), sum(i.covering for i in seen)
    well, called = sum(i.well_seen for i in seen), sum(i.well_seen_measured for i in seen)
    widths = np.concatenate([i.widths for i in seen])
    errors = np.concatenate([i.errors for i in seen])
    width = ratio = _ABSENT
    if len(errors):
        width = _number(100 * float(np.median(widths)))
        ratio = f"{np.median(widths) / np.median(errors):.1f}"
    return f"| {name} | {_share(covering, measured)} | {width} | {ratio} | {_share(called, well)} |"


def _share(part: int, whole: int) -> str:
    return f"{part} / {whole} = {100 * part / whole:.1f} %" if whole else _ABSENT


def _losses_section(trials: Trials, losses: Sequence[str]) -> str:
    ours = trials.estimators[0].name
    failures = [
        f"* {estimator.name} failed on {count} line{'s' if count > 1 else ''} and counts there as "
        "one that sees no curvature."
        for estimator in trials.estimators
        if (count := sum(s.failed for by in trials.scores.values() for s in by[estimator.name]))
    ]
    said = losses or [f"Nowhere in these tables is another method better than {ours}."]
    return "\n".join([f"## Where {ours} is not the best", "", *said, *failures])


def _settings_section(trials: Trials) -> str:
    lines = [f"* **{e.name}**: {e.setting}" for e in trials.estimators]
    says = (
        "One usual setting for all lines, none searched for. The others, too, see the line "
        "unrolled onto a plane with its true chords and turns, so no projection is held against "
        "them. They are in `benchmarks/curvature/`."
    )
    return _section("How each method is set", says, lines)


def _section(title: str, says: str, lines: Sequence[str]) -> str:
    return "\n".join([f"## {title}", "", says, "", *lines])


def _range(bounds_m: tuple[float, float]) -> str:
    return f"{bounds_m[0]:,.0f} to {bounds_m[1]:,.0f} m"


def _chains(scores: Sequence[Score]) -> list[Chain]:
    return [s.chain for s in scores if s.chain is not None]


def _row_name(row: Row) -> str:
    return f"{_FAMILIES[row[0]]}, {REGIMES[row[1]].says}"


def _number(value: float) -> str:
    """Write three digits or so."""
    if not np.isfinite(value):
        return _ABSENT
    return f"{value:,.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _value(text: str) -> float:
    return np.inf if text == _ABSENT else float(text.replace(",", ""))


def _one_digit(value: float) -> str:
    if not np.isfinite(value):
        return _ABSENT
    digits = -int(np.floor(np.log10(value)))
    return f"{round(value, digits):,.{max(digits, 0)}f}"
