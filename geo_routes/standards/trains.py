"""Trains: what they weigh, how they pull, what holds them back, how they brake."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Literal

import numpy as np

from geo_routes.errors import InvalidNoun
from geo_routes.model import BoolArray, FloatArray
from geo_routes.standards.figures import End, Figure

Guidance = Literal["rail", "maglev"]
KMH = 3.6
_NO_CURVE: FloatArray = np.empty((0, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class TractionCurve:
    """Effort or acceleration by speed, straight between its points.

    Parameters
    ----------
    points : tuple of (speed_mps, value)
        Speeds rise from 0; values in N, or in m/s² on level open line. Beyond the last point
        there is none.
    factor : Figure
        By which all values may differ.
    """

    points: tuple[tuple[float, float], ...]
    factor: Figure

    def __post_init__(self) -> None:
        """Refuse what is no curve."""
        speeds = [v for v, _ in self.points]
        if len(speeds) < 2 or speeds[0] != 0 or sorted(set(speeds)) != speeds:
            msg = "a traction curve needs two points or more, with speeds that rise from 0"
            raise InvalidNoun(msg)
        if not all(np.isfinite(y) and y >= 0 for _, y in self.points) or self.points[0][1] <= 0:
            msg = "a traction curve has values of 0 or more, and pulls at standstill"
            raise InvalidNoun(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    """A train as its makers and its timetables know it; every figure with its range.

    Parameters
    ----------
    id, name : str
    guidance : {"rail", "maglev"}
    length_m, mass_kg, top_speed_mps : Figure
    rotating_share : Figure
        What turns in it, as a share of its mass that has to be accelerated besides; 0 on a maglev.
    resistance_n, resistance_n_per_mps, resistance_n_per_mps2 : Figure
        A, B and C of ``A + B v + C v²``, open line, level and straight.
    tunnel_factor : Figure
        By which C is larger in a tunnel.
    braking_mps2 : Figure
        Deceleration that is kept in service, whatever the gradient.
    starting_effort_n, power_w : Figure, optional
        Effort at standstill, and power at the wheel; together they make the traction curve.
    effort, acceleration : TractionCurve, optional
        Instead of these: effort by speed, or acceleration on level open line by speed.
    tilt_deg : Figure, optional
        By how much it leans into a curve.
    jerk_mps3 : Figure, optional
        At which its acceleration changes; without it, at once.
    curve_resistance_m : Figure, optional
        ``k`` of the curve resistance ``k / R`` per weight, with R in m.
    regenerative_power_w : Figure, optional
        Up to which braking power it gives back.
    variant : str
        Which of several contradicting publications its figures are of.
    """

    id: str
    name: str
    guidance: Guidance
    length_m: Figure
    mass_kg: Figure
    top_speed_mps: Figure
    rotating_share: Figure
    resistance_n: Figure
    resistance_n_per_mps: Figure
    resistance_n_per_mps2: Figure
    tunnel_factor: Figure
    braking_mps2: Figure
    starting_effort_n: Figure | None = None
    power_w: Figure | None = None
    effort: TractionCurve | None = None
    acceleration: TractionCurve | None = None
    tilt_deg: Figure | None = None
    jerk_mps3: Figure | None = None
    curve_resistance_m: Figure | None = None
    regenerative_power_w: Figure | None = None
    variant: str = ""

    def __post_init__(self) -> None:
        """Refuse a train that cannot run, and one that pulls in two ways."""
        power = (self.starting_effort_n is not None, self.power_w is not None)
        ways = (all(power), self.effort is not None, self.acceleration is not None)
        if sum(ways) != 1 or power[0] != power[1]:
            msg = "needs either starting_effort_kn and power_kw, or effort, or acceleration"
            raise InvalidNoun(msg)
        above = ("length_m", "mass_kg", "top_speed_mps", "braking_mps2")
        for name in above:
            if getattr(self, name).low <= 0:
                msg = f"{name} is not above 0"
                raise InvalidNoun(msg)
        for entry in fields(self):
            figure = getattr(self, entry.name)
            if isinstance(figure, Figure) and figure.low < 0:
                msg = f"{entry.name} is below 0"
                raise InvalidNoun(msg)
        if self.tunnel_factor.low < 1:
            msg = "tunnel_factor is below 1: no tunnel makes a train's way easier"
            raise InvalidNoun(msg)

    @property
    def figures(self) -> dict[str, Figure]:
        """Every figure by name, as they are published."""
        found = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        told = {name: f for name, f in found.items() if isinstance(f, Figure)}
        for name in ("effort", "acceleration"):
            curve = getattr(self, name)
            if curve is not None:
                told[f"{name}_factor"] = curve.factor
        return told

    def at(self, end: End = "expected") -> Performance:
        """Give what the train does at one end of its ranges."""
        return _performance(self, end)

    def _at(self, end: End) -> Performance:
        def more(figure: Figure | None) -> float:
            return 0.0 if figure is None else figure.at(end, more_is_faster=True)

        def less(figure: Figure | None) -> float:
            return 0.0 if figure is None else figure.at(end, more_is_faster=False)

        curve = self.effort or self.acceleration
        points = _NO_CURVE
        if curve is not None:
            scale = np.array([1.0, more(curve.factor)])
            points = np.array(curve.points) * scale
        return Performance(
            length_m=less(self.length_m),
            mass_kg=less(self.mass_kg),
            top_speed_mps=more(self.top_speed_mps),
            rotating_share=less(self.rotating_share),
            resistance=(
                less(self.resistance_n),
                less(self.resistance_n_per_mps),
                less(self.resistance_n_per_mps2),
            ),
            tunnel_factor=less(self.tunnel_factor),
            braking_mps2=more(self.braking_mps2),
            starting_effort_n=more(self.starting_effort_n),
            power_w=more(self.power_w),
            curve=points,
            by_acceleration=self.acceleration is not None,
            tilt_deg=more(self.tilt_deg),
            jerk_mps3=more(self.jerk_mps3) if self.jerk_mps3 is not None else None,
            curve_resistance_m=less(self.curve_resistance_m),
            regenerative_power_w=more(self.regenerative_power_w),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Performance:
    """A train at one end of its ranges: plain numbers, SI units.

    ``curve`` holds (speed, effort or acceleration) rows where the train has a traction curve.
    """

    length_m: float
    mass_kg: float
    top_speed_mps: float
    rotating_share: float
    resistance: tuple[float, float, float]
    tunnel_factor: float
    braking_mps2: float
    starting_effort_n: float
    power_w: float
    curve: FloatArray
    by_acceleration: bool
    tilt_deg: float = 0.0
    jerk_mps3: float | None = None
    curve_resistance_m: float = 0.0
    regenerative_power_w: float = 0.0

    @property
    def inertia_kg(self) -> float:
        """Mass that is accelerated, with what turns."""
        return self.mass_kg * (1 + self.rotating_share)

    def resistance_n(self, speed_mps: FloatArray, *, tunnel: BoolArray | bool) -> FloatArray:
        """Give the running resistance, level and straight.

        Parameters
        ----------
        speed_mps : (n,) float64
        tunnel : bool or (n,) bool
        """
        a, b, c = self.resistance
        factor = np.where(tunnel, self.tunnel_factor, 1.0)
        return np.asarray(a + speed_mps * (b + factor * c * speed_mps))

    def effort_n(self, speed_mps: FloatArray) -> FloatArray:
        """Give the largest effort at the wheel."""
        if not len(self.curve):
            with np.errstate(divide="ignore"):
                by_power = self.power_w / speed_mps
            return np.asarray(np.minimum(self.starting_effort_n, by_power))
        told = np.interp(speed_mps, self.curve[:, 0], self.curve[:, 1], right=0.0)
        if not self.by_acceleration:
            return np.asarray(told)
        return np.asarray(self.inertia_kg * told + self.resistance_n(speed_mps, tunnel=False))

    @property
    def corner_speeds_mps(self) -> tuple[float, ...]:
        """Speeds at which the effort changes its law."""
        if len(self.curve):
            return tuple(self.curve[:, 0].tolist())
        return (self.power_w / self.starting_effort_n,)


@lru_cache(maxsize=256)
def _performance(train: Train, end: End) -> Performance:
    """Remember what a train does: whoever sweeps over speeds asks for it each time."""
    return train._at(end)  # noqa: SLF001 - its own room
