"""One run of a train over a line: its times, legs, speeds and energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Unpack

import numpy as np

from geo_routes.errors import InvalidNoun
from geo_routes.model import Finding, FloatArray
from geo_routes.running_time.energy import Energy, reckon_energy
from geo_routes.running_time.motion import Motion, drive
from geo_routes.running_time.stops import Stop, Ways, choose_stops, ways_of
from geo_routes.running_time.track import Track, lay_track
from geo_routes.running_time.traction import TractionBands, lay_bands
from geo_routes.speed import PermittedSpeed, SpeedOptions, permit_speed
from geo_routes.standards import End, Limits, Performance, Train
from geo_routes.survey import Survey

_HUNDRED_KM_M = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a timetable adds to the minimum running time.

    Parameters
    ----------
    share : float
        Of the minimum running time.
    s_per_m : float
        Of the way.
    """

    share: float = 0.0
    s_per_m: float = 0.0

    def __post_init__(self) -> None:
        """Refuse an allowance that takes time away."""
        if not (0 <= self.share <= 10 and 0 <= self.s_per_m <= 1):
            msg = "an allowance is 0 or more"
            raise InvalidNoun(msg, remedy="give it as 5% or 3min/100km")

    def of(self, minimum_s: float, way_m: float) -> float:
        """Give the allowance of a run, seconds."""
        return self.share * minimum_s + self.s_per_m * way_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A run from one stop to the next.

    Parameters
    ----------
    origin, terminus : str
    from_m, to_m : float
        Chainages.
    way_m : float
        Distance run: that of the chainages, or of the official kilometres of a sketch.
    minimum_s, low_s, high_s : float
        Driving time without dwell, and its range.
    """

    origin: str
    terminus: str
    from_m: float
    to_m: float
    way_m: float
    minimum_s: float
    low_s: float
    high_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drive:
    """The motion over a track at one end of the ranges.

    Parameters
    ----------
    train : Performance
    track : Track
    bands : TractionBands
    motion : Motion
    seconds : (n,) float64
        Of each piece of the motion.
    stop_s : float
        What starting and stopping cost beyond the motion, where accelerations build up.
    """

    train: Performance
    track: Track
    bands: TractionBands
    motion: Motion
    seconds: FloatArray
    stop_s: float

    @property
    def minimum_s(self) -> float:
        """Driving time of the whole run."""
        return float(self.seconds.sum()) + self.stop_s * (len(self.track.stops) + 1)

    @property
    def leg_s(self) -> FloatArray:
        """Driving time of each leg."""
        bounds = np.concatenate(([0], self.track.stops, [len(self.track.limit_w)]))
        leg = np.searchsorted(bounds, self.motion.cell, side="right") - 1
        spent = np.bincount(leg, weights=self.seconds, minlength=len(bounds) - 1)
        return np.asarray(spent + self.stop_s)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """A run of a train over a line.

    Parameters
    ----------
    survey : Survey
    train : Train
    limits : Limits
    permitted : PermittedSpeed
    stops : tuple of Stop
        Where it begins, stops and ends.
    legs : tuple of Leg
    minimum_s, low_s, high_s : float
        Driving time without dwell and allowance, and its range by the ranges of all inputs.
    allowance_s, dwell_s : float
    distance : {"line", "kilometres", "declared"}
        What the way is taken from.
    drive : Drive
        The motion, as expected.
    remarks : tuple of Finding
    """

    survey: Survey
    train: Train
    limits: Limits
    permitted: PermittedSpeed
    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...]
    minimum_s: float
    low_s: float
    high_s: float
    allowance_s: float
    dwell_s: float
    distance: str
    drive: Drive
    ways: Ways | None = None
    step_m: float = 100.0
    remarks: tuple[Finding, ...] = field(default=())

    @property
    def energy(self) -> Energy:
        """What the run takes and gives back at the wheel, as expected."""
        return reckon_energy(self.drive.motion, self.drive.track, self.drive.train)

    @property
    def total_s(self) -> float:
        """Minimum running time with allowance and dwell."""
        return self.minimum_s + self.allowance_s + self.dwell_s

    @property
    def way_m(self) -> float:
        """Distance that is run."""
        return sum(leg.way_m for leg in self.legs)

    def speeds(self, *, step_m: float = 100.0) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give speed and permitted speed along the line.

        Parameters
        ----------
        step_m : float
            Longest step; the ends of all pieces of the motion are there, too.

        Returns
        -------
        chainage_m, speed_mps, permitted_mps : (n,) float64
            Where the permitted speed changes, a chainage stands twice.
        """
        motion, track = self.drive.motion, self.drive.track
        lengths = motion.to_m - motion.from_m
        counts = np.maximum(np.ceil(lengths / step_m - 1e-9), 1).astype(np.int64)
        piece = np.repeat(np.arange(len(counts)), counts + 1)
        first = np.repeat(np.cumsum(counts + 1) - (counts + 1), counts + 1)
        share = (np.arange(len(piece)) - first) / np.repeat(counts, counts + 1)
        parts = motion.part(piece).w_within(share[:, None])[:, 0]
        at_m = motion.from_m[piece] + share * lengths[piece]
        at_m = np.interp(at_m, track.edges_m, track.chainage_m)
        permitted = np.sqrt(2 * track.limit_w[motion.cell[piece]])
        speed = np.sqrt(2 * parts)
        same = np.concatenate(
            ([False], (np.diff(at_m) <= 0) & (np.diff(permitted) == 0) & (np.diff(speed) == 0))
        )
        return at_m[~same], speed[~same], permitted[~same]


