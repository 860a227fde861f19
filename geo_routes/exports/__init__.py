"""Routes and surveys → the tables and files of other programs."""

from geo_routes.exports.geodataframe import to_geodataframe
from geo_routes.exports.gpx import write_gpx

__all__ = ["to_geodataframe", "write_gpx"]
