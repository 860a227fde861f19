"""Stationing: what people write on posts and in tables, both ways."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_routes.chainage import STATIONINGS, Stationing, parse_stationing, write_stationing
from geo_routes.errors import InvalidNoun

SHARED = Path(__file__).resolve().parents[2] / "shared"

# Miles and chains by their legal lengths: 1 mile = 1,609.344 m = 80 chains.
WRITTEN = {
    "12.345": 12.345,
    "12,345": 12.345,
    "12": 12.0,
    ".5": 0.5,
    " km 3.2 ": 3.2,
    "3.2 km": 3.2,
    "500 m": 0.5,
    "10 mi": 16.09344,
    "12+345": 12.345,
    "12+345.6": 12.3456,
    "12 + 345": 12.345,
    "PK 994+120": 994.12,
    "994+120": 994.12,
    "-1+200": -1.2,
    "\N{MINUS SIGN}1+200": -1.2,
    "-0.5": -0.5,
    "0m40ch": 0.804672,
    "12m34ch": 19.9960992,
    "12 m 34 ch": 19.9960992,
    "12mi 34ch": 19.9960992,
    "-1m00ch": -1.609344,
    "144,1 + 75": 144.175,
    "0,0 + 0": 0.0,
    "-0,0 + -73": -0.073,
    "-1,5 + -63": -1.563,
    "7,0 + 130": 7.13,
    "1,0 + 2230": 3.23,
}


@pytest.mark.parametrize("text, km", WRITTEN.items())
def test_what_people_write_is_read(text: str, km: float) -> None:
    assert parse_stationing(text) == pytest.approx(km, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    ["", " ", "abc", "12+", "+", "1,23,4", "12 34", "1e5", "nan", "inf", "0x10", "१२", "12m",
     "12ch", "12;3", "1" * 41, "12.3.4", "--3", "12+345+6"],
)  # fmt: skip
def test_what_is_no_stationing_is_refused(text: str) -> None:
    if text == "12m":
        assert parse_stationing(text) == pytest.approx(0.012)  # metres, as "500 m"
        return
    with pytest.raises(InvalidNoun, match="no stationing"):
        parse_stationing(text)


@pytest.mark.parametrize(
    "km, stationing, text",
    [
        (12.3454, "12.345", "12.345"),
        (-0.4, "12+345", "-0+400"),
        (-0.0001, "12+345", "0+000"),
        (0.9996, "12+345", "1+000"),
        (1.609344, "12m34ch", "1m00ch"),
        (1.609, "12m34ch", "1m00ch"),
        (-0.214, "12,3 + 45", "-0,2 + -14"),
        (144.175, "12,3 + 45", "144,1 + 75"),
    ],
)
def test_a_kilometre_is_written(km: float, stationing: Stationing, text: str) -> None:
    assert write_stationing(km, stationing) == text


def test_an_unknown_way_of_writing_is_refused() -> None:
    with pytest.raises(InvalidNoun, match="stationing is 'yards'"):
        write_stationing(1.0, "yards")  # type: ignore[arg-type]


@given(km=st.floats(-2000, 2000), stationing=st.sampled_from(STATIONINGS))
def test_what_is_written_is_read_again(km: float, stationing: Stationing) -> None:
    half_a_unit_km = 0.5 * 20.1168 / 1000 if stationing == "12m34ch" else 0.0005
    again = parse_stationing(write_stationing(km, stationing))
    assert again == pytest.approx(km, abs=half_a_unit_km + 1e-9)


def test_all_german_operating_points_are_read() -> None:
    table = SHARED / "data/de-operating-points/betriebsstellen_open_data.csv"
    if not table.exists():
        pytest.skip("needs the German operating points beside the checkout")
    with table.open(encoding="cp850", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 9505
    for row in rows:
        # The same kilometre as one integer: hectometres times 10,000 plus metres, on 100,000,000.
        coded = int(row["KM_I"]) - 100_000_000
        hectometres, metres = divmod(abs(coded), 10_000)
        km = (hectometres / 10 + metres / 1000) * (1 if coded >= 0 else -1)
        # Below zero the integer is rounded down and the text towards zero: a metre apart.
        apart_km = 1e-9 if coded >= 0 else 0.001 + 1e-9
        assert parse_stationing(row["KM_L"]) == pytest.approx(km, abs=apart_km)
