"""The search for the chain that explains each stretch best, over all stretches at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_routes.alignment.chains import Chain, richer, simpler, straight_chain, with_more
from geo_routes.alignment.likelihood import fit_chains
from geo_routes.alignment.sights import Expectation, Fit, Sight, project
from geo_routes.model import FloatArray

_ROUNDS = 16
_BETTER = 0.02
_MOST_PRUNING = 30
# What is unexplained must gain this much of chi-square to be looked into; a ramp costs as much.
_WORTH = 9.0
_TRIES = 6
# A longer chain that costs more than this above the one before will not be pruned below it.
_HOPE = 8.0
# A stretch bends at all only where the evidence is greater by this much: many are looked at.
_SURE = 8.0
_GRID = 48
# Standard deviations of chi-square above what noise leaves.
_POOR = 0.5
# Parameters that are fitted, as a share of the places.
_MOST_SHARE = 0.6
_MOST_RAMPS = 12
# How often plateaus are parted. What is no noise is left on real lines, however many there are.
_MOST_PARTING = 2
_SINGULAR = 1e-11


@dataclass(slots=True, kw_only=True, eq=False)
class _State:
    """A stretch in search of its chain."""

    sight: Sight
    near_m: float
    fit: Fit
    # The best so far, while a longer chain is tried; None while none is.
    kept: Fit | None = None
    # Whether curvature is added anywhere, or, when that gains nothing more, plateaus are parted.
    parting: bool = False
    parted: int = 0
    done: bool = False


def search_chains(
    tasks: Sequence[tuple[Sight, Chain]],
    expected: Expectation,
    *,
    near_m: float,
    thorough: bool = True,
) -> list[Fit]:
    """Find the chain of the greatest evidence for each stretch.

    Parameters
    ----------
    tasks : sequence of (Sight, Chain)
        With a chain to begin with.
    expected : Expectation
    near_m : float
        Places closer than this to a ramp are that ramp's.
    thorough : bool
        Whether plateaus are parted where much is left unexplained, which takes most of the time.

    Returns
    -------
    list of Fit

    Notes
    -----
    What can go without loss of evidence goes, one piece at a time. Then curvature is added where
    what is left unexplained asks for it most, and kept where, after as much pruning, the evidence
    is greater. Both are repeated until neither gains.
    """
    fits = fit_chains(tasks, expected)
    states = [
        _State(sight=sight, near_m=near_m, fit=fit)
        for (sight, _), fit in zip(tasks, fits, strict=True)
    ]
    pruning = states
    for _ in range(_ROUNDS):
        pruned = _prune(pruning, expected)
        growing = [state for state in pruned if not state.done]
        pruning = _grow(growing, expected, thorough=thorough)
        if not pruning:
            break
    for state in states:
        if state.kept is not None and state.kept.cost <= state.fit.cost:
            state.fit = state.kept
    straight = fit_chains([(state.sight, straight_chain()) for state in states], expected)
    return [
        line if line.cost < state.fit.cost + _SURE else state.fit
        for state, line in zip(states, straight, strict=True)
    ]


def _prune(states: list[_State], expected: Expectation) -> list[_State]:
    """Simplify until nothing can go; a trial that is no better than what was kept is given up."""
    changed = states
    for _ in range(_MOST_PRUNING):
        if not changed:
            break
        changed = _prune_once(changed, expected)
    for state in states:
        if state.kept is not None:
            gained = state.fit.cost < state.kept.cost - _BETTER
            if not gained:
                state.fit, state.done = state.kept, state.parting
            state.parting, state.kept = not gained, None
    return states


def _prune_once(states: list[_State], expected: Expectation) -> list[_State]:
    """Take one piece from each chain that is better off without; give those that were."""
    tasks: list[tuple[Sight, Chain]] = []
    owners: list[int] = []
    for number, state in enumerate(states):
        for chain in simpler(
            state.fit.chain,
            curvature_sd=state.fit.curvature_sd,
            square_sd=state.fit.square_sd,
            usual_m=expected.usual_m,
        ):
            tasks.append((state.sight, chain))
            owners.append(number)
    return _took(states, _best(owners, fit_chains(tasks, expected)))


def _took(states: list[_State], best: dict[int, Fit]) -> list[_State]:
    changed = []
    for number, fit in best.items():
        state = states[number]
        if fit.cost < state.fit.cost - _BETTER:
            state.fit = fit
            changed.append(state)
    return changed


def _best(owners: list[int], fits: list[Fit]) -> dict[int, Fit]:
    """Give the cheapest fit of each owner."""
    best: dict[int, Fit] = {}
    for number, fit in zip(owners, fits, strict=True):
        if number not in best or fit.cost < best[number].cost:
            best[number] = fit
    return best


def _grow(states: list[_State], expected: Expectation, *, thorough: bool) -> list[_State]:
    """Try more curvature where it is missing; give the stretches that took it."""
    tasks: list[tuple[Sight, Chain]] = []
    owners: list[int] = []
    for number, state in enumerate(states):
        for chain in _longer(state, expected, thorough=thorough):
            tasks.append((state.sight, chain))
            owners.append(number)
    best = _best(owners, fit_chains(tasks, expected))
    grown = []
    for number, fit in sorted(best.items()):
        state = states[number]
        if fit.cost < state.fit.cost + _HOPE:
            state.kept, state.fit = state.fit, fit
            grown.append(state)
        elif not state.parting:
            state.parting = True
            grown.append(state)
    return grown


def _longer(state: _State, expected: Expectation, *, thorough: bool) -> list[Chain]:
    """Give chains that may explain more."""
    found: list[Chain] = []
    if not state.parting:
        for from_m, to_m, more in _missing(state.sight, state.fit, expected):
            longer = with_more(
                state.fit.chain, from_m=from_m, to_m=to_m, more_per_m=more, near_m=state.near_m
            )
            if longer is not None:
                found.append(longer)
        state.parting = not found
    often = state.parted >= _MOST_PARTING
    if thorough and state.parting and not often and _is_poor(state.fit, expected):
        state.parted += 1
        least_m = state.sight.least_m
        found += richer(state.fit.chain, usual_m=expected.usual_m, least_m=least_m)
    most = len(state.sight.place_m) * _MOST_SHARE
    return [chain for chain in found if chain.parameters <= most and len(chain) <= _MOST_RAMPS]


def _is_poor(fit: Fit, expected: Expectation) -> bool:
    """Tell whether more is left than noise leaves, by chi-square and its usual scatter."""
    free = max(len(fit.left_m) - fit.chain.parameters, 1)
    left = float(fit.left_m @ fit.left_m) / expected.sigma_m**2
    return bool(left > free + _POOR * np.sqrt(2 * free))


def _missing(sight: Sight, fit: Fit, expected: Expectation) -> list[tuple[float, float, float]]:
    """Find where more curvature would explain most of what is left: from, to, and how much."""
    real = np.nonzero(sight.weight >= 1.0)[0]
    places = sight.place_m[real if len(real) > 1 else slice(None)]
    count = min(max(len(places), 2), _GRID)
    grid = np.interp(np.linspace(0, len(places) - 1, count), np.arange(len(places)), places)
    ahead = np.maximum(sight.place_m[:, None] - grid, 0.0)
    bent = project(sight, ahead**2 / 2)
    left = fit.left_m
    if len(fit.chain):
        basis = explained(sight, fit.chain)
        if basis is not None:
            bent = bent - basis @ (basis.T @ bent)
            left = left - basis @ (basis.T @ left)
    right, square = bent.T @ left, bent.T @ bent
    diagonal = np.diag(square)
    size = diagonal[:, None] + diagonal - 2 * square
    way = right[:, None] - right
    sound = size > 1e-9 * max(float(size.max()), 1e-300)
    more = np.where(sound, way / np.where(sound, size, 1.0), 0.0)
    gain = np.triu(way * more, 1) / expected.sigma_m**2
    found = []
    for _ in range(_TRIES):
        i, j = (int(x) for x in np.unravel_index(np.argmax(gain), gain.shape))
        if gain[i, j] < _WORTH:
            break
        found.append((float(grid[i]), float(grid[j]), float(more[i, j])))
        near = max(1, (j - i) // 3)
        gain[max(0, i - near) : i + near + 1, max(0, j - near) : j + near + 1] = 0
    return found


def explained(sight: Sight, chain: Chain, *, without: int | None = None) -> FloatArray | None:
    """Give a basis of all that small changes of a chain do sideways.

    Parameters
    ----------
    sight : Sight
    chain : Chain
    without : int, optional
        A plateau to leave out, with the ramps beside it.

    Returns
    -------
    (n, p) float64 or None
        Orthonormal; None where nothing can change.
    """
    s, half = sight.place_m[:, None], chain.ramp_m / 2
    up = np.maximum(s - chain.middle_m + half, 0.0)
    down = np.maximum(s - chain.middle_m - half, 0.0)
    before, after = up**2 / 2, down**2 / 2
    ways = (before * up - after * down) / (6 * half)
    plateaus = np.column_stack(((s[:, 0] - s[0, 0]) ** 2 / 2, ways))
    plateaus[:, :-1] -= ways
    bent, moved = ~chain.straight, np.ones(len(chain), dtype=np.bool_)
    if without is not None:
        bent[without] = False
        moved[max(without - 1, 0) : without + 1] = False
    longer = ((before + after) / 2 - ways)[:, moved & ~chain.abrupt]
    columns = project(
        sight, np.column_stack((plateaus[:, bent], (before - after)[:, moved], longer))
    )
    size = np.sqrt(np.sum(columns**2, axis=0))
    columns = columns[:, size > 0] / size[size > 0]
    if columns.shape[1] == 0:
        return None
    value, vector = np.linalg.eigh(columns.T @ columns)
    sound = value > _SINGULAR
    return np.asarray(columns @ (vector[:, sound] / np.sqrt(value[sound])))
