"""Networks → the path that goes through each connected part of them.

The main line of a part is the best of the cheapest ways between its ends: each metre counts what
its piece is worth, each switch off the straight track costs. So a line stays on its track, and
neither a crossover nor the other track can lengthen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from geo_routes.assembly.network import Network
from geo_routes.assembly.turns import DEVIATION_M, Turns, find_turns
from geo_routes.model import FloatArray, IntArray

# All ends against all while that many distances fit; past it, from end to farthest end and back.
_MOST_DISTANCES = 4_000_000
_SWEEPS = 4
_MOST_TRIES = 200
_MUCH_BETTER = 1.5
# A ring beats a path that has little more: what it has more are stubs.
_ROUND = 0.9
_NONE = -9999


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """One way through a part of a network.

    Parameters
    ----------
    chains : (k,) int64
        Directed chains: ``2 c`` from tail to head, ``2 c + 1`` back.
    part : int
        Number of the connected part.
    score : float
        Metres by their worth, less what was paid for switches.
    ring : bool
        Whether it ends where it begins.
    switches : (s,) int64
        Places in `chains` that are entered off the straight track.
    """

    chains: IntArray
    part: int
    score: float
    ring: bool = False
    switches: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def through_paths(network: Network) -> tuple[Path, ...]:
    """Find the main line of each connected part.

    Parameters
    ----------
    network : Network

    Returns
    -------
    tuple of Path
        One for each part, in the order of their first piece.
    """
    return tuple(Router(network).each())


class Router:
    """Dijkstra's algorithm over directed chains, part by part."""

    def __init__(self, network: Network) -> None:
        self.network = network
        count = len(network.tail)
        nodes = len(network.degree)
        ties = coo_array(
            (np.ones(count, dtype=np.int8), (network.tail, network.head)), shape=(nodes, nodes)
        )
        label = connected_components(ties, directed=False)[1] if nodes else np.empty(0, int)
        of_chain = label[network.tail]
        # Numbered by first appearance, so that the answer does not hang on the library's order.
        _, first, part = np.unique(of_chain, return_index=True, return_inverse=True)
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.argsort(first, kind="stable")] = np.arange(len(first))
        self.part: IntArray = rank[part] if count else np.empty(0, dtype=np.int64)
        self.order: IntArray = np.argsort(self.part, kind="stable")
        self.bounds: IntArray = np.concatenate(([0], np.cumsum(np.bincount(self.part)))).astype(
            np.int64
        )
        self.turns: Turns = find_turns(network, self.order)
        self.value = network.value[self.order]
        self.cost = network.cost[self.order]
        tails = np.column_stack((network.tail[self.order], network.head[self.order])).ravel()
        self.tails: IntArray = tails

    def each(self) -> Iterator[Path]:
        """Give the main line of each part."""
        for part in range(len(self.bounds) - 1):
            first, last = int(self.bounds[part]), int(self.bounds[part + 1])
            if last - first == 1:
                chain = int(self.order[first])
                ring = self.network.tail[chain] == self.network.head[chain]
                yield Path(
                    chains=np.array([2 * chain]),
                    part=part,
                    score=float(self.value[first]),
                    ring=bool(ring),
                )
            else:
                yield self._best(part, first, last)

    def _best(self, part: int, first: int, last: int) -> Path:
        graph = self.turns.graph(2 * first, 2 * last, self.cost)
        tails = self.tails[2 * first : 2 * last]
        size = 2 * (last - first)
        starts = np.flatnonzero(self.network.degree[tails] == 1)
        # Where no track ends, or a ring is tucked away behind ends, a way round may be the line.
        nodes = len(np.unique(tails))
        found: list[tuple[float, IntArray, bool]] = []
        value, cost = self._state_figures(first, last)
        if len(starts):
            if len(starts) * size <= _MOST_DISTANCES:
                found.append(self._between(graph, starts, starts ^ 1, value, cost))
            else:
                found.append(self._sweep(graph, starts, value, cost))
        if last - first >= nodes or not found:
            round_ = self._ring(graph, value, cost)
            if round_ is not None:
                best = max((f[0] for f in found), default=-np.inf)
                found = [round_] if round_[0] >= _ROUND * best else found
        if not found:
            everywhere = np.arange(size)
            found.append(self._sweep(graph, everywhere, value, cost))
        score, states, ring = max(found, key=lambda f: f[0])
        return Path(
            chains=self.globals(states, first),
            part=part,
            score=score,
            ring=ring,
            switches=self.switches(states, first),
        )

    def switches(self, states: IntArray, first: int) -> IntArray:
        """Give the places in a path that are entered off the straight track."""
        turns, taken = self.turns, []
        for i, (one, other) in enumerate(pairwise((states + 2 * first).tolist()), start=1):
            row = slice(turns.indptr[one], turns.indptr[one + 1])
            at = np.flatnonzero(turns.indices[row] == other)
            if turns.penalty_m[row][at].max(initial=0.0) >= DEVIATION_M:
                taken.append(i)
        return np.array(taken, dtype=np.int64)

    def globals(self, states: IntArray, first: int) -> IntArray:
        """Give the directed chains of a part the numbers they have in the network."""
        return np.asarray(2 * self.order[states // 2 + first] + states % 2)

    def _state_figures(self, first: int, last: int) -> tuple[FloatArray, FloatArray]:
        return np.repeat(self.value[first:last], 2), np.repeat(self.cost[first:last], 2)

    def _between(
        self,
        graph: object,
        starts: IntArray,
        ends: IntArray,
        value: FloatArray,
        cost: FloatArray,
    ) -> tuple[float, IntArray, bool]:
        """Best of the cheapest ways from any start to any end."""
        distance_m, before = dijkstra(graph, indices=starts, return_predecessors=True)
        worth = value + cost
        score = _along(before, worth) - distance_m - worth[starts][:, None] + value[starts][:, None]
        score[np.isinf(distance_m)] = -np.inf
        states = self._first_simple(before, score[:, ends], ends, value)
        return self._trim(graph, states, value, cost)

    def _first_simple(
        self, before: IntArray, score: FloatArray, ends: IntArray, value: FloatArray
    ) -> IntArray:
        """Give the best way that passes no track twice.

        Where a loop or a triangle lets trains turn, a way may come back on the track that it went
        out on. Cut where it comes back, it is taken if nothing else is nearly as good.
        """
        count = min(_MOST_TRIES, score.size)
        best = np.argpartition(score, -count, axis=None)[-count:]
        best = best[np.argsort(-score.ravel()[best], kind="stable")]
        simple: IntArray | None = None
        turned: IntArray | None = None
        for flat in best.tolist():
            row, column = divmod(flat, len(ends))
            if np.isinf(score[row, column]):
                break
            states = trace(before[row], int(ends[column]))
            again = _first_repeated(states // 2)
            if again is None:
                simple = states
                break
            turned = states[:again] if turned is None else turned
        if simple is None:
            # No end can be reached from another: a single chain is all there is to take.
            return ends[:1] if turned is None else turned
        if turned is None:
            return simple
        better = float(value[turned].sum()) > _MUCH_BETTER * float(value[simple].sum())
        return turned if better else simple

    def _sweep(
        self, graph: object, starts: IntArray, value: FloatArray, cost: FloatArray
    ) -> tuple[float, IntArray, bool]:
        """From end to best end and back again: exact on a tree, near it elsewhere."""
        source = starts[:1]
        best: tuple[float, IntArray, bool] | None = None
        for _ in range(_SWEEPS):
            found = self._between(graph, source, starts ^ 1, value, cost)
            if best is None or found[0] > best[0]:
                best = found
            source = np.array([found[1][-1] ^ 1])
        assert best is not None  # noqa: S101 - the loop runs
        return best

    def _trim(
        self, graph: object, states: IntArray, value: FloatArray, cost: FloatArray
    ) -> tuple[float, IntArray, bool]:
        """Leave out what at an end costs more to reach than it is worth."""
        matrix = graph
        paid = [0.0]
        paid += [
            float(matrix[a, b]) - float(cost[b])  # type: ignore[index]
            for a, b in zip(states[:-1].tolist(), states[1:].tolist(), strict=True)
        ]
        best, best_at, run, begin = -np.inf, (0, 0), 0.0, 0
        for i, state in enumerate(states.tolist()):
            carried = run - paid[i]
            if i == 0 or carried < 0:
                run, begin = 0.0, i
            else:
                run = carried
            run += float(value[state])
            if run > best:
                best, best_at = run, (begin, i + 1)
        return best, states[best_at[0] : best_at[1]], False

    def _ring(
        self, graph: object, value: FloatArray, cost: FloatArray
    ) -> tuple[float, IntArray, bool] | None:
        """Cheapest way round through the best chain; None where there is none."""
        start = 2 * int(np.argmax(value[::2]))
        distance_m, before = dijkstra(graph, indices=[start], return_predecessors=True)
        closing = graph[:, [start]].tocoo()  # type: ignore[index]
        if closing.nnz == 0:
            return None
        total_m = distance_m[0][closing.row] + closing.data
        at = int(np.argmin(total_m))
        if not np.isfinite(total_m[at]):
            return None
        states = trace(before[0], int(closing.row[at]))
        paid_m = float(total_m[at]) - float(cost[states].sum())
        if len(np.unique(states // 2)) < len(states):
            return None
        return float(value[states].sum()) - paid_m, states, True


def _along(before: IntArray, worth: FloatArray) -> FloatArray:
    """Sum of a worth along the way to each state, by pointer doubling."""
    rows, size = before.shape
    total = np.broadcast_to(worth, (rows, size)).copy()
    jump = np.where(before == _NONE, -1, before).astype(np.int64)
    row = np.arange(rows)[:, None]
    while (jump >= 0).any():
        at = np.maximum(jump, 0)
        total += np.where(jump >= 0, total[row, at], 0.0)
        jump = np.where(jump >= 0, jump[row, at], -1)
    return total


def _first_repeated(values: IntArray) -> int | None:
    """Give the place of the first value that has been there before."""
    _, first = np.unique(values, return_index=True)
    if len(first) == len(values):
        return None
    fresh = np.zeros(len(values), dtype=bool)
    fresh[first] = True
    return int(np.argmin(fresh))


def trace(before: IntArray, end: int) -> IntArray:
    """Give the way to a state, from where the search set out."""
    states = [end]
    while before[states[-1]] != _NONE:
        states.append(int(before[states[-1]]))
    return np.array(states[::-1], dtype=np.int64)
