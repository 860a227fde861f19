"""Surveys → the tables and files of other programs."""

from geo_routes.exports.geodataframe import to_geodataframe

__all__ = ["to_geodataframe"]
