"""Half-open intervals ``[from_m, to_m)`` along a line, as ``(k, 2)`` arrays.

A *union* here is sorted, disjoint and without empty intervals; every function that returns
intervals returns a union, so results can be fed to each other.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

EMPTY: FloatArray = np.empty((0, 2))
EMPTY.flags.writeable = False


def unite(intervals_m: npt.ArrayLike) -> FloatArray:
    """Merge intervals so that no metre is counted twice.

    Parameters
    ----------
    intervals_m : (k, 2) array_like
        In any order, overlapping or touching; one with ``to <= from`` is empty.

    Returns
    -------
    (m, 2) float64

    Examples
    --------
    >>> unite([[5.0, 7.0], [1.0, 3.0], [2.0, 4.0], [4.0, 5.0], [9.0, 9.0]]).tolist()
    [[1.0, 7.0]]
    """
    pairs = np.asarray(intervals_m, dtype=np.float64).reshape(-1, 2)
    pairs = pairs[pairs[:, 1] > pairs[:, 0]]
    if len(pairs) == 0:
        return EMPTY
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    reach = np.maximum.accumulate(pairs[:, 1])
    first = np.concatenate(([True], pairs[1:, 0] > reach[:-1]))
    last = np.concatenate((first[1:], [True]))
    return np.column_stack((pairs[first, 0], reach[last]))


def total_m(union_m: npt.ArrayLike) -> float:
    """Add up the lengths of a union.

    Examples
    --------
    >>> total_m([[0.0, 2.0], [5.0, 6.5]])
    3.5
    """
    pairs = np.asarray(union_m, dtype=np.float64).reshape(-1, 2)
    return float(np.sum(pairs[:, 1] - pairs[:, 0]))


def covered_m(union_m: npt.ArrayLike, chainage_m: npt.ArrayLike) -> FloatArray:
    """Tell how much of a union lies before each chainage.

    Parameters
    ----------
    union_m : (k, 2) array_like
        A union.
    chainage_m : (n,) array_like
        Where to ask.

    Returns
    -------
    (n,) float64
        Metres of the union in ``(-inf, chainage_m)``; differences give the share of a stretch.
    """
    pairs = np.asarray(union_m, dtype=np.float64).reshape(-1, 2)
    places = np.asarray(chainage_m, dtype=np.float64)
    if len(pairs) == 0:
        return np.zeros_like(places)
    lengths = pairs[:, 1] - pairs[:, 0]
    before = np.concatenate(([0.0], np.cumsum(lengths)))
    index = np.searchsorted(pairs[:, 0], places, side="right")
    inside = np.where(index > 0, places - pairs[np.maximum(index - 1, 0), 0], 0.0)
    whole = np.maximum(index - 1, 0)
    return np.asarray(
        before[whole] + np.clip(inside, 0.0, np.where(index > 0, lengths[whole], 0.0))
    )


def clip(union_m: npt.ArrayLike, *, from_m: float, to_m: float) -> FloatArray:
    """Keep what lies within ``[from_m, to_m)``."""
    pairs = np.asarray(union_m, dtype=np.float64).reshape(-1, 2)
    return unite(np.clip(pairs, from_m, to_m))


def complement(union_m: npt.ArrayLike, *, from_m: float, to_m: float) -> FloatArray:
    """Give what of ``[from_m, to_m)`` a union leaves out.

    Examples
    --------
    >>> complement([[2.0, 3.0]], from_m=0.0, to_m=10.0).tolist()
    [[0.0, 2.0], [3.0, 10.0]]
    """
    inside = clip(union_m, from_m=from_m, to_m=to_m)
    starts = np.concatenate(([from_m], inside[:, 1]))
    ends = np.concatenate((inside[:, 0], [to_m]))
    return unite(np.column_stack((starts, ends)))


def intersect(one_m: npt.ArrayLike, other_m: npt.ArrayLike) -> FloatArray:
    """Give what lies in both of two unions.

    Examples
    --------
    >>> intersect([[0.0, 4.0], [6.0, 9.0]], [[3.0, 7.0]]).tolist()
    [[3.0, 4.0], [6.0, 7.0]]
    """
    one, other = unite(one_m), unite(other_m)
    if len(one) == 0 or len(other) == 0:
        return EMPTY
    edges = np.unique(np.concatenate((one.ravel(), other.ravel())))
    middle = (edges[:-1] + edges[1:]) / 2
    both = _holds(one, middle) & _holds(other, middle)
    return unite(np.column_stack((edges[:-1], edges[1:]))[both])


def subtract(one_m: npt.ArrayLike, other_m: npt.ArrayLike) -> FloatArray:
    """Give what lies in the first of two unions and not in the second.

    Examples
    --------
    >>> subtract([[0.0, 4.0], [6.0, 9.0]], [[3.0, 7.0]]).tolist()
    [[0.0, 3.0], [7.0, 9.0]]
    """
    one = unite(one_m)
    if len(one) == 0:
        return EMPTY
    return intersect(one, complement(other_m, from_m=float(one[0, 0]), to_m=float(one[-1, 1])))


def slice_at(union_m: npt.ArrayLike, edges_m: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Slice a union by the sections between neighbouring edges.

    Parameters
    ----------
    union_m : (k, 2) array_like
    edges_m : (n,) array_like
        Rising chainages.

    Returns
    -------
    tuple of (m, 2) float64
        One union for each of the n - 1 sections.

    Examples
    --------
    >>> [part.tolist() for part in slice_at([[1.0, 4.0]], [0.0, 2.0, 3.0, 5.0])]
    [[[1.0, 2.0]], [[2.0, 3.0]], [[3.0, 4.0]]]
    """
    edges = np.asarray(edges_m, dtype=np.float64).tolist()
    return tuple(clip(union_m, from_m=a, to_m=b) for a, b in pairwise(edges))


def mirror(union_m: npt.ArrayLike, *, length_m: float) -> FloatArray:
    """Give the same intervals as seen from the other end of a line of ``length_m``."""
    pairs = np.asarray(union_m, dtype=np.float64).reshape(-1, 2)
    return unite(length_m - pairs[:, ::-1])


def _holds(union_m: FloatArray, places_m: FloatArray) -> npt.NDArray[np.bool_]:
    index = np.searchsorted(union_m[:, 0], places_m, side="right") - 1
    return np.asarray((index >= 0) & (places_m < union_m[np.maximum(index, 0), 1]))
