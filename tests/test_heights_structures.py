"""Heights in tunnels and on bridges, over a hill and a valley known in closed form."""

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

from geo_routes.heights import MEMBER, sample_heights
from geo_routes.model import FloatArray, Route, Station, Structure

# rasterio multiplies transforms in the way of older versions of affine, when it writes.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

Surface = Callable[[FloatArray, FloatArray], FloatArray]

X0, Y0 = 500_000.0, 5_000_000.0  # upper left corner of the rasters, on the central meridian
STEP_M = 10.0


def put(
    path: Path,
    surface: Surface,
    *,
    transform: Affine | None = None,
    change: Callable[[npt.NDArray[Any]], None] | None = None,
    nodata: float | None = None,
) -> Path:
    """Write a raster that has the value of a surface at the centre of each pixel."""
    affine = transform or from_origin(X0, Y0, STEP_M, STEP_M)
    column, row = np.meshgrid(np.arange(300) + 0.5, np.arange(200) + 0.5)
    values = surface(affine.a * column + affine.c, affine.e * row + affine.f)
    if change is not None:
        change(values)
    shape = {"width": 300, "height": 200, "count": 1, "dtype": "float64", "nodata": nodata}
    with rasterio.open(
        path, "w", driver="GTiff", crs="EPSG:25832", transform=affine, **shape
    ) as raster:
        raster.write(values, 1)
    return path


def lonlat_of(x: FloatArray, y: float) -> FloatArray:
    transformer = Transformer.from_crs("EPSG:25832", "OGC:CRS84", always_xy=True)
    return np.column_stack(transformer.transform(x, np.full(len(x), y)))


def eastward(*at_m: float) -> tuple[Route, FloatArray]:
    """A line that runs east along a row of the raster, and its eastings from the corner."""
    x = np.array(at_m)
    return Route(lonlat=lonlat_of(X0 + x, Y0 - 1000.0), mode="rail"), x


def hill(x: FloatArray, y: FloatArray) -> FloatArray:
    """A hill of 400 m over the middle of a plain that rises by 1 in 100 to the east."""
    return 100.0 + 0.01 * (x - X0) + 400.0 * np.exp(-(((x - X0 - 1500) / 200) ** 2)) + 0 * y


def valley(x: FloatArray, y: FloatArray) -> FloatArray:
    return 2 * (100.0 + 0.01 * (x - X0)) - hill(x, y)


@pytest.mark.parametrize(
    "surface,kind", [(hill, "tunnel"), (valley, "viaduct"), (valley, "bridge")]
)
def test_off_the_ground_heights_run_from_portal_to_portal(
    tmp_path: Path, surface: Surface, kind: Any
) -> None:
    raster = put(tmp_path / "ground.tif", surface)
    # Portals 700 m and 2250 m from the corner, between vertices and centres of pixels.
    line, x = eastward(5.0, 405.0, 895.0, 1205.0, 1495.0, 1805.0, 2105.0, 2405.0, 2955.0)
    scale = 0.9996  # on the central meridian a metre of the grid is 1/0.9996 m on the ellipsoid
    from_m, to_m = 695.0 / scale, 2245.0 / scale
    structure = Structure(kind=kind, from_m=from_m, to_m=to_m, name="Erika")
    line = Route(lonlat=line.lonlat, structures=(structure,))
    route = sample_heights(line, raster)
    # The surface is curved by less than 0.02 per km at the portals, so bilinear is good to 1 mm.
    at_portals = surface(np.array([X0 + 700.0, X0 + 2250.0]), np.zeros(2))
    expected = np.where(
        (x > 700) & (x < 2250),
        np.interp(x, [700.0, 2250.0], at_portals),
        surface(X0 + x, np.zeros(9)),
    )
    assert route.height_m == pytest.approx(expected, abs=0.01)
    assert np.abs(expected - surface(X0 + x, np.zeros(9))).max() > 300
    told = route.extra[MEMBER]
    assert told["interpolated_m"] == [
        [pytest.approx(from_m, abs=1e-3), pytest.approx(to_m, abs=1e-3)]
    ]
    assert told["missing_m"] == []
    found = next(r for r in route.remarks if r.code == "heights.interpolated")
    assert found.severity == "note"
    assert f"the {kind} Erika" in found.message
    assert "+10.0 permille" in found.message


