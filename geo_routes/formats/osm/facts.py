"""Tags of the ways along a line → structures and profiles by chainage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from geo_routes import intervals
from geo_routes.assembly import Span
from geo_routes.assembly.strands import BESIDE_M
from geo_routes.chainage import Ruler, interpolate, lay_ruler, locate
from geo_routes.errors import visible
from geo_routes.formats.osm.extract import Way
from geo_routes.formats.osm.tags import (
    gauges_mm,
    mode_of,
    speeds_kmh,
    structure_kinds,
    structure_name,
)
from geo_routes.model import Finding, FloatArray, Structure, StructureKind

# Two pieces of one tunnel meet; rounding may leave so much between them.
_TOUCH_M = 0.5
_FAST_KMH = 250.0
_MOST_FIELDS = 6
_DECIMALS = 3


def find_structures(
    spans: Sequence[Span], ways: Sequence[Way], *, line_name: str
) -> tuple[tuple[Structure, ...], FloatArray]:
    """Unite the ways of each tunnel, bridge and so on to one structure.

    Parameters
    ----------
    spans : sequence of Span
    ways : sequence of Way
    line_name : str
        The line's own name, which is not its tunnels'.

    Returns
    -------
    tuple of Structure
        By chainage.
    (k, 2) float64
        Where nothing is tagged, on ways where that means that nothing is there.
    """
    made: list[Structure] = []
    last: dict[StructureKind, int] = {}
    open_m: list[tuple[float, float]] = []
    for span in spans:
        if span.piece < 0:
            continue
        way = ways[span.piece]
        kinds = structure_kinds(way.tags)
        if not kinds and way.is_osm:
            open_m.append((span.from_m, span.to_m))
        for kind in kinds:
            name = structure_name(way.tags, kind, line_name=line_name)
            before = made[last[kind]] if kind in last else None
            if (
                before is not None
                and before.to_m is not None
                and span.from_m - before.to_m <= _TOUCH_M
                and (not name or not before.name or name == before.name)
            ):
                made[last[kind]] = Structure(
                    kind=kind,
                    from_m=before.from_m,
                    to_m=span.to_m,
                    name=before.name or name,
                    source=before.source,
                )
                continue
            last[kind] = len(made)
            made.append(
                Structure(
                    kind=kind,
                    from_m=span.from_m,
                    to_m=span.to_m,
                    name=name,
                    source="OpenStreetMap tags" if way.is_osm else None,
                )
            )
    made.sort(key=lambda s: (s.from_m or 0.0, s.to_m or 0.0, s.kind))
    return tuple(made), intervals.unite(open_m)


def borrow_names(
    structures: Sequence[Structure], ruler: Ruler, others: Sequence[Way], *, line_name: str
) -> tuple[Structure, ...]:
    """Name structures that are nameless on this track and named on the track beside it.

    Parameters
    ----------
    structures : sequence of Structure
    ruler : Ruler
        Of the line.
    others : sequence of Way
        Ways beside the line.
    line_name : str

    Returns
    -------
    tuple of Structure
    """
    made = list(structures)
    bare = [i for i, s in enumerate(made) if not s.name and s.from_m is not None]
    if not bare:
        return tuple(made)
    middles_m = [((made[i].from_m or 0.0) + (made[i].to_m or 0.0)) / 2 for i in bare]
    places = interpolate(ruler, np.clip(middles_m, 0.0, ruler.length_m))
    for way in others:
        named = {
            k: structure_name(way.tags, k, line_name=line_name) for k in structure_kinds(way.tags)
        }
        if not any(named.values()):
            continue
        found = locate(lay_ruler(way.lonlat), places)
        _, first = np.unique(found.point, return_index=True)
        for i, off_m in zip(bare, found.offset_m[first].tolist(), strict=True):
            name = named.get(made[i].kind)
            if name and off_m <= BESIDE_M and not made[i].name:
                made[i] = replace(made[i], name=name)
    return tuple(made)


def weigh_tag(
    spans: Sequence[Span], ways: Sequence[Way], read: Callable[[Mapping[str, str]], Any]
) -> Any:
    """Give what most metres of the line say, None where none says anything.

    Parameters
    ----------
    spans, ways
    read : callable
        From tags to a value, or None.
    """
    metres: dict[Any, float] = {}
    for span in spans:
        value = read(ways[span.piece].tags) if span.piece >= 0 else None
        if value not in (None, "", ()):
            metres[value] = metres.get(value, 0.0) + span.to_m - span.from_m
    return max(metres, key=lambda v: (metres[v], str(v))) if metres else None


def mode_along(spans: Sequence[Span], ways: Sequence[Way]) -> str | None:
    """Give the mode of the line; high-speed where most of it is built for 250 km/h or says so."""
    mode: str | None = weigh_tag(spans, ways, mode_of)
    if mode != "rail":
        return mode
    fast_m, total_m = 0.0, 0.0
    for span in spans:
        if span.piece < 0:
            continue
        total_m += span.to_m - span.from_m
        limit = max((v for v in speeds_kmh(ways[span.piece].tags, turned=False) if v), default=0.0)
        if limit >= _FAST_KMH or mode_of(ways[span.piece].tags) == "high_speed_rail":
            fast_m += span.to_m - span.from_m
    return "high_speed_rail" if fast_m > total_m / 2 else mode


def profiles(spans: Sequence[Span], ways: Sequence[Way]) -> dict[str, Any]:
    """Give what the route file has no members for: speeds, power, gauges, layers, way ids.

    Parameters
    ----------
    spans, ways

    Returns
    -------
    dict
        ``speed_limits``: rows of ``from_m``, ``to_m``, ``kmh`` and, where it differs against the
        line, ``kmh_against``; ``electrified``, ``voltage``, ``frequency``; ``gauges_mm`` where
        there are several; ``layers``; ``osm_ways`` in order.
    """
    extra: dict[str, Any] = {}
    speeds = _rows(spans, lambda s: speeds_kmh(ways[s.piece].tags, turned=s.turned))
    limits = []
    for from_m, to_m, (along, against) in speeds:
        if along is None and against is None:
            continue
        row: dict[str, Any] = {"from_m": from_m, "to_m": to_m, "kmh": along}
        if against != along:
            row["kmh_against"] = against
        limits.append(row)
    if limits:
        extra["speed_limits"] = limits
    for key in ("electrified", "voltage", "frequency"):
        value = weigh_tag(spans, ways, lambda tags, key=key: tags.get(key))  # type: ignore[misc]
        if value is not None:
            extra[key] = value
    gauges = weigh_tag(spans, ways, gauges_mm)
    if gauges and len(gauges) > 1:
        extra["gauges_mm"] = list(gauges)
    layers = [
        {"from_m": from_m, "to_m": to_m, "layer": layer}
        for from_m, to_m, layer in _rows(spans, lambda s: ways[s.piece].tags.get("layer"))
        if layer not in (None, "0")
    ]
    if layers:
        extra["layers"] = layers
    ids = dict.fromkeys(ways[s.piece].id for s in spans if s.piece >= 0 and ways[s.piece].is_osm)
    if ids:
        extra["osm_ways"] = list(ids)
    return extra


def shared_attributes(
    spans: Sequence[Span], ways: Sequence[Way]
) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Give what a GIS file says of all of the line alike, and a remark about the rest.

    Parameters
    ----------
    spans, ways

    Returns
    -------
    dict, tuple of Finding
    """
    used = [ways[i] for i in dict.fromkeys(s.piece for s in spans if s.piece >= 0)]
    names = dict.fromkeys(name for way in used for name in way.attributes)
    kept: dict[str, Any] = {}
    differing = []
    for name in names:
        values = [way.attributes.get(name) for way in used]
        if all(value == values[0] for value in values):
            kept[name] = values[0]
        else:
            differing.append(name)
    if not differing:
        return kept, ()
    shown = ", ".join(visible(name, most=30) for name in differing[:_MOST_FIELDS])
    more = f" and {len(differing) - _MOST_FIELDS} more" if len(differing) > _MOST_FIELDS else ""
    remark = Finding(
        code="gis.lost",
        severity="note",
        message=f"the {len(used)} pieces of the line differ in {shown}{more}, which a route as a "
        "whole does not have",
    )
    return kept, (remark,)


