"""GeoTIFF files → heights of places; nothing but the one file is opened, and that piece by piece.

GDAL is given one driver, and a file system that holds this one file under a name of ours: no
sidecar file, no overview or mask beside it, nothing that the file names can be opened.
"""

from __future__ import annotations

import importlib.util
import io
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from geo_routes import files
from geo_routes.errors import GeoRoutesError, MalformedFile, UnknownCrs, UnusableInput, visible
from geo_routes.geodesy.raster_systems import RasterSystem, raster_system
from geo_routes.heights.bilinear import Nodes, bilinear
from geo_routes.heights.tiff_head import check_head
from geo_routes.model import FloatArray

_NAME = "raster.tif"
# Where the file is stored in larger pieces, one of them alone would fill the memory.
_MOST_BLOCK_BYTES = 256 << 20
_CACHE_MEGABYTES = 64
# Between the Dead Sea's shore and the peak of Everest lie all heights of railways; what lies beyond
# is a void that the file does not declare, such as -9999 and -32768.
_LOWEST_M, _HIGHEST_M = -500.0, 9_000.0
_UNITS_M: Mapping[str, float] = {
    **dict.fromkeys(("m", "metre", "meter", "metres", "meters"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "international foot"), 0.3048),
    **dict.fromkeys(("us survey foot", "us-ft", "ftus", "sftus"), 1200 / 3937),
    **dict.fromkeys(("dm", "decimetre", "decimeter"), 0.1),
    **dict.fromkeys(("cm", "centimetre", "centimeter"), 0.01),
}
_SETTINGS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    "GDAL_CACHEMAX": _CACHE_MEGABYTES,
    "GDAL_NUM_THREADS": "1",
    "GTIFF_IGNORE_READ_ERRORS": "NO",
    # The network: no file extension is one that may be fetched.
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_MAX_RETRY": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GeoTiff:
    """One opened raster of heights.

    Parameters
    ----------
    source : str
        The file, as it was named.
    width, height : int
        Columns and rows.
    system : RasterSystem
    unit_m : float
        Metres in one unit of height.
    """

    source: str
    width: int
    height: int
    system: RasterSystem
    unit_m: float
    _dataset: Any = field(repr=False)
    _has_mask: bool = False

    @property
    def height_datum(self) -> str | None:
        """What the heights are counted from, where the raster says so."""
        return self.system.height_datum

    def heights_m(self, lonlat: FloatArray) -> FloatArray:
        """Give the heights of places, bilinear between the centres of the pixels.

        Parameters
        ----------
        lonlat : (n, 2) float64
            WGS 84 degrees.

        Returns
        -------
        (n,) float64
            Metres; NaN outside the raster and where a pixel that counts has no height.

        Raises
        ------
        MalformedFile
            If the pixels cannot be read.
        """
        column, row = self._pixels(lonlat)
        return bilinear(column, row, width=self.width, height=self.height, read=self._read)

    def _pixels(self, lonlat: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give column and row of places, counted from the centre of the first pixel."""
        xy = self.system.from_wgs84(lonlat)
        to_pixel = ~self._dataset.transform
        column, row = _apply(to_pixel, xy)
        if self.system.in_degrees:
            # The same place a turn further on may be the one that the raster has.
            for turn in (360.0, -360.0):
                outside = ~((column >= 0) & (column <= self.width))
                turned, turned_row = _apply(to_pixel, xy + np.array([turn, 0.0]))
                better = outside & (turned >= 0) & (turned <= self.width)
                column = np.where(better, turned, column)
                row = np.where(better, turned_row, row)
        return column - 0.5, row - 0.5

    def _read(self, first_row: int, end_row: int, first_column: int, end_column: int) -> Nodes:
        """Read a window of heights in metres; NaN where there is none."""
        dataset, window = self._dataset, ((first_row, end_row), (first_column, end_column))
        with _complaints(self.source):
            stored = dataset.read(1, window=window)
            void = (dataset.read_masks(1, window=window) == 0) if self._has_mask else None
        values: FloatArray = stored.astype(np.float64)
        values[_is_nodata(stored, dataset.nodata)] = np.nan
        if void is not None:
            values[void] = np.nan
        heights: FloatArray = (values * dataset.scales[0] + dataset.offsets[0]) * self.unit_m
        heights[~((heights >= _LOWEST_M) & (heights <= _HIGHEST_M))] = np.nan
        return heights


@contextmanager
def open_geotiff(path: str | os.PathLike[str]) -> Iterator[GeoTiff]:
    """Open a GeoTIFF file with one band of heights.

    Parameters
    ----------
    path : path-like

    Yields
    ------
    GeoTiff
        Until the end of the ``with``.

    Raises
    ------
    UnreadableFile, MalformedFile, UnknownCrs, UnusableInput
        If it cannot be read, is no GeoTIFF, tells no place on Earth or what a pixel holds, or names
        another file; and where rasterio is not installed.
    """
    name = os.fspath(path)
    with ExitStack() as stack:
        stream = stack.enter_context(files.open_regular(name))
        check_head(stream, source=name)
        if importlib.util.find_spec("rasterio") is None:
            reason = "is a GeoTIFF, and rasterio, which reads such files, is not installed"
            raise UnusableInput(reason, remedy="pip install 'geo-routes[raster]'", source=name)
        import rasterio  # noqa: PLC0415 - GDAL takes a third of a second, and may be absent

        stack.enter_context(warnings.catch_warnings())
        # That there is no georeference is an error here, and said below.
        warnings.simplefilter("ignore")
        stack.enter_context(rasterio.Env(**_SETTINGS))
        with _complaints(name):
            dataset = stack.enter_context(
                rasterio.open(_NAME, driver="GTiff", opener=_only_file(stream), sharing=False)
            )
            raster = _checked(dataset, name)
        yield raster


def _checked(dataset: Any, source: str) -> GeoTiff:  # noqa: ANN401 - rasterio has no types
    """Refuse what cannot be heights of places, and what would open another file."""
    if dataset.tags(ns="OVERVIEWS") or dataset.tags(1, ns="OVERVIEWS"):
        reason = "names another file as its overview, which is not opened"
        raise MalformedFile(reason, remedy="write it anew without overviews", source=source)
    from rasterio.enums import ColorInterp, MaskFlags  # noqa: PLC0415 - as rasterio above

    has_alpha = dataset.count == 2 and dataset.colorinterp[1] == ColorInterp.alpha
    if dataset.count != 1 and not has_alpha:
        reason = f"has {dataset.count} bands, and which one holds the heights is not known"
        raise MalformedFile(reason, remedy="keep the band of heights alone", source=source)
    dtype = np.dtype(dataset.dtypes[0]) if not dataset.dtypes[0].startswith("complex") else None
    if dtype is None:
        reason = "has complex numbers for pixels, which are no heights"
        raise MalformedFile(reason, remedy="give heights", source=source)
    transform = dataset.transform
    if not dataset.crs or transform.is_identity or transform.is_degenerate:
        what = "reference system" if not transform.is_identity else "place on Earth (georeference)"
        reason = f"tells no {what}"
        remedy = "give it one in a GIS; files beside it, such as .tfw, are not read"
        raise UnknownCrs(reason, remedy=remedy, source=source)
    if dataset.width < 2 or dataset.height < 2:
        reason = f"has {dataset.width} by {dataset.height} pixels, too few to lie between"
        raise MalformedFile(reason, remedy="give a raster of 2 by 2 or more", source=source)
    block_bytes = int(np.prod([int(n) for n in dataset.block_shapes[0]])) * dtype.itemsize
    if block_bytes > _MOST_BLOCK_BYTES:
        most = f"{_MOST_BLOCK_BYTES:,}"
        reason = f"is stored in pieces of {block_bytes:,} bytes, and at most {most} are read"
        raise MalformedFile(reason, remedy="write it tiled", source=source)
    try:
        system = raster_system(dataset.crs.to_wkt(version="WKT2_2019"))
    except UnknownCrs as error:
        raise UnknownCrs(error.reason, remedy=error.remedy, source=source) from error
    flags = set(dataset.mask_flag_enums[0])
    return GeoTiff(
        source=source,
        width=dataset.width,
        height=dataset.height,
        system=system,
        unit_m=_unit_m(dataset.units[0], system, source),
        _dataset=dataset,
        _has_mask=bool(flags & {MaskFlags.per_dataset, MaskFlags.alpha}),
    )


def _is_nodata(stored: npt.NDArray[Any], nodata: float | None) -> npt.NDArray[np.bool_]:
    if nodata is None:
        return np.zeros(stored.shape, dtype=bool)
    if stored.dtype.kind == "f":
        with np.errstate(over="ignore"):
            # The text in the file may have more digits than a pixel holds.
            return np.asarray(stored == np.float64(nodata).astype(stored.dtype))
    return np.asarray(stored == nodata)


def _unit_m(unit: str | None, system: RasterSystem, source: str) -> float:
    if unit:
        if unit.strip().lower() not in _UNITS_M:
            reason = f"has heights in '{visible(unit, most=40)}', which is no unit known here"
            raise MalformedFile(reason, remedy="give heights in metres", source=source)
        return _UNITS_M[unit.strip().lower()]
    return 1.0 if system.height_unit_m is None else system.height_unit_m


def _apply(affine: Any, xy: FloatArray) -> tuple[FloatArray, FloatArray]:  # noqa: ANN401
    x, y = xy.T
    return affine.a * x + affine.b * y + affine.c, affine.d * x + affine.e * y + affine.f


@contextmanager
def _complaints(source: str) -> Iterator[None]:
    """Say in one sentence what GDAL says of a file."""
    from rasterio.errors import RasterioError, RasterioIOError  # noqa: PLC0415 - as above

    try:
        yield
    except GeoRoutesError:
        raise
    except (RasterioError, RasterioIOError, MemoryError, ValueError) as error:
        cause = error.__cause__ or error.__context__
        said = str(cause if cause is not None else error).replace(f"{_NAME}: ", "")
        reason = f"cannot be read as GeoTIFF: {visible(said, most=160)}"
        remedy = "get it anew, or write it with another tool"
        raise MalformedFile(reason, remedy=remedy, source=source) from error


class _View(io.RawIOBase):
    """A file that is open already, with a reading place of its own."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        whole = whence == io.SEEK_END
        start = self._at if whence == io.SEEK_CUR else 0
        self._at = self._stream.seek(start + offset, io.SEEK_END if whole else io.SEEK_SET)
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a buffer has no type in 3.11
        self._stream.seek(self._at)
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _only_file(stream: BinaryIO) -> Any:  # noqa: ANN401 - of a class of rasterio's
    """Make a file system in which there is one file, and that to be read."""
    from rasterio.abc import FileContainer  # noqa: PLC0415 - as rasterio above

    class OnlyFile:
        """What rasterio asks of a file system."""

        def open(self, path: str, mode: str = "r", **_: object) -> BinaryIO:
            if path != _NAME or set(mode) - set("rb"):
                raise FileNotFoundError(path)
            return io.BufferedReader(_View(stream))

        def isfile(self, path: str) -> bool:
            return path == _NAME

        def isdir(self, _path: str) -> bool:
            return False

        def ls(self, _path: str) -> list[str]:
            return []

        def mtime(self, _path: str) -> int:
            return 0

        def size(self, path: str) -> int:
            if path != _NAME:
                raise FileNotFoundError(path)
            return os.fstat(stream.fileno()).st_size

    FileContainer.register(OnlyFile)
    return OnlyFile()
