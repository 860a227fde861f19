"""Trains and tracks of plain numbers, for tests against closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from geo_routes.running_time import Track
from geo_routes.standards import Performance


@pytest.fixture(scope="session")
def performance() -> Callable[..., Performance]:
    """Make a train that pulls its weight evenly and meets no resistance, but for what is said."""

    def make(**said: Any) -> Performance:
        plain: dict[str, Any] = {
            "length_m": 100.0,
            "mass_kg": 400e3,
            "top_speed_mps": 200.0,
            "rotating_share": 0.0,
            "resistance": (0.0, 0.0, 0.0),
            "tunnel_factor": 1.0,
            "braking_mps2": 1.0,
            "starting_effort_n": 400e3,
            "power_w": 1e12,
            "curve": np.empty((0, 2)),
            "by_acceleration": False,
        }
        return Performance(**(plain | said))

    return make


@pytest.fixture(scope="session")
def track() -> Callable[..., Track]:
    """Make a track of cells: edges, speeds in m/s, gradients, tunnels."""

    def make(
        edges_m: Any,
        speed_mps: Any,
        *,
        gradient: Any = 0.0,
        tunnel: Any = False,
        stops: Any = (),
        rotating_share: float = 0.0,
    ) -> Track:
        edges = np.asarray(edges_m, dtype=np.float64)
        n = len(edges) - 1
        limit = np.broadcast_to(np.asarray(speed_mps, dtype=np.float64), (n,)) ** 2 / 2
        slope = np.broadcast_to(np.asarray(gradient, dtype=np.float64), (n,)).copy()
        return Track(
            edges_m=edges,
            chainage_m=edges,
            limit_w=limit,
            other_w=limit,
            drag_mps2=9.80665 * slope / (1 + rotating_share),
            tunnel=np.broadcast_to(np.asarray(tunnel, dtype=bool), (n,)).copy(),
            stops=np.asarray(stops, dtype=np.int64),
            cause=np.full(n, -1),
            gradient=slope,
            curving=np.zeros(n),
        )

    return make
