"""What the vertices of a part say of its sideways way, and how sure each of them is."""

from __future__ import annotations

import numpy as np

from geo_routes.curvature import SmoothPart
from geo_routes.model import FloatArray

# Of simplified lines, long chords go with little curvature: Spearman's rank correlation of the two.
# Measured -0.6 to -0.9 where lines were simplified, -0.07 where vertices lay at random.
_SIMPLIFIED = -0.3
_FEWEST_CHORDS = 12
_LONG_CHORD = 1.5
# Or a few chords are as much longer as this, and all of them hardly bend.
_FAR_CHORD = 5.0
_MOST_BETWEEN = 12
_LEAST_BETWEEN = 3
# Vertices closer than this share of a kernel's half-width are taken together.
_CELL_WIDTHS = 0.7
_WORTH = 0.7

Seen = tuple[FloatArray, FloatArray, FloatArray]


def sideways_m(part: SmoothPart, knots_m: FloatArray, curvature: FloatArray) -> FloatArray:
    """Give each place's sideways way: its second derivative along the line is the curvature.

    Parameters
    ----------
    part : SmoothPart
    knots_m, curvature : (m,) float64
        The smooth curvature, taken as linear between its knots; its integrals are then exact.

    Returns
    -------
    (n,) float64
        Of each place of the part's curve.
    """
    curve = part.curve
    if curve is None:
        return np.empty(0)
    h = curve.knot_m
    heading = np.concatenate(([0.0], np.cumsum((curvature[1:] + curvature[:-1]) / 2 * h)))
    steps = heading[:-1] * h + (2 * curvature[:-1] + curvature[1:]) * h**2 / 6
    way = np.concatenate(([0.0], np.cumsum(steps)))
    cell = np.minimum((curve.place_m / h).astype(np.int64), len(knots_m) - 2)
    t = curve.place_m - knots_m[cell]
    bent = curvature[cell] * t**2 / 2 + (curvature[cell + 1] - curvature[cell]) * t**3 / (6 * h)
    return np.asarray(way[cell] + heading[cell] * t + bent + curve.offset_m)


def see(
    place_m: FloatArray,
    across_m: FloatArray,
    weight: FloatArray,
    *,
    curvature: tuple[FloatArray, FloatArray],
    width_m: float,
    sigma_m: float,
) -> Seen:
    """Give what was seen: places, sideways ways, and weights.

    Parameters
    ----------
    place_m, across_m, weight : (n,) float64
    curvature : tuple of (m,) float64
        Knots and the smooth curvature there.
    width_m, sigma_m : float

    Returns
    -------
    tuple of (k,) float64

    Notes
    -----
    Where vertices are dense, neighbours are taken together. Where a line was simplified, its long
    chords say that the line lay no further from them than the simplification let it: places on
    them count, as far off as the rise of ordinary chords.
    """
    dense = _together(place_m, across_m, weight**2, curvature, _CELL_WIDTHS * width_m)
    if dense is not None:
        return dense
    between = _on_long_chords(place_m, across_m, curvature, sigma_m)
    if between is None:
        return place_m, across_m, weight
    places = np.concatenate((place_m, between[0]))
    order = np.argsort(places, kind="stable")
    ways = np.concatenate((across_m, between[1]))
    return places[order], ways[order], np.concatenate((weight, between[2]))[order]


def _together(
    place_m: FloatArray,
    across_m: FloatArray,
    square: FloatArray,
    curvature: tuple[FloatArray, FloatArray],
    cell_m: float,
) -> Seen | None:
    cell = ((place_m - place_m[0]) / cell_m).astype(np.int64)
    _, index, count = np.unique(cell, return_inverse=True, return_counts=True)
    if len(count) > _WORTH * len(place_m):
        return None
    known = np.bincount(index, square)
    places = np.bincount(index, square * place_m) / known
    ways = np.bincount(index, square * across_m) / known
    # The mean of a bent way lies beside the way at the mean, by what it bends within the cell.
    spread = np.bincount(index, square * (place_m - places[index]) ** 2) / known
    ways -= np.interp(places, *curvature) * spread / 2
    return places, ways, np.sqrt(known)


def _on_long_chords(
    place_m: FloatArray,
    across_m: FloatArray,
    curvature: tuple[FloatArray, FloatArray],
    sigma_m: float,
) -> Seen | None:
    from scipy.stats import spearmanr  # noqa: PLC0415 - scipy costs 0.15 s

    chords_m = np.diff(place_m)
    if len(chords_m) < _FEWEST_CHORDS or np.ptp(chords_m) == 0:
        return None
    size = np.abs(np.interp((place_m[1:] + place_m[:-1]) / 2, *curvature))
    if np.ptp(size) == 0:
        return None
    usual_m = float(np.median(chords_m))
    far = chords_m > _FAR_CHORD * usual_m
    alone = far.any() and np.quantile(size[far], 0.9) < np.median(size[~far]) / 2
    if not alone and not spearmanr(chords_m, size)[0] < _SIMPLIFIED:
        return None
    long = chords_m > _LONG_CHORD * usual_m
    if not long.any():
        return None
    rises_m = size[~long] * chords_m[~long] ** 2 / 8
    off_m = max(2 * sigma_m, float(np.quantile(rises_m, 0.9)))
    places, ways = [], []
    for i in np.nonzero(long)[0].tolist():
        number = int(np.clip(chords_m[i] // usual_m, _LEAST_BETWEEN, _MOST_BETWEEN))
        share = np.arange(1, number + 1) / (number + 1)
        places.append(place_m[i] + share * chords_m[i])
        ways.append(across_m[i] + share * (across_m[i + 1] - across_m[i]))
    found = np.concatenate(places)
    return found, np.concatenate(ways), np.full(len(found), sigma_m / off_m)
