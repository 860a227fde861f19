"""What a train's traction leaves for accelerating, by speed: straight lines in v²/2."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np

from geo_routes.model import BoolArray, FloatArray
from geo_routes.standards import Performance

# Nodes and weights of Gauss and Legendre on 0 to 1.
_X, _WEIGHTS = np.polynomial.legendre.leggauss(6)
NODES, WEIGHTS = (_X + 1) / 2, _WEIGHTS / 2
# Below this speed there is one band.
_SLOWEST_MPS = 1.0
# By how much the chord of a band may be off, and how wide a band may be, as a share of w.
_CHORD_MPS2, _WIDEST = 1e-5, 0.3
_SAMPLES, _HAIR, _BEYOND = 600, 1e-9, 1.001
_NEWTON = 40
# Where the surplus falls to this share within a band, the balance speed is near.
_NEAR_BALANCE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TractionBands:
    """Net acceleration on level and straight line by kinetic energy per mass, ``w = v²/2``.

    Parameters
    ----------
    knots : list of float
        Rising values of w, m²/s², from 0.
    alpha, beta : tuple of lists
        Of each band, first on open line, then in a tunnel: ``a = alpha + beta w``.

    Notes
    -----
    Along the line ``dw/ds = a``, so that in a band ``w`` is an exponential of the distance. A
    constant effort and the resistance A + C v² are straight in w to begin with; of others the
    band has the slope of its chord and just that height at which the way through it is exact.
    """

    knots: list[float]
    alpha: tuple[list[float], list[float]]
    beta: tuple[list[float], list[float]]

    def surplus(self, w: FloatArray, tunnel: BoolArray, *, below: bool = False) -> FloatArray:
        """Give the net acceleration at some w, level and straight; at a knot that above, or below.

        A train holds a speed if it pulls enough just below it: there it would gain again.
        """
        side: Literal["left", "right"] = "left" if below else "right"
        band = np.clip(np.searchsorted(self.knots, w, side=side) - 1, 0, len(self.knots) - 2)
        alpha, beta = np.array(self.alpha), np.array(self.beta)
        kind = np.asarray(tunnel, dtype=np.int64)
        return np.asarray(alpha[kind, band] + beta[kind, band] * w)


@lru_cache(maxsize=256)
def lay_bands(train: Performance, *, top_mps: float) -> TractionBands:
    """Lay the bands of a train up to a speed.

    Parameters
    ----------
    train : Performance
    top_mps : float
        The largest speed that any place permits.
    """
    corners = [v for v in train.corner_speeds_mps if _SLOWEST_MPS < v < top_mps * _BEYOND]
    ends = np.array([_SLOWEST_MPS, *sorted(corners), top_mps * _BEYOND])
    pieces = [_knots(train, low, high) for low, high in pairwise(ends.tolist())]
    speeds = np.unique(np.concatenate(([0.0], *pieces)))
    open_line, tunnel = (_fit(train, speeds, tunnel=t) for t in (False, True))
    return TractionBands(
        knots=(speeds**2 / 2).tolist(),
        alpha=(open_line[0].tolist(), tunnel[0].tolist()),
        beta=(open_line[1].tolist(), tunnel[1].tolist()),
    )


def _knots(train: Performance, low_mps: float, high_mps: float) -> FloatArray:
    """Share a stretch of one law out into bands whose chords are all off by as little.

    A chord over dw is off by ``|a''| dw² / 8``; so bands are as wide as that leaves room for.
    """
    low_w, high_w = (low_mps * (1 + _HAIR)) ** 2 / 2, (high_mps * (1 - _HAIR)) ** 2 / 2
    if low_w >= high_w:
        return np.array([low_mps, high_mps])
    w = np.geomspace(low_w, high_w, _SAMPLES)
    speeds = np.sqrt(2 * w)
    surplus = (train.effort_n(speeds) - train.resistance_n(speeds, tunnel=False)) / train.inertia_kg
    bend = np.abs(np.gradient(np.gradient(surplus, w), w))
    density = np.maximum(np.sqrt(bend / (8 * _CHORD_MPS2)), 1 / (_WIDEST * w))
    level = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(w))))
    count = max(int(np.ceil(level[-1])), 1)
    inner = np.interp(np.linspace(0, level[-1], count + 1)[1:-1], level, w)
    return np.concatenate(([low_mps], np.sqrt(2 * inner), [high_mps]))


def _fit(train: Performance, speeds: FloatArray, *, tunnel: bool) -> tuple[FloatArray, FloatArray]:
    low, high = speeds[:-1], speeds[1:]
    inside = low[:, None] + (high - low)[:, None] * NODES
    # A corner belongs to both its bands: seen from within, where the law is one.
    hair = 1e-9 * (high - low)
    ends = np.column_stack([low + hair, high - hair])
    surplus, at_ends = (
        (train.effort_n(v) - train.resistance_n(v, tunnel=tunnel)) / train.inertia_kg
        for v in (inside, ends)
    )
    w0, w1 = low**2 / 2, high**2 / 2
    slope = (at_ends[:, 1] - at_ends[:, 0]) / (w1 - w0)
    middle = at_ends.mean(axis=1)
    least = np.minimum(surplus.min(axis=1), at_ends.min(axis=1))
    most = np.maximum(surplus.max(axis=1), at_ends.max(axis=1))
    free = least > _NEAR_BALANCE * most
    with np.errstate(divide="ignore", invalid="ignore"):
        way_m = ((high - low)[:, None] * WEIGHTS * inside / surplus).sum(axis=1)
        exact = middle.copy()
        for _ in range(_NEWTON):
            # way = dw/m (1 + r²/12 + r⁴/80 + …), with r = slope dw / m: log((1+r/2)/(1-r/2)) / r.
            ratio = slope * (w1 - w0) / exact
            grown = np.where(
                np.abs(ratio) < 1e-3, 1 + ratio**2 / 12, 2 * np.arctanh(ratio / 2) / ratio
            )
            exact = (w1 - w0) / way_m * grown
    middle = np.where(free & np.isfinite(exact), exact, middle)
    return middle - slope * (w0 + w1) / 2, slope
