"""The nouns: a route, its stations, its structures, and what was seen about them.

Every noun is frozen and checks itself at birth. Arrays are float64 and read-only. Units stand in
the names; longitude and latitude are WGS 84 degrees.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from geo_routes.errors import InvalidNoun

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

Severity = Literal["error", "warning", "note"]
StructureKind = Literal["tunnel", "viaduct", "bridge", "cutting", "embankment", "at_grade"]
Status = Literal["operating", "construction", "planned", "proposed", "test", "closed"]
Axis = Literal["track", "centreline"]
GeometryKind = Literal["surveyed", "mapped", "schematic", "sketch"]

STRUCTURE_KINDS: tuple[StructureKind, ...] = get_args(StructureKind)
STATUSES: tuple[Status, ...] = get_args(Status)
AXES: tuple[Axis, ...] = get_args(Axis)
GEOMETRY_KINDS: tuple[GeometryKind, ...] = get_args(GeometryKind)

_EMPTY: Mapping[str, Any] = MappingProxyType({})


def _frozen_floats(values: npt.ArrayLike, what: str, *, columns: int | None = None) -> FloatArray:
    array = np.array(values, dtype=np.float64)
    wanted = 1 if columns is None else 2
    if array.ndim != wanted or (columns is not None and array.shape[1] != columns):
        shape = "(n,)" if columns is None else f"(n, {columns})"
        msg = f"{what} has shape {array.shape}, expected {shape}"
        raise InvalidNoun(msg, value=array.shape)
    array.flags.writeable = False
    return array


def _frozen_mapping(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping if isinstance(mapping, MappingProxyType) else MappingProxyType(dict(mapping))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a reader, a measurement or a check saw.

    Parameters
    ----------
    code : str
        Stable name, ``subject.what``.
    severity : {"error", "warning", "note"}
        ``error``: a figure is wrong; ``warning``: it may be; ``note``: worth knowing.
    message, remedy : str
        What came and what was expected; what to do.
    route : str, optional
        Label of the route it is about; None for the file as a whole.
    chainage_m : float, optional
        Where along the route, metres from its origin.
    lonlat : tuple of float, optional
        The same place as WGS 84 longitude and latitude, degrees.
    causes : tuple of str
        Names of the mistakes that would explain a mismatch, the best fit first.
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    route: str | None = None
    chainage_m: float | None = None
    lonlat: tuple[float, float] | None = None
    causes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an unknown severity."""
        if self.severity not in get_args(Severity):
            msg = f"severity {self.severity!r} is not one of {', '.join(get_args(Severity))}"
            raise InvalidNoun(msg, value=self.severity)

    @property
    def anchor(self) -> str:
        """Where the documentation explains the code: page and anchor under ``docs/``."""
        return f"reference/findings.md#{self.code.replace('.', '-').replace('_', '-')}"

    def __str__(self) -> str:
        """Say the finding in one line."""
        where = "" if self.chainage_m is None else f" at {self.chainage_m / 1000:.3f} km"
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.severity} {self.code}{where}: {self.message}{remedy}"


