"""Surveys → the data of a map page: plain values, lines as delta-coded integers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import shapely

from geo_routes import geodesy, intervals
from geo_routes.checks import judge
from geo_routes.model import FloatArray, IntArray
from geo_routes.structures import resolve
from geo_routes.styles import KIND_ORDER, LINE_STYLES
from geo_routes.survey import Survey
from geo_routes.version import __version__

# A unit in the coordinates of the page: 0.11 m or less, a fifth of a pixel at the deepest zoom.
UNIT_DEG = 1e-6
DEEPEST_ZOOM = 18

# Web Mercator ends here (atan(sinh(pi))); what lies beyond is drawn at its edge.
_LAST_LATITUDE_DEG = 85.05
_HALF_PIXEL = 0.5
_WORLD_PIXELS = 256 * 2**DEEPEST_ZOOM
_SHORTEST_RUN_M = 0.3
# A geodesic longer than this bends visibly away from a straight line on the map.
_LONGEST_STEP_M = 10_000.0
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def page_data(surveys: Sequence[Survey], *, title: str | None, language: str) -> dict[str, Any]:
    """Gather what a page shows of some surveys.

    Parameters
    ----------
    surveys : sequence of Survey
    title : str, optional
        Heading; by default the label of a single route.
    language : str
        Language tag of the page's own words.

    Returns
    -------
    dict
        JSON values only. Displayed lines are exact to half a pixel at zoom 18; lengths and
        chainages are those of the surveys, not of the displayed lines.
    """
    anchor_deg = float(surveys[0].route.lonlat[0, 0]) if surveys else 0.0
    routes = [_route_data(survey, anchor_deg) for survey in surveys]
    heading = surveys[0].route.name if len(surveys) == 1 else ""
    used = {run["kind"] for route in routes for run in route["runs"]}
    return {
        "language": language,
        "title": heading if title is None else title,
        "version": __version__,
        "unit_deg": UNIT_DEG,
        "deepest_zoom": DEEPEST_ZOOM,
        "styles": {
            kind: [asdict(stroke) for stroke in LINE_STYLES[kind]]
            for kind in KIND_ORDER
            if kind in used
        },
        "routes": routes,
    }


def encode_page_data(data: Mapping[str, Any]) -> str:
    """Write page data as JSON that may stand inside a script element: ASCII, and no markup."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text


