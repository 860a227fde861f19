"""Trains and limits with their figures and sources, for people."""

from __future__ import annotations

from collections.abc import Iterator

from geo_routes.standards import (
    Figure,
    Limits,
    RailLimits,
    Train,
    as_published,
    limit_ids,
    read_limits,
    read_trains,
    train_ids,
)

_KMH = 3.6


def standards_text() -> str:
    """List the trains and limits of the package with every figure and where it is from."""
    return "\n".join([*_trains(), "", *_limits()])


def _trains() -> Iterator[str]:
    yield "trains"
    for name in train_ids():
        trains = read_trains(name)
        yield f"  {name}: {trains[0].name}"
        for figure_name, figure in as_published(trains[0]).items():
            if not figure_name.endswith("_factor") or figure_name == "tunnel_factor":
                yield f"    {_say(figure_name, figure)}"
        for train in trains:
            yield from _curve(train)


def _curve(train: Train) -> Iterator[str]:
    for name, unit in (("effort", "N"), ("acceleration", "m/s²")):
        curve = getattr(train, name)
        if curve is None:
            continue
        at = f" @{train.variant}" if train.variant else ""
        points = ", ".join(f"{v * _KMH:.0f} km/h {y:g} {unit}" for v, y in curve.points[:6])
        more = ", …" if len(curve.points) > 6 else ""
        yield f"    {name}{at}: {points}{more}"
        yield f"      {_say('factor', curve.factor)}"


def _limits() -> Iterator[str]:
    yield "standards"
    for name in limit_ids():
        limits = read_limits(name)
        yield f"  {name}: {limits.name}"
        for figure_name, figure in limit_figures(limits):
            yield f"    {_say(figure_name, figure)}"


def limit_figures(limits: Limits) -> Iterator[tuple[str, Figure]]:
    """Give the figures of limits by name."""
    for name in limits.__dataclass_fields__:
        value = getattr(limits, name)
        if isinstance(value, Figure):
            yield name, value
    if isinstance(limits, RailLimits):
        for bound_mps, figure in limits.deficiency_mm:
            upto = "" if bound_mps == float("inf") else f" up to {bound_mps * _KMH:.0f} km/h"
            yield f"deficiency_mm{upto}", figure


def _say(name: str, figure: Figure) -> str:
    span = "" if figure.low == figure.high else f" ({figure.low:.6g} to {figure.high:.6g})"
    why = figure.source or f"assumed: {figure.assumption}"
    return f"{name} {figure.value:.6g}{span}: {why}"
