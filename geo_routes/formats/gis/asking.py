"""What is asked of a GIS file: which layers and records, and how to understand them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from geo_routes.errors import InvalidNoun

Datum = Literal["tokyo", "gcj02"]
TOKYO = "EPSG:4301"
# Targets of the field mapping that place a record, and are no attribute of a route.
PLACING = ("lon", "lat", "height", "wkt")
_CONDITION = re.compile(r"(?P<field>[^=!]+?)\s*(?P<sign>!=|=)\s*(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A field and the value that it must have, or must not have.

    Examples
    --------
    >>> Condition.parse("LINE=3900").holds({"LINE": 3900})
    True
    >>> Condition.parse("LINE != 3900").holds({"LINE": None})
    True
    """

    field: str
    value: str
    equal: bool = True

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read ``FIELD=VALUE`` or ``FIELD!=VALUE``; an empty value means none.

        Raises
        ------
        InvalidNoun
        """
        parts = _CONDITION.fullmatch(text.strip())
        if parts is None:
            msg = f"{text[:60]!r} is no condition"
            raise InvalidNoun(msg, remedy="write FIELD=VALUE or FIELD!=VALUE", value=text)
        return cls(field=parts["field"], value=parts["value"].strip(), equal=parts["sign"] == "=")

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Tell whether a record meets it; numbers are compared as numbers."""
        return _same(values.get(self.field), self.value) == self.equal


def _same(value: Any, wanted: str) -> bool:
    if value is None or value == "":
        return wanted == ""
    if type(value) is bool:
        return wanted.lower() in (("true", "yes", "1") if value else ("false", "no", "0"))
    if isinstance(value, int | float):
        try:
            return float(wanted) == value
        except ValueError:
            return False
    return str(value).strip() == wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the user asked for.

    Parameters
    ----------
    layers : tuple of str
        Names; by default the one layer with lines.
    where : tuple of Condition
        All must hold.
    fields : mapping
        What a field is in the route file, as ``{"name": "NAMN"}``; ``lon``, ``lat``, ``height``
        and ``wkt`` name the columns of a table in text.
    crs : str, optional
        Reference system of the coordinates, whatever the file says.
    datum : {"tokyo", "gcj02"}, optional
        Longitudes and latitudes are on the Tokyo datum, or shifted as Chinese maps are.
    allow_ballpark, allow_outside : bool
        See `geodesy.choose_transformation`.
    encoding : str, optional
        Of the text.
    swap_xy : bool
        The file gives north before east, or latitude first.
    join_points : bool
        Points, in the order of the file, are the vertices of one line.
    by : str, optional
        Of points that are joined: those of one value of this field are one line.
    """

    layers: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    crs: str | None = None
    datum: Datum | None = None
    allow_ballpark: bool = False
    allow_outside: bool = False
    encoding: str | None = None
    swap_xy: bool = False
    join_points: bool = False
    by: str | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if self.crs is not None and self.datum is not None:
            msg = (
                "both a reference system and a datum are given, and a datum is a system of its own"
            )
            raise InvalidNoun(msg, remedy="give --crs or --datum")

    @property
    def columns(self) -> dict[str, str]:
        """The columns of a table in text that place its rows."""
        return {k: v for k, v in self.fields.items() if k in PLACING}

    @property
    def attributes(self) -> dict[str, str]:
        """What the other fields are."""
        return {k: v for k, v in self.fields.items() if k not in PLACING}


def parse_fields(pairs: tuple[str, ...]) -> dict[str, str]:
    """Read ``name=NAMN`` pairs.

    Raises
    ------
    InvalidNoun
        If one is no such pair, or a target is there twice.
    """
    fields: dict[str, str] = {}
    for pair in pairs:
        target, sign, source = pair.partition("=")
        if not sign or not target.strip() or not source:
            msg = f"{pair[:60]!r} maps no field"
            raise InvalidNoun(msg, remedy="write name=FIELD", value=pair)
        if target.strip() in fields:
            msg = f"the field {target.strip()[:60]!r} is mapped twice"
            raise InvalidNoun(msg, remedy="keep one of them", value=pair)
        fields[target.strip()] = source
    return fields
