"""TOML → trains and limits: those of the package by name, a user's own by file."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from geo_routes import files
from geo_routes.errors import GeoRoutesError, InvalidNoun, UnreadableFile
from geo_routes.standards.figures import Figure
from geo_routes.standards.limits import Limits, MaglevLimits, RailLimits, check_table
from geo_routes.standards.trains import KMH, TractionCurve, Train

_SUFFIX = ".toml"
_MOST_BYTES = 1_000_000
# Name in a file: name of the noun, and what one of the file's unit is in SI.
_TRAIN_FIGURES = {
    "length_m": ("length_m", 1.0),
    "mass_t": ("mass_kg", 1000.0),
    "top_speed_kmh": ("top_speed_mps", 1 / KMH),
    "rotating_percent": ("rotating_share", 0.01),
    "resistance_n": ("resistance_n", 1.0),
    "resistance_n_per_mps": ("resistance_n_per_mps", 1.0),
    "resistance_n_per_mps2": ("resistance_n_per_mps2", 1.0),
    "tunnel_factor": ("tunnel_factor", 1.0),
    "braking_mps2": ("braking_mps2", 1.0),
    "starting_effort_kn": ("starting_effort_n", 1000.0),
    "power_kw": ("power_w", 1000.0),
    "tilt_deg": ("tilt_deg", 1.0),
    "jerk_mps3": ("jerk_mps3", 1.0),
    "curve_resistance_m": ("curve_resistance_m", 1.0),
    "regenerative_power_kw": ("regenerative_power_w", 1000.0),
}
_CURVES = {"effort": ("kn", 1000.0), "acceleration": ("mps2", 1.0)}
_RAIL_FIGURES = (
    *("cant_mm", "deficiency_rate_mm_per_s", "cant_rate_mm_per_s"),
    *("vertical_mps2", "gradient_permille"),
)
_MAGLEV_FIGURES = (
    *("bank_deg", "lateral_mps2", "lateral_jerk_mps3", "longitudinal_mps2"),
    *("longitudinal_jerk_mps3", "vertical_mps2", "gradient_permille"),
)
# What no train and no line goes beyond, in the units of the files: slips of a unit, mostly.
_BOUNDS = {
    "length_m": (1, 5_000),
    "mass_t": (1, 50_000),
    "top_speed_kmh": (1, 3_000),
    "rotating_percent": (0, 100),
    "resistance_n": (0, 1e7),
    "resistance_n_per_mps": (0, 1e6),
    "resistance_n_per_mps2": (0, 1e5),
    "tunnel_factor": (1, 10),
    "braking_mps2": (0.01, 20),
    "starting_effort_kn": (0.1, 1e5),
    "power_kw": (1, 1e6),
    "tilt_deg": (0, 30),
    "jerk_mps3": (0.01, 100),
    "curve_resistance_m": (0, 20),
    "regenerative_power_kw": (0, 1e6),
    "effort_factor": (0.01, 10),
    "acceleration_factor": (0.01, 10),
    "cant_mm": (0, 500),
    "deficiency_mm": (0, 1_000),
    "deficiency_rate_mm_per_s": (0.1, 1e4),
    "cant_rate_mm_per_s": (0.1, 1e4),
    "vertical_mps2": (0.001, 50),
    "gradient_permille": (0.1, 2_000),
    "bank_deg": (0, 60),
    "lateral_mps2": (0, 50),
    "lateral_jerk_mps3": (0.01, 1e3),
    "longitudinal_mps2": (0.01, 50),
    "longitudinal_jerk_mps3": (0.01, 1e3),
}
_MOST_KMH, _MOST_POINTS = 3_000.0, 1_000
_MOST_VALUES = {"effort": 1e5, "acceleration": 50.0}
_FIGURE_MEMBERS = {"value", "low", "high", "source", "assumption"}
_TEXTS = {"name", "guidance", "about"}
_Table = Mapping[str, Any]
_NOTHING_TURNS = Figure(value=0.0, low=0.0, high=0.0, source="a maglev has no wheels that turn")


def train_ids() -> tuple[str, ...]:
    """List the trains of the package."""
    return _ids("trains")


def limit_ids() -> tuple[str, ...]:
    """List the limits of the package."""
    return _ids("limits")


def read_train(name: str, *, variant: str = "") -> Train:
    """Read a train.

    Parameters
    ----------
    name : str
        One of `train_ids`, in any case, or the name of a TOML file.
    variant : str
        Which of its variants; empty for the train as it is.

    Returns
    -------
    Train

    Raises
    ------
    InvalidNoun, UnreadableFile
        If there is none of that name, or a figure of it cannot be.
    """
    table, known, source = _load(name, "trains", "train")
    with _Named(source):
        return _train(_chosen(table, variant), known, variant)


def read_trains(name: str) -> tuple[Train, ...]:
    """Read a train in each of its variants: what publications that contradict each other say."""
    table, known, source = _load(name, "trains", "train")
    with _Named(source):
        names = list(_variants(table)) or [""]
        return tuple(_train(_chosen(table, v), known, v) for v in names)


def read_limits(name: str) -> Limits:
    """Read limits of the line: one of `limit_ids`, or a TOML file."""
    table, known, source = _load(name, "limits", "standard")
    with _Named(source):
        return _limits(table, known)


def as_published(train: Train) -> dict[str, Figure]:
    """Give every figure of a train by the name and in the unit of its file."""
    names = {noun: (name, unit) for name, (noun, unit) in _TRAIN_FIGURES.items()}
    return {
        names[noun][0] if noun in names else noun: figure.scaled(1 / names[noun][1])
        if noun in names
        else figure
        for noun, figure in train.figures.items()
    }


class _Named:
    """Give what is wrong with a table the name of its file."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Name the source of what went wrong."""
        if isinstance(error, GeoRoutesError) and error.source is None:
            raise UnreadableFile(
                error.reason, remedy=error.remedy or "correct it", source=self.source
            ) from error


