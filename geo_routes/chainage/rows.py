"""What importers tell of a line by rows of ``from_m`` and ``to_m``: speed limits, layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_WITH, _AGAINST = "kmh", "kmh_against"
_Move = Callable[[float, float], tuple[float, float] | None]


def cut_rows(extra: Mapping[str, Any], from_m: float, to_m: float) -> dict[str, Any]:
    """Cut the rows among some members to a stretch of the line, counted from where it begins."""

    def move(low_m: float, high_m: float) -> tuple[float, float] | None:
        low_m, high_m = max(low_m, from_m) - from_m, min(high_m, to_m) - from_m
        return (low_m, high_m) if low_m < high_m else None

    return {name: _moved(value, move) for name, value in extra.items()}


def mirror_rows(extra: Mapping[str, Any], length_m: float) -> dict[str, Any]:
    """Mirror the rows among some members; what holds along the line holds against it then."""

    def move(low_m: float, high_m: float) -> tuple[float, float]:
        return length_m - high_m, length_m - low_m

    return {
        name: [_turned(row) for row in _moved(value, move)[::-1]] if _is_rows(value) else value
        for name, value in extra.items()
    }


def _is_rows(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(_is_row(v) for v in value)


def _is_row(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    ends = (value.get("from_m"), value.get("to_m"))
    return all(isinstance(e, int | float) and not isinstance(e, bool) for e in ends)


def _moved(value: Any, move: _Move) -> Any:  # noqa: ANN401 - members may be anything
    if not _is_rows(value):
        return value
    rows = []
    for row in value:
        ends = move(row["from_m"], row["to_m"])
        if ends is not None:
            rows.append({**row, "from_m": ends[0], "to_m": ends[1]})
    return rows


def _turned(row: dict[str, Any]) -> dict[str, Any]:
    if _AGAINST not in row:
        return row
    return {**row, _WITH: row[_AGAINST], _AGAINST: row.get(_WITH)}
