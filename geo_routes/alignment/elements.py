"""What an alignment is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo_routes.curvature import Curvature

Kind = Literal["tangent", "circular_curve", "transition"]
Hand = Literal["left", "right"]
Status = Literal["measured", "uncertain", "unresolved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A stretch of constant or evenly changing curvature.

    Parameters
    ----------
    kind : {"tangent", "circular_curve", "transition"}
    from_m, to_m : float
        Chainages.
    curvature_from_per_m, curvature_to_per_m : float
        At its ends, left positive; equal but for a transition.
    radius_m, radius_low_m, radius_high_m : float or None
        Of a circular curve, with the 95 % interval; the upper end is None where nothing bounds it.
    status : {"measured", "uncertain", "unresolved"}
        Whether the vertices prove it: by the rise of the arc over its chord, against what a vertex
        may be off. Above 5 times that it is measured, below once that unresolved.
    """

    kind: Kind
    from_m: float
    to_m: float
    curvature_from_per_m: float = 0.0
    curvature_to_per_m: float = 0.0
    radius_m: float | None = None
    radius_low_m: float | None = None
    radius_high_m: float | None = None
    status: Status = "measured"

    @property
    def length_m(self) -> float:
        """Length along the line."""
        return self.to_m - self.from_m

    @property
    def hand(self) -> Hand | None:
        """To which hand it turns; None for a tangent."""
        mean = self.curvature_from_per_m + self.curvature_to_per_m
        return None if mean == 0 else "left" if mean > 0 else "right"

    @property
    def deflection_deg(self) -> float:
        """How far it turns, left positive."""
        mean = (self.curvature_from_per_m + self.curvature_to_per_m) / 2
        return float(np.degrees(mean * self.length_m))

    @property
    def clothoid_m(self) -> float | None:
        """Parameter A of a transition as a clothoid, ``A² = length / change of curvature``."""
        change = abs(self.curvature_to_per_m - self.curvature_from_per_m)
        if self.kind != "transition" or change == 0:
            return None
        return float(np.sqrt(self.length_m / change))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kink:
    """A corner: the line turns within less than its vertices can show a curve.

    Parameters
    ----------
    at_m : float
        Chainage.
    turn_deg : float
        Left positive.
    """

    at_m: float
    turn_deg: float

    @property
    def hand(self) -> Hand:
        """To which hand it turns."""
        return "left" if self.turn_deg > 0 else "right"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alignment:
    """A line as a chain of elements, without gap or overlap within a part.

    Parameters
    ----------
    elements : tuple of Element
        By chainage. Parts of fewer than five vertices have none.
    curvature : Curvature
        The smooth curvature that the elements were found in.
    sigma_m : float or None
        Standard deviation of the vertices across the line.
    kinks : tuple of Kink
        By chainage; each stands where two elements meet, or within one.
    """

    elements: tuple[Element, ...]
    curvature: Curvature
    sigma_m: float | None
    kinks: tuple[Kink, ...] = ()

    @property
    def curves(self) -> tuple[Element, ...]:
        """The circular curves."""
        return tuple(e for e in self.elements if e.kind == "circular_curve")
