"""What is odd about a line: spikes, ways back, repeats, crossings, steps and parts out of order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from geo_routes import geodesy
from geo_routes.checks.crossings import find_crossings
from geo_routes.checks.doubling import find_doubling
from geo_routes.checks.parts import part_findings
from geo_routes.checks.saying import say
from geo_routes.model import Finding, FloatArray, fold
from geo_routes.survey import Survey

_SHORT_M = 1.0
_SAME_PLACE_M = 0.01
_SHARP_TURN_RAD = np.radians(170)
_SPIKE_TURN_RAD = np.radians(150)
# A spike stands out by this many times what the line advances at its foot.
_SPIKE = 3.0
_LONG_STEP = 10.0
_LONG_STEP_M = 200.0
_LOST_SAGITTA_M = 25.0
_ENDLESS_STEP_M = 100_000.0
_FEWEST_STEPS = 8
# A loop of less than this is a knot that no train can run through; a longer one may be a spiral.
_KNOT_M = 300.0
_STEEP = 0.3
_STEEP_M = 20.0
# Below the shore of the Dead Sea and above the highest railways lies no track but a missing value.
_LOWEST_M, _HIGHEST_M = -450.0, 6_000.0
_MOST = 10
_CELLS = 800

BoolArray = npt.NDArray[np.bool_]


def geometry_findings(survey: Survey) -> list[Finding]:
    """Look for what is odd about the line of a route."""
    rooms: tuple[Callable[[Survey], list[Finding]], ...] = (
        _size,
        _repeats,
        _turns,
        _long_steps,
        _parts,
        _crossings,
        _heights,
    )
    return [f for room in rooms for f in fold(room(survey), most=_MOST)]


def _within_parts(survey: Survey) -> BoolArray:
    within = np.ones(len(survey.chainage_m) - 1, dtype=bool)
    within[survey.route.part_starts[1:] - 1] = False
    return within


def _size(survey: Survey) -> list[Finding]:
    if not 0 < survey.length_m < _SHORT_M:
        return []
    message = f"the line is very short: its length is {survey.length_m:.4g} m"
    return [say(survey, "geometry.short", "warning", message, "check its coordinates")]


def _repeats(survey: Survey) -> list[Finding]:
    repeated = np.nonzero((np.diff(survey.chainage_m) == 0) & _within_parts(survey))[0]
    if len(repeated) == 0 or survey.length_m == 0:
        return []
    which = "1 vertex repeats" if len(repeated) == 1 else f"{len(repeated)} vertices repeat"
    message = f"{which} the one before: duplicate places of zero distance"
    at_m = survey.chainage_m[repeated[0]]
    remedy = "remove them"
    return [say(survey, "geometry.duplicate_vertices", "note", message, remedy, at_m)]


def _turns(survey: Survey) -> list[Finding]:
    """Find where the line turns round: at a spike, or to run back along itself."""
    keep = np.concatenate(([True], (np.diff(survey.chainage_m) > 0) | ~_within_parts(survey)))
    line, places_m = survey.route.lonlat[keep], survey.chainage_m[keep]
    if len(line) < 3:
        return []
    steps_m = np.diff(places_m)
    turn = np.abs(geodesy.deflections_rad(line))
    joined = (steps_m[:-1] > 0) & (steps_m[1:] > 0)
    at = np.nonzero((turn > _SPIKE_TURN_RAD) & joined)[0] + 1
    if len(at) == 0:
        return []
    spike = _is_spike(line, steps_m, at)
    back = ~spike & (turn[at - 1] > _SHARP_TURN_RAD)
    found = []
    for i in at[spike].tolist():
        leg_m = min(steps_m[i - 1], steps_m[i])
        message = f"a spike: one vertex stands {leg_m:,.0f} m out of the line"
        if np.hypot(*line[i]) < 1e-3:
            message += ", at 0, 0, as where a coordinate was missing"
        found.append(say(survey, "geometry.spike", "warning", message, "remove it", places_m[i]))
    for i in at[back].tolist():
        message = "the line turns back on itself, so that a stretch is counted more than once"
        remedy = "remove the way back, or keep it as a route of its own"
        found.append(say(survey, "geometry.turns_back", "warning", message, remedy, places_m[i]))
    return found


def _is_spike(line: FloatArray, steps_m: FloatArray, at: npt.NDArray[np.int64]) -> BoolArray:
    before, after = np.maximum(at - 2, 0), np.minimum(at + 2, len(line) - 1)
    foot_m = geodesy.inverse(line[at - 1], line[at + 1])[2]
    wide_m = geodesy.inverse(line[before], line[after])[2]
    leg_m = np.minimum(steps_m[at - 1], steps_m[at])
    beside_m = np.minimum(steps_m[before], steps_m[after - 1])
    # What turns to run back comes by its own vertices again; beside a spike the line goes on.
    goes_on = (wide_m > np.minimum(beside_m, leg_m) / 2) & (foot_m > _SAME_PLACE_M)
    alone = ~np.isin(at - 1, at) & ~np.isin(at + 1, at)
    return np.asarray((leg_m > _SPIKE * foot_m / 2) & goes_on & (wide_m > foot_m / 2) & alone)


def _long_steps(survey: Survey) -> list[Finding]:
    """Find steps over a bend, where vertices are missing, and steps that no map would have."""
    if survey.route.geometry_kind in ("sketch", "schematic"):
        return []
    steps_m = np.diff(survey.chainage_m)
    moves = (steps_m > 0) & _within_parts(survey)
    found = []
    for i in np.nonzero(steps_m > _ENDLESS_STEP_M)[0].tolist():
        message = f"a long step of {steps_m[i] / 1000:,.0f} km without a vertex"
        remedy = "check the coordinates, or mark the line as a sketch"
        place_m = survey.chainage_m[i]
        found.append(say(survey, "geometry.long_step", "warning", message, remedy, place_m))
    if found or np.count_nonzero(moves) < _FEWEST_STEPS:
        return found
    typical_m = float(np.partition(steps_m[moves], np.count_nonzero(moves) // 2)[
        np.count_nonzero(moves) // 2
    ])  # fmt: skip
    turn = np.zeros(len(steps_m) + 1)
    turn[1:-1] = np.abs(geodesy.deflections_rad(survey.route.lonlat))
    turn[survey.route.part_starts] = turn[survey.route.part_ends - 1] = 0.0
    # The ends of a chord over a bend carry its turn: half a sagitta for each.
    # What the short steps beside it turn by themselves is theirs: half of it stands at its ends.
    before = np.maximum(turn[:-1] - np.concatenate(([0.0], turn[:-2])) / 2, 0.0)
    after = np.maximum(turn[1:] - np.concatenate((turn[2:], [0.0])) / 2, 0.0)
    sagitta_m = steps_m * (before + after) / 8
    lost = moves & (steps_m > max(_LONG_STEP * typical_m, _LONG_STEP_M))
    lost &= (sagitta_m > _LOST_SAGITTA_M) & (np.maximum(turn[:-1], turn[1:]) < np.pi / 2)
    for i in np.nonzero(lost)[0].tolist():
        message = (
            f"vertices are missing: a step of {steps_m[i]:,.0f} m over a bend, where "
            f"{typical_m:,.0f} m are usual"
        )
        remedy = "add the vertices between, or expect the line to be too short there"
        place_m = survey.chainage_m[i]
        found.append(say(survey, "geometry.long_step", "warning", message, remedy, place_m))
    return found


def _parts(survey: Survey) -> list[Finding]:
    """Find parts that run side by side, such as the two tracks of a line, or are out of order."""
    if len(survey.route.part_starts) == 1:
        return []
    doubling = find_doubling(survey, cells=_CELLS)
    if doubling.length_m == 0:
        return part_findings(survey)
    what = (
        "the same piece drawn twice"
        if doubling.is_repeat
        else "parallel to another part, as the two tracks of a line do"
    )
    run = "is" if doubling.is_repeat else "runs"
    message = (
        f"{doubling.length_m / 1000:.3f} km of the line {run} {what}, "
        f"{doubling.offset_m:,.0f} m apart; all is summed as filed"
    )
    remedy = "keep one of the two, or keep them as two routes"
    at_m = doubling.again_m[0, 0]
    found = [say(survey, "pieces.parallel", "error", message, remedy, at_m)]
    # Of two tracks the ends lie side by side: no order of the parts would make them one line.
    return found if doubling.length_m > survey.length_m / 4 else [*found, *part_findings(survey)]


def _crossings(survey: Survey) -> list[Finding]:
    found = []
    for first_m, second_m in find_crossings(survey):
        loop_m = second_m - first_m
        knot = loop_m < _KNOT_M
        message = f"the line crosses itself: it comes by again {loop_m:,.0f} m further on" + (
            ", a knot that no train runs through" if knot else ""
        )
        remedy = "check the order of the vertices there" if knot else "none, if it is a spiral"
        severity = "warning" if knot else "note"
        found.append(say(survey, "geometry.crossing", severity, message, remedy, first_m))  # type: ignore[arg-type]
    return found


def _heights(survey: Survey) -> list[Finding]:
    height_m = survey.route.height_m
    if height_m is None:
        return []
    found = []
    known = ~np.isnan(height_m)
    missing = np.nonzero(known & ((height_m < _LOWEST_M) | (height_m > _HIGHEST_M)))[0]
    for i in missing.tolist():
        message = f"a height of {height_m[i]:,.0f} m, which stands for a missing value"
        remedy = "remove the heights that are none"
        place_m = survey.chainage_m[i]
        found.append(say(survey, "heights.missing", "warning", message, remedy, place_m))
    if found:
        return found
    climb_m, steps_m = np.diff(height_m), np.diff(survey.chainage_m)
    with np.errstate(invalid="ignore", divide="ignore"):
        jump = (np.abs(climb_m) > np.maximum(_STEEP * steps_m, _STEEP_M)) & _within_parts(survey)
        slope = climb_m / np.maximum(steps_m, _SAME_PLACE_M)
        # A rack or a funicular climbs as steeply before or behind.
        beside = np.column_stack((np.roll(slope, 1), np.roll(slope, -1)))
        beside[0, 0] = beside[-1, 1] = 0.0
        jump &= ~np.any(beside / slope[:, None] > 1 / 2, axis=1)
    for i in np.nonzero(jump)[0].tolist():
        message = f"the height jumps by {climb_m[i]:+,.0f} m within {steps_m[i]:,.0f} m"
        remedy = "check the heights: the 3D length is too long by such jumps"
        place_m = survey.chainage_m[i]
        found.append(say(survey, "heights.jump", "warning", message, remedy, place_m))
    return found
