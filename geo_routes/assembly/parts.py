"""Paths of several unconnected parts → those that are one line, in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo_routes.assembly.network import Network
from geo_routes.assembly.pieces import Decision
from geo_routes.assembly.strands import Beside, Strand, lay_strand
from geo_routes.assembly.through import Path
from geo_routes.model import FloatArray

_BESIDE_SHARE = 0.5
# A part whose metres are worth less than this is a siding, not a stretch of the line.
_LEAST_WORTH = 0.5
# Nameless parts belong together while the gap is small beside the line.
_NAMELESS_GAP = 0.25
_STRAIGHT_ON = float(np.cos(np.radians(45.0)))
_HEADING_STEPS = 5
# A part that goes on from an end lies nearest to that end, or nearly so.
_NEARLY = 1.5
_NEARLY_M = 150.0
_MOST_PARTS = 500


def choose_parts(
    network: Network, paths: Sequence[Path], decisions: list[Decision]
) -> list[Strand]:
    """Choose the best path, and the paths of other parts that the line goes on with.

    Parameters
    ----------
    network : Network
    paths : sequence of Path
        One for each connected part.
    decisions : list of Decision
        Appended to.

    Returns
    -------
    list of Strand
    """
    by_score = sorted(range(len(paths)), key=lambda i: (-paths[i].score, i))
    best = paths[by_score[0]]
    chosen = [lay_strand(network, best.chains, ring=best.ring)]
    if best.ring:
        return chosen
    note_switches(network, best, decisions)
    group = main_group(network, chosen[0])
    lines_m = [network.ecef_m[chosen[0].vertex]]
    beside = Beside(lines_m)
    waiting: list[tuple[Path, Strand]] = []
    for index in by_score[1 : _MOST_PARTS + 1]:
        path = paths[index]
        if path.ring or not _is_same_line(network, path, group):
            continue
        waiting.append((path, lay_strand(network, path.chains)))
    # A part may only fit once another has been put between: ask until nothing more fits.
    changed = True
    while changed:
        changed = False
        for entry in list(waiting):
            _, strand = entry
            line_m = network.ecef_m[strand.vertex]
            if beside.share(line_m) > _BESIDE_SHARE:
                waiting.remove(entry)
            elif _goes_on(line_m, lines_m, beside, nameless=group < 0):
                waiting.remove(entry)
                chosen.append(strand)
                note_switches(network, entry[0], decisions)
                lines_m.append(line_m)
                beside = Beside(lines_m)
                changed = True
    if len(chosen) > 1:
        decisions.append(
            Decision(
                code="parts.joined",
                reason=f"{len(chosen)} stretches of the same line that no track joins here",
                metres=float(sum(_length_m(m) for m in lines_m[1:])),
                kept=True,
            )
        )
    return chosen


def note_switches(network: Network, path: Path, decisions: list[Decision]) -> None:
    """Report where a path leaves the straight track at a switch, or comes back to it."""
    if len(path.switches) == 0:
        return
    entered = path.chains[path.switches]
    begins = lay_strand(network, entered[:1]).vertex[0]
    longitude, latitude = network.pieces.lonlat[begins].tolist()
    owners = [
        int(network.edge_piece[edge // 2])
        for chain in entered.tolist()
        for edge in network.edges_of(chain // 2)[:1].tolist()
    ]
    decisions.append(
        Decision(
            code="switch.taken",
            reason="the line leaves the straight track at a switch, for that one leads no further"
            if len(entered) == 1
            else f"the line leaves the straight track at {len(entered)} switches, the first here, "
            "for that one leads no further",
            metres=float(network.length_m[entered // 2].sum()),
            pieces=tuple(p for p in owners if p >= 0),
            kept=True,
            lonlat=(longitude, latitude),
        )
    )


def order_parts(network: Network, strands: Sequence[Strand]) -> list[Strand]:
    """Put parts in order: the nearest two ends are joined, again and again.

    Parameters
    ----------
    network : Network
    strands : sequence of Strand

    Returns
    -------
    list of Strand
        Turned so that each goes on from the one before.
    """
    if len(strands) == 1:
        return list(strands)
    ends_m = np.concatenate(
        [network.ecef_m[[strand.vertex[0], strand.vertex[-1]]] for strand in strands]
    )
    apart_m = np.linalg.norm(ends_m[:, None] - ends_m[None], axis=2)
    one, other = np.triu_indices(len(ends_m), k=1)
    pairs = sorted(zip(apart_m[one, other].tolist(), one.tolist(), other.tolist(), strict=True))
    chain_of = list(range(len(strands)))
    partner: dict[int, int] = {}
    for _, a, b in pairs:
        if a in partner or b in partner or chain_of[a // 2] == chain_of[b // 2]:
            continue
        partner[a], partner[b] = b, a
        old, new = chain_of[b // 2], chain_of[a // 2]
        chain_of = [new if c == old else c for c in chain_of]
    end = min(e for e in range(len(ends_m)) if e not in partner)
    ordered = []
    while True:
        strand = strands[end // 2]
        ordered.append(strand if end % 2 == 0 else strand.turned())
        if end ^ 1 not in partner:
            return ordered
        end = partner[end ^ 1]


def main_group(network: Network, strand: Strand) -> int:
    """Give the group that most metres of a strand belong to."""
    edges = np.unique(strand.edge // 2)
    edges = edges[network.edge_piece[edges] >= 0]
    groups = network.pieces.group[network.edge_piece[edges]]
    metres = np.bincount(groups + 1, weights=network.edge_length_m[edges])
    return int(np.argmax(metres)) - 1


def _is_same_line(network: Network, path: Path, group: int) -> bool:
    chains = path.chains // 2
    length_m = float(network.length_m[chains].sum())
    if path.score < _LEAST_WORTH * length_m:
        return False
    return main_group(network, lay_strand(network, path.chains)) == group


def _goes_on(
    line_m: FloatArray, lines_m: Sequence[FloatArray], beside: Beside, *, nameless: bool
) -> bool:
    """Whether a part goes on from an end of the line, and not from its side."""
    ends_m = line_m[[0, -1]]
    line_ends_m = np.concatenate([line[[0, -1]] for line in lines_m])
    to_end_m = np.linalg.norm(ends_m[:, None] - line_ends_m[None], axis=2).min(axis=1)
    to_line_m = beside.distance_m(ends_m)
    near = int(np.argmin(to_end_m))
    length_m = sum(_length_m(m) for m in lines_m)
    if nameless and not _straight_on(line_m, lines_m, near, gap_m=to_end_m[near], most_m=length_m):
        return False
    return bool(to_end_m[near] <= _NEARLY * to_line_m.min() + _NEARLY_M)


def _straight_on(
    line_m: FloatArray, lines_m: Sequence[FloatArray], near: int, *, gap_m: float, most_m: float
) -> bool:
    """Whether a nameless part is aimed at by the end that it would go on from, and aims at it."""
    if gap_m > _NAMELESS_GAP * most_m:
        return False
    mine = line_m if near == 0 else line_m[::-1]
    others = [line for pair in lines_m for line in (pair, pair[::-1])]
    theirs = min(others, key=lambda line: float(np.linalg.norm(line[-1] - mine[0])))
    across = _unit(mine[0] - theirs[-1])
    out = _unit(theirs[-1] - theirs[-min(_HEADING_STEPS, len(theirs))])
    onward = _unit(mine[min(_HEADING_STEPS, len(mine)) - 1] - mine[0])
    return bool(out @ across >= _STRAIGHT_ON and across @ onward >= _STRAIGHT_ON)


def _unit(vector: FloatArray) -> FloatArray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def _length_m(line_m: FloatArray) -> float:
    return float(np.linalg.norm(np.diff(line_m, axis=0), axis=1).sum())
