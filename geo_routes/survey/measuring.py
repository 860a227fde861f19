"""Route → survey: everything measured about one route, measured once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from geo_routes import chainage, geodesy, intervals
from geo_routes.model import Finding, FloatArray, Route, fold
from geo_routes.structures import NOTHING_RESOLVED, Resolved, resolve
from geo_routes.survey.bends import measure_bends
from geo_routes.survey.kilometres import calibrate_route
from geo_routes.survey.nouns import LocatedStation, Section, Survey
from geo_routes.survey.stations import locate_stations
from geo_routes.uncertainty import length_uncertainty_m

Figure = Literal["length", "sections", "structures", "curvature", "alignment"]
FIGURES: tuple[Figure, ...] = get_args(Figure)
# The alignment takes ten times as long as all the rest, so that it must be asked for.
USUAL_FIGURES: tuple[Figure, ...] = tuple(f for f in FIGURES if f != "alignment")

_GAP_M = 0.01
_SAME_PLACE_M = 0.5
_MOST_GAPS = 0.001


def measure(route: Route, *, figures: Collection[Figure] = USUAL_FIGURES) -> Survey:
    """Measure everything about a route, once.

    Parameters
    ----------
    route : Route
    figures : collection of {"length", "sections", "structures", "curvature", "alignment"}
        What is wanted besides the length; what is left out costs nothing and stays empty. By
        default all but the alignment, which takes longest.

    Returns
    -------
    Survey

    Examples
    --------
    >>> import numpy as np
    >>> equator = Route(lonlat=np.array([[0.0, 0.0], [1.0, 0.0]]), name="equator")
    >>> round(measure(equator).length_m, 3)
    111319.491
    """
    ruler = chainage.lay_ruler(route.lonlat, part_starts=route.part_starts)
    length_m = ruler.length_m
    steps_m = np.diff(ruler.chainage_m)
    remarks = _line_remarks(route, ruler)
    stations: tuple[LocatedStation, ...] = ()
    official = None
    resolved = NOTHING_RESOLVED
    if "sections" in figures or _needs_kilometres(route, figures):
        stations, found = locate_stations(route, ruler)
        official, odd = calibrate_route(route, ruler, stations)
        remarks += [*found, *odd]
        if "sections" not in figures:
            stations = ()
    if "sections" in figures or "structures" in figures:
        resolved = resolve(route, length_m=length_m, official=official)
        remarks += resolved.remarks
    tunnel_m = intervals.total_m(resolved.by_kind.get("tunnel", intervals.EMPTY))
    spread_m = length_uncertainty_m(route, steps_m=steps_m)
    bends = measure_bends(
        route,
        ruler,
        spread_m=spread_m,
        stations_m=[s.chainage_m for s in stations],
        smooth="curvature" in figures,
        fitted="alignment" in figures,
    )
    known = bool(resolved.informed and length_m > 0)
    return Survey(
        route=route,
        chainage_m=ruler.chainage_m,
        length_m=length_m,
        length_3d_m=_length_3d_m(route, steps_m),
        length_uncertainty_m=spread_m,
        stations=stations,
        sections=_sections(stations, resolved),
        official=official,
        structures=resolved.structures,
        structure_length_m=MappingProxyType(
            {kind: intervals.total_m(union) for kind, union in resolved.by_kind.items()}
        ),
        tunnel_length_m=tunnel_m if known else None,
        tunnel_fraction=tunnel_m / length_m if known else None,
        known_fraction=min(intervals.total_m(resolved.known_m) / length_m, 1.0) if known else 0.0,
        sinuosity=_sinuosity(route, length_m) if "curvature" in figures else None,
        curvature=bends.curvature,
        axis=bends.axis,
        alignment=bends.alignment,
        alignment_figures=bends.figures,
        provable=bends.provable,
        windings=bends.windings,
        remarks=fold(remarks),
    )


def _needs_kilometres(route: Route, figures: Collection[Figure]) -> bool:
    return "structures" in figures and any(s.from_km is not None for s in route.structures)


def _line_remarks(route: Route, ruler: chainage.Ruler) -> list[Finding]:
    remarks = []
    if ruler.length_m == 0:
        remarks.append(
            _say(
                route,
                "geometry.zero_length",
                "warning",
                "the line has zero length: all of its vertices are identical places",
                "give it its vertices",
                None,
            )
        )
    starts = route.part_starts[1:]
    if len(starts):
        _, _, gaps_m = geodesy.inverse(route.lonlat[starts - 1], route.lonlat[starts])
        for start, gap_m in zip(starts.tolist(), gaps_m.tolist(), strict=True):
            if gap_m > _GAP_M:
                remarks.append(
                    _say(
                        route,
                        "geometry.gap",
                        "warning",
                        f"a gap of {gap_m:,.1f} m between two parts that do not join has no length",
                        "close it, or put the parts in order, or keep them as two routes",
                        float(ruler.chainage_m[start]),
                    )
                )
    return remarks


def _length_3d_m(route: Route, steps_m: FloatArray) -> float | None:
    if route.height_m is None or np.isnan(route.height_m).any():
        return None
    climbs_m = np.diff(route.height_m)
    climbs_m[route.part_starts[1:] - 1] = 0.0
    # A step at mean height h is longer than on the ellipsoid by (R + h) / R; heights of routes
    # change that by less than 1e-3 and the file rarely says which datum they have, so it is left.
    return float(np.sum(np.hypot(steps_m, climbs_m)))


def _sinuosity(route: Route, length_m: float) -> float | None:
    starts = route.part_starts[1:]
    if len(starts):
        gaps_m = geodesy.inverse(route.lonlat[starts - 1], route.lonlat[starts])[2]
        if np.sum(gaps_m) > _MOST_GAPS * length_m:
            return None  # the way that is missing would have to count
    _, _, apart_m = geodesy.inverse(route.lonlat[:1], route.lonlat[-1:])
    return max(length_m / float(apart_m[0]), 1.0) if apart_m[0] > _SAME_PLACE_M else None


def _sections(stations: Sequence[LocatedStation], resolved: Resolved) -> tuple[Section, ...]:
    if len(stations) < 2:
        return ()
    edges_m = np.array([s.chainage_m for s in stations])
    tunnel_m, known_m = resolved.shares("tunnel", edges_m)
    sections = []
    for i, (one, two) in enumerate(pairwise(stations)):
        length_m = two.chainage_m - one.chainage_m
        share = min(float(known_m[i]) / length_m, 1.0) if length_m > 0 else 0.0
        sections.append(
            Section(
                origin=one.station.name,
                terminus=two.station.name,
                from_m=one.chainage_m,
                to_m=two.chainage_m,
                tunnel_fraction=min(float(tunnel_m[i]) / length_m, 1.0) if share > 0 else None,
                known_fraction=share,
            )
        )
    return tuple(sections)


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
