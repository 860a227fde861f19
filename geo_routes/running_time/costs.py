"""What each restriction and each stop costs a run: seconds and energy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from geo_routes.errors import InvalidNoun
from geo_routes.running_time.energy import reckon_energy
from geo_routes.running_time.motion import Motion, drive
from geo_routes.running_time.runs import Run, drive_track
from geo_routes.running_time.track import Track, lay_track
from geo_routes.speed import Cause, Restriction

# Beside a restriction the run is reckoned anew over so much of the line at first.
_REACH_M = 5_000.0
_SAME_W = 1e-6
_NOTHING_S = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one restriction or stop costs, all others as they are.

    Parameters
    ----------
    cause : {"curve", "transition", "vertical_curve", "line_limit", "declared", "tunnel", "station",
            "stop"}
    from_m, to_m : float
        Chainages.
    lost_s : float
        Running time that it takes, without dwell.
    lost_j : float
        Energy at the wheel that it takes; below 0 where going slowly saves more than it costs.
    restriction : Restriction, optional
        None for a stop.
    name : str
    eased_m : float, optional
        Radius that a curve would be eased to.
    saved_s : float, optional
        What that would save.
    """

    cause: Cause | Literal["stop"]
    from_m: float
    to_m: float
    lost_s: float
    lost_j: float
    restriction: Restriction | None = None
    name: str = ""
    eased_m: float | None = None
    saved_s: float | None = None


def rank_costs(run: Run, *, eased_m: float | None = None) -> tuple[Cost, ...]:
    """Reckon what each restriction and each stop on the way costs a run.

    Parameters
    ----------
    run : Run
    eased_m : float, optional
        Radius that each sharper curve would be eased to, for what that would save.

    Returns
    -------
    tuple of Cost
        Those that cost more than a millisecond, the costliest first.

    Notes
    -----
    The run is driven again without the restriction, over so much of the line that it is the same
    at both ends of it; beyond them nothing can differ.
    """
    if eased_m is not None and not (np.isfinite(eased_m) and eased_m > 0):
        msg = f"a radius of {eased_m:g} m is none"
        raise InvalidNoun(msg, value=eased_m)
    again = _Again(run)
    costs = []
    for number in np.unique(run.drive.track.cause).tolist():
        if number < 0:
            continue
        mine = run.permitted.restrictions[number]
        lost_s, lost_j = again.without(number)
        if lost_s < _NOTHING_S:
            continue
        saved_s = None
        if eased_m is not None and mine.cause == "curve" and (mine.radius_m or 0) < eased_m:
            eased = run.permitted.eased_mps(eased_m)
            saved_s = again.without(number, limit_w=eased**2 / 2)[0]
        costs.append(
            Cost(
                cause=mine.cause,
                from_m=mine.from_m,
                to_m=mine.to_m,
                lost_s=lost_s,
                lost_j=lost_j,
                restriction=mine,
                name=mine.name,
                eased_m=None if saved_s is None else eased_m,
                saved_s=saved_s,
            )
        )
    for i, stop in enumerate(run.stops[1:-1]):
        lost_s, lost_j = again.through(i)
        costs.append(
            Cost(
                cause="stop",
                from_m=stop.chainage_m,
                to_m=stop.chainage_m,
                lost_s=lost_s,
                lost_j=lost_j,
                name=stop.name,
            )
        )
    return tuple(sorted(costs, key=lambda c: -c.lost_s))


