"""railML 2 and 3: tracks by the coordinates that they are given."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import numpy as np

from geo_routes.errors import MalformedFile, visible
from geo_routes.formats.decimals import parse_decimal
from geo_routes.formats.gis.tables import Field, Layer, Opened, Record, Shape
from geo_routes.formats.xml_text import parse_xml
from geo_routes.geodesy.systems import north_first
from geo_routes.model import Finding, FloatArray

_REMEDY = "export it with coordinates"


def open_railml(data: bytes, *, source: str) -> Opened:
    """Look into railML.

    Parameters
    ----------
    data : bytes
    source : str

    Returns
    -------
    Opened
        One line for each track (railML 2, ``geoMapping`` and the ends) or each ``netElement``
        (railML 3, ``geometricCoordinate``) that has two positions or more.

    Raises
    ------
    MalformedFile

    Notes
    -----
    Both give coordinates as surveyors do in their systems: in railML 2 as one text, latitude or
    north first where the system has it so, in railML 3 as x and y.
    """
    root = parse_xml(data, source=source)
    version = root.get("version", "")
    old = any(_local(e) == "track" for e in root.iter()) and version.startswith(("1", "2"))
    systems: dict[str, None] = {}
    rows = list(_tracks(root, systems) if old else _net_elements(root, systems))
    if not rows:
        reason = f"is railML {visible(version, most=10)} without a track that has two coordinates"
        raise MalformedFile(reason, remedy=_REMEDY, source=source)
    if len(systems) > 1:
        shown = " and ".join(list(systems)[:2])
        reason = f"is railML with coordinates in several systems, {shown}"
        raise MalformedFile(reason, remedy="export them in one", source=source)
    radii = sum(1 for e in root.iter() if _local(e) in ("radiusChange", "horizontalCurve"))
    remarks: tuple[Finding, ...] = ()
    kind, severity = ("track", "warning") if old else ("netElement", "note")
    bare = sum(1 for e in root.iter() if _local(e) == kind) - len(rows)
    if bare:
        message = (
            f"{bare:,} of {bare + len(rows):,} {kind}s have no two coordinates, and are left out"
        )
        remarks += (Finding(code="gis.lost", severity=severity, message=message),)  # type: ignore[arg-type]
    if radii:
        message = f"{radii:,} radii of the railML are told apart from its coordinates, and not kept"
        remarks += (Finding(code="gis.lost", severity="note", message=message),)
    layer = Layer(
        name="tracks",
        fields=tuple(Field(name=n) for n in dict.fromkeys(k for r in rows for k in r.values)),
        shape="LineString",
        count=len(rows),
        crs=next(iter(systems), None),
        crs_reason="is railML that does not say the system of its coordinates",
        remarks=remarks,
    )
    return Opened(form=f"railML {version}".strip(), layers=(layer,), read=lambda _: iter(rows))


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _number(text: str | None, what: str) -> float:
    try:
        return parse_decimal((text or "").strip())
    except ValueError as error:
        reason = f"has {what} '{visible(text or '', most=30)}', which is no number"
        raise MalformedFile(reason, remedy="correct it") from error


def _tracks(root: Element, systems: dict[str, None]) -> Iterator[Record]:
    """Read railML 2: positions of the ends and of mappings, by their place on the track."""
    index = 0
    for track in (e for e in root.iter() if _local(e) == "track"):
        found: list[tuple[float, list[float]]] = []
        for element in track.iter():
            if _local(element) not in ("trackBegin", "trackEnd", "geoMapping"):
                continue
            for place in (e for e in element if _local(e) == "geoCoord"):
                code = place.get("epsgCode")
                if code:
                    systems[f"EPSG:{code}"] = None
                numbers = [_number(w, "a coordinate") for w in (place.get("coord") or "").split()]
                if len(numbers) not in (0, 2, 3):
                    reason = f"has a coord of {len(numbers)} numbers, expected 2 or 3"
                    raise MalformedFile(reason, remedy="correct it")
                if numbers:
                    at = _number(element.get("pos") or place.get("pos") or "0", "pos")
                    found.append((at, numbers))
        turned = any(north_first(code) for code in systems)
        record = _record(index, found, turned=turned, id_=track.get("id"), name=track.get("name"))
        if record is not None:
            yield record
            index += 1


def _net_elements(root: Element, systems: dict[str, None]) -> Iterator[Record]:
    """Read railML 3: coordinates of net elements, by their intrinsic coordinate from 0 to 1."""
    named = {
        e.get("id", ""): e.get("crsDefinition") or ""
        for e in root.iter()
        if _local(e) == "geometricPositioningSystem"
    }
    index = 0
    for element in (e for e in root.iter() if _local(e) == "netElement"):
        found = []
        for inner in (e for e in element.iter() if _local(e) == "intrinsicCoordinate"):
            for place in (e for e in inner if _local(e) == "geometricCoordinate"):
                said = named.get(place.get("positioningSystemRef") or "", "").strip()
                if said:
                    systems[said.upper() if said.lower().startswith("epsg") else said] = None
                numbers = [_number(place.get(k), k) for k in ("x", "y")]
                if place.get("z"):
                    numbers.append(_number(place.get("z"), "z"))
                found.append((_number(inner.get("intrinsicCoord"), "intrinsicCoord"), numbers))
        id_ = element.get("id")
        record = _record(index, found, turned=False, id_=id_, name=None)
        if record is not None:
            yield record
            index += 1


def _record(
    index: int,
    found: list[tuple[float, list[float]]],
    *,
    turned: bool,
    id_: str | None,
    name: str | None,
) -> Record | None:
    rows = sorted(found, key=lambda row: row[0])
    if len(rows) < 2:
        return None
    width = max(len(numbers) for _, numbers in rows)
    part: FloatArray = np.array([(*numbers, math.nan)[:width] for _, numbers in rows])
    part = part[np.concatenate(([True], np.any(np.diff(part[:, :2], axis=0) != 0, axis=1)))]
    if turned:
        part = part.copy()
        part[:, [0, 1]] = part[:, [1, 0]]
    values = {k: v for k, v in (("id", id_), ("name", name)) if v}
    return Record(index=index, shape=Shape(kind="line", parts=(part,)), values=values)
