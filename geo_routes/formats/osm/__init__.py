"""OpenStreetMap extracts and loose lines → one route."""

from geo_routes.formats.osm.extract import Extract
from geo_routes.formats.osm.importing import Imported, import_route
from geo_routes.formats.osm.listing import list_extract, listing_text
from geo_routes.formats.osm.selection import Selection
from geo_routes.formats.osm.sources import merge_extracts, read_extract

__all__ = [
    "Extract",
    "Imported",
    "Selection",
    "import_route",
    "list_extract",
    "listing_text",
    "merge_extracts",
    "read_extract",
]
