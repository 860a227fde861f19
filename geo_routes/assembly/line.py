"""Pieces → one line: the main path, what is joined to it, and what is left out and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from geo_routes import geodesy
from geo_routes.assembly.between import STOP_REACH_M, add_stops, path_between
from geo_routes.assembly.centre import centre_line
from geo_routes.assembly.leftovers import sort_leftovers
from geo_routes.assembly.network import GAP_TOLERANCE_M, Network, build_network
from geo_routes.assembly.parts import choose_parts, note_switches, order_parts
from geo_routes.assembly.pieces import Decision, Pieces
from geo_routes.assembly.places import favour
from geo_routes.assembly.strands import Strand, lay_strand, unfold
from geo_routes.assembly.through import through_paths
from geo_routes.errors import MalformedFile
from geo_routes.model import Axis, FloatArray, IntArray

# Of as many metres drawn this way as that, rounding must not decide.
_NO_MAJORITY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a piece lies on the line; ``piece`` is -1 for a bridged gap."""

    piece: int
    from_m: float
    to_m: float
    turned: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assembly:
    """One ordered line, and how it came about.

    Parameters
    ----------
    lonlat : (n, 2) float64
    part_starts : (k,) int64
        First vertex of each part; what lies between two parts is a gap.
    drawn : (n, 2) float64
        Each vertex where the pieces have it; other than `lonlat` on a centre line alone.
    chainage_m : (n,) float64
    spans : tuple of Span
        By chainage.
    decisions : tuple of Decision
    axis : {"track", "centreline"}
    ring : bool
    """

    lonlat: FloatArray
    part_starts: IntArray
    drawn: FloatArray
    chainage_m: FloatArray
    spans: tuple[Span, ...]
    decisions: tuple[Decision, ...]
    axis: Axis
    ring: bool

    @property
    def length_m(self) -> float:
        """Geodesic length of all parts."""
        return float(self.chainage_m[-1])

    def turned(self) -> Assembly:
        """Give the line from its other end."""
        length_m, count = self.length_m, len(self.lonlat)
        ends = np.append(self.part_starts[1:], count)
        return replace(
            self,
            lonlat=self.lonlat[::-1].copy(),
            drawn=self.drawn[::-1].copy(),
            part_starts=(count - ends)[::-1].copy(),
            chainage_m=length_m - self.chainage_m[::-1],
            spans=tuple(
                Span(
                    piece=s.piece,
                    from_m=length_m - s.to_m,
                    to_m=length_m - s.from_m,
                    turned=not s.turned,
                )
                for s in reversed(self.spans)
            ),
        )


