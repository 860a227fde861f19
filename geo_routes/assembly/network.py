"""Pieces → a network: edges between junctions, chains of edges that leave no choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_routes import geodesy
from geo_routes.assembly.chains import make_chains
from geo_routes.assembly.joints import join_ends
from geo_routes.assembly.pieces import Pieces
from geo_routes.model import FloatArray, IntArray

GAP_TOLERANCE_M = 50.0
# A heading is taken over so much track: the first step at a switch may be some decimetres.
_HEADING_M = 12.0
# Where no other track meets, a line may turn this far: a coarse drawing has corners, but what
# turns back further ends here.
_SHARPEST_BEND = float(np.cos(np.radians(135.0)))
# Past this turn between two chords there is a corner and no curve.
_SMOOTH = float(np.cos(np.radians(40.0)))
_NO_LENGTH_M = 1e-3
# A bridge adds its metres to the line, but no evidence that there is one.
_BRIDGE_COST = 2.0
_BRIDGE_VALUE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """Pieces cut at their junctions.

    Parameters
    ----------
    pieces : Pieces
    ecef_m : (n, 3) float64
        The vertices, earth-centred.
    node : (n,) int64
        The node of each vertex.
    edge_from, edge_to : (m,) int64
        First and last vertex of each edge; of a bridge the two vertices that it joins.
    edge_piece : (m,) int64
        -1 for a bridge.
    edge_length_m : (m,) float64
    members : (p,) int64
        Directed edges, chain by chain.
    offsets : (c + 1,) int64
    tail, head : (c,) int64
        Nodes at the ends of each chain.
    leaving : (2 c, 3) float64
        Unit vectors out of each chain's tail along it, and out of its head back along it.
    length_m, value, cost : (c,) float64
        Of each chain.
    degree : (v,) int64
        Chain ends at each node.
    twice_piece : (d,) int64
        Owners of edges left out because another piece runs over the same vertices.
    twice_m : (d,) float64
        The metres of those edges.
    bridges : (b, 2) int64
        Vertices bridged.
    snapped : (s, 2) int64
        Vertices joined although they differ by up to `joints.SNAP_M`.
    """

    pieces: Pieces
    ecef_m: FloatArray
    node: IntArray
    edge_from: IntArray
    edge_to: IntArray
    edge_piece: IntArray
    edge_length_m: FloatArray
    members: IntArray
    offsets: IntArray
    tail: IntArray
    head: IntArray
    leaving: FloatArray
    length_m: FloatArray
    value: FloatArray
    cost: FloatArray
    degree: IntArray
    twice_piece: IntArray
    twice_m: FloatArray
    bridges: IntArray
    snapped: IntArray

    def edges_of(self, chain: int) -> IntArray:
        """Give the directed edges of a chain, in order."""
        return self.members[self.offsets[chain] : self.offsets[chain + 1]]


def build_network(
    pieces: Pieces,
    *,
    gap_tolerance_m: float = GAP_TOLERANCE_M,
    stops: IntArray | None = None,
) -> Network:
    """Cut pieces at their junctions, join their ends, drop what is there twice.

    Parameters
    ----------
    pieces : Pieces
    gap_tolerance_m : float
        Bridge gaps up to this length, where both ends point at each other.
    stops : (s,) int64, optional
        Vertices at which a path may begin or end although the track goes on.

    Returns
    -------
    Network
    """
    ecef_m = geodesy.ecef_m(pieces.lonlat)
    offsets = pieces.offsets
    run_m = _running_lengths(ecef_m, offsets)
    nodes = np.unique(pieces.node, return_inverse=True)[1].astype(np.int64)
    heading = _piece_headings(ecef_m, offsets, run_m)
    joints = join_ends(nodes, ecef_m, offsets, heading=heading, gap_tolerance_m=gap_tolerance_m)
    node = joints.node
    is_key = np.bincount(node)[node] > 1 if len(node) else np.zeros(0, dtype=bool)
    filled = np.flatnonzero(np.diff(offsets) > 0)
    is_key[offsets[filled]] = True
    is_key[offsets[filled + 1] - 1] = True
    is_key[joints.bridge_to] = True
    halts = np.empty(0, dtype=np.int64) if stops is None else stops
    is_key[halts] = True
    key = np.flatnonzero(is_key)
    piece = np.searchsorted(offsets, key, side="right") - 1
    inside = np.flatnonzero(piece[1:] == piece[:-1])
    first, last, owner = key[inside], key[inside + 1], piece[inside]
    length_m = run_m[last] - run_m[first]
    keep = (length_m > _NO_LENGTH_M) | (node[first] != node[last])
    first, last, owner, length_m = first[keep], last[keep], owner[keep], length_m[keep]
    single, twice = _without_doubles(first, last, node, pieces.value[owner])
    twice_piece, twice_m = owner[twice], length_m[twice]
    first, last = first[single], last[single]
    owner, length_m = owner[single], length_m[single]
    gap_m = np.linalg.norm(ecef_m[joints.bridge_to] - ecef_m[joints.bridge_from], axis=1)
    bridges = len(gap_m)
    value = np.concatenate((length_m * pieces.value[owner], gap_m * _BRIDGE_VALUE))
    cost = np.concatenate((length_m * pieces.cost[owner], gap_m * _BRIDGE_COST))
    out = _headings(ecef_m, run_m, first, last, low=offsets[owner], high=offsets[owner + 1] - 1)
    across = (ecef_m[joints.bridge_to] - ecef_m[joints.bridge_from]) / np.maximum(gap_m, 1e-9)[
        :, None
    ]
    out = np.concatenate((out, np.stack((across, -across), axis=1).reshape(-1, 3)))
    first = np.concatenate((first, joints.bridge_from))
    last = np.concatenate((last, joints.bridge_to))
    owner = np.concatenate((owner, np.full(bridges, -1, dtype=np.int64)))
    length_m = np.concatenate((length_m, gap_m))
    tails = np.column_stack((node[first], node[last])).ravel()
    held = np.zeros(int(node.max()) + 1 if len(node) else 0, dtype=bool)
    held[node[halts]] = True
    members, chain_offsets = make_chains(_followers(tails, out, held))
    begins, ends = members[chain_offsets[:-1]], members[chain_offsets[1:] - 1]
    edge = members // 2
    return Network(
        pieces=pieces,
        ecef_m=ecef_m,
        node=node,
        edge_from=first,
        edge_to=last,
        edge_piece=owner,
        edge_length_m=length_m,
        members=members,
        offsets=chain_offsets,
        tail=tails[begins],
        head=tails[ends ^ 1],
        leaving=np.stack((out[begins], out[ends ^ 1]), axis=1).reshape(-1, 3),
        length_m=_sums(length_m[edge], chain_offsets),
        value=_sums(value[edge], chain_offsets),
        cost=_sums(cost[edge], chain_offsets),
        degree=np.bincount(np.concatenate((tails[begins], tails[ends ^ 1])), minlength=len(held)),
        twice_piece=twice_piece,
        twice_m=twice_m,
        bridges=np.column_stack((joints.bridge_from, joints.bridge_to)),
        snapped=joints.snapped,
    )


def _running_lengths(ecef_m: FloatArray, offsets: IntArray) -> FloatArray:
    """Metres along all pieces in turn; what lies between two of them has none.

    Straight through the earth: good to a millimetre for steps under 10 km, and only a weight.
    """
    steps = np.diff(ecef_m, axis=0)
    steps_m = np.sqrt(np.einsum("ij,ij->i", steps, steps))
    breaks = offsets[1:-1] - 1
    steps_m[breaks[(breaks >= 0) & (breaks < len(steps_m))]] = 0.0
    return np.concatenate(([0.0], np.cumsum(steps_m)))[: len(ecef_m)]


def _unit(vectors: FloatArray) -> FloatArray:
    norm = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return np.asarray(vectors / np.maximum(norm, 1e-9)[:, None])


def _piece_headings(ecef_m: FloatArray, offsets: IntArray, run_m: FloatArray) -> FloatArray:
    """Give unit vectors out of each piece at its two ends."""
    first = np.minimum(offsets[:-1], max(len(ecef_m) - 1, 0))
    last = np.maximum(offsets[1:] - 1, first)
    return -_headings(ecef_m, run_m, first, last, low=first, high=last)


def _headings(
    ecef_m: FloatArray,
    run_m: FloatArray,
    first: IntArray,
    last: IntArray,
    *,
    low: IntArray,
    high: IntArray,
) -> FloatArray:
    """Give unit vectors along each edge from its first vertex, and back from its last, in turn.

    They are tangents and not chords, where the piece (from ``low`` to ``high``) has vertices
    enough: in a curve, a chord points away from the track by half the turn, which is more than a
    switch turns.
    """
    if len(ecef_m) == 0:
        return np.zeros((2 * len(first), 3))
    near = np.searchsorted(run_m, run_m[first] + _HEADING_M, side="left")
    near = np.clip(near, np.minimum(first + 1, high), high)
    far = np.searchsorted(run_m, run_m[near] + _HEADING_M, side="left")
    forth = _tangents(ecef_m, first, near, np.clip(far, near, high))
    near = np.searchsorted(run_m, run_m[last] - _HEADING_M, side="right") - 1
    near = np.clip(near, low, np.maximum(last - 1, low))
    far = np.searchsorted(run_m, run_m[near] - _HEADING_M, side="right") - 1
    back = _tangents(ecef_m, last, near, np.clip(far, low, near))
    return np.stack((forth, back), axis=1).reshape(-1, 3)


def _tangents(ecef_m: FloatArray, at: IntArray, near: IntArray, far: IntArray) -> FloatArray:
    """Give the tangent at a vertex of the parabola through it and two more.

    With chords c and d, of lengths p and q, it is c/p (2p + q)/(p + q) - d/q p/(p + q). Where the
    line has a corner, or no third vertex, the chord is all there is.
    """
    one, other = ecef_m[near] - ecef_m[at], ecef_m[far] - ecef_m[near]
    p = np.sqrt(np.einsum("ij,ij->i", one, one))
    q = np.sqrt(np.einsum("ij,ij->i", other, other))
    chord, onward = _unit(one), _unit(other)
    whole = np.maximum(p + q, 1e-9)
    tangent = chord * ((2 * p + q) / whole)[:, None] - onward * (p / whole)[:, None]
    smooth = (q > 0) & (np.einsum("ij,ij->i", chord, onward) >= _SMOOTH)
    return np.where(smooth[:, None], _unit(tangent), chord)


def _without_doubles(
    first: IntArray, last: IntArray, node: IntArray, value: FloatArray
) -> tuple[IntArray, IntArray]:
    """Edges that stand alone, and those that run over two vertices another runs over too.

    Shared vertices are junctions, so that what several pieces run over is cut into edges without
    inner vertices.
    """
    plain = np.flatnonzero(last == first + 1)
    low = np.minimum(node[first[plain]], node[last[plain]])
    high = np.maximum(node[first[plain]], node[last[plain]])
    name = low * (int(node.max()) + 1 if len(node) else 1) + high
    order = np.argsort(name, kind="stable")
    again = np.concatenate(([False], name[order][1:] == name[order][:-1]))[: len(order)]
    is_twice = np.zeros(len(first), dtype=bool)
    if again.any():
        order = np.lexsort((-value[plain], name))
        again = np.concatenate(([False], name[order][1:] == name[order][:-1]))
        is_twice[plain[order[again]]] = True
    return np.flatnonzero(~is_twice), np.flatnonzero(is_twice)


def _followers(
    tails: IntArray, out: FloatArray, held: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> IntArray:
    """Give the directed edge that follows each where exactly two edges meet."""
    order = np.argsort(tails, kind="stable")
    sorted_tails = tails[order]
    starts = np.flatnonzero(np.concatenate(([True], sorted_tails[1:] != sorted_tails[:-1])))
    starts = starts[: len(order)]
    sizes = np.diff(np.append(starts, len(order)))
    pairs = starts[(sizes == 2) & ~held[sorted_tails[starts]]] if len(order) else starts
    one, other = order[pairs], order[pairs + 1]
    # Both leave the node: the line is straight when they look in opposite directions.
    bend = -np.einsum("ij,ij->i", out[one], out[other])
    passable = bend > _SHARPEST_BEND
    one, other = one[passable], other[passable]
    follower = np.full(len(tails), -1, dtype=np.int64)
    follower[one ^ 1] = other
    follower[other ^ 1] = one
    return follower


def _sums(values: FloatArray, offsets: IntArray) -> FloatArray:
    if len(offsets) < 2:
        return np.empty(0)
    return np.asarray(np.add.reduceat(values, offsets[:-1]))
