"""Made alignments: tangents, transitions and circular curves laid on the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TANGENT, TRANSITION, CURVE = 0, 1, 2
KINDS = {"tangent": TANGENT, "transition": TRANSITION, "arc": CURVE}

# WGS 84 (NGA.STND.0036, table 3.1). Not taken from the package that is being scored.
_SEMI_MAJOR_M = 6_378_137.0
_FLATTENING = 1 / 298.257223563
_E2 = _FLATTENING * (2 - _FLATTENING)

_PANEL_M = 20.0
_NODES = 6
_MOST_SWEEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What the lines of one kind are drawn from; pairs are the least and the most.

    Parameters
    ----------
    radius_m, curve_m, transition_m, tangent_m : tuple of float
        Radii and the lengths of elements.
    length_m : float
        Elements are added until the line is as long as this.
    abrupt_share : float
        Of curves without transitions.
    kink_share : float
        Of curves with a corner of 1 to 4 degrees some way behind them.
    curved_per_m : float
        Curvature from which a place counts as curved.
    """

    radius_m: tuple[float, float]
    curve_m: tuple[float, float]
    transition_m: tuple[float, float]
    tangent_m: tuple[float, float]
    length_m: float
    abrupt_share: float
    kink_share: float
    curved_per_m: float


FAMILIES = {
    "tram": Family(
        radius_m=(150, 400),
        curve_m=(40, 200),
        transition_m=(10, 50),
        tangent_m=(30, 400),
        length_m=8_000,
        abrupt_share=0.35,
        kink_share=0.04,
        curved_per_m=1 / 3_000,
    ),
    "rail": Family(
        radius_m=(300, 1_500),
        curve_m=(80, 600),
        transition_m=(40, 150),
        tangent_m=(50, 2_000),
        length_m=30_000,
        abrupt_share=0.07,
        kink_share=0.04,
        curved_per_m=1 / 10_000,
    ),
    "hsr": Family(
        radius_m=(3_350, 8_000),
        curve_m=(500, 3_000),
        transition_m=(200, 600),
        tangent_m=(500, 6_000),
        length_m=80_000,
        abrupt_share=0.07,
        kink_share=0.0,
        curved_per_m=1 / 30_000,
    ),
    "straight": Family(
        radius_m=(1, 1),
        curve_m=(1, 1),
        transition_m=(0, 0),
        tangent_m=(20_000, 20_000),
        length_m=20_000,
        abrupt_share=0.0,
        kink_share=0.0,
        curved_per_m=1 / 20_000,
    ),
}
_COMPOUND_SHARE, _REVERSE_SHARE = 0.18, 0.20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """An alignment of which everything is known.

    Parameters
    ----------
    start_lonlat : tuple of float
        Degrees.
    azimuth_rad : float
        At the start, clockwise from north.
    bounds_m : (k + 1,) float64
        Chainages of the ends of the elements.
    kinds : (k,) int64
        ``TANGENT``, ``TRANSITION`` or ``CURVE``.
    from_per_m, to_per_m : (k,) float64
        Curvature at the ends of each element, left positive, linear between.
    kinks_rad : (k,) float64
        Turn on the spot where the element begins, left positive; mostly 0.
    """

    start_lonlat: tuple[float, float]
    azimuth_rad: float
    bounds_m: FloatArray
    kinds: IntArray
    from_per_m: FloatArray
    to_per_m: FloatArray
    kinks_rad: FloatArray

    @property
    def length_m(self) -> float:
        """Length of the alignment."""
        return float(self.bounds_m[-1])

    @property
    def kink_places_m(self) -> FloatArray:
        """Chainages of the kinks."""
        return np.asarray(self.bounds_m[:-1][self.kinks_rad != 0])


def element_at(truth: Truth, chainage_m: FloatArray) -> IntArray:
    """Give the index of the element at each chainage; an end belongs to the element behind it."""
    index = np.searchsorted(truth.bounds_m, chainage_m, side="right") - 1
    return np.clip(index, 0, len(truth.kinds) - 1)


def curvature_at(truth: Truth, chainage_m: FloatArray) -> FloatArray:
    """Give the true curvature in 1/m at each chainage, left positive."""
    i = element_at(truth, chainage_m)
    along = (chainage_m - truth.bounds_m[i]) / np.diff(truth.bounds_m)[i]
    return truth.from_per_m[i] + (truth.to_per_m - truth.from_per_m)[i] * along


