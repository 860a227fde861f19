"""Where the curvature of an alignment jumps, and which of its elements are short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geo_routes.alignment.elements import Alignment, Element

# What a transition moves the curve aside must be this many standard deviations of a vertex, to be
# missed in 5 cases of 100 only: 1.96 + 1.64.
_SEEN = 3.6


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvatureJump:
    """A change of curvature with no transition, or one too short for the vertices to show.

    Parameters
    ----------
    chainage_m : float
        Where it is.
    change_per_m : float
        By how much the curvature changes, to the left positive.
    transition_m : float
        Length of the transition as fitted; 0 where there is none.
    longest_m : float
        The longest transition that the vertices leave open.
    """

    chainage_m: float
    change_per_m: float
    transition_m: float
    longest_m: float


def curvature_jumps(
    alignment: Alignment, *, longest_m: float, breaks_m: Sequence[float] = ()
) -> tuple[CurvatureJump, ...]:
    """Find where the curvature changes within a given length, as far as the vertices prove it.

    Parameters
    ----------
    alignment : Alignment
    longest_m : float
        A change over a longer way is a transition and no jump.
    breaks_m : sequence of float
        Chainages of gaps: over them nothing is known.

    Returns
    -------
    tuple of CurvatureJump
        Between measured elements only, by chainage.

    Notes
    -----
    A transition of length ``T`` between two curvatures that differ by ``D`` moves the one element
    aside from the other by ``D T² / 24``, its shift. A shift of less than 3.6 standard deviations
    of a vertex may go unseen, so that a fitted length ``T`` leaves open any up to
    ``sqrt(T² + 24 * 3.6 sigma / D)``.
    """
    sigma_m = alignment.sigma_m or 0.0
    found = []
    for chain in chains_of(alignment.elements, breaks_m=breaks_m):
        steady = [i for i, element in enumerate(chain) if element.kind != "transition"]
        for one, two in pairwise(steady):
            before, after = chain[one], chain[two]
            change = after.curvature_from_per_m - before.curvature_to_per_m
            if change == 0 or {before.status, after.status} != {"measured"}:
                continue
            transition_m = after.from_m - before.to_m
            open_m = float(np.sqrt(transition_m**2 + 24 * _SEEN * sigma_m / abs(change)))
            if open_m <= longest_m:
                found.append(
                    CurvatureJump(
                        chainage_m=(before.to_m + after.from_m) / 2,
                        change_per_m=change,
                        transition_m=transition_m,
                        longest_m=open_m,
                    )
                )
    return tuple(found)


def short_elements(
    alignment: Alignment, *, least_m: float, breaks_m: Sequence[float] = ()
) -> tuple[Element, ...]:
    """Find circular curves, and tangents between curves, that are shorter than a given length.

    Parameters
    ----------
    alignment : Alignment
    least_m : float
    breaks_m : sequence of float
        Chainages of gaps: what ends at one may go on beyond it.

    Returns
    -------
    tuple of Element
        Only measured ones: the ends of others are not known.
    """
    return tuple(
        element
        for chain in chains_of(alignment.elements, breaks_m=breaks_m)
        for element in chain[1:-1]
        if element.kind != "transition"
        and element.status == "measured"
        and element.length_m < least_m
    )


def chains_of(
    elements: Sequence[Element], *, breaks_m: Sequence[float] = ()
) -> list[list[Element]]:
    """Part elements where they do not follow on each other, and at breaks of the line."""
    broken = set(breaks_m)
    chains: list[list[Element]] = []
    for element in elements:
        follows = chains and chains[-1][-1].to_m == element.from_m
        if not follows or element.from_m in broken:
            chains.append([])
        chains[-1].append(element)
    return chains
