"""Line features → routes: the pieces of one route put in order, none of them changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from geo_routes import geodesy
from geo_routes.errors import MalformedFile
from geo_routes.formats.geojson import Feature
from geo_routes.formats.members import ROUTE_MEMBERS, Members
from geo_routes.model import STRUCTURE_KINDS, Finding, FloatArray, Structure, StructureKind

LINE_TYPES = ("LineString", "MultiLineString")

# Ends of neighbouring pieces this close count as joined when pieces are put in order.
_JOINED_M = 50.0
_OSM_KINDS: tuple[tuple[str, StructureKind], ...] = (
    ("tunnel", "tunnel"),
    ("bridge", "bridge"),
    ("cutting", "cutting"),
    ("embankment", "embankment"),
)
# Properties that say what structure the whole piece is.
WHOLE_PIECE_TAGS = ("structure", *(tag for tag, _ in _OSM_KINDS))
_NEW_BY_HAND = "give the pieces a seq"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """One line feature: its parts, and what its properties say of it alone."""

    feature: Feature
    members: Members
    lonlat: FloatArray
    height_m: FloatArray | None
    part_sizes: tuple[int, ...]
    structures: tuple[Structure, ...]
    whole: tuple[StructureKind, ...]
    known_open: bool
    tunnels_complete: bool
    structures_complete: bool


def cut_piece(feature: Feature) -> Piece:
    """Read one line feature.

    Raises
    ------
    MalformedFile
        If a member that changes figures cannot be read.
    """
    if feature.geometry is None:
        reason = "has no geometry"
        raise MalformedFile(reason)
    members = Members(feature.properties, where=feature.where)
    members.check()
    parts = feature.geometry.parts
    lonlat = np.concatenate([p[:, :2] for p in parts])
    height_m = _heights(parts, members)
    whole, known_open = _whole_structures(feature, members)
    return Piece(
        feature=feature,
        members=members,
        lonlat=lonlat,
        height_m=height_m,
        part_sizes=tuple(len(p) for p in parts),
        structures=members.structures(),
        whole=whole,
        known_open=known_open,
        tunnels_complete="tunnels" in feature.properties
        and feature.properties["tunnels"] is not None,
        structures_complete=members.flag("structures_complete"),
    )


def order_pieces(pieces: Sequence[Piece]) -> tuple[list[Piece], list[Finding]]:
    """Put the pieces of one route in order: by ``seq``, else by geometry, else as filed.

    No piece is reversed. By geometry, a piece follows the one whose end lies at its start.

    Returns
    -------
    list of Piece, list of Finding
    """
    seqs = [piece.members.number("seq") for piece in pieces]
    if len(pieces) == 1 or all(seq is not None for seq in seqs):
        order = sorted(range(len(pieces)), key=lambda i: (seqs[i] or 0.0, i))
        return [pieces[i] for i in order], []
    chain = _chain(pieces)
    if chain is not None:
        return [pieces[i] for i in chain], []
    remark = Finding(
        code="pieces.order",
        severity="warning",
        message=f"the {len(pieces)} pieces do not join end to start, so they are taken as filed",
        remedy=_NEW_BY_HAND,
    )
    return list(pieces), [remark]


def _chain(pieces: Sequence[Piece]) -> list[int] | None:
    starts = geodesy.ecef_m(np.array([p.lonlat[0] for p in pieces]))
    ends = geodesy.ecef_m(np.array([p.lonlat[-1] for p in pieces]))
    # Cells as wide as a joint: what is near lies in the same cell or in one of its 26 neighbours.
    cells: dict[tuple[int, ...], list[int]] = {}
    for i, cell in enumerate(np.floor(starts / _JOINED_M).astype(np.int64).tolist()):
        cells.setdefault(tuple(cell), []).append(i)
    follows: dict[int, int] = {}
    for i, (x, y, z) in enumerate(np.floor(ends / _JOINED_M).astype(np.int64).tolist()):
        around = ((x + dx, y + dy, z + dz) for dx, dy, dz in product((-1, 0, 1), repeat=3))
        close = [j for cell in around for j in cells.get(cell, ()) if j != i]
        if not close:
            continue
        near = np.nonzero(np.linalg.norm(starts[close] - ends[i], axis=1) <= _JOINED_M)[0]
        if len(near) > 1:
            return None
        if len(near):
            follows[i] = close[near[0]]
    heads = sorted(set(range(len(pieces))) - set(follows.values()))
    if len(heads) != 1 or len(set(follows.values())) != len(follows):
        return None
    chain = heads
    while chain[-1] in follows:
        chain.append(follows[chain[-1]])
    return chain if len(chain) == len(pieces) else None


def _heights(parts: Sequence[FloatArray], members: Members) -> FloatArray | None:
    if all(p.shape[1] == 2 for p in parts):
        return None
    if any(p.shape[1] > 3 for p in parts):
        members.remarks.append(
            Finding(
                code="coordinates.extra",
                severity="warning",
                message=f"{members.where} has positions of 4 or more numbers: the dimensions after "
                "height are carried, not read",
                remedy="leave out the extra numbers",
            )
        )
    height_m = np.concatenate(
        [p[:, 2] if p.shape[1] > 2 else np.full(len(p), np.nan) for p in parts]
    )
    bare = int(np.isnan(height_m).sum())
    if bare == len(height_m):
        return None
    if bare:
        members.remarks.append(
            Finding(
                code="coordinates.mixed_dimensions",
                severity="warning",
                message=f"{members.where} has heights on {len(height_m) - bare} of its "
                f"{len(height_m)} vertices, so no 3D length is given",
                remedy="give every vertex a height, or none",
            )
        )
    return height_m


def _whole_structures(feature: Feature, members: Members) -> tuple[tuple[StructureKind, ...], bool]:
    """Structures that the whole piece is, and whether lacking one means that it is open."""
    properties = feature.properties
    said = members.one_of("structure", STRUCTURE_KINDS)
    if said is not None:
        return (said,), False
    kinds = tuple(kind for tag, kind in _OSM_KINDS if _is_yes(properties.get(tag)))
    if kinds and "bridge" in kinds and properties.get("bridge") == "viaduct":
        kinds = tuple("viaduct" if k == "bridge" else k for k in kinds)
    return kinds, not kinds and _is_osm_way(feature)


def _is_yes(value: Any) -> bool:
    return value is True or (
        type(value) is str and value.strip().lower() not in ("", "no", "false", "0")
    )


def _is_osm_way(feature: Feature) -> bool:
    properties = feature.properties
    names = (feature.id, properties.get("@id"), properties.get("osm_id"), properties.get("@type"))
    return any(type(n) is str and (n.startswith("way/") or n == "way") for n in names)


def unknown_members(piece: Piece) -> dict[str, Any]:
    """Give the properties that the route file reference does not define."""
    return {
        k: v
        for k, v in piece.feature.properties.items()
        if k not in ROUTE_MEMBERS and not k.startswith("name:")
    }