def draw(family: str, seed: int, *, length_m: float | None = None) -> Truth:
    """Draw an alignment of a family; one seed always gives the same.

    Parameters
    ----------
    family : str
        One of ``FAMILIES``.
    seed : int
        Every fifth starts 0.05 degrees before the antimeridian.
    length_m : float, optional
        Instead of the family's own.

    Returns
    -------
    Truth
    """
    rng = np.random.default_rng([seed, *family.encode()])
    kind = FAMILIES[family]
    if length_m is not None:
        kind = replace(kind, length_m=length_m)
    chain = _Chain(rng, kind)
    if family == "straight":
        chain.add(TANGENT, kind.length_m, 0, 0)
    else:
        chain.tangent(0.3 * kind.tangent_m[1])
        while chain.length_m < kind.length_m:
            chain.bend()
    latitude = rng.uniform(-70, 70)
    longitude = 179.95 if seed % 5 == 0 else rng.uniform(-180, 180)
    lengths_m, kinds, begins, ends, kinks = np.array(chain.rows).T
    return Truth(
        start_lonlat=(longitude, latitude),
        azimuth_rad=rng.uniform(0, 2 * np.pi),
        bounds_m=np.concatenate(([0.0], np.cumsum(lengths_m))),
        kinds=kinds.astype(np.int64),
        from_per_m=begins,
        to_per_m=ends,
        kinks_rad=kinks,
    )


class _Chain:
    """Elements as they are drawn, one behind the other."""

    def __init__(self, rng: np.random.Generator, family: Family) -> None:
        self.rng = rng
        self.family = family
        self.rows: list[tuple[float, int, float, float, float]] = []
        self.length_m = 0.0
        self._kink = 0.0

    def add(self, kind: int, length_m: float, begin: float, end: float) -> None:
        if length_m > 0:
            self.rows.append((length_m, kind, begin, end, self._kink))
            self.length_m += length_m
            self._kink = 0.0

    def tangent(self, more_m: float = 0.0) -> None:
        self.add(TANGENT, self._log_uniform(self.family.tangent_m) + more_m, 0, 0)

    def bend(self) -> None:
        """Add a curve, or two of the same or of opposite hands, and the tangent behind."""
        rng, family = self.rng, self.family
        hand = rng.choice([-1, 1])
        abrupt = rng.random() < family.abrupt_share
        form = rng.random()
        here = hand / self._log_uniform(family.radius_m)
        self._transition(0, here, abrupt=abrupt)
        self.add(CURVE, self._log_uniform(family.curve_m), here, here)
        if form < _COMPOUND_SHARE:
            then = hand / self._log_uniform(family.radius_m)
            self._transition(here, then, abrupt=abrupt)
            self.add(CURVE, self._log_uniform(family.curve_m), then, then)
            here = then
        elif form < _COMPOUND_SHARE + _REVERSE_SHARE:
            then = -hand / self._log_uniform(family.radius_m)
            self._transition(here, 0, abrupt=abrupt)
            self._transition(0, then, abrupt=abrupt)
            self.add(CURVE, self._log_uniform(family.curve_m), then, then)
            here = then
        self._transition(here, 0, abrupt=abrupt)
        self.tangent()
        if rng.random() < family.kink_share:
            self._kink = rng.choice([-1, 1]) * np.radians(rng.uniform(1, 4))
            self.tangent()

    def _transition(self, begin: float, end: float, *, abrupt: bool) -> None:
        if not abrupt:
            self.add(TRANSITION, self.rng.uniform(*self.family.transition_m), begin, end)

    def _log_uniform(self, bounds: tuple[float, float]) -> float:
        return float(np.exp(self.rng.uniform(*np.log(bounds))))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """Places of an alignment.

    Parameters
    ----------
    lonlat : (n, 2) float64
        Degrees, longitudes from -180 up to 180.
    plane_m : (n, 2) float64
        The same curvature laid on a plane, which starts along x.
    """

    lonlat: FloatArray
    plane_m: FloatArray


