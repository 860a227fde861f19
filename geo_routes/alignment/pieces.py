"""Fitted chains → one chain of elements from end to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo_routes.alignment.elements import Element, Status
from geo_routes.alignment.kinks import find_corner
from geo_routes.alignment.sights import Expectation, Fit
from geo_routes.alignment.stretches import Stretch
from geo_routes.model import FloatArray

_NORMAL_95 = 1.96
# The formal spread knows the noise, not that plateaus and ramps may be others than were found.
# On lines of known truth it is too narrow by this; by more where a simplified line lends it places.
_STRUCTURE, _LENT = 1.3, 1.75
# The rise of an arc over its chord, in standard deviations of a vertex.
_MEASURED, _UNCERTAIN = 5.0, 1.0
# Two pieces of one curve, met from both sides, differ by less than so many standard deviations.
_SAME = 3.0
_CRUMB_M = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What lies between two places along the curve, as fitted.

    Parameters
    ----------
    from_m, to_m : float
    curvature_from_per_m, curvature_to_per_m : float
        Left positive.
    sd_per_m : float
        Of a plateau's curvature.
    doubtful : bool
        Whether what was seen there is explained badly.
    turn_rad : float or None
        Of a corner, which has no length.
    """

    from_m: float
    to_m: float
    curvature_from_per_m: float
    curvature_to_per_m: float
    sd_per_m: float = 0.0
    doubtful: bool = False
    turn_rad: float | None = None

    @property
    def kind(self) -> str:
        """Say what it is."""
        if self.turn_rad is not None:
            return "kink"
        if self.curvature_from_per_m != self.curvature_to_per_m:
            return "transition"
        return "circular_curve" if self.curvature_from_per_m else "tangent"


def chain_pieces(
    stretches: Sequence[Stretch], fits: Sequence[Fit], expected: Expectation
) -> list[Piece]:
    """Put the chains of stretches one after another, each as far as its core.

    Parameters
    ----------
    stretches : sequence of Stretch
    fits : sequence of Fit
    expected : Expectation

    Returns
    -------
    list of Piece
        By place; tangents are left out.
    """
    pieces: list[Piece] = []
    for stretch, fit in zip(stretches, fits, strict=True):
        low_m, high_m = stretch.core_m
        for piece in _of_fit(stretch, fit, expected):
            cut = _clipped(piece, low_m, high_m)
            if cut is None:
                continue
            if pieces and (joined := _joined(pieces[-1], cut)) is not None:
                pieces[-1] = joined
            else:
                pieces.append(cut)
    return pieces


def tangents(pieces: Sequence[Piece], length_m: float) -> list[tuple[float, float]]:
    """Give what lies between pieces."""
    edges = [0.0]
    for piece in pieces:
        edges += [piece.from_m, piece.to_m]
    edges.append(length_m)
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(from_m, to_m) for from_m, to_m in pairs if to_m > from_m]


def _of_fit(stretch: Stretch, fit: Fit, expected: Expectation) -> list[Piece]:
    chain, sight = fit.chain, stretch.sight
    free = max(len(sight.place_m) - fit.chain.parameters, 1)
    left = float(np.sum(fit.left_m**2)) / free / expected.sigma_m**2
    # Chi-square over its degrees of freedom scatters by sqrt(2 / free).
    doubtful = left > 1 + 4 * float(np.sqrt(2 / free))
    lent = bool(np.any(sight.weight < 1.0))
    scale = (_LENT if lent else _STRUCTURE) * float(np.sqrt(max(left, 1.0)))
    begins = np.concatenate(([float(sight.place_m[0])], chain.ends_m)).tolist()
    ends = np.concatenate((chain.begins_m, [float(sight.place_m[-1])])).tolist()
    value = chain.curvature_per_m.tolist()
    found: list[Piece] = []
    for j in range(len(chain) + 1):
        if not chain.straight[j]:
            corner = find_corner(sight, fit, j, sigma_m=expected.sigma_m)
            if corner is not None:
                at_m, turn_rad = corner
                # The ramp before it goes with it; the one after is passed over below.
                found.pop()
                found.append(
                    Piece(
                        from_m=at_m,
                        to_m=at_m,
                        curvature_from_per_m=0.0,
                        curvature_to_per_m=0.0,
                        turn_rad=turn_rad,
                    )
                )
            else:
                found.append(
                    Piece(
                        from_m=begins[j],
                        to_m=ends[j],
                        curvature_from_per_m=value[j],
                        curvature_to_per_m=value[j],
                        sd_per_m=scale * float(fit.curvature_sd[j]),
                        doubtful=doubtful,
                    )
                )
        if j < len(chain) and not (found and found[-1].kind == "kink" and value[j] != 0):
            found.append(
                Piece(
                    from_m=float(chain.begins_m[j]),
                    to_m=float(chain.ends_m[j]),
                    curvature_from_per_m=value[j],
                    curvature_to_per_m=value[j + 1],
                    doubtful=doubtful,
                )
            )
    return found


