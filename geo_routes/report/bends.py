"""Figures of the bends of a route: text for people, JSON values for programs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from geo_routes.alignment import AlignmentFigures
from geo_routes.curvature import SmallestRadius, turning_deg_per_km
from geo_routes.report.curves import say_radius
from geo_routes.report.saying import Units, say_length
from geo_routes.survey import Figure, Survey

# Of the shares below a radius only those are said that say something.
_SAID_FROM, _SAID_TO = 0.001, 0.999


def bend_lines(
    survey: Survey, figures: Collection[Figure], *, units: Units, place: Callable[[float], str]
) -> Iterator[str]:
    """Write what bends of a route come to, line by line."""
    if "curvature" not in figures and "alignment" not in figures:
        return
    if survey.axis is not None:
        length = say_length(survey.axis.length_m, units=units)
        spread = say_length(survey.axis.uncertainty_m, units=units)
        yield f"  axis       {length} ± {spread}, freed of noise and of cut corners"
    if survey.sinuosity is not None and "curvature" in figures:
        yield f"  sinuosity  {survey.sinuosity:.3f}{_say_windings(survey, units, place)}"
    if survey.smallest_radius is not None:
        yield f"  radius     {_say_smallest(survey.smallest_radius, place)}"
    if survey.alignment_figures is not None:
        yield from _alignment_lines(survey.alignment_figures)


def _say_windings(survey: Survey, units: Units, place: Callable[[float], str]) -> str:
    said = [
        f"{w.sinuosity:.3f} over the {say_length(w.window_m, units=units)} from {place(w.from_m)}"
        for w in survey.windings
    ]
    return f"; at most {', '.join(said)}" if said else ""


def _say_smallest(smallest: SmallestRadius, place: Callable[[float], str]) -> str:
    if smallest.radius_m is None:
        return f"no curve sharper than {say_radius(smallest.low_m)}, none sure"
    high = "" if smallest.high_m is None else f" to {say_radius(smallest.high_m)}"
    return (
        f"smallest {say_radius(smallest.radius_m)} ({say_radius(smallest.low_m)}{high}) "
        f"at {place(smallest.chainage_m)}"
    )


def _alignment_lines(bends: AlignmentFigures) -> Iterator[str]:
    shares = [
        f"{share:.1%} below {say_radius(radius_m)}"
        for radius_m, share in bends.below_radius_fraction.items()
        if _SAID_FROM <= share <= _SAID_TO
    ]
    if shares:
        yield f"    {', '.join(shares)}"
    median_m = bends.radius_percentile_m[50]
    if median_m is not None:
        yield (
            f"  curved     {bends.curved_m / bends.fitted_m:.1%} of the line, half of that below "
            f"{say_radius(median_m)}; {bends.turning_deg_per_km:.1f}° a km"
        )


def bend_values(survey: Survey, figures: Collection[Figure]) -> dict[str, Any]:
    """Give what bends of a route come to as JSON values, SI units and degrees."""
    row: dict[str, Any] = {}
    if "curvature" in figures or "alignment" in figures:
        smallest, axis = survey.smallest_radius, survey.axis
        row |= {
            "axis_length_m": None if axis is None else axis.length_m,
            "axis_length_uncertainty_m": None if axis is None else axis.uncertainty_m,
            "min_radius_m": None if smallest is None else smallest.radius_m,
            "min_radius_low_m": None if smallest is None else smallest.low_m,
            "min_radius_high_m": None if smallest is None else smallest.high_m,
            "min_radius_at_m": None if smallest is None else smallest.chainage_m,
            "turning_deg_per_km": _turning(survey),
        }
    if "curvature" in figures:
        row["sinuosity"] = survey.sinuosity
        row["axis_sinuosity"] = survey.axis_sinuosity
        row["most_winding"] = [
            {"window_m": w.window_m, "sinuosity": w.sinuosity, "from_m": w.from_m}
            for w in survey.windings
        ]
    if "alignment" in figures:
        row["alignment"] = _alignment_values(survey.alignment_figures)
        row["provable_radii"] = [
            {"from_m": p.from_m, "to_m": p.to_m, "curve_m": p.curve_m, "radius_m": p.radius_m}
            for p in survey.provable
        ]
    return row


def _turning(survey: Survey) -> float | None:
    if survey.alignment_figures is not None:
        return survey.alignment_figures.turning_deg_per_km
    return None if survey.curvature is None else turning_deg_per_km(survey.curvature)


def _alignment_values(bends: AlignmentFigures | None) -> dict[str, Any] | None:
    if bends is None:
        return None
    return {
        "fitted_m": bends.fitted_m,
        "curved_m": bends.curved_m,
        "radius_percentiles": [
            {"percent": percent, "radius_m": radius_m}
            for percent, radius_m in bends.radius_percentile_m.items()
        ],
        "below_radius": [
            {"radius_m": radius_m, "fraction": share}
            for radius_m, share in bends.below_radius_fraction.items()
        ],
        "mean_curvature_per_m": bends.mean_curvature_per_m,
        "turning_deg_per_km": bends.turning_deg_per_km,
        "net_turning_deg": bends.net_turning_deg,
        "curve_status_m": dict(bends.curve_status_m),
    }
