"""What importing the package and using a part of it costs in other packages."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"pandas", "geopandas", "pyogrio", "folium", "branca", "jinja2", "shapely", "matplotlib"}
HEAVY |= {"rasterio"}


def imported_by(statements: str) -> set[str]:
    """Packages that a fresh interpreter has imported after some statements."""
    program = f"{statements}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(  # noqa: S603 - a program written here
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    return {name.split(".")[0] for name in modules}


def test_importing_the_package_imports_nothing_else() -> None:
    assert (
        imported_by("import geo_routes") & {"numpy", "pyproj", "orjson", "click", *HEAVY} == set()
    )


@pytest.mark.parametrize(
    "statements",
    [
        "import geo_routes as gr; gr.Route; gr.Station",
        "import geo_routes as gr; gr.read; gr.read_one; gr.write",
        "import geo_routes as gr; gr.measure; gr.check; gr.judge",
        "import geo_routes.cli",
        "import geo_routes.report",
        "import geo_routes.formats.schema",
        "import geo_routes.heights",
    ],
)
def test_a_name_costs_its_room_and_none_of_the_heavy_packages(statements: str) -> None:
    assert imported_by(statements) & HEAVY == set()


def test_measuring_a_short_line_needs_numpy_alone() -> None:
    imported = imported_by(
        "import geo_routes as gr, numpy as np\n"
        "line = gr.Route(lonlat=np.array([[139.0, 35.0], [139.01, 35.0]]))\n"
        "gr.measure(line, figures=('length',))"
    )
    assert imported & {"pyproj", *HEAVY} == set()
