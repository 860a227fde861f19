"""What is said of sampled heights: where there are none, where they are not of the ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo_routes.errors import UnusableInput
from geo_routes.heights.spans import Span, ends_at
from geo_routes.model import BoolArray, Finding, FloatArray, Route
from geo_routes.survey import Survey

# The steepest high-speed lines, Cologne-Frankfurt and the Chuo Shinkansen, have 40 permille.
_STEEP_PERMILLE = 40.0
# Heights of a raster are off by some metres, which on a short bridge makes any gradient.
_SHORTEST_STEEP_M = 500.0
_STEEP_MODES = ("road", "tram", "funicular", "rack")


def choose_datum(
    route: Route, datums: Sequence[tuple[str, str | None]], given: str | None
) -> tuple[str | None, list[Finding]]:
    """Choose what the heights are counted from: as given, as the rasters say, as the route said.

    Parameters
    ----------
    route : Route
    datums : sequence of (source, datum)
        What the rasters say of themselves; None where one does not.
    given : str, optional

    Raises
    ------
    UnusableInput
        If rasters differ and nothing is given.
    """
    named: dict[str, str] = {}
    for source, datum in datums:
        if datum is not None:
            named.setdefault(datum, source)
    silent = [source for source, datum in datums if datum is None]
    if given is None and len(named) > 1:
        (one, its), (other, others) = list(named.items())[:2]
        reason = f"heights are counted from '{one}' in {its} and from '{other}' in {others}"
        remedy = "bring the rasters to one datum, or say which it is with height_datum"
        raise UnusableInput(reason, remedy=remedy)
    said = next(iter(named), None)
    if given is not None:
        if said is None or set(named) == {given}:
            return given, []
        message = f"the raster counts its heights from '{said}', and '{given}' was asked for"
        return given, [_note("heights.datum", "warning", message, "check which one is right")]
    if said is not None and not silent:
        return said, []
    if said is not None:
        message = f"{silent[0]} does not say what its heights are counted from; taken to be {said}"
        return said, [_note("heights.datum", "warning", message, "check it, or leave it out")]
    kept = f"; '{route.height_datum}', which the route says, is kept" if route.height_datum else ""
    message = f"the rasters do not say what heights are counted from{kept}"
    return route.height_datum, [
        _note("heights.datum", "note", message, "name it with --height-datum (height_datum=)")
    ]


def tell(
    survey: Survey, spans: Sequence[Span], height_m: FloatArray, off_ground: BoolArray
) -> list[Finding]:
    """Say where heights are missing, interpolated, odd, or of the ground by mistake."""
    route = survey.route
    found = [
        *_no_data(survey, np.isnan(height_m) & ~off_ground),
        *(_of_span(survey, span) for span in spans),
        *_steep(survey, spans),
        *_unplaced(survey),
    ]
    if not (route.structures or route.structures_complete) and survey.known_fraction == 0:
        message = "the route names no tunnels and bridges: where there are some, heights are wrong"
        remedy = "give structures, or structures_complete where there are none"
        found.append(_note("heights.ground", "note", message, remedy))
    replaced = 0 if route.height_m is None else int(np.isfinite(route.height_m).sum())
    if replaced:
        message = f"heights that the route had, at {replaced:,} vertices, are replaced"
        found.append(_note("heights.replaced", "note", message, "none, if that was meant"))
    return found


def runs(chosen: BoolArray) -> list[tuple[int, int]]:
    """Give first and last index of each run of true values.

    Examples
    --------
    >>> runs(np.array([True, False, True, True]))
    [(0, 0), (2, 3)]
    """
    edges = np.diff(np.concatenate(([0], chosen.astype(np.int8), [0])))
    firsts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(firsts.tolist(), (ends - 1).tolist(), strict=True))


def _no_data(survey: Survey, missing: BoolArray) -> list[Finding]:
    found = []
    for first, last in runs(missing):
        from_m, to_m = (float(survey.chainage_m[i]) for i in (first, last))
        if last > first:
            what = f"{last - first + 1:,} vertices from {from_m / 1000:.3f} to {to_m / 1000:.3f} km"
            message = f"{what} lie outside the rasters, or where these have no height"
        else:
            message = "one vertex lies outside the rasters, or where these have no height"
        remedy = "name the raster that covers them too"
        found.append(_note("heights.no_data", "warning", message, remedy, from_m))
    return found


def _of_span(survey: Survey, span: Span) -> Finding:
    metres = f"the {span.to_m - span.from_m:,.0f} m of {span.label}"
    if np.isfinite(span.gradient_permille):
        message = (
            f"heights along {metres} are interpolated between the portals, from "
            f"{span.from_height_m:,.1f} m to {span.to_height_m:,.1f} m, "
            f"{span.gradient_permille:+.1f} permille"
        )
        return _note("heights.interpolated", "note", message, "", span.from_m)
    ends = ends_at(span, survey.length_m)
    if any(ends):
        why = "the whole route lies in it" if all(ends) else "the route ends in it"
    else:
        why = "the rasters have no height at a portal"
    message = f"there are no heights along {metres}: {why}"
    remedy = "give heights of the rail from another source"
    return _note("heights.no_portal", "warning", message, remedy, span.from_m)


def _steep(survey: Survey, spans: Sequence[Span]) -> list[Finding]:
    if survey.route.mode in _STEEP_MODES:
        return []
    return [
        _note(
            "heights.steep",
            "warning",
            f"{span.label}, {span.to_m - span.from_m:,.0f} m long, would climb "
            f"{span.gradient_permille:+.1f} permille between its portals, and railways keep "
            f"below {_STEEP_PERMILLE:.0f}",
            "check the places of its portals, and the raster there",
            span.from_m,
        )
        for span in spans
        if span.to_m - span.from_m >= _SHORTEST_STEEP_M
        and abs(span.gradient_permille) > _STEEP_PERMILLE
    ]


def _unplaced(survey: Survey) -> list[Finding]:
    """Name structures that stand in the file, but could not be brought onto the line."""
    lost = [r for r in survey.remarks if r.code in ("structures.official_km",
            "structures.outside", "structures.ambiguous")]  # fmt: skip
    return [
        _note("heights.ground", "warning", f"heights there are those of the ground: {r.message}",
              r.remedy)
        for r in lost
    ]  # fmt: skip


def _note(
    code: str, severity: str, message: str, remedy: str = "", chainage_m: float | None = None
) -> Finding:
    return Finding(
        code=code,
        severity=severity,  # type: ignore[arg-type]
        message=message,
        remedy=remedy,
        chainage_m=chainage_m,
    )
