"""Strands: paths as runs of vertices, and what lies beside what."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from geo_routes.assembly.network import Network
from geo_routes.model import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

# Tracks of one line lie some 4 m apart, platforms between them make it 15 to 25 m.
BESIDE_M = 30.0
_SAME_HEADING = float(np.cos(np.radians(25.0)))
_SAMPLE_M = 20.0
# Two places of a strand that lie side by side and so far apart along it: it has turned back.
_FOLD_M = 200.0
_FOLDED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strand:
    """A run of vertices, with the piece that each step belongs to.

    Parameters
    ----------
    vertex : (n,) int64
    edge : (n - 1,) int64
        Directed edge of each step.
    ring : bool
    """

    vertex: IntArray
    edge: IntArray
    ring: bool = False

    def turned(self) -> Strand:
        """Give the strand the other way round."""
        return replace(self, vertex=self.vertex[::-1], edge=self.edge[::-1] ^ 1)

    def cut(self, first: int, last: int) -> Strand:
        """Give the vertices ``first`` to ``last``, both included."""
        return Strand(vertex=self.vertex[first : last + 1], edge=self.edge[first:last])


def lay_strand(network: Network, chains: IntArray, *, ring: bool = False) -> Strand:
    """Lay the vertices of a path one after the other.

    Parameters
    ----------
    network : Network
    chains : (k,) int64
        Directed chains.
    ring : bool

    Returns
    -------
    Strand
    """
    runs = []
    for chain in chains.tolist():
        edges = network.edges_of(chain // 2)
        runs.append(edges if chain % 2 == 0 else edges[::-1] ^ 1)
    directed = np.concatenate(runs)
    edge = directed // 2
    back = directed % 2 == 1
    first, last = network.edge_from[edge], network.edge_to[edge]
    bridge = network.edge_piece[edge] < 0
    steps = np.where(bridge, 1, last - first)
    ends = np.cumsum(steps)
    owner = np.repeat(np.arange(len(edge)), steps)
    # Vertex after each step, counted from the edge's own beginning.
    along = np.arange(1, int(ends[-1]) + 1) - (ends - steps)[owner]
    vertex = np.where(back[owner], last[owner] - along, first[owner] + along)
    vertex = np.where(bridge[owner], np.where(back, first, last)[owner], vertex)
    start = last[0] if back[0] else first[0]
    return Strand(vertex=np.append(start, vertex), edge=directed[owner], ring=ring)


def sample(points_m: FloatArray, *, step_m: float = _SAMPLE_M) -> tuple[FloatArray, ...]:
    """Give places along a line at even distances, with headings and chainages.

    Parameters
    ----------
    points_m : (n, 3) float64
        Earth-centred vertices.
    step_m : float

    Returns
    -------
    places_m, headings : (m, 3) float64
    chainage_m : (m,) float64
    """
    steps = np.diff(points_m, axis=0)
    steps_m = np.sqrt(np.einsum("ij,ij->i", steps, steps))
    run_m = np.concatenate(([0.0], np.cumsum(steps_m)))
    count = max(int(np.ceil(run_m[-1] / step_m)), 1)
    chainage_m = (np.arange(count) + 0.5) * (run_m[-1] / count)
    at = np.clip(np.searchsorted(run_m, chainage_m, side="right") - 1, 0, len(steps) - 1)
    share = (chainage_m - run_m[at]) / np.maximum(steps_m[at], 1e-9)
    places_m = points_m[at] + share[:, None] * steps[at]
    headings = steps[at] / np.maximum(steps_m[at], 1e-9)[:, None]
    return places_m, headings, chainage_m


class Beside:
    """Asks what lies beside some lines."""

    def __init__(self, lines_m: list[FloatArray], *, reach_m: float = BESIDE_M) -> None:
        sampled = [sample(line) for line in lines_m]
        self.places_m = np.concatenate([s[0] for s in sampled])
        self.headings = np.concatenate([s[1] for s in sampled])
        self.tree = cKDTree(self.places_m)
        self.reach_m = reach_m

    def holds(self, places_m: FloatArray, headings: FloatArray) -> BoolArray:
        """Tell which places lie within reach and run the same way or the opposite one."""
        away_m, index = self.tree.query(places_m, distance_upper_bound=self.reach_m + _SAMPLE_M / 2)
        found = np.isfinite(away_m)
        at = np.minimum(index, len(self.places_m) - 1)
        along = np.einsum("ij,ij->i", places_m - self.places_m[at], self.headings[at])
        across_m = np.sqrt(
            np.maximum(away_m**2 - along**2, 0.0, where=found, out=np.zeros_like(away_m))
        )
        same = np.abs(np.einsum("ij,ij->i", headings, self.headings[at])) >= _SAME_HEADING
        return np.asarray(found & same & (across_m <= self.reach_m))

    def share(self, line_m: FloatArray) -> float:
        """Tell which share of a line lies beside."""
        places_m, headings, _ = sample(line_m)
        return float(np.mean(self.holds(places_m, headings)))

    def distance_m(self, places_m: FloatArray) -> FloatArray:
        """Distance of places from the lines, to half a sample."""
        return np.asarray(self.tree.query(places_m)[0])


def unfold(strand: Strand, ecef_m: FloatArray) -> tuple[Strand, float]:
    """Cut a strand that turns round in a loop and comes back on the other track.

    Parameters
    ----------
    strand : Strand
    ecef_m : (v, 3) float64
        Of all vertices.

    Returns
    -------
    Strand
        One way of it.
    float
        Metres left out; 0 where it does not fold.
    """
    line_m = ecef_m[strand.vertex]
    places_m, headings, chainage_m = sample(line_m)
    length_m = float(chainage_m[-1] + chainage_m[0])
    if len(places_m) < 2 * _FOLD_M / _SAMPLE_M:
        return strand, 0.0
    pairs = cKDTree(places_m).query_pairs(BESIDE_M, output_type="ndarray")
    one, other = pairs[:, 0], pairs[:, 1]
    against = np.einsum("ij,ij->i", headings[one], headings[other]) <= -_SAME_HEADING
    apart_m = np.abs(chainage_m[one] - chainage_m[other])
    if strand.ring:
        apart_m = np.minimum(apart_m, length_m - apart_m)
    folded = against & (apart_m > _FOLD_M)
    one, other = one[folded], other[folded]
    middle_m = (chainage_m[one] + chainage_m[other]) / 2
    run_m = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(line_m, axis=0), axis=1))))
    touched = np.unique(np.concatenate((one, other)))
    if len(touched) == 0:
        return strand, 0.0
    if not strand.ring:
        apex_m = float(np.median(middle_m))
        # The shorter way from the turn to an end is the way back: most of it must lie beside the
        # way there, or it is a hairpin on a mountain.
        tail = chainage_m >= apex_m if apex_m >= length_m / 2 else chainage_m <= apex_m
        if np.isin(np.flatnonzero(tail), touched).mean() < _FOLDED:
            return strand, 0.0
        at = int(np.searchsorted(run_m, apex_m))
        at = min(max(at, 1), len(run_m) - 2)
        kept = (0, at) if apex_m >= length_m / 2 else (at, len(run_m) - 1)
        cut = strand.cut(*kept)
        return cut, length_m - float(run_m[kept[1]] - run_m[kept[0]])
    if len(touched) < _FOLDED * len(places_m):
        return strand, 0.0
    # The two ends of a ring folded flat lie half a ring apart: their mean is one of angles.
    angle = 4 * np.pi * middle_m / length_m
    mean = np.arctan2(np.sin(angle).mean(), np.cos(angle).mean()) / (4 * np.pi) * length_m
    low_m = float(mean % (length_m / 2))
    first, last = np.searchsorted(run_m, [low_m, low_m + length_m / 2])
    return strand.cut(int(first), int(last)), length_m / 2
