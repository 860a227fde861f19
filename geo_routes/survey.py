"""Everything measured about one route, measured once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from geo_routes import chainage, geodesy, intervals
from geo_routes.model import Finding, FloatArray, Route, Station, Structure, StructureKind, fold
from geo_routes.structures import NOTHING_RESOLVED, Resolved, resolve
from geo_routes.uncertainty import length_uncertainty_m

Figure = Literal["length", "sections", "structures", "curvature"]
FIGURES: tuple[Figure, ...] = get_args(Figure)

# A station's own position is no better known than this: of two places whose offsets differ by less,
# either may be meant.
_EQUALLY_NEAR_M = 25.0
_FAR_OFF_M = 250.0
_GAP_M = 0.01
_SAME_PLACE_M = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedStation:
    """A station with its place on the line.

    Parameters
    ----------
    station : Station
    chainage_m : float
        Metres from the origin of the route.
    offset_m : float
        Geodesic distance from the line, 0 or more.
    """

    station: Station
    chainage_m: float
    offset_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The stretch between two neighbouring stations.

    Parameters
    ----------
    origin, terminus : str
        Names of the stations, empty where they have none.
    from_m, to_m : float
        Chainages of the stations.
    tunnel_fraction : float or None
        Share in tunnels, a lower bound; None where nothing is known or the section has no length.
    known_fraction : float
        Share of the length whose state is known; the upper bound of the tunnel share is
        ``tunnel_fraction + 1 - known_fraction``.
    """

    origin: str
    terminus: str
    from_m: float
    to_m: float
    tunnel_fraction: float | None
    known_fraction: float

    @property
    def length_m(self) -> float:
        """Distance along the line between the two stations."""
        return self.to_m - self.from_m


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Survey:
    """One route with its measured figures.

    Parameters
    ----------
    route : Route
    chainage_m : (n,) float64
        Of each vertex; a gap between parts adds nothing.
    length_m : float
        Geodesic length on WGS 84, all parts.
    length_3d_m : float or None
        Length with the heights; None unless every vertex has one.
    length_uncertainty_m : float or None
        Half-width of the 95 % interval for the length of the true axis; None for a sketch.
    stations : tuple of LocatedStation
        By chainage.
    sections : tuple of Section
        Between neighbouring stations.
    structures : tuple of Structure
        Resolved, with ``0 <= from_m < to_m <= length_m``, by chainage.
    structure_length_m : mapping
        Metres of each kind that occurs, nothing counted twice.
    tunnel_length_m, tunnel_fraction : float or None
        None where nothing is known; a lower bound where ``known_fraction`` is below 1.
    known_fraction : float
        Share of the length whose state is known.
    sinuosity : float or None
        Length over the geodesic distance of the ends; None for a closed line.
    remarks : tuple of Finding
        What was seen while measuring.
    """

    route: Route
    chainage_m: FloatArray
    length_m: float
    length_3d_m: float | None
    length_uncertainty_m: float | None
    stations: tuple[LocatedStation, ...]
    sections: tuple[Section, ...]
    structures: tuple[Structure, ...]
    structure_length_m: Mapping[StructureKind, float]
    tunnel_length_m: float | None
    tunnel_fraction: float | None
    known_fraction: float
    sinuosity: float | None
    remarks: tuple[Finding, ...]

    def fraction(self, kind: StructureKind) -> float | None:
        """Give the share of a kind of structure, a lower bound; None where nothing is known."""
        if kind == "tunnel":
            return self.tunnel_fraction
        if self.length_m == 0 or self.tunnel_fraction is None:
            return None
        return self.structure_length_m.get(kind, 0.0) / self.length_m


def measure(route: Route, *, figures: Collection[Figure] = FIGURES) -> Survey:
    """Measure everything about a route, once.

    Parameters
    ----------
    route : Route
    figures : collection of {"length", "sections", "structures", "curvature"}
        What is wanted besides the length; what is left out costs nothing and stays empty.

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
    if "sections" in figures:
        stations, found = locate_stations(route, ruler)
        remarks += found
    resolved = NOTHING_RESOLVED
    if "sections" in figures or "structures" in figures:
        resolved = resolve(route, length_m=length_m)
        remarks += resolved.remarks
    tunnel_m = intervals.total_m(resolved.by_kind.get("tunnel", intervals.EMPTY))
    known = bool(resolved.informed and length_m > 0)
    return Survey(
        route=route,
        chainage_m=ruler.chainage_m,
        length_m=length_m,
        length_3d_m=_length_3d_m(route, steps_m),
        length_uncertainty_m=length_uncertainty_m(route, steps_m=steps_m),
        stations=stations,
        sections=_sections(stations, resolved),
        structures=resolved.structures,
        structure_length_m=MappingProxyType(
            {kind: intervals.total_m(union) for kind, union in resolved.by_kind.items()}
        ),
        tunnel_length_m=tunnel_m if known else None,
        tunnel_fraction=tunnel_m / length_m if known else None,
        known_fraction=min(intervals.total_m(resolved.known_m) / length_m, 1.0) if known else 0.0,
        sinuosity=_sinuosity(route, length_m) if "curvature" in figures else None,
        remarks=fold(remarks),
    )


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
    ambiguous = [i for i, c in enumerate(choices) if len(c) > 1]
    if not ambiguous:
        return [c[0] for c in choices], []
    ordered = len(choices) > 1 and _rising(choices)
    if ordered is not None and ordered is not False:
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
