"""Curves of LandXML whose parts say the same thing twice, and otherwise."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import geo_routes as gr
from geo_routes.errors import MalformedFile

CENTRE = (500_000.0, 5_400_000.0)


def document(*rows: str, angular: str = "") -> str:
    return f"""<LandXML xmlns="http://www.landxml.org/schema/LandXML-1.2" version="1.2">
    <Units><Metric linearUnit="meter" {angular}/></Units><CoordinateSystem epsgCode="25832"/>
    <Alignments><Alignment name="a" staStart="0"><CoordGeom>{"".join(rows)}</CoordGeom>
    </Alignment></Alignments></LandXML>"""


def point(name: str, angle: float, radius: float = 100.0) -> str:
    east = CENTRE[0] + radius * math.cos(angle)
    north = CENTRE[1] + radius * math.sin(angle)
    return f"<{name}>{north!r} {east!r}</{name}>"


def curve(turn: float, said: str, *, rot: str = "ccw", centre: bool = True) -> str:
    middle = f"<Center>{CENTRE[1]} {CENTRE[0]}</Center>" if centre else ""
    return (
        f'<Curve rot="{rot}" radius="100" {said}>{point("Start", 0.0)}{middle}'
        f"{point('End', turn)}</Curve>"
    )


def read(tmp_path: Path, text: str) -> gr.Route:
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    return gr.read_one(tmp_path / "a.xml")


def misfits(route: gr.Route) -> list[str]:
    return [r.message for r in route.remarks if r.code == "design.misfit"]


@pytest.mark.parametrize("behind", [-1e-5, 1e-5])
@pytest.mark.parametrize(
    "said,length",
    [
        ('length="0.001"', 0.001),
        ('length="628.3185"', 200 * math.pi),
        ('delta="360"', 200 * math.pi),
        ('delta="0.0005"', 100 * math.radians(0.0005)),
    ],
)
def test_ends_that_nearly_meet_are_a_circle_or_nothing_as_the_file_says(
    tmp_path: Path, behind: float, said: str, length: float
) -> None:
    # The ends are a millimetre apart, in either order, as rounding leaves them.
    line = f"<Line><Start>{CENTRE[1] - 50} {CENTRE[0] + 100}</Start>{point('End', 0.0)}</Line>"
    text = document(line, curve(behind, said), angular='angularUnit="decimal degrees"')
    route = read(tmp_path, text)
    assert route.extra["design"]["grid_length_m"] == pytest.approx(50 + length, abs=2e-3)
    assert misfits(route) == []


def test_ends_that_nearly_meet_are_asked_about_where_nothing_says_more(tmp_path: Path) -> None:
    for turn, centre in ((0.0, True), (-1e-5, True), (0.0, False)):
        with pytest.raises(MalformedFile, match="begins where it ends"):
            read(tmp_path, document(curve(turn, "", centre=centre)))
    with pytest.raises(MalformedFile, match="its place is open"):
        read(tmp_path, document(curve(0.0, 'length="628.3185"', centre=False)))


@pytest.mark.parametrize(
    "said,told",
    [
        ('length="50"', ["578.319 m", "50.000 m"]),
        # Half a radian is 28 degrees, 38 minutes, 52.403 seconds.
        ('delta="28.3852403"', ["331.3521 degrees", "28.6479"]),
    ],
)
def test_a_rot_that_contradicts_is_said(tmp_path: Path, said: str, told: list[str]) -> None:
    angular = 'angularUnit="decimal dd.mm.ss"'
    # To the left it is half a radian from the one end to the other, to the right all the rest.
    fine = read(tmp_path, document(curve(0.5, said), angular=angular))
    assert misfits(fine) == []
    (message,) = misfits(read(tmp_path, document(curve(0.5, said, rot="cw"), angular=angular)))
    assert all(part in message for part in told)


def test_a_length_that_no_arc_over_the_chord_has_is_said(tmp_path: Path) -> None:
    for length, count in ((50.0, 0), (578.3185, 0), (60.0, 1)):
        row = curve(0.5, f'length="{length}"', centre=False)
        assert len(misfits(read(tmp_path, document(row)))) == count


@pytest.mark.parametrize(
    "unit,delta", [("radians", 0.5), ("grads", 100 / math.pi), ("", 0.5), ("gon", 77)]
)
def test_angles_come_in_several_units(tmp_path: Path, unit: str, delta: Any) -> None:
    angular = f'angularUnit="{unit}"' if unit else ""
    assert misfits(read(tmp_path, document(curve(0.5, f'delta="{delta}"'), angular=angular))) == []


@pytest.mark.parametrize("turn", [0.5, 4.0])
@pytest.mark.parametrize("centre", [True, False])
def test_a_pi_on_the_other_side_than_rot_says_is_said(
    tmp_path: Path, turn: float, centre: bool
) -> None:
    # The tangents of an arc meet at its radius over the cosine of half its angle, from its centre.
    tip = point("PI", turn / 2, 100.0 / math.cos(turn / 2))
    said = f'length="{100 * turn!r}"'
    left = curve(turn, said, centre=centre).replace("<End>", f"{tip}<End>")
    assert misfits(read(tmp_path, document(left))) == []
    right = left.replace('rot="ccw"', 'rot="cw"').replace(said, "" if turn < 3 else said)
    told = misfits(read(tmp_path, document(right)))
    # With a centre the wrong hand takes the rest of the circle, and that is all it is told.
    assert len(told) == (0 if centre and turn < 3 else 1)


def test_a_transition_whose_pi_lies_on_the_other_side_is_said(tmp_path: Path) -> None:
    row = (
        '<Spiral length="100" radiusStart="INF" radiusEnd="500" rot="{}" spiType="clothoid">'
        "<Start>5400000 500000</Start><PI>5400000 500066.7</PI><End>5400003.33 500099.9</End>"
        "</Spiral>"
    )
    assert misfits(read(tmp_path, document(row.format("ccw")))) == []
    (message,) = misfits(read(tmp_path, document(row.format("cw"))))
    assert "on the other side than its rot says" in message
