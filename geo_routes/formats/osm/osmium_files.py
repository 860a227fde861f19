"""OSM's own files, ``.osm.pbf`` and ``.osm`` XML, through osmium → an extract.

Two passes bound the memory by the railways and not by the file: the first keeps ways, relations
and points that concern them, the second looks up the nodes of those ways alone.
"""

from __future__ import annotations

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

_KEYS = ("railway", "route", "route_master", "public_transport")
# Routes of trains and the lines they run on; buses and hikers are other people's.
ROUTES = (
    *("railway", "train", "tracks", "light_rail", "subway", "tram", "monorail", "funicular"),
    *("narrow_gauge", "high_speed"),
)
_MOST_NODES = 400_000_000
_TELL_EVERY = 200_000
_ALL = ("nodes", "ways", "relations")


def read_osmium(
    path: str, *, form: str, data: bytes | None = None, tell: Callable[[str], None] | None = None
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

    Returns
    -------
    Extract

    Raises
    ------
    MalformedFile
        If the file is damaged, or past the limits of the format.
    """
    reader = _Reader(path, form, data, tell or (lambda _: None))
    try:
        return reader.read()
    except (RuntimeError, ValueError, OSError) as error:
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

    def read(self) -> Extract:
        """Make the two passes."""
        self._first_pass()
        sizes = [len(n) for n in self.way_nodes]
        flat = np.concatenate([np.empty(0, dtype=np.int64), *self.way_nodes])
        lonlat, heights_m = self._second_pass(flat)
        ways, missing, cut = [], 0, 0
        ends = np.cumsum(sizes)
        for i, end in enumerate(ends.tolist()):
            mine = slice(end - sizes[i], end)
            line, nodes = lonlat[mine], flat[mine]
            height = heights_m[mine]
            gone = int(np.isnan(line[:, 0]).sum())
            if gone:
                missing += gone
                cut += 1
            ways += [
                Way(
                    id=f"way/{self.way_ids[i]}",
                    lonlat=line[run],
                    nodes=nodes[run],
                    height_m=height[run] if np.isfinite(height[run]).any() else None,
                    tags=self.way_tags[i],
                )
                for run in whole_runs(line)
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

    def _open(self, osmium: Any) -> Any:
        if self.data is not None:
            return osmium.io.FileBuffer(self.data, self.form)
        return osmium.io.File(self.path, self.form)

    def _first_pass(self) -> None:
        import osmium  # noqa: PLC0415 - only who reads such a file pays for it

        processor: Any = osmium.FileProcessor(self._open(osmium)).with_filter(
            osmium.filter.KeyFilter(*_KEYS)
        )
        for count, thing in enumerate(processor):
            if count % _TELL_EVERY == 0:
                self.tell(f"looking for railways: {count:,} found")
            tags = thing.tags
            if thing.is_way():
                railway = tags.get("railway")
                if railway is None or (railway not in TRACKS and railway not in UNBUILT):
                    continue
                self.way_ids.append(thing.id)
                self.way_tags.append(dict(tags))
                self.way_nodes.append(np.array([n.ref for n in thing.nodes], dtype=np.int64))
                stamp = thing.timestamp
                if stamp is not None and (self.latest is None or stamp > self.latest):
                    self.latest = stamp
            elif thing.is_node():
                if thing.location.valid():
                    place = (thing.location.lon, thing.location.lat)
                    self.points.append(Point(id=f"node/{thing.id}", lonlat=place, tags=dict(tags)))
            elif thing.is_relation() and _is_train_route(tags):
                kinds = {"n": "node", "w": "way", "r": "relation"}
                members = tuple(
                    Member(ref=f"{kinds[m.type]}/{m.ref}", role=m.role) for m in thing.members
                )
                name = f"relation/{thing.id}"
                self.relations[name] = Relation(id=name, tags=dict(tags), members=members)
        stamp = processor.header.get("osmosis_replication_timestamp") or ""
        self.date = stamp or None

    def _second_pass(self, flat: IntArray) -> tuple[FloatArray, FloatArray]:
        import osmium  # noqa: PLC0415

        wanted, place = np.unique(flat, return_inverse=True)
        if len(wanted) > _MOST_NODES:
            msg = f"the railways have {len(wanted):,} nodes, past the limit of {_MOST_NODES:,}"
            raise ValueError(msg)
        lonlat = np.full((len(wanted), 2), np.nan)
        heights_m = np.full(len(wanted), np.nan)
        processor: Any = osmium.FileProcessor(self._open(osmium), osmium.osm.NODE).with_filter(
            osmium.filter.IdFilter(wanted.tolist())
        )
        found_ids: list[int] = []
        found: list[tuple[float, float]] = []
        for count, node in enumerate(processor):
            if count % _TELL_EVERY == 0:
                self.tell(f"looking up places: {count:,} of {len(wanted):,}")
            location = node.location
            if location.valid():
                found_ids.append(node.id)
                found.append((location.lon, location.lat))
                if len(node.tags) and "ele" in node.tags:
                    metres = height_m({"ele": node.tags["ele"]})
                    heights_m[np.searchsorted(wanted, node.id)] = (
                        np.nan if metres is None else metres
                    )
        at = np.searchsorted(wanted, np.array(found_ids, dtype=np.int64))
        lonlat[at] = np.array(found, dtype=np.float64).reshape(-1, 2)
        return lonlat[place], heights_m[place]


def _is_train_route(tags: Any) -> bool:
    if tags.get("route_master") in ROUTES:
        return True
    return tags.get("type") in ("route", "superroute", "network") and tags.get("route") in ROUTES
