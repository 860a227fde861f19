"""What is wrong with a route, and whether its published figures hold."""

from geo_routes.checks.codes import CODES, choose_findings
from geo_routes.checks.diagnosis import Cause, diagnose
from geo_routes.checks.findings import check, fold_alike, sort_findings
from geo_routes.checks.fixes import Fixed, fix
from geo_routes.checks.names import find_namesakes
from geo_routes.checks.verdicts import Verdict, figures_to_judge, judge, rounding, say_verdict

__all__ = [
    "CODES",
    "Cause",
    "Fixed",
    "Verdict",
    "check",
    "choose_findings",
    "diagnose",
    "figures_to_judge",
    "find_namesakes",
    "fix",
    "fold_alike",
    "judge",
    "rounding",
    "say_verdict",
    "sort_findings",
]
