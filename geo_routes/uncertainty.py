"""How far the measured length may lie from the length of the true axis."""

from __future__ import annotations

import numpy as np

from geo_routes import geodesy
from geo_routes.model import FloatArray, Route

# Two-sided 95 % of a normal distribution.
_NORMAL_95 = 1.959964
# A median of absolute values is 0.6745 standard deviations of a normal distribution.
_MEDIAN_TO_SIGMA = 0.6745
# The standard deviation of the noise estimate from n overlapping windows is this over sqrt(n), as a
# share of it: found by simulation, 1.5 to 1.7 from 9 windows to 2,000; windows apart have 1.17.
_WINDOW_SPREAD = 1.6
_MOST_DECIMALS = 12
_LEAST_FOR_NOISE = 12
_MOST_WINDOWS = 2_000


def length_uncertainty_m(route: Route, *, steps_m: FloatArray) -> float | None:
    """Give the half-width of the 95 % interval for the length of the true axis.

    Parameters
    ----------
    route : Route
    steps_m : (n - 1,) float64
        Geodesic length of each step; 0 for a gap between parts.

    Returns
    -------
    float or None
        Metres. None for a sketch: what lies between its vertices is not known at all.

    Notes
    -----
    With step lengths ``d`` and turns ``tau`` at the vertices, and ``sigma`` the standard
    deviation of a vertex per axis,

    * noise lengthens each step by ``sigma² / s`` on average (the mean of a Rice distribution for
      ``sigma << s``), ``s`` the true step, of which ``mean(d²) - 4 sigma²`` estimates the square:
      ``N = sum(sigma² / d) * mean(d²) / (mean(d²) - 4 sigma²)``; where that leaves less than a
      quarter of ``mean(d²)``, noise outweighs the steps, nothing is known, and ``N = sum(d)``;
    * a chord is shorter than the arc it stands for: ``C = sum(d * turn²) / 24``, with ``turn`` the
      larger of the turns at the ends of the step, less what noise alone turns (variance
      ``2 sigma² (1/d1² + 1/d2² + 1/(d1 d2))``);
    * what is left is random. A vertex moved along the line lengthens one step and shortens the
      other, so only ends and bends count; moved across it, it lengthens both by a square, which
      scatters by itself and together with its neighbours':
      ``S² = sigma² (2 + sum(4 sin²(tau / 2))) + 3 sum((sigma² / d)²)``.

    The half-width is ``max(N, C) + 1.96 S``: the two shifts have opposite signs, so the larger
    bounds their sum. ``sigma`` is ``accuracy_m`` where given, else the larger of the rounding of
    the coordinates and a noise estimate, the median of the fourth differences across the line. An
    estimate from ``n`` windows is itself uncertain by a share ``r = 1.6 / sqrt(n)``: then ``S²``
    is ``(S² + (2 r N)²) (1 + 2.4 r² + 5.8 r⁴)²``, where the last factor turns 1.96 into the
    quantile of Student's distribution with ``1 / (2 r²)`` degrees of freedom [1]_.

    References
    ----------
    .. [1] M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions", 1964, 26.7.5.
    """
    if route.geometry_kind == "sketch":
        return None
    noise_m = C = S = 0.0  # noqa: N806
    rounding_m = rounding_sigma_m(route.lonlat)
    starts = route.part_starts
    # Parts that join are one line: the turn at the joint counts.
    joins = np.all(route.lonlat[starts[1:] - 1] == route.lonlat[starts[1:]], axis=1)
    starts = starts[np.concatenate(([True], ~joins))]
    ends = np.append(starts[1:], len(route.lonlat))
    for first, end in zip(starts.tolist(), ends.tolist(), strict=True):
        lonlat, d_m = route.lonlat[first:end], steps_m[first : end - 1]
        moved = np.concatenate(([True], d_m > 0))
        lonlat, d_m = lonlat[moved], d_m[d_m > 0]
        if len(d_m) == 0:
            continue
        turn = geodesy.deflections_rad(lonlat) if len(d_m) > 1 else np.empty(0)
        sigma_m, spread = route.accuracy_m or rounding_m, 0.0
        if route.accuracy_m is None and (estimate_m := noise_sigma_m(d_m, turn)) > rounding_m:
            windows = min(len(d_m) - 3, _MOST_WINDOWS)
            sigma_m, spread = estimate_m, _WINDOW_SPREAD / float(np.sqrt(windows))
        lengthening_m = noise_lengthening_m(d_m, sigma_m)
        noise_m += lengthening_m
        C += _chord_shortfall_m(d_m, turn, sigma_m)  # noqa: N806
        bends = 2 + float(np.sum(4 * np.sin(turn / 2) ** 2))
        scatter = 3 * float(np.sum(np.minimum(sigma_m**2 / d_m, d_m) ** 2))
        random = sigma_m**2 * bends + scatter + (2 * spread * lengthening_m) ** 2
        S += random * (1 + 2.4 * spread**2 + 5.8 * spread**4) ** 2  # noqa: N806
    return max(noise_m, C) + _NORMAL_95 * float(np.sqrt(S))


