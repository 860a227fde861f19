"""The JSON Schema of the route file."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

SCHEMA_FILE = "route-file.schema.json"


def route_file_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of the route file, version 1.

    It accepts what the reader accepts, but for what a schema cannot say: a member said twice in one
    object, the system that a ``crs`` member names, nesting past 120 levels, a number past float64,
    text that is not UTF-8, a file that is a sequence of features.

    Returns
    -------
    dict
        The text of it is the file ``route-file.schema.json`` in `geo_routes.formats`.

    Examples
    --------
    >>> route_file_schema()["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    text = (resources.files(__package__) / SCHEMA_FILE).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
