"""What was seen of a stretch, what is expected of it, and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_routes.alignment.chains import Chain
from geo_routes.model import FloatArray

_USUAL_M = 20.0
_TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """What was seen of a stretch of line.

    Parameters
    ----------
    place_m, across_m : (n,) float64
        Places along the curve, and the sideways way whose second derivative is the curvature.
    weight : (n,) float64
        How sure each is: the standard deviation of a vertex over its own.
    least_m : float
        The shortest plateau that could be told from none.
    """

    place_m: FloatArray
    across_m: FloatArray
    weight: FloatArray
    least_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What to expect of a line before looking at a stretch of it.

    Parameters
    ----------
    sigma_m : float
        Standard deviation of a vertex across the line.
    curvature_per_m : float
        Usual size of a plateau.
    spacing_m : float
        Usual distance of two ramps.
    square_m2, square_sd_m2 : float
        Mean and standard deviation of the squared lengths of ramps.
    abrupt, straight : float
        How often a ramp is none, and a plateau between two ramps a tangent.
    informed : bool
        Whether the lengths of ramps are known; else none is preferred.
    """

    sigma_m: float
    curvature_per_m: float
    spacing_m: float
    square_m2: float = 0.0
    square_sd_m2: float = 1e4
    abrupt: float = 0.05
    straight: float = 0.4
    informed: bool = False
    short_m: float = 0.0

    @property
    def usual_m(self) -> float:
        """A usual length of a ramp."""
        return float(np.sqrt(self.square_m2)) if self.informed else _USUAL_M


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A chain fitted to what was seen.

    Parameters
    ----------
    chain : Chain
    curvature_sd, square_sd : (k + 1,), (k,) float64
        Standard deviations of the curvatures, and of the squared lengths of the ramps; NaN for an
        abrupt one.
    left_m : (n,) float64
        What is left unexplained, times the weight.
    cost : float
        Minus twice the logarithm of the evidence, up to a constant of the stretch.
    """

    chain: Chain
    curvature_sd: FloatArray
    square_sd: FloatArray
    left_m: FloatArray
    cost: float


def project(sight: Sight, columns: FloatArray) -> FloatArray:
    """Weigh columns of values at the places, and take out of them what a straight line explains.

    Parameters
    ----------
    sight : Sight
    columns : (n,) or (n, m) float64

    Returns
    -------
    (n,) or (n, m) float64
    """
    q = line_basis(sight)
    weighed = (columns.T * sight.weight).T
    return np.asarray(weighed - q @ (q.T @ weighed))


def line_basis(sight: Sight) -> FloatArray:
    """Give two orthonormal columns of all straight lines, weighed as the places are."""
    weight = sight.weight
    square = weight**2
    away = weight * (sight.place_m - square @ sight.place_m / np.sum(square))
    return np.column_stack(
        (weight / np.sqrt(np.sum(square)), away / max(float(np.sqrt(away @ away)), _TINY))
    )
