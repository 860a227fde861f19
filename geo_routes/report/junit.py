"""Findings as JUnit XML, for the test reports of build servers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from geo_routes.errors import visible
from geo_routes.model import Finding
from geo_routes.report.findings import finding_place

_RANK = {"note": 0, "warning": 1, "error": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One file that was checked, or that could not be.

    ``unusable`` is the reason why a file could not be checked; then it has no routes. ``lines`` is
    how many lines of text the file has.
    """

    source: str
    routes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    unusable: str | None = None
    lines: int | None = None


def findings_junit(files: Sequence[Checked], *, fail_on: str) -> bytes:
    """Write findings as JUnit XML.

    Parameters
    ----------
    files : sequence of Checked
    fail_on : {"warning", "error"}
        From this severity on a finding is a failure; what is below stands in ``system-out``.

    Returns
    -------
    bytes
        UTF-8; one test suite a file, one test case a route, and one a failure.
    """
    root = ET.Element("testsuites")
    for number, checked in enumerate(files):
        root.append(_suite(checked, number, fail_on))
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _suite(checked: Checked, number: int, fail_on: str) -> ET.Element:
    failing = [f for f in checked.findings if _RANK[f.severity] >= _RANK[fail_on]]
    lesser = [f for f in checked.findings if _RANK[f.severity] < _RANK[fail_on]]
    name = _token(checked.source)
    labels = checked.routes or (() if checked.unusable else (name,))
    suite = ET.Element(
        "testsuite",
        name=name,
        package="geo-routes",
        id=str(number),
        tests=str(len(labels) + len(failing) + (checked.unusable is not None)),
        failures=str(len(failing)),
        errors=str(int(checked.unusable is not None)),
        time="0",
        timestamp=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        hostname="localhost",
    )
    ET.SubElement(suite, "properties")
    for label in labels:
        ET.SubElement(suite, "testcase", name=_token(label), classname=name, time="0")
    for finding in failing:
        title = _token(f"{finding.code}{finding_place(finding)} {finding.route or ''}")
        case = ET.SubElement(suite, "testcase", name=title, classname=name, time="0")
        failure = ET.SubElement(
            case, "failure", message=visible(finding.message, most=2000), type=finding.code
        )
        failure.text = visible(_line(finding), most=4000)
    if checked.unusable is not None:
        case = ET.SubElement(suite, "testcase", name="read", classname=name, time="0")
        reason = visible(checked.unusable, most=2000)
        ET.SubElement(case, "error", message=reason, type="unusable").text = reason
    ET.SubElement(suite, "system-out").text = "\n".join(
        visible(_line(f), most=4000) for f in lesser
    )
    ET.SubElement(suite, "system-err")
    return suite


def _line(finding: Finding) -> str:
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    about = f" [{finding.route}]" if finding.route else ""
    place = finding_place(finding)
    return f"{finding.severity} {finding.code}{place}{about}: {finding.message}{remedy}"


def _token(text: str) -> str:
    """Give text as an XML token: no line breaks, no spaces at the ends, not empty."""
    return " ".join(visible(text, most=300).split()) or "-"
