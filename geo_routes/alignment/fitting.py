"""Lines → alignments: bends found in the smooth curvature, and fitted to the vertices."""

from __future__ import annotations

import numpy as np

from geo_routes.alignment.elements import Alignment, Element, Status
from geo_routes.chainage import Ruler
from geo_routes.curvature import Curvature, SmoothPart, curvature_along, smooth_parts
from geo_routes.model import FloatArray

_NORMAL_95 = 1.96
_LEAST_SIGMA_M = 1e-3
_FEWEST = 6
_MARGIN_WIDTHS = 6.0
_MARGIN_SHARE = 0.6
# The rise of an arc over its chord, in standard deviations of a vertex.
_MEASURED, _UNCERTAIN = 5.0, 1.0


def fit_alignment(ruler: Ruler, *, accuracy_m: float | None = None) -> Alignment:
    """Fit tangents, transitions and circular curves to a line.

    Parameters
    ----------
    ruler : Ruler
    accuracy_m : float, optional
        1 sigma per axis of the vertices; without it, it is estimated from the line.

    Returns
    -------
    Alignment

    Notes
    -----
    The smooth curvature tells where the line bends. Each bend is then fitted to the vertices
    themselves, as plateaus of curvature between ramps, together with the tangents on either side;
    a bend that explains them no better than a straight line is none.
    """
    elements: list[Element] = []
    rows = []
    sigmas = []
    for part in smooth_parts(ruler, accuracy_m=accuracy_m):
        if part.curve is None:
            nothing = np.full(2, np.nan)
            rows.append((np.array(part.ends_m), nothing, nothing, nothing))
            continue
        row = curvature_along(part.curve, part.chainage_m)
        rows.append(row)
        sigmas.append(part.curve.sigma_m)
        elements += _part_elements(part, row[1], row[2])
    chainage_m, curvature, sd, width = (np.concatenate(c) for c in zip(*rows, strict=True))
    return Alignment(
        elements=tuple(elements),
        curvature=Curvature(
            chainage_m=chainage_m, curvature_per_m=curvature, sd_per_m=sd, width_m=width
        ),
        sigma_m=float(np.median(sigmas)) if sigmas else None,
    )


def _part_elements(part: SmoothPart, curvature: FloatArray, sd: FloatArray) -> list[Element]:
    from geo_routes.alignment.bends import find_bends, fit_bend  # noqa: PLC0415 - scipy

    curve = part.curve
    if curve is None:
        return []
    knots_m = np.arange(len(curvature), dtype=np.float64) * curve.knot_m
    across_m = _sideways_m(part, knots_m, curvature)
    sigma_m = max(curve.sigma_m, _LEAST_SIGMA_M)
    bends = find_bends(curvature, sd)
    pieces: list[tuple[float, float, float, float, float]] = []
    for number, (first, last) in enumerate(bends):
        begin_m, end_m = float(knots_m[first]), float(knots_m[last])
        before_m = float(knots_m[bends[number - 1][1]]) if number else 0.0
        more = number + 1 < len(bends)
        after_m = float(knots_m[bends[number + 1][0]]) if more else float(knots_m[-1])
        margin_m = max(_MARGIN_WIDTHS * curve.width_m, _MARGIN_SHARE * (end_m - begin_m))
        low_m = max(begin_m - margin_m, (before_m + begin_m) / 2)
        high_m = min(end_m + margin_m, (after_m + end_m) / 2)
        inside = slice(*np.searchsorted(curve.place_m, [low_m, high_m]).tolist())
        if inside.stop - inside.start < _FEWEST:
            middle = float(np.median(curvature[first : last + 1]))
            pieces.append((begin_m, end_m, middle, middle, np.inf))
            continue
        bend = fit_bend(
            curve.place_m[inside],
            across_m[inside],
            knots_m=knots_m[first : last + 1],
            curvature=curvature[first : last + 1],
            ends_m=(low_m, high_m),
            width_m=curve.width_m,
            sigma_m=sigma_m,
            floor_m=part.floor_m,
        )
        if bend is None:
            continue
        half_m = bend.ramp_m / 2
        edges_m = np.column_stack((bend.middle_m - half_m, bend.middle_m + half_m))
        values = [0.0, *bend.curvature_per_m.tolist(), 0.0]
        for i, (from_m, to_m) in enumerate(edges_m.tolist()):
            pieces.append((from_m, to_m, values[i], values[i + 1], 0.0))
            if i < len(bend.sd_per_m):
                arc_end_m = float(edges_m[i + 1, 0])
                spread = float(bend.sd_per_m[i])
                pieces.append((to_m, arc_end_m, values[i + 1], values[i + 1], max(spread, 1e-15)))
    return _chain(part, pieces, sigma_m)


