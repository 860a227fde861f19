"""Transitions of LandXML between curves of opposite hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from scipy.integrate import quad

import geo_routes as gr

START = (500_000.0, 5_400_000.0)
TEXT = """<LandXML xmlns="http://www.landxml.org/schema/LandXML-1.2" version="1.2">
<Units><Metric linearUnit="meter"/></Units><CoordinateSystem epsgCode="25832"/><Alignments>
<Alignment name="a"><CoordGeom>{}</CoordGeom></Alignment></Alignments></LandXML>"""
GROWTH: dict[str, Any] = {
    "clothoid": lambda u: u,
    "revBloss": lambda u: 3 * u**2 - 2 * u**3,
    "revCosine": lambda u: (1 - math.cos(math.pi * u)) / 2,
}


def spiral(kind: str, length: float, ends: tuple[float, float], rot: str, *, meets: bool) -> str:
    """File a transition by quadrature; curvatures are left positive."""
    growth = GROWTH[kind]

    def heading(s: float) -> float:
        bend = quad(lambda t: ends[0] + (ends[1] - ends[0]) * growth(t / length), 0, s)[0]
        return 0.3 + float(bend)

    east = START[0] + quad(lambda s: math.cos(heading(s)), 0, length, epsabs=1e-11)[0]
    north = START[1] + quad(lambda s: math.sin(heading(s)), 0, length, epsabs=1e-11)[0]
    a, b = heading(0), heading(length)
    # Where the tangents of both ends meet.
    along = ((east - START[0]) * math.sin(b) - (north - START[1]) * math.cos(b)) / math.sin(b - a)
    tip = (START[0] + along * math.cos(a), START[1] + along * math.sin(a)) if meets else START
    return (
        f'<Spiral length="{length}" radiusStart="{1 / abs(ends[0])!r}"'
        f' radiusEnd="{1 / abs(ends[1])!r}" rot="{rot}" spiType="{kind}">'
        f"<Start>{START[1]!r} {START[0]!r}</Start><PI>{tip[1]!r} {tip[0]!r}</PI>"
        f"<End>{north!r} {east!r}</End></Spiral>"
    )


@pytest.mark.parametrize("kind", list(GROWTH))
@pytest.mark.parametrize("rot", ["cw", "ccw"])
@pytest.mark.parametrize(
    "ends",
    [(1 / 300, -1 / 500), (-1 / 300, 1 / 500), (1 / 400, 1 / 250), (-1 / 400, -1 / 250)],
)
def test_the_hands_are_those_that_fit(
    tmp_path: Path, kind: str, rot: str, ends: tuple[float, float]
) -> None:
    same = ends[0] * ends[1] > 0
    if same:
        rot = "ccw" if ends[0] > 0 else "cw"
    row = spiral(kind, 80.0, ends, rot, meets=True)
    (tmp_path / "a.xml").write_text(TEXT.format(row), encoding="utf-8")
    (route,) = gr.read(tmp_path / "a.xml")
    assert [r for r in route.remarks if r.code == "design.misfit"] == []
    (element,) = route.extra["design"]["elements"]
    words = tuple("left" if k > 0 else "right" for k in ends)
    if same:
        assert (element["hand"], "hand_from" in element) == (words[0], False)
    else:
        assert (element["hand_from"], element["hand_to"]) == words


def test_without_tangents_that_meet_the_chord_tells_that_the_hands_differ(tmp_path: Path) -> None:
    row = spiral("clothoid", 80.0, (1 / 300, -1 / 300.5), "ccw", meets=False)
    (tmp_path / "a.xml").write_text(TEXT.format(row), encoding="utf-8")
    (route,) = gr.read(tmp_path / "a.xml")
    (element,) = route.extra["design"]["elements"]
    assert (element["hand_from"], element["hand_to"]) == ("left", "right")
