"""Stations near a network: they make the tracks that pass them worth more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from geo_routes import geodesy
from geo_routes.assembly.network import Network
from geo_routes.model import FloatArray

# What a station on the way is worth, in metres of main line.
_STATION_M = 500.0
_NEAR_M = 250.0


def favour(network: Network, lonlat: FloatArray) -> Network:
    """Add the worth of the stations that each chain passes.

    Parameters
    ----------
    network : Network
    lonlat : (m, 2) float64

    Returns
    -------
    Network
    """
    if len(lonlat) == 0 or len(network.tail) == 0:
        return network
    edge = network.members // 2
    chain = np.repeat(np.arange(len(network.tail)), np.diff(network.offsets))
    real = network.edge_piece[edge] >= 0
    first, last = network.edge_from[edge[real]], network.edge_to[edge[real]]
    steps = last - first
    owner = np.repeat(np.arange(len(first)), steps)
    vertex = first[owner] + np.arange(len(owner)) - (np.cumsum(steps) - steps)[owner]
    middle = (network.ecef_m[vertex] + network.ecef_m[vertex + 1]) / 2
    half_m = np.linalg.norm(network.ecef_m[vertex + 1] - network.ecef_m[vertex], axis=1) / 2
    tree = cKDTree(middle)
    places_m = geodesy.ecef_m(lonlat)
    value = network.value.copy()
    for place_m in places_m:
        near = np.array(tree.query_ball_point(place_m, _NEAR_M + float(half_m.max())), dtype=int)
        if len(near) == 0:
            continue
        off_m = _offsets_m(place_m, network.ecef_m[vertex[near]], network.ecef_m[vertex[near] + 1])
        passed = np.unique(chain[real][owner[near[off_m <= _NEAR_M]]])
        value[passed] += np.where(network.value[passed] >= 0.5 * network.length_m[passed], 1, 0) * (
            _STATION_M
        )
    return replace(network, value=value)


def _offsets_m(place_m: FloatArray, start_m: FloatArray, end_m: FloatArray) -> FloatArray:
    along = end_m - start_m
    squared = np.maximum(np.einsum("ij,ij->i", along, along), 1e-9)
    share = np.clip(np.einsum("ij,ij->i", place_m - start_m, along) / squared, 0.0, 1.0)
    return np.asarray(np.linalg.norm(start_m + share[:, None] * along - place_m, axis=1))
