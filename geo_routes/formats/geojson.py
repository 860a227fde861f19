"""GeoJSON (RFC 7946): its structure checked, whatever the features mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from geo_routes.errors import MalformedFile, UnknownCrs
from geo_routes.formats import crs_member, json_text, polygons
from geo_routes.formats.positions import decode_positions, say_type
from geo_routes.model import Finding, FloatArray, fold

GEOMETRY_TYPES = (
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
)
TYPES = (*GEOMETRY_TYPES, "Feature", "FeatureCollection")

# RFC 7946, section 7.1: members that have a meaning elsewhere must not stand here.
_MISPLACED = {
    "Feature": ("features", "coordinates", "geometries"),
    "FeatureCollection": ("coordinates", "geometries", "geometry", "properties"),
    "geometry": ("features", "geometry", "properties"),
}
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Geometry:
    """The positions of one feature: ``parts`` of (n, d) float64 for points and lines.

    A Point is one part of one position. Polygons and collections have no parts: they are checked
    and carried, but nothing is measured on them.
    """

    type: str
    parts: tuple[FloatArray, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Feature:
    """One feature: where it stood in the file, its id, its properties and its geometry."""

    index: int
    id: str | None
    properties: Mapping[str, Any]
    geometry: Geometry | None

    @property
    def where(self) -> str:
        """The feature as a message names it."""
        name = self.properties.get("name")
        return (
            f"feature {self.index} ({name})"
            if isinstance(name, str) and name
            else f"feature {self.index}"
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Collection:
    """The features of one file, the other members, and what was seen about them.

    ``form`` tells how the file is written: a FeatureCollection, one bare Feature, one bare
    geometry, or a sequence with a feature on each line (RFC 8142, or newline-delimited).
    """

    features: tuple[Feature, ...]
    members: Mapping[str, Any]
    remarks: tuple[Finding, ...]
    form: Literal["collection", "feature", "geometry", "sequence"]


def parse(data: bytes, *, source: str | None = None) -> Collection:
    """Check the structure of GeoJSON text and give its features.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    source : str, optional
        Name of the file, for messages; ``.geojsons``, ``.geojsonl``, ``.geojsonseq``, ``.ndjson``
        are read as a sequence.

    Returns
    -------
    Collection

    Raises
    ------
    MalformedFile
        If the text is not JSON, a member is said twice, or the structure is not GeoJSON's.
    UnknownCrs
        If an old ``crs`` member names a system that is not WGS 84.
    """
    try:
        return _parse(data, source)
    except (MalformedFile, UnknownCrs) as error:
        error.source = error.source or source
        raise


def _parse(data: bytes, source: str | None) -> Collection:
    if is_sequence(data, source):
        return _parse_sequence(data, source)
    document = json_text.decode(data, source=source)
    reader = _Reader()
    collection = reader.collection(document)
    repeated = json_text.repeated_member(data, document, skip=reader.plain_lists)
    if repeated is not None:
        raise _said_twice(repeated, source)
    return collection


def is_sequence(data: bytes, source: str | None) -> bool:
    """Tell whether the text is a GeoJSON text sequence rather than one document."""
    suffixes = (".geojsons", ".geojsonl", ".geojsonseq", ".ndjson")
    return data[:1] == b"\x1e" or (source or "").lower().endswith(suffixes)


def records(data: bytes) -> list[bytes]:
    """Split a GeoJSON text sequence into its records."""
    separator = b"\x1e" if b"\x1e" in data[:4] else b"\n"
    return [
        record for record in data.removeprefix(b"\xef\xbb\xbf").split(separator) if record.strip()
    ]


def _parse_sequence(data: bytes, source: str | None) -> Collection:
    reader, features = _Reader(), []
    for number, record in enumerate(records(data)):
        try:
            document = json_text.decode(record, source=source)
        except MalformedFile as error:
            reason = f"is a GeoJSON sequence whose record {number} {error.reason}"
            raise MalformedFile(reason, remedy=error.remedy, source=source) from error
        if type(document) is not dict or document.get("type") != "Feature":
            reason = f"is a GeoJSON sequence whose record {number} is not a Feature"
            raise MalformedFile(reason, remedy="put one Feature on each line", source=source)
        features.append(reader.feature(document, number))
        repeated = json_text.repeated_member(record, document, skip=reader.plain_lists)
        if repeated is not None:
            raise _said_twice(repeated, source)
    return reader.finish(features, {}, "sequence")


def _said_twice(member: str, source: str | None) -> MalformedFile:
    reason = (
        f"has a duplicate member {member!r} in one object, and readers differ in which one wins"
    )
    return MalformedFile(reason, remedy="remove one of the two", source=source, value=member)


class _Reader:
    """One pass over a document, gathering remarks."""

    def __init__(self) -> None:
        self.remarks: list[Finding] = []
        self.plain_lists: set[int] = set()
        self._bare: dict[str, list[int]] = {}

    def remark(
        self, code: str, severity: Literal["warning", "note"], message: str, remedy: str
    ) -> None:
        self.remarks.append(Finding(code=code, severity=severity, message=message, remedy=remedy))

    def collection(self, document: Any) -> Collection:
        if type(document) is not dict:
            reason = f"is JSON, but {say_type(document)} at the top, expected a GeoJSON object"
            raise MalformedFile(reason, remedy="wrap the features in a FeatureCollection")
        kind = document.get("type")
        if kind not in TYPES:
            raise _wrong_type(document, kind)
        members = {k: v for k, v in document.items() if k != "features"}
        if kind == "Feature":
            return self.finish([self.feature(document, 0)], members, "feature")
        if kind != "FeatureCollection":
            geometry = self.geometry(document)
            bare = Feature(index=0, id=None, properties={}, geometry=geometry)
            return self.finish([bare], members, "geometry")
        self.crs(document)
        self.bbox(document, "the collection")
        self.misplaced(document, "FeatureCollection", "the collection")
        features = document.get("features")
        if type(features) is not list:
            said = (
                "no features"
                if "features" not in document
                else f"features that are {say_type(features)}"
            )
            reason = f"is a FeatureCollection with {said}, expected features as an array"
            raise MalformedFile(reason, remedy="give an array of Feature objects")
        return self.finish(
            [self.feature(x, i) for i, x in enumerate(features)], members, "collection"
        )

    def finish(
        self,
        features: list[Feature],
        members: Mapping[str, Any],
        form: Literal["collection", "feature", "geometry", "sequence"],
    ) -> Collection:
        for message, (code, severity, remedy) in _COUNTED.items():
            if which := self._bare.get(message):
                shown = ", ".join(str(i) for i in which[:_SHOWN]) + (
                    ", ..." if len(which) > _SHOWN else ""
                )
                self.remark(code, severity, message.format(count=len(which), which=shown), remedy)
        return Collection(
            features=tuple(features),
            members=members,
            remarks=fold(dict.fromkeys(self.remarks)),
            form=form,
        )

    def count(self, message: str, index: int) -> None:
        self._bare.setdefault(message, []).append(index)

    def feature(self, value: Any, index: int) -> Feature:
        try:
            return self._feature(value, index)
        except MalformedFile as error:
            error.feature = index
            raise

    def _feature(self, value: Any, index: int) -> Feature:
        if type(value) is not dict:
            reason = f"is {say_type(value)}, expected a Feature object"
            raise MalformedFile(reason, remedy="remove it, or make it a Feature")
        if value.get("type") != "Feature":
            said = repr(value.get("type")) if "type" in value else "missing"
            reason = f"has type {said}, expected 'Feature'"
            raise MalformedFile(reason, remedy="wrap the geometry in a Feature")
        where = f"feature {index}"
        self.bbox(value, where)
        self.crs(value)
        self.misplaced(value, "Feature", where)
        properties = value.get("properties")
        if "properties" not in value:
            self.count(_NO_PROPERTIES, index)
        elif properties is not None and type(properties) is not dict:
            reason = f"has properties that are {say_type(properties)}, expected an object or null"
            raise MalformedFile(reason, remedy="give the properties as an object")
        identity = value.get("id")
        if "id" in value and type(identity) not in (str, int, float):
            self.count(_ODD_ID, index)
            identity = None
        if "geometry" not in value:
            reason = "has no geometry member, expected a geometry or null"
            raise MalformedFile(reason, remedy="give it a geometry")
        raw = value["geometry"]
        if raw is None:
            self.count(_NO_GEOMETRY, index)
        geometry = None if raw is None else self.geometry(raw)
        text = None if identity is None else str(identity)
        return Feature(index=index, id=text, properties=properties or {}, geometry=geometry)

    def geometry(self, value: Any) -> Geometry:
        if type(value) is not dict:
            reason = f"has a geometry that is {say_type(value)}, expected an object or null"
            raise MalformedFile(reason, remedy='give {"type": ..., "coordinates": ...}')
        kind = value.get("type")
        if kind not in GEOMETRY_TYPES:
            said = repr(kind) if "type" in value else "no type"
            reason = f"has a geometry of type {said}, expected one of {', '.join(GEOMETRY_TYPES)}"
            raise MalformedFile(reason, remedy="correct the type", value=kind)
        self.bbox(value, "a geometry")
        self.crs(value)
        self.misplaced(value, "geometry", "a geometry")
        if kind == "GeometryCollection":
            self.geometries(value)
            return Geometry(type=kind, parts=())
        coordinates = value.get("coordinates")
        self.plain_lists.add(id(coordinates))
        return Geometry(type=kind, parts=tuple(self.parts(kind, coordinates)))

    def geometries(self, value: Mapping[str, Any]) -> None:
        members = value.get("geometries")
        if type(members) is not list:
            reason = "has a GeometryCollection without a list of geometries"
            raise MalformedFile(reason, remedy="give its geometries as an array")
        if len(members) == 1 or any(
            type(m) is dict and m.get("type") == "GeometryCollection" for m in members
        ):
            self.remark(
                "geometry.collection",
                "note",
                "a GeometryCollection holds a single geometry or another GeometryCollection",
                "use the geometry itself",
            )
        for member in members:
            self.geometry(member)

    def parts(self, kind: str, coordinates: Any) -> Iterator[FloatArray]:
        if kind in ("Point", "MultiPoint"):
            positions = [coordinates] if kind == "Point" else coordinates
            part = decode_positions(positions, what=f"a {kind}")
            if part.shape[1] > 3:
                self.remark(
                    "coordinates.extra",
                    "note",
                    f"a {kind} has positions of 4 or more numbers: what comes after height is "
                    "carried, not read",
                    "leave out the extra numbers",
                )
            yield part[0] if kind == "Point" else part
        elif kind == "LineString":
            yield decode_positions(coordinates, what="a LineString", least=2)
        elif kind == "MultiLineString":
            yield from self.line_parts(coordinates)
        else:
            for code, message in polygons.complaints(kind, coordinates):
                self.remark(
                    code, "note", message, "mend it if it matters: polygons are only carried"
                )

    def line_parts(self, coordinates: Any) -> Iterator[FloatArray]:
        if type(coordinates) is not list or not coordinates:
            said = (
                "empty coordinates"
                if coordinates == []
                else f"coordinates that are {say_type(coordinates)}"
            )
            reason = f"a MultiLineString has {said}, expected a list of parts"
            raise MalformedFile(reason, remedy="give [[[longitude, latitude], ...], ...]")
        if all(part == [] for part in coordinates):
            reason = "a MultiLineString has empty parts only, expected positions"
            raise MalformedFile(reason, remedy="give it its vertices, or remove it")
        for number, part in enumerate(coordinates):
            if part == []:
                self.remark(
                    "geometry.empty_part",
                    "warning",
                    f"part {number} of a MultiLineString is empty and is left out",
                    "remove the empty part",
                )
                continue
            yield decode_positions(part, what=f"part {number} of a MultiLineString", least=2)

    def bbox(self, value: Mapping[str, Any], what: str) -> None:
        if "bbox" not in value:
            return
        bbox = value["bbox"]
        if (
            type(bbox) is not list
            or len(bbox) not in (4, 6)
            or not {type(x) for x in bbox} <= {int, float}
        ):
            self.remark(
                "bbox.malformed",
                "warning",
                f"the bbox of {what} is not a list of 4 or 6 numbers, and is not used",
                "write it anew, or remove it",
            )

    def misplaced(self, value: Mapping[str, Any], kind: str, what: str) -> None:
        odd = [name for name in _MISPLACED[kind] if name in value]
        if odd:
            self.remark(
                "member.misplaced",
                "warning",
                f"{what} has a member {odd[0]!r}, which GeoJSON keeps for other objects",
                "rename or remove it",
            )

    def crs(self, value: Mapping[str, Any]) -> None:
        if "crs" in value:
            self.remarks += crs_member.judge_crs(value["crs"])


_NO_GEOMETRY = "{count} feature(s) have a null geometry and are only carried: {which}"
_NO_PROPERTIES = "{count} feature(s) have no properties member: {which}"
_ODD_ID = (
    "{count} feature(s) have an id that is neither text nor number, and it is not used: {which}"
)
_COUNTED: dict[str, tuple[str, Literal["warning", "note"], str]] = {
    _NO_GEOMETRY: ("feature.no_geometry", "warning", "give them a geometry, or remove them"),
    _NO_PROPERTIES: ("feature.no_properties", "warning", 'add "properties": {}'),
    _ODD_ID: ("feature.id", "warning", "give the id as text"),
}


def _wrong_type(document: Mapping[str, Any], kind: Any) -> MalformedFile:
    if kind == "Topology":
        reason = "is TopoJSON, expected GeoJSON"
        return MalformedFile(reason, remedy="convert it to GeoJSON")
    if "elements" in document:
        reason = "has no GeoJSON type; it looks like an Overpass answer"
        return MalformedFile(reason, remedy="export it as GeoJSON")
    said = f"type {kind!r}" if "type" in document else "no member 'type'"
    reason = f"has {said}, expected a GeoJSON type such as 'FeatureCollection'"
    return MalformedFile(reason, remedy="correct the type, case included", value=kind)
