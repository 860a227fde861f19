"""A folium map that saves as our own page, and a layer for anybody's folium map."""

from __future__ import annotations

import base64
import hashlib
import os
import warnings
from collections.abc import Sequence
from html import escape
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from geo_routes import files
from geo_routes.errors import InvalidNoun
from geo_routes.maps.background import background_data
from geo_routes.maps.payload import COLOURS, Colour, encode_page_data, page_data
from geo_routes.maps.shell import (
    MAP_NAME,
    ForeignParts,
    assemble_page,
    layer_script_text,
    layer_style_text,
)
from geo_routes.maps.words import words_in
from geo_routes.running_time import Run
from geo_routes.survey import Survey

_OWN_LEAFLET = ("leaflet", "leaflet_css")
# branca's name for the line that it puts into every head.
_CHARSET = "meta_http"


class RouteLayer(MacroElement):
    """The routes of some surveys, as a layer for any folium map.

    Parameters
    ----------
    surveys : Survey, Run or sequence of them
    language : str
        Language of its own words: ``en``, ``de`` or ``ja``.
    colour : {"structure", "curvature", "permitted_speed", "speed"}
        What the colour of the lines tells; those of speeds need runs.

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

    def __init__(
        self,
        surveys: Survey | Run | Sequence[Survey | Run],
        *,
        language: str = "en",
        colour: Colour = "structure",
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "RouteLayer"
        given = (surveys,) if isinstance(surveys, Survey | Run) else tuple(surveys)
        self.surveys = tuple(x.survey if isinstance(x, Run) else x for x in given)
        self.runs = tuple(x if isinstance(x, Run) else None for x in given)
        self.language = language
        self.colour = _known_colour(colour)
        words_in(language)  # refuses a language without words before anything is drawn
        self._id = _digest(self.surveys)

    @property
    def encoded(self) -> str:
        """The data of the layer, as base64."""
        data = _data(
            self.surveys, self.runs, title=None, language=self.language, colour=self.colour
        )
        text = encode_page_data(data)
        return base64.b64encode(text.encode()).decode()

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
    surveys : sequence of Survey or Run
        One or more.
    title : str, optional
        Heading; by default the name of a single route.
    language : str
        Language of the page's own words: ``en``, ``de`` or ``ja``.
    colour : {"structure", "curvature", "permitted_speed", "speed"}
        What the colour of the lines tells; those of speeds need runs.

    Notes
    -----
    Layers of others can be added as to any folium map. The page then loads what they load, its
    policy names their hosts, and saving warns that it is no longer self-contained.
    """

    def __init__(
        self,
        surveys: Sequence[Survey | Run],
        *,
        title: str | None = None,
        language: str = "en",
        colour: Colour = "structure",
    ) -> None:
        self.language = language
        self.colour = _known_colour(colour)
        self.title = title
        first = surveys[0].survey if isinstance(surveys[0], Run) else surveys[0]
        middle_lon, middle_lat = first.route.lonlat.mean(axis=0).tolist()
        super().__init__(location=[middle_lat, middle_lon], tiles=None, prefer_canvas=True)
        self._id = MAP_NAME.removeprefix("map_")
        _PageFigure(self)
        self.add_child(RouteLayer(surveys, language=language, colour=colour))

    @property
    def surveys(self) -> tuple[Survey, ...]:
        """What is drawn: the routes given at first, and those of each `RouteLayer` added since."""
        layers = (c for c in self._children.values() if isinstance(c, RouteLayer))
        return tuple(survey for layer in layers for survey in layer.surveys)

    @property
    def runs(self) -> tuple[Run | None, ...]:
        """The runs over them, None where a survey was given."""
        layers = (c for c in self._children.values() if isinstance(c, RouteLayer))
        return tuple(run for layer in layers for run in layer.runs)

    def page(self) -> str:
        """Give the whole page as text: the same routes and versions give the same text."""
        data = _data(
            self.surveys, self.runs, title=self.title, language=self.language, colour=self.colour
        )
        data["background"] = background_data(_bounds(data))
        foreign = self._foreign_parts()
        if foreign is not None:
            hosts = ", ".join(foreign.hosts) or "no other host"
            message = f"the map is no longer self-contained: added layers load from {hosts}"
            warnings.warn(message, UserWarning, stacklevel=2)
        return assemble_page(data, foreign=foreign, language=self.language)

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
        around = _added_around(self._parent)
        if not others and not any(around):
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
                header=figure.header.render() + around[0],
                html=figure.html.render() + around[1],
                script=f"var {MAP_NAME} = window['{MAP_NAME}'];\n"
                f"{figure.script.render()}{around[2]}",
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


def _added_around(figure: Any) -> list[str]:  # noqa: ANN401 - branca gives its parents no type
    """Render what a user put into the figure around the map: head, body and script."""
    added = []
    for room in (figure.header, figure.html, figure.script):
        children = room._children.items()  # noqa: SLF001 - branca has no public way to them
        added.append("".join(child.render() for name, child in children if name != _CHARSET))
    return added


def _digest(surveys: Sequence[Survey]) -> str:
    """Give a name that depends on the routes alone, so that the same map has the same bytes."""
    digest = hashlib.sha256()
    for survey in surveys:
        digest.update(survey.route.label.encode(errors="surrogatepass"))
        digest.update(survey.route.lonlat.tobytes())
    return digest.hexdigest()[:32]


def _known_colour(colour: Colour) -> Colour:
    if colour not in COLOURS:
        msg = f"colour is {colour!r}, expected one of {', '.join(COLOURS)}"
        raise InvalidNoun(msg, value=colour)
    return colour


def _data(
    surveys: Sequence[Survey],
    runs: Sequence[Run | None],
    *,
    title: str | None,
    language: str,
    colour: Colour,
) -> dict[str, Any]:
    words = words_in(language)
    data = page_data(surveys, title=title, language=language, colour=colour, runs=runs)
    return {**data, "words": words}


def _bounds(data: dict[str, Any]) -> tuple[float, float, float, float]:
    bounds = [route["bounds"] for route in data["routes"]]
    west, south = min(b[0] for b in bounds), min(b[1] for b in bounds)
    return west, south, max(b[2] for b in bounds), max(b[3] for b in bounds)
