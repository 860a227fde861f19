"""``geo-routes check``: JUnit, SARIF, choosing, settings, fixing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

Run = Callable[..., Any]
MakeFile = Callable[..., Path]

ERROR: dict[str, Any] = {"tunnels": [[3_000, 1_000]], "name": "Tōkyō <b>&\x07\uffff"}

# What SARIF 2.1.0 (OASIS) demands of the parts that are written: which members there are, which
# must be there, and of what kind. Members that are not listed are refused.
TEXT = {"type": "string", "minLength": 1}
URI = {"type": "string", "format": "uri-reference", "pattern": "^(?:file:///|[^/])\\S*$"}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


MESSAGE = closed(["text"], text=TEXT, markdown=TEXT)
BAG = {"type": "object"}
ARTIFACT = closed(["uri"], uri=URI, index={"type": "integer", "minimum": 0})
REGION = closed(
    ["startLine"],
    startLine={"type": "integer", "minimum": 1},
    endLine={"type": "integer", "minimum": 1},
)
LOCATION = closed(
    ["physicalLocation"],
    physicalLocation=closed(["artifactLocation"], artifactLocation=ARTIFACT, region=REGION),
    logicalLocations={
        "type": "array",
        "items": closed(["name"], name=TEXT, fullyQualifiedName=TEXT),
    },
)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
LOCATIONS = {"type": "array", "items": LOCATION}
RESULT = closed(
    ["message"],
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=LOCATIONS,
    properties=BAG,
)
RULE = closed(["id"], id=TEXT, name=TEXT, shortDescription=MESSAGE, help=MESSAGE, properties=BAG)
DRIVER = closed(
    ["name"],
    name=TEXT,
    version=TEXT,
    semanticVersion=TEXT,
    rules={"type": "array", "items": RULE, "uniqueItems": True},
)
NOTIFICATION = closed(["message"], level=LEVEL, message=MESSAGE, locations=LOCATIONS)
INVOCATION = closed(
    ["executionSuccessful"],
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications={"type": "array", "items": NOTIFICATION},
)
RUN = closed(
    ["tool"],
    tool=closed(["driver"], driver=DRIVER),
    invocations={"type": "array", "items": INVOCATION},
    artifacts={"type": "array", "items": closed(["location"], location=ARTIFACT)},
    results={"type": "array", "items": RESULT},
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
)
LOG = closed(
    ["version", "runs"],
    **{
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN},
    },
)


def test_sarif_is_what_the_standard_asks(run: Run, make_file: MakeFile, tmp_path: Path) -> None:
    good, bad = make_file("a b.geojson"), make_file("bad.geojson", **ERROR)
    outcome = run("check", "--format", "sarif", good, bad, tmp_path / "none.geojson")
    assert outcome.code == 2
    log = json.loads(outcome.out)
    jsonschema.Draft202012Validator(LOG, format_checker=jsonschema.FormatChecker()).validate(log)
    [made] = log["runs"]
    rules = [r["id"] for r in made["tool"]["driver"]["rules"]]
    for result in made["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    [reversed_] = [r for r in made["results"] if r["ruleId"] == "structures.reversed"]
    assert reversed_["level"] == "error"
    assert reversed_["properties"]["chainage_m"] == 1000
    assert len(reversed_["properties"]["lonlat"]) == 2
    assert "\x07" not in outcome.out
    assert made["invocations"][0]["executionSuccessful"] is False
    [notification] = made["invocations"][0]["toolExecutionNotifications"]
    assert "no such file" in notification["message"]["text"]
    assert [a["location"]["uri"].rpartition("/")[2] for a in made["artifacts"]] == [
        "a%20b.geojson",
        "bad.geojson",
        "none.geojson",
    ]


def test_junit_counts_what_it_holds(run: Run, make_file: MakeFile, tmp_path: Path) -> None:
    good, bad = make_file("good.geojson"), make_file("bad.geojson", **ERROR)
    outcome = run("check", "--format", "junit", good, bad, tmp_path / "none.geojson")
    assert outcome.code == 2
    suites = list(ET.fromstring(outcome.out.encode()))  # noqa: S314 - our own output
    assert [s.attrib["id"] for s in suites] == ["0", "1", "2"]
    for suite in suites:
        # What the XML schema for Ant's JUnit reports asks of a suite: names, counts, order.
        wanted = {"name", "package", "id", "tests", "failures", "errors", "time", "timestamp"}
        assert set(suite.attrib) == wanted | {"hostname"}
        tags = [child.tag for child in suite]
        cases = suite.findall("testcase")
        assert tags == ["properties", *["testcase"] * len(cases), "system-out", "system-err"]
        assert suite.attrib["tests"] == str(len(cases))
        assert suite.attrib["failures"] == str(len(suite.findall("testcase/failure")))
        assert suite.attrib["errors"] == str(len(suite.findall("testcase/error")))
        for case in cases:
            assert {"name", "classname", "time"} == set(case.attrib)
            assert case.attrib["name"] == " ".join(case.attrib["name"].split()) != ""
            assert len(case) <= 1
    failure = suites[1].find("testcase/failure")
    assert failure is not None
    assert failure.attrib["type"] == "structures.reversed"
    assert "<b>&\\x07" in (failure.text or "")
    assert suites[2].find("testcase/error") is not None


def test_what_fails_in_junit_is_what_fails_the_command(run: Run, make_file: MakeFile) -> None:
    path = make_file(status="lost")
    for fail_on, failures, code in (("error", "0", 0), ("warning", "1", 1)):
        outcome = run("check", "--format", "junit", "--fail-on", fail_on, path)
        [suite] = ET.fromstring(outcome.out.encode())  # noqa: S314 - our own output
        assert (suite.attrib["failures"], outcome.code) == (failures, code)


@pytest.mark.parametrize(
    "options,code,left",
    [
        (("--select", "structures"), 1, ["structures.reversed"]),
        (("--select", "name,member"), 0, ["name.control"]),
        (("--ignore", "structures", "--ignore", "attribution"), 0, ["name.control"]),
        (("--ignore", "structures.reversed,name,attribution"), 0, []),
    ],
)
def test_findings_are_chosen(
    run: Run, make_file: MakeFile, options: tuple[str, ...], code: int, left: list[str]
) -> None:
    outcome = run("check", "--json", *options, make_file(**ERROR))
    assert outcome.code == code
    assert [f["code"] for f in outcome.json["findings"]] == left


def test_a_code_that_is_none_is_one_line(run: Run, make_file: MakeFile) -> None:
    outcome = run("check", "--select", "strukture", make_file())
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "error: no finding is named 'strukture'; did you mean structures?\n"


@pytest.mark.parametrize(
    "name,text",
    [
        ("geo-routes.toml", 'ignore = ["structures"]\nfail-on = "warning"\n'),
        ("pyproject.toml", '[tool.geo-routes]\nignore = ["structures"]\nfail_on = "warning"\n'),
    ],
)
def test_settings_of_the_folder_are_defaults(
    run: Run,
    make_file: MakeFile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    text: str,
) -> None:
    path = make_file(**ERROR)
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)
    assert "structures" not in run("check", path).out
    assert run("check", path).code == 1  # the name is a warning
    assert run("check", "--fail-on", "error", path).code == 0
    assert "structures" in run("check", "--config", "", path).out
    other = tmp_path / "other.toml"
    other.write_text('select = ["name"]\n')
    assert "structures" not in run("check", "--config", other, path).out


@pytest.mark.parametrize(
    "text,said",
    [
        ("ignored = []\n", "has the setting 'ignored'"),
        ('ignore = "structures"\n', "expected a list of codes"),
        ('ignore = ["struct"]\n', "no finding is named 'struct'"),
        ('tolerance = "big"\n', "expected a number"),
        ("tolerance = -1\n", "tolerance"),
        ('fail-on = "never"\n', "the setting 'fail-on' that cannot be taken: 'never'"),
        ('units = "furlong"\n', "'furlong'"),
        ("fail-on = 3\n", "expected text"),
        ("a = [\n", "is no TOML"),
        ("\x00", "is no TOML"),
        ("tolerance = " + "9" * 5000, "is no TOML"),
        ("tolerance = inf", "expected a number"),
        ('fail-on = "error"\nfail_on = "warning"', "twice"),
        ('select = [""]', "expected a list of codes"),
    ],
)
def test_settings_that_cannot_be_used_are_one_line(
    run: Run,
    make_file: MakeFile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    said: str,
) -> None:
    path = make_file()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "geo-routes.toml").write_text(text)
    outcome = run("check", path)
    assert (outcome.code, outcome.out) == (2, "")
    assert len(outcome.err.splitlines()) == 1
    assert outcome.err.startswith("error: geo-routes.toml: ")
    assert said in outcome.err


def messy(folder: Path, name: str = "messy.geojson") -> Path:
    path = folder / name
    line = {"type": "LineString", "coordinates": [[9.0, 50.0], [9.0, 50.0], [9.1, 50.0]]}
    feature = {"type": "Feature", "properties": {"name": "M"}, "geometry": line}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def test_fixing_shows_and_writes_only_where_told(run: Run, tmp_path: Path) -> None:
    path, out = messy(tmp_path), tmp_path / "out.geojson"
    before = path.read_bytes()
    shown = run("check", "--fix", path)
    assert "would be fixed by -o OUT or --in-place" in shown.out
    assert "1 duplicate vertex removed, the first at [9.0, 50.0]" in shown.out
    assert path.read_bytes() == before
    assert f"fixed, and written to {out}" in run("check", "--fix", "-o", out, path).out
    assert path.read_bytes() == before
    assert "nothing to fix" in run("check", "--fix", out).out
    row = run("check", "--fix", "--in-place", "--json", path).json["files"][0]
    assert row["written"] == str(path)
    assert len(row["fixes"]) == 1
    assert "geometry.duplicate_vertices" not in [f["code"] for f in row["findings"]]
    assert path.read_bytes() == out.read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        ("-o", "x.geojson"),
        ("--in-place",),
        ("--fix", "--in-place", "-o", "x.geojson"),
        ("--fix", "-o", "no/such/folder/x.geojson"),
        ("--fix", "-o", "x.geojson", "second.geojson"),
        ("--fix", "-o", "messy.geojson"),
        ("--fix", "-o", "-"),
    ],
)
def test_fixing_that_makes_no_sense_is_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run("check", *options, messy(tmp_path))
    assert (outcome.code, outcome.out) == (2, "")
    assert len(outcome.err.splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["messy.geojson"]
