"""The mistake behind a length that does not fit: every usual one is recomputed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from geo_routes import chainage, geodesy, intervals
from geo_routes.checks.doubling import Doubling, find_doubling
from geo_routes.geodesy import mistaken_lengths
from geo_routes.model import FloatArray, Route
from geo_routes.survey import Survey
from geo_routes.uncertainty import noise_free_m

FITS_WITHIN = 0.002
_FITS_SLIGHTLY = 2e-5
_MILE_M = 1_609.344
_NAUTICAL_MILE_M = 1_852.0
_FOOT_M = 0.3048
_EARTH_RADIUS_M = 6_371_008.8
# Passenger tariffs of Japan: kilometres of local lines count 1.1 times; the Tokaido Shinkansen is
# charged by the older line's 552.6 km and is 515.4 km long.
_JAPANESE_TARIFFS = {
    "1.1 times the line, as on Japan's local lines": 1.1,
    "the older line's, as on the Tokaido Shinkansen": 552.6 / 515.4,
}
_JAPAN = (122.0, 20.0, 154.0, 46.0)
# A straight line over what is missing is shorter than the line that is missing.
_DETOUR = 1.3
_MOST_STRETCHES = 60
_LEAP = 10.0
_MOST_SPANS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A mistake that would explain a declared length.

    Parameters
    ----------
    name : str
        Stable name, such as ``"web_mercator"``.
    said : str
        The mistake in words.
    low_m, high_m : float
        The length that it gives; a range where it cannot be told exactly.
    misfit : float
        Distance of the declared length from that, as a share of the declared length.
    guess : bool
        Nothing fits, and this is what is left.
    """

    name: str
    said: str
    low_m: float
    high_m: float
    misfit: float = 0.0
    guess: bool = False

    @property
    def length_m(self) -> float:
        """The length that the mistake gives, or the middle of its range."""
        return (self.low_m + self.high_m) / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    """The stretch that a declared length is about."""

    survey: Survey
    declared_m: float
    from_m: float
    to_m: float
    route: Route
    doubling: Doubling

    @property
    def measured_m(self) -> float:
        return self.to_m - self.from_m

    @property
    def lines(self) -> list[FloatArray]:
        """The vertices of each part."""
        ends = self.route.part_ends.tolist()
        return [self.route.lonlat[a:b] for a, b in zip(self.route.part_starts, ends, strict=True)]

    def add_up(self, length_of: Callable[[FloatArray], float]) -> float:
        return float(sum(length_of(line) for line in self.lines))


def diagnose(
    survey: Survey,
    *,
    declared_m: float,
    from_m: float,
    to_m: float,
    rounding_m: float = 0.0,
    slight: bool = False,
) -> tuple[Cause, ...]:
    """Name the mistakes that would make the declared length of the measured line, or the reverse.

    Parameters
    ----------
    survey : Survey
    declared_m : float
    from_m, to_m : float
        The stretch that the length is declared for.
    rounding_m : float
        The declared figure's own rounding. A mistake fits whose length is within that and 0.2 %
        of the declared one.
    slight : bool
        The difference is within the tolerance: name only what changes a length by little, and
        only where it fits to the declared figure's rounding and 0.002 %.

    Returns
    -------
    tuple of Cause
        Those that fit, and fit better than the line as it is; the best first.
    """
    from_m, to_m = min(from_m, to_m), max(from_m, to_m)
    if declared_m <= 0 or to_m - from_m <= 0:
        return ()
    whole = from_m <= 0 and to_m >= survey.length_m
    route = survey.route
    if not whole:
        route = chainage.sub_route(route, from_m=max(from_m, 0.0), to_m=min(to_m, survey.length_m))
    case = _Case(
        survey=survey,
        declared_m=declared_m,
        from_m=from_m,
        to_m=to_m,
        route=route,
        doubling=find_doubling(survey),
    )
    difference_m = abs(case.measured_m - declared_m)
    slack_m = (_FITS_SLIGHTLY if slight else FITS_WITHIN) * declared_m + rounding_m
    fitting: dict[str, Cause] = {}
    rooms = (_planes, _heights, _kilometres, _spans, _noise) if slight else _ROOMS
    for cause in (cause for room in rooms for cause in room(case)):
        off_m = max(cause.low_m - declared_m, declared_m - cause.high_m, 0.0)
        if off_m > slack_m or off_m > difference_m / 2:
            continue
        fits = Cause(
            name=cause.name,
            said=cause.said,
            low_m=cause.low_m,
            high_m=cause.high_m,
            misfit=float(off_m / declared_m),
        )
        if cause.name not in fitting or fits.misfit < fitting[cause.name].misfit:
            fitting[cause.name] = fits
    if not fitting and not slight and 0.01 < 1 - case.measured_m / declared_m < 0.7:
        lacking_m = declared_m - case.measured_m
        return (
            Cause(
                name="part_missing",
                said=f"given by none of the usual mistakes; the line may lack a part of "
                f"{lacking_m / 1000:.3f} km",
                low_m=declared_m,
                high_m=declared_m,
                guess=True,
            ),
        )
    # What fits alike stays in the order of the rooms, the usual mistakes first.
    return tuple(sorted(fitting.values(), key=lambda c: round(c.misfit, 5)))


