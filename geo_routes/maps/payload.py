"""Surveys → the data of a map page: plain values, lines as delta-coded integers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import islice
from typing import Any, Literal, get_args

import numpy as np

from geo_routes import intervals
from geo_routes.checks import check, judge
from geo_routes.maps.elements import (
    element_rows,
    element_spans,
    element_styles,
    fit_survey,
    legend_rows,
    radius_classes,
)
from geo_routes.maps.polyline import (
    COARSE,
    FINE,
    Grain,
    cut,
    encode_line,
    follow_geodesics,
    simplify,
    unwrap,
)
from geo_routes.maps.speeds import (
    SPEED_COLOURS,
    insist_runs,
    speed_classes,
    speed_legend,
    speed_spans,
    speed_styles,
)
from geo_routes.model import FloatArray, IntArray
from geo_routes.running_time import Run
from geo_routes.structures import Resolved, resolve
from geo_routes.styles import KIND_ORDER, LINE_STYLES
from geo_routes.survey import Survey
from geo_routes.version import __version__

# What the colour of a line tells.
Colour = Literal["structure", "curvature", "permitted_speed", "speed"]
COLOURS: tuple[Colour, ...] = get_args(Colour)
# Stretches of a part of a route, by its ends: from, to, what it is.
_Stretches = Callable[[float, float], list[tuple[float, float, dict[str, Any]]]]

# A page with more vertices than this can be looked at less closely, lest it grow too heavy.
_MOST_FINE_VERTICES = 300_000
_SHORTEST_RUN_M = 0.3
_MOST_FINDINGS = 100
# Kilometre posts on a whole page, and the steps of kilometres to choose from.
_MOST_POSTS = 5_000
_POST_STEPS_KM = (1, 10, 100, 1_000, 10_000)
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def page_data(
    surveys: Sequence[Survey],
    *,
    title: str | None,
    language: str,
    colour: Colour = "structure",
    runs: Sequence[Run | None] = (),
) -> dict[str, Any]:
    """Gather what a page shows of some surveys.

    Parameters
    ----------
    surveys : sequence of Survey
    title : str, optional
        Heading; by default the label of a single route.
    language : str
        Language tag of the page's own words.
    colour : {"structure", "curvature", "permitted_speed", "speed"}
        What the colour of the lines tells; for the curvature, alignments are fitted here.
    runs : sequence of Run or None
        One for each survey; asked for by the colours of speeds.

    Returns
    -------
    dict
        JSON values only. Displayed lines are exact to half a pixel at zoom 18, or at zoom 16 where
        there are more than 300,000 vertices; lengths and chainages are those of the surveys, not
        of the displayed lines.
    """
    anchor_deg = float(surveys[0].route.lonlat[0, 0]) if surveys else 0.0
    together_km = sum(survey.length_m for survey in surveys) / 1000
    step_km = next((s for s in _POST_STEPS_KM if together_km / s < _MOST_POSTS), _POST_STEPS_KM[-1])
    vertices = sum(len(survey.route.lonlat) for survey in surveys)
    grain = FINE if vertices <= _MOST_FINE_VERTICES else COARSE
    alignments = [fit_survey(survey) for survey in surveys] if colour == "curvature" else []
    classes = radius_classes(alignments)
    stretches: list[_Stretches]
    bounds: tuple[float, ...] = ()
    if colour == "curvature":
        stretches = [partial(element_spans, fitted, classes=classes) for fitted in alignments]
    elif colour in SPEED_COLOURS:
        ran = insist_runs(runs)
        bounds = speed_classes(ran)
        stretches = [partial(speed_spans, run, bounds=bounds, colour=colour) for run in ran]
    else:
        stretches = [_structure_stretches(survey) for survey in surveys]
    routes = [
        _route_data(survey, anchor_deg, step_km, grain, mine)
        for survey, mine in zip(surveys, stretches, strict=True)
    ]
    heading = surveys[0].route.name if len(surveys) == 1 else ""
    used = {run["kind"] for route in routes for run in route["runs"]}
    if colour == "curvature":
        for route, fitted in zip(routes, alignments, strict=True):
            route["elements"] = element_rows(fitted)
        styles, legend = element_styles(classes, used), legend_rows(classes, used)
    elif bounds:
        for route, run in zip(routes, insist_runs(runs), strict=True):
            route["train"] = run.train.name
        styles, legend = speed_styles(bounds, used), speed_legend(bounds, used)
    else:
        kinds = [kind for kind in KIND_ORDER if kind in used]
        styles = {kind: [asdict(stroke) for stroke in LINE_STYLES[kind]] for kind in kinds}
        legend = [{"kind": kind} for kind in kinds]
    return {
        "language": language,
        "title": heading if title is None else title,
        "version": __version__,
        "unit_deg": grain.unit_deg,
        "deepest_zoom": grain.deepest_zoom,
        "post_step_km": step_km,
        "colour": colour,
        "styles": styles,
        "legend": legend,
        "routes": routes,
    }


def encode_page_data(data: Mapping[str, Any]) -> str:
    """Write page data as JSON that may stand inside a script element: ASCII, and no markup."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return text


