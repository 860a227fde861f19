"""Route files: GeoJSON → routes with their stations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from geo_routes import geodesy
from geo_routes.errors import InvalidCoordinates, InvalidNoun, MalformedFile
from geo_routes.formats import geojson
from geo_routes.formats.attachment import attach
from geo_routes.formats.geojson import Collection, Feature
from geo_routes.formats.members import Members
from geo_routes.formats.pieces import LINE_TYPES, Piece, cut_piece, order_pieces, unknown_members
from geo_routes.formats.stations import is_km_post, make_stations
from geo_routes.model import Finding, Route, Structure, fold

VERSION = 1
_FINEST_DECIMALS = 9
_POINT_KINDS = (None, "station", "km_post")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Filing:
    """Where a route was read from: what `write` needs to lose nothing.

    ``as_read`` is the route as it came; what still is the very same object there is written as it
    stood in ``data``. ``feature_indices`` are its line features, in the order of the route.
    """

    source: str
    data: bytes
    feature_indices: tuple[int, ...]
    station_indices: tuple[int, ...]
    as_read: Route
    remarks: tuple[Finding, ...]


def remarks_of_file(routes: Sequence[Route]) -> tuple[Finding, ...]:
    """Give what was seen about a whole file; what is no GeoJSON says it with its routes."""
    filing = routes[0].filing if routes else None
    return filing.remarks if isinstance(filing, Filing) else ()


def decode(data: bytes, *, source: str = "-", stations: bool = True) -> tuple[Route, ...]:
    """Turn the bytes of a route file into routes; see `geo_routes.read`.

    Parameters
    ----------
    data : bytes
    source : str
        Name of the file, for messages.
    stations : bool
        False leaves the stations out: who wants lengths alone need not have them located.

    Returns
    -------
    tuple of Route
    """
    collection = geojson.parse(data, source=source)
    try:
        return _decode(collection, data, source, with_stations=stations)
    except (MalformedFile, InvalidCoordinates) as error:
        error.source = error.source or source
        raise
    except InvalidNoun as error:
        raise MalformedFile(
            error.reason, remedy=error.remedy, source=source, value=error.value
        ) from error


def _decode(
    collection: Collection, data: bytes, source: str, *, with_stations: bool
) -> tuple[Route, ...]:
    version = collection.members.get("geo_routes", VERSION)
    if version != VERSION or type(version) is bool:
        said = str(version)[:20]
        reason = f"is a route file of version {said!r}, and this toolkit reads version {VERSION}"
        raise MalformedFile(reason, remedy="update the toolkit")
    lines, points, others = _sort_features(collection.features)
    if not lines:
        raise _no_lines(collection.features)
    remarks = [*collection.remarks, *others]
    groups: dict[str, list[Feature]] = {}
    for feature in lines:
        groups.setdefault(_route_key(feature), []).append(feature)
    made = [_make_route(features) for features in groups.values()]
    stations, station_remarks = make_stations(points if with_stations else [])
    joined = attach(stations, [route for route, _ in made])
    remarks += [*station_remarks, *joined.remarks]
    routes = []
    for (route, indices), mine in zip(made, joined.stations, strict=True):
        order = [i for i in mine if not is_km_post(points[i])]
        if all(stations[i].seq is not None for i in order):
            order.sort(key=lambda i: (stations[i].seq, i))
        posts = tuple(stations[i] for i in mine if is_km_post(points[i]))
        complete = route
        if mine:
            complete = replace(route, stations=tuple(stations[i] for i in order), km_posts=posts)
        filing = Filing(
            source=source,
            data=data,
            feature_indices=indices,
            station_indices=tuple(points[i].index for i in order),
            as_read=complete,
            remarks=tuple(remarks),
        )
        routes.append(replace(complete, filing=filing))
    return tuple(routes)


def _sort_features(
    features: Sequence[Feature],
) -> tuple[list[Feature], list[Feature], list[Finding]]:
    lines = [f for f in features if f.geometry is not None and f.geometry.type in LINE_TYPES]
    points = [f for f in features if f.geometry is not None and f.geometry.type == "Point"]
    remarks = []
    ours = [f for f in lines if f.properties.get("kind") in (None, "route")]
    if lines and not ours:
        # A plain GeoJSON may use "kind" for something of its own.
        ours = lines
    else:
        points = [f for f in points if f.properties.get("kind") in _POINT_KINDS]
    for feature in features:
        shape = feature.geometry.type if feature.geometry is not None else None
        if shape in (None, "Point", *LINE_TYPES):
            continue
        is_station = feature.properties.get("kind") == "station"
        remarks.append(
            Finding(
                code="station.shape" if is_station else "feature.carried",
                severity="warning" if is_station else "note",
                message=f"{feature.where} is a {shape}, and only lines and points are read",
                remedy="give the station as a Point" if is_station else "",
            )
        )
    return ours, points, list(fold(remarks, most=1))


def _no_lines(features: Sequence[Feature]) -> MalformedFile:
    shapes = sorted({f.geometry.type for f in features if f.geometry is not None})
    held = (
        f"only {', '.join(shapes)}" if shapes else "no features" if not features else "no geometry"
    )
    reason = f"has no line to make a route of: it holds {held}"
    return MalformedFile(reason, remedy="give a LineString or MultiLineString feature")


def _route_key(feature: Feature) -> str:
    identity = _route_id(feature)
    return f"id {identity}" if identity is not None else f"feature {feature.index}"


def _route_id(feature: Feature) -> str | None:
    given = feature.properties.get("id")
    return str(given) if type(given) in (str, int, float) and given != "" else feature.id or None


def _make_route(features: Sequence[Feature]) -> tuple[Route, tuple[int, ...]]:
    pieces = []
    for feature in features:
        try:
            pieces.append(cut_piece(feature))
        except MalformedFile as error:
            error.feature = feature.index
            raise
    ordered, remarks = order_pieces(pieces)
    head = ordered[0]
    members = _shared_members(ordered)
    name, names = members.name()
    lonlat = np.concatenate([p.lonlat for p in ordered])
    _check_lonlat(lonlat, ordered)
    sizes = np.concatenate([p.part_sizes for p in ordered])
    heights = _join_heights(ordered)
    starts_m = _piece_starts_m(ordered, lonlat, sizes)
    structures, open_m = _shift_structures(ordered, starts_m)
    try:
        route = Route(
            lonlat=lonlat,
            part_starts=np.concatenate(([0], np.cumsum(sizes)[:-1])),
            height_m=heights,
            id=_route_id(head.feature),
            name=name,
            names=names,
            mode=members.text("mode"),
            gauge_mm=members.positive("gauge_mm"),
            status=members.status(),
            axis=members.axis(),
            geometry_kind=members.geometry_kind(),
            structures=structures,
            open_m=open_m,
            structures_complete=all(p.structures_complete for p in ordered),
            tunnels_complete=all(p.tunnels_complete for p in ordered),
            of_length_m=_of_length_m(ordered),
            chainage_breaks=tuple(
                replace(b, at_m=b.at_m + start_m) if start_m else b
                for piece, start_m in zip(ordered, starts_m[:-1], strict=True)
                for b in piece.members.chainage_breaks()
            ),
            declared=members.declared(),
            accuracy_m=members.accuracy(),
            source=members.text("source"),
            licence=members.text("licence"),
            retrieved=members.text("retrieved"),
            height_datum=members.text("height_datum"),
            extra=unknown_members(head),
        )
    except (MalformedFile, InvalidNoun) as error:
        error.feature = head.feature.index
        raise
    seen = [r for p in ordered for r in p.members.remarks]
    if members is not head.members:
        seen += members.remarks
    remarks += fold(dict.fromkeys(seen + _coordinate_remarks(lonlat)), most=1)
    if remarks:
        route = replace(route, remarks=tuple(replace(r, route=route.label) for r in remarks))
    return route, tuple(p.feature.index for p in ordered)


def _shared_members(pieces: Sequence[Piece]) -> Members:
    """Take what a route's pieces say of the whole from the first piece that says it."""
    head = pieces[0]
    if len(pieces) == 1:
        return head.members
    shared: dict[str, Any] = {}
    for piece in pieces:
        for member, value in piece.feature.properties.items():
            if shared.get(member) is None:
                shared[member] = value
    return Members(shared, where=head.members.where)


