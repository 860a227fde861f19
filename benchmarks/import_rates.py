"""Print how fast ways are assembled, and extracts filtered beside osmium alone.

Run it as ``python benchmarks/import_rates.py``; ``--ways 1000000`` for the full size.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import osmium

from geo_routes.assembly import Pieces, assemble, build_network, pack, through_paths
from geo_routes.assembly.pieces import same_places
from geo_routes.assembly.strands import lay_strand
from geo_routes.formats.osm import read_extract
from geo_routes.formats.osm.osmium_files import read_osmium
from geo_routes.model import FloatArray

WAYS_PER_TRACK, VERTICES = 500, 8
CROSSOVERS = 10
STEP_DEG, APART_DEG = 40 / 111_320, 4.2 / 111_320


def railways(ways: int, *, seed: int, connected: bool = False) -> tuple[FloatArray, int]:
    """Ways of double-track lines with crossovers, shuffled, half of them turned round.

    Gives coordinates (k, 8, 2) and how many lines there are. Connected ones leave the line before
    them at a switch, two thirds along it.
    """
    rng = np.random.default_rng(seed)
    lines = max(round(ways / (2 * WAYS_PER_TRACK + CROSSOVERS)), 1)
    count = WAYS_PER_TRACK * (VERTICES - 1) + 1
    index = np.arange(WAYS_PER_TRACK)[:, None] * (VERTICES - 1) + np.arange(VERTICES)
    share = np.linspace(0, 1, VERTICES)[:, None]
    made = []
    start, first_heading = np.array([10.0, 0.0]), 0.0
    for _ in range(lines):
        turn = np.convolve(rng.normal(0, 0.01, count), np.ones(30) / 30, "same")
        if not connected:
            start, first_heading = rng.uniform((-150, -60), (150, 60)), rng.uniform(0, 2 * np.pi)
        heading = first_heading + np.cumsum(turn)
        along = np.column_stack((np.cos(heading), np.sin(heading)))
        along[0] = 0.0
        track = start + np.cumsum(along, axis=0) * STEP_DEG
        along[0] = along[1]
        other = track + APART_DEG * np.column_stack((-along[:, 1], along[:, 0]))
        made += [track[index], other[index]]
        if connected:
            leave = count * 2 // 3
            start, first_heading = track[leave], float(heading[leave]) + np.radians(5)
            if abs(start[1]) > 50:
                first_heading = -np.sign(start[1]) * np.pi / 2
        for at in rng.integers(10, count - 10, CROSSOVERS).tolist():
            made.append((track[at] * (1 - share) + other[at + 3] * share)[None])
    lonlat = np.round(np.concatenate(made), 7)
    lonlat = lonlat[rng.permutation(len(lonlat))]
    turned = rng.random(len(lonlat)) < 0.5
    lonlat[turned] = lonlat[turned][:, ::-1]
    return lonlat, lines


def pieces_of(lonlat: FloatArray) -> Pieces:
    """Pack ways of equal size without a loop."""
    flat, count = lonlat.reshape(-1, 2), len(lonlat)
    return Pieces(
        lonlat=flat,
        offsets=np.arange(count + 1) * VERTICES,
        node=same_places(flat),
        value=np.ones(count),
        cost=np.ones(count),
        group=np.full(count, -1),
    )


def measure_assembly(ways: int) -> None:
    """Print ways per second: for the line through every part, and for one line of all."""
    lonlat, lines = railways(ways, seed=1)
    start = time.perf_counter()
    network = build_network(pieces_of(lonlat))
    paths = through_paths(network)
    vertices = sum(len(lay_strand(network, p.chains, ring=p.ring).vertex) for p in paths)
    took = time.perf_counter() - start
    whole = WAYS_PER_TRACK * (VERTICES - 1) + 1
    print(
        f"{len(lonlat):,} ways to {len(paths):,} lines ({lines:,} made) of "
        f"{vertices / len(paths):,.0f} vertices ({whole:,} made): {took:.1f} s, "
        f"{len(lonlat) / took:,.0f} ways/s"
    )
    one_network = railways(ways, seed=1, connected=True)[0]
    for what, some in (("in parts", lonlat), ("in one network", one_network)):
        start = time.perf_counter()
        assemble(pieces_of(some))
        took = time.perf_counter() - start
        print(
            f"  the main line of them all, all else reported, {what}: {took:.1f} s, "
            f"{len(some) / took:,.0f} ways/s"
        )
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.1f} GiB")
    few = lonlat[:20_000]
    start = time.perf_counter()
    pack(list(few))
    took = (time.perf_counter() - start) / len(few)
    print(f"  packing ways that come one by one: {took * 1e6:.1f} µs each")


def write_extract(path: Path, *, ways: int, nodes: int) -> None:
    """Write a PBF file of streets with a railway in fifteen ways."""
    rng = np.random.default_rng(2)
    places = rng.uniform((8, 47), (9, 48), (nodes, 2)).tolist()
    made = osmium.osm.mutable
    with osmium.SimpleWriter(str(path)) as writer:
        for ref, place in enumerate(places, start=1):
            tags = {"railway": "signal"} if ref % 500 == 0 else {}
            tags = {"highway": "crossing"} if ref % 20 == 1 else tags
            writer.add_node(made.Node(id=ref, location=place, tags=tags))
        for ref in range(1, ways + 1):
            first = (ref * 10) % (nodes - 20) + 1
            tags = {"highway": "residential", "name": f"Street {ref}"}
            if ref % 15 == 0:
                tags = {"railway": "rail", "name": f"Line {ref % 50}", "usage": "main"}
            writer.add_way(made.Way(id=ref, nodes=range(first, first + 10), tags=tags))


def by_osmium(path: Path) -> int:
    """Take ids, tags and places of the railways, as osmium's manual does it."""
    railway = osmium.filter.KeyFilter("railway")
    kept = []
    for thing in osmium.FileProcessor(str(path)).with_locations().with_filter(railway):
        if thing.is_way():
            places = [(n.lon, n.lat) for n in thing.nodes]
            kept.append((thing.id, dict(thing.tags), places))
    return len(kept)


def measure_filter(*, ways: int, nodes: int, pairs: int) -> None:
    """Print our speed as a share of osmium's, as the median of pairs taken in turn."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "extract.osm.pbf"
        write_extract(path, ways=ways, nodes=nodes)
        print(f"{path.stat().st_size / 1024**2:.0f} MiB of PBF, {ways:,} ways, {nodes:,} nodes")
        shares: dict[str, list[float]] = {"in one pass": [], "in two passes": []}
        for _ in range(pairs):
            start = time.perf_counter()
            theirs = by_osmium(path)
            plain = time.perf_counter() - start
            start = time.perf_counter()
            ours = read_extract(str(path))
            shares["in one pass"].append(plain / (time.perf_counter() - start))
            start = time.perf_counter()
            read_osmium(str(path), form="pbf", one_pass_bytes=0)
            shares["in two passes"].append(plain / (time.perf_counter() - start))
            assert len(ours.ways) == theirs
        for what, share in shares.items():
            print(
                f"  {what}: {np.median(share):.2f} ({min(share):.2f} to {max(share):.2f}) of the "
                "speed of osmium alone"
            )


def main() -> None:
    """Take the times and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ways", type=int, default=200_000)
    parser.add_argument("--nodes", type=int, default=3_000_000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    measure_assembly(options.ways)
    measure_filter(ways=300_000, nodes=options.nodes, pairs=options.pairs)


if __name__ == "__main__":
    main()