def test_cuttings_and_embankments_lie_on_the_ground(tmp_path: Path) -> None:
    line, x = eastward(5.0, 895.0, 1495.0, 2105.0)
    listed = tuple(
        Structure(kind=k, from_m=600.0, to_m=2000.0) for k in ("cutting", "embankment", "at_grade")
    )
    route = sample_heights(
        Route(lonlat=line.lonlat, structures=listed), put(tmp_path / "hill.tif", hill)
    )
    assert route.height_m == pytest.approx(hill(X0 + x, np.zeros(4)), abs=0.01)


def test_a_route_that_ends_in_a_tunnel_has_no_height_there(tmp_path: Path) -> None:
    raster = put(tmp_path / "hill.tif", hill)
    line, x = eastward(5.0, 405.0, 895.0, 1205.0, 1495.0)
    scale = 0.9996
    listed = (Structure(kind="tunnel", from_m=695.0 / scale, to_m=1490.0 / scale + 0.5),)
    route = sample_heights(Route(lonlat=line.lonlat, structures=listed), raster)
    expected = np.where(x < 700, hill(X0 + x, np.zeros(5)), np.nan)
    assert route.height_m == pytest.approx(expected, abs=0.01, nan_ok=True)
    assert route.extra[MEMBER]["interpolated_m"] == []
    assert route.extra[MEMBER]["missing_m"] == [
        [pytest.approx(890.0 / scale, abs=0.01), pytest.approx(1490.0 / scale, abs=0.01)]
    ]
    found = next(r for r in route.remarks if r.code == "heights.no_portal")
    assert (found.severity, found.chainage_m) == ("warning", pytest.approx(695.0 / scale))
    assert "the route ends in it" in found.message
    whole = Route(lonlat=line.lonlat, structures=(Structure(kind="tunnel", from_m=0, to_m=1e4),))
    route = sample_heights(whole, raster)
    assert (route.height_m, route.height_datum, MEMBER in route.extra) == (None, None, False)
    assert any("the whole route lies in it" in r.message for r in route.remarks)


def test_a_portal_without_a_height_leaves_the_structure_without(tmp_path: Path) -> None:
    line, x = eastward(5.0, 405.0, 895.0, 1205.0, 1495.0)

    def void(values: npt.NDArray[Any]) -> None:
        values[:, 68:72] = -9999.0

    raster = put(tmp_path / "hole.tif", hill, change=void, nodata=-9999.0)
    listed = (Structure(kind="bridge", from_m=695.0 / 0.9996, to_m=1300.0 / 0.9996),)
    route = sample_heights(Route(lonlat=line.lonlat, structures=listed), raster)
    expected = np.where((x > 700) & (x < 1305), np.nan, hill(X0 + x, np.zeros(5)))
    assert route.height_m == pytest.approx(expected, abs=0.01, nan_ok=True)
    assert [r.code for r in route.remarks if "no height at a portal" in r.message] == [
        "heights.no_portal"
    ]


def test_bridges_in_a_row_are_one_and_a_bridge_ends_at_a_tunnel(tmp_path: Path) -> None:
    """Three bridges over the one slope, then a tunnel: one portal between, at 1000 m."""

    def roof(x: FloatArray, y: FloatArray) -> FloatArray:
        at_m = x - X0
        ground = np.interp(at_m, [0, 200, 600, 1000, 1500, 2000], [100, 100, 20, 110, 500, 120])
        return ground + 0 * y

    # Values change their slope at whole tens only where a centre lies: 5 m beside the tens.
    raster = put(tmp_path / "roof.tif", roof, transform=from_origin(X0 - 5.0, Y0, STEP_M, STEP_M))
    line, x = eastward(100.0, 400.0, 600.0, 800.0, 1200.0, 1500.0, 1800.0, 2500.0)
    ends = [(200, 500, "viaduct"), (500, 700, "bridge"), (700.4, 1000, "bridge")]
    ends += [(1000, 2000, "tunnel"), (1400, 1600, "tunnel")]
    scale = 0.9996
    listed = tuple(
        Structure(kind=k, from_m=(a - 100) / scale, to_m=(b - 100) / scale)  # type: ignore[arg-type]
        for a, b, k in ends
    )
    route = sample_heights(Route(lonlat=line.lonlat, structures=listed), raster)
    expected = np.interp(x, [0, 200, 1000, 2000], [100, 100, 110, 120])
    assert route.height_m == pytest.approx(expected, abs=0.01)
    told = np.array(route.extra[MEMBER]["interpolated_m"]) * scale + 100
    assert told == pytest.approx(np.array([[200, 1000], [1000, 2000]]), abs=0.5)


