"""GTFS feeds: scheduled services with their shapes and stops → routes."""

from geo_routes.formats.gtfs.reading import list_gtfs, read_gtfs

__all__ = ["list_gtfs", "read_gtfs"]
