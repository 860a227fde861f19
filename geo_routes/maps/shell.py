"""The HTML around a map: constant markup, our own code by its hash, and data as JSON only."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from geo_routes.maps.background import asset
from geo_routes.maps.payload import encode_page_data

MAP_NAME = "map_geo_routes"

_SCRIPTS = (
    *("format.js", "layers.js", "labels.js", "elements.js", "speeds.js", "findings.js"),
    *("controls.js", "header.js", "main.js"),
)
_BODY = """<header id="head"></header>
<main>
<div id="map"></div>
<section id="compare" hidden></section>
<section id="elements" hidden></section>
<section id="findings" hidden></section>
</main>
<footer id="sources"></footer>
<noscript><p>This map needs JavaScript, which this browser does not run.</p></noscript>"""
_START = f'geoRoutes.open("{MAP_NAME}");'


def assemble_page(
    data: Mapping[str, Any], *, foreign: ForeignParts | None = None, language: str = "en"
) -> str:
    """Put a page together.

    Parameters
    ----------
    data : mapping
        What the page's code reads; JSON values.
    foreign : ForeignParts, optional
        What other people's layers bring along.
    language : str
        Language tag of the page.

    Returns
    -------
    str
        The whole page. Its Content-Security-Policy lets run what stands in it and nothing else,
        and lets it load nothing, but for the hosts of foreign parts.
    """
    scripts = [script_text() + _START]
    body, tail = "", ""
    if foreign is not None:
        # What they load comes after our code, for much of it builds upon the Leaflet in that.
        body, tail = foreign.html, f"\n{foreign.header}\n<script>{foreign.script}</script>"
    policy = _policy(scripts, foreign)
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>geo_routes</title>\n<style>{style_text()}</style>\n</head>\n"
        f"<body>\n{_BODY}\n{body}"
        f'<script type="application/json" id="geo-routes-data">{encode_page_data(data)}</script>\n'
        f"<script>{scripts[0]}</script>{tail}\n</body>\n</html>\n"
    )


class ForeignParts:
    """Markup of layers that are not ours, and the hosts that it loads from.

    Parameters
    ----------
    header, html, script : str
        As folium renders them.
    """

    def __init__(self, *, header: str, html: str, script: str) -> None:
        self.header = header
        self.html = html
        self.script = script

    @property
    def hosts(self) -> tuple[str, ...]:
        """Origins that the markup names, sorted; a ``{s}`` of tile addresses becomes ``*``."""
        found = re.findall(r"https?://[\w.{}:-]+", self.header + self.html + self.script)
        origins = {re.sub(r"\{\w+\}", "*", origin).rstrip(".:-") for origin in found}
        return tuple(sorted(origin for origin in origins if "{" not in origin))

    def inline_scripts(self) -> list[str]:
        """Give the text of each script element, as it will be hashed by the browser."""
        markup = self.header + self.html
        return [*re.findall(r"<script>(.*?)</script>", markup, flags=re.DOTALL), self.script]


@lru_cache(maxsize=1)
def script_text() -> str:
    """Give Leaflet and our own code, the same in every map."""
    # Leaflet's last line names a source map, which a browser's tools would try to load.
    leaflet = re.sub(r"//# sourceMappingURL=\S+", "", asset("leaflet.js").decode())
    return f"{leaflet}\n{layer_script_text()}"


@lru_cache(maxsize=1)
def layer_script_text() -> str:
    """Give our own code alone, for a map that has Leaflet already."""
    return "\n".join(_page_file(name) for name in _SCRIPTS)


@lru_cache(maxsize=1)
def layer_style_text() -> str:
    """Give the style of what we draw on a map, which touches nothing else of a page."""
    return _page_file("layer.css")


@lru_cache(maxsize=1)
def style_text() -> str:
    """Give Leaflet's style without its pictures, and ours."""
    leaflet = re.sub(r"url\([^)]*\)", "none", asset("leaflet.css").decode())
    return f"{leaflet}\n{_page_file('page.css')}\n{layer_style_text()}"


def _page_file(name: str) -> str:
    return (resources.files("geo_routes.maps") / "page" / name).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str], foreign: ForeignParts | None) -> str:
    if foreign is None:
        # Leaflet sets style attributes, which no hash can name; a style can load nothing here.
        allowed = {"img": "data: blob:", "font": "data:", "style": "'unsafe-inline'"}
        allowed["script"] = _hashes(scripts)
    else:
        hosts = " ".join(foreign.hosts)
        allowed = {
            "img": f"data: blob: {hosts}",
            "font": f"data: {hosts}",
            "style": f"'unsafe-inline' {hosts}",
            "script": f"{_hashes([*scripts, *foreign.inline_scripts()])} {hosts}",
            "connect": hosts or "'none'",
        }
    rules = "; ".join(f"{name}-src {value.strip()}" for name, value in allowed.items())
    return f"default-src 'none'; {rules}; base-uri 'none'; form-action 'none'"


def _hashes(texts: Iterable[str]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)