def _ids(folder: str) -> tuple[str, ...]:
    entries = resources.files(__package__).joinpath(folder).iterdir()
    return tuple(sorted(e.name[: -len(_SUFFIX)] for e in entries if e.name.endswith(_SUFFIX)))


def _load(name: str, folder: str, what: str) -> tuple[_Table, str, str]:
    """Read the table of a name; give its id and the source that errors name."""
    ids = _ids(folder)
    key = name.strip().lower().replace(" ", "-").replace("_", "-")
    if key in ids:
        text = resources.files(__package__).joinpath(folder, key + _SUFFIX).read_text("utf-8")
        return tomllib.loads(text), key, key
    if not name.lower().endswith(_SUFFIX):
        near = difflib.get_close_matches(key, ids, n=1, cutoff=0.5)
        remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(ids)}"
        msg = f"there is no {what} {name!r}"
        raise InvalidNoun(msg, remedy=f"{remedy}; your own goes into a {_SUFFIX} file", value=name)
    data = files.read_bytes(name)
    if len(data) > _MOST_BYTES:
        msg = f"is {len(data):,} bytes long, too long for a {what}"
        raise UnreadableFile(msg, remedy="name the right file", source=name)
    try:
        table = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, too
        msg = f"is no TOML: {error}"
        raise UnreadableFile(msg, remedy="correct it there", source=name) from error
    return table, Path(name).stem, name


def _variants(table: _Table) -> _Table:
    variants: Any = table.get("variants", {})
    if not isinstance(variants, dict) or not all(isinstance(v, dict) for v in variants.values()):
        msg = "variants is no table of tables"
        raise InvalidNoun(msg)
    return {name: dict(own) for name, own in variants.items()}


def _chosen(table: _Table, variant: str) -> _Table:
    """Put a variant's figures over those of the train."""
    variants = _variants(table)
    plain = {k: v for k, v in table.items() if k != "variants"}
    if not variant:
        return plain
    if variant not in variants:
        there = ", ".join(variants) or "none"
        msg = f"has no variant {variant!r}"
        raise InvalidNoun(msg, remedy=f"there is {there}", value=variant)
    own: dict[str, Any] = variants[variant]
    if "acceleration" in own or "effort" in own:
        for name in ("acceleration", "effort", "starting_effort_kn", "power_kw"):
            plain.pop(name, None)
    return plain | own


def _train(table: _Table, known: str, variant: str) -> Train:
    wanted = {**_TRAIN_FIGURES, **dict.fromkeys(_CURVES)}
    _refuse_unknown(table, {*wanted, *_TEXTS})
    nouns: dict[str, Any] = {}
    for name, (noun, unit) in _TRAIN_FIGURES.items():
        if name in table:
            nouns[noun] = _figure(table[name], name).scaled(unit)
    for name, (value, unit) in _CURVES.items():
        if name in table:
            nouns[name] = _curve(table[name], name, value, unit)
    guidance = table.get("guidance")
    if guidance not in ("rail", "maglev"):
        msg = f'guidance is {guidance!r}, expected "rail" or "maglev"'
        raise InvalidNoun(msg)
    if guidance == "maglev":
        nouns.setdefault("rotating_share", _NOTHING_TURNS)
    needed = (
        *("length_m", "mass_t", "top_speed_kmh", "rotating_percent", "resistance_n"),
        *("resistance_n_per_mps", "resistance_n_per_mps2", "tunnel_factor", "braking_mps2"),
    )
    missing = [n for n in needed if _TRAIN_FIGURES[n][0] not in nouns]
    if missing:
        msg = f"lacks {', '.join(missing)}"
        raise InvalidNoun(msg)
    return Train(
        id=known,
        name=_text(table, "name") or known,
        guidance=guidance,
        variant=variant,
        **nouns,
    )


