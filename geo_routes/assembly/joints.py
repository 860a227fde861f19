"""Loose ends → joints: what lies together is one node, and a small gap in a track is bridged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo_routes.model import FloatArray, IntArray

# Two tracks lie 3.4 m or more apart: what is nearer than this is one place, drawn twice.
SNAP_M = 1.0
# A loose end that points at the side of another track is joined only if it nearly touches it.
_TO_SIDE_M = 3.0
# How far a bridge may turn away from the track at either end.
_ALIGNED = float(np.cos(np.radians(25.0)))
_MOST_CANDIDATES = 16
_TABLE_BITS = 22


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joints:
    """What was joined: node numbers after snapping, and bridges between vertices.

    Parameters
    ----------
    node : (n,) int64
        Node of each vertex, numbered from 0.
    bridge_from, bridge_to : (b,) int64
        Vertices.
    snapped : (s, 2) int64
        Pairs of vertices that became one node.
    """

    node: IntArray
    bridge_from: IntArray
    bridge_to: IntArray
    snapped: IntArray


def join_ends(
    node: IntArray,
    ecef_m: FloatArray,
    offsets: IntArray,
    *,
    heading: FloatArray,
    gap_tolerance_m: float,
) -> Joints:
    """Join loose ends with what lies at them, or straight ahead of them within the tolerance.

    Parameters
    ----------
    node : (n,) int64
        Numbered from 0.
    ecef_m : (n, 3) float64
    offsets : (k + 1,) int64
    heading : (2 k, 3) float64
        Unit vectors out of each piece, at its first and its last vertex in turn.
    gap_tolerance_m : float

    Returns
    -------
    Joints
    """
    none = np.empty(0, dtype=np.int64)
    uses = np.bincount(node)
    real = np.flatnonzero(np.diff(offsets) > 1)
    ends = np.column_stack((offsets[real], offsets[real + 1] - 1)).ravel()
    out = heading[np.column_stack((2 * real, 2 * real + 1)).ravel()]
    loose = np.flatnonzero(uses[node[ends]] == 1)
    if len(loose) == 0:
        return Joints(node=node, bridge_from=none, bridge_to=none, snapped=none.reshape(0, 2))
    reach_m = max(gap_tolerance_m, SNAP_M)
    near = _vertices_near(ecef_m, ends[loose], reach_m)
    tree = cKDTree(ecef_m[near])
    count = min(_MOST_CANDIDATES, len(near))
    away_m, index = tree.query(
        ecef_m[ends[loose]], k=np.arange(1, count + 1), distance_upper_bound=reach_m
    )
    who, column = np.nonzero(np.isfinite(away_m))
    here, there = ends[loose[who]], near[index[who, column]]
    apart_m = away_m[who, column]
    piece = np.searchsorted(offsets, here, side="right") - 1
    other = np.searchsorted(offsets, there, side="right") - 1
    # Of its own piece, a loose end may meet the other end alone: a ring left open.
    own = piece == other
    far_end = (there == offsets[piece]) | (there == offsets[piece + 1] - 1)
    fit = (here != there) & (~own | (far_end & (offsets[piece + 1] - offsets[piece] > 3)))
    snap = fit & (apart_m <= SNAP_M) & (node[here] != node[there])
    pairs = np.unique(np.sort(np.column_stack((here[snap], there[snap])), axis=1), axis=0)
    joined = _unite(node, pairs)
    # Who has been snapped is loose no more.
    settled = np.zeros(len(ends), dtype=bool)
    settled[loose[who[snap]]] = True
    taken = np.zeros(len(node), dtype=bool)
    taken[there[snap]] = True
    ask = fit & (apart_m > SNAP_M) & ~settled[loose[who]] & ~taken[here]
    ask &= apart_m <= gap_tolerance_m
    here, there, apart_m, who = here[ask], there[ask], apart_m[ask], who[ask]
    bridge = _choose_bridges(
        here, there, apart_m, ends=ends, loose=loose, who=who, out=out, ecef_m=ecef_m
    )
    return Joints(node=joined, bridge_from=here[bridge], bridge_to=there[bridge], snapped=pairs)


def _choose_bridges(
    here: IntArray,
    there: IntArray,
    apart_m: FloatArray,
    *,
    ends: IntArray,
    loose: IntArray,
    who: IntArray,
    out: FloatArray,
    ecef_m: FloatArray,
) -> IntArray:
    """Give the indices of the pairs to bridge: the nearest that lies straight ahead of both."""
    if len(here) == 0:
        return np.empty(0, dtype=np.int64)
    ahead = (ecef_m[there] - ecef_m[here]) / apart_m[:, None]
    straight = np.einsum("ij,ij->i", ahead, out[loose[who]]) >= _ALIGNED
    end_at = np.full(len(ecef_m), -1, dtype=np.int64)
    end_at[ends[loose]] = loose
    facing = end_at[there]
    opposite = np.einsum("ij,ij->i", -ahead, out[np.maximum(facing, 0)]) >= _ALIGNED
    good = straight & np.where(facing >= 0, opposite, apart_m <= _TO_SIDE_M)
    index = np.flatnonzero(good)
    index = index[np.argsort(apart_m[index], kind="stable")]
    used: set[int] = set()
    chosen = []
    for i in index.tolist():
        a, b = int(here[i]), int(there[i])
        if a in used or b in used:
            continue
        used |= {a, b}
        chosen.append(i)
    return np.array(chosen, dtype=np.int64)


def _unite(node: IntArray, pairs: IntArray) -> IntArray:
    if len(pairs) == 0:
        return node
    count = int(node.max()) + 1
    ties = coo_array(
        (np.ones(len(pairs), dtype=np.int8), (node[pairs[:, 0]], node[pairs[:, 1]])),
        shape=(count, count),
    )
    return np.asarray(connected_components(ties, directed=False)[1], dtype=np.int64)[node]


def _vertices_near(ecef_m: FloatArray, places: IntArray, reach_m: float) -> IntArray:
    """Vertices that may lie within reach of some: a coarse sieve, so that the tree is small."""
    size_m = max(reach_m, 1.0)
    table = np.zeros(1 << _TABLE_BITS, dtype=bool)
    cells = np.floor(ecef_m[places] / size_m).astype(np.int64)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            for dz in (-1, 0, 1):
                table[_hash(np.add(cells, (dx, dy, dz)))] = True
    return np.flatnonzero(table[_hash(np.floor(ecef_m / size_m).astype(np.int64))])


def _hash(cells: IntArray) -> IntArray:
    mixed = cells[:, 0] * 73_856_093 ^ cells[:, 1] * 19_349_663 ^ cells[:, 2] * 83_492_791
    return np.asarray(mixed & ((1 << _TABLE_BITS) - 1))
