"""``geo-routes import``: an OpenStreetMap extract, or loose lines, to one route file."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from geo_routes import files
from geo_routes.cli.lines import print_error, print_out, print_warnings
from geo_routes.errors import GeoRoutesError, UnusableOutput, visible
from geo_routes.formats.json_text import encode
from geo_routes.model import Axis
from geo_routes.report import finding_row, strict

if TYPE_CHECKING:
    from geo_routes.formats.osm import Extract, Imported

_COLUMN = 18


@click.command("import")
@click.argument("inputs", metavar="EXTRACT...", nargs=-1, required=True)
@click.option("-o", "--output", metavar="ROUTE.geojson", help="Route file; - for standard output.")
@click.option("--relation", metavar="ID|NAME", help="Members of this relation.")
@click.option("--way-name", metavar="NAME", help="Ways of this name, in any language.")
@click.option("--ref", metavar="REF", help="Ways of this ref, such as a line number.")
@click.option("--railway", metavar="VALUE", help="Ways of this railway=*, such as rail.")
@click.option("--usage", metavar="VALUE", help="Ways of this usage=*, such as main.")
@click.option("--highspeed", is_flag=True, help="Ways tagged highspeed=yes.")
@click.option("--from", "origin", metavar="STATION", help="Station where the line begins.")
@click.option("--to", "terminus", metavar="STATION", help="Station where the line ends.")
@click.option(
    "--axis",
    type=click.Choice(["track", "centreline"]),
    default="track",
    show_default=True,
    help="Of two tracks follow one, or the middle between both.",
)
@click.option(
    "--gap-tolerance",
    type=click.FloatRange(min=0, max=100_000),
    default=50.0,
    show_default=True,
    metavar="M",
    help="Bridge gaps up to this many metres.",
)
@click.option("--id", "route_id", help="Id of the route.")
@click.option("--name", help="Name of the route.")
@click.option("--list", "listing", is_flag=True, help="List what there is to choose from.")
@click.option("--explain", is_flag=True, help="Tell each decision with its reason.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, in SI units.")
def command(
    inputs: tuple[str, ...],
    output: str | None,
    *,
    axis: Axis,
    gap_tolerance: float,
    route_id: str | None,
    name: str | None,
    listing: bool,
    explain: bool,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - the options that say which ways, as Selection names them
) -> int:
    """Make one route of an OpenStreetMap extract, or of loose lines.

    EXTRACT is .osm.pbf, .osm, Overpass JSON or GeoJSON; further files add stations or more ways.
    """
    if output is None and not listing:
        reason = "no place for the route is named"
        raise UnusableOutput(reason, remedy="give -o ROUTE.geojson, or --list")
    if output is not None:
        _check_output(inputs, output)
    gc.enable()
    extracts, failed = _read(inputs)
    if failed or not extracts:
        return 2
    from geo_routes.formats.osm import (  # noqa: PLC0415 - scipy costs a fifth of a second
        Selection,
        import_route,
        list_extract,
        listing_text,
        merge_extracts,
    )
    from geo_routes.formats.writing import write  # noqa: PLC0415

    extract = merge_extracts(extracts)
    if listing:
        found = list_extract(extract)
        print_out(encode(strict(found)) if as_json else _plain(listing_text(found)))
        print_warnings(extract.source, extract.remarks)
        return 0
    try:
        imported = import_route(
            extract,
            Selection(**asked),
            axis=axis,
            gap_tolerance_m=gap_tolerance,
            id=route_id,
            name=name,
        )
        write(imported.route, output or files.STANDARD_STREAM)
    except GeoRoutesError as error:
        where = extract.source if error.source is None else error.source
        print_error(where, error.reason, error.remedy)
        return 2
    print_warnings(extract.source, imported.route.remarks)
    if output != files.STANDARD_STREAM:
        print_out(encode(strict(_row(imported))) if as_json else _text(imported, output, explain))
    return 0


def _read(inputs: Sequence[str]) -> tuple[list[Extract], bool]:
    from geo_routes.formats.osm import read_extract  # noqa: PLC0415

    extracts, failed = [], False
    with _telling() as tell:
        for source in inputs:
            try:
                extracts.append(read_extract(source, tell=tell))
            except GeoRoutesError as error:
                at = "" if error.feature is None else f"feature {error.feature}: "
                print_error(error.source or source, f"{at}{error.reason}", error.remedy)
                failed = True
            except MemoryError:
                print_error(source, "needs more memory than there is", "cut a smaller extract")
                failed = True
    return extracts, failed


def _check_output(inputs: Sequence[str], output: str) -> None:
    files.check_output(output)
    for source in inputs:
        try:
            same = source not in ("-", output) and os.path.samefile(source, output)
        except (OSError, ValueError):
            continue
        if same or source == output != files.STANDARD_STREAM:
            reason = "is an input too, and would be overwritten"
            raise UnusableOutput(reason, remedy="choose another name", source=output)


def _row(imported: Imported) -> dict[str, Any]:
    route = imported.route
    return {
        "routes": [
            {
                "id": route.id,
                "name": route.name,
                "length_m": _length_m(imported),
                "parts": len(route.part_starts),
                "axis": route.axis,
                "mode": route.mode,
                "stations": [s.name for s in route.stations],
                "structures": [
                    {"kind": s.kind, "name": s.name, "from_m": s.from_m, "to_m": s.to_m}
                    for s in route.structures
                ],
            }
        ],
        "decisions": [
            {
                "code": d.code,
                "reason": d.reason,
                "metres": d.metres,
                "kept": d.kept,
                "lonlat": d.lonlat,
            }
            for d in imported.decisions
        ],
        "findings": [finding_row(f) for f in route.remarks],
    }


def _length_m(imported: Imported) -> float:
    from geo_routes.chainage import lay_ruler  # noqa: PLC0415

    route = imported.route
    return lay_ruler(route.lonlat, part_starts=route.part_starts).length_m


def _text(imported: Imported, output: str | None, explain: bool) -> str:  # noqa: FBT001
    route = imported.route
    parts = len(route.part_starts)
    said = [f"{_length_m(imported) / 1000:.3f} km" + (f" in {parts} parts" if parts > 1 else "")]
    if route.stations:
        said.append(_count(len(route.stations), "station"))
    if len(route.stations) > 1:
        said[-1] += f" from {route.stations[0].name} to {route.stations[-1].name}"
    if route.structures:
        said.append(_count(len(route.structures), "structure"))
    lines = [f"{output}: {route.name}: {', '.join(said)}"]
    if explain:
        for d in imported.decisions:
            sign = "+" if d.kept else "-"
            where = "" if d.lonlat is None else f" at {d.lonlat[0]:.5f}, {d.lonlat[1]:.5f}"
            lines.append(
                f"  {sign} {d.code:<{_COLUMN}} {d.metres / 1000:9.3f} km  {d.reason}{where}"
            )
    return _plain("\n".join(lines))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _plain(text: str) -> str:
    return "\n".join(visible(line, most=2000) for line in text.split("\n"))


@contextmanager
def _telling() -> Iterator[Callable[[str], None] | None]:
    """Show how far a long reading is: on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it

    with Console(stderr=True).status("reading") as status:
        yield status.update
