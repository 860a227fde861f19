"""GTFS: made feeds whose places and lengths are known in closed form."""

from __future__ import annotations

import io
import itertools
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest

import geo_routes as gr
from geo_routes.errors import MalformedFile, UnreadableFile, UnusableInput
from geo_routes.formats.gtfs import list_gtfs, read_gtfs

GEOD = pyproj.Geod(ellps="WGS84")


def inverse_m(one: Any, other: Any) -> float:
    return float(GEOD.inv(one[0], one[1], other[0], other[1])[2])


def places(*steps: tuple[float, float], start: tuple[float, float] = (8.0, 48.0)) -> Any:
    """Places reached by geodesics of an azimuth and a length, one after the other."""
    rows = [start]
    for azimuth, length in steps:
        lon, lat, _ = GEOD.fwd(*rows[-1], azimuth, length)
        rows.append((lon, lat))
    return rows


SQUARE = places((90, 1000), (0, 1000), (-90, 1000))
LOOP = [*SQUARE, SQUARE[0]]


def table(header: str, *rows: Any) -> str:
    lines = [header, *(",".join(str(c) for c in row) for row in rows)]
    return "\n".join(lines) + "\n"


def feed(**tables: str) -> bytes:
    made = {
        "agency": table("agency_id,agency_name,agency_url,agency_timezone",
                        (1, "Städtische Werke", "http://127.0.0.1/", "UTC")),
        "routes": table("route_id,route_short_name,route_long_name,route_type",
                        ("r", "U1", "市内線", 1)),
        "trips": table("route_id,service_id,trip_id,direction_id,shape_id",
                       ("r", "s", "t", 0, "a")),
        **tables,
    }  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in made.items():
            if text:
                archive.writestr(f"{name}.txt", text)
    return packed.getvalue()


def shape(rows: Any, unit_m: float | None = None, name: str = "a") -> str:
    at, lines = 0.0, []
    for i, (lon, lat) in enumerate(rows):
        if i:
            at += inverse_m(rows[i - 1], (lon, lat))
        lines.append((name, repr(lat), repr(lon), i, "" if unit_m is None else repr(at / unit_m)))
    head = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence,shape_dist_traveled"
    return table(head, *lines)


def stops(*rows: Any) -> str:
    made = ((i, name, repr(lat), repr(lon)) for i, name, (lon, lat) in rows)
    return table("stop_id,stop_name,stop_lat,stop_lon", *made)


def times(*rows: Any, trip: str = "t") -> str:
    made = ((trip, *row) for row in rows)
    return table("trip_id,stop_sequence,stop_id,shape_dist_traveled", *made)


def read(data: bytes, **options: Any) -> tuple[gr.Route, ...]:
    return read_gtfs("feed.zip", data=data, **options)


A, B, C, D = SQUARE


def test_a_loop_passes_its_first_stop_again() -> None:
    data = feed(
        shapes=shape(LOOP),
        stops=stops(("a", "東", A), ("b", "Süd", B), ("c", "C", C), ("d", "D", D)),
        stop_times=times((1, "a", ""), (2, "b", ""), (3, "c", ""), (4, "d", ""), (5, "a", "")),
    )
    (route,) = read(data)
    survey = gr.measure(route)
    assert [s.station.name for s in survey.stations] == ["東", "Süd", "C", "D", "東"]
    side = [inverse_m(p, q) for p, q in itertools.pairwise(LOOP)]
    expected = [0.0, *np.cumsum(side)]
    assert [s.chainage_m for s in survey.stations] == pytest.approx(expected, abs=1e-3)
    assert (route.mode, route.source, route.name) == ("metro", "Städtische Werke", "U1 市内線")


def test_out_and_back_on_one_street_by_order_and_by_distance() -> None:
    there = places((90, 1000), (90, 1000), (90, 1000))
    line = [*there, *there[-2::-1]]
    served = stops(("a", "A", there[0]), ("b", "B", there[1]), ("c", "C", there[3]))
    # B is passed twice; the order alone cannot tell when it is served, the distances can.
    data = feed(
        shapes=shape(line, 1000.0),
        stops=served,
        stop_times=times((1, "a", 0), (2, "c", 3), (3, "b", 5)),
    )
    (route,) = read(data)
    chainages = {s.station.name: s.chainage_m for s in gr.measure(route).stations}
    assert chainages == pytest.approx({"A": 0, "B": 5000, "C": 3000}, abs=1e-3)
    data = feed(
        shapes=shape(line, 1000.0),
        stops=served,
        stop_times=times((1, "a", 0), (2, "b", 1), (3, "c", 3)),
    )
    (route,) = read(data)
    chainages = {s.station.name: s.chainage_m for s in gr.measure(route).stations}
    assert chainages == pytest.approx({"A": 0, "B": 1000, "C": 3000}, abs=1e-3)
    # Turned round, each stop stays where it is.
    turned = {s.station.name: s.chainage_m for s in gr.measure(gr.reverse(route)).stations}
    assert turned == pytest.approx({"A": 6000, "B": 5000, "C": 3000}, abs=1e-3)


