"""Colours, widths and dashes of what is drawn, as data: told apart in grey and by the colour-blind.

A stroke is one pass of the pen; the strokes of a style are drawn one over the other.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """One pass of the pen: colour as ``#rrggbb``, width in pixels, dashes as in SVG."""

    colour: str
    width: float
    dash: str = ""


# Strokes by what the line is. "open" is known to be in no tunnel, "unknown" is not known.
LINE_STYLES: dict[str, tuple[Stroke, ...]] = {
    "tunnel": (
        Stroke(colour="#1f2a44", width=7.5),
        Stroke(colour="#ffffff", width=5),
        Stroke(colour="#1f2a44", width=5, dash="5 6"),
    ),
    "viaduct": (Stroke(colour="#8a3a06", width=7.5), Stroke(colour="#f4a259", width=4.5)),
    "bridge": (Stroke(colour="#1d1d1d", width=7.5), Stroke(colour="#f2c14e", width=4)),
    "cutting": (Stroke(colour="#6b4f2a", width=5), Stroke(colour="#d9c3a0", width=1.5)),
    "embankment": (Stroke(colour="#3f6b3a", width=5), Stroke(colour="#c4ddb8", width=1.5)),
    "at_grade": (Stroke(colour="#c1121f", width=4.5),),
    "open": (Stroke(colour="#c1121f", width=4.5),),
    "unknown": (Stroke(colour="#5c6370", width=4.5), Stroke(colour="#ffffff", width=2, dash="1 8")),
    "sketch": (Stroke(colour="#5c6370", width=3.5, dash="10 7"),),
}

# Order in the legend, and which of two overlapping kinds is drawn: the earlier one.
KIND_ORDER = (
    "tunnel",
    "bridge",
    "viaduct",
    "cutting",
    "embankment",
    "at_grade",
    "open",
    "unknown",
    "sketch",
)
