"""What a file holds of railways: ways, points and relations with their tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from geo_routes.model import Finding, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """One line with its tags.

    Parameters
    ----------
    id : str
        ``way/123`` where it is OSM's, else the place in the file.
    lonlat : (n, 2) float64
    nodes : (n,) int64, optional
        OSM's node ids.
    height_m : (n,) float64, optional
        NaN where a vertex has none.
    tags : mapping
    is_osm : bool
        Whether an absent tag says something: a way of OSM without a tunnel tag is no tunnel.
    attributes : mapping
        What a GIS file says of the line, with its types: kept where all of a route says the same.
    """

    id: str
    lonlat: FloatArray
    nodes: IntArray | None = None
    height_m: FloatArray | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    is_osm: bool = True
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point with its tags."""

    id: str
    lonlat: tuple[float, float]
    tags: Mapping[str, str]
    is_osm: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a relation: ``ref`` is ``way/1``, ``node/2`` or ``relation/3``."""

    ref: str
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A relation with its members in order."""

    id: str
    tags: Mapping[str, str]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extract:
    """All that a file holds of railways.

    Parameters
    ----------
    source : str
        Name of the file.
    form : str
        ``pbf``, ``xml``, ``overpass``, ``geojson``, ``stations``, or the name of a GIS format.
    ways, points : tuple
    relations : mapping
        By id.
    date : str, optional
        Of the data, as the file says.
    height_datum : str, optional
        What heights are counted from, as the file says.
    remarks : tuple of Finding
    """

    source: str
    form: str
    ways: tuple[Way, ...] = ()
    points: tuple[Point, ...] = ()
    relations: Mapping[str, Relation] = field(default_factory=dict)
    date: str | None = None
    height_datum: str | None = None
    remarks: tuple[Finding, ...] = ()

    @property
    def is_osm(self) -> bool:
        """Whether any of its lines is OSM's."""
        return any(way.is_osm for way in self.ways)


def whole_runs(lonlat: FloatArray) -> list[slice]:
    """Give the runs of two or more vertices that are there; a missing one is NaN.

    Examples
    --------
    >>> whole_runs(np.array([[0, 0], [1, 1], [np.nan, np.nan], [2, 2], [3, 3]]))
    [slice(0, 2, None), slice(3, 5, None)]
    """
    there = np.concatenate(([False], np.isfinite(lonlat).all(axis=1), [False]))
    edges = np.flatnonzero(np.diff(there.astype(np.int8)))
    return [slice(first, last) for first, last in edges.reshape(-1, 2).tolist() if last - first > 1]


def cut_ways(missing: int, ways: int) -> Finding:
    """Report ways that reach past the edge of the extract."""
    return Finding(
        code="osm.incomplete_ways",
        severity="warning",
        message=f"{ways} ways reach past the edge of the extract: {missing} of their nodes are "
        "not in it, and the ways end there",
        remedy="cut the extract wider if the line is to be whole",
    )
