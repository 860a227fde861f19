"""Which ways of an extract are wanted, and what they are worth to the line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo_routes import geodesy
from geo_routes.assembly import Decision, Pieces, pack
from geo_routes.errors import MalformedFile, UnusableInput
from geo_routes.formats.osm.extract import Extract, Relation, Way
from geo_routes.formats.osm.tags import TRACKS, UNBUILT, is_yes, worth_and_cost
from geo_routes.model import Finding, FloatArray

_NO_TRACK_ROLES = ("platform", "stop", "station", "halt", "guidepost", "entrance", "outer")
# A name leads when it stands on so much of the running track.
_LEADING = 0.3
_NAMELESS_WORTH, _OTHER_WORTH = 0.6, 0.2
# Forms of extracts that come from no GIS file.
_WITHOUT_LAYERS = ("pbf", "xml", "overpass", "geojson", "stations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What the user asked for.

    Parameters
    ----------
    relation : str, optional
        Id or name.
    way_name, ref : str, optional
        Of the ways.
    railway, usage : str, optional
        Values of these tags.
    highspeed : bool
    origin, terminus : str, optional
        Stations that the line runs between.
    """

    relation: str | None = None
    way_name: str | None = None
    ref: str | None = None
    railway: str | None = None
    usage: str | None = None
    highspeed: bool = False
    origin: str | None = None
    terminus: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen:
    """The ways that were chosen.

    Parameters
    ----------
    ways : tuple of Way
    groups : tuple of str
        Name of each group; see `Pieces.group`.
    pieces : Pieces
    relation : Relation, optional
    member_order : mapping
        Place of each way or node in the relation.
    decisions : tuple of Decision
    remarks : tuple of Finding
    """

    ways: tuple[Way, ...]
    groups: tuple[str, ...]
    pieces: Pieces
    relation: Relation | None = None
    member_order: Mapping[str, int] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    remarks: tuple[Finding, ...] = ()


def choose(extract: Extract, selection: Selection) -> Chosen:
    """Choose ways.

    Parameters
    ----------
    extract : Extract
    selection : Selection

    Returns
    -------
    Chosen

    Raises
    ------
    MalformedFile, UnusableInput
        If nothing fits; the message says what there is.
    """
    relation: Relation | None = None
    order: dict[str, int] = {}
    remarks: list[Finding] = []
    ways: Sequence[Way] = extract.ways
    if not ways:
        reason = "holds no railway and no other line"
        remedy = "choose another extract"
        if extract.points and extract.form not in _WITHOUT_LAYERS:
            reason = f"holds {len(extract.points):,} points and no line"
            remedy = "name another --layer, or join the points of a table by --join-points"
        raise MalformedFile(reason, remedy=remedy, source=extract.source)
    if selection.relation is not None:
        relation = find_relation(extract, selection.relation)
        order, remarks = _members(extract, relation)
        ways = [way for way in ways if way.id in order]
        if not ways:
            said = f"has no member of {relation.id} among its railways"
            raise MalformedFile(said, remedy="cut the extract wider", source=extract.source)
    ways = [way for way in ways if _is_wanted(way, selection)]
    if not ways:
        asked = ", ".join(
            f"{k.replace('_', '-')} {v}"
            for k in ("way_name", "ref", "railway", "usage")
            if (v := getattr(selection, k)) is not None
        )
        asked += " highspeed" if selection.highspeed else ""
        reason = f"has no way with {asked.strip() or 'a track on it'}"
        raise UnusableInput(reason, remedy="see --list for what there is", source=extract.source)
    decisions: list[Decision] = []
    if selection.railway is None and relation is None:
        ways = _one_railway(ways, decisions)
    return _weigh(ways, selection, relation, order, decisions, remarks)


def find_relation(extract: Extract, asked: str) -> Relation:
    """Find a relation by id or by name.

    Raises
    ------
    UnusableInput
        If there is none, or several.
    """
    number = asked.removeprefix("relation/")
    if number.isdigit() and f"relation/{number}" in extract.relations:
        return extract.relations[f"relation/{number}"]
    wanted = asked.strip().casefold()
    named = [
        relation
        for relation in extract.relations.values()
        if wanted
        in {v.casefold() for k, v in relation.tags.items() if k.split(":")[0] in ("name", "ref")}
    ]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(r.id for r in named[:5])
        reason = f"has {len(named)} relations called {asked[:60]!r}: {ids}"
        raise UnusableInput(reason, remedy="give the id of one", source=extract.source)
    reason = f"has no relation {asked[:60]!r} of railways"
    raise UnusableInput(reason, remedy="see --list for what there is", source=extract.source)


def _members(extract: Extract, relation: Relation) -> tuple[dict[str, int], list[Finding]]:
    """Ways and nodes of a relation and of those within it, in order; what is missing is said."""
    order: dict[str, int] = {}
    seen: set[str] = set()
    missing: Counter[str] = Counter()
    there = {way.id for way in extract.ways} | {point.id for point in extract.points}
    waiting = [relation]
    while waiting:
        current = waiting.pop(0)
        if current.id in seen:
            continue
        seen.add(current.id)
        for member in current.members:
            kind = member.ref.split("/")[0]
            if kind == "relation":
                inner = extract.relations.get(member.ref)
                if inner is None:
                    missing["sub-relations"] += 1
                else:
                    waiting.append(inner)
                continue
            if kind == "way" and member.role.split("_")[0] in _NO_TRACK_ROLES:
                continue
            if member.ref not in there:
                missing[f"{kind}s"] += 1
            order.setdefault(member.ref, len(order))
    if not missing:
        return order, []
    said = ", ".join(f"{n} {kind}" for kind, n in sorted(missing.items()))
    return order, [
        Finding(
            code="osm.incomplete_relation",
            severity="warning",
            message=f"{relation.id} has members that are not in the extract, or are no railway: "
            f"{said}",
            remedy="cut the extract wider if the line is to be whole",
        )
    ]


