from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from geo_routes.exports import to_geodataframe
from geo_routes.model import Route
from geo_routes.survey import measure


def test_a_row_has_the_geodesic_length_of_its_geometry() -> None:
    line = np.array([[139.7, 35.6], [139.5, 35.4], [139.2, 35.3]])
    table = to_geodataframe([measure(Route(lonlat=line, name="a", id="a1"))])
    assert table.crs.to_epsg() == 4326
    assert table.name.tolist() == ["a"]
    karney_m = Geod(ellps="WGS84").geometry_length(table.geometry.iloc[0])
    assert table.length_m.iloc[0] == pytest.approx(karney_m, rel=1e-9)


def test_parts_stay_apart_and_heights_are_kept() -> None:
    line = np.array([[0.0, 0.0], [0.1, 0.0], [0.3, 0.0], [0.4, 0.0]])
    route = Route(lonlat=line, part_starts=np.array([0, 2]), height_m=np.arange(4.0))
    shape = to_geodataframe(measure(route)).geometry.iloc[0]
    assert shape.geom_type == "MultiLineString"
    assert [tuple(p) for p in shape.geoms[1].coords] == [(0.3, 0.0, 2.0), (0.4, 0.0, 3.0)]


def test_a_missing_height_leaves_the_line_flat() -> None:
    route = Route(lonlat=np.array([[0.0, 0.0], [0.1, 0.0]]), height_m=np.array([1.0, np.nan]))
    assert not to_geodataframe(measure(route)).geometry.iloc[0].has_z
