"""Points, in their order → the vertices of lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

import numpy as np

from geo_routes.errors import MalformedFile, UnusableInput, visible
from geo_routes.formats.gis.tables import Row
from geo_routes.model import Finding, FloatArray

_ORDERING = ("seq", "part")


def join_points(
    rows: Sequence[Row], *, by: str | None = None
) -> tuple[list[Row], tuple[Finding, ...]]:
    """Make lines of the points, by ``seq`` where each has one; a new ``part`` begins anew.

    Parameters
    ----------
    rows : sequence of Row
    by : str, optional
        Points of one value of this field are one line; by default all are.

    Returns
    -------
    list of Row
        The lines that there were, and those that were made.
    tuple of Finding
        What could not be joined, and which fields differ from point to point.

    Raises
    ------
    MalformedFile
        If no two points can be joined.
    UnusableInput
        If no point has the field.
    """
    points = [row for row in rows if row.kind == "point"]
    if len(points) < 2:
        reason = f"has {_count(len(points))} to join, and a line needs two or more"
        raise MalformedFile(reason, remedy="leave --join-points out")
    remarks: list[Finding] = []
    made = [_join(group, remarks) for group in _groups(points, by, remarks)]
    joined = [line for line in made if line is not None]
    if not joined:
        reason = "has no two points of one part to join"
        raise MalformedFile(reason, remedy="map no field to part")
    return [row for row in rows if row.kind == "line"] + joined, tuple(remarks)


def _count(number: int) -> str:
    return f"{number:,} {'point' if number == 1 else 'points'}"


def _lost(message: str, *, severity: str = "warning", remedy: str = "") -> Finding:
    return Finding(code="gis.lost", severity=severity, message=message, remedy=remedy)  # type: ignore[arg-type]


def _groups(points: Sequence[Row], by: str | None, remarks: list[Finding]) -> list[list[Row]]:
    groups: dict[str, list[Row]] = {}
    bare = 0
    for row in points:
        value = None if by is None else row.properties.get(by)
        if value not in (None, ""):
            groups.setdefault(str(value), []).append(row)
        bare += value in (None, "")
    if by is None:
        return [list(points)]
    if not groups:
        near = difflib.get_close_matches(by, dict.fromkeys(n for p in points for n in p.properties))
        reason = f"has no point with a value in the field {by[:60]!r}"
        raise UnusableInput(reason, remedy=f"did you mean {near[0]}?" if near else "see --list")
    if bare:
        message = f"{_count(bare)} without a value in the field {visible(by, most=60)} joined to no"
        remarks.append(_lost(f"{message} line"))
    return list(groups.values())


def _join(points: list[Row], remarks: list[Finding]) -> Row | None:
    points = _ordered(points, remarks)
    runs = list(_runs(points))
    lone = sum(len(run) == 1 for run in runs)
    if lone:
        remarks.append(_lost(f"{_count(lone)} alone in a part or line, and joined to no other"))
    runs = [run for run in runs if len(run) > 1]
    if not runs:
        return None
    width = max(row.parts[0].shape[1] for row in points)
    parts = [np.concatenate([_widened(p, width) for row in run for p in row.parts]) for run in runs]
    names = dict.fromkeys(k for row in points for k in row.properties if k not in _ORDERING)
    first = points[0].properties
    shared = {
        k: first[k]
        for k in names
        if k in first and all(row.properties.get(k) == first[k] for row in points)
    }
    if len(shared) < len(names):
        differing = ", ".join(visible(k, most=30) for k in names if k not in shared)
        message = f"the fields {differing} differ from point to point, and are not kept"
        remarks.append(_lost(message, severity="note"))
    return Row(index=points[0].index, kind="line", parts=tuple(parts), properties=shared)


def _ordered(points: list[Row], remarks: list[Finding]) -> list[Row]:
    """Put points in the order of ``seq``, which may count through all parts or through each."""
    told = [row.properties.get("seq") for row in points]
    seqs = [float(s) for s in told if isinstance(s, int | float)]
    if len(seqs) < len(points):
        if any(s not in (None, "") for s in told):
            message = f"seq is a number in {len(seqs):,} of {_count(len(points))}, which are joined"
            remarks.append(_lost(f"{message} as filed", remedy="give each point a number"))
        return points
    parts = list(dict.fromkeys(str(row.properties.get("part")) for row in points))
    whole = len(set(seqs)) == len(seqs)
    keys = [
        (0 if whole else parts.index(str(row.properties.get("part"))), seq)
        for row, seq in zip(points, seqs, strict=True)
    ]
    doubled = len(keys) - len(set(keys))
    if doubled:
        message = f"{_count(doubled)} of a seq that is there before, joined as filed"
        remarks.append(_lost(message, remedy="give each point a number of its own"))
    return [points[i] for i in sorted(range(len(points)), key=keys.__getitem__)]


def _widened(part: FloatArray, width: int) -> FloatArray:
    """Give a position without a height one that is missing."""
    if part.shape[1] >= width:
        return part
    return np.column_stack((part, np.full(len(part), np.nan)))


def _runs(points: Sequence[Row]) -> Iterator[list[Row]]:
    run: list[Row] = []
    for row in points:
        if run and row.properties.get("part") != run[-1].properties.get("part"):
            yield run
            run = []
        run.append(row)
    yield run
