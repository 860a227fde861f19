"""A Chromium whose network is shut, and an account of what a page did in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Route,
    sync_playwright,
)

CHROMIUM_NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",  # as root, and in most containers, the sandbox cannot start
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The flags above leave some of the browser's own look-ups; no name resolves after this one.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)

# These carry their content with them, or read it from this machine's disk.
LOCAL_SCHEMES = frozenset({"about", "blob", "data", "file"})
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

AXE_CORE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


@dataclass(kw_only=True)
class Seen:
    """What the pages of one browser context did.

    Every list grows while the pages run; a page that is alone, quiet and sound leaves all empty.
    """

    foreign_requests: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)

    def nothing(self) -> bool:
        """Tell whether no page asked for a file, complained or threw."""
        return not (self.foreign_requests or self.console_errors or self.page_errors)


OpenPage = Callable[..., tuple[Page, Seen]]


def _is_local(url: str) -> bool:
    return urlsplit(url).scheme in LOCAL_SCHEMES


def _chromium_path() -> str | None:
    """CHROMIUM, else the first known name on PATH, else None for Playwright's own."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [path for path in map(shutil.which, CHROMIUM_NAMES) if path]
    return found[0] if found else None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Headless Chromium; its absence is a failure, because `make test` installs it."""
    path = _chromium_path()
    with sync_playwright() as playwright:
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.fail(
                "no Chromium was found; run make test, or set CHROMIUM to one", pytrace=False
            )
        try:
            browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        except Error as error:
            first = error.message.partition("\n")[0]
            pytest.fail(f"{path or 'Playwrights Chromium'} does not start: {first}", pytrace=False)
        yield browser
        browser.close()


def _watch(context: BrowserContext) -> Seen:
    seen = Seen()

    def note_request(request: Request) -> None:
        if not _is_local(request.url):
            seen.foreign_requests.append(request.url)

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            seen.console_errors.append(message.text)

    def stop_or_pass(route: Route) -> None:
        host = urlsplit(route.request.url).hostname
        if _is_local(route.request.url) or host in LOOPBACK_HOSTS:
            route.continue_()
        else:
            route.abort("internetdisconnected")

    def watch_page(page: Page) -> None:
        page.on("websocket", lambda socket: seen.foreign_requests.append(socket.url))

    context.on("request", note_request)
    context.on("console", note_console)
    context.on("weberror", lambda error: seen.page_errors.append(str(error.error)))
    context.on("page", watch_page)
    context.route("**/*", stop_or_pass)
    return seen


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Give a function that opens a page in a context of its own.

    Its keywords are those of Playwright's ``new_context``: viewport, color_scheme, locale, …
    A socket to anywhere but this machine is refused and noted; what goes to loopback is noted.
    """
    with ExitStack() as contexts:

        def open_one(**options: Any) -> tuple[Page, Seen]:
            context = chromium.new_context(**options)
            contexts.callback(context.close)
            seen = _watch(context)
            return context.new_page(), seen

        yield open_one


@pytest.fixture
def watched(open_page: OpenPage) -> tuple[Page, Seen]:
    """One page of desk size with what it did."""
    return open_page(viewport={"width": 1280, "height": 800})


@pytest.fixture
def page(watched: tuple[Page, Seen]) -> Page:
    """The page alone."""
    return watched[0]


@pytest.fixture
def seen(watched: tuple[Page, Seen]) -> Seen:
    """What `page` did."""
    return watched[1]


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The text of axe-core; its absence is a failure, because `make test` installs it."""
    if not AXE_CORE.is_file():
        pytest.fail("axe-core is missing; run make test, which installs it", pytrace=False)
    return AXE_CORE.read_text("utf-8")


@pytest.fixture
def axe_violations(axe_source: str) -> Callable[[Page], list[dict[str, Any]]]:
    """Give a function that lists what axe-core holds against a page.

    Each violation has ``id``, ``impact`` (minor, moderate, serious, critical), ``help`` and
    ``nodes``. A page's Content-Security-Policy does not stop it: it comes through the debugger.
    """

    def violations(page: Page) -> list[dict[str, Any]]:
        page.evaluate(axe_source)
        found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
        return found

    return violations
