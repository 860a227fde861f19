"""From chain to chain: which turns a train can make, and which of them leave the straight track."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from geo_routes.assembly.network import Network
from geo_routes.model import FloatArray, IntArray

# A switch turns by 3 to 12 degrees; a crossing that is turned at by more is no switch.
_SHARPEST_SWITCH_DEG = 60.0
# The same for the corners of a coarse drawing, where the track leaves no choice.
_SHARPEST_BEND_DEG = 135.0
# Whoever leaves the straight track, or comes back to it, pays this: the two switches of a
# crossover cost 0.6 km, and no difference between two tracks of a line is worth that.
DEVIATION_M = 300.0
_NO_STRAIGHTER_DEG = 0.5
_BEND_M_PER_DEG = 0.5
# The graph library takes a weight of 0 for no connection.
_LEAST_M = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Turns:
    """Transitions between directed chains: ``2 c`` from tail to head, ``2 c + 1`` back.

    Parameters
    ----------
    indptr, indices : int64
        Rows of a sparse matrix: from directed chain to directed chain.
    penalty_m : float64
        Of each transition.
    """

    indptr: IntArray
    indices: IntArray
    penalty_m: FloatArray

    def graph(self, first: int, last: int, cost_m: FloatArray) -> csr_array:
        """Give the transitions among the directed chains ``first:last``, with their costs."""
        ptr = self.indptr[first : last + 1]
        to = self.indices[ptr[0] : ptr[-1]]
        weight = self.penalty_m[ptr[0] : ptr[-1]] + cost_m[to // 2] + _LEAST_M
        size = last - first
        return csr_array((weight, to - first, ptr - ptr[0]), shape=(size, size))


def find_turns(network: Network, order: IntArray) -> Turns:
    """Find all turns that can be made.

    Parameters
    ----------
    network : Network
    order : (c,) int64
        Chains in the order in which the directed chains are to be numbered.

    Returns
    -------
    Turns
    """
    count = len(order)
    leaving = network.leaving.reshape(-1, 2, 3)[order].reshape(-1, 3)
    tails = np.column_stack((network.tail[order], network.head[order])).ravel()
    by_tail = np.argsort(tails, kind="stable")
    degree = np.bincount(tails, minlength=len(network.degree))
    starts = np.concatenate(([0], np.cumsum(degree)))
    directed = np.arange(2 * count)
    node = tails[directed ^ 1]
    choices = degree[node]
    from_ = np.repeat(directed, choices)
    rank = np.arange(len(from_)) - np.repeat(np.cumsum(choices) - choices, choices)
    to = by_tail[starts[node[from_]] + rank]
    cosine = -np.einsum("ij,ij->i", leaving[from_ ^ 1], leaving[to])
    turn_deg = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    limit_deg = np.where(choices[from_] > 2, _SHARPEST_SWITCH_DEG, _SHARPEST_BEND_DEG)
    fit = (to != (from_ ^ 1)) & (turn_deg <= limit_deg)
    from_, to, turn_deg = from_[fit], to[fit], turn_deg[fit]
    least_out = np.full(2 * count, np.inf)
    least_in = np.full(2 * count, np.inf)
    np.minimum.at(least_out, from_, turn_deg)
    np.minimum.at(least_in, to, turn_deg)
    leaves = turn_deg > least_out[from_] + _NO_STRAIGHTER_DEG
    joins = turn_deg > least_in[to] + _NO_STRAIGHTER_DEG
    penalty_m = DEVIATION_M * (leaves + joins.astype(np.float64)) + _BEND_M_PER_DEG * turn_deg
    indptr = np.concatenate(([0], np.cumsum(np.bincount(from_, minlength=2 * count))))
    return Turns(indptr=indptr, indices=to, penalty_m=penalty_m)
