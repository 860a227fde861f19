"""Values of the fields of a record → members of a route file."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from geo_routes.formats.gis.asking import Asked

_NUMBERS = ("seq", "gauge_mm", "accuracy_m", "chainage_km", "of_length_m")
# Files made of OSM for GIS programs say T and F, and OSM's own tags yes and no.
_YES_OR_NO = ("tunnel", "bridge", "cutting", "embankment", "covered")
_LETTERS = {"T": "yes", "F": "no"}


def properties_of(
    values: Mapping[str, Any], asked: Asked, dropped: dict[str, None]
) -> dict[str, Any]:
    """Give the values of a record by the names that they were mapped to.

    Parameters
    ----------
    values : mapping
    asked : Asked
    dropped : dict
        Takes the names of fields whose values JSON has no form for.

    Returns
    -------
    dict
    """
    # A field that only another layer has changes nothing here.
    mapped = {target: source for target, source in asked.attributes.items() if source in values}
    used = set(mapped.values())
    named = {target: values[source] for target, source in mapped.items()}
    rest = {k: v for k, v in values.items() if k not in used and k not in named}
    properties: dict[str, Any] = {}
    for name, value in (*named.items(), *rest.items()):
        try:
            plain = _plain(value)
        except TypeError:
            dropped[name] = None
            continue
        if name in _NUMBERS and type(plain) is str:
            plain = _number(plain)
        elif name in _YES_OR_NO and type(plain) is str:
            plain = _LETTERS.get(plain, plain)
        properties[name] = plain
    return _declared(properties)


def _declared(properties: dict[str, Any]) -> dict[str, Any]:
    """Put ``declared.length_km`` and its like, which fields were mapped to, into one member."""
    told: dict[str, Any] = {}
    for name in [n for n in properties if n.startswith("declared.")]:
        value, member = properties.pop(name), name.removeprefix("declared.")
        value = _number(value) if type(value) is str else value
        if member.endswith("_m") and member != "min_radius_m" and isinstance(value, int | float):
            member, value = f"{member[:-2]}_km", value / 1000.0
        if value is not None:
            told[member] = value
    return {**properties, "declared": told} if told else properties


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if math.isinf(value):
            msg = "infinity has no form in JSON"
            raise TypeError(msg)
        return None if math.isnan(value) else value
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if type(value).__name__ == "Decimal":
        return float(value)
    msg = f"{type(value).__name__} has no form in JSON"
    raise TypeError(msg)


def _number(text: str) -> float | str:
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) else text
