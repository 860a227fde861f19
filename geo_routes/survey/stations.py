"""Stations → their places on the line of a route."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from geo_routes import chainage
from geo_routes.model import Finding, Route, Station
from geo_routes.survey.nouns import LocatedStation

# A station's own position is no better known than this: of two places whose offsets differ by less,
# either may be meant.
_EQUALLY_NEAR_M = 25.0
_FAR_OFF_M = 250.0
_SAME_PLACE_M = 0.5
# So near does a place lie to the chainage that an importer matched, in its member ``at_m``.
_HINT_M = 50.0


def locate_stations(
    route: Route, ruler: chainage.Ruler
) -> tuple[tuple[LocatedStation, ...], list[Finding]]:
    """Find the stations of a route on its line.

    Where a station has several places that are equally near, as on a loop or an out-and-back line,
    the order of the stations decides; where it does not, the first is taken with a finding.

    Returns
    -------
    tuple of LocatedStation, list of Finding
        By chainage.
    """
    if not route.stations:
        return (), []
    points = np.array([s.lonlat for s in route.stations])
    places = chainage.locate(ruler, points, slack_m=_EQUALLY_NEAR_M)
    first = np.searchsorted(places.point, np.arange(len(points) + 1))
    choices = [
        list(zip(places.chainage_m[a:b].tolist(), places.offset_m[a:b].tolist(), strict=True))
        for a, b in pairwise(first)
    ]
    chosen, remarks = _choose(route, choices)
    located = []
    for station, (chainage_m, offset_m) in zip(route.stations, chosen, strict=True):
        located.append(LocatedStation(station=station, chainage_m=chainage_m, offset_m=offset_m))
        at_end = chainage_m <= 0 or chainage_m >= ruler.length_m
        if offset_m > _FAR_OFF_M:
            where = "off the line, beyond its end" if at_end else "off the line"
            joined = "" if station.routes else "; it joins this route as the nearest"
            remarks.append(
                _say(
                    route,
                    "station.off_line",
                    "warning",
                    f"station {_label(station)} lies {offset_m:,.0f} m {where}{joined}",
                    "check its position, or name its route",
                    chainage_m,
                )
            )
    order = sorted(range(len(located)), key=lambda i: located[i].chainage_m)
    result = tuple(located[i] for i in order)
    remarks += _order_remarks(route, located) + _neighbour_remarks(route, result)
    return result, remarks


def _choose(
    route: Route, choices: Sequence[Sequence[tuple[float, float]]]
) -> tuple[list[tuple[float, float]], list[Finding]]:
    choices = [_hinted(s, c) for s, c in zip(route.stations, choices, strict=True)]
    ambiguous = [i for i, c in enumerate(choices) if len(c) > 1]
    if not ambiguous:
        return [c[0] for c in choices], []
    ordered = (_rising(choices) or _falling(choices)) if len(choices) > 1 else None
    if ordered is not None:
        return ordered, []
    remarks = []
    for i in ambiguous:
        shown = ", ".join(f"{place / 1000:.3f} km" for place, _ in choices[i][:4])
        remarks.append(
            _say(
                route,
                "station.ambiguous",
                "warning",
                f"station {_label(route.stations[i])} is ambiguous: the line passes it at {shown}",
                "give the stations a seq that rises along the line",
                choices[i][0][0],
            )
        )
    return [c[0] for c in choices], remarks


def _hinted(
    station: Station, places: Sequence[tuple[float, float]]
) -> Sequence[tuple[float, float]]:
    """Keep the one of several places that an importer's ``at_m`` means."""
    said = station.extra.get("at_m")
    if len(places) < 2 or not isinstance(said, int | float):
        return places
    nearest = min(places, key=lambda p: abs(p[0] - said))
    return [nearest] if abs(nearest[0] - said) <= _HINT_M else places


def _rising(choices: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[float, float]] | None:
    """Choose one place per station so that they rise strictly; None unless just one way does."""
    lowest: list[tuple[float, float]] = []
    reached = -np.inf
    for places in choices:
        ahead = [p for p in places if p[0] > reached]
        if not ahead:
            return None
        lowest.append(ahead[0])
        reached = ahead[0][0]
    reached = np.inf
    for i in range(len(choices) - 1, -1, -1):
        behind = [p for p in choices[i] if p[0] < reached]
        if not behind or behind[-1] != lowest[i]:
            return None
        reached = behind[-1][0]
    return lowest


def _falling(choices: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[float, float]] | None:
    """Choose likewise for stations that are listed against the line."""
    chosen = _rising(choices[::-1])
    return None if chosen is None else chosen[::-1]


def _order_remarks(route: Route, located: Sequence[LocatedStation]) -> list[Finding]:
    if len(located) < 2 or any(s.station.seq is None for s in located):
        return []
    along = [s.chainage_m for s in located]
    if along == sorted(along) or along == sorted(along, reverse=True):
        return []
    turn = next(i for i in range(1, len(along)) if along[i] < along[i - 1])
    before, after = _label(located[turn - 1].station), _label(located[turn].station)
    return [
        _say(
            route,
            "station.order",
            "warning",
            f"the stations' order by seq is not that along the line: {after} lies before {before}",
            "correct seq, or the order of the line's parts",
            along[turn],
        )
    ]


def _neighbour_remarks(route: Route, stations: Sequence[LocatedStation]) -> list[Finding]:
    return [
        _say(
            route,
            "station.same_place",
            "warning",
            f"stations {_label(one.station)} and {_label(two.station)} are at the same place: "
            "the section between them has zero length",
            "keep one of them, or correct a position",
            one.chainage_m,
        )
        for one, two in pairwise(stations)
        if two.chainage_m - one.chainage_m < _SAME_PLACE_M
    ]


def _label(station: Station) -> str:
    return station.name or "without a name"


def _say(
    route: Route, code: str, severity: str, message: str, remedy: str, chainage_m: float | None
) -> Finding:
    return Finding(
        code=code,
        severity=severity,  # type: ignore[arg-type]
        message=message,
        remedy=remedy,
        route=route.label,
        chainage_m=chainage_m,
    )
