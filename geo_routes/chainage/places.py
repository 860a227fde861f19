"""Points → their places on a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_routes import geodesy
from geo_routes.chainage.ruler import Ruler
from geo_routes.model import FloatArray, IntArray

# A chord of this length dips 2 m below the ellipsoid.
_LONGEST_CHORD_M = 10_000.0
_SMALLEST_RADIUS_M = 6_335_439.0  # of curvature: that of the meridian at the equator
_BRANCHES = 8
_REFINEMENTS = 6
# Coordinates are rounded to some nanometres: a foot that moves less stands still.
_STILL_M = 1e-8
_POINTS_AT_ONCE = 4_096
_MOST_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Where points lie on a line: one entry per candidate, nearest places of each point.

    ``point[i]`` is the index of the point that entry ``i`` belongs to; entries are sorted by point
    and chainage. ``offset_m`` is the geodesic distance from the point to the line.
    """

    point: IntArray
    chainage_m: FloatArray
    offset_m: FloatArray


def locate(ruler: Ruler, lonlat: npt.ArrayLike, *, slack_m: float = 0.0) -> Places:
    """Find where points lie on a line.

    Parameters
    ----------
    ruler : Ruler
    lonlat : (m, 2) array_like
        Points, WGS 84 degrees.
    slack_m : float
        Besides the nearest place, give every other stretch of the line that comes as near as
        that plus ``slack_m``: a loop or a crossing has several.

    Returns
    -------
    Places
        At least one entry per point.

    Raises
    ------
    InvalidCoordinates
        If a point is no longitude and latitude.

    Notes
    -----
    The line is cut into chords in earth-centred coordinates (no projection, so neither the
    antimeridian nor a pole is special), and these are searched through a tree of balls. What comes
    nearest is refined on the geodesic itself: step along it by ``d cos(delta)``, with ``d`` the
    geodesic distance to the point and ``delta`` the angle between the two geodesics, until the
    step is zero.
    """
    points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    geodesy.check_lonlat(points)
    if len(points) == 0:
        none = np.empty(0)
        return Places(point=np.empty(0, dtype=np.int64), chainage_m=none, offset_m=none)
    chords = _split_chords(ruler)
    tree = _plant(chords)
    firsts = range(0, len(points), _POINTS_AT_ONCE)
    return _join(
        [_locate(chords, tree, points[i : i + _POINTS_AT_ONCE], slack_m) for i in firsts], firsts
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chords:
    start: FloatArray
    end: FloatArray
    start_ecef_m: FloatArray
    end_ecef_m: FloatArray
    from_m: FloatArray
    to_m: FloatArray


# The levels of a tree of balls over the chords, leaves first: centres and radii. Every centre lies
# on the line, so its distance bounds the nearest from above, and less the radius from below.
_Tree = list[tuple[FloatArray, FloatArray]]


def _split_chords(ruler: Ruler) -> _Chords:
    keep = np.ones(len(ruler.lonlat) - 1, dtype=bool)
    keep[ruler.part_starts[1:] - 1] = False
    start, end = ruler.lonlat[:-1][keep], ruler.lonlat[1:][keep]
    from_m, to_m = ruler.chainage_m[:-1][keep], ruler.chainage_m[1:][keep]
    pieces = np.maximum(np.ceil((to_m - from_m) / _LONGEST_CHORD_M).astype(np.int64), 1)
    if np.any(pieces > 1):
        which = np.repeat(np.arange(len(start)), pieces)
        number = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        along_m = ((to_m - from_m) / pieces)[which] * number
        azimuth_deg, _ = geodesy.azimuths_between_deg(start, end)
        cut = geodesy.direct(start[which], azimuth_deg[which], along_m)
        cut[number == 0] = start
        cut_m = from_m[which] + along_m
        is_last = number == pieces[which] - 1
        cut_end, cut_to_m = np.roll(cut, -1, axis=0), np.roll(cut_m, -1)
        cut_end[is_last], cut_to_m[is_last] = end, to_m
        start, end, from_m, to_m = cut, cut_end, cut_m, cut_to_m
    return _Chords(
        start=start,
        end=end,
        start_ecef_m=geodesy.ecef_m(start),
        end_ecef_m=geodesy.ecef_m(end),
        from_m=from_m,
        to_m=to_m,
    )


def _plant(chords: _Chords) -> _Tree:
    centre_m = chords.start_ecef_m
    radius_m = _norm(chords.end_ecef_m - centre_m) + _sag_m(chords.to_m - chords.from_m)
    tree = [(centre_m, radius_m)]
    while len(centre_m) > _BRANCHES:
        first = np.arange(0, len(centre_m), _BRANCHES)
        middle = np.minimum(first + _BRANCHES // 2, len(centre_m) - 1)
        parent_m = np.repeat(centre_m[middle], _BRANCHES, axis=0)[: len(centre_m)]
        reach_m = _norm(centre_m - parent_m) + radius_m
        centre_m, radius_m = centre_m[middle], np.maximum.reduceat(reach_m, first)
        tree.append((centre_m, radius_m))
    return tree


def _locate(chords: _Chords, tree: _Tree, points: FloatArray, slack_m: float) -> Places:
    seen_m = geodesy.ecef_m(points)
    point, chord = _search(tree, seen_m, slack_m)
    if len(point) > _MOST_PAIRS and len(points) > 1:
        # Points in the middle of a ring are near to all of it: fewer of them at once.
        half = len(points) // 2
        parts = (points[:half], points[half:])
        return _join([_locate(chords, tree, part, slack_m) for part in parts], (0, half))
    origin_m = chords.start_ecef_m[chord]
    toward_m, along_m = seen_m[point] - origin_m, chords.end_ecef_m[chord] - origin_m
    squared = _dot(along_m, along_m)
    share = np.clip(_dot(toward_m, along_m) / np.where(squared > 0, squared, 1), 0, 1)
    away_m = _norm(toward_m - share[:, None] * along_m)
    length_m = chords.to_m[chord] - chords.from_m[chord]
    place_m = chords.from_m[chord] + share * length_m
    doubt_m = _doubt_m(away_m) + _sag_m(length_m)
    near = away_m - doubt_m <= _least(away_m + doubt_m, point)[point] + slack_m
    point, chord, share = point[near], chord[near], share[near]
    place_m, away_m, doubt_m = place_m[near], away_m[near], doubt_m[near]
    # Of each stretch, only what may turn out the nearest is worth refining.
    stretch = _stretches(point, place_m, away_m)
    near = away_m - doubt_m <= _least(away_m + doubt_m, stretch)[stretch]
    point, chord, share = point[near], chord[near], share[near]
    place_m, offset_m = _refine(chords, chord, points[point], share)
    return _merge(point, place_m, offset_m, slack_m)


def _search(tree: _Tree, seen_m: FloatArray, slack_m: float) -> tuple[IntArray, IntArray]:
    """Pairs of (point, chord) that may hold the nearest place, or one within the slack of it.

    The search ends early where there are too many: the caller is to ask again with fewer points.
    """
    count = len(tree[-1][0])
    point = np.repeat(np.arange(len(seen_m)), count)
    node = np.tile(np.arange(count), len(seen_m))
    for level in range(len(tree) - 1, -1, -1):
        centre_m, radius_m = tree[level]
        away_m = _norm(seen_m[point] - centre_m[node])
        nearest_m = _least(away_m, point)
        limit_m = nearest_m + slack_m + 2 * _doubt_m(nearest_m)
        near = away_m - radius_m[node] <= limit_m[point]
        point, node = point[near], node[near]
        if level == 0 or (len(node) > _MOST_PAIRS and len(seen_m) > 1):
            break
        node = (node[:, None] * _BRANCHES + np.arange(_BRANCHES)).ravel()
        point = np.repeat(point, _BRANCHES)
        real = node < len(tree[level - 1][0])
        point, node = point[real], node[real]
    return point, node


def _refine(
    chords: _Chords, chord: IntArray, points: FloatArray, share: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Chainage of the foot on the geodesic over each chord, and the distance to it."""
    start = chords.start[chord]
    length_m = chords.to_m[chord] - chords.from_m[chord]
    azimuth_deg, _ = geodesy.azimuths_between_deg(start, chords.end[chord])
    along_m, away_m = share * length_m, np.empty(len(chord))
    moving = np.arange(len(chord))
    for _ in range(_REFINEMENTS):
        foot, heading_deg = geodesy.direct_with_azimuth(
            start[moving], azimuth_deg[moving], along_m[moving]
        )
        toward_deg, _, away_m[moving] = geodesy.inverse(foot, points[moving])
        step_m = away_m[moving] * np.cos(np.radians(toward_deg - heading_deg))
        moved_m = np.clip(along_m[moving] + step_m, 0.0, length_m[moving])
        far = np.abs(moved_m - along_m[moving]) > _STILL_M
        moving = moving[far]
        if len(moving) == 0:
            break
        along_m[moving] = moved_m[far]
    # The end itself where the foot is there, and never a rounding beyond it.
    to_m = chords.to_m[chord]
    place_m = np.where(along_m < length_m, chords.from_m[chord] + along_m, to_m)
    return np.minimum(place_m, to_m), away_m


def _merge(point: IntArray, place_m: FloatArray, offset_m: FloatArray, slack_m: float) -> Places:
    """Keep one entry, the nearest, for each stretch of neighbouring candidates of a point."""
    near = offset_m <= _least(offset_m, point)[point] + slack_m
    point, place_m, offset_m = point[near], place_m[near], offset_m[near]
    order = np.lexsort((offset_m, place_m, point))
    point, place_m, offset_m = point[order], place_m[order], offset_m[order]
    stretch = _stretches(point, place_m, offset_m)
    by_offset = np.lexsort((place_m, offset_m, stretch))
    chosen = by_offset[np.unique(stretch[by_offset], return_index=True)[1]]
    return Places(point=point[chosen], chainage_m=place_m[chosen], offset_m=offset_m[chosen])


def _join(found: Sequence[Places], firsts: Sequence[int]) -> Places:
    return Places(
        point=np.concatenate([f.point + i for f, i in zip(found, firsts, strict=True)]),
        chainage_m=np.concatenate([f.chainage_m for f in found]),
        offset_m=np.concatenate([f.offset_m for f in found]),
    )


def _stretches(point: IntArray, place_m: FloatArray, offset_m: FloatArray) -> IntArray:
    """Give each candidate the number of its stretch; they are sorted by point and chainage."""
    # Two places belong to one stretch when the way between them is no detour from the point.
    apart = np.diff(place_m) > 2 * (offset_m[1:] + offset_m[:-1]) + 1.0
    fresh = np.concatenate(([True], apart | (np.diff(point) > 0)))
    return np.cumsum(fresh) - 1


def _least(values: FloatArray, group: IntArray) -> FloatArray:
    """Smallest value of each group; groups are numbered from 0 and sorted, and none is empty."""
    return np.minimum.reduceat(values, np.searchsorted(group, np.arange(group[-1] + 1)))


def _sag_m(length_m: FloatArray) -> FloatArray:
    """How far a geodesic rises above its chord, at most."""
    return length_m**2 / (8 * _SMALLEST_RADIUS_M)


def _doubt_m(away_m: FloatArray) -> FloatArray:
    """How much a straight distance may mislead about which of two geodesic ones is smaller.

    Straight through, a distance d is shorter by d³ / (24 R²), and R is not the same everywhere: it
    varies by 1 %. A millimetre stands for the rest.
    """
    return 1e-3 + 0.01 / (24 * _SMALLEST_RADIUS_M**2) * away_m**3


def _norm(vectors: FloatArray) -> FloatArray:
    return np.sqrt(_dot(vectors, vectors))


def _dot(one: FloatArray, other: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->i", one, other))
