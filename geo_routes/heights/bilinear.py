"""Values between the nodes of a grid that is read piece by piece."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geo_routes.model import FloatArray

Nodes = FloatArray
# Rows from and to, columns from and to, half-open.
Read = Callable[[int, int, int, int], Nodes]

_PIECE = 1_024
# Places are transformed to some 1e-9 of a pixel: what misses the edge by less is on it.
_EDGE = 1e-6


def bilinear(
    column: FloatArray, row: FloatArray, *, width: int, height: int, read: Read
) -> FloatArray:
    """Interpolate bilinearly between the nodes of a grid.

    Parameters
    ----------
    column, row : (n,) float64
        Places, in steps of the grid from its first node. Each node stands for the square of one
        step around it; what lies in none of them is outside.
    width, height : int
        Nodes in a row and in a column, two or more.
    read : callable
        Gives the nodes of a window; NaN where there is no value. A window has at most 1,025 nodes
        on each side.

    Returns
    -------
    (n,) float64
        NaN outside, and where a node that counts has no value.

    Notes
    -----
    In the outer half step, where there is no node to the one side, the slope between the last two
    nodes is continued, so that a plane is met exactly up to the edge.

    Examples
    --------
    >>> plane = np.arange(4.0)[:, None] * 10 + np.arange(5.0)
    >>> read = lambda r0, r1, c0, c1: plane[r0:r1, c0:c1]
    >>> bilinear(np.array([1.25, -0.5, 4.6]), np.array([2.5, 0.0, 0.0]),
    ...          width=5, height=4, read=read).tolist()
    [26.25, -0.5, nan]
    """
    values = np.full(len(column), np.nan)
    low, right, bottom = -0.5 - _EDGE, width - 0.5 + _EDGE, height - 0.5 + _EDGE
    with np.errstate(invalid="ignore"):
        inside = (column >= low) & (column <= right) & (row >= low) & (row <= bottom)
    which = np.flatnonzero(inside)
    if len(which) == 0:
        return values
    left = np.clip(np.floor(column[which]).astype(np.int64), 0, width - 2)
    top = np.clip(np.floor(row[which]).astype(np.int64), 0, height - 2)
    piece = (top // _PIECE) * (width // _PIECE + 1) + left // _PIECE
    order = np.argsort(piece, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(piece[order])) + 1):
        i, j, of = top[mine], left[mine], which[mine]
        first_row, first_column = int(i.min()), int(j.min())
        nodes = read(first_row, int(i.max()) + 2, first_column, int(j.max()) + 2)
        values[of] = _between(nodes, i - first_row, j - first_column, row[of] - i, column[of] - j)
    return values


def _between(
    nodes: Nodes, i: np.ndarray, j: np.ndarray, down: FloatArray, across: FloatArray
) -> FloatArray:
    total, counted = np.zeros(len(i)), np.zeros(len(i))
    for di, vertical in ((0, 1 - down), (1, down)):
        for dj, horizontal in ((0, 1 - across), (1, across)):
            weight, value = vertical * horizontal, nodes[i + di, j + dj]
            # A place on a node, or on the line between two, needs no other.
            needless = (np.abs(weight) < _EDGE) & np.isnan(value)
            total += np.where(needless, 0.0, weight * value)
            counted += np.where(needless, 0.0, weight)
    return total / counted
