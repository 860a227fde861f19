"""GeoTIFF files that are none, that mislead, or that would have another file opened."""

from __future__ import annotations

import importlib.util
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from pyproj import CRS
from rasterio.transform import Affine, from_gcps
from scipy.ndimage import map_coordinates

from geo_routes.errors import MalformedFile, UnknownCrs, UnreadableFile, UnusableInput
from geo_routes.geodesy.raster_systems import raster_system
from geo_routes.heights import sample_heights
from geo_routes.heights.bilinear import bilinear
from geo_routes.heights.geotiff import open_geotiff
from geo_routes.model import Route

pytestmark = pytest.mark.filterwarnings(
    "ignore:Use `@` matmul:PendingDeprecationWarning",
    "ignore::rasterio.errors.NotGeoreferencedWarning",
)

LINE = Route(lonlat=np.array([[9.05, 46.95], [9.10, 46.90]]), structures_complete=True)
GRID = Affine(0.001, 0.0, 9.0, 0.0, -0.001, 47.0)


def put(
    path: Path,
    *,
    value: float = 500.0,
    crs: str | None = "EPSG:4326",
    transform: Affine | None = GRID,
    size: tuple[int, int] = (200, 200),
    count: int = 1,
    dtype: str = "float32",
    **profile: Any,
) -> Path:
    """Write a level raster around the line."""
    shape = {"width": size[0], "height": size[1], "count": count, "dtype": dtype}
    with rasterio.open(
        path, "w", driver="GTiff", crs=crs, transform=transform, **shape, **profile
    ) as raster:
        for band in range(count):
            raster.write(np.full(size[::-1], value, dtype=dtype), band + 1)
    return path


def heights(*rasters: Path) -> list[float]:
    route = sample_heights(LINE, list(rasters))
    assert route.height_m is not None
    return route.height_m.tolist()


@pytest.mark.parametrize(
    "profile",
    [
        {"BIGTIFF": "YES"},
        {"ENDIANNESS": "BIG"},
        {"BIGTIFF": "YES", "ENDIANNESS": "BIG"},
        {"COMPRESS": "DEFLATE", "PREDICTOR": 3, "TILED": True, "BLOCKXSIZE": 64, "BLOCKYSIZE": 64},
        {"COMPRESS": "ZSTD"},
    ],
)
def test_forms_of_a_tiff(tmp_path: Path, profile: dict[str, Any]) -> None:
    assert heights(put(tmp_path / "dem.tif", **profile)) == [500.0, 500.0]


VRT = """<VRTDataset rasterXSize="200" rasterYSize="200"><SRS>EPSG:4326</SRS>
<GeoTransform>9, 0.001, 0, 47, 0, -0.001</GeoTransform>
<VRTRasterBand dataType="Float32" band="1"><SimpleSource>
<SourceFilename relativeToVRT="1">secret.tif</SourceFilename></SimpleSource></VRTRasterBand>
</VRTDataset>"""


