"""The fastest run over a track: forward by the traction, backward by the brake."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from math import expm1, inf, log1p

import numpy as np

from geo_routes.errors import InvalidNoun
from geo_routes.model import FloatArray, IntArray
from geo_routes.running_time.track import Track
from geo_routes.running_time.traction import NODES, WEIGHTS, TractionBands

PULLING, CRUISING, BRAKING = 0.0, 1.0, 2.0
_MANY_CRUISING = 3.0
_COLUMNS = 8
# Kinetic energies per mass closer than this, m²/s², are one.
_SAME = 1e-9
_SMALL = 1e-4
_NEWTON = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """The run, piece by piece: in each the train pulls with all it has, cruises, or brakes.

    Parameters
    ----------
    mode : (n,) float64
        `PULLING`, `CRUISING` or `BRAKING`.
    cell : (n,) int64
        Cell of the track that the piece lies in.
    from_m, to_m : (n,) float64
        Distances.
    from_w, to_w : (n,) float64
        Half the square of the speeds there, m²/s².
    alpha, beta : (n,) float64
        Of a piece of pulling: ``dw/ds = alpha + beta w``.
    braking_mps2 : float
    """

    mode: FloatArray
    cell: IntArray
    from_m: FloatArray
    to_m: FloatArray
    from_w: FloatArray
    to_w: FloatArray
    alpha: FloatArray
    beta: FloatArray
    braking_mps2: float

    def part(self, which: slice | IntArray) -> Motion:
        """Give some of the pieces."""
        return Motion(
            mode=self.mode[which],
            cell=self.cell[which],
            from_m=self.from_m[which],
            to_m=self.to_m[which],
            from_w=self.from_w[which],
            to_w=self.to_w[which],
            alpha=self.alpha[which],
            beta=self.beta[which],
            braking_mps2=self.braking_mps2,
        )

    def w_within(self, share: FloatArray) -> FloatArray:
        """Give w at shares of the way through each piece: (n, k) for k shares."""
        way_m = (self.to_m - self.from_m)[:, None] * share
        first = self.from_w[:, None]
        net = (self.alpha + self.beta * self.from_w)[:, None]
        beta = self.beta[:, None]
        grown = beta * way_m
        with np.errstate(divide="ignore", invalid="ignore"):
            rise = np.where(
                np.abs(grown) < 1e-9, net * way_m * (1 + grown / 2), net * np.expm1(grown) / beta
            )
        braked = first - self.braking_mps2 * way_m
        mode = self.mode[:, None]
        w = np.where(mode == PULLING, first + rise, np.where(mode == BRAKING, braked, first))
        return np.asarray(np.maximum(w, 0.0))

    @property
    def seconds(self) -> FloatArray:
        """(n,) time that each piece takes."""
        low, high = np.sqrt(2 * self.from_w), np.sqrt(2 * self.to_w)
        way_m = self.to_m - self.from_m
        spent = np.empty(len(way_m))
        cruising, braking = self.mode == CRUISING, self.mode == BRAKING
        spent[cruising] = way_m[cruising] / high[cruising]
        spent[braking] = np.abs(low - high)[braking] / self.braking_mps2
        # From rest the time is an integral over speed, elsewhere one over the way.
        pulling = self.mode == PULLING
        slow = pulling & (np.minimum(low, high) < 0.5 * np.maximum(low, high))
        first, rise = low[slow, None], (high - low)[slow, None]
        speeds = first + rise * NODES
        net = self.alpha[slow, None] + self.beta[slow, None] * speeds**2 / 2
        spent[slow] = (rise * WEIGHTS / net).sum(axis=1)
        even = np.flatnonzero(pulling & ~slow)
        speeds = np.sqrt(2 * self.part(even).w_within(NODES))
        spent[even] = (way_m[even, None] * WEIGHTS / speeds).sum(axis=1)
        return spent


def drive(
    track: Track,
    bands: TractionBands,
    *,
    braking_mps2: float,
    begin_w: float = 0.0,
    end_w: float = 0.0,
) -> Motion:
    """Find the fastest motion over a track.

    Parameters
    ----------
    track : Track
    bands : TractionBands
    braking_mps2 : float
    begin_w, end_w : float
        Half the square of the speeds at the ends of the track.

    Returns
    -------
    Motion

    Raises
    ------
    InvalidNoun
        Where the train comes to a stand: it cannot climb.

    Notes
    -----
    Backward from each place that limits, the brake allows ``w + b s``; the smallest of these is the
    envelope. Forward, the train pulls with all it has until it reaches the limit or the envelope.
    Every piece is the exact solution of its equation of motion; pieces end where the equation
    changes.
    """
    envelope = brake_envelope(track, braking_mps2, end_w=end_w)
    pieces = _forward(track, bands, envelope, braking_mps2, begin_w)
    rows = np.frombuffer(pieces, dtype=np.float64).reshape(-1, _COLUMNS)
    rows = _unfold(rows, track)
    rows = rows[rows[:, 3] > rows[:, 2]]
    return Motion(
        mode=rows[:, 0],
        cell=rows[:, 1].astype(np.int64),
        from_m=rows[:, 2],
        to_m=rows[:, 3],
        from_w=rows[:, 4],
        to_w=rows[:, 5],
        alpha=rows[:, 6],
        beta=rows[:, 7],
        braking_mps2=braking_mps2,
    )


def brake_envelope(track: Track, braking_mps2: float, *, end_w: float = 0.0) -> FloatArray:
    """Give the largest w at each edge from which the brake still keeps all limits ahead."""
    lowest = np.minimum(np.append(track.limit_w, inf), np.append(inf, track.limit_w))
    lowest[track.stops] = 0.0
    lowest[-1] = min(lowest[-1], end_w)
    reach = lowest + braking_mps2 * track.edges_m
    reach = np.minimum.accumulate(reach[::-1])[::-1]
    return np.asarray(np.minimum(np.maximum(reach - braking_mps2 * track.edges_m, 0.0), lowest))


def _unfold(rows: FloatArray, track: Track) -> FloatArray:
    """Write out the cells that were cruised through at one go."""
    many = np.flatnonzero(rows[:, 0] == _MANY_CRUISING)
    if not len(many):
        return rows
    first, last = rows[many, 1].astype(np.int64), rows[many, 6].astype(np.int64)
    counts = last - first
    cells = np.repeat(first - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    cells = cells + np.arange(counts.sum())
    written = np.zeros((len(cells), _COLUMNS))
    written[:, 0] = CRUISING
    written[:, 1] = cells
    written[:, 2], written[:, 3] = track.edges_m[cells], track.edges_m[cells + 1]
    written[:, 4] = written[:, 5] = np.repeat(rows[many, 4], counts)
    kept = np.delete(rows, many, axis=0)
    both = np.concatenate([kept, written])
    return both[np.argsort(both[:, 2], kind="stable")]


def _forward(  # noqa: C901, PLR0912, PLR0915 - the inner loop of all running times, and one thing
    track: Track,
    bands: TractionBands,
    envelope: FloatArray,
    braking_mps2: float,
    begin_w: float,
) -> array[float]:
    edges, limits, drags = track.edges_m.tolist(), track.limit_w.tolist(), track.drag_mps2.tolist()
    kinds, ahead = track.tunnel.astype(np.int64).tolist(), envelope.tolist()
    holds, until = _holding(track, bands, envelope)
    knots, brake = bands.knots, braking_mps2
    out = array("d")
    write = out.extend
    w, cells = min(begin_w, ahead[0]), len(limits)
    band, i = max(bisect_right(knots, w) - 1, 0), 0
    while i < cells:
        limit = limits[i]
        if w >= limit - _SAME and until[i] > i:
            write((_MANY_CRUISING, i, edges[i], edges[until[i]], limit, limit, until[i], 0.0))
            w, i = limit, until[i]
            continue
        x, end_m, end_w = edges[i], edges[i + 1], ahead[i + 1]
        drag, kind = drags[i], kinds[i]
        alphas, betas = bands.alpha[kind], bands.beta[kind]
        while x < end_m:
            left_m = end_m - x
            allowed = end_w + brake * left_m
            if allowed - w <= _SAME:
                write((BRAKING, i, x, end_m, w, end_w, 0.0, 0.0))
                w, x = end_w, end_m
                break
            if w >= limit - _SAME and holds[i]:
                stop_m = max(end_m - max(limit - end_w, 0.0) / brake, x)
                if stop_m > x:
                    write((CRUISING, i, x, stop_m, limit, limit, 0.0, 0.0))
                if stop_m < end_m:
                    write((BRAKING, i, stop_m, end_m, limit, end_w, 0.0, 0.0))
                    w = end_w
                else:
                    w = limit
                x = end_m
                break
            while band > 0 and knots[band] > w:
                band -= 1
            while knots[band + 1] <= w:
                band += 1
            alpha, beta = alphas[band] - drag, betas[band]
            net = alpha + beta * w
            if net < 0.0 and w <= knots[band] + _SAME and band > 0:
                # Falling from a knot: the band below rules.
                below = alphas[band - 1] - drag + betas[band - 1] * w
                if below < 0.0:
                    band -= 1
                    alpha, beta, net = alphas[band] - drag, betas[band], below
                else:
                    net = 0.0
            if net == 0.0:
                # Balance: beyond this speed it falls, below it rises. The train keeps it until the
                # cell ends, or the brake curve comes.
                far_m = left_m if w <= end_w else max(left_m - (w - end_w) / brake, 0.0)
                stop_m = min(x + far_m, end_m)
                if stop_m <= x:  # the brake curve is nearer than places can be told apart
                    write((BRAKING, i, x, end_m, w, end_w, 0.0, 0.0))
                    w, x = end_w, end_m
                    break
                write((CRUISING, i, x, stop_m, w, w, 0.0, 0.0))
                x = end_m if far_m >= left_m else stop_m
                continue
            target = min(knots[band + 1], limit) if net > 0.0 else knots[band]
            if (alpha + beta * target) * net <= 0.0:
                way_m = inf
            else:
                ratio = beta * (target - w) / net
                if -_SMALL < ratio < _SMALL:
                    way_m = (target - w) / net * (1 - ratio / 2 + ratio * ratio / 3)
                else:
                    way_m = log1p(ratio) / beta
            if way_m <= left_m:
                there = target
            else:
                way_m = left_m
                grown = beta * way_m
                if -_SMALL < grown < _SMALL:
                    there = w + net * way_m * (1 + grown / 2 + grown * grown / 6)
                else:
                    there = w + net * expm1(grown) / beta
            if there > end_w + brake * (left_m - way_m):
                way_m, there = _meet(w, net, beta, allowed, brake, way_m)
            if there <= 0.0 and net < 0.0:
                raise _stalled(track, i, x)
            write((PULLING, i, x, x + way_m, w, there, alpha, beta))
            before = x
            x, w = (end_m if way_m >= left_m else x + way_m), there
            if x == before and way_m <= 0.0 and net < 0.0:
                raise _stalled(track, i, x)
        w = min(w, ahead[i + 1])
        i += 1
    return out


def _stalled(track: Track, cell: int, x: float) -> InvalidNoun:
    place_m = float(np.interp(x, track.edges_m, track.chainage_m))
    permille = 1000 * float(track.gradient[cell])
    why = (
        f"it cannot climb {permille:.0f} permille"
        if permille > 0
        else "it resists more than it pulls"
    )
    msg = f"the train comes to a stand at {place_m / 1000:.3f} km: {why}"
    return InvalidNoun(msg, remedy="check the heights, or take another train")


def _holding(
    track: Track, bands: TractionBands, envelope: FloatArray
) -> tuple[list[bool], list[int]]:
    """Tell where the traction holds the limit, and up to which cell it is held without braking."""
    holds = bands.surplus(track.limit_w, track.tunnel, below=True) - track.drag_mps2 >= 0.0
    whole = holds & (envelope[1:] >= track.limit_w - _SAME)
    same = np.append(np.abs(np.diff(track.limit_w)) <= 0.0, False)
    # A cell is followed at one go by the next where both are held at one limit.
    joined = whole & same & np.append(whole[1:], False)
    cells = np.arange(len(whole))
    last = np.where(joined, len(whole), cells)
    last = np.minimum.accumulate(last[::-1])[::-1]
    until = np.where(whole, last + 1, cells)
    return holds.tolist(), until.tolist()


def _meet(
    w: float, net: float, beta: float, allowed: float, brake: float, most_m: float
) -> tuple[float, float]:
    """Find where the train meets its brake curve within a piece of pulling."""
    low, high = 0.0, most_m
    way_m = min((allowed - w) / max(net + brake, 1e-12), most_m)
    there = w
    for _ in range(60):
        grown = beta * way_m
        rise = net * way_m * (1 + grown / 2) if abs(grown) < 1e-9 else net * expm1(grown) / beta
        there = w + rise
        over = there - (allowed - brake * way_m)
        if over > 0:
            high = way_m
        else:
            low = way_m
        slope = net + beta * rise + brake
        step = way_m - over / slope if slope > 0 else inf
        if abs(over) <= _SAME:
            break
        way_m = step if low < step < high else (low + high) / 2
    return way_m, min(there, allowed - brake * way_m)