class _Again:
    """A run that is driven again over parts of its track."""

    def __init__(self, run: Run) -> None:
        self.run, self.base = run, run.drive
        base = self.base
        cells = len(base.track.limit_w)
        motion = base.motion
        self.first = np.searchsorted(motion.cell, np.arange(cells + 1))
        self.edge_w = np.concatenate((motion.from_w[:1], np.zeros(cells)))
        self.edge_w[motion.cell + 1] = motion.to_w
        self.spent_s = np.concatenate(([0.0], np.cumsum(base.seconds)))

    def without(self, number: int, *, limit_w: float = np.inf) -> tuple[float, float]:
        """Give seconds and joules lost to a restriction, against a higher limit or none."""
        track = self.base.track
        if self.base.train.jerk_mps3:
            return self._anew(number, limit_w)
        mine = np.flatnonzero(track.cause == number)
        limits = track.limit_w.copy()
        limits[mine] = np.maximum(np.minimum(track.other_w[mine], limit_w), limits[mine])
        changed = replace(track, limit_w=limits)
        return self._difference(changed, int(mine[0]), int(mine[-1]) + 1)

    def _anew(self, number: int, limit_w: float) -> tuple[float, float]:
        """Drive all of the line again: where acceleration builds up, neighbours shift, too."""
        run, permitted = self.run, self.run.permitted
        others = list(permitted.restrictions)
        mine = others.pop(number)
        if np.isfinite(limit_w):
            speed = max(float(np.sqrt(2 * limit_w)), mine.expected_mps)
            fast = max(speed, mine.fast_mps)
            others.append(replace(mine, expected_mps=speed, fast_mps=fast))
        track = lay_track(
            run.survey,
            replace(permitted, restrictions=tuple(others)),
            self.base.train,
            begin_m=run.stops[0].chainage_m,
            end_m=run.stops[-1].chainage_m,
            stops_m=[s.chainage_m for s in run.stops[1:-1]],
            step_m=run.step_m,
            ways=run.ways,
        )
        other = drive_track(track, self.base.train)
        after = reckon_energy(other.motion, track, other.train)
        lost_j = run.energy.traction_j - after.traction_j
        return self.base.minimum_s - other.minimum_s, lost_j

    def through(self, stop: int) -> tuple[float, float]:
        """Give seconds and joules lost to a stop on the way."""
        track = self.base.track
        edge = int(track.stops[stop])
        changed = replace(track, stops=np.delete(track.stops, stop))
        lost_s, lost_j = self._difference(changed, max(edge - 1, 0), edge + 1)
        return lost_s + self.base.stop_s, lost_j

    def _difference(self, changed: Track, low: int, high: int) -> tuple[float, float]:
        edges, reach_m = self.base.track.edges_m, _REACH_M
        while True:
            first = max(int(np.searchsorted(edges, edges[low] - reach_m)) - 2, 0)
            last = min(int(np.searchsorted(edges, edges[high] + reach_m)) + 2, len(edges) - 1)
            part = _slice(changed, first, last)
            motion = drive(
                part,
                self.base.bands,
                braking_mps2=self.base.train.braking_mps2,
                begin_w=float(self.edge_w[first]),
                end_w=float(self.edge_w[last]),
            )
            at_edges = np.concatenate((motion.from_w[:1], np.zeros(last - first)))
            at_edges[motion.cell + 1] = motion.to_w
            left = first == 0 or abs(at_edges[1] - self.edge_w[first + 1]) <= _SAME_W
            right = last == len(edges) - 1 or abs(at_edges[-2] - self.edge_w[last - 1]) <= _SAME_W
            if left and right:
                break
            reach_m *= 4
        begin, finish = self.first[first], self.first[last]
        lost_s = float(self.spent_s[finish] - self.spent_s[begin] - motion.seconds.sum())
        before = reckon_energy(self._pieces(begin, finish), self.base.track, self.base.train)
        after = reckon_energy(motion, part, self.base.train)
        return lost_s, before.traction_j - after.traction_j

    def _pieces(self, begin: int, finish: int) -> Motion:
        return self.base.motion.part(slice(begin, finish))


def _slice(track: Track, first: int, last: int) -> Track:
    """Give a part of a track by its cells."""
    inside = (track.stops > first) & (track.stops < last)
    cells, edges = slice(first, last), slice(first, last + 1)
    return Track(
        edges_m=track.edges_m[edges],
        chainage_m=track.chainage_m[edges],
        limit_w=track.limit_w[cells],
        other_w=track.other_w[cells],
        drag_mps2=track.drag_mps2[cells],
        tunnel=track.tunnel[cells],
        stops=track.stops[inside] - first,
        cause=track.cause[cells],
        gradient=track.gradient[cells],
        curving=track.curving[cells],
    )
