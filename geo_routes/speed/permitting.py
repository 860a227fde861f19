"""Survey, train and limits → the permitted speed along the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TypedDict, Unpack

from geo_routes.errors import InvalidNoun
from geo_routes.model import Finding, Route
from geo_routes.speed.curves import (
    has_ends,
    restrict_curves,
    restrict_vertical_curves,
    say_kinks,
)
from geo_routes.speed.restrictions import PermittedSpeed, Restriction
from geo_routes.standards import (
    Limits,
    MaglevLimits,
    Train,
    read_limits,
)
from geo_routes.survey import Survey

KMH = 3.6
RAIL_MODES = ("high_speed_rail", "rail", "light_rail", "metro", "subway", "tram", "narrow_gauge")
# What a line is held against where nobody names a standard.
_USUAL = {"maglev": "mbbo", "rail": "usual"}
# Signs show whole kilometres an hour; no train is faster than that.
_LEAST_KMH, _FASTEST_KMH = 1.0, 3_000.0


class SpeedOptions(TypedDict, total=False):
    """What may be said of a line besides its shape.

    Parameters
    ----------
    limits : RailLimits or MaglevLimits
        By default the usual limits of railways and the German maglev law for a maglev.
    gauge_mm : float
        Instead of the route's own.
    max_speed_kmh : float
        Of the line, instead of the declared one.
    tunnel_speed_kmh, station_speed_kmh : float
        Through every tunnel, and past every station: assumptions with a name.
    """

    limits: Limits | None
    gauge_mm: float | None
    max_speed_kmh: float | None
    tunnel_speed_kmh: float | None
    station_speed_kmh: float | None


@cache
def usual_limits(guidance: str) -> Limits:
    """Give the limits that a line is held against where nobody names any."""
    return read_limits(_USUAL[guidance])


def permit_speed(survey: Survey, train: Train, **options: Unpack[SpeedOptions]) -> PermittedSpeed:
    """Find how fast a train may run along a line.

    Parameters
    ----------
    survey : Survey
        With its alignment, unless it is of a sketch.
    train : Train
    **options
        See `SpeedOptions`.

    Returns
    -------
    PermittedSpeed

    Raises
    ------
    InvalidNoun
        If the train does not fit the line, the gauge of rails is unknown, or the survey lacks an
        alignment.

    Notes
    -----
    A curve's speed holds from the begin of the transition before it to the end of the one after
    it: cant and curvature rise together, so that what the curve permits, its transitions do.
    """
    route = survey.route
    limits = options.get("limits") or usual_limits(train.guidance)
    check_fit(route, train, limits)
    gauge = options.get("gauge_mm") or route.gauge_mm
    tunnel_kmh, station_kmh = options.get("tunnel_speed_kmh"), options.get("station_speed_kmh")
    remarks: list[Finding] = []
    found: list[Restriction] = []
    if survey.length_m <= 0:
        msg = "the line has no length: all of its vertices are one place"
        raise InvalidNoun(msg, remedy="give it its vertices")
    if route.geometry_kind == "sketch":
        remarks.append(_say_sketch(route))
    elif survey.alignment is None:
        msg = "the survey has no alignment, and without it no curve has a radius"
        raise InvalidNoun(msg, remedy='measure with figures that hold "alignment"')
    else:
        found += restrict_curves(survey.alignment, route, train, limits, gauge)
        remarks += say_kinks(route, survey.alignment)
        found += restrict_vertical_curves(route, limits)
    found += _line_limits(route, remarks)
    bound = _bound(route, options.get("max_speed_kmh"), survey.length_m)
    found += [bound] if bound is not None else []
    if tunnel_kmh is not None:
        found += _tunnels(survey, _speed(tunnel_kmh, "tunnel_speed_kmh"))
    if station_kmh is not None:
        found += _stations(survey, _speed(station_kmh, "station_speed_kmh"))
    top = train.top_speed_mps
    return PermittedSpeed(
        length_m=survey.length_m,
        top_mps=(top.low, top.value, top.high),
        restrictions=_on_line(found, survey.length_m),
        train_length_m=train.length_m.value,
        limits=limits,
        gauge_mm=gauge,
        tilt_deg=train.at().tilt_deg,
        remarks=tuple(remarks),
    )


def _on_line(found: Sequence[Restriction], length_m: float) -> tuple[Restriction, ...]:
    """Cut restrictions to the line, and order them."""
    cut = [
        replace(r, from_m=min(max(r.from_m, 0.0), length_m), to_m=min(max(r.to_m, 0.0), length_m))
        for r in found
        if r.from_m <= length_m and r.to_m >= 0
    ]
    return tuple(sorted(cut, key=lambda r: (r.from_m, r.to_m)))


def check_fit(route: Route, train: Train, limits: Limits) -> None:
    """Refuse a train that cannot run on the line, and limits of another kind of line.

    Raises
    ------
    InvalidNoun
    """
    if route.mode is None:
        msg = "the mode of the route is not known, and it decides which physics applies"
        raise InvalidNoun(msg, remedy="give the route its mode, or --mode")
    guidance = "maglev" if route.mode == "maglev" else "rail" if route.mode in RAIL_MODES else None
    if guidance is None:
        msg = f"running times are for rails and maglev, and this route is of the mode {route.mode}"
        raise InvalidNoun(msg, remedy=f"give one of maglev, {', '.join(RAIL_MODES)}")
    if train.guidance != guidance:
        msg = f"{train.name} is a {train.guidance} train, and the route is of the mode {route.mode}"
        raise InvalidNoun(msg, remedy="choose another train with --list-trains")
    if isinstance(limits, MaglevLimits) != (guidance == "maglev"):
        msg = f"{limits.name} holds for another kind of line than the mode {route.mode}"
        raise InvalidNoun(msg, remedy="choose another --standard")


def _line_limits(route: Route, remarks: list[Finding]) -> Iterator[Restriction]:
    """Restrict to the limits that the line was imported with."""
    rows = route.extra.get("speed_limits")
    odd = 0
    for row in rows if isinstance(rows, list | tuple) else ():
        kmh = row.get("kmh") if isinstance(row, Mapping) else None
        if kmh is None and isinstance(row, Mapping):
            continue  # of a line with a limit for the other direction alone
        fits = isinstance(kmh, int | float) and _LEAST_KMH <= kmh <= _FASTEST_KMH
        if kmh is None or not fits or not has_ends(row):
            odd += 1
            continue
        yield _one_speed("line_limit", float(row["from_m"]), float(row["to_m"]), kmh / KMH)
    if odd:
        remarks.append(
            Finding(
                code="speed.limit",
                severity="warning",
                message=f"{odd:,} of the speed_limits are no from_m, to_m and kmh of 1 to "
                f"{_FASTEST_KMH:,.0f}, and are left out",
                remedy="correct them",
                route=route.label,
            )
        )


def _bound(route: Route, max_speed_kmh: float | None, length_m: float) -> Restriction | None:
    """Restrict the whole line to the speed that is asked for, else the declared one."""
    declared = route.declared
    kmh = max_speed_kmh
    if kmh is None and declared is not None:
        kmh = declared.max_speed_kmh
    if kmh is None:
        return None
    return _one_speed("declared", 0.0, length_m, _speed(kmh, "max_speed_kmh"))


def _tunnels(survey: Survey, speed_mps: float) -> Iterator[Restriction]:
    for s in survey.structures:
        if s.kind == "tunnel":
            yield _one_speed("tunnel", s.from_m or 0.0, s.to_m or 0.0, speed_mps, s.name)


def _stations(survey: Survey, speed_mps: float) -> Iterator[Restriction]:
    for s in survey.stations:
        yield _one_speed("station", s.chainage_m, s.chainage_m, speed_mps, s.station.name)


def _one_speed(
    cause: str, from_m: float, to_m: float, speed_mps: float, name: str = ""
) -> Restriction:
    return Restriction(
        cause=cause,  # type: ignore[arg-type]
        from_m=from_m,
        to_m=to_m,
        slow_mps=speed_mps,
        expected_mps=speed_mps,
        fast_mps=speed_mps,
        name=name,
    )


def _speed(kmh: float, name: str) -> float:
    if not _LEAST_KMH <= kmh <= _FASTEST_KMH:
        msg = f"{name} is {kmh:g}, expected a speed of 1 to {_FASTEST_KMH:,.0f} km/h"
        raise InvalidNoun(msg, value=kmh)
    return kmh / KMH


def _say_sketch(route: Route) -> Finding:
    return Finding(
        code="speed.sketch",
        severity="warning",
        message="a sketch tells no radii, so that no curve restricts the speed",
        remedy="give the smallest radius's speed with --max-speed, or a surveyed line",
        route=route.label,
    )
