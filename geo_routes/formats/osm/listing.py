"""What an extract has to choose from: lines, relations, stations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo_routes.formats.osm.extract import Extract
from geo_routes.formats.osm.selection import way_lengths_m
from geo_routes.formats.osm.stops import station_points
from geo_routes.formats.osm.tags import structure_kinds

_KEYS = ("railway", "name", "ref", "usage", "service")


def list_extract(extract: Extract) -> dict[str, Any]:
    """Give what there is to choose from.

    Parameters
    ----------
    extract : Extract

    Returns
    -------
    dict
        ``lines``: ways by railway, name, ref, usage and service, with their number, metres and
        metres of tunnel, longest first; ``relations`` with the members that are there;
        ``stations``.
    """
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for way, length_m in zip(extract.ways, way_lengths_m(extract.ways).tolist(), strict=True):
        key = tuple(way.tags.get(k, "") for k in _KEYS)
        row = rows.setdefault(
            key, {**dict(zip(_KEYS, key, strict=True)), "ways": 0, "length_m": 0.0, "tunnel_m": 0.0}
        )
        row["ways"] += 1
        row["length_m"] += length_m
        if "tunnel" in structure_kinds(way.tags):
            row["tunnel_m"] += length_m
    there = {way.id for way in extract.ways} | {point.id for point in extract.points}
    relations = [
        {
            "id": relation.id,
            "name": relation.tags.get("name", ""),
            "ref": relation.tags.get("ref", ""),
            "route": relation.tags.get("route", relation.tags.get("route_master", "")),
            "members": len(relation.members),
            "members_here": sum(
                m.ref in there or m.ref in extract.relations for m in relation.members
            ),
        }
        for relation in extract.relations.values()
    ]
    return {
        "source": extract.source,
        "form": extract.form,
        "date": extract.date,
        "lines": sorted(rows.values(), key=lambda r: (-r["length_m"], *(r[k] for k in _KEYS))),
        "relations": sorted(relations, key=lambda r: (-r["members_here"], r["id"])),
        "stations": [
            {"id": p.id, "name": p.tags["name"], "lonlat": list(p.lonlat)}
            for p in sorted(station_points(extract), key=lambda p: (p.tags["name"], p.id))
        ],
    }


def listing_text(listing: Mapping[str, Any]) -> str:
    """Give a listing as a table for people."""
    lines = [
        ("railway", "name", "ref", "usage", "service", "ways", "km", "tunnel"),
        *(
            (
                *(row[k] for k in _KEYS),
                str(row["ways"]),
                f"{row['length_m'] / 1000:.3f}",
                f"{row['tunnel_m'] / max(row['length_m'], 1e-9):.1%}",
            )
            for row in listing["lines"]
        ),
    ]
    text = [_table(lines, numbers=3)]
    if listing["relations"]:
        relations = [
            ("relation", "route", "ref", "name", "members here"),
            *(
                (r["id"], r["route"], r["ref"], r["name"], f"{r['members_here']}/{r['members']}")
                for r in listing["relations"]
            ),
        ]
        text.append(_table(relations, numbers=1))
    names = list(dict.fromkeys(s["name"] for s in listing["stations"]))
    if names:
        noun = "station" if len(names) == 1 else "stations"
        text.append(f"{len(names)} {noun}: {', '.join(names)}")
    return "\n\n".join(text)


def _table(rows: Sequence[tuple[str, ...]], *, numbers: int) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    text_columns = len(widths) - numbers
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i < text_columns else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
