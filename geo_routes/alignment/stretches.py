"""A part of a line → stretches that are fitted by themselves, with a chain to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geo_routes.alignment.chains import Chain, straight_chain
from geo_routes.alignment.sights import Sight
from geo_routes.model import BoolArray, FloatArray

_CORE, _EDGE = 2.0, 1.0
# A tangent this many kernel widths long, with this many places on it, parts what lies beside it.
_APART_WIDTHS, _APART_PLACES = 8.0, 6
_MARGIN_WIDTHS, _MARGIN_PLACES = 15.0, 8
# Bends in a stretch, without the one beyond each end that is fitted with it.
_MOST_BENDS = 2
_FEWEST_PLACES = 5
# Further from a bend than this, places are taken together by cells of that size.
_NEAR_WIDTHS, _FAR_CELL_WIDTHS, _WORTH_THINNING = 3.0, 2.0, 0.85
_LEAST_WIDTHS = 0.3
# A straight stretch is looked through in pieces of so many places.
_LONGEST_STRAIGHT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """A run of curvature to one hand that stands out of the noise.

    Parameters
    ----------
    from_m, to_m : float
        Where it rises above half of its height.
    begin_m, end_m : float
        Where it can be seen at all.
    curvature_per_m : float
    """

    from_m: float
    to_m: float
    begin_m: float
    end_m: float
    curvature_per_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """What is fitted at once.

    Parameters
    ----------
    sight : Sight
    begin : Chain
        Roughly what is there.
    core_m : tuple of float
        What of it counts; beyond lies the neighbour's.
    """

    sight: Sight
    begin: Chain
    core_m: tuple[float, float]


def find_bends(
    place_m: FloatArray, curvature: FloatArray, sd: FloatArray, *, width_m: float
) -> list[Bend]:
    """Find runs to one hand that stand out of the noise.

    Parameters
    ----------
    place_m, curvature, sd : (n,) float64
        The smooth curvature along a line, and its standard deviation.
    width_m : float
        Half-width of the kernel that it is smooth by.
    """
    size, sign = np.abs(curvature), np.sign(curvature)
    core, edge = size > _CORE * sd, size > _EDGE * sd
    # Runs of one sign above one standard deviation, of which some place is above two.
    change = np.nonzero(np.diff(np.where(edge, sign, 0)))[0] + 1
    firsts = np.concatenate(([0], change))
    lasts = np.append(change, len(size)) - 1
    strong = np.logical_or.reduceat(core, firsts)
    found: list[Bend] = []
    for first, last in zip(firsts[strong].tolist(), lasts[strong].tolist(), strict=True):
        run = size[first : last + 1]
        high = first + np.nonzero(run > np.quantile(run, 0.9) / 2)[0]
        from_m, to_m = float(place_m[high[0]]), float(place_m[high[-1]])
        if to_m - from_m < width_m:
            middle_m = (from_m + to_m) / 2
            from_m, to_m = middle_m - width_m / 2, middle_m + width_m / 2
        value = float(sign[first] * np.median(size[high]))
        found.append(
            Bend(
                from_m=from_m,
                to_m=to_m,
                begin_m=float(place_m[first]),
                end_m=float(place_m[last]),
                curvature_per_m=value,
            )
        )
    return found


def cut_stretches(
    bends: list[Bend],
    place_m: FloatArray,
    across_m: FloatArray,
    weight: FloatArray,
    *,
    width_m: float,
) -> Iterator[Stretch]:
    """Cut a line at its long tangents, or between bends where none is long.

    Parameters
    ----------
    bends : list of Bend
    place_m, across_m, weight : (n,) float64
        What was seen, as a `Sight` has it.
    width_m : float
    """
    line_m = (float(place_m[0]), float(place_m[-1]))
    for first, last in _runs(bends, place_m, width_m):
        # Where no tangent parts them, one bend more on either side holds the ends.
        lead = first > 0 and not _apart(bends[first - 1], bends[first], place_m, width_m)
        more = last + 1 < len(bends)
        trail = more and not _apart(bends[last], bends[last + 1], place_m, width_m)
        begin, end = first - lead, last + 1 + trail
        chosen = bends[begin:end]
        room_m = (
            bends[begin - 1].end_m if begin else line_m[0],
            bends[end].begin_m if end < len(bends) else line_m[1],
        )
        inside = _window(chosen, place_m, room_m, width_m)
        if inside.stop - inside.start < _FEWEST_PLACES:
            continue
        core_m = (
            (bends[first - 1].end_m + bends[first].begin_m) / 2 if first else line_m[0],
            (bends[last].end_m + bends[last + 1].begin_m) / 2 if more else line_m[1],
        )
        sight = _thinned(
            Sight(
                place_m=place_m[inside],
                across_m=across_m[inside],
                weight=weight[inside],
                least_m=_LEAST_WIDTHS * width_m,
            ),
            (chosen[0].begin_m - _NEAR_WIDTHS * width_m, chosen[-1].end_m + _NEAR_WIDTHS * width_m),
            _FAR_CELL_WIDTHS * width_m,
        )
        seen_m = (float(sight.place_m[0]), float(sight.place_m[-1]))
        # The first and the last ramp may be missing only where the line itself ends.
        ends = (seen_m[0] <= line_m[0], seen_m[1] >= line_m[1])
        yield Stretch(sight=sight, begin=_begin(chosen, width_m, seen_m, ends), core_m=core_m)


def _window(
    bends: list[Bend], place_m: FloatArray, room_m: tuple[float, float], width_m: float
) -> slice:
    """Give the places of some bends and of enough tangent beside them."""
    begin_m, end_m = bends[0].begin_m, bends[-1].end_m
    margin_m = max(_MARGIN_WIDTHS * width_m, end_m - begin_m)
    low = np.searchsorted(place_m, [room_m[0], begin_m - margin_m, begin_m]).tolist()
    high = np.searchsorted(place_m, [room_m[1], end_m + margin_m, end_m], side="right").tolist()
    return slice(
        max(low[0], min(low[1], low[2] - _MARGIN_PLACES)),
        min(high[0], max(high[1], high[2] + _MARGIN_PLACES)),
    )


def _thinned(sight: Sight, near_m: tuple[float, float], cell_m: float) -> Sight:
    """Take places together that lie far out on the tangents, where only their mean counts."""
    place = sight.place_m
    cell = np.floor((place - place[0]) / cell_m)
    near = (place >= near_m[0]) & (place <= near_m[1])
    # The ends of what is seen stay where they are.
    near[0] = near[-1] = True
    alone = np.arange(len(place), dtype=np.float64) - len(place) - 1
    _, index = np.unique(np.where(near, alone, cell), return_inverse=True)
    square = np.bincount(index, sight.weight**2)
    if len(square) > _WORTH_THINNING * len(place):
        return sight
    places = np.bincount(index, sight.weight**2 * place) / square
    ways = np.bincount(index, sight.weight**2 * sight.across_m) / square
    order = np.argsort(places, kind="stable")
    return Sight(
        place_m=places[order],
        across_m=ways[order],
        weight=np.sqrt(square)[order],
        least_m=sight.least_m,
    )


def _apart(one: Bend, two: Bend, place_m: FloatArray, width_m: float) -> bool:
    between = np.searchsorted(place_m, [one.end_m, two.begin_m])
    long = two.begin_m - one.end_m > _APART_WIDTHS * width_m
    return bool(long and between[1] - between[0] >= _APART_PLACES)


def _runs(bends: list[Bend], place_m: FloatArray, width_m: float) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    first = 0
    for i in range(1, len(bends) + 1):
        if i == len(bends) or _apart(bends[i - 1], bends[i], place_m, width_m):
            pieces = -(-(i - first) // _MOST_BENDS)
            cuts = np.linspace(first, i, pieces + 1).round().astype(int).tolist()
            found += [(a, b - 1) for a, b in pairwise(cuts)]
            first = i
    return found


def _begin(
    bends: list[Bend], width_m: float, seen_m: tuple[float, float], ends: tuple[bool, bool]
) -> Chain:
    """Give each bend one plateau between two ramps; at an end of the line there may be no ramp."""
    middle: list[float] = []
    ramp: list[float] = []
    value: list[float] = [0.0]
    for bend in bends:
        from_m, to_m = bend.from_m, bend.to_m
        ramp_m = min(2 * width_m, 0.8 * (to_m - from_m))
        if middle and from_m <= middle[-1]:
            from_m = middle[-1] + 1.0
            to_m = max(to_m, from_m + 1.0)
        middle += [from_m, to_m]
        ramp += [ramp_m, ramp_m]
        value += [bend.curvature_per_m, 0.0]
    straight: BoolArray = np.array(value) == 0.0
    first, last = 0, len(middle)
    # A line may begin or end within a curve.
    if ends[0] and middle[0] - seen_m[0] < width_m:
        first = 1
    if ends[1] and seen_m[1] - middle[-1] < width_m and last - first > 1:
        last -= 1
    kept = slice(first, last)
    return Chain(
        middle_m=np.array(middle[kept]),
        ramp_m=np.array(ramp[kept]),
        curvature_per_m=np.array(value[first : last + 1]),
        straight=straight[first : last + 1],
        abrupt=np.zeros(last - first, dtype=np.bool_),
    )


def straight_stretches(
    free_m: list[tuple[float, float]],
    place_m: FloatArray,
    across_m: FloatArray,
    weight: FloatArray,
    *,
    width_m: float,
) -> Iterator[Stretch]:
    """Give the tangents, to look for curves too gentle for the smooth curvature.

    Parameters
    ----------
    free_m : list of tuple
        From and to.
    place_m, across_m, weight : (n,) float64
        What was seen, as a `Sight` has it.
    width_m : float
    """
    for from_m, to_m in free_m:
        first, last = np.searchsorted(place_m, [from_m, to_m]).tolist()
        pieces = -(-(last - first) // _LONGEST_STRAIGHT)
        cuts = np.linspace(first, last, pieces + 1).round().astype(int).tolist()
        for a, b in pairwise(cuts):
            if b - a < _FEWEST_PLACES:
                continue
            sight = Sight(
                place_m=place_m[a:b],
                across_m=across_m[a:b],
                weight=weight[a:b],
                least_m=_LEAST_WIDTHS * width_m,
            )
            core_m = (float(place_m[a]), float(place_m[b - 1]))
            yield Stretch(sight=sight, begin=straight_chain(), core_m=core_m)
