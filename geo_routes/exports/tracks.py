"""Runs → the tracks of other programs: TTOBench, and running paths that TrainRuns.jl reads."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from geo_routes import files
from geo_routes.errors import InvalidNoun
from geo_routes.formats.json_text import encode
from geo_routes.model import FloatArray
from geo_routes.running_time import Run, Track
from geo_routes.version import __version__

_TTOBENCH, _RAILTOOLKIT = "1.3", "2022.05"
_KMH, _PERMILLE = 3.6, 1000.0
_NO_ID = re.compile(r"[^A-Za-z0-9_]+")


def write_ttobench(run: Run, path: str | os.PathLike[str]) -> None:
    """Write the track of a run as TTOBench has it, whole or not at all.

    Stops, speed limits and gradients by distance from the first stop; curve resistance counts as
    gradient. Speed limits are those for the middle of this train: lengthened by its length.

    Parameters
    ----------
    run : Run
    path : path-like
        ``-`` is standard output.

    Raises
    ------
    UnusableOutput
        If the place cannot be written.

    References
    ----------
    .. [1] D. Kouzoupis, I. Pendharkar, F. Corman, "TTOBench -- an Open-Source Library for Train
       Trajectory Optimization", Operations Research Forum 4 (2023) 67.
    """
    files.write_whole(path, encode(ttobench_track(run)) + b"\n")


def ttobench_track(run: Run) -> dict[str, Any]:
    """Give the track of a run as the members of a TTOBench file; see `write_ttobench`."""
    track = run.drive.track
    edges, speed, slope = _cells(track)
    label = run.survey.route.id or run.survey.route.label
    stops = [0.0, *track.edges_m[track.stops].tolist(), float(track.edges_m[-1])]
    row: dict[str, Any] = {
        "metadata": {
            "id": _NO_ID.sub("_", label).strip("_") or "route",
            "description": f"{run.survey.route.label}, for {run.train.name}",
            "created by": f"geo_routes {__version__}",
            "library version": _TTOBENCH,
        },
        "stops": {"unit": "m", "values": stops},
        "speed limits": {
            "units": {"position": "m", "velocity": "km/h"},
            "values": _changes(edges, speed),
        },
    }
    if slope.any():
        row["gradients"] = {
            "units": {"position": "m", "slope": "permil"},
            "values": _changes(edges, slope),
        }
    return row


def write_running_path(run: Run, path: str | os.PathLike[str]) -> None:
    """Write the track of a run as a running path of railtoolkit, whole or not at all.

    Rows of place, permitted speed and resistance, the last one the end; curve resistance counts as
    gradient. Stops are points of interest.

    Parameters
    ----------
    run : Run
    path : path-like
        ``-`` is standard output.

    Raises
    ------
    UnusableOutput
        If the place cannot be written.

    References
    ----------
    .. [1] railtoolkit, schema "running-path", version 2022.05, as TrainRuns.jl 1.0 reads it.
    """
    files.write_whole(path, running_path(run).encode())


def running_path(run: Run) -> str:
    """Give the text of a running path; see `write_running_path`."""
    track = run.drive.track
    edges, speed, slope = _cells(track)
    rows = [
        f"      - [ {at_m:.3f}, {kmh:.6g}, {permille:.6g} ]"
        for at_m, kmh, permille in zip(
            edges.tolist(),
            [*speed.tolist(), float(speed[-1])],
            [*slope.tolist(), float(slope[-1])],
            strict=True,
        )
    ]
    bounds = [0, *track.stops.tolist(), len(track.edges_m) - 1]
    points = [
        f"      - [ {track.edges_m[edge]:.3f}, {_text(stop.name or 'end')}, front ]"
        for stop, edge in zip(run.stops, bounds, strict=True)
    ]
    route = run.survey.route
    return "\n".join(
        [
            "%YAML 1.2",
            "---",
            "schema: https://railtoolkit.org/schema/running-path.json",
            f'schema_version: "{_RAILTOOLKIT}"',
            "paths:",
            f"  - name: {_text(route.label)}",
            f"    id: {_text(route.id or route.label)}",
            "    points_of_interest:",
            *points,
            "    characteristic_sections:",
            *rows,
            "",
        ]
    )


def _cells(track: Track) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give edges, permitted speeds in km/h and resistances in per mille, alike cells united."""
    speed = np.round(np.sqrt(2 * track.limit_w) * _KMH, 6)
    slope = np.round((track.gradient + track.curving) * _PERMILLE, 6)
    if not len(speed):
        msg = "the run has no length"
        raise InvalidNoun(msg)
    new = np.concatenate(([True], (np.diff(speed) != 0) | (np.diff(slope) != 0)))
    return np.append(track.edges_m[:-1][new], track.edges_m[-1]), speed[new], slope[new]


def _changes(edges: FloatArray, values: FloatArray) -> list[list[float]]:
    new = np.concatenate(([True], np.diff(values) != 0))
    pairs: Sequence[list[float]] = np.column_stack([edges[:-1][new], values[new]]).tolist()
    return list(pairs)


def _text(text: str) -> str:
    """Write a text in the double quotes that YAML and JSON share."""
    return json.dumps(text)
