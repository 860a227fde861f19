"""What a run takes and gives back at the wheel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_routes.model import FloatArray
from geo_routes.running_time.motion import BRAKING, CRUISING, PULLING, Motion
from geo_routes.running_time.track import Track
from geo_routes.running_time.traction import NODES, WEIGHTS
from geo_routes.standards import GRAVITY_MPS2, Performance


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """Energy of a run at the wheel, joules.

    Parameters
    ----------
    traction_j : float
        Done by the traction.
    resistance_j : float
        Lost to running resistance, tunnels and curves.
    climbing_j : float
        Stored by climbing; below 0 where the line falls.
    braking_j : float
        Taken out by the brakes.
    regenerated_j : float or None
        What of the braking the train can give back: up to its regenerative power, before losses;
        None where that power is not known.
    """

    traction_j: float
    resistance_j: float
    climbing_j: float
    braking_j: float
    regenerated_j: float | None

    @property
    def imbalance(self) -> float:
        """What is left of the balance of a run from rest to rest, as a share of the traction."""
        spent = self.resistance_j + self.climbing_j + self.braking_j
        return (self.traction_j - spent) / max(self.traction_j, 1.0)


def reckon_energy(motion: Motion, track: Track, train: Performance) -> Energy:
    """Integrate the forces of a run over its way.

    Parameters
    ----------
    motion : Motion
    track : Track
    train : Performance

    Returns
    -------
    Energy
        Of all pieces. The forces are integrated over the way by Gauss and Legendre, apart from the
        motion, so that the balance is a test of it.
    """
    cell = motion.cell
    way_m = (motion.to_m - motion.from_m)[:, None] * WEIGHTS
    speed = np.sqrt(2 * motion.w_within(NODES))
    tunnel = track.tunnel[cell][:, None]
    weight_n = train.mass_kg * GRAVITY_MPS2
    resistance = train.resistance_n(speed, tunnel=tunnel)
    resistance = resistance + weight_n * track.curving[cell][:, None]
    climbing = np.broadcast_to(weight_n * track.gradient[cell][:, None], speed.shape)
    held = resistance + climbing
    braking = held - train.inertia_kg * motion.braking_mps2
    mode = motion.mode[:, None]
    # What the bands of the traction give: the train's own effort to some 1e-5 m/s² of its mass.
    level = (motion.alpha + track.drag_mps2[cell])[:, None] + motion.beta[:, None] * speed**2 / 2
    pull = train.inertia_kg * level + train.resistance_n(speed, tunnel=tunnel)
    force = np.where(mode == PULLING, pull, 0.0)
    force = np.where(mode == CRUISING, held, force)
    force = np.where(mode == BRAKING, braking, force)
    brake = np.maximum(-force, 0.0)
    regenerated_j = None
    if train.regenerative_power_w:
        most = train.regenerative_power_w / np.maximum(speed, 1e-9)
        regenerated_j = _sum(np.minimum(brake, most), way_m)
    return Energy(
        traction_j=_sum(np.maximum(force, 0.0), way_m),
        resistance_j=_sum(resistance, way_m),
        climbing_j=_sum(climbing, way_m),
        braking_j=_sum(brake, way_m),
        regenerated_j=regenerated_j,
    )


def _sum(force_n: FloatArray, way_m: FloatArray) -> float:
    return float((force_n * way_m).sum())
