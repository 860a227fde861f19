"""Figures and findings as text for people, and as JSON, JUnit and SARIF for programs."""

from geo_routes.chainage import Stationing
from geo_routes.report.curvature_panel import PlottedRoute
from geo_routes.report.curvature_plot import curvature_svg
from geo_routes.report.curves import curves_csv, curves_row, curves_text
from geo_routes.report.figures import measure_text, route_figures
from geo_routes.report.findings import (
    check_text,
    finding_place,
    finding_row,
    findings_text,
    summary,
    verdict_row,
)
from geo_routes.report.json_values import strict
from geo_routes.report.junit import Checked, findings_junit
from geo_routes.report.sarif import findings_sarif
from geo_routes.report.saying import MILE_M, Units, say_chainage, say_length

__all__ = [
    "MILE_M",
    "Checked",
    "PlottedRoute",
    "Stationing",
    "Units",
    "check_text",
    "curvature_svg",
    "curves_csv",
    "curves_row",
    "curves_text",
    "finding_place",
    "finding_row",
    "findings_junit",
    "findings_sarif",
    "findings_text",
    "measure_text",
    "route_figures",
    "say_chainage",
    "say_length",
    "strict",
    "summary",
    "verdict_row",
]