@pytest.mark.parametrize(
    "unit,unit_m",
    [("metres", 1.0), ("kilometres", 1000.0), ("miles", 1609.344), ("feet", 0.3048)],
)
def test_the_unit_of_distances_is_worked_out(unit: str, unit_m: float) -> None:
    data = feed(
        shapes=shape(SQUARE, unit_m), stops=stops(("a", "A", A), ("d", "D", D)),
        stop_times=times((1, "a", ""), (2, "d", "")),
    )  # fmt: skip
    (route,) = read(data)
    said = [r.message for r in route.remarks if r.code == "gtfs.distances"]
    assert len(said) == 1
    assert f"is in {unit}:" in said[0]


def test_distances_in_no_unit_and_distances_that_fall_are_said() -> None:
    ends = {"stops": stops(("a", "A", A), ("d", "D", D)),
            "stop_times": times((1, "a", ""), (2, "d", ""))}  # fmt: skip
    (route,) = read(feed(shapes=shape(SQUARE, 17.0), **ends))
    assert any("no unit of length" in r.message for r in route.remarks)
    rows = [
        ("a", lat, lon, i, d)
        for i, ((lon, lat), d) in enumerate(zip(SQUARE, (0, 5, 3, 9), strict=True))
    ]
    head = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence,shape_dist_traveled"
    (route,) = read(feed(shapes=table(head, *rows), **ends))
    assert any("that falls" in r.message for r in route.remarks)


def test_without_shapes_the_line_is_schematic() -> None:
    data = feed(
        stops=stops(("a", "A", A), ("b", "B", B), ("c", "C", C)),
        stop_times=times((10, "c", ""), (9, "b", ""), (2, "a", "")),
    )
    (route,) = read(data)
    assert route.geometry_kind == "schematic"
    assert route.lonlat.tolist() == [list(p) for p in (A, B, C)]
    assert [s.name for s in route.stations] == ["A", "B", "C"]


def test_one_route_for_each_direction_and_shape() -> None:
    head = "route_id,service_id,trip_id,direction_id,shape_id,trip_headsign"
    trips = table(head, ("r", "s", "t1", 0, "a", "Nord"), ("r", "s", "t2", 0, "a", "Nord"),
                  ("r", "s", "t3", 1, "b", "Süd"), ("q", "s", "t4", 0, "a", ""))  # fmt: skip
    rows = [("t1", 1, "a"), ("t1", 2, "b"), ("t2", 1, "a"), ("t2", 2, "b"), ("t2", 3, "c"),
            ("t3", 1, "c"), ("t3", 2, "a"), ("t4", 1, "a"), ("t4", 2, "b")]  # fmt: skip
    data = feed(
        routes=table("route_id,route_short_name,route_type", ("r", "7", 0), ("q", "8", 109)),
        trips=trips,
        stops=stops(("a", "A", A), ("b", "B", B), ("c", "C", C)),
        stop_times=table("trip_id,stop_sequence,stop_id", *rows),
        shapes=shape([A, B, C]) + shape([C, B, A], name="b").split("\n", 1)[1],
    )
    north, south, other = read(data)
    # The trip with most stops stands for its shape.
    assert [s.name for s in north.stations] == ["A", "B", "C"]
    assert north.extra["gtfs"]["trips"] == 2
    assert (north.name, south.name) == ("7 → Nord", "7 → Süd")
    assert [s.name for s in south.stations] == ["C", "A"]
    assert (north.mode, other.mode) == ("tram", "rail")
    assert len({north.id, south.id, other.id}) == 3
    assert [r.name for r in read(data, ref="8")] == ["8"]
    assert [r.name for r in read(data, ref="7", direction=1)] == ["7 → Süd"]
    with pytest.raises(UnusableInput, match="it has 7, 8"):
        read(data, ref="9")
    listed = list_gtfs("feed.zip", data=data)
    assert [r["trips"] for r in listed["routes"]] == [3, 1]


