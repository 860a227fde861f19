"""GeoJSON coordinate lists → arrays, with the exact place of what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from geo_routes.errors import MalformedFile
from geo_routes.model import FloatArray

_NUMBERS = {float, int}
# Longitude, latitude, height, and one more to tell that a position has more than those.
_MOST_READ = 4


def decode_positions(coordinates: Any, *, what: str, least: int = 0) -> FloatArray:
    """Turn a list of positions into an array.

    Parameters
    ----------
    coordinates : object
        What the file holds; expected is a list of ``[longitude, latitude, height, ...]``.
    what : str
        What the list is, for messages.
    least : int
        How many positions there must be.

    Returns
    -------
    (n, d) float64
        ``d`` is the largest number of numbers that a position has, two to four: what comes after
        is checked and left. Shorter positions are filled with NaN.

    Raises
    ------
    MalformedFile
        Naming the first position that is not a list of two or more numbers.
    """
    if type(coordinates) is not list:
        reason = (
            f"{what} has coordinates that are {say_type(coordinates)}, expected a list of positions"
        )
        raise MalformedFile(reason, remedy="give [[longitude, latitude], ...]", value=coordinates)
    if len(coordinates) < least:
        have = {0: "empty coordinates", 1: "only one position"}.get(len(coordinates))
        have = have or f"only {len(coordinates)} positions"
        reason = f"{what} has {have}, expected {least} or more"
        raise MalformedFile(reason, remedy="give it its vertices, or remove it", value=coordinates)
    if not coordinates:
        return np.empty((0, 2))
    if set(map(type, coordinates)) != {list}:
        raise _complain(coordinates, what)
    sizes = set(map(len, coordinates))
    if min(sizes) < 2:
        raise _complain(coordinates, what)
    flat = list(chain.from_iterable(coordinates))
    if not set(map(type, flat)) <= _NUMBERS:
        raise _complain(coordinates, what)
    widest = max(sizes)
    if widest > _MOST_READ:
        # One position of a million numbers must not make a million of every other.
        widest = _MOST_READ
        coordinates = [position[:widest] for position in coordinates]
        sizes = set(map(len, coordinates))
        flat = list(chain.from_iterable(coordinates))
    if len(sizes) == 1:
        return np.array(flat, dtype=np.float64).reshape(len(coordinates), -1)
    counts = np.fromiter(map(len, coordinates), dtype=np.int64, count=len(coordinates))
    array = np.full((len(coordinates), widest), np.nan)
    array[np.arange(widest) < counts[:, None]] = flat
    return array


def say_type(value: Any) -> str:
    """Name the JSON type of a value as a reader would."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "text", list: "an array"}
    return names.get(type(value), "an object")


def _complain(coordinates: Sequence[Any], what: str) -> MalformedFile:
    remedy = "give [longitude, latitude] as numbers, in degrees"
    for index, position in enumerate(coordinates):
        at = f"{what} has position {index}"
        if type(position) is not list:
            reason = f"{at} as {say_type(position)}, expected a position of two or more numbers"
        elif len(position) < 2:
            reason = f"{at} with {len(position)} coordinate(s), expected two or more numbers"
        else:
            odd = [x for x in position if type(x) not in _NUMBERS]
            if not odd:
                continue
            reason = f"{at} with {say_type(odd[0])} as coordinate, expected a number"
        return MalformedFile(reason, remedy=remedy, value=position)
    return MalformedFile(f"{what} has malformed coordinates", remedy=remedy)
