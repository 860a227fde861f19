"""Running the program inside the test's own process."""

from __future__ import annotations

import gc
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from geo_routes.cli import main

COORDINATES = [[139.7671, 35.6812], [139.7003, 35.658], [139.638, 35.556], [139.523, 35.4437]]


@dataclass(frozen=True)
class Outcome:
    """How a run of the program ended, and what it printed."""

    code: object
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("error: ")]

    @property
    def json(self) -> Any:
        def refuse(constant: str) -> None:
            pytest.fail(f"{constant} is no JSON")

        return json.loads(self.out, parse_constant=refuse)


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run the program with some arguments and give its outcome."""
    # A fault of the program shall show its place, and not be told from a bad input.
    monkeypatch.setenv("GEO_ROUTES_DEBUG", "1")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    handler = signal.getsignal(signal.SIGTERM)

    def go(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return Outcome(code=ended.value.code, out=out, err=err)

    yield go
    signal.signal(signal.SIGTERM, handler)
    gc.enable()


def make_document(*, stations: bool = True, **properties: object) -> dict[str, Any]:
    line = {
        "type": "Feature",
        "properties": {"kind": "route", "name": "Line", **properties},
        "geometry": {"type": "LineString", "coordinates": COORDINATES},
    }
    ends = [(COORDINATES[0], "A"), (COORDINATES[2], "B"), (COORDINATES[-1], "C")]
    points = [
        {
            "type": "Feature",
            "properties": {"kind": "station", "name": name},
            "geometry": {"type": "Point", "coordinates": lonlat},
        }
        for lonlat, name in ends
    ]
    return {"type": "FeatureCollection", "features": [line, *(points if stations else [])]}


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a sound route file of one line and three stations, with members to change."""

    def make(file: str = "good.geojson", /, **properties: Any) -> Path:
        path = tmp_path / file
        path.write_text(json.dumps(make_document(**properties)), encoding="utf-8")
        return path

    return make
