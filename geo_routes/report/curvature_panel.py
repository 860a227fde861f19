"""One panel of a plot of curvature: axes, stations, smooth curve with its band, elements."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geo_routes.alignment import Alignment, Element
from geo_routes.chainage import Ruler, Stationing, lay_ruler
from geo_routes.curvature import Curvature
from geo_routes.errors import visible
from geo_routes.model import FloatArray, Route
from geo_routes.report.curves import say_radius
from geo_routes.report.plot_axes import (
    Room,
    chainage_ticks,
    curvature_ticks,
    join,
    radius_ticks,
    text_width,
    thin,
)
from geo_routes.report.saying import Units, say_length
from geo_routes.survey import LocatedStation

LEFT = 76
_RADII = 88
_NORMAL_95 = 1.96
_TITLE, _STATIONS, _FRAME, _AXIS, _SPACE = 46, 40, 270, 48, 26
_BINS = 1_000
_SIZE = 12
_ROW = 15
_TICKS_APART = 17.0
_CHAINAGES_APART = 85
# No axis reaches less far than this radius: a straight line shall look straight.
_WIDEST_SCALE_M = 20_000.0
# Left free above and below, as a share of the frame: the radii are written there.
_HEADROOM = 0.1
_LEAST_SHARE = 0.1
_LEAST_STEP = 0.01
# The smooth curve may stand out this far over the fitted curves before it is cut off.
_MOST_OVER = 1.6
_LONGEST_NAME = 48
_SAME_PLACE_M = 1e-3
# What XML 1.0 has no way to write, besides what `visible` makes visible.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlottedRoute:
    """One panel of a plot.

    Parameters
    ----------
    route : Route
    alignment : Alignment or None
        None for a sketch.
    stations : tuple of LocatedStation
        By chainage; they are marked where there are any.
    """

    route: Route
    alignment: Alignment | None
    stations: tuple[LocatedStation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """From chainage and curvature to the drawing."""

    length_m: float
    lowest_per_m: float
    highest_per_m: float
    top: float
    right: float

    def x(self, chainage_m: float) -> float:
        return LEFT + (self.right - LEFT) * chainage_m / self.length_m

    def y(self, curvature_per_m: float) -> float:
        spread = self.highest_per_m - self.lowest_per_m
        return self.top + _FRAME * (self.highest_per_m - curvature_per_m) / spread

    def cuts(self, curvature: Curvature) -> bool:
        values = curvature.curvature_per_m
        return bool(np.any((values < self.lowest_per_m) | (values > self.highest_per_m)))


def draw_panel(
    panel: PlottedRoute,
    number: int,
    *,
    top: float,
    width: float,
    units: Units,
    stationing: Stationing,
) -> tuple[list[str], float]:
    """Draw one panel below ``top``; give its markup and where it ends."""
    name = xml_text(visible(panel.route.label, most=120))
    lines = [f'<g id="route-{number}">', _write("name", LEFT, top + 18, name, anchor="start")]
    figures = say_figures(panel, units)
    ruler = _ruler(panel.route)
    alignment = panel.alignment
    if alignment is None or not alignment.elements or ruler.length_m <= 0:
        lines.append(_write("quiet", LEFT, top + 36, figures, anchor="start"))
        return [*lines, "</g>"], top + _TITLE + _SPACE
    stations = _STATIONS if panel.stations else 6
    scale = _fit_scale(alignment, ruler.length_m, top + _TITLE + stations, width - _RADII)
    if scale.cuts(alignment.curvature):
        figures += "; peaks of the smooth curvature that leave the frame are cut off"
    lines.append(_write("quiet", LEFT, top + 36, figures, anchor="start"))
    breaks_m = _breaks_m(ruler)
    clip = f"frame-{number}"
    frame = f'x="{LEFT}" y="{scale.top:.0f}" width="{scale.right - LEFT}" height="{_FRAME}"'
    lines.append(f'<clipPath id="{clip}"><rect {frame}/></clipPath>')
    lines += _axes(scale, units, stationing)
    lines += _station_marks(panel.stations, scale)
    lines.append(f'<g clip-path="url(#{clip})">')
    lines += _smooth(alignment.curvature, breaks_m, scale)
    lines += _fitted(alignment.elements, breaks_m, scale)
    for at_m in breaks_m:
        lines.append(_rule("gap", scale.x(at_m), scale.top, scale.top + _FRAME))
    lines.append("</g>")
    lines += _radius_labels(alignment.curves, scale)
    lines += [f'<rect class="frame" {frame}/>', "</g>"]
    return lines, scale.top + _FRAME + _AXIS + _SPACE


def say_figures(panel: PlottedRoute, units: Units) -> str:
    """Say in a line what a panel shows, or why it shows nothing."""
    if panel.alignment is None:
        return "a sketch, which says nothing about radii"
    length_m = _ruler(panel.route).length_m
    if not panel.alignment.elements or length_m <= 0:
        return "fewer than five vertices in a part tell no curve"
    curves = panel.alignment.curves
    said = [say_length(length_m, units=units)]
    said.append(f"{len(curves)} circular curve{'s' if len(curves) != 1 else ''}")
    measured = [e for e in curves if e.status == "measured" and e.radius_m is not None]
    if measured:
        sharpest = min(measured, key=lambda e: e.radius_m or 0.0)
        said.append(f"{len(measured)} of them measured")
        said.append(f"the smallest radius {say_radius(sharpest.radius_m or 0.0)}")
    elif curves:
        said.append("none of them sure")
    return ", ".join(said)


def _ruler(route: Route) -> Ruler:
    return lay_ruler(route.lonlat, part_starts=route.part_starts)


def _fit_scale(alignment: Alignment, length_m: float, top: float, right: float) -> _Scale:
    """Reach as far as the proven curves do, and the smooth curve where it goes not much beyond.

    A misplaced vertex makes a peak many times sharper than any curve of the line; were it all
    shown, the curves could not be seen.
    """
    told = [e for e in alignment.curves if e.status != "unresolved"]
    ends = np.array([e.curvature_from_per_m for e in told])
    smooth = alignment.curvature.curvature_per_m
    smooth = smooth[np.isfinite(smooth)]
    least = 1 / _WIDEST_SCALE_M
    sharpest = float(np.max(np.abs(ends), initial=0.0))
    most = max(sharpest * _MOST_OVER, least) if sharpest else np.inf
    reach = [
        max(
            float(np.max(side * ends, initial=0.0)),
            min(float(np.max(side * smooth, initial=0.0)), most),
        )
        for side in (1, -1)
    ]
    widest = max(*reach, least)
    high, low = (max(r, _LEAST_SHARE * widest) for r in reach)
    free = _HEADROOM * (high + low) / (1 - 2 * _HEADROOM)
    high, low = high + free, low + free
    return _Scale(length_m=length_m, top=top, right=right, lowest_per_m=-low, highest_per_m=high)


def _breaks_m(ruler: Ruler) -> list[float]:
    """Chainages where parts follow each other that do not join."""
    starts = ruler.part_starts[1:]
    apart = np.any(ruler.lonlat[starts - 1] != ruler.lonlat[starts], axis=1)
    found: list[float] = np.unique(ruler.chainage_m[starts[apart]]).tolist()
    return found


def _axes(scale: _Scale, units: Units, stationing: Stationing) -> Iterator[str]:
    bottom = scale.top + _FRAME
    unit = "mi" if units == "mi" else "km"
    miles = stationing == "12m34ch"
    caption = f"Chainage, {'miles and chains' if miles else unit}"
    most = int((scale.right - LEFT) / _CHAINAGES_APART)
    ticks = chainage_ticks(scale.length_m, most=most, units=units, stationing=stationing)
    for at_m, label in ticks:
        x = scale.x(at_m)
        yield _rule("grid", x, scale.top, bottom + 5)
        yield _write("chainage", x, bottom + 19, label)
    yield _write("quiet", (LEFT + scale.right) / 2, bottom + 38, caption)
    low, high = scale.lowest_per_m, scale.highest_per_m
    for curvature in radius_ticks(low, high, place=scale.y, apart=_TICKS_APART):
        y = scale.y(curvature)
        style = "grid" if curvature else "zero"
        yield f'<path class="{style}" d="M{LEFT} {y:.2f}H{scale.right + 5}"/>'
        label = f"R {say_radius(1 / abs(curvature))}" if curvature else "straight"
        yield _write("tick-radius", scale.right + 9, y + 4, label, anchor="start")
    for curvature in curvature_ticks(low, high, most=8):
        y = scale.y(curvature)
        yield f'<path class="zero" d="M{LEFT - 5} {y:.2f}h5"/>'
        label = f"{curvature * 1000:.4g}".replace("-", "\u2212")
        yield _write("tick-curvature", LEFT - 9, y + 4, label, anchor="end")
    middle = scale.top + _FRAME / 2
    turned = f'text-anchor="middle" transform="translate(20 {middle:.0f}) rotate(-90)"'
    caption = "Curvature, 1/km \u00b7 right \u2190 0 \u2192 left"
    yield f'<text class="quiet" {turned}>{caption}</text>'


def _station_marks(stations: Sequence[LocatedStation], scale: _Scale) -> Iterator[str]:
    room = Room(left=LEFT - 40, right=scale.right + _RADII - 8)
    bottom = scale.top + _FRAME
    # The ends of the line are named first, then what fits between them.
    order = sorted(range(len(stations)), key=lambda i: (0 < i < len(stations) - 1, i))
    named: dict[int, str] = {}
    for index in order:
        name = visible(stations[index].station.name, most=_LONGEST_NAME)
        width = text_width(name, size=_SIZE) + 10
        for y in (scale.top - 8, scale.top - 8 - _ROW) if name else ():
            x = room.take(scale.x(stations[index].chainage_m), y, width, _ROW)
            if x is not None:
                named[index] = _write("station-name", x, y, xml_text(name))
                break
    for index, located in enumerate(stations):
        x = scale.x(located.chainage_m)
        full = xml_text(visible(located.station.name, most=400))
        yield f'<g class="stop"><title>{full}</title>{_rule("station", x, scale.top - 5, bottom)}'
        yield f"{named.get(index, '')}</g>"


def _smooth(curvature: Curvature, breaks_m: Sequence[float], scale: _Scale) -> Iterator[str]:
    bins = np.linspace(0.0, scale.length_m, _BINS + 1)[1:-1]
    lines = []
    for at_m, middle, spread in _stretches(curvature, breaks_m):
        upper = at_m, middle + spread
        lower = at_m, middle - spread
        band = [_points(*upper, bins, scale), _points(*lower, bins, scale)[::-1]]
        yield f'<polygon class="band" points="{join(p for side in band for p in side)}"/>'
        lines.append(join(_points(at_m, middle, bins, scale)))
    for line in lines:
        yield f'<polyline class="smooth" points="{line}"/>'


def _stretches(
    curvature: Curvature, breaks_m: Sequence[float]
) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
    """Give (chainage, curvature, half the band) of each stretch without a gap."""
    at_m, values = curvature.chainage_m, curvature.curvature_per_m
    spread = _NORMAL_95 * curvature.sd_per_m
    # Where parts meet, the last place of the one and the first of the other may be the same.
    before = np.searchsorted(at_m, np.array(breaks_m) - _SAME_PLACE_M, side="left")
    after = np.searchsorted(at_m, np.array(breaks_m) + _SAME_PLACE_M, side="right")
    known = np.isfinite(values) & np.isfinite(spread)
    cuts = np.unique(np.concatenate(((before + after) // 2, np.flatnonzero(np.diff(known)) + 1)))
    for piece in np.split(np.arange(len(at_m)), cuts):
        if len(piece) > 1 and known[piece[0]]:
            yield at_m[piece], values[piece], spread[piece]


def _points(
    at_m: FloatArray, values: FloatArray, bins: FloatArray, scale: _Scale
) -> list[tuple[float, float]]:
    kept = thin(at_m, values, bins=bins)
    # What lies far outside of the frame is cut off anyway, and its figures would be long.
    spread = scale.highest_per_m - scale.lowest_per_m
    held = np.clip(values[kept], scale.lowest_per_m - spread, scale.highest_per_m + spread)
    places = zip(at_m[kept].tolist(), held.tolist(), strict=True)
    return [(scale.x(place), scale.y(value)) for place, value in places]


def _fitted(elements: Sequence[Element], breaks_m: Sequence[float], scale: _Scale) -> Iterator[str]:
    """Draw the curvature from end to end of each element, and upright where it jumps."""
    paths: dict[str, list[str]] = {"unresolved": [], "uncertain": [], "measured": []}
    last: Element | None = None
    for element in elements:
        x_from, x_to = scale.x(element.from_m), scale.x(element.to_m)
        y_from = scale.y(element.curvature_from_per_m)
        if last is not None and not _parted(last, element, breaks_m):
            y_last = scale.y(last.curvature_to_per_m)
            if abs(y_last - y_from) >= _LEAST_STEP:
                # A step is no surer than what it leads to or comes from.
                doubt = next(s for s in paths if s in (last.status, element.status))
                paths[doubt].append(f"M{x_from:.1f},{y_last:.2f}V{y_from:.2f}")
        end = f"{x_to:.1f},{scale.y(element.curvature_to_per_m):.2f}"
        paths[element.status].append(f"M{x_from:.1f},{y_from:.2f}L{end}")
        last = element
    for status, pieces in paths.items():
        if pieces:
            yield f'<path class="fitted {status}" d="{"".join(pieces)}"/>'


def _parted(one: Element, other: Element, breaks_m: Sequence[float]) -> bool:
    low_m, high_m = one.to_m - _SAME_PLACE_M, other.from_m + _SAME_PLACE_M
    first = int(np.searchsorted(breaks_m, low_m))
    return (first < len(breaks_m) and breaks_m[first] <= high_m) or high_m - low_m > 1


def _radius_labels(curves: Sequence[Element], scale: _Scale) -> Iterator[str]:
    """Write the radii beside their curves, of the longest first, as many as fit."""
    room = Room(left=LEFT + 2, right=scale.right - 2)
    told = [e for e in curves if e.status != "unresolved" and e.radius_m is not None]
    for curve in sorted(told, key=lambda e: (-e.length_m, e.from_m)):
        label = f"R {say_radius(curve.radius_m or 0.0).removesuffix(' m')}"
        label = label if curve.status == "measured" else f"({label})"
        width = text_width(label, size=_SIZE) + 6
        left = curve.hand == "left"
        y = scale.y(curve.curvature_from_per_m) + (-6 if left else 15)
        x = room.take(scale.x((curve.from_m + curve.to_m) / 2), y - 11, width, _ROW)
        if x is not None:
            yield _write("radius", x, y, label)


def _rule(style: str, x: float, top: float, bottom: float) -> str:
    return f'<path class="{style}" d="M{x:.1f} {top:.0f}V{bottom:.0f}"/>'


def _write(style: str, x: float, y: float, text: str, *, anchor: str = "middle") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def xml_text(text: str) -> str:
    """Make any text one that may stand in XML."""
    return html.escape(_NO_XML.sub("\ufffd", text))