def _gives(name: str, said: str, low_m: float, high_m: float | None = None) -> Cause:
    return Cause(name=name, said=said, low_m=low_m, high_m=low_m if high_m is None else high_m)


def _planes(case: _Case) -> Iterator[Cause]:
    """Lengths on a plane or a sphere in place of the ellipsoid."""
    yield _gives(
        "web_mercator",
        "the length on Web Mercator (EPSG:3857)",
        case.add_up(mistaken_lengths.web_mercator_m),
    )
    degrees = case.add_up(mistaken_lengths.degrees_long)
    said = "the length in degrees, taken by a plane function"
    # Degrees written where kilometres, metres, or hundreds of kilometres belong.
    for unit_m in (1000.0, 1.0, 100_000.0):
        yield _gives("degrees", said, degrees * unit_m)
    for degree_m in mistaken_lengths.DEGREE_M:
        yield _gives("degrees", f"{said}, times {degree_m / 1000:.2f} km", degrees * degree_m)
    for radius, radius_m in mistaken_lengths.SPHERES_M.items():
        length_m = case.add_up(partial(mistaken_lengths.sphere_m, radius_m=radius_m))
        yield _gives("sphere", f"the length on a sphere (haversine) with {radius}", length_m)
    for name, length_m in mistaken_lengths.grid_m(case.lines).items():
        kind = "utm" if name.startswith("UTM") else "national_grid"
        yield _gives(kind, f"the length on the grid of {name}, its scale left in", length_m)
    swapped = [mistaken_lengths.swapped_m(line) for line in case.lines]
    if None not in swapped:
        yield _gives(
            "swapped_axes",
            "the length with latitude and longitude exchanged",
            float(sum(length_m or 0.0 for length_m in swapped)),
        )
    yield from _straights(case)


def _straights(case: _Case) -> Iterator[Cause]:
    ends = case.route.lonlat[[0, -1]]
    beeline_m = float(geodesy.inverse(ends[:1], ends[1:])[2][0])
    yield _gives("straight_line", "the straight distance between the ends", beeline_m)
    stops = _stops_m(case)
    if len(stops) > 2:
        places = chainage.interpolate(case.survey.ruler, stops)
        along_m = float(np.sum(geodesy.segment_lengths_m(places)))
        yield _gives("straight_line", "straight distances from station to station", along_m)


def _units(case: _Case) -> Iterator[Cause]:
    here_m = case.measured_m
    yield _gives("miles", "the line in miles, written as kilometres", here_m / _MILE_M * 1000)
    yield _gives("miles", "kilometres turned into kilometres once more, as if miles",
                 here_m * _MILE_M / 1000)  # fmt: skip
    nautical = "the line in nautical miles, written as kilometres"
    yield _gives("nautical_miles", nautical, here_m / _NAUTICAL_MILE_M * 1000)
    yield _gives("feet", "the line in thousands of feet, written as kilometres", here_m / _FOOT_M)
    yield _gives("metres", "the line in metres, written as kilometres", here_m * 1000)
    yield _gives("metres", "kilometres divided by a thousand once too often", here_m / 1000)


