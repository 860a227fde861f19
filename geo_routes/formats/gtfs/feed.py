"""The tables of a feed, from a folder or a zip archive, row by row.

The tables are read by the standard library: what is wanted of them is a handful of columns, and a
package that loads whole feeds into data frames would hold all departures of a country in memory.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn

from geo_routes.errors import MalformedFile, UnreadableFile, visible
from geo_routes.formats.archives import open_archive
from geo_routes.formats.decimals import parse_decimal
from geo_routes.model import Finding

# No other file of a feed is ever opened.
TABLES = (
    *("agency.txt", "feed_info.txt", "routes.txt", "trips.txt"),
    *("stop_times.txt", "stops.txt", "shapes.txt"),
)
_REMEDY = "correct the feed, or ask its publisher"
_GIS_SUFFIXES = (
    *(".shp", ".gpkg", ".fgb", ".parquet", ".gml", ".kml", ".kmz", ".tab", ".mif", ".csv"),
    *(".gpx", ".xml", ".xodr", ".zip", ".geojson", ".json", ".pbf", ".osm"),
)
_MOST_FIELD = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feed:
    """A feed that was opened.

    Parameters
    ----------
    source : str
    openers : dict
        For each table that there is, what opens it.
    remarks : list of Finding
    """

    source: str
    openers: dict[str, Callable[[], BinaryIO]]
    remarks: list[Finding] = field(default_factory=list)

    def has(self, table: str) -> bool:
        """Tell whether the feed has a table."""
        return table in self.openers

    def rows(self, table: str, *, needed: Sequence[str] = ()) -> Iterator[Row]:
        """Give the rows of a table; none where there is no such table.

        Parameters
        ----------
        table : str
        needed : sequence of str
            Columns that it must have.

        Raises
        ------
        MalformedFile
            If it is no CSV in UTF-8, or lacks a column.
        """
        if table not in self.openers:
            return
        if csv.field_size_limit() < _MOST_FIELD:
            csv.field_size_limit(_MOST_FIELD)
        line = 1
        try:
            with self.openers[table]() as stream:
                text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
                reader = csv.reader(text, strict=True)
                header = [name.strip() for name in next(reader, [])]
                lacking = [name for name in needed if name not in header]
                if lacking:
                    reason = f"has a {table} without the column {lacking[0]}"
                    raise MalformedFile(reason, remedy=_REMEDY, source=self.source)
                places = {name: i for i, name in enumerate(header)}
                for cells in reader:
                    line = reader.line_num
                    if any(cells):
                        yield Row(self, table, line, places, cells)
        except UnicodeDecodeError as error:
            raw = error.object[error.start : error.start + 8].hex(" ")
            reason = f"has a {table} that is not UTF-8, which GTFS demands: {raw} after line {line}"
            raise MalformedFile(reason, remedy="save it as UTF-8", source=self.source) from error
        except csv.Error as error:
            reason = f"has a {table} that is no CSV after line {line}: {error}"
            raise MalformedFile(reason, remedy=_REMEDY, source=self.source) from error


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of a table, its cells by the names of the columns."""

    feed: Feed
    table: str
    line: int
    places: dict[str, int]
    cells: list[str]

    def text(self, name: str) -> str:
        """Give a cell without the space about it; empty where there is none."""
        place = self.places.get(name)
        return self.cells[place].strip() if place is not None and place < len(self.cells) else ""

    def number(self, name: str) -> float:
        """Give a cell as a number.

        Raises
        ------
        MalformedFile
            If it is none.
        """
        text = self.text(name)
        try:
            return parse_decimal(text)
        except ValueError as error:
            shown = visible(text, most=30)
            reason = f"has {name} '{shown}' in line {self.line} of {self.table}, which is no number"
            raise MalformedFile(reason, remedy=_REMEDY, source=self.feed.source) from error

    def number_or_none(self, name: str) -> float | None:
        """Give a cell as a number, or None where it is empty."""
        return self.number(name) if self.text(name) else None

    def sequence(self, name: str) -> int:
        """Give a cell as a whole number of 0 or more."""
        value = self.number(name)
        if value != int(value) or value < 0:
            reason = f"has {name} {value:g} in line {self.line} of {self.table}, expected a whole"
            msg = f"{reason} number"
            raise MalformedFile(msg, remedy=_REMEDY, source=self.feed.source)
        return int(value)

    def refuse_doubled(self, name: str) -> NoReturn:
        """Say that an id, which each row has for itself, stands there a second time."""
        shown = visible(self.text(name), most=40)
        reason = f"has the {name} '{shown}' twice, in line {self.line} of {self.table} again"
        raise MalformedFile(reason, remedy=_REMEDY, source=self.feed.source)

    def lonlat(self, lon: str, lat: str) -> tuple[float, float]:
        """Give two cells as longitude and latitude.

        Raises
        ------
        MalformedFile
            If they are out of range.
        """
        place = self.number(lon), self.number(lat)
        if abs(place[0]) > 180 or abs(place[1]) > 90:
            reason = f"has {lon} {place[0]:g} and {lat} {place[1]:g} in line {self.line} of"
            msg = f"{reason} {self.table}, which are no longitude and latitude"
            raise MalformedFile(
                msg,
                remedy=_REMEDY,
                source=self.feed.source,
            )
        return place


