"""What a run is made over: cells of one limit, one gradient, in a tunnel or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from geo_routes import intervals
from geo_routes.errors import InvalidNoun
from geo_routes.model import BoolArray, FloatArray, IntArray
from geo_routes.speed import PermittedSpeed, SpeedBands, lay_speeds
from geo_routes.standards import GRAVITY_MPS2, End, Performance
from geo_routes.structures import resolve
from geo_routes.survey import Survey

# Two edges that are closer are one: no train can tell them apart.
_SAME_M = 1e-3
_LEAST_CELL_M = 1.0
_HIGHEST_M = 20_000.0
Ways = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """A line as one train meets it; places are those of the train's middle.

    Parameters
    ----------
    edges_m : (n + 1,) float64
        Rising distances from where the run begins.
    chainage_m : (n + 1,) float64
        Of the same edges.
    limit_w : (n,) float64
        Half the square of the permitted speed, m²/s².
    other_w : (n,) float64
        What that would be without the restriction that sets it.
    drag_mps2 : (n,) float64
        What gradient and curves take from the acceleration.
    tunnel : (n,) bool
    stops : (k,) int64
        Edges at which the train stops; not those where the run begins and ends.
    cause : (n,) int64
        Which restriction sets the limit; -1 for the train itself.
    gradient : (n,) float64
        Rise over way.
    curving : (n,) float64
        Curve resistance per weight, a number.
    """

    edges_m: FloatArray
    chainage_m: FloatArray
    limit_w: FloatArray
    other_w: FloatArray
    drag_mps2: FloatArray
    tunnel: BoolArray
    stops: IntArray
    cause: IntArray
    gradient: FloatArray
    curving: FloatArray


def lay_track(
    survey: Survey,
    permitted: PermittedSpeed,
    train: Performance,
    *,
    end: End = "expected",
    begin_m: float,
    end_m: float,
    stops_m: Sequence[float] = (),
    step_m: float = 100.0,
    ways: Ways | None = None,
) -> Track:
    """Cut a line into cells for a run of a train.

    Parameters
    ----------
    survey : Survey
    permitted : PermittedSpeed
    train : Performance
    end : {"slow", "expected", "fast"}
        Of the permitted speed, and of what is not known of tunnels.
    begin_m, end_m : float
        Chainages between which the train runs.
    stops_m : sequence of float
        Chainages of its stops on the way.
    step_m : float
        Length of the cells of one gradient, where there are heights.
    ways : callable, optional
        From chainages to distances, where the line is too short to be trusted.

    Returns
    -------
    Track
    """
    if not begin_m < end_m:
        msg = f"a run from {begin_m:,.1f} m to {end_m:,.1f} m has no length"
        raise InvalidNoun(msg, remedy="name two stations apart")
    if not _LEAST_CELL_M <= step_m <= 1e6:
        msg = f"step_m is {step_m:g}, expected 1 or more"
        raise InvalidNoun(msg, value=step_m)
    bands = permitted.along(end, train_length_m=train.length_m)
    if train.jerk_mps3:
        bands = _delay(bands, train, train.jerk_mps3)
    edges = bands.edges_m
    tunnels = _tunnels(survey, end)
    curves = _curves(permitted, train.curve_resistance_m)
    cuts = [edges, tunnels.ravel(), curves[:, :2].ravel(), np.asarray(stops_m, dtype=np.float64)]
    climbs = survey.route.height_m is not None and not np.isnan(survey.route.height_m).any()
    if climbs:
        highest = float(np.abs(np.asarray(survey.route.height_m)).max())
        if highest > _HIGHEST_M:
            msg = f"the line has a height of {highest:.6g} m, where nothing is built"
            raise InvalidNoun(msg, remedy="correct its heights", value=highest)
        cuts.append(np.arange(begin_m, end_m, step_m))
    places = np.concatenate([*cuts, [begin_m, end_m]])
    places = np.unique(places[(places >= begin_m) & (places <= end_m)])
    places = _apart(places, [begin_m, end_m, *stops_m])
    middle = (places[:-1] + places[1:]) / 2
    which = np.clip(np.searchsorted(edges, middle, side="right") - 1, 0, len(edges) - 2)
    distance = places - begin_m if ways is None else ways(places) - ways(places[:1])
    if np.any(np.diff(distance) <= 0):
        msg = "the official kilometres do not rise along the run"
        raise InvalidNoun(msg, remedy="correct the stations' chainage_km")
    gradient = np.zeros(len(middle))
    if climbs:
        gradient = np.diff(_mean_height(survey, places, train.length_m)) / np.diff(distance)
    curving = np.zeros(len(middle))
    for low_m, high_m, resistance in curves:
        inside = (middle >= low_m) & (middle <= high_m)
        curving[inside] = np.maximum(curving[inside], resistance)
    return Track(
        edges_m=distance,
        chainage_m=places,
        limit_w=bands.speed_mps[which] ** 2 / 2,
        other_w=bands.other_mps[which] ** 2 / 2,
        drag_mps2=GRAVITY_MPS2 * (gradient + curving) / (1 + train.rotating_share),
        tunnel=np.diff(intervals.covered_m(tunnels, places)) > np.diff(places) / 2,
        stops=np.searchsorted(places, np.asarray(stops_m, dtype=np.float64)),
        cause=bands.cause[which],
        gradient=gradient,
        curving=curving,
    )


def _apart(places: FloatArray, kept: Sequence[float]) -> FloatArray:
    """Drop edges that are as good as the one before them; stops and ends stay."""
    wanted = np.isin(places, kept)
    close = np.concatenate(([False], np.diff(places) < _SAME_M))
    before = np.concatenate((np.diff(places) < _SAME_M, [False])) & np.append(wanted[1:], [False])
    return np.asarray(places[wanted | ~(close | before)])


def _delay(bands: SpeedBands, train: Performance, jerk_mps3: float) -> SpeedBands:
    """Lengthen slow stretches by the way on which the acceleration builds up.

    An acceleration a that builds up at the jerk j reaches a speed a / (2 j) later than one that
    sets in at once; so much time the train goes on at the lower speed, on either side. Where that
    swallows the stretch beside it, the slower one wins.
    """
    edges, speed = bands.edges_m, bands.speed_mps
    pull = (train.effort_n(speed) - train.resistance_n(speed, tunnel=False)) / train.inertia_kg
    after = speed * np.maximum(pull, 0.0) / (2 * jerk_mps3)
    before = speed * train.braking_mps2 / (2 * jerk_mps3)
    rises = np.append(np.diff(speed) > 0, [False])
    falls = np.concatenate(([False], np.diff(speed) < 0))
    low = np.maximum(edges[:-1] - np.where(falls, before, 0.0), edges[0])
    high = np.minimum(edges[1:] + np.where(rises, after, 0.0), edges[-1])
    top = float(max(speed.max(), bands.other_mps.max()))
    ends = np.column_stack([low, high])
    laid = lay_speeds(ends, speed, np.arange(len(speed)), length_m=float(edges[-1]), top_mps=top)
    # Without its own restriction a stretch is what that stands on, or what reaches into it.
    own = bands.other_mps[laid.cause]
    inside = (edges[laid.cause] <= laid.edges_m[:-1]) & (laid.edges_m[1:] <= edges[laid.cause + 1])
    return SpeedBands(
        edges_m=laid.edges_m,
        speed_mps=laid.speed_mps,
        other_mps=np.where(inside, np.minimum(own, laid.other_mps), laid.other_mps),
        cause=bands.cause[laid.cause],
    )


def _tunnels(survey: Survey, end: End) -> FloatArray:
    """Give the tunnels; the slow run counts what may be one, too."""
    spans = [(s.from_m, s.to_m) for s in survey.structures if s.kind == "tunnel"]
    known = intervals.unite(np.array(spans, dtype=np.float64).reshape(-1, 2))
    if end != "slow":
        return np.asarray(known)
    resolved = resolve(survey.route, length_m=survey.length_m, official=survey.official)
    unknown = intervals.complement(resolved.known_m, from_m=0.0, to_m=survey.length_m)
    return np.asarray(intervals.unite(np.concatenate([known, unknown])))


def _curves(permitted: PermittedSpeed, resistance_m: float) -> FloatArray:
    """Give (from, to, resistance per weight) of each curve."""
    rows = [
        (r.from_m, r.to_m, resistance_m / r.radius_m)
        for r in permitted.restrictions
        if r.cause == "curve" and r.radius_m and resistance_m
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _mean_height(survey: Survey, places: FloatArray, train_length_m: float) -> FloatArray:
    """Give the mean height under a train whose middle is at some places.

    The train's weight is spread over its length, so what it climbs is the mean height's rise.
    """
    chainage, heights = np.asarray(survey.chainage_m), np.asarray(survey.route.height_m)
    steps = np.diff(chainage)
    area = np.concatenate(([0.0], np.cumsum(steps * (heights[:-1] + heights[1:]) / 2)))

    def below(x: FloatArray) -> FloatArray:
        """Integrate the heights from the origin; beyond an end they go on level."""
        inside = np.clip(x, chainage[0], chainage[-1])
        i = np.clip(np.searchsorted(chainage, inside, side="right") - 1, 0, len(steps) - 1)
        way = inside - chainage[i]
        slope = np.divide(
            heights[i + 1] - heights[i], steps[i], out=np.zeros(len(i)), where=steps[i] > 0
        )
        whole = area[i] + way * (heights[i] + slope * way / 2)
        beyond = np.where(x < chainage[0], heights[0], heights[-1]) * (x - inside)
        return np.asarray(whole + beyond)

    half = max(train_length_m, 1.0) / 2
    return (below(places + half) - below(places - half)) / (2 * half)
