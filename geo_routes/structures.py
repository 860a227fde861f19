"""Structures on a line: intervals as filed → resolved ones, their totals and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo_routes import intervals
from geo_routes.chainage import OfficialKilometres
from geo_routes.model import (
    STRUCTURE_KINDS,
    Finding,
    FloatArray,
    Route,
    Severity,
    Structure,
    StructureKind,
)

# Chainages are written to the metre or the decimetre: an end this far past the line is rounding.
_ROUNDING_M = 1.0
_SAME_M = 1e-6
_STALE = 0.001
_WORD = {"at_grade": "stretch at grade"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resolved:
    """The structures of one line, with nothing reversed, overlong or counted twice.

    Parameters
    ----------
    structures : tuple of Structure
        Each with ``0 <= from_m < to_m <= length``, by chainage.
    by_kind : mapping
        The union of each kind that occurs, as (k, 2) intervals.
    known_m : (k, 2) float64
        Where it is known whether there is a tunnel.
    informed : bool
        Whether anything at all is known of the structures.
    remarks : tuple of Finding
    """

    structures: tuple[Structure, ...]
    by_kind: Mapping[StructureKind, FloatArray]
    known_m: FloatArray
    informed: bool
    remarks: tuple[Finding, ...]

    def shares(self, kind: StructureKind, edges_m: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Give, between neighbouring edges, the metres of a kind and the metres known.

        Parameters
        ----------
        kind : str
        edges_m : (n,) array_like
            Rising chainages.

        Returns
        -------
        of_kind_m, known_m : (n - 1,) float64
        """
        mine = self.by_kind.get(kind, intervals.EMPTY)
        return (
            np.diff(intervals.covered_m(mine, edges_m)),
            np.diff(intervals.covered_m(self.known_m, edges_m)),
        )


NOTHING_RESOLVED = Resolved(
    structures=(), by_kind={}, known_m=intervals.EMPTY, informed=False, remarks=()
)


def resolve(
    route: Route, *, length_m: float, official: OfficialKilometres | None = None
) -> Resolved:
    """Bring the structures of a route onto its measured line.

    Parameters
    ----------
    route : Route
    length_m : float
        Measured length of the route.
    official : OfficialKilometres, optional
        Places structures that are given in official kilometres.

    Returns
    -------
    Resolved
        A reversed interval is turned, one that reaches past an end is cut, one wholly outside is
        left out; each is a finding of severity error, for the file says something else than it can
        mean. Overlaps of a kind are united and noted.
    """
    stated = route.structures_complete or route.tunnels_complete
    if not (stated or route.structures or len(route.open_m)) and route.of_length_m is None:
        return NOTHING_RESOLVED
    remarks: list[Finding] = []
    kept: list[Structure] = []
    for structure in route.structures:
        placed = _place(structure, official, remarks)
        fitted = None if placed is None else _fit(placed, length_m, remarks)
        if fitted is not None:
            kept.append(fitted)
    kept.sort(key=lambda s: (s.from_m or 0.0, s.to_m or 0.0, s.kind))
    by_kind: dict[StructureKind, FloatArray] = {}
    for kind in STRUCTURE_KINDS:
        mine = np.array([(s.from_m, s.to_m) for s in kept if s.kind == kind], dtype=np.float64)
        if len(mine):
            by_kind[kind] = intervals.unite(mine)
            _note_overlap(kind, mine, by_kind[kind], remarks)
    _note_contradiction(by_kind, remarks)
    if (
        route.of_length_m is not None
        and abs(route.of_length_m - length_m) > _STALE * route.of_length_m
    ):
        remarks.append(
            Finding(
                code="structures.stale",
                severity="error",
                message=f"the structures were measured on a line of {route.of_length_m:,.1f} m, "
                f"and this one has {length_m:,.1f} m",
                remedy="measure the structures anew, or restore the line they belong to",
            )
        )
    whole = np.array([[0.0, length_m]])
    if stated:
        known = intervals.unite(whole)
    else:
        open_m = [(a, _reach(b, length_m)) for a, b in route.open_m.tolist()]
        spans = [*by_kind.values(), np.array(open_m, dtype=np.float64).reshape(-1, 2)]
        known = intervals.clip(intervals.unite(np.concatenate(spans)), from_m=0.0, to_m=length_m)
    informed = bool(len(known)) or stated
    return Resolved(
        structures=tuple(kept),
        by_kind=by_kind,
        known_m=known,
        informed=informed,
        remarks=tuple(_label(remarks, route)),
    )


def _say(structure: Structure) -> str:
    name = f" {structure.name}" if structure.name else ""
    return f"the {_WORD.get(structure.kind, structure.kind)}{name}"


