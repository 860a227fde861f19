"""``geo-routes time``: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

Run = Callable[..., Any]


def route_file(folder: Path, name: str = "line.geojson", **properties: Any) -> Path:
    """Ten kilometres straight, a curve of 900 m to the left, ten more; stations at both ends."""
    s = np.arange(0, 21_001, 20.0)
    heading = np.clip(s - 10_000, 0, 1_000) / 900.0
    middle = (heading[1:] + heading[:-1]) / 2
    x = np.concatenate(([0], np.cumsum(20 * np.cos(middle))))
    y = np.concatenate(([0], np.cumsum(20 * np.sin(middle))))
    # Metres in a degree of longitude and of latitude, at 50 degrees.
    line = np.column_stack((9 + x / 71_696, 50 + y / 111_229)).tolist()
    plain = {"kind": "route", "id": "line", "name": "=Line", "mode": "rail", "gauge_mm": 1435}
    features = [
        {
            "type": "Feature",
            "properties": plain | {"accuracy_m": 0.1} | properties,
            "geometry": {"type": "LineString", "coordinates": line},
        }
    ]
    for place, station in ((0, "Alpha"), (300, "Beta"), (-1, "Gamma")):
        features.append(
            {
                "type": "Feature",
                "properties": {"kind": "station", "name": station},
                "geometry": {"type": "Point", "coordinates": line[place]},
            }
        )
    path = folder / name
    document = {"type": "FeatureCollection", "geo_routes": 1, "features": features}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_the_contract_of_json(run: Run, tmp_path: Path) -> None:
    path = route_file(tmp_path, declared={"running_time_min": 12, "source": "x"})
    asked = run("time", path, "--train", "flirt", "--json", "--allowance", "5%", "--dwell", "30s")
    assert asked.code == 0
    (row,) = asked.json["runs"]
    contract = {"route", "train", "minimum_s", "allowance_s", "total_s", "low_s", "high_s", "legs"}
    assert contract | {"curves"} <= set(row)
    assert (row["route"], row["train"]) == ("line", "flirt")
    assert row["low_s"] < row["minimum_s"] < row["high_s"]
    assert row["total_s"] == pytest.approx(row["minimum_s"] * 1.05 + 30)
    assert [leg["to"] for leg in row["legs"]] == ["Beta", "Gamma"]
    (curve,) = row["curves"]
    assert {"from_m", "to_m", "lost_s", "lost_j", "radius_m", "radius_low_m"} <= set(curve)
    assert curve["radius_m"] == pytest.approx(900, rel=0.02)
    assert curve["lost_s"] > 1
    assert row["timetable"]["outcome"] == "possible"
    assert row["figures"]["mass_t"]["source"]


def test_people_read_it(run: Run, tmp_path: Path) -> None:
    path = route_file(tmp_path)
    text = run("time", path, "--train", "flirt", "--ease", "1500")
    assert text.code == 0
    for said in ("minimum", "legs", "R 900 m", "eased to 1,500 m saves", "assumed", "kWh"):
        assert said in text.out
    miles = run("time", path, "--train", "flirt", "--units", "mi")
    assert "mph" in miles.out
    assert " mi" in miles.out


def test_speed_over_chainage_as_csv(run: Run, tmp_path: Path) -> None:
    path = route_file(tmp_path)
    rows = list(
        csv.DictReader(io.StringIO(run("time", path, "--train", "flirt", "--format", "csv").out))
    )
    assert list(rows[0]) == [
        "route",
        "train",
        "variant",
        "chainage_m",
        "speed_kmh",
        "permitted_kmh",
    ]
    assert rows[0]["route"] == "'=Line"
    at = [float(r["chainage_m"]) for r in rows]
    assert at == sorted(at)
    assert all(float(r["speed_kmh"]) <= float(r["permitted_kmh"]) + 1e-3 for r in rows)
    assert max(float(r["speed_kmh"]) for r in rows) == pytest.approx(160, abs=0.1)


def test_the_plot_is_an_image_with_a_title(run: Run, tmp_path: Path) -> None:
    path, plot = route_file(tmp_path, name="p.geojson"), tmp_path / "p.svg"
    assert run("time", path, "--train", "flirt", "--plot", plot).code == 0
    root = ET.fromstring(plot.read_text(encoding="utf-8"))  # noqa: S314 - our own
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.findtext(f"{space}title") == "Speed along =Line"
    assert "at least" in (root.findtext(f"{space}desc") or "")
    names = {t.text for t in root.iter(f"{space}text") if t.get("class") == "station"}
    assert names == {"Alpha", "Beta", "Gamma"}
    again = run("time", path, "--train", "flirt", "--plot", "-")
    assert again.out.strip() == plot.read_text(encoding="utf-8").strip()


def test_hostile_names_stay_text(run: Run, tmp_path: Path) -> None:
    evil = '<script>alert(1)</script>{{7*7}}]]>&"\u202e\x00'
    path, plot = route_file(tmp_path, name="evil.geojson"), tmp_path / "evil.svg"
    text = path.read_text(encoding="utf-8").replace('"=Line"', json.dumps(evil))
    path.write_text(text.replace('"Beta"', json.dumps(evil)), encoding="utf-8")
    outputs = ["--plot", plot, "--ttobench", tmp_path / "t.json"]
    outputs += ["--running-path", tmp_path / "t.yaml"]
    assert run("time", path, "--train", "flirt", *outputs).code == 0
    drawn = plot.read_text(encoding="utf-8")
    assert "<script" not in drawn
    ET.fromstring(drawn)  # noqa: S314 - our own
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))["stops"]["values"][0] == 0


def test_a_timetable_that_no_train_keeps_is_an_error(run: Run, tmp_path: Path) -> None:
    path = route_file(tmp_path, declared={"running_time_min": 3, "source": "x"})
    told = run("time", path, "--train", "flirt")
    assert told.code == 1
    assert "impossible" in told.out
    assert "running_time.impossible" in told.err


def test_reversing_swaps_the_ends(run: Run, tmp_path: Path) -> None:
    limits = [{"from_m": 0, "to_m": 5_000, "kmh": 100, "kmh_against": 80}]
    path = route_file(tmp_path, speed_limits=limits)
    forth = run("time", path, "--train", "flirt", "--json").json["runs"][0]
    back = run("time", path, "--train", "flirt", "--json", "--reverse").json["runs"][0]
    assert [leg["from"] for leg in forth["legs"]] == ["Alpha", "Beta"]
    assert [leg["from"] for leg in back["legs"]] == ["Gamma", "Beta"]
    kmh = {r["cause"]: r["permitted_mps"] * 3.6 for r in back["restrictions"]}
    assert kmh["line_limit"] == pytest.approx(80)


def test_several_trains_and_variants(run: Run, tmp_path: Path) -> None:
    path = route_file(tmp_path, mode="maglev")
    asked = run("time", path, "--train", "transrapid", "--variants", "--train", "l0", "--json")
    rows = asked.json["runs"]
    assert len(rows) == 7
    assert len({r["variant"] for r in rows}) == 7
    (first, second) = asked.json["disagreements"]
    assert (first["train"], second["train"]) == ("transrapid", "l0")
    assert first["minimum_s"][0] < first["minimum_s"][1]
    told = run("time", path, "--train", "transrapid", "--variants").out.splitlines()[-1]
    assert "s apart" in told
    one = run("time", path, "--train", "transrapid@tr09", "--json").json["runs"]
    assert [r["variant"] for r in one] == ["tr09"]


def test_trains_and_standards_are_listed_with_sources(run: Run) -> None:
    listed = run("time", "--list-trains")
    assert listed.code == 0
    for said in ("n700s", "l0", "transrapid", "mbbo", "assumed:", "TTOBench"):
        assert said in listed.out


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "no train is named"),
        (["--train", "n700z"], "did you mean n700s?"),
        (["--train", "flirt", "--standard", "mbo"], "did you mean mbbo?"),
        (["--train", "flirt", "--stops", "Alpha,Bets"], "did you mean beta?"),
        (["--train", "flirt", "--stops", "Alpha"], "two stops"),
        (["--train", "flirt", "--allowance", "5"], "5% or 3min/100km"),
        (["--train", "flirt", "--dwell", "soon"], "60s or 1.5min"),
        (["--train", "flirt", "--max-speed", "nan"], "nan"),
        (["--train", "l0"], "maglev train"),
        (["--train", "flirt", "--mode", "road"], "mode road"),
        (["--train", "missing.toml"], "missing.toml"),
        (["--train", "flirt", "--trian", "x"], "--train"),
    ],
)
def test_what_cannot_be_asked_gets_one_line(
    run: Run, tmp_path: Path, arguments: list[str], said: str
) -> None:
    told = run("time", route_file(tmp_path), *arguments)
    assert told.code == 2
    assert len(told.errors) == 1
    assert said in told.errors[0]


def test_no_gauge_is_refused_and_may_be_given(run: Run, tmp_path: Path) -> None:
    path = route_file(tmp_path, gauge_mm=None)
    text = path.read_text(encoding="utf-8").replace('"gauge_mm": null, ', "")
    path.write_text(text, encoding="utf-8")
    told = run("time", path, "--train", "flirt")
    assert told.code == 2
    assert "--gauge" in told.errors[0]
    assert run("time", path, "--train", "flirt", "--gauge", "1435").code == 0


def test_one_bad_route_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    good = route_file(tmp_path, name="good.geojson")
    bad = route_file(tmp_path, name="bad.geojson", mode="road")
    told = run("time", bad, good, "--train", "flirt", "--json")
    assert told.code == 2
    assert len(told.json["runs"]) == 1
    assert "bad.geojson" in told.errors[0]


def test_outputs_go_over_no_input(run: Run, tmp_path: Path) -> None:
    path = route_file(tmp_path)
    before = path.read_bytes()
    for option in ("--plot", "--ttobench", "--running-path"):
        told = run("time", path, "--train", "flirt", option, path)
        assert told.code == 2
        assert "overwritten" in told.errors[0]
    own = tmp_path / "own.toml"
    own.write_text("x = 1")
    for command in (
        ("time", path, "--train", own, "--plot", own),
        ("time", path, "--train", "flirt", "--standard", own, "--plot", own),
        ("map", path, "--colour", "speed", "--train", own, "-o", own),
    ):
        assert "overwritten" in run(*command).errors[0]
    assert own.read_text() == "x = 1"
    assert path.read_bytes() == before
    two = run("time", path, path, "--train", "flirt", "--ttobench", tmp_path / "t.json")
    assert two.code == 2
    assert "2 runs" in two.errors[0]


def test_a_formula_among_the_names_of_trains_stays_text(run: Run, tmp_path: Path) -> None:
    flirt = Path(files("geo_routes.standards") / "trains" / "flirt.toml")  # type: ignore[arg-type]
    own = tmp_path / "=1+1.toml"
    own.write_text(flirt.read_text(encoding="utf-8"), encoding="utf-8")
    told = run("time", route_file(tmp_path), "--train", own, "--format", "csv").out
    assert next(csv.DictReader(io.StringIO(told)))["train"] == "'=1+1"


def test_no_vertex_is_known_to_nothing(run: Run, tmp_path: Path) -> None:
    told = run("time", route_file(tmp_path), "--train", "flirt", "--accuracy", "1e-300")
    assert told.code == 0