def _route_data(
    survey: Survey, anchor_deg: float, step_km: int, grain: Grain, stretches: _Stretches
) -> dict[str, Any]:
    route = survey.route
    parts = list(_parts(survey, anchor_deg))
    runs = list(_runs(parts, grain, stretches))
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
        "posts": encode_line(_posts(survey, parts, step_km), unit_deg=grain.unit_deg),
        "stations": _stations(survey, anchor_deg, grain),
        "findings": list(_findings(survey, anchor_deg, grain)),
    }


def _findings(survey: Survey, anchor_deg: float, grain: Grain) -> Iterator[dict[str, Any]]:
    """Give what a reader of the map should know: notes without a place are for `check`."""
    told = (f for f in check(survey) if f.severity != "note" or f.lonlat is not None)
    for finding in islice(told, _MOST_FINDINGS):
        at = None
        if finding.lonlat is not None:
            place = unwrap(np.array([finding.lonlat]), anchor_deg=anchor_deg)
            at = encode_line(place, unit_deg=grain.unit_deg)
        yield {
            "code": finding.code,
            "severity": finding.severity,
            "message": finding.message,
            "remedy": finding.remedy,
            "chainage_m": finding.chainage_m,
            "at": at,
        }


def _figures(survey: Survey) -> dict[str, Any]:
    return {
        "length_m": survey.length_m,
        "length_uncertainty_m": survey.length_uncertainty_m,
        "tunnel_fraction": survey.tunnel_fraction,
        "tunnel_length_m": survey.tunnel_length_m,
        "known_fraction": survey.known_fraction,
        "min_radius_m": None if survey.smallest_radius is None else survey.smallest_radius.radius_m,
        "stations": len(survey.stations),
        "vertices": len(survey.route.lonlat),
    }


def _stations(survey: Survey, anchor_deg: float, grain: Grain) -> list[dict[str, Any]]:
    rows = []
    before: float | None = None
    for located in survey.stations:
        place = unwrap(np.array([located.station.lonlat]), anchor_deg=anchor_deg)
        rows.append(
            {
                "name": located.station.name,
                "at": encode_line(place, unit_deg=grain.unit_deg),
                "chainage_m": located.chainage_m,
                "offset_m": located.offset_m,
                "since_m": None if before is None else located.chainage_m - before,
            }
        )
        before = located.chainage_m
    return rows


def _parts(survey: Survey, anchor_deg: float) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Give each part of a route as places on the map and their chainages."""
    route = survey.route
    for first, end in zip(route.part_starts, route.part_ends, strict=True):
        lonlat, places_m = follow_geodesics(route.lonlat[first:end], survey.chainage_m[first:end])
        yield unwrap(lonlat, anchor_deg=anchor_deg), places_m


def _posts(
    survey: Survey, parts: Sequence[tuple[FloatArray, FloatArray]], step_km: int
) -> FloatArray:
    """Place the kilometre posts of a route, from its origin and as measured; a sketch has none."""
    if survey.route.geometry_kind == "sketch":
        return np.empty((0, 2))
    posts_m = np.arange(1, survey.length_m // (step_km * 1000) + 1) * (step_km * 1000.0)
    ends_m = [places_m[-1] for _, places_m in parts]
    which = np.minimum(np.searchsorted(ends_m, posts_m), len(parts) - 1)
    placed = [
        np.column_stack([np.interp(posts_m[which == i], places_m, line[:, k]) for k in (0, 1)])
        for i, (line, places_m) in enumerate(parts)
    ]
    return np.concatenate(placed)


def _runs(
    parts: Sequence[tuple[FloatArray, FloatArray]], grain: Grain, stretches: _Stretches
) -> Iterator[dict[str, Any]]:
    """Cut a route where what its colour tells changes, in chainage order."""
    for line, places_m in parts:
        for from_m, to_m, told in stretches(float(places_m[0]), float(places_m[-1])):
            shown = simplify(cut(line, places_m, from_m, to_m), zoom=grain.deepest_zoom)
            yield {
                **told,
                "line": encode_line(shown, unit_deg=grain.unit_deg),
                "corners": np.array([shown.min(axis=0), shown.max(axis=0)]),
            }


def _structure_stretches(survey: Survey) -> _Stretches:
    resolved = resolve(survey.route, length_m=survey.length_m, official=survey.official)

    def stretches(from_m: float, to_m: float) -> list[tuple[float, float, dict[str, Any]]]:
        return [
            (low_m, high_m, {"kind": kind, "name": name, "from_m": low_m, "to_m": high_m})
            for kind, name, low_m, high_m in _spans(survey, resolved, from_m, to_m)
        ]

    return stretches


def _spans(
    survey: Survey, resolved: Resolved, from_m: float, to_m: float
) -> list[tuple[str, str, float, float]]:
    """List (kind, name, from, to) without gap or overlap over one part of a route."""
    if survey.route.geometry_kind == "sketch" and not survey.structures:
        return [("sketch", "", from_m, to_m)]
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
