"""A map page is complete, sealed, exact to half a pixel, and the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

from geo_routes.errors import GeoRoutesError
from geo_routes.maps import RouteMap, draw, draw_index
from geo_routes.model import Declared, FloatArray, Route, Station, Structure
from geo_routes.survey import Survey, measure

# Each breaks a page in its own way: out of a script, an attribute, a template of Python or of
# JavaScript, a comment, a line of JSON; the last ones are read in another direction than typed.
HOSTILE = (
    "<script>window.PWN=1</script>",
    "</script><script>window.PWN=1</script>",
    "<!--<script>window.PWN=1",
    '"><img src=x onerror="window.PWN=1">',
    "' onmouseover='window.PWN=1",
    "{{7*7}}",
    "50% {% off %} {# none #}",
    "${window.PWN=1}`",
    "javascript:window.PWN=1",
    "\u2028\u2029\x00\x07\x1b[31m\x7f\ufeff",
    "&lt;b&gt;&amp;\\u003c\\",
    "\u202eetisoppo\u202c \u05d0\u05d1 \u0634",
    "]]>{{ config }}%7B%7B",
)

TOKYO, NAGOYA = (139.7671, 35.6812), (136.8816, 35.1709)


def _survey(lonlat: Sequence[Sequence[float]] | FloatArray, **members: Any) -> Survey:
    route = Route(lonlat=np.asarray(lonlat, dtype=np.float64), **members)
    return measure(route, figures=("length", "sections", "structures"))


def _wave(vertices: int, *, west: float = 138.0, south: float = 35.0) -> FloatArray:
    """Give a line with bends of all sizes, some 111 km long."""
    along = np.linspace(0, 1, vertices)
    across = 0.02 * np.sin(40 * along) + 0.0004 * np.sin(3000 * along)
    return np.column_stack((west + along, south + across))


def _data(page: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        pytest.fail(f"{constant} is no JSON")

    block = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert len(block) == 1
    data: dict[str, Any] = json.loads(block[0], parse_constant=refuse)
    return data


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list):
        return []
    return [text for child in children for text in _texts(child)]  # type: ignore[attr-defined]


class _Page(HTMLParser):
    """What a browser would take from a page: its policy, its scripts, its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.policy = ""
        self.scripts: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tags: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in given.items()]
        if given.get("http-equiv", "").lower() == "content-security-policy":
            assert "script" not in self.tags, "a script before the policy is not held by it"
            self.policy = given["content"]
        self._in_script = tag == "script" and given.get("type") != "application/json"
        if self._in_script:
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False

    def directives(self) -> dict[str, list[str]]:
        parts = [part.split() for part in self.policy.split(";") if part.strip()]
        return {part[0]: part[1:] for part in parts}


def _hostile_survey(text: str) -> Survey:
    return _survey(
        [TOKYO, (138.5, 35.4), NAGOYA],
        id=text,
        name=text,
        names={"ja": text, text: text},
        mode=text,
        source=text,
        licence=text,
        retrieved=text,
        height_datum=text,
        extra={text: text},
        accuracy_m=5.0,
        stations=(
            Station(lonlat=TOKYO, name=text, names={"en": text}, source=text, extra={text: text}),
            Station(lonlat=NAGOYA, name=text),
        ),
        structures=(Structure(kind="tunnel", from_m=10_000, to_m=30_000, name=text, source=text),),
        declared=Declared(source=text, length_km=286, tunnel_fraction=0.86, as_of=text),
    )


@pytest.fixture(scope="module")
def chuo() -> Survey:
    return _hostile_survey("Chūō 中央")


def test_the_policy_lets_our_own_scripts_run_and_nothing_else(chuo: Survey) -> None:
    page = _Page(draw([chuo]).page())
    directives = page.directives()
    assert directives["default-src"] == ["'none'"]
    assert set(directives["img-src"]) <= {"data:", "blob:"}
    assert set(directives["font-src"]) <= {"data:"}
    allowed = directives["script-src"]
    for script in page.scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed
    assert page.scripts
    assert len(allowed) == len(set(page.scripts))
    assert not set(directives) & {"connect-src", "object-src", "frame-src", "worker-src"}
    assert "'unsafe-eval'" not in page.policy
    assert all(source.startswith("'sha256-") for source in allowed)


def test_the_page_asks_for_nothing_from_elsewhere(chuo: Survey) -> None:
    page = _Page(draw([chuo]).page())
    loading = [(tag, name) for tag, name, _ in page.attributes if name in ("src", "srcset")]
    assert loading == []
    links = [value for tag, name, value in page.attributes if tag == "link" and name == "href"]
    assert all(value.startswith("data:") for value in links)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not {"iframe", "object", "embed", "base", "form"} & set(page.tags)
    # Nor do the styles.
    assert not re.findall(r"url\(\s*['\"]?(?!data:|#)", draw([chuo]).page().partition("<body")[0])


@pytest.mark.parametrize("text", HOSTILE)
def test_text_comes_whole_and_only_as_data(text: str) -> None:
    drawn = draw([_hostile_survey(text), _hostile_survey(text)], title=text)
    page = drawn.page()
    data = _data(page)
    assert _texts(data).count(text) >= 2 * 7 + 1
    plain = _Page(draw([_hostile_survey("plain"), _hostile_survey("plain")], title="plain").page())
    seen = _Page(page)
    assert seen.tags == plain.tags
    assert seen.scripts == plain.scripts
    assert seen.attributes == plain.attributes
    block = page.partition('type="application/json"')[2].partition(">")[2].partition("</script")[0]
    assert block.isascii()
    assert not set(block) & set("<>&")
    if text == "{{7*7}}":
        assert "49" not in _texts(data)


