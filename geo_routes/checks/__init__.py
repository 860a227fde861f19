"""What is wrong with a route, and whether its published figures hold."""

from geo_routes.checks.findings import check, sort_findings
from geo_routes.checks.verdicts import Verdict, judge, say_verdict

__all__ = ["Verdict", "check", "judge", "say_verdict", "sort_findings"]
