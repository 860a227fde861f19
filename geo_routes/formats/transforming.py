"""What an importer says of the way that coordinates took into WGS 84."""

from __future__ import annotations

from geo_routes.geodesy import Transformation
from geo_routes.model import Finding


def say_transformation(chosen: Transformation) -> list[Finding]:
    """Give the remarks about a transformation: what it was, how exact, and whether it fits."""
    remarks = []
    if chosen.operation:
        remarks.append(
            say_moved(chosen.crs, chosen.operation, chosen.accuracy_m, chosen.missing_grid)
        )
    if chosen.outside_deg > 0:
        remarks.append(
            Finding(
                code="crs.outside_area",
                severity="warning",
                message=f"the coordinates lie {chosen.outside_deg:.1f} degrees outside the area of "
                f"use of {chosen.crs}",
                remedy="look at the place on the map; another system may be meant",
            )
        )
    return remarks


def say_moved(
    crs: str, operation: str, accuracy_m: float | None, missing_grid: str | None = None
) -> Finding:
    """Give the remark about one operation."""
    said = "of unknown accuracy" if accuracy_m is None else f"accurate to {accuracy_m:g} m"
    if accuracy_m == 0:
        said = "which is exact"
    better = (
        f"; the grid {missing_grid} would do better and is not installed" if missing_grid else ""
    )
    return Finding(
        code="crs.transformed",
        severity="warning" if accuracy_m is None else "note",
        message=f"coordinates were taken from {crs} to WGS 84 by {operation}, {said}{better}",
    )
