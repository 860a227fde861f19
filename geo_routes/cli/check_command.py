"""``geo-routes check``: findings and verdicts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from geo_routes import files
from geo_routes.checks import (
    check,
    choose_findings,
    figures_to_judge,
    find_namesakes,
    fix,
    fold_alike,
    judge,
    sort_findings,
)
from geo_routes.cli.inputs import input_arguments, people_options, read_inputs
from geo_routes.cli.lines import print_out
from geo_routes.cli.ranges import NumberRange
from geo_routes.cli.settings import settings_option
from geo_routes.errors import InvalidNoun
from geo_routes.formats.json_text import encode
from geo_routes.formats.route_file import Filing
from geo_routes.model import Finding
from geo_routes.report import (
    Checked,
    Stationing,
    Units,
    check_text,
    finding_row,
    findings_junit,
    findings_sarif,
    strict,
    verdict_row,
)
from geo_routes.survey import Survey, measure

_RANK = {"error": 2, "warning": 1, "note": 0}


def _codes(_context: click.Context, _option: click.Parameter, given: Sequence[str]) -> list[str]:
    names = [name.strip() for value in given for name in value.split(",") if name.strip()]
    choose_findings((), select=names)
    return names


@dataclass
class _Fixing:
    """Fixes of one file after the other, and where they are written to."""

    wanted: bool
    output: str | None
    in_place: bool
    changes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)

    def __call__(self, data: bytes, source: str) -> bytes:
        """Fix the bytes of a file; where nothing is to be written, give them as they are."""
        if not self.wanted:
            return data
        fixed = fix(data, source=source)
        self.changes[source] = fixed.changes
        target = source if self.in_place and fixed.changes else self.output
        if target is None:
            return data
        files.write_whole(target, fixed.data)
        self.written[source] = target
        return fixed.data

    def lines(self, source: str) -> list[str]:
        """Say what was, or would be, changed."""
        if not self.wanted:
            return []
        target = self.written.get(source)
        changes = self.changes[source]
        if not changes:
            said = "nothing to fix" + (f"; copied to {target}" if target else "")
        elif target:
            said = f"fixed, and written to {target}"
        else:
            said = "would be fixed by -o OUT or --in-place"
        return [f"  {said}", *(f"    - {change}" for change in changes)]


@click.command("check")
@input_arguments
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are written.",
)
@click.option(
    "--select",
    metavar="CODE",
    multiple=True,
    callback=_codes,
    help="Only these findings: codes, or beginnings such as 'declared'; several with commas.",
)
@click.option(
    "--ignore", metavar="CODE", multiple=True, callback=_codes, help="All but these findings."
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
    type=NumberRange(min=0),
    help="Largest difference that still agrees: relative for lengths [default: 0.01], absolute for "
    "shares [default: 0.02].",
)
@click.option(
    "--alignment",
    is_flag=True,
    help="Fit the alignment, and look for jumps of curvature; takes longer. A declared smallest "
    "radius asks for it by itself.",
)
@click.option(
    "--shortest-element",
    "shortest_element_m",
    type=NumberRange(min=0, min_open=True),
    metavar="M",
    help="Warn of circular curves and tangents shorter than this many metres; fits the alignment.",
)
@click.option(
    "--fix",
    "fixing",
    is_flag=True,
    help="Show what can be put right safely: duplicate vertices, gaps of up to half a metre "
    "between parts, the order of members.",
)
@click.option("-o", "--output", metavar="OUT", help="With --fix: write the fixed file there.")
@click.option("--in-place", is_flag=True, help="With --fix: overwrite the file itself.")
@settings_option
@people_options
def command(  # noqa: PLR0913 - one argument for each option
    inputs: tuple[str, ...],
    form: str,
    select: list[str],
    ignore: list[str],
    fail_on: str,
    tolerance: float | None,
    shortest_element_m: float | None,
    output: str | None,
    units: Units,
    stationing: Stationing,
    *,
    alignment: bool,
    fixing: bool,
    in_place: bool,
    as_json: bool,
) -> int:
    """Check routes, and hold their declared figures against the measured ones.

    FILE is a GeoJSON file, a folder of them, or - for standard input.
    """
    form = "json" if as_json else form
    _refuse_odd_fixing(inputs, output, fixing=fixing, in_place=in_place)
    fitted = alignment or shortest_element_m is not None
    fixes = _Fixing(wanted=fixing, output=output, in_place=in_place)
    failed: list[str] = []
    reasons: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    checked: list[Checked] = []
    for source, routes in read_inputs(
        inputs,
        verb="checking",
        failed=failed,
        reasons=reasons,
        change=fixes if fixes.wanted else None,
    ):
        surveys = [
            measure(route, figures=figures_to_judge(route, alignment=fitted)) for route in routes
        ]
        found = [
            f
            for s in surveys
            for f in check(s, tolerance=tolerance, shortest_element_m=shortest_element_m)
        ]
        everything = sort_findings([*found, *find_namesakes(surveys)])
        findings = choose_findings(everything, select=select, ignore=ignore)
        labels = tuple(s.route.label for s in surveys)
        filing = routes[0].filing
        lines = filing.data.count(b"\n") + 1 if isinstance(filing, Filing) else None
        checked.append(Checked(source=source, routes=labels, findings=findings, lines=lines))
        if form == "json":
            rows.append(_json_row(source, surveys, findings, tolerance, fixes))
        elif form == "text":
            text = check_text(
                surveys,
                fold_alike(findings),
                source=source,
                tolerance=tolerance,
                units=units,
                stationing=stationing,
            )
            text = "\n".join((text, *fixes.lines(source)))
            print_out(text if len(checked) == 1 else f"\n{text}")
    unusable = [Checked(source=s, unusable=reason) for s, reason in reasons.items()]
    if form == "json":
        every_row = [{"source": row["source"], **f} for row in rows for f in row["findings"]]
        print_out(encode(strict({"files": rows, "findings": every_row})))
    elif form == "junit":
        print_out(findings_junit([*checked, *unusable], fail_on=fail_on))
    elif form == "sarif":
        print_out(encode(strict(findings_sarif([*checked, *unusable]))))
    if failed:
        return 2
    worst = max((_RANK[f.severity] for c in checked for f in c.findings), default=-1)
    return int(worst >= _RANK[fail_on])


def _json_row(
    source: str,
    surveys: Sequence[Survey],
    findings: Sequence[Finding],
    tolerance: float | None,
    fixes: _Fixing,
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "source": source,
        "verdicts": [
            verdict_row(v, route=s.route.label)
            for s in surveys
            for v in judge(s, tolerance=tolerance)
        ],
        "findings": [finding_row(f) for f in findings],
    }
    if fixes.wanted:
        row["fixes"] = list(fixes.changes[source])
        row["written"] = fixes.written.get(source)
    return row


def _refuse_odd_fixing(
    inputs: tuple[str, ...], output: str | None, *, fixing: bool, in_place: bool
) -> None:
    if (output is not None or in_place) and not fixing:
        reason = "-o and --in-place write what --fix changes"
        raise InvalidNoun(reason, remedy="add --fix, or leave them out")
    if output is not None and in_place:
        reason = "-o and --in-place are two places for one file"
        raise InvalidNoun(reason, remedy="give one of them")
    if output is not None and (len(inputs) != 1 or os.path.isdir(inputs[0])):
        reason = "-o takes one fixed file"
        raise InvalidNoun(reason, remedy="give one FILE, or use --in-place")
    if output == files.STANDARD_STREAM:
        reason = "standard output is where the findings go"
        raise InvalidNoun(reason, remedy="name a file for the fixed one")
    if output is not None and os.path.exists(output) and os.path.samefile(inputs[0], output):
        reason = f"{output} is the input itself"
        raise InvalidNoun(reason, remedy="use --in-place to overwrite it")
    if in_place and files.STANDARD_STREAM in inputs:
        reason = "standard input cannot be overwritten"
        raise InvalidNoun(reason, remedy="use -o")
    if output is not None:
        files.check_output(output)
