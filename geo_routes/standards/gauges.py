"""How far apart the centres of two rails are, by gauge."""

from __future__ import annotations

from geo_routes.errors import InvalidNoun
from geo_routes.standards.figures import Figure

_STANDARD_MM = 1435.0
# Between the centres of the rail heads lies a head's width more than between their inner faces.
_HEAD_MM, _LEAST_HEAD_MM, _MOST_HEAD_MM = 65.0, 60.0, 76.0
_NARROWEST_MM, _WIDEST_MM = 300.0, 3_500.0


def rail_distance_mm(gauge_mm: float | None) -> Figure:
    """Give the distance of the rail centres, over which cant is measured.

    Parameters
    ----------
    gauge_mm : float or None

    Returns
    -------
    Figure
        1,500 mm for 1,435 mm; for other gauges the gauge and one rail head, an assumption.

    Raises
    ------
    InvalidNoun
        Where the gauge is unknown, or none that rails have.
    """
    if gauge_mm is None:
        msg = "the gauge is not known, and without it no cant and no curve speed"
        raise InvalidNoun(msg, remedy="give the route its gauge_mm, or --gauge")
    if not _NARROWEST_MM <= gauge_mm <= _WIDEST_MM:
        msg = f"a gauge of {gauge_mm:g} mm is none of a railway"
        raise InvalidNoun(msg, remedy="give it in millimetres", value=gauge_mm)
    if abs(gauge_mm - _STANDARD_MM) <= 1:
        return Figure(value=1500, low=1500, high=1500, source="EN 13803:2017, 3.14")
    return Figure(
        value=gauge_mm + _HEAD_MM,
        low=gauge_mm + _LEAST_HEAD_MM,
        high=gauge_mm + _MOST_HEAD_MM,
        assumption="the gauge and the width of one rail head",
    )
