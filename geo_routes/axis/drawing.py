"""An element → positions on it, as exact as float64 allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geo_routes.axis.elements import PARABOLAS, DesignElement
from geo_routes.axis.transitions import SPIRALS, slope_over_tangent
from geo_routes.errors import InvalidNoun
from geo_routes.model import FloatArray

# Of Gauss and Legendre: exact for polynomials of degree 31, and a piece turns little.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_MOST_TURN_RAD = 0.25
_MOST_STEPS = 60
_CLOSE = 1e-14
_MOST_VERTICES = 10_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Positions on an element, seen from its start.

    Parameters
    ----------
    xy_m : (n, 2) float64
        x runs ahead along the first heading, y to the left.
    heading_rad : (n,) float64
        Against the first heading, left positive.
    """

    xy_m: FloatArray
    heading_rad: FloatArray


def draw_element(element: DesignElement, along_m: FloatArray) -> Drawn:
    """Give positions and headings on an element.

    Parameters
    ----------
    element : DesignElement
    along_m : (n,) float64
        Distances from its start along it, rising, from 0 to its length.

    Returns
    -------
    Drawn

    Raises
    ------
    InvalidNoun
        If there is no such curve: one told over its tangent that would have to turn back.

    Examples
    --------
    >>> quarter = DesignElement(kind="circular_curve", length_m=50 * np.pi,
    ...                         curvature_from_per_m=0.01, curvature_to_per_m=0.01)
    >>> draw_element(quarter, np.array([0.0, 50 * np.pi])).xy_m.round(9).tolist()
    [[0.0, 0.0], [100.0, 100.0]]
    """
    if element.kind == "tangent":
        flat = np.zeros_like(along_m)
        return Drawn(np.column_stack((along_m, flat)), flat)
    if element.kind == "circular_curve":
        turn = element.curvature_from_per_m * along_m
        radius = 1.0 / element.curvature_from_per_m
        # 1 - cos by the half angle: no digits are lost where the turn is small.
        y = radius * 2.0 * np.sin(turn / 2.0) ** 2
        return Drawn(np.column_stack((radius * np.sin(turn), y)), turn)
    if element.spiral in PARABOLAS:
        return _over_tangent(element, along_m)
    return _over_length(element, along_m)


def sample_lengths(element: DesignElement, *, step_m: float | None, sagitta_m: float,
                   longest_m: float) -> FloatArray:  # fmt: skip
    """Choose distances at which a drawn line keeps to the element.

    Parameters
    ----------
    element : DesignElement
    step_m : float, optional
        A vertex every so many metres, whatever the curvature.
    sagitta_m : float
        Without it: how far a chord may stand off the curve.
    longest_m : float
        The longest chord.

    Returns
    -------
    (n,) float64
        From 0 to the length of the element.

    Raises
    ------
    InvalidNoun
        If they would be more than ten million.
    """
    if step_m is not None:
        step = step_m
    else:
        sharpest = max(abs(element.curvature_from_per_m), abs(element.curvature_to_per_m))
        step = min(longest_m, np.sqrt(8.0 * sagitta_m / sharpest) if sharpest else longest_m)
    needed = element.length_m / step
    if not needed <= _MOST_VERTICES:
        msg = (
            f"an element of {element.length_m:g} m that takes more than {_MOST_VERTICES:,} vertices"
        )
        raise InvalidNoun(msg, remedy="give a longer step, or correct its radius")
    count = max(int(np.ceil(needed - 1e-9)), 1)
    if step_m is not None:
        return np.append(np.arange(count) * step_m, element.length_m)
    return np.linspace(0.0, element.length_m, count + 1)


def _over_length(element: DesignElement, along_m: FloatArray) -> Drawn:
    """Integrate the heading of a spiral between the distances asked for."""
    if element.spiral is None:
        msg = "a transition has a spiral"
        raise InvalidNoun(msg)
    _, turn_of = SPIRALS[element.spiral]
    length, start = element.length_m, element.curvature_from_per_m
    change = element.curvature_to_per_m - start

    def heading(s: FloatArray) -> FloatArray:
        turned: FloatArray = start * s + change * length * turn_of(s / length)
        return turned

    xy = _integrate(heading, along_m, max(abs(start), abs(start + change)), length / 2.0)
    return Drawn(xy, heading(along_m))


