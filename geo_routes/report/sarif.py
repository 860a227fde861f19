"""Findings as SARIF 2.1.0 (OASIS), for code scanning services."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from geo_routes.errors import visible
from geo_routes.model import Finding
from geo_routes.report.junit import Checked
from geo_routes.version import __version__

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def findings_sarif(files: Sequence[Checked]) -> dict[str, Any]:
    """Give findings as the values of a SARIF log.

    Parameters
    ----------
    files : sequence of Checked

    Returns
    -------
    dict
        One run; each code is a rule, with the place of its explanation in the documentation. A
        place along a route is a logical location, and stands in the properties as chainage and
        coordinates, for a line on a map has no line number.
    """
    from geo_routes.checks import CODES  # noqa: PLC0415 - measure does without

    used = sorted({f.code for checked in files for f in checked.findings})
    rules = [_rule(code, CODES.get(code, code)) for code in used]
    index = {code: i for i, code in enumerate(used)}
    results = [
        _result(finding, checked, number, index[finding.code])
        for number, checked in enumerate(files)
        for finding in checked.findings
    ]
    unusable = [
        {
            "level": "error",
            "message": {"text": _text(checked.unusable)},
            "locations": [_file_location(checked, number)],
        }
        for number, checked in enumerate(files)
        if checked.unusable is not None
    ]
    invocation: dict[str, Any] = {"executionSuccessful": not unusable}
    if unusable:
        invocation["toolExecutionNotifications"] = unusable
    run = {
        "tool": {
            "driver": {
                "name": "geo-routes",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": rules,
            }
        },
        "invocations": [invocation],
        "artifacts": [{"location": {"uri": _uri(checked.source)}} for checked in files],
        "results": results,
        "columnKind": "unicodeCodePoints",
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, meaning: str) -> dict[str, Any]:
    anchor = Finding(code=code, severity="note", message="").anchor
    where = f"docs/{anchor}"
    return {
        "id": code,
        "name": "".join(part.capitalize() for part in code.replace(".", "_").split("_")),
        "shortDescription": {"text": f"{meaning[:1].upper()}{meaning[1:]}."},
        "help": {"text": f"Explained in {where}.", "markdown": f"Explained in `{where}`."},
        "properties": {"documentation": where},
    }


def _result(finding: Finding, checked: Checked, number: int, rule: int) -> dict[str, Any]:
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    location = _file_location(checked, number)
    if finding.route:
        location["logicalLocations"] = [
            {"name": _text(finding.route), "fullyQualifiedName": _text(finding.route)}
        ]
    properties: dict[str, Any] = {}
    if finding.chainage_m is not None:
        properties["chainage_m"] = finding.chainage_m
    if finding.lonlat is not None:
        properties["lonlat"] = list(finding.lonlat)
    if finding.causes:
        properties["causes"] = list(finding.causes)
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": _text(f"{finding.message}{remedy}")},
        "locations": [location],
    }
    if properties:
        result["properties"] = properties
    return result


def _file_location(checked: Checked, number: int) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(checked.source), "index": number}}
    if checked.lines:
        # A finding is about a line on the map: in the text it is about the file as a whole.
        physical["region"] = {"startLine": 1, "endLine": checked.lines}
    return {"physicalLocation": physical}


def _uri(source: str) -> str:
    """Give a file name as a URI, relative where the name is."""
    path = PurePath(source)
    quoted = quote(path.as_posix().encode(errors="surrogateescape"), safe="/~")
    return f"file://{quoted}" if path.is_absolute() else quoted


def _text(text: str | None) -> str:
    return visible(text or "", most=4000)
