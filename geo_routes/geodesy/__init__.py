"""WGS 84 geodesics, and the one way into WGS 84.

Lengths are those of Karney's algorithm [1]_. Short steps are measured by Gauss's mid-latitude
formula [2]_, which agrees with it to 1e-11 relative or 5 nm and is more than ten times faster;
everything else, long steps, the poles and the antimeridian, goes to PROJ.

References
----------
.. [1] C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87 (2013) 43-55.
.. [2] R. H. Rapp, "Geometric Geodesy, Part I", The Ohio State University, 1991: the Gauss
   mid-latitude formulas of the inverse problem.
"""

from geo_routes.geodesy.ellipsoid import ecef_m, metres_per_degree
from geo_routes.geodesy.gcj02 import GCJ02_ACCURACY_M, from_gcj02, to_gcj02
from geo_routes.geodesy.geodesics import (
    azimuths_between_deg,
    azimuths_deg,
    deflections_rad,
    direct,
    direct_with_azimuth,
    inverse,
)
from geo_routes.geodesy.lengths import line_lengths_m, segment_lengths_m
from geo_routes.geodesy.positions import check_lonlat
from geo_routes.geodesy.raster_systems import RasterSystem, raster_system
from geo_routes.geodesy.reference_systems import ReferenceSystem, reference_system, to_wgs84
from geo_routes.geodesy.transformations import Transformation, choose_transformation

__all__ = [
    "GCJ02_ACCURACY_M",
    "RasterSystem",
    "ReferenceSystem",
    "Transformation",
    "azimuths_between_deg",
    "azimuths_deg",
    "check_lonlat",
    "choose_transformation",
    "deflections_rad",
    "direct",
    "direct_with_azimuth",
    "ecef_m",
    "from_gcj02",
    "inverse",
    "line_lengths_m",
    "metres_per_degree",
    "raster_system",
    "reference_system",
    "segment_lengths_m",
    "to_gcj02",
    "to_wgs84",
]
