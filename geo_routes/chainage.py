"""Chainage: places on a line by their distance from its origin, both ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_routes import geodesy
from geo_routes.model import FloatArray, IntArray

# A chord of this length dips 2 m below the ellipsoid, far less than the margin of the search.
_LONGEST_CHORD_M = 10_000.0
_BLOCK = 64
_MARGIN_M = 5.0
_REFINEMENTS = 4
_POINTS_AT_ONCE = 2048


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruler:
    """A line with the chainage of each vertex.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices, the parts one after the other.
    part_starts : (k,) int64
        First vertex of each part.
    chainage_m : (n,) float64
        Metres from the origin; the last vertex of a part and the first of the next share one.
    """

    lonlat: FloatArray
    part_starts: IntArray
    chainage_m: FloatArray

    @property
    def length_m(self) -> float:
        """Geodesic length of all parts."""
        return float(self.chainage_m[-1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Where points lie on a line: one entry per candidate, nearest places of each point.

    ``point[i]`` is the index of the point that entry ``i`` belongs to; entries are sorted by point
    and chainage. ``offset_m`` is the geodesic distance from the point to the line.
    """

    point: IntArray
    chainage_m: FloatArray
    offset_m: FloatArray


def lay_ruler(lonlat: FloatArray, *, part_starts: IntArray | None = None) -> Ruler:
    """Measure the chainage of each vertex along the geodesics between them.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices, WGS 84 degrees.
    part_starts : (k,) int64, optional
        First vertex of each part; a gap between parts adds no chainage.

    Returns
    -------
    Ruler

    Examples
    --------
    >>> ruler = lay_ruler(np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]]))
    >>> ruler.chainage_m.round(3).tolist()
    [0.0, 110574.389, 221149.453]
    """
    starts = np.zeros(1, dtype=np.int64) if part_starts is None else part_starts
    steps_m = geodesy.segment_lengths_m(lonlat)
    steps_m[starts[1:] - 1] = 0.0
    chainage_m = np.concatenate(([0.0], np.cumsum(steps_m)))
    return Ruler(lonlat=lonlat, part_starts=starts, chainage_m=chainage_m)