def _place(
    structure: Structure, official: OfficialKilometres | None, remarks: list[Finding]
) -> Structure | None:
    """Turn official kilometres into chainages."""
    from_km, to_km = structure.from_km, structure.to_km
    if from_km is None or to_km is None:
        return structure
    what = f"{_say(structure)} from km {from_km:.10g} to km {to_km:.10g}"

    def found(code: str, severity: Severity, message: str, remedy: str) -> None:
        said = f"{what} {message}"
        remarks.append(Finding(code=code, severity=severity, message=said, remedy=remedy))

    if official is None:
        message = "cannot be placed: no station of the line tells its official kilometre"
        remedy = "give two stations their chainage_km, or give from_m and to_m along the line"
        found("structures.official_km", "warning", f"{message}, and it is left out", remedy)
        return None
    places = official.intervals_m(from_km, to_km)
    gap = official.gap_around(from_km, to_km) if len(places) == 0 else None
    if gap is not None:
        beyond = f"lies in the gap of the kilometres from {gap.back_km:g} to {gap.ahead_km:g}"
        found("structures.outside", "error", f"{beyond}, and is left out", "correct its kilometres")
        return None
    if len(places) == 0:
        low_km, high_km = np.sort(official.km_at(official.edges_m[[0, -1]]))
        beyond = f"lies outside the line, which runs from km {low_km:.3f} to km {high_km:.3f}"
        found("structures.outside", "error", f"{beyond}, and is left out", "correct its kilometres")
        return None
    if len(places) > 1:
        beyond = "is ambiguous: the line has these kilometres twice, at "
        beyond += " and at ".join(f"{a / 1000:.3f} to {b / 1000:.3f} km" for a, b in places[:3])
        remedy = "give from_m and to_m, measured along the line"
        found("structures.ambiguous", "warning", f"{beyond}; it is left out", remedy)
        return None
    asked = np.sort([from_km, to_km])
    got = np.sort(official.km_at(np.nextafter(places[0], [np.inf, -np.inf])))
    short_m = 1000 * float(np.max(np.abs(asked - got)))
    if short_m > _ROUNDING_M and not _ends_at_break(places[0], official):
        beyond = f"reaches {short_m:,.0f} m beyond the end of the line and is cut there"
        found("structures.beyond", "error", beyond, "correct its kilometres")
    from_m, to_m = places[0].tolist()
    return replace(structure, from_m=from_m, to_m=to_m, from_km=None, to_km=None)


def _ends_at_break(place_m: FloatArray, official: OfficialKilometres) -> bool:
    breaks_m = official.edges_m[1:-1]
    return bool(len(breaks_m) and np.any(np.abs(breaks_m[:, None] - place_m) < _ROUNDING_M))


def _fit(structure: Structure, length_m: float, remarks: list[Finding]) -> Structure | None:
    from_m, to_m = structure.from_m or 0.0, structure.to_m or 0.0
    what = _say(structure)

    def found(code: str, message: str, remedy: str, at_m: float) -> None:
        said = f"{what} from {from_m:,.10g} m to {to_m:,.10g} m {message}"
        place = min(max(at_m, 0.0), length_m)
        remarks.append(
            Finding(code=code, severity="error", message=said, remedy=remedy, chainage_m=place)
        )

    if from_m > to_m:
        found(
            "structures.reversed", "runs backwards; it is read the other way", "swap its ends", to_m
        )
    low, high = min(from_m, to_m), max(from_m, to_m)
    if high <= 0 or low >= length_m:
        if high > low:
            beyond = f"lies outside the line, which is {length_m:,.1f} m long, and is left out"
            found("structures.outside", beyond, "correct its chainages", low)
        return None
    if low < 0:
        found(
            "structures.negative",
            "begins at a negative chainage and is cut at 0",
            "correct it",
            0.0,
        )
    if high > length_m + _ROUNDING_M:
        beyond = f"reaches beyond the end of the line at {length_m:,.1f} m and is cut there"
        found("structures.beyond", beyond, "correct its end", length_m)
    low, high = max(low, 0.0), _reach(high, length_m)
    return replace(structure, from_m=low, to_m=high) if high > low else None


def _reach(to_m: float, length_m: float) -> float:
    """Cut an end at the length; one that misses it by rounding alone is the length."""
    return length_m if to_m > length_m - _SAME_M else to_m


def _note_overlap(
    kind: StructureKind, mine: FloatArray, united: FloatArray, remarks: list[Finding]
) -> None:
    twice_m = intervals.total_m(mine) - intervals.total_m(united)
    if twice_m <= _ROUNDING_M / 1000:
        return
    order = mine[np.argsort(mine[:, 0], kind="stable")]
    reach = np.maximum.accumulate(order[:, 1])
    at = float(order[1:, 0][order[1:, 0] < reach[:-1]][0])
    remarks.append(
        Finding(
            code="structures.overlap",
            severity="warning",
            message=f"{_WORD.get(kind, kind)}s overlap, one inside another or a duplicate: "
            f"{twice_m:,.1f} m are counted once, not twice",
            remedy="list each structure once",
            chainage_m=at,
        )
    )


def _note_contradiction(
    by_kind: Mapping[StructureKind, FloatArray], remarks: list[Finding]
) -> None:
    tunnels = by_kind.get("tunnel", intervals.EMPTY)
    for kind in ("viaduct", "bridge", "at_grade"):
        both = intervals.intersect(tunnels, by_kind.get(kind, intervals.EMPTY))
        if intervals.total_m(both) > _ROUNDING_M:
            remarks.append(
                Finding(
                    code="structures.contradiction",
                    severity="warning",
                    message=f"{intervals.total_m(both):,.0f} m are both tunnel and "
                    f"{_WORD.get(kind, kind)}",
                    remedy="correct one of the two",
                    chainage_m=float(both[0, 0]),
                )
            )


def _label(remarks: Sequence[Finding], route: Route) -> list[Finding]:
    return [replace(r, route=route.label) for r in remarks]