def assemble(
    pieces: Pieces,
    *,
    gap_tolerance_m: float = GAP_TOLERANCE_M,
    axis: Axis = "track",
    places: npt.ArrayLike | None = None,
    ends: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
) -> Assembly:
    """Put loose pieces together to one line.

    Parameters
    ----------
    pieces : Pieces
    gap_tolerance_m : float
        Gaps up to this are bridged by a straight line, larger ones divide the line into parts.
    axis : {"track", "centreline"}
        Where there are two tracks, follow one of them, or the middle between both.
    places : (m, 2) array_like, optional
        Stations: a path that passes more of them is preferred.
    ends : pair of (2,) array_like, optional
        Two places that the line runs between, origin and terminus.

    Returns
    -------
    Assembly

    Raises
    ------
    MalformedFile
        If there is nothing to assemble, or no way between the two places.

    Examples
    --------
    >>> from geo_routes.assembly import pack
    >>> line = assemble(pack([[[0, 0.01], [0, 0.02]], [[0, 0.01], [0, 0]]]))
    >>> line.lonlat[:, 1].tolist()
    [0.0, 0.01, 0.02]
    """
    stations = (
        np.empty((0, 2)) if places is None else np.asarray(places, dtype=np.float64).reshape(-1, 2)
    )
    decisions: list[Decision] = []
    if ends is not None:
        network, strands = _between(pieces, ends, gap_tolerance_m, decisions)
    else:
        network = build_network(_as_drawn(pieces), gap_tolerance_m=gap_tolerance_m)
        if len(network.tail) == 0:
            reason = "holds no line that has a length"
            raise MalformedFile(reason, remedy="choose other ways")
        network = favour(network, stations)
        paths = through_paths(network)
        strands = choose_parts(network, paths, decisions)
    if not _is_alone(pieces):
        strands = [_unfold(strand, network, decisions) for strand in strands]
    strands = order_parts(network, strands)
    if ends is None:
        strands = _face_forward(network, strands)
    decisions += _bridges_and_snaps(network, strands)
    line = np.concatenate([s.vertex for s in strands])
    part_starts = np.concatenate(([0], np.cumsum([len(s.vertex) for s in strands])[:-1]))
    lonlat = network.pieces.lonlat[line]
    if axis == "centreline":
        lonlat, axis = centre_line(network, strands, decisions)
    steps_m = geodesy.segment_lengths_m(lonlat)
    gaps = part_starts[1:] - 1
    decisions += _gaps(lonlat, steps_m, gaps, gap_tolerance_m)
    steps_m[gaps] = 0.0
    chainage_m = np.concatenate(([0.0], np.cumsum(steps_m)))
    decisions += sort_leftovers(network, strands, is_between=ends is not None)
    return Assembly(
        lonlat=lonlat,
        part_starts=part_starts.astype(np.int64),
        drawn=network.pieces.lonlat[line],
        chainage_m=chainage_m,
        spans=_spans(network, strands, part_starts, chainage_m),
        decisions=tuple(decisions),
        axis=axis,
        ring=len(strands) == 1 and strands[0].ring,
    )


def _is_alone(pieces: Pieces) -> bool:
    return int(np.count_nonzero(np.diff(pieces.offsets) > 1)) == 1


def _as_drawn(pieces: Pieces) -> Pieces:
    """Let a piece that is alone be the line as it was drawn, though it may touch itself.

    A journey that goes into a terminus and out again passes the same track twice, and means it.
    """
    if not _is_alone(pieces):
        return pieces
    node = np.arange(len(pieces.node))
    first = int(np.argmax(np.diff(pieces.offsets) > 1))
    begin, end = int(pieces.offsets[first]), int(pieces.offsets[first + 1]) - 1
    if pieces.node[begin] == pieces.node[end]:
        node[end] = node[begin]
    return replace(pieces, node=node)


def _between(
    pieces: Pieces,
    ends: tuple[npt.ArrayLike, npt.ArrayLike],
    gap_tolerance_m: float,
    decisions: list[Decision],
) -> tuple[Network, list[Strand]]:
    stopped = pieces
    places = [np.asarray(end, dtype=np.float64).reshape(2) for end in ends]
    for place in places:
        stopped = add_stops(stopped, place)[0]
    # Once more, now that all are in: the second place moved the vertices of the first.
    found = [add_stops(stopped, place)[1:] for place in places]
    for place, (vertices, _) in zip(places, found, strict=True):
        if len(vertices) == 0:
            reason = f"has no track within {STOP_REACH_M:.0f} m of {place[0]:.5f}, {place[1]:.5f}"
            raise MalformedFile(reason, remedy="choose a station on the line")
    network = build_network(
        stopped, gap_tolerance_m=gap_tolerance_m, stops=np.concatenate([f[0] for f in found])
    )
    path = path_between(
        network, found[0][0], found[1][0], offsets_m=np.concatenate([f[1] for f in found])
    )
    if path is None:
        reason = "has no continuous way between the two stations"
        raise MalformedFile(
            reason, remedy="raise --gap-tolerance, or choose a line by --ref or --way-name"
        )
    note_switches(network, path, decisions)
    return network, [lay_strand(network, path.chains)]