def _heights(case: _Case) -> Iterator[Cause]:
    height_m = case.route.height_m
    if height_m is None or np.isnan(height_m).any():
        return
    steps_m = geodesy.segment_lengths_m(case.route.lonlat)
    climbs_m = np.diff(height_m)
    for gap in (case.route.part_starts[1:] - 1).tolist():
        steps_m[gap] = climbs_m[gap] = 0.0
    yield _gives("three_d", "the length in space, heights included",
                 float(np.sum(np.hypot(steps_m, climbs_m))))  # fmt: skip
    lift = 1 + (height_m[:-1] + height_m[1:]) / 2 / _EARTH_RADIUS_M
    yield _gives("height_reduction", "the length at the height of the line, not on the ellipsoid",
                 float(np.sum(steps_m * lift)))  # fmt: skip
    yield _gives("height_reduction", "the length reduced from the height to the ellipsoid again",
                 float(np.sum(steps_m / lift)))  # fmt: skip


def _twice(case: _Case) -> Iterator[Cause]:
    here_m, again_m = case.measured_m, case.doubling.length_m
    yield _gives("both_tracks", "both tracks added up: twice the line", 2 * here_m)
    if again_m > 0:
        name = "part_twice" if case.doubling.is_repeat else "both_tracks"
        what = "is drawn twice" if case.doubling.is_repeat else "runs beside itself, as two tracks"
        at_m = float(case.doubling.again_m[0, 0])
        said = f"the line without the {again_m / 1000:.3f} km, from {at_m / 1000:.3f} km on, "
        said += f"where it {what}"
        # The doubled stretch is known to a cell at each of its ends.
        blur_m = 2 * len(case.doubling.again_m) * max(case.survey.length_m / 2000, 10.0)
        # Drawn in one go, the line leaps back to where it runs again.
        again_m += _leaps_back_m(case)
        yield _gives(name, said, here_m - again_m - blur_m, here_m - again_m + blur_m)
    for length_m, which in _stretches(case):
        yield _gives("part_twice", f"{which} counted twice", here_m + length_m)


def _leaps_back_m(case: _Case) -> float:
    """Add up the long steps that lead back to where a stretch begins again."""
    if len(case.survey.route.part_starts) > 1:
        return 0.0
    places_m = case.survey.chainage_m
    steps_m = np.diff(places_m)
    cell_m = max(case.survey.length_m / 1000, 20.0)
    long = steps_m > _LEAP * np.median(steps_m)
    leads = np.zeros(len(steps_m), dtype=bool)
    for begins_m, ends_m in case.doubling.again_m:
        leads |= long & (places_m[1:] >= begins_m - cell_m) & (places_m[1:] <= ends_m)
    leaps = np.column_stack((places_m[:-1], places_m[1:]))[leads]
    # What of a leap runs beside the line is counted among what is there twice.
    return intervals.total_m(intervals.subtract(leaps, case.doubling.again_m))


def _stretches(case: _Case) -> Iterator[tuple[float, str]]:
    """Parts of the line and sections between stations: what is left out or put in whole."""
    ends_m = case.survey.chainage_m[case.survey.route.part_ends - 1]
    edges_m = np.concatenate(([0.0], ends_m))
    if 1 < len(ends_m) <= _MOST_STRETCHES:
        for i, (low_m, high_m) in enumerate(pairwise(edges_m.tolist())):
            yield high_m - low_m, f"part {i + 1} of the line"
    sections = case.survey.sections
    if 1 < len(sections) <= _MOST_STRETCHES:
        for section in sections:
            yield section.length_m, f"the section from {section.origin} to {section.terminus}"


