"""Placed elements of a design, in the plane of their grid → a route."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from geo_routes import geodesy
from geo_routes.axis import DesignElement, draw_element, sample_lengths
from geo_routes.chainage import lay_ruler
from geo_routes.errors import MalformedFile, UnknownCrs
from geo_routes.formats.transforming import say_transformation
from geo_routes.geodesy.systems import axis_unit_m
from geo_routes.model import ChainageBreak, Finding, FloatArray, IntArray, Route, Station

# A chord may stand so far off the curve where no step is asked for.
SAGITTA_M = 0.001
# What is straight in a grid is a little bent on the ellipsoid: over 250 m by less than 0.1 mm.
LONGEST_CHORD_M = 250.0
_MOST_VERTICES = 10_000_000
# What does not fit by more than this is said; what is further apart is a gap.
_MISFIT_M, _GAP_M = 0.01, 1.0
_KINK_DEG = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Placed:
    """An element where it lies.

    Parameters
    ----------
    element : DesignElement
    start_m : tuple of float
        East and north in the grid, metres.
    heading_rad : float
        From east to the left.
    misfit_m : float
        How far the file's own end of it lies from where its length and radii lead.
    contradiction : str
        What the file says of it twice and otherwise.
    """

    element: DesignElement
    start_m: tuple[float, float]
    heading_rad: float
    misfit_m: float = 0.0
    contradiction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """What a file says of one alignment.

    Parameters
    ----------
    name : str
    form : str
    placed : tuple of Placed
    start_km : float, optional
        Official kilometre of its start.
    breaks : tuple of tuple
        Distance from the start in metres, kilometre back and ahead.
    heights : callable, optional
        Distances from the start → heights in metres, NaN where there is none.
    extra : mapping
        What else is kept.
    remarks : tuple of Finding
    """

    name: str
    form: str
    placed: tuple[Placed, ...]
    start_km: float | None = None
    breaks: tuple[tuple[float, float, float], ...] = ()
    heights: Callable[[FloatArray], FloatArray] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Line:
    """The dense line, with the vertex that each element begins and ends at."""

    xy_m: FloatArray
    along_m: FloatArray
    part_starts: IntArray
    ends: list[tuple[int, int]]


def place_between(
    element: DesignElement,
    start_m: tuple[float, float],
    end_m: tuple[float, float],
    *,
    contradiction: str = "",
) -> Placed:
    """Place an element between two points: its chord is laid on theirs.

    Parameters
    ----------
    element : DesignElement
    start_m, end_m : tuple of float
    contradiction : str
        What the file says of it twice and otherwise.
    """
    tip = draw_element(element, np.array([0.0, element.length_m])).xy_m[1]
    east, north = end_m[0] - start_m[0], end_m[1] - start_m[1]
    chord = math.hypot(*tip)
    heading = math.atan2(north, east) - math.atan2(tip[1], tip[0])
    misfit = abs(chord - math.hypot(east, north))
    return Placed(
        element=element,
        start_m=start_m,
        heading_rad=heading,
        misfit_m=misfit,
        contradiction=contradiction,
    )


def make_route(design: Design, *, crs: str, step_m: float | None, id_: str) -> Route:
    """Draw a design, and bring it into WGS 84.

    Parameters
    ----------
    design : Design
    crs : str
        Reference system of the grid.
    step_m : float, optional
        Spacing of the vertices; by default chords that stand at most a millimetre off.
    id_ : str

    Returns
    -------
    Route
        With the exact elements in ``design``.

    Raises
    ------
    UnknownCrs, InvalidCoordinates, MalformedFile
    """
    design = _within(design)
    line = _draw(design, step_m)
    unit_m = axis_unit_m(crs)
    if unit_m is None:
        reason = f"is a design in a plane, and {crs} has no plane coordinates"
        raise UnknownCrs(reason, remedy="name the grid of the design with --crs")
    chosen = geodesy.choose_transformation(line.xy_m / unit_m, crs=crs)
    lonlat = chosen.apply(line.xy_m / unit_m)
    ruler = lay_ruler(lonlat, part_starts=line.part_starts)
    grid_m = math.fsum(p.element.length_m for p in design.placed)
    heights = None if design.heights is None else design.heights(line.along_m)
    if heights is not None and not np.isfinite(heights).any():
        heights = None

    def at_m(distance: float) -> float:
        return float(np.interp(distance, line.along_m, ruler.chainage_m))

    kept = {
        "format": design.form,
        "crs": chosen.crs.split(" ")[0],
        "grid_length_m": grid_m,
        "grid_scale": grid_m / ruler.length_m,
        "elements": _rows(design, line, ruler.chainage_m),
        **_located(design.extra, at_m),
    }
    return Route(
        lonlat=lonlat,
        part_starts=line.part_starts,
        height_m=heights,
        height_datum=None if heights is None else chosen.height_datum,
        id=id_,
        name=design.name,
        geometry_kind="surveyed",
        chainage_breaks=tuple(
            ChainageBreak(at_m=at_m(d), back_km=back, ahead_km=ahead)
            for d, back, ahead in design.breaks
        ),
        km_posts=_posts(design, lonlat, id_),
        extra={"design": kept},
        remarks=(*design.remarks, *say_transformation(chosen), *_odd(design)),
        **design.members,
    )


def _within(design: Design) -> Design:
    """Leave out, and say, what is told of places before the start or past the end."""
    length_m = math.fsum(p.element.length_m for p in design.placed)

    def fits(distance: float) -> bool:
        return -_GAP_M <= distance <= length_m + _GAP_M

    breaks = tuple(b for b in design.breaks if fits(b[0]))
    extra = {
        name: [row for row in value if fits(row.get("along_m", 0.0))]
        if isinstance(value, list)
        else value
        for name, value in design.extra.items()
    }
    gone = {"station equations": len(design.breaks) - len(breaks)}
    gone |= {n: len(v) - len(extra[n]) for n, v in design.extra.items() if isinstance(v, list)}
    remarks = tuple(
        Finding(
            code="gis.lost",
            severity="warning",
            message=f"{name} before the start or past the end of the design, left out: {count:,}",
        )
        for name, count in gone.items()
        if count
    )
    return replace(design, breaks=breaks, extra=extra, remarks=(*design.remarks, *remarks))


def _draw(design: Design, step_m: float | None) -> _Line:
    if not design.placed:
        reason = f"has an alignment {design.name!r} without elements"
        raise MalformedFile(reason, remedy="choose another with --alignment")
    rows: list[FloatArray] = []
    along: list[FloatArray] = []
    starts, ends = [0], []
    count, reached = 0, 0.0
    for placed in design.placed:
        lengths = sample_lengths(
            placed.element, step_m=step_m, sagitta_m=SAGITTA_M, longest_m=LONGEST_CHORD_M
        )
        if count + len(lengths) > _MOST_VERTICES:
            reason = f"would be drawn with more than {_MOST_VERTICES:,} vertices"
            raise MalformedFile(reason, remedy="give a longer --step")
        seen = draw_element(placed.element, lengths).xy_m
        cos, sin = math.cos(placed.heading_rad), math.sin(placed.heading_rad)
        xy = seen @ np.array([[cos, sin], [-sin, cos]]) + placed.start_m
        first = 0
        if rows:
            apart = math.hypot(*(xy[0] - rows[-1][-1]))
            if apart <= _GAP_M:
                first = 1
            else:
                starts.append(count)
        begin = count - first
        rows.append(xy[first:])
        along.append(reached + lengths[first:])
        count += len(lengths) - first
        ends.append((begin, count - 1))
        reached += placed.element.length_m
    return _Line(
        np.concatenate(rows), np.concatenate(along), np.array(starts, dtype=np.int64), ends
    )


def _rows(design: Design, line: _Line, chainage_m: FloatArray) -> list[dict[str, Any]]:
    rows = []
    for placed, (first, last) in zip(design.placed, line.ends, strict=True):
        e = placed.element
        row: dict[str, Any] = {
            "kind": e.kind,
            "from_m": float(chainage_m[first]),
            "to_m": float(chainage_m[last]),
            "grid_length_m": e.length_m,
        }
        if e.kind == "circular_curve":
            row["radius_m"] = e.radius_m
        if e.kind == "transition":
            row["radius_from_m"] = _radius(e.curvature_from_per_m)
            row["radius_to_m"] = _radius(e.curvature_to_per_m)
            row["spiral"] = e.spiral
        turn = e.curvature_from_per_m + e.curvature_to_per_m
        if turn:
            row["hand"] = "left" if turn > 0 else "right"
        if e.curvature_from_per_m * e.curvature_to_per_m < 0:
            hands = ("left", "right") if e.curvature_from_per_m > 0 else ("right", "left")
            row["hand_from"], row["hand_to"] = hands
        rows.append(row)
    return rows


def _radius(curvature: float) -> float | None:
    return None if curvature == 0 else 1.0 / abs(curvature)


def _located(extra: Mapping[str, Any], at_m: Callable[[float], float]) -> dict[str, Any]:
    """Turn distances along the grid, named ``along_m``, into chainages of the line."""
    located: dict[str, Any] = {}
    for name, value in extra.items():
        if isinstance(value, list):
            located[name] = [
                {("at_m" if k == "along_m" else k): at_m(v) if k == "along_m" else v
                 for k, v in row.items()}
                for row in value
            ]  # fmt: skip
        else:
            located[name] = value
    return located


def _posts(design: Design, lonlat: FloatArray, id_: str) -> tuple[Station, ...]:
    """Tell the official kilometre of the start and the end."""
    if design.start_km is None:
        return ()
    length_km = math.fsum(p.element.length_m for p in design.placed) / 1000.0
    jumps = math.fsum(ahead - back for _, back, ahead in design.breaks)
    ends = (design.start_km, design.start_km + length_km + jumps)
    return tuple(
        Station(lonlat=(float(p[0]), float(p[1])), chainage_km=round(km, 9), routes=(id_,))
        for p, km in zip((lonlat[0], lonlat[-1]), ends, strict=True)
    )


def _odd(design: Design) -> list[Finding]:
    """Say where a design does not fit together."""
    said: list[tuple[float, str]] = []
    reached = 0.0
    before: tuple[FloatArray, float] | None = None
    for placed in design.placed:
        e = placed.element
        if placed.misfit_m > _MISFIT_M:
            off = f"lie {placed.misfit_m:.3f} m other than its length and radii say"
            said.append((reached, f"the ends of a {e.kind} {off}"))
        if placed.contradiction:
            said.append((reached, placed.contradiction))
        drawn = draw_element(e, np.array([0.0, e.length_m]))
        cos, sin = math.cos(placed.heading_rad), math.sin(placed.heading_rad)
        tip = drawn.xy_m[1] @ np.array([[cos, sin], [-sin, cos]]) + placed.start_m
        if before is not None:
            apart = math.hypot(*(np.array(placed.start_m) - before[0]))
            turn = math.degrees(math.remainder(placed.heading_rad - before[1], 2 * math.pi))
            if apart > _MISFIT_M:
                said.append((reached, f"two elements are {apart:.3f} m apart"))
            if abs(turn) > _KINK_DEG:
                said.append((reached, f"two elements meet at an angle of {turn:.3f} degrees"))
        before = (tip, placed.heading_rad + float(drawn.heading_rad[1]))
        reached += e.length_m
    shown = [
        Finding(
            code="design.misfit",
            severity="warning",
            message=f"{what}, {distance:,.3f} m from the start of the design",
            remedy="look whether the file was rounded, or its curve is of another kind",
        )
        for distance, what in said[:_MOST_SAID]
    ]
    if len(said) > _MOST_SAID:
        message = f"the design does not fit together at {len(said) - _MOST_SAID} more places"
        shown.append(Finding(code="design.misfit", severity="warning", message=message))
    return shown


_MOST_SAID = 8