def _of_length_m(pieces: Sequence[Piece]) -> float | None:
    """Each piece states the length of its own line; one that does not leaves the sum unknown."""
    stated = [piece.members.positive("of_length_m") for piece in pieces]
    return None if None in stated else sum(length_m for length_m in stated if length_m is not None)


def _check_lonlat(lonlat: Any, pieces: Sequence[Piece]) -> None:
    try:
        geodesy.check_lonlat(lonlat)
    except InvalidCoordinates:
        for piece in pieces:
            try:
                geodesy.check_lonlat(piece.lonlat)
            except InvalidCoordinates as error:
                error.feature = piece.feature.index
                raise
        raise


def _coordinate_remarks(lonlat: Any) -> list[Finding]:
    remarks = []
    if np.abs(lonlat[:, 0]).max() > 180:
        remarks.append(
            Finding(
                code="coordinates.longitude",
                severity="warning",
                message="a longitude lies beyond 180 degrees; it is read as the same meridian",
                remedy="cut the line at the antimeridian, or keep longitudes within 180",
            )
        )
    sample = lonlat[: 2 * _FINEST_DECIMALS]
    if np.any(np.abs(np.round(sample, _FINEST_DECIMALS) - sample) > 1e-13):
        remarks.append(
            Finding(
                code="coordinates.precision",
                severity="note",
                message=f"coordinates have more than {_FINEST_DECIMALS} decimals (0.1 mm)",
                remedy="round them to 7 decimals, a centimetre",
            )
        )
    return remarks


