"""How well chains explain what was seen: many fits, those alike at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from geo_routes.alignment.chains import Chain
from geo_routes.alignment.sights import Expectation, Fit, Sight
from geo_routes.alignment.stepping import Batch

_STEPS = 10
# Numbers in one array: what fits the cache of a small machine.
_MOST_NUMBERS = 1_000_000
_MOST_PADDING = 2.5


def fit_chains(
    tasks: Sequence[tuple[Sight, Chain]], expected: Expectation, *, steps: int = _STEPS
) -> list[Fit]:
    """Fit each chain to its stretch: all ramps and curvatures at once, by Gauss-Newton.

    Parameters
    ----------
    tasks : sequence of (Sight, Chain)
        What was seen, and the chain to begin with, its ramps in order.
    expected : Expectation
    steps : int
        The most that are taken.

    Returns
    -------
    list of Fit

    Notes
    -----
    The sideways way is the curvature integrated twice. It is linear in the curvatures of the
    plateaus, which are solved for at each step, and nearly linear in the middles of the ramps and
    the squares of their lengths, which is why these are the parameters. Steps are damped after
    Levenberg and Marquardt. The evidence is Laplace's: the likelihood at its top, times the
    expectations, over the root of the determinant of the curvature there [1]_.

    References
    ----------
    .. [1] D. J. C. MacKay, "Information Theory, Inference, and Learning Algorithms", Cambridge
       2003, chapters 27 and 28.
    """
    found: list[Fit | None] = [None] * len(tasks)
    for chosen in _alike(tasks):
        batch = Batch([tasks[i] for i in chosen], expected)
        batch.climb(steps)
        for i, fit in zip(chosen, batch.fits(), strict=True):
            found[i] = fit
    return [fit for fit in found if fit is not None]


def _alike(tasks: Sequence[tuple[Sight, Chain]]) -> Iterator[list[int]]:
    """Put together chains of as many ramps, over about as many places."""
    order = sorted(range(len(tasks)), key=lambda i: (len(tasks[i][1]), len(tasks[i][0].place_m)))
    group: list[int] = []
    for i in order:
        ramps, places = len(tasks[i][1]), len(tasks[i][0].place_m)
        if group:
            first_sight, first_chain = tasks[group[0]]
            full = (len(group) + 1) * places * (3 * ramps + 1) > _MOST_NUMBERS
            longer = places > _MOST_PADDING * len(first_sight.place_m) + 16
            if len(first_chain) != ramps or full or longer:
                yield group
                group = []
        group.append(i)
    if group:
        yield group
