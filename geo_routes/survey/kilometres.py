"""Stations and kilometre posts with official kilometres → the kilometres along the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo_routes import chainage
from geo_routes.chainage import KilometrePoint, OfficialKilometres
from geo_routes.model import Finding, Route
from geo_routes.survey.nouns import LocatedStation

# Farther off the line, a station's foot on it says little about the kilometre there.
_NEAR_M = 250.0
# More than twice round the Earth.
_MOST_KM = 100_000.0


def calibrate_route(
    route: Route, ruler: chainage.Ruler, stations: Sequence[LocatedStation]
) -> tuple[OfficialKilometres | None, list[Finding]]:
    """Calibrate the official kilometres of a route.

    Stations and posts within 250 m of the line take part; `chainage_breaks` tell where the
    kilometres jump.

    Returns
    -------
    OfficialKilometres or None, list of Finding
    """
    points = [
        KilometrePoint(name=s.station.name, chainage_m=s.chainage_m, km=s.station.chainage_km)
        for s in stations
        if s.station.chainage_km is not None and s.offset_m <= _NEAR_M
    ]
    points += _posts(route, ruler)
    beyond = [p for p in points if not abs(p.km) <= _MOST_KM]
    points = [p for p in points if abs(p.km) <= _MOST_KM]
    remarks = [
        Finding(
            code="kilometres.break",
            severity="error",
            message=f"the chainage break from km {b.back_km:g} to km {b.ahead_km:g} is at "
            f"{b.at_m:,.1f} m, outside the line of {ruler.length_m:,.1f} m, and is left out",
            remedy="correct its at_m, which is measured along the line",
        )
        for b in route.chainage_breaks
        if not 0 <= b.at_m <= ruler.length_m
    ]
    remarks += [
        Finding(
            code="kilometres.order",
            severity="error",
            message=f"the official kilometre of {p.name or 'a kilometre post'}, {p.km:g}, is none "
            "of a line on Earth; it is left out",
            remedy="give it in kilometres",
            chainage_m=p.chainage_m,
        )
        for p in beyond
    ]
    # A structure that is listed from a higher to a lower kilometre tells which way they run.
    tilt = sum((s.to_km or 0.0) - (s.from_km or 0.0) for s in route.structures)
    official = chainage.calibrate(
        points, route.chainage_breaks, length_m=ruler.length_m, rises=tilt >= 0
    )
    if official is not None:
        way = "rise" if official.rises else "fall"
        remarks += [
            Finding(
                code="kilometres.order",
                severity="error",
                message=f"the official kilometre of {p.name or 'a kilometre post'}, {p.km:g}, "
                f"does not fit those around it, which {way} along the line; it is left out",
                remedy="correct it, or give the chainage_breaks where the kilometres jump",
                chainage_m=p.chainage_m,
            )
            for p in official.points
            if not p.fits
        ]
    return official, [replace(r, route=route.label) for r in remarks]


def _posts(route: Route, ruler: chainage.Ruler) -> list[KilometrePoint]:
    told = [p for p in route.km_posts if p.chainage_km is not None]
    if not told:
        return []
    places = chainage.locate(ruler, [p.lonlat for p in told])
    nearest = np.unique(places.point, return_index=True)[1]
    return [
        KilometrePoint(name=p.name, chainage_m=at_m, km=p.chainage_km)
        for p, at_m, off_m in zip(
            told,
            places.chainage_m[nearest].tolist(),
            places.offset_m[nearest].tolist(),
            strict=True,
        )
        if p.chainage_km is not None and off_m <= _NEAR_M
    ]
