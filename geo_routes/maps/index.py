"""A page that lists the maps of a folder, with a thumbnail of each; it runs no code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import numpy as np

from geo_routes import files
from geo_routes.maps.payload import unwrap
from geo_routes.maps.words import words_in
from geo_routes.model import FloatArray
from geo_routes.survey import Survey

_WIDTH, _HEIGHT, _EDGE = 220, 120, 10
_MOST_VERTICES = 160
_LONGEST_LABEL = 200

_STYLE = """
:root{color-scheme:light dark}
body{margin:0 auto;max-width:72rem;padding:1.5rem;font:16px/1.45 system-ui,sans-serif}
h1{font-size:1.5rem}
ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1.25rem;
padding:0;list-style:none}
li{padding:.9rem;border:1px solid #8a93a0}
a{color:inherit;font-weight:600;overflow-wrap:anywhere}
svg{display:block;max-width:100%;margin-bottom:.5rem;stroke:currentColor;fill:none}
p{margin:.2rem 0 0;font-variant-numeric:tabular-nums}
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
    items = "\n".join(_item(name, surveys, words["routes"]) for name, surveys in entries)
    return IndexPage(
        text=f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{heading}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{heading}</h1>\n<ul>\n{items}\n</ul>\n</main>\n</body>\n</html>\n"
    )


def _item(name: str, surveys: Sequence[Survey], word: str) -> str:
    label = surveys[0].route.label if len(surveys) == 1 else f"{len(surveys)} {word}"
    if len(surveys) > 1:
        label = f"{name.removesuffix('.html')}: {label}"
    length_km = sum(s.length_m for s in surveys) / 1000
    is_sketch = any(s.route.geometry_kind == "sketch" for s in surveys)
    figures = "" if is_sketch else f"<p>{length_km:.3f} km</p>"
    shown = escape(_shown(label))
    link = f'<a href="./{quote(name)}"><bdi>{shown}</bdi></a>'
    return f"<li>{_thumbnail(surveys)}{link}{figures}</li>"


def _shown(text: str) -> str:
    """Cut a text to a line, and show a mark for what cannot be printed."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:_LONGEST_LABEL])


def _thumbnail(surveys: Sequence[Survey]) -> str:
    anchor_deg = float(surveys[0].route.lonlat[0, 0])
    lines: list[FloatArray] = []
    for survey in surveys[:200]:
        route = survey.route
        for first, end in zip(route.part_starts, route.part_ends, strict=True):
            step = max((int(end) - int(first)) // _MOST_VERTICES, 1)
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
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'aria-hidden="true"><path stroke-width="2" d="{"".join(paths)}"/></svg>'
    )
