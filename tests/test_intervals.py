"""The algebra of intervals, held against sets of whole metres."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_routes import intervals
from geo_routes.model import FloatArray

LENGTH = 40
pairs = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=8)


def metres(rows: list[tuple[int, int]] | FloatArray) -> set[int]:
    return {m for a, b in rows for m in range(int(a), int(b))}


def as_array(rows: list[tuple[int, int]]) -> FloatArray:
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


def test_a_hundred_thousand_intervals_are_no_burden() -> None:
    rows = np.arange(200_000, dtype=np.float64).reshape(-1, 2)
    assert intervals.total_m(intervals.unite(rows[::-1])) == 100_000
