"""What can safely be put right in a route file, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_routes import geodesy
from geo_routes.errors import MalformedFile
from geo_routes.formats import geojson, json_text
from geo_routes.formats.pieces import LINE_TYPES
from geo_routes.formats.writing import lay_out

# A gap that is the rounding of coordinates, or a slip of the hand; and all of a line together may
# not change its length by more than this share.
MICRO_GAP_M = 0.5
_MOST_CHANGE = 1e-4
# Longer integers do not fit a float64, and would be written as another number.
_LONG_INTEGER = re.compile(rb"(?<![\w.+-])-?\d{17,}(?![\w.])")
_FEATURE_ORDER = ("type", "id", "bbox", "properties", "geometry")
_GEOMETRY_ORDER = ("type", "bbox", "coordinates", "geometries")
_COLLECTION_ORDER = ("type", "geo_routes", "name", "crs", "bbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A route file put right.

    Parameters
    ----------
    data : bytes
        The file as it would be written.
    changes : tuple of str
        What is different, in words, in the order of the file; empty where nothing was to be done.
    """

    data: bytes
    changes: tuple[str, ...]


def fix(data: bytes, *, source: str = "-") -> Fixed:
    """Put right what is safe in the bytes of a route file.

    Vertices that repeat the one before are removed, gaps of up to half a metre between the parts
    of a line are closed by moving the first vertex of the later part, where that changes the
    length by no more than 0.01 %, and the members of features are put in their usual order. Every
    other number keeps its value.

    Parameters
    ----------
    data : bytes
        A route file that can be read.
    source : str
        Name of the file, for messages.

    Returns
    -------
    Fixed

    Raises
    ------
    MalformedFile
        If it is no FeatureCollection, or holds an integer that no float64 can hold.
    """
    if _LONG_INTEGER.search(data):
        reason = "holds an integer of more than 16 digits, which would not survive being rewritten"
        raise MalformedFile(reason, remedy="write it as text", source=source)
    if geojson.is_sequence(data, source):
        reason = "is a GeoJSON sequence, and only a FeatureCollection can be fixed"
        raise MalformedFile(reason, remedy="write it as a FeatureCollection", source=source)
    document = json_text.decode(data, source=source)
    if type(document) is not dict or type(document.get("features")) is not list:
        reason = "is no FeatureCollection, and only such a file can be fixed"
        raise MalformedFile(reason, remedy="wrap it in a FeatureCollection", source=source)
    changes: list[str] = []
    features = []
    unordered = 0
    for index, feature in enumerate(document["features"]):
        fixed, was_ordered = _fix_feature(feature, index, changes)
        unordered += not was_ordered
        features.append(fixed)
    members = {k: v for k, v in document.items() if k != "features"}
    ordered = _reorder(members, _COLLECTION_ORDER)
    if unordered or list(ordered) != list(members):
        changes.append(
            f"members put in their usual order in {unordered} feature(s)"
            if unordered
            else "members of the collection put in their usual order"
        )
    if not changes:
        return Fixed(data=data, changes=())
    return Fixed(data=lay_out(ordered, features, with_version=False), changes=tuple(changes))


def _fix_feature(
    feature: Mapping[str, Any], index: int, changes: list[str]
) -> tuple[dict[str, Any], bool]:
    ordered = _reorder(feature, _FEATURE_ORDER)
    was_ordered = list(ordered) == list(feature)
    geometry = feature.get("geometry")
    if type(geometry) is not dict:
        return ordered, was_ordered
    better = _reorder(geometry, _GEOMETRY_ORDER)
    was_ordered &= list(better) == list(geometry)
    if geometry.get("type") in LINE_TYPES:
        name = (feature.get("properties") or {}).get("name")
        where = f"feature {index} ({name})" if type(name) is str and name else f"feature {index}"
        lone = geometry["type"] == "LineString"
        parts = [geometry["coordinates"]] if lone else geometry["coordinates"]
        mended = _close(_thin(parts, where, changes), where, changes)
        mended = _thin(mended, where, changes)
        if mended != parts:
            better["coordinates"] = mended[0] if lone else mended
            better.pop("bbox", None)
    ordered["geometry"] = better
    return ordered, was_ordered


def _thin(parts: Sequence[Any], where: str, changes: list[str]) -> list[Any]:
    """Remove positions that repeat the one before; a part keeps two at least."""
    thinned, removed, first = [], 0, None
    for part in parts:
        kept = [p for i, p in enumerate(part) if i == 0 or p != part[i - 1]]
        if len(kept) < 2 <= len(part):
            kept = [part[0], part[-1]]
        if len(kept) < len(part) and first is None:
            first = next(p for i, p in enumerate(part) if i and p == part[i - 1])
        removed += len(part) - len(kept)
        thinned.append(kept)
    if removed and first is not None:
        vertices = "vertex" if removed == 1 else "vertices"
        changes.append(f"{where}: {removed} duplicate {vertices} removed, the first at {first}")
    return thinned


def _close(parts: Sequence[Any], where: str, changes: list[str]) -> list[Any]:
    """Move the first vertex of a part onto the last of the part before, where they nearly meet."""
    closed = [list(part) for part in parts]
    gaps_m: dict[int, float] = {}
    length_m = 0.0
    for number, part in enumerate(closed):
        line = np.array([position[:2] for position in part], dtype=np.float64)
        length_m += float(np.sum(geodesy.segment_lengths_m(line)))
        if number and part and closed[number - 1] and closed[number - 1][-1][:2] != part[0][:2]:
            ends = np.array([closed[number - 1][-1][:2], part[0][:2]], dtype=np.float64)
            gap_m = float(geodesy.inverse(ends[:1], ends[1:])[2][0])
            if gap_m <= MICRO_GAP_M:
                gaps_m[number] = gap_m
    if sum(gaps_m.values()) > _MOST_CHANGE * length_m:
        return closed
    for number, gap_m in gaps_m.items():
        end, start = closed[number - 1][-1], closed[number][0]
        closed[number][0] = [*end[:2], *start[2:]]
        changes.append(
            f"{where}: a gap of {gap_m:.3f} m between parts {number} and {number + 1} closed, "
            f"{start} moved to {closed[number][0]}"
        )
    return closed


def _reorder(members: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    known = {k: members[k] for k in order if k in members}
    return {**known, **{k: v for k, v in members.items() if k not in known}}
