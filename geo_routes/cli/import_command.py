"""``geo-routes import``: files of other forms → one route file."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from geo_routes import files
from geo_routes.cli.import_options import given_of, import_options, recipe_text
from geo_routes.cli.import_results import plain, results_row, results_text
from geo_routes.cli.lines import print_error, print_out, print_warnings
from geo_routes.cli.outputs import refuse_inputs
from geo_routes.errors import GeoRoutesError, UnusableInput, UnusableOutput
from geo_routes.formats.json_text import encode
from geo_routes.formats.reading import (
    FORM_NAMES,
    ReadOptions,
    asked_of,
    check_options,
    form_of,
    read_form,
)
from geo_routes.formats.sniffing import GIS_FORMS, Form
from geo_routes.model import Route
from geo_routes.report import strict

if TYPE_CHECKING:
    from geo_routes.assembly import Decision
    from geo_routes.formats.osm import Extract

# Forms that hold whole lines: nothing is put together of pieces.
_READY: tuple[Form, ...] = ("gpx", "gtfs", "landxml", "opendrive")
_SELECTING = ("relation", "way_name", "ref", "railway", "usage", "highspeed", "origin", "terminus")
_READING = (
    *("layer", "where", "field", "crs", "datum", "encoding", "swap_xy", "join_points"),
    *("allow_ballpark", "allow_outside", "stops", "direction", "alignment", "step_m"),
)


class _Input(NamedTuple):
    source: str
    form: Form
    data: bytes | None
    # Why its form cannot be told: said in its turn, when all inputs are read.
    error: GeoRoutesError | None = None


class _Made(NamedTuple):
    routes: tuple[Route, ...]
    decisions: tuple[Decision, ...]


@click.command("import")
@click.argument("inputs", metavar="FILE...", nargs=-1, required=True)
@click.option("-o", "--output", metavar="ROUTE.geojson", help="Route file; - for standard output.")
@import_options
@click.option("--id", "route_id", help="Id of the route.")
@click.option("--name", help="Name of the route.")
@click.option("--list", "listing", is_flag=True, help="List what there is to choose from.")
@click.option("--explain", is_flag=True, help="Tell each decision with its reason.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, in SI units.")
@click.pass_context
def command(
    context: click.Context,
    /,
    inputs: tuple[str, ...],
    output: str | None,
    *,
    listing: bool,
    explain: bool,
    as_json: bool,
    save_recipe: str | None,
    **asked: Any,  # noqa: ANN401 - what the options of import_options and two more say
) -> int:
    """Make a route file of OpenStreetMap data, a GIS file, GPX, GTFS, LandXML or loose lines.

    What a FILE is, its content tells. Pieces are put together to one route; further files add
    stations or more pieces.
    """
    _check_places((*inputs, *asked["heights"]), output, save_recipe, listing=listing)
    gc.enable()
    options = _read_options(asked)
    found = [_recognise(source) for source in inputs]
    try:
        if listing:
            return _list(found, options, as_json=as_json)
        made = _import(found, options, asked)
        if made is None:
            return 2
        made = _with_heights(made, asked["heights"], asked["height_datum"])
        from geo_routes.formats.writing import write  # noqa: PLC0415

        write(made.routes, output or files.STANDARD_STREAM)
        if save_recipe is not None:
            files.write_whole(save_recipe, recipe_text(context).encode())
    except GeoRoutesError as error:
        print_error(error.source or found[0].source, _reason(error), error.remedy)
        return 2
    for route in made.routes:
        print_warnings(found[0].source, route.remarks)
    if output != files.STANDARD_STREAM:
        print_out(
            encode(strict(results_row(*made)))
            if as_json
            else results_text(*made, output=str(output), explain=explain)
        )
    return 0


def _check_places(
    inputs: Sequence[str], output: str | None, save_recipe: str | None, *, listing: bool
) -> None:
    """Refuse a missing or unusable place for the route or the recipe, before any work."""
    if output is None and not listing:
        reason = "no place for the route is named"
        raise UnusableOutput(reason, remedy="give -o ROUTE.geojson, or --list")
    if output is not None:
        files.check_output(output)
        refuse_inputs(inputs, output)
    if save_recipe is not None:
        if save_recipe == files.STANDARD_STREAM:
            reason = "a recipe goes into a file, and standard output is for routes"
            raise UnusableOutput(reason, remedy="give --save-recipe FILE.toml")
        files.check_output(save_recipe)
        refuse_inputs((*inputs, output) if output else inputs, save_recipe)


def _with_heights(made: _Made, rasters: tuple[str, ...], height_datum: str | None) -> _Made:
    if not rasters:
        if height_datum is not None:
            reason = "--height-datum says what sampled heights are counted from, and none are"
            raise UnusableInput(reason, remedy="give --heights DEM.tif too")
        return made
    from geo_routes.heights import sample_heights  # noqa: PLC0415 - an extra

    routes = tuple(sample_heights(r, rasters, height_datum=height_datum) for r in made.routes)
    return made._replace(routes=routes)


def _read_options(asked: dict[str, Any]) -> ReadOptions:
    from geo_routes.formats.gis.asking import parse_fields  # noqa: PLC0415

    given = given_of(asked, _READING)
    if "field" in given:
        given["fields"] = parse_fields(given.pop("field"))
    if "direction" in given:
        given["direction"] = int(given["direction"])
    options: ReadOptions = given  # type: ignore[assignment]
    return options


def _recognise(source: str) -> _Input:
    try:
        return _Input(source, *form_of(source))
    except GeoRoutesError as error:
        return _Input(source, "json", None, error)


def _reason(error: GeoRoutesError) -> str:
    return error.reason if error.feature is None else f"feature {error.feature}: {error.reason}"


def _import(found: Sequence[_Input], options: ReadOptions, asked: dict[str, Any]) -> _Made | None:
    _refuse_fields(found, asked)
    ready = [i for i in found if i.form in _READY or (asked["each"] and i.form in GIS_FORMS)]
    if not ready:
        return _assemble(found, options, asked)
    if len(ready) < len(found):
        other = next(i for i in found if i not in ready)
        if other.error is not None:
            raise other.error
        reason = "holds pieces to put together, and another input holds whole lines"
        raise UnusableInput(reason, remedy="import them one by one", source=other.source)
    _refuse_selection(ready[0], asked)
    if asked["ref"] is not None:
        options["ref"] = asked["ref"]
    routes: list[Route] = []
    for source, form, data, _ in ready:
        try:
            check_options(form, options)
            routes += read_form(source, form, options=options, data=data)
        except GeoRoutesError as error:
            error.source = error.source or source
            raise
    return _Made(_named(routes, asked), ())


def _refuse_fields(found: Sequence[_Input], asked: dict[str, Any]) -> None:
    """Refuse options of GIS files where there is none among the inputs."""
    if any(i.form in GIS_FORMS or i.form in _READY or i.error is not None for i in found):
        return
    for name in given_of(asked, ("by", "each")):
        reason = f"is {FORM_NAMES.get(found[0].form, 'a file')}, which does not take --{name}"
        raise UnusableInput(reason, remedy="leave it out", source=found[0].source)


def _refuse_selection(given: _Input, asked: dict[str, Any]) -> None:
    """Refuse options of assembly where there is nothing to put together."""
    for name in given_of(asked, (*_SELECTING, "by")):
        if name == "ref" and given.form == "gtfs":
            continue
        flag = {"origin": "from", "terminus": "to"}.get(name, name).replace("_", "-")
        reason = f"holds whole lines, and --{flag} chooses among pieces"
        raise UnusableInput(reason, remedy="leave it out", source=given.source)


def _named(routes: Sequence[Route], asked: dict[str, Any]) -> tuple[Route, ...]:
    changes = {k: v for k, v in (("id", asked["route_id"]), ("name", asked["name"])) if v}
    if not changes:
        return _with_own_ids(routes)
    if len(routes) > 1:
        reason = f"{len(routes)} routes were made, and --id and --name are for one"
        raise UnusableInput(reason, remedy="choose one of them, or leave it out")
    return (replace(routes[0], **changes),)


def _assemble(found: Sequence[_Input], options: ReadOptions, asked: dict[str, Any]) -> _Made | None:
    groups = _read_groups(found, options, asked["by"])
    if groups is None:
        return None
    from geo_routes.formats.osm import (  # noqa: PLC0415 - scipy costs a fifth of a second
        Selection,
        import_route,
        merge_extracts,
    )

    selection = Selection(**{name: asked[name] for name in _SELECTING})
    routes: list[Route] = []
    decisions: list[Decision] = []
    for value, extracts in groups.items():
        try:
            imported = import_route(
                merge_extracts(extracts),
                selection,
                axis=asked["axis"],
                gap_tolerance_m=asked["gap_tolerance"],
                id=asked["route_id"],
                name=asked["name"] or value,
            )
        except UnusableInput as error:
            if value is not None:
                error.reason = f"{asked['by']} {value!r}: {error.reason}"
            raise
        routes.append(imported.route)
        decisions += imported.decisions
    return _Made(_with_own_ids(routes), tuple(decisions))


def _with_own_ids(routes: Sequence[Route]) -> tuple[Route, ...]:
    """Give routes that share an id a number besides."""
    seen: dict[str, int] = {}
    own = []
    for route in routes:
        number = seen[str(route.id)] = seen.get(str(route.id), 0) + 1
        if route.id is None or number == 1:
            own.append(route)
            continue
        new = f"{route.id}-{number}"
        stations = tuple(
            replace(s, routes=tuple(new if r == route.id else r for r in s.routes))
            for s in route.stations
        )
        own.append(replace(route, id=new, stations=stations))
    return tuple(own)


def _read_groups(
    found: Sequence[_Input], options: ReadOptions, by: str | None
) -> dict[str | None, list[Extract]] | None:
    """Read the pieces, parted by the values of a field where that is asked for."""
    groups: dict[str | None, list[Extract]] = {}
    shared: list[Extract] = []
    failed = False
    with _telling() as tell:
        for given in found:
            try:
                if given.error is not None:
                    raise given.error
                for value, extract in _extracts(given, options, by, tell):
                    target = shared if by is not None and value is None else None
                    (groups.setdefault(value, []) if target is None else target).append(extract)
            except GeoRoutesError as error:
                print_error(error.source or given.source, _reason(error), error.remedy)
                failed = True
            except MemoryError:
                print_error(given.source, "needs more memory than there is", "cut it smaller")
                failed = True
    for extracts in groups.values():
        extracts.extend(shared)
    return None if failed else groups or {None: shared}


def _extracts(
    given: _Input, options: ReadOptions, by: str | None, tell: Callable[[str], None] | None
) -> Iterator[tuple[str | None, Extract]]:
    check_options(given.form, options)
    if given.form not in GIS_FORMS:
        from geo_routes.formats.osm import read_extract  # noqa: PLC0415

        yield None, read_extract(given.source, tell=tell, data=given.data)
        return
    from geo_routes.formats import gis  # noqa: PLC0415

    asked = replace(asked_of(options), by=by)
    gathered = gis.gather_file(given.source, given.form, asked=asked, data=given.data)
    for value, part in gis.parted(gathered, by):
        yield value, gis.to_extract(part, source=given.source)


def _list(found: Sequence[_Input], options: ReadOptions, *, as_json: bool) -> int:
    from geo_routes.formats import listing  # noqa: PLC0415

    first = found[0]
    if first.form in GIS_FORMS or first.form in _READY:
        for source, form, data, error in found:
            if error is not None:
                raise error
            try:
                row, text = listing.list_form(source, form, asked=asked_of(options), data=data)
            except GeoRoutesError as refusal:
                refusal.source = refusal.source or source
                raise
            print_out(encode(strict(row)) if as_json else plain(text))
        return 0
    groups = _read_groups(found, options, None)
    if groups is None:
        return 2
    from geo_routes.formats.osm import list_extract, listing_text, merge_extracts  # noqa: PLC0415

    extract = merge_extracts([e for extracts in groups.values() for e in extracts])
    row = list_extract(extract)
    print_out(encode(strict(row)) if as_json else plain(listing_text(row)))
    print_warnings(extract.source, extract.remarks)
    return 0


@contextmanager
def _telling() -> Iterator[Callable[[str], None] | None]:
    """Show how far a long reading is: on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it

    with Console(stderr=True).status("reading") as status:
        yield status.update
