"""Surveys for running: the alignment of a line, no sharper than a train could follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo_routes.alignment import Alignment, Element, fit_alignment
from geo_routes.model import Finding, Route
from geo_routes.survey import Figure, Survey, measure

_FIGURES: tuple[Figure, ...] = ("sections", "structures", "alignment")
# What a train feels sideways where cant and deficiency are used up: 330 mm over 1,500 mm.
_SIDEWAYS_MPS2 = 2.16
# A transition that is passed in less time is none: passengers would be thrown aside.
_SHORTEST_S = 1.0
# So many curves of a line may begin at once, by what is drawn wrongly here and there.
_MOST_SUDDEN = 0.25
_FEWEST_CURVES = 4
_LEAST_NOISE_M, _MOST_NOISE_M = 0.5, 20.0


def survey_line(
    route: Route, *, accuracy_m: float | None = None, correlation_m: float | None = None
) -> Survey:
    """Survey a line for running: with stations, structures and an alignment a train can follow.

    Parameters
    ----------
    route : Route
    accuracy_m : float, optional
        1 sigma per axis of the vertices, instead of the route's own; where neither is given, it
        is found.
    correlation_m : float, optional
        Over which way neighbours share what they are off.

    Returns
    -------
    Survey

    Notes
    -----
    Vertices that are drawn by hand are off together with their neighbours, over some hundred
    metres. Taken for a track, such a line has sharp curves that begin and end at once. No railway
    is built so; so the vertices are taken to be off by more, twice as much each time, until no
    more than a quarter of the curves begin at once. A finding tells by how much. Where the
    accuracy is given, it rules.
    """
    if accuracy_m is not None:
        route = replace(route, accuracy_m=accuracy_m)
    sketch = route.geometry_kind == "sketch"
    if sketch or (route.accuracy_m is not None and correlation_m is None):
        return measure(route, figures=_FIGURES)
    survey = measure(route, figures=("sections", "structures"))
    told = route.accuracy_m
    alignment = fit_alignment(survey.ruler, accuracy_m=told, correlation_m=correlation_m)
    if told is not None:
        return replace(survey, alignment=alignment)
    first = sudden_share(alignment)
    noise_m = max(alignment.sigma_m or 0.0, _LEAST_NOISE_M / 2)
    settled, share = alignment, first
    while share > _MOST_SUDDEN and noise_m * 2 <= _MOST_NOISE_M:
        noise_m *= 2
        settled = fit_alignment(survey.ruler, accuracy_m=noise_m)
        share = sudden_share(settled)
    if share > _MOST_SUDDEN:
        return replace(survey, alignment=alignment, remarks=(*survey.remarks, _say_open(route)))
    if settled is alignment:
        return replace(survey, alignment=alignment)
    remark = _say(route, first, alignment, noise_m)
    return replace(survey, alignment=settled, remarks=(*survey.remarks, remark))


def sudden_share(alignment: Alignment) -> float:
    """Give the share of circular curves that begin or end too suddenly for a train.

    Parameters
    ----------
    alignment : Alignment

    Returns
    -------
    float
        0 where there are fewer than four curves: they say nothing about the line.
    """
    elements = alignment.elements
    curves = [i for i, e in enumerate(elements) if e.kind == "circular_curve"]
    if len(curves) < _FEWEST_CURVES:
        return 0.0
    return sum(_is_sudden(elements, i) for i in curves) / len(curves)


def _is_sudden(elements: tuple[Element, ...], i: int) -> bool:
    """Tell whether the curvature changes beside a curve within less than a second's way."""
    mine = elements[i].curvature_from_per_m
    speed = float(np.sqrt(_SIDEWAYS_MPS2 / abs(mine)))
    for other, after in ((i - 1, False), (i + 1, True)):
        if not 0 <= other < len(elements):
            continue
        beside = elements[other]
        far = beside.curvature_to_per_m if after else beside.curvature_from_per_m
        way_m = beside.length_m
        if beside.kind != "transition":
            far = beside.curvature_from_per_m if after else beside.curvature_to_per_m
            way_m = 0.0
        if abs(far) > abs(mine):
            continue
        share = min(abs(mine - far) / abs(mine), 1.0)
        if way_m < _SHORTEST_S * speed * share:
            return True
    return False


def _say(route: Route, share: float, before: Alignment, noise_m: float) -> Finding:
    least = before.sigma_m or 0.0
    return Finding(
        code="speed.noise",
        severity="note",
        message=f"with vertices off by {least:.2g} m, as they look, {share:.0%} of the curves "
        "would begin or end at once, which no train could follow; they are taken to be off by "
        f"{noise_m:.2g} m",
        remedy="give the route its accuracy_m, or --accuracy, where it is known",
        route=route.label,
    )


def _say_open(route: Route) -> Finding:
    return Finding(
        code="speed.noise",
        severity="warning",
        message="the line has more curves that begin or end at once than a railway has, whatever "
        "its vertices are taken to be off; the permitted speeds may be far too low",
        remedy="give the route its accuracy_m, or --accuracy, or a better line",
        route=route.label,
    )
