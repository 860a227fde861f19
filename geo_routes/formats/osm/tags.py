"""What OSM's tags say: kinds of track, structures, speeds, gauges, positions."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from geo_routes.model import Status, StructureKind

# https://wiki.openstreetmap.org/wiki/Key:railway : what trains run on, or are to run on.
TRACKS = (
    *("rail", "light_rail", "subway", "tram", "monorail", "narrow_gauge", "funicular"),
    *("preserved", "miniature"),
)
UNBUILT: Mapping[str, Status] = {
    "construction": "construction",
    "proposed": "proposed",
    "planned": "planned",
    "disused": "closed",
    "abandoned": "closed",
    "razed": "closed",
    "dismantled": "closed",
}
_SERVICE = ("siding", "yard", "spur", "crossover")
# https://wiki.openstreetmap.org/wiki/Key:usage
_USAGE_WORTH = {"main": 1.0, "branch": 0.9}
_OTHER_USAGE_WORTH = 0.4
_UNSAID_WORTH = 0.85
_SERVICE_WORTH, _CROSSOVER_WORTH = 0.1, 0.0
_SERVICE_COST, _CROSSOVER_COST = 3.0, 6.0

KMH_PER_MPH = 1.609344
KM_PER_MILE = 1.609344
_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph)?")
_POSITION = re.compile(r"(?:(mi|pkm|km):\s*)?(-?\d+(?:[.,]\d+)?)\s*(mi|km)?")
_METRES = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*m?")
_MAGLEV = re.compile(r"maglev|transrapid|磁浮|磁悬浮|リニア|자기부상", re.IGNORECASE)


def is_yes(value: str | None) -> bool:
    """Tell whether a tag says that something is there."""
    return value is not None and value.strip().lower() not in ("", "no", "false", "0", "none")


def worth_and_cost(tags: Mapping[str, str]) -> tuple[float, float]:
    """Give what a metre of a way is worth to a line, and what it costs to pass along.

    Examples
    --------
    >>> worth_and_cost({"railway": "rail", "service": "yard"})
    (0.1, 3.0)
    """
    service = tags.get("service")
    if service == "crossover":
        return _CROSSOVER_WORTH, _CROSSOVER_COST
    if service in _SERVICE:
        return _SERVICE_WORTH, _SERVICE_COST
    usage = tags.get("usage")
    if usage is None:
        return (1.0 if is_yes(tags.get("highspeed")) else _UNSAID_WORTH), 1.0
    return _USAGE_WORTH.get(usage, _OTHER_USAGE_WORTH), 1.0


def structure_kinds(tags: Mapping[str, str]) -> tuple[StructureKind, ...]:
    """Give the structures that a whole way is.

    Examples
    --------
    >>> structure_kinds({"bridge": "viaduct", "covered": "yes"})
    ('viaduct',)
    """
    kinds: list[StructureKind] = []
    bridge = tags.get("bridge")
    if is_yes(tags.get("tunnel")):
        kinds.append("tunnel")
    elif is_yes(tags.get("covered")) and not is_yes(bridge):
        # Roofed over from portal to portal, though nothing was bored.
        kinds.append("tunnel")
    if is_yes(bridge):
        kinds.append("viaduct" if bridge == "viaduct" else "bridge")
    if is_yes(tags.get("cutting")):
        kinds.append("cutting")
    if is_yes(tags.get("embankment")):
        kinds.append("embankment")
    return tuple(kinds)


def structure_name(tags: Mapping[str, str], kind: StructureKind, *, line_name: str) -> str:
    """Give the name of the structure that a way is; the line's own name is none."""
    prefix = "tunnel" if kind == "tunnel" else "bridge" if kind in ("bridge", "viaduct") else kind
    said = tags.get(f"{prefix}:name")
    if said:
        return said
    own = tags.get("name", "")
    return own if own != line_name and kind in ("tunnel", "bridge", "viaduct") else ""


def speed_kmh(value: str | None) -> float | None:
    """Read a ``maxspeed``; of several the lowest, None where it is no number.

    Examples
    --------
    >>> speed_kmh("60 mph"), speed_kmh("120;100"), speed_kmh("signals")
    (96.56064, 100.0, None)
    """
    speeds = []
    for part in (value or "").split(";"):
        match = _SPEED.fullmatch(part.strip())
        if match:
            speeds.append(float(match[1]) * (KMH_PER_MPH if match[2] == "mph" else 1.0))
    return min(speeds, default=None)


def speeds_kmh(tags: Mapping[str, str], *, turned: bool) -> tuple[float | None, float | None]:
    """Give the permitted speed along the line and against it.

    Parameters
    ----------
    tags : mapping
    turned : bool
        Whether the way was drawn against the line.
    """
    both = speed_kmh(tags.get("maxspeed"))
    forward = speed_kmh(tags.get("maxspeed:forward"))
    backward = speed_kmh(tags.get("maxspeed:backward"))
    along, against = (backward, forward) if turned else (forward, backward)
    return (both if along is None else along), (both if against is None else against)


def gauges_mm(tags: Mapping[str, str]) -> tuple[float, ...]:
    """Read ``gauge``, of which there may be several.

    Examples
    --------
    >>> gauges_mm({"gauge": "1435;1520"}), gauges_mm({"gauge": "standard"})
    ((1435.0, 1520.0), ())
    """
    found = []
    for part in tags.get("gauge", "").split(";"):
        text = part.strip()
        if text.isascii() and text.replace(".", "", 1).isdigit() and float(text) > 0:
            found.append(float(text))
    return tuple(found)


def position_km(tags: Mapping[str, str]) -> float | None:
    """Read the official kilometre of a point.

    Examples
    --------
    >>> position_km({"railway:position": "12,3"}), position_km({"railway:position": "mi:10"})
    (12.3, 16.09344)
    """
    for tag in ("railway:position:exact", "railway:position"):
        match = _POSITION.fullmatch(tags.get(tag, "").strip())
        if match:
            number = float(match[2].replace(",", "."))
            return number * (KM_PER_MILE if "mi" in (match[1], match[3]) else 1.0)
    return None


def height_m(tags: Mapping[str, str]) -> float | None:
    """Read ``ele``."""
    match = _METRES.fullmatch(tags.get("ele", "").strip())
    value = float(match[1].replace(",", ".")) if match else math.nan
    return value if math.isfinite(value) else None


def mode_of(tags: Mapping[str, str]) -> str | None:
    """Give the mode of a way in the route file's words."""
    railway = tags.get("railway")
    if railway in UNBUILT:
        railway = tags.get(str(railway), "rail")
    if railway == "monorail":
        said = " ".join(tags.get(k, "") for k in ("monorail", "name", "name:en", "name:de"))
        return "maglev" if _MAGLEV.search(said) else "monorail"
    if railway == "rail":
        return "high_speed_rail" if is_yes(tags.get("highspeed")) else "rail"
    return {"subway": "metro", "narrow_gauge": "rail", "preserved": "rail"}.get(
        railway or "", railway
    )


def languages(tags: Mapping[str, str]) -> dict[str, str]:
    """Give the names by language.

    Examples
    --------
    >>> languages({"name": "Wien", "name:en": "Vienna", "name:etymology:wikidata": "Q1"})
    {'en': 'Vienna'}
    """
    return {
        k[5:]: v
        for k, v in tags.items()
        if k.startswith("name:") and ":" not in k[5:] and v and not k.endswith(":signed")
    }
