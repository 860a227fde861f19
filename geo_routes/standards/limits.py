"""Limits of the line: how fast a curve of a radius may be run through, on rails and on a maglev."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_routes.errors import InvalidNoun
from geo_routes.model import BoolArray, FloatArray
from geo_routes.standards.figures import End, Figure
from geo_routes.standards.gauges import rail_distance_mm

# Standard gravity, CGPM 1901.
GRAVITY_MPS2 = 9.80665
_FASTEST_MPS, _HALVINGS = 1_000.0, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RailLimits:
    """Limits of a railway: cant and what of it may lack.

    Parameters
    ----------
    id, name : str
    cant_mm : Figure
        The largest; every curve is taken to have it, or all it needs.
    deficiency_mm : tuple of (float, Figure)
        The largest cant deficiency up to a speed in m/s; speeds rise, the last is infinite.
    deficiency_rate_mm_per_s : Figure, optional
        How fast it may change along a transition.
    cant_rate_mm_per_s : Figure, optional
        How fast the cant may change along a transition.
    vertical_mps2 : Figure, optional
        The largest vertical acceleration.
    gradient_permille : Figure, optional
        The steepest gradient.
    """

    id: str
    name: str
    cant_mm: Figure
    deficiency_mm: tuple[tuple[float, Figure], ...]
    deficiency_rate_mm_per_s: Figure | None = None
    cant_rate_mm_per_s: Figure | None = None
    vertical_mps2: Figure | None = None
    gradient_permille: Figure | None = None

    def curve_speed_mps(
        self,
        radius_m: npt.ArrayLike,
        *,
        gauge_mm: float | None,
        end: End = "expected",
        tilt_deg: float = 0.0,
    ) -> FloatArray:
        """Give the speed at which the largest cant and deficiency are used up.

        Parameters
        ----------
        radius_m : (n,) array_like
            Infinite on a tangent.
        gauge_mm : float or None
            Refused where it is not known.
        end : {"slow", "expected", "fast"}
        tilt_deg : float
            By how much the train leans into the curve; it makes up for deficiency.

        Returns
        -------
        (n,) float64
            Metres per second.

        Raises
        ------
        InvalidNoun
            Without a gauge: the cant of rails is a height over their distance.

        Notes
        -----
        ``v² = g R (D + I) / s``, with cant D, deficiency I, and the distance s of the rail
        centres; in km/h, ``V² = 127 R (D + I) / s`` [1]_.

        References
        ----------
        .. [1] EN 13803:2017, "Track alignment design parameters", 6.2.

        Examples
        --------
        >>> from geo_routes.standards import read_limits
        >>> rail = read_limits("tokaido-design")
        >>> (3.6 * rail.curve_speed_mps([2500.0], gauge_mm=1435.0)).round().tolist()
        [252.0]
        """
        distance = rail_distance_mm(gauge_mm).at(end, more_is_faster=False)
        cant = self.cant_mm.at(end, more_is_faster=True)
        leant = distance * math.tan(math.radians(tilt_deg))
        radius = np.asarray(radius_m, dtype=np.float64)
        best = np.zeros_like(radius)
        for bound_mps, figure in self.deficiency_mm:
            lacking = figure.at(end, more_is_faster=True)
            square = GRAVITY_MPS2 * radius * (cant + lacking + leant) / distance
            best = np.maximum(best, np.minimum(np.sqrt(square), bound_mps))
        return best

    def transition_speed_mps(
        self,
        length_m: npt.ArrayLike,
        change_per_m: npt.ArrayLike,
        *,
        gauge_mm: float | None,
        end: End = "expected",
        tilt_deg: float = 0.0,
    ) -> FloatArray:
        """Give the speed at which cant and deficiency change as fast as they may.

        Parameters
        ----------
        length_m, change_per_m : (n,) array_like
            Length of the transition, and by how much the curvature changes along it.
        gauge_mm : float or None
        end : {"slow", "expected", "fast"}
        tilt_deg : float
            By how much the train leans into the curve; it leans as fast as it has to.

        Returns
        -------
        (n,) float64
            Metres per second; without a rule, that of the curve it leads to.

        Notes
        -----
        At its sharper end a transition needs cant and deficiency of ``E = s v² k / g`` together.
        Each is no more than its limit, and no more than its rate times the time ``L / v``.
        """
        distance = rail_distance_mm(gauge_mm).at(end, more_is_faster=False)
        length = np.asarray(length_m, dtype=np.float64)
        change = np.abs(np.asarray(change_per_m, dtype=np.float64))
        cant = self.cant_mm.at(end, more_is_faster=True)
        leant = distance * math.tan(math.radians(tilt_deg))

        def fits(speed: FloatArray) -> BoolArray:
            seconds = length / np.maximum(speed, 1e-9)
            has = np.minimum(cant, _rated(self.cant_rate_mm_per_s, seconds, end))
            lacks = np.zeros_like(speed)
            for bound_mps, figure in reversed(self.deficiency_mm):
                lacks = np.where(speed <= bound_mps, figure.at(end, more_is_faster=True), lacks)
            lacks = np.minimum(lacks, _rated(self.deficiency_rate_mm_per_s, seconds, end))
            return np.asarray(distance * change * speed**2 / GRAVITY_MPS2 <= has + lacks + leant)

        return _fastest(fits, np.broadcast_shapes(length.shape, change.shape))


def _rated(rate: Figure | None, seconds: FloatArray, end: End) -> FloatArray:
    """Give what builds up at a rate in some time; without a rate there is no bound."""
    if rate is None:
        return np.full_like(seconds, np.inf)
    return np.asarray(rate.at(end, more_is_faster=True) * seconds)


def _fastest(fits: Callable[[FloatArray], BoolArray], shape: tuple[int, ...]) -> FloatArray:
    """Find the largest speeds that fit, where all slower ones do; infinite beyond 1,000 m/s."""
    low, high = np.zeros(shape), np.full(shape, _FASTEST_MPS)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        good = fits(middle)
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    return np.where(low > _FASTEST_MPS * (1 - 1e-6), np.inf, low)


def vertical_speed_mps(
    limits: Limits, radius_m: npt.ArrayLike, *, end: End = "expected"
) -> FloatArray:
    """Give the speed at which a vertical curve uses up the vertical acceleration.

    Parameters
    ----------
    limits : RailLimits or MaglevLimits
    radius_m : (n,) array_like
    end : {"slow", "expected", "fast"}

    Returns
    -------
    (n,) float64
        Metres per second, ``sqrt(a R)``; infinite where no rule is at hand.

    Examples
    --------
    >>> from geo_routes.standards import read_limits
    >>> (3.6 * vertical_speed_mps(read_limits("usual"), [14_000.0])).round().tolist()
    [200.0]
    """
    radius = np.asarray(radius_m, dtype=np.float64)
    if limits.vertical_mps2 is None:
        return np.full(radius.shape, np.inf)
    return np.asarray(np.sqrt(limits.vertical_mps2.at(end, more_is_faster=True) * radius))


@dataclass(frozen=True, slots=True, kw_only=True)
class MaglevLimits:
    """Limits of a maglev: bank of the guideway and what acceleration passengers may still feel.

    Parameters
    ----------
    id, name : str
    bank_deg : Figure
    lateral_mps2 : Figure
        In the plane of the guideway, what the bank does not take away.
    lateral_jerk_mps3 : Figure, optional
        How fast that may change along a transition.
    longitudinal_mps2, longitudinal_jerk_mps3 : Figure, optional
        When starting and braking.
    vertical_mps2 : Figure, optional
        On crests.
    gradient_permille : Figure, optional
    """

    id: str
    name: str
    bank_deg: Figure
    lateral_mps2: Figure
    lateral_jerk_mps3: Figure | None = None
    longitudinal_mps2: Figure | None = None
    longitudinal_jerk_mps3: Figure | None = None
    vertical_mps2: Figure | None = None
    gradient_permille: Figure | None = None

    def curve_speed_mps(self, radius_m: npt.ArrayLike, *, end: End = "expected") -> FloatArray:
        """Give the speed at which bank and lateral acceleration are used up.

        Parameters
        ----------
        radius_m : (n,) array_like
        end : {"slow", "expected", "fast"}

        Returns
        -------
        (n,) float64
            Metres per second.

        Notes
        -----
        In the plane of a guideway banked by b, ``a = v² cos b / R - g sin b``; so
        ``v² = R (a + g sin b) / cos b``. There are no rails, no gauge and no cant.

        Examples
        --------
        >>> from geo_routes.standards import read_limits
        >>> law = read_limits("mbbo")
        >>> (3.6 * law.curve_speed_mps([8000.0])).round().tolist()
        [618.0]
        """
        bank = math.radians(self.bank_deg.at(end, more_is_faster=True))
        felt = self.lateral_mps2.at(end, more_is_faster=True)
        radius = np.asarray(radius_m, dtype=np.float64)
        square = radius * (felt + GRAVITY_MPS2 * math.sin(bank)) / math.cos(bank)
        return np.asarray(np.sqrt(square))

    def transition_speed_mps(
        self, length_m: npt.ArrayLike, change_per_m: npt.ArrayLike, *, end: End = "expected"
    ) -> FloatArray:
        """Give the speed at which the felt acceleration changes as fast as it may.

        Parameters
        ----------
        length_m, change_per_m : (n,) array_like
        end : {"slow", "expected", "fast"}

        Returns
        -------
        (n,) float64
            Metres per second; infinite where no rule is at hand, or the bank takes all.
        """
        jerk = self.lateral_jerk_mps3
        length = np.asarray(length_m, dtype=np.float64)
        change = np.abs(np.asarray(change_per_m, dtype=np.float64))
        if jerk is None:
            return np.full(np.broadcast_shapes(length.shape, change.shape), np.inf)
        bank = math.radians(self.bank_deg.at(end, more_is_faster=True))
        allowed = jerk.at(end, more_is_faster=True)

        def fits(speed: FloatArray) -> BoolArray:
            felt = change * speed**2 * math.cos(bank) - GRAVITY_MPS2 * math.sin(bank)
            return np.asarray(np.maximum(felt, 0.0) * speed <= allowed * length)

        return _fastest(fits, np.broadcast_shapes(length.shape, change.shape))


Limits = RailLimits | MaglevLimits


def check_table(rows: tuple[tuple[float, Figure], ...]) -> None:
    """Refuse speeds of a table that do not rise to infinity."""
    speeds = [speed for speed, _ in rows]
    if not speeds or sorted(set(speeds)) != speeds or not math.isinf(speeds[-1]):
        msg = "deficiency_mm needs rows whose up_to_kmh rise, the last without one"
        raise InvalidNoun(msg)
