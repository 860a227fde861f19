"""``geo-routes check``: findings and verdicts."""

from __future__ import annotations

from typing import Any

import click

from geo_routes.checks import check, judge, sort_findings
from geo_routes.cli.inputs import input_arguments, people_options, read_inputs
from geo_routes.cli.lines import print_out
from geo_routes.formats.json_text import encode
from geo_routes.model import Finding
from geo_routes.report import (
    Stationing,
    Units,
    check_text,
    finding_row,
    strict,
    verdict_row,
)
from geo_routes.survey import measure

_RANK = {"error": 2, "warning": 1, "note": 0}


@click.command("check")
@input_arguments
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How findings are written.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "error"]),
    default="error",
    show_default=True,
    help="Exit with 1 from this severity on.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    help="Largest difference that still agrees: relative for lengths [default: 0.01], absolute for "
    "shares [default: 0.02].",
)
@people_options
def command(
    inputs: tuple[str, ...],
    form: str,
    fail_on: str,
    tolerance: float | None,
    units: Units,
    stationing: Stationing,
    *,
    as_json: bool,
) -> int:
    """Check routes, and hold their declared figures against the measured ones.

    FILE is a GeoJSON file, a folder of them, or - for standard input.
    """
    failed: list[str] = []
    rows: list[dict[str, Any]] = []
    found: list[Finding] = []
    first = True
    for source, routes in read_inputs(inputs, verb="checking", failed=failed):
        surveys = [measure(route) for route in routes]
        findings = sort_findings(f for s in surveys for f in check(s, tolerance=tolerance))
        found += findings
        if as_json or form == "json":
            verdicts = [
                verdict_row(v, route=s.route.label)
                for s in surveys
                for v in judge(s, tolerance=tolerance)
            ]
            rows.append(
                {
                    "source": source,
                    "verdicts": verdicts,
                    "findings": [finding_row(f) for f in findings],
                }
            )
            continue
        text = check_text(
            surveys,
            findings,
            source=source,
            tolerance=tolerance,
            units=units,
            stationing=stationing,
        )
        print_out(text if first else f"\n{text}")
        first = False
    if as_json or form == "json":
        everything = [{"source": row["source"], **f} for row in rows for f in row["findings"]]
        print_out(encode(strict({"files": rows, "findings": everything})))
    if failed:
        return 2
    return 1 if any(_RANK[f.severity] >= _RANK[fail_on] for f in found) else 0
