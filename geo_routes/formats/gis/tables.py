"""What every GIS file comes down to: layers of records, each with a shape and values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from geo_routes.model import Finding, FloatArray

FieldType = Literal["text", "integer", "real", "date", "datetime", "boolean", "other"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """The positions of one record, as filed.

    Parameters
    ----------
    kind : {"line", "point", "other"}
        Areas and collections are ``other``: they have no parts and are passed over.
    parts : tuple of (n, 2) or (n, 3) float64
        East or longitude first, then the height where there is one. A point is one part of one
        position, several points are several parts.
    lost : tuple of str
        What the file says of the shape and a route cannot keep.
    is_collection : bool
        Of ``other``: lines may stand in it beside other things.
    """

    kind: Literal["line", "point", "other"]
    parts: tuple[FloatArray, ...] = ()
    lost: tuple[str, ...] = ()
    is_collection: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a layer."""

    name: str
    type: FieldType = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of a file.

    Parameters
    ----------
    name : str
    fields : tuple of Field
    shape : str
        What the file says its shapes are, such as ``LineString``; empty where it does not.
    count : int, optional
        How many records, where the file says so.
    crs : str, optional
        Code, WKT or PROJJSON; None where the file does not say.
    crs_reason : str
        Why there is none.
    height_datum : str, optional
        What heights are counted from, where the format says so.
    remarks : tuple of Finding
    """

    name: str
    fields: tuple[Field, ...] = ()
    shape: str = ""
    count: int | None = None
    crs: str | None = None
    crs_reason: str = "does not say its reference system"
    height_datum: str | None = None
    remarks: tuple[Finding, ...] = ()

    @property
    def has_lines(self) -> bool | None:
        """Whether it holds lines; None where only its records can tell."""
        said = self.shape.lower()
        if not said or said in ("geometry", "unknown", "geometrycollection"):
            return None
        return "line" in said or "curve" in said


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """One row: its place in the layer, its shape and its values by field."""

    index: int
    shape: Shape | None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One record that is a line or a point, in WGS 84.

    Parameters
    ----------
    index : int
        Its place in the layer.
    kind : {"line", "point"}
    parts : tuple of (n, 2) or (n, 3) float64
        Longitude, latitude and, where there is one, height.
    properties : mapping
        By the names that the route file or OSM has for them, where they were mapped; values that
        JSON has.
    """

    index: int
    kind: Literal["line", "point"]
    parts: tuple[FloatArray, ...]
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """A file that was looked into.

    Parameters
    ----------
    form : str
        Name of the format, for people.
    layers : tuple of Layer
    read : callable
        Gives the records of a layer one after the other; nothing is held.
    """

    form: str
    layers: tuple[Layer, ...]
    read: Callable[[Layer], Iterator[Record]]
