"""What can go wrong, as one tree of exceptions.

::

    GeoRoutesError
    ├── UnusableInput          a file or an argument cannot be used
    │   ├── UnreadableFile     the bytes cannot be had: missing, not a file, too large
    │   ├── MalformedFile      the bytes are not what the format demands
    │   ├── InvalidCoordinates a position that is no longitude and latitude
    │   └── UnknownCrs         a reference system that cannot be honoured
    ├── InvalidNoun            a noun of the model was given values it refuses
    └── UnusableOutput         the place for the output cannot be written
"""

from __future__ import annotations

import re

_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


class GeoRoutesError(Exception):
    """The root of everything that geo_routes raises on purpose.

    Parameters
    ----------
    reason : str
        What came and what was expected, as one clause without a full stop.
    remedy : str, optional
        What the user can do about it.
    source : str, optional
        The file or argument it was seen in.
    feature : int, optional
        Index of the feature in that file, counted from 0.
    value : object, optional
        The offending value itself.
    """

    def __init__(
        self,
        reason: str,
        *,
        remedy: str = "",
        source: str | None = None,
        feature: int | None = None,
        value: object = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.source = source
        self.feature = feature
        self.value = value

    def __str__(self) -> str:
        """Say source, reason and remedy in one sentence."""
        where = f"{self.source}: " if self.source else ""
        what = self.reason if self.feature is None else f"feature {self.feature}: {self.reason}"
        return f"{where}{what}; {self.remedy}" if self.remedy else f"{where}{what}"


class UnusableInput(GeoRoutesError):
    """A file or an argument cannot be used."""


class UnreadableFile(UnusableInput):
    """The bytes of a file cannot be had."""


class MalformedFile(UnusableInput, ValueError):
    """The bytes of a file are not what its format demands."""


class InvalidCoordinates(UnusableInput, ValueError):
    """A position is not a WGS 84 longitude and latitude in degrees."""


class UnknownCrs(UnusableInput, ValueError):
    """A coordinate reference system is unknown or cannot be honoured."""


class InvalidNoun(GeoRoutesError, ValueError):
    """A noun of the model was given a value that it refuses."""


class UnusableOutput(GeoRoutesError):
    """The place for the output cannot be written."""


def visible(text: str, *, most: int = 400) -> str:
    r"""Make control and direction characters visible, and cut what is too long.

    Examples
    --------
    >>> visible("a" + chr(27) + "b")
    'a\\x1bb'
    """
    shown = _INVISIBLE.sub(lambda m: m.group().encode("unicode_escape").decode(), text)
    return shown if len(shown) <= most else f"{shown[: most - 3]}..."
