"""What a designed axis is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from geo_routes.errors import InvalidNoun

Kind = Literal["tangent", "circular_curve", "transition"]
SpiralKind = Literal[
    "clothoid",
    "bloss",
    "cosine",
    "sinusoid",
    "biquadratic",
    "wiener_bogen",
    "cubic",
    "cubic_parabola",
    "japanese_cubic",
    "sine_half_wave",
    "biquadratic_parabola",
    "radioid",
]

# Half of the Earth's girth: nothing longer has an end.
LONGEST_M = 20_037_508.0
# A transition is drawn in pieces that turn little; nothing that is built turns once.
MOST_TURN_RAD = 10_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignElement:
    """One element of a design, exactly as its designer gave it.

    Parameters
    ----------
    kind : {"tangent", "circular_curve", "transition"}
    length_m : float
        In the plane of the design.
    curvature_from_per_m, curvature_to_per_m : float
        At its ends, left positive; equal but for a transition.
    spiral : str, optional
        Of a transition: how its curvature grows.

    Raises
    ------
    InvalidNoun
        If these contradict each other.
    """

    kind: Kind
    length_m: float
    curvature_from_per_m: float = 0.0
    curvature_to_per_m: float = 0.0
    spiral: SpiralKind | None = None

    def __post_init__(self) -> None:
        """Refuse what is no element."""
        ends = (self.curvature_from_per_m, self.curvature_to_per_m)
        if not 0 < self.length_m <= LONGEST_M:
            msg = f"an element of the length {self.length_m:g} m"
            remedy = f"give a length above 0 and up to {LONGEST_M:,.0f} m"
            raise InvalidNoun(msg, remedy=remedy, value=self.length_m)
        if not all(math.isfinite(c) for c in ends):
            msg = "an element whose curvature is not finite"
            raise InvalidNoun(msg, remedy="give radii other than 0", value=ends)
        if self.kind == "transition" and self.length_m * max(map(abs, ends)) > MOST_TURN_RAD:
            msg = f"a transition of {self.length_m:g} m that turns more than a thousand times"
            raise InvalidNoun(msg, remedy="give a longer radius", value=ends)
        if (self.kind == "transition") != (self.spiral is not None):
            msg = f"a {self.kind} with the spiral {self.spiral}"
            raise InvalidNoun(msg, remedy="a transition has a spiral, and no other element has")
        if self.kind == "tangent" and any(ends):
            msg = "a tangent that is curved"
            raise InvalidNoun(msg, remedy="give it as a circular curve")
        if self.kind == "circular_curve" and (ends[0] != ends[1] or ends[0] == 0):
            msg = "a circular curve without one curvature"
            raise InvalidNoun(msg, remedy="give its radius")
        if self.spiral in PARABOLAS and all(ends):
            msg = f"a {self.spiral} between two curves, which it has no formula for"
            raise InvalidNoun(msg, remedy="give it as a clothoid")

    @property
    def radius_m(self) -> float | None:
        """Radius of a circular curve."""
        if self.kind != "circular_curve":
            return None
        return 1.0 / abs(self.curvature_from_per_m)


# Curves whose formula runs over the tangent and not over their own length: they begin straight.
PARABOLAS: tuple[SpiralKind, ...] = (
    *("cubic", "cubic_parabola", "japanese_cubic"),
    *("sine_half_wave", "biquadratic_parabola", "radioid"),
)
