"""LandXML or OpenDRIVE → routes."""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from geo_routes.errors import UnknownCrs, UnusableInput, visible
from geo_routes.formats.designs.landxml import LandXml, parse_landxml
from geo_routes.formats.designs.opendrive import parse_opendrive
from geo_routes.formats.designs.planes import make_route
from geo_routes.formats.xml_text import parse_xml
from geo_routes.model import Finding, Route

_PARSERS: dict[str, Callable[..., LandXml]] = {
    "LandXML": parse_landxml,
    "OpenDRIVE": parse_opendrive,
}
_MOST_NAMED = 12


def read_design(
    data: bytes,
    *,
    source: str,
    alignment: str | None = None,
    crs: str | None = None,
    step_m: float | None = None,
) -> tuple[Route, ...]:
    """Read the alignments of a design.

    Parameters
    ----------
    data : bytes
        LandXML 1.0 to 1.2, or OpenDRIVE.
    source : str
        Name of the file, for messages.
    alignment : str, optional
        Name of one alignment, id of one road.
    crs : str, optional
        Reference system of its coordinates, whatever the file says.
    step_m : float, optional
        A vertex every so many metres; by default as many as keep the chords within a millimetre
        of the curves.

    Returns
    -------
    tuple of Route
        One for each alignment. The exact elements are kept in ``design``; see the route file
        reference.

    Raises
    ------
    MalformedFile, UnknownCrs, InvalidCoordinates, UnusableInput

    References
    ----------
    LandXML-1.2 schema (landxml.org); ASAM OpenDRIVE 1.8.
    """
    root = parse_xml(data, source=source)
    found = _PARSERS[_local(root)](root, source=source)
    names = list(found.designs)
    if alignment is not None:
        if alignment not in found.designs:
            near = difflib.get_close_matches(alignment, names, n=1)
            shown = ", ".join(visible(n, most=30) for n in names[:_MOST_NAMED])
            reason = f"has no alignment {alignment[:60]!r}: it has {shown}"
            raise UnusableInput(
                reason, remedy=f"did you mean {near[0]}?" if near else "name one", source=source
            )
        names = [alignment]
    system = crs or found.crs
    if system is None:
        reason = "does not say the reference system of its coordinates"
        raise UnknownCrs(reason, remedy="give it with --crs, such as EPSG:25832", source=source)
    bare = [name for name in names if not found.designs[name].placed]
    if alignment is None:
        names = [name for name in names if name not in bare]
    routes = []
    for name, id_ in zip(names, _slugs(names), strict=True):
        try:
            routes.append(make_route(found.designs[name], crs=system, step_m=step_m, id_=id_))
        except UnusableInput as error:
            error.source = error.source or source
            raise
    if not bare:
        return tuple(routes)
    return (replace(routes[0], remarks=(_left_out(bare), *routes[0].remarks)), *routes[1:])


def _slugs(names: Sequence[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for name in names:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "alignment"
        seen[slug] += 1
        yield slug if seen[slug] == 1 else f"{slug}-{seen[slug]}"


def _left_out(names: Sequence[str]) -> Finding:
    shown = ", ".join(visible(n, most=30) for n in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    noun = "an alignment has" if len(names) == 1 else f"{len(names):,} alignments have"
    message = f"{noun} no elements, left out: {shown}{more}"
    return Finding(code="gis.lost", severity="warning", message=message)


def list_designs(data: bytes, *, source: str) -> dict[str, Any]:
    """List the alignments of a design, whatever its reference system.

    Parameters
    ----------
    data : bytes
    source : str

    Returns
    -------
    dict
        ``source``, ``form``, ``crs`` (null where the file does not say) and ``alignments``:
        ``alignment``, as it is asked for, ``name``, ``elements`` and ``length_m`` in the grid.

    Raises
    ------
    MalformedFile
    """
    root = parse_xml(data, source=source)
    found = _PARSERS[_local(root)](root, source=source)
    return {
        "source": source,
        "form": _local(root),
        "crs": found.crs,
        "alignments": [
            {
                "alignment": key,
                "name": design.name,
                "elements": len(design.placed),
                "length_m": math.fsum(p.element.length_m for p in design.placed),
            }
            for key, design in found.designs.items()
        ],
    }


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]
