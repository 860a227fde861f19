"""Heights of a route, sampled from rasters of the ground."""

from geo_routes.heights.sampling import MEMBER, sample_heights

__all__ = ["MEMBER", "sample_heights"]