def _clipped(piece: Piece, low_m: float, high_m: float) -> Piece | None:
    from_m, to_m = max(piece.from_m, low_m), min(piece.to_m, high_m)
    if piece.kind == "kink":
        return piece if low_m <= piece.from_m < high_m else None
    if to_m <= from_m:
        return None
    if (from_m, to_m) == (piece.from_m, piece.to_m):
        return piece
    shares = np.array([from_m - piece.from_m, to_m - piece.from_m]) / (piece.to_m - piece.from_m)
    ends = piece.curvature_from_per_m, piece.curvature_to_per_m
    values = (ends[0] + shares * (ends[1] - ends[0])).tolist()
    if piece.kind == "circular_curve":
        values = list(ends)
    return replace(
        piece,
        from_m=from_m,
        to_m=to_m,
        curvature_from_per_m=values[0],
        curvature_to_per_m=values[1],
    )


def _joined(one: Piece, two: Piece) -> Piece | None:
    """Make one of two pieces that meet at the bound of two stretches, where they are the same."""
    if two.from_m > one.to_m + 1e-6 or one.kind != two.kind or one.kind == "kink":
        return None
    value = one.curvature_to_per_m, two.curvature_from_per_m
    if one.kind == "circular_curve":
        spread = float(np.hypot(one.sd_per_m, two.sd_per_m))
        if value[0] * value[1] <= 0 or abs(value[0] - value[1]) > _SAME * spread:
            return None
        lengths = one.to_m - one.from_m, two.to_m - two.from_m
        mean = float(np.average(value, weights=lengths))
        return replace(
            one,
            to_m=two.to_m,
            curvature_from_per_m=mean,
            curvature_to_per_m=mean,
            sd_per_m=max(one.sd_per_m, two.sd_per_m),
            doubtful=one.doubtful or two.doubtful,
        )
    slopes = [
        (p.curvature_to_per_m - p.curvature_from_per_m) / (p.to_m - p.from_m) for p in (one, two)
    ]
    if slopes[0] * slopes[1] <= 0:
        return None
    return replace(
        one,
        to_m=two.to_m,
        curvature_to_per_m=two.curvature_to_per_m,
        doubtful=one.doubtful or two.doubtful,
    )


def elements_of(
    pieces: Sequence[Piece], *, place_m: FloatArray, chainage_m: FloatArray, sigma_m: float
) -> list[Element]:
    """Fill the rest with tangents, and go over to the chainage of the line as filed.

    Parameters
    ----------
    pieces : sequence of Piece
    place_m, chainage_m : (n,) float64
        Of the vertices, along the curve and along the line.
    sigma_m : float

    Returns
    -------
    list of Element
        By chainage, without gap.
    """
    length_m = float(place_m[-1])
    row: list[Piece] = []
    reached_m = 0.0
    for piece in pieces:
        if piece.kind == "kink":
            continue
        from_m, to_m = max(piece.from_m, reached_m), min(max(piece.to_m, reached_m), length_m)
        if from_m > reached_m:
            row.append(_tangent(reached_m, from_m))
        if to_m > from_m:
            row.append(replace(piece, from_m=from_m, to_m=to_m))
        reached_m = max(reached_m, to_m)
    if reached_m < length_m:
        row.append(_tangent(reached_m, length_m))
    if not row:
        return []
    # What is left of a ramp at the very end of a line is none.
    while len(row) > 1 and row[-1].to_m - row[-1].from_m < _CRUMB_M:
        row.pop()
    while len(row) > 1 and row[0].to_m - row[0].from_m < _CRUMB_M:
        row.pop(0)
    row[0] = replace(row[0], from_m=0.0)
    row[-1] = replace(row[-1], to_m=length_m)
    places = np.array([(piece.from_m, piece.to_m) for piece in row]).reshape(-1, 2)
    at = np.interp(places, place_m, chainage_m).tolist()
    return [
        _element(piece, float(ends[0]), float(ends[1]), sigma_m=sigma_m)
        for ends, piece in zip(at, row, strict=True)
        if ends[1] > ends[0]
    ]


def _tangent(from_m: float, to_m: float) -> Piece:
    return Piece(from_m=from_m, to_m=to_m, curvature_from_per_m=0.0, curvature_to_per_m=0.0)


def _element(piece: Piece, from_m: float, to_m: float, *, sigma_m: float) -> Element:
    low, high = piece.curvature_from_per_m, piece.curvature_to_per_m
    doubt: Status = "uncertain" if piece.doubtful else "measured"
    if piece.kind == "tangent":
        return Element(kind="tangent", from_m=from_m, to_m=to_m)
    if piece.kind == "transition":
        return Element(
            kind="transition",
            from_m=from_m,
            to_m=to_m,
            curvature_from_per_m=low,
            curvature_to_per_m=high,
            status=doubt,
        )
    size = abs(low)
    rise = (to_m - from_m) ** 2 * size / 8 / sigma_m
    status = doubt if rise > _MEASURED else "uncertain" if rise > _UNCERTAIN else "unresolved"
    spread = _NORMAL_95 * piece.sd_per_m
    return Element(
        kind="circular_curve",
        from_m=from_m,
        to_m=to_m,
        curvature_from_per_m=low,
        curvature_to_per_m=high,
        radius_m=1 / size,
        radius_low_m=1 / (size + spread),
        radius_high_m=1 / (size - spread) if size > spread else None,
        status=status,
    )