def _sideways_m(part: SmoothPart, knots_m: FloatArray, curvature: FloatArray) -> FloatArray:
    """Give each place's sideways way: its second derivative along the line is the curvature."""
    curve = part.curve
    if curve is None:
        return np.empty(0)
    h = curve.knot_m
    # The curvature is taken as linear between knots; its integrals are then exact polynomials.
    heading = np.concatenate(([0.0], np.cumsum((curvature[1:] + curvature[:-1]) / 2 * h)))
    steps = heading[:-1] * h + (2 * curvature[:-1] + curvature[1:]) * h**2 / 6
    way = np.concatenate(([0.0], np.cumsum(steps)))
    cell = np.minimum((curve.place_m / h).astype(np.int64), len(knots_m) - 2)
    t = curve.place_m - knots_m[cell]
    bent = curvature[cell] * t**2 / 2 + (curvature[cell + 1] - curvature[cell]) * t**3 / (6 * h)
    return np.asarray(way[cell] + heading[cell] * t + bent + curve.offset_m)


def _chain(
    part: SmoothPart, pieces: list[tuple[float, float, float, float, float]], sigma_m: float
) -> list[Element]:
    """Put the pieces end to end, tangents between them, by the chainage of the line."""
    curve = part.curve
    if curve is None:
        return []
    length_m = float(curve.place_m[-1])
    row: list[tuple[float, float, float, float, float]] = []
    reached_m = 0.0
    for from_m, to_m, low, high, spread in pieces:
        begin_m, end_m = max(from_m, reached_m), min(max(to_m, reached_m), length_m)
        if begin_m > reached_m:
            row.append((reached_m, begin_m, 0.0, 0.0, 0.0))
        if end_m > begin_m:
            row.append((begin_m, end_m, low, high, spread))
        reached_m = max(reached_m, end_m)
    if reached_m < length_m:
        row.append((reached_m, length_m, 0.0, 0.0, 0.0))
    places = np.array([piece[:2] for piece in row])
    at_m = np.interp(places, curve.place_m, part.chainage_m)
    return [
        _element(float(ends[0]), float(ends[1]), *piece[2:], sigma_m=sigma_m)
        for ends, piece in zip(at_m, row, strict=True)
        if ends[1] > ends[0]
    ]


def _element(
    from_m: float, to_m: float, low: float, high: float, spread: float, *, sigma_m: float
) -> Element:
    if low == high == 0:
        return Element(kind="tangent", from_m=from_m, to_m=to_m)
    if low != high:
        return Element(
            kind="transition",
            from_m=from_m,
            to_m=to_m,
            curvature_from_per_m=low,
            curvature_to_per_m=high,
        )
    size = abs(low)
    rise = (to_m - from_m) ** 2 * size / 8 / sigma_m
    status: Status = (
        "measured" if rise > _MEASURED else "uncertain" if rise > _UNCERTAIN else "unresolved"
    )
    sure = np.isfinite(spread)
    least = size - _NORMAL_95 * spread if sure else 0.0
    return Element(
        kind="circular_curve",
        from_m=from_m,
        to_m=to_m,
        curvature_from_per_m=low,
        curvature_to_per_m=high,
        radius_m=1 / size,
        radius_low_m=1 / (size + _NORMAL_95 * spread) if sure else 0.0,
        radius_high_m=1 / least if least > 0 else None,
        status=status if sure else "unresolved",
    )
