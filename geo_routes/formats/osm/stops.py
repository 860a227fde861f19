"""Points of an extract → the stations of a line, and its kilometre posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo_routes import chainage, geodesy
from geo_routes.chainage import Ruler
from geo_routes.errors import UnusableInput
from geo_routes.formats.osm.extract import Extract, Point
from geo_routes.formats.osm.tags import height_m, languages, position_km
from geo_routes.model import Station

NEAR_M = 250.0
_POST_NEAR_M = 30.0
# Points of one name so far apart along the line are two places.
_ONE_PLACE_M = 1500.0
_RANK = {"station": 0, "halt": 1, "tram_stop": 2, "stop": 3}
_STOP_RANK = 4
_CITY = ("subway", "tram", "light_rail", "monorail")
# A station's point may stand on its building: past this, a point on the track is a better one.
_ON_LINE_M = 100.0


def is_station(point: Point) -> bool:
    """Tell whether a point is a place where trains stop, and says which."""
    tags = point.tags
    if not tags.get("name"):
        return False
    if not point.is_osm:
        return True
    if tags.get("station") == "subway" and "railway" not in tags:
        return True
    return tags.get("railway") in _RANK or tags.get("public_transport") in (
        "station",
        "stop_position",
    )


def station_points(extract: Extract) -> list[Point]:
    """Give the points of an extract that are stations."""
    return [point for point in extract.points if is_station(point)]


def find_station(extract: Extract, name: str) -> Point:
    """Find a station by its name in any language.

    Raises
    ------
    UnusableInput
        If there is none.
    """
    wanted = name.strip().casefold()
    found = [
        point
        for point in station_points(extract)
        if wanted
        in {v.casefold() for k, v in point.tags.items() if k == "name" or k.startswith("name:")}
    ]
    if not found:
        import difflib  # noqa: PLC0415 - only the slip pays for it

        known = sorted({p.tags["name"] for p in station_points(extract)})
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]}?" if near else "see --list for the stations"
        reason = f"has no station {name[:60]!r}"
        raise UnusableInput(reason, remedy=remedy, source=extract.source)
    return min(found, key=_rank)


def serves(point: Point, railway: str | None) -> bool:
    """Tell whether a stop is one for trains of a kind: trams do not call at a station's platforms.

    Parameters
    ----------
    point : Point
    railway : str, optional
        Value of that tag on most of the line; None where it is unknown.
    """
    if railway is None or not point.is_osm:
        return True
    tags = point.tags
    street = railway in ("tram", "light_rail")
    if tags.get("railway") == "tram_stop":
        return street
    kind = tags.get("station")
    if kind in ("subway", "light_rail", "monorail", "funicular"):
        return kind == railway or (kind == "light_rail" and street)
    vehicles = [
        k for k in ("train", "subway", "tram", "light_rail", "monorail") if tags.get(k) == "yes"
    ]
    if not vehicles:
        return True
    return (railway if railway in vehicles else "train" if railway not in _CITY else "") in vehicles


def make_stations(
    points: Sequence[Point],
    ruler: Ruler,
    *,
    members: Mapping[str, int],
    railway: str | None = None,
) -> tuple[Station, ...]:
    """Give the stations on a line, in order, each once.

    Parameters
    ----------
    points : sequence of Point
    ruler : Ruler
        Of the line.
    members : mapping
        Points that a relation names: they need not be near.
    railway : str, optional
        Kind of the line, as its tag says.

    Returns
    -------
    tuple of Station
    """
    named = [p for p in points if is_station(p) and (p.id in members or serves(p, railway))]
    if any(p.id in members for p in named):
        named = [p for p in named if p.id in members]
    if not named:
        return ()
    found = chainage.locate(ruler, np.array([p.lonlat for p in named]))
    _, first = np.unique(found.point, return_index=True)
    at_m, off_m = found.chainage_m[first], found.offset_m[first]
    places: list[tuple[str, float, list[tuple[float, int]]]] = []
    for i in np.argsort(at_m, kind="stable").tolist():
        point, name = named[i], named[i].tags["name"].strip()
        if off_m[i] > NEAR_M and point.id not in members:
            continue
        score = _rank(point) + (10 if off_m[i] > _ON_LINE_M else 0) + off_m[i] / 1e6
        for known, place_m, candidates in places:
            if known.casefold() == name.casefold() and abs(at_m[i] - place_m) <= _ONE_PLACE_M:
                candidates.append((float(score), i))
                break
        else:
            places.append((name, float(at_m[i]), [(float(score), i)]))
    chosen = sorted((min(c)[1] for _, _, c in places), key=lambda i: float(at_m[i]))
    return tuple(_station(named[i], seq) for seq, i in enumerate(chosen, start=1))


def kilometre_posts(points: Sequence[Point], ruler: Ruler) -> list[dict[str, Any]]:
    """Give the official kilometres that stand along a line, with the chainage of each.

    Parameters
    ----------
    points : sequence of Point
    ruler : Ruler

    Returns
    -------
    list of dict
        ``at_m`` and ``km``, by chainage.
    """
    posts = [(p, km) for p in points if (km := position_km(p.tags)) is not None]
    if not posts:
        return []
    found = chainage.locate(ruler, np.array([p.lonlat for p, _ in posts]))
    _, first = np.unique(found.point, return_index=True)
    rows = {
        (round(float(found.chainage_m[i]), 3), km)
        for i, (_, km) in zip(first.tolist(), posts, strict=True)
        if found.offset_m[i] <= _POST_NEAR_M
    }
    return [{"at_m": at_m, "km": km} for at_m, km in sorted(rows)]


def _rank(point: Point) -> int:
    return _RANK.get(point.tags.get("railway", ""), _STOP_RANK)


def _station(point: Point, seq: int) -> Station:
    tags = point.tags
    longitude, latitude = point.lonlat
    geodesy.check_lonlat(np.array([[longitude, latitude]]))
    extra = {k: tags[k] for k in ("railway:ref", "uic_ref", "ref", "operator") if k in tags}
    if point.is_osm:
        extra["osm"] = point.id
    return Station(
        lonlat=point.lonlat,
        name=tags["name"],
        names=languages(tags),
        height_m=height_m(tags),
        seq=seq,
        chainage_km=position_km(tags),
        source="OpenStreetMap contributors" if point.is_osm else None,
        extra=extra,
    )