def digest(text: str) -> str:
    """Give a name that depends on the content alone, so that the same map has the same bytes."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def unwrap(lonlat: FloatArray, *, anchor_deg: float) -> FloatArray:
    """Make longitudes run on across the antimeridian, starting within 180° of ``anchor_deg``.

    Parameters
    ----------
    lonlat : (n, 2) float64
    anchor_deg : float

    Returns
    -------
    (n, 2) float64
        Longitudes may pass ±180; latitudes are cut where Web Mercator ends.
    """
    steps = np.diff(lonlat[:, 0], prepend=lonlat[:1, 0])
    start = anchor_deg + (lonlat[0, 0] - anchor_deg + 180) % 360 - 180
    longitude = start + np.cumsum((steps + 180) % 360 - 180)
    latitude = np.clip(lonlat[:, 1], -_LAST_LATITUDE_DEG, _LAST_LATITUDE_DEG)
    return np.column_stack((longitude, latitude))


def encode_line(lonlat: FloatArray) -> list[int]:
    """Code a line as the integers of its first vertex and then of each step, in ``UNIT_DEG``."""
    units = np.round(lonlat / UNIT_DEG).astype(np.int64)
    steps = np.diff(units, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return [int(x) for x in steps.ravel().tolist()]


def _route_data(survey: Survey, anchor_deg: float) -> dict[str, Any]:
    route = survey.route
    runs = list(_runs(survey, anchor_deg))
    corners = np.concatenate([r.pop("corners") for r in runs])
    return {
        "id": route.id,
        "name": route.name,
        "sketch": route.geometry_kind == "sketch",
        "figures": _figures(survey),
        "verdicts": [
            {
                "figure": v.figure,
                "outcome": v.outcome,
                "declared": v.declared,
                "measured": v.measured,
                "unit": v.unit,
                "source": v.source,
            }
            for v in judge(survey)
        ],
        "sources": {
            "source": route.source,
            "licence": route.licence,
            "retrieved": route.retrieved,
            "accuracy_m": route.accuracy_m,
            "status": route.status,
        },
        "bounds": [*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist()],
        "runs": runs,
        "stations": _stations(survey, anchor_deg),
    }


def _figures(survey: Survey) -> dict[str, Any]:
    return {
        "length_m": survey.length_m,
        "length_uncertainty_m": survey.length_uncertainty_m,
        "tunnel_fraction": survey.tunnel_fraction,
        "tunnel_length_m": survey.tunnel_length_m,
        "known_fraction": survey.known_fraction,
        "stations": len(survey.stations),
        "vertices": len(survey.route.lonlat),
    }


def _stations(survey: Survey, anchor_deg: float) -> list[dict[str, Any]]:
    rows = []
    before: float | None = None
    for located in survey.stations:
        place = unwrap(np.array([located.station.lonlat]), anchor_deg=anchor_deg)
        rows.append(
            {
                "name": located.station.name,
                "at": encode_line(place),
                "chainage_m": located.chainage_m,
                "offset_m": located.offset_m,
                "since_m": None if before is None else located.chainage_m - before,
            }
        )
        before = located.chainage_m
    return rows


def _runs(survey: Survey, anchor_deg: float) -> Iterator[dict[str, Any]]:
    """Cut a route where its structure changes, in chainage order."""
    route = survey.route
    for first, end in zip(route.part_starts, route.part_ends, strict=True):
        lonlat, places_m = _round_steps(route.lonlat[first:end], survey.chainage_m[first:end])
        line = unwrap(lonlat, anchor_deg=anchor_deg)
        for kind, name, from_m, to_m in _spans(survey, float(places_m[0]), float(places_m[-1])):
            piece = _cut(line, places_m, from_m, to_m)
            shown = _simplify(piece)
            yield {
                "kind": kind,
                "name": name,
                "from_m": from_m,
                "to_m": to_m,
                "line": encode_line(shown),
                "corners": np.array([shown.min(axis=0), shown.max(axis=0)]),
            }


def _spans(survey: Survey, from_m: float, to_m: float) -> list[tuple[str, str, float, float]]:
    """List (kind, name, from, to) without gap or overlap over one part of a route."""
    if survey.route.geometry_kind == "sketch" and not survey.structures:
        return [("sketch", "", from_m, to_m)]
    resolved = resolve(survey.route, length_m=survey.length_m)
    edges = [from_m, to_m, *resolved.known_m.ravel().tolist()]
    for structure in survey.structures:
        edges += [structure.from_m or 0.0, structure.to_m or 0.0]
    cuts = np.unique(np.clip(edges, from_m, to_m))
    if len(cuts) == 1:
        return [("unknown", "", from_m, to_m)]
    middle = (cuts[:-1] + cuts[1:]) / 2
    known = np.diff(intervals.covered_m(resolved.known_m, cuts)) > 0
    kinds = np.where(known, KIND_ORDER.index("open"), KIND_ORDER.index("unknown"))
    for kind, union in resolved.by_kind.items():
        inside = np.diff(intervals.covered_m(union, cuts)) > 0
        kinds = np.where(inside, np.minimum(kinds, KIND_ORDER.index(kind)), kinds)
    names = _names_at(survey, middle, kinds)
    spans: list[tuple[str, str, float, float]] = []
    for i, (low, high) in enumerate(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)):
        drawn, name = KIND_ORDER[kinds[i]], names[i]
        tiny = high - low < _SHORTEST_RUN_M and spans
        if spans and (tiny or spans[-1][:2] == (drawn, name)):
            spans[-1] = (*spans[-1][:3], high)
        else:
            spans.append((drawn, name, low, high))
    return spans


def _names_at(survey: Survey, places_m: FloatArray, kinds: IntArray) -> list[str]:
    names = [""] * len(places_m)
    for structure in survey.structures:
        if not structure.name:
            continue
        first, last = np.searchsorted(places_m, [structure.from_m or 0.0, structure.to_m or 0.0])
        for i in range(int(first), int(last)):
            if KIND_ORDER[int(kinds[i])] == structure.kind:
                names[i] = structure.name
    return names


def _round_steps(lonlat: FloatArray, places_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Put vertices on long geodesics, which are no straight lines on the map."""
    steps_m = np.diff(places_m)
    pieces = np.maximum(np.ceil(steps_m / _LONGEST_STEP_M).astype(np.int64), 1)
    if np.all(pieces == 1):
        return lonlat, places_m
    which = np.repeat(np.arange(len(steps_m)), pieces)
    number = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share_m = steps_m[which] / pieces[which] * number
    azimuth_deg, _, _ = geodesy.inverse(lonlat[which], lonlat[which + 1])
    places = geodesy.direct(lonlat[which], azimuth_deg, share_m)
    places[number == 0] = lonlat[:-1]
    return np.vstack((places, lonlat[-1:])), np.append(places_m[which] + share_m, places_m[-1])


def _cut(line: FloatArray, places_m: FloatArray, from_m: float, to_m: float) -> FloatArray:
    """Cut a stretch out of a displayed line; its steps are short, so it is straight between."""
    ends = np.column_stack([np.interp((from_m, to_m), places_m, line[:, k]) for k in (0, 1)])
    inner = line[(places_m > from_m) & (places_m < to_m)]
    return np.vstack((ends[:1], inner, ends[1:]))


def _simplify(line: FloatArray) -> FloatArray:
    """Leave out vertices that move the line by less than half a pixel at the deepest zoom."""
    if len(line) < 3:
        return line
    x = line[:, 0] / 360 * _WORLD_PIXELS
    y = np.arctanh(np.sin(np.radians(line[:, 1]))) / (2 * np.pi) * _WORLD_PIXELS
    kept = shapely.get_coordinates(
        shapely.simplify(shapely.linestrings(x, y), _HALF_PIXEL, preserve_topology=False)
    )
    longitude = kept[:, 0] / _WORLD_PIXELS * 360
    latitude = np.degrees(np.arcsin(np.tanh(kept[:, 1] / _WORLD_PIXELS * 2 * np.pi)))
    return np.column_stack((longitude, latitude))
