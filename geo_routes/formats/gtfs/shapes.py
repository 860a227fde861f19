"""The lines of a feed, and the unit of its distances."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from geo_routes import geodesy
from geo_routes.errors import MalformedFile
from geo_routes.formats.gtfs.feed import Feed
from geo_routes.model import Finding, FloatArray

MOST_VERTICES = 10_000_000
# "The feed decides on the unit": those that are met, in metres.
UNITS_M = {"metres": 1.0, "kilometres": 1000.0, "miles": 1609.344, "feet": 0.3048, "yards": 0.9144}
_NEAR = 0.05
_NULL_DEG = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """One line, in the order of its sequence.

    Parameters
    ----------
    lonlat : (n, 2) float64
    travelled : (n,) float64, optional
        ``shape_dist_traveled``, where every point has it and it never falls.
    remarks : tuple of Finding
    """

    lonlat: FloatArray
    travelled: FloatArray | None
    remarks: tuple[Finding, ...] = ()


def read_shapes(feed: Feed, wanted: Collection[str]) -> dict[str, Shape]:
    """Read shapes.

    Parameters
    ----------
    feed : Feed
    wanted : collection of str
        Their ids.

    Returns
    -------
    dict
        By id; a shape of less than two points is not there.

    Raises
    ------
    MalformedFile
        Also if they have more than `MOST_VERTICES` points together.
    """
    columns: dict[str, array[float]] = {}
    needed = ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence")
    count = 0
    for row in feed.rows("shapes.txt", needed=needed):
        name = row.text("shape_id")
        if name not in wanted:
            continue
        count += 1
        if count > MOST_VERTICES:
            reason = f"has more than {MOST_VERTICES:,} points in the shapes asked for"
            raise MalformedFile(reason, remedy="choose a route by --ref", source=feed.source)
        travelled = row.number_or_none("shape_dist_traveled")
        lon, lat = row.lonlat("shape_pt_lon", "shape_pt_lat")
        columns.setdefault(name, array("d")).extend(
            (
                row.sequence("shape_pt_sequence"),
                lon,
                lat,
                np.nan if travelled is None else travelled,
            )
        )
    shapes = {name: _shape(name, np.array(c).reshape(-1, 4)) for name, c in columns.items()}
    return {name: shape for name, shape in shapes.items() if len(shape.lonlat) > 1}


def _shape(name: str, rows: FloatArray) -> Shape:
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    lonlat, travelled = rows[:, 1:3].copy(), rows[:, 3].copy()
    remarks = []
    if np.any(np.diff(rows[:, 0]) == 0):
        remarks.append(_odd(f"shape {name} has points of the same shape_pt_sequence"))
    if np.any(np.abs(lonlat).max(axis=1) < _NULL_DEG) and len(lonlat) > 1:
        remarks.append(_odd(f"shape {name} has a point at 0, 0, where a missing position ends up"))
    known = np.isfinite(travelled)
    if known.any() and not known.all():
        remarks.append(_odd(f"shape {name} has shape_dist_traveled for some points only"))
    elif known.all() and np.any(np.diff(travelled) < 0):
        remarks.append(_odd(f"shape {name} has shape_dist_traveled that falls"))
        known[:] = False
    whole = bool(known.all()) and len(travelled) > 1 and travelled[-1] > travelled[0]
    return Shape(lonlat=lonlat, travelled=travelled if whole else None, remarks=tuple(remarks))


def _odd(message: str) -> Finding:
    return Finding(code="gtfs.shape", severity="warning", message=message,
                   remedy="ask the feed's publisher")  # fmt: skip


def find_unit(shapes: Mapping[str, Shape]) -> Finding | None:
    """Say which unit ``shape_dist_traveled`` is in, by the lengths of the lines.

    Parameters
    ----------
    shapes : mapping

    Returns
    -------
    Finding or None
        None where no shape tells distances.
    """
    scales = {
        name: float(geodesy.segment_lengths_m(s.lonlat).sum() / np.ptp(s.travelled))
        for name, s in shapes.items()
        if s.travelled is not None
    }
    if not scales:
        return None
    middle = float(np.median(list(scales.values())))
    unit = min(UNITS_M, key=lambda u: abs(np.log(middle / UNITS_M[u])) if middle > 0 else np.inf)
    if not abs(middle / UNITS_M[unit] - 1) <= _NEAR:
        message = f"shape_dist_traveled counts {middle:.6g} m a unit, which no unit of length is"
        return Finding(
            code="gtfs.distances",
            severity="note",
            message=f"{message}: it orders the stops all the same",
        )  # fmt: skip
    off = sum(1 for v in scales.values() if abs(v / UNITS_M[unit] - 1) > _NEAR)
    shown = "shape shows" if len(scales) == 1 else "shapes show"
    message = f"shape_dist_traveled is in {unit}: {len(scales):,} {shown} {middle:.6g} m a unit"
    if off:
        message += f", and {off:,} differ from it by more than {_NEAR:.0%}"
    return Finding(
        code="gtfs.distances", severity="warning" if off else "note", message=message,
        remedy="look at these shapes" if off else "",
    )  # fmt: skip
