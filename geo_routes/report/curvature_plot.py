"""Curvature over chainage as SVG: the document with its title, style and legend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from geo_routes.chainage import Stationing
from geo_routes.errors import visible
from geo_routes.report.curvature_panel import (
    LEFT,
    PlottedRoute,
    draw_panel,
    say_figures,
    xml_text,
)
from geo_routes.report.plot_axes import text_width
from geo_routes.report.saying import Units

# So wide that the elements of a long line can be told apart, and no wider than a wall is.
_LEAST_WIDTH, _MOST_WIDTH = 1_200, 4_000
_ELEMENT_WIDTH = 8
_SIZE = 12
_TOP = 44.0
_MOST_DESCRIBED = 20

_STYLE = """
text{font:12px system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK JP",sans-serif;
fill:#14181f}
.paper{fill:#ffffff}.name{font-size:16px;font-weight:700}.quiet{fill:#4a5260}
.frame{fill:none;stroke:#8b929d}.grid{stroke:#dfe3e8}.zero{stroke:#8b929d}
.station{stroke:#8b929d;stroke-dasharray:1 3}.gap{stroke:#14181f;stroke-dasharray:7 4}
.band{fill:#c3d8ee}.smooth{fill:none;stroke:#2f6db3;stroke-linejoin:round}
.fitted{fill:none;stroke:#b5320a;stroke-width:2.4;stroke-linejoin:round}
.uncertain{stroke-dasharray:7 4}.unresolved{stroke-width:1.6;stroke-dasharray:1.5 3.5}
.radius{font-weight:600;fill:#8f2707;stroke:#ffffff;stroke-width:3px;paint-order:stroke}
@media (prefers-color-scheme:dark){text{fill:#eef1f5}.paper{fill:#15181d}.quiet{fill:#b3bac5}
.frame,.zero,.station{stroke:#868e9a}.grid{stroke:#31373f}.gap{stroke:#eef1f5}
.band{fill:#263f59}.smooth{stroke:#8fc1ff}.fitted{stroke:#ff9b6a}
.radius{fill:#ffb894;stroke:#15181d}}
"""


def curvature_svg(
    panels: Sequence[PlottedRoute], *, units: Units = "km", stationing: Stationing = "12.345"
) -> str:
    """Draw the curvature of routes over their chainage, one panel to a route.

    Parameters
    ----------
    panels : sequence of PlottedRoute
    units : {"km", "mi"}
    stationing : Stationing

    Returns
    -------
    str
        An SVG document, the same for the same routes. Curves to the left are above the line of
        zero. Of a long line some 2,000 points are drawn, with every peak.
    """
    drawn: list[str] = []
    top = _TOP
    most = max((len(p.alignment.elements) for p in panels if p.alignment is not None), default=0)
    width = min(max(_ELEMENT_WIDTH * most, _LEAST_WIDTH), _MOST_WIDTH)
    for number, panel in enumerate(panels, 1):
        lines, top = draw_panel(
            panel, number, top=top, width=width, units=units, stationing=stationing
        )
        drawn += lines
    described = "; ".join(_summary(p, units) for p in panels[:_MOST_DESCRIBED])
    more = len(panels) - _MOST_DESCRIBED
    described += f"; and {more} more" if more > 0 else ""
    size = f'viewBox="0 0 {width} {top:.0f}" width="{width}" height="{top:.0f}"'
    about = 'role="img" aria-labelledby="title desc" xml:lang="en"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {about}>',
        f'<title id="title">{xml_text(_heading(panels))}</title>',
        f'<desc id="desc">{xml_text(described)}. Left turns are above the line of zero.</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{top:.0f}"/>',
        *_legend(drawn),
    ]
    return "\n".join([*head, *drawn, "</svg>\n"])


def _heading(panels: Sequence[PlottedRoute]) -> str:
    if len(panels) == 1:
        return f"Curvature along {visible(panels[0].route.label, most=120)}"
    return f"Curvature along {len(panels)} routes"


def _summary(panel: PlottedRoute, units: Units) -> str:
    return f"{visible(panel.route.label, most=120)}: {say_figures(panel, units)}"


def _legend(drawn: Sequence[str]) -> Iterator[str]:
    """Explain what is drawn, and nothing else."""
    x, y = float(LEFT), 24
    entries = (
        ("fitted measured", "fitted element"),
        ("fitted uncertain", "uncertain"),
        ("fitted unresolved", "not resolved"),
        ("smooth", "smooth curvature"),
        ("band", "its 95 % band"),
        ("station", "station"),
        ("gap", "parts that do not join"),
    )
    for style, words in entries:
        if not any(f'class="{style}"' in line for line in drawn):
            continue
        if style == "band":
            yield f'<rect class="{style}" x="{x:.0f}" y="{y - 10}" width="30" height="12"/>'
        else:
            yield f'<path class="{style}" d="M{x:.0f} {y - 4}h30"/>'
        yield f'<text x="{x + 37:.0f}" y="{y}">{words}</text>'
        x += 37 + text_width(words, size=_SIZE) + 24
