"""An extract and a selection → one route, with every decision made on the way."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geo_routes import chainage, files
from geo_routes.assembly import Assembly, Decision, assemble
from geo_routes.assembly.network import GAP_TOLERANCE_M
from geo_routes.chainage import Ruler
from geo_routes.errors import InvalidNoun, MalformedFile, UnusableInput
from geo_routes.formats.members import ROUTE_MEMBERS, Members
from geo_routes.formats.osm.extract import Extract, Point
from geo_routes.formats.osm.facts import (
    borrow_names,
    find_structures,
    heights_at,
    mode_along,
    profiles,
    shared_attributes,
    weigh_tag,
)
from geo_routes.formats.osm.selection import Chosen, Selection, choose
from geo_routes.formats.osm.stops import (
    find_station,
    kilometre_posts,
    make_stations,
    station_points,
)
from geo_routes.formats.osm.tags import UNBUILT, gauges_mm, languages
from geo_routes.model import AXES, STATUSES, Axis, Finding, Route, Station

OSM_SOURCE = "OpenStreetMap contributors"
OSM_LICENCE = "ODbL 1.0"
_MOST_NAMES = 3
_NO_FINDING = ("name.chosen", "parts.joined", "centreline.middle", "outside")
_SEVERE = ("gap.split", "gap.bridged")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imported:
    """A route made of an extract.

    Parameters
    ----------
    route : Route
        Its ``remarks`` are what the user should know.
    decisions : tuple of Decision
        Everything that was decided; pieces are named in ``reason``.
    """

    route: Route
    decisions: tuple[Decision, ...]


def import_route(
    extract: Extract,
    selection: Selection | None = None,
    *,
    axis: Axis = "track",
    gap_tolerance_m: float = GAP_TOLERANCE_M,
    id: str | None = None,  # noqa: A002 - the member of the route file is called so
    name: str | None = None,
) -> Imported:
    """Make one route of an extract.

    Parameters
    ----------
    extract : Extract
    selection : Selection, optional
        Which ways; by default the line with most running track.
    axis : {"track", "centreline"}
        Where there are two tracks, follow one, or the middle between both.
    gap_tolerance_m : float
        Gaps up to this are bridged.
    id, name : str, optional
        Of the route, instead of what the tags say.

    Returns
    -------
    Imported

    Raises
    ------
    MalformedFile, UnusableInput, InvalidCoordinates
        If no line can be made.
    """
    wanted = Selection() if selection is None else selection
    chosen = choose(extract, wanted)
    points = station_points(extract)
    ends = _ends(extract, wanted)
    try:
        line = assemble(
            chosen.pieces,
            gap_tolerance_m=gap_tolerance_m,
            axis=axis,
            places=np.array([p.lonlat for p in points]).reshape(-1, 2),
            ends=None if ends is None else (ends[0].lonlat, ends[1].lonlat),
        )
    except MalformedFile as error:
        error.source = error.source or extract.source
        raise
    if ends is None:
        line = _face(line, chosen, points, extract.points)
    return _make(extract, chosen, line, points, id=id, name=name)


def _ends(extract: Extract, wanted: Selection) -> tuple[Point, Point] | None:
    if wanted.origin is None and wanted.terminus is None:
        return None
    if wanted.origin is None or wanted.terminus is None:
        reason = "one end of a line is given without the other"
        raise UnusableInput(reason, remedy="give both --from and --to", source=extract.source)
    return find_station(extract, wanted.origin), find_station(extract, wanted.terminus)


def _ruler(line: Assembly) -> Ruler:
    return Ruler(lonlat=line.lonlat, part_starts=line.part_starts, chainage_m=line.chainage_m)


def _face(
    line: Assembly, chosen: Chosen, points: Sequence[Point], everywhere: Sequence[Point]
) -> Assembly:
    """Turn the line as its relation, its kilometre posts or the list of its stations run."""
    ruler = _ruler(line)
    by_order = _agreement(
        [
            ((s.from_m + s.to_m) / 2, float(chosen.member_order[chosen.ways[s.piece].id]))
            for s in line.spans
            if s.piece >= 0 and chosen.ways[s.piece].id in chosen.member_order
        ]
    )
    posts = kilometre_posts(everywhere, ruler)
    by_km = _agreement([(p["at_m"], p["km"]) for p in posts])
    by_list = 0.0
    filed = [p for p in points if not p.is_osm]
    if len(filed) > 1:
        found = chainage.locate(ruler, np.array([p.lonlat for p in filed]))
        _, first = np.unique(found.point, return_index=True)
        by_list = _agreement(
            [(float(found.chainage_m[i]), float(k)) for k, i in enumerate(first.tolist())]
        )
    for agreement in (by_order, by_km, by_list):
        if agreement:
            return line if agreement > 0 else line.turned()
    return line


def _agreement(pairs: Sequence[tuple[float, float]]) -> float:
    """Tell whether one rises with the other (above 0) or falls (below)."""
    if len(pairs) < 2:
        return 0.0
    values = np.array(pairs)
    one, other = np.sign(values[:, None] - values[None]).transpose(2, 0, 1)
    return float(np.sum(one * other))


def _make(
    extract: Extract,
    chosen: Chosen,
    line: Assembly,
    points: Sequence[Point],
    *,
    id: str | None,  # noqa: A002
    name: str | None,
) -> Imported:
    ways, spans = chosen.ways, line.spans
    ruler = _ruler(line)
    railway = weigh_tag(spans, ways, lambda tags: tags.get("railway"))
    stations = make_stations(points, ruler, members=chosen.member_order, railway=railway)
    line_name = weigh_tag(spans, ways, lambda tags: tags.get("name")) or ""
    label, names = _label(extract, chosen, line, line_name, stations)
    structures, open_m = find_structures(spans, ways, line_name=line_name)
    others = [ways[i] for d in line.decisions if d.code == "second_track" for i in d.pieces]
    structures = borrow_names(structures, ruler, others, line_name=line_name)
    gauges = weigh_tag(spans, ways, gauges_mm)
    status = weigh_tag(spans, ways, lambda tags: UNBUILT.get(tags.get("railway", "")))
    osm = any(ways[s.piece].is_osm for s in spans if s.piece >= 0)
    extra = profiles(spans, ways)
    heights_m = heights_at(line.drawn, ways)
    if heights_m is not None and not np.isfinite(heights_m).all():
        # Heights on some vertices alone are facts of those places, not a profile of the line.
        known = np.flatnonzero(np.isfinite(heights_m))
        extra["heights"] = [
            {"at_m": float(line.chainage_m[i]), "height_m": float(heights_m[i])} for i in known
        ]
        heights_m = None
    shared, lost = shared_attributes(spans, ways)
    said = {k: v for k, v in shared.items() if k in ROUTE_MEMBERS or k.startswith("name:")}
    if type(said.get("name")) is str and said["name"]:
        label, names = said["name"], languages(said)
    posts = kilometre_posts(extract.points, ruler)
    if posts:
        extra["kilometre_posts"] = posts
    if chosen.relation is not None:
        extra["osm_relation"] = chosen.relation.id
    decisions = tuple(
        replace(d, reason=_with_names(d, chosen)) for d in (*chosen.decisions, *line.decisions)
    )
    try:
        route = Route(
            lonlat=line.lonlat,
            part_starts=line.part_starts,
            height_m=heights_m,
            id=id or Members(said, where="the line").text("id") or _slug(extract, label, names),
            name=name or label,
            names={} if name else names,
            mode=mode_along(spans, ways),
            gauge_mm=gauges[0] if gauges else None,
            status=status or ("operating" if osm else None),
            axis=line.axis if osm else None,
            geometry_kind="mapped" if osm else None,
            stations=stations,
            structures=structures,
            open_m=open_m,
            of_length_m=None if not structures else line.length_m,
            source=OSM_SOURCE if osm else None,
            licence=OSM_LICENCE if osm else None,
            retrieved=extract.date,
            height_datum=extract.height_datum if heights_m is not None else None,
            extra={**{k: v for k, v in shared.items() if k not in said}, **extra},
            remarks=(*extract.remarks, *chosen.remarks, *lost, *_findings(decisions)),
        )
    except InvalidNoun as error:
        raise MalformedFile(error.reason, remedy=error.remedy, source=extract.source) from error
    return Imported(route=_with_members(route, said), decisions=decisions)


def _with_members(route: Route, said: dict[str, Any]) -> Route:
    """Give a route the members that a GIS file says of all of it."""
    read = Members(said, where="the line")
    values = {
        **{name: read.text(name) for name in ("mode", "source", "licence", "retrieved")},
        "status": read.one_of("status", STATUSES),
        "axis": read.one_of("axis", AXES),
        "geometry_kind": read.geometry_kind(),
        "gauge_mm": read.positive("gauge_mm"),
        "accuracy_m": read.accuracy(),
        "height_datum": read.text("height_datum") if route.height_m is not None else None,
        "declared": read.declared(),
    }
    known = {name: value for name, value in values.items() if value is not None}
    return replace(route, **known, remarks=(*route.remarks, *read.remarks))


def _label(
    extract: Extract,
    chosen: Chosen,
    line: Assembly,
    line_name: str,
    stations: Sequence[Station],
) -> tuple[str, dict[str, str]]:
    """Name of the route: its relation's, else that of most of its ways, else its ends'."""
    if chosen.relation is not None and chosen.relation.tags.get("name"):
        return chosen.relation.tags["name"], languages(chosen.relation.tags)
    if line_name and any(way.is_osm for way in chosen.ways):
        tags = next(w.tags for w in chosen.ways if w.tags.get("name") == line_name)
        return line_name, languages(tags)
    ref = weigh_tag(line.spans, chosen.ways, lambda tags: tags.get("ref"))
    if ref:
        return str(ref), {}
    if len(stations) > 1:
        return f"{stations[0].name} – {stations[-1].name}", {}
    return line_name or _stem(extract), {}


def _stem(extract: Extract) -> str:
    base = os.path.basename(extract.source)  # noqa: PTH119
    stem = base.split(".")[0]
    return "route" if stem in ("", files.STANDARD_STREAM) else stem


def _slug(extract: Extract, label: str, names: dict[str, str]) -> str:
    for text in (names.get("en", ""), label, _stem(extract)):
        slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
        if len(slug) > 1 and len(slug) >= len(text) // 2:
            return slug[:60]
    return "route"


def _with_names(decision: Decision, chosen: Chosen) -> str:
    """Reason of a decision with the names of the pieces that it is about."""
    if not decision.pieces:
        return decision.reason
    seen: dict[str, None] = {}
    for piece in decision.pieces:
        tags = chosen.ways[piece].tags
        service = tags.get("service")
        called = tags.get("name") or tags.get("ref") or ""
        seen[f"{called} ({service})".strip() if service else called] = None
    named = [s for s in seen if s]
    shown = ", ".join(named[:_MOST_NAMES])
    if not named:
        ids = [chosen.ways[piece].id for piece in decision.pieces]
        shown = ", ".join(ids[:_MOST_NAMES])
        named = list(dict.fromkeys(ids))
    more = len(named) - _MOST_NAMES
    return f"{shown}{f' and {more} more' if more > 0 else ''}: {decision.reason}"


def _findings(decisions: Sequence[Decision]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code=f"import.{d.code}",
            severity="warning" if d.code in _SEVERE else "note",
            message=f"{d.metres:,.1f} m: {d.reason}",
            remedy="look at the place on the map" if d.code in _SEVERE else "",
        )
        for d in decisions
        if d.code not in _NO_FINDING
    )