def fold(findings: Iterable[Finding], *, most: int = 20) -> tuple[Finding, ...]:
    """Keep a flood readable: the first findings of each code, and how many more there are.

    Examples
    --------
    >>> flood = [Finding(code="a.b", severity="note", message=f"place {i}") for i in range(5)]
    >>> [f.message for f in fold(flood, most=2)]
    ['place 0', 'place 1 (and 3 more like it)']
    """
    kept: dict[str, list[Finding]] = {}
    for finding in findings:
        kept.setdefault(finding.code, []).append(finding)
    folded: list[Finding] = []
    for same in kept.values():
        folded += same[:most]
        if len(same) > most:
            more = f"{folded[-1].message} (and {len(same) - most} more like it)"
            folded[-1] = replace(folded[-1], message=more)
    return tuple(folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A stopping place, as filed: it has a position, but no chainage until it is located.

    Parameters
    ----------
    lonlat : tuple of float
        WGS 84 longitude and latitude, degrees.
    name : str
        Label; empty where the file gives none.
    names : mapping
        Labels by language tag, from ``name:xx``.
    height_m : float, optional
        Height as filed.
    routes : tuple of str
        Ids of the routes that it says it belongs to; empty means unsaid.
    seq : float, optional
        Order along the route as filed.
    chainage_km : float, optional
        Official kilometre as filed.
    source : str, optional
        Where the position is from.
    accuracy_m : float, optional
        1 sigma per axis of the position.
    extra : mapping
        Unknown properties, carried through.
    """

    lonlat: tuple[float, float]
    name: str = ""
    names: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    height_m: float | None = None
    routes: tuple[str, ...] = ()
    seq: float | None = None
    chainage_km: float | None = None
    source: str | None = None
    accuracy_m: float | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)

    def __post_init__(self) -> None:
        """Refuse a position that is not two finite numbers."""
        if np.shape(self.lonlat) != (2,) or not all(math.isfinite(x) for x in self.lonlat):
            msg = (
                f"station {self.name!r} has position {self.lonlat}, expected (longitude, latitude)"
            )
            raise InvalidNoun(msg, value=self.lonlat)
        object.__setattr__(self, "names", _frozen_mapping(self.names))
        object.__setattr__(self, "extra", _frozen_mapping(self.extra))


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A tunnel, viaduct, bridge, cutting, embankment or stretch at grade, as an interval.

    Either ``from_m`` and ``to_m`` (measured chainage) or ``from_km`` and ``to_km`` (official
    kilometres) are given. As filed the interval may be reversed or too long; a `Survey` holds
    resolved ones, with ``0 <= from_m < to_m <= length``.
    """

    kind: StructureKind
    from_m: float | None = None
    to_m: float | None = None
    from_km: float | None = None
    to_km: float | None = None
    name: str = ""
    source: str | None = None

    def __post_init__(self) -> None:
        """Refuse an unknown kind and anything but one finite interval."""
        if self.kind not in STRUCTURE_KINDS:
            msg = f"structure kind {self.kind!r} is not one of {', '.join(STRUCTURE_KINDS)}"
            raise InvalidNoun(msg, value=self.kind)
        metres, kilometres = (self.from_m, self.to_m), (self.from_km, self.to_km)
        given = [pair for pair in (metres, kilometres) if pair != (None, None)]
        if len(given) != 1 or any(x is None or not math.isfinite(x) for x in given[0]):
            msg = f"a {self.kind} needs either from_m and to_m or from_km and to_km as numbers"
            raise InvalidNoun(msg, value=(*metres, *kilometres))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainageBreak:
    """A place where the official chainage jumps from ``back_km`` to ``ahead_km``."""

    at_m: float
    back_km: float
    ahead_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Published figures of a route, with their source.

    Numbers are kept as filed: an int was given to the whole unit, a float to its last decimal,
    and that rounding counts as tolerance. ``origin`` and ``terminus`` name the stations that
    ``length_km`` is measured between.
    """

    source: str = ""
    as_of: str | None = None
    length_km: float | None = None
    origin: str | None = None
    terminus: str | None = None
    tunnel_km: float | None = None
    tunnel_fraction: float | None = None
    min_radius_m: float | None = None
    max_speed_kmh: float | None = None
    running_time_min: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """One named line with its stations, as filed: nothing is measured yet.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Vertices in order, WGS 84 degrees; the parts of a MultiLineString follow each other.
    part_starts : (k,) int64
        Index of the first vertex of each part; ``[0]`` for one unbroken line. What lies between
        two parts is a gap and has no length.
    height_m : (n,) float64, optional
        Heights; NaN where a vertex has none. None where no vertex has one.
    id, name, names
        How the route is told from others and labelled, `names` by language tag.
    mode, gauge_mm, status, axis, geometry_kind
        See the route file reference; None where unsaid.
    stations : tuple of Station
        In the order of `seq` where every station has one, else as filed.
    km_posts : tuple of Station
        Points that tell an official kilometre and are no stopping place.
    structures : tuple of Structure
        As filed, chainage along the whole route.
    open_m : (k, 2) float64
        Intervals known to carry no structure although none is listed there.
    structures_complete, tunnels_complete : bool
        What is not listed is known to be open; the same for tunnels alone.
    of_length_m : float, optional
        The length that the structure chainages were made for.
    chainage_breaks, declared
        Jumps of the official kilometres; published figures.
    accuracy_m : float, optional
        1 sigma per axis of the vertices, metres.
    source, licence, retrieved, height_datum : str, optional
        Where the geometry is from.
    extra : mapping
        Unknown properties, carried through.
    remarks : tuple of Finding
        What the reader saw and read on from.
    filing : object, optional
        Which file it was read from, for a writing that loses nothing; opaque to all but `formats`.

    Raises
    ------
    InvalidNoun
        If a shape or value cannot be a route.
    """

    lonlat: FloatArray
    part_starts: IntArray = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    height_m: FloatArray | None = None
    id: str | None = None
    name: str = ""
    names: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    mode: str | None = None
    gauge_mm: float | None = None
    status: Status | None = None
    axis: Axis | None = None
    geometry_kind: GeometryKind | None = None
    stations: tuple[Station, ...] = ()
    km_posts: tuple[Station, ...] = ()
    structures: tuple[Structure, ...] = ()
    open_m: FloatArray = field(default_factory=lambda: np.empty((0, 2)))
    structures_complete: bool = False
    tunnels_complete: bool = False
    of_length_m: float | None = None
    chainage_breaks: tuple[ChainageBreak, ...] = ()
    declared: Declared | None = None
    accuracy_m: float | None = None
    source: str | None = None
    licence: str | None = None
    retrieved: str | None = None
    height_datum: str | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    remarks: tuple[Finding, ...] = ()
    filing: object = None

    def __post_init__(self) -> None:
        """Freeze the arrays and refuse what cannot be a line."""
        put = object.__setattr__
        put(self, "lonlat", _frozen_floats(self.lonlat, "lonlat", columns=2))
        put(self, "open_m", _frozen_floats(self.open_m, "open_m", columns=2))
        put(self, "names", _frozen_mapping(self.names))
        put(self, "extra", _frozen_mapping(self.extra))
        n = len(self.lonlat)
        starts = np.array(self.part_starts, dtype=np.int64)
        starts.flags.writeable = False
        put(self, "part_starts", starts)
        ends = np.append(starts[1:], n)
        if starts.ndim != 1 or len(starts) == 0 or starts[0] != 0 or np.any(ends - starts < 2):
            msg = f"a route of {n} vertices has parts {starts.tolist()[:5]}, each needs two or more"
            raise InvalidNoun(msg, value=n)
        if not np.isfinite(self.lonlat).all():
            msg = "lonlat holds a value that is not finite"
            raise InvalidNoun(msg)
        if np.abs(self.lonlat[:, 1]).max() > 90:
            msg = "lonlat holds a latitude beyond 90 degrees"
            raise InvalidNoun(msg, remedy="give longitude first, then latitude, in degrees")
        if self.height_m is not None:
            put(self, "height_m", _frozen_floats(self.height_m, "height_m"))
            if len(self.height_m) != n:
                msg = f"height_m has {len(self.height_m)} values for {n} vertices"
                raise InvalidNoun(msg)
        _insist("status", self.status, STATUSES)
        _insist("axis", self.axis, AXES)
        _insist("geometry_kind", self.geometry_kind, GEOMETRY_KINDS)
        for name in ("gauge_mm", "accuracy_m", "of_length_m"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                msg = f"{name} is {value}, expected a positive number"
                raise InvalidNoun(msg, value=value)

    @property
    def label(self) -> str:
        """The name, else the id, else ``"unnamed route"``."""
        return self.name or self.id or "unnamed route"

    @property
    def part_ends(self) -> IntArray:
        """(k,) index one past the last vertex of each part."""
        return np.append(self.part_starts[1:], len(self.lonlat))


def _insist(name: str, value: str | None, allowed: Sequence[str]) -> None:
    if value is not None and value not in allowed:
        msg = f"{name} is {value!r}, expected one of {', '.join(allowed)}"
        raise InvalidNoun(msg, value=value)
