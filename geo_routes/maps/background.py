"""The land under the lines: Natural Earth's countries, cut to what a map shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from geo_routes.errors import GeoRoutesError
from geo_routes.model import FloatArray

Shapes = npt.NDArray[np.object_]
Frame = tuple[float, float, float, float]

# Largest extent, in degrees, that each scale of Natural Earth is good for.
_SCALES = (("10m", 5.0), ("50m", 60.0), ("110m", 360.0))
# A window may be this much wider than high, or higher than wide, and the reader zooms out a step.
_WIDEST = 2.6
_HIGHEST = 1.6
_AROUND = 2.2
_LEAST_DEG = 0.25
# Over a screen of 1,500 pixels an edge is smooth until the reader is two zoom steps closer.
_FRAME_PIXELS = 12_000
_WORLD_UNIT_DEG = 0.1


def background_data(bounds: Sequence[float]) -> dict[str, Any]:
    """Give the land and the borders around some bounds, and the world beyond in outline.

    Parameters
    ----------
    bounds : (west, south, east, north)
        Degrees; longitudes may pass ±180.

    Returns
    -------
    dict
        ``unit_deg``; ``world`` and ``land``, lists of rings; ``borders``, a list of lines, all as
        delta-coded integers; ``frame``, the bounds that ``land`` is cut to.
    """
    west, south, east, north = bounds
    extent = max(east - west, north - south)
    scale = next(name for name, most in _SCALES if extent <= most or name == "110m")
    frame = _frame(west, south, east, north)
    unit_deg = max((frame[2] - frame[0]) / _FRAME_PIXELS, 1e-4)
    turns = (k * 360.0 for k in range(-3, 4))
    # Rings run past ±180° themselves, so the turns beside those of the frame may have a part in it.
    shifts = [t for t in turns if frame[0] < 540 + t and frame[2] > -540 + t]
    here = round((frame[0] + frame[2]) / 720) * 360.0
    land, borders = _cut(scale, frame, shifts, unit_deg)
    world, _ = _cut("110m", (-180.0, -85.0, 180.0, 85.0), [-360.0, 0.0, 360.0], _WORLD_UNIT_DEG)
    return {
        "unit_deg": unit_deg,
        "frame": list(frame),
        "land": land,
        "borders": borders,
        "world_unit_deg": _WORLD_UNIT_DEG,
        "world": world if scale != "110m" or frame[2] - frame[0] < 360 else [],
        "world_shifts": [here - 360.0, here, here + 360.0],
    }


def _frame(
    west: float, south: float, east: float, north: float
) -> tuple[float, float, float, float]:
    """Widen bounds to what a window of any shape shows of them, and a zoom step more."""
    stretch = 1 / np.cos(np.radians(np.clip((south + north) / 2, -80, 80)))
    width, height = max(east - west, _LEAST_DEG), max((north - south) * stretch, _LEAST_DEG)
    across = max(width, height * _WIDEST) * _AROUND / 2
    along = max(height, width * _HIGHEST) * _AROUND / 2 / stretch
    x, y = (west + east) / 2, (south + north) / 2
    frame = (x - across, max(y - along, -85.0), x + across, min(y + along, 85.0))
    return float(frame[0]), float(frame[1]), float(frame[2]), float(frame[3])


def _cut(
    scale: str, frame: Frame, shifts: Iterable[float], unit_deg: float
) -> tuple[list[list[int]], list[list[int]]]:
    countries, borders = _countries(scale)
    land: list[list[int]] = []
    lines: list[list[int]] = []
    for shift in shifts:
        here = (frame[0] - shift, frame[1], frame[2] - shift, frame[3])
        land += [_code(r, shift, unit_deg) for r in _rings(_clip(countries, here, unit_deg))]
        lines += [_code(r, shift, unit_deg) for r in _lines(_clip(borders, here, unit_deg))]
    return [r for r in land if len(r) >= 8], [r for r in lines if len(r) >= 4]


def _clip(shapes: Shapes, frame: Frame, unit_deg: float) -> Shapes:
    near = shapes[shapely.intersects(shapes, shapely.box(*frame))]
    return np.asarray(shapely.simplify(shapely.clip_by_rect(near, *frame), unit_deg / 2))


def _rings(shapes: Shapes) -> Iterator[FloatArray]:
    for polygon in shapely.get_parts(shapes):
        if shapely.get_type_id(polygon) == 3:  # polygon
            for ring in shapely.get_rings(polygon):
                yield shapely.get_coordinates(ring)


def _lines(shapes: Shapes) -> Iterator[FloatArray]:
    for line in shapely.get_parts(shapes):
        if shapely.get_type_id(line) == 1:  # line
            yield shapely.get_coordinates(line)


def _code(lonlat: FloatArray, shift: float, unit_deg: float) -> list[int]:
    units = np.round((lonlat + np.array((shift, 0.0))) / unit_deg).astype(np.int64)
    moved = np.concatenate(([True], np.any(np.diff(units, axis=0) != 0, axis=1)))
    steps = np.diff(units[moved], axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return [int(x) for x in steps.ravel().tolist()]


@lru_cache(maxsize=3)
def _countries(scale: str) -> tuple[Shapes, Shapes]:
    """Polygons of all countries, and the lines that two of them share."""
    try:
        text = asset(f"countries-{scale}.json")
    except FileNotFoundError as error:
        reason = "the background of the map is missing from this installation"
        raise GeoRoutesError(reason, remedy="install the package again") from error
    topology = orjson.loads(text)
    scale_by, origin = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [
        np.cumsum(np.array(arc, dtype=np.float64), axis=0) * scale_by + origin
        for arc in topology["arcs"]
    ]
    polygons, uses = [], np.zeros(len(arcs), dtype=np.int64)
    for country in topology["objects"]["countries"]["geometries"]:
        parts = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
        for rings in parts:
            for arc in (a for ring in rings for a in ring):
                uses[arc if arc >= 0 else ~arc] += 1
            closed = [r for ring in rings if len(r := _join(ring, arcs)) >= 4]
            if not closed:
                continue
            polygons.append(shapely.Polygon(closed[0], closed[1:]))
    shared = [shapely.linestrings(arcs[i]) for i in np.nonzero(uses > 1)[0]]
    # Natural Earth's rings touch themselves here and there, and clipping wants them clean.
    return np.asarray(shapely.make_valid(np.array(polygons))), np.array(shared)


def _join(ring: Sequence[int], arcs: Sequence[FloatArray]) -> FloatArray:
    """Chain arcs to a ring; ``~i`` is arc ``i`` backwards (TopoJSON 1.0, section 2.1.4).

    The atlas joins rings across the antimeridian: they are made to run on past ±180°, and one
    that goes round a pole is closed along it.
    """
    pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in ring]
    joined = np.concatenate([pieces[0], *(p[1:] for p in pieces[1:])])
    steps = np.diff(joined[:, 0])
    joined[1:, 0] = joined[0, 0] + np.cumsum((steps + 180) % 360 - 180)
    if abs(joined[-1, 0] - joined[0, 0]) > 180:
        pole = np.sign(joined[0, 1]) * 90.0
        corners = [[joined[-1, 0], pole], [joined[0, 0], pole], joined[0]]
        joined = np.vstack((joined, corners))
    return joined


def asset(name: str) -> bytes:
    """Read a file that the build put into the package.

    Raises
    ------
    FileNotFoundError
    """
    return (resources.files("geo_routes.maps") / "assets" / name).read_bytes()
