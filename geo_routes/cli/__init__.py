"""The command line: one command per verb; it computes nothing and is the only room that prints."""

from geo_routes.cli.program import main

__all__ = ["main"]