def _limits(table: _Table, known: str) -> Limits:
    guidance = table.get("guidance")
    name = _text(table, "name") or known
    if guidance == "maglev":
        _refuse_unknown(table, {*_MAGLEV_FIGURES, *_TEXTS})
        own = {n: _figure(table[n], n) for n in _MAGLEV_FIGURES if n in table}
        _insist(own, ("bank_deg", "lateral_mps2"))
        return MaglevLimits(id=known, name=name, **own)
    if guidance != "rail":
        msg = f'guidance is {guidance!r}, expected "rail" or "maglev"'
        raise InvalidNoun(msg)
    _refuse_unknown(table, {*_RAIL_FIGURES, "deficiency_mm", *_TEXTS})
    own = {n: _figure(table[n], n) for n in _RAIL_FIGURES if n in table}
    _insist({**own, **table}, ("cant_mm", "deficiency_mm"))
    rows = table["deficiency_mm"]
    if isinstance(rows, dict):
        rows = [rows]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        msg = "deficiency_mm is neither a figure nor a list of figures by speed"
        raise InvalidNoun(msg)
    deficiency = tuple(_row(dict(row)) for row in rows)
    check_table(deficiency)
    return RailLimits(id=known, name=name, deficiency_mm=deficiency, **own)


def _row(row: dict[str, Any]) -> tuple[float, Figure]:
    bound = row.pop("up_to_kmh", math.inf)
    return _number(bound, "up_to_kmh", finite=False) / KMH, _figure(row, "deficiency_mm")


def _insist(own: _Table, needed: tuple[str, ...]) -> None:
    missing = [n for n in needed if n not in own]
    if missing:
        msg = f"lacks {', '.join(missing)}"
        raise InvalidNoun(msg)


def _refuse_unknown(table: _Table, known: set[str]) -> None:
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            msg = f"has a member {name!r} that means nothing here"
            raise InvalidNoun(msg, remedy=f"did you mean {near[0]}?" if near else "")


def _figure(told: object, name: str) -> Figure:
    if not isinstance(told, dict) or "value" not in told:
        msg = f'{name} is no figure, expected {{ value = …, source = "…" }}'
        raise InvalidNoun(msg)
    odd = sorted(set(told) - _FIGURE_MEMBERS)
    if odd:
        msg = f"{name} has a member {odd[0]!r} that means nothing here"
        raise InvalidNoun(msg)
    value = _number(told["value"], name)
    try:
        figure = Figure(
            value=value,
            low=_number(told.get("low", value), name),
            high=_number(told.get("high", value), name),
            source=_text(told, "source"),
            assumption=_text(told, "assumption"),
        )
    except InvalidNoun as error:
        msg = f"{name}: {error.reason}"
        raise InvalidNoun(msg, remedy=error.remedy) from error
    least, most = _BOUNDS[name]
    if not least <= figure.low <= figure.high <= most:
        beyond = figure.low if figure.low < least else figure.high
        msg = f"{name} of {beyond:.6g} lies beyond {least:g} to {most:g}"
        raise InvalidNoun(msg, remedy="is it in the unit of its name?", value=beyond)
    return figure


def _curve(told: object, name: str, value: str, unit: float) -> TractionCurve:
    if not isinstance(told, dict) or not isinstance(told.get("points"), list):
        msg = f"{name} is no curve, expected points = [[km/h, {value}], …]"
        raise InvalidNoun(msg)
    points = []
    for point in told["points"]:
        if not isinstance(point, list) or len(point) != 2:
            msg = f"{name} has a point that is no pair [km/h, {value}]"
            raise InvalidNoun(msg)
        kmh, height = _number(point[0], name), _number(point[1], name)
        if not 0 <= kmh <= _MOST_KMH or not 0 <= height <= _MOST_VALUES[name]:
            msg = f"{name} has the point [{kmh:.6g}, {height:.6g}], beyond what any train does"
            raise InvalidNoun(msg, remedy=f"give km/h and {value}")
        points.append((kmh / KMH, height * unit))
    if len(points) > _MOST_POINTS:
        msg = f"{name} has {len(points):,} points, more than {_MOST_POINTS:,}"
        raise InvalidNoun(msg, remedy="thin it")
    rest = {k: v for k, v in told.items() if k != "points"}
    factor = _figure({"value": 1.0, **rest}, f"{name}_factor")
    return TractionCurve(points=tuple(points), factor=factor)


def _number(value: object, name: str, *, finite: bool = True) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"{name} holds {value!r}, which is no number"
        raise InvalidNoun(msg)
    try:
        number = float(value)
    except OverflowError:
        number = math.nan
    if math.isnan(number) or (finite and math.isinf(number)):
        msg = f"{name} holds {str(value)[:40]}, which is no finite number"
        raise InvalidNoun(msg)
    return number


def _text(table: _Table, name: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str):
        msg = f"{name} is no text"
        raise InvalidNoun(msg)
    return value
