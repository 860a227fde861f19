"""What is measured about the bends of a route: curvature, alignment, and what they amount to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_routes.alignment import (
    Alignment,
    AlignmentFigures,
    Detectable,
    alignment_figures,
    detectable_radii,
    fit_alignment,
)
from geo_routes.chainage import Ruler
from geo_routes.curvature import (
    AxisLength,
    Curvature,
    axis_length,
    curvature_of_parts,
    smooth_parts,
    within,
)
from geo_routes.model import Route
from geo_routes.survey.winding import WINDOWS_M, Winding, most_winding

# Where there are no stations the line is told in stretches of this length.
_STRETCH_M = 10_000.0
_MOST_STRETCHES = 200
_LEAST_SIGMA_M = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bends:
    """What a survey holds about the bends of a route; see `Survey`."""

    curvature: Curvature | None = None
    axis: AxisLength | None = None
    alignment: Alignment | None = None
    figures: AlignmentFigures | None = None
    provable: tuple[Detectable, ...] = ()
    windings: tuple[Winding, ...] = ()


def measure_bends(
    route: Route,
    ruler: Ruler,
    *,
    spread_m: float | None,
    stations_m: Sequence[float],
    smooth: bool,
    fitted: bool,
) -> Bends:
    """Measure the bends of a route.

    Parameters
    ----------
    route : Route
    ruler : Ruler
    spread_m : float or None
        Half-width of the 95 % interval of the length as filed; None for a sketch.
    stations_m : sequence of float
        Chainages of the stations, which part the line into sections.
    smooth, fitted : bool
        Whether the smooth curvature is wanted, and the alignment, which takes longer.

    Returns
    -------
    Bends
        Empty for a sketch and for a line without length.
    """
    if not (smooth or fitted) or spread_m is None or ruler.length_m == 0:
        return Bends()
    parts = smooth_parts(ruler, accuracy_m=route.accuracy_m)
    curvature = curvature_of_parts(parts)
    axis = within(
        axis_length(parts, accuracy_m=route.accuracy_m), filed_m=ruler.length_m, spread_m=spread_m
    )
    stretch = axis.length_m / ruler.length_m
    spans_m = [part.ends_m for part in parts]
    windings = tuple(
        winding
        for window_m in WINDOWS_M
        if (winding := most_winding(ruler, window_m=window_m, spans_m=spans_m, stretch=stretch))
    )
    if not fitted:
        return Bends(curvature=curvature, axis=axis, windings=windings)
    alignment = fit_alignment(ruler, accuracy_m=route.accuracy_m, parts=parts)
    return Bends(
        curvature=curvature if smooth else None,
        axis=axis,
        alignment=alignment,
        figures=alignment_figures(alignment),
        provable=provable_radii(alignment, ruler, stations_m=stations_m),
        windings=windings,
    )


def provable_radii(
    alignment: Alignment,
    ruler: Ruler,
    *,
    stations_m: Sequence[float] = (),
    curve_m: float | None = None,
) -> tuple[Detectable, ...]:
    """Tell what the vertices can prove, section by section.

    Parameters
    ----------
    alignment : Alignment
    ruler : Ruler
    stations_m : sequence of float
        Between which the sections lie; without stations, stretches of 10 km.
    curve_m : float, optional
        Length of the curve that is asked for; without it, several.

    Returns
    -------
    tuple of Detectable
        Empty where nothing is fitted.
    """
    if not alignment.elements:
        return ()
    sigma_m = max(alignment.sigma_m or 0.0, _LEAST_SIGMA_M)
    inner_m = np.asarray(stations_m, dtype=np.float64)
    if len(inner_m) < 2:
        count = int(np.clip(round(ruler.length_m / _STRETCH_M), 1, _MOST_STRETCHES))
        inner_m = np.linspace(0, ruler.length_m, count + 1)
    asked = {} if curve_m is None else {"curve_lengths_m": (curve_m,)}
    edges_m = np.unique(np.concatenate(([0.0], inner_m, [ruler.length_m])))
    return detectable_radii(ruler.chainage_m, sigma_m=sigma_m, edges_m=edges_m.tolist(), **asked)
