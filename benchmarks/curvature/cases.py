"""Lines as mappers file them: true alignments sampled, disturbed, simplified and rounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from benchmarks.curvature.truth import FloatArray, IntArray, Truth, draw, trace

_JITTER = 0.15
_FINE_M = 5.0
# Metres to a degree on the WGS 84 ellipsoid, near enough for noise.
_DEG_M = 111_200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """How a line is sampled.

    Parameters
    ----------
    name : str
        ``u`` for uniform or ``dp`` for Douglas-Peucker with its metres, ``s`` for noise.
    says : str
        The same in words.
    step_m : float
        Between vertices, with 15 % of jitter; before a simplification, without.
    tolerance_m : float
        Of the Douglas-Peucker simplification; 0 for none.
    noise_m : float
        Standard deviation of each vertex, east and north alike.
    decimals : int
        Of a degree.
    """

    name: str
    says: str
    step_m: float
    tolerance_m: float = 0.0
    noise_m: float = 0.0
    decimals: int = 7


REGIMES = {
    r.name: r
    for r in (
        Regime(name="u50_s0.3", says="50 m, 0.3 m noise", step_m=50, noise_m=0.3),
        Regime(name="u10_s0.3", says="10 m, 0.3 m noise", step_m=10, noise_m=0.3),
        Regime(name="u50_s1", says="50 m, 1 m noise", step_m=50, noise_m=1),
        Regime(name="u10_s1", says="10 m, 1 m noise", step_m=10, noise_m=1),
        Regime(
            name="dp1_s0.3",
            says="Douglas–Peucker 1 m, then 0.3 m noise",
            step_m=_FINE_M,
            tolerance_m=1,
            noise_m=0.3,
        ),
        Regime(name="u50_s0", says="50 m, no noise", step_m=50),
        Regime(name="u20_5dec", says="20 m, no noise, 5 decimals", step_m=20, decimals=5),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """A line to estimate, and what it was made from.

    Parameters
    ----------
    family, seed : str, int
    regime : Regime
    truth : Truth
    lonlat : (n, 2) float64
        All that an estimator is shown.
    true_m : (n,) float64
        True chainage of each vertex.
    """

    family: str
    seed: int
    regime: Regime
    truth: Truth
    lonlat: FloatArray
    true_m: FloatArray


def make_case(family: str, regime: str, seed: int, *, length_m: float | None = None) -> Case:
    """Make one case; the regimes of one family and seed share their alignment."""
    truth = draw(family, seed, length_m=length_m)
    how = REGIMES[regime]
    rng = np.random.default_rng([seed, *family.encode(), 0, *regime.encode()])
    count = max(int(truth.length_m / how.step_m), 2)
    true_m = np.linspace(0, truth.length_m, count + 1)
    if how.tolerance_m == 0:
        true_m[1:-1] += rng.uniform(-_JITTER, _JITTER, count - 1) * how.step_m
    course = trace(truth, true_m)
    lonlat = course.lonlat
    if how.tolerance_m > 0:
        kept = simplified(course.plane_m, how.tolerance_m)
        lonlat, true_m = lonlat[kept], true_m[kept]
    away_m = rng.normal(0, 1, lonlat.shape) * how.noise_m
    away_m[:, 0] /= np.cos(np.radians(lonlat[:, 1]))
    lonlat = lonlat + away_m / _DEG_M
    lonlat[:, 0] = (lonlat[:, 0] + 180) % 360 - 180
    return Case(
        family=family,
        seed=seed,
        regime=how,
        truth=truth,
        lonlat=np.round(lonlat, how.decimals),
        true_m=true_m,
    )


def simplified(plane_m: FloatArray, tolerance_m: float) -> IntArray:
    """Give the indices that a Douglas-Peucker simplification keeps."""
    # The index rides along as a height, which takes no part in the simplification.
    numbered = np.column_stack((plane_m, np.arange(len(plane_m))))
    line = shapely.simplify(shapely.linestrings(numbered), tolerance_m, preserve_topology=False)
    return np.asarray(shapely.get_coordinates(line, include_z=True)[:, 2], dtype=np.int64)
