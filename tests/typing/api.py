"""The public names as a user writes them; mypy --strict has to accept this file as it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import geo_routes as gr


def lengths_km(path: Path) -> dict[str, float]:
    routes: tuple[gr.Route, ...] = gr.read(path)
    return {route.label: gr.measure(route).length_m / 1000 for route in routes}


def longest_section(survey: gr.Survey) -> gr.Section | None:
    return max(survey.sections, key=lambda section: section.length_m, default=None)


def share_of_tunnels(survey: gr.Survey) -> tuple[float, float] | None:
    low: float | None = survey.fraction("tunnel")
    return None if low is None else (low, low + 1 - survey.known_fraction)


def complain(survey: gr.Survey, *, tolerance: float) -> list[str]:
    findings: tuple[gr.Finding, ...] = gr.check(survey, tolerance=tolerance)
    verdicts: tuple[gr.Verdict, ...] = gr.judge(survey, tolerance=tolerance)
    differing = [v.reason for v in verdicts if v.outcome == "differs"]
    return [f"{f.severity}: {f.message}" for f in findings if f.severity != "note"] + differing


def make(name: str) -> gr.Route:
    ends = np.array([[139.7671, 35.6812], [139.523, 35.4437]])
    tunnel = gr.Structure(kind="tunnel", from_m=0.0, to_m=1_200.0)
    return gr.Route(
        lonlat=ends,
        name=name,
        id="made",
        mode="rail",
        status="planned",
        stations=(gr.Station(lonlat=(139.7671, 35.6812), name="A"),),
        structures=(tunnel,),
        declared=gr.Declared(length_km=34, source="made"),
    )


def stops(survey: gr.Survey) -> list[tuple[str, float]]:
    located: tuple[gr.LocatedStation, ...] = survey.stations
    return [(stop.station.name, stop.chainage_m) for stop in located]


def work(folder: Path) -> str:
    route = make("Line")
    path = folder / "made.geojson"
    gr.write(route, path)
    try:
        again: gr.Route = gr.read_one(path)
    except gr.GeoRoutesError as error:
        return f"{error.source}: {error.reason}; {error.remedy}"
    survey = gr.measure(again, figures=("length", "structures", "sections"))
    drawn: gr.RouteMap = gr.draw([survey], title="Line")
    drawn.save(folder / "made.html")
    return f"{survey.length_m:.0f} m on {gr.__version__}"
