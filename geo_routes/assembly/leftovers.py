"""What the line leaves out: second track, sidings, branches, strangers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo_routes.assembly.network import Network
from geo_routes.assembly.pieces import Decision
from geo_routes.assembly.strands import Beside, Strand
from geo_routes.model import FloatArray, IntArray

_MOST_BESIDE = 0.5
# Sidings and their like cost more to pass along than a running line.
_RUNNING_COST = 1.5
_REASONS = {
    "second_track": "runs beside the line: another track of it, and a line counts once",
    "siding": "a siding, yard, spur or crossover beside the line",
    "branch": "leaves the line, and is worth less than what was chosen",
    "service": "a siding, yard or spur that leads away from the line",
    "outside": "lies outside the way between the two stations",
    "apart": "nothing joins it with the line",
    "duplicate": "runs over the same vertices as another piece",
}


def sort_leftovers(
    network: Network, strands: Sequence[Strand], *, is_between: bool = False
) -> list[Decision]:
    """Say of everything that is not in the line why it is not.

    Parameters
    ----------
    network : Network
    strands : sequence of Strand
        The line.
    is_between : bool
        Whether it was asked for between two places, so that the rest was not to be in it.

    Returns
    -------
    list of Decision
        One for each reason and group of pieces.
    """
    count = len(network.edge_from)
    used = np.zeros(count, dtype=bool)
    for strand in strands:
        used[strand.edge // 2] = True
    left = np.flatnonzero(~used & (network.edge_piece >= 0))
    decisions: list[Decision] = []
    if len(left):
        beside_m = _metres_beside(network, left, strands)
        piece = network.edge_piece[left]
        length_m = network.edge_length_m[left]
        joined = _is_joined(network, strands)[left]
        total_m: FloatArray = np.bincount(
            piece, weights=length_m, minlength=len(network.pieces)
        ).astype(np.float64)
        near_m = np.bincount(piece, weights=beside_m, minlength=len(network.pieces))
        touches = np.bincount(piece, weights=joined, minlength=len(network.pieces)) > 0
        pieces = np.unique(piece)
        near = near_m[pieces] > _MOST_BESIDE * total_m[pieces]
        track = network.pieces.cost[pieces] <= _RUNNING_COST
        kind = np.select(
            [near & track, near, touches[pieces] & track, touches[pieces]],
            ["second_track", "siding", "outside" if is_between else "branch", "service"],
            default="apart",
        )
        decisions += _decide(network, pieces, kind.tolist(), np.asarray(total_m[pieces]))
    if len(network.twice_piece):
        total_m = np.bincount(network.twice_piece, weights=network.twice_m).astype(np.float64)
        pieces = np.unique(network.twice_piece)
        decisions += _decide(network, pieces, ["duplicate"] * len(pieces), total_m[pieces])
    return decisions


def _decide(
    network: Network, pieces: IntArray, kind: list[str], metres: FloatArray
) -> list[Decision]:
    rows: dict[tuple[str, int], list[int]] = {}
    for i, (piece, code) in enumerate(zip(pieces.tolist(), kind, strict=True)):
        rows.setdefault((code, int(network.pieces.group[piece])), []).append(i)
    order = list(_REASONS)
    return [
        Decision(
            code=code,
            reason=_REASONS[code],
            metres=float(metres[at].sum()),
            pieces=tuple(pieces[at].tolist()),
        )
        for (code, _), at in sorted(
            rows.items(), key=lambda row: (order.index(row[0][0]), -metres[row[1]].sum())
        )
    ]


def _is_joined(network: Network, strands: Sequence[Strand]) -> IntArray:
    """Tell of each edge whether tracks lead from it to the line."""
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    nodes = int(network.node.max()) + 1
    ends = network.node[network.edge_from], network.node[network.edge_to]
    ties = coo_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(nodes, nodes))
    label = connected_components(ties, directed=False)[1]
    mine = np.unique(np.concatenate([label[network.node[s.vertex[:1]]] for s in strands]))
    return np.asarray(np.isin(label[ends[0]], mine))


def _metres_beside(network: Network, edges: IntArray, strands: Sequence[Strand]) -> FloatArray:
    """Metres of each edge that run beside the line."""
    first, last = network.edge_from[edges], network.edge_to[edges]
    steps = last - first
    owner = np.repeat(np.arange(len(edges)), steps)
    vertex = first[owner] + np.arange(len(owner)) - (np.cumsum(steps) - steps)[owner]
    start_m, end_m = network.ecef_m[vertex], network.ecef_m[vertex + 1]
    along = end_m - start_m
    length_m = np.linalg.norm(along, axis=1)
    beside = Beside([network.ecef_m[s.vertex] for s in strands])
    heading = along / np.maximum(length_m, 1e-9)[:, None]
    # Three places of each step stand for it: long steps of a coarse drawing are seen whole.
    held = np.mean(
        [beside.holds(start_m + share * along, heading) for share in (0.1, 0.5, 0.9)], axis=0
    )
    return np.bincount(owner, weights=held * length_m, minlength=len(edges)).astype(np.float64)
