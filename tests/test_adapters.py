"""The functions of a fixed shape that scoring programs call."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import shapely
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
FILE = Path(__file__).resolve().parents[1] / "benchmarks" / "adapters.py"


@pytest.fixture(scope="module")
def adapters() -> ModuleType:
    spec = importlib.util.spec_from_file_location("adapters", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_lengths_of_lines_flat_high_and_empty(adapters: ModuleType) -> None:
    rng = np.random.default_rng(1)
    flat = [shapely.LineString(rng.uniform(-80, 80, (n, 2))) for n in (2, 7, 50)]
    high = [shapely.LineString(rng.uniform(-80, 80, (n, 3))) for n in (2, 9)]
    empty = [shapely.LineString(), shapely.LineString()]
    lines = np.array([flat[0], empty[0], high[0], *flat[1:], high[1], empty[1]], dtype=object)
    ours_m = adapters.lengths(lines)
    assert ours_m.dtype == np.float64
    # PROJ refuses an empty line; heights are no part of a geodesic length.
    truth_m = [0 if x.is_empty else GEOD.geometry_length(shapely.force_2d(x)) for x in lines]
    np.testing.assert_allclose(ours_m, truth_m, rtol=1e-11)


def test_no_lines_have_no_lengths(adapters: ModuleType) -> None:
    none = adapters.lengths(np.array([], dtype=object))
    assert none.shape == (0,)
    assert none.dtype == np.float64


def test_an_estimate_has_the_shape_that_scorers_ask_for(adapters: ModuleType) -> None:
    turn = np.linspace(0, 1.5, 200)
    arc = np.column_stack((9 + 0.02 * np.sin(turn), 50 - 0.013 * np.cos(turn)))
    chainage_m, curvature_per_m, elements = adapters.estimate(arc)
    assert chainage_m.shape == curvature_per_m.shape
    assert np.all(np.diff(chainage_m) >= 0)
    assert {e[2] for e in elements} <= {"tangent", "arc", "transition"}
    assert all(len(e) == 8 for e in elements)
    assert adapters.estimate(arc[:3])[2] == []
