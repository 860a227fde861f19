"""The cheapest way between two places on a network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse.csgraph import dijkstra

from geo_routes import geodesy
from geo_routes.assembly.network import Network
from geo_routes.assembly.pieces import Pieces
from geo_routes.assembly.through import Path, Router, trace
from geo_routes.model import FloatArray, IntArray

# A station's point lies on a platform or a building, the tracks beside it.
STOP_REACH_M = 250.0
_MOST_STOPS = 64
_AT_VERTEX_M = 0.5
_DECIMALS = 8


def add_stops(
    pieces: Pieces, lonlat: FloatArray, *, reach_m: float = STOP_REACH_M
) -> tuple[Pieces, IntArray, FloatArray]:
    """Put a vertex on every piece near a place, at the foot of the place.

    Parameters
    ----------
    pieces : Pieces
    lonlat : (2,) float64
    reach_m : float

    Returns
    -------
    Pieces
        With the vertices put in.
    (s,) int64
        Indices of those vertices, nearest first.
    (s,) float64
        How far they lie from the place.
    """
    place = np.asarray(lonlat, dtype=np.float64)
    count = len(pieces.lonlat)
    if count < 2:
        return pieces, np.empty(0, dtype=np.int64), np.empty(0)
    east_m, north_m = geodesy.metres_per_degree(place[None, 1])
    scale = np.array([float(east_m[0]), float(north_m[0])])
    away = pieces.lonlat - place
    away[:, 0] = (away[:, 0] + 180.0) % 360.0 - 180.0
    flat_m = away * scale
    start_m, step_m = flat_m[:-1], np.diff(flat_m, axis=0)
    squared = np.einsum("ij,ij->i", step_m, step_m)
    share = np.clip(
        -np.einsum("ij,ij->i", start_m, step_m) / np.where(squared > 0, squared, 1.0), 0.0, 1.0
    )
    offset_m = np.linalg.norm(start_m + share[:, None] * step_m, axis=1)
    offset_m[pieces.offsets[1:-1] - 1] = np.inf
    near = np.flatnonzero(offset_m <= reach_m)
    near = near[np.argsort(offset_m[near], kind="stable")]
    owner = np.searchsorted(pieces.offsets, near, side="right") - 1
    near = near[np.sort(np.unique(owner, return_index=True)[1])][:_MOST_STOPS]
    if len(near) == 0:
        return pieces, near, np.empty(0)
    step = np.sqrt(squared[near])
    stops = np.where(share[near] * step < _AT_VERTEX_M, near, near + 1)
    between = (share[near] * step >= _AT_VERTEX_M) & ((1 - share[near]) * step >= _AT_VERTEX_M)
    into = near[between]
    foot = pieces.lonlat[into] + share[into, None] * (pieces.lonlat[into + 1] - pieces.lonlat[into])
    foot = np.round(foot, _DECIMALS)
    fresh = int(pieces.node.max()) + 1 + np.arange(len(into))
    owner = np.searchsorted(pieces.offsets, into, side="right") - 1
    shift = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(pieces)))))
    # What is put in before a vertex moves it on.
    stops = (
        stops
        + np.searchsorted(np.sort(into), stops - 1, side="left")
        + (~between & np.isin(stops - 1, into))
    )
    made = replace(
        pieces,
        lonlat=np.insert(pieces.lonlat, into + 1, foot, axis=0),
        node=np.insert(pieces.node, into + 1, fresh),
        offsets=pieces.offsets + shift,
    )
    return made, stops, offset_m[near]


def path_between(
    network: Network, from_vertices: IntArray, to_vertices: IntArray, *, offsets_m: FloatArray
) -> Path | None:
    """Find the cheapest way from one of some vertices to one of others.

    Parameters
    ----------
    network : Network
        Built with all of them as stops.
    from_vertices, to_vertices : (s,), (t,) int64
    offsets_m : (s + t,) float64
        How far each lies from its place: a nearer track is preferred.

    Returns
    -------
    Path or None
        None where no way leads there.
    """
    router = Router(network)
    begins_at = np.column_stack((network.tail, network.head)).ravel()
    place = np.empty(len(router.order), dtype=np.int64)
    place[router.order] = np.arange(len(router.order))
    vertices = np.concatenate((from_vertices, to_vertices))
    weights: dict[int, float] = {}
    for node, offset_m in zip(network.node[vertices].tolist(), offsets_m.tolist(), strict=True):
        weights[node] = min(offset_m, weights.get(node, np.inf))
    sources = np.flatnonzero(np.isin(begins_at, network.node[from_vertices]))
    targets = np.flatnonzero(np.isin(begins_at, network.node[to_vertices])) ^ 1
    best: tuple[float, Path] | None = None
    for source in sources.tolist():
        part = int(router.part[source // 2])
        first, last = int(router.bounds[part]), int(router.bounds[part + 1])
        mine = [t for t in targets.tolist() if router.part[t // 2] == part]
        if not mine:
            continue
        local = 2 * int(place[source // 2]) + source % 2 - 2 * first
        graph = router.turns.graph(2 * first, 2 * last, router.cost)
        distance_m, before = dijkstra(graph, indices=[local], return_predecessors=True)
        for target in mine:
            goal = 2 * int(place[target // 2]) + target % 2 - 2 * first
            # Offsets count twice: a shorter way must not be bought with a farther platform.
            total = float(distance_m[0, goal] + router.cost[local // 2 + first])
            total += 2 * (weights[int(begins_at[source])] + weights[int(begins_at[target ^ 1])])
            if np.isfinite(total) and (best is None or total < best[0]):
                states = trace(before[0], goal)
                chains = router.globals(states, first)
                taken = router.switches(states, first)
                best = (total, Path(chains=chains, part=part, score=-total, switches=taken))
    return None if best is None else best[1]
