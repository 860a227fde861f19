"""Where a run begins, stops and ends, and from what its way is taken."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from geo_routes.errors import InvalidNoun, visible
from geo_routes.model import Finding, FloatArray
from geo_routes.survey import LocatedStation, Survey

_SAME_PLACE_M = 1.0
# A line is longer than its sketch, but not by any measure.
_LEAST_SCALE, _MOST_SCALE = 0.5, 10.0
Ways = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place where a run begins, stops or ends; ``name`` is empty at a bare end of the line."""

    name: str
    chainage_m: float


def choose_stops(survey: Survey, stops: str | Sequence[str]) -> tuple[Stop, ...]:
    """Choose the stops of a run, by chainage.

    Parameters
    ----------
    survey : Survey
    stops : "all", "ends" or sequence of str
        Names of stations, in any of their languages; without stations the ends of the line.

    Returns
    -------
    tuple of Stop
        Two or more.

    Raises
    ------
    InvalidNoun
        If a name is that of no station or of several, or fewer than two places are left.
    """
    located = _apart(survey.stations)
    if isinstance(stops, str) and stops not in ("all", "ends"):
        stops = (stops,)
    if not isinstance(stops, str):
        found = sorted({_find(located, name) for name in stops})
        chosen = [located[i] for i in found]
        if len(chosen) < 2:
            msg = "a run needs two stops or more"
            raise InvalidNoun(msg, remedy="name the first and the last of them, too")
    elif len(located) < 2:
        return (Stop(name="", chainage_m=0.0), Stop(name="", chainage_m=survey.length_m))
    else:
        chosen = located if stops == "all" else [located[0], located[-1]]
    return tuple(Stop(name=s.station.name, chainage_m=s.chainage_m) for s in chosen)


def _apart(stations: Sequence[LocatedStation]) -> list[LocatedStation]:
    """Pass over stations at one place: a train stops there once."""
    kept: list[LocatedStation] = []
    for station in stations:
        if not kept or station.chainage_m - kept[-1].chainage_m > _SAME_PLACE_M:
            kept.append(station)
    return kept


def _find(located: Sequence[LocatedStation], name: str) -> int:
    wanted = name.strip().casefold()
    names = [
        {n.casefold() for n in (s.station.name, *s.station.names.values()) if n} for s in located
    ]
    found = [i for i, mine in enumerate(names) if wanted in mine]
    if len(found) == 1:
        return found[0]
    shown = visible(name, most=60)
    if found:
        msg = f"{len(found)} stations are called {shown}"
        raise InvalidNoun(msg, remedy="give one of them another name", value=name)
    every = {n for mine in names for n in mine}
    near = difflib.get_close_matches(wanted, every, n=1)
    there = [s.station.name for s in located if s.station.name][:8]
    listed = visible(", ".join(there), most=160) or "none with a name"
    remedy = f"did you mean {near[0]}?" if near else f"there are {listed}"
    msg = f"the route has no station {shown}"
    raise InvalidNoun(msg, remedy=remedy, value=name)


def ways_of(survey: Survey) -> tuple[Ways | None, str, list[Finding]]:
    """Tell from what the way of a run is taken: the line, or what is published of a sketch.

    Returns
    -------
    callable or None
        From chainages to distances; None for the line itself.
    str
        ``"line"``, ``"kilometres"`` or ``"declared"``.
    list of Finding
    """
    route = survey.route
    if route.geometry_kind != "sketch":
        return None, "line", []
    official = survey.official
    if official is not None and sum(p.fits for p in official.points) > 1:
        places, km = _rising(official.knots_m, official.knots_km)
        if len(places) > 1:
            scale = float((km[-1] - km[0]) * 1000 / (places[-1] - places[0]))
            _insist_scale(scale, f"kilometres {km[0]:g} to {km[-1]:g}", "the stations' chainage_km")

            def by_kilometres(chainage_m: FloatArray) -> FloatArray:
                return _interpolate(chainage_m, places, km * 1000)

            told = f"the official kilometres of {len(places)} stations"
            return by_kilometres, "kilometres", [_say(survey, told)]
    declared = route.declared
    if declared is not None and declared.length_km and survey.length_m > 0:
        first, last = _declared_ends(survey)
        factor = declared.length_km * 1000 / (last - first)
        told = f"the declared length of {declared.length_km:g} km"
        _insist_scale(factor, told, "declared.length_km, from and to")

        def by_length(chainage_m: FloatArray) -> FloatArray:
            return np.asarray(chainage_m) * factor

        return by_length, "declared", [_say(survey, f"{told}, spread evenly,")]
    return (
        None,
        "line",
        [
            Finding(
                code="running_time.sketch",
                severity="warning",
                message="the way is that of the sketch, which is shorter than the line",
                remedy="give the stations their chainage_km, or the route its declared length_km",
                route=route.label,
            )
        ],
    )


def _insist_scale(scale: float, told: str, member: str) -> None:
    """Refuse figures that cannot be of the line that is drawn."""
    if not _LEAST_SCALE <= scale <= _MOST_SCALE:
        msg = f"{told} make the line {scale:.3g} times as long as it is drawn"
        raise InvalidNoun(msg, remedy=f"correct {member}", value=scale)


def _rising(places: FloatArray, km: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give kilometres as a way that rises with the chainage."""
    order = np.argsort(places, kind="stable")
    places, km = np.asarray(places)[order], np.asarray(km)[order]
    kept = np.concatenate(([True], np.diff(places) > 0))
    places, km = places[kept], km[kept]
    if len(km) > 1 and km[-1] < km[0]:
        km = -km
    return places, km


def _interpolate(chainage_m: FloatArray, places: FloatArray, ways: FloatArray) -> FloatArray:
    """Interpolate, and go on beyond the ends at the slope beside them."""
    at = np.asarray(chainage_m, dtype=np.float64)
    inner = np.interp(at, places, ways)
    first = (ways[1] - ways[0]) / (places[1] - places[0])
    last = (ways[-1] - ways[-2]) / (places[-1] - places[-2])
    inner = np.where(at < places[0], ways[0] + (at - places[0]) * first, inner)
    return np.where(at > places[-1], ways[-1] + (at - places[-1]) * last, inner)


def _declared_ends(survey: Survey) -> tuple[float, float]:
    """Give the chainages that the declared length is measured between."""
    declared = survey.route.declared
    at = {s.station.name: s.chainage_m for s in survey.stations}
    first = last = None
    if declared is not None:
        first, last = at.get(declared.origin or ""), at.get(declared.terminus or "")
    if first is None or last is None or first == last:
        first, last = 0.0, survey.length_m
        ends = [s.chainage_m for s in survey.stations]
        if ends and ends[-1] > ends[0]:
            first, last = ends[0], ends[-1]
    return min(first, last), max(first, last)


def _say(survey: Survey, told: str) -> Finding:
    return Finding(
        code="running_time.distance",
        severity="note",
        message=f"the line is a sketch, so the way is taken from {told} and not from the drawing",
        route=survey.route.label,
    )
