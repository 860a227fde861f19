"""Files → routes, and routes → files."""

from geo_routes.formats.reading import read, read_one
from geo_routes.formats.writing import write

__all__ = ["read", "read_one", "write"]
