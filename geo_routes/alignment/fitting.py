"""Lines → alignments: chains found in the smooth curvature, and fitted to the vertices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo_routes.alignment.elements import Alignment, Element, Kink
from geo_routes.alignment.kinks import turn_at_deg
from geo_routes.alignment.learning import expect_curves, expect_noise, expect_ramps
from geo_routes.alignment.pieces import Piece, chain_pieces, elements_of, tangents
from geo_routes.alignment.search import search_chains
from geo_routes.alignment.seeing import see, sideways_m
from geo_routes.alignment.sights import Expectation, Fit
from geo_routes.alignment.stretches import (
    Stretch,
    cut_stretches,
    find_bends,
    straight_stretches,
)
from geo_routes.chainage import Ruler
from geo_routes.curvature import Curvature, SmoothPart, curvature_along, smooth_parts
from geo_routes.model import FloatArray

_LEAST_SIGMA_M = 1e-3
# How long a ramp may well be, in kernel half-widths, before any is known.
_RAMP_WIDTHS = 4.0
# What is learnt from one turn serves the next; noise that falls by less than this has settled.
_TURNS, _SETTLED = 4, 0.9
# How far the sides of a corner are looked at, in kernel half-widths.
_KINK_WIDTHS = 8.0
# A stretch with so many times the noise of the line was drawn by another hand.
_NOISIER = 3.0


def fit_alignment(
    ruler: Ruler,
    *,
    accuracy_m: float | None = None,
    correlation_m: float | None = None,
    parts: Sequence[SmoothPart] | None = None,
) -> Alignment:
    """Fit tangents, transitions and circular curves to a line.

    Parameters
    ----------
    ruler : Ruler
    accuracy_m : float, optional
        1 sigma per axis of the vertices; without it, it is estimated from the line.
    correlation_m : float, optional
        Over which way neighbours share what they are off, to 1 / e; only with `accuracy_m`.
    parts : sequence of SmoothPart, optional
        The line's parts with their smooth curves, where these are at hand.

    Returns
    -------
    Alignment

    Notes
    -----
    The smooth curvature tells where the line bends. There the vertices themselves are explained
    by plateaus of curvature between ramps; how many of them, and whether a plateau is a tangent
    or a ramp is missing, is decided by the evidence. How long ramps usually are is learnt from
    the clearest ones of the line.
    """
    elements: list[Element] = []
    kinks: list[Kink] = []
    rows = []
    sigmas = []
    if parts is None:
        parts = smooth_parts(ruler, accuracy_m=accuracy_m, correlation_m=correlation_m)
    for part in parts:
        if part.curve is None:
            nothing = np.full(2, np.nan)
            rows.append((np.array(part.ends_m), nothing, nothing, nothing))
            continue
        row = curvature_along(part.curve, part.chainage_m)
        rows.append(row)
        sigma_m, pieces = _explain(part, row[1], row[2], known=accuracy_m is not None)
        sigmas.append(sigma_m)
        elements += elements_of(
            pieces, place_m=part.curve.place_m, chainage_m=part.chainage_m, sigma_m=sigma_m
        )
        kinks += _kinks(part, pieces)
    chainage_m, curvature, sd, width = (np.concatenate(c) for c in zip(*rows, strict=True))
    return Alignment(
        elements=tuple(elements),
        curvature=Curvature(
            chainage_m=chainage_m, curvature_per_m=curvature, sd_per_m=sd, width_m=width
        ),
        sigma_m=float(np.median(sigmas)) if sigmas else None,
        kinks=tuple(kinks),
    )


def _kinks(part: SmoothPart, pieces: list[Piece]) -> list[Kink]:
    curve, chain = part.curve, part.chain
    corners_m = [piece.from_m for piece in pieces if piece.kind == "kink"]
    if curve is None or chain is None or not corners_m:
        return []
    bent_m = [x for p in pieces if p.kind != "kink" for x in (p.from_m, p.to_m)]
    found = []
    for at_m in corners_m:
        others = [x for x in (*bent_m, *corners_m, 0.0, curve.length_m) if x != at_m]
        reach_m = min(_KINK_WIDTHS * curve.width_m, *(abs(x - at_m) for x in others))
        turn_deg = turn_at_deg(chain.xy_m, curve.place_m, at_m, reach_m=reach_m)
        found.append(
            Kink(at_m=float(np.interp(at_m, curve.place_m, part.chainage_m)), turn_deg=turn_deg)
        )
    return found


def _where_noisier(
    stretches: list[Stretch], fits: list[Fit], expected: Expectation, width_m: float
) -> list[Fit]:
    """Fit again, with as much noise as they show, the stretches that are drawn far worse.

    The stretches themselves are changed, too: what was seen there weighs less.
    """
    noisy = []
    for i, (stretch, fit) in enumerate(zip(stretches, fits, strict=True)):
        free = max(len(fit.left_m) - fit.chain.parameters, 1)
        left = float(fit.left_m @ fit.left_m) / free / expected.sigma_m**2
        if left > _NOISIER**2:
            sight = replace(stretch.sight, weight=stretch.sight.weight / np.sqrt(left))
            stretches[i] = replace(stretch, sight=sight)
            noisy.append(i)
    tasks = [(stretches[i].sight, stretches[i].begin) for i in noisy]
    again = dict(zip(noisy, search_chains(tasks, expected, near_m=width_m), strict=True))
    return [again.get(i, fit) for i, fit in enumerate(fits)]


def _explain(
    part: SmoothPart, curvature: FloatArray, sd: FloatArray, *, known: bool
) -> tuple[float, list[Piece]]:
    """Find the chain of one part; give what a vertex is off, too."""
    curve = part.curve
    if curve is None:
        return 0.0, []
    width_m = curve.width_m
    knots_m = np.arange(len(curvature), dtype=np.float64) * curve.knot_m
    across_m = sideways_m(part, knots_m, curvature)
    sigma_m = max(curve.sigma_m, _LEAST_SIGMA_M)
    smooth = (knots_m, curvature)
    seen = see(
        curve.place_m,
        across_m,
        curve.weight,
        curvature=smooth,
        width_m=width_m,
        sigma_m=sigma_m,
    )
    bends = find_bends(knots_m, curvature, sd, width_m=width_m)
    stretches = list(cut_stretches(bends, *seen, width_m=width_m))
    clear = np.abs(curvature) > 2 * sd
    usual = (
        float(np.sqrt(np.mean(curvature[clear] ** 2)))
        if clear.any()
        else 1 / max(curve.length_m, 1.0)
    )
    expected = Expectation(
        sigma_m=sigma_m,
        curvature_per_m=usual,
        square_sd_m2=(_RAMP_WIDTHS * width_m) ** 2,
        spacing_m=max(6 * width_m, 1.0, curve.length_m / (8 * max(len(stretches), 1))),
    )
    fits: list[Fit] = []
    if stretches:
        sights = [stretch.sight for stretch in stretches]
        begin = [stretch.begin for stretch in stretches]
        for turn in range(_TURNS):
            tasks = list(zip(sights, begin, strict=True))
            fits = search_chains(tasks, expected, near_m=width_m, thorough=turn > 0)
            before_m = expected.sigma_m
            if not known:
                expected = expect_noise(expected, fits, sights, floor_m=part.floor_m)
            if turn and (turn == _TURNS - 1 or expected.sigma_m > _SETTLED * before_m):
                break
            expected = expect_curves(expect_ramps(expected, fits), fits)
            begin = [fit.chain for fit in fits]
        fits = _where_noisier(stretches, fits, expected, width_m)
    pieces = chain_pieces(stretches, fits, expected)
    gentle = list(straight_stretches(tangents(pieces, curve.length_m), *seen, width_m=width_m))
    if gentle:
        tasks = [(stretch.sight, stretch.begin) for stretch in gentle]
        fits = search_chains(tasks, expected, near_m=width_m)
        more = chain_pieces(gentle, fits, expected)
        pieces = sorted(pieces + more, key=lambda piece: piece.from_m)
    return expected.sigma_m, pieces
