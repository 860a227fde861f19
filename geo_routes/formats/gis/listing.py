"""What a GIS file has to choose from: layers, fields, counts, reference systems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo_routes.formats.gis.tables import Layer, Opened
from geo_routes.geodesy.systems import system_label


def list_layers(opened: Opened, *, source: str) -> dict[str, Any]:
    """Give the layers of a file.

    Parameters
    ----------
    opened : Opened
    source : str

    Returns
    -------
    dict
        ``source``, ``form`` and ``layers``: ``name``, ``shape``, ``count``, ``crs`` (null where
        the file does not say) and ``fields`` with ``name`` and ``type``.
    """
    return {
        "source": source,
        "form": opened.form,
        "layers": [_row(opened, layer) for layer in opened.layers],
    }


def _row(opened: Opened, layer: Layer) -> dict[str, Any]:
    count = layer.count
    if count is None:
        count = sum(1 for _ in opened.read(layer))
    return {
        "name": layer.name,
        "shape": layer.shape or None,
        "count": count,
        "crs": None if layer.crs is None else system_label(layer.crs),
        "fields": [{"name": f.name, "type": f.type} for f in layer.fields],
    }


def layers_text(listing: Mapping[str, Any]) -> str:
    """Give a listing as text for people."""
    lines = []
    for layer in listing["layers"]:
        noun = "record" if layer["count"] == 1 else "records"
        shape = f", {layer['shape']}" if layer["shape"] else ""
        crs = layer["crs"] or "reference system not said: give --crs"
        lines.append(f"{layer['name']}: {layer['count']:,} {noun}{shape}, {crs}")
        width = max((len(f["name"]) for f in layer["fields"]), default=0)
        lines += [f"  {f['name'].ljust(width)}  {f['type']}" for f in layer["fields"]]
    return "\n".join((f"{listing['source']}: {listing['form']}", *lines))
