"""Bad and extreme inputs that others thought of, each with the behaviour that is right for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

# First letters of the cases that `check` is scored on: control, syntax, encoding and number (both
# under b), structure, crs, geometry, tunnel, station, argument.
CHECKED = "^[abcdefgn]"


def test_check_does_what_is_right_in_every_case(shared: Path, tmp_path: Path) -> None:
    program = shutil.which("geo-routes", path=str(Path(sys.executable).parent))
    command = f"{program}" if program else f"{sys.executable} -m geo_routes"
    result = tmp_path / "result.json"
    # The temporary folder of the runner may hold a pipe and a device, but never the checkout.
    subprocess.run(  # noqa: S603 - the runner stands beside the checkout
        [
            *(sys.executable, str(shared / "corpus" / "run_corpus.py"), "-q"),
            *("--check", f"{command} check {{file}}", "--only", CHECKED, "--json", str(result)),
            *("--codes", "accept=0", "--codes", "warn=0,1", "--codes", "reject=2"),
        ],
        capture_output=True,
        check=False,
        timeout=110,
        cwd=tmp_path,
    )
    cases = json.loads(result.read_text(encoding="utf-8"))["cases"]
    failed = {c["id"]: c["fails"] for c in cases if c["result"] == "fail"}
    assert failed == {}
    categories = Counter(c["category"] for c in cases if c["result"] == "pass")
    assert set(categories) == {
        *("control", "syntax", "encoding", "number", "structure", "crs", "geometry", "tunnel"),
        *("station", "argument"),
    }
    assert sum(categories.values()) > 100