def test_a_folder_is_a_feed_too(tmp_path: Path) -> None:
    data = feed(shapes=shape(SQUARE), stops=stops(("a", "A", A), ("d", "D", D)),
                stop_times=times((1, "a", ""), (2, "d", "")))  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path / "feed")
    (tmp_path / "feed" / "shapes.txt").write_bytes(
        b"\xef\xbb\xbf" + (tmp_path / "feed" / "shapes.txt").read_bytes()
    )
    (route,) = gr.read(tmp_path / "feed")
    expected = sum(inverse_m(p, q) for p, q in itertools.pairwise(SQUARE))
    assert gr.measure(route).length_m == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    "tables,said",
    [
        ({"stops": ""}, "no stops.txt"),
        ({"stops": "stop_id,stop_name\na,A\nd,D\n"}, "no number"),
        ({"stops": "stop_id,stop_name,stop_lat,stop_lon\na,A,1,1\n"}, "has no stop 'd'"),
        ({"stops": "stop_id,stop_name,stop_lat,stop_lon\na,A,1,1\nd,D,100,1\n"}, "no longitude"),
        ({"shapes": "shape_id,shape_pt_lat\na,1\n"}, "without the column shape_pt_lon"),
        ({"routes": "route_id,route_type\n"}, "without a route"),
        ({"stop_times": "trip_id,stop_sequence,stop_id\nt,1.5,a\n"}, "expected a whole"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(tables: dict[str, str], said: str) -> None:
    whole = {
        "shapes": shape(SQUARE),
        "stops": stops(("a", "A", A), ("d", "D", D)),
        "stop_times": times((1, "a", ""), (2, "d", "")),
        **tables,
    }
    with pytest.raises(MalformedFile, match=said):
        read(feed(**whole))


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    data = feed(shapes=shape(SQUARE), stops=stops(("a", "A", A), ("d", "D", D)),
                stop_times=times((1, "a", ""), (2, "d", "")))  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "routes.txt").write_bytes("route_id,route_type\nKöln,1\n".encode("latin-1"))
    with pytest.raises(MalformedFile, match="not UTF-8"):
        gr.read(tmp_path)


def test_a_line_of_one_stop_is_left_out_and_it_is_said() -> None:
    head = "route_id,service_id,trip_id,direction_id,shape_id"
    data = feed(
        trips=table(head, ("r", "s", "t", 0, ""), ("r", "s", "u", 1, "")),
        stops=stops(("a", "A", A), ("b", "B", B)),
        stop_times=table("trip_id,stop_sequence,stop_id", ("t", 1, "a"), ("t", 2, "b"),
                         ("u", 1, "a")),
    )  # fmt: skip
    (route,) = read(data)
    assert any("1 lines of the feed have neither" in r.message for r in route.remarks)


WHOLE = {
    "shapes": shape(SQUARE),
    "stops": stops(("a", "A", A), ("d", "D", D)),
    "stop_times": times((1, "a", ""), (2, "d", "")),
}
TRIPS = "route_id,service_id,trip_id,direction_id,shape_id"


@pytest.mark.parametrize(
    "tables,said",
    [
        ({"stops": stops(("a", "A", A), ("d", "D", D), ("d", "E", B))}, "stop_id 'd' twice"),
        ({"trips": table(TRIPS, ("r", "s", "t", 0, "a"), ("r", "s", "t", 1, "a"))},
         "trip_id 't' twice, in line 3 of trips.txt"),
        ({"routes": table("route_id,route_type", ("r", 1), ("r", 2))}, "route_id 'r' twice"),
    ],
)  # fmt: skip
def test_an_id_that_is_there_twice_is_refused(tables: dict[str, str], said: str) -> None:
    with pytest.raises(MalformedFile, match=said):
        read(feed(**{**WHOLE, **tables}))


@pytest.mark.parametrize(
    "said,kept", [("0", 0), ("1", 1), ("²", "²"), ("٣", "٣"), ("9" * 5000, "9" * 5000), ("", None)]
)
def test_a_direction_that_is_no_digit_is_kept_as_it_is(said: str, kept: Any) -> None:
    trips = table(TRIPS, ("r", "s", "t", said, "a"))
    routes = table("route_id,route_short_name,route_type", ("r", "U1", said or 1))
    (route,) = read(feed(**{**WHOLE, "trips": trips, "routes": routes}))
    assert route.extra["gtfs"].get("direction_id") == kept


def test_a_folder_does_not_lead_out_of_itself(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(feed(**WHOLE))) as archive:
        archive.extractall(tmp_path / "feed")
    (tmp_path / "feed" / "stops.txt").rename(tmp_path / "feed" / "stops-2.txt")
    try:
        (tmp_path / "feed" / "stops.txt").symlink_to("stops-2.txt")
    except OSError:
        pytest.skip("this machine has no links")
    (tmp_path / "linked").symlink_to("feed")
    assert len(gr.read(tmp_path / "feed")) == len(gr.read(tmp_path / "linked")) == 1
    (tmp_path / "feed" / "stops-2.txt").rename(tmp_path / "stops.txt")
    (tmp_path / "feed" / "stops.txt").unlink()
    (tmp_path / "feed" / "stops.txt").symlink_to("../stops.txt")
    with pytest.raises(UnreadableFile, match=r"stops\.txt that is a link"):
        gr.read(tmp_path / "feed")
