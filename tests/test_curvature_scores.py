"""The scoreboard of curvature: its truth against closed forms, its rivals, scores and page."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Geod
from scipy.integrate import solve_ivp
from scipy.special import fresnel

from benchmarks import curvature_scores
from benchmarks.curvature import page, rivals, roca, scoring, trials
from benchmarks.curvature.cases import REGIMES, Case, make_case
from benchmarks.curvature.truth import (
    CURVE,
    TANGENT,
    TRANSITION,
    FloatArray,
    Truth,
    curvature_at,
    draw,
    element_at,
    trace,
)

GEOD = Geod(ellps="WGS84")
A_M, E2 = GEOD.a, GEOD.es
WORDS = {TANGENT: "tangent", TRANSITION: "transition", CURVE: "arc"}


def alignment(
    *elements: tuple[int, float, float, float],
    start: tuple[float, float] = (9.0, 48.0),
    azimuth_deg: float = 30.0,
    kinks_rad: tuple[float, ...] | None = None,
) -> Truth:
    kinds, lengths_m, begins, ends = np.array(elements).T
    return Truth(
        start_lonlat=start,
        azimuth_rad=np.radians(azimuth_deg),
        bounds_m=np.concatenate(([0.0], np.cumsum(lengths_m))),
        kinds=kinds.astype(np.int64),
        from_per_m=begins,
        to_per_m=ends,
        kinks_rad=np.array(kinks_rad or np.zeros(len(kinds))),
    )


def seen_from_start(truth: Truth, lonlat: FloatArray) -> FloatArray:
    """Put places on the plane by azimuth and distance from the start: ahead, and to the left."""
    lon, lat = np.broadcast_to(truth.start_lonlat, lonlat.shape).T
    azimuth, _, distance_m = GEOD.inv(lon, lat, *lonlat.T)
    left = truth.azimuth_rad - np.radians(azimuth)
    return distance_m[:, None] * np.column_stack((np.cos(left), np.sin(left)))


def metres_apart(one: FloatArray, other: FloatArray) -> float:
    return float(np.max(GEOD.inv(*one.T, *other.T)[2]))


@pytest.mark.parametrize("latitude", [55.0, -33.0])
def test_a_parallel_has_the_curvature_that_textbooks_give(latitude: float) -> None:
    phi = np.radians(latitude)
    vertical_m = A_M / np.sqrt(1 - E2 * np.sin(phi) ** 2)
    bend = np.tan(phi) / vertical_m
    line = alignment((CURVE, 60_000, bend, bend), start=(179.8, latitude), azimuth_deg=90)
    places_m = np.linspace(0, 60_000, 301)
    east = 179.8 + np.degrees(places_m / (vertical_m * np.cos(phi)))
    expected = np.column_stack(((east + 180) % 360 - 180, np.full(301, latitude)))
    assert metres_apart(trace(line, places_m).lonlat, expected) < 1e-5


def test_no_curvature_makes_a_geodesic() -> None:
    line = alignment((TANGENT, 80_000, 0, 0), start=(20.0, 69.0), azimuth_deg=75)
    places_m = np.linspace(0, 80_000, 401)
    lon, lat, _ = GEOD.fwd(np.full(401, 20.0), np.full(401, 69.0), np.full(401, 75.0), places_m)
    assert metres_apart(trace(line, places_m).lonlat, np.column_stack((lon, lat))) < 1e-5


@pytest.mark.parametrize("hand", [1, -1])
def test_a_circle_keeps_its_distance_from_the_centre(hand: int) -> None:
    line = alignment((CURVE, 1_800, hand / 300, hand / 300))
    centre = GEOD.fwd(*line.start_lonlat, 30 - 90 * hand, 300)[:2]
    lonlat = trace(line, np.linspace(0, 1_800, 200)).lonlat
    radii_m = GEOD.inv(*np.broadcast_to(centre, lonlat.shape).T, *lonlat.T)[2]
    np.testing.assert_allclose(radii_m, 300, atol=1e-5)


@pytest.mark.parametrize("hand", [1, -1])
def test_a_transition_is_the_clothoid_of_the_fresnel_integrals(hand: int) -> None:
    line = alignment((TRANSITION, 150, 0, hand / 200))
    places_m = np.linspace(0, 150, 61)
    scale_m = np.sqrt(np.pi * 150 * 200)
    sine, cosine = fresnel(places_m / scale_m)
    expected = scale_m * np.column_stack((cosine, hand * sine))
    course = trace(line, places_m)
    np.testing.assert_allclose(seen_from_start(line, course.lonlat), expected, atol=1e-5)
    np.testing.assert_allclose(course.plane_m, expected, atol=1e-9)


def test_whole_lines_are_where_a_solver_of_differential_equations_has_them() -> None:
    line = next(t for seed in range(31, 99) if len((t := draw("tram", seed)).kink_places_m))

    def change(s: float, state: FloatArray, i: int) -> list[float]:
        phi, _, azimuth = state
        w2 = 1 - E2 * np.sin(phi) ** 2
        vertical_m = A_M / np.sqrt(w2)
        share = (s - line.bounds_m[i]) / (line.bounds_m[i + 1] - line.bounds_m[i])
        bend = line.from_per_m[i] + share * (line.to_per_m[i] - line.from_per_m[i])
        drift = np.tan(phi) * np.sin(azimuth) / vertical_m
        north = np.cos(azimuth) * w2 / (vertical_m * (1 - E2))
        return [north, np.sin(azimuth) / (vertical_m * np.cos(phi)), drift - bend]

    lon, lat = np.radians(line.start_lonlat)
    state = np.array([lat, lon, line.azimuth_rad])
    solved = [state]
    for i in range(len(line.kinds)):
        state = state - [0, 0, line.kinks_rad[i]]
        span = line.bounds_m[i : i + 2]
        state = solve_ivp(change, span, state, args=(i,), rtol=1e-12, atol=1e-14).y[:, -1]
        solved.append(state)
    expected = np.degrees(np.array(solved)[:, [1, 0]])
    assert metres_apart(trace(line, line.bounds_m).lonlat, expected) < 1e-4


def test_lines_are_the_same_each_time_and_keep_to_their_family() -> None:
    one, again, other = (make_case("rail", "u50_s1", seed) for seed in (35, 35, 36))
    np.testing.assert_array_equal(one.lonlat, again.lonlat)
    assert one.truth.length_m != other.truth.length_m
    radii_m = 1 / np.abs(one.truth.from_per_m[one.truth.kinds == CURVE])
    assert radii_m.min() >= 300
    assert radii_m.max() <= 1_500
    assert 179 < one.lonlat[0, 0] < 180


def test_noise_and_simplification_are_those_of_the_regime() -> None:
    noisy, exact = (make_case("hsr", r, 31) for r in ("u10_s1", "u50_s0"))
    off_m = GEOD.inv(*trace(noisy.truth, noisy.true_m).lonlat.T, *noisy.lonlat.T)[2]
    assert np.sqrt(np.mean(off_m**2) / 2) == pytest.approx(1, rel=0.03)
    assert metres_apart(trace(exact.truth, exact.true_m).lonlat, exact.lonlat) < 0.01
    few = make_case("rail", "dp1_s0.3", 31)
    # A chord of a Douglas-Peucker line stays within the tolerance of the curve: d² / 8R <= 1 m.
    first, last = few.true_m[:-1], few.true_m[1:]
    within = element_at(few.truth, first) == element_at(few.truth, last)
    on_curve = within & (few.truth.kinds[element_at(few.truth, first)] == CURVE)
    sagittas_m = ((last - first) ** 2 / 8 * np.abs(curvature_at(few.truth, first)))[on_curve]
    assert 0.5 < sagittas_m.max() < 1.01


METHODS = (
    rivals.three_point,
    rivals.resampled_three_point,
    rivals.savitzky_golay,
    rivals.smoothing_spline,
    roca.roca_like,
)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("hand", [1, -1])
def test_each_rival_is_right_on_a_circle(
    method: Callable[[FloatArray], rivals.Profile], hand: int
) -> None:
    bend = hand / 400
    line = alignment(
        (TANGENT, 600, 0, 0), (CURVE, 900, bend, bend), (TANGENT, 600, 0, 0), start=(179.99, 60)
    )
    chainage_m, found = method(trace(line, np.linspace(0, 2_100, 211)).lonlat)
    np.testing.assert_allclose(
        np.interp(np.linspace(850, 1_250, 50), chainage_m, found), bend, rtol=0.01
    )
    outside = np.concatenate((np.linspace(0, 480, 40), np.linspace(1_620, 2_100, 40)))
    np.testing.assert_allclose(np.interp(outside, chainage_m, found), 0, atol=2e-6)


@pytest.mark.parametrize("method", METHODS)
def test_rivals_take_doubled_vertices_and_very_short_lines(
    method: Callable[[FloatArray], rivals.Profile],
) -> None:
    line = trace(alignment((CURVE, 600, 1 / 300, 1 / 300)), np.linspace(0, 600, 41)).lonlat
    once, twice = method(line), method(np.repeat(line, 2, axis=0))
    np.testing.assert_allclose(twice, once, atol=1e-12)
    assert np.all(np.isfinite(method(line[:3])))


def test_the_weight_of_a_spline_is_found_again() -> None:
    from scipy.interpolate import make_smoothing_spline  # noqa: PLC0415 - as in the rival

    rng = np.random.default_rng(3)
    places = np.cumsum(rng.uniform(0.05, 0.2, 300))
    values = 40 * places + np.sin(places) + rng.normal(0, 0.3, 300)
    for weight in (1e-3, 0.5, 200.0):
        spline = make_smoothing_spline(places, values, lam=weight)
        assert rivals._smoothing_weight(spline, places, values) == pytest.approx(weight, rel=1e-4)


def perfect(case: Case) -> tuple[FloatArray, FloatArray]:
    """Give what an estimator would say that knew the truth."""
    bounds_m = case.truth.bounds_m
    true_m = np.sort(np.concatenate((bounds_m, np.nextafter(bounds_m[1:-1], 0))))
    _, _, steps_m = GEOD.inv(*case.lonlat[:-1].T, *case.lonlat[1:].T)
    line_m = np.concatenate(([0.0], np.cumsum(steps_m)))
    return np.interp(true_m, case.true_m, line_m), curvature_at(case.truth, true_m)


def elements(case: Case, *, wrong_by: float, spread: float) -> scoring.Elements:
    truth = case.truth
    bounds_m, _ = perfect(case)
    starts_m = bounds_m[::2][: len(truth.kinds)]
    ends_m = np.append(starts_m[1:], bounds_m[-1])
    rows: list[tuple[float, float, str, float, float, float | None, float | None, str]] = []
    for i, kind in enumerate(truth.kinds):
        begin, end = truth.from_per_m[i] * wrong_by, truth.to_per_m[i] * wrong_by
        low_m = high_m = None
        if kind == CURVE:
            low_m, high_m = (1 - spread) / abs(begin), (1 + spread) / abs(begin)
        rows.append(
            (starts_m[i], ends_m[i], WORDS[int(kind)], begin, end, low_m, high_m, "measured")
        )
    return rows


def test_the_truth_scores_full_marks_and_a_tenth_off_a_tenth() -> None:
    case = make_case("tram", "u10_s0.3", 32)
    chainage_m, found = perfect(case)
    full = scoring.score(case, (chainage_m, found))
    assert len(full.errors) > 20
    # Between vertices the chainage along a noisy line is known only so well.
    assert np.max(full.errors) < 1e-3
    assert full.false_m < 0.01 * full.tangent_m
    assert full.turning_error < 2e-3
    off = scoring.score(case, (chainage_m, found * 1.1))
    np.testing.assert_allclose(off.errors, 0.1, atol=1e-3)
    assert off.turning_error == pytest.approx(0.1, abs=2e-3)
    turned = scoring.score(case, (chainage_m, -found))
    np.testing.assert_allclose(turned.errors, 2, atol=1e-3)
    curved = scoring.score(case, (chainage_m, np.full(len(found), 1 / 2_999)))
    assert curved.false_m == curved.tangent_m > 500


@pytest.mark.parametrize(
    "wrong_by, spread, covering", [(1.0, 0.02, True), (1.1, 0.2, True), (1.1, 0.05, False)]
)
def test_elements_and_intervals_are_scored(
    *, wrong_by: float, spread: float, covering: bool
) -> None:
    case = make_case("rail", "u10_s0.3", 33)
    rows = elements(case, wrong_by=wrong_by, spread=spread)
    chain = scoring.score(case, (*perfect(case), rows)).chain
    assert chain is not None
    curves = int(np.count_nonzero(case.truth.kinds == CURVE))
    assert chain.right_m / chain.whole_m > 0.99
    assert (chain.curves, chain.true_curves, chain.elements) == (curves, curves, len(rows))
    seen = chain.intervals
    assert (seen.measured, seen.covering) == (curves, curves if covering else 0)
    np.testing.assert_allclose(seen.errors, abs(wrong_by - 1), atol=1e-9)
    np.testing.assert_allclose(seen.widths, 2 * spread / wrong_by, rtol=1e-9)
    assert seen.well_seen == seen.well_seen_measured > 0


def test_a_curve_on_a_straight_covers_nothing() -> None:
    case = make_case("straight", "u50_s0.3", 31)
    rows: scoring.Elements = [(0.0, 300.0, "arc", 1e-4, 1e-4, 9e3, 11e3, "measured")]
    chain = scoring.score(case, (np.array([0.0, 20_000.0]), np.zeros(2), rows)).chain
    assert chain is not None
    assert (chain.intervals.measured, chain.intervals.covering, chain.true_curves) == (1, 0, 0)


def test_scores_are_those_of_another_scorer(shared: Path) -> None:
    source = shared / "tools" / "curvature_score.py"
    if not source.is_file():
        pytest.skip("no tools/curvature_score.py in the shared folder")
    spec = importlib.util.spec_from_file_location("other_scorer", source)
    assert spec is not None
    assert spec.loader is not None
    other: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(other)
    # Kinks are scored in another way there.
    drawn = (other.make_case("rail", "u50_s0.3", seed) for seed in range(31, 99))
    theirs, seed = next(
        (case, case["seed"]) for case in drawn if all(e[0] != "kink" for e in case["elements"])
    )
    kinds = {word: kind for kind, word in WORDS.items()}
    # Their curvature is right positive.
    truth = alignment(*((kinds[k], length, -a, -b) for k, length, a, b in theirs["elements"]))
    case = Case(
        family="rail",
        seed=seed,
        regime=REGIMES["u50_s0.3"],
        truth=truth,
        lonlat=theirs["lonlat"],
        true_m=theirs["s_true"],
    )
    outcome = rivals.three_point(case.lonlat)
    figures, curves = other.score_case(theirs, outcome)
    ours = scoring.score(case, outcome)
    np.testing.assert_allclose(ours.errors, [c[0] for c in curves if c[3] >= 4], atol=1e-6)
    assert ours.false_m / ours.tangent_m == pytest.approx(figures["false_share"], abs=1e-9)
    assert ours.turning_error == pytest.approx(figures["turn_err"], abs=1e-9)


def estimator(name: str, method: scoring.Method) -> trials.Estimator:
    return trials.Estimator(name=name, setting="as it is.", method=method)


def twice_as_bent(lonlat: FloatArray) -> rivals.Profile:
    chainage_m, found = rivals.three_point(lonlat)
    return chainage_m, 2 * found


def broken(lonlat: FloatArray) -> rivals.Profile:
    raise ValueError(len(lonlat))


def cells(text: str, title: str, row: str) -> list[str]:
    section = text.split(f"## {title}\n")[1].split("\n## ", maxsplit=1)[0]
    (line,) = (x for x in section.splitlines() if x.startswith(f"| {row} "))
    return [x.strip() for x in line.strip("|").split("|")][1:]


def test_the_page_holds_the_scores_and_marks_the_best() -> None:
    tried = [
        estimator("ours", twice_as_bent),
        estimator("good", rivals.three_point),
        estimator("broken", broken),
    ]
    made = trials.run([31, 32], [("rail", "u50_s0"), ("straight", "u50_s0")], estimators=tried)
    text = page.write_page(made, page.times_section(10, {"ours": 234.0, "good": 1.0}), command="x")
    name = "rail, 50 m, no noise"
    assert all(np.all(s.errors > 0.5) for s in made.scores["rail", "u50_s0"]["ours"])
    errors = [
        np.concatenate(
            [
                scoring.score(c, rivals.three_point(c.lonlat)).errors
                for c in (make_case("rail", "u50_s0", seed) for seed in (31, 32))
            ]
        )
    ][0]
    expected = [f"{100 * np.quantile(errors, share):.2f}" for share in (0.5, 0.9)]
    ours, good, failed = cells(text, "Radius of circular curves", name)
    assert good == f"**{expected[0]}** / **{expected[1]}**"
    assert float(ours.split(" / ")[0]) == pytest.approx(100, abs=0.2)
    assert failed == "100 / 100"
    assert re.search(rf"\* Radius of circular curves \(median\), {name}: \S+ % against", text)
    assert "* broken failed on 4 lines" in text
    assert cells(text, "Time", "ours") == ["200 ×"]


def test_the_page_tells_elements_and_intervals() -> None:
    case = make_case("rail", "u10_s0.3", 33)
    rows = elements(case, wrong_by=1.1, spread=0.2)
    # One interval too many that misses, and one curve that is not called measured.
    first, second = [i for i, row in enumerate(rows) if row[2] == "arc"][:2]
    rows = [
        (*row[:5], 1.0, 2.0, "measured")
        if i == first
        else (*row[:7], "uncertain")
        if i == second
        else row
        for i, row in enumerate(rows)
    ]
    tried = [estimator("ours", lambda _: (*perfect(case), rows))]
    made = trials.run([33], [("rail", "u10_s0.3")], estimators=tried)
    text = page.write_page(made, "", command="x")
    curves = int(np.count_nonzero(case.truth.kinds == CURVE))
    within, _, ratio, _ = cells(text, "Intervals of radii", "**all**")
    assert within == f"{curves - 2} / {curves - 1} = {100 * (curves - 2) / (curves - 1):.1f} %"
    # Widths of 2 x 0.2 / 1.1 over errors of 0.1.
    assert ratio == "3.6"
    right, found, _ = cells(text, "Elements", "rail, 10 m, 0.3 m noise")
    assert float(right) > 99
    assert found == f"{curves} / {curves} = 1.00"


def test_ours_is_told_to_be_best_only_where_it_is() -> None:
    tried = [estimator("ours", rivals.three_point), estimator("other", twice_as_bent)]
    made = trials.run([31], [("tram", "u10_s0.3")], estimators=tried)
    assert "Nowhere in these tables" in page.write_page(made, "", command="x")


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = tuple(e for e in trials.ESTIMATORS if e.name != "spline")
    monkeypatch.setattr(trials, "ESTIMATORS", fast)
    monkeypatch.setattr(trials, "QUICK", (("rail", "u50_s0.3"),))
    monkeypatch.setattr(trials, "QUICK_TIMED_VERTICES", 150)
    texts = []
    for out in (tmp_path / "a.md", tmp_path / "b.md"):
        curvature_scores.main(["--quick", "--seeds", "31:32", "--out", str(out)])
        texts.append(out.read_text(encoding="utf-8"))
    # Identical but for the times.
    one, again = (re.sub(r"## Time\n.*?(?=\n## )", "", text, flags=re.DOTALL) for text in texts)
    assert one == again
    case = make_case("rail", "u50_s0.3", 31)
    titles = [e.name for e in trials.ESTIMATORS]
    row = cells(texts[0], "Radius of circular curves", "rail, 50 m, 0.3 m noise")
    for method, cell in zip(trials.ESTIMATORS, row, strict=True):
        errors = scoring.attempt(case, method.method).errors
        shown = cell.replace("*", "").split(" / ")
        figures = 100 * np.quantile(errors, [0.5, 0.9])
        np.testing.assert_allclose([float(x) for x in shown], figures, rtol=6e-3, atol=6e-3)
    assert all(f"* **{title}**: " in texts[0] for title in titles)
    assert "--seeds 31:32 --quick" in texts[0]
    assert str(tmp_path) not in texts[0]


@pytest.mark.parametrize("seeds", ["31", "5:5", "x:9", "-3:2"])
def test_seeds_that_are_no_range_are_refused(
    seeds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        curvature_scores.main([f"--seeds={seeds}"])
    assert refused.value.code == 2
    assert "such as 31:51" in capsys.readouterr().err


def test_a_method_that_raises_has_seen_nothing() -> None:
    case = make_case("tram", "u10_s0.3", 31)
    nothing = scoring.attempt(case, broken)
    assert nothing.failed
    np.testing.assert_array_equal(nothing.errors, 1)
    assert replace(nothing, failed=False).turning_error == 1