def noise_free_m(route: Route, *, steps_m: FloatArray) -> tuple[float, float] | None:
    """Estimate how long the line would be without the noise of its vertices.

    Parameters
    ----------
    route : Route
    steps_m : (n - 1,) float64

    Returns
    -------
    tuple of float or None
        The least and the most: the length less the noise's expected share, and the lengths over
        every few vertices, where the noise hardly counts. None where there is no noise to see.
    """
    low_m = high_m = 0.0
    noisy = False
    for first, end in zip(route.part_starts, route.part_ends, strict=True):
        d_m = steps_m[first : end - 1]
        line = route.lonlat[first:end]
        moves = np.concatenate(([True], d_m > 0))
        line, d_m = line[moves], d_m[d_m > 0]
        length_m = float(np.sum(d_m))
        sigma_m = noise_sigma_m(d_m, geodesy.deflections_rad(line)) if len(d_m) > 1 else 0.0
        sigma_m = max(sigma_m, route.accuracy_m or 0.0)
        if sigma_m <= rounding_sigma_m(line) or len(d_m) < _LEAST_FOR_NOISE:
            low_m, high_m = low_m + length_m, high_m + length_m
            continue
        noisy = True
        mean_m = length_m / len(d_m)
        guesses = [max(length_m - noise_lengthening_m(d_m, sigma_m), 0.0)]
        for chord_sigmas in (10, 20, 40):
            every = int(np.ceil(chord_sigmas * sigma_m / mean_m))
            if 1 < every < len(line) / 3:
                kept = np.unique(np.append(np.arange(0, len(line), every), len(line) - 1))
                guesses.append(float(np.sum(geodesy.segment_lengths_m(line[kept]))))
        if len(guesses) > 1 and guesses[0] < min(guesses[1:]) / 2:
            guesses = guesses[1:]  # noise as long as the steps: its expected share says nothing
        low_m, high_m = low_m + min(guesses), high_m + max(guesses)
    return (low_m, high_m) if noisy else None


def rounding_sigma_m(lonlat: FloatArray) -> float:
    """Give the standard deviation of a vertex that the rounding of its coordinates makes.

    Rounding to a unit ``u`` spreads evenly over ``u``: ``u / sqrt(12)``. The unit is the decimal
    that all coordinates share.
    """
    sample = lonlat[:: max(len(lonlat) // 500, 1)]
    decimals = _MOST_DECIMALS
    while decimals > 0 and np.all(np.abs(np.round(sample, decimals - 1) - sample) < 1e-13):
        decimals -= 1
    unit_m = 10.0**-decimals * float(geodesy.metres_per_degree(np.zeros(1))[0][0])
    return unit_m / float(np.sqrt(12))


def noise_sigma_m(d_m: FloatArray, turn_rad: FloatArray) -> float:
    """Estimate the noise of vertices across the line.

    Fourth divided differences of five neighbouring vertices vanish on any smooth curve and keep
    the noise; their median absolute value over that of unit noise is the estimate. Sharp corners
    and bends sampled too coarsely raise it, so it errs to the large side.

    Parameters
    ----------
    d_m : (n,) float64
        Lengths of the steps.
    turn_rad : (n - 1,) float64
        Turns between them.

    Returns
    -------
    float
        Metres; 0 where there are too few vertices to tell.
    """
    if len(d_m) < _LEAST_FOR_NOISE:
        return 0.0
    heading = np.concatenate(([0.0], -np.cumsum(turn_rad)))
    x = np.concatenate(([0.0], np.cumsum(d_m * np.cos(heading))))
    y = np.concatenate(([0.0], np.cumsum(d_m * np.sin(heading))))
    # A median of some thousands is as good as one of a million.
    first = np.arange(0, len(x) - 4, max(len(x) // _MOST_WINDOWS, 1))
    xs, ys = (v[first[:, None] + np.arange(5)] for v in (x, y))
    along = np.column_stack((xs[:, 4] - xs[:, 0], ys[:, 4] - ys[:, 0]))
    span = np.linalg.norm(along, axis=1)
    good = span > 0
    along, xs, ys, span = along[good] / span[good, None], xs[good], ys[good], span[good]
    s = (xs - xs[:, :1]) * along[:, :1] + (ys - ys[:, :1]) * along[:, 1:]
    t = -(xs - xs[:, :1]) * along[:, 1:] + (ys - ys[:, :1]) * along[:, :1]
    gaps = s[:, :, None] - s[:, None, :]
    gaps[:, np.arange(5), np.arange(5)] = 1.0
    # A window that turns back on itself has no difference of its own.
    ahead = np.all(np.diff(s, axis=1) > 1e-3 * span[:, None], axis=1)
    if not ahead.any():
        return 0.0
    weights = 1 / np.prod(gaps[ahead], axis=2)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    size = np.abs(np.sum(weights * t[ahead], axis=1))
    # np.median would import numpy.ma, which costs a short command a tenth of its time.
    middle = len(size) // 2
    return float(np.partition(size, middle)[middle] / _MEDIAN_TO_SIGMA)


def noise_lengthening_m(d_m: FloatArray, sigma_m: float) -> float:
    """Give by how much noise lengthens a chain of steps on average; see `length_uncertainty_m`."""
    measured = float(np.mean(d_m**2))
    true = measured - 4 * sigma_m**2
    if true < measured / 4:
        return float(np.sum(d_m))
    return float(np.sum(np.minimum(sigma_m**2 / d_m, d_m))) * measured / true


def _chord_shortfall_m(d_m: FloatArray, turn_rad: FloatArray, sigma_m: float) -> float:
    if len(turn_rad) == 0:
        return 0.0
    before, after = d_m[:-1], d_m[1:]
    by_noise = 2 * sigma_m**2 * (1 / before**2 + 1 / after**2 + 1 / (before * after))
    squared = np.maximum(turn_rad**2 - by_noise, 0.0)
    # The larger turn: where a straight passes into a curve, the mean would be short of it.
    per_step = np.concatenate((squared[:1], np.maximum(squared[:-1], squared[1:]), squared[-1:]))
    return float(np.sum(d_m * per_step) / 24)
