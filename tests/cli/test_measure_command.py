"""``geo-routes measure``: its figures, its units, its JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

Run = Callable[..., Any]
MakeFile = Callable[..., Path]

LINE = np.array([[139.7671, 35.6812], [139.7003, 35.658], [139.638, 35.556], [139.523, 35.4437]])
GEOD = Geod(ellps="WGS84")
LENGTH_M = float(GEOD.line_length(*LINE.T))
TO_B_M = float(GEOD.line_length(*LINE[:3].T))


def test_the_text_holds_karneys_length_and_the_sections(run: Run, make_file: MakeFile) -> None:
    path = make_file(tunnels=[[1_000, 3_000]])
    outcome = run("measure", path)
    assert (outcome.code, outcome.err) == (0, "")
    for said in (
        *(f"Line  ({path})", f"{LENGTH_M / 1000:.3f} km", f"{TO_B_M / 1000:.3f} km  A to B"),
        *("vertices   4", f"2.000 km, {2_000 / LENGTH_M:.1%}"),
    ):
        assert said in outcome.out, said


def test_the_json_is_the_contract(run: Run, make_file: MakeFile) -> None:
    document = run("measure", "--json", make_file(id="l", tunnels=[[1_000, 3_000]])).json
    assert set(document) == {"routes", "findings"}
    [row] = document["routes"]
    assert set(row) >= {
        *("id", "name", "length_m", "length_uncertainty_m", "vertices", "stations", "sections"),
        *("tunnel_length_m", "tunnel_fraction", "known_fraction", "structures", "min_radius_m"),
        *("sinuosity", "turning_deg_per_km"),
    }
    assert row["length_m"] == pytest.approx(LENGTH_M, rel=1e-9)
    assert row["sinuosity"] == pytest.approx(LENGTH_M / GEOD.inv(*LINE[0], *LINE[-1])[2], rel=1e-9)
    assert [s["name"] for s in row["stations"]] == ["A", "B", "C"]
    assert [s["chainage_m"] for s in row["stations"]] == pytest.approx(
        [0, TO_B_M, LENGTH_M], abs=1e-5
    )
    assert [s["offset_m"] for s in row["stations"]] == pytest.approx([0, 0, 0], abs=1e-5)
    assert [(s["from"], s["to"]) for s in row["sections"]] == [("A", "B"), ("B", "C")]
    assert row["sections"][0]["tunnel_fraction"] == pytest.approx(2_000 / TO_B_M)
    assert row["sections"][1]["tunnel_fraction"] == 0
    assert row["tunnel_length_m"] == pytest.approx(2_000)
    assert row["structures"] == {
        "tunnel": {"length_m": 2_000.0, "fraction": pytest.approx(2_000 / LENGTH_M)}
    }
    assert row["known_fraction"] == 1


def test_findings_are_in_the_json_with_their_members(run: Run, make_file: MakeFile) -> None:
    document = run("measure", "--json", make_file(tunnels=[[3_000, 1_000]], status="lost")).json
    assert [f["code"] for f in document["findings"]] == ["member.status", "structures.reversed"]
    for row in document["findings"]:
        contract = {"code", "severity", "route", "chainage_m", "message", "remedy"}
        assert set(row) == contract | {"lonlat", "causes", "documentation"}


def test_findings_are_warnings_on_stderr_and_measure_still_exits_0(
    run: Run, make_file: MakeFile
) -> None:
    path = make_file(tunnels=[[3_000, 1_000]])
    outcome = run("measure", path)
    assert outcome.code == 0
    [line] = outcome.err.splitlines()
    assert line.startswith(f"warning: {path}: structures.reversed: ")
    assert "structures.reversed" not in outcome.out


@pytest.mark.parametrize(
    "figures,present,absent",
    [
        ("length", {"length_m", "vertices"}, {"stations", "sections", "structures", "sinuosity"}),
        ("sections", {"stations", "sections"}, {"structures", "tunnel_fraction", "sinuosity"}),
        ("structures", {"structures", "tunnel_fraction"}, {"stations", "sinuosity"}),
        ("curvature", {"sinuosity", "min_radius_m"}, {"stations", "structures"}),
        ("curvature", {"axis_length_m", "most_winding"}, {"alignment", "provable_radii"}),
        ("alignment", {"alignment", "provable_radii", "min_radius_m"}, {"sinuosity", "stations"}),
        ("length, structures", {"structures"}, {"sections", "sinuosity"}),
    ],
)
def test_only_the_chosen_figures_are_given(
    run: Run, make_file: MakeFile, figures: str, present: set[str], absent: set[str]
) -> None:
    [row] = run("measure", "--json", "--figures", figures, make_file()).json["routes"]
    assert present <= set(row)
    assert not absent & set(row)
    assert row["length_m"] == pytest.approx(LENGTH_M, rel=1e-9)


@pytest.mark.parametrize("figures", ["", "lengths", "length,", "length;sections", "LENGTH"])
def test_a_figure_that_is_none_is_refused(run: Run, make_file: MakeFile, figures: str) -> None:
    outcome = run("measure", "--figures", figures, make_file())
    assert outcome.code == 2
    [line] = outcome.err.splitlines()
    assert "length, sections, structures, curvature" in line


@pytest.mark.parametrize(
    "options,said",
    [
        (("--units", "mi"), f"{LENGTH_M / 1609.344:.3f} mi"),
        (("--units", "km"), f"{LENGTH_M / 1000:.3f} km"),
        (("--stationing", "12+345"), f"{TO_B_M // 1000:.0f}+{round(TO_B_M) % 1000:03d}  B"),
        (("--stationing", "12m34ch"), f"{TO_B_M // 1609.344:.0f}m"),
    ],
)
def test_people_choose_units_and_stationing(
    run: Run, make_file: MakeFile, options: tuple[str, str], said: str
) -> None:
    path = make_file()
    assert said in run("measure", *options, path).out
    # JSON is SI, whatever is chosen.
    assert run("measure", "--json", *options, path) == run("measure", "--json", path)


@pytest.mark.parametrize("options", [("--units", "ft"), ("--stationing", "12/345")])
def test_other_units_are_refused(run: Run, make_file: MakeFile, options: tuple[str, str]) -> None:
    outcome = run("measure", *options, make_file())
    assert outcome.code == 2
    assert len(outcome.errors) == 1


def test_a_sketch_is_said_to_be_one(run: Run, make_file: MakeFile) -> None:
    path = make_file(geometry_kind="sketch")
    assert "of the sketch" in run("measure", path).out
    [row] = run("measure", "--json", path).json["routes"]
    assert row["length_uncertainty_m"] is None


def test_where_nothing_is_known_of_structures_json_says_null(run: Run, make_file: MakeFile) -> None:
    path = make_file()
    assert "tunnel     unknown" in run("measure", path).out
    [row] = run("measure", "--json", path).json["routes"]
    assert row["tunnel_length_m"] is row["tunnel_fraction"] is None
    assert all(s["tunnel_fraction"] is None for s in row["sections"])


def bow() -> list[list[float]]:
    """Give 1 km straight on, a quarter circle of 500 m radius, and 1 km, a vertex every 20 m."""
    (lon, lat), azimuth, row = (9.0, 48.0), 0.0, [[9.0, 48.0]]
    quarter_m = 250 * math.pi
    for i in range(round((2_000 + quarter_m) / 20)):
        turn = math.degrees(20 / 500) / 2 if 1_000 <= i * 20 < 1_000 + quarter_m else 0.0
        lon, lat, back = GEOD.fwd(lon, lat, azimuth - turn, 20)
        azimuth = back + 180 - turn
        row.append([lon, lat])
    return row


def test_the_alignment_has_its_members(run: Run, make_file: MakeFile, tmp_path: Path) -> None:
    path = make_file()
    document = json.loads(path.read_text())
    document["features"] = document["features"][:1]
    document["features"][0]["geometry"]["coordinates"] = bow()
    path = tmp_path / "bow.geojson"
    path.write_text(json.dumps(document))
    [row] = run("measure", "--json", path).json["routes"]
    assert row["min_radius_low_m"] < row["min_radius_m"] < row["min_radius_high_m"]
    assert row["min_radius_m"] == pytest.approx(500, rel=0.02)
    alignment = row["alignment"]
    assert alignment["net_turning_deg"] == pytest.approx(90, abs=3)
    assert alignment["turning_deg_per_km"] == row["turning_deg_per_km"]
    shares = {b["radius_m"]: b["fraction"] for b in alignment["below_radius"]}
    assert shares[300] == 0
    assert shares[600] == pytest.approx(250 * math.pi / row["length_m"], abs=0.03)
    assert [p["percent"] for p in alignment["radius_percentiles"]] == [1, 5, 50]
    assert alignment["curve_status_m"]["measured"] > 600
    assert [p["curve_m"] for p in row["provable_radii"]] == [200, 600, 1_000]
    assert [w["window_m"] for w in row["most_winding"]] == [1_000]
    assert row["axis_length_m"] == pytest.approx(row["length_m"], abs=0.2)
    text = run("measure", "--figures", "length,curvature,alignment", path).out
    assert "freed of noise" in text
    assert "smallest 500 m" in text or "smallest 49" in text or "smallest 50" in text
