"""The page's own words, by language tag."""

from __future__ import annotations

from typing import Any

from geo_routes.errors import InvalidNoun

LANGUAGES = ("en", "de", "ja")

_ENGLISH: dict[str, Any] = {
    "kinds": {
        "tunnel": "Tunnel",
        "bridge": "Bridge",
        "viaduct": "Viaduct",
        "cutting": "Cutting",
        "embankment": "Embankment",
        "at_grade": "At grade",
        "open": "In the open",
        "unknown": "Structure unknown",
        "sketch": "Sketch",
    },
    "outcomes": {"agrees": "agrees", "differs": "differs", "untestable": "untestable"},
    "statuses": {
        "operating": "operating",
        "construction": "under construction",
        "planned": "planned",
        "proposed": "proposed",
        "test": "test line",
        "closed": "closed",
    },
    "accuracy": "accuracy",
    "background": "Land and borders: Natural Earth. Map display: Leaflet. Drawn by",
    "chainage": "Chainage",
    "comparison": "Routes compared",
    "declared": "declared",
    "figures": {
        "length": "Length",
        "tunnel_length": "Tunnel length",
        "tunnel_fraction": "Share in tunnel",
        "min_radius": "Smallest radius",
    },
    "findings": "Findings",
    "fullscreen": "Full screen",
    "known": "known for",
    "layer_background": "Land",
    "layer_findings": "Findings",
    "layer_posts": "Kilometres",
    "layer_routes": "Routes",
    "layer_stations": "Stations",
    "layers": "Layers",
    "legend": "Legend",
    "length": "Length",
    "length_together": "Total length",
    "map": "Map",
    "more_rows": "Further routes, on the map only:",
    "no_source": "no source stated",
    "offset": "Distance from the line",
    "retrieved": "retrieved",
    "route": "Route",
    "routes": "Routes",
    "several": "Routes",
    "severities": {"error": "Error", "warning": "Warning", "note": "Note"},
    "since_last": "From the previous station",
    "sketch": "This line is a sketch: it tells which places are joined, and nothing about length, "
    "radius or where structures lie.",
    "sketch_length": "Length of the sketch",
    "sketch_short": "A sketch: no figures.",
    "sketch_some": "Lines drawn with dashes are sketches: they tell which places are joined, and "
    "nothing about length, radius or where structures lie.",
    "sketch_word": "sketch",
    "sources": "Sources",
    "stations": "Stations",
    "status": "Status",
    "structure": "Structure",
    "tunnel_share": "Share in tunnel",
    "unknown": "unknown",
    "unnamed_route": "Unnamed route",
    "unnamed_station": "Unnamed station",
    "verdict": "Declared figures",
    "zoom_in": "Zoom in",
    "zoom_out": "Zoom out",
}

_GERMAN: dict[str, Any] = {
    "kinds": {
        "tunnel": "Tunnel",
        "bridge": "Brücke",
        "viaduct": "Viadukt",
        "cutting": "Einschnitt",
        "embankment": "Damm",
        "at_grade": "Ebenerdig",
        "open": "Offene Strecke",
        "unknown": "Bauwerk unbekannt",
        "sketch": "Skizze",
    },
    "outcomes": {
        "agrees": "stimmt überein",
        "differs": "weicht ab",
        "untestable": "nicht prüfbar",
    },
    "statuses": {
        "operating": "in Betrieb",
        "construction": "im Bau",
        "planned": "geplant",
        "proposed": "vorgeschlagen",
        "test": "Versuchsstrecke",
        "closed": "stillgelegt",
    },
    "accuracy": "Genauigkeit",
    "background": "Land und Grenzen: Natural Earth. Kartenanzeige: Leaflet. Gezeichnet von",
    "chainage": "Kilometrierung",
    "comparison": "Strecken im Vergleich",
    "declared": "angegeben",
    "figures": {
        "length": "Länge",
        "tunnel_length": "Tunnellänge",
        "tunnel_fraction": "Tunnelanteil",
        "min_radius": "Kleinster Radius",
    },
    "findings": "Befunde",
    "fullscreen": "Vollbild",
    "known": "bekannt für",
    "layer_background": "Land",
    "layer_findings": "Befunde",
    "layer_posts": "Kilometer",
    "layer_routes": "Strecken",
    "layer_stations": "Bahnhöfe",
    "layers": "Ebenen",
    "legend": "Legende",
    "length": "Länge",
    "length_together": "Gesamtlänge",
    "map": "Karte",
    "more_rows": "Weitere Strecken, nur auf der Karte:",
    "no_source": "ohne Quellenangabe",
    "offset": "Abstand von der Linie",
    "retrieved": "abgerufen",
    "route": "Strecke",
    "routes": "Strecken",
    "several": "Strecken",
    "severities": {"error": "Fehler", "warning": "Warnung", "note": "Hinweis"},
    "since_last": "Vom vorigen Bahnhof",
    "sketch": "Diese Linie ist eine Skizze: Sie zeigt, welche Orte verbunden sind, und sagt nichts "
    "über Länge, Radien oder die Lage von Bauwerken.",
    "sketch_length": "Länge der Skizze",
    "sketch_short": "Eine Skizze: keine Werte.",
    "sketch_some": "Gestrichelte Linien sind Skizzen: Sie zeigen, welche Orte verbunden sind, und "
    "sagen nichts über Länge, Radien oder die Lage von Bauwerken.",
    "sketch_word": "Skizze",
    "sources": "Quellen",
    "stations": "Bahnhöfe",
    "status": "Stand",
    "structure": "Bauwerk",
    "tunnel_share": "Tunnelanteil",
    "unknown": "unbekannt",
    "unnamed_route": "Strecke ohne Namen",
    "unnamed_station": "Bahnhof ohne Namen",
    "verdict": "Angegebene Werte",
    "zoom_in": "Vergrößern",
    "zoom_out": "Verkleinern",
}

