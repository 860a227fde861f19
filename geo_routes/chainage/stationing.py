"""Stationing: an official kilometre as people write it, both ways."""

from __future__ import annotations

import math
import re
from typing import Literal, get_args

from geo_routes.errors import InvalidNoun

Stationing = Literal["12.345", "12+345", "12m34ch", "12,3 + 45"]
STATIONINGS: tuple[Stationing, ...] = get_args(Stationing)

# International mile and chain (NIST SP 811, appendix B.8).
MILE_M = 1_609.344
CHAIN_M = 20.1168
_CHAINS_A_MILE = 80
_LONGEST = 40

_MINUS = "-\u2010\u2011\u2012\u2013\u2212"
_FRAME = r"\s*(?:(?:km|pk|kp|p\.k\.)\.?\s*)?(?P<sign>[{minus}+]?)\s*{body}\s*(?P<unit>{unit})?\s*"
_NUMBER = r"\d+(?:[.,]\d+)?|[.,]\d+"


def _pattern(body: str, unit: str = "km") -> re.Pattern[str]:
    return re.compile(_FRAME.format(minus=_MINUS, body=body, unit=unit), re.IGNORECASE | re.ASCII)


# Germany: kilometre and hectometre, then metres past the hectometre post. Where the line was
# lengthened, the metres run past 100; before the origin both carry a minus sign.
_HECTOMETRE = _pattern(
    rf"(?P<km>\d+),(?P<hm>\d)\s*\+\s*(?P<minus>[{_MINUS}]?)\s*(?P<m>\d+(?:[.,]\d+)?)"
)
# France, Switzerland, highway engineers: kilometres + metres.
_PLUS = _pattern(r"(?P<km>\d+)\s*\+\s*(?P<m>\d+(?:[.,]\d+)?)")
# Britain, India: miles and chains.
_MILES = _pattern(
    r"(?P<mi>\d+)\s*m(?:i|iles?)?\.?\s*(?P<ch>\d+(?:[.,]\d+)?)\s*(?:chains?|ch|c)\.?", unit=""
)
_PLAIN = _pattern(rf"(?P<value>{_NUMBER})", unit="km|mi|miles?|m")


def parse_stationing(text: str) -> float:
    """Read an official kilometre.

    Parameters
    ----------
    text : str
        ``12.345`` or ``12,345`` (kilometres, or with the unit ``m`` or ``mi``), ``12+345``
        (kilometres and metres; also ``PK 994+120``), ``12m34ch`` (miles and chains),
        ``144,1 + 75`` (kilometres, hectometre and metres past its post); each may be negative, and
        ``-0,2 + -14`` is 214 m before the origin.

    Returns
    -------
    float
        Kilometres.

    Raises
    ------
    InvalidNoun
        If the text is none of these.

    Examples
    --------
    >>> [parse_stationing(t) for t in ("144,1 + 75", "994+120", "12m40ch", "-0,2 + -14")]
    [144.175, 994.12, 20.116799999999998, -0.214]
    >>> parse_stationing("1,0 + 2230")  # a hectometre of 2,230 m
    3.23
    """
    given = text if len(text) <= _LONGEST else ""
    if match := _HECTOMETRE.fullmatch(given):
        metres = int(match["km"]) * 1000 + int(match["hm"]) * 100 + _number(match["m"])
        # "-0,0 + 46" would be before the origin and "-" on the metres alone likewise.
        return _signed(metres / 1000, match["sign"] + match["minus"])
    if match := _PLUS.fullmatch(given):
        return _signed((int(match["km"]) * 1000 + _number(match["m"])) / 1000, match["sign"])
    match = _MILES.fullmatch(given)
    if match and _number(match["ch"]) < _CHAINS_A_MILE:
        metres = int(match["mi"]) * MILE_M + _number(match["ch"]) * CHAIN_M
        return _signed(metres / 1000, match["sign"])
    if match := _PLAIN.fullmatch(given):
        unit = (match["unit"] or "km").lower()
        metres_a_unit = 1000.0 if unit == "km" else 1.0 if unit == "m" else MILE_M
        value = _number(match["value"])
        return _signed(value if unit == "km" else value * metres_a_unit / 1000, match["sign"])
    msg = f"{text[:_LONGEST]!r} is no stationing"
    raise InvalidNoun(
        msg, remedy="write 12.345, 12+345, 12m34ch or 12,3 + 45", value=text[:_LONGEST]
    )


def write_stationing(km: float, stationing: Stationing = "12.345") -> str:
    """Write an official kilometre, to the metre or the chain.

    Parameters
    ----------
    km : float
        Kilometres.
    stationing : {"12.345", "12+345", "12m34ch", "12,3 + 45"}

    Raises
    ------
    InvalidNoun
        If the way of writing is unknown.

    Examples
    --------
    >>> [write_stationing(144.175, way) for way in STATIONINGS]
    ['144.175', '144+175', '89m47ch', '144,1 + 75']
    >>> write_stationing(-0.214, "12,3 + 45"), write_stationing(-0.214, "12+345")
    ('-0,2 + -14', '-0+214')
    """
    if stationing not in STATIONINGS:
        msg = f"stationing is {stationing!r}, expected one of {', '.join(STATIONINGS)}"
        raise InvalidNoun(msg, value=stationing)
    if not math.isfinite(km):
        msg = f"{km} is no kilometre"
        raise InvalidNoun(msg, value=km)
    if stationing == "12m34ch":
        chains = round(abs(km) * 1000 / CHAIN_M)
        sign = "-" if km < 0 and chains else ""
        return f"{sign}{chains // _CHAINS_A_MILE}m{chains % _CHAINS_A_MILE:02d}ch"
    metres = round(abs(km) * 1000)
    minus = "-" if km < 0 and metres else ""
    if stationing == "12.345":
        return f"{minus}{metres // 1000}.{metres % 1000:03d}"
    if stationing == "12+345":
        return f"{minus}{metres // 1000}+{metres % 1000:03d}"
    hectometres, past = divmod(metres, 100)
    return f"{minus}{hectometres // 10},{hectometres % 10} + {minus}{past}"


def _number(digits: str) -> float:
    return float(digits.replace(",", "."))


def _signed(km: float, signs: str) -> float:
    return -km if signs.strip("+") else km
