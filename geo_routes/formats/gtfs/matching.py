"""Stops in their order → places along a line, on loops and out-and-back lines too."""

from __future__ import annotations

import numpy as np

from geo_routes.chainage import Ruler, locate
from geo_routes.model import FloatArray

# The nearest places first; where these are not in order, places that lie further off.
_SLACKS_M = (60.0, 300.0, 2_000.0)
# Distances that a feed tells are taken where they lead at most so far from the stop.
_BELIEVED_M = 300.0


def match_stops(ruler: Ruler, lonlat: FloatArray) -> FloatArray | None:
    """Find places along a line that rise with the order of the stops and lie nearest to them.

    Parameters
    ----------
    ruler : Ruler
    lonlat : (m, 2) float64
        Stops in the order of the trip.

    Returns
    -------
    (m,) float64 or None
        Chainages in metres, never falling, with the least sum of squared offsets; None where the
        line passes no such places.
    """
    for slack_m in _SLACKS_M:
        found = locate(ruler, lonlat, slack_m=slack_m)
        first = np.searchsorted(found.point, np.arange(len(lonlat) + 1))
        choices = [
            (found.chainage_m[a:b], found.offset_m[a:b])
            for a, b in zip(first[:-1].tolist(), first[1:].tolist(), strict=True)
        ]
        chosen = _cheapest(choices)
        if chosen is not None:
            return chosen
    return None


def _cheapest(choices: list[tuple[FloatArray, FloatArray]]) -> FloatArray | None:
    """Choose one candidate per stop by dynamic programming over candidates in order of chainage."""
    costs: list[FloatArray] = []
    best_at: list[FloatArray] = []
    for k, (places_m, offsets_m) in enumerate(choices):
        own = offsets_m**2
        if k == 0:
            costs.append(own)
            continue
        before_m = choices[k - 1][0]
        # The cheapest candidate of the stop before among those that lie not ahead of each place.
        order = np.minimum.accumulate(costs[-1])
        where = np.maximum.accumulate(np.where(costs[-1] == order, np.arange(len(order)), 0))
        reach = np.searchsorted(before_m, places_m, side="right") - 1
        fine = reach >= 0
        costs.append(np.where(fine, own + order[np.maximum(reach, 0)], np.inf))
        best_at.append(where[np.maximum(reach, 0)])
    i = int(np.argmin(costs[-1]))
    if not np.isfinite(costs[-1][i]):
        return None
    chosen = [float(choices[-1][0][i])]
    for k in range(len(choices) - 2, -1, -1):
        i = int(best_at[k][i])
        chosen.append(float(choices[k][0][i]))
    return np.array(chosen[::-1])


def places_of_distances(
    ruler: Ruler, travelled: FloatArray, distances: FloatArray, lonlat: FloatArray
) -> FloatArray | None:
    """Find places by the distances that a feed tells of its stops.

    Parameters
    ----------
    ruler : Ruler
    travelled : (n,) float64
        Distance of each vertex, in the feed's unit, never falling.
    distances : (m,) float64
        Of the stops; NaN where the feed tells none.
    lonlat : (m, 2) float64

    Returns
    -------
    (m,) float64 or None
        Chainages in metres; None where the distances are missing, fall, or lead away from a stop.
    """
    from geo_routes import geodesy  # noqa: PLC0415 - for this check alone
    from geo_routes.chainage import interpolate  # noqa: PLC0415

    if not np.isfinite(distances).all() or np.any(np.diff(distances) < 0):
        return None
    rising = np.concatenate(([True], np.diff(travelled) > 0))
    places_m = np.interp(distances, travelled[rising], ruler.chainage_m[rising])
    there = interpolate(ruler, places_m)
    away_m = np.linalg.norm(geodesy.ecef_m(there) - geodesy.ecef_m(lonlat), axis=1)
    return places_m if np.all(away_m <= _BELIEVED_M) else None
