"""Figures of a route as text for people and as JSON values for programs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from geo_routes.chainage import OfficialKilometres, Stationing, write_stationing
from geo_routes.errors import visible
from geo_routes.model import STRUCTURE_KINDS
from geo_routes.report.bends import bend_lines, bend_values
from geo_routes.report.saying import MOST_ROWS, WORDS, Units, more, say_chainage, say_length
from geo_routes.survey import FIGURES, Figure, Survey


def measure_text(
    survey: Survey,
    *,
    source: str,
    figures: Collection[Figure] = FIGURES,
    units: Units = "km",
    stationing: Stationing = "12.345",
) -> str:
    """Write the figures of one route for people, line by line."""
    return "\n".join(_measure_lines(survey, source, figures, units, stationing))


def _measure_lines(
    survey: Survey, source: str, figures: Collection[Figure], units: Units, stationing: Stationing
) -> Iterator[str]:
    route = survey.route

    def place(chainage_m: float) -> str:
        return say_chainage(chainage_m, stationing=stationing, units=units)

    yield f"{visible(route.label, most=120)}  ({visible(source, most=160)})"
    spread = survey.length_uncertainty_m
    give = f" ± {say_length(spread, units=units)}" if spread is not None else ""
    sketch = "  (of the sketch, which says nothing about the line's own length)"
    yield f"  length     {say_length(survey.length_m, units=units)}{give}{'' if give else sketch}"
    if survey.length_3d_m is not None:
        yield f"  3D length  {say_length(survey.length_3d_m, units=units)}"
    yield f"  vertices   {len(route.lonlat):,}"
    yield from bend_lines(survey, figures, units=units, place=place)
    if "structures" in figures:
        yield from _structure_lines(survey, units, place)
    if survey.official is not None:
        yield from _kilometre_lines(survey.official, stationing)
    if "sections" in figures and survey.stations:
        yield f"  stations   {len(survey.stations)}"
        for located in survey.stations[:MOST_ROWS]:
            off = f"  ({located.offset_m:,.0f} m off)" if located.offset_m >= 1 else ""
            name = visible(located.station.name, most=80) or "-"
            yield f"    {place(located.chainage_m):>12}  {name}{off}"
        yield from more(len(survey.stations))
        yield from _section_lines(survey, units)


def _kilometre_lines(official: OfficialKilometres, stationing: Stationing) -> Iterator[str]:
    ends = official.km_at(official.edges_m[[0, -1]]).tolist()
    first, last = (write_stationing(km, stationing) for km in ends)
    way = "rising" if official.rises else "falling"
    fitting = sum(p.fits for p in official.points)
    points = f"{fitting} point{'s' if fitting != 1 else ''}"
    yield f"  official   km {first} to km {last}, {way}, by {points}"
    if official.scale is not None:
        yield f"    1 km of them is {1 / official.scale:.5f} km of the line"
    worst = official.largest_residual
    if worst is not None and worst.residual_m is not None:
        yield (
            f"    residuals {official.rms_residual_m:,.0f} m (rms), the largest "
            f"{worst.residual_m:+,.0f} m at {visible(worst.name, most=80) or 'a post'}"
        )


def _kilometre_values(survey: Survey) -> dict[str, Any] | None:
    official = survey.official
    if official is None:
        return None
    first_km, last_km = official.km_at(official.edges_m[[0, -1]]).tolist()
    return {
        "from_km": first_km,
        "to_km": last_km,
        "rises": official.rises,
        "scale": official.scale,
        "rms_residual_m": official.rms_residual_m,
        "points": [
            {
                "name": p.name,
                "chainage_m": p.chainage_m,
                "km": p.km,
                "residual_m": p.residual_m,
                "fits": p.fits,
            }
            for p in official.points
        ],
    }


def _structure_lines(survey: Survey, units: Units, place: Callable[[float], str]) -> Iterator[str]:
    if survey.tunnel_fraction is None:
        yield "  tunnel     unknown"
    else:
        tunnel_m = survey.tunnel_length_m or 0.0
        share = _share(survey.tunnel_fraction, survey.known_fraction)
        yield f"  tunnel     {say_length(tunnel_m, units=units)}, {share}"
    for kind in STRUCTURE_KINDS[1:]:
        if kind in survey.structure_length_m:
            length_m = survey.structure_length_m[kind]
            share = f", {length_m / survey.length_m:.1%}" if survey.length_m else ""
            yield f"  {WORDS.get(kind, kind):<10} {say_length(length_m, units=units)}{share}"
    named = [s for s in survey.structures if s.name]
    for structure in named[:MOST_ROWS]:
        ends = f"{place(structure.from_m or 0.0)} to {place(structure.to_m or 0.0)}"
        word = WORDS.get(structure.kind, structure.kind)
        yield f"    {ends}  {word} {visible(structure.name, most=80)}"
    yield from more(len(named))


def _section_lines(survey: Survey, units: Units) -> Iterator[str]:
    if not survey.sections:
        return
    yield f"  sections   {len(survey.sections)}"
    for section in survey.sections[:MOST_ROWS]:
        ends = (visible(name, most=60) or "-" for name in (section.origin, section.terminus))
        names = " to ".join(ends)
        if section.tunnel_fraction is None:
            share = ""
        else:
            share = f"  tunnel {_share(section.tunnel_fraction, section.known_fraction)}"
        yield f"    {say_length(section.length_m, units=units):>12}  {names}{share}"
    yield from more(len(survey.sections))


def _share(fraction: float, known: float) -> str:
    """Say a share; where part of the line is unknown, as a range."""
    if known > 1 - 1e-9:
        return f"{fraction:.1%}"
    return (
        f"{fraction:.1%} to {min(fraction + 1 - known, 1):.1%} ({known:.1%} of the line is known)"
    )


def route_figures(survey: Survey, *, figures: Collection[Figure] = FIGURES) -> dict[str, Any]:
    """Give the figures of one route as JSON values, SI units; see the route file reference."""
    route = survey.route
    row: dict[str, Any] = {
        "id": route.id,
        "name": route.name,
        "length_m": survey.length_m,
        "length_uncertainty_m": survey.length_uncertainty_m,
        "length_3d_m": survey.length_3d_m,
        "vertices": len(route.lonlat),
        "geometry_kind": route.geometry_kind,
    }
    if "sections" in figures:
        row["stations"] = [
            {"name": s.station.name, "chainage_m": s.chainage_m, "offset_m": s.offset_m}
            for s in survey.stations
        ]
        row["sections"] = [
            {
                "from": s.origin,
                "to": s.terminus,
                "length_m": s.length_m,
                "tunnel_fraction": s.tunnel_fraction,
                "known_fraction": s.known_fraction,
            }
            for s in survey.sections
        ]
        row["official_kilometres"] = _kilometre_values(survey)
    if "structures" in figures:
        row["tunnel_length_m"] = survey.tunnel_length_m
        row["tunnel_fraction"] = survey.tunnel_fraction
        row["known_fraction"] = survey.known_fraction
        row["structures"] = {
            kind: {
                "length_m": length_m,
                "fraction": length_m / survey.length_m if survey.length_m else None,
            }
            for kind, length_m in survey.structure_length_m.items()
        }
    return row | bend_values(survey, figures)
