"""Records of a GIS file → features in WGS 84, with what was decided and what was lost."""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from geo_routes import geodesy
from geo_routes.errors import (
    InvalidCoordinates,
    MalformedFile,
    UnknownCrs,
    UnusableInput,
    visible,
)
from geo_routes.formats.gis.asking import TOKYO, Asked
from geo_routes.formats.gis.tables import Layer, Opened, Record, Shape
from geo_routes.formats.transforming import say_moved, say_transformation
from geo_routes.model import Finding, FloatArray

# Coordinates of so many vertices take a gigabyte while lines are made of them.
MOST_VERTICES = 10_000_000
_NUMBERS = ("seq", "gauge_mm", "accuracy_m", "chainage_km", "of_length_m")
_SHOWN = 6
# Files made of OSM for GIS programs say T and F, and OSM's own tags yes and no.
_YES_OR_NO = ("tunnel", "bridge", "cutting", "embankment", "covered")
_LETTERS = {"T": "yes", "F": "no"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One record that is a line or a point, in WGS 84.

    Parameters
    ----------
    index : int
        Its place in the layer.
    kind : {"line", "point"}
    parts : tuple of (n, 2) or (n, 3) float64
        Longitude, latitude and, where there is one, height.
    properties : mapping
        By the names that the route file or OSM has for them, where they were mapped; values that
        JSON has.
    """

    index: int
    kind: Literal["line", "point"]
    parts: tuple[FloatArray, ...]
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gathered:
    """What was gathered of a file."""

    form: str
    rows: tuple[Row, ...]
    height_datum: str | None
    remarks: tuple[Finding, ...]


def gather(opened: Opened, asked: Asked) -> Gathered:
    """Read the records that were asked for, and bring them into WGS 84.

    Parameters
    ----------
    opened : Opened
    asked : Asked

    Returns
    -------
    Gathered

    Raises
    ------
    UnusableInput
        If a layer or a field is not there, several layers hold lines, or nothing is left.
    UnknownCrs
        If the reference system is not said, or cannot be honoured.
    """
    remarks: list[Finding] = []
    rows: list[Row] = []
    losses: Counter[str] = Counter()
    datum = None
    layers = choose_layers(opened, asked, remarks)
    check_fields(layers, asked)
    for layer in layers:
        remarks += [r for r in layer.remarks if r not in remarks]
        taken, records_seen = _take(opened, layer, asked, losses)
        if not taken:
            what = "that fits --where" if asked.where else "with a line or a point"
            reason = f"has no record {what} in the layer '{visible(layer.name, most=60)}'"
            said = f", of {records_seen:,}" if records_seen else ""
            raise UnusableInput(reason + said, remedy="see --list for what there is")
        placed, datum = _place(taken, layer, asked, remarks)
        rows += placed
    if asked.join_points:
        rows = _joined(rows)
    remarks += [
        _lost(f"{what}: in {count:,} {'record' if count == 1 else 'records'}")
        for what, count in losses.items()
    ]
    return Gathered(form=opened.form, rows=tuple(rows), height_datum=datum, remarks=tuple(remarks))


def choose_layers(opened: Opened, asked: Asked, remarks: list[Finding]) -> list[Layer]:
    """Choose the layers asked for, else the one that holds lines."""
    by_name = {layer.name: layer for layer in opened.layers}
    if asked.layers:
        for name in asked.layers:
            if name not in by_name:
                near = difflib.get_close_matches(name, by_name, n=1)
                reason = f"has no layer '{visible(name, most=60)}': it has {_names(opened.layers)}"
                raise UnusableInput(
                    reason, remedy=f"did you mean {near[0]}?" if near else "name one of these"
                )
        return [by_name[name] for name in asked.layers]
    lines = [layer for layer in opened.layers if layer.has_lines]
    lines = lines or [layer for layer in opened.layers if layer.has_lines is None]
    if len(opened.layers) == 1:
        return list(opened.layers)
    if not lines:
        reason = f"has no layer of lines: it has {_names(opened.layers)}"
        raise UnusableInput(reason, remedy="name one by --layer")
    if len(lines) > 1:
        reason = f"has {len(lines)} layers that may hold lines: {_names(lines)}"
        raise UnusableInput(reason, remedy="name one by --layer, or several by giving it again")
    others = [layer for layer in opened.layers if layer is not lines[0]]
    remarks.append(
        _lost(
            f"the layer '{visible(lines[0].name, most=60)}' was read, and not {_names(others)}",
            remedy="name several by giving --layer again",
        )
    )
    return lines


def check_fields(layers: Sequence[Layer], asked: Asked) -> None:
    """Refuse a field that none of the layers has."""
    names = list(dict.fromkeys(field.name for layer in layers for field in layer.fields))
    for wanted in (*(c.field for c in asked.where), *asked.attributes.values()):
        if wanted not in names:
            near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
            shown = ", ".join(visible(n, most=30) for n in names[:12]) or "none"
            reason = f"has no field {wanted[:60]!r}: its fields are {shown}"
            raise UnusableInput(
                reason, remedy=f"did you mean {near[0]}?" if near else "name one of these"
            )


def _names(layers: Sequence[Layer]) -> str:
    shown = ", ".join(visible(layer.name, most=40) for layer in layers[:_SHOWN])
    return shown + (f" and {len(layers) - _SHOWN} more" if len(layers) > _SHOWN else "")


def _lost(message: str, *, remedy: str = "") -> Finding:
    return Finding(code="gis.lost", severity="note", message=message, remedy=remedy)


def _take(  # noqa: C901 - each kind of record that is passed over has its line
    opened: Opened, layer: Layer, asked: Asked, losses: Counter[str]
) -> tuple[list[tuple[Record, Shape]], int]:
    """Keep the records that are wanted; the others are forgotten as they pass."""
    taken: list[tuple[Record, Shape]] = []
    vertices = seen = 0
    # Of several layers, stations beside lines say, one may not have the field: all of it is taken.
    names = {field.name for field in layer.fields}
    conditions = [c for c in asked.where if c.field in names]
    for record in opened.read(layer):
        seen += 1
        if not all(condition.holds(record.values) for condition in conditions):
            continue
        shape = record.shape
        if shape is None or (shape.kind != "other" and not shape.parts):
            losses["no geometry"] += 1
            continue
        if shape.kind == "other":
            losses["an area or a collection, and only lines and points are read"] += 1
            continue
        losses.update(shape.lost)
        parts = shape.parts
        if shape.kind == "line":
            parts = tuple(p for p in shape.parts if len(p) > 1)
            if len(parts) < len(shape.parts):
                losses["a line of one vertex"] += 1
            if not parts:
                continue
        for part in parts:
            if not np.isfinite(part[:, :2]).all():
                reason = "has a coordinate that is not finite"
                raise InvalidCoordinates(reason, remedy="correct it", feature=record.index)
            vertices += len(part)
        if vertices > MOST_VERTICES:
            reason = f"has more than {MOST_VERTICES:,} vertices in the records asked for"
            raise UnusableInput(reason, remedy="choose with --where FIELD=VALUE, or --layer")
        taken.append((record, Shape(kind=shape.kind, parts=parts)))
    return taken, seen


def _place(
    taken: Sequence[tuple[Record, Shape]], layer: Layer, asked: Asked, remarks: list[Finding]
) -> tuple[list[Row], str | None]:
    parts = [part for _, shape in taken for part in shape.parts]
    sizes = np.cumsum([0, *(len(p) for p in parts)])
    xy = np.concatenate([p[:, :2] for p in parts])
    if asked.swap_xy:
        xy = xy[:, ::-1].copy()
    lonlat, datum, unit_m = _to_wgs84(xy, layer, asked, remarks, _Places(taken, sizes))
    placed = iter(
        np.column_stack((lonlat[a:b], part[:, 2:3] * unit_m)) if part.shape[1] > 2 else lonlat[a:b]
        for part, a, b in zip(parts, sizes[:-1].tolist(), sizes[1:].tolist(), strict=True)
    )
    dropped: dict[str, None] = {}
    rows = [
        Row(
            index=record.index,
            kind="line" if shape.kind == "line" else "point",
            parts=tuple(next(placed) for _ in shape.parts),
            properties=_properties(record.values, asked, dropped),
        )
        for record, shape in taken
    ]
    if dropped:
        names = ", ".join(visible(n, most=30) for n in dropped)
        remarks.append(_lost(f"the fields {names} hold values that JSON has no form for"))
    return rows, datum


@dataclass(frozen=True, slots=True)
class _Places:
    """Which record a vertex belongs to."""

    taken: Sequence[tuple[Record, Shape]]
    sizes: Any

    def record_of(self, vertex: int) -> int:
        part = int(np.searchsorted(self.sizes, vertex, side="right")) - 1
        for record, shape in self.taken:
            part -= len(shape.parts)
            if part < 0:
                return record.index
        return self.taken[-1][0].index


def _to_wgs84(
    xy: FloatArray, layer: Layer, asked: Asked, remarks: list[Finding], places: _Places
) -> tuple[FloatArray, str | None, float]:
    crs = TOKYO if asked.datum == "tokyo" else asked.crs or layer.crs
    if asked.datum == "gcj02":
        geodesy.check_lonlat(xy)
        remarks.append(say_moved("GCJ-02", "the inverse of its shift", geodesy.GCJ02_ACCURACY_M))
        return geodesy.from_gcj02(xy), None, 1.0
    if crs is None:
        looks = "; they look like degrees" if _look_like_degrees(xy) else ""
        reason = f"{layer.crs_reason}{looks}"
        raise UnknownCrs(reason, remedy="give it with --crs, such as --crs EPSG:4326")
    chosen = geodesy.choose_transformation(
        xy, crs=crs, allow_ballpark=asked.allow_ballpark, allow_outside=asked.allow_outside
    )
    remarks += say_transformation(chosen)
    try:
        lonlat = chosen.apply(xy)
    except InvalidCoordinates as error:
        wrong = np.abs(xy[:, 1]) > 90 if chosen.transformer is None else np.zeros(len(xy), bool)
        error.feature = places.record_of(int(np.argmax(wrong))) if wrong.any() else None
        raise
    return lonlat, chosen.height_datum or layer.height_datum, chosen.height_unit_m


def _look_like_degrees(xy: FloatArray) -> bool:
    return bool(np.abs(xy[:, 0]).max() <= 180 and np.abs(xy[:, 1]).max() <= 90)


def _properties(
    values: Mapping[str, Any], asked: Asked, dropped: dict[str, None]
) -> dict[str, Any]:
    # A field that only another layer has changes nothing here.
    mapped = {target: source for target, source in asked.attributes.items() if source in values}
    used = set(mapped.values())
    named = {target: values[source] for target, source in mapped.items()}
    rest = {k: v for k, v in values.items() if k not in used and k not in named}
    properties: dict[str, Any] = {}
    for name, value in (*named.items(), *rest.items()):
        try:
            plain = _plain(value)
        except TypeError:
            dropped[name] = None
            continue
        if name in _NUMBERS and type(plain) is str:
            plain = _number(plain)
        elif name in _YES_OR_NO and type(plain) is str:
            plain = _LETTERS.get(plain, plain)
        properties[name] = plain
    return _declared(properties)


def _declared(properties: dict[str, Any]) -> dict[str, Any]:
    """Put ``declared.length_km`` and its like, which fields were mapped to, into one member."""
    told: dict[str, Any] = {}
    for name in [n for n in properties if n.startswith("declared.")]:
        value, member = properties.pop(name), name.removeprefix("declared.")
        value = _number(value) if type(value) is str else value
        if member.endswith("_m") and member != "min_radius_m" and isinstance(value, int | float):
            member, value = f"{member[:-2]}_km", value / 1000.0
        if value is not None:
            told[member] = value
    return {**properties, "declared": told} if told else properties


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return value
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if type(value).__name__ == "Decimal":
        return float(value)
    msg = f"{type(value).__name__} has no form in JSON"
    raise TypeError(msg)


def _number(text: str) -> float | str:
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) else text


def _joined(rows: Sequence[Row]) -> list[Row]:
    """Make one line of the points, by ``seq`` where each has one; a new ``part`` begins anew."""
    points = [row for row in rows if row.kind == "point"]
    if len(points) < 2:
        reason = f"has {len(points)} points to join, and a line needs two or more"
        raise MalformedFile(reason, remedy="leave --join-points out")
    if all(isinstance(row.properties.get("seq"), int | float) for row in points):
        points = sorted(points, key=lambda row: float(row.properties["seq"]))
    width = max(row.parts[0].shape[1] for row in points)
    parts = [
        np.concatenate([_widened(p, width) for row in run for p in row.parts])
        for run in _runs(points)
        if len(run) > 1
    ]
    if not parts:
        reason = "has no two points of one part to join"
        raise MalformedFile(reason, remedy="map no field to part")
    first = points[0].properties
    shared = {
        k: v
        for k, v in first.items()
        if k not in ("seq", "part") and all(row.properties.get(k) == v for row in points)
    }
    line = Row(index=points[0].index, kind="line", parts=tuple(parts), properties=shared)
    return [row for row in rows if row.kind == "line"] + [line]


def _widened(part: FloatArray, width: int) -> FloatArray:
    """Give a position without a height one that is missing."""
    if part.shape[1] >= width:
        return part
    return np.column_stack((part, np.full(len(part), np.nan)))


def _runs(points: Sequence[Row]) -> Iterator[list[Row]]:
    run: list[Row] = []
    for row in points:
        if run and row.properties.get("part") != run[-1].properties.get("part"):
            yield run
            run = []
        run.append(row)
    yield run
