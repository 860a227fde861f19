"""What a survey of a route holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo_routes.alignment import (
    Alignment,
    AlignmentFigures,
    Detectable,
    sustained_radius,
)
from geo_routes.chainage import OfficialKilometres, Ruler
from geo_routes.curvature import AxisLength, Curvature, SmallestRadius, smallest_radius
from geo_routes.model import Finding, FloatArray, Route, Station, Structure, StructureKind
from geo_routes.survey.winding import Winding


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedStation:
    """A station with its place on the line.

    Parameters
    ----------
    station : Station
    chainage_m : float
        Metres from the origin of the route.
    offset_m : float
        Geodesic distance from the line, 0 or more.
    """

    station: Station
    chainage_m: float
    offset_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The stretch between two neighbouring stations.

    Parameters
    ----------
    origin, terminus : str
        Names of the stations, empty where they have none.
    from_m, to_m : float
        Chainages of the stations.
    tunnel_fraction : float or None
        Share in tunnels, a lower bound; None where nothing is known or the section has no length.
    known_fraction : float
        Share of the length whose state is known; the upper bound of the tunnel share is
        ``tunnel_fraction + 1 - known_fraction``.
    """

    origin: str
    terminus: str
    from_m: float
    to_m: float
    tunnel_fraction: float | None
    known_fraction: float

    @property
    def length_m(self) -> float:
        """Distance along the line between the two stations."""
        return self.to_m - self.from_m


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Survey:
    """One route with its measured figures.

    Parameters
    ----------
    route : Route
    chainage_m : (n,) float64
        Of each vertex; a gap between parts adds nothing.
    length_m : float
        Geodesic length on WGS 84, all parts.
    length_3d_m : float or None
        Length with the heights; None unless every vertex has one.
    length_uncertainty_m : float or None
        Half-width of the 95 % interval for the length of the true axis; None for a sketch.
    stations : tuple of LocatedStation
        By chainage.
    sections : tuple of Section
        Between neighbouring stations.
    official : OfficialKilometres or None
        The official kilometres along the line; None where no station, post or break tells one.
    structures : tuple of Structure
        Resolved, with ``0 <= from_m < to_m <= length_m``, by chainage.
    structure_length_m : mapping
        Metres of each kind that occurs, nothing counted twice.
    tunnel_length_m, tunnel_fraction : float or None
        None where nothing is known; a lower bound where ``known_fraction`` is below 1.
    known_fraction : float
        Share of the length whose state is known.
    sinuosity : float or None
        Length over the geodesic distance of the ends; None for a closed line, and where gaps
        make up more than a thousandth of it.
    curvature : Curvature or None
        Along the line; None for a sketch, and where it was not asked for.
    axis : AxisLength or None
        Length of the true axis, freed of noise and of cut corners, with its uncertainty; None for
        a sketch, and where neither curvature nor alignment was asked for.
    alignment : Alignment or None
        Tangents, transitions and circular curves; None for a sketch, and where it was not asked
        for.
    alignment_figures : AlignmentFigures or None
        What they amount to; None where nothing could be fitted.
    provable : tuple of Detectable
        The largest radii that the vertices can tell from straight, section by section.
    windings : tuple of Winding
        The most winding stretches of 1 km and of 10 km, where the line is as long.
    remarks : tuple of Finding
        What was seen while measuring.
    """

    route: Route
    chainage_m: FloatArray
    length_m: float
    length_3d_m: float | None
    length_uncertainty_m: float | None
    stations: tuple[LocatedStation, ...]
    sections: tuple[Section, ...]
    official: OfficialKilometres | None
    structures: tuple[Structure, ...]
    structure_length_m: Mapping[StructureKind, float]
    tunnel_length_m: float | None
    tunnel_fraction: float | None
    known_fraction: float
    sinuosity: float | None
    curvature: Curvature | None
    axis: AxisLength | None
    alignment: Alignment | None
    alignment_figures: AlignmentFigures | None
    provable: tuple[Detectable, ...]
    windings: tuple[Winding, ...]
    remarks: tuple[Finding, ...]

    @property
    def smallest_radius(self) -> SmallestRadius | None:
        """The smallest radius with its interval; None where nothing is known of it.

        By the circular curves of the alignment, where there is one, else by the smooth curvature.
        """
        if self.alignment is not None:
            return sustained_radius(self.alignment)
        return None if self.curvature is None else smallest_radius(self.curvature)

    @property
    def axis_sinuosity(self) -> float | None:
        """Sinuosity of the axis, freed of noise; None where `sinuosity` or `axis` is."""
        if self.sinuosity is None or self.axis is None or self.length_m == 0:
            return None
        return max(self.sinuosity * self.axis.length_m / self.length_m, 1.0)

    @property
    def ruler(self) -> Ruler:
        """The line with its chainages, for `chainage.interpolate` and `chainage.locate`."""
        return Ruler(
            lonlat=self.route.lonlat,
            part_starts=self.route.part_starts,
            chainage_m=self.chainage_m,
        )

    @property
    def gaps_m(self) -> tuple[float, ...]:
        """Chainages at which parts end that do not join."""
        line, starts = self.route.lonlat, self.route.part_starts[1:]
        apart = np.any(line[starts - 1] != line[starts], axis=1)
        return tuple(self.chainage_m[starts[apart]].tolist())

    def fraction(self, kind: StructureKind) -> float | None:
        """Give the share of a kind of structure, a lower bound; None where nothing is known."""
        if kind == "tunnel":
            return self.tunnel_fraction
        if self.length_m == 0 or self.tunnel_fraction is None:
            return None
        return self.structure_length_m.get(kind, 0.0) / self.length_m
