"""Where a raster shows the ground and not the rail: tunnels, bridges, viaducts as spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_routes import intervals
from geo_routes.model import FloatArray, Structure

# Chainages of structures are written to the metre or the decimetre: pieces so close are one.
_ROUNDING_M = 1.0
_SAME_M = 1e-6
_BELOW, _ABOVE = ("tunnel",), ("bridge", "viaduct")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch off the ground: one tunnel, one bridge, or several without ground between.

    Parameters
    ----------
    from_m, to_m : float
        Chainages of its portals.
    label : str
        As ``the tunnel Gotthard`` or ``a viaduct``.
    from_height_m, to_height_m : float
        Heights at the portals; NaN where there is none.
    """

    from_m: float
    to_m: float
    label: str
    from_height_m: float = np.nan
    to_height_m: float = np.nan

    @property
    def gradient_permille(self) -> float:
        """Gradient of the straight between the portals, up positive; NaN where one has none."""
        return 1000 * (self.to_height_m - self.from_height_m) / (self.to_m - self.from_m)


def find_spans(structures: Sequence[Structure], *, length_m: float) -> tuple[Span, ...]:
    """Find the stretches of a line that run off the ground.

    Parameters
    ----------
    structures : sequence of Structure
        Resolved: each with ``0 <= from_m < to_m <= length_m``.
    length_m : float

    Returns
    -------
    tuple of Span
        By chainage and without overlap, heights unknown. Bridges that follow each other without
        ground between are one span, and so are tunnels; where a bridge ends at a tunnel there is
        a portal.

    Examples
    --------
    >>> rows = [("bridge", 0.0, 40.0), ("tunnel", 40.0, 90.0), ("tunnel", 90.4, 99.0)]
    >>> listed = [Structure(kind=k, from_m=a, to_m=b) for k, a, b in rows]
    >>> [(s.label, s.from_m, s.to_m) for s in find_spans(listed, length_m=200.0)]
    [('the bridge', 0.0, 40.0), ('2 tunnels', 40.0, 99.0)]
    """
    below = _union(structures, _BELOW)
    above = intervals.subtract(_union(structures, _ABOVE), below)
    spans = [
        Span(from_m=a, to_m=min(b, length_m), label=_label(structures, kinds, a, b))
        for kinds, union in ((_BELOW, below), (_ABOVE, above))
        for a, b in union.tolist()
        if b - a > _SAME_M
    ]
    return tuple(sorted(spans, key=lambda s: s.from_m))


def inside(span: Span, chainage_m: FloatArray) -> np.ndarray:
    """Tell which chainages lie within a span and at none of its portals."""
    return (chainage_m > span.from_m + _SAME_M) & (chainage_m < span.to_m - _SAME_M)


def ends_at(span: Span, length_m: float) -> tuple[bool, bool]:
    """Tell whether a span reaches the origin, and the terminus, where no portal is."""
    return span.from_m <= _SAME_M, span.to_m >= length_m - _SAME_M


def _union(structures: Sequence[Structure], kinds: Sequence[str]) -> FloatArray:
    mine = [(s.from_m, s.to_m) for s in structures if s.kind in kinds]
    reach = np.array([0.0, _ROUNDING_M])
    pairs = np.array(mine, dtype=np.float64).reshape(-1, 2)
    union: FloatArray = intervals.unite(pairs + reach) - reach
    return union


def _label(
    structures: Sequence[Structure], kinds: Sequence[str], from_m: float, to_m: float
) -> str:
    mine = [
        s
        for s in structures
        if s.kind in kinds
        and (s.from_m or 0.0) < to_m - _SAME_M
        and (s.to_m or 0.0) > from_m + _SAME_M
    ]
    if len(mine) == 1:
        return f"the {mine[0].kind} {mine[0].name}".rstrip()
    names = {s.name for s in mine}
    only = names.pop() if len(names) == 1 else ""
    said = mine[0].kind if len({s.kind for s in mine}) == 1 else "bridge"
    return f"the {said} {only}" if only else f"{len(mine)} {said}s"
