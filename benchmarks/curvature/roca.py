"""A method like that of ROCA, the ROad Curvature Analyst.

The published tool [1]_ generalises a line, tells curves from tangents at each vertex by a naive
Bayes classifier whose densities come from kernel estimates over a training set of roads, and fits
a circle to each curve by least squares; heuristics split composite curves. This is a reading of
that description, not the tool. It generalises by Douglas-Peucker at 1 m. Its variables are the
radius of the circle through a vertex and its neighbours, the mean radius over three vertices, the
turn at the vertex, and the turn summed over three and over five vertices, each as a logarithm. Its
training set are made lines of seeds 1 and 2, of all three families and three regimes, without the
vertices on transitions; the share of curves in it is not used, both groups being held equally
likely. A run of curve vertices with turns of one hand is one curve, broken at chords three times as
long as the shorter of their neighbours, for simplifying leaves no vertex on a tangent that could be
told to be straight. The circle is fitted to all vertices of the given line within.

References
----------
.. [1] M. Bíl, R. Andrášik, J. Sedoník, V. Cícha, "ROCA - An ArcGIS toolbox for road alignment
   identification and horizontal curve radii computation", PLoS ONE 13(12), e0208407, 2018.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.curvature.cases import make_case, simplified
from benchmarks.curvature.rivals import Profile, Unrolled, unroll
from benchmarks.curvature.truth import CURVE, TANGENT, FloatArray, IntArray, element_at

TOLERANCE_M = 1.0
TRAINING_SEEDS = (1, 2)
_TRAINING = [(f, r) for f in ("tram", "rail", "hsr") for r in ("u50_s0.3", "u10_s0.3", "dp1_s0.3")]
_LEAST_TURN_RAD = 1e-7
_SUPPORT = 512
_FEWEST = 3
LONG_CHORD = 3.0


def roca_like(lonlat: FloatArray) -> Profile:
    """Tell curves from tangents at the vertices, and fit a circle to each curve."""
    line = unroll(lonlat)
    kept = simplified(line.plane_m, TOLERANCE_M)
    chainage_m, curvature = [line.chainage_m[0]], [0.0]
    if len(kept) >= _FEWEST:
        rough = _rough(line, kept)
        for low_m, high_m, hand in _curves(rough):
            inside = (line.chainage_m >= low_m) & (line.chainage_m <= high_m)
            bend = 0.0
            if np.count_nonzero(inside) >= _FEWEST:
                bend = hand / _radius_m(line.plane_m[inside])
            chainage_m += [low_m, low_m, high_m, high_m]
            curvature += [0.0, bend, bend, 0.0]
    return np.array([*chainage_m, line.chainage_m[-1]]), np.array([*curvature, 0.0])


def _curves(line: Unrolled) -> list[tuple[float, float, float]]:
    """Give start, end and hand of the curves of a generalised line.

    Each reaches half of the shorter chord at its end beyond its last vertex.
    """
    curved = _is_curved(_variables(line))
    hand = np.where(curved, np.sign(line.turns_rad), 0)
    chords_m = np.diff(line.chainage_m)
    # A generalised tangent is one chord without a vertex that could be told to be straight.
    beside = (
        np.minimum(chords_m[:-2], chords_m[2:]) if len(chords_m) > _FEWEST - 1 else chords_m[:0]
    )
    tangent = chords_m[1:-1] > LONG_CHORD * beside
    breaks = np.nonzero((np.diff(hand) != 0) | tangent)[0] + 1
    reach_m = np.minimum(chords_m[:-1], chords_m[1:]) / 2
    at_m = line.chainage_m[1:-1]
    return [
        (float(at_m[run[0]] - reach_m[run[0]]), float(at_m[run[-1]] + reach_m[run[-1]]), float(h))
        for run in np.split(np.arange(len(hand)), breaks)
        if (h := hand[run[0]]) != 0
    ]


def _rough(line: Unrolled, kept: IntArray) -> Unrolled:
    """Give the generalised line."""
    plane_m = line.plane_m[kept]
    heading = np.arctan2(*np.diff(plane_m, axis=0).T[::-1])
    turns_rad = (np.diff(heading) + np.pi) % (2 * np.pi) - np.pi
    return Unrolled(plane_m=plane_m, chainage_m=line.chainage_m[kept], turns_rad=turns_rad)


def _variables(line: Unrolled) -> FloatArray:
    """Give the five variables (vertices, 5) of the inner vertices of a generalised line."""
    chords_m = np.hypot(*np.diff(line.plane_m, axis=0).T)
    turns = line.turns_rad
    across_m = np.hypot(*(line.plane_m[2:] - line.plane_m[:-2]).T)
    around = 2 * np.abs(np.sin(turns)) / np.maximum(across_m, 1e-3)
    near_m = (chords_m[:-1] + chords_m[1:]) / 2
    three, five = _summed(turns, 3), _summed(turns, 5)
    mean = np.abs(three) / np.maximum(_summed(near_m, 3), 1e-3)
    least = _LEAST_TURN_RAD / near_m
    sizes = [np.maximum(bend, least) for bend in (around, mean)]
    sizes += [np.maximum(np.abs(turn), _LEAST_TURN_RAD) for turn in (turns, three, five)]
    return np.asarray(np.log(np.column_stack(sizes)))


def _summed(values: FloatArray, width: int) -> FloatArray:
    """Sum over a vertex and its neighbours; beyond the ends there is nothing."""
    return np.convolve(values, np.ones(width))[width // 2 : width // 2 + len(values)]


def _is_curved(variables: FloatArray) -> IntArray:
    """Tell which vertices more likely belong to a curve."""
    support, likelihoods = classifier()
    score = np.zeros(len(variables))
    for values, log_ratio in zip(variables.T, likelihoods, strict=True):
        score += np.interp(values, support, log_ratio)
    return np.asarray(score > 0)


@cache
def classifier() -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Train: give a support and, for each variable, log p(value | curve) - log p(value | tangent).

    The kernel is Gaussian with Scott's width.
    """
    groups: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    for family, regime in _TRAINING:
        for seed in TRAINING_SEEDS:
            case = make_case(family, regime, seed)
            line = unroll(case.lonlat)
            kept = simplified(line.plane_m, TOLERANCE_M)
            true_m = np.interp(line.chainage_m[kept], _along(case.lonlat), case.true_m)
            kinds = case.truth.kinds[element_at(case.truth, true_m)][1:-1]
            variables = _variables(_rough(line, kept))
            groups[0].append(variables[kinds == TANGENT])
            groups[1].append(variables[kinds == CURVE])
    tangents, curves = (np.concatenate(g) for g in groups)
    support = np.linspace(np.log(1e-9), np.log(10), _SUPPORT)
    ratios = (
        np.log(_density(curves[:, i], support)) - np.log(_density(tangents[:, i], support))
        for i in range(curves.shape[1])
    )
    return support, tuple(ratios)


