"""Loose pieces of track → one ordered line, with every decision that was made on the way."""

from geo_routes.assembly.between import add_stops
from geo_routes.assembly.line import Assembly, Span, assemble
from geo_routes.assembly.network import Network, build_network
from geo_routes.assembly.pieces import Decision, Pieces, pack
from geo_routes.assembly.through import Path, through_paths

__all__ = [
    "Assembly",
    "Decision",
    "Network",
    "Path",
    "Pieces",
    "Span",
    "add_stops",
    "assemble",
    "build_network",
    "pack",
    "through_paths",
]
