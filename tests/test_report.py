"""Figures and findings as text and as strict JSON."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_routes import report
from geo_routes.checks import check, judge
from geo_routes.errors import visible
from geo_routes.formats.json_text import encode
from geo_routes.model import Declared, Finding, Route, Station, Structure
from geo_routes.survey import FIGURES, Survey, measure

DEGREE_M = 6_378_137.0 * np.pi / 180


def survey(length_km: float = 100.0, **members: Any) -> Survey:
    lonlat = np.array([[0.0, 0.0], [length_km * 1_000 / DEGREE_M, 0.0]])
    return measure(Route(lonlat=lonlat, **members))


def station(at_km: float, name: str) -> Station:
    return Station(lonlat=(at_km * 1_000 / DEGREE_M, 0.0), name=name)


FULL: dict[str, Any] = {
    "name": "Line",
    "id": "l",
    "geometry_kind": "mapped",
    "stations": (station(10, "A"), station(30, "B")),
    "structures": (Structure(kind="tunnel", from_m=0, to_m=15_000, name="Long"),),
    "structures_complete": True,
}


@pytest.mark.parametrize(
    "chainage_m,stationing,units,said",
    [
        (12_345.2, "12.345", "km", "12.345 km"),
        (1_609.344, "12.345", "mi", "1.000 mi"),
        (12_345.5, "12+345", "km", "12+346"),
        (999.6, "12+345", "km", "1+000"),
        (5.0, "12+345", "mi", "0+005"),
        # 80 chains are a mile: 12 miles and 34 chains.
        (12 * 1_609.344 + 34 * 20.1168, "12m34ch", "km", "12m34ch"),
        (1_609.344 - 1, "12m34ch", "km", "1m00ch"),
    ],
)
def test_chainages_are_said_in_peoples_ways(
    chainage_m: float, stationing: Any, units: Any, said: str
) -> None:
    assert report.say_chainage(chainage_m, stationing=stationing, units=units) == said


@given(st.floats(0, 1e7), st.sampled_from(["12.345", "12+345", "12m34ch"]))
def test_what_is_said_of_a_chainage_leads_back_to_it(chainage_m: float, stationing: Any) -> None:
    said = report.say_chainage(chainage_m, stationing=stationing)
    one, two = (float(x) for x in re.findall(r"\d+\.?\d*", f"{said} 0")[:2])
    back_m = {"12.345": one * 1_000, "12+345": one * 1_000 + two}.get(
        stationing, one * 1_609.344 + two * 20.1168
    )
    assert back_m == pytest.approx(chainage_m, abs=20.1168 / 2 if "ch" in stationing else 0.501)


def test_the_text_holds_the_figures() -> None:
    text = report.measure_text(survey(**FULL), source="a.geojson")
    for said in (
        *("Line  (a.geojson)", "100.000 km", "15.000 km, 15.0%", "10.000 km  A"),
        *("20.000 km  A to B  tunnel 25.0%", "0.000 km to 15.000 km  tunnel Long"),
    ):
        assert said in text, said


def test_the_text_is_in_miles_where_asked() -> None:
    text = report.measure_text(survey(**FULL), source="a", units="mi", stationing="12m34ch")
    assert "62.137 mi" in text  # 100 / 1.609344
    assert "6m17ch" in text  # 10 km are 497.097 chains
    assert "km" not in text


@pytest.mark.parametrize(
    "figures,absent",
    [
        (("length",), ["tunnel", "stations", "sections", "sinuosity"]),
        (("length", "structures"), ["stations", "sections", "sinuosity"]),
        (("sections",), ["sinuosity", "Long"]),
    ],
)
def test_figures_that_were_not_chosen_are_not_said(figures: Any, absent: list[str]) -> None:
    filed = Route(lonlat=np.array([[0.0, 0.0], [0.9, 0.0]]), **FULL)
    measured = measure(filed, figures=figures)
    text = report.measure_text(measured, source="a", figures=figures)
    row = report.route_figures(measured, figures=figures)
    assert "length" in text
    assert [word for word in absent if word in text.replace("tunnel 2", "")] == []
    assert [word for word in absent if word in row] == []


def test_a_share_of_what_is_partly_known_is_a_range() -> None:
    part = {**FULL, "structures_complete": False, "open_m": np.array([[20_000.0, 60_000.0]])}
    # 15 % are tunnel, 40 % open, 45 % unknown.
    text = report.measure_text(survey(**part), source="a")
    assert "15.0% to 60.0% (55.0% of the line is known)" in text
    assert "unknown" in report.measure_text(survey(name="bare"), source="a")


def test_long_lists_are_cut_with_a_word() -> None:
    stations = tuple(station(i / 10, f"S{i}") for i in range(500))
    text = report.measure_text(survey(stations=stations), source="a")
    assert "... and 300 more (all of them with --json)" in text
    assert len(text.splitlines()) < 450


def strictly(document: object) -> Any:
    def refuse(constant: str) -> None:
        pytest.fail(f"{constant} is no JSON")

    return json.loads(encode(report.strict(document)), parse_constant=refuse)


def test_the_json_has_the_members_of_the_contract() -> None:
    row = strictly(report.route_figures(survey(**FULL)))
    assert set(row) >= {
        *("id", "name", "length_m", "length_uncertainty_m", "vertices", "stations", "sections"),
        *("tunnel_length_m", "tunnel_fraction", "known_fraction", "structures", "min_radius_m"),
        *("sinuosity", "turning_deg_per_km"),
    }
    assert row["length_m"] == pytest.approx(100_000, abs=1e-4)
    assert row["vertices"] == 2
    assert [set(s) for s in row["stations"]] == [{"name", "chainage_m", "offset_m"}] * 2
    [section] = row["sections"]
    assert (section["from"], section["to"]) == ("A", "B")
    assert section["length_m"] == pytest.approx(20_000, abs=1e-4)
    assert section["tunnel_fraction"] == pytest.approx(0.25)
    assert row["structures"]["tunnel"]["length_m"] == 15_000
    assert row["structures"]["tunnel"]["fraction"] == pytest.approx(0.15)


def test_where_nothing_is_known_json_says_null() -> None:
    row = strictly(report.route_figures(survey()))
    assert row["tunnel_length_m"] is row["tunnel_fraction"] is None
    assert row["known_fraction"] == 0
    closed = measure(Route(lonlat=np.array([[0.0, 0.0]] * 2)))
    assert strictly(report.route_figures(closed, figures=FIGURES))["sinuosity"] is None


def test_findings_and_verdicts_have_the_members_of_the_contract() -> None:
    found = check(survey(declared=Declared(length_km=90, source="s")))
    row = strictly(report.finding_row(found[0]))
    contract = {"code", "severity", "route", "chainage_m", "message", "remedy"}
    assert set(row) == contract | {"lonlat", "causes", "documentation"}
    assert row["documentation"] == "reference/findings.md#declared-length"
    assert (row["code"], row["severity"], row["chainage_m"]) == ("declared.length", "error", None)
    [verdict] = judge(survey(declared=Declared(length_km=90, source="s")))
    row = strictly(report.verdict_row(verdict, route="Line"))
    assert (row["route"], row["figure"], row["outcome"]) == ("Line", "length", "differs")
    assert (row["declared"], row["unit"], row["source"]) == (90, "km", "s")


@pytest.mark.parametrize(
    "value,expected",
    [
        (math.inf, None),
        ([math.nan, 1.5, -math.inf], [None, 1.5, None]),
        ({"a": {"b": (math.nan,)}, 1: "x"}, {"a": {"b": [None]}, "1": "x"}),
        ("bad\udcff", "bad\\udcff"),
        ("Zürich 東京", "Zürich 東京"),
        (True, True),
        (-0.0, -0.0),
    ],
)
def test_strict_leaves_only_what_json_has(value: object, expected: object) -> None:
    assert strictly(value) == expected


@given(st.text(st.characters(), max_size=60) | st.text("\x00\x1b\r\n\u2028\u202e\ufeff"))
def test_what_is_visible_is_one_line_without_control(text: str) -> None:
    shown = visible(text, most=50)
    assert len(shown) <= 50
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff") & set(shown)


def finding(severity: Any, message: str = "m", **members: Any) -> Finding:
    return Finding(code="a.b", severity=severity, message=message, **members)


def test_each_finding_is_one_line() -> None:
    rows = [
        finding("error", "x\nerror: y", remedy="do", route="L", chainage_m=1_500.0),
        finding("note"),
    ]
    assert report.findings_text(rows).splitlines() == [
        "  error   a.b at 1.500 km [L]: x\\nerror: y; do",
        "  note    a.b: m",
    ]


@pytest.mark.parametrize(
    "severities,said",
    [
        ([], "nothing found"),
        (["note"], "1 note"),
        (["warning", "error", "error"], "2 errors, 1 warning"),
    ],
)
def test_findings_are_counted_in_one_phrase(severities: list[Any], said: str) -> None:
    assert report.summary([finding(s) for s in severities]) == said


def test_the_verdict_on_a_file_names_routes_verdicts_and_findings() -> None:
    measured = survey(name="Line", declared=Declared(length_km=90, source="s"))
    text = report.check_text([measured], check(measured), source="a.geojson")
    rows = text.splitlines()
    assert rows[0] == "a.geojson"
    assert rows[1].startswith("  Line: 100.000 km")
    assert "differs" in rows[2]
    assert rows[-1].startswith("  1 error")
