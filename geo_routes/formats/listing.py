"""What a file has to choose from, whatever its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_routes.errors import UnusableInput
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
    raise UnusableInput(f"is {form}, of which nothing is listed", source=source)
