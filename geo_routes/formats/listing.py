"""What a file has to choose from, whatever its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_routes import files
from geo_routes.errors import UnusableInput
from geo_routes.formats.reading import FORM_NAMES, read_form
from geo_routes.formats.sniffing import GIS_FORMS, Form

if TYPE_CHECKING:
    from geo_routes.formats.gis import Asked


def list_form(
    source: str, form: Form, *, asked: Asked, data: bytes | None = None
) -> tuple[dict[str, Any], str]:
    """List the layers, routes or alignments of a file.

    Parameters
    ----------
    source : str
    form : str
        As `reading.form_of` told.
    asked : Asked
        Encoding and columns, where layers are named in text.
    data : bytes, optional
        Its bytes, where they were read.

    Returns
    -------
    dict, str
        For programs and for people.
    """
    try:
        if form in GIS_FORMS:
            from geo_routes.formats import gis  # noqa: PLC0415

            row = gis.list_layers(gis.open_gis(source, form, asked=asked, data=data), source=source)
            return row, gis.layers_text(row)
    except UnusableInput as error:
        error.source = error.source or source
        raise
    if form == "gtfs":
        from geo_routes.formats.gtfs import list_gtfs  # noqa: PLC0415

        row = list_gtfs(source, data=data)
        return row, _feed_text(row)
    if form in ("landxml", "opendrive"):
        from geo_routes.formats.designs import list_designs  # noqa: PLC0415

        content = files.read_bytes(source) if data is None else data
        row = list_designs(content, source=source)
        return row, _designs_text(row)
    routes = read_form(source, form, options={}, data=data)
    rows = [
        {
            "id": r.id,
            "name": r.name,
            "vertices": len(r.lonlat),
            "parts": len(r.part_starts),
            "stations": len(r.stations),
        }
        for r in routes
    ]
    lines = [
        f"{r['id']}: {r['name']}, {r['vertices']:,} vertices, parts: {r['parts']}, "
        f"stations: {r['stations']}"
        for r in rows
    ]
    title = FORM_NAMES.get(form, form)
    return {"source": source, "form": title, "routes": rows}, "\n".join(
        (f"{source}: {title}", *lines)
    )


def _designs_text(row: dict[str, Any]) -> str:
    lines = [f"{row['source']}: {row['form']}, {row['crs'] or 'reference system not said'}"]
    for design in row["alignments"]:
        name = "" if design["name"] == design["alignment"] else f"{design['name']}, "
        km = design["length_m"] / 1000
        lines.append(f"{design['alignment']}: {name}{km:,.3f} km, elements: {design['elements']:,}")
    return "\n".join(lines)


def _feed_text(row: dict[str, Any]) -> str:
    lines = [f"{row['source']}: GTFS"]
    for route in row["routes"]:
        name = " ".join(n for n in (route["short_name"], route["long_name"]) if n)
        lines.append(
            f"{route['route_id']}: {name}, {route['mode'] or 'mode unknown'}, "
            f"trips: {route['trips']:,}, shapes: {route['shapes']}"
        )
    return "\n".join(lines)