@pytest.mark.parametrize(
    "data",
    [
        VRT.encode(),
        b"",
        b"II*",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"http://192.0.2.1/dem.tif",
        b"/vsicurl/http://192.0.2.1/dem.tif",
        b"II\x2a\x01" + bytes(40),
    ],
)
def test_what_is_no_tiff_is_refused_by_its_first_bytes(tmp_path: Path, data: bytes) -> None:
    put(tmp_path / "secret.tif")
    path = tmp_path / "dem.tif"
    path.write_bytes(data)
    with pytest.raises(MalformedFile, match="no TIFF file by its first bytes"):
        heights(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for name in (tmp_path, tmp_path / "absent.tif", "http://192.0.2.1/dem.tif", "/vsimem/a.tif"):
        with pytest.raises(UnreadableFile):
            sample_heights(LINE, name)
    os.mkfifo(tmp_path / "pipe.tif")
    with pytest.raises(UnreadableFile, match="pipe"):
        sample_heights(LINE, tmp_path / "pipe.tif")
    with pytest.raises(UnusableInput, match="no raster"):
        sample_heights(LINE, [])


@pytest.mark.parametrize("profile", [{}, {"BIGTIFF": "YES"}, {"ENDIANNESS": "BIG"}])
def test_every_truncation_is_an_error_or_the_true_heights(
    tmp_path: Path, profile: dict[str, Any]
) -> None:
    whole = put(tmp_path / "whole.tif", nodata=-9999.0, COMPRESS="DEFLATE", **profile).read_bytes()
    cut = tmp_path / "cut.tif"
    for length in (4, 8, 9, 16, 100, 200, 300, 500, len(whole) // 2, len(whole) - 1):
        cut.write_bytes(whole[:length])
        try:
            assert heights(cut) == [500.0, 500.0]
        except MalformedFile as error:
            assert any(w in error.reason for w in ("cut short", "no TIFF", "cannot be read"))
        else:
            assert length == len(whole) - 1  # the last byte is of a strip that the line misses


def test_pixels_that_are_cut_off_are_no_zeros(tmp_path: Path) -> None:
    path = put(tmp_path / "plain.tif")
    data = path.read_bytes()
    pixels = 200 * 200 * 4
    assert len(data) > pixels
    path.write_bytes(data[: len(data) - pixels // 2])
    with pytest.raises(MalformedFile):
        heights(path)


def patch(data: bytes, values: dict[int, int]) -> bytes:
    """Put other values into the first directory of a little-endian TIFF."""
    changed = bytearray(data)
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, _, n = struct.unpack_from("<HHI", data, entry)
        if tag in values and n == 1:
            struct.pack_into("<HHII", changed, entry, tag, 4, 1, values[tag])
    return bytes(changed)


@pytest.mark.parametrize("side", [0, 1, 70_000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_claimed_dimensions_are_not_believed(tmp_path: Path, side: int) -> None:
    path = put(tmp_path / "dem.tif")
    path.write_bytes(patch(path.read_bytes(), {256: side, 257: side}))
    with pytest.raises(UnusableInput):
        heights(path)


def test_a_piece_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    """One strip of 10,000 by 8,000 pixels, which no byte of the file stands for."""
    path = tmp_path / "strip.tif"
    shape = {"width": 10_000, "height": 8_000, "count": 1, "dtype": "float32"}
    stored = {"BLOCKYSIZE": 8_000, "SPARSE_OK": True, "COMPRESS": "DEFLATE"}
    with rasterio.open(
        path, "w", driver="GTiff", crs="EPSG:4326", transform=GRID, **shape, **stored
    ) as raster:
        assert raster.block_shapes == [(8_000, 10_000)]
    assert path.stat().st_size < 10_000
    with pytest.raises(MalformedFile, match="is stored in pieces of 320,000,000 bytes"):
        heights(path)


def test_a_vast_raster_is_read_in_small_windows(tmp_path: Path) -> None:
    """100,000 by 100,000 pixels, almost all of them never written."""
    path = tmp_path / "vast.tif"
    side = 100_000
    profile = {"width": side, "height": side, "count": 1, "dtype": "int16", "nodata": -32768}
    tiled = {"TILED": True, "BLOCKXSIZE": 512, "BLOCKYSIZE": 512, "SPARSE_OK": True}
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        crs="EPSG:4326",
        transform=Affine(1e-4, 0.0, 5.0, 0.0, -1e-4, 50.0),
        **profile,
        **tiled,
        COMPRESS="DEFLATE",
    ) as raster:
        raster.write(np.full((512, 512), 321, "int16"), 1, window=((0, 512), (0, 512)))
    lonlat = np.column_stack((np.linspace(5.01, 14.9, 40), np.linspace(49.99, 40.1, 40)))
    route = sample_heights(Route(lonlat=lonlat), path)
    assert route.height_m is not None
    assert route.height_m[0] == 321.0
    assert np.isnan(route.height_m[1:]).all()


def test_without_a_place_on_earth(tmp_path: Path) -> None:
    nowhere = put(tmp_path / "nowhere.tif", crs=None, transform=None)
    with pytest.raises(UnknownCrs, match="no place on Earth"):
        heights(nowhere)
    # A world file and a projection beside it are not read.
    (tmp_path / "nowhere.tfw").write_text("0.001\n0\n0\n-0.001\n9.0005\n46.9995\n")
    (tmp_path / "nowhere.prj").write_text('GEOGCS["WGS 84"]')
    (tmp_path / "nowhere.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:4326</SRS></PAMDataset>")
    with pytest.raises(UnknownCrs, match="no place on Earth"):
        heights(nowhere)
    with pytest.raises(UnknownCrs, match="tells no reference system"):
        heights(put(tmp_path / "plane.tif", crs=None))
    with pytest.raises(UnusableInput):
        heights(put(tmp_path / "local.tif", crs='LOCAL_CS["site grid",UNIT["metre",1]]'))
    with pytest.raises(UnusableInput):
        heights(put(tmp_path / "flat.tif", transform=Affine(0.001, 0, 9, 0.001, 0, 47)))


def test_a_datum_without_a_known_way_from_wgs84_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownCrs, match="no transformation from WGS 84 to TWD67") as caught:
        heights(put(tmp_path / "taiwan.tif", crs="EPSG:3821"))
    assert caught.value.source == str(tmp_path / "taiwan.tif")


def test_a_reference_system_that_names_a_file_opens_none() -> None:
    wkt = CRS("EPSG:31468").to_wkt(version="WKT1_GDAL")
    old = (
        CRS("EPSG:31468")
        .to_wkt(version="WKT1_GDAL")
        .replace('AUTHORITY["EPSG","6314"]]', 'EXTENSION["PROJ4_GRIDS","/etc/passwd"]]', 1)
    )
    assert old != wkt
    with pytest.raises(UnknownCrs, match="names a file"):
        raster_system(old)
    with pytest.raises(UnknownCrs, match="not known"):
        raster_system("nonsense")
    with pytest.raises(UnknownCrs, match="does not place points"):
        raster_system(CRS("EPSG:7837").to_wkt())


def test_a_raster_placed_by_control_points_alone_is_refused(tmp_path: Path) -> None:
    from rasterio.control import GroundControlPoint  # noqa: PLC0415 - used here alone

    corners = [(0, 0, 9.0, 47.0), (0, 200, 9.2, 47.0), (200, 0, 9.0, 46.8), (200, 200, 9.2, 46.8)]
    points = [GroundControlPoint(row=r, col=c, x=x, y=y) for r, c, x, y in corners]
    assert from_gcps(points).almost_equals(GRID, 1e-6)
    path = tmp_path / "gcps.tif"
    shape = {"width": 200, "height": 200, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", driver="GTiff", gcps=points, crs="EPSG:4326", **shape) as raster:
        raster.write(np.full((200, 200), 500.0, "float32"), 1)
    with pytest.raises(UnknownCrs, match="no place on Earth"):
        heights(path)


def test_files_beside_it_are_not_read(tmp_path: Path) -> None:
    path = put(tmp_path / "dem.tif", nodata=-9999.0)
    wrong = put(tmp_path / "wrong.tif", value=7.0)
    mask = put(tmp_path / "mask.tif", value=0, dtype="uint8")
    shutil.copy(wrong, tmp_path / "dem.tif.ovr")
    shutil.copy(mask, tmp_path / "dem.tif.msk")
    (tmp_path / "dem.tfw").write_text("1\n0\n0\n-1\n0\n0\n")
    (tmp_path / "dem.tif.aux.xml").write_text(
        "<PAMDataset><SRS>EPSG:3857</SRS><GeoTransform>0,1,0,0,0,-1</GeoTransform>"
        '<PAMRasterBand band="1"><NoDataValue>500</NoDataValue><Offset>77</Offset>'
        "<UnitType>ft</UnitType></PAMRasterBand></PAMDataset>"
    )
    assert heights(path) == [500.0, 500.0]


def test_a_file_that_names_another_is_refused(tmp_path: Path) -> None:
    """GDAL opens what the item OVERVIEW_FILE names, whatever it is, when a mask is asked for."""
    secret = put(tmp_path / "secret.tif", value=7.0)
    path = put(tmp_path / "dem.tif")
    with rasterio.open(path, "r+") as raster:
        raster.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=str(secret))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dem.tif", "secret.tif"]
    with pytest.raises(MalformedFile, match="names another file"):
        heights(path)


def test_only_the_raster_is_opened(tmp_path: Path) -> None:
    """All that a process of its own opens in the folder, by the interpreter's audit hook."""
    path = put(tmp_path / "dem.tif")
    shutil.copy(path, tmp_path / "dem.tif.ovr")
    program = f"""
import sys
import numpy as np
from geo_routes.geodesy.raster_systems import raster_system
from geo_routes.heights import sample_heights
from geo_routes.model import Route
opened = []
def note(event, arguments):
    if event in ("open", "socket.connect", "os.listdir", "os.scandir"):
        opened.append(str(arguments[0]))
sys.addaudithook(note)
line = Route(lonlat=np.array([[9.05, 46.95], [9.10, 46.90]]))
print(sample_heights(line, {str(path)!r}).height_m.tolist())
print(sorted({{name for name in opened if name.startswith({str(tmp_path)!r})}}))
"""
    done = subprocess.run(  # noqa: S603 - a program written here
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == ["[500.0, 500.0]", str([str(path)])]
    assert done.stderr == ""


@pytest.mark.parametrize(
    "made,said",
    [
        ({"count": 3, "dtype": "uint8", "value": 9}, "3 bands"),
        ({"dtype": "complex64"}, "complex"),
        ({"size": (1, 200)}, "1 by 200 pixels"),
    ],
)
def test_what_holds_no_heights(tmp_path: Path, made: dict[str, Any], said: str) -> None:
    with pytest.raises(MalformedFile, match=said):
        heights(put(tmp_path / "odd.tif", **made))


def test_a_unit_that_is_no_length(tmp_path: Path) -> None:
    path = put(tmp_path / "slope.tif")
    with rasterio.open(path, "r+") as raster:
        raster.units = ("degrees",)
    with pytest.raises(MalformedFile, match="'degrees', which is no unit"):
        heights(path)


def test_an_alpha_band_is_a_mask(tmp_path: Path) -> None:
    path = put(tmp_path / "alpha.tif", count=2, dtype="uint16", value=500, ALPHA="YES")
    with rasterio.open(path, "r+") as raster:
        alpha = np.full((200, 200), 65535, "uint16")
        alpha[80:, :] = 0
        raster.write(alpha, 2)
    route = sample_heights(LINE, path)
    assert route.height_m is not None
    assert np.array_equal(route.height_m, [500.0, np.nan], equal_nan=True)


def test_without_rasterio_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "dem.tif")
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "rasterio" else find(name)
    )
    with pytest.raises(UnusableInput, match=r"pip install 'geo-routes\[raster\]'"):
        heights(path)


def test_an_error_names_the_raster(tmp_path: Path) -> None:
    good, bad = put(tmp_path / "good.tif"), tmp_path / "bad.tif"
    bad.write_bytes(good.read_bytes()[:120])
    with pytest.raises(MalformedFile) as caught:
        sample_heights(LINE, [good, bad])
    assert caught.value.source == str(bad)
    assert "raster.tif" not in caught.value.reason


def test_the_file_is_closed(tmp_path: Path) -> None:
    path = put(tmp_path / "dem.tif")
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("open files are counted where /proc tells them")
    before = len(os.listdir("/proc/self/fd"))
    with open_geotiff(path) as raster:
        assert (raster.width, raster.height, raster.height_datum) == (200, 200, None)
    assert len(os.listdir("/proc/self/fd")) == before


def test_bilinear_is_that_of_scipy_and_reads_bounded_windows() -> None:
    random = np.random.default_rng(5)
    nodes = random.normal(size=(3000, 2500))
    row, column = random.uniform(0, 2999, 3000), random.uniform(0, 2499, 3000)
    windows = []

    def read(r0: int, r1: int, c0: int, c1: int) -> npt.NDArray[np.float64]:
        windows.append((r1 - r0, c1 - c0))
        assert 0 <= r0 < r1 <= 3000
        assert 0 <= c0 < c1 <= 2500
        return nodes[r0:r1, c0:c1]

    values = bilinear(column, row, width=2500, height=3000, read=read)
    expected = map_coordinates(nodes, (row, column), order=1)
    assert values == pytest.approx(expected, abs=1e-12)
    assert max(max(w) for w in windows) <= 1025
    assert len(windows) == 9
    assert bilinear(np.empty(0), np.empty(0), width=2, height=2, read=read).shape == (0,)
    far = np.array([np.nan, -0.6, 2499.6])
    assert np.isnan(bilinear(far, np.zeros(3), width=2500, height=3000, read=read)).all()
    assert len(windows) == 9
