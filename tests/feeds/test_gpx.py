"""GPX: every track, segments, heights, times, waypoints and stops; and back again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyproj
import pytest

import geo_routes as gr
from geo_routes.errors import InvalidCoordinates, MalformedFile, UnusableInput
from geo_routes.exports.gpx import encode_gpx
from geo_routes.formats.gpx import read_gpx

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><gpx version="1.1" creator="Testgerät"'
    ' xmlns="http://www.topografix.com/GPX/1/1">'
)


def point(lon: float, lat: float, ele: float | None = None, time: str = "") -> str:
    inner = "" if ele is None else f"<ele>{ele}</ele>"
    inner += f"<time>{time}</time>" if time else ""
    return f'<trkpt lat="{lat}" lon="{lon}">{inner}</trkpt>'


def gpx(*parts: str) -> bytes:
    return (HEAD + "".join(parts) + "</gpx>").encode()


TWO = gpx(
    '<wpt lat="48" lon="8.0001"><name>Köln Hbf</name></wpt>',
    '<wpt lat="10" lon="10"><name>far away</name></wpt><wpt lat="48" lon="8"/>',
    "<trk><name>東海道</name><type>train</type><trkseg>",
    point(8, 48, 10.5, "2024-01-01T10:00:00Z"),
    point(8.1, 48.1, None, "2024-01-01T10:05:00Z"),
    "</trkseg><trkseg>",
    point(8.2, 48.1, 12),
    point(8.3, 48.1, 13),
    "</trkseg><trkseg>",
    point(9, 49),
    "</trkseg></trk><trk><name>قطار</name><trkseg>",
    point(1, 2),
    point(1, 3),
    '</trkseg></trk><rte><name>plan</name><rtept lat="5" lon="6"/><rtept lat="5.5" lon="6"/></rte>',
)


def test_every_track_and_route_with_its_segments() -> None:
    first, second, plan = read_gpx(TWO, source="a.gpx")
    assert [r.name for r in (first, second, plan)] == ["東海道", "قطار", "plan"]
    assert first.lonlat.tolist() == [[8, 48], [8.1, 48.1], [8.2, 48.1], [8.3, 48.1]]
    assert first.part_starts.tolist() == [0, 2]
    assert first.height_m is not None
    np.testing.assert_array_equal(first.height_m, [10.5, np.nan, 12, 13])
    assert first.height_datum is None
    assert first.extra["times"] == ["2024-01-01T10:00:00Z", "2024-01-01T10:05:00Z", None, None]
    assert (first.extra["type"], first.source) == ("train", "Testgerät")
    assert [s.name for s in first.stations] == ["Köln Hbf"]
    assert len({r.id for r in (first, second, plan)}) == 3
    said = " ".join(r.message for r in first.remarks)
    assert "a segment of one point (1)" in said
    assert "2 of 3 waypoints" in said


def test_it_goes_out_and_comes_back(tmp_path: Path) -> None:
    routes = read_gpx(TWO, source="a.gpx")
    again = read_gpx(encode_gpx(routes), source="b.gpx")
    for one, other in zip(routes, again, strict=True):
        assert one.lonlat.tolist() == other.lonlat.tolist()
        assert one.part_starts.tolist() == other.part_starts.tolist()
        assert (one.name, one.extra.get("times")) == (other.name, other.extra.get("times"))
        assert (one.height_m is None) == (other.height_m is None)
        if one.height_m is not None:
            np.testing.assert_array_equal(one.height_m, other.height_m)
    # And through a route file, where heights that are missing stay so.
    gr.write(routes, tmp_path / "a.geojson")
    filed = gr.read(tmp_path / "a.geojson")
    assert filed[0].extra["times"] == routes[0].extra["times"]
    assert filed[0].lonlat.tolist() == routes[0].lonlat.tolist()


def test_names_become_text_and_nothing_else() -> None:
    route = gr.Route(lonlat=np.array([[0.0, 0.0], [1e-7, 1.0]]), name="</name><script>&\x00")
    text = encode_gpx([route])
    assert b"<script>" not in text
    assert b'lon="0.0000001"' in text
    assert read_gpx(text, source="a")[0].name == "</name><script>&"


def ride(stop_s: int) -> bytes:
    """A ride due north at 20 m/s with one stop, a position each 10 s."""
    geod = pyproj.Geod(ellps="WGS84")
    clock = dt.datetime(2024, 5, 1, 8, tzinfo=dt.UTC)
    rows, along = [], 0.0
    for second in range(0, 1200 + stop_s, 10):
        stands = 600 <= second < 600 + stop_s
        lon, lat, _ = geod.fwd(8.0, 48.0, 0.0, along)
        rows.append(point(lon, lat, None, (clock + dt.timedelta(seconds=second)).isoformat()))
        along += 0.0 if stands else 200.0
    lon, lat, _ = geod.fwd(8.0, 48.0, 0.0, 12_000.0)
    return gpx(
        f'<wpt lat="{lat}" lon="{lon}"><name>Mitte</name></wpt><trk><trkseg>', *rows,
        "</trkseg></trk>",
    )  # fmt: skip


def test_a_stop_is_where_the_track_stood() -> None:
    (route,) = read_gpx(ride(120), source="a.gpx", stops=True)
    (stop,) = route.stations
    assert stop.name == "Mitte"
    assert stop.extra["standing_s"] == pytest.approx(120, abs=10)
    survey = gr.measure(route)
    assert survey.stations[0].chainage_m == pytest.approx(12_000, abs=1)


def test_where_nothing_stood_or_no_time_was_kept_it_is_said() -> None:
    (route,) = read_gpx(ride(30), source="a.gpx", stops=True)
    assert any("nowhere" in r.message for r in route.remarks)
    (route,) = read_gpx(gpx("<trk><trkseg>", point(8, 48), point(8, 49), "</trkseg></trk>"),
                        source="a.gpx", stops=True)  # fmt: skip
    assert any("no times" in r.message for r in route.remarks)


@pytest.mark.parametrize(
    "data,said",
    [
        (gpx(), "it is empty"),
        (gpx('<wpt lat="1" lon="2"/>'), "1 waypoints"),
        (
            gpx("<trk><trkseg>", point(8, 48), '<trkpt lat="abc" lon="8"/>', "</trkseg></trk>"),
            "'abc'",
        ),
        (gpx("<trk><trkseg>", point(8, 48), '<trkpt lat="1"/>', "</trkseg></trk>"), "no lon"),
        (
            gpx("<trk><trkseg>", point(8, 48), '<trkpt lat="1_0" lon="1"/>', "</trkseg></trk>"),
            "1_0",
        ),
        (
            gpx("<trk><trkseg>", point(8, 48), '<trkpt lat="nan" lon="1"/>', "</trkseg></trk>"),
            "nan",
        ),
        (b"<kml/>", "expected gpx"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(MalformedFile, match=said):
        read_gpx(data, source="a.gpx")


def test_a_latitude_out_of_range_names_the_track() -> None:
    data = gpx("<trk><trkseg>", point(8, 48), point(8, 91), "</trkseg></trk>")
    with pytest.raises(InvalidCoordinates) as caught:
        read_gpx(data, source="a.gpx")
    assert caught.value.feature == 0


def test_times_that_run_backwards_are_said() -> None:
    rows = (point(8, 48, None, "2024-01-01T10:00:00Z"), point(8, 49, None, "2024-01-01T09:00:00Z"))
    (route,) = read_gpx(gpx("<trk><trkseg>", *rows, "</trkseg></trk>"), source="a.gpx")
    assert any("backwards" in r.message for r in route.remarks)


def test_options_of_other_forms_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpx"
    path.write_bytes(TWO)
    with pytest.raises(UnusableInput, match="GPX, which does not take --layer"):
        gr.read(path, layer="a")
    with pytest.raises(TypeError, match="unexpected keyword"):
        gr.read(path, colour="red")  # type: ignore[call-arg]


def test_gpx_of_trips_measures_what_its_maker_measured(shared: Path) -> None:
    # BRouter counts on the sphere of its own; it agrees with the ellipsoid to a few hundredths.
    for path in sorted((shared / "data" / "trips").glob("*.gpx")):
        head = path.read_text(encoding="utf-8")[:400]
        said = float(head.split("track-length = ")[1].split()[0])
        (route,) = gr.read(path)
        assert gr.measure(route).length_m == pytest.approx(said, rel=5e-4)


def test_trips_go_to_gpx_and_back(shared: Path) -> None:
    paths = sorted((shared / "data" / "trips").glob("*.geojson"))
    assert paths
    for path in paths:
        for route in gr.read(path):
            (again,) = read_gpx(encode_gpx([route]), source="back")
            ours, back = (gr.measure(r, figures=("length",)).length_m for r in (route, again))
            assert back == pytest.approx(ours, rel=1e-3)
            assert again.lonlat.tolist() == route.lonlat.tolist()
            said = route.extra.get("track-length")
            if said is not None:
                assert ours == pytest.approx(float(said), rel=5e-4)


@pytest.mark.parametrize("lon", ["200", "-180.5", "٨", "1_0", "nan", "1e999"])
def test_a_longitude_that_the_schema_does_not_have_is_refused(lon: str) -> None:
    text = f'<trk><trkseg><trkpt lat="48" lon="{lon}"/><trkpt lat="48" lon="9"/></trkseg></trk>'
    with pytest.raises((MalformedFile, InvalidCoordinates), match="lon"):
        read_gpx(gpx(text), source="a.gpx")
    with pytest.raises((MalformedFile, InvalidCoordinates), match="lon"):
        read_gpx(gpx(text.replace(lon, "8"), f'<wpt lat="1" lon="{lon}"/>'), source="a.gpx")
