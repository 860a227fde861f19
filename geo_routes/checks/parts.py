"""Parts of a line that do not follow each other: another order, a branch."""

from __future__ import annotations

import numpy as np

from geo_routes import geodesy
from geo_routes.checks.saying import say
from geo_routes.model import Finding
from geo_routes.survey import Survey

_JOINED_M = 50.0
_MOST_PARTS = 2_000
_SHOWN = 12


def part_findings(survey: Survey) -> list[Finding]:
    """Tell whether the parts of a line would join in another order, or branch."""
    route = survey.route
    count = len(route.part_starts)
    if not 1 < count <= _MOST_PARTS:
        return []
    # Ends by number: 2 i is the start of part i, 2 i + 1 its end.
    ends = np.empty(2 * count, dtype=np.int64)
    ends[0::2], ends[1::2] = route.part_starts, route.part_ends - 1
    places_m = geodesy.ecef_m(route.lonlat[ends])
    filed_m = np.linalg.norm(places_m[1:-1:2] - places_m[2::2], axis=1)
    if np.all(filed_m <= _JOINED_M):
        return []
    meet: list[list[int]] = []
    for i, here_m in enumerate(places_m):
        near = np.nonzero(np.linalg.norm(places_m - here_m, axis=1) <= _JOINED_M)[0]
        meet.append([j for j in near.tolist() if j != i])
    crowds = [len({j // 2 for j in others} - {i // 2}) > 1 for i, others in enumerate(meet)]
    crowded = crowds.index(True) if True in crowds else None
    if crowded is not None:
        at_m = survey.chainage_m[ends[crowded]]
        meeting = len(meet[crowded]) + 1
        message = f"the line branches: {meeting} ends of its parts meet at one place"
        remedy = "keep one way through, and the branch as a route of its own"
        return [say(survey, "geometry.branch", "warning", message, remedy, at_m)]
    order = _chain(meet, count)
    if order is None:
        return []
    shown = ", ".join(f"{abs(p)}{' reversed' if p < 0 else ''}" for p in order[:_SHOWN])
    more = ", ..." if len(order) > _SHOWN else ""
    first = int(np.argmax(filed_m > _JOINED_M))
    message = (
        f"the {count} parts are not in order, and {np.sum(filed_m):,.0f} m of gaps between them "
        f"would close in the order {shown}{more}"
    )
    at_m = survey.chainage_m[route.part_ends[first] - 1]
    remedy = "put the parts in that order; only import does it for you"
    return [say(survey, "geometry.part_order", "warning", message, remedy, at_m)]


def _chain(meet: list[list[int]], count: int) -> list[int] | None:
    """Walk from part to part through ends that meet; None unless the walk takes in all of them."""
    loose = [i for i, others in enumerate(meet) if not [j for j in others if j // 2 != i // 2]]
    if len(loose) not in (0, 2):
        return None
    # The end that comes first as filed is where the line begins.
    at = min(loose, default=0)
    order: list[int] = []
    seen: set[int] = set()
    while at // 2 not in seen:
        part = at // 2
        seen.add(part)
        order.append(part + 1 if at % 2 == 0 else -(part + 1))
        onward = [j for j in meet[at ^ 1] if j // 2 not in seen]
        if not onward:
            break
        at = onward[0]
    return order if len(order) == count else None
