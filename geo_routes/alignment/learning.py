"""What a line tells of itself: the noise of its vertices, and how long its ramps usually are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo_routes.alignment.sights import Expectation, Fit, Sight
from geo_routes.model import FloatArray

_FEWEST = 6
_LENGTHS = 120
# Means as shares of the longest, spreads as shares of the mean, and shares of abrupt ramps.
_MEANS = np.linspace(0.05, 0.8, 16)
_SPREADS = (0.15, 0.25, 0.35, 0.5, 0.7, 1.0)
_ABRUPT = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5)
# Some ramps are like no other.
_OTHER = 0.03
# Before any is seen: most ramps are none too seldom, and lengths scatter by a third or so.
_ABRUPT_RARE, _USUAL_SPREAD, _SPREAD_SPREAD = 6.0, 0.35, 0.5
_FAR = 200.0
# Degrees of freedom, below which the noise is left as it was taken to be; and a change worth while.
_FEWEST_FREE = 20
_LESS = 0.97
# Of curves known to this share, those shorter than this quantile are rare.
_WELL_KNOWN, _RARE = 0.03, 0.2


def expect_noise(
    expected: Expectation, fits: Sequence[Fit], sights: Sequence[Sight], *, floor_m: float
) -> Expectation:
    """Lower what a vertex is taken to be off to what the chains leave unexplained.

    Parameters
    ----------
    expected : Expectation
    fits : sequence of Fit
    sights : sequence of Sight
    floor_m : float
        The least that it can be, by the rounding of the coordinates.

    Returns
    -------
    Expectation
        Never more than before: what is left besides noise is for more curves to explain.
    """
    left, free = 0.0, 0
    for fit, sight in zip(fits, sights, strict=True):
        real = sight.weight >= 1.0
        left += float(np.sum(fit.left_m[real] ** 2))
        # A ramp no longer than its own uncertainty used up nothing.
        idle = int(np.sum(fit.chain.ramp_m**2 < fit.square_sd))
        free += int(real.sum()) - fit.chain.parameters + idle
    if free < _FEWEST_FREE:
        return expected
    sigma_m = float(np.sqrt(left / free))
    if sigma_m > _LESS * expected.sigma_m:
        return expected
    return replace(expected, sigma_m=max(sigma_m, floor_m))


def expect_ramps(expected: Expectation, fits: Sequence[Fit]) -> Expectation:
    """Learn the usual length of ramps, and how many are none, from the ramps of a line.

    Parameters
    ----------
    expected : Expectation
    fits : sequence of Fit
        Fitted without knowing.

    Returns
    -------
    Expectation
        The same where there are fewer than six ramps.

    Notes
    -----
    Squared lengths are known with their standard deviations; the mean and the spread of the
    lengths behind them are those of the greatest likelihood (empirical Bayes [1]_).

    References
    ----------
    .. [1] B. Efron, "Large-Scale Inference", Cambridge 2010, chapter 1.
    """
    e, s = _squares(expected, fits)
    if len(e) < _FEWEST:
        return expected
    longest_m = 2 * float(np.sqrt(max(np.quantile(e, 0.95), 0.0) + 1))
    lengths = np.linspace(1.0, longest_m, _LENGTHS)
    each = np.exp(-0.5 * np.minimum(((e[:, None] - lengths**2) / s[:, None]) ** 2, _FAR)) + 1e-30
    none = np.exp(-0.5 * np.minimum((e / s) ** 2, _FAR)) + 1e-30
    best, best_score = expected, -np.inf
    for mean in (_MEANS * longest_m).tolist():
        for spread in (mean * share for share in _SPREADS):
            chance = np.exp(-0.5 * ((lengths - mean) / spread) ** 2)
            chance = (1 - _OTHER) * chance / max(chance.sum(), 1e-30) + _OTHER / _LENGTHS
            some = each @ chance
            for abrupt_share in _ABRUPT:
                score = float(np.sum(np.log((1 - abrupt_share) * some + abrupt_share * none)))
                score += _ABRUPT_RARE * np.log(1 - abrupt_share)
                score -= 0.5 * (np.log(spread / mean / _USUAL_SPREAD) / _SPREAD_SPREAD) ** 2
                if score > best_score:
                    best_score = score
                    best = replace(
                        expected,
                        square_m2=mean**2 + spread**2,
                        square_sd_m2=max(2 * mean * spread, 1.0),
                        abrupt=abrupt_share,
                        informed=True,
                    )
    return best


def _squares(expected: Expectation, fits: Sequence[Fit]) -> tuple[FloatArray, FloatArray]:
    """Give the squared lengths of ramps beside tangents, as the places alone tell them."""
    square, sd = [np.empty(0)], [np.empty(0)]
    for fit in fits:
        chain = fit.chain
        if not len(chain) or chain.abrupt.all():
            continue
        beside = chain.straight[:-1] | chain.straight[1:]
        usual = float(np.nanmedian(fit.square_sd))
        square.append(np.where(chain.abrupt, 0.0, chain.ramp_m**2)[beside])
        sd.append(np.where(chain.abrupt, np.nan, fit.square_sd)[beside])
        abrupt = chain.abrupt[beside]
        sd[-1][abrupt] = usual
        if expected.informed:
            # What was expected is taken out again; else it would confirm itself.
            own = 1 / sd[-1] ** 2 - 1 / expected.square_sd_m2**2
            own = np.where(abrupt, 1 / usual**2, np.maximum(own, 1e-3 / expected.square_sd_m2**2))
            pull = square[-1] / sd[-1] ** 2 - expected.square_m2 / expected.square_sd_m2**2
            square[-1] = np.where(abrupt, 0.0, pull / own)
            sd[-1] = 1 / np.sqrt(own)
    e, s = np.concatenate(square), np.concatenate(sd)
    known = np.isfinite(s) & (s > 0)
    return e[known], s[known]


def expect_curves(expected: Expectation, fits: Sequence[Fit]) -> Expectation:
    """Learn below which length curves are rare on a line, from those of well-known curvature.

    Parameters
    ----------
    expected : Expectation
    fits : sequence of Fit

    Returns
    -------
    Expectation
        The same where there are fewer than six such curves.
    """
    lengths_m: list[float] = []
    for fit in fits:
        chain = fit.chain
        rooms_m = chain.begins_m[1:] - chain.ends_m[:-1]
        value = np.abs(chain.curvature_per_m[1:-1])
        known = ~chain.straight[1:-1] & (fit.curvature_sd[1:-1] < _WELL_KNOWN * value)
        lengths_m += rooms_m[known].tolist()
    if len(lengths_m) < _FEWEST:
        return expected
    return replace(expected, short_m=float(np.quantile(lengths_m, _RARE)))
