"""Values that JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping


def strict(value: object) -> object:
    """Replace what JSON has no number for by null, and half characters by escapes, all through.

    A file name that is not UTF-8 has such halves.
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="backslashreplace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): strict(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [strict(v) for v in value]
    return value