def _rows(spans: Sequence[Span], read: Callable[[Span], Any]) -> list[tuple[float, float, Any]]:
    """Give runs of equal values, by chainage."""
    rows: list[tuple[float, float, Any]] = []
    for span in spans:
        if span.piece < 0:
            continue
        value = read(span)
        from_m, to_m = round(span.from_m, _DECIMALS), round(span.to_m, _DECIMALS)
        if rows and rows[-1][2] == value and abs(rows[-1][1] - from_m) <= _TOUCH_M:
            rows[-1] = (rows[-1][0], to_m, value)
        else:
            rows.append((from_m, to_m, value))
    return rows


def heights_at(drawn: FloatArray, ways: Sequence[Way]) -> FloatArray | None:
    """Give the height of each vertex, NaN where the ways have none; None where all have none."""
    from geo_routes.assembly.pieces import same_places  # noqa: PLC0415

    with_heights = [way for way in ways if way.height_m is not None]
    if not with_heights:
        return None
    places = same_places(np.concatenate([w.lonlat for w in with_heights]))
    heights_m = np.concatenate([w.height_m for w in with_heights if w.height_m is not None])
    known = np.isfinite(heights_m)
    places, first = np.unique(places[known], return_index=True)
    heights_m = heights_m[known][first]
    wanted = same_places(drawn)
    at = np.minimum(np.searchsorted(places, wanted), max(len(places) - 1, 0))
    if len(places) == 0:
        return None
    found = np.where(places[at] == wanted, heights_m[at], np.nan)
    return found if np.isfinite(found).any() else None
