"""Pieces to a line, on small cases whose answer is plain to see."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo_routes.assembly import Assembly, Decision, assemble, pack
from geo_routes.assembly.chains import make_chains
from geo_routes.errors import InvalidCoordinates, MalformedFile

GEOD = Geod(ellps="WGS84")
M_PER_DEG = 111_320.0


def metres(*rows: tuple[float, float]) -> np.ndarray:
    """Metres east and north of a place on the equator, as longitude and latitude."""
    return np.array([10.0, 0.0]) + np.array(rows, dtype=np.float64) / M_PER_DEG


def codes(line: Assembly) -> list[str]:
    return [d.code for d in line.decisions]


def decision(line: Assembly, code: str) -> Decision:
    return next(d for d in line.decisions if d.code == code)


def straight(
    first_m: float, last_m: float, *, north_m: float = 0.0, step_m: float = 50
) -> np.ndarray:
    count = max(round(abs(last_m - first_m) / step_m), 1) + 1
    return metres(*((x, north_m) for x in np.linspace(first_m, last_m, count)))


def test_order_and_direction_do_not_matter() -> None:
    whole = straight(0, 1000)
    parts = [whole[:6], whole[5:12], whole[11:]]
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        for turned in range(8):
            given_ = [parts[i][:: -1 if turned >> i & 1 else 1] for i in order]
            line = assemble(pack(given_))
            same = np.array_equal(line.lonlat, whole) or np.array_equal(line.lonlat, whole[::-1])
            assert same
            assert line.decisions == ()


def test_the_line_faces_as_most_of_it_was_drawn() -> None:
    long, short = straight(0, 800), straight(800, 1000)
    assert assemble(pack([short[::-1], long])).lonlat[0].tolist() == long[0].tolist()
    assert assemble(pack([short, long[::-1]])).lonlat[0].tolist() == short[-1].tolist()


def test_length_and_spans_are_geodesic() -> None:
    one, other = straight(0, 300), straight(1000, 300)
    line = assemble(pack([other, one]))
    assert line.length_m == pytest.approx(GEOD.line_length(*line.lonlat.T), abs=1e-6)
    assert [s.piece for s in line.spans] in ([0, 1], [1, 0])
    by_piece = {s.piece: s for s in line.spans}
    assert by_piece[1].to_m - by_piece[1].from_m == pytest.approx(
        GEOD.line_length(*one.T), abs=1e-6
    )
    assert by_piece[0].turned != by_piece[1].turned


def test_a_line_turned_round_is_mirrored() -> None:
    line = assemble(pack([straight(0, 300), straight(900, 400), straight(1000, 1500)]))
    back = line.turned()
    np.testing.assert_array_equal(back.lonlat, line.lonlat[::-1])
    assert back.length_m == pytest.approx(line.length_m)
    np.testing.assert_allclose(back.turned().chainage_m, line.chainage_m, atol=1e-9)
    np.testing.assert_array_equal(back.turned().part_starts, line.part_starts)
    assert back.spans[0].from_m == pytest.approx(line.length_m - line.spans[-1].to_m)
    assert [s.turned for s in back.spans] == [not s.turned for s in reversed(line.spans)]


@pytest.mark.parametrize(
    "gap_m,tolerance_m,bridged", [(20, 50, True), (49, 50, True), (51, 50, False), (20, 10, False)]
)
def test_a_gap_is_bridged_within_the_tolerance_else_the_line_is_split(
    gap_m: float, tolerance_m: float, *, bridged: bool
) -> None:
    parts = [straight(0, 500), straight(500 + gap_m, 1000 + gap_m)]
    line = assemble(pack(parts), gap_tolerance_m=tolerance_m)
    assert len(line.lonlat) == 22
    if bridged:
        assert codes(line) == ["gap.bridged"]
        assert decision(line, "gap.bridged").metres == pytest.approx(gap_m, abs=0.1)
        assert line.length_m == pytest.approx(1000 + gap_m, rel=1e-3)
        assert [s.piece for s in line.spans].count(-1) == 1
    else:
        assert codes(line) == ["parts.joined", "gap.split"]
        assert decision(line, "gap.split").metres == pytest.approx(gap_m, rel=1e-2)
        assert line.length_m == pytest.approx(1000, rel=1e-3)
        assert line.part_starts.tolist() == [0, 11]


def test_ends_side_by_side_are_not_bridged() -> None:
    # Two tracks end at one platform, 4 m apart: nothing leads from one to the other.
    line = assemble(pack([straight(0, 500), straight(0, 600, north_m=4)]))
    assert codes(line) == ["second_track"]
    assert line.length_m == pytest.approx(600, rel=1e-2)


def test_ends_that_nearly_meet_are_one_place() -> None:
    line = assemble(pack([straight(0, 500), straight(500.4, 1000)]))
    assert codes(line) == ["ends.snapped"]
    assert len(line.part_starts) == 1


def test_node_ids_join_what_coordinates_would_not() -> None:
    one, other = straight(0, 500), straight(700, 1000)
    nodes = [np.arange(len(one)), np.arange(len(one) - 1, len(one) - 1 + len(other))]
    line = assemble(pack([one, other], nodes=nodes))
    assert len(line.part_starts) == 1
    assert codes(line) == []


def test_what_crosses_without_a_common_node_does_not_join() -> None:
    over = metres((500, -400), (500, 0), (500, 400))
    nodes = [np.arange(21), np.arange(100, 103)]
    line = assemble(pack([straight(0, 1000), over], nodes=nodes))
    assert line.length_m == pytest.approx(1000, rel=1e-2)
    assert codes(line) == ["apart"]


def test_duplicates_and_overlaps_count_once() -> None:
    whole = straight(0, 1000)
    line = assemble(pack([whole[:12], whole[8:], whole[3:6][::-1], whole[:12]]))
    assert len(line.lonlat) == len(whole)
    assert line.length_m == pytest.approx(1000, rel=1e-2)
    twice = decision(line, "duplicate")
    assert twice.metres == pytest.approx(150 + 100 + 550, rel=1e-2)


def test_a_piece_that_is_alone_is_the_line_as_it_was_drawn() -> None:
    there = np.concatenate((straight(0, 1000), straight(950, 400), metres((300, 20), (0, 400))))
    line = assemble(pack([there]))
    np.testing.assert_array_equal(line.lonlat, there)
    assert codes(line) == []


def test_a_triangle_does_not_lead_back_on_the_same_track() -> None:
    # Three lines meet in a triangle: by turning in it, one could run its length twice.
    turn = np.linspace(-np.pi / 2, 0, 12)
    west = np.column_stack((300 * np.cos(turn) - 300, 300 * np.sin(turn) + 300))
    east = np.column_stack((300 - 300 * np.cos(turn), 300 * np.sin(turn) + 300))
    pieces = [
        straight(-9000, -300),
        straight(-300, 300),
        straight(300, 2000),
        metres(*west),
        metres(*east),
        metres((0, 300), (0, 800), (0, 1300)),
    ]
    line = assemble(pack(pieces))
    assert line.length_m == pytest.approx(11_000, rel=1e-2)
    assert len({s.piece for s in line.spans}) == len(line.spans) == 3
    assert {d.code for d in line.decisions} <= {"branch", "second_track"}


def test_a_second_track_is_left_out_though_crossovers_join_it() -> None:
    one, other = straight(0, 3000), straight(0, 3010, north_m=4)
    cross = [np.array([one[20], other[22]]), np.array([other[40], one[42]])]
    line = assemble(pack([one, other, *cross]))
    assert line.length_m == pytest.approx(3010, abs=15)
    assert np.ptp(line.lonlat[:, 1]) * M_PER_DEG < 0.01
    assert decision(line, "second_track").metres == pytest.approx(3000 + 2 * 100, abs=60)


def test_a_sharp_corner_at_a_switch_is_no_way() -> None:
    # The longest walk turns back at the switch; no train can.
    main = straight(0, 1000)
    back = np.concatenate((main[15:16], metres((700, 30), (600, 60), (-900, 90))))
    line = assemble(pack([main, back]))
    assert np.array_equal(line.lonlat[:, 1], main[:, 1]) or 0 not in line.lonlat[:, 1][1:-1]
    assert line.length_m < 2000


def test_a_branch_is_reported_and_the_main_line_chosen_by_worth() -> None:
    main = straight(0, 2000)
    branch = np.concatenate((main[20:21], metres((1100, 8), (1300, 40), (1800, 200), (2600, 600))))
    by_length = assemble(pack([main, branch]))
    assert by_length.lonlat[:, 1].max() > 0.001
    by_worth = assemble(pack([main, branch], value=[1.0, 0.2]))
    assert by_worth.length_m == pytest.approx(2000, rel=1e-2)
    left = decision(by_worth, "branch")
    assert left.pieces == (1,)
    assert left.metres == pytest.approx(GEOD.line_length(*branch.T), rel=1e-2)


def test_stations_make_a_line_worth_more() -> None:
    main = straight(0, 2000)
    branch = np.concatenate((main[20:21], metres((1100, 8), (1300, 40), (1800, 200), (2600, 600))))
    places = metres((1400, 20), (2000, -30))
    line = assemble(pack([main, branch]), places=metres((1950, -100), (1990, -200)))
    assert line.lonlat[:, 1].max() == 0.0
    line = assemble(pack([main, branch]), places=places[:0])
    assert line.lonlat[:, 1].max() > 0.0


@pytest.mark.parametrize("count", [1, 4])
def test_a_ring_is_closed(count: int) -> None:
    turn = np.linspace(0, 2 * np.pi, 101)
    ring = metres(*zip(1000 * np.cos(turn), 1000 * np.sin(turn), strict=True))
    ring[-1] = ring[0]
    cuts = np.linspace(0, 100, count + 1).astype(int)
    line = assemble(pack([ring[a : b + 1] for a, b in pairwise(cuts)]))
    assert line.ring
    assert line.lonlat[0].tolist() == line.lonlat[-1].tolist()
    assert line.length_m == pytest.approx(2 * np.pi * 1000, rel=5e-3)


def test_the_middle_of_two_tracks_is_half_way() -> None:
    one, other = straight(0, 3000), straight(0, 3000, north_m=4, step_m=37)
    line = assemble(pack([one, other]), axis="centreline")
    assert line.axis == "centreline"
    np.testing.assert_allclose(line.lonlat[:, 1] * 110_574, 4 / M_PER_DEG * 110_574 / 2, atol=0.05)
    assert line.length_m == pytest.approx(3000, rel=1e-2)
    alone = assemble(pack([one]), axis="centreline")
    assert alone.axis == "track"
    assert codes(alone) == ["centreline.none"]


def test_a_line_across_the_antimeridian_is_one() -> None:
    one = np.array([[179.98, 10.0], [179.99, 10.0], [180.0, 10.0]])
    other = np.array([[-180.0, 10.0], [-179.99, 10.0], [-179.98, 10.0]])
    line = assemble(pack([other, one]))
    assert len(line.part_starts) == 1
    assert line.length_m == pytest.approx(4 * 1096.6, rel=1e-3)


def test_between_two_places_the_line_is_cut_at_their_feet() -> None:
    main = straight(0, 2000)
    branch = np.concatenate((main[20:21], metres((1100, 8), (1300, 40), (1800, 200), (2600, 600))))
    places = metres((330, 60), (1777, -40))
    line = assemble(pack([branch, main]), ends=(places[0], places[1]))
    np.testing.assert_allclose(
        (line.lonlat[[0, -1]] - [10, 0]) * M_PER_DEG, [(330, 0), (1777, 0)], atol=0.01
    )
    back = assemble(pack([branch, main]), ends=(places[1], places[0]))
    np.testing.assert_allclose(back.lonlat, line.lonlat[::-1], atol=1e-8)
    assert "outside" in codes(line)
    with pytest.raises(MalformedFile, match="no track within"):
        assemble(pack([main]), ends=(places[0], np.array([20.0, 0.0])))
    with pytest.raises(MalformedFile, match="no continuous way"):
        assemble(pack([main[:10], main[30:]]), ends=(places[0], places[1]))


def test_nothing_to_assemble_is_refused() -> None:
    for lines in ([], [np.empty((0, 2))], [metres((0, 0))], [metres((0, 0), (0, 0))]):
        with pytest.raises(MalformedFile, match="no line"):
            assemble(pack(lines))
    with pytest.raises(InvalidCoordinates):
        pack([[[0, 95], [1, 2]]])


def test_empty_and_single_vertex_pieces_do_no_harm() -> None:
    whole = straight(0, 1000)
    line = assemble(pack([np.empty((0, 2)), whole[:10], metres((5, 5)), whole[9:], whole[:0]]))
    assert len(line.lonlat) == len(whole)


@given(st.data())
def test_chains_hold_every_edge_once_and_in_order(data: st.DataObject) -> None:
    """Lists and rings of known order are given shuffled and turned, and found again."""
    sizes = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    rings = [data.draw(st.booleans()) for _ in sizes]
    count = sum(sizes)
    names = data.draw(st.permutations(range(count)))
    turned = [data.draw(st.integers(0, 1)) for _ in range(count)]
    follower = np.full(2 * count, -1, dtype=np.int64)
    lists, at = [], 0
    for size, ring in zip(sizes, rings, strict=True):
        row = [2 * names[i] + turned[i] for i in range(at, at + size)]
        at += size
        lists.append(row)
        pairs = [*pairwise(row), *([(row[-1], row[0])] if ring else [])]
        for one, other in pairs:
            follower[one] = other
            follower[other ^ 1] = one ^ 1
    members, offsets = make_chains(follower)
    found = [members[a:b].tolist() for a, b in pairwise(offsets)]
    assert sorted(len(f) for f in found) == sorted(sizes)
    for chain in found:
        mirrored = [d ^ 1 for d in reversed(chain)]
        row, ring = next(
            (r, k)
            for r, k in zip(lists, rings, strict=True)
            if r[0] // 2 in {d // 2 for d in chain}
        )
        if ring:
            double = row + row
            runs = [double[i : i + len(row)] for i in range(len(row))]
            assert chain in runs or mirrored in runs
        else:
            assert row in (chain, mirrored)
