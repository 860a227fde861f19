"""Numbers among the arguments: finite ones, within their range."""

from __future__ import annotations

import math

import click


class Number(click.FloatRange):
    """A number within a range; click lets what is no number pass every range."""

    def convert(
        self, value: float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Turn text into a number, and refuse what is none."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number
