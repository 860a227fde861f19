"""Heights from rasters whose every value is known in closed form: planes, a hill, a valley."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from pyproj import Transformer
from rasterio.transform import Affine, from_origin

from geo_routes.errors import UnusableInput
from geo_routes.heights import MEMBER, sample_heights
from geo_routes.model import FloatArray, Route

# rasterio multiplies transforms in the way of older versions of affine, when it writes.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

Surface = Callable[[FloatArray, FloatArray], FloatArray]

UTM = "EPSG:25832"
X0, Y0 = 500_000.0, 5_000_000.0  # upper left corner of most rasters here
STEP_M = 10.0


def plane(x: FloatArray, y: FloatArray) -> FloatArray:
    return 200.0 + 0.013 * (x - X0) - 0.021 * (y - Y0)


def put(
    path: Path,
    surface: Surface = plane,
    *,
    crs: str | None = UTM,
    transform: Affine | None = None,
    width: int = 300,
    height: int = 200,
    dtype: str = "float64",
    change: Callable[[npt.NDArray[Any]], None] | None = None,
    tags: dict[str, str] | None = None,
    units: str | None = None,
    **profile: Any,
) -> Path:
    """Write a raster that has the value of a surface at the centre of each pixel."""
    affine = transform or from_origin(X0, Y0, STEP_M, STEP_M)
    column, row = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    x = affine.a * column + affine.b * row + affine.c
    y = affine.d * column + affine.e * row + affine.f
    values = np.asarray(surface(x, y)).astype(dtype)
    if change is not None:
        change(values)
    shape = {"width": width, "height": height, "count": 1, "dtype": dtype}
    with rasterio.open(
        path, "w", driver="GTiff", crs=crs, transform=affine, **shape, **profile
    ) as raster:
        raster.write(values, 1)
        if tags:
            raster.update_tags(**tags)
        if units:
            raster.units = (units,)
    return path


def lonlat_of(x: npt.ArrayLike, y: npt.ArrayLike, crs: str = UTM) -> FloatArray:
    transformer = Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    east, north = np.broadcast_arrays(x, y)
    return np.column_stack(transformer.transform(east, north))


def scattered(seed: int, n: int = 200) -> tuple[FloatArray, FloatArray]:
    """Places all over the raster, its outer half pixels too."""
    random = np.random.default_rng(seed)
    return X0 + random.uniform(0.01, 2999.99, n), Y0 - random.uniform(0.01, 1999.99, n)


def eastward(*at_m: float, dy_m: float = -1000.0) -> tuple[Route, FloatArray]:
    """A line that runs east along a row of the raster, and its eastings from the corner."""
    x = np.array(at_m)
    return Route(lonlat=lonlat_of(X0 + x, Y0 + dy_m), mode="rail", structures_complete=True), x


def codes(route: Route) -> list[str]:
    return [r.code for r in route.remarks]


def test_a_plane_in_utm_is_met_exactly(tmp_path: Path) -> None:
    x, y = scattered(1)
    raster = put(tmp_path / "plane.tif", crs="EPSG:25832+7837")
    route = sample_heights(Route(lonlat=lonlat_of(x, y), structures_complete=True), raster)
    assert route.height_m == pytest.approx(plane(x, y), abs=1e-6)
    assert route.height_datum == "DHHN2016 height"
    assert route.extra[MEMBER] == {
        "source": ["plane.tif"],
        "interpolated_m": [],
        "missing_m": [],
    }
    assert route.remarks == ()


@pytest.mark.parametrize("registered", ["Area", "Point"])
def test_a_plane_in_degrees_is_met_exactly(tmp_path: Path, registered: str) -> None:
    def tilted(lon: FloatArray, lat: FloatArray) -> FloatArray:
        return 50.0 + 300.0 * (lon - 9.0) + 700.0 * (lat - 47.0)

    grid = from_origin(9.0, 47.3, 0.001, 0.0005)
    raster = put(
        tmp_path / "plane.tif",
        tilted,
        crs="EPSG:4326",
        transform=grid,
        tags={"AREA_OR_POINT": registered},
    )
    random = np.random.default_rng(2)
    lonlat = np.column_stack((random.uniform(9.0, 9.3, 100), random.uniform(47.2, 47.3, 100)))
    route = sample_heights(Route(lonlat=lonlat), raster)
    assert route.height_m == pytest.approx(tilted(*lonlat.T), abs=1e-6)


def test_a_turned_raster_and_one_of_an_old_datum(tmp_path: Path) -> None:
    x, y = scattered(3)
    inside = (np.abs(x - X0 - 1500) < 700) & (np.abs(y - Y0 + 1000) < 700)
    x, y = x[inside], y[inside]
    turned = (
        Affine.translation(X0 + 1500, Y0 - 1000)
        @ Affine.rotation(33.0)
        @ Affine.translation(-1500, 1000)
        @ Affine.scale(STEP_M, -STEP_M)
    )
    raster = put(tmp_path / "turned.tif", transform=turned)
    route = sample_heights(Route(lonlat=lonlat_of(x, y)), raster)
    assert route.height_m == pytest.approx(plane(x, y), abs=1e-6)
    # Gauss-Krueger on the Bessel ellipsoid lies 100 m beside: its own transformation must be used.
    gk = from_origin(4_500_000.0, 5_600_000.0, 10.0, 10.0)

    def old(x: FloatArray, y: FloatArray) -> FloatArray:
        return 300.0 + 0.05 * (x - 4_500_000.0) + 0.03 * (y - 5_600_000.0)

    raster = put(tmp_path / "old.tif", old, crs="EPSG:31468", transform=gk)
    x, y = 4_500_000.0 + np.linspace(100, 2900, 40), 5_600_000.0 - np.linspace(1900, 100, 40)
    route = sample_heights(Route(lonlat=lonlat_of(x, y, "EPSG:31468")), raster)
    # There and back through seven parameters is 0.6 mm apart.
    assert route.height_m == pytest.approx(old(x, y), abs=1e-4)


@pytest.mark.parametrize("west,lons", [(179.0, (179.5, 180.4)), (270.0, (-89.5, -88.2))])
def test_longitudes_past_180_degrees(
    tmp_path: Path, west: float, lons: tuple[float, float]
) -> None:
    grid = from_origin(west, 10.0, 0.01, 0.01)
    raster = put(
        tmp_path / "pacific.tif", lambda lon, lat: 10 * lon + lat, crs="EPSG:4326", transform=grid
    )
    lon = np.linspace(*lons, 30)
    wrapped = np.where(lon > 180, lon - 360, lon)
    route = sample_heights(Route(lonlat=np.column_stack((wrapped, np.full(30, 9.0)))), raster)
    assert route.height_m == pytest.approx(10 * (lon % 360) + 9.0, abs=1e-6)


def test_outside_is_no_height_and_is_said_with_its_chainage(tmp_path: Path) -> None:
    line, x = eastward(-500.0, -0.5, 0.5, 1000.0, 2999.5, 3000.5, 3500.0, 4000.0)
    route = sample_heights(line, put(tmp_path / "plane.tif"))
    assert route.height_m is not None
    inside = (x > 0) & (x < 3000)
    assert np.isfinite(route.height_m).tolist() == inside.tolist()
    assert route.height_m[inside] == pytest.approx(plane(X0 + x, Y0 - 1000.0)[inside], abs=1e-6)
    # On the central meridian a metre of the grid is 1/0.9996 m on the ellipsoid.
    told = np.array(route.extra[MEMBER]["missing_m"])
    assert told == pytest.approx(np.array([[0.0, 499.5], [3500.5, 4500.0]]) / 0.9996, abs=0.01)
    lost = [r for r in route.remarks if r.code == "heights.no_data"]
    assert [r.severity for r in lost] == ["warning", "warning"]
    assert lost[1].chainage_m == pytest.approx(3500.5 / 0.9996, abs=0.01)
    assert "3 vertices from 3.502 to 4.502 km" in lost[1].message


def hole(values: npt.NDArray[Any], void: float) -> None:
    values[100, 150] = void  # its centre lies 1505 m east and 1005 m south of the corner


@pytest.mark.parametrize(
    "dtype,void,declared",
    [
        ("float64", -9999.0, -9999.0),
        ("float32", -3.4028234663852886e38, -3.4028234663852886e38),
        ("float32", np.nan, None),
        ("float32", np.inf, None),
        ("int16", -32768, -32768),
        ("int16", -9999, None),
        ("uint16", 65535, 65535),
    ],
)
def test_a_void_pixel_takes_its_neighbourhood_and_no_more(
    tmp_path: Path, dtype: str, void: float, declared: float | None
) -> None:
    def level(x: FloatArray, y: FloatArray) -> FloatArray:
        return 300.0 + (x - X0) / 5 + 0 * y

    raster = put(
        tmp_path / "hole.tif",
        level,
        dtype=dtype,
        nodata=declared,
        change=lambda values: hole(values, void),
    )
    # The row of centres through the hole: a place on a centre, or between two, needs no other.
    line, x = eastward(1485.0, 1490.0, 1495.0, 1496.0, 1505.0, 1514.0, 1515.0, 1520.0, dy_m=-1005.0)
    route = sample_heights(line, raster)
    expected = np.where((x > 1495) & (x < 1515), np.nan, 300.0 + x / 5)
    assert route.height_m == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_a_mask_inside_the_file_is_honoured(tmp_path: Path) -> None:
    raster = put(tmp_path / "masked.tif")
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(raster, "r+") as stored:
        mask = np.full((200, 300), 255, dtype=np.uint8)
        mask[:, 100:110] = 0
        stored.write_mask(mask)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["masked.tif"]
    line, x = eastward(*np.arange(505.0, 1500.0, 100.0))
    route = sample_heights(line, raster)
    expected = np.where((x > 995) & (x < 1105), np.nan, plane(X0 + x, Y0 - 1000.0))
    assert route.height_m == pytest.approx(expected, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize(
    "crs,units,factor,datum",
    [
        (UTM, "ft", 0.3048, None),
        (UTM, "US survey foot", 1200 / 3937, None),
        ("EPSG:25832+6360", None, 1200 / 3937, "NAVD88 height (ftUS)"),
        (UTM, "m", 1.0, None),
    ],
)
def test_heights_in_feet_become_metres(
    tmp_path: Path, crs: str, units: str | None, factor: float, datum: str | None
) -> None:
    raster = put(tmp_path / "feet.tif", crs=crs, units=units)
    line, x = eastward(100.0, 900.0, 2900.0)
    route = sample_heights(line, raster)
    assert route.height_m == pytest.approx(plane(X0 + x, Y0 - 1000.0) * factor, abs=1e-6)
    assert route.height_datum == datum


def test_scale_and_offset_of_a_band(tmp_path: Path) -> None:
    raster = put(tmp_path / "packed.tif", lambda x, y: (x - X0) + 0 * y, dtype="int32")
    with rasterio.open(raster, "r+") as stored:
        stored.scales, stored.offsets = (0.01,), (-20.0,)
    line, x = eastward(105.0, 905.0, 2905.0)
    assert sample_heights(line, raster).height_m == pytest.approx(x * 0.01 - 20.0, abs=1e-6)


def test_tiles_join_without_a_seam_and_the_first_counts(tmp_path: Path) -> None:
    west = put(tmp_path / "west.tif", width=150)
    east = put(
        tmp_path / "east.tif", transform=from_origin(X0 + 1500, Y0, STEP_M, STEP_M), width=150
    )
    x, y = scattered(4)
    line = Route(lonlat=lonlat_of(x, y))
    route = sample_heights(line, [west, east])
    assert route.height_m == pytest.approx(plane(x, y), abs=1e-6)
    assert route.extra[MEMBER]["source"] == ["west.tif", "east.tif"]
    other = put(tmp_path / "other.tif", lambda x, y: 0 * x + 0 * y + 7.0)
    heights = sample_heights(line, [west, other]).height_m
    expected = np.where(x < X0 + 1500, plane(x, y), 7.0)
    assert heights == pytest.approx(expected, abs=1e-6)
    assert sample_heights(line, [other, west]).height_m == pytest.approx(np.full(200, 7.0))


def test_tiles_of_two_datums_are_refused_unless_it_is_said(tmp_path: Path) -> None:
    corner = from_origin(X0 + 1500, Y0, STEP_M, STEP_M)
    one = put(tmp_path / "one.tif", crs="EPSG:25832+7837", width=150)
    two = put(tmp_path / "two.tif", crs="EPSG:25832+5783", transform=corner, width=150)
    line, _ = eastward(100.0, 900.0, 2900.0)
    with pytest.raises(UnusableInput, match=r"'DHHN2016 height' in .*one\.tif and from 'DHHN92"):
        sample_heights(line, [one, two])
    route = sample_heights(line, [one, two], height_datum="DHHN2016 height")
    assert route.height_datum == "DHHN2016 height"
    assert codes(route) == ["heights.datum"]
    # A tile that gives no height has no say.
    assert sample_heights(eastward(100.0, 900.0)[0], [one, two]).height_datum == "DHHN2016 height"
    silent = put(tmp_path / "silent.tif", transform=corner, width=150)
    route = sample_heights(line, [one, silent])
    assert (route.height_datum, codes(route)) == ("DHHN2016 height", ["heights.datum"])
    assert "silent.tif does not say" in route.remarks[0].message


def test_the_datum_is_that_asked_for_of_the_raster_or_of_the_route(tmp_path: Path) -> None:
    line, _ = eastward(100.0, 900.0)
    filed = Route(lonlat=line.lonlat, structures_complete=True, height_datum="TP")
    plain = put(tmp_path / "plain.tif")
    said = put(tmp_path / "said.tif", crs="EPSG:25832+7837")
    route = sample_heights(filed, plain)
    assert (route.height_datum, codes(route)) == ("TP", ["heights.datum"])
    assert sample_heights(filed, said).height_datum == "DHHN2016 height"
    route = sample_heights(filed, plain, height_datum="NHN")
    assert (route.height_datum, codes(route)) == ("NHN", [])
    route = sample_heights(filed, said, height_datum="NHN")
    assert (route.height_datum, codes(route)) == ("NHN", ["heights.datum"])
    three_d = put(
        tmp_path / "ellipsoid.tif",
        lambda lon, lat: 0 * lon + 0 * lat + 5.0,
        crs="EPSG:4979",
        transform=from_origin(8.9, 45.3, 0.001, 0.001),
        height=300,
    )
    assert sample_heights(line, three_d).height_datum == "ellipsoid WGS 84"


def test_what_the_route_had_is_replaced_and_the_rest_kept(tmp_path: Path) -> None:
    line, x = eastward(5.0, 405.0, 895.0)
    filed = Route(
        lonlat=line.lonlat, height_m=np.array([1.0, np.nan, 3.0]), name="A", extra={"colour": "red"}
    )
    route = sample_heights(filed, put(tmp_path / "plane.tif"))
    assert route.height_m == pytest.approx(plane(X0 + x, Y0 - 1000.0), abs=1e-6)
    assert (route.name, route.extra["colour"]) == ("A", "red")
    assert np.array_equal(route.lonlat, filed.lonlat)
    assert set(codes(route)) == {"heights.replaced", "heights.ground", "heights.datum"}
    assert {r.route for r in route.remarks} == {"A"}
    assert filed.height_m is not None
    assert filed.height_m[0] == 1.0
