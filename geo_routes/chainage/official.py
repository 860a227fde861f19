"""Official kilometres: the numbers on the posts, calibrated on a measured line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from geo_routes.model import ChainageBreak, FloatArray, IntArray

_SAME_PLACE_M = 1e-3
_TOUCHING_M = 1e-3
_AT_BREAK_M = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KilometrePoint:
    """A place whose official kilometre is known.

    ``residual_m`` is how far the kilometre lies ahead of the straight fit through its stretch,
    metres; None where a stretch has too few points to say. A point that ``fits`` not would make
    the kilometres run backwards, and is left out of the calibration. ``stretch`` counts the
    breaks before it.
    """

    name: str
    chainage_m: float
    km: float
    residual_m: float | None = None
    fits: bool = True
    stretch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KilometrePlaces:
    """Where official kilometres lie on a line: one entry per candidate.

    A kilometre inside a gap has no entry, one inside an overlap has two; ``asked[i]`` is the index
    of the kilometre that entry ``i`` answers.
    """

    asked: IntArray
    chainage_m: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OfficialKilometres:
    """Official kilometres along a line: linear between known points, jumping at breaks.

    Parameters
    ----------
    knots_m, knots_km : (n,) float64
        Chainage and kilometre of the known points, stretch by stretch.
    stretch_starts : (k,) int64
        First knot of each stretch; a break lies between two stretches.
    edges_m : (k + 1,) float64
        Where the stretches begin and end: 0, the breaks, the length of the line.
    rises : bool
        Whether the kilometres rise along the line.
    points : tuple of KilometrePoint
        By chainage, with their residuals.
    breaks : tuple of ChainageBreak
        Those on the line, by chainage.
    scale : float or None
        Official metres per measured metre, over all stretches with two points or more.
    """

    knots_m: FloatArray
    knots_km: FloatArray
    stretch_starts: IntArray
    edges_m: FloatArray
    rises: bool
    points: tuple[KilometrePoint, ...]
    breaks: tuple[ChainageBreak, ...]
    scale: float | None

    @property
    def rms_residual_m(self) -> float | None:
        """Root mean square of the residuals, metres."""
        residuals = [p.residual_m for p in self.points if p.residual_m is not None]
        return float(np.sqrt(np.mean(np.square(residuals)))) if residuals else None

    @property
    def largest_residual(self) -> KilometrePoint | None:
        """The point with the largest residual."""
        told = [p for p in self.points if p.residual_m is not None]
        return max(told, key=lambda p: abs(p.residual_m or 0.0)) if told else None

    def km_at(self, chainage_m: npt.ArrayLike) -> FloatArray:
        """Give the official kilometres of chainages; at a break, the one ahead.

        Parameters
        ----------
        chainage_m : (n,) array_like

        Returns
        -------
        (n,) float64
        """
        places = np.atleast_1d(np.asarray(chainage_m, dtype=np.float64))
        km = np.empty_like(places)
        stretch = np.searchsorted(self.edges_m[1:-1], places, side="right")
        for number in np.unique(stretch):
            mine = stretch == number
            km[mine] = self._km(places[mine], int(number))
        return km

    def locate(self, km: npt.ArrayLike) -> KilometrePlaces:
        """Find official kilometres on the line.

        Parameters
        ----------
        km : (n,) array_like

        Returns
        -------
        KilometrePlaces
            Sorted by the kilometre asked for, then by chainage.
        """
        wanted = np.atleast_1d(np.asarray(km, dtype=np.float64))
        asked, places = [], []
        last = len(self.stretch_starts) - 1
        for number in range(last + 1):
            at_m = self._chainage_m(wanted, number)
            low_m, high_m = self.edges_m[number : number + 2]
            inside = (at_m >= low_m - _SAME_PLACE_M) & (at_m <= high_m + _SAME_PLACE_M)
            if number < last:  # the break itself belongs to the stretch ahead
                inside &= at_m < high_m
            asked.append(np.nonzero(inside)[0])
            places.append(np.clip(at_m[inside], low_m, high_m))
        who, where_m = np.concatenate(asked), np.concatenate(places)
        order = np.lexsort((where_m, who))
        return KilometrePlaces(asked=who[order], chainage_m=where_m[order])

    def intervals_m(self, from_km: float, to_km: float) -> FloatArray:
        """Give where the line carries the kilometres between two, in either order.

        Returns
        -------
        (k, 2) float64
            One interval; none where the line has no such kilometres, several where an overlap
            gives the same kilometres to several stretches.
        """
        low_km, high_km = min(from_km, to_km), max(from_km, to_km)
        found: list[list[float]] = []
        for number in range(len(self.stretch_starts)):
            ends = np.sort(self._chainage_m(np.array([low_km, high_km]), number))
            low_m, high_m = np.clip(ends, *self.edges_m[number : number + 2]).tolist()
            if high_m <= low_m:
                continue
            if found and low_m - found[-1][1] <= _TOUCHING_M:
                found[-1][1] = high_m
            else:
                found.append([low_m, high_m])
        return np.array(found, dtype=np.float64).reshape(-1, 2)

    def gap_around(self, from_km: float, to_km: float) -> ChainageBreak | None:
        """Give the gap in which all kilometres between two lie, if there is one."""
        low_km, high_km = min(from_km, to_km), max(from_km, to_km)
        for one in self.breaks:
            edges = sorted((one.back_km, one.ahead_km))
            opens = (one.ahead_km > one.back_km) == self.rises
            if opens and edges[0] <= low_km and high_km <= edges[1]:
                return one
        return None

    def _stretch(self, number: int) -> tuple[FloatArray, FloatArray]:
        starts = [*self.stretch_starts.tolist(), len(self.knots_m)]
        mine = slice(starts[number], starts[number + 1])
        return self.knots_m[mine], self.knots_km[mine]

    def _km(self, chainage_m: FloatArray, number: int) -> FloatArray:
        knots_m, knots_km = self._stretch(number)
        return _follow(chainage_m, knots_m, knots_km, slope=1e-3 if self.rises else -1e-3)

    def _chainage_m(self, km: FloatArray, number: int) -> FloatArray:
        knots_m, knots_km = self._stretch(number)
        if self.rises:
            return _follow(km, knots_km, knots_m, slope=1e3)
        return _follow(km, knots_km[::-1], knots_m[::-1], slope=-1e3)


def calibrate(
    points: Sequence[KilometrePoint],
    breaks: Sequence[ChainageBreak] = (),
    *,
    length_m: float,
    rises: bool | None = None,
) -> OfficialKilometres | None:
    """Lay official kilometres along a line.

    Parameters
    ----------
    points : sequence of KilometrePoint
        Stations and kilometre posts located on the line, in any order.
    breaks : sequence of ChainageBreak
        Places where the kilometres jump, ahead (a gap) or back (an overlap).
    length_m : float
        Length of the line.
    rises : bool, optional
        Whether the kilometres rise along the line, where the points do not tell; else they do.

    Returns
    -------
    OfficialKilometres or None
        None where neither a point nor a break tells a kilometre.

    Notes
    -----
    Kilometres run one way, rising or falling, within a stretch: of points that contradict each
    other, as many are kept as can be. A point within 100 m of a break belongs to the side that its
    kilometre fits better, for breaks lie at stations.

    Examples
    --------
    >>> here = [KilometrePoint(name="A", chainage_m=0.0, km=12.0),
    ...         KilometrePoint(name="B", chainage_m=4000.0, km=8.0)]
    >>> official = calibrate(here, length_m=5000.0)
    >>> official.km_at([1000.0, 5000.0]).tolist(), official.intervals_m(8.5, 9.5).tolist()
    ([11.0, 7.0], [[2500.0, 3500.0]])
    """
    ordered = sorted(points, key=lambda p: (p.chainage_m, p.km))
    listed = {(b.at_m, b.back_km, b.ahead_km): b for b in breaks if 0 <= b.at_m <= length_m}
    cuts = sorted(listed.values(), key=lambda b: b.at_m)
    if not ordered and not cuts:
        return None
    edges_m = np.array([0.0, *(b.at_m for b in cuts), length_m])
    votes = _votes(ordered, cuts, edges_m)
    rises = votes > 0 if votes else rises is not False
    sides = [_side(p, cuts, rises=rises) for p in ordered]
    knots: list[tuple[float, float]] = []
    starts: list[int] = []
    told: list[KilometrePoint] = []
    measured_m = official_m = 0.0
    for number in range(len(edges_m) - 1):
        low_m, high_m = edges_m[number : number + 2].tolist()
        last = number == len(edges_m) - 2
        mine = [
            replace(p, chainage_m=min(max(p.chainage_m, low_m), high_m), stretch=number)
            for p, side in zip(ordered, sides, strict=True)
            if side == number
        ]
        fixed = [(low_m, cuts[number - 1].ahead_km)] if number else []
        fixed += [] if last else [(high_m, cuts[number].back_km)]
        kept, left = _one_way(mine, fixed, rises=rises)
        stretch = sorted({*fixed, *((p.chainage_m, p.km) for p in kept)})
        fits = _residuals_m(stretch, kept)
        told += [_told(p, r) for p, r in zip(kept, fits, strict=True)]
        told += [_told(p, None, fits=False) for p in left]
        starts.append(len(knots))
        knots += stretch
        measured_m += stretch[-1][0] - stretch[0][0]
        official_m += 1000 * abs(stretch[-1][1] - stretch[0][1])
    where = np.array(knots, dtype=np.float64)
    return OfficialKilometres(
        knots_m=where[:, 0],
        knots_km=where[:, 1],
        stretch_starts=np.array(starts, dtype=np.int64),
        edges_m=edges_m,
        rises=rises,
        points=tuple(sorted(told, key=lambda p: (p.chainage_m, p.stretch))),
        breaks=tuple(cuts),
        scale=official_m / measured_m if measured_m > _SAME_PLACE_M else None,
    )


def _told(point: KilometrePoint, residual_m: float | None, *, fits: bool = True) -> KilometrePoint:
    return replace(point, residual_m=residual_m, fits=fits)


def _side(point: KilometrePoint, cuts: Sequence[ChainageBreak], *, rises: bool) -> int:
    """Tell which stretch a point belongs to."""
    number = sum(b.at_m <= point.chainage_m for b in cuts)
    slope = 1e-3 if rises else -1e-3
    for i, cut in enumerate(cuts):
        off_m = point.chainage_m - cut.at_m
        if abs(off_m) <= _AT_BREAK_M:
            behind = abs(cut.back_km + slope * off_m - point.km)
            ahead = abs(cut.ahead_km + slope * off_m - point.km)
            return i if behind < ahead else i + 1 if ahead < behind else number
    return number


def _follow(wanted: FloatArray, x: FloatArray, y: FloatArray, *, slope: float) -> FloatArray:
    """Interpolate between rising knots; beyond the last ones a kilometre is a kilometre."""
    within = np.clip(wanted, x[0], x[-1])
    return np.asarray(np.interp(within, x, y) + slope * (wanted - within))


def _votes(
    points: Sequence[KilometrePoint], cuts: Sequence[ChainageBreak], edges_m: FloatArray
) -> float:
    """Count the steps within stretches that rise, less those that fall."""
    votes = 0.0
    stretch = np.searchsorted(edges_m[1:-1], [p.chainage_m for p in points], side="right")
    for i in range(1, len(points)):
        if stretch[i] == stretch[i - 1]:
            votes += np.sign(points[i].km - points[i - 1].km)
    for one, two in pairwise(cuts):
        votes += np.sign(two.back_km - one.ahead_km)
    if cuts:
        before = [p.km for p in points if p.chainage_m < cuts[0].at_m]
        after = [p.km for p in points if p.chainage_m > cuts[-1].at_m]
        votes += sum(np.sign(cuts[0].back_km - km) for km in before[:1])
        votes += sum(np.sign(km - cuts[-1].ahead_km) for km in after[-1:])
    return float(votes)


def _one_way(
    points: Sequence[KilometrePoint], fixed: Sequence[tuple[float, float]], *, rises: bool
) -> tuple[list[KilometrePoint], list[KilometrePoint]]:
    """Split points into the most that run one way between the fixed ends, and the rest."""
    sign = 1.0 if rises else -1.0
    heights = [sign * p.km for p in points]
    low = min((sign * km for _, km in fixed), default=-np.inf) if len(fixed) > 1 else -np.inf
    high = max((sign * km for _, km in fixed), default=np.inf) if len(fixed) > 1 else np.inf
    if len(fixed) == 1:
        at_m, km = fixed[0]
        if all(p.chainage_m >= at_m for p in points):
            low = sign * km
        else:
            high = sign * km
    # Longest rising chain: tails[k] ends the best chain of k + 1 points.
    chain_of: list[int] = []
    tails: list[float] = []
    ends: list[int] = []
    before: list[int] = []
    for i, height in enumerate(heights):
        if not low <= height <= high:
            before.append(-1)
            chain_of.append(-1)
            continue
        k = int(np.searchsorted(tails, height, side="left"))
        same = k and points[ends[k - 1]].chainage_m >= points[i].chainage_m - _SAME_PLACE_M
        if same and tails[k - 1] < height:  # two kilometres for one place: the first stays
            before.append(-1)
            chain_of.append(-1)
            continue
        before.append(ends[k - 1] if k else -1)
        chain_of.append(k)
        if k == len(tails):
            tails.append(height)
            ends.append(i)
        else:
            tails[k], ends[k] = height, i
    kept_at: set[int] = set()
    i = ends[-1] if ends else -1
    while i >= 0:
        kept_at.add(i)
        i = before[i]
    kept = [p for i, p in enumerate(points) if i in kept_at]
    # The same kilometre told twice for one place is no contradiction.
    said = {(round(p.chainage_m, 3), p.km) for p in kept}
    left = [
        p
        for i, p in enumerate(points)
        if i not in kept_at and (round(p.chainage_m, 3), p.km) not in said
    ]
    return kept, left


def _residuals_m(
    stretch: Sequence[tuple[float, float]], kept: Sequence[KilometrePoint]
) -> list[float | None]:
    """Give how far each point lies ahead of the straight line fitted through its stretch."""
    if len(stretch) < 3:
        return [None] * len(kept)
    places = np.array(stretch)
    middle = places.mean(axis=0)
    away = places - middle
    slope = float(np.sum(away[:, 0] * away[:, 1]) / np.sum(away[:, 0] ** 2))
    return [
        float(1000 * (p.km - middle[1] - slope * (p.chainage_m - middle[0])) * np.sign(slope))
        for p in kept
    ]
