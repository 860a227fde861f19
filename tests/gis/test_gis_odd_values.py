"""Values that are no numbers, and what a route has no place for: refused or said."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

import geo_routes as gr
from geo_routes.errors import InvalidCoordinates


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning:geopandas")
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_coordinate_that_is_not_finite_is_one_sentence(tmp_path: Path, bad: float) -> None:
    (tmp_path / "a.csv").write_text(f'wkt\n"LINESTRING (8 48, {bad} 49)"\n', encoding="ascii")
    (tmp_path / "b.csv").write_text('wkt\n"LINESTRING (8 48, 1e400 49)"\n', encoding="ascii")
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([(8, 48), (bad, 49)])
        table = geopandas.GeoDataFrame({"n": [1]}, geometry=[line], crs="EPSG:4326")
        table.to_file(tmp_path / "c.gpkg", driver="GPKG", SPATIAL_INDEX="NO")
    # Warnings are errors here: nothing but the refusal may be said.
    for name in ("a.csv", "b.csv", "c.gpkg"):
        with pytest.raises(InvalidCoordinates, match="not finite"):
            gr.read(tmp_path / name, crs="EPSG:4326")
