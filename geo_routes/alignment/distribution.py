"""How the radii of an alignment are spread over its length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_routes.alignment.elements import Element
from geo_routes.model import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurvatureSpread:
    """Which length of an alignment is curved at least how much.

    Between two neighbouring sizes the length falls off evenly, for there are only transitions; at
    a size it may leap, by the circular curves of that size.

    Parameters
    ----------
    size_per_m : (n,) float64
        Sizes of curvature, falling; the last is 0.
    at_least_m, above_m : (n,) float64
        Length that is curved by at least each size, and by more.
    """

    size_per_m: FloatArray
    at_least_m: FloatArray
    above_m: FloatArray

    @property
    def curved_m(self) -> float:
        """Length that is curved at all."""
        return float(self.above_m[-1])

    def sharper_than_m(self, radius_m: float) -> float:
        """Give the length on which the radius is below ``radius_m``; exact within transitions.

        Examples
        --------
        >>> ramp = Element(kind="transition", from_m=0, to_m=100, curvature_to_per_m=0.01)
        >>> spread_of((ramp,)).sharper_than_m(200)
        50.0
        """
        limit = 1 / radius_m
        first = int(np.searchsorted(-self.size_per_m, -limit))
        if first < len(self.size_per_m) and self.size_per_m[first] == limit:
            return float(self.above_m[first])
        if first == 0:
            return 0.0
        # limit lies between size[first] and size[first - 1]
        sizes = self.size_per_m[[first, first - 1]]
        lengths = [self.above_m[first], self.at_least_m[first - 1]]
        return float(np.interp(limit, sizes, lengths))

    def percentile_radius_m(self, percent: float) -> float | None:
        """Give the radius that the sharpest ``percent`` of the curved length keep below."""
        wanted_m = self.curved_m * percent / 100
        if self.curved_m == 0:
            return None
        first = int(np.argmax(self.at_least_m >= wanted_m))
        size = float(self.size_per_m[first])
        if first > 0 and wanted_m <= self.above_m[first]:
            lengths = [self.at_least_m[first - 1], self.above_m[first]]
            sizes = self.size_per_m[[first - 1, first]]
            size = float(np.interp(wanted_m, lengths, sizes))
        return 1 / size if size > 0 else None


def spread_of(elements: Sequence[Element]) -> CurvatureSpread:
    """Spread the curvature of elements over its sizes.

    Parameters
    ----------
    elements : sequence of Element

    Returns
    -------
    CurvatureSpread
    """
    rows = np.array(
        [(e.length_m, e.curvature_from_per_m, e.curvature_to_per_m) for e in elements],
        dtype=np.float64,
    ).reshape(-1, 3)
    length_m, one, two = rows.T
    # A transition from one hand to the other is two, with nothing between them.
    turns = one * two < 0
    share = np.abs(one[turns]) / (np.abs(one[turns]) + np.abs(two[turns]))
    nothing = np.zeros(int(turns.sum()))
    low = np.concatenate((np.minimum(*np.abs((one, two)))[~turns], nothing, nothing))
    high = np.concatenate(
        (np.maximum(*np.abs((one, two)))[~turns], np.abs(one[turns]), np.abs(two[turns]))
    )
    piece_m = np.concatenate(
        (length_m[~turns], share * length_m[turns], (1 - share) * length_m[turns])
    )
    sizes = np.unique(np.concatenate(([0.0], low, high)))
    ramp = high > low
    density = np.zeros(len(sizes))
    pace = piece_m[ramp] / (high[ramp] - low[ramp])
    np.add.at(density, np.searchsorted(sizes, low[ramp]), pace)
    np.add.at(density, np.searchsorted(sizes, high[ramp]), -pace)
    constant_m = np.zeros(len(sizes))
    np.add.at(constant_m, np.searchsorted(sizes, low[~ramp]), piece_m[~ramp])
    between_m = np.maximum(np.cumsum(density)[:-1], 0.0) * np.diff(sizes)
    # From the sharpest down: what lies between two sizes, and what keeps to one of them.
    passed_m = np.concatenate(([0.0], np.cumsum(between_m[::-1])))
    kept_m = np.cumsum(constant_m[::-1])
    return CurvatureSpread(
        size_per_m=sizes[::-1],
        at_least_m=passed_m + kept_m,
        above_m=passed_m + kept_m - constant_m[::-1],
    )