def run_train(
    survey: Survey,
    train: Train,
    *,
    stops: str | Sequence[str] = "all",
    dwell_s: float = 0.0,
    allowance: Allowance | None = None,
    step_m: float = 100.0,
    **options: Unpack[SpeedOptions],
) -> Run:
    """Reckon the running time of a train.

    Parameters
    ----------
    survey : Survey
        With stations, structures and, unless it is of a sketch, the alignment; best one of
        `speed.survey_line`.
    train : Train
    stops : "all", "ends" or sequence of str
        Names of the stations at which it stops, the first and the last among them.
    dwell_s : float
        At each stop on the way.
    allowance : Allowance, optional
        What the timetable adds.
    step_m : float
        Length of the cells of one gradient, where there are heights.
    **options
        What is said of the line; see `speed.SpeedOptions`.

    Returns
    -------
    Run

    Raises
    ------
    InvalidNoun
        If train, line and stops do not fit together.
    """
    if not 0 <= dwell_s <= 86_400:
        msg = f"a dwell of {dwell_s:g} s is none"
        raise InvalidNoun(msg, value=dwell_s)
    permitted = permit_speed(survey, train, **options)
    chosen = choose_stops(survey, stops)
    ways, distance, remarks = ways_of(survey)
    drives = {
        end: _drive(survey, permitted, train, chosen, ways, end=end, step_m=step_m)
        for end in ("fast", "expected", "slow")
    }
    expected = drives["expected"]
    edges = np.concatenate(([0], expected.track.stops, [len(expected.track.limit_w)]))
    reached = expected.track.edges_m[edges]
    spent = np.column_stack([drives[end].leg_s for end in ("fast", "expected", "slow")])
    legs = tuple(
        Leg(
            origin=one.name,
            terminus=two.name,
            from_m=one.chainage_m,
            to_m=two.chainage_m,
            way_m=float(reached[i + 1] - reached[i]),
            minimum_s=float(spent[i, 1]),
            # A longer train feels hills less: not every slow end makes a run slower.
            low_s=float(spent[i].min()),
            high_s=float(spent[i].max()),
        )
        for i, (one, two) in enumerate(pairwise(chosen))
    )
    minimum_s = sum(leg.minimum_s for leg in legs)
    way_m = float(reached[-1])
    return Run(
        survey=survey,
        train=train,
        limits=permitted.limits,
        permitted=permitted,
        stops=chosen,
        legs=legs,
        minimum_s=minimum_s,
        low_s=sum(leg.low_s for leg in legs),
        high_s=sum(leg.high_s for leg in legs),
        allowance_s=(allowance or Allowance()).of(minimum_s, way_m),
        dwell_s=dwell_s * max(len(chosen) - 2, 0),
        distance=distance,
        drive=expected,
        ways=ways,
        step_m=step_m,
        remarks=(*permitted.remarks, *remarks, *_say_steep(survey, expected.track, permitted)),
    )


def _say_steep(survey: Survey, track: Track, permitted: PermittedSpeed) -> list[Finding]:
    """Warn of gradients that no line of its kind has: heights of the ground, or wrong ones."""
    heights = survey.route.height_m
    if heights is not None and np.isnan(heights).any():
        return [
            Finding(
                code="running_time.heights",
                severity="warning",
                message=f"{np.isnan(heights).sum():,} of {len(heights):,} vertices have no height, "
                "so that the line is taken as level",
                remedy="give them heights; see geo-routes heights",
                route=survey.route.label,
            )
        ]
    allowed = permitted.limits.gradient_permille
    if allowed is None or not len(track.gradient):
        return []
    cell = int(np.argmax(np.abs(track.gradient)))
    steepest = 1000 * abs(float(track.gradient[cell]))
    if steepest <= allowed.high:
        return []
    return [
        Finding(
            code="running_time.steep",
            severity="warning",
            message=f"under the train the heights rise or fall by {steepest:.0f} permille, and "
            f"lines of this standard by no more than {allowed.high:g}",
            remedy="check whether they are those of the rail; see geo-routes heights",
            route=survey.route.label,
            chainage_m=float(track.chainage_m[cell]),
        )
    ]


def _drive(
    survey: Survey,
    permitted: PermittedSpeed,
    train: Train,
    stops: Sequence[Stop],
    ways: Ways | None,
    *,
    end: End,
    step_m: float,
) -> Drive:
    does = train.at(end)
    track = lay_track(
        survey,
        permitted,
        does,
        end=end,
        begin_m=stops[0].chainage_m,
        end_m=stops[-1].chainage_m,
        stops_m=[s.chainage_m for s in stops[1:-1]],
        step_m=step_m,
        ways=ways,
    )
    return drive_track(track, does)


def drive_track(track: Track, does: Performance) -> Drive:
    """Drive a train over a track as fast as it may."""
    top_mps = max(float(np.sqrt(2 * track.limit_w.max())), does.top_speed_mps)
    bands = lay_bands(does, top_mps=top_mps)
    motion = drive(track, bands, braking_mps2=does.braking_mps2)
    stop_s = 0.0
    if does.jerk_mps3:
        pull = float(does.effort_n(np.array([0.0 + 1e-9]))[0]) / does.inertia_kg
        stop_s = (pull + does.braking_mps2) / (2 * does.jerk_mps3)
    return Drive(
        train=does,
        track=track,
        bands=bands,
        motion=motion,
        seconds=motion.seconds,
        stop_s=stop_s,
    )
