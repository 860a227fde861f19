"""How the curvature of each transition curve grows along it.

Most are told by their curvature over their own length: ``k(s) = k0 + (k1 - k0) f(s / L)`` with an
``f`` that runs from 0 to 1. Others are told by their ordinate over the tangent that they leave:
``y' = (X / R) g(x / X)``.

References
----------
LandXML 1.2 schema, ``spiralType`` (landxml.org); for the curves themselves the textbooks of railway
alignment: clothoid and Bloss (1936), Schramm's biquadratic, Klein's sinusoid, the half sine of
Japan's railways, the Wiener Bogen of Hasslinger (its polynomial; the term for the height of the
centre of mass is not told by the formats and stays out).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geo_routes.axis.elements import SpiralKind
from geo_routes.model import FloatArray

Curve = Callable[[FloatArray], FloatArray]


def _biquadratic(u: FloatArray) -> FloatArray:
    return np.where(u <= 0.5, 2.0 * u**2, 1.0 - 2.0 * (1.0 - u) ** 2)


def _biquadratic_turn(u: FloatArray) -> FloatArray:
    later = 1.0 / 6.0 - u + 2.0 * u**2 - 2.0 * u**3 / 3.0
    return np.where(u <= 0.5, 2.0 * u**3 / 3.0, later)


def _cosine(u: FloatArray) -> FloatArray:
    return (1.0 - np.cos(np.pi * u)) / 2.0


def _cosine_turn(u: FloatArray) -> FloatArray:
    return u / 2.0 - np.sin(np.pi * u) / (2.0 * np.pi)


def _sinusoid(u: FloatArray) -> FloatArray:
    return u - np.sin(2.0 * np.pi * u) / (2.0 * np.pi)


def _sinusoid_turn(u: FloatArray) -> FloatArray:
    return u**2 / 2.0 + (np.cos(2.0 * np.pi * u) - 1.0) / (4.0 * np.pi**2)


def _wiener(u: FloatArray) -> FloatArray:
    return u**4 * (35.0 - 84.0 * u + 70.0 * u**2 - 20.0 * u**3)


def _wiener_turn(u: FloatArray) -> FloatArray:
    return u**5 * (7.0 - 14.0 * u + 10.0 * u**2 - 2.5 * u**3)


# By kind: f, and its integral from 0.
SPIRALS: dict[SpiralKind, tuple[Curve, Curve]] = {
    "clothoid": (lambda u: u, lambda u: u**2 / 2.0),
    "bloss": (lambda u: u**2 * (3.0 - 2.0 * u), lambda u: u**3 - u**4 / 2.0),
    "cosine": (_cosine, _cosine_turn),
    "sinusoid": (_sinusoid, _sinusoid_turn),
    "biquadratic": (_biquadratic, _biquadratic_turn),
    "wiener_bogen": (_wiener, _wiener_turn),
}


def slope_over_tangent(
    kind: SpiralKind, x: FloatArray, *, radius_m: float, whole_m: float, length_m: float
) -> FloatArray:
    """Give ``y'`` of a curve that is told over its tangent.

    Parameters
    ----------
    kind : str
    x : (n,) float64
        Metres along the tangent, from the straight end.
    radius_m : float
        At the other end.
    whole_m : float
        ``X``, how far along the tangent the curve reaches.
    length_m : float
        Along the curve.

    Returns
    -------
    (n,) float64
    """
    a = x / whole_m
    if kind == "cubic":
        slope = x**2 / (2.0 * radius_m * length_m)
    elif kind in ("cubic_parabola", "japanese_cubic"):
        slope = x * a / (2.0 * radius_m)
    elif kind == "sine_half_wave":
        slope = whole_m / radius_m * _cosine_turn(a)
    elif kind == "biquadratic_parabola":
        slope = whole_m / radius_m * _biquadratic_turn(a)
    else:
        # The radioid of abscissae: curvature grows with x, so the sine of its heading with x².
        sine = np.minimum(x * a / (2.0 * radius_m), 1.0 - 1e-12)
        slope = sine / np.sqrt(1.0 - sine**2)
    return slope
