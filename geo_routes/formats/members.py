"""Properties of a feature → the values of a noun, by the route file reference."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, NoReturn, TypeVar

from geo_routes.chainage import parse_stationing
from geo_routes.errors import InvalidNoun, MalformedFile
from geo_routes.formats.positions import say_type
from geo_routes.model import (
    AXES,
    GEOMETRY_KINDS,
    STATUSES,
    STRUCTURE_KINDS,
    ChainageBreak,
    Declared,
    Finding,
    Structure,
)

T = TypeVar("T")

ROUTE_MEMBERS = frozenset(
    (
        *(
            "kind",
            "id",
            "name",
            "mode",
            "gauge_mm",
            "status",
            "axis",
            "geometry_kind",
            "structures",
        ),
        *("structures_complete", "tunnels", "of_length_m", "chainage_breaks", "declared", "source"),
        *("licence", "retrieved", "accuracy_m", "height_datum", "seq", "structure"),
    )
)
STATION_MEMBERS = frozenset(
    ("kind", "name", "route", "seq", "chainage_km", "source", "accuracy_m"),
)
_DECLARED_TEXT = {"from": "origin", "to": "terminus", "source": "source", "as_of": "as_of"}
_DECLARED_NUMBERS = tuple(f.name for f in fields(Declared) if f.name not in _DECLARED_TEXT.values())
_LONG_NAME = 1000
MOST_ACCURACY_M = 2e7


class Members:
    """The properties of one feature, read one by one, with remarks about the odd ones."""

    def __init__(self, properties: Mapping[str, Any], *, where: str) -> None:
        self.properties = properties
        self.where = where
        self.remarks: list[Finding] = []

    def refuse(self, member: str, reason: str, remedy: str) -> NoReturn:
        """Raise for a member that cannot be read.

        Raises
        ------
        MalformedFile
        """
        said = f"{member} {reason}"
        raise MalformedFile(said, remedy=remedy, value=self.properties.get(member))

    def odd(self, member: str, message: str, remedy: str) -> None:
        """Note a member that is passed over."""
        self.remarks.append(
            Finding(
                code=f"member.{member}",
                severity="warning",
                message=f"{self.where} has {message}",
                remedy=remedy,
            )
        )

    def text(self, member: str) -> str | None:
        """Read a text; a number becomes its digits, anything else is passed over."""
        value = self.properties.get(member)
        if value is None or type(value) is str:
            return value
        if type(value) in (int, float):
            return str(value)
        self.odd(
            member, f"a {member} that is {say_type(value)}, which is passed over", "give it as text"
        )
        return None

    def identity(self) -> None:
        """Note an id that cannot be one; `text` of it would be passed over in silence."""
        value = self.properties.get("id")
        if value is not None and type(value) not in (str, int, float):
            self.odd("id", f"an id that is {say_type(value)}, which is passed over", "give text")

    def check(self) -> None:
        """Read what decides figures, so that a wrong one is refused on every piece of a route.

        Raises
        ------
        MalformedFile
        """
        self.identity()
        self.geometry_kind()
        for member in ("gauge_mm", "of_length_m"):
            self.positive(member)
        self.accuracy()
        self.chainage_breaks()
        self.declared()

    def name(self) -> tuple[str, dict[str, str]]:
        """Read ``name`` and ``name:xx``."""
        properties = self.properties
        if "name" in properties and type(properties["name"]) is not str:
            self.odd(
                "name", f"a name that is {say_type(properties['name'])}, not text", "give it a name"
            )
        elif properties.get("name") == "":
            self.odd("name", "an empty name", "give it a name")
        value = properties.get("name")
        name = str(value) if type(value) in (str, int, float) else ""
        if len(name) > _LONG_NAME:
            self.odd("name", f"a name {len(name):,} characters long", "shorten it")
        names = {
            k[5:]: v for k, v in properties.items() if k.startswith("name:") and type(v) is str
        }
        return name, names

    def one_of(self, member: str, allowed: tuple[T, ...]) -> T | None:
        """Read a word of a list; another word is passed over."""
        value = self.properties.get(member)
        if value is None or value in allowed:
            return value
        shown = repr(value)[:40]
        words = ", ".join(str(a) for a in allowed)
        self.odd(member, f"{member} {shown}, which is passed over", f"use one of {words}")
        return None

    def status(self) -> Any:
        """Read ``status``."""
        return self.one_of("status", STATUSES)

    def axis(self) -> Any:
        """Read ``axis``."""
        return self.one_of("axis", AXES)

    def geometry_kind(self) -> Any:
        """Read ``geometry_kind``, strictly: it decides what may be judged."""
        value = self.properties.get("geometry_kind")
        if value is not None and value not in GEOMETRY_KINDS:
            said = repr(value)[:40]
            self.refuse("geometry_kind", f"is {said}", f"use one of {', '.join(GEOMETRY_KINDS)}")
        return value

    def positive(self, member: str) -> float | None:
        """Read a number above zero, strictly."""
        value = self.properties.get(member)
        if value is None:
            return None
        if type(value) not in (int, float) or not value > 0:
            said = say_type(value) if type(value) not in (int, float) else value
            self.refuse(member, f"is {said}, expected a number above 0", "correct or remove it")
        return float(value)

    def accuracy(self) -> float | None:
        """Read ``accuracy_m``, strictly: more than half the Earth's girth is a slip."""
        value = self.positive("accuracy_m")
        if value is not None and value > MOST_ACCURACY_M:
            said = f"is {value:g}, expected at most {MOST_ACCURACY_M:,.0f} m"
            self.refuse("accuracy_m", said, "correct or remove it")
        return value

    def number(self, member: str) -> float | None:
        """Read a number; anything else is passed over."""
        value = self.properties.get(member)
        if value is None or type(value) in (int, float):
            return None if value is None else float(value)
        self.odd(
            member, f"a {member} that is {say_type(value)}, which is passed over", "give a number"
        )
        return None

    def kilometre(self, member: str) -> float | None:
        """Read an official kilometre: a number, or text in one of the ways that people write."""
        value = self.properties.get(member)
        if type(value) is not str:
            return self.number(member)
        try:
            km = parse_stationing(value)
        except InvalidNoun:
            self.odd(
                member,
                f"a {member} of {value[:40]!r}, which is no kilometre and is passed over",
                "give a number, in kilometres",
            )
            return None
        self.odd(member, f"a {member} that is text, {value!r}, read as {km:g} km", f"write {km!r}")
        return km

    def flag(self, member: str) -> bool:
        """Read true or false, strictly; absent is false."""
        value = self.properties.get(member)
        if value is not None and type(value) is not bool:
            self.refuse(member, f"is {say_type(value)}, expected true or false", "correct it")
        return bool(value)

    def rows(self, member: str, make: Callable[[Any, str], T]) -> tuple[T, ...]:
        """Read a list, each row by ``make(row, place)``."""
        value = self.properties.get(member)
        if value is None:
            return ()
        if type(value) is not list:
            self.refuse(member, f"is {say_type(value)}, expected a list", "give a list")
        return tuple(make(row, f"{member}[{index}]") for index, row in enumerate(value))

    def structures(self) -> tuple[Structure, ...]:
        """Read ``structures`` and the shorthand ``tunnels``."""
        return self.rows("structures", _structure) + self.rows("tunnels", _tunnel)

    def chainage_breaks(self) -> tuple[ChainageBreak, ...]:
        """Read ``chainage_breaks``."""
        return self.rows("chainage_breaks", _chainage_break)

    def declared(self) -> Declared | None:
        """Read ``declared``."""
        value = self.properties.get("declared")
        if value is None:
            return None
        if type(value) is not dict:
            self.refuse("declared", f"is {say_type(value)}, expected an object", "give an object")
        read: dict[str, Any] = {}
        for member, field in _DECLARED_TEXT.items():
            text = value.get(member)
            if text is not None and type(text) is not str:
                self.refuse(
                    "declared", f"has {member} as {say_type(text)}, expected text", "correct it"
                )
            if text is not None:
                read[field] = text
        for member in _DECLARED_NUMBERS:
            number = value.get(member)
            if number is not None and (type(number) not in (int, float) or not number >= 0):
                said = number if type(number) in (int, float) else say_type(number)
                reason = f"has {member} as {said}, expected a number of 0 or more"
                self.refuse("declared", reason, "correct or remove it")
            read[member] = number
        return Declared(**read)

    def routes(self) -> tuple[str, ...]:
        """Read the route ids that a station names."""
        value = self.properties.get("route")
        rows = value if type(value) is list else [] if value is None else [value]
        if any(type(row) not in (str, int, float) for row in rows):
            self.odd("route", "a route that is not an id or a list of ids", "name the route's id")
            return ()
        return tuple(str(row) for row in rows)


