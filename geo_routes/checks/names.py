"""What a route says of itself: its names, and where it is from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from geo_routes.checks.saying import say
from geo_routes.model import Finding, fold
from geo_routes.survey import Survey

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_MOST = 5
_SHOWN = 60
# What a route should say of where it is from.
_ATTRIBUTION = {"source": "source", "licence": "licence", "accuracy_m": "accuracy (accuracy_m)"}


def name_findings(survey: Survey) -> list[Finding]:
    """Look for names that are missing, there twice, or hold what cannot be seen."""
    route = survey.route
    found = []
    named = [("route", route.name), *(("station", s.station.name) for s in survey.stations)]
    odd = [n for _, n in named if _CONTROL.search(n)]
    if odd:
        message = (
            f"{len(odd)} name(s) hold control or direction characters, "
            f"the first: {odd[0][:_SHOWN]!r}"
        )
        found.append(say(survey, "name.control", "warning", message, "type the name anew"))
    if not route.name and not route.id:
        message = "the route has neither a name nor an id"
        found.append(say(survey, "name.missing", "note", message, "give it a name"))
    times = Counter(s.station.name for s in survey.stations if s.station.name)
    doubled = []
    for located in survey.stations:
        name = located.station.name
        if times[name] > 1:
            message = f"{times[name]} stations of the route are named {name[:_SHOWN]}"
            remedy = "tell them apart, for from and to are looked up by name"
            times[name] = 0
            doubled.append(
                say(survey, "name.doubled", "warning", message, remedy, located.chainage_m)
            )
    return [*found, *fold(doubled, most=_MOST)]


def attribution_findings(survey: Survey) -> list[Finding]:
    """Tell what a route does not say of where it is from."""
    route = survey.route
    silent = [
        word
        for member, word in _ATTRIBUTION.items()
        # A sketch is drawn, not measured: there is no accuracy to state.
        if getattr(route, member) in (None, "")
        and not (member == "accuracy_m" and route.geometry_kind == "sketch")
    ]
    if not silent:
        return []
    said = " or ".join(filter(None, (", ".join(silent[:-1]), silent[-1])))
    message = f"the route says nothing of its {said}"
    remedy = "state them, so that others can judge and use it"
    return [say(survey, "attribution.missing", "note", message, remedy)]


def find_namesakes(surveys: Sequence[Survey]) -> list[Finding]:
    """Look for routes of one file that share a name."""
    times = Counter(s.route.name for s in surveys if s.route.name)
    shared = [name for name, count in times.items() if count > 1]
    return [
        Finding(
            code="name.doubled",
            severity="note",
            message=f"{times[name]} routes of the file are named {name[:_SHOWN]}",
            remedy="tell them apart, or give the pieces of one route the same id",
        )
        for name in shared
    ]