def test_a_steep_straight_through_a_long_tunnel_is_odd(tmp_path: Path) -> None:
    def slope(x: FloatArray, y: FloatArray) -> FloatArray:
        return 50.0 + 0.06 * (x - X0) + 0 * y

    raster = put(tmp_path / "slope.tif", slope)
    line, _ = eastward(100.0, 2900.0)

    def said(kind: Any, to_m: float, mode: str | None = "rail") -> list[str]:
        listed = (Structure(kind=kind, from_m=500.0, to_m=to_m),)
        route = sample_heights(Route(lonlat=line.lonlat, mode=mode, structures=listed), raster)
        return [r.message for r in route.remarks if r.code == "heights.steep"]

    (message,) = said("tunnel", 2500.0)
    assert "+60.0 permille" in message
    assert said("tunnel", 2500.0, None)
    # A raster's errors make any gradient on a short bridge; a tram climbs that.
    assert said("bridge", 700.0) == []
    assert said("tunnel", 2500.0, "tram") == []


def test_structures_by_official_kilometres_and_ones_that_cannot_be_placed(tmp_path: Path) -> None:
    raster = put(tmp_path / "hill.tif", hill)
    line, x = eastward(5.0, 405.0, 895.0, 1205.0, 1495.0, 1805.0, 2105.0, 2405.0, 2955.0)
    by_km = (Structure(kind="tunnel", from_km=10.695, to_km=12.245, name="Erika"),)
    stations = tuple(
        Station(lonlat=tuple(line.lonlat[i]), name=name, chainage_km=km)  # type: ignore[arg-type]
        for i, name, km in ((0, "West", 10.0), (-1, "Ost", 12.950))
    )
    placed = sample_heights(Route(lonlat=line.lonlat, structures=by_km, stations=stations), raster)
    expected = np.interp(x, [700.0, 2250.0], hill(X0 + np.array([700.0, 2250.0]), np.zeros(2)))
    within = (x > 700) & (x < 2250)
    assert placed.height_m is not None
    assert placed.height_m[within] == pytest.approx(expected[within], abs=0.01)
    lost = sample_heights(Route(lonlat=line.lonlat, structures=by_km), raster)
    assert lost.height_m == pytest.approx(hill(X0 + x, np.zeros(9)), abs=0.01)
    found = [r for r in lost.remarks if r.code == "heights.ground"]
    assert [r.severity for r in found] == ["warning"]
    assert "Erika" in found[0].message


def test_a_line_in_parts(tmp_path: Path) -> None:
    """A gap in a tunnel adds no chainage, and the straight goes on behind it."""
    x = np.array([5.0, 700.0, 1200.0, 1700.0, 2200.0, 2900.0])
    route = Route(
        lonlat=lonlat_of(X0 + x, Y0 - 1000.0),
        part_starts=np.array([0, 3]),
        structures=(Structure(kind="tunnel", from_m=695 / 0.9996, to_m=1695 / 0.9996),),
    )
    heights = sample_heights(route, put(tmp_path / "hill.tif", hill)).height_m
    assert heights is not None
    ends = hill(X0 + np.array([700.0, 2200.0]), np.zeros(2))
    assert heights[2:4] == pytest.approx(np.full(2, ends.mean()), abs=0.01)
