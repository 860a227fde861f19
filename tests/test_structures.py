"""Structures on a line: shares that add up, and what is said of intervals that cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_routes import intervals
from geo_routes.model import STRUCTURE_KINDS, Route, Structure, StructureKind
from geo_routes.structures import resolve

LINE = np.array([[0.0, 0.0], [0.1, 0.0]])
LENGTH_M = 10_000.0

inside = st.floats(0, LENGTH_M)
anywhere = st.floats(-2 * LENGTH_M, 3 * LENGTH_M)
kinds = st.sampled_from(STRUCTURE_KINDS)


def interval(kind: StructureKind, from_m: float, to_m: float) -> Structure:
    return Structure(kind=kind, from_m=from_m, to_m=to_m)


def structures(ends: st.SearchStrategy[float]) -> st.SearchStrategy[list[Structure]]:
    return st.lists(st.builds(interval, kinds, ends, ends), max_size=8)


def route(*filed: Structure, **members: object) -> Route:
    return Route(lonlat=LINE, structures=tuple(filed), **members)  # type: ignore[arg-type]


def tunnel_m(*filed: Structure) -> float:
    resolved = resolve(route(*filed), length_m=LENGTH_M)
    return intervals.total_m(resolved.by_kind.get("tunnel", intervals.EMPTY))


def codes(*filed: Structure, **members: object) -> list[tuple[str, str]]:
    remarks = resolve(route(*filed, **members), length_m=LENGTH_M).remarks
    return [(f.code, f.severity) for f in remarks]


def covered_in_steps_m(filed: list[Structure], kind: StructureKind) -> float:
    """Count the half-metre steps whose middle lies in a structure of the kind."""
    middles = np.arange(0.25, LENGTH_M, 0.5)
    hit = np.zeros(len(middles), dtype=bool)
    for s in filed:
        if s.kind == kind and s.from_m is not None and s.to_m is not None:
            low, high = sorted((s.from_m, s.to_m))
            hit |= (low <= middles) & (middles < high)
    return float(np.sum(hit)) / 2


@given(structures(anywhere), kinds)
def test_a_kind_is_as_long_as_the_steps_that_lie_in_it(
    filed: list[Structure], kind: StructureKind
) -> None:
    resolved = resolve(route(*filed), length_m=LENGTH_M)
    total_m = intervals.total_m(resolved.by_kind.get(kind, intervals.EMPTY))
    assert total_m == pytest.approx(covered_in_steps_m(filed, kind), abs=0.5 * (len(filed) + 1))
    assert 0 <= total_m <= LENGTH_M


@given(structures(anywhere))
def test_resolved_structures_lie_on_the_line_in_order(filed: list[Structure]) -> None:
    resolved = resolve(route(*filed), length_m=LENGTH_M)
    ends = [(s.from_m, s.to_m) for s in resolved.structures]
    assert all(a is not None and b is not None and 0 <= a < b <= LENGTH_M for a, b in ends)
    assert ends == sorted(ends, key=lambda pair: pair[0] or 0)
    assert resolved.informed == bool(ends)


@given(st.lists(st.tuples(inside, inside).map(sorted), max_size=6), st.floats(0, LENGTH_M))
def test_the_share_is_additive_over_disjoint_tunnels(
    pairs: list[list[float]], cut_m: float
) -> None:
    before = [interval("tunnel", min(a, cut_m), min(b, cut_m)) for a, b in pairs]
    after = [interval("tunnel", max(a, cut_m), max(b, cut_m)) for a, b in pairs]
    whole = [interval("tunnel", a, b) for a, b in pairs]
    assert tunnel_m(*before) + tunnel_m(*after) == pytest.approx(tunnel_m(*whole), abs=1e-6)


@given(structures(inside))
def test_what_is_listed_twice_is_counted_once(filed: list[Structure]) -> None:
    assert tunnel_m(*filed, *filed) == tunnel_m(*filed)


@given(structures(inside))
def test_the_share_is_the_same_from_the_other_end(filed: list[Structure]) -> None:
    mirrored = [
        interval(s.kind, LENGTH_M - s.to_m, LENGTH_M - s.from_m)
        for s in filed
        if s.from_m is not None and s.to_m is not None
    ]
    assert tunnel_m(*mirrored) == pytest.approx(tunnel_m(*filed), abs=1e-6)
    there = resolve(route(*filed), length_m=LENGTH_M).by_kind
    back = resolve(route(*mirrored), length_m=LENGTH_M).by_kind
    # Seen from the far end, an interval below the rounding of its chainage has no length.
    for kind in STRUCTURE_KINDS:
        one_m = intervals.total_m(there.get(kind, intervals.EMPTY))
        other_m = intervals.total_m(back.get(kind, intervals.EMPTY))
        assert one_m == pytest.approx(other_m, abs=2e-6)


@given(structures(inside), st.lists(inside, min_size=2, max_size=6).map(sorted))
def test_shares_between_edges_add_up(filed: list[Structure], edges_m: list[float]) -> None:
    resolved = resolve(route(*filed, structures_complete=True), length_m=LENGTH_M)
    of_kind_m, known_m = resolved.shares("tunnel", [0.0, *edges_m, LENGTH_M])
    assert np.sum(of_kind_m) == pytest.approx(tunnel_m(*filed), abs=1e-6)
    assert np.sum(known_m) == pytest.approx(LENGTH_M)
    assert np.all(of_kind_m >= -1e-9)
    assert np.all(of_kind_m <= known_m + 1e-9)


@given(structures(anywhere), st.lists(st.tuples(inside, inside).map(sorted), max_size=3))
def test_what_is_known_holds_every_structure_and_lies_on_the_line(
    filed: list[Structure], open_m: list[list[float]]
) -> None:
    pairs = np.array(open_m, dtype=float).reshape(-1, 2)
    resolved = resolve(route(*filed, open_m=pairs), length_m=LENGTH_M)
    known_m = intervals.total_m(resolved.known_m)
    assert 0 <= known_m <= LENGTH_M
    for union in resolved.by_kind.values():
        both = intervals.total_m(intervals.intersect(union, resolved.known_m))
        assert both == pytest.approx(intervals.total_m(union), abs=1e-6)


@pytest.mark.parametrize(
    "from_m,to_m,code,place_m",
    [
        (300.0, 100.0, "structures.reversed", 100.0),
        (-5.0, 100.0, "structures.negative", 0.0),
        (9_900.0, 10_005.0, "structures.beyond", LENGTH_M),
        (10_001.0, 10_005.0, "structures.outside", LENGTH_M),
        (-9.0, -5.0, "structures.outside", 0.0),
    ],
)
def test_an_interval_that_cannot_be_is_an_error_with_its_place(
    from_m: float, to_m: float, code: str, place_m: float
) -> None:
    resolved = resolve(route(interval("viaduct", from_m, to_m)), length_m=LENGTH_M)
    [finding] = resolved.remarks
    assert (finding.code, finding.severity, finding.chainage_m) == (code, "error", place_m)
    assert finding.route == "unnamed route"
    assert len(resolved.structures) == (0 if code == "structures.outside" else 1)


@pytest.mark.parametrize("to_m", [LENGTH_M, LENGTH_M + 0.9])
def test_an_end_that_is_rounded_past_the_line_is_no_finding(to_m: float) -> None:
    resolved = resolve(route(interval("tunnel", 9_000, to_m)), length_m=LENGTH_M)
    assert resolved.remarks == ()
    assert resolved.structures[0].to_m == LENGTH_M


def test_an_empty_interval_is_passed_over() -> None:
    assert codes(interval("tunnel", 5.0, 5.0)) == []
    assert tunnel_m(interval("tunnel", 5.0, 5.0)) == 0


@pytest.mark.parametrize(
    "second,code",
    [
        (interval("tunnel", 100, 200), "structures.overlap"),
        (interval("tunnel", 120, 150), "structures.overlap"),
        (interval("tunnel", 199, 300), "structures.overlap"),
        (interval("viaduct", 150, 300), "structures.contradiction"),
        (interval("at_grade", 0, 300), "structures.contradiction"),
    ],
)
def test_an_overlap_is_a_warning(second: Structure, code: str) -> None:
    assert codes(interval("tunnel", 100, 200), second) == [(code, "warning")]


@pytest.mark.parametrize(
    "second",
    [
        interval("tunnel", 200, 300),
        interval("viaduct", 200, 300),
        interval("cutting", 100, 300),
        interval("viaduct", 199.5, 300),
    ],
)
def test_neighbours_and_what_a_tunnel_may_lie_under_are_no_finding(second: Structure) -> None:
    assert codes(interval("tunnel", 100, 200), second) == []


def test_official_kilometres_are_not_placed_and_said_so() -> None:
    filed = Structure(kind="tunnel", from_km=3.0, to_km=4.0)
    resolved = resolve(route(filed), length_m=LENGTH_M)
    assert [(f.code, f.severity) for f in resolved.remarks] == [
        ("structures.official_km", "warning"),
    ]
    assert resolved.structures == ()


@pytest.mark.parametrize(
    "of_length_m,stale", [(10_000.0, False), (10_009.0, False), (10_011.0, True), (9_980.0, True)]
)
def test_structures_of_another_line_are_stale_past_a_thousandth(
    of_length_m: float, stale: bool
) -> None:
    found = codes(interval("tunnel", 1, 2), of_length_m=of_length_m)
    assert found == ([("structures.stale", "error")] if stale else [])


@pytest.mark.parametrize(
    "members,known_m",
    [
        ({}, None),
        ({"tunnels_complete": True}, LENGTH_M),
        ({"structures_complete": True}, LENGTH_M),
        ({"open_m": np.array([[100.0, 400.0]])}, 300.0),
        ({"open_m": np.array([[9_900.0, 20_000.0]])}, 100.0),
    ],
)
def test_without_structures_what_is_known_is_what_is_stated(
    members: dict[str, object], known_m: float | None
) -> None:
    resolved = resolve(route(**members), length_m=LENGTH_M)
    assert resolved.informed == (known_m is not None)
    assert intervals.total_m(resolved.known_m) == (known_m or 0.0)
    assert not resolved.by_kind


def test_a_hundred_thousand_intervals_are_resolved() -> None:
    filed = [interval("tunnel", i / 10, i / 10 + 0.05) for i in range(100_000)]
    assert tunnel_m(*filed) == pytest.approx(5_000)