def _interval(
    row: Mapping[str, Any], low: str, high: str, place: str
) -> tuple[float | None, float | None]:
    ends = row.get(low), row.get(high)
    for member, value in zip((low, high), ends, strict=True):
        if member in row and type(value) not in (int, float):
            reason = f"{place} has {member} as {say_type(value)}, expected a number"
            raise MalformedFile(
                reason, remedy="give both ends of the interval as numbers", value=value
            )
    return ends


def _structure(row: Any, place: str) -> Structure:
    if type(row) is not dict:
        reason = f"{place} is {say_type(row)}, expected an object with kind, from_m and to_m"
        raise MalformedFile(
            reason, remedy='give {"kind": "tunnel", "from_m": 0, "to_m": 100}', value=row
        )
    kind = row.get("kind")
    if kind not in STRUCTURE_KINDS:
        reason = f"{place} has kind {repr(kind)[:40]}"
        raise MalformedFile(reason, remedy=f"use one of {', '.join(STRUCTURE_KINDS)}", value=kind)
    from_m, to_m = _interval(row, "from_m", "to_m", place)
    from_km, to_km = _interval(row, "from_km", "to_km", place)
    pairs = [p for p in ((from_m, to_m), (from_km, to_km)) if p != (None, None)]
    if len(pairs) != 1 or None in pairs[0]:
        reason = f"{place} needs two numbers as its interval, from_m and to_m or from_km and to_km"
        raise MalformedFile(reason, remedy="give one such pair", value=row)
    name, source = row.get("name"), row.get("source")
    return Structure(
        kind=kind,
        from_m=from_m,
        to_m=to_m,
        from_km=from_km,
        to_km=to_km,
        name=name if type(name) is str else "",
        source=source if type(source) is str else None,
    )


def _tunnel(row: Any, place: str) -> Structure:
    if type(row) is not list or len(row) != 2:
        said = f"a list of {len(row)}" if type(row) is list else say_type(row)
        reason = f"{place} is {said}, expected an interval of two numbers"
        raise MalformedFile(reason, remedy="give [from_m, to_m]", value=row)
    for value in row:
        if type(value) not in (int, float) or not math.isfinite(value):
            reason = f"{place} holds {say_type(value)}, expected two numbers"
            raise MalformedFile(reason, remedy="give [from_m, to_m]", value=row)
    return Structure(kind="tunnel", from_m=row[0], to_m=row[1])


def _chainage_break(row: Any, place: str) -> ChainageBreak:
    wanted = ("at_m", "back_km", "ahead_km")
    if type(row) is not dict or any(type(row.get(k)) not in (int, float) for k in wanted):
        reason = f"{place} needs the numbers {', '.join(wanted)}"
        raise MalformedFile(reason, remedy="give all three", value=row)
    return ChainageBreak(at_m=row["at_m"], back_km=row["back_km"], ahead_km=row["ahead_km"])
