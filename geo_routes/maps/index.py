"""A page that lists the maps of a folder, with a thumbnail of each; it runs no code."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

import numpy as np

from geo_routes import files
from geo_routes.maps.polyline import unwrap
from geo_routes.maps.words import words_in
from geo_routes.model import FloatArray
from geo_routes.survey import Survey

_WIDTH, _HEIGHT, _EDGE = 220, 120, 10
_MOST_VERTICES = 4_000
_MOST_OF_ONE = 160
_MOST_ROUTES = 2_000
_LONGEST_LABEL = 200
# Shares are shown to 0.1 %: a difference far below that is rounding.
_SURE = 1e-6
_GERMAN_MARKS = str.maketrans(",.", ".,")

_STYLE = """
:root{color-scheme:light dark;--paper:#ffffff;--ink:#14181f;--quiet:#4a5260;--rule:#d4d8de}
@media (prefers-color-scheme:dark){
:root{--paper:#15181d;--ink:#eef1f5;--quiet:#b3bac5;--rule:#3a414c}}
body{margin:0 auto;max-width:76rem;padding:1.2rem 1.25rem 2rem;background:var(--paper);
color:var(--ink);font:16px/1.45 system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK JP",
"Hiragino Sans","Yu Gothic",sans-serif}
h1{margin:0 0 1rem;font-size:1.55rem;line-height:1.2;overflow-wrap:anywhere}
ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));gap:1.5rem;
margin:0;padding:0;list-style:none}
li{padding-top:.6rem;border-top:2px solid var(--ink)}
a{color:inherit;font-weight:600;overflow-wrap:anywhere}
svg{display:block;width:100%;height:auto;margin-bottom:.5rem;fill:none;stroke:currentColor;
stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.sketch{stroke-dasharray:7 6}
p{margin:.2rem 0 0;color:var(--quiet);font-size:.85rem;font-variant-numeric:tabular-nums}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """A finished index page."""

    text: str

    def save(self, outfile: str | os.PathLike[str]) -> None:
        """Write the page, whole or not at all.

        Raises
        ------
        UnusableOutput
        """
        files.write_whole(outfile, self.text.encode())


def draw_index(
    entries: Sequence[tuple[str, Sequence[Survey]]],
    *,
    title: str | None = None,
    language: str = "en",
) -> IndexPage:
    """Draw the index of a folder of maps.

    Parameters
    ----------
    entries : sequence of (str, sequence of Survey)
        File name of a map beside the index, and the routes on it.
    title : str, optional
        Heading.
    language : str
        Language tag of the page's own words.

    Returns
    -------
    IndexPage
    """
    words = words_in(language)
    heading = escape(_shown(title if title is not None else words["several"]))
    items = "\n".join(_item(name, surveys, words, language) for name, surveys in entries)
    return IndexPage(
        text=f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{heading}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{heading}</h1>\n<ul>\n{items}\n</ul>\n</main>\n</body>\n</html>\n"
    )


def _item(name: str, surveys: Sequence[Survey], words: Mapping[str, Any], language: str) -> str:
    route = surveys[0].route
    label = route.name or route.id or words["unnamed_route"]
    if len(surveys) > 1:
        label = name.removesuffix(".html")
    link = f'<a href="./{quote(name)}"><bdi>{escape(_shown(label))}</bdi></a>'
    figures = escape(" · ".join(_figures(surveys, words, language)))
    return f"<li>{_thumbnail(surveys)}{link}<p>{figures}</p></li>"


def _figures(surveys: Sequence[Survey], words: Mapping[str, Any], language: str) -> Iterator[str]:
    if len(surveys) > 1:
        yield f"{words['routes']}: {_number(len(surveys), 0, language)}"
    if any(s.route.geometry_kind == "sketch" for s in surveys):
        yield words["sketch_word"]
    else:
        length_km = sum(s.length_m for s in surveys) / 1000
        yield f"{_number(length_km, 3, language)}\u00a0km"
    if len(surveys) == 1 and surveys[0].tunnel_fraction is not None:
        low = surveys[0].tunnel_fraction
        high = min(low + 1 - surveys[0].known_fraction, 1.0)
        share = _number(low * 100, 1, language)
        if high - low > _SURE:
            share += f"\u2013{_number(high * 100, 1, language)}"
        yield f"{words['tunnel_share']}: {share}\u00a0%"
    stations = {(s.station.lonlat, s.station.name) for survey in surveys for s in survey.stations}
    if stations:
        yield f"{words['stations']}: {_number(len(stations), 0, language)}"


def _number(value: float, digits: int, language: str) -> str:
    text = f"{value:,.{digits}f}"
    return text.translate(_GERMAN_MARKS) if language == "de" else text


def _shown(text: str) -> str:
    """Cut a text to a line, and show a mark for what cannot be printed."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:_LONGEST_LABEL])


def _thumbnail(surveys: Sequence[Survey]) -> str:
    anchor_deg = float(surveys[0].route.lonlat[0, 0])
    lines: list[FloatArray] = []
    share = min(max(_MOST_VERTICES // len(surveys), 1), _MOST_OF_ONE)
    for survey in surveys[:_MOST_ROUTES]:
        route = survey.route
        for first, end in zip(route.part_starts, route.part_ends, strict=True):
            step = max((int(end) - int(first)) // share, 1)
            kept = np.append(np.arange(first, end - 1, step), end - 1)
            lines.append(unwrap(route.lonlat[kept], anchor_deg=anchor_deg))
    corners = np.concatenate(lines)
    middle_deg = float(np.mean(corners[:, 1]))
    stretch = np.array((np.cos(np.radians(middle_deg)), -1.0))
    flat = corners * stretch
    low, high = flat.min(axis=0), flat.max(axis=0)
    room = np.array((_WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE))
    scale = float(np.min(room / np.maximum(high - low, 1e-9)))
    shift = (np.array((_WIDTH, _HEIGHT)) - (high - low) * scale) / 2
    paths = []
    for line in lines:
        places = (line * stretch - low) * scale + shift
        paths.append("M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in places))
    sketch = ' class="sketch"' if surveys[0].route.geometry_kind == "sketch" else ""
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'aria-hidden="true"><path{sketch} d="{"".join(paths)}"/></svg>'
    )
