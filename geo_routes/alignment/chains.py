"""Chains of plateaus of curvature between ramps, and the ways to change one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geo_routes.model import BoolArray, FloatArray

LEAST_RAMP_M = 1.0
# A plateau this many standard deviations away from its neighbours is there.
_CERTAIN = 8.0
_DOUBTFUL = 5.0
# How far a ramp's squared length may lie from nought to be taken for none, in standard deviations.
_ABRUPT = 4.0
# Where a plateau is parted, and by how much its halves differ to begin with.
_SHARES = (0.3, 0.5, 0.7)
_DIFFERENT = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chain:
    """Plateaus of curvature between ramps: tangents, curves and their transitions.

    Parameters
    ----------
    middle_m, ramp_m : (k,) float64
        Middles and lengths of the ramps.
    curvature_per_m : (k + 1,) float64
        Of the plateaus, left positive.
    straight : (k + 1,) bool
        Plateaus that are tangents, of no curvature at all.
    abrupt : (k,) bool
        Ramps that are none: the curvature jumps.
    """

    middle_m: FloatArray
    ramp_m: FloatArray
    curvature_per_m: FloatArray
    straight: BoolArray
    abrupt: BoolArray

    def __len__(self) -> int:
        """Count the ramps."""
        return len(self.middle_m)

    @property
    def parameters(self) -> int:
        """Count what is fitted, an offset and a heading among it."""
        return 2 + 2 * len(self) - int(self.abrupt.sum()) + int(np.sum(~self.straight))

    @property
    def begins_m(self) -> FloatArray:
        """Where the ramps begin."""
        return np.asarray(self.middle_m - self.ramp_m / 2)

    @property
    def ends_m(self) -> FloatArray:
        """Where the ramps end."""
        return np.asarray(self.middle_m + self.ramp_m / 2)


def straight_chain() -> Chain:
    """Give the chain of one tangent."""
    return Chain(
        middle_m=np.empty(0),
        ramp_m=np.empty(0),
        curvature_per_m=np.zeros(1),
        straight=np.ones(1, dtype=np.bool_),
        abrupt=np.empty(0, dtype=np.bool_),
    )


def without(chain: Chain, plateau: int) -> Chain:
    """Give a chain without one of its inner plateaus: the two ramps beside it become one."""
    j = plateau
    from_m, to_m = float(chain.begins_m[j - 1]), float(chain.ends_m[j])
    jumps = np.diff(chain.curvature_per_m)
    jump = float(jumps[j - 1] + jumps[j])
    at_m = (from_m + to_m) / 2
    if abs(jump) > 1e-12:
        # Where the one jump turns the line as far as the two did.
        weighed_m = float(chain.middle_m[j - 1 : j + 1] @ jumps[j - 1 : j + 1]) / jump
        at_m = weighed_m if from_m < weighed_m < to_m else at_m
    middle_m, ramp_m = np.delete(chain.middle_m, j), np.delete(chain.ramp_m, j)
    abrupt, straight = np.delete(chain.abrupt, j), np.delete(chain.straight, j)
    curvature = np.delete(chain.curvature_per_m, j)
    middle_m[j - 1] = at_m
    ramp_m[j - 1] = max(2 * min(at_m - from_m, to_m - at_m), LEAST_RAMP_M)
    abrupt[j - 1] = False
    if straight[j - 1] and straight[j]:
        middle_m, ramp_m = np.delete(middle_m, j - 1), np.delete(ramp_m, j - 1)
        abrupt = np.delete(abrupt, j - 1)
        curvature, straight = np.delete(curvature, j), np.delete(straight, j)
    return Chain(
        middle_m=middle_m,
        ramp_m=ramp_m,
        curvature_per_m=curvature,
        straight=straight,
        abrupt=abrupt,
    )


def simpler(
    chain: Chain, *, curvature_sd: FloatArray, square_sd: FloatArray, usual_m: float
) -> Iterator[Chain]:
    """Give chains with one plateau, one curvature or one ramp less, where that may do no harm.

    Parameters
    ----------
    chain : Chain
    curvature_sd : (k + 1,) float64
    square_sd : (k,) float64
        Standard deviations of the curvatures and of the squared lengths of the ramps.
    usual_m : float
        A usual length of a ramp, for one that is no longer abrupt.
    """
    value = chain.curvature_per_m
    for j in range(1, len(chain)):
        before, after = value[j] - value[j - 1], value[j] - value[j + 1]
        away = min(abs(before), abs(after)) / max(float(curvature_sd[j]), 1e-15)
        between = before * after <= 0
        if chain.straight[j] or between or away < _CERTAIN:
            yield without(chain, j)
        beside = chain.straight[j - 1] or chain.straight[j + 1]
        small = abs(value[j]) < _DOUBTFUL * curvature_sd[j]
        if small and not chain.straight[j] and not beside:
            straight = chain.straight.copy()
            straight[j] = True
            yield _replaced(chain, straight=straight)
    for j, beside in ((0, 1), (len(chain), len(chain) - 1)):
        small = abs(value[j]) < _DOUBTFUL * curvature_sd[j]
        if len(chain) and small and not chain.straight[j] and not chain.straight[beside]:
            straight = chain.straight.copy()
            straight[j] = True
            yield _replaced(chain, straight=straight)
    for j in range(len(chain)):
        if chain.abrupt[j] or chain.ramp_m[j] ** 2 < _ABRUPT * square_sd[j]:
            abrupt, ramp_m = chain.abrupt.copy(), chain.ramp_m.copy()
            abrupt[j] = not abrupt[j]
            ramp_m[j] = LEAST_RAMP_M if abrupt[j] else usual_m
            yield _replaced(chain, abrupt=abrupt, ramp_m=ramp_m)


def _replaced(
    chain: Chain,
    *,
    straight: BoolArray | None = None,
    abrupt: BoolArray | None = None,
    ramp_m: FloatArray | None = None,
) -> Chain:
    return Chain(
        middle_m=chain.middle_m,
        ramp_m=chain.ramp_m if ramp_m is None else ramp_m,
        curvature_per_m=chain.curvature_per_m,
        straight=chain.straight if straight is None else straight,
        abrupt=chain.abrupt if abrupt is None else abrupt,
    )


def with_more(
    chain: Chain, *, from_m: float, to_m: float, more_per_m: float, near_m: float
) -> Chain | None:
    """Give a chain of more curvature between two places; None where it would be the same one.

    Parameters
    ----------
    chain : Chain
    from_m, to_m : float
    more_per_m : float
        What is added to the curvature between them.
    near_m : float
        A place this close to a ramp is that ramp's.
    """
    draft = _Draft(chain, near_m)
    j, new_end = draft.ramp_at(to_m)
    i, new_begin = draft.ramp_at(from_m)
    if new_begin and i <= j:
        j += 1
    if i == j:
        if new_begin or new_end:
            return None
        draft.split_ramp(i, (from_m + to_m) / 2, more_per_m)
    elif not new_begin and not new_end and j == i + 1:
        draft.split_plateau(j, more_per_m)
    else:
        for t in range(i + 1, j + 1):
            draft.straight[t] = False
            draft.curvature[t] += more_per_m
    return draft.chain()


def richer(chain: Chain, *, usual_m: float, least_m: float) -> Iterator[Chain]:
    """Give chains with one plateau in two, or with a tangent where the hand changes.

    Parameters
    ----------
    chain : Chain
    usual_m, least_m : float
        A usual length of a ramp, and the shortest plateau that could be told.
    """
    for j in range(1, len(chain)):
        from_m, to_m = float(chain.ends_m[j - 1]), float(chain.begins_m[j])
        if chain.straight[j] or to_m - from_m < 2 * least_m:
            continue
        for share in _SHARES:
            draft = _Draft(chain, 0.0)
            draft.split_plateau(j, 0.0, share=share, ramp_m=min(usual_m, (to_m - from_m) / 3))
            # The halves must differ for the fit to tell which way to go.
            draft.curvature[j] *= 1 + _DIFFERENT
            draft.curvature[j + 1] *= 1 - _DIFFERENT
            yield draft.chain()
    for j in range(1, len(chain) - 1):
        value = chain.curvature_per_m[j : j + 2]
        if value[0] * value[1] < 0 and chain.ramp_m[j] > least_m:
            draft = _Draft(chain, 0.0)
            share = float(abs(value[0]) / np.sum(np.abs(value)))
            draft.split_ramp(j, float(chain.begins_m[j] + share * chain.ramp_m[j]), 0.0)
            draft.straight[j + 1], draft.curvature[j + 1] = True, 0.0
            yield draft.chain()


class _Draft:
    """A chain being changed."""

    def __init__(self, chain: Chain, near_m: float) -> None:
        self.near_m = near_m
        self.middle_m: list[float] = chain.middle_m.tolist()
        self.ramp_m: list[float] = chain.ramp_m.tolist()
        self.curvature: list[float] = chain.curvature_per_m.tolist()
        self.straight: list[bool] = chain.straight.tolist()
        self.abrupt: list[bool] = chain.abrupt.tolist()

    def ramp_at(self, at_m: float) -> tuple[int, bool]:
        """Find the ramp at a place, or lay one there; tell whether it is new."""
        for i, (middle_m, ramp_m) in enumerate(zip(self.middle_m, self.ramp_m, strict=True)):
            if abs(at_m - middle_m) <= max(ramp_m / 2, self.near_m):
                return i, False
        i = int(np.searchsorted(self.middle_m, at_m))
        room_m = min((abs(at_m - m) for m in self.middle_m), default=np.inf)
        self._lay(i, at_m, max(LEAST_RAMP_M, min(2 * self.near_m, room_m)), self.curvature[i])
        self.straight[i + 1] = self.straight[i]
        return i, True

    def _lay(self, i: int, at_m: float, ramp_m: float, curvature: float) -> None:
        self.middle_m.insert(i, at_m)
        self.ramp_m.insert(i, ramp_m)
        self.abrupt.insert(i, False)
        self.curvature.insert(i + 1, curvature)
        self.straight.insert(i + 1, False)

    def split_ramp(self, i: int, at_m: float, more_per_m: float) -> None:
        from_m = self.middle_m[i] - self.ramp_m[i] / 2
        length_m = self.ramp_m[i]
        share = float(np.clip((at_m - from_m) / length_m, 0.25, 0.75))
        value = (self.curvature[i] + self.curvature[i + 1]) / 2 + more_per_m
        self.middle_m[i], self.ramp_m[i] = from_m + share * length_m / 2, 0.8 * share * length_m
        self.abrupt[i] = False
        rest_m = (1 - share) * length_m
        self._lay(i + 1, from_m + length_m - rest_m / 2, 0.8 * rest_m, self.curvature[i + 1])
        self.straight[i + 2] = self.straight[i + 1]
        self.curvature[i + 1], self.straight[i + 1] = value, False

    def split_plateau(
        self, j: int, more_per_m: float, *, share: float = 0.5, ramp_m: float | None = None
    ) -> None:
        if self.straight[j]:
            self.straight[j], self.curvature[j] = False, more_per_m
            return
        from_m = self.middle_m[j - 1] + self.ramp_m[j - 1] / 2
        to_m = self.middle_m[j] - self.ramp_m[j] / 2
        ramp_m = max(LEAST_RAMP_M, (to_m - from_m) / 4 if ramp_m is None else ramp_m)
        self._lay(j, from_m + share * (to_m - from_m), ramp_m, self.curvature[j])

    def chain(self) -> Chain:
        return Chain(
            middle_m=np.array(self.middle_m, dtype=np.float64),
            ramp_m=np.array(self.ramp_m, dtype=np.float64),
            curvature_per_m=np.array(self.curvature, dtype=np.float64),
            straight=np.array(self.straight, dtype=np.bool_),
            abrupt=np.array(self.abrupt, dtype=np.bool_),
        )
