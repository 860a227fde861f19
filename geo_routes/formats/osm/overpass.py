"""Overpass JSON (``out geom``, ``out body``) → an extract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo_routes import geodesy
from geo_routes.errors import MalformedFile
from geo_routes.formats.osm.extract import (
    Extract,
    Member,
    Point,
    Relation,
    Way,
    cut_ways,
    whole_runs,
)
from geo_routes.formats.positions import say_type
from geo_routes.model import Finding, FloatArray


def read_overpass(document: Mapping[str, Any], *, source: str) -> Extract:
    """Take ways, points and relations out of an Overpass answer.

    Parameters
    ----------
    document : mapping
        With ``elements``.
    source : str

    Returns
    -------
    Extract

    Raises
    ------
    MalformedFile
        If an element is not what Overpass writes.
    """
    elements = document.get("elements")
    if type(elements) is not list:
        reason = f"has elements that are {say_type(elements)}, expected an array"
        raise MalformedFile(reason, remedy="ask Overpass for [out:json]", source=source)
    for index, element in enumerate(elements):
        if type(element) is not dict or type(element.get("type")) is not str:
            reason = "is an element without a type, expected node, way or relation"
            raise MalformedFile(reason, remedy="export it again", source=source, feature=index)
    remarks = _remark(document)
    places, points = _nodes_of(elements, source)
    reader = _Ways(places, source)
    relations: dict[str, Relation] = {}
    for index, element in enumerate(elements):
        if element["type"] == "way":
            reader.add(element, index)
        elif element["type"] == "relation":
            relation = _relation(element, index, source)
            relations[relation.id] = relation
    for index, element in enumerate(elements):
        if element["type"] == "relation":
            reader.add_members(element, index)
    if reader.missing:
        remarks.append(cut_ways(reader.missing, reader.cut))
    stamp = document.get("osm3s")
    date = stamp.get("timestamp_osm_base") if type(stamp) is dict else None
    return Extract(
        source=source,
        form="overpass",
        ways=tuple(reader.ways),
        points=tuple(points),
        relations=relations,
        date=date if type(date) is str else None,
        remarks=tuple(remarks),
    )


def _remark(document: Mapping[str, Any]) -> list[Finding]:
    remark = document.get("remark")
    if type(remark) is not str:
        return []
    return [
        Finding(
            code="osm.overpass_remark",
            severity="warning",
            message=f"Overpass said: {remark[:200]}",
            remedy="the answer may be cut short; ask again",
        )
    ]


def _nodes_of(
    elements: Sequence[Mapping[str, Any]], source: str
) -> tuple[dict[int, tuple[float, float]], list[Point]]:
    """Places of all nodes, and those that have tags as points."""
    places: dict[int, tuple[float, float]] = {}
    points: list[Point] = []
    for index, element in enumerate(elements):
        if element["type"] != "node" or "lat" not in element:
            continue
        ref = _ref(element, index, source)
        place = _number(element, "lon", index, source), _number(element, "lat", index, source)
        places[ref] = place
        if tags := text_tags(element.get("tags")):
            points.append(Point(id=f"node/{ref}", lonlat=place, tags=tags))
    if places:
        geodesy.check_lonlat(np.array(list(places.values())))
    return places, points


class _Ways:
    def __init__(self, places: Mapping[int, tuple[float, float]], source: str) -> None:
        self.places = places
        self.source = source
        self.ways: list[Way] = []
        self.seen: set[int] = set()
        self.missing = self.cut = 0

    def add(self, element: Mapping[str, Any], index: int) -> None:
        """Take one way: with its geometry, or by its nodes."""
        ref = _ref(element, index, self.source)
        if ref in self.seen:
            return
        nodes = _nodes(element, index, self.source)
        if "geometry" in element:
            lonlat = _geometry(element["geometry"], index, self.source)
            if nodes is not None and len(nodes) != len(lonlat):
                reason = f"is a way of {len(nodes)} nodes with {len(lonlat)} positions"
                raise MalformedFile(
                    reason, remedy="export it again", source=self.source, feature=index
                )
        elif nodes is not None:
            nowhere = (np.nan, np.nan)
            lonlat = np.array([self.places.get(n, nowhere) for n in nodes]).reshape(-1, 2)
        else:
            return
        self.seen.add(ref)
        self._keep(ref, lonlat, nodes, text_tags(element.get("tags")))

    def add_members(self, element: Mapping[str, Any], index: int) -> None:
        """Take the ways that a relation alone brings along."""
        for member in element.get("members") or ():
            if type(member) is dict and member.get("type") == "way" and "geometry" in member:
                ref = member.get("ref")
                if type(ref) is int and ref not in self.seen:
                    self.seen.add(ref)
                    lonlat = _geometry(member["geometry"], index, self.source)
                    self._keep(ref, lonlat, None, {})

    def _keep(
        self, ref: int, lonlat: FloatArray, nodes: list[int] | None, tags: Mapping[str, str]
    ) -> None:
        runs = whole_runs(lonlat)
        gone = int(np.isnan(lonlat[:, 0]).sum())
        if gone:
            self.missing += gone
            self.cut += 1
        for run in runs:
            geodesy.check_lonlat(lonlat[run])
            self.ways.append(
                Way(
                    id=f"way/{ref}",
                    lonlat=lonlat[run],
                    nodes=None if nodes is None else np.array(nodes[run], dtype=np.int64),
                    tags=tags,
                )
            )


def text_tags(tags: Any) -> dict[str, str]:
    """Give the tags that are text; a number becomes its digits, anything else is no tag."""
    if type(tags) is not dict:
        return {}
    return {k: str(v) for k, v in tags.items() if type(v) in (str, int, float)}


def _relation(element: Mapping[str, Any], index: int, source: str) -> Relation:
    members = []
    rows = element.get("members")
    for row in rows if type(rows) is list else ():
        if (
            type(row) is not dict
            or type(row.get("type")) is not str
            or type(row.get("ref")) is not int
        ):
            reason = "is a relation with a member that has no type and ref"
            raise MalformedFile(reason, remedy="export it again", source=source, feature=index)
        role = row.get("role")
        members.append(
            Member(ref=f"{row['type']}/{row['ref']}", role=role if type(role) is str else "")
        )
    return Relation(
        id=f"relation/{_ref(element, index, source)}",
        tags=text_tags(element.get("tags")),
        members=tuple(members),
    )


def _ref(element: Mapping[str, Any], index: int, source: str) -> int:
    ref = element.get("id")
    if type(ref) is not int:
        reason = f"is a {element['type'][:20]} whose id is {say_type(ref)}, expected a number"
        raise MalformedFile(reason, remedy="export it again", source=source, feature=index)
    return ref


def _number(element: Mapping[str, Any], name: str, index: int, source: str) -> float:
    value = element.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        reason = f"has a {name} that is {say_type(value)}, expected a number of degrees"
        raise MalformedFile(reason, remedy="export it again", source=source, feature=index)
    return float(value)


def _nodes(element: Mapping[str, Any], index: int, source: str) -> list[int] | None:
    nodes = element.get("nodes")
    if nodes is None:
        return None
    if type(nodes) is not list or any(type(n) is not int for n in nodes):
        reason = "is a way whose nodes are not a list of numbers"
        raise MalformedFile(reason, remedy="export it again", source=source, feature=index)
    return nodes


def _geometry(rows: Any, index: int, source: str) -> FloatArray:
    if type(rows) is not list:
        reason = f"has a geometry that is {say_type(rows)}, expected an array"
        raise MalformedFile(
            reason, remedy="ask Overpass for out geom", source=source, feature=index
        )
    # Clipped to a box, Overpass writes null where a node lies outside.
    return np.array(
        [
            (np.nan, np.nan)
            if row is None
            else (_number(row, "lon", index, source), _number(row, "lat", index, source))
            for row in rows
            if row is None or type(row) is dict
        ],
        dtype=np.float64,
    ).reshape(-1, 2)
