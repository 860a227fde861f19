"""The algebra of intervals, held against sets of whole metres."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_routes import intervals
from geo_routes.model import FloatArray

LENGTH = 40
pairs = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=8)


def metres(rows: list[tuple[int, int]] | FloatArray) -> set[int]:
    return {m for a, b in rows for m in range(int(a), int(b))}


def as_array(rows: list[tuple[int, int]] | list[tuple[float, float]]) -> FloatArray:
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def is_union(rows: FloatArray) -> bool:
    flat = rows.ravel()
    return bool(np.all(np.diff(flat) > 0)) if len(flat) else True


@given(pairs)
def test_a_union_holds_each_metre_once(rows: list[tuple[int, int]]) -> None:
    union = intervals.unite(as_array(rows))
    assert is_union(union)
    assert metres(union) == metres(rows)
    assert intervals.total_m(union) == len(metres(rows))


@given(pairs)
def test_uniting_twice_changes_nothing(rows: list[tuple[int, int]]) -> None:
    union = intervals.unite(as_array(rows))
    assert np.array_equal(intervals.unite(union), union)


@given(pairs, pairs)
def test_intersection(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    both = intervals.intersect(as_array(one), as_array(two))
    assert is_union(both)
    assert metres(both) == metres(one) & metres(two)


@given(pairs)
def test_complement(rows: list[tuple[int, int]]) -> None:
    union = intervals.unite(as_array(rows))
    rest = intervals.complement(union, from_m=0, to_m=LENGTH)
    assert metres(rest) == set(range(LENGTH)) - metres(rows)
    assert intervals.total_m(rest) + intervals.total_m(union) == LENGTH


@given(pairs, st.integers(0, LENGTH), st.integers(0, LENGTH))
def test_clip(rows: list[tuple[int, int]], low: int, high: int) -> None:
    low, high = min(low, high), max(low, high)
    cut = intervals.clip(intervals.unite(as_array(rows)), from_m=low, to_m=high)
    assert metres(cut) == metres(rows) & set(range(low, high))


@given(pairs, st.integers(-5, LENGTH + 5))
def test_covered(rows: list[tuple[int, int]], place: int) -> None:
    union = intervals.unite(as_array(rows))
    before = intervals.covered_m(union, [float(place)])[0]
    assert before == len([m for m in metres(rows) if m < place])


@given(pairs)
def test_the_mirror_of_a_mirror(rows: list[tuple[int, int]]) -> None:
    union = intervals.unite(as_array(rows))
    mirrored = intervals.mirror(union, length_m=LENGTH)
    assert metres(mirrored) == {LENGTH - 1 - m for m in metres(rows)}
    assert np.array_equal(intervals.mirror(mirrored, length_m=LENGTH), union)


@given(pairs, pairs)
def test_disjoint_intervals_add_up(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    a = intervals.unite(as_array(one))
    b = intervals.intersect(as_array(two), intervals.complement(a, from_m=-1.0, to_m=LENGTH + 1.0))
    both = intervals.unite(np.vstack((a, b)))
    assert intervals.total_m(both) == intervals.total_m(a) + intervals.total_m(b)
    assert metres(both) == metres(one) | metres(two)


# Not only whole numbers: what the raster of metres cannot see.
fine_pairs = st.lists(
    st.tuples(st.floats(0, LENGTH), st.floats(0, LENGTH)).map(lambda ab: (min(ab), max(ab))),
    max_size=8,
)


@given(fine_pairs, st.lists(st.floats(-5, LENGTH + 5), max_size=20))
def test_a_place_is_in_the_union_where_it_is_in_an_interval(
    rows: list[tuple[float, float]], places: list[float]
) -> None:
    union = intervals.unite(as_array(rows))
    assert is_union(union)
    # The edges are the places where half-open and closed part ways.
    for place in [*places, *(edge for row in rows for edge in row)]:
        inside = any(a <= place < b for a, b in rows)
        assert inside == any(a <= place < b for a, b in union)


@given(fine_pairs, fine_pairs)
def test_lengths_of_union_and_intersection_make_those_of_both(
    one: list[tuple[float, float]], two: list[tuple[float, float]]
) -> None:
    a, b = intervals.unite(as_array(one)), intervals.unite(as_array(two))
    whole_m = intervals.total_m(intervals.unite(np.vstack((a, b))))
    common_m = intervals.total_m(intervals.intersect(a, b))
    assert whole_m + common_m == pytest.approx(
        intervals.total_m(a) + intervals.total_m(b), abs=1e-9
    )


@given(fine_pairs)
def test_covered_grows_to_the_total(rows: list[tuple[float, float]]) -> None:
    union = intervals.unite(as_array(rows))
    covered = intervals.covered_m(union, np.linspace(-1, LENGTH + 1, 300))
    assert covered[0] == 0
    assert np.all(np.diff(covered) >= -1e-12)
    assert np.all(np.diff(covered) <= (LENGTH + 2) / 299 + 1e-12)
    assert covered[-1] == pytest.approx(intervals.total_m(union), abs=1e-9)


def test_no_intervals_at_all() -> None:
    assert intervals.unite([]).shape == (0, 2)
    assert intervals.total_m([]) == 0
    assert intervals.covered_m([], [1.0, 2.0]).tolist() == [0, 0]
    assert intervals.complement([], from_m=2.0, to_m=5.0).tolist() == [[2, 5]]
    assert intervals.mirror([], length_m=10.0).shape == (0, 2)
    assert intervals.clip([], from_m=0.0, to_m=1.0).shape == (0, 2)


def test_what_is_returned_can_be_changed_without_harm() -> None:
    first = intervals.unite([[1.0, 1.0]])
    assert len(first) == 0
    rows = np.array([[1.0, 2.0]])
    union = intervals.unite(rows)
    union[0, 1] = 9.0
    assert rows.tolist() == [[1.0, 2.0]]


def test_a_hundred_thousand_intervals_are_no_burden() -> None:
    rows = np.arange(200_000, dtype=np.float64).reshape(-1, 2)
    assert intervals.total_m(intervals.unite(rows[::-1])) == 100_000


@given(pairs, pairs)
def test_difference(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    left = intervals.subtract(as_array(one), as_array(two))
    assert is_union(left)
    assert metres(left) == metres(one) - metres(two)


@given(pairs, st.lists(st.integers(-5, LENGTH + 5), min_size=2, max_size=6))
def test_slices_between_edges(rows: list[tuple[int, int]], edges: list[int]) -> None:
    edges.sort()
    union = intervals.unite(as_array(rows))
    for part, low, high in zip(
        intervals.slice_at(union, edges), edges[:-1], edges[1:], strict=True
    ):
        assert is_union(part)
        assert metres(part) == {m for m in metres(rows) if low <= m < high}
