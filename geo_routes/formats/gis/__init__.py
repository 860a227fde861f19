"""Files of geographic information systems, in any reference system → lines and points."""

from geo_routes.formats.gis.asking import Asked, Condition, Datum, parse_fields
from geo_routes.formats.gis.gathering import Gathered, gather
from geo_routes.formats.gis.listing import layers_text, list_layers
from geo_routes.formats.gis.opening import gather_file, open_gis
from geo_routes.formats.gis.results import parted, to_extract, to_routes
from geo_routes.formats.gis.tables import Opened

__all__ = [
    "Asked",
    "Condition",
    "Datum",
    "Gathered",
    "Opened",
    "gather",
    "gather_file",
    "layers_text",
    "list_layers",
    "open_gis",
    "parse_fields",
    "parted",
    "to_extract",
    "to_routes",
]
