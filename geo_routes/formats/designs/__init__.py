"""Designs of alignments: LandXML and OpenDRIVE → a dense line and its exact elements."""

from geo_routes.formats.designs.reading import list_designs, read_design

__all__ = ["list_designs", "read_design"]