def _along(lonlat: FloatArray) -> FloatArray:
    """Give the chainage of each vertex; those of equal places rise by next to nothing."""
    line = unroll(lonlat)
    assert len(line.chainage_m) == len(lonlat), "training lines have no doubled vertices"
    return line.chainage_m


def _density(values: FloatArray, support: FloatArray) -> FloatArray:
    """Estimate a density on even support by a Gaussian kernel."""
    width = np.std(values) * len(values) ** -0.2
    step = support[1] - support[0]
    edges = np.append(support - step / 2, support[-1] + step / 2)
    counts, _ = np.histogram(np.clip(values, support[0], support[-1]), edges)
    reach = np.arange(1 - len(support) // 2, len(support) // 2) * step
    kernel = np.exp(-((reach / width) ** 2) / 2)
    # A floor, so that a value never seen in one group is not proof.
    smooth = np.convolve(counts, kernel / kernel.sum(), mode="same") / counts.sum()
    return np.asarray(np.maximum(smooth, 1e-4 / len(support)))


def _radius_m(plane_m: FloatArray) -> float:
    """Fit a circle to points by linear least squares of x² + y² = 2ax + 2by + c."""
    local = plane_m - plane_m.mean(axis=0)
    scale = np.abs(local).max()
    local = local / scale
    design = np.column_stack((2 * local, np.ones(len(local))))
    centre = np.linalg.lstsq(design, (local**2).sum(axis=1), rcond=None)[0]
    return float(np.sqrt(centre[2] + centre[0] ** 2 + centre[1] ** 2) * scale)