def test_the_code_is_the_same_in_every_map(chuo: Survey) -> None:
    other = _survey([(0, 0), (1, 1)], name="elsewhere")
    assert _Page(draw([chuo]).page()).scripts == _Page(draw([other], language="de").page()).scripts


def test_the_same_survey_gives_the_same_bytes(chuo: Survey) -> None:
    assert draw([chuo]).page() == draw([chuo]).page()
    first = draw([chuo])
    assert first.page() == first.page()


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import sys, numpy as np; from geo_routes.maps import draw, draw_index\n"
        "from geo_routes.model import *; from geo_routes.survey import measure\n"
        "s = measure(Route(lonlat=np.array([[139.7, 35.6], [136.8, 35.1]]), name='Tōkaidō',"
        " stations=(Station(lonlat=(139.7, 35.6), name='東京', names={'en': 'Tokyo'}),),"
        " structures=(Structure(kind='tunnel', from_m=1e3, to_m=2e3),"
        " Structure(kind='bridge', from_m=5e3, to_m=6e3))))\n"
        "sys.stdout.buffer.write(draw([s, s]).page().encode())\n"
    )
    pages = [
        subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert pages[0] == pages[1]
    assert len(pages[0]) > 100_000


def test_save_writes_the_page(chuo: Survey, tmp_path: Path) -> None:
    drawn = draw([chuo])
    drawn.save(tmp_path / "map.html")
    assert (tmp_path / "map.html").read_bytes() == drawn.page().encode()
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]


def test_a_failed_save_leaves_the_old_map(
    chuo: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map.html"
    path.write_text("old")

    def fail(_: RouteMap) -> str:
        raise RuntimeError

    monkeypatch.setattr(RouteMap, "page", fail)
    with pytest.raises(RuntimeError):
        draw([chuo]).save(path)
    assert path.read_text() == "old"


def test_a_place_that_cannot_be_written_is_refused(chuo: Survey, tmp_path: Path) -> None:
    with pytest.raises(GeoRoutesError):
        draw([chuo]).save(tmp_path / "missing" / "map.html")


def test_no_route_at_all_is_a_page_or_a_reasoned_refusal() -> None:
    try:
        page = draw([]).page()
    except GeoRoutesError as error:
        assert error.reason
    else:
        assert _data(page)["routes"] == []


def test_nothing_is_called_none_or_nan(chuo: Survey) -> None:
    bare = _survey([(8.5, 47.4), (8.6, 47.4)], stations=(Station(lonlat=(8.55, 47.4)),))
    texts = _texts(_data(draw([bare, chuo]).page()))
    assert not {"None", "nan", "NaN", "null", "inf"} & set(texts)


def test_a_page_of_one_short_route_is_light() -> None:
    page = draw([_survey([TOKYO, NAGOYA])]).page()
    assert len(page.encode()) <= 195_000 + 200_000


def test_the_figures_are_those_of_the_survey(chuo: Survey) -> None:
    route = _data(draw([chuo]).page())["routes"][0]
    assert route["figures"]["length_m"] == chuo.length_m
    assert route["figures"]["length_uncertainty_m"] == chuo.length_uncertainty_m
    assert route["figures"]["tunnel_fraction"] == chuo.tunnel_fraction
    assert route["figures"]["known_fraction"] == chuo.known_fraction
    assert {v["figure"]: v["declared"] for v in route["verdicts"]} == {
        "length": 286,
        "tunnel_fraction": 0.86,
    }


@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_the_page_says_its_language(chuo: Survey, language: str) -> None:
    page = _Page(draw([chuo], language=language).page())
    assert ("html", "lang", language) in page.attributes


def test_a_language_without_words_is_refused(chuo: Survey) -> None:
    with pytest.raises(ValueError, match="fr"):
        draw([chuo], language="fr").page()


@pytest.mark.parametrize("text", HOSTILE)
def test_an_index_shows_names_as_text(text: str) -> None:
    survey = _hostile_survey(text)
    page = draw_index([("a.html", [survey]), ("b c#?%&\"'<.html", [survey])], title=text).text
    seen = _Page(page)
    plain = _hostile_survey("plain")
    like = _Page(
        draw_index([("a.html", [plain]), ("b c#?%&\"'<.html", [plain])], title="plain").text
    )
    assert seen.tags == like.tags
    assert seen.scripts == []
    assert seen.directives()["default-src"] == ["'none'"]
    assert not [name for _, name, _ in seen.attributes if name.startswith("on")]


def test_links_of_an_index_lead_to_the_files_beside_it(chuo: Survey) -> None:
    names = ["a.html", "b c#?%&\"'<.html", "中央.html", "javascript:alert(1).html", "..%2f.html"]
    page = _Page(draw_index([(name, [chuo]) for name in names]).text)
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert [Path(unquote(urlsplit(link).path)).name for link in links] == names
    for link in links:
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")


def test_an_index_has_a_picture_of_every_line(chuo: Survey) -> None:
    page = _Page(draw_index([("a.html", [chuo]), ("b.html", [chuo, chuo])]).text)
    assert page.tags.count("svg") == 2
    shapes = [value for tag, name, value in page.attributes if (tag, name) == ("path", "d")]
    assert [shape.count("M") for shape in shapes] == [1, 2]
    for shape in shapes:
        places = np.array(re.findall(r"-?[\d.]+", shape), dtype=np.float64).reshape(-1, 2)
        assert places.min() > 0
        assert np.ptp(places[:, 0]) > 100  # it fills its frame
