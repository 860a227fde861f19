"""Numbers in text → float64: the digits 0 to 9 and nothing that only looks like them."""

from __future__ import annotations

import math
import re

# Of `\d` without this flag Arabic, Thai and other digits are some too, and so they are for float().
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def parse_decimal(text: str) -> float:
    """Read a finite number.

    Parameters
    ----------
    text : str
        Without space about it.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If it is none: also what `float` would take, such as ``1_000``, ``nan`` and ``٣``.

    Examples
    --------
    >>> parse_decimal("-1.5e1")
    -15.0
    >>> parse_decimal("1e999")
    Traceback (most recent call last):
        ...
    ValueError: '1e999' is no number
    """
    value = float(text) if _DECIMAL.fullmatch(text) else math.nan
    if not math.isfinite(value):
        msg = f"{text[:30]!r} is no number"
        raise ValueError(msg)
    return value
