"""One track and the other beside it → the middle between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from geo_routes import geodesy
from geo_routes.assembly.network import Network
from geo_routes.assembly.pieces import Decision
from geo_routes.assembly.strands import Strand, sample
from geo_routes.model import Axis, FloatArray, IntArray

# Past this, two tracks have parted and each has a line of its own.
_WIDEST_M = 25.0
_SAME_HEADING = float(np.cos(np.radians(20.0)))
_STEP_M = 5.0
_RUNNING_COST = 1.5
_DECIMALS = 8


def centre_line(
    network: Network, strands: Sequence[Strand], decisions: list[Decision]
) -> tuple[FloatArray, Axis]:
    """Move the vertices of the chosen track to the middle between it and the next one.

    Parameters
    ----------
    network : Network
    strands : sequence of Strand
        The chosen track.
    decisions : list of Decision
        Appended to.

    Returns
    -------
    lonlat : (n, 2) float64
        One for each vertex of the strands, in turn.
    axis : {"track", "centreline"}
        ``"track"`` where there is no other.
    """
    vertex = np.concatenate([s.vertex for s in strands])
    lonlat = network.pieces.lonlat[vertex]
    other = _other_tracks(network, strands)
    if other is None:
        decisions.append(
            Decision(
                code="centreline.none",
                reason="no second track runs beside the line, so the track itself is the axis",
                metres=0.0,
            )
        )
        return lonlat, "track"
    places_m, headings = other
    tree = cKDTree(places_m)
    moved = []
    held_m = total_m = 0.0
    for strand in strands:
        line_m = network.ecef_m[strand.vertex]
        shift_m, has = _half_way(line_m, tree, headings)
        run_m = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(line_m, axis=0), axis=1))))
        step_m = np.gradient(run_m)
        held_m += float(step_m[has].sum())
        total_m += float(step_m.sum())
        # Where the other track is out of reach, the shift runs over from what it was to what it
        # will be: a jump would be a kink.
        if has.any():
            shift_m = np.interp(run_m, run_m[has], shift_m[has])
        moved.append(_shift(network.pieces.lonlat[strand.vertex], line_m, shift_m))
    decisions.append(
        Decision(
            code="centreline.middle",
            reason=f"the middle of two tracks for {held_m / max(total_m, 1e-9):.0%} of the line; "
            "elsewhere the offset runs over from one place to the next",
            metres=held_m,
            kept=True,
        )
    )
    return np.concatenate(moved), "centreline"


def _other_tracks(
    network: Network, strands: Sequence[Strand]
) -> tuple[FloatArray, FloatArray] | None:
    used = np.zeros(len(network.edge_from), dtype=bool)
    for strand in strands:
        used[strand.edge // 2] = True
    owner = network.edge_piece
    track = network.pieces.cost[np.maximum(owner, 0)] <= _RUNNING_COST
    free = np.flatnonzero(~used & (owner >= 0) & track)
    sampled = [
        sample(network.ecef_m[network.edge_from[e] : network.edge_to[e] + 1], step_m=_STEP_M)
        for e in free.tolist()
    ]
    if not sampled:
        return None
    return np.concatenate([s[0] for s in sampled]), np.concatenate([s[1] for s in sampled])


def _half_way(
    line_m: FloatArray, tree: cKDTree, headings: FloatArray
) -> tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Half the way to the other track, left positive, at each vertex; and where there is one."""
    heading, left = _axes(line_m)
    near = tree.query_ball_point(line_m, _WIDEST_M)
    shift_m = np.zeros(len(line_m))
    has = np.zeros(len(line_m), dtype=bool)
    places_m = np.asarray(tree.data)
    offsets: list[FloatArray] = []
    for i, found in enumerate(near):
        at: IntArray = np.asarray(found, dtype=np.int64)
        away = places_m[at] - line_m[i]
        square = np.abs(away @ heading[i]) <= _STEP_M
        same = np.abs(headings[at] @ heading[i]) >= _SAME_HEADING
        offsets.append((away @ left[i])[square & same])
    # One side for the whole strand: the one that has the other track more often.
    lefts = sum(bool((o > 0).any()) for o in offsets)
    rights = sum(bool((o < 0).any()) for o in offsets)
    side = 1.0 if lefts >= rights else -1.0
    for i, offset in enumerate(offsets):
        mine = side * offset
        mine = mine[mine > 0]
        if len(mine):
            shift_m[i] = side * float(mine.min()) / 2
            has[i] = True
    return shift_m, has


def _axes(line_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give unit vectors along the line and to its left at each vertex."""
    heading = np.gradient(line_m, axis=0)
    heading /= np.maximum(np.linalg.norm(heading, axis=1), 1e-9)[:, None]
    up = line_m / np.linalg.norm(line_m, axis=1)[:, None]
    left = np.cross(up, heading)
    return heading, left / np.maximum(np.linalg.norm(left, axis=1), 1e-9)[:, None]


def _shift(lonlat: FloatArray, line_m: FloatArray, shift_m: FloatArray) -> FloatArray:
    _, left = _axes(line_m)
    east_m, north_m = geodesy.metres_per_degree(lonlat[:, 1])
    longitude, latitude = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    east = np.column_stack((-np.sin(longitude), np.cos(longitude), np.zeros(len(lonlat))))
    north = np.column_stack(
        (
            -np.sin(latitude) * np.cos(longitude),
            -np.sin(latitude) * np.sin(longitude),
            np.cos(latitude),
        )
    )
    move = left * shift_m[:, None]
    moved_deg = np.column_stack(
        (
            np.einsum("ij,ij->i", move, east) / east_m,
            np.einsum("ij,ij->i", move, north) / north_m,
        )
    )
    # A millimetre: what is made up need not claim more.
    return np.asarray(np.round(lonlat + moved_deg, _DECIMALS))