def _unfold(strand: Strand, network: Network, decisions: list[Decision]) -> Strand:
    cut, left_m = unfold(strand, network.ecef_m)
    if left_m > 0:
        gone = np.setdiff1d(strand.edge // 2, cut.edge // 2)
        owners = np.unique(network.edge_piece[gone])
        decisions.append(
            Decision(
                code="turning_loop",
                reason="the track turns round in a loop and comes back beside itself: one way of "
                "it is taken",
                metres=left_m,
                pieces=tuple(owners[owners >= 0].tolist()),
            )
        )
    return cut


def _face_forward(network: Network, strands: list[Strand]) -> list[Strand]:
    """Turn the line so that most of it runs as it was drawn; in doubt, as its first piece."""
    forth_m, whole_m = 0.0, 0.0
    for strand in strands:
        step_m = np.linalg.norm(np.diff(network.ecef_m[strand.vertex], axis=0), axis=1)
        forth_m += float(np.sum(np.where(strand.edge % 2 == 0, step_m, -step_m)))
        whole_m += float(step_m.sum())
    if abs(forth_m) <= _NO_MAJORITY * whole_m:
        edges = np.concatenate([s.edge for s in strands])
        owner = network.edge_piece[edges // 2]
        owner = np.where(owner < 0, len(network.pieces), owner)
        forth_m = 1.0 if edges[int(np.argmin(owner))] % 2 == 0 else -1.0
    if forth_m > 0:
        return strands
    return [strand.turned() for strand in reversed(strands)]


def _bridges_and_snaps(network: Network, strands: Sequence[Strand]) -> list[Decision]:
    decisions = []
    for strand in strands:
        edges = strand.edge // 2
        for edge in np.unique(edges[network.edge_piece[edges] < 0]).tolist():
            vertex = int(network.edge_from[edge])
            gap_m = float(network.edge_length_m[edge])
            decisions.append(
                Decision(
                    code="gap.bridged",
                    reason=f"two ends point at each other across {gap_m:.1f} m",
                    metres=gap_m,
                    kept=True,
                    lonlat=_place(network, vertex),
                )
            )
    on_line = np.zeros(len(network.ecef_m), dtype=bool)
    for strand in strands:
        on_line[strand.vertex] = True
    for one, other in network.snapped.tolist():
        if on_line[one] or on_line[other]:
            apart_m = float(np.linalg.norm(network.ecef_m[one] - network.ecef_m[other]))
            decisions.append(
                Decision(
                    code="ends.snapped",
                    reason=f"two ends {apart_m:.2f} m apart are one place",
                    metres=apart_m,
                    kept=True,
                    lonlat=_place(network, one),
                )
            )
    return decisions


def _place(network: Network, vertex: int) -> tuple[float, float]:
    longitude, latitude = network.pieces.lonlat[vertex].tolist()
    return longitude, latitude


def _gaps(
    lonlat: FloatArray, steps_m: FloatArray, gaps: IntArray, gap_tolerance_m: float
) -> list[Decision]:
    return [
        Decision(
            code="gap.split",
            reason=f"nothing joins the two parts: past the tolerance of {gap_tolerance_m:g} m"
            if steps_m[gap] > gap_tolerance_m
            else "the two ends do not point at each other",
            metres=float(steps_m[gap]),
            kept=False,
            lonlat=(float(lonlat[gap, 0]), float(lonlat[gap, 1])),
        )
        for gap in gaps.tolist()
    ]


def _spans(
    network: Network, strands: Sequence[Strand], part_starts: IntArray, chainage_m: FloatArray
) -> tuple[Span, ...]:
    spans = []
    for strand, start in zip(strands, part_starts.tolist(), strict=True):
        piece = network.edge_piece[strand.edge // 2]
        turned = strand.edge % 2 == 1
        change = np.flatnonzero((np.diff(piece) != 0) | (np.diff(turned) != 0)) + 1
        edges = np.concatenate(([0], change, [len(piece)])).tolist()
        for first, last in pairwise(edges):
            spans.append(
                Span(
                    piece=int(piece[first]),
                    from_m=float(chainage_m[start + first]),
                    to_m=float(chainage_m[start + last]),
                    turned=bool(turned[first]),
                )
            )
    return tuple(spans)
