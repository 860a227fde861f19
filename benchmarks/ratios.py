"""Print how many times faster our lengths are, as medians of pairs taken in turn.

Run it as ``python benchmarks/ratios.py``; ``--most 65000000`` also measures that many vertices.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

import numpy as np
import shapely
from adapters import lengths
from pyproj import Geod
from test_lengths_bench import LINES, VERTICES, walk

from geo_routes import geodesy
from geo_routes.model import FloatArray

GEOD = Geod(ellps="WGS84")


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(places: FloatArray, *, pairs: int) -> None:
    """Print how many times faster ours are, from shapely lines and from flat coordinates."""
    flat, lines = places.reshape(-1, 2), shapely.linestrings(places)
    offsets = np.arange(0, len(flat) + 1, VERTICES)
    x, y = flat.T
    by_lines, by_flat = [], []
    for _ in range(pairs):
        ours = seconds(lambda: lengths(lines))
        by_lines.append(seconds(lambda: [GEOD.geometry_length(k) for k in lines]) / ours)
        ours = seconds(lambda: geodesy.line_lengths_m(flat, offsets))
        by_flat.append(seconds(lambda: GEOD.inv(x[:-1], y[:-1], x[1:], y[1:])) / ours)
    print(f"  from shapely lines: {say(by_lines)} x the loop of Geod.geometry_length")
    print(f"  from flat coordinates: {say(by_flat)} x vectorised Geod.inv")


def say(ratios: list[float]) -> str:
    """Give the median, and the worst and the best beside it."""
    return f"{np.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"


def grow(flat: FloatArray) -> None:
    """Print the times of ever ten times as many vertices, the shortest of nine taken in turn."""
    counts = (20_000, 200_000, 2_000_000)
    best = dict.fromkeys(counts, np.inf)
    for _ in range(9):
        for count in counts:
            part, ends = flat[:count], np.array([0, count])
            took = seconds(partial(geodesy.line_lengths_m, part, ends))
            best[count] = min(best[count], took)
    for count, took in best.items():
        growth = f", {took / best[count // 10]:.1f} x a tenth" if count // 10 in best else ""
        print(
            f"{count:>10,} vertices: {took * 1e3:8.2f} ms, {took / count * 1e9:.1f} ns each{growth}"
        )


def measure_many(flat: FloatArray, *, count: int) -> None:
    """Print time and memory of one line of very many vertices."""
    many = np.empty((count, 2))
    for first in range(0, count, len(flat)):
        part = many[first : first + len(flat)]
        part[:] = flat[: len(part)]
    ends = np.array([0, count])
    took = seconds(lambda: geodesy.line_lengths_m(many, ends))
    # The peak of the whole process would hide what stays below an earlier peak.
    tracemalloc.start()
    geodesy.line_lengths_m(many, ends)
    more = tracemalloc.get_traced_memory()[1] / 1024**2
    tracemalloc.stop()
    print(f"{count:,} vertices: {took:.2f} s, {more:.1f} MiB more than the coordinates")


def main() -> None:
    """Take the times and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--most", type=int, default=0)
    chosen = parser.parse_args()
    print(f"{LINES * VERTICES:,} vertices in {LINES:,} lines, median of {chosen.pairs} pairs")
    for what, irregular in (("steps of 10 to 40 m", False), ("irregular steps", True)):
        print(what)
        compare(walk(highest_latitude=60.0, irregular=irregular), pairs=chosen.pairs)
    flat = walk(highest_latitude=60.0).reshape(-1, 2)
    grow(flat)
    if chosen.most:
        measure_many(flat, count=chosen.most)


if __name__ == "__main__":
    main()
