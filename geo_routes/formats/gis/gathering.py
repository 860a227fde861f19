"""Records of a GIS file → features in WGS 84, with what was decided and what was lost."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_routes import geodesy
from geo_routes.errors import (
    InvalidCoordinates,
    UnknownCrs,
    UnusableInput,
    visible,
)
from geo_routes.formats.gis.asking import TOKYO, Asked
from geo_routes.formats.gis.attributes import properties_of
from geo_routes.formats.gis.joining import join_points
from geo_routes.formats.gis.tables import Layer, Opened, Record, Row, Shape
from geo_routes.formats.transforming import say_moved, say_transformation
from geo_routes.model import Finding, FloatArray

# Coordinates of so many vertices take a gigabyte while lines are made of them.
MOST_VERTICES = 10_000_000
# A file of a few kilobytes may say that it has any number of records without a shape.
MOST_RECORDS = 10_000_000
_SHOWN = 6
_NO_GEOMETRY = "no geometry"
_AREA = "an area, and only lines and points are read"
_COLLECTION = "a collection (GEOMETRYCOLLECTION), and only lines and points are read"


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
            raise _nothing(layer, asked, records_seen, losses)
        placed, datum = _place(taken, layer, asked, remarks)
        rows += placed
    if asked.join_points:
        rows, said = join_points(rows, by=asked.by)
        remarks += said
    remarks += [_loss(what, count, asked) for what, count in losses.items()]
    return Gathered(form=opened.form, rows=tuple(rows), height_datum=datum, remarks=tuple(remarks))


def _loss(what: str, count: int, asked: Asked) -> Finding:
    """Say what was lost of records; a whole line, or a vertex of one, is no trifle."""
    message = f"{what}: in {_records(count)}"
    grave = what == _COLLECTION or (asked.join_points and what == _NO_GEOMETRY)
    return Finding(code="gis.lost", severity="warning" if grave else "note", message=message)


def _records(count: int) -> str:
    return f"{count:,} {'record' if count == 1 else 'records'}"


def _nothing(layer: Layer, asked: Asked, seen: int, losses: Counter[str]) -> UnusableInput:
    what = "that fits --where" if asked.where else "with a line or a point"
    reason = f"has no record {what} in the layer '{visible(layer.name, most=60)}'"
    held = "".join(f", {what} in {_records(count)}" for what, count in losses.items())
    said = f", of {seen:,}" if seen else ""
    return UnusableInput(f"{reason}{said}{held}", remedy="see --list for what there is")


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
    if (layer.count or 0) > MOST_RECORDS:
        raise _too_many(layer)
    for record in opened.read(layer):
        seen += 1
        if seen > MOST_RECORDS:
            raise _too_many(layer)
        if not all(condition.holds(record.values) for condition in conditions):
            continue
        shape = record.shape
        if shape is None or (shape.kind != "other" and not shape.parts):
            losses[_NO_GEOMETRY] += 1
            continue
        if shape.kind == "other":
            losses[_COLLECTION if shape.is_collection else _AREA] += 1
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


def _too_many(layer: Layer) -> UnusableInput:
    name = visible(layer.name, most=60)
    reason = f"has more than {MOST_RECORDS:,} records in the layer '{name}'"
    return UnusableInput(reason, remedy="cut it to the lines that are wanted")


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
            properties=properties_of(record.values, asked, dropped),
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
