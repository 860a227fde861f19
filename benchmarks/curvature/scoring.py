"""What an estimate of curvature is worth, told from the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pyproj import Geod

from benchmarks.curvature.cases import Case
from benchmarks.curvature.truth import (
    CURVE,
    FAMILIES,
    KINDS,
    TANGENT,
    FloatArray,
    curvature_at,
    element_at,
)

Elements = Sequence[tuple[float, float, str, float, float, float | None, float | None, str]]
Profile = tuple[FloatArray, FloatArray]
Outcome = Profile | tuple[FloatArray, FloatArray, Elements]
Method = Callable[[FloatArray], Outcome]

GRID_M = 4.0
LEAST_VERTICES = 4
MIDDLE_SHARE = 0.6
KINK_REACH_M = 150.0
WELL_SEEN = 50.0
MEASURED = "measured"

_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Intervals:
    """How the 95 % intervals of radii fare in one case.

    Parameters
    ----------
    measured, covering : int
        Curves called measured, and those of them whose interval holds the true radius. One that
        overlaps no true curve does not.
    widths, errors : (k,) float64
        Of the measured curves that overlap a true one: width of the interval and error of the
        curvature, as shares of the true value.
    well_seen, well_seen_measured : int
        True curves whose sagitta is above 50 times the noise, and those called measured.
    """

    measured: int
    covering: int
    widths: FloatArray
    errors: FloatArray
    well_seen: int
    well_seen_measured: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chain:
    """How the elements of one case fare.

    Parameters
    ----------
    right_m, whole_m : float
        Length whose class (tangent, transition, curve) is told right, and the length.
    curves, true_curves : int
    elements : int
    intervals : Intervals
    """

    right_m: float
    whole_m: float
    curves: int
    true_curves: int
    elements: int
    intervals: Intervals


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Score:
    """What one estimate of one case is worth.

    Parameters
    ----------
    errors : (k,) float64
        abs(estimated / true - 1) of the curvature of circular curves with at least 4 vertices, the
        estimate being the median over the middle 60 % of the curve.
    false_m, tangent_m : float
        Length of tangent that is called curved, and of tangents; not within 150 m of a kink.
    turning_error : float
        abs(estimated / true - 1) of all turning, whatever its hand, not within 150 m of a kink; NaN
        where there is none.
    chain : Chain, optional
        Where elements were given.
    failed : bool
        The estimator raised; it counts as one that saw no curvature.
    """

    errors: FloatArray
    false_m: float
    tangent_m: float
    turning_error: float
    chain: Chain | None
    failed: bool = False


def score(case: Case, outcome: Outcome, *, failed: bool = False) -> Score:
    """Hold an estimate against the truth, every 4 m of true chainage."""
    truth = case.truth
    true_m = np.arange(GRID_M / 2, truth.length_m - GRID_M / 2, GRID_M)
    to_line = _Places(case)
    places_m = to_line.along_line(true_m)
    found_m, found = np.asarray(outcome[0]), np.asarray(outcome[1])
    estimate = np.interp(places_m, found_m, np.where(np.isfinite(found), found, 0.0))
    element = element_at(truth, true_m)

    smooth = np.ones(len(true_m), dtype=bool)
    for kink_m in truth.kink_places_m:
        smooth &= np.abs(true_m - kink_m) > KINK_REACH_M
    straight = smooth & (truth.kinds[element] == TANGENT)
    false = straight & (np.abs(estimate) > FAMILIES[case.family].curved_per_m)
    turning = float(np.abs(estimate[smooth]).sum())
    true_turning = float(np.abs(curvature_at(truth, true_m[smooth])).sum())
    return Score(
        errors=_curve_errors(case, true_m, estimate),
        false_m=float(np.count_nonzero(false) * GRID_M),
        tangent_m=float(np.count_nonzero(straight) * GRID_M),
        turning_error=abs(turning / true_turning - 1) if true_turning else np.nan,
        chain=None if len(outcome) == 2 else _score_chain(case, outcome[2], true_m, to_line),
        failed=failed,
    )


def attempt(case: Case, method: Method) -> Score:
    """Score a method on a case; one that raises has seen no curvature."""
    try:
        return score(case, method(case.lonlat))
    except Exception:  # noqa: BLE001 - whatever a method raises, the others are still scored
        nothing = np.zeros(2), np.zeros(2)
        return score(case, nothing, failed=True)


class _Places:
    """From true chainage to the chainage of the line that was given, and back."""

    def __init__(self, case: Case) -> None:
        _, _, steps_m = _GEOD.inv(*case.lonlat[:-1].T, *case.lonlat[1:].T)
        line_m = np.concatenate(([0.0], np.cumsum(steps_m)))
        self._line_m, first = np.unique(line_m, return_index=True)
        self._true_m = case.true_m[first]

    def along_line(self, true_m: FloatArray) -> FloatArray:
        return np.asarray(np.interp(true_m, self._true_m, self._line_m))

    def along_truth(self, line_m: FloatArray) -> FloatArray:
        return np.asarray(np.interp(line_m, self._line_m, self._true_m))


def _curve_errors(case: Case, true_m: FloatArray, estimate: FloatArray) -> FloatArray:
    truth = case.truth
    errors = []
    for i in np.nonzero(truth.kinds == CURVE)[0]:
        begin_m, end_m = truth.bounds_m[i], truth.bounds_m[i + 1]
        vertices = np.count_nonzero((case.true_m >= begin_m) & (case.true_m <= end_m))
        if vertices >= LEAST_VERTICES:
            cut_m = (1 - MIDDLE_SHARE) / 2 * (end_m - begin_m)
            middle = (true_m > begin_m + cut_m) & (true_m < end_m - cut_m)
            errors.append(abs(np.median(estimate[middle]) / truth.from_per_m[i] - 1))
    return np.array(errors)


def _score_chain(case: Case, elements: Elements, true_m: FloatArray, to_line: _Places) -> Chain:
    truth = case.truth
    bounds_m = np.array([[e[0], e[1]] for e in elements]).reshape(-1, 2)
    kinds = np.array([KINDS[e[2]] for e in elements], dtype=np.int64)
    # Where no element lies, nothing is claimed, which is to say that the line is straight.
    said = np.full(len(true_m), TANGENT)
    places_m = to_line.along_line(true_m)
    for (begin_m, end_m), kind in zip(bounds_m, kinds, strict=True):
        said[(places_m >= begin_m) & (places_m <= end_m)] = kind
    right = said == truth.kinds[element_at(truth, true_m)]
    return Chain(
        right_m=float(np.count_nonzero(right) * GRID_M),
        whole_m=float(len(right) * GRID_M),
        curves=int(np.count_nonzero(kinds == CURVE)),
        true_curves=int(np.count_nonzero(truth.kinds == CURVE)),
        elements=len(kinds),
        intervals=_score_intervals(case, elements, to_line),
    )


def _score_intervals(case: Case, elements: Elements, to_line: _Places) -> Intervals:
    truth = case.truth
    curves = np.nonzero(truth.kinds == CURVE)[0]
    begins_m, ends_m = truth.bounds_m[curves], truth.bounds_m[curves + 1]
    radii_m = 1 / np.abs(truth.from_per_m[curves])
    seen = np.zeros(len(curves), dtype=bool)
    measured = covering = 0
    widths, errors = [], []
    for begin_m, end_m, kind, from_per_m, to_per_m, low_m, high_m, status in elements:
        if KINDS[kind] != CURVE or status != MEASURED:
            continue
        measured += 1
        begin, end = to_line.along_truth(np.array([begin_m, end_m]))
        overlap_m = np.minimum(ends_m, end) - np.maximum(begins_m, begin)
        if low_m is None or high_m is None or not len(curves) or overlap_m.max() <= 0:
            continue
        i = int(np.argmax(overlap_m))
        seen[i] = True
        covering += low_m <= radii_m[i] <= high_m
        widths.append((high_m - low_m) / radii_m[i])
        mean = (from_per_m + to_per_m) / 2
        errors.append(abs(mean / truth.from_per_m[curves[i]] - 1))
    sagittas_m = (ends_m - begins_m) ** 2 / 8 / radii_m
    well_seen = (sagittas_m > WELL_SEEN * case.regime.noise_m) & (case.regime.noise_m > 0)
    return Intervals(
        measured=measured,
        covering=int(covering),
        widths=np.array(widths),
        errors=np.array(errors),
        well_seen=int(np.count_nonzero(well_seen)),
        well_seen_measured=int(np.count_nonzero(well_seen & seen)),
    )
