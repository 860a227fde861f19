"""``route_type`` → mode, basic types and the extended ones that many feeds use."""

from __future__ import annotations

_BASIC = {
    0: "tram",
    1: "metro",
    2: "rail",
    3: "road",
    4: "ferry",
    5: "tram",
    6: "aerialway",
    7: "funicular",
    11: "road",
    12: "monorail",
}
_EXACT = {101: "high_speed_rail", 405: "monorail"}
# The extended types end at 1702.
_MOST_DIGITS = 4
# The hundreds of the extended types, from the European TPEG coding.
_HUNDREDS = {
    1: "rail",
    2: "road",
    3: "rail",
    4: "metro",
    5: "metro",
    6: "metro",
    7: "road",
    8: "road",
    9: "tram",
    10: "ferry",
    12: "ferry",
    13: "aerialway",
    14: "funicular",
    15: "road",
}


def mode_of_type(text: str) -> str | None:
    """Give the mode of a ``route_type``; None for one that is not known.

    Examples
    --------
    >>> mode_of_type("2"), mode_of_type("109"), mode_of_type("900"), mode_of_type("x")
    ('rail', 'rail', 'tram', None)
    """
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
        return None
    number = int(text)
    return _BASIC.get(number) or _EXACT.get(number) or _HUNDREDS.get(number // 100)
