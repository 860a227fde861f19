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

# Sharp curves to wide ones: their lightness rises evenly, so that grey print and the colour-blind
# keep the order (colours of matplotlib's "inferno", CC0), and the pen gets thinner.
CURVE_COLOURS = ("#160b39", "#56106e", "#9c2964", "#d94d3d", "#f68d1f", "#f8d24c")
_CURVE_WIDTHS = (7.5, 7.0, 6.5, 6.0, 5.5, 5.0)
_CASING = "#14181f"
_LINE = "#5c6370"

# What of a line's alignment is drawn without a class of radii.
ELEMENT_STYLES: dict[str, tuple[Stroke, ...]] = {
    "tangent": (Stroke(colour=_LINE, width=3.5),),
    "transition": (Stroke(colour=_LINE, width=5.5), Stroke(colour="#ffffff", width=2.5)),
    "unresolved": (Stroke(colour=_LINE, width=5), Stroke(colour="#ffffff", width=3, dash="2 5")),
    "untold": (Stroke(colour=_LINE, width=2.5, dash="3 6"),),
    "sketch": LINE_STYLES["sketch"],
}


def curve_strokes(place: float, *, certain: bool = True) -> tuple[Stroke, ...]:
    """Give the strokes of a circular curve.

    Parameters
    ----------
    place : float
        Among the classes of radii, from 0 for the sharpest to 1 for the widest.
    certain : bool
        A radius that is not is drawn in dashes.
    """
    index = round(place * (len(CURVE_COLOURS) - 1))
    width, colour = _CURVE_WIDTHS[index], CURVE_COLOURS[index]
    casing = Stroke(colour=_CASING, width=width + 1.5)
    if certain:
        return casing, Stroke(colour=colour, width=width)
    pale = Stroke(colour="#ffffff", width=width)
    return casing, pale, Stroke(colour=colour, width=width, dash="7 5")