_JAPANESE: dict[str, Any] = {
    "kinds": {
        "tunnel": "トンネル",
        "bridge": "橋梁",
        "viaduct": "高架橋",
        "cutting": "切取",
        "embankment": "盛土",
        "at_grade": "地平",
        "open": "明かり区間",
        "unknown": "構造物不明",
        "sketch": "略図",
    },
    "outcomes": {"agrees": "一致", "differs": "相違", "untestable": "検証不能"},
    "statuses": {
        "operating": "営業中",
        "construction": "建設中",
        "planned": "計画",
        "proposed": "構想",
        "test": "実験線",
        "closed": "廃止",
    },
    "accuracy": "精度",
    "background": "陸地と国境: Natural Earth。地図表示: Leaflet。作成:",
    "chainage": "キロ程",
    "comparison": "路線の比較",
    "declared": "公表値",
    "figures": {
        "length": "延長",
        "tunnel_length": "トンネル延長",
        "tunnel_fraction": "トンネル比率",
        "min_radius": "最小曲線半径",
    },
    "findings": "指摘",
    "fullscreen": "全画面",
    "known": "既知の割合",
    "layer_background": "陸地",
    "layer_findings": "指摘",
    "layer_posts": "キロ程",
    "layer_routes": "路線",
    "layer_stations": "駅",
    "layers": "レイヤ",
    "legend": "凡例",
    "length": "延長",
    "length_together": "総延長",
    "map": "地図",
    "more_rows": "このほかの路線(地図のみ):",
    "no_source": "出典の記載なし",
    "offset": "線からの距離",
    "retrieved": "取得",
    "route": "路線",
    "routes": "路線",
    "several": "路線図",
    "severities": {"error": "エラー", "warning": "警告", "note": "注記"},
    "since_last": "前の駅から",
    "sketch": "この線は略図です。結ばれる地点を示すだけで、"
    "延長、曲線半径、構造物の位置は分かりません。",
    "sketch_length": "略図の延長",
    "sketch_short": "略図のため数値なし。",
    "sketch_some": "破線は略図です。結ばれる地点を示すだけで、"
    "延長、曲線半径、構造物の位置は分かりません。",
    "sketch_word": "略図",
    "sources": "出典",
    "stations": "駅",
    "status": "状況",
    "structure": "構造物",
    "tunnel_share": "トンネル比率",
    "unknown": "不明",
    "unnamed_route": "名称のない路線",
    "unnamed_station": "名称のない駅",
    "verdict": "公表値との照合",
    "zoom_in": "拡大",
    "zoom_out": "縮小",
}

_WORDS = {"en": _ENGLISH, "de": _GERMAN, "ja": _JAPANESE}


def words_in(language: str) -> dict[str, Any]:
    """Give the page's words in a language.

    Raises
    ------
    InvalidNoun
        If there are none.
    """
    if language not in _WORDS:
        msg = f"language {language!r} is not one of {', '.join(LANGUAGES)}"
        raise InvalidNoun(msg, value=language)
    return _WORDS[language]
