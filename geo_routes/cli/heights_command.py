"""``geo-routes heights``: a route file with the heights of a raster."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click
import numpy as np

from geo_routes import files
from geo_routes.cli.inputs import read_inputs
from geo_routes.cli.lines import print_error, print_out, print_warnings, progress
from geo_routes.cli.outputs import refuse_inputs
from geo_routes.errors import GeoRoutesError, UnreadableFile, visible
from geo_routes.formats.json_text import encode
from geo_routes.formats.writing import write
from geo_routes.heights import MEMBER, sample_heights
from geo_routes.model import Finding, Route
from geo_routes.report import finding_row, strict

# No raster is better than a millimetre, and a file of whole ones is a third shorter.
_DECIMALS = 3


@click.command("heights")
@click.argument("source", metavar="FILE")
@click.option(
    "--raster",
    "rasters",
    metavar="DEM.tif",
    multiple=True,
    required=True,
    help="GeoTIFF of heights; several times for several tiles, the first that has a height counts.",
)
@click.option(
    "--height-datum",
    metavar="NAME",
    help="What the heights are counted from; by default as the rasters say, else the route.",
)
@click.option(
    "-o",
    "--output",
    metavar="OUT.geojson",
    required=True,
    help="Route file to write; - for standard output.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, in SI units.")
def command(
    source: str,
    rasters: tuple[str, ...],
    height_datum: str | None,
    output: str,
    *,
    as_json: bool,
) -> int:
    """Give the vertices of routes the heights of a raster of the ground.

    In tunnels and on bridges heights are interpolated between the portals. FILE is a GeoJSON file,
    or - for standard input.
    """
    if os.path.isdir(source):
        reason = "is a folder, and heights are given to one file at a time"
        raise UnreadableFile(reason, remedy="name a file in it", source=source)
    files.check_output(output)
    refuse_inputs((source, *rasters), output)
    failed: list[str] = []
    routes = [r for _, some in read_inputs((source,), verb="reading", failed=failed) for r in some]
    if failed or not routes:
        return 2
    try:
        sampled = _sample(routes, rasters, height_datum)
    except GeoRoutesError as error:
        print_error(error.source or source, error.reason, error.remedy)
        return 2
    if all(new.height_m is None for new in sampled):
        reason = "lies outside the rasters, or where they have no height"
        print_error(source, reason, "name the raster that covers it")
        return 2
    # A route that no raster covers keeps what it has.
    kept = [old if new.height_m is None else new for old, new in zip(routes, sampled, strict=True)]
    write(kept, output)
    found = [_new_remarks(old, new) for old, new in zip(routes, sampled, strict=True)]
    rows = [_row(new) for new in sampled]
    if not as_json:
        for remarks in found:
            print_warnings(source, remarks)
    if output != files.STANDARD_STREAM:
        everything = [finding_row(f) for remarks in found for f in remarks]
        text = "\n".join(_text(row, output) for row in rows)
        print_out(encode(strict({"routes": rows, "findings": everything})) if as_json else text)
    return 0


def _sample(
    routes: Sequence[Route], rasters: Sequence[str], height_datum: str | None
) -> list[Route]:
    sampled = []
    with progress([r.label for r in routes], verb="sampling") as labels:
        for route, _ in zip(routes, labels, strict=True):
            new = sample_heights(route, rasters, height_datum=height_datum)
            if new.height_m is not None:
                new = replace(new, height_m=np.round(new.height_m, _DECIMALS))
            sampled.append(new)
    return sampled


def _new_remarks(old: Route, new: Route) -> tuple[Finding, ...]:
    return new.remarks[len(old.remarks) :]


def _row(route: Route) -> dict[str, Any]:
    height_m = np.full(len(route.lonlat), np.nan) if route.height_m is None else route.height_m
    known = height_m[np.isfinite(height_m)]
    told = route.extra.get(MEMBER, {}) if route.height_m is not None else {}
    return {
        "id": route.id,
        "name": route.name,
        "vertices": len(height_m),
        "with_height": len(known),
        "lowest_m": float(known.min()) if len(known) else None,
        "highest_m": float(known.max()) if len(known) else None,
        "height_datum": route.height_datum,
        "interpolated_m": told.get("interpolated_m", []),
        "missing_m": told.get("missing_m", []),
    }


def _text(row: dict[str, Any], output: str) -> str:
    name = row["name"] or row["id"] or "unnamed route"
    if not row["with_height"]:
        return visible(f"{output}: {name}: no raster covers it; left as it was", most=2000)
    datum = f" ({row['height_datum']})" if row["height_datum"] else ""
    said = [
        f"{row['with_height']:,} of {row['vertices']:,} vertices have a height",
        f"{row['lowest_m']:,.1f} to {row['highest_m']:,.1f} m{datum}",
    ]
    spans = row["interpolated_m"]
    if spans:
        km = sum(b - a for a, b in spans) / 1000
        said.append(f"{km:.3f} km interpolated in {len(spans)} structure(s)")
    return visible(f"{output}: {name}: {', '.join(said)}", most=2000)
