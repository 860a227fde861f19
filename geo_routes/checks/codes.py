"""The codes of findings: stable names for filters, each explained in the documentation."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from geo_routes.errors import InvalidNoun
from geo_routes.model import Finding

# A code and what it means; `docs/reference/findings.md` explains each at the anchor of its name.
CODES: Mapping[str, str] = MappingProxyType(
    {
        "alignment.jump": "the curvature jumps, without a transition",
        "alignment.short_element": "a curve or tangent is shorter than asked for",
        "attribution.missing": "source, licence or accuracy are not stated",
        "bbox.malformed": "a bbox is not a list of 4 or 6 numbers",
        "coordinates.extra": "positions have four or more numbers",
        "coordinates.longitude": "a longitude lies beyond 180 degrees",
        "coordinates.mixed_dimensions": "some vertices have heights and some have none",
        "coordinates.precision": "coordinates have more decimals than they can mean",
        "crs.member": "a crs member that GeoJSON no longer has",
        "declared.length": "the declared length and the measured one differ",
        "declared.length.slight": "the declared length is within tolerance, by a known mistake",
        "declared.length.untestable": "the declared length cannot be tested",
        "declared.min_radius": "a curve is sharper than the declared smallest radius",
        "declared.min_radius.untestable": "the declared smallest radius cannot be tested",
        "declared.not_measured": "a declared figure that is judged only with a train",
        "declared.running_time": "the declared running time is above the declared top speed",
        "declared.tunnel_fraction": "the declared tunnel share and the listed one differ",
        "declared.tunnel_fraction.untestable": "the declared tunnel share cannot be tested",
        "declared.tunnel_length": "the declared tunnel length and the listed one differ",
        "declared.tunnel_length.untestable": "the declared tunnel length cannot be tested",
        "feature.carried": "features that are neither lines nor points are carried, not read",
        "feature.id": "the id of a feature is neither text nor a number",
        "feature.no_geometry": "features have no geometry",
        "feature.no_properties": "features lack the member properties",
        "geometry.branch": "the line branches",
        "geometry.coarse": "the vertices are too far apart for what is asked",
        "geometry.collection": "a GeometryCollection holds one geometry or another collection",
        "geometry.crossing": "the line crosses itself",
        "geometry.duplicate_vertices": "vertices repeat the one before",
        "geometry.empty_part": "an empty part of a MultiLineString",
        "geometry.gap": "parts of the line do not join",
        "geometry.long_step": "vertices are missing",
        "geometry.part_order": "the parts of the line are not in order",
        "geometry.short": "the line is shorter than a metre",
        "geometry.sketch": "a sketch tells no length, no radius, no place of a structure",
        "geometry.spike": "one vertex stands out of the line",
        "geometry.turns_back": "the line turns back on itself",
        "geometry.zero_length": "all vertices are one place",
        "heights.datum": "what sampled heights are counted from is not known or not clear",
        "heights.ground": "sampled heights may be those of the ground, not of the rail",
        "heights.interpolated": "heights in a structure are interpolated between its portals",
        "heights.jump": "the height jumps",
        "heights.missing": "a height that stands for a missing value",
        "heights.no_data": "the rasters have no height there",
        "heights.no_portal": "a structure has no heights, for a portal of it has none",
        "heights.replaced": "sampled heights took the place of those filed",
        "heights.steep": "the straight between two portals is too steep for a railway",
        "kilometres.break": "a chainage break lies outside the line",
        "kilometres.order": "an official kilometre does not fit those around it",
        "kilometres.section": "official kilometres and the measured line differ",
        "member.accuracy_m": "accuracy_m is not a number",
        "member.axis": "axis is none of the words allowed",
        "member.chainage_km": "chainage_km is not a number",
        "member.height_datum": "height_datum is not text",
        "member.licence": "licence is not text",
        "member.misplaced": "a member that GeoJSON keeps for other objects",
        "member.mode": "mode is not text",
        "member.name": "a name is missing on a station, empty, no text or very long",
        "member.retrieved": "retrieved is not text",
        "member.route": "a station's route is neither an id nor a list of ids",
        "member.seq": "seq is not a number",
        "member.source": "source is not text",
        "member.status": "status is none of the words allowed",
        "member.structure": "structure is none of the words allowed",
        "name.control": "a name holds control or direction characters",
        "name.doubled": "several stations or routes share a name",
        "name.missing": "the route has neither a name nor an id",
        "pieces.order": "the pieces of a route do not join end to start",
        "pieces.parallel": "parts of the route run side by side, and are summed",
        "polygon.flat": "a polygon encloses no area",
        "polygon.ring_open": "a ring does not end where it begins",
        "polygon.ring_short": "a ring has fewer than four positions",
        "polygon.winding": "a ring runs the other way round",
        "station.ambiguous": "the line passes a station more than once",
        "station.not_sought": "stations are no longer sought by their place",
        "station.off_line": "a station lies far off the line",
        "station.order": "the order of the stations is not that along the line",
        "station.route_unknown": "a station names a route that the file does not have",
        "crs.outside_area": "coordinates lie outside the area of use of their system",
        "crs.transformed": "coordinates were taken from another system, so exactly",
        "design.irregular": "a stretch of a design is no element",
        "design.misfit": "a design does not fit together",
        "gis.lost": "something of the file could not be kept",
        "gpx.no_stops": "no stop was found in a track",
        "gpx.times": "times of a track are odd",
        "gpx.waypoints": "waypoints are no stations of a line",
        "gtfs.distances": "which unit shape_dist_traveled is in",
        "gtfs.folder": "the feed stands in a folder of its archive",
        "gtfs.schematic": "a line runs straight from stop to stop",
        "gtfs.shape": "a shape of the feed is odd",
        "gtfs.stops": "stops and the line of a feed do not agree",
        "running_time.distance": "the way of a sketch is taken from published figures",
        "running_time.heights": "some vertices have no height, so the line is taken as level",
        "running_time.impossible": "the declared running time is faster than any run could be",
        "running_time.sketch": "the way is that of a sketch, and too short",
        "running_time.steep": "the heights are too steep for the line",
        "running_time.tight": "the declared running time is faster than expected",
        "running_time.untestable": "the declared running time is that of another run",
        "speed.kink": "corners of the line restrict no speed",
        "speed.limit": "speed limits of the line are none, and left out",
        "speed.noise": "vertices are off by more than they look, or no railway could be so",
        "speed.sketch": "a sketch tells no radii, so that no curve restricts the speed",
        "station.same_place": "two stations are at one place",
        "station.shape": "a station is not a Point",
        "station.unattached": "a station joins no route",
        "structures.ambiguous": "official kilometres of a structure are there twice",
        "structures.beyond": "a structure reaches past an end of the line",
        "structures.contradiction": "a stretch is both tunnel and bridge, viaduct or at grade",
        "structures.negative": "a structure begins before chainage 0",
        "structures.official_km": "a structure in official kilometres cannot be placed",
        "structures.outside": "a structure does not touch the line",
        "structures.overlap": "structures of one kind overlap",
        "structures.reversed": "a structure ends before it begins",
        "structures.stale": "the structures were measured on another line",
    }
)


def choose_findings(
    findings: Iterable[Finding], *, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """Keep the findings that are selected and not ignored.

    Parameters
    ----------
    findings : iterable of Finding
    select, ignore : sequence of str
        Codes, or beginnings of codes up to a dot: ``"declared"`` means all of ``declared.*``.
        Nothing selected means all; what is more exactly named wins, and of equals `ignore`.

    Returns
    -------
    tuple of Finding

    Raises
    ------
    InvalidNoun
        If a name is that of no finding.
    """
    for name in (*select, *ignore):
        _insist(name)
    return tuple(f for f in findings if _wanted(f.code, select, ignore))


def _wanted(code: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    selected = max((len(n) for n in select if _covers(n, code)), default=0 if select else 1)
    ignored = max((len(n) for n in ignore if _covers(n, code)), default=0)
    return selected > ignored


def _covers(name: str, code: str) -> bool:
    return code == name or code.startswith(f"{name}.")


def _insist(name: str) -> None:
    if any(_covers(name, code) for code in CODES):
        return
    known = sorted({*CODES, *(code.partition(".")[0] for code in CODES)})
    near = difflib.get_close_matches(name, known, n=1)
    msg = f"no finding is named {name!r}"
    remedy = f"did you mean {near[0]}?" if near else "see the list of findings in the documentation"
    raise InvalidNoun(msg, remedy=remedy, value=name)
