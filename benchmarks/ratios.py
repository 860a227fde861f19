"""Print how many times faster our lengths are, as medians of pairs taken in turn.

Run it as ``python benchmarks/ratios.py``; ``--most 65000000`` also measures that many vertices.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np
import shapely
from adapters import lengths
from pyproj import Geod
from test_lengths_bench import VERTICES, walk

from geo_routes import geodesy

GEOD = Geod(ellps="WGS84")


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Take the times and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--most", type=int, default=0)
    chosen = parser.parse_args()
    places = walk(highest_latitude=60.0)
    flat, lines = places.reshape(-1, 2), shapely.linestrings(places)
    offsets = np.arange(0, len(flat) + 1, VERTICES)
    x, y = flat.T
    by_lines, by_flat = [], []
    for _ in range(chosen.pairs):
        ours = seconds(lambda: lengths(lines))
        by_lines.append(seconds(lambda: [GEOD.geometry_length(k) for k in lines]) / ours)
        ours = seconds(lambda: geodesy.line_lengths_m(flat, offsets))
        by_flat.append(seconds(lambda: GEOD.inv(x[:-1], y[:-1], x[1:], y[1:])) / ours)
    print(f"{len(flat):,} vertices in {len(lines):,} lines, median of {chosen.pairs} pairs")
    print(f"from shapely lines: {np.median(by_lines):.1f} x the loop of Geod.geometry_length")
    print(f"from flat coordinates: {np.median(by_flat):.1f} x vectorised Geod.inv")
    for count in (20_000, 200_000, 2_000_000):
        part, ends = flat[:count], np.array([0, count])
        best = min(seconds(lambda p=part, e=ends: geodesy.line_lengths_m(p, e)) for _ in range(5))
        print(f"{count:>10,} vertices: {best * 1e3:8.2f} ms, {best / count * 1e9:.1f} ns each")
    if chosen.most:
        repeats = -(-chosen.most // len(flat))
        many = np.tile(flat, (repeats, 1))[: chosen.most]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        took = seconds(lambda: geodesy.line_lengths_m(many, np.array([0, len(many)])))
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"{len(many):,} vertices: {took:.2f} s, {more:.0f} MiB more than the coordinates")


if __name__ == "__main__":
    main()