def trace(truth: Truth, chainage_m: FloatArray) -> Course:
    """Lay an alignment on the ellipsoid and give its places at some chainages.

    Parameters
    ----------
    truth : Truth
    chainage_m : (n,) float64
        Rising, within the alignment.

    Returns
    -------
    Course

    Notes
    -----
    A curve of geodesic curvature κ (left positive) and azimuth θ keeps

        dφ/ds = cos θ / M,   dλ/ds = sin θ / (N cos φ),   dθ/ds = tan φ sin θ / N - κ,

    with M and N the radii of curvature in the meridian and in the prime vertical. The turn by κ is
    a polynomial of s in each element and taken exactly. The latitude and the drift of the azimuth
    with the meridians, which are left, change slowly: both are swept over the whole line by Gauss
    quadrature in panels of at most 20 m until they stand still, which is soon, as the line is short
    beside the radius of the earth.
    """
    asked = np.asarray(chainage_m, dtype=np.float64)
    fill = np.arange(0.0, truth.length_m, _PANEL_M)
    knots = np.unique(np.concatenate((truth.bounds_m, asked, fill)))
    panel = _Panels(knots)
    turn = _turn_at(truth, panel.places_m, element_at(truth, (knots[:-1] + knots[1:]) / 2))
    start = np.radians(truth.start_lonlat)

    phi = np.full_like(turn, start[1])
    drift = np.zeros_like(turn)
    for _ in range(_MOST_SWEEPS):
        alpha = truth.azimuth_rad + drift - turn
        meridian_m, vertical_m = _radii_m(phi)
        new_drift = panel.running(np.tan(phi) * np.sin(alpha) / vertical_m)
        new_phi = start[1] + panel.running(np.cos(alpha) / meridian_m)
        moved = max(np.abs(new_drift - drift).max(), np.abs(new_phi - phi).max())
        phi, drift = new_phi, new_drift
        if moved < 1e-14:  # 60 nm
            break
    alpha = truth.azimuth_rad + drift - turn
    meridian_m, vertical_m = _radii_m(phi)
    latitudes = start[1] + panel.ends(np.cos(alpha) / meridian_m)
    longitudes = start[0] + panel.ends(np.sin(alpha) / (vertical_m * np.cos(phi)))
    lonlat = np.degrees(np.column_stack((longitudes, latitudes)))
    lonlat[:, 0] = (lonlat[:, 0] + 180) % 360 - 180
    plane_m = np.column_stack((panel.ends(np.cos(turn)), panel.ends(np.sin(turn))))
    at = np.searchsorted(knots, asked)
    return Course(lonlat=lonlat[at], plane_m=plane_m[at])


def _turn_at(truth: Truth, places_m: FloatArray, element: IntArray) -> FloatArray:
    """Give the turn since the start, left positive, at places (panels, nodes)."""
    lengths_m = np.diff(truth.bounds_m)
    whole = (truth.from_per_m + truth.to_per_m) / 2 * lengths_m
    before = np.cumsum(truth.kinks_rad) + np.concatenate(([0.0], np.cumsum(whole)[:-1]))
    along_m = places_m - truth.bounds_m[element, None]
    rate = ((truth.to_per_m - truth.from_per_m) / lengths_m)[element, None]
    start = truth.from_per_m[element, None]
    return np.asarray(before[element, None] + along_m * (start + along_m * rate / 2))


def _radii_m(phi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the radii of curvature in the meridian and in the prime vertical."""
    w2 = 1 - _E2 * np.sin(phi) ** 2
    vertical_m = _SEMI_MAJOR_M / np.sqrt(w2)
    return vertical_m * (1 - _E2) / w2, vertical_m


class _Panels:
    """Running integrals over a line cut into panels with Gauss-Legendre nodes."""

    def __init__(self, knots: FloatArray) -> None:
        roots, _ = np.polynomial.legendre.leggauss(_NODES)
        nodes = (roots + 1) / 2
        powers = np.arange(_NODES)
        to_polynomial = np.linalg.inv(nodes[:, None] ** powers)
        # From values at the nodes to the integral from the start of the panel to each of them.
        self._inner = (nodes[:, None] ** (powers + 1) / (powers + 1)) @ to_polynomial
        self._whole = (1 / (powers + 1)) @ to_polynomial
        self._widths_m = np.diff(knots)
        self.places_m = knots[:-1, None] + self._widths_m[:, None] * nodes

    def ends(self, values: FloatArray) -> FloatArray:
        """Integrate from the start of the line to each knot."""
        return np.concatenate(([0.0], np.cumsum(self._widths_m * (values @ self._whole))))

    def running(self, values: FloatArray) -> FloatArray:
        """Integrate from the start of the line to each node."""
        inside = self._widths_m[:, None] * (values @ self._inner.T)
        return np.asarray(self.ends(values)[:-1, None] + inside)
