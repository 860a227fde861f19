"""What restricts the speed of a train along a line, and what it amounts to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo_routes.errors import InvalidNoun
from geo_routes.model import Finding, FloatArray, IntArray
from geo_routes.standards import End, Limits, RailLimits

Cause = Literal[
    "curve", "transition", "vertical_curve", "line_limit", "declared", "tunnel", "station"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A stretch that may not be run through faster, whatever the train could.

    Parameters
    ----------
    cause : {"curve", "transition", "vertical_curve", "line_limit", "declared", "tunnel", "station"}
    from_m, to_m : float
        Chainages.
    slow_mps, expected_mps, fast_mps : float
        The permitted speed with its range; infinite where it may be none.
    radius_m, radius_low_m, radius_high_m : float, optional
        Of a curve.
    resolved : bool
        False where the vertices do not prove the curve.
    name : str
        Of a station or tunnel.

    Raises
    ------
    InvalidNoun
        If the stretch or the range is none.
    """

    cause: Cause
    from_m: float
    to_m: float
    slow_mps: float
    expected_mps: float
    fast_mps: float
    radius_m: float | None = None
    radius_low_m: float | None = None
    radius_high_m: float | None = None
    resolved: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no restriction."""
        if not self.from_m <= self.to_m:
            msg = f"a restriction from {self.from_m:g} m to {self.to_m:g} m"
            raise InvalidNoun(msg, value=(self.from_m, self.to_m))
        if not 0 < self.slow_mps <= self.expected_mps <= self.fast_mps:
            msg = (
                f"a permitted speed of {self.expected_mps:g} m/s between {self.slow_mps:g} and "
                f"{self.fast_mps:g}"
            )
            raise InvalidNoun(msg, value=self.expected_mps)

    def at(self, end: End) -> float:
        """Give the permitted speed at one end of its range, m/s."""
        return {"slow": self.slow_mps, "expected": self.expected_mps, "fast": self.fast_mps}[end]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpeedBands:
    """The permitted speed along a line, stretch by stretch.

    Parameters
    ----------
    edges_m : (n + 1,) float64
    speed_mps : (n,) float64
    other_mps : (n,) float64
        What it would be without the restriction that sets it.
    cause : (n,) int64
        Index of that restriction; -1 for the train.
    """

    edges_m: FloatArray
    speed_mps: FloatArray
    other_mps: FloatArray
    cause: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PermittedSpeed:
    """The permitted speed of a train along a line.

    Parameters
    ----------
    length_m : float
        Of the line.
    top_mps : tuple of float
        What the train permits itself: slow, expected and fast.
    restrictions : tuple of Restriction
        By chainage.
    train_length_m : float
        A restriction holds as long as any part of the train is in it. Chainages of the train are
        those of its middle.
    limits : Limits
        Which it was found by.
    gauge_mm, tilt_deg : float
        With which, as expected.
    remarks : tuple of Finding
    """

    length_m: float
    top_mps: tuple[float, float, float]
    restrictions: tuple[Restriction, ...]
    train_length_m: float
    limits: Limits
    gauge_mm: float | None = None
    tilt_deg: float = 0.0
    remarks: tuple[Finding, ...] = ()

    def eased_mps(self, radius_m: float) -> float:
        """Give the speed that a curve of another radius would permit, as expected."""
        if isinstance(self.limits, RailLimits):
            speed = self.limits.curve_speed_mps(
                [radius_m], gauge_mm=self.gauge_mm, tilt_deg=self.tilt_deg
            )
        else:
            speed = self.limits.curve_speed_mps([radius_m])
        return float(speed[0])

    def along(
        self,
        end: End = "expected",
        *,
        train_length_m: float | None = None,
    ) -> SpeedBands:
        """Give the permitted speed, stretch by stretch.

        Parameters
        ----------
        end : {"slow", "expected", "fast"}
        train_length_m : float, optional
            Instead of the train's own; 0 for the line itself.

        Returns
        -------
        SpeedBands
        """
        half_m = (self.train_length_m if train_length_m is None else train_length_m) / 2
        top = self.top_mps[("slow", "expected", "fast").index(end)]
        numbers = [i for i, r in enumerate(self.restrictions) if r.at(end) < top]
        ends_m = np.array(
            [
                (self.restrictions[i].from_m - half_m, self.restrictions[i].to_m + half_m)
                for i in numbers
            ]
        ).reshape(-1, 2)
        return lay_speeds(
            np.clip(ends_m, 0.0, self.length_m),
            np.array([self.restrictions[i].at(end) for i in numbers]),
            np.array(numbers, dtype=np.int64),
            length_m=self.length_m,
            top_mps=top,
        )


def lay_speeds(
    ends_m: FloatArray,
    speed_mps: FloatArray,
    numbers: IntArray,
    *,
    length_m: float,
    top_mps: float,
) -> SpeedBands:
    """Lay stretches of permitted speed over each other: the slowest rules.

    Parameters
    ----------
    ends_m : (n, 2) float64
    speed_mps : (n,) float64
    numbers : (n,) int64
        What each stretch is called as a cause.
    length_m : float
    top_mps : float
        Where there is no stretch.

    Returns
    -------
    SpeedBands
    """
    edges_m = np.unique(np.concatenate(([0.0, length_m], ends_m.ravel())))
    speed = np.full(max(len(edges_m) - 1, 0), top_mps)
    other, cause = speed.copy(), np.full(len(speed), -1)
    # The slowest is written last, over all others; what it covers is the next slowest.
    for k in np.argsort(-speed_mps, kind="stable"):
        first, last = np.searchsorted(edges_m, ends_m[k])
        other[first:last] = speed[first:last]
        speed[first:last], cause[first:last] = speed_mps[k], numbers[k]
    return SpeedBands(edges_m=edges_m, speed_mps=speed, other_mps=other, cause=cause)
