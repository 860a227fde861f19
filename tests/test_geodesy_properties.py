"""What must hold for the length of any line."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pyproj import Geod

from geo_routes import geodesy
from geo_routes.model import FloatArray

GEOD = Geod(ellps="WGS84")


def walk(steps: FloatArray, latitude: float, longitude: float = 0.0) -> FloatArray:
    return np.cumsum(np.vstack(([longitude, latitude], steps)), axis=0)


def total_m(line: FloatArray) -> float:
    return float(geodesy.line_lengths_m(line, np.array([0, len(line)]))[0])


long_steps = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 30), st.just(2)),
    elements=st.floats(-89.9, 89.9, allow_nan=False),
)
small_steps = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-0.02, 0.02)
)
# Short steps and long ones are measured by different formulas: both have to be met.
lines = long_steps | st.builds(walk, small_steps, st.floats(-85, 85), st.floats(-180, 180))


@given(lines)
def test_a_line_is_as_long_as_its_reverse(line: FloatArray) -> None:
    assert total_m(line[::-1].copy()) == pytest.approx(total_m(line), rel=1e-12, abs=5e-9)


@given(small_steps, st.floats(-80, 80), st.floats(-360, 360))
def test_a_shift_of_longitude_changes_no_length(
    steps: FloatArray, latitude: float, shift: float
) -> None:
    line = walk(steps, latitude)
    moved = line + np.array((shift, 0.0))
    assert total_m(moved) == pytest.approx(total_m(line), abs=1e-6)


@given(lines, st.data())
def test_a_split_at_a_vertex_adds_up(line: FloatArray, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(line) - 1))
    parts = total_m(line[: at + 1]) + total_m(line[at:])
    assert parts == pytest.approx(total_m(line), rel=1e-14, abs=1e-6)


@given(small_steps, st.floats(-80, 80))
def test_vertices_added_on_the_geodesic_change_nothing(steps: FloatArray, latitude: float) -> None:
    line = walk(steps, latitude)
    dense = [line[:1]]
    for a, b in pairwise(line):
        inner = GEOD.npts(a[0], a[1], b[0], b[1], 3)
        dense += [np.array(inner), b[None]] if not np.allclose(a, b, atol=1e-9) else [b[None]]
    assert total_m(np.vstack(dense)) == pytest.approx(total_m(line), abs=1e-6)


@given(lines)
def test_repeated_vertices_change_nothing(line: FloatArray) -> None:
    assert total_m(np.repeat(line, 3, axis=0)) == pytest.approx(total_m(line), rel=1e-12, abs=1e-9)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_packed_lines_are_the_sums_of_their_steps(sizes: list[int], seed: int) -> None:
    flat = np.random.default_rng(seed).uniform((-179, -80), (179, 80), (sum(sizes), 2))
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    ours_m = geodesy.line_lengths_m(flat, offsets)
    for length_m, a, b in zip(ours_m, offsets[:-1], offsets[1:], strict=True):
        assert length_m == pytest.approx(geodesy.segment_lengths_m(flat[a:b]).sum(), abs=1e-6)
