"""What ``import`` says of the routes that it made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from geo_routes.errors import visible
from geo_routes.model import Route
from geo_routes.report import finding_row

if TYPE_CHECKING:
    from geo_routes.assembly import Decision

_COLUMN = 18
_MOST_ROUTES = 20


def results_row(routes: Sequence[Route], decisions: Sequence[Decision]) -> dict[str, Any]:
    """Give routes and decisions as the members of the JSON output."""
    return {
        "routes": [_route_row(route) for route in routes],
        "decisions": [
            {
                "code": d.code,
                "reason": d.reason,
                "metres": d.metres,
                "kept": d.kept,
                "lonlat": d.lonlat,
            }
            for d in decisions
        ],
        "findings": [finding_row(f) for route in routes for f in route.remarks],
    }


def _route_row(route: Route) -> dict[str, Any]:
    return {
        "id": route.id,
        "name": route.name,
        "length_m": _length_m(route),
        "parts": len(route.part_starts),
        "axis": route.axis,
        "mode": route.mode,
        "stations": [s.name for s in route.stations],
        "structures": [
            {"kind": s.kind, "name": s.name, "from_m": s.from_m, "to_m": s.to_m}
            for s in route.structures
        ],
    }


def _length_m(route: Route) -> float:
    from geo_routes.chainage import lay_ruler  # noqa: PLC0415

    return lay_ruler(route.lonlat, part_starts=route.part_starts).length_m


def results_text(
    routes: Sequence[Route], decisions: Sequence[Decision], *, output: str, explain: bool
) -> str:
    """Give routes as text for people, with each decision where asked."""
    lines = [f"{output}: {_route_text(route)}" for route in routes[:_MOST_ROUTES]]
    if len(routes) > _MOST_ROUTES:
        lines.append(f"{output}: and {len(routes) - _MOST_ROUTES} more routes")
    if explain:
        for d in decisions:
            sign = "+" if d.kept else "-"
            where = "" if d.lonlat is None else f" at {d.lonlat[0]:.5f}, {d.lonlat[1]:.5f}"
            lines.append(
                f"  {sign} {d.code:<{_COLUMN}} {d.metres / 1000:9.3f} km  {d.reason}{where}"
            )
        lines += [
            f"  · {remark.code:<{_COLUMN}} {remark.message}"
            for route in routes
            for remark in route.remarks
            if not remark.code.startswith("import.")
        ]
    return plain("\n".join(lines))


def _route_text(route: Route) -> str:
    parts = len(route.part_starts)
    said = [f"{_length_m(route) / 1000:.3f} km" + (f" in {parts} parts" if parts > 1 else "")]
    if route.stations:
        said.append(_count(len(route.stations), "station"))
    if len(route.stations) > 1:
        said[-1] += f" from {route.stations[0].name} to {route.stations[-1].name}"
    if route.structures:
        said.append(_count(len(route.structures), "structure"))
    return f"{route.name or route.id or 'unnamed'}: {', '.join(said)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def plain(text: str) -> str:
    """Make what a file says harmless to a terminal, line by line."""
    return "\n".join(visible(line, most=2000) for line in text.split("\n"))
