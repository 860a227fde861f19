"""What is odd about the alignment of a route: jumps of curvature, short elements."""

from __future__ import annotations

from geo_routes.alignment import Alignment, curvature_jumps, short_elements
from geo_routes.checks.saying import say
from geo_routes.model import Finding, fold
from geo_routes.survey import Survey

# A vehicle takes a change of curvature within the distance of its bogies as a jump, the "virtual
# transition" of turnouts; 20 m is about that of a coach. At speed a second is as short.
_BOGIES_M = 20.0
_SHORT_S = 1.0
_KMH = 3.6
# Vehicles that turn slowly and sharply: their curves have no transitions, and need none.
_WITHOUT_TRANSITIONS = frozenset({"tram", "streetcar", "light_rail", "road", "bus", "funicular"})
_MOST = 10
_WORDS = {"tangent": "tangent", "circular_curve": "circular curve"}


def alignment_findings(survey: Survey, *, shortest_m: float | None = None) -> list[Finding]:
    """Look for what is odd about an alignment, where one was fitted.

    Parameters
    ----------
    survey : Survey
    shortest_m : float, optional
        Elements shorter than this are findings; without it none is.

    Returns
    -------
    list of Finding
    """
    if survey.alignment is None:
        return []
    found = _jumps(survey, survey.alignment)
    if shortest_m is not None:
        found += _short(survey, survey.alignment, shortest_m)
    return list(fold(found, most=_MOST))


def _jumps(survey: Survey, alignment: Alignment) -> list[Finding]:
    if survey.route.mode in _WITHOUT_TRANSITIONS:
        return []
    declared = survey.route.declared
    speed_mps = (declared.max_speed_kmh or 0.0) / _KMH if declared is not None else 0.0
    longest_m = max(_BOGIES_M, _SHORT_S * speed_mps)
    found = []
    for jump in curvature_jumps(alignment, longest_m=longest_m, breaks_m=survey.gaps_m):
        message = (
            f"the curvature jumps by {abs(jump.change_per_m):.2e} per metre: a transition is "
            f"{jump.longest_m:,.0f} m long at most"
        )
        if speed_mps:
            change = speed_mps**2 * abs(jump.change_per_m)
            message += (
                f"; at the declared {speed_mps * _KMH:,.0f} km/h the sideways acceleration would "
                f"change by {change:.1f} m/s² within {jump.longest_m / speed_mps:.1f} s"
            )
        remedy = "look at the place: a turnout, two pieces joined badly, or a slower stretch"
        found.append(say(survey, "alignment.jump", "note", message, remedy, jump.chainage_m))
    return found


def _short(survey: Survey, alignment: Alignment, shortest_m: float) -> list[Finding]:
    found = []
    for element in short_elements(alignment, least_m=shortest_m, breaks_m=survey.gaps_m):
        message = (
            f"a {_WORDS[element.kind]} of {element.length_m:,.1f} m, where {shortest_m:,.1f} m "
            f"are asked for"
        )
        remedy = "look at the place, and at the speed that the rule is for"
        middle_m = (element.from_m + element.to_m) / 2
        found.append(say(survey, "alignment.short_element", "warning", message, remedy, middle_m))
    return found
