"""Which estimators are tried on which cases, and what comes out of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import adapters
from benchmarks.curvature import rivals, roca
from benchmarks.curvature.cases import Case, make_case
from benchmarks.curvature.scoring import Method, Score, attempt

Row = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """A method with its name and how it is set, both as they stand on the page."""

    name: str
    setting: str
    method: Method


OURS = Estimator(
    name="geo_routes",
    setting="`benchmarks/adapters.py: estimate`, which is `fit_alignment` without `accuracy_m`: "
    "nothing is told of the noise.",
    method=adapters.estimate,
)
REFERENCE = Estimator(
    name="three-point",
    setting="The circle through each vertex and its two neighbours.",
    method=rivals.three_point,
)
ESTIMATORS = (
    OURS,
    REFERENCE,
    Estimator(
        name="resampled",
        setting=f"Points on the line every {rivals.RESAMPLED_STEP_M:.0f} m of arc length, then the "
        "three-point circle.",
        method=rivals.resampled_three_point,
    ),
    Estimator(
        name="Savitzky–Golay",
        setting="Points on the line at its median spacing, cubics in a sliding window of "
        f"{rivals.WINDOW_M:.0f} m and at least {rivals.LEAST_WINDOW} points "
        "(`scipy.signal.savgol_filter`).",
        method=rivals.savitzky_golay,
    ),
    Estimator(
        name="spline",
        setting="Cubic smoothing splines of both coordinates over chainage "
        "(`scipy.interpolate.make_smoothing_spline`), smoothed by generalised cross-validation, "
        f"which sees the first {rivals.SPLINE_CAP:,} vertices of longer lines. Chainage counts in "
        f"units of {rivals.SPLINE_UNIT_M:.0f} m, because scipy bounds the search in a way that "
        "would bind in metres.",
        method=rivals.smoothing_spline,
    ),
    Estimator(
        name="ROCA-like",
        setting="Our reading of the published description of the [ROCA]"
        "(https://doi.org/10.1371/journal.pone.0208407) toolbox, not the toolbox. The line is "
        f"simplified by Douglas–Peucker at {roca.TOLERANCE_M:.0f} m; a naive Bayes classifier "
        "with kernel densities tells curve from tangent at each vertex left, by two radii, the "
        "turn, and the turn summed over three and five vertices; vertices of one hand and chords "
        f"up to {roca.LONG_CHORD:.0f} times their shorter neighbour make a curve, and a circle is "
        "fitted to its vertices by least squares. The toolbox is trained on roads; this one on "
        "made lines of seeds 1 and 2.",
        method=roca.roca_like,
    ),
)

CURVED: tuple[Row, ...] = (
    ("rail", "u50_s0.3"),
    ("rail", "u10_s0.3"),
    ("rail", "u50_s1"),
    ("rail", "dp1_s0.3"),
    ("hsr", "u50_s0.3"),
    ("hsr", "u10_s1"),
    ("tram", "u10_s0.3"),
    ("rail", "u50_s0"),
    ("hsr", "u50_s0"),
    ("rail", "u20_5dec"),
)
STRAIGHT: tuple[Row, ...] = tuple(
    ("straight", regime) for regime in ("u50_s0.3", "u10_s0.3", "u50_s1", "u10_s1", "u20_5dec")
)
QUICK: tuple[Row, ...] = (("rail", "u50_s0.3"), ("tram", "u10_s0.3"), ("straight", "u50_s0.3"))

TIMED_VERTICES = 20_000
QUICK_TIMED_VERTICES = 2_000
_TIMED_STEP_M = 10
_REPEATS = 5
_SMALL_M = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """All scores of a run.

    Parameters
    ----------
    seeds : sequence of int
    estimators : sequence of Estimator
        Ours first.
    scores : dict
        By row (family, regime) and estimator's name, one for each seed.
    """

    seeds: Sequence[int]
    estimators: Sequence[Estimator]
    scores: dict[Row, dict[str, list[Score]]]


def run(
    seeds: Sequence[int],
    rows: Iterable[Row],
    *,
    estimators: Sequence[Estimator],
    tell: Callable[[str], None] = lambda _: None,
) -> Trials:
    """Score all estimators on the same cases.

    Parameters
    ----------
    seeds : sequence of int
    rows : iterable of (family, regime)
    estimators : sequence of Estimator
    tell : callable
        Told of each row that is done.

    Returns
    -------
    Trials
    """
    scores: dict[Row, dict[str, list[Score]]] = {}
    for row in rows:
        scores[row] = {e.name: [] for e in estimators}
        for seed in seeds:
            case = make_case(*row, seed)
            for estimator in estimators:
                scores[row][estimator.name].append(attempt(case, estimator.method))
        tell(f"{row[0]} {row[1]} done")
    return Trials(seeds=seeds, estimators=estimators, scores=scores)


def time_ratios(
    vertices: int, *, estimators: Sequence[Estimator]
) -> tuple[float, dict[str, float]]:
    """Time estimators on one long line.

    Parameters
    ----------
    vertices : int
        Of a line of the family ``rail``, 10 m apart with 0.3 m of noise.
    estimators : sequence of Estimator

    Returns
    -------
    reference_s : float
        Processor seconds of the three-point circle for 100,000 vertices.
    ratios : dict
        Seconds of each estimator over those of the three-point circle.
    """
    case = make_case("rail", "u10_s0.3", 1, length_m=float(vertices * _TIMED_STEP_M))
    # Once for what is made at a first call; short lines are enough for that.
    small = make_case("tram", "u10_s0.3", 1, length_m=_SMALL_M)
    for estimator in estimators:
        attempt(small, estimator.method)
    reference_s = min(_seconds(REFERENCE.method, case) for _ in range(_REPEATS))
    ratios = {
        e.name: 1.0 if e is REFERENCE else _seconds(e.method, case) / reference_s
        for e in estimators
    }
    return reference_s * 100_000 / len(case.lonlat), ratios


def _seconds(method: Method, case: Case) -> float:
    begin = time.process_time()
    try:
        method(case.lonlat)
    except Exception:  # noqa: BLE001 - a method that raises has no time
        return np.nan
    return time.process_time() - begin
