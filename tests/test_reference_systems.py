"""The one way into WGS 84, against published coordinates, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer, network

from geo_routes import geodesy
from geo_routes.errors import InvalidCoordinates, UnknownCrs


@pytest.mark.parametrize(
    "name, kind",
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "wgs84"),
        ("EPSG:4326", "wgs84"),
        ("urn:ogc:def:crs:EPSG::4979", "wgs84"),
        ("urn:ogc:def:crs:EPSG:9.9.1:4326", "wgs84"),
        ("OGC:CRS84h", "wgs84"),
        ("URN:OGC:DEF:CRS:OGC::CRS84", "wgs84"),
        ("EPSG:4258", "other_geographic"),
        ("EPSG:4269", "other_geographic"),
        ("EPSG:4612", "other_geographic"),
        ("EPSG:6668", "other_geographic"),
        ("urn:ogc:def:crs:EPSG::4301", "other_geographic"),
        ("EPSG:32632", "projected"),
        ("EPSG:3857", "projected"),
    ],
)
def test_reference_systems_by_name(name: str, kind: str) -> None:
    assert geodesy.reference_system(name).kind == kind


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:999999",
        "EPSG:" + "9" * 400,
        "EPSG:4978",  # earth-centred metres
        "EPSG:5773",  # a height
        "EPSG:1671",  # a transformation
        "EPSG:/etc/passwd:4326",
        "EPSG:a:4326",
        "EPSG:4326\n",
        "+proj=pipeline +step +proj=unitconvert",
        "/etc/passwd",
        "http://127.0.0.1/crs.wkt",
        'GEOGCS["x"]',
        "",
        "EPSG:",
        "nobody:1",
    ],
)
def test_what_is_no_code_of_an_authority_is_not_looked_up(name: str) -> None:
    with pytest.raises(UnknownCrs) as refused:
        geodesy.reference_system(name)
    assert refused.value.value == name
    assert len(str(refused.value)) < 200


def test_the_network_of_proj_is_shut_before_it_is_asked() -> None:
    network.set_network_enabled(active=True)  # type: ignore[attr-defined]
    geodesy.reference_system("EPSG:4301")
    assert not network.is_network_enabled()  # type: ignore[attr-defined]


def test_utm_comes_back_to_wgs84() -> None:
    # The Eiffel Tower stands at 48° 51' 29.5" N 2° 17' 40.2" E, 448,252 E 5,411,932 N in zone 31.
    lonlat = geodesy.to_wgs84([[448_252.0, 5_411_932.0]], crs="EPSG:32631")
    np.testing.assert_allclose(lonlat, [[2.2945, 48.8582]], atol=2e-5)


def test_the_tokyo_datum_is_moved_by_its_450_metres() -> None:
    # The origin of Japan's horizontal control: 139° 44' 40.5020" E 35° 39' 17.5148" N on the Tokyo
    # datum, 139° 44' 28.8759" E 35° 39' 29.1572" N on JGD2000 (Geospatial Information Authority).
    tokyo = [[139 + 44 / 60 + 40.5020 / 3600, 35 + 39 / 60 + 17.5148 / 3600]]
    truth = np.array([[139 + 44 / 60 + 28.8759 / 3600, 35 + 39 / 60 + 29.1572 / 3600]])
    *_, apart_m = geodesy.inverse(geodesy.to_wgs84(tokyo, crs="EPSG:4301"), truth)
    assert apart_m[0] < 2
    *_, moved_m = geodesy.inverse(np.array(tokyo), truth)
    assert moved_m[0] > 400


def test_a_system_in_gons_is_not_taken_for_degrees() -> None:
    # 95 gon of latitude are 85.5 degrees.
    lonlat = geodesy.to_wgs84([[0.0, 95.0]], crs="EPSG:4807")
    np.testing.assert_allclose(lonlat, [[2.3372, 85.5]], atol=0.01)


@pytest.mark.parametrize(
    "xy, crs, words",
    [
        ([[0.0, 5e6], [1e30, 1e30]], "EPSG:32631", r"vertex 1 .*cannot be transformed"),
        ([[5.0, 50.0], [np.nan, 0.0]], "EPSG:4326", r"vertex 1 \(nan, 0\) is not finite"),
        ([[35.6, 139.7]], "EPSG:4326", "swapped"),
        ([[35.6, 139.7]], "EPSG:4301", "swapped"),
        ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "EPSG:4326", r"shape \(2, 3\)"),
    ],
)
def test_a_point_that_no_system_has_is_refused_by_name(
    xy: list[list[float]], crs: str, words: str
) -> None:
    with pytest.raises(InvalidCoordinates, match=words) as refused:
        geodesy.to_wgs84(xy, crs=crs)
    assert refused.value.value is not None


def test_what_comes_back_is_not_what_was_given() -> None:
    given_lonlat = np.array([[139.7, 35.6]])
    back = geodesy.to_wgs84(given_lonlat, crs="EPSG:4326")
    np.testing.assert_array_equal(back, given_lonlat)
    assert not np.shares_memory(back, given_lonlat)
    assert geodesy.to_wgs84([], crs="EPSG:32631").shape == (0, 2)


def test_the_fundamental_point_of_switzerland() -> None:
    # swisstopo: the old observatory of Berne, LV95 2,600,000 / 1,200,000, lies at 46° 57' 03.898" N
    # 7° 26' 19.077" E in WGS 84.
    lonlat = geodesy.to_wgs84([[2_600_000.0, 1_200_000.0]], crs="EPSG:2056")
    truth = [[7 + 26 / 60 + 19.077 / 3600, 46 + 57 / 60 + 3.898 / 3600]]
    np.testing.assert_allclose(lonlat, truth, atol=1e-6)


def test_an_old_datum_without_a_transformation_is_refused() -> None:
    # The parameters of Xi'an 1980 were never published; China's present datum is WGS 84 to the
    # metre.
    with pytest.raises(UnknownCrs, match="no transformation from EPSG:4610"):
        geodesy.to_wgs84([[116.0, 39.0]], crs="EPSG:4610")
    assert geodesy.to_wgs84([[116.0, 39.0]], crs="EPSG:4490").tolist() == [[116.0, 39.0]]


@pytest.mark.parametrize("zone", range(1, 20))
def test_japanese_plane_coordinates_there_and_back(zone: int) -> None:
    # JGD2011 in zones I to XIX is EPSG:6669 to 6687, and lies on WGS 84 within a metre.
    forward = Transformer.from_crs("OGC:CRS84", f"EPSG:{6668 + zone}", always_xy=True)
    lonlat = np.random.default_rng(zone).uniform((129, 30), (145, 45), (20, 2))
    plane_m = np.column_stack(forward.transform(*lonlat.T))
    back = geodesy.to_wgs84(plane_m, crs=f"EPSG:{6668 + zone}")
    np.testing.assert_allclose(back, lonlat, rtol=0, atol=1e-5)