def _join_heights(pieces: Sequence[Piece]) -> Any:
    if all(p.height_m is None for p in pieces):
        return None
    return np.concatenate(
        [p.height_m if p.height_m is not None else np.full(len(p.lonlat), np.nan) for p in pieces]
    )


def _piece_starts_m(pieces: Sequence[Piece], lonlat: Any, sizes: Any) -> list[float]:
    """Give the chainage where each piece starts, and that of the end of the last."""
    if len(pieces) == 1 and not (pieces[0].whole or pieces[0].known_open):
        return [0.0, 0.0]  # a piece on its own shifts nothing: its length is not needed
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    reach_m = np.concatenate(([0.0], np.cumsum(geodesy.line_lengths_m(lonlat, offsets))))
    last = np.cumsum([0, *(len(p.part_sizes) for p in pieces)])
    starts_m: list[float] = reach_m[last].tolist()
    return starts_m


def _shift_structures(
    pieces: Sequence[Piece], starts_m: Sequence[float]
) -> tuple[tuple[Structure, ...], Any]:
    """Shift the chainages of each piece by the length of those before it."""
    structures: list[Structure] = []
    open_m = []
    for piece, (from_m, to_m) in zip(pieces, pairwise(starts_m), strict=True):
        name, _ = Members(piece.feature.properties, where="").name()
        structures += [
            Structure(kind=k, from_m=from_m, to_m=to_m, name=name)
            for k in piece.whole
            if to_m > from_m
        ]
        for s in piece.structures:
            structures.append(
                s
                if from_m == 0 or s.from_m is None or s.to_m is None
                else replace(s, from_m=s.from_m + from_m, to_m=s.to_m + from_m)
            )
        stated = piece.known_open or piece.structures_complete or piece.tunnels_complete
        if stated and to_m > from_m:
            open_m.append((from_m, to_m))
    return tuple(structures), np.array(open_m, dtype=np.float64).reshape(-1, 2)
