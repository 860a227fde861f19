"""Signed curvature along a line, with how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo_routes.chainage import Ruler
from geo_routes.curvature.development import Development, develop
from geo_routes.curvature.roughness import roughness
from geo_routes.model import FloatArray
from geo_routes.uncertainty import noise_sigma_m, rounding_sigma_m

if TYPE_CHECKING:
    from geo_routes.curvature.smoothing import Curve

_FEWEST = 5
_LEAST_SIGMA_M = 0.01
# No vertex is known better than this, whatever a file says.
_LEAST_ACCURACY_M = 1e-4
_SLOWEST = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curvature:
    """Curvature of one route at places along it.

    Parameters
    ----------
    chainage_m : (n,) float64
        Rising; where parts meet one chainage may stand twice.
    curvature_per_m : (n,) float64
        Left positive; NaN in parts of fewer than five vertices.
    sd_per_m : (n,) float64
        Standard deviation; it grows where vertices are sparse.
    width_m : (n,) float64
        Half-width of the stretch that each value is taken over: what is shorter is flattened.
    """

    chainage_m: FloatArray
    curvature_per_m: FloatArray
    sd_per_m: FloatArray
    width_m: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SmoothPart:
    """One unbroken part of a line with its smooth curve.

    Parameters
    ----------
    ends_m : tuple of float
        Chainages where the part begins and ends.
    chainage_m : (n,) float64
        Of the vertices that were fitted; empty where there are too few.
    chain : Development or None
        The vertices unrolled onto a plane; None where there are too few.
    curve : Curve or None
        None where there are fewer than five vertices apart.
    floor_m : float
        The least that a vertex can be off, by the rounding of the coordinates.
    """

    ends_m: tuple[float, float]
    chainage_m: FloatArray
    chain: Development | None
    curve: Curve | None
    floor_m: float


def estimate_curvature(ruler: Ruler, *, accuracy_m: float | None = None) -> Curvature:
    """Estimate the curvature along a line.

    Parameters
    ----------
    ruler : Ruler
    accuracy_m : float, optional
        1 sigma per axis of the vertices; without it, it is estimated from the line.

    Returns
    -------
    Curvature
    """
    return curvature_of_parts(smooth_parts(ruler, accuracy_m=accuracy_m))


def curvature_of_parts(parts: Sequence[SmoothPart]) -> Curvature:
    """Give the curvature of a line whose parts have their smooth curves."""
    nothing = np.full(2, np.nan)
    rows = [
        (np.array(part.ends_m), nothing, nothing, nothing)
        if part.curve is None
        else curvature_along(part.curve, part.chainage_m)
        for part in parts
    ]
    columns = zip(*rows, strict=True)
    chainage_m, curvature, sd, width = (np.concatenate(column) for column in columns)
    return Curvature(chainage_m=chainage_m, curvature_per_m=curvature, sd_per_m=sd, width_m=width)


def smooth_parts(
    ruler: Ruler, *, accuracy_m: float | None = None, correlation_m: float | None = None
) -> list[SmoothPart]:
    """Fit a smooth curve to each unbroken part of a line; parts that join are one.

    Parameters
    ----------
    ruler : Ruler
    accuracy_m : float, optional
        1 sigma per axis of the vertices; without it, it is estimated from the line.
    correlation_m : float, optional
        Over which way neighbours share what they are off, to 1 / e; only with `accuracy_m`.

    Returns
    -------
    list of SmoothPart

    Notes
    -----
    Noise that neighbours share is no smaller when more of them are taken together. Over ways much
    longer than `correlation_m` it counts as noise of its own at each vertex, ``sqrt((1 + r) / (1 -
    r))`` as large, with ``r`` the correlation of two neighbours: the ratio of the spectral
    densities of both at low frequencies [1]_.

    References
    ----------
    .. [1] P. J. Brockwell, R. A. Davis, "Time Series: Theory and Methods", Springer 1991, 4.4.
    """
    from geo_routes.curvature.smoothing import smooth  # noqa: PLC0415 - scipy costs 0.15 s

    starts = ruler.part_starts
    joins = np.all(ruler.lonlat[starts[1:] - 1] == ruler.lonlat[starts[1:]], axis=1)
    starts = starts[np.concatenate(([True], ~joins))]
    ends = np.append(starts[1:], len(ruler.lonlat))
    parts = []
    for first, end in zip(starts.tolist(), ends.tolist(), strict=True):
        lonlat, places_m = ruler.lonlat[first:end], ruler.chainage_m[first:end]
        floor_m = max(rounding_sigma_m(lonlat), _LEAST_SIGMA_M)
        chain = develop(lonlat, chainage_m=places_m) if end - first >= _FEWEST else None
        curve = None
        if chain is not None and len(chain.xy_m) >= _FEWEST:
            sigma_m = _alone_m(accuracy_m, correlation_m, chain.chords_m)
            turns = turns_rad(chain.xy_m)
            guess_m = max(noise_sigma_m(chain.chords_m, turns), floor_m)
            rough = roughness(chain.xy_m, sigma_m=sigma_m or guess_m)
            curve = smooth(
                chain.xy_m,
                sigma_m=sigma_m,
                floor_m=floor_m,
                guess_m=1.5 * guess_m,
                weight=None if rough is None else 1 / rough,
            )
        parts.append(
            SmoothPart(
                ends_m=(float(places_m[0]), float(places_m[-1])),
                chainage_m=np.empty(0) if chain is None else chain.chainage_m,
                chain=chain,
                curve=curve,
                floor_m=floor_m,
            )
        )
    return parts


def _alone_m(
    accuracy_m: float | None, correlation_m: float | None, chords_m: FloatArray
) -> float | None:
    """Give the noise of vertices that share none, as large as that of those that do."""
    if accuracy_m is None:
        return None
    accuracy_m = max(accuracy_m, _LEAST_ACCURACY_M)
    if not correlation_m:
        return accuracy_m
    shared = float(np.exp(-np.median(chords_m) / correlation_m))
    return accuracy_m * float(np.sqrt((1 + shared) / max(1 - shared, 1e-9)))


def turns_rad(xy_m: FloatArray) -> FloatArray:
    """Give the turns of a plane chain at its inner places, left positive."""
    heading = np.arctan2(*np.diff(xy_m, axis=0).T[::-1])
    return np.asarray((np.diff(heading) + np.pi) % (2 * np.pi) - np.pi)


def curvature_along(
    curve: Curve, chainage_m: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Give the curvature at the knots, by the chainage of the line as filed."""
    from geo_routes.curvature.smoothing import bends, slopes  # noqa: PLC0415

    spans = len(curve.coefficients_m) - 3
    cell = np.arange(spans + 1)
    cell[-1] = spans - 1
    share = np.zeros(spans + 1)
    share[-1] = 1.0
    slope, bend = slopes(share), bends(share)
    around = curve.coefficients_m[cell[:, None] + np.arange(4)]
    first = np.einsum("ni,nik->nk", slope, around) / curve.knot_m
    second = np.einsum("ni,nik->nk", bend, around) / curve.knot_m**2
    speed = np.maximum(np.hypot(*first.T), _SLOWEST)
    curvature = (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / speed**3
    places_m = np.arange(spans + 1) * curve.knot_m
    # Vertices a metre within the kernel's width of each knot: the fewer, the less is known.
    known = np.concatenate(([0.0], np.cumsum(curve.weight**2)))
    near = known[np.searchsorted(curve.place_m, places_m + curve.width_m)]
    near = near - known[np.searchsorted(curve.place_m, places_m - curve.width_m)]
    density = np.maximum(near, np.min(curve.weight) ** 2) / (2 * curve.width_m)
    # Posterior variance of a second derivative under this penalty:
    # sigma² / density * integral of w^4 / (1 + (width w)^6) dw / pi = sigma² / density / 3 width^5.
    sd = curve.sigma_m / np.sqrt(3 * density * curve.width_m**5)
    at_m = np.interp(places_m, curve.place_m, chainage_m)
    return at_m, curvature, sd, np.full(spans + 1, curve.width_m)