def open_feed(path: str, *, data: bytes | None = None) -> Feed:
    """Open a feed.

    Parameters
    ----------
    path : str
        A zip archive or a folder.
    data : bytes, optional
        The bytes of an archive, where there is no file.

    Returns
    -------
    Feed

    Raises
    ------
    MalformedFile
        If it is no feed.
    """
    remarks: list[Finding] = []
    openers = _of_folder(path) if data is None and os.path.isdir(path) else None  # noqa: PTH112
    if openers is None:
        openers = _of_archive(path, data, remarks)
    lacking = [t for t in ("routes.txt", "trips.txt", "stop_times.txt", "stops.txt")
               if t not in openers]  # fmt: skip
    if lacking:
        reason = f"is no GTFS feed: it has no {' and no '.join(lacking[:2])}"
        remedy = "name a feed (zip) or its folder"
        if not openers and os.path.isdir(path):  # noqa: PTH112
            reason, remedy = "is a folder, and no GTFS feed", _file_in(path)
        raise MalformedFile(reason, remedy=remedy, source=path)
    return Feed(source=path, openers=openers, remarks=remarks)


def _file_in(folder: str) -> str:
    """Name a file of the folder that may be meant."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except OSError:
        names = []
    name = next((n for n in names if n.lower().endswith(_GIS_SUFFIXES)), None)
    return "name a file in it" + (f", such as {visible(name, most=60)}" if name else "")


def _of_folder(path: str) -> dict[str, Callable[[], BinaryIO]]:
    folder = Path(path)
    try:
        found = [t for t in TABLES if (folder / t).is_file()]
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UnreadableFile(reason, remedy="choose another folder", source=path) from error
    for table in found:
        if (folder / table).resolve().parent != folder.resolve():
            reason = f"has a {table} that is a link to a file elsewhere"
            raise UnreadableFile(reason, remedy="copy the file itself", source=path)
    return {table: _opener(folder / table) for table in found}


def _opener(path: Path) -> Callable[[], BinaryIO]:
    def opening() -> BinaryIO:
        try:
            return path.open("rb")
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            raise UnreadableFile(reason, remedy="make it readable", source=str(path)) from error

    return opening


def _of_archive(
    path: str, data: bytes | None, remarks: list[Finding]
) -> dict[str, Callable[[], BinaryIO]]:
    archive = open_archive(path if data is None else data, source=path)
    folder = ""
    if "routes.txt" not in archive.names:
        inner = [n for n in archive.names if n.endswith("/routes.txt")]
        if len(inner) == 1:
            folder = inner[0].removesuffix("routes.txt")
            remarks.append(
                Finding(
                    code="gtfs.folder",
                    severity="note",
                    message=f"the feed's files stand in the folder {visible(folder, most=60)} of "
                    "the archive, where GTFS has them at its top",
                )
            )
    names = {t: folder + t for t in TABLES if folder + t in archive.names}

    def opener(name: str) -> Callable[[], BinaryIO]:
        return lambda: archive.open(name)

    return {table: opener(name) for table, name in names.items()}
