"""``geo-routes check``: its exit codes, its verdicts, its JSON."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyproj import Geod

Run = Callable[..., Any]
MakeFile = Callable[..., Path]

LINE = [[139.7671, 35.6812], [139.7003, 35.658], [139.638, 35.556], [139.523, 35.4437]]
LENGTH_KM = float(Geod(ellps="WGS84").line_length(*zip(*LINE, strict=True))) / 1_000

SOUND: dict[str, Any] = {}
WARNING: dict[str, Any] = {"status": "lost"}
ERROR: dict[str, Any] = {"tunnels": [[3_000, 1_000]]}


@pytest.mark.parametrize(
    "properties,fail_on,code",
    [
        (SOUND, None, 0),
        (SOUND, "warning", 0),
        (WARNING, None, 0),
        (WARNING, "error", 0),
        (WARNING, "warning", 1),
        (ERROR, None, 1),
        (ERROR, "error", 1),
        (ERROR, "warning", 1),
    ],
)
def test_the_exit_code_tells_the_severity(
    run: Run, make_file: MakeFile, properties: dict[str, Any], fail_on: str | None, code: int
) -> None:
    options = () if fail_on is None else ("--fail-on", fail_on)
    for form in ((), ("--json",), ("--format", "json")):
        outcome = run("check", *options, *form, make_file(**properties))
        assert outcome.code == code
        assert outcome.err == ""


def test_one_file_with_errors_among_good_ones_is_told(run: Run, make_file: MakeFile) -> None:
    good, bad = make_file("good.geojson"), make_file("bad.geojson", **ERROR)
    assert run("check", good, bad).code == run("check", bad, good).code == 1
    assert run("check", bad, good, "none.geojson").code == 2


def test_an_unusable_file_beats_findings(run: Run, make_file: MakeFile, tmp_path: Path) -> None:
    outcome = run("check", "--json", make_file(**ERROR), tmp_path / "none.geojson")
    assert outcome.code == 2
    assert len(outcome.errors) == 1
    found = [f["code"] for f in outcome.json["findings"]]
    assert found == ["structures.reversed", "attribution.missing"]


def test_the_text_says_finding_place_route_and_remedy(run: Run, make_file: MakeFile) -> None:
    path = make_file(**ERROR)
    out = run("check", path).out
    assert out.splitlines()[0] == str(path)
    assert "error   structures.reversed at 1.000 km (35.67" in out
    assert " N 139.75" in out
    assert "; swap its ends" in out
    assert out.splitlines()[-1] == "  1 error, 1 note"
    assert "at 1+000 (35." in run("check", "--stationing", "12+345", path).out
    assert "at 1,0 + 0 (35." in run("check", "--stationing", "12,3 + 45", path).out
    assert "at 0.621 mi (35." in run("check", "--units", "mi", path).out
    assert "nothing found" in run("check", "--ignore", "attribution", make_file()).out


def test_the_json_holds_files_verdicts_and_findings(run: Run, make_file: MakeFile) -> None:
    path = make_file(**ERROR, declared={"length_km": 50, "source": "made"})
    document = run("check", "--json", path).json
    assert document == run("check", "--format", "json", path).json
    [row] = document["files"]
    assert row["source"] == str(path)
    [verdict] = row["verdicts"]
    assert (verdict["figure"], verdict["outcome"], verdict["declared"]) == ("length", "differs", 50)
    assert verdict["measured"] == pytest.approx(LENGTH_KM, rel=1e-9)
    codes = {f["code"] for f in document["findings"]}
    assert codes == {"structures.reversed", "declared.length", "attribution.missing"}
    assert all(f["source"] == str(path) for f in document["findings"])
    for finding in row["findings"]:
        contract = {"code", "severity", "route", "chainage_m", "message", "remedy"}
        assert set(finding) == contract | {"lonlat", "causes", "documentation"}


@pytest.mark.parametrize(
    "tolerance,code",
    [(None, 1), ("0.001", 1), ("0.02", 0), ("0", 1)],
)
def test_the_tolerance_decides(
    run: Run, make_file: MakeFile, tolerance: str | None, code: int
) -> None:
    # 1.5 % off, which is past the 1 % that are let through.
    path = make_file(declared={"length_km": round(LENGTH_KM * 1.015, 3)})
    options = () if tolerance is None else ("--tolerance", tolerance)
    assert run("check", *options, path).code == code


def test_the_declared_length_of_a_section(run: Run, make_file: MakeFile) -> None:
    to_b_km = float(Geod(ellps="WGS84").line_length(*zip(*LINE[:3], strict=True))) / 1_000
    declared = {"length_km": round(to_b_km, 1), "from": "A", "to": "B", "source": "made"}
    outcome = run("check", make_file(declared=declared))
    assert outcome.code == 0
    assert "agrees" in outcome.out


def test_a_sketch_is_untestable_and_no_error(run: Run, make_file: MakeFile) -> None:
    path = make_file(geometry_kind="sketch", declared={"length_km": 500})
    outcome = run("check", "--fail-on", "warning", path)
    assert outcome.code == 0
    assert "untestable" in outcome.out


@pytest.mark.parametrize(
    "options",
    [
        ("--tolerance", "-1"),
        ("--tolerance", "nan"),
        ("--tolerance", "inf"),
        ("--tolerance", "x"),
        ("--format", "yaml"),
        ("--fail-on", "note"),
    ],
)
def test_arguments_that_cannot_be_used_get_one_line(
    run: Run, make_file: MakeFile, options: tuple[str, str]
) -> None:
    outcome = run("check", *options, make_file(declared={"length_km": 5}))
    assert outcome.code == 2
    assert outcome.out == ""
    [line] = outcome.err.splitlines()
    assert line.startswith("error: ")
    assert len(line) <= 400


def test_the_alignment_is_judged_when_asked_for(run: Run, make_file: MakeFile) -> None:
    assert "alignment." not in run("check", make_file()).out
    for options in (("--alignment",), ("--shortest-element", "50")):
        outcome = run("check", *options, "--json", make_file())
        assert outcome.code == 0
        assert outcome.json["files"]
    refused = run("check", "--shortest-element", "0", make_file())
    assert refused.code == 2
    assert len(refused.errors) == 1
