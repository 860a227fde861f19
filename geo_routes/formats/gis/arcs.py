"""Circular arcs through three points → chords."""

from __future__ import annotations

import numpy as np

from geo_routes.model import FloatArray

# A chord over a quarter of a degree of an arc of 1,000 m radius is 4.4 m long and 2.4 mm off at its
# middle; GDAL is told the same.
_STEP_RAD = np.radians(0.25)
_STRAIGHT = 1e-12


def stroke(points: FloatArray) -> FloatArray:
    """Draw a circular string as a line with four vertices to a degree of arc.

    Parameters
    ----------
    points : (n, 2) or (n, 3) float64
        Every second point is the end of an arc, those between lie on them; n is odd.

    Returns
    -------
    (m, 2) or (m, 3) float64
        The given points are among them. Heights run evenly along each arc.

    Examples
    --------
    >>> quarter = np.array([[1.0, 0.0], [0.5**0.5, 0.5**0.5], [0.0, 1.0]])
    >>> line = stroke(quarter)
    >>> len(line), bool(np.allclose(np.hypot(*line.T), 1.0))
    (361, True)
    """
    arcs = range(0, len(points) - 2, 2)
    drawn = [points[:1], *(_arc(points[i], points[i + 1], points[i + 2]) for i in arcs)]
    if len(points) % 2 == 0:  # a string cut short: its last point is kept, straight on
        drawn.append(points[-1:])
    return np.concatenate(drawn)


def _arc(start: FloatArray, mid: FloatArray, end: FloatArray) -> FloatArray:
    whole = np.array_equal(start[:2], end[:2])
    if whole:
        # A full circle is given by the two ends of a diameter.
        centre = (start[:2] + mid[:2]) / 2
        turn = 2 * np.pi
    else:
        (bx, by), (cx, cy) = mid[:2] - start[:2], end[:2] - start[:2]
        double = 2.0 * (bx * cy - by * cx)
        if abs(double) <= _STRAIGHT * (cx * cx + cy * cy):
            return np.stack((mid, end))
        b2, c2 = bx * bx + by * by, cx * cx + cy * cy
        centre = start[:2] + np.array([cy * b2 - by * c2, bx * c2 - cx * b2]) / double
        turn = _angle(start, end, centre) % (2 * np.pi)
        if double < 0:
            turn -= 2 * np.pi
    to_mid = np.pi if whole else _angle(start, mid, centre) % (2 * np.pi)
    if turn < 0:
        to_mid -= 2 * np.pi
    first = _run(start, mid, centre, to_mid)
    return np.concatenate((first, _run(mid, end, centre, turn - to_mid)))


def _angle(start: FloatArray, end: FloatArray, centre: FloatArray) -> float:
    (ax, ay), (bx, by) = start[:2] - centre, end[:2] - centre
    return float(np.arctan2(ax * by - ay * bx, ax * bx + ay * by))


def _run(start: FloatArray, end: FloatArray, centre: FloatArray, turn: float) -> FloatArray:
    steps = max(int(np.ceil(abs(turn) / _STEP_RAD - 1e-9)), 1)
    share = np.arange(1, steps) / steps
    sin, cos = np.sin(share * turn), np.cos(share * turn)
    x, y = start[:2] - centre
    between = np.column_stack((x * cos - y * sin, x * sin + y * cos)) + centre
    if len(start) > 2:
        between = np.column_stack((between, start[2] + share * (end[2] - start[2])))
    return np.concatenate((between, end[None]))