def _is_wanted(way: Way, selection: Selection) -> bool:
    tags = way.tags
    railway = tags.get("railway")
    if railway is not None:
        built = selection.railway if selection.railway in UNBUILT else None
        if railway != built and railway not in TRACKS:
            return False
    elif way.is_osm and selection.relation is None and not tags.get("route"):
        return False
    return (
        selection.railway in (None, railway)
        and selection.usage in (None, tags.get("usage"))
        and (not selection.highspeed or is_yes(tags.get("highspeed")))
        and (selection.ref is None or selection.ref in _values(tags, "ref"))
        and (
            selection.way_name is None
            or selection.way_name.strip().casefold()
            in {v.casefold() for k, v in tags.items() if k == "name" or k.startswith("name:")}
        )
    )


def _values(tags: Mapping[str, str], key: str) -> list[str]:
    return [v.strip() for v in tags.get(key, "").split(";")]


def _one_railway(ways: Sequence[Way], decisions: list[Decision]) -> list[Way]:
    """Trains do not run onto tramways: the kind of railway with most track is the line's."""
    metres: Counter[str] = Counter()
    lengths = way_lengths_m(ways)
    for way, length_m in zip(ways, lengths.tolist(), strict=True):
        metres[way.tags.get("railway", "")] += length_m
    if len(metres) == 1:
        return list(ways)
    kind = max(metres, key=lambda k: (metres[k], k))
    others = ", ".join(
        f"{k or 'untagged'} {m / 1000:.1f} km" for k, m in metres.most_common() if k != kind
    )
    decisions.append(
        Decision(
            code="railway.chosen",
            reason=f"railway={kind or 'untagged'} has most track; left out: {others}",
            metres=float(sum(m for k, m in metres.items() if k != kind)),
        )
    )
    return [way for way in ways if way.tags.get("railway", "") == kind]


def way_lengths_m(ways: Sequence[Way]) -> FloatArray:
    """Geodesic length of each way."""
    if not ways:
        return np.empty(0)
    offsets = np.concatenate(([0], np.cumsum([len(w.lonlat) for w in ways]))).astype(np.int64)
    return geodesy.line_lengths_m(np.concatenate([w.lonlat for w in ways]), offsets)


def _weigh(
    ways: Sequence[Way],
    selection: Selection,
    relation: Relation | None,
    order: Mapping[str, int],
    decisions: list[Decision],
    remarks: list[Finding],
) -> Chosen:
    figures = np.array([worth_and_cost(way.tags) for way in ways])
    value, cost = figures[:, 0], figures[:, 1]
    if not any(way.is_osm for way in ways):
        # Without OSM's tags a line is a line, whatever its properties are called.
        value, cost = np.ones(len(ways)), np.ones(len(ways))
    lengths_m = way_lengths_m(ways)
    names = [_group_name(way, selection, relation) for way in ways]
    groups = sorted({n for n in names if n})
    index = {name: i for i, name in enumerate(groups)}
    group = np.array([index.get(name, -1) for name in names], dtype=np.int64)
    running_m = np.where(cost <= 1.0, lengths_m, 0.0)
    by_group = np.bincount(group + 1, weights=running_m * value, minlength=len(groups) + 1)
    osm = any(way.is_osm for way in ways)
    asked_ends = selection.origin is not None or selection.terminus is not None
    if groups and osm and not asked_ends:
        leading = int(np.argmax(by_group[1:]))
        if by_group[leading + 1] >= _LEADING * by_group.sum():
            factor = np.where(
                group == leading, 1.0, np.where(group < 0, _NAMELESS_WORTH, _OTHER_WORTH)
            )
            value = value * factor
            if len(groups) > 1:
                decisions.append(
                    Decision(
                        code="name.chosen",
                        reason=f"{groups[leading]!r} has most running track; other names count "
                        "only where they join its stretches",
                        metres=float(running_m[group == leading].sum()),
                        kept=True,
                    )
                )
    with_nodes = all(way.nodes is not None for way in ways)
    pieces = pack(
        [way.lonlat for way in ways],
        nodes=[way.nodes for way in ways if way.nodes is not None] if with_nodes else None,
        value=value,
        cost=cost,
        group=group,
    )
    return Chosen(
        ways=tuple(ways),
        groups=tuple(groups),
        pieces=pieces,
        relation=relation,
        member_order=dict(order),
        decisions=tuple(decisions),
        remarks=tuple(remarks),
    )


def _group_name(way: Way, selection: Selection, relation: Relation | None) -> str:
    """Name of the line that a way says it belongs to."""
    if relation is not None:
        return relation.id
    if selection.way_name is not None:
        return selection.way_name
    if selection.ref is not None:
        return selection.ref
    if not way.is_osm:
        return ""
    return way.tags.get("name") or way.tags.get("ref") or ""
