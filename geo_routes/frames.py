"""Routes ↔ GeoDataFrames: a row for each line and each station, a column for each member."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from geo_routes.errors import InvalidNoun
from geo_routes.formats import json_text
from geo_routes.formats.gis import Asked, Opened, gather, parse_fields, to_routes
from geo_routes.formats.gis.geometries import shapes_of
from geo_routes.formats.gis.tables import Field, Layer, Record
from geo_routes.formats.writing import encode
from geo_routes.model import Route

if TYPE_CHECKING:
    import geopandas


def to_frame(routes: Route | Iterable[Route]) -> geopandas.GeoDataFrame:
    """Give routes as a table that `from_frame` makes the same routes of.

    Parameters
    ----------
    routes : Route or iterable of Route

    Returns
    -------
    geopandas.GeoDataFrame
        In EPSG:4326, longitude first: a LineString or MultiLineString for each route, a Point for
        each station. The columns are the members of the route file; lists and dicts, such as
        ``structures``, stay what they are.

    Examples
    --------
    >>> equator = Route(lonlat=np.array([[0.0, 0.0], [1.0, 0.0]]), id="a", name="equator")
    >>> to_frame(equator)["name"].tolist()
    ['equator']
    """
    import geopandas  # noqa: PLC0415 - it costs a third of a second, which only its users should pay
    import pandas  # noqa: ICN001, PLC0415
    import shapely.geometry  # noqa: PLC0415

    document = json_text.decode(encode([routes] if isinstance(routes, Route) else list(routes)))
    rows, shapes = [], []
    for feature in document["features"]:
        row = dict(feature.get("properties") or {})
        if "id" in feature:
            row.setdefault("id", feature["id"])
        rows.append(row)
        geometry = feature.get("geometry")
        shapes.append(None if geometry is None else shapely.geometry.shape(geometry))
    columns = list(dict.fromkeys(name for row in rows for name in row))
    # As objects: pandas would make floats of whole numbers where others are missing.
    table = {
        name: pandas.Series([row.get(name) for row in rows], dtype=object)
        for name in columns
        if name != "geometry"
    }
    return geopandas.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")


def from_frame(
    frame: geopandas.GeoDataFrame,
    *,
    fields: Mapping[str, str] | None = None,
    crs: str | None = None,
    allow_ballpark: bool = False,
    allow_outside: bool = False,
) -> tuple[Route, ...]:
    """Make routes of a table: each row with a line is a route, each with a point a station.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        In any reference system; heights are kept. Columns of the names that the route file has
        for its members become these, the others are carried along; values that are missing are
        left out.
    fields : mapping, optional
        Members of the route file and the columns that hold them, as ``{"name": "NAMN"}``.
    crs : str, optional
        Reference system, whatever the table says.
    allow_ballpark, allow_outside : bool
        Take a transformation of unknown accuracy, and coordinates far outside the area of use of
        their system, too.

    Returns
    -------
    tuple of Route
        What was decided and lost stands in the remarks of the first.

    Raises
    ------
    UnknownCrs
        If the table has no reference system, or one that cannot be honoured.
    InvalidNoun
        If it is no GeoDataFrame with an active geometry.
    MalformedFile, InvalidCoordinates
        If the rows are no routes.
    """
    if getattr(frame, "_geometry_column_name", None) not in getattr(frame, "columns", ()):
        msg = f"{type(frame).__name__} came, expected a GeoDataFrame with an active geometry"
        raise InvalidNoun(msg, remedy="use geopandas.GeoDataFrame(table, geometry=..., crs=...)")
    asked = Asked(
        fields=parse_fields(tuple(f"{k}={v}" for k, v in (fields or {}).items())),
        crs=crs,
        allow_ballpark=allow_ballpark,
        allow_outside=allow_outside,
    )
    name = "the GeoDataFrame"
    return to_routes([gather(_opened(frame), asked)], source=name)


def _opened(frame: geopandas.GeoDataFrame) -> Opened:
    active = frame.geometry.name
    names = [c for c in frame.columns if c != active and not _is_geometry(frame[c])]
    system = None
    if frame.crs is not None:
        code = frame.crs.to_authority()
        system = frame.crs.to_json() if code is None else ":".join(code)
    layer = Layer(
        name="frame",
        fields=tuple(Field(name=str(n), type="other") for n in names),
        count=len(frame),
        crs=system,
        crs_reason="has no reference system",
    )
    return Opened(form="GeoDataFrame", layers=(layer,), read=lambda _: _records(frame, names))


def _is_geometry(column: Any) -> bool:  # noqa: ANN401 - pandas has no types here
    return str(column.dtype) == "geometry"


def _records(frame: geopandas.GeoDataFrame, names: list[Any]) -> Iterator[Record]:
    shapes = shapes_of(frame.geometry.to_numpy())
    columns = [frame[n].to_numpy(dtype=object) for n in names]
    for index, shape in enumerate(shapes):
        values = {
            str(name): column[index]
            for name, column in zip(names, columns, strict=True)
            if not _is_missing(column[index])
        }
        yield Record(index=index, shape=shape, values=values)


def _is_missing(value: Any) -> bool:  # noqa: ANN401 - whatever a column holds
    if value is None:
        return True
    # NaN, NaT and pandas' NA are the values that are not what they are.
    try:
        return bool(value != value)  # noqa: PLR0124
    except (TypeError, ValueError):
        return type(value).__name__ in ("NAType", "NaTType")