def _integrate(
    heading: Callable[[FloatArray], FloatArray], along_m: FloatArray, sharpest: float, joint: float
) -> FloatArray:
    """Sum cos and sin of a heading from 0 to each distance; two formulas may meet at a joint."""
    ends = np.unique(np.concatenate(([0.0], along_m)))
    # Pieces that turn little, so that 16 nodes leave nothing over.
    gaps = np.diff(ends)
    cuts = np.maximum(np.ceil(gaps * sharpest / _MOST_TURN_RAD), 1).astype(np.int64)
    parts = [
        np.linspace(a, b, c + 1)[1:] for a, b, c in zip(ends[:-1], ends[1:], cuts, strict=True)
    ]
    inner = [joint] if joint < ends[-1] else []
    edges = np.unique(np.concatenate(([0.0], *parts, inner)))
    half = np.diff(edges)[:, None] / 2.0
    nodes = edges[:-1, None] + half * (1.0 + _NODES)
    headings = heading(nodes)
    steps = np.column_stack(
        ((half * np.cos(headings) * _WEIGHTS).sum(1), (half * np.sin(headings) * _WEIGHTS).sum(1))
    )
    sums = np.vstack((np.zeros(2), np.cumsum(steps, axis=0)))
    found: FloatArray = sums[np.searchsorted(edges, along_m)]
    return found


def _over_tangent(element: DesignElement, along_m: FloatArray) -> Drawn:
    """Draw a curve that is told over its tangent: from its straight end, then turned if needed."""
    ends = element.curvature_from_per_m, element.curvature_to_per_m
    runs_in = ends[0] == 0.0
    curvature = ends[1] if runs_in else ends[0]
    if curvature == 0.0:
        flat = np.zeros_like(along_m)
        return Drawn(np.column_stack((along_m, flat)), flat)
    hand = np.sign(curvature)
    length = element.length_m
    curve = _Parabola(element, 1.0 / abs(curvature))
    whole = curve.at(np.array([length]))
    if runs_in:
        seen = curve.at(along_m)
        return Drawn(seen.xy_m * (1.0, hand), hand * seen.heading_rad)
    # Run backwards: from the curved end to the straight one.
    seen = curve.at(length - along_m)
    turned = whole.heading_rad[0] - seen.heading_rad
    back = whole.xy_m[0] - seen.xy_m
    # Seen against the heading at the curved end, with the same hand.
    cos, sin = np.cos(whole.heading_rad[0]), np.sin(whole.heading_rad[0])
    x = back[:, 0] * cos + back[:, 1] * sin
    y = back[:, 0] * sin - back[:, 1] * cos
    return Drawn(np.column_stack((x, hand * y)), hand * turned)


class _Parabola:
    """A curve ``y(x)`` over its tangent, by its length."""

    def __init__(self, element: DesignElement, radius_m: float) -> None:
        self.kind = element.spiral or "cubic_parabola"
        self.radius_m = radius_m
        self.length_m = self.whole_m = element.length_m
        for _ in range(_MOST_STEPS):
            reached = self._lengths(np.array([self.whole_m]))[0]
            step = self.length_m / reached
            self.whole_m *= step
            if abs(step - 1.0) < _CLOSE:
                break
        else:
            if abs(step - 1.0) > 1e-9:
                msg = f"a {self.kind} of {self.length_m:g} m that ends in {radius_m:g} m"
                raise InvalidNoun(msg, remedy="there is no such curve: give a longer radius")

    def _slope(self, x: FloatArray) -> FloatArray:
        return slope_over_tangent(
            self.kind,
            x,
            radius_m=self.radius_m,
            whole_m=self.whole_m,
            length_m=self.length_m,
        )

    def _sum(self, x: FloatArray, of: str) -> FloatArray:
        """Integrate from 0 to each x, in pieces; the joint of two formulas is one of the edges."""
        count = max(int(np.ceil(self.length_m / self.radius_m / _MOST_TURN_RAD)), 2)
        grid = np.linspace(0.0, self.whole_m, 2 * count + 1)
        edges = np.unique(np.concatenate((grid, x)))
        half = np.diff(edges)[:, None] / 2.0
        slope = self._slope(edges[:-1, None] + half * (1.0 + _NODES))
        values = np.hypot(1.0, slope) if of == "length" else slope
        sums = np.concatenate(([0.0], np.cumsum((half * values * _WEIGHTS).sum(1))))
        found: FloatArray = sums[np.searchsorted(edges, x)]
        return found

    def _lengths(self, x: FloatArray) -> FloatArray:
        return self._sum(x, "length")

    def at(self, along_m: FloatArray) -> Drawn:
        """Give positions by distance along the curve."""
        x = along_m * (self.whole_m / self.length_m)
        for _ in range(_MOST_STEPS):
            step = (along_m - self._lengths(x)) / np.hypot(1.0, self._slope(x))
            x = np.clip(x + step, 0.0, self.whole_m)
            if np.abs(step).max(initial=0.0) < self.length_m * _CLOSE:
                break
        return Drawn(np.column_stack((x, self._sum(x, "ordinate"))), np.arctan(self._slope(x)))
