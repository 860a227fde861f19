"""Many small non-linear fits of chains side by side, by damped Gauss-Newton steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from geo_routes.alignment.chains import LEAST_RAMP_M, Chain
from geo_routes.alignment.sights import Expectation, Fit, Sight, line_basis, project
from geo_routes.model import BoolArray, FloatArray

_ENOUGH = 0.02
_CLOSEST_M = 0.3
_TWO_PI = float(np.log(2 * np.pi))
_STEP_M = 20.0
# A plateau shorter than can be told from none is a freak of the fit.
_FREAK = 20.0
_TINY = 1e-300
# How unlikely short curves are: a standard deviation, as a share of the length.
_SHORT_SPREAD = 0.4
_MOST_FAILURES = 5
# Fits that have settled are taken out of the way once they are so many of the rest.
_SETTLED = 0.3

# What differs from fit to fit.
_STATE = (
    *("s", "w", "y", "q", "low_m", "high_m", "free", "abrupt", "middle", "ramp", "value"),
    *("left", "loss", "damping", "failures", "before", "after", "ways", "columns", "going"),
)


class Batch:
    """Fits of chains of as many ramps; b of them, n places, k ramps.

    Parameters
    ----------
    tasks : sequence of (Sight, Chain)
    expected : Expectation
    """

    def __init__(self, tasks: Sequence[tuple[Sight, Chain]], expected: Expectation) -> None:
        self.tasks, self.expected = tasks, expected
        count = max(len(sight.place_m) for sight, _ in tasks)
        b, k = len(tasks), len(tasks[0][1])
        self.s, self.w = np.zeros((b, count)), np.zeros((b, count))
        self.y, self.q = np.zeros((b, count)), np.zeros((b, 2, count))
        self.low_m, self.high_m = np.empty(b), np.empty(b)
        for i, (sight, _) in enumerate(tasks):
            n = len(sight.place_m)
            self.s[i, :n], self.s[i, n:] = sight.place_m, sight.place_m[-1]
            self.w[i, :n] = sight.weight
            self.q[i, :, :n] = line_basis(sight).T
            self.y[i, :n] = project(sight, sight.across_m - sight.across_m.mean())
            self.low_m[i], self.high_m[i] = sight.place_m[0], sight.place_m[-1]
        chains = [chain for _, chain in tasks]
        self.free: BoolArray = ~np.array([c.straight for c in chains]).reshape(b, k + 1)
        self.abrupt: BoolArray = np.array([c.abrupt for c in chains]).reshape(b, k).astype(bool)
        middle = np.array([c.middle_m for c in chains]).reshape(b, k)
        ramp = np.array([c.ramp_m for c in chains]).reshape(b, k)
        ramp[self.abrupt] = LEAST_RAMP_M
        self.middle, self.ramp = _in_order(middle, ramp, self.low_m, self.high_m)
        self.damping = np.full(b, 1e-3)
        self.failures = np.zeros(b, dtype=np.int64)
        self.going: BoolArray = np.ones(b, dtype=np.bool_)
        self.before, self.after, self.ways = self._ways(self.middle, self.ramp)
        self.columns, self.value, self.left, self.loss = self._solve(
            self.ways, self.middle, self.ramp
        )

    def climb(self, steps: int) -> None:
        """Take steps until none of the fits gains."""
        b, k = self.middle.shape
        if k == 0:
            return
        whole = {name: getattr(self, name).copy() for name in _STATE}
        rows = np.arange(b)
        for _ in range(steps):
            self._step()
            share = float(np.mean(self.going))
            if share <= 1 - _SETTLED:
                done = ~self.going
                for name, values in whole.items():
                    mine = getattr(self, name)
                    values[rows[done]] = mine[done]
                    setattr(self, name, mine[self.going])
                rows = rows[~done]
                if not len(rows):
                    break
        for name, values in whole.items():
            values[rows] = getattr(self, name)
            setattr(self, name, values)

    def _step(self) -> None:
        variance = self.expected.sigma_m**2
        square, slope = self._system()
        size = np.sqrt(np.diagonal(square, axis1=1, axis2=2)) + _TINY
        square = square / size[:, :, None] / size[:, None, :]
        diagonal = np.arange(square.shape[1])
        square[:, diagonal, diagonal] += self.damping[:, None]
        step = np.linalg.solve(square, (slope / size)[:, :, None])[:, :, 0] / size
        middle, ramp = self._moved(step)
        before, after, ways = self._ways(middle, ramp)
        columns, value, left, loss = self._solve(ways, middle, ramp)
        better = (loss < self.loss) & self.going
        gain = (self.loss - loss) / variance
        self.damping = np.where(
            better, np.maximum(self.damping / 8, 1e-9), np.maximum(self.damping, 1e-4) * 8
        )
        self.failures = np.where(better, 0, self.failures + 1)
        self.going = self.going & np.where(better, gain > _ENOUGH, self.failures < _MOST_FAILURES)
        if better.all():
            self.before, self.after, self.ways, self.columns = before, after, ways, columns
            self.middle, self.ramp, self.value = middle, ramp, value
            self.left, self.loss = left, loss
            return
        self.before[better], self.after[better] = before[better], after[better]
        self.ways[better], self.columns[better] = ways[better], columns[better]
        self.middle[better], self.ramp[better] = middle[better], ramp[better]
        self.value[better], self.left[better] = value[better], left[better]
        self.loss[better] = loss[better]

    def _moved(self, step: FloatArray) -> tuple[FloatArray, FloatArray]:
        k, ramp = self.middle.shape[1], self.ramp
        limit = np.maximum(ramp, _STEP_M)
        middle = self.middle + np.clip(step[:, k + 1 : 2 * k + 1], -limit, limit)
        longer = np.sqrt(np.maximum(ramp**2 + step[:, 2 * k + 1 :], LEAST_RAMP_M**2))
        longer = np.clip(longer, ramp - np.maximum(0.6 * ramp, _STEP_M), ramp + limit)
        longer = np.where(self.abrupt, LEAST_RAMP_M, longer)
        return _in_order(middle, longer, self.low_m, self.high_m)

    def _ways(
        self, middle: FloatArray, ramp: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give the halved squares before and after each ramp, and what unit ramps do sideways."""
        d = self.s[:, None, :] - middle[:, :, None]
        half = ramp[:, :, None] / 2
        up, down = np.maximum(d + half, 0.0), np.maximum(d - half, 0.0)
        before, after = up * up, down * down
        before *= 0.5
        after *= 0.5
        up *= before
        down *= after
        up -= down
        up /= 6 * half
        return before, after, up

    def _project(self, columns: FloatArray) -> FloatArray:
        """Weigh columns and take a straight line out of them, in place."""
        columns *= self.w[:, None, :]
        columns -= (columns @ np.swapaxes(self.q, 1, 2)) @ self.q
        return columns

    def _solve(
        self, ways: FloatArray, middle: FloatArray, ramp: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Solve for the curvatures of the plateaus: their columns, values, the rest, the loss."""
        expected = self.expected
        b, k, n = ways.shape
        columns = np.empty((b, k + 1, n))
        columns[:, 0] = (self.s - self.low_m[:, None]) ** 2 / 2
        columns[:, 1:] = ways
        columns[:, :-1] -= ways
        columns *= self.free[:, :, None]
        columns = self._project(columns)
        square = columns @ np.swapaxes(columns, 1, 2)
        right = (columns @ self.y[:, :, None])[:, :, 0]
        diagonal = np.arange(k + 1)
        weight = (expected.sigma_m / expected.curvature_per_m) ** 2
        square[:, diagonal, diagonal] += np.where(self.free, weight, 1.0)
        size = np.sqrt(np.diagonal(square, axis1=1, axis2=2))
        square = square / size[:, :, None] / size[:, None, :]
        square[:, diagonal, diagonal] += 1e-13
        value = np.linalg.solve(square, (right / size)[:, :, None])[:, :, 0] / size
        value *= self.free
        left = self.y - (value[:, None, :] @ columns)[:, 0]
        loss = np.sum(left**2, axis=1) + weight * np.sum(value**2, axis=1)
        if expected.short_m:
            short = self._short(middle, ramp)
            loss = loss + expected.sigma_m**2 * np.sum(short**2, axis=1)
        if expected.informed:
            off = (ramp**2 - expected.square_m2) / expected.square_sd_m2
            loss = loss + expected.sigma_m**2 * np.sum(off**2 * ~self.abrupt, axis=1)
        return columns, value, left, loss

    def _short(self, middle: FloatArray, ramp: FloatArray) -> FloatArray:
        """Give how much too short each inner curve is, in standard deviations."""
        rooms = np.diff(middle, axis=1) - (ramp[:, 1:] + ramp[:, :-1]) / 2
        short_m = self.expected.short_m
        short = np.maximum(short_m - rooms, 0.0) / (_SHORT_SPREAD * short_m)
        return np.asarray(short * self.free[:, 1:-1])

    def _press(self, square: FloatArray, slope: FloatArray) -> None:
        """Add to the normal equations what keeps curves from being too short."""
        b, k = self.middle.shape
        short = self._short(self.middle, self.ramp)
        scale = self.expected.sigma_m / (_SHORT_SPREAD * self.expected.short_m)
        change = np.zeros((b, k - 1, 3 * k + 1))
        inner = np.arange(k - 1)
        # By how much a room grows with the middles and the squared lengths of its two ramps.
        longer = np.where(self.abrupt, 0.0, -1 / (4 * self.ramp))
        change[:, inner, k + 1 + inner] = -1.0
        change[:, inner, k + 2 + inner] = 1.0
        change[:, inner, 2 * k + 1 + inner] = longer[:, :-1]
        change[:, inner, 2 * k + 2 + inner] = longer[:, 1:]
        change *= scale * (short > 0)[:, :, None]
        turned = np.swapaxes(change, 1, 2)
        square += turned @ change
        slope += (turned @ (self.expected.sigma_m * short)[:, :, None])[:, :, 0]

    def _system(self) -> tuple[FloatArray, FloatArray]:
        """Give the normal equations of all parameters: curvatures, middles, squared lengths."""
        b, k, n = self.ways.shape
        expected = self.expected
        jumps = np.diff(self.value, axis=1)
        columns = np.empty((b, 2 * k, n))
        np.subtract(self.after, self.before, out=columns[:, :k])
        columns[:, :k] *= (jumps / self.ramp)[:, :, None]
        longer = columns[:, k:]
        np.add(self.before, self.after, out=longer)
        longer *= 0.5
        longer -= self.ways
        longer *= (jumps / (2 * self.ramp**2) * ~self.abrupt)[:, :, None]
        columns = np.concatenate((self.columns, self._project(columns)), axis=1)
        square = columns @ np.swapaxes(columns, 1, 2)
        slope = (columns @ self.left[:, :, None])[:, :, 0]
        weight = (expected.sigma_m / expected.curvature_per_m) ** 2
        i = np.arange(k + 1)
        square[:, i, i] += np.where(self.free, weight, 1.0)
        slope[:, : k + 1] -= weight * self.value
        i = np.arange(2 * k + 1, 3 * k + 1)
        weight = 0.0
        if expected.informed:
            weight = (expected.sigma_m / expected.square_sd_m2) ** 2
            pull = weight * (expected.square_m2 - self.ramp**2)
            slope[:, i] += np.where(self.abrupt, 0.0, pull)
        square[:, i, i] += np.where(self.abrupt, 1.0, weight)
        if expected.short_m and k > 1:
            self._press(square, slope)
        return square, slope

    def fits(self) -> Iterator[Fit]:
        """Give the fits with their standard deviations and costs."""
        _, k = self.middle.shape
        variance = self.expected.sigma_m**2
        square, _ = self._system()
        # Where the places say nothing of where a ramp lies, or of its length, that is no evidence
        # for it: nothing is known worse than it was expected.
        i = np.arange(k + 1, 2 * k + 1)
        square[:, i, i] += (self.expected.sigma_m / self.expected.spacing_m) ** 2
        if not self.expected.informed:
            i = np.arange(2 * k + 1, 3 * k + 1)
            square[:, i, i] += (self.expected.sigma_m / self.expected.square_sd_m2) ** 2
        size = np.sqrt(np.diagonal(square, axis1=1, axis2=2)) + _TINY
        scaled = square / size[:, :, None] / size[:, None, :]
        diagonal = np.arange(scaled.shape[1])
        scaled[:, diagonal, diagonal] += 1e-12
        active = np.concatenate((self.free, np.ones_like(self.abrupt), ~self.abrupt), axis=1)
        # Parameters that are held have a one in the determinant.
        logs = np.linalg.slogdet(scaled)[1]
        logs += np.sum(np.where(active, 2 * np.log(size) - np.log(variance) - _TWO_PI, 0.0), axis=1)
        cost = self.loss / variance + logs + self._surprise()
        inverse = np.linalg.inv(scaled)
        spread = np.sqrt(np.maximum(np.diagonal(inverse, axis1=1, axis2=2), 0.0) * variance) / size
        spread = np.where(active, spread, 0.0)
        for row, (sight, chain) in enumerate(self.tasks):
            yield Fit(
                chain=Chain(
                    middle_m=self.middle[row].copy(),
                    ramp_m=self.ramp[row].copy(),
                    curvature_per_m=self.value[row].copy(),
                    straight=chain.straight,
                    abrupt=chain.abrupt,
                ),
                curvature_sd=spread[row, : k + 1],
                square_sd=np.where(chain.abrupt, np.nan, spread[row, 2 * k + 1 :]),
                left_m=self.left[row, : len(sight.place_m)].copy(),
                cost=float(cost[row]),
            )

    def _surprise(self) -> FloatArray:
        """Give how little each chain was to be expected, but for what the loss has of it."""
        expected, k = self.expected, self.middle.shape[1]
        found = np.sum(self.free, axis=1) * (_TWO_PI + 2 * np.log(expected.curvature_per_m))
        found += k * (_TWO_PI + 2 * np.log(expected.spacing_m))
        usual = _TWO_PI + 2 * np.log(expected.square_sd_m2) - 2 * np.log(1 - expected.abrupt)
        found += np.sum(np.where(self.abrupt, -2 * np.log(expected.abrupt), usual), axis=1)
        chance = np.where(self.free[:, 1:-1], 1 - expected.straight, expected.straight)
        found -= 2 * np.sum(np.log(chance), axis=1)
        if k > 1:
            rooms = np.diff(self.middle, axis=1) - (self.ramp[:, 1:] + self.ramp[:, :-1]) / 2
            least_m = np.array([sight.least_m for sight, _ in self.tasks])
            found += _FREAK * np.sum(rooms < least_m[:, None], axis=1)
        return np.asarray(found)


def _in_order(
    middle: FloatArray, ramp: FloatArray, low_m: FloatArray, high_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Bring ramps back between the ends and out of each other's way."""
    k = middle.shape[1]
    if k == 0:
        return middle, ramp
    low, high = low_m[:, None] + LEAST_RAMP_M, high_m[:, None] - LEAST_RAMP_M
    step = np.arange(k) * LEAST_RAMP_M
    middle = np.maximum.accumulate(np.clip(middle, low, high) - step, axis=1) + step
    ramp = np.maximum(ramp, LEAST_RAMP_M)
    if k > 1:
        rooms = np.diff(middle, axis=1)
        share = np.minimum(rooms / ((ramp[:, 1:] + ramp[:, :-1]) / 2), 1.0)
        less = np.ones_like(ramp)
        less[:, 1:] = share
        less[:, :-1] = np.minimum(less[:, :-1], share)
        ramp = ramp * less
    return middle, np.maximum(ramp, _CLOSEST_M)