def interpolate(ruler: Ruler, chainage_m: npt.ArrayLike) -> FloatArray:
    """Give the places at some chainages.

    Parameters
    ----------
    ruler : Ruler
    chainage_m : (m,) array_like
        Within ``[0, length_m]``.

    Returns
    -------
    (m, 2) float64
        Longitude and latitude.

    Raises
    ------
    ValueError
        If a chainage lies beyond an end: nothing is clipped in silence.
    """
    wanted = np.atleast_1d(np.asarray(chainage_m, dtype=np.float64))
    if not (np.all(wanted >= 0) and np.all(wanted <= ruler.length_m)):
        worst = wanted[np.argmax(np.abs(wanted - ruler.length_m / 2))]
        msg = f"chainage {worst} m lies outside the line, which is {ruler.length_m} m long"
        raise ValueError(msg)
    at = np.clip(
        np.searchsorted(ruler.chainage_m, wanted, side="right") - 1, 0, len(ruler.lonlat) - 2
    )
    # The last vertex of a part and the first of the next share a chainage; step over the gap.
    at = np.where(np.isin(at + 1, ruler.part_starts), np.maximum(at - 1, 0), at)
    start, end = ruler.lonlat[at], ruler.lonlat[at + 1]
    azimuth_deg, _, _ = geodesy.inverse(start, end)
    places = geodesy.direct(start, azimuth_deg, wanted - ruler.chainage_m[at])
    exact_start = wanted == ruler.chainage_m[at]
    exact_end = wanted == ruler.chainage_m[at + 1]
    places[exact_end] = end[exact_end]
    places[exact_start] = start[exact_start]
    return places


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

    Notes
    -----
    A search by blocks of chords in earth-centred coordinates (no projection, so neither the
    antimeridian nor a pole is special) finds the nearest chords; the foot of the perpendicular is
    then refined on the geodesic itself: step along it by ``d cos(delta)``, with ``d`` the geodesic
    distance to the point and ``delta`` the angle between the two geodesics, until the step is zero.
    """
    points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    chords = _split_chords(ruler)
    found = [
        _search(chords, points[first : first + _POINTS_AT_ONCE], slack_m, first)
        for first in range(0, len(points), _POINTS_AT_ONCE)
    ]
    if not found:
        none = np.empty(0)
        return Places(point=np.empty(0, dtype=np.int64), chainage_m=none, offset_m=none)
    point = np.concatenate([f[0] for f in found])
    chord = np.concatenate([f[1] for f in found])
    along_m, offset_m = _refine(chords, chord, points[point])
    place_m = chords.chainage_m[chord] + along_m
    return _merge(point, place_m, offset_m, slack_m)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chords:
    start: FloatArray
    end: FloatArray
    start_ecef_m: FloatArray
    end_ecef_m: FloatArray
    chainage_m: FloatArray
    length_m: FloatArray
    centre_m: FloatArray
    radius_m: FloatArray


def _split_chords(ruler: Ruler) -> _Chords:
    keep = np.ones(len(ruler.lonlat) - 1, dtype=bool)
    keep[ruler.part_starts[1:] - 1] = False
    start, end = ruler.lonlat[:-1][keep], ruler.lonlat[1:][keep]
    chainage_m = ruler.chainage_m[:-1][keep]
    length_m = np.diff(ruler.chainage_m)[keep]
    pieces = np.maximum(np.ceil(length_m / _LONGEST_CHORD_M).astype(np.int64), 1)
    if np.any(pieces > 1):
        which = np.repeat(np.arange(len(start)), pieces)
        number = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        share = length_m[which] / pieces[which]
        azimuth_deg, _, _ = geodesy.inverse(start[which], end[which])
        cut = geodesy.direct(start[which], azimuth_deg, share * number)
        cut[number == 0] = start
        is_last = number == pieces[which] - 1
        cut_end = np.concatenate((cut[1:], end[-1:]))
        cut_end[is_last] = end
        start, end = cut, cut_end
        chainage_m, length_m = chainage_m[which] + share * number, share
    start_ecef_m, end_ecef_m = geodesy.ecef_m(start), geodesy.ecef_m(end)
    first = np.arange(0, len(start), _BLOCK)
    count = np.diff(np.append(first, len(start)))
    centre_m = (np.add.reduceat(start_ecef_m, first) + np.add.reduceat(end_ecef_m, first)) / (
        2 * count[:, None]
    )
    away = np.repeat(centre_m, count, axis=0)
    reach_m = np.maximum(
        np.linalg.norm(start_ecef_m - away, axis=1), np.linalg.norm(end_ecef_m - away, axis=1)
    )
    return _Chords(
        start=start,
        end=end,
        start_ecef_m=start_ecef_m,
        end_ecef_m=end_ecef_m,
        chainage_m=chainage_m,
        length_m=length_m,
        centre_m=centre_m,
        radius_m=np.maximum.reduceat(reach_m, first),
    )


def _search(
    chords: _Chords, points: FloatArray, slack_m: float, first: int
) -> tuple[IntArray, IntArray]:
    """Pairs of (point, chord) that may hold the nearest place, or one within the slack of it."""
    seen_m = geodesy.ecef_m(points)
    squared = (
        np.sum(seen_m**2, axis=1)[:, None]
        + np.sum(chords.centre_m**2, axis=1)
        - 2 * seen_m @ chords.centre_m.T
    )
    away_m = np.sqrt(np.maximum(squared, 0.0))
    nearest_m = np.min(away_m + chords.radius_m, axis=1)
    row, block = np.nonzero(away_m - chords.radius_m <= (nearest_m + slack_m + _MARGIN_M)[:, None])
    chord = (block[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
    row = np.repeat(row, _BLOCK)
    row, chord = row[chord < len(chords.start)], chord[chord < len(chords.start)]
    origin, along = (
        chords.start_ecef_m[chord],
        chords.end_ecef_m[chord] - chords.start_ecef_m[chord],
    )
    toward = seen_m[row] - origin
    squared_length = np.sum(along**2, axis=1)
    share = np.clip(
        np.sum(toward * along, axis=1) / np.where(squared_length > 0, squared_length, 1), 0, 1
    )
    distance_m = np.linalg.norm(toward - share[:, None] * along, axis=1)
    best_m = np.full(len(points), np.inf)
    np.minimum.at(best_m, row, distance_m)
    near = distance_m <= best_m[row] + slack_m + _MARGIN_M
    return row[near] + first, chord[near]


def _refine(chords: _Chords, chord: IntArray, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    start, length_m = chords.start[chord], chords.length_m[chord]
    azimuth_deg, _, _ = geodesy.inverse(start, chords.end[chord])
    toward_deg, _, away_m = geodesy.inverse(start, points)
    along_m = np.clip(away_m * np.cos(np.radians(toward_deg - azimuth_deg)), 0.0, length_m)
    for _ in range(_REFINEMENTS):
        foot = geodesy.direct(start, azimuth_deg, along_m)
        _, heading_deg, _ = geodesy.inverse(start, foot)
        heading_deg = np.where(along_m > 0, heading_deg, azimuth_deg)
        toward_deg, _, away_m = geodesy.inverse(foot, points)
        step_m = away_m * np.cos(np.radians(toward_deg - heading_deg))
        moved_m = np.clip(along_m + step_m, 0.0, length_m)
        if np.all(np.abs(moved_m - along_m) < 1e-9):
            break
        along_m = moved_m
    return along_m, away_m


def _merge(point: IntArray, place_m: FloatArray, offset_m: FloatArray, slack_m: float) -> Places:
    """Keep one entry, the nearest, for each stretch of neighbouring candidates of a point."""
    best_m = np.full(int(point[-1]) + 1, np.inf)
    np.minimum.at(best_m, point, offset_m)
    near = offset_m <= best_m[point] + slack_m
    point, place_m, offset_m = point[near], place_m[near], offset_m[near]
    order = np.lexsort((offset_m, place_m, point))
    point, place_m, offset_m = point[order], place_m[order], offset_m[order]
    # Two places belong to one stretch when the way between them is no detour from the point.
    apart = np.diff(place_m) > 2 * (offset_m[1:] + offset_m[:-1]) + 1.0
    fresh = np.concatenate(([True], apart | (np.diff(point) > 0)))
    group = np.cumsum(fresh) - 1
    by_offset = np.lexsort((place_m, offset_m, group))
    chosen = by_offset[np.unique(group[by_offset], return_index=True)[1]]
    return Places(point=point[chosen], chainage_m=place_m[chosen], offset_m=offset_m[chosen])