def _missing(case: _Case) -> Iterator[Cause]:
    here_m, route = case.measured_m, case.survey.route
    for length_m, which in _stretches(case):
        if length_m < here_m and not case.doubling.length_m:
            yield _gives("part_missing", f"{which} left out", here_m - length_m)
    lacking_m = 0.0
    places = []
    starts = route.part_starts[1:]
    if len(starts):
        gaps_m = geodesy.inverse(route.lonlat[starts - 1], route.lonlat[starts])[2]
        lacking_m = float(np.sum(gaps_m))
        places.append("its gaps")
    for located in (
        (case.survey.stations[:1] + case.survey.stations[-1:]) if case.survey.stations else ()
    ):
        beyond = located.chainage_m <= 0 or located.chainage_m >= case.survey.length_m
        if beyond and located.offset_m > FITS_WITHIN * case.declared_m:
            lacking_m += located.offset_m
            places.append(f"the way to {located.station.name or 'the last station'}")
    if lacking_m > 0:
        said = f"the line with {' and '.join(places)} filled: a part is missing"
        yield _gives("part_missing", said, here_m + lacking_m, here_m + _DETOUR * lacking_m)
    if route.of_length_m is not None:
        said = "the length that the structures were measured on: a part is missing since"
        yield _gives("part_missing", said, route.of_length_m)


def _kilometres(case: _Case) -> Iterator[Cause]:
    told = [s for s in case.survey.stations if s.station.chainage_km is not None]
    inside = [s for s in told if case.from_m - 1 <= s.chainage_m <= case.to_m + 1]
    if len(inside) > 1:
        first, last = inside[0].station.chainage_km or 0.0, inside[-1].station.chainage_km or 0.0
        yield _gives(
            "fare_kilometres",
            "the official (fare or tariff) kilometres of its stations",
            1000 * abs(last - first),
        )
    west, south = case.route.lonlat.min(axis=0)
    east, north = case.route.lonlat.max(axis=0)
    low_lon, low_lat, high_lon, high_lat = _JAPAN
    if low_lon < west and east < high_lon and low_lat < south and north < high_lat:
        for said, factor in _JAPANESE_TARIFFS.items():
            yield _gives("fare_kilometres", f"fare kilometres: {said}", case.measured_m * factor)


def _stops_m(case: _Case) -> list[float]:
    return [
        s.chainage_m
        for s in case.survey.stations
        if case.from_m - 1 <= s.chainage_m <= case.to_m + 1
    ]


def _spans(case: _Case) -> Iterator[Cause]:
    """Take the whole line, or the stretch between other stations."""
    whole_m = case.survey.length_m
    if abs(whole_m - case.measured_m) > FITS_WITHIN * case.declared_m:
        yield _gives("other_ends", "the whole line, end to end", whole_m)
    stations = case.survey.stations
    for ends in _pairs(len(stations)):
        one, two = (stations[i] for i in ends)
        said = f"the stretch from {one.station.name} to {two.station.name}"
        yield _gives("other_ends", said, two.chainage_m - one.chainage_m)


def _pairs(count: int) -> Sequence[tuple[int, int]]:
    """Pairs with one of the first or the last station: other pairs would fit by chance."""
    if not 3 <= count <= _MOST_SPANS:
        return ()
    return [(0, i) for i in range(1, count - 1)] + [(i, count - 1) for i in range(1, count - 1)]


def _noise(case: _Case) -> Iterator[Cause]:
    steps_m = geodesy.segment_lengths_m(case.route.lonlat)
    steps_m[case.route.part_starts[1:] - 1] = 0.0
    free = noise_free_m(case.route, steps_m=steps_m)
    if free is not None:
        yield _gives(
            "noise", "the line without the noise of its vertices, which lengthens it", *free
        )


def _digits(case: _Case) -> Iterator[Cause]:
    digits = f"{case.declared_m / 1000:.12g}"
    for i, (one, two) in enumerate(pairwise(digits)):
        if one != two and one.isdigit() and two.isdigit():
            swapped = float(f"{digits[:i]}{two}{one}{digits[i + 2 :]}")
            if abs(swapped * 1000 - case.measured_m) <= FITS_WITHIN * case.measured_m:
                said = f"{swapped:g} km with two digits exchanged"
                off_m = swapped * 1000 - case.measured_m
                yield _gives("digits", said, case.declared_m + off_m)
    for factor in (10.0, 0.1, 100.0, 0.01):
        yield _gives("digits", "the line with the decimal point moved", case.measured_m * factor)


_ROOMS = (_planes, _units, _heights, _twice, _missing, _kilometres, _spans, _noise, _digits)
