"""Where a line is drawn more roughly than elsewhere."""

from __future__ import annotations

import numpy as np

from geo_routes.model import FloatArray

# Vertices that are looked at together.
_WINDOW = 21
# Turns of noisy vertices alternate: neighbours correlate by -2/3. On a curve they are of one hand.
_ALTERNATING = -0.2
_ROUGH = 4.0
_ROUGHEST = 1e3


def roughness(xy_m: FloatArray, *, sigma_m: float) -> FloatArray | None:
    """Tell how much further off than usual the vertices are, place by place.

    Parameters
    ----------
    xy_m : (n, 2) float64
        Places of a chain, none on top of the one before.
    sigma_m : float
        What a vertex is usually off.

    Returns
    -------
    (n,) float64 or None
        Multiples of `sigma_m`, 1 where it is as usual; None where it is so everywhere.

    Notes
    -----
    A vertex that is off lies beside the chord of its neighbours. Where the way it lies beside it is
    large over twenty vertices and alternates from one to the next, it is noise and no curve.
    """
    count = len(xy_m)
    if count < 2 * _WINDOW:
        return None
    before, after = xy_m[1:-1] - xy_m[:-2], xy_m[2:] - xy_m[1:-1]
    chord = before + after
    length_m = np.maximum(np.hypot(*chord.T), 1e-9)
    beside_m = (chord[:, 0] * before[:, 1] - chord[:, 1] * before[:, 0]) / length_m
    share = np.clip(np.sum(before * chord, axis=1) / length_m**2, 0.0, 1.0)
    # Three vertices off by sigma each: the middle one, and its neighbours by their shares.
    off_m = beside_m / np.sqrt(1 + share**2 + (1 - share) ** 2)
    kernel = np.ones(_WINDOW)
    square = np.convolve(off_m**2, kernel, mode="same")
    shared = np.convolve(off_m[1:] * off_m[:-1], kernel, mode="same")
    shared = np.minimum(np.append(shared, shared[-1]), np.insert(shared, 0, shared[0]))
    covered = np.convolve(np.ones_like(off_m), kernel, mode="same")
    times = np.sqrt(square / covered) / sigma_m
    rough = (times > _ROUGH) & (shared < _ALTERNATING * square)
    if not rough.any():
        return None
    found = np.ones(count)
    found[1:-1] = np.where(rough, np.clip(times, 1.0, _ROUGHEST), 1.0)
    found[0], found[-1] = found[1], found[-2]
    return found
