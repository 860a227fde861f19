"""Edges that follow each other without a choice → chains.

A *directed edge* is ``2 e`` (as filed) or ``2 e + 1`` (the other way round), so that ``d ^ 1``
turns one round.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo_routes.model import IntArray


def make_chains(follower: IntArray) -> tuple[IntArray, IntArray]:
    """Put directed edges into chains, each once.

    Parameters
    ----------
    follower : (2 m,) int64
        The directed edge that follows each without a choice, -1 where there is none. It is
        symmetric: if ``b`` follows ``a``, then ``a ^ 1`` follows ``b ^ 1``. Changed in place where
        a ring is cut open.

    Returns
    -------
    members : (m,) int64
        Directed edges, chain by chain and in order.
    offsets : (k + 1,) int64
    """
    count = len(follower)
    if count == 0:
        return np.empty(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
    _cut_rings(follower)
    head, rank = _rank(follower)
    # The last of a chain, turned round, is the head of its mirror image: one of the two is kept.
    last = np.flatnonzero(follower < 0)
    mirror = np.empty(count, dtype=np.int64)
    mirror[head[last]] = last ^ 1
    kept = np.flatnonzero(head < mirror[head])
    members = kept[np.lexsort((rank[kept], head[kept]))]
    starts = np.flatnonzero(rank[members] == 0)
    return members, np.append(starts, len(members))


def _cut_rings(follower: IntArray) -> None:
    edges = len(follower) // 2
    from_ = np.flatnonzero(follower >= 0)
    joints = coo_array(
        (np.ones(len(from_), dtype=np.int8), (from_ // 2, follower[from_] // 2)),
        shape=(edges, edges),
    )
    number, label = connected_components(joints, directed=False)
    # Each joint stands twice, once for each direction of travel.
    joint_ends = np.bincount(label[from_ // 2], minlength=number)
    sizes = np.bincount(label, minlength=number)
    is_ring = joint_ends >= 2 * sizes
    if not is_ring.any():
        return
    first = np.full(number, edges, dtype=np.int64)
    np.minimum.at(first, label, np.arange(edges))
    starts = 2 * first[is_ring]
    before = follower[starts ^ 1] ^ 1
    follower[before] = -1
    follower[starts ^ 1] = -1


def _rank(follower: IntArray) -> tuple[IntArray, IntArray]:
    """Head of the list that each belongs to, and the place in it, by pointer doubling."""
    count = len(follower)
    jump = np.arange(count, dtype=np.int64)
    has = np.flatnonzero(follower >= 0)
    jump[follower[has]] = has
    rank = (jump != np.arange(count)).astype(np.int64)
    moving = np.flatnonzero(rank)
    while len(moving):
        over = jump[moving]
        step = rank[over]
        # Read everything before anything is written: a step counts from where all stood.
        next_jump = jump[over]
        rank[moving] += step
        jump[moving] = next_jump
        moving = moving[jump[next_jump] != next_jump]
    return jump, rank
