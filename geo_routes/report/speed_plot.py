"""Speed over chainage as SVG: what is permitted, and what the train runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from geo_routes.chainage import Stationing
from geo_routes.errors import visible
from geo_routes.model import FloatArray
from geo_routes.report.curvature_panel import LEFT, xml_text
from geo_routes.report.plot_axes import Room, chainage_ticks, join, text_width, thin
from geo_routes.report.saying import MILE_M, Units
from geo_routes.report.times import say_time, train_title
from geo_routes.running_time import Run

_WIDTH, _RIGHT = 1_400, 40
_TITLE, _STATIONS, _FRAME, _AXIS, _SPACE, _TOP = 46, 40, 300, 48, 26, 44.0
_SIZE, _ROW, _BINS, _CHAINAGES_APART = 12, 15, 1_200, 85
_MPH_MPS = MILE_M / 3600
_KMH_MPS = 1 / 3.6
_HEADROOM = 1.06
_LONGEST_NAME = 48
_MOST_DESCRIBED = 20
_Scale = Callable[[float], float]

_STYLE = """
text{font:12px system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK JP",sans-serif;
fill:#14181f}
.paper{fill:#ffffff}.name{font-size:16px;font-weight:700}.quiet{fill:#4a5260}
.frame{fill:none;stroke:#8b929d}.grid{stroke:#dfe3e8}.stop{stroke:#8b929d;stroke-dasharray:1 3}
.permitted{fill:none;stroke:#b5320a;stroke-width:1.6;stroke-dasharray:7 3}
.run{fill:#c3d8ee;fill-opacity:.55;stroke:none}
.speed{fill:none;stroke:#2f6db3;stroke-width:2;stroke-linejoin:round}
@media (prefers-color-scheme:dark){text{fill:#eef1f5}.paper{fill:#15181d}.quiet{fill:#b3bac5}
.frame,.stop{stroke:#868e9a}.grid{stroke:#31373f}.permitted{stroke:#ff9b6a}.run{fill:#263f59}
.speed{stroke:#8fc1ff}}
"""


def speed_svg(
    runs: Sequence[Run], *, units: Units = "km", stationing: Stationing = "12.345"
) -> str:
    """Draw permitted speed and speed of some runs over their chainage, one panel to a run.

    Parameters
    ----------
    runs : sequence of Run
    units : {"km", "mi"}
    stationing : Stationing

    Returns
    -------
    str
        An SVG document, the same for the same runs.
    """
    drawn: list[str] = []
    top = _TOP
    for number, run in enumerate(runs, 1):
        panel, top = _panel(run, number, top, units, stationing)
        drawn += panel
    described = "; ".join(_summary(run) for run in runs[:_MOST_DESCRIBED])
    more = len(runs) - _MOST_DESCRIBED
    described += f"; and {more} more" if more > 0 else ""
    heading = "Speed along " + (
        visible(runs[0].survey.route.label, most=120) if len(runs) == 1 else f"{len(runs)} runs"
    )
    size = f'viewBox="0 0 {_WIDTH} {top:.0f}" width="{_WIDTH}" height="{top:.0f}"'
    about = 'role="img" aria-labelledby="title desc" xml:lang="en"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {about}>',
        f'<title id="title">{xml_text(heading)}</title>',
        f'<desc id="desc">{xml_text(described)}.</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{top:.0f}"/>',
        *_legend(),
    ]
    return "\n".join([*head, *drawn, "</svg>\n"])


def _summary(run: Run) -> str:
    label = visible(run.survey.route.label, most=120)
    span = f"{say_time(run.low_s)} to {say_time(run.high_s)}"
    return f"{label}, {train_title(run)}: at least {say_time(run.minimum_s)} ({span})"


def _legend() -> Iterator[str]:
    x, y = float(LEFT), 24
    for style, words in (
        ("speed", "speed"),
        ("permitted", "permitted to the middle of the train"),
        ("stop", "stop"),
    ):
        yield f'<path class="{style}" d="M{x:.0f} {y - 4}h30"/>'
        yield f'<text x="{x + 37:.0f}" y="{y}">{words}</text>'
        x += 37 + text_width(words, size=_SIZE) + 24


def _panel(
    run: Run, number: int, top: float, units: Units, stationing: Stationing
) -> tuple[list[str], float]:
    """Draw one run below ``top``; give its markup and where it ends."""
    unit_mps = _MPH_MPS if units == "mi" else _KMH_MPS
    at_m, speed, permitted = run.speeds()
    first, last = float(at_m[0]), float(at_m[-1])
    high = float(permitted.max()) * _HEADROOM
    upper = top + _TITLE + _STATIONS
    right = _WIDTH - _RIGHT

    def x(chainage_m: float) -> float:
        return LEFT + (right - LEFT) * (chainage_m - first) / (last - first)

    def y(speed_mps: float) -> float:
        return upper + _FRAME * (1 - speed_mps / high)

    bottom = upper + _FRAME
    name = f"{visible(run.survey.route.label, most=100)} \u00b7 {train_title(run)}"
    lines = [
        f'<g id="run-{number}">',
        _write("name", LEFT, top + 18, xml_text(name), anchor="start"),
        _write("quiet", LEFT, top + 36, xml_text(_summary(run)), anchor="start"),
    ]
    for value in _speed_ticks(high / unit_mps):
        lines.append(f'<path class="grid" d="M{LEFT - 5} {y(value * unit_mps):.2f}H{right}"/>')
        lines.append(_write("tick", LEFT - 9, y(value * unit_mps) + 4, f"{value:g}", anchor="end"))
    most = int((right - LEFT) / _CHAINAGES_APART)
    for at, label in chainage_ticks(last, most=most, units=units, stationing=stationing):
        if at >= first:
            lines.append(f'<path class="grid" d="M{x(at):.1f} {upper:.0f}V{bottom + 5:.0f}"/>')
            lines.append(_write("tick", x(at), bottom + 19, label))
    caption = f"Chainage, {'mi' if units == 'mi' else 'km'}"
    lines.append(_write("quiet", (LEFT + right) / 2, bottom + 38, caption))
    turned = f'transform="translate(22 {upper + _FRAME / 2:.0f}) rotate(-90)" text-anchor="middle"'
    lines.append(f'<text class="quiet" {turned}>{"mph" if units == "mi" else "km/h"}</text>')
    bins = np.linspace(first, last, _BINS + 1)[1:-1]
    ran = _points(at_m, speed, bins, x, y)
    base = [(x(first), bottom), *ran, (x(last), bottom)]
    lines.append(f'<polygon class="run" points="{join(base)}"/>')
    lines.append(
        f'<polyline class="permitted" points="{join(_points(at_m, permitted, bins, x, y))}"/>'
    )
    lines.append(f'<polyline class="speed" points="{join(ran)}"/>')
    lines += _stops(run, x, upper, bottom)
    frame = f'x="{LEFT}" y="{upper:.0f}" width="{right - LEFT}" height="{_FRAME}"'
    lines += [f'<rect class="frame" {frame}/>', "</g>"]
    return lines, bottom + _AXIS + _SPACE


def _points(
    at_m: FloatArray, values: FloatArray, bins: FloatArray, x: _Scale, y: _Scale
) -> list[tuple[float, float]]:
    kept = thin(at_m, values, bins=bins)
    return [(x(a), y(v)) for a, v in zip(at_m[kept].tolist(), values[kept].tolist(), strict=True)]


def _speed_ticks(most: float) -> list[float]:
    step = next(s for s in (5, 10, 20, 50, 100, 200, 500, 1000) if most / s <= 9)
    return [float(v) for v in range(0, int(most) + 1, step)]


def _stops(run: Run, x: _Scale, upper: float, bottom: float) -> Iterator[str]:
    room = Room(left=LEFT - 40, right=_WIDTH - 4)
    order = sorted(range(len(run.stops)), key=lambda i: (0 < i < len(run.stops) - 1, i))
    for i in order:
        stop = run.stops[i]
        place = x(stop.chainage_m)
        yield f'<path class="stop" d="M{place:.1f} {upper - 5:.0f}V{bottom:.0f}"/>'
        name = visible(stop.name, most=_LONGEST_NAME)
        for row in (upper - 8, upper - 8 - _ROW) if name else ():
            at = room.take(place, row, text_width(name, size=_SIZE) + 10, _ROW)
            if at is not None:
                yield _write("station", at, row, xml_text(name))
                break


def _write(style: str, x: float, y: float, text: str, *, anchor: str = "middle") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
