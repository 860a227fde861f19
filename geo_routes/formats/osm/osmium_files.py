"""OSM's own files, ``.osm.pbf`` and ``.osm`` XML, through osmium → an extract.

A file of up to 256 MB is read in one pass, in which osmium keeps the places of all nodes. For a
larger one, two passes bound the memory by its railways: the first keeps ways, relations and points
that concern them, the second looks up the nodes of those ways alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

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
from geo_routes.formats.osm.tags import TRACKS, UNBUILT, height_m
from geo_routes.model import FloatArray, IntArray

_POINT_KEYS = ("railway", "public_transport")
_KEYS = (*_POINT_KEYS, "route", "route_master", "ele")
_KINDS = {"n": "node", "w": "way", "r": "relation"}
# A file holds some ten bytes for each node, and its place takes sixteen.
_ONE_PASS_BYTES = 256 * 1024**2
# Routes of trains and the lines they run on; buses and hikers are other people's.
ROUTES = (
    *("railway", "train", "tracks", "light_rail", "subway", "tram", "monorail", "funicular"),
    *("narrow_gauge", "high_speed"),
)
_TELL_EVERY = 200_000


def read_osmium(
    path: str,
    *,
    form: str,
    data: bytes | None = None,
    tell: Callable[[str], None] | None = None,
    one_pass_bytes: int = _ONE_PASS_BYTES,
) -> Extract:
    """Take the railways out of an OSM file.

    Parameters
    ----------
    path : str
        Name of the file, for messages, and to read from unless `data` is given.
    form : {"pbf", "xml"}
    data : bytes, optional
        The file's content, where it has been read already.
    tell : callable, optional
        Told in words how far the reading is.
    one_pass_bytes : int
        A larger file is read in two passes.

    Returns
    -------
    Extract

    Raises
    ------
    MalformedFile
        If the file is damaged, or past the limits of the format.
    """
    import osmium  # noqa: PLC0415 - only who reads such a file pays for it

    reader = _Reader(path, form, data, tell or (lambda _: None))
    damage = (RuntimeError, ValueError, OSError, osmium.InvalidLocationError)
    try:
        return reader.read(most_bytes=one_pass_bytes)
    except damage as error:
        kind = "OSM PBF" if form == "pbf" else "OSM XML"
        cause = str(error).split("\n")[0]
        reason = f"is damaged {kind}, or past the limits of that format: {cause}"
        raise MalformedFile(reason, remedy="download it again", source=path) from error


class _Reader:
    def __init__(
        self, path: str, form: str, data: bytes | None, tell: Callable[[str], None]
    ) -> None:
        self.path = path
        self.form = form
        self.data = data
        self.tell = tell
        self.date: str | None = None
        self.latest: Any = None
        self.points: list[Point] = []
        self.relations: dict[str, Relation] = {}
        self.way_ids: list[int] = []
        self.way_tags: list[dict[str, str]] = []
        self.way_nodes: list[IntArray] = []
        self.way_lonlat: list[FloatArray] = []
        self.heights_m: dict[int, float] = {}

    def read(self, *, most_bytes: int) -> Extract:
        """Read in one pass, or in two where the places of all nodes would take too much memory."""
        size = os.path.getsize(self.path) if self.data is None else len(self.data)  # noqa: PTH202
        in_one = size <= most_bytes
        self._scan(with_places=in_one)
        if not in_one:
            self._find_places()
        ways, missing, cut = [], 0, 0
        rows = zip(self.way_ids, self.way_tags, self.way_nodes, self.way_lonlat, strict=True)
        for ref, tags, nodes, lonlat in rows:
            gone = int(np.count_nonzero(np.isnan(lonlat[:, 0])))
            if gone:
                missing += gone
                cut += 1
            runs = whole_runs(lonlat) if gone else [slice(None)] if len(lonlat) > 1 else []
            ways += [
                Way(
                    id=f"way/{ref}",
                    lonlat=lonlat[run],
                    nodes=nodes[run],
                    height_m=self._heights(nodes[run]),
                    tags=tags,
                )
                for run in runs
            ]
        date = self.date
        if date is None and self.latest is not None:
            # A file without a date is as old as its latest edit, or younger.
            date = self.latest.strftime("%Y-%m-%dT%H:%M:%SZ")
        return Extract(
            source=self.path,
            form=self.form,
            ways=tuple(ways),
            points=tuple(self.points),
            relations=self.relations,
            date=date,
            remarks=(cut_ways(missing, cut),) if cut else (),
        )

    def _heights(self, nodes: IntArray) -> FloatArray | None:
        if not self.heights_m:
            return None
        heights_m = np.array([self.heights_m.get(n, np.nan) for n in nodes.tolist()])
        return heights_m if np.isfinite(heights_m).any() else None

    def _open(self, osmium: Any) -> Any:
        if self.data is not None:
            return osmium.io.FileBuffer(self.data, self.form)
        return osmium.io.File(self.path, self.form)

    def _scan(self, *, with_places: bool) -> None:
        """Keep what concerns railways; the ways with the places of their nodes, or without."""
        import osmium  # noqa: PLC0415

        processor: Any = osmium.FileProcessor(self._open(osmium))
        self.date = processor.header.get("osmosis_replication_timestamp") or None
        if with_places:
            processor = processor.with_locations()
        processor = processor.with_filter(osmium.filter.KeyFilter(*_KEYS))
        for count, thing in enumerate(processor):
            if count % _TELL_EVERY == 0:
                self.tell(f"looking for railways: {count:,} things seen")
            if thing.is_way():
                self._keep_way(thing, with_places=with_places)
            elif thing.is_node():
                self._keep_node(thing)
            elif thing.is_relation() and _is_train_route(thing.tags):
                members = tuple(
                    Member(ref=f"{_KINDS[m.type]}/{m.ref}", role=m.role) for m in thing.members
                )
                name = f"relation/{thing.id}"
                self.relations[name] = Relation(id=name, tags=dict(thing.tags), members=members)

    def _keep_way(self, way: Any, *, with_places: bool) -> None:
        tags = dict(way.tags)
        railway = tags.get("railway")
        if railway is None or (railway not in TRACKS and railway not in UNBUILT):
            return
        self.way_ids.append(way.id)
        self.way_tags.append(tags)
        if with_places:
            rows = _located(way.nodes)
            self.way_lonlat.append(rows[:, 1:])
            self.way_nodes.append(rows[:, 0].astype(np.int64))
        else:
            self.way_nodes.append(np.array([n.ref for n in way.nodes], dtype=np.int64))
        if self.date is None:
            stamp = way.timestamp
            # An object without a time of its own has the first second of 1970.
            if stamp.timestamp() > 0 and (self.latest is None or stamp > self.latest):
                self.latest = stamp

    def _keep_node(self, node: Any) -> None:
        tags = dict(node.tags)
        if "ele" in tags and (metres := height_m(tags)) is not None:
            self.heights_m[node.id] = metres
        if node.location.valid() and not tags.keys().isdisjoint(_POINT_KEYS):
            place = (node.location.lon, node.location.lat)
            self.points.append(Point(id=f"node/{node.id}", lonlat=place, tags=tags))

    def _find_places(self) -> None:
        """Look up the nodes of the ways that were kept, and no others."""
        import osmium  # noqa: PLC0415

        none = np.empty(0, dtype=np.int64)
        flat = np.concatenate([none, *self.way_nodes])
        wanted, place = np.unique(flat, return_inverse=True)
        processor: Any = osmium.FileProcessor(self._open(osmium), osmium.osm.NODE)
        processor = processor.with_filter(osmium.filter.IdFilter(wanted.tolist()))
        rows: list[tuple[int, float, float]] = []
        for node in processor:
            location = node.location
            if location.valid():
                rows.append((node.id, location.lon, location.lat))
                if len(rows) % _TELL_EVERY == 0:
                    self.tell(f"looking up places: {len(rows):,} of {len(wanted):,}")
        found = np.array(rows, dtype=np.float64).reshape(-1, 3)
        lonlat = np.full((len(wanted), 2), np.nan)
        lonlat[np.searchsorted(wanted, found[:, 0].astype(np.int64))] = found[:, 1:]
        ends = np.cumsum([len(n) for n in self.way_nodes])[:-1]
        self.way_lonlat = np.split(lonlat[place], ends) if self.way_nodes else []


def _located(nodes: Any) -> FloatArray:
    """Give id, longitude and latitude of each node, NaN where it is not in the file."""
    import osmium  # noqa: PLC0415

    try:
        rows = [(n.ref, n.lon, n.lat) for n in nodes]
    except osmium.InvalidLocationError:
        nowhere = (np.nan, np.nan)
        rows = [(n.ref, *((n.lon, n.lat) if n.location.valid() else nowhere)) for n in nodes]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _is_train_route(tags: Any) -> bool:
    if tags.get("route_master") in ROUTES:
        return True
    return tags.get("type") in ("route", "superroute", "network") and tags.get("route") in ROUTES
