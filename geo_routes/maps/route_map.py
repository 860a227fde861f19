"""A folium map that saves as our own page, and a layer for anybody's folium map."""

from __future__ import annotations

import base64
import os
import warnings
from collections.abc import Sequence
from html import escape
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from geo_routes import files
from geo_routes.maps.background import background_data
from geo_routes.maps.payload import digest, encode_page_data, page_data
from geo_routes.maps.shell import (
    MAP_NAME,
    ForeignParts,
    assemble_page,
    layer_script_text,
    layer_style_text,
)
from geo_routes.maps.words import words_in
from geo_routes.survey import Survey

_OWN_LEAFLET = ("leaflet", "leaflet_css")


class RouteLayer(MacroElement):
    """The routes of some surveys, as a layer for any folium map.

    Parameters
    ----------
    surveys : Survey or sequence of Survey
    language : str
        Language of its own words: ``en``, ``de`` or ``ja``.

    Notes
    -----
    folium compiles what it is given as templates. So nothing of the data is given to it but
    base64 text, in which no template and no markup can stand.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "geoRoutes.addTo({{ this._parent.get_name() }}, '{{ this.encoded }}');"
        "{% endmacro %}"
    )

    def __init__(self, surveys: Survey | Sequence[Survey], *, language: str = "en") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "RouteLayer"
        self.surveys = (surveys,) if isinstance(surveys, Survey) else tuple(surveys)
        self.language = language
        text = encode_page_data(_data(self.surveys, title=None, language=language))
        self.encoded = base64.b64encode(text.encode()).decode()
        self._id = digest(text)

    def render(self, **kwargs: object) -> str:
        """Render into the figure that the layer's map belongs to."""
        figure: Any = self.get_root()
        # Only the constant code passes folium's templates, and inside `raw` it is no template.
        code = "{% raw %}<style>" + layer_style_text() + "</style><script>" + layer_script_text()
        figure.header.add_child(Element(code + "</script>{% endraw %}"), name="geo_routes")
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        return ""


class RouteMap(folium.Map):
    """A folium map of surveyed routes that saves as one self-contained page.

    Parameters
    ----------
    surveys : sequence of Survey
        One or more.
    title : str, optional
        Heading; by default the name of a single route.
    language : str
        Language of the page's own words: ``en``, ``de`` or ``ja``.

    Notes
    -----
    Layers of others can be added as to any folium map. The page then loads what they load, its
    policy names their hosts, and saving warns that it is no longer self-contained.
    """

    def __init__(
        self, surveys: Sequence[Survey], *, title: str | None = None, language: str = "en"
    ) -> None:
        self.language = language
        data = _data(surveys, title=title, language=language)
        west, south, east, north = _bounds(data)
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2], tiles=None, prefer_canvas=True
        )
        self._id = MAP_NAME.removeprefix("map_")
        self.data = {**data, "background": background_data((west, south, east, north))}
        _PageFigure(self)
        self.add_child(RouteLayer(surveys, language=language))

    def page(self) -> str:
        """Give the whole page as text: the same routes and versions give the same text."""
        foreign = self._foreign_parts()
        if foreign is not None:
            hosts = ", ".join(foreign.hosts) or "no other host"
            message = f"the map is no longer self-contained: added layers load from {hosts}"
            warnings.warn(message, UserWarning, stacklevel=2)
        return assemble_page(self.data, foreign=foreign, language=self.language)

    def save(  # type: ignore[override]
        self, outfile: str | os.PathLike[str], **_kwargs: object
    ) -> None:
        """Write the page, whole or not at all; ``-`` is standard output.

        Raises
        ------
        UnusableOutput
        """
        files.write_whole(outfile, self.page().encode())

    def _repr_html_(self, **_kwargs: object) -> str:
        """Show the map in a notebook, in a frame of its own."""
        frame = 'style="width:100%;height:640px;border:0" title="map"'
        return f'<iframe srcdoc="{escape(self.page())}" {frame}></iframe>'

    def _foreign_parts(self) -> ForeignParts | None:
        others = [c for c in self._children.values() if not isinstance(c, RouteLayer)]
        if not others:
            return None
        figure = Figure()
        mine, self._parent = self._parent, figure
        try:
            # Their code may lean on what every folium map loads; Leaflet itself is in our page.
            for name, url in [*self.default_js, *self.default_css]:
                if name not in _OWN_LEAFLET:
                    link = folium.JavascriptLink if url.endswith(".js") else folium.CssLink
                    figure.header.add_child(link(url), name=name)
            for child in others:
                child.render()
            return ForeignParts(
                header=figure.header.render(),
                html=figure.html.render(),
                script=f"var {MAP_NAME} = window['{MAP_NAME}'];\n{figure.script.render()}",
            )
        finally:
            self._parent = mine


class _PageFigure(Figure):
    """The root above a RouteMap, so that folium's ways to render it give our page too."""

    def __init__(self, route_map: RouteMap) -> None:
        super().__init__()
        self._id = "geo_routes_figure"
        self.add_child(route_map)

    def render(self, **_kwargs: object) -> str:
        """Give the page of the map."""
        route_map = next(c for c in self._children.values() if isinstance(c, RouteMap))
        return route_map.page()


def _data(surveys: Sequence[Survey], *, title: str | None, language: str) -> dict[str, Any]:
    words = words_in(language)
    return {**page_data(surveys, title=title, language=language), "words": words}


def _bounds(data: dict[str, Any]) -> tuple[float, float, float, float]:
    bounds = [route["bounds"] for route in data["routes"]]
    west, south = min(b[0] for b in bounds), min(b[1] for b in bounds)
    return west, south, max(b[2] for b in bounds), max(b[3] for b in bounds)
