"""How winding a line is within windows that run along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_routes import chainage, geodesy
from geo_routes.chainage import Ruler

WINDOWS_M = (1_000.0, 10_000.0)

_STEPS_A_WINDOW = 20
# Once round the Earth in steps of 50 m; a longer line leaps about.
_STEPS_A_VERTEX = 50
_MOST_STEPS = 1_000_000
# Ends that meet, at a station of a loop, have no straight way between them.
_SAME_PLACE_SHARE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Winding:
    """The most winding stretch of a given length.

    Parameters
    ----------
    window_m : float
        Its length along the line.
    sinuosity : float
        That length, freed of noise, over the geodesic distance of its ends.
    from_m : float
        Chainage where it begins.
    """

    window_m: float
    sinuosity: float
    from_m: float


def most_winding(
    ruler: Ruler, *, window_m: float, spans_m: Sequence[tuple[float, float]], stretch: float = 1.0
) -> Winding | None:
    """Find the most winding window of a line.

    Parameters
    ----------
    ruler : Ruler
    window_m : float
        Length of the window; it is moved by a twentieth of that.
    spans_m : sequence of tuple
        Chainages between which the line has no gap: no window runs over one.
    stretch : float
        Length of the true axis over that of the line as filed. The ends of a window may be where
        they are, but noise lengthens what lies between them.

    Returns
    -------
    Winding or None
        None where no span is as long as the window.
    """
    best: Winding | None = None
    step_m = window_m / _STEPS_A_WINDOW
    for begin_m, end_m in spans_m:
        count = int((end_m - begin_m) / step_m * (1 + 1e-12)) + 1
        # Between vertices far apart the line is straight, and windows there say nothing.
        most = min(_MOST_STEPS, _STEPS_A_VERTEX * len(ruler.chainage_m))
        if not _STEPS_A_WINDOW < count <= most:
            continue
        marks_m = np.minimum(begin_m + np.arange(count) * step_m, end_m)
        places = chainage.interpolate(ruler, marks_m)
        apart_m = geodesy.inverse(places[:-_STEPS_A_WINDOW], places[_STEPS_A_WINDOW:])[2]
        first = int(np.argmin(apart_m))
        straight_m = max(float(apart_m[first]), _SAME_PLACE_SHARE * window_m)
        found = Winding(
            window_m=window_m,
            sinuosity=max(window_m * stretch / straight_m, 1.0),
            from_m=float(marks_m[first]),
        )
        if best is None or found.sinuosity > best.sinuosity:
            best = found
    return best
